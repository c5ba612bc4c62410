//! The patient's preferences.

use super::phrases;

phrases! {
    /// The phrases of the preferences and of stopping all texts.
    pub struct PreferencesWords {
        heading: "Your texts from us", "Sus mensajes de texto";
        lead: "Choose what we may text to your phone {}.", "Elija qué podemos enviar por mensaje de texto a su teléfono {}.";
        topics: "What may we text you about?", "¿Sobre qué podemos enviarle mensajes?";
        appointments_ask: "Texts about appointments?", "¿Mensajes sobre citas?";
        care_ask: "Texts about your care?", "¿Mensajes sobre su atención médica?";
        billing_ask: "Texts about bills and payments?", "¿Mensajes sobre facturas y pagos?";
        surveys_ask: "Questions about your visits by text?", "¿Preguntas sobre sus visitas por mensaje de texto?";
        marketing_ask: "News and offers by text?", "¿Noticias y ofertas por mensaje de texto?";
        paper_needed: "Yes is not enough here: the law also asks for a paper that you sign. Ask for it at the front desk.", "Aquí no basta con decir que sí: la ley también exige un papel firmado por usted. Pídalo en la recepción.";
        paper_signed: "We have your signed paper. If you say no, these texts end.", "Ya tenemos su papel firmado. Si dice que no, estos mensajes terminan.";
        warning: "Details about your health", "Detalles sobre su salud";
        warning_accept: "Yes, my texts may include details. I know that texts are not encrypted.", "Sí, mis mensajes pueden incluir detalles. Sé que los mensajes no están cifrados.";
        warning_decline: "No, keep details out of my texts.", "No, no pongan detalles en mis mensajes.";
        text_language: "Language of our texts", "Idioma de los mensajes";
        text_english: "English", "Inglés";
        text_spanish: "Spanish", "Español";
        hours: "When may texts arrive?", "¿A qué hora podemos enviarle mensajes?";
        hours_any: "Any time the office allows", "A cualquier hora que el consultorio permita";
        hours_between: "Only between these hours", "Solo entre estas horas";
        hours_from: "From", "Desde";
        hours_to: "Until", "Hasta";
        hours_note: "The office never sends automated texts at night.", "El consultorio nunca envía mensajes automáticos de noche.";
        saved: "Saved. Your choices count from now on.", "Guardado. Sus elecciones valen desde ahora.";
        hours_wrong: "Choose an end that is later than the start.", "Elija una hora final posterior a la hora inicial.";
        stop: "Stop all texts", "Dejar de recibir todos los mensajes";
        stop_what: "Ends every text from us to this number. Replying STOP to any of our texts does the same.", "Termina todos nuestros mensajes a este número. Responder STOP a cualquiera de ellos tiene el mismo efecto.";
        stop_sure: "Stop all texts to your phone {}?", "¿Dejar de recibir todos los mensajes en su teléfono {}?";
        stop_reach: "This ends appointment reminders, too. It counts for everyone who gets our texts at this number.", "También terminan los recordatorios de citas. Vale para todas las personas que reciben nuestros mensajes en este número.";
        stop_call: "We will still call you when we have to reach you.", "Le seguiremos llamando cuando tengamos que comunicarnos con usted.";
        stop_yes: "Yes, stop all texts", "Sí, dejar de recibirlos";
        stop_no: "No, keep them", "No, seguir recibiéndolos";
        stopped: "All texts to your phone {} are stopped.", "Ya no enviamos mensajes a su teléfono {}.";
        stopped_back: "Do you want texts again? Choose below what you want and press the button at the end.", "¿Quiere recibir mensajes otra vez? Elija abajo lo que quiere y oprima el botón al final.";
        start: "Start texts again", "Volver a recibir mensajes";
    }
}
