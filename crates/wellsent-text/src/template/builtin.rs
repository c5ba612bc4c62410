//! The templates that every practice starts with.
//!
//! Each is worded in English and Spanish, in GSM-7 (so Spanish goes without the accents that GSM-7 lacks), and fits one
//! message part with a practice name of 20 characters. Those that tell more than logistics name a twin: the wording
//! that goes instead where such detail may not, and that needs no value the first one does not have.

use super::{ContentKind, Draft, Language};
use crate::Tier;

/// One built-in template.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name, by which programmes ask for it.
    pub name: &'static str,
    /// What it is for, in a few words for staff.
    pub title: &'static str,
    /// Its tier.
    pub tier: Tier,
    /// The template that goes instead where this tier may not.
    pub twin: Option<&'static str>,
    /// Which consent it needs.
    pub kind: ContentKind,
    /// Whether it says how to opt out.
    pub owes_opt_out: bool,
    /// Replies that it offers.
    pub answers: &'static [&'static str],
    /// The wordings.
    pub wordings: [(Language, &'static str); 2],
}

impl Builtin {
    /// The template as a draft, to be checked against a practice's settings. Every built-in says who is texting.
    pub fn draft(&self) -> Draft<'_> {
        Draft {
            name: self.name,
            tier: self.tier,
            kind: self.kind,
            owes_opt_out: self.owes_opt_out,
            owes_identity: true,
            wordings: &self.wordings,
            answers: self.answers,
        }
    }
}

/// All built-in templates.
pub fn all() -> &'static [Builtin] {
    BUILTINS
}

/// Finds a built-in template by name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|builtin| builtin.name == name)
}

/// Starts a T1 informational text that owes an opt-out; the methods below say where one differs.
const fn text(name: &'static str, title: &'static str, en: &'static str, es: &'static str) -> Builtin {
    Builtin {
        name,
        title,
        tier: Tier::T1,
        twin: None,
        kind: ContentKind::Informational,
        owes_opt_out: true,
        answers: &[],
        wordings: [(Language::En, en), (Language::Es, es)],
    }
}

impl Builtin {
    const fn service(mut self) -> Builtin {
        self.tier = Tier::T0;
        self.kind = ContentKind::Service;
        self
    }

    const fn clinical(mut self, twin: &'static str) -> Builtin {
        self.tier = Tier::T2;
        self.twin = Some(twin);
        self
    }

    const fn twin(mut self, twin: &'static str) -> Builtin {
        self.twin = Some(twin);
        self
    }

    const fn billing(mut self) -> Builtin {
        self.kind = ContentKind::Billing;
        self
    }

    /// An answer to a text of the patient's, or the last text: no opt-out is owed.
    const fn in_conversation(mut self) -> Builtin {
        self.owes_opt_out = false;
        self
    }

    const fn asks(mut self, answers: &'static [&'static str]) -> Builtin {
        self.answers = answers;
        self
    }
}

