//! The gate's own answer: a combination becomes a log of acts, the log becomes permissions, and the gate rules on them.

use super::decide::{Answer, Outcome};
use super::dimensions::*;
use super::product::Combination;
use jiff::civil::{Date, date, time};
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::consent::{self, Act, Channel, Directive, Event, Permissions, Suppression};
use wellsent_domain::gate::{
    AttemptToken, ContactFacts, Facts, Frequency, GuardFinding, Intent, Origin, PersonFacts, Reached, Reassigned, Rendering, Ruling,
    SenderFacts, VisitFacts, Wording, rule,
};
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{Authority, ContactState, LineType, Obtained, Proxy, Standing};
use wellsent_domain::practice::{Agreement, Registration, Settings};
use wellsent_domain::quiet::Window;
use wellsent_domain::{
    AttemptId, ConsentEventId, ContactPointId, InboundId, MessageId, PersonId, Phi, PhoneNumber, PracticeId, SenderId, StaffId,
    SuppressionId, Tier,
};

/// The number that the text goes to.
const HERE: ContactPointId = ContactPointId::from_bytes([1; 16]);
/// Another number of the same person, where everything is allowed.
const ELSEWHERE: ContactPointId = ContactPointId::from_bytes([2; 16]);
/// Ten in the morning where practice and patient are.
const NOW: Timestamp = Timestamp::constant(1_795_532_400, 0);
const TODAY: Date = date(2026, 11, 24);
const YESTERDAY: Date = date(2026, 11, 23);
const BORN_ADULT: Date = date(1980, 5, 5);
const BORN_CHILD: Date = date(2014, 6, 1);
const BORN_18_YEARS_AGO: Date = date(2008, 11, 24);

fn days_ago(days: i64) -> Timestamp {
    NOW - SignedDuration::from_hours(24 * days)
}

/// A change of the facts on their way to the gate.
pub type Change = fn(&mut Facts);

/// The gate, with what need not be made anew for each combination.
pub struct Gate {
    change: Option<Change>,
    intents: Vec<Intent>,
    facts: Facts,
    said: Option<Combination>,
}

impl Gate {
    /// The gate, which sees the facts as they are or changed.
    pub fn seeing(change: Option<Change>) -> Self {
        let intents = Content::ALL.iter().flat_map(|content| [intent(*content, false), intent(*content, true)]).collect();
        Self { change, intents, facts: in_order(), said: None }
    }

    /// What it says of a combination.
    pub fn ask(&mut self, of: &Combination) -> Answer {
        // The log is read again only where the next combination has another one.
        let said = Combination {
            category: of.category,
            consent: of.consent,
            warning: of.warning,
            authorization: of.authorization,
            request: of.request,
            verification: of.verification,
            ..Combination::IN_ORDER
        };
        if self.said != Some(said) {
            permit(&mut self.facts, &said);
            self.said = Some(said);
        }
        reach(&mut self.facts, of);
        let intent = &mut self.intents[2 * (of.content as usize) + usize::from(of.sensitivity == Sensitivity::Wording)];
        (intent.category, intent.purpose) = category(of.category);
        (intent.origin, intent.programme) = origin(of.cause);
        match self.change {
            None => answer(&rule(intent, &self.facts, NOW)),
            Some(change) => {
                let mut changed = self.facts.clone();
                change(&mut changed);
                answer(&rule(intent, &changed, NOW))
            }
        }
    }
}

fn answer(ruling: &Ruling) -> Answer {
    let outcome = match ruling {
        Ruling::Release(release) => match release.rendering {
            Rendering::Preferred => Outcome::AsWritten,
            Rendering::Neutral => Outcome::Neutral,
            Rendering::Notice => Outcome::Notice,
        },
        Ruling::Hold { .. } => Outcome::Hold,
        Ruling::Review { .. } => Outcome::Review,
        Ruling::Refuse { .. } => Outcome::Refuse,
    };
    Answer { outcome, reasons: ruling.reasons().iter().copied().collect() }
}

const fn category(category: Category) -> (consent::Category, Purpose) {
    match category {
        Category::Appointments => (consent::Category::Appointments, Purpose::Treatment),
        Category::Care => (consent::Category::Care, Purpose::Treatment),
        Category::Billing => (consent::Category::Billing, Purpose::Payment),
        Category::Marketing => (consent::Category::Marketing, Purpose::Marketing),
    }
}

