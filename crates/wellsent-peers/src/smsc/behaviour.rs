//! How the message centre behaves: what a tester sets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The settings. Everything left out of a JSON document has its default, which is a quick centre without faults. Shares are between 0 and
/// 1; what happens to a submission follows from the seed, the number and how many submissions to that number came before.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The seed of every choice.
    pub seed: u64,
    /// Who may bind, and with which password.
    pub system_id: String,
    /// The password.
    pub password: String,
    /// Every bind is refused with this status.
    pub refuse_bind: Option<u32>,
    /// Every bind as a receiver is refused with this status.
    pub refuse_receiver: Option<u32>,
    /// Submissions of one session that may wait for an answer; one more is throttled.
    pub window: u32,
    /// Submissions taken in a second; more are throttled.
    pub throttle_per_s: Option<u32>,
    /// How long an answer takes, in milliseconds.
    pub answer_ms: Range,
    /// The share that is refused with [`refuse_status`](Self::refuse_status).
    pub refuse: f64,
    /// The status of such a refusal.
    pub refuse_status: u32,
    /// The share that is throttled.
    pub throttle: f64,
    /// The share where the line is cut and the part was not taken.
    pub cut_before_accept: f64,
    /// The share where the part is taken and the line is cut without an answer.
    pub cut_after_accept: f64,
    /// The share where the part is taken and the answer is `ESME_RSYSERR`.
    pub error_after_accept: f64,
    /// The share where the part is taken and nonsense is sent instead of an answer.
    pub garbage_after_accept: f64,
    /// The share where the part is taken and the answer comes after [`slow_ms`](Self::slow_ms).
    pub slow: f64,
    /// How long such an answer takes, in milliseconds.
    pub slow_ms: u32,
    /// How coding 0 is read and written.
    pub coding_0: Coding0,
    /// In which base answers name texts.
    pub ids: Ids,
    /// How long until the phone has a part, in milliseconds.
    pub delivery_ms: Range,
    /// The share of parts that do not arrive.
    pub undelivered: f64,
    /// What becomes of receipts.
    pub receipts: Receipts,
    /// How the phones' texts are sent.
    pub replies: Replies,
    /// What happens to submissions to certain numbers, digits without plus, whatever the shares say.
    pub numbers: BTreeMap<String, Quirk>,
}

/// What becomes of receipts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    /// How long after the event, in milliseconds.
    pub delay_ms: Range,
    /// How they are written.
    pub dialect: Dialect,
    /// In which base they name texts; none for that of the answers.
    pub ids: Option<Ids>,
    /// The share that never comes.
    pub lose: f64,
    /// The share that comes twice.
    pub duplicate: f64,
    /// The share where `ENROUTE` follows the last state.
    pub reorder: f64,
    /// The share that comes before the submission is answered.
    pub before_answer: f64,
}

/// How the phones' own texts are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replies {
    /// How long texts travel.
    pub long: LongTexts,
    /// Whether each carries an id of its own in `receipted_message_id`.
    pub ids: bool,
    /// The share that is sent twice, although it was acknowledged.
    pub duplicate: f64,
    /// Whether the parts of a long text are sent in the wrong order.
    pub backwards: bool,
    /// The share of parts that are never sent.
    pub lose_part: f64,
    /// Arrivals, receipts among them, that may wait for their acknowledgement.
    pub window: u32,
    /// How long an acknowledgement may take, in milliseconds, before it is sent again.
    pub timeout_ms: u32,
    /// How long until something that was put off is sent again, in milliseconds.
    pub again_ms: u32,
}

/// A range of milliseconds, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range(
    /// The shortest.
    pub u32,
    /// The longest.
    pub u32,
);

/// How coding 0 is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coding0 {
    /// GSM default alphabet, an octet a character.
    Gsm7,
    /// ISO 8859-1.
    Latin1,
    /// ASCII.
    Ascii,
}

/// How long texts travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongTexts {
    /// Header with a reference of one octet.
    Udh8,
    /// Header with a reference of two octets.
    Udh16,
    /// `sar_*` TLVs.
    Sar,
    /// `message_payload`.
    Payload,
}

/// How receipts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// As in the standard's appendix.
    Standard,
    /// Keys in capitals, states spelt out, spaces after colons.
    Loud,
    /// Id and state alone, the state first.
    Short,
    /// The text of the message in the middle, saying something else.
    TextFirst,
    /// Nothing but TLVs, with the class of an ordinary text.
    Tlv,
    /// In `message_payload`, with TLVs besides.
    Payload,
}

/// In which base texts are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    /// Hexadecimal, eight digits in capitals.
    Hex,
    /// Decimal.
    Dec,
    /// Letters, digits and dashes.
    Opaque,
}

/// What can be asked for one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// Nothing special, even where shares say otherwise.
    None,
    /// Refused with this status.
    Refuse(u32),
    /// The first part is taken, the second refused with this status.
    RefuseSecondPart(u32),
    /// Throttled, always.
    Throttle,
    /// Line cut, part not taken.
    CutBeforeAccept,
    /// Part taken, line cut.
    CutAfterAccept,
    /// Part taken, answered with `ESME_RSYSERR`.
    ErrorAfterAccept,
    /// Part taken, nonsense sent.
    GarbageAfterAccept,
    /// Part taken, answered late.
    Slow,
    /// Part taken, answered without an id.
    NoId,
    /// Does not arrive.
    Undelivered,
    /// The second part does not arrive.
    SecondPartUndelivered,
    /// Receipts never come.
    LoseReceipts,
    /// Receipts come twice.
    DuplicateReceipts,
    /// Receipts come before the answer.
    ReceiptsFirst,
}

impl std::fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behaviour").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            seed: 1,
            system_id: "wellsent".into(),
            password: "secret08".into(),
            refuse_bind: None,
            refuse_receiver: None,
            window: 1000,
            throttle_per_s: None,
            answer_ms: Range(0, 0),
            refuse: 0.0,
            refuse_status: 0x45,
            throttle: 0.0,
            cut_before_accept: 0.0,
            cut_after_accept: 0.0,
            error_after_accept: 0.0,
            garbage_after_accept: 0.0,
            slow: 0.0,
            slow_ms: 30_000,
            coding_0: Coding0::Gsm7,
            ids: Ids::Hex,
            delivery_ms: Range(0, 0),
            undelivered: 0.0,
            receipts: Receipts::default(),
            replies: Replies::default(),
            numbers: BTreeMap::new(),
        }
    }
}

impl Default for Receipts {
    fn default() -> Self {
        let delay_ms = Range(0, 0);
        Self { delay_ms, dialect: Dialect::Standard, ids: None, lose: 0.0, duplicate: 0.0, reorder: 0.0, before_answer: 0.0 }
    }
}

impl Default for Replies {
    fn default() -> Self {
        Self {
            long: LongTexts::Udh8,
            ids: false,
            duplicate: 0.0,
            backwards: false,
            lose_part: 0.0,
            window: 10,
            timeout_ms: 10_000,
            again_ms: 200,
        }
    }
}