const BUILTINS: &[Builtin] = &[
    text(
        "opt_in_confirm",
        "First text after consent",
        "{{practice}}: you will get appt texts ({{frequency}}). Msg&data rates may apply. Texts are not encrypted. HELP for help, STOP to end. {{phone}}",
        "{{practice}}: recibira textos de citas ({{frequency}}). Pueden aplicar tarifas. No van cifrados. HELP para ayuda, STOP para terminar. {{phone}}",
    )
    .service(),
    text(
        "opt_in_ask",
        "Asks somebody who wants texts to agree (C-02)",
        "{{practice}}: reply A to get appt texts ({{frequency}}). Msg&data rates may apply. Texts are not encrypted. HELP for help, STOP to end. {{phone}}",
        "{{practice}}: responda A para recibir textos de citas ({{frequency}}). Pueden aplicar tarifas. No cifrados. HELP ayuda, STOP para terminar. {{phone}}",
    )
    .service()
    .asks(&["A"]),
    text(
        "help",
        "Answer to HELP",
        "{{practice}} texts: {{frequency}}. Msg&data rates may apply. Help: {{help}}. Reply STOP to opt out.",
        "Textos de {{practice}}: {{frequency}}. Pueden aplicar tarifas. Ayuda: {{help}}. Responda STOP para no recibir mas.",
    )
    .service(),
    text(
        "stop_confirm",
        "The one confirmation of STOP (T-09)",
        "{{practice}}: you are unsubscribed and will get no more texts. To cancel or change an appointment call {{phone}}.",
        "{{practice}}: su numero esta dado de baja y no recibira mas textos. Para cancelar o cambiar una cita llame al {{phone}}.",
    )
    .service()
    .in_conversation(),
    text(
        "start_confirm",
        "Answer to START",
        "{{practice}}: texts are on again ({{frequency}}). Msg&data rates may apply. Texts are not encrypted. HELP for help, STOP to end. {{phone}}",
        "{{practice}}: los textos estan activos de nuevo ({{frequency}}). Pueden aplicar tarifas. HELP para ayuda, STOP para terminar. {{phone}}",
    )
    .service(),
    text(
        "warning",
        "Warning about unencrypted texts (H-04)",
        "{{practice}}: texts are not encrypted; others could read them. Reply A to accept that for health details, or call {{phone}}. STOP to opt out.",
        "{{practice}}: los textos no van cifrados; otros podrian leerlos. Responda A si lo acepta para datos de salud o llame al {{phone}}. STOP para salir.",
    )
    .service()
    .asks(&["A"]),
    text(
        "code",
        "One-time code",
        "{{practice}} code: {{code}}. Expires in 10 min. We will never ask you for this code.",
        "Codigo de {{practice}}: {{code}}. Vence en 10 min. Nunca le pediremos este codigo.",
    )
    .service()
    .in_conversation(),
    text(
        "warning_accepted",
        "Thanks for an answer to the warning",
        "{{practice}}: noted, you accept texts that are not encrypted. To change that call {{phone}}.",
        "{{practice}}: anotado, acepta textos que no van cifrados. Para cambiarlo llame al {{phone}}.",
    )
    .service()
    .in_conversation(),
    text(
        "code_accepted",
        "A code came back by text",
        "{{practice}}: thank you, this phone is now verified. Questions? Call {{phone}}.",
        "{{practice}}: gracias, este telefono esta verificado. Preguntas? Llame al {{phone}}.",
    )
    .service()
    .in_conversation(),
    text(
        "preferences",
        "Link to the page of preferences",
        "{{practice}}: choose which texts you get and when: {{link}} Questions? {{phone}}. Reply STOP to opt out.",
        "{{practice}}: elija que textos recibe y cuando: {{link}} Preguntas? {{phone}}. STOP para no recibir mas.",
    ),
    text(
        "unattended",
        "Answer to a text nobody reads right now (M-02)",
        "{{practice}}: we read texts Mon-Fri 8 AM to 5 PM. In an emergency call 911. To reach us sooner call {{phone}}.",
        "{{practice}}: leemos los textos lun-vie de 8 AM a 5 PM. En una emergencia llame al 911. Para hablar antes llame al {{phone}}.",
    )
    .service()
    .in_conversation(),
    text(
        "reminder",
        "Reminder of one visit",
        "{{practice}}: you have an appointment {{when}}. Reply C to confirm, R to reschedule or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: tiene una cita {{when}}. Responda C para confirmar, R para cambiarla o llame al {{phone}}. STOP para no recibir mas.",
    )
    .asks(&["C", "R"]),
    text(
        "reminder_place",
        "Reminder of one visit with its location",
        "{{practice}}: appointment {{when}} at {{location}}. Reply C to confirm, R to reschedule or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: cita {{when}} en {{location}}. Responda C para confirmar, R para cambiarla o llame al {{phone}}. STOP para salir.",
    )
    .twin("reminder")
    .asks(&["C", "R"]),
    text(
        "reminder_named",
        "Reminder with names",
        "{{first_name}}, {{practice}}: {{clinician}} will see you {{when}}. Reply C to confirm, R to reschedule or call {{phone}}. STOP to opt out.",
        "{{first_name}}, {{practice}}: cita con {{clinician}} {{when}}. Responda C para confirmar, R para cambiar o llame al {{phone}}. STOP para salir.",
    )
    .clinical("reminder")
    .asks(&["C", "R"]),
    text(
        "reminder_day",
        "Reminder of two visits on one day",
        "{{practice}}: visits {{day}}: {{visit_list}}. Reply 1 or 2 to confirm that one, 3 for both, or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: citas {{day}}: {{visit_list}}. Responda 1 o 2 para confirmar esa, 3 para ambas, o llame al {{phone}}. STOP para salir.",
    )
    .asks(&["1", "2", "3"]),
    text(
        "reminder_many",
        "Reminder of more than two visits on one day",
        "{{practice}}: you have several visits {{day}}, the first at {{time}}. Questions or changes? Call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: tiene varias citas {{day}}, la primera a las {{time}}. Preguntas o cambios? Llame al {{phone}}. STOP para no recibir mas.",
    ),
    text(
        "reminder_soon",
        "Reminder shortly before a visit",
        "{{practice}}: your appointment is today at {{time}}. Running late? Call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: su cita es hoy a las {{time}}. Si llega tarde llame al {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "appointment_moved",
        "A visit has a new time",
        "{{practice}}: your appointment is now {{when}}. Reply C to confirm, R to reschedule or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: su cita ahora es {{when}}. Responda C para confirmar, R para cambiarla o llame al {{phone}}. STOP para no recibir mas.",
    )
    .asks(&["C", "R"]),
    text(
        "appointment_cancelled",
        "A visit is off",
        "{{practice}}: your appointment {{when}} has been cancelled. Reply R to rebook or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: su cita {{when}} fue cancelada. Responda R para otra cita o llame al {{phone}}. Responda STOP para no recibir mas.",
    )
    .asks(&["R"]),
    text(
        "ask_which",
        "An answer fits two visits (M-03)",
        "{{practice}}: which visit do you mean? {{visit_list}}. Reply 1 or 2, 3 for both, or call {{phone}}.",
        "{{practice}}: a cual cita se refiere? {{visit_list}}. Responda 1 o 2, 3 para ambas, o llame al {{phone}}.",
    )
    .in_conversation()
    .asks(&["1", "2", "3"]),
    text(
        "visit_passed",
        "An answer to a visit that is over (M-03)",
        "{{practice}}: the time of that appointment has passed. For a new one reply R or call {{phone}}.",
        "{{practice}}: la hora de esa cita ya paso. Para otra cita responda R o llame al {{phone}}.",
    )
    .in_conversation()
    .asks(&["R"]),
    text(
        "confirm_thanks",
        "Thanks for a confirmation",
        "{{practice}}: thank you, you are confirmed for {{when}}. If that changes, call {{phone}}.",
        "{{practice}}: gracias, su cita {{when}} esta confirmada. Si algo cambia llame al {{phone}}.",
    )
    .in_conversation(),
    text(
        "reschedule_ack",
        "A wish to reschedule has arrived",
        "{{practice}}: we have your request to reschedule. We will call you, or call us at {{phone}}.",
        "{{practice}}: recibimos su solicitud de cambiar la cita. Le llamaremos, o llame al {{phone}}.",
    )
    .in_conversation(),
    text(
        "waitlist_offer",
        "An earlier time is free",
        "{{practice}}: an earlier time is open, {{when}}. Reply T to take it by {{reply_by}}, or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: hay una hora antes, {{when}}. Responda T para tomarla antes de las {{reply_by}} o llame al {{phone}}. STOP para salir.",
    )
    .asks(&["T"]),
    text(
        "waitlist_booked",
        "The offered time is theirs",
        "{{practice}}: done, your appointment is now {{when}}. Questions? Call {{phone}}.",
        "{{practice}}: listo, su cita ahora es {{when}}. Preguntas? Llame al {{phone}}.",
    )
    .in_conversation(),
    text(
        "waitlist_gone",
        "The offered time went to somebody else",
        "{{practice}}: sorry, that time is no longer open. Your own appointment has not changed. Questions? Call {{phone}}.",
        "{{practice}}: lo sentimos, esa hora ya no esta libre. Su propia cita no cambia. Preguntas? Llame al {{phone}}.",
    )
    .in_conversation(),
    text(
        "walkin_place",
        "Place in the walk-in queue",
        "{{practice}}: you are number {{wait_position}} in line, about {{minutes}} min. We will text when it is your turn. Reply STOP to opt out.",
        "{{practice}}: es el numero {{wait_position}} en la fila, unos {{minutes}} min. Le avisaremos cuando sea su turno. Responda STOP para no recibir mas.",
    ),
    text(
        "walkin_turn",
        "Called from the walk-in queue",
        "{{practice}}: it is your turn. Please come to the front desk. Questions? {{phone}}. Reply STOP to opt out.",
        "{{practice}}: es su turno. Pase a la recepcion, por favor. Preguntas? {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "running_late",
        "The practice is behind",
        "{{practice}}: we are running about {{minutes}} min late today. Questions? {{phone}}. Reply STOP to opt out.",
        "{{practice}}: hoy vamos con unos {{minutes}} min de retraso. Preguntas? {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "closure",
        "The practice is closed",
        "{{practice}} is closed {{day}}. We will call you to rebook. Questions? {{phone}}. Reply STOP to opt out.",
        "{{practice}} estara cerrada {{day}}. Le llamaremos para darle otra cita. {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "neutral_notice",
        "A message waits; please call",
        "{{practice}}: we have a message for you. Please call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: tenemos un mensaje para usted. Llame al {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "secure_notice",
        "A message waits on a secure page",
        "{{practice}}: you have a new message: {{link}} Questions? {{phone}}. Reply STOP to opt out.",
        "{{practice}}: tiene un mensaje nuevo: {{link}} Preguntas? {{phone}}. STOP para no recibir mas.",
    ),
    text(
        "request_ready",
        "Something asked for is ready",
        "{{practice}}: your request is ready. Call {{phone}} with questions. Reply STOP to opt out.",
        "{{practice}}: su solicitud esta lista. Preguntas? Llame al {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "lab_ready",
        "Lab results are ready",
        "{{practice}}: your lab results are ready. Please call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: sus resultados de laboratorio estan listos. Llame al {{phone}}. Responda STOP para no recibir mas.",
    )
    .clinical("neutral_notice"),
    text(
        "medication_ready",
        "A prescription is ready",
        "{{practice}}: your {{medication}} prescription is ready. Call {{phone}} with questions. Reply STOP to opt out.",
        "{{practice}}: su receta de {{medication}} esta lista. Preguntas? Llame al {{phone}}. Responda STOP para no recibir mas.",
    )
    .clinical("request_ready"),
    text(
        "daily_task",
        "A step of a care plan is due",
        "{{practice}}: it is time for your scheduled task. Questions? Call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: es hora de su tarea programada. Preguntas? Llame al {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "medication_reminder",
        "A medicine is due",
        "{{practice}}: time to take {{medication}} {{dose}}. Questions? Call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: es hora de tomar {{medication}} {{dose}}. Preguntas? Llame al {{phone}}. Responda STOP para no recibir mas.",
    )
    .clinical("daily_task"),
    text(
        "prep",
        "How to prepare, on a secure page",
        "{{practice}}: please read this before your visit: {{link}} or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: lea esto antes de su cita: {{link}} o llame al {{phone}}. STOP para no recibir mas.",
    ),
    text(
        "prep_detail",
        "How to prepare, in the text",
        "{{practice}}, your visit {{when}}: {{instructions}} Questions? Call {{phone}}. Reply STOP to opt out.",
        "{{practice}}, su cita {{when}}: {{instructions}} Preguntas? Llame al {{phone}}. STOP para no recibir mas.",
    )
    .clinical("neutral_notice"),
    text(
        "check_in",
        "How are you after the visit",
        "{{practice}}: how are you today? Reply 1-5 (1 = well, 5 = unwell) or call {{phone}}. If urgent call 911. STOP to opt out.",
        "{{practice}}: como se siente hoy? Responda 1-5 (1 = bien, 5 = mal) o llame al {{phone}}. Si es urgente, 911. STOP para no recibir mas.",
    )
    .asks(&["1", "2", "3", "4", "5"]),
    text(
        "survey",
        "Survey after a visit",
        "{{practice}}: how was your recent visit? {{link}} Reply STOP to opt out.",
        "{{practice}}: como fue su cita reciente? {{link}} Responda STOP para no recibir mas.",
    ),
    text(
        "recall",
        "Time for the next visit",
        "{{practice}}: it is time to schedule your next visit. Call {{phone}} to book. Reply STOP to opt out.",
        "{{practice}}: es hora de programar su proxima cita. Llame al {{phone}}. Responda STOP para no recibir mas.",
    ),
    text(
        "telehealth",
        "Link to a video visit",
        "{{practice}}: your video visit is {{when}}: {{link}} Help: {{phone}}. Reply STOP to opt out.",
        "{{practice}}: su cita por video es {{when}}: {{link}} Ayuda: {{phone}}. STOP para salir.",
    ),
    text(
        "statement_ready",
        "A statement is ready",
        "{{practice}}: a statement is ready in your account. Sign in or call {{phone}}. Reply STOP to opt out.",
        "{{practice}}: hay un estado de cuenta listo. Entre a su cuenta o llame al {{phone}}. Responda STOP para no recibir mas.",
    )
    .billing(),
];

#[cfg(test)]
mod tests;
