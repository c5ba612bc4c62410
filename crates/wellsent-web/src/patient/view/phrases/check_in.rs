//! The check-in screen.

use super::phrases;

phrases! {
    /// The phrases of the tablet at the front desk and of the printed copy.
    pub struct CheckIn {
        welcome: "Welcome", "Le damos la bienvenida";
        type_code: "Type the code that the front desk gives you.", "Escriba el código que le dan en la recepción.";
        code_failed: "That code did not work. Check it, or ask the front desk.", "Ese código no funcionó. Revíselo o pregunte en la recepción.";
        timed_out: "Your check-in was closed because nobody used the tablet. To go on, ask the front desk for a new code.", "Se cerró su registro porque nadie usó la tableta. Para seguir, pida otro código en la recepción.";
        too_many: "This screen rests for now. Please ask the front desk.", "Esta pantalla está en pausa. Pregunte en la recepción, por favor.";
        keypad: "Number pad", "Teclado numérico";
        delete: "Delete the last digit", "Borrar el último dígito";
        clear: "Clear", "Borrar";
        digits_typed: "{} of 6 digits", "{} de 6 dígitos";
        start: "Start", "Comenzar";
        hello: "Hello {}", "Hola, {}";
        is_this_you: "Is this you?", "¿Es usted?";
        yes_me: "Yes, that is me", "Sí, soy yo";
        not_me: "No, that is not me", "No, no soy yo";
        ask_desk: "Please ask the front desk", "Pregunte en la recepción, por favor";
        not_you_what: "This tablet was made ready for somebody else. Give it back, and nothing is shown or saved.", "Esta tableta se preparó para otra persona. Devuélvala; no se muestra ni se guarda nada.";
        other_phone_what: "We do not text about you to a phone that is somebody else's until the front desk has talked with you. Give the tablet back.", "No enviaremos mensajes sobre usted al teléfono de otra persona hasta que la recepción hable con usted. Devuelva la tableta.";
        no_phone_what: "Without a mobile phone there is nothing to choose here. We will reach you another way. Give the tablet back.", "Sin teléfono celular no hay nada que elegir aquí. Nos comunicaremos con usted de otra manera. Devuelva la tableta.";
        start_over: "Start over", "Empezar de nuevo";
        your_phone: "Your mobile phone", "Su teléfono celular";
        is_this_number: "Is this your mobile phone?", "¿Es este su teléfono celular?";
        is_there_number: "Do you have a mobile phone?", "¿Tiene teléfono celular?";
        phone_mine: "Yes", "Sí";
        phone_changed: "No, my number changed", "No, mi número cambió";
        phone_new: "Yes, I will type the number", "Sí, voy a escribir el número";
        phone_other: "It is somebody else's phone", "Es el teléfono de otra persona";
        phone_none: "I have no mobile phone", "No tengo teléfono celular";
        new_number: "Your mobile number, with area code", "Su número de celular, con código de área";
        new_number_example: "For example: 212 555 0123", "Por ejemplo: 212 555 0123";
        phone_unanswered: "Choose one of the answers.", "Elija una de las respuestas.";
        number_wrong: "That number does not work. Type all ten digits, area code first.", "Ese número no funciona. Escriba los diez dígitos, primero el código de área.";
        choices: "What may we text you?", "¿Qué mensajes podemos enviarle?";
        choices_ask: "May we text you about each of these?", "¿Podemos enviarle mensajes sobre cada uno de estos temas?";
        details_yes: "Yes, I accept", "Sí, acepto";
        to_phone: "To your phone {}", "A su teléfono {}";
        print_this: "See a copy to print", "Ver una copia para imprimir";
        sign: "Your signature", "Su firma";
        you_chose: "You chose", "Usted eligió";
        change_choices: "Change my choices", "Cambiar mis elecciones";
        sign_either: "Sign with your finger, or type your name. One of the two is enough.", "Firme con el dedo o escriba su nombre. Basta con una de las dos cosas.";
        draw: "Sign here with your finger", "Firme aquí con el dedo";
        draw_label: "Area for drawing your signature. You can type your name below instead.", "Espacio para dibujar su firma. También puede escribir su nombre abajo.";
        draw_clear: "Clear the signature", "Borrar la firma";
        typed_or: "Or type your full name", "O escriba su nombre completo";
        typed: "Type your full name to sign", "Para firmar, escriba su nombre completo";
        no_signature: "Sign with your finger or type your full name.", "Firme con el dedo o escriba su nombre completo.";
        not_read: "Tick the box that says that you have read the above.", "Marque la casilla que dice que leyó lo anterior.";
        sign_button: "Sign", "Firmar";
        texted_code: "We texted a code to your phone", "Le enviamos un código a su teléfono";
        texted_where: "It went to your phone {} and works for 10 minutes. This shows us that the number is right.", "Lo enviamos a su teléfono {} y sirve por 10 minutos. Así sabemos que el número es correcto.";
        check_failed: "That did not work. Check the code or ask for a new one.", "No funcionó. Revise el código o pida uno nuevo.";
        check_unchecked: "We could not check the code just now. Try it again in a moment.", "No pudimos revisar el código en este momento. Inténtelo de nuevo en un momento.";
        sent_again: "A new code is on its way. Older codes no longer work.", "Le llegará un código nuevo. Los códigos anteriores ya no sirven.";
        skip: "I don't have my phone with me", "No traigo mi teléfono";
        skip_what: "You can go on without it. Until you enter a code, we send no details about your care.", "Puede seguir sin él. Mientras no escriba un código, no enviaremos detalles sobre su atención médica.";
        done: "Thank you, you are done", "Gracias, ha terminado";
        hand_back: "Please hand the tablet back", "Devuelva la tableta, por favor";
        will_text: "We will text you about this", "Le enviaremos mensajes sobre esto";
        will_text_not: "We will not text you about this", "No le enviaremos mensajes sobre esto";
        verified: "Your number {} is confirmed.", "Su número {} está confirmado.";
        unverified: "Your number {} is not confirmed yet. The front desk can help you with that next time.", "Su número {} todavía no está confirmado. La recepción puede ayudarle la próxima vez.";
        change_later: "You can change this at any time: call {}, or reply STOP to any text.", "Puede cambiar esto cuando quiera: llame al {} o responda STOP a cualquier mensaje.";
        finish: "Finish", "Terminar";
        still_there: "Are you still there?", "¿Sigue ahí?";
        still_there_what: "To keep your answers private, this screen closes soon when nobody uses it.", "Para proteger sus respuestas, esta pantalla se cierra pronto si nadie la usa.";
        still_here: "Yes, I need more time", "Sí, necesito más tiempo";
        copy: "Your choices about texts", "Sus elecciones sobre mensajes de texto";
        copy_patient: "Patient", "Paciente";
        copy_number: "Mobile number", "Número de celular";
        copy_date: "Date", "Fecha";
        copy_practice: "Practice", "Consultorio";
        copy_choices: "What was chosen", "Lo que se eligió";
        copy_signature: "Signature", "Firma";
        copy_typed: "Signed by typing the name", "Firmado escribiendo el nombre";
        copy_drawn: "Signature drawn by hand", "Firma dibujada a mano";
        copy_unsigned: "Not signed yet. This copy shows what you would agree to.", "Todavía sin firmar. Esta copia muestra lo que usted aceptaría.";
        unanswered: "Not answered", "Sin respuesta";
        print: "Print", "Imprimir";
    }
}
