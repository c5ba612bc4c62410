//! What a text asks about a visit. A request opens a task; it never changes a visit by itself.

use super::book::{Hit, Table, Topic};
use super::words::Words;
use super::{AppointmentRequest, Meaning};

pub(super) const TABLES: &[Table] = &[
    (Topic::Appointment(AppointmentRequest::Reschedule), RESCHEDULE),
    (Topic::Appointment(AppointmentRequest::Cancel), CANCEL),
    (Topic::Appointment(AppointmentRequest::RunningLate), LATE),
    (Topic::Appointment(AppointmentRequest::Question), QUESTION),
    (Topic::NotAppointment, NOT),
    (Topic::AboutVisits, TOPIC),
];

const RESCHEDULE: &[&str] = &[
    "= reschedule|reprogramar|reagendar|reprograme|resched",
    "need|want|like|have|can|could|please|to|id|and|must|or|should|lets|prefer to|i|we|you|u? please|just? reschedule|resched",
    "rescheduled|reschedule ..3 <appt>|<day>|please|it|me|for",
    "can|could|need|want|like|please|to|have|possible|id i|we|you|to|u? to? move|change|switch|push|postpone ~ <appt>|it|time|times|day|date",
    "move|change|switch|push|postpone ~ <appt>|time|date to|for",
    "move|change|push it|me to|back",
    "another|different|other|new|earlier|later|better day|time|date|appointment|appt|slot|times|days",
    "need|quiero|puedo|puede|necesito|quisiera|podria|podemos|favor|para cambiar|mover|reprogramar|reagendar|posponer ..2 cita|hora|dia|fecha|consulta|turno|la|mi|$",
    "cambiar|cambien|cambie|mover|muevan|reprogramar|reagendar|posponer ~ cita|hora|fecha|dia|consulta|turno",
    "otra|otro|diferente fecha|dia|hora|horario",
];

const CANCEL: &[&str] = &[
    "= cancelled|canceled|cancelada|cancelado|cancelo",
    "cancel|canceling|cancelling|stop ~ <appt>",
    "cancel ~ <n>",
    "cancel|canceling|cancelling for|on|my? <day>|<n>",
    "cancel|canceling|cancelling it|that|me|both",
    "need|needs|have|want|wants|going|like|gotta|must|can|could|please|id|ill|to to|i|we|you? to? cancel $",
    "need|have|want|going|like|gotta|must to? cancel",
    "^ cancel|canceling|cancelling cant|i|im|wont|not|we|due|because|something|have",
    "^ cancel $",
    "cant|cannot|wont|not|unable|couldnt be|able|going|gonna? able|to? to? make|come|attend it|in|tomorrow|today|my|the|this|that|to|$",
    "not|wont coming|be|attending|there",
    "cancele|cancelen|cancelar|cancela|cancelo|anular|anule ~ cita|consulta|turno|visita",
    "necesito|quiero|tengo|debo|quisiera|voy que|a? cancelar",
    "no puedo|podre|voy|podemos a? poder|ir|asistir|llegar|venir",
];

const LATE: &[&str] = &[
    "running|run|be|bit|little|mins|min|minutes|gonna|am|im|few late|behind",
    "stuck in traffic",
    "stuck at work",
    "late because|sorry|be|for ..3 there|traffic|my",
    "be there in|soon <n>|as|a",
    "on my way",
    "omw",
    "traffic ..4 late",
    "im late",
    "voy|llego|llegare|llegar|vamos un? poco? tarde|atrasado|atrasada|retrasado|retrasada",
    "voy a? llegar tarde",
    "estoy|voy en camino",
    "hay mucho trafico",
];

const QUESTION: &[&str] = &[
    "what time|day|date|address|floor|suite",
    "where|when is|are|do|am|s ..3 <appt>|office|clinic|park|go|come|you|located",
    "who is|s ..3 <appt>",
    "did|will|would|do|does|is|are|should|can|has|have you|i|my|the|it|they|u ..4 <appt>|cancel|bring|charged|fee",
    "do i need|have to bring|fast|come|pay|wear|arrive|stop|go",
    "how|is much|long|early|there ..4 <appt>|parking|wait|take|arrive|come",
    "que|cual|donde|cuando hora|es|dia|queda|esta ..3 cita|consulta|clinica|oficina|direccion",
    "a que hora",
    "donde esta|queda|es|estan",
];

const NOT: &[&str] = &[
    "<neg> ..1 cancel|canceling|cancelling|reschedule|move|change",
    "no|nunca cancele|cancelen|cancelar|cambien|muevan|cancela",
    "cancel ~ refill|refills|prescription|rx|order|referral|meds|medication|card|payment|insurance|autopay|bill|test|lab|labs|<msg>",
    "cancel ~ <msg>",
    "stop|cancel ~ <appt> <msg>",
    "period|cycle|pregnant ..5 late",
    "<stop> ~ <msg>",
    "did|will|has|have you|i|my|the|it|they|u ..2 cancel|reschedule",
    "if|when i|we ..2 cancel|reschedule",
    "r to reschedule",
    "cancellation policy|list|fee",
];

const TOPIC: &[&str] =
    &["<appt>", "office|clinic|address|parking|park|insurance|copay|fasting|fast|location|directions|oficina|clinica|direccion"];

/// The request about a visit, if the text makes one.
pub(super) fn of(words: &Words, hits: &[Hit], meaning: &Meaning, automatic: bool) -> Option<AppointmentRequest> {
    if automatic || words.tapback || !matches!(meaning, Meaning::Other) {
        return None;
    }
    let asks = |wanted: AppointmentRequest| {
        hits.iter().any(|hit| {
            hit.topic == Topic::Appointment(wanted)
                && !words.list[hit.start].quoted
                && (wanted == AppointmentRequest::Question
                    || !hits.iter().any(|other| other.topic == Topic::NotAppointment && other.start < hit.end && hit.start < other.end))
        })
    };
    for request in [AppointmentRequest::Reschedule, AppointmentRequest::Cancel, AppointmentRequest::RunningLate] {
        if asks(request) {
            return Some(request);
        }
    }
    let about_a_visit = hits.iter().any(|hit| hit.topic == Topic::AboutVisits && !words.list[hit.start].quoted);
    let question = asks(AppointmentRequest::Question) || words.question && about_a_visit;
    question.then_some(AppointmentRequest::Question)
}
