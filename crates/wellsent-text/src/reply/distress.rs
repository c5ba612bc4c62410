//! Words of danger, for which staff are paged at once (M-02).
//!
//! Missing one costs more than a false page, so the phrases are wide; only a plain denial, history of
//! years ago and figures of speech are let pass. Danger to a relative counts as much as the patient's own.

use super::book::{Hit, Table, Topic};
use super::words::Words;
use super::{DistressKind, Meaning, Revocation, StaffNote};

pub(super) const TABLES: &[Table] = &[
    (Topic::Distress(DistressKind::SelfHarm), SELF_HARM),
    (Topic::Distress(DistressKind::Overdose), OVERDOSE),
    (Topic::Distress(DistressKind::ChestPain), CHEST_PAIN),
    (Topic::Distress(DistressKind::Breathing), BREATHING),
    (Topic::Distress(DistressKind::Stroke), STROKE),
    (Topic::Distress(DistressKind::Collapse), COLLAPSE),
    (Topic::Distress(DistressKind::Allergy), ALLERGY),
    (Topic::Distress(DistressKind::Bleeding), BLEEDING),
    (Topic::Distress(DistressKind::Violence), VIOLENCE),
    (Topic::Distress(DistressKind::Pregnancy), PREGNANCY),
    (Topic::Distress(DistressKind::Emergency), EMERGENCY),
    (Topic::Distress(DistressKind::Unclear), UNCLEAR),
    (Topic::NotDistress, NOT_DISTRESS),
];

const SELF_HARM: &[&str] = &[
    "want|wanna|wish|going|gonna|ready|rather|hope|need to? just? die|dead",
    "wish i was|were dead|gone",
    "wish i wasnt|werent alive|here|born",
    "kill|killing|unalive|hang|shoot|harm|hurt|cut|burn myself",
    "killing|harming|hurting|cutting|burning myself",
    "cut|slit my? wrists|wrist",
    "suicide",
    "suicidal",
    "dont|not|no|cant|cannot want|wanna|wish|longer? to? keep|go|be? living|live|alive|on anymore|any|$",
    "dont|not|cant want|wanna|wish|go to? be|on|keep|live living? alive|here|living|anymore",
    "dont want to live",
    "not want to live",
    "end my|this|it life|all",
    "ending my life|it all",
    "feel|feels like dying|killing|ending|disappearing",
    "want|wanna|wish to? disappear",
    "cant|cannot keep|go living|going",
    "dont|not|no|any see|have|a? a|any|the|see? point|reason in|to|of? living|live",
    "no|nothing reason|point|left to|in? live|living|for",
    "nothing to live for",
    "better off dead",
    "better off without me",
    "life is not|isnt worth",
    "self harm|harming",
    "selfharm",
    "kms",
    "take|taking my own? life",
    "thoughts of ..1 death|dying|ending|killing|hurting|harming",
    "thinking of|about ..1 dying|killing|ending|hurting|harming",
    "jump off|from ..2 bridge|roof|building",
    "quiero|quisiera|prefiero|voy|ganas me? a? de? morir|morirme|matarme|suicidarme|desaparecer",
    "me quiero|voy a? morir|matar|suicidar",
    "suicidio",
    "suicidarme|suicidar|suicida",
    "matarme",
    "no quiero vivir|existir",
    "no quiero seguir viviendo|viva|vivo",
    "quitarme|quitar la vida",
    "hacerme dano",
    "acabar|terminar con mi|todo|esta vida? $",
    "sin|no razon|razones|ganas de|para vivir",
    "no vale la pena vivir",
    "cortarme|lastimarme",
];

const OVERDOSE: &[&str] = &[
    "overdose|overdosed|overdosing",
    "took|taken|swallowed|ate|had ..2 too|two|so many|much ..4 pills|medicine|medication|meds|tablets",
    "poison control",
    "took|taken|swallowed|ate|drank|had way? too many|much pills|medicine|medication|meds|tablets|tylenol|insulin|pain|drugs|of",
    "took|taken|swallowed|ate|drank the|a|all|whole|entire all|whole|entire|of|the? my? bottle|pills|bleach|poison|pills",
    "swallowed ..4 bottle|battery|bleach|poison|pills|chemical|chemicals|magnet|magnets",
    "drank|ate|swallowed ..2 bleach|poison|antifreeze|cleaner|detergent|chemicals",
    "poisoned|poisoning",
    "sobredosis",
    "tome|tomo|trague|trago|tomado demasiadas|demasiados|muchas|todas|todo ..2 pastillas|medicina|medicinas|medicamento|pildoras",
    "envenenado|envenenada|envenenamiento|intoxicado",
];

