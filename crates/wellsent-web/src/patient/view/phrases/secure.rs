//! The page behind a link in a text.

use super::phrases;

phrases! {
    /// The phrases of the door, the message and the closed page.
    pub struct Secure {
        heading: "A message for you", "Un mensaje para usted";
        why_code: "To keep it private, we first text a code to your phone.", "Para proteger su privacidad, primero le enviamos un código a su teléfono.";
        text_me: "Text me a code", "Enviarme un código";
        rates: "Message and data rates may apply.", "Pueden aplicarse tarifas de mensajes y datos.";
        enter_code: "Enter your code", "Escriba su código";
        on_its_way: "If this link is valid, a code is on its way to your phone. It works for 10 minutes.", "Si este enlace es válido, le llegará un código a su teléfono. Sirve por 10 minutos.";
        open: "Open the message", "Abrir el mensaje";
        no_code: "No code yet? It can take a minute.", "¿Todavía no le llega el código? Puede tardar un minuto.";
        code_failed: "That did not work. Check the code, ask for a new one, or call {}.", "No funcionó. Revise el código, pida uno nuevo o llame al {}.";
        why_birth_date: "To keep it private, tell us the birth date of the patient.", "Para proteger su privacidad, díganos la fecha de nacimiento del paciente.";
        birth_date: "Birth date", "Fecha de nacimiento";
        birth_date_example: "For example: 4 27 1961", "Por ejemplo: 4 27 1961";
        month: "Month", "Mes";
        day: "Day", "Día";
        year: "Year", "Año";
        birth_date_failed: "That did not work. Check the date and try again, or call {}.", "No funcionó. Revise la fecha e inténtelo de nuevo, o llame al {}.";
        try_later: "Please try later", "Inténtelo más tarde";
        too_many: "This page does not open for now.", "Por ahora, esta página no se puede abrir.";
        call_us: "We are glad to help you by phone. Call {}.", "Con gusto le ayudamos por teléfono. Llame al {}.";
        message: "Your message", "Su mensaje";
        from: "From {}", "De {}";
        written: "Written {}", "Escrito el {}";
        stays: "This page stays until {}.", "Esta página estará disponible hasta el {}.";
        your_replies: "Your replies", "Sus respuestas";
        reply: "Write a reply", "Escriba una respuesta";
        reply_limit: "Up to {} characters. The office reads it during office hours.", "Hasta {} caracteres. El consultorio la lee en horas de oficina.";
        emergency: "Not for emergencies: call 911", "No es para emergencias: llame al 911";
        send: "Send reply", "Enviar respuesta";
        sent: "Your reply was sent. We read it during office hours.", "Su respuesta fue enviada. La leeremos en horas de oficina.";
        reply_empty: "Write something before you send.", "Escriba algo antes de enviar.";
        reply_long: "Your reply is longer than {} characters. Make it shorter and send it again.", "Su respuesta tiene más de {} caracteres. Acórtela y envíela de nuevo.";
        no_replies: "This message cannot be answered here. To talk to us, call {}.", "Este mensaje no se puede contestar aquí. Para hablar con nosotros, llame al {}.";
        close: "Close this page", "Cerrar esta página";
        close_why: "Close it when you are done, above all on a phone that others use.", "Ciérrela cuando termine, sobre todo si otras personas usan el teléfono.";
        closed: "This page is closed", "La página está cerrada";
        closed_now: "Nobody can read the message here now. You may close this window.", "Ya nadie puede leer el mensaje aquí. Puede cerrar esta ventana.";
        closed_again: "To read it again, use the link in the text that we sent you.", "Para leerlo otra vez, use el enlace del mensaje de texto que le enviamos.";
    }
}
