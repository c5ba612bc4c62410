//! What a patient agrees to. These words are kept with each consent: raise `wording::VERSION` when one changes.

use super::phrases;

phrases! {
    /// The warning, the terms, and what each kind of text is.
    pub struct Agreement {
        warning_title: "Texts are not encrypted", "Los mensajes de texto no están cifrados";
        warning_who: "A text travels in the clear. Other people could read it: the phone companies that carry it, anyone who sees or uses your phone, and anyone who gets your number later.", "Un mensaje de texto viaja sin protección. Otras personas podrían leerlo: las compañías telefónicas que lo transmiten, cualquiera que vea o use su teléfono y quien reciba su número más adelante.";
        warning_what: "Texts with details of your care could tell them about your health.", "Los mensajes con detalles de su atención médica podrían revelarles datos sobre su salud.";
        warning_choice: "You may say no. Then we keep details out of our texts and tell you another way, for example by phone. Your care does not depend on your answer, and you can change it at any time.", "Puede decir que no. En ese caso no pondremos detalles en los mensajes y se los diremos de otra manera, por ejemplo por teléfono. Su atención médica no depende de su respuesta, y puede cambiarla cuando quiera.";
        terms_title: "What saying yes means", "Qué significa decir que sí";
        terms_sender: "{} may text you at this number, also with automated texts.", "{} puede enviarle mensajes de texto a este número, también mensajes automáticos.";
        terms_how_many: "How many depends on your visits and your care. Message and data rates may apply.", "La cantidad depende de sus citas y de su atención médica. Pueden aplicarse tarifas de mensajes y datos.";
        terms_stop: "Reply STOP to any text to stop them all, or HELP for help, or call {}.", "Responda STOP a cualquier mensaje para dejar de recibirlos todos, o HELP para recibir ayuda, o llame al {}.";
        terms_free: "You do not have to agree in order to get care.", "No tiene que aceptar para recibir atención médica.";
        statement: "I have read the above, also the warning, and I agree to what I chose.", "Leí lo anterior, también la advertencia, y estoy de acuerdo con lo que elegí.";
        appointments: "Appointments", "Citas";
        appointments_what: "Reminders of your visits, changes to them, and earlier times that open up. They say when and where, not why.", "Recordatorios de sus citas, cambios y horarios más tempranos que se desocupen. Dicen cuándo y dónde, no por qué.";
        care: "Your care", "Su atención médica";
        care_what: "How to get ready for a visit, what to do after it, medicine reminders, and word that results are in.", "Cómo prepararse para una cita, qué hacer después, recordatorios de medicinas y avisos de que llegaron resultados.";
        details: "Your care, with details", "Su atención médica, con detalles";
        details_what: "How to get ready for a visit, what to do after it, medicine reminders, and results. These texts may speak of your health. By saying yes you accept that texts are not encrypted.", "Cómo prepararse para una cita, qué hacer después, recordatorios de medicinas y resultados. Estos mensajes pueden hablar de su salud. Al decir que sí, acepta que los mensajes no están cifrados.";
        billing: "Bills and payments", "Facturas y pagos";
        billing_what: "Word that a statement is ready or that a payment arrived.", "Avisos de que hay un estado de cuenta o de que se recibió un pago.";
        surveys: "Questions about your visit", "Preguntas sobre su visita";
        surveys_what: "A short question after a visit: how did it go?", "Una pregunta corta después de una visita: ¿cómo le fue?";
        marketing: "News and offers", "Noticias y ofertas";
        marketing_what: "News of the practice, classes and new services.", "Noticias del consultorio, clases y servicios nuevos.";
    }
}