const CHEST_PAIN: &[&str] = &[
    "chest pain|pains|pressure|tightness|hurts|hurting|tight|heavy|discomfort",
    "chest is|feels|really|was so|really|very? tight|hurting|heavy|tight|sore",
    "pain|pains|pressure|tightness|hurting|hurts|tight|squeezing in|on my|his|her|the? left? side? of? my? chest",
    "heart attack",
    "crushing chest|pain",
    "left arm is|feels|went numb|hurts",
    "infarto",
    "ataque al|de|cardiaco|del corazon|cardiaco?",
    "dolor|dolores|presion|opresion en|de|del el? pecho",
    "duele ..2 pecho",
    "pecho me|le duele|aprieta",
    "aprieta|oprime|arde ..2 pecho",
];

const BREATHING: &[&str] = &[
    "cant|cannot|not|couldnt|unable|barely|hardly|able|stopped|isnt|dont|difficult|hard|struggling|struggle|trouble|difficulty|problem|problems to|able? breathe|breath|breathing|berathe",
    "can|could not|barely|hardly breathe|breath",
    "cant|cannot|couldnt|hard ..2 catch my|his|her|a breath",
    "hard time to? breathing|breathe",
    "short|shortness of breath",
    "out of breath",
    "gasping for? air|breath?",
    "choking|suffocating|asphyxiating",
    "lips ..2 blue|purple",
    "turning blue",
    "no puedo|puede|podia respirar",
    "falta|faltaba el|de aire",
    "cuesta|dificil|dificultad|trabajo|problemas para|al? respirar",
    "no respira|esta respirando?",
    "ahogando|asfixiando|ahogo|atragantando",
    "se esta|me ahogando|ahogo|asfixia",
];

const STROKE: &[&str] = &[
    "having|had|has|think|possible|like|getting a|this|is? stroke",
    "stroke symptoms",
    "signs|symptoms|sign of a? stroke",
    "= stroke",
    "face|mouth|smile ..2 droop|drooping|droopy|droops|crooked",
    "slurred|slurring speech|words|her|his",
    "slurring|slurred",
    "cant|cannot feel ..2 face|arm|arms|leg|legs|side",
    "worst headache of",
    "face|arm|leg|body|side is|went|feels|has|gone all? gone? numb|paralyzed|weak|limp",
    "cant move ..2 arm|leg|side|face",
    "numb on one side",
    "derrame|embolia",
    "derrame cerebral",
    "cara|boca ..1 caida|torcida|chueca|dormida",
    "no puede hablar|mover",
];

const COLLAPSE: &[&str] = &[
    "passed|blacked|pass|passing|blacking out",
    "wont|cant|not|doesnt wake|waking up|her|him",
    "unconscious|unresponsive|fainted|collapsed|seizing|convulsing",
    "having|had|has|having another|a? seizure|seizures|convulsion|convulsions",
    "seizure|seizures",
    "not responding",
    "no pulse",
    "isnt|not responding|responsive",
    "desmayo|desmaye|desmayado|desmayada|inconsciente|convulsion|convulsiones|convulsionando",
    "no despierta|responde|reacciona",
];

const ALLERGY: &[&str] = &[
    "throat is|feels|has|keeps|s? swelling|swollen|closing|tightening|closed|tight up|shut?",
    "tongue|lips|face is|are? swelling|swollen|swelled",
    "anaphylaxis|anaphylactic",
    "severe|bad allergic reaction",
    "garganta ..2 cierra|cerrando|hincha|hinchada|cerrada",
    "cierra|cerrando la garganta",
    "reaccion alergica",
    "lengua|labios|cara ..1 hinchada|hinchados|hinchando",
];

const BLEEDING: &[&str] = &[
    "bleeding|hemorrhaging|hemorrhage|hemorrage|bleedin",
    "bleed|bleeds wont|will|a|alot|through|out",
    "cough|coughing|throwing|vomiting|spitting|peeing|pooping|puking|threw|vomited|coughed|passing|vomit up? blood",
    "blood everywhere|clots",
    "losing|lost|lots a? lot? of? blood",
    "blood in my|the|his|her vomit|stool|urine|poop|pee",
    "sangrando|sangrado|sangra|sangre|hemorragia",
];

const VIOLENCE: &[&str] = &[
    "husband|boyfriend|wife|girlfriend|partner|he|she|ex|dad|father|mom|mother|stepdad|bf hit|hits|beat|beats|hurt|hurts|choked|chokes|punched|kicked|abuses|abused|threatened|hitting|beating me",
    "he|she|they is|are|s? going|gonna|trying|wants to? hurt|kill|hit|beat me",
    "hes|shes|theyre going|gonna|trying to? hurt|kill|hit|beat me",
    "being|been|was abused|beaten|raped|assaulted|molested|choked",
    "not|dont|isnt feel? safe at? home",
    "raped|assaulted me?",
    "domestic violence|abuse",
    "afraid|scared|terrified of|for my husband|boyfriend|partner|life|wife",
    "afraid|scared|terrified of him|her",
    "esposo|marido|novio|pareja|el|ella|papa me pega|pego|golpea|golpeo|maltrata|viola|violo|amenaza|amenazo",
    "me pega|pego|golpea|golpeo|violaron|violo|maltrata|amenaza",
    "violencia domestica",
];

