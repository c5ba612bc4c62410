//! From a text and what is known about its number to the things that have to happen.

use super::{Bound, Prompt, PromptVisit, Wish, bind_loose, bind_number, bind_word};
use crate::appointment::VisitAnswer;
use crate::consent::Channel;
use crate::task::TaskKind;
use crate::words::words;
use crate::{AppointmentId, PersonId};
use jiff::Timestamp;
use wellsent_text::reply::{AnswerWord, AppointmentRequest, Certainty, Meaning, Reading, StaffNote, Strength, VerificationCode};

words! {
    /// What the carrier says it did with an opt-out word by itself (TW-18). Where it answered, the program stays silent.
    pub enum CarrierOptOut {
        /// It recorded an opt-out and answered.
        Stop = "stop",
        /// It lifted one and answered.
        Start = "start",
        /// It answered HELP.
        Help = "help",
    }
}

words! {
    /// The automatic answers. Each has a built-in template of the same name.
    pub enum AutoAnswer {
        /// Confirms a revocation (T-09).
        StopConfirm = "stop_confirm",
        /// Confirms a return.
        StartConfirm = "start_confirm",
        /// Answers HELP (C-04).
        Help = "help",
        /// Asks somebody who wants texts to agree (C-02).
        OptInAsk = "opt_in_ask",
        /// Thanks for accepting that texts are not encrypted.
        WarningAccepted = "warning_accepted",
        /// Thanks for a code that came back.
        CodeAccepted = "code_accepted",
        /// Thanks for confirming.
        ConfirmThanks = "confirm_thanks",
        /// Says that somebody will call about another time.
        RescheduleAck = "reschedule_ack",
        /// Asks which visit (M-03).
        AskWhich = "ask_which",
        /// The visit has passed or changed.
        VisitPassed = "visit_passed",
        /// Nobody reads at this hour; says what to do in an emergency (M-02).
        Unattended = "unattended",
    }
}

words! {
    /// A question to which "A" is the answer.
    pub enum Ask {
        /// Whether texts about appointments are wanted (C-02).
        OptIn = "opt_in",
        /// Whether it is accepted that texts are not encrypted (H-04).
        Warning = "warning",
    }
}

/// Everything that routing may look at.
#[derive(Debug)]
pub struct Situation<'a> {
    /// Whether it was fetched from the carrier's log because its callback was lost (TW-07): what came after it may be here already.
    pub late: bool,
    /// What the text says.
    pub reading: &'a Reading,
    /// What the carrier did by itself.
    pub carrier: Option<CarrierOptOut>,
    /// The people reached at the number.
    pub people: &'a [PersonId],
    /// Prompts that wait for an answer from this number, newest first.
    pub prompts: &'a [Prompt],
    /// Whether the number is suppressed at this moment.
    pub suppressed: bool,
    /// Whether "which visit?" was asked already and not answered.
    pub asked_which: bool,
    /// The latest text to the number, where it asks for agreement.
    pub ask: Option<Ask>,
    /// Whether the one person of the number has agreed to texts about appointments.
    pub consented: bool,
    /// The present instant.
    pub now: Timestamp,
}

/// Something that has to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Suppress the number for everybody on it (P11).
    Suppress(Channel),
    /// Mark the number disputed on every chart that has it (T-13).
    Dispute,
    /// Lift the suppression for this person.
    Resume(PersonId),
    /// Record that a person agreed to what was asked.
    Agree(PersonId, Ask),
    /// Look at six digits: they may be a code that was sent to the number. If they are, thank for it; if none was sent, it is a task.
    TryCode(VerificationCode),
    /// Record what the patient answered about a visit.
    Record {
        /// The visit.
        appointment: AppointmentId,
        /// The answer.
        answer: VisitAnswer,
    },
    /// Send an automatic answer through the gate.
    Answer(AutoAnswer),
    /// Ask which visit is meant, numbering these.
    AskWhich {
        /// What was wanted.
        wish: Wish,
        /// The visits, in the order of their numbers.
        visits: Vec<PromptVisit>,
    },
    /// Give staff a task.
    Task {
        /// Which.
        kind: TaskKind,
        /// About whom, where that is clear.
        person: Option<PersonId>,
        /// About which visit, where that is clear.
        appointment: Option<AppointmentId>,
    },
}

