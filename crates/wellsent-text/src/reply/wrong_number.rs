//! "Wrong number", "who is this", "not me": the phone belongs to somebody else (T-13).

use super::book::{Hit, Table, Topic};
use super::words::Words;

pub(super) const TABLES: &[Table] = &[(Topic::WrongNumber, WRONG), (Topic::NotWrongNumber, NOT_WRONG)];

const WRONG: &[&str] = &[
    "wrong number|person|phone|cell|guy|lady|num|patient|individual",
    "incorrect number",
    "= who is|s|dis|this|are|r this|dis|you|u?",
    "^ whos|who|whose is|r|are? this|dis|you|u|that $",
    "new phone ..1 who",
    "who is|r|are texting|messaging|contacting",
    "^ who is <name> $",
    "= not me|mine|him|her|them",
    "^ thats|that|its|this|it is|was? not|isnt|aint me|him|her|mine|them $",
    "^ this|thats|that|its isnt|is|not not? me|him|her|them $",
    "^ this is not|isnt <name> $",
    "^ this isnt|aint <name> $",
    "this is not|isnt ..2 phone|number|cell|cellphone",
    "this isnt ..2 phone|number|cell|cellphone",
    "this is not|isnt the|that? person|patient|guy",
    "not|isnt ..2 phone|number|cell anymore",
    "im|i not|am|aint not? <name> <name>? $",
    "im|i not|am|aint not? <name> this|its|im|im|i|he|she|my",
    "= not <name> <name>?",
    "^ who is|are|r you|u|this and|how|why",
    "phone|number belongs to my|someone|somebody|another|a|me",
    "im|i not|am|aint not? the|that|your|this person|patient|guy|lady|one? you",
    "im|i not|am|aint not? that person",
    "im|i not|am|aint not? your|a patient|client of|there|here|at|with|yours|$",
    "no one|body here ..1 by|named|called|with",
    "no one by|named that|this|<name>",
    "nobody|noone here? by|named|called that|this|<name>",
    "there is|s|isnt not? no|any|a? <name> here|at|$",
    "theres|there no|isnt any? <name>",
    "no <name> here|at|lives",
    "dont|not know a|any|who|this|that? <name> $",
    "dont|not know who that|this|you|u|she|he is|are|r|was",
    "dont|not know this|that|the person|patient|guy",
    "dont|not know who|whom ..1 <name> is",
    "dont|not know who youre|your|you|u are|r? looking|trying|texting|talking",
    "never|not been a patient|client",
    "never been to your|this|that clinic|office|practice|doctor|facility|hospital $",
    "never been a|your patient",
    "never|not heard of you|your|this|<name>",
    "not|isnt|aint my name|appointment|appt|visit $",
    "number has|was|got|been been? reassigned",
    "no longer|not has|have|his|her|their this? number",
    "someone|somebody else has|s|have this number|phone",
    "numero|persona equivocado|equivocada|incorrecto|incorrecta|equivocad",
    "equivoco|equivocaste|equivocaron|equivoca|equivocando de|el numero|persona|telefono",
    "= esta|estan|estas|usted|se|te equivocado|equivocada|equivoco|equivocados|equivocaste",
    "= equivocado|equivocada",
    "^ creo que ..1 esta|se|estan|te equivocado|equivocada|equivoco|equivocados|equivocaste $",
    "no soy esa|la|ese|el persona|paciente|senora|senor|indicada|indicado",
    "no soy yo|ella|el|esa|ese $",
    "^ no soy <name> <name>? $",
    "= quien es|eres|habla|escribe|son|me esto|este|usted|ustedes|habla|escribe?",
    "^ quien eres|habla|son|es $",
    "^ quien es <name> $",
    "no conozco a esa|ninguna|ese|ningun|<name>",
    "no la|lo|los conozco",
    "no es el|su|mi numero|telefono|celular de? <name>?",
    "ya no es su|el|de numero|telefono|celular",
    "aqui no vive|esta|hay|trabaja ninguna|ningun|esa|ese|nadie|<name>",
    "no hay nadie|ninguna|ningun ..2 nombre|<name>|aqui",
    "no vive aqui",
    "no soy paciente",
    "nunca he ido a esa|su|ese clinica|consultorio|oficina",
];

const NOT_WRONG: &[&str] = &[
    "wrong number of|on|in|for|listed|down",
    "i|we may|might|must|just|probably|accidentally? gave|have|called|dialed|put|entered|wrote|texted|got|had ..3 wrong|incorrect",
    "pharmacy|insurance|lab|they|she|he|hospital|billing|doctor|cvs|walgreens ..4 wrong|incorrect",
    "is|was|did this|that|it|i ..2 wrong|incorrect",
    "have|has|had|got ..4 wrong|incorrect number on|for|in",
    "wrong person|patient prescription|for|about",
    "not|isnt my appointment|appt|visit time|date|day",
    "dont|not know who that|this is ..1 appointment|appt|with|for",
    "numero equivocado de",
    "who is dr|doctor|my|the|your",
    "wrong patient portal|bill",
];

/// Whether the text says that the phone is not the patient's.
pub(super) fn says_so(words: &Words, hits: &[Hit]) -> bool {
    !words.tapback
        && hits.iter().any(|hit| {
            let turned = hits.iter().any(|other| other.topic == Topic::NotWrongNumber && other.start < hit.end && hit.start < other.end);
            hit.topic == Topic::WrongNumber && !turned && !words.list[hit.start].quoted
        })
}