const PREGNANCY: &[&str] = &[
    "water|waters has|just? broken|broke",
    "baby is|has? isnt|not|hasnt|stopped|wont moving|moved|move|kicking|kicked",
    "cant feel ..1 baby",
    "in|im labor",
    "having contractions",
    "not|cant|havent|stopped feeling|felt|feel ..2 kicks|movement|baby",
    "contractions every|are",
    "rompio ..1 fuente",
    "bebe no se mueve",
    "no siento ..2 bebe",
];

const EMERGENCY: &[&str] = &[
    "emergency|emergencia",
    "911",
    "call|need|send|calling an? ambulance|paramedics",
    "ambulance|ambulancia",
    "urgent help",
    "fell ..3 hit ..1 head",
    "cant|cannot get up",
    "need help now|immediately|asap|urgent|urgently",
    "es|una una? emergencia|urgencia",
    "dying|muriendo",
    "going to|gonna die",
    "im|i am? dying",
];

const UNCLEAR: &[&str] = &[
    "= help me",
    "= help me help|now?",
    "= somebody|someone help me?",
    "= ayudame|ayudeme|ayudenme|auxilio|socorro",
    "^ end it $",
    "need|needs help $",
    "feel|feeling|im hopeless|worthless",
    "give up on life|everything",
    "cant|cannot take|do|handle it|this anymore",
    "cant go on",
    "ya no puedo|aguanto mas $",
    "no puedo mas $",
];

const NOT_DISTRESS: &[&str] = &[
    // A plain denial.
    "no|not|without|denies|denied|dont|doesnt|didnt|isnt|arent|wasnt|nor|zero|negative have|had|feel|feeling|having|any|a|an|the|had|been|is|was|really|see|longer? any|more|a|having|feeling|an? chest|pain|bleeding|seizure|seizures|suicidal|shortness|trouble|stroke|emergency|overdose|difficulty|short|swelling|blood|passed|fainted|dying|choking|slurred|violence|abuse|thoughts|tightness|problems",
    "no|sin|niego|nunca|ni es|hay|tengo|tiene|he|una|tenido|siento? una|ningun|mas|el? emergencia|urgencia|dolor|sangrado|sangre|sangrando|sobredosis|falta|convulsiones|presion",
    "chest pain|pains|tightness is|has|went|s? gone|better|away|stopped|resolved !then|but|and|again",
    "bleeding|chest|seizures|blood has|have|is|just|finally? stopped|better !then|but|and|again",
    "did|has the bleeding stop",
    // History.
    "history|hx|screening|screen|prevention|clinic|awareness|survivor|prevent of|for ..2 stroke|seizure|seizures|suicide|bleeding|overdose|heart",
    "stroke|suicide|seizure|overdose|bleeding|chest|breathing|heart clinic|center|prevention|walk|awareness|unit|class|treatment|treatments|exercise|exercises|xray|x|test|tests|ct|medication|meds|machine",
    "stroke|attack|seizure|seizures|overdose|overdosed|infarto|derrame|embolia ..5 years|yrs|decades|anos",
    "stroke|attack|seizure|seizures ..3 last year|summer|winter|spring|fall",
    "murio|fallecio ..2 derrame|infarto|embolia",
    // Figures of speech.
    "stroke of luck|genius",
    "dying to|for|of see|meet|know|try|a|some|laughter|boredom|heat?",
    "die|dying for a|some",
    "emergency room|contact|dept|department|contacts|number|phone|exit|line|fund|visit|bill|appointment",
    "contacto de emergencia",
    "sala de emergencia|emergencias",
    "killing it|time",
    "dying lol|laughing|haha|hahaha|lmao|lmfao|inside",
    "not|no an? emergency|urgent|urgencia|emergencia",
    "vivir lejos|cerca",
    "presion|prueba|examen|muestra|analisis|analysis|examenes de|del? sangre|arterial",
    "out of breath laughing|lol",
    "gum|gums bleeding when|lol",
    "not|isnt slurring",
];

/// The danger that the text speaks of; the gravest where there are several.
pub(super) fn of(words: &Words, hits: &[Hit], meaning: &Meaning) -> Option<DistressKind> {
    if words.tapback {
        return None;
    }
    let mut found: Option<(usize, DistressKind)> = None;
    for hit in hits {
        let Topic::Distress(kind) = hit.topic else {
            continue;
        };
        let denied = hits.iter().any(|other| other.topic == Topic::NotDistress && other.start < hit.end && hit.start < other.end);
        if denied || words.list[hit.start].quoted {
            continue;
        }
        let rank = TABLES.iter().position(|(topic, _)| *topic == hit.topic).unwrap_or(usize::MAX);
        if found.is_none_or(|(best, _)| rank < best) {
            found = Some((rank, kind));
        }
    }
    let unclear = matches!(meaning, Meaning::Revocation(Revocation { also: Some(StaffNote::MayBeDistress), .. }));
    found.map(|(_, kind)| kind).or(unclear.then_some(DistressKind::Unclear))
}