/// What follows from a text. The text itself is always kept in the thread; nothing here depends on whether it is the first delivery of it,
/// because a repeated delivery is recognised before.
pub fn route(situation: &Situation<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let reading = situation.reading;
    if reading.distress.is_some() {
        effects.push(task(TaskKind::Distress, situation.only_person()));
    }
    match (&reading.meaning, situation.carrier) {
        (_, Some(CarrierOptOut::Stop)) => revoke(situation, true, &mut effects),
        (Meaning::Revocation(_), _) => revoke(situation, false, &mut effects),
        (Meaning::WrongNumber, _) => {
            effects.push(Effect::Suppress(Channel::Text));
            effects.push(Effect::Dispute);
            effects.push(task(TaskKind::WrongNumber, situation.only_person()));
        }
        (_, Some(CarrierOptOut::Start)) => resume(situation, true, &mut effects),
        (Meaning::Start(_), _) => resume(situation, false, &mut effects),
        (_, Some(CarrierOptOut::Help)) => {}
        (Meaning::Help, _) => effects.push(Effect::Answer(AutoAnswer::Help)),
        (Meaning::Other, None) => conversation(situation, &mut effects),
    }
    if reading.distress.is_some() && effects.iter().all(|effect| matches!(effect, Effect::Task { .. })) && !situation.suppressed {
        effects.push(Effect::Answer(AutoAnswer::Unattended));
    }
    effects
}

impl Situation<'_> {
    fn only_person(&self) -> Option<PersonId> {
        match self.people {
            [person] => Some(*person),
            _ => None,
        }
    }
}

fn task(kind: TaskKind, person: Option<PersonId>) -> Effect {
    Effect::Task { kind, person, appointment: None }
}

fn revoke(situation: &Situation<'_>, carrier_answered: bool, effects: &mut Vec<Effect>) {
    effects.push(Effect::Suppress(if carrier_answered { Channel::Carrier } else { Channel::Text }));
    // A number that is suppressed already had its one confirmation (T-09).
    if !carrier_answered && !situation.suppressed {
        effects.push(Effect::Answer(AutoAnswer::StopConfirm));
    }
    let revocation = match &situation.reading.meaning {
        Meaning::Revocation(revocation) => Some(revocation),
        _ => None,
    };
    let note = revocation.and_then(|revocation| revocation.also);
    if note == Some(StaffNote::MayMeanAppointment) {
        effects.push(task(TaskKind::CancelVisit, situation.only_person()));
    }
    let doubtful = revocation.is_some_and(|revocation| revocation.certainty == Certainty::Probable);
    if doubtful || situation.people.len() > 1 || matches!(note, Some(StaffNote::MayBeDistress | StaffNote::CheckWording)) {
        effects.push(task(TaskKind::CheckRevocation, situation.only_person()));
    }
}

/// START lifts a suppression only for the one person of a number; on a shared number each comes back by a consent of their own (P11). One that
/// was fetched late lifts nothing: a person looks at what came in between.
fn resume(situation: &Situation<'_>, carrier_answered: bool, effects: &mut Vec<Effect>) {
    if !situation.suppressed {
        // Somebody who wants texts and has not agreed to any is asked; the answer to that is the consent (C-02).
        match situation.people {
            [_] if !situation.consented && !carrier_answered => effects.push(Effect::Answer(AutoAnswer::OptInAsk)),
            [_] => {}
            _ => effects.push(task(TaskKind::Resubscribe, None)),
        }
        return;
    }
    match situation.people {
        // A STOP may have come after it without passing through the log (TW-06).
        _ if situation.late => effects.push(task(TaskKind::Resubscribe, situation.only_person())),
        [person] => {
            effects.push(Effect::Resume(*person));
            if !carrier_answered {
                effects.push(Effect::Answer(AutoAnswer::StartConfirm));
            }
        }
        _ => effects.push(task(TaskKind::Resubscribe, None)),
    }
}

