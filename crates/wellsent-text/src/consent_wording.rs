//! What patients are asked to agree to, word for word, in English and Spanish.
//!
//! Each wording has a version. A change of a word is a new version: what somebody agreed to earlier stays what it was, and new acts name the new
//! one (H-04). The words say what a text is, how often one comes, that it may cost, how to end it, and that care does not depend on it (T-01, C-01).

use crate::template::Language;

/// What a wording is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The warning that texts are not encrypted (H-04).
    Warning,
    /// Texts about visits.
    Appointments,
    /// Texts about care.
    Care,
    /// Texts about payment.
    Billing,
    /// Questions about a visit.
    Surveys,
    /// News and offers: the written consent of T-03.
    Marketing,
}

impl Subject {
    /// All subjects, in the order in which they are asked.
    pub const ALL: [Self; 6] = [Self::Appointments, Self::Warning, Self::Care, Self::Billing, Self::Surveys, Self::Marketing];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Appointments => "appointments",
            Self::Care => "care",
            Self::Billing => "billing",
            Self::Surveys => "surveys",
            Self::Marketing => "marketing",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.as_str() == word)
    }
}

/// The version of the wordings below.
pub const VERSION: &str = "2026-11";

/// The words about a subject, with the practice's name and number in them.
pub fn wording(subject: Subject, language: Language, practice: &str, phone: &str) -> String {
    let text = match (subject, language) {
        (Subject::Warning, Language::En) => {
            "Text messages are not encrypted. There is some risk that somebody else could read them: on the way, on the phone's lock screen, or \
             if the phone is lost, shared or sold. If you accept that risk, {practice} may text you details about your care, such as instructions \
             or the name of a medicine. If you do not, texts stay general and details wait for you on a secure page or by phone. You can change \
             your mind at any time at {phone}."
        }
        (Subject::Warning, Language::Es) => {
            "Los mensajes de texto no van cifrados. Existe el riesgo de que otra persona los lea: en el camino, en la pantalla bloqueada del \
             teléfono, o si el teléfono se pierde, se comparte o se vende. Si usted acepta ese riesgo, {practice} puede enviarle por texto \
             detalles de su atención, como indicaciones o el nombre de un medicamento. Si no lo acepta, los textos serán generales y los detalles \
             le esperan en una página segura o por teléfono. Puede cambiar de opinión en cualquier momento llamando al {phone}."
        }
        (Subject::Appointments, Language::En) => {
            "I agree that {practice} may text this phone about my appointments: reminders, changes and earlier times. About 4 messages a month. \
             Message and data rates may apply. Reply STOP to end, HELP for help. My care does not depend on it."
        }
        (Subject::Appointments, Language::Es) => {
            "Acepto que {practice} envíe textos a este teléfono sobre mis citas: recordatorios, cambios y horas más tempranas. Unos 4 mensajes al \
             mes. Pueden aplicar tarifas de mensajes y datos. Responda STOP para terminar, HELP para ayuda. Mi atención no depende de esto."
        }
        (Subject::Care, Language::En) => {
            "I agree that {practice} may text this phone about my care: instructions before and after visits, reminders of what I am to do, and \
             that something is ready. The number of messages depends on my care. Message and data rates may apply. Reply STOP to end, HELP for \
             help. My care does not depend on it."
        }
        (Subject::Care, Language::Es) => {
            "Acepto que {practice} envíe textos a este teléfono sobre mi atención: indicaciones antes y después de las citas, recordatorios de lo \
             que debo hacer, y avisos de que algo está listo. La cantidad depende de mi atención. Pueden aplicar tarifas de mensajes y datos. \
             Responda STOP para terminar, HELP para ayuda. Mi atención no depende de esto."
        }
        (Subject::Billing, Language::En) => {
            "I agree that {practice} may text this phone about payment: that a statement is ready. No amounts. Up to 2 messages a month. Message \
             and data rates may apply. Reply STOP to end, HELP for help. My care does not depend on it."
        }
        (Subject::Billing, Language::Es) => {
            "Acepto que {practice} envíe textos a este teléfono sobre pagos: avisos de que hay un estado de cuenta. Sin cantidades. Hasta 2 \
             mensajes al mes. Pueden aplicar tarifas de mensajes y datos. Responda STOP para terminar, HELP para ayuda. Mi atención no depende de \
             esto."
        }
        (Subject::Surveys, Language::En) => {
            "I agree that {practice} may text this phone to ask how a visit was. Up to 2 messages after a visit. Message and data rates may apply. \
             Reply STOP to end, HELP for help. My care does not depend on it."
        }
        (Subject::Surveys, Language::Es) => {
            "Acepto que {practice} envíe textos a este teléfono para preguntar cómo fue una cita. Hasta 2 mensajes después de una cita. Pueden \
             aplicar tarifas de mensajes y datos. Responda STOP para terminar, HELP para ayuda. Mi atención no depende de esto."
        }
        (Subject::Marketing, Language::En) => {
            "I agree that {practice} may send advertising and news by automated text to this phone. Up to 2 messages a month. Agreeing is not a \
             condition of any purchase or of my care. Message and data rates may apply. Reply STOP to end, HELP for help."
        }
        (Subject::Marketing, Language::Es) => {
            "Acepto que {practice} envíe publicidad y noticias por textos automáticos a este teléfono. Hasta 2 mensajes al mes. Aceptar no es \
             condición para comprar nada ni para mi atención. Pueden aplicar tarifas de mensajes y datos. Responda STOP para terminar, HELP para \
             ayuda."
        }
    };
    text.replace("{practice}", practice).replace("{phone}", phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_names_the_practice_and_every_consent_says_how_to_end_it() {
        for subject in Subject::ALL {
            assert_eq!(Subject::parse(subject.as_str()), Some(subject));
            for language in Language::ALL {
                let text = wording(subject, language, "Elm St Clinic", "212-555-0100");
                assert!(text.contains("Elm St Clinic") && !text.contains('{') && !text.contains("  "), "{text}");
                assert_eq!(subject != Subject::Warning, text.contains("STOP") && text.contains("HELP"), "{text}");
            }
        }
    }
}
