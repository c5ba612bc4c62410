//! Everything that the gate may look at. All of it is read in the transaction that claims the message (P2).

use super::Frequency;
use crate::consent::{Authorization, Directive, Standing, Suppression, Warning};
use crate::person::{ContactState, LineType, Obtained, Standing as PersonStanding};
use crate::practice::{Agreement, Registration, Settings};
use crate::{Phi, PhoneNumber, SenderId, Tier};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The facts of one ruling.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What the practice has set, the switch for sending included.
    pub settings: Settings,
    /// The practice's own zone, for agreements and dates.
    pub practice_zone: TimeZone,
    /// Whether the practice or the place is under 42 CFR Part 2: T1 only (H-41).
    pub part2: bool,
    /// The person spoken to; `None` for a number that nobody here has.
    pub person: Option<PersonFacts>,
    /// The number.
    pub contact: ContactFacts,
    /// The texting consent of the message's category.
    pub consent: Option<Standing>,
    /// The latest revocation from this number, if no fresh consent of this person came after it.
    pub suppression: Option<Suppression>,
    /// The warning about unencrypted texts.
    pub warning: Warning,
    /// A marketing authorization.
    pub authorization: Option<Authorization>,
    /// Confidential-communication requests that bind.
    pub directives: Vec<Directive>,
    /// The visits that the message speaks of; empty if it speaks of none.
    pub visits: Vec<VisitFacts>,
    /// What the content guard finds in free text.
    pub guard: GuardFinding,
    /// Earlier automated texts to this number.
    pub frequency: Frequency,
    /// All zones in which the phone may be (T-07): where they disagree, all count.
    pub zones: Vec<TimeZone>,
    /// When the patient last wrote from this number.
    pub last_inbound_at: Option<Timestamp>,
    /// Texts from this number that are stored and not yet routed: any of them may be a revocation (P3).
    pub unrouted_inbound: i64,
    /// Automatic answers to this number within the last hour.
    pub auto_replies_last_hour: u32,
    /// The sender.
    pub sender: SenderFacts,
    /// The agreement with its carrier; `None` if none is recorded (H-19).
    pub agreement: Option<Agreement>,
}

/// The person spoken to.
#[derive(Debug, Clone)]
pub struct PersonFacts {
    /// Whether texts make sense.
    pub standing: PersonStanding,
    /// The birth date.
    pub birth_date: Option<Phi<Date>>,
    /// Whether everything about the person drops to T1.
    pub sensitive: bool,
    /// Who answers at the number on the person's behalf.
    pub reached: Reached,
}

/// Whose ear the number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// The person's own.
    Own,
    /// A proxy's.
    Proxy(crate::person::Proxy),
    /// The own number of a minor who lawfully consented to the care alone (H-17 A).
    MatureMinor,
}

/// The number.
#[derive(Debug, Clone)]
pub struct ContactFacts {
    /// The number itself.
    pub number: Phi<PhoneNumber>,
    /// What is known of it.
    pub state: ContactState,
    /// How the practice got it.
    pub obtained: Obtained,
    /// When a code last came back from it for this person.
    pub verified_at: Option<Timestamp>,
    /// When the person last confirmed it at a visit. That keeps a verification fresh and makes none (H-07).
    pub confirmed_at: Option<Timestamp>,
    /// What kind of line it is.
    pub line: LineType,
    /// Whether more than one person is reached at it (H-07, P11).
    pub shared: bool,
    /// What the reassigned-number database says (T-14).
    pub reassigned: Reassigned,
}

/// What the reassigned-number database says (T-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reassigned {
    /// Never asked.
    Unchecked,
    /// Not since the date of consent.
    No {
        /// When it was asked.
        checked_at: Timestamp,
    },
    /// It has been: hold.
    Yes,
    /// It does not know. That is not "no".
    NoData,
}

/// A visit that the message speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitFacts {
    /// The version that the plan saw.
    pub planned_version: i64,
    /// The version now; `None` if the visit is gone.
    pub version: Option<i64>,
    /// Whether it is still to happen.
    pub coming: bool,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Whether its kind is tagged sensitive (H-42).
    pub sensitive: bool,
    /// Whether the patient of this visit may be texted at this number: for the other members of a household the same permissions as for the
    /// person spoken to (P11).
    pub permitted: bool,
}

/// What the content guard finds in a text that a person or an application wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardFinding {
    /// Not free text: the template was judged when it was saved.
    NotFreeText,
    /// Nothing found.
    Clear,
    /// It needs this tier.
    Needs {
        /// Which.
        tier: Tier,
        /// Whether it speaks of something specially protected (H-41, H-42).
        sensitive: bool,
    },
}

/// The sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderFacts {
    /// Its id.
    pub id: SenderId,
    /// Its number or service id at the carrier.
    pub address: String,
    /// Its registration (C-08).
    pub registration: Registration,
    /// The carrier's account as it is set up now; the agreement must name the same (TW-01).
    pub account: Option<String>,
    /// When its throughput allows the next part (C-09).
    pub free_at: Timestamp,
    /// What its brand may still send today, where that is counted (C-09).
    pub brand_day: Option<BrandDay>,
    /// Until when its carrier is not tried, if it is out of reach or not set up.
    pub unavailable_until: Option<Timestamp>,
    /// Whether its account has a service that makes codes and checks them, so that codes go by that and not as texts of ours (TW-20).
    pub makes_codes: bool,
}

/// What a brand may still send on a day of the carriers (C-09).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandDay {
    /// Parts that are left.
    pub parts_left: u32,
    /// When the next day begins.
    pub next_at: Timestamp,
}
