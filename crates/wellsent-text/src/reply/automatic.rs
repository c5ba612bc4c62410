//! Texts that machines write. An answer to one may start a loop that sends thousands.

use super::book::{Hit, Table, Topic};
use super::words::Words;

pub(super) const TABLES: &[Table] = &[(Topic::Automatic, AUTOMATIC)];

const AUTOMATIC: &[&str] = &[
    // Phones that answer for their owner.
    "do not disturb while|is|mode|on|turned",
    "driving with ..3 disturb|focus|turned|on",
    "focus turned on",
    "not receiving notifications",
    "ill see your message when",
    "sent from my car|auto|vehicle",
    "driving right now",
    "im driving and|i ..4 get back|reply|respond|call",
    "cant talk right now",
    "auto|automatic|automated|automatically reply|response|respond|generated|responder|message|text|answer|attendant|replies",
    "autoreply|autoresponder|autoresponse|autorespond",
    // Offices and robots.
    "out of the? office with|until|from|today|this|on|and|through|$",
    "currently|presently out|away|unavailable|closed|experiencing",
    "= out of the? office",
    "^ i|im am? currently? out of ..1 office",
    "is currently closed",
    "is an automated",
    "do not reply to|$",
    "this|number|mailbox|inbox|line|account|phone is|are not|unmonitored monitored|in|being|accepting|able|active|set|equipped",
    "number|phone|line|device|customer|subscriber|recipient does|do|can|cannot|cant not? accept|receive|support ..2 text|texts|message|messages|sms|messaging",
    "not monitored",
    "unmonitored",
    "thank|thanks you|u? for contacting|reaching|messaging|texting|calling",
    "thanks|thank you? for your message|text|inquiry|email|interest we|well|our|i|ill|someone",
    "we|well will? get|be back|in to|touch you|with?",
    "will|well get back to you as|shortly|soon|within|asap",
    "get back to you as soon",
    "you have reached",
    "youve reached",
    // The network.
    "network msg",
    "free msg",
    "freemsg",
    "message|msg|text|sms could|was|has|can|is not|been be|delivered|blocked|sent? delivered|sent|blocked?",
    "undeliverable|undelivered",
    "delivery failed|failure|status|report|has|incomplete|notification",
    "failed to deliver|send",
    "unable to send|deliver",
    "message blocking",
    "not in service",
    "subscriber|customer|person you ..4 unavailable|available",
    "user is unavailable|busy",
    "absent subscriber",
    "invalid|unrecognized command|keyword|response|option|input",
    // Spanish.
    "respuesta|mensaje|contestador automatica|automatico",
    "fuera de la? oficina",
    "estoy|voy manejando|conduciendo",
    "numero|linea|buzon no recibe|acepta|esta|es mensajes|textos|monitoreado|monitoreada|supervisado|disponible",
    "no responda a este",
    "gracias por contactar|comunicarse|contactarnos|escribirnos|llamar",
    "mensaje no pudo|entregado|se ser|pudo? entregado|entregar|enviado?",
    "modo no molestar",
];

/// Long politeness of a business, or words that only machines use.
pub(super) fn looks_automatic(words: &Words, hits: &[Hit]) -> bool {
    words.tapback || hits.iter().any(|hit| hit.topic == Topic::Automatic && !words.question_about_machines(hit))
}

impl Words {
    /// "Is this automated?" is a person's question.
    fn question_about_machines(&self, hit: &Hit) -> bool {
        self.question && self.list.len() <= 6 && hit.end - hit.start <= 2
    }
}