fn origin(cause: Cause) -> (Origin, Programme) {
    let answers = InboundId::from_bytes([3; 16]);
    let person = StaffId::from_bytes([4; 16]);
    let hour = SignedDuration::from_hours(1);
    match cause {
        Cause::Programme => (Origin::Automated, Programme::Reminders),
        Cause::Answer => (Origin::Answer { answers }, Programme::Answers),
        Cause::Help => (Origin::Help { answers }, Programme::Answers),
        Cause::Stop => (Origin::StopConfirmation { answers, received_at: NOW - SignedDuration::from_mins(1) }, Programme::Answers),
        Cause::OldStop => (Origin::StopConfirmation { answers, received_at: NOW - SignedDuration::from_mins(6) }, Programme::Answers),
        Cause::Conversation | Cause::Staff => (Origin::Staff { by: person, overridden: false }, Programme::Conversation),
        Cause::Code => (Origin::Code { request: ConsentEventId::from_bytes([5; 16]) }, Programme::Verification),
        Cause::Safety => (Origin::Emergency { approver: person, until: NOW + hour }, Programme::Broadcast),
        Cause::OverdueSafety => (Origin::Emergency { approver: person, until: NOW - hour }, Programme::Broadcast),
    }
}

fn intent(content: Content, tagged: bool) -> Intent {
    let wording = |rendering: Rendering, tier, sensitive| Wording {
        rendering,
        tier,
        body: Phi::new(format!("{} {}", rendering.as_str(), tier.as_str())),
        parts: 1,
        sensitive,
    };
    let as_written = |tier| wording(Rendering::Preferred, tier, tagged);
    let wordings = match content {
        Content::Service => vec![as_written(Tier::T0)],
        Content::Logistics => vec![as_written(Tier::T1)],
        Content::ClinicalOrNeutral => vec![as_written(Tier::T2), wording(Rendering::Neutral, Tier::T1, false)],
        Content::ClinicalOrNotice => vec![as_written(Tier::T2), wording(Rendering::Notice, Tier::T1, false)],
        Content::ClinicalOnly => vec![as_written(Tier::T2)],
        Content::Never => vec![as_written(Tier::T3)],
    };
    Intent {
        practice: PracticeId::from_bytes([6; 16]),
        message: MessageId::from_bytes([7; 16]),
        person: Some(PersonId::from_bytes([8; 16])),
        contact_point: Some(HERE),
        programme: Programme::Reminders,
        category: consent::Category::Appointments,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        wordings,
        due_at: NOW,
        useful_until: NOW + SignedDuration::from_hours(8),
        attempt: AttemptId::from_bytes([9; 16]),
        token: AttemptToken([10; 16]),
    }
}

/// What the patient said and signed, as acts in a log, and what stands by it.
fn log(of: &Combination) -> Vec<Event> {
    let (wanted, _) = category(of.category);
    let mut acts = Vec::with_capacity(32);
    let granted = |category, written| Act::Granted { category, written, confirmed: true };
    // Whatever is said of another category, or at another number, must not count.
    for category in consent::Category::ALL {
        acts.push((Some(ELSEWHERE), 300, granted(*category, true)));
        if *category != wanted {
            acts.push((Some(HERE), 300, granted(*category, true)));
        }
    }
    acts.push((Some(ELSEWHERE), 300, Act::WarningAccepted));
    acts.push((Some(ELSEWHERE), 2, Act::Verified));
    acts.push((Some(ELSEWHERE), 2, Act::Directed(Directive::NotThisNumber)));
    match of.consent {
        Consent::Nothing => {}
        Consent::Given => acts.push((Some(HERE), 200, granted(wanted, false))),
        Consent::Written => acts.push((Some(HERE), 200, granted(wanted, true))),
        Consent::Stopped => acts.extend([(Some(HERE), 200, granted(wanted, true)), (Some(HERE), 1, Act::Suppressed)]),
    }
    match of.warning {
        Warning::NotShown => {}
        Warning::Shown => acts.push((Some(HERE), 100, Act::Warned)),
        Warning::Accepted => acts.extend([(Some(HERE), 100, Act::Warned), (Some(HERE), 99, Act::WarningAccepted)]),
        Warning::Withdrawn => acts.extend([(Some(HERE), 100, Act::WarningAccepted), (Some(HERE), 50, Act::WarningWithdrawn)]),
    }
    match of.authorization {
        Authorization::Nothing => {}
        Authorization::Alive => acts.push((None, 100, Act::Authorized { until: Some(TODAY) })),
        Authorization::Over => acts.push((None, 100, Act::Authorized { until: Some(YESTERDAY) })),
    }
    match of.request {
        Request::Nothing => {}
        Request::NeverText => acts.push((None, 80, Act::Directed(Directive::NeverText))),
        Request::NotThisNumber => acts.push((Some(HERE), 80, Act::Directed(Directive::NotThisNumber))),
        Request::OtherHours => {
            let afternoon = Window::new(time(12, 0, 0, 0), time(17, 0, 0, 0));
            acts.push((None, 80, Act::Directed(Directive::OnlyBetween(afternoon))));
        }
        Request::NothingClinical => acts.push((None, 80, Act::Directed(Directive::NothingClinical))),
    }
    match of.verification {
        Verification::Never => {}
        Verification::Lapsed => acts.push((Some(HERE), 366, Act::Verified)),
        Verification::LapsedThenConfirmed => acts.extend([(Some(HERE), 366, Act::Verified), (Some(HERE), 30, Act::NumberConfirmed)]),
        Verification::Fresh => acts.push((Some(HERE), 365, Act::Verified)),
    }
    let event = |(n, (contact_point, days, act)): (usize, (Option<ContactPointId>, i64, Act))| Event {
        id: ConsentEventId::from_bytes([n as u8; 16]),
        contact_point,
        act,
        at: days_ago(days),
    };
    acts.into_iter().enumerate().map(event).collect()
}

