//! What every page says.

use super::phrases;

phrases! {
    /// The phrases of the frame, and of buttons that several pages have.
    pub struct Everywhere {
        skip: "Skip to the content", "Ir al contenido";
        languages: "Language", "Idioma";
        questions: "Questions? Call us at {}.", "¿Preguntas? Llámenos al {}.";
        yes: "Yes", "Sí";
        no: "No", "No";
        save: "Save", "Guardar";
        go_on: "Continue", "Continuar";
        back: "Back", "Volver";
        send_again: "Send a new code", "Enviar otro código";
        code: "6-digit code", "Código de 6 dígitos";
        problem: "There is a problem", "Hay un problema";
        answer_each: "Please answer each question with yes or no.", "Conteste sí o no a cada pregunta, por favor.";
        answer_this: "This one still needs an answer.", "Falta contestar esta.";
        ending_in: "ending in {}", "que termina en {}";
        step: "Step {}", "Paso {}";
        of_steps: "of {}", "de {}";
    }
}