fn conversation(situation: &Situation<'_>, effects: &mut Vec<Effect>) {
    let reading = situation.reading;
    if reading.looks_automatic {
        return;
    }
    if situation.people.is_empty() {
        effects.push(task(TaskKind::UnknownSender, None));
        return;
    }
    if situation.suppressed {
        effects.push(task(TaskKind::Reply, situation.only_person()));
        return;
    }
    match (&reading.answer, reading.appointment_request) {
        (Some(answer), _) => answered(situation, answer.word, answer.strength, effects),
        (None, Some(AppointmentRequest::Cancel)) => about_visit(situation, TaskKind::CancelVisit, effects),
        (None, Some(AppointmentRequest::Reschedule)) => about_visit(situation, TaskKind::Reschedule, effects),
        (None, _) => effects.push(task(TaskKind::Reply, situation.only_person())),
    }
}

fn answered(situation: &Situation<'_>, word: AnswerWord, strength: Strength, effects: &mut Vec<Effect>) {
    let now = situation.now;
    let by_strength = |wish: Wish| match strength {
        Strength::Exact => (wish, bind_word(situation.prompts, now)),
        Strength::Loose => (wish, bind_loose(situation.prompts, now)),
    };
    let (wish, bound) = match word {
        AnswerWord::Confirm => by_strength(Wish::Confirm),
        AnswerWord::Reschedule => by_strength(Wish::Reschedule),
        AnswerWord::Digit(number) => match bind_number(situation.prompts, number, now) {
            Some(bound) => bound,
            None => return effects.push(task(TaskKind::UnclearAnswer, situation.only_person())),
        },
        AnswerWord::Decline => return about_visit(situation, TaskKind::CancelVisit, effects),
        AnswerWord::Accept => return agreed(situation, strength, effects),
        AnswerWord::Code(code) => return effects.push(Effect::TryCode(code)),
        AnswerWord::Take => return effects.push(task(TaskKind::UnclearAnswer, situation.only_person())),
    };
    match bound {
        Bound::Visits(visits) => settle(wish, &visits, effects),
        Bound::Several(visits) if !situation.asked_which && visits.len() == 2 => effects.push(Effect::AskWhich { wish, visits }),
        Bound::Several(_) => effects.push(task(TaskKind::UnclearAnswer, situation.only_person())),
        Bound::TooLate => {
            effects.push(Effect::Answer(AutoAnswer::VisitPassed));
            effects.push(task(TaskKind::UnclearAnswer, situation.only_person()));
        }
        Bound::Nothing => effects.push(task(TaskKind::Reply, situation.only_person())),
    }
}

/// "A" agrees to what the latest text asked, for the one person of the number. On a shared phone nobody can tell who agrees (P11).
fn agreed(situation: &Situation<'_>, strength: Strength, effects: &mut Vec<Effect>) {
    match (situation.ask, situation.people) {
        (Some(ask), [person]) if strength == Strength::Exact => {
            effects.push(Effect::Agree(*person, ask));
            // Who agreed to texts gets the confirmation of it, which the planner sends (C-02).
            if ask == Ask::Warning {
                effects.push(Effect::Answer(AutoAnswer::WarningAccepted));
            }
        }
        _ => effects.push(task(TaskKind::UnclearAnswer, situation.only_person())),
    }
}

fn settle(wish: Wish, visits: &[PromptVisit], effects: &mut Vec<Effect>) {
    let (answer, reply) = match wish {
        Wish::Confirm => (VisitAnswer::Confirmed, AutoAnswer::ConfirmThanks),
        Wish::Reschedule => (VisitAnswer::WantsReschedule, AutoAnswer::RescheduleAck),
    };
    for visit in visits {
        effects.push(Effect::Record { appointment: visit.appointment, answer });
        if wish == Wish::Reschedule {
            effects.push(Effect::Task { kind: TaskKind::Reschedule, person: Some(visit.person), appointment: Some(visit.appointment) });
        }
    }
    effects.push(Effect::Answer(reply));
}

/// A wish about a visit that only staff can fulfil: the visit stays as it is.
fn about_visit(situation: &Situation<'_>, kind: TaskKind, effects: &mut Vec<Effect>) {
    match bind_word(situation.prompts, situation.now) {
        Bound::Visits(visits) => {
            let visit = visits[0];
            effects.push(Effect::Task { kind, person: Some(visit.person), appointment: Some(visit.appointment) });
        }
        _ => effects.push(task(kind, situation.only_person())),
    }
}
