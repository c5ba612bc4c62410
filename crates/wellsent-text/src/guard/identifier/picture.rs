//! Photos of a person that are sent or asked for, and prints of finger, palm, face, eye or voice.

use super::chunk::View;
use super::{Category, Found, Known};

pub(super) fn find(view: &View, _known: &Known) -> Vec<Found> {
    let mut found = Vec::new();
    // A file that is named is found as such.
    let file = view.has(&["jpg", "jpeg", "png", "heic"]);
    for at in 0..view.tokens().len() {
        let word = view.text.word(at);
        let next = view.word_after(at + 1);
        let owned = view.before(at, 2, &["your", "my", "su", "mi", "tu", "his", "her"]);
        match word {
            "selfie" | "selfies" | "headshot" if !file => found.push(view.found(at..at + 1, Category::Photo)),
            "photo" | "photos" | "picture" | "pic" | "pics" | "foto"
                if !file && next != "id" && (is_of_person(view, at) || is_sent(view, at)) =>
            {
                found.push(view.found(at..at + 1, Category::Photo));
            }
            "fingerprint" | "fingerprints" | "thumbprint" | "voiceprint" | "faceprint" if owned => {
                found.push(view.found(at..at + 1, Category::Biometric))
            }
            "palm" | "iris" | "retina" | "retinal" | "face" | "facial" | "finger" | "thumb" | "voice" | "vein"
                if matches!(next, "scan" | "print") && owned =>
            {
                found.push(view.found(at..at + 2, Category::Biometric));
            }
            "huella" if owned => found.push(view.found(at..at + 1, Category::Biometric)),
            _ => {}
        }
    }
    found
}

/// "a photo of you", "picture of my face"
fn is_of_person(view: &View, at: usize) -> bool {
    let person = &["you", "yourself", "me", "face", "id", "cara", "usted", "himself", "herself"];
    matches!(view.word_after(at + 1), "of" | "de") && view.after(at + 2, 3, person) && !view.after(at + 2, 3, &["card", "tarjeta"])
}

/// "send us a photo", "the photo you sent": of a person unless something else is named.
fn is_sent(view: &View, at: usize) -> bool {
    let sent = &[
        "send", "sent", "sending", "text", "texted", "upload", "uploaded", "attach", "attached", "mande", "envie", "mandar", "manda",
        "envio", "mando",
    ];
    let thing = &[
        "card",
        "tarjeta",
        "form",
        "forms",
        "release",
        "meter",
        "insurance",
        "label",
        "bottle",
        "receipt",
        "letter",
        "page",
        "house",
        "car",
        "door",
        "paper",
        "paperwork",
        "bill",
        "statement",
        "prescription",
        "rx",
        "order",
        "screen",
        "screenshot",
        "menu",
        "dog",
        "cat",
        "lab",
        "labs",
        "license",
        "formulario",
        "lot",
        "sign",
    ];
    (view.before(at, 5, sent) || view.after(at + 1, 3, sent)) && !view.after(at + 1, 8, thing)
}