/// Sets what follows from the log.
fn permit(facts: &mut Facts, of: &Combination) {
    let standing = Permissions::at(&log(of), HERE, NOW);
    facts.consent = standing.consents.get(&category(of.category).0).copied();
    facts.warning = standing.warning;
    facts.authorization = standing.authorizations.last().copied();
    facts.directives = standing.directives.iter().map(|(_, directive)| *directive).collect();
    facts.contact.verified_at = standing.verified_at;
    facts.contact.confirmed_at = standing.confirmed_at;
    let stopped = |at| Suppression { id: SuppressionId::from_bytes([11; 16]), at, channel: Channel::Text };
    facts.suppression = standing.suppressed_at.map(stopped);
}

/// Sets who is reached, what is protected, and whether a conversation is going on.
fn reach(facts: &mut Facts, of: &Combination) {
    let proxy = |authority, until, clinical| Reached::Proxy(Proxy { authority, from: date(2020, 1, 1), until, clinical });
    let (reached, born) = match of.ear {
        Ear::Adult => (Reached::Own, BORN_ADULT),
        Ear::Minor => (Reached::Own, BORN_CHILD),
        Ear::MatureMinor => (Reached::MatureMinor, BORN_CHILD),
        Ear::ParentOfMinor => (proxy(Authority::Parent, None, true), BORN_CHILD),
        Ear::ParentOfAdult => (proxy(Authority::Parent, None, true), BORN_18_YEARS_AGO),
        Ear::LegalProxy => (proxy(Authority::Legal, None, true), BORN_ADULT),
        Ear::VisitsOnlyProxy => (proxy(Authority::Agreed, None, false), BORN_ADULT),
        Ear::EndedProxy => (proxy(Authority::Agreed, Some(YESTERDAY), true), BORN_ADULT),
    };
    facts.person = Some(PersonFacts {
        standing: Standing::Active,
        birth_date: Some(Phi::new(born)),
        sensitive: of.sensitivity == Sensitivity::Person,
        reached,
    });
    facts.visits[0].sensitive = of.sensitivity == Sensitivity::Visit;
    facts.part2 = of.sensitivity == Sensitivity::PartTwo;
    facts.contact.shared = of.phone == Phone::Shared;
    facts.last_inbound_at = match of.cause {
        Cause::Conversation => Some(NOW - SignedDuration::from_hours(72)),
        Cause::Staff => Some(NOW - SignedDuration::from_hours(73)),
        _ => None,
    };
}

/// Everything that is no dimension, in order.
fn in_order() -> Facts {
    Facts {
        settings: Settings::default(),
        practice_zone: TimeZone::fixed(offset(-5)),
        part2: false,
        person: None,
        contact: ContactFacts {
            number: Phi::new(PhoneNumber::parse("+12125550123").expect("a number of the fictional range")),
            state: ContactState::Live,
            obtained: Obtained::Patient,
            verified_at: None,
            confirmed_at: None,
            line: LineType::Mobile,
            shared: false,
            reassigned: Reassigned::Unchecked,
        },
        consent: None,
        suppression: None,
        warning: consent::Warning::NotShown,
        authorization: None,
        directives: Vec::new(),
        visits: vec![VisitFacts {
            planned_version: 1,
            version: Some(1),
            coming: true,
            starts_at: NOW + SignedDuration::from_hours(48),
            sensitive: false,
            permitted: true,
        }],
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::default(),
        zones: vec![TimeZone::fixed(offset(-5))],
        last_inbound_at: None,
        unrouted_inbound: 0,
        auto_replies_last_hour: 0,
        sender: SenderFacts {
            id: SenderId::from_bytes([12; 16]),
            address: "+12125550199".into(),
            registration: Registration::Approved,
            account: None,
            free_at: NOW,
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: Some(Agreement::for_texts(date(2026, 1, 1), None)),
    }
}
