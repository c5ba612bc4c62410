//! How the simulated network behaves: what a tester sets.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The settings. Everything left out of a JSON document has its default, which is a quick network without faults.
///
/// Shares are between 0 and 1. What happens to a text follows from the seed, the number and how many submissions to that number came before,
/// so a run can be repeated whatever the order in which phones are texted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// The seed of every choice.
    pub seed: u64,
    /// How long the answer to a submission takes, in milliseconds.
    pub answer_ms: Range,
    /// Submissions taken in a second before the answer is 429; none for no limit.
    pub throttle_per_s: Option<u32>,
    /// The `Retry-After` in seconds that comes with 429; none to leave it out.
    pub retry_after_s: Option<u32>,
    /// The share refused with [`refuse_code`](Self::refuse_code).
    pub refuse: f64,
    /// The code of such a refusal.
    pub refuse_code: u32,
    /// The share where the line is dropped and the text was not taken.
    pub drop_before_accept: f64,
    /// The share where the text is taken and the line dropped without an answer.
    pub drop_after_accept: f64,
    /// The share where the text is taken and the answer is 500.
    pub error_after_accept: f64,
    /// The share where the text is taken and the answer is 201 with nonsense.
    pub garbage_after_accept: f64,
    /// The share where the text is taken and the answer comes after [`slow_ms`](Self::slow_ms).
    pub slow: f64,
    /// How long such an answer takes, in milliseconds.
    pub slow_ms: u32,
    /// How long until the phone has the text, in milliseconds.
    pub delivery_ms: Range,
    /// The share that leaves and does not arrive, with [`undelivered_code`](Self::undelivered_code).
    pub undelivered: f64,
    /// The code of such a failure.
    pub undelivered_code: u32,
    /// What becomes of receipts.
    pub receipts: Receipts,
    /// The most receipts in one callback, at most 100. Real carriers send one; some send several.
    pub receipt_batch: u32,
    /// How long a callback is repeated while the server does not take it, in seconds.
    pub callback_retry_s: u32,
    /// How long a taken text is absent from the log, in milliseconds: absence is evidence and no proof.
    pub log_lag_ms: u32,
    /// Whether the network itself keeps a list of numbers that texted STOP and refuses texts to them with 21610.
    pub carrier_stop_list: bool,
    /// What happens to texts to certain numbers, whatever the shares say.
    pub numbers: BTreeMap<String, Quirk>,
}

/// What becomes of receipts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    /// How long after the event, in milliseconds.
    pub delay_ms: Range,
    /// Whether `sent` is reported too, before `delivered`.
    pub report_sent: bool,
    /// The share of texts whose receipts never come.
    pub lose: f64,
    /// The share whose last receipt comes twice.
    pub duplicate: f64,
    /// The share whose receipts come in the wrong order.
    pub reorder: f64,
    /// The share whose receipts come before the submission is answered.
    pub before_answer: f64,
}

/// A range of milliseconds, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range(
    /// The shortest.
    pub u32,
    /// The longest.
    pub u32,
);

/// What can be asked for one number.
///
/// Numbers of the form `+1 AAA 555 00NN` (never given to anybody, and not among the fictional 555-01NN) have a quirk without any setting:
/// `01` refuses with 21211, `02` 21612, `03` 21408, `04` 21610, `09` 21614 (TW-23); `20` drops the line before accepting, `21` after,
/// `22` accepts and answers 500, `23` accepts and answers nonsense, `24` is slow, `25` throttles always, `26` throttles the first time;
/// `30` to `33` do not arrive, with 30003, 30005, 30006, 30007; `40` loses receipts, `41` repeats, `42` reorders them, `43` sends them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quirk {
    /// Nothing special, even where shares or the form of the number say otherwise.
    None,
    /// Refused with this code.
    Refuse(u32),
    /// Line dropped, text not taken.
    DropBeforeAccept,
    /// Text taken, line dropped.
    DropAfterAccept,
    /// Text taken, answered with 500.
    ErrorAfterAccept,
    /// Text taken, answered with 201 and nonsense.
    GarbageAfterAccept,
    /// Text taken, answered late.
    Slow,
    /// Answered with 429, always.
    Throttle,
    /// Answered with 429 the first time.
    ThrottleOnce,
    /// Left and not arrived, with this code.
    Undelivered(u32),
    /// Receipts never come.
    LoseReceipts,
    /// The last receipt comes twice.
    DuplicateReceipts,
    /// Receipts come in the wrong order.
    ReorderReceipts,
    /// Receipts come before the submission is answered.
    ReceiptsFirst,
}

impl std::fmt::Debug for Behaviour {
    // Numbers stand in it, and numbers do not print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behaviour").field("seed", &self.seed).finish_non_exhaustive()
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            seed: 1,
            answer_ms: Range(0, 0),
            throttle_per_s: None,
            retry_after_s: Some(1),
            refuse: 0.0,
            refuse_code: 30007,
            drop_before_accept: 0.0,
            drop_after_accept: 0.0,
            error_after_accept: 0.0,
            garbage_after_accept: 0.0,
            slow: 0.0,
            slow_ms: 30_000,
            delivery_ms: Range(0, 0),
            undelivered: 0.0,
            undelivered_code: 30003,
            receipts: Receipts::default(),
            receipt_batch: 1,
            callback_retry_s: 120,
            log_lag_ms: 0,
            carrier_stop_list: false,
            numbers: BTreeMap::new(),
        }
    }
}

impl Default for Receipts {
    fn default() -> Self {
        Self { delay_ms: Range(0, 0), report_sent: true, lose: 0.0, duplicate: 0.0, reorder: 0.0, before_answer: 0.0 }
    }
}

impl Behaviour {
    /// A network that feels like a real one to somebody who watches: texts take a second or two. For the demo.
    pub fn lifelike() -> Self {
        Self {
            answer_ms: Range(40, 160),
            delivery_ms: Range(400, 1500),
            receipts: Receipts { delay_ms: Range(200, 800), ..Receipts::default() },
            ..Self::default()
        }
    }

    /// The quirk of a number: what was set for it, else what its form says.
    pub(super) fn quirk(&self, to: &str) -> Option<Quirk> {
        self.numbers.get(to).copied().or_else(|| magic(to))
    }
}

fn magic(to: &str) -> Option<Quirk> {
    let digits = to.strip_prefix("+1")?;
    if digits.len() != 10 || digits.get(3..8)? != "55500" {
        return None;
    }
    Some(match digits.get(8..)? {
        "01" => Quirk::Refuse(21211),
        "02" => Quirk::Refuse(21612),
        "03" => Quirk::Refuse(21408),
        "04" => Quirk::Refuse(21610),
        "09" => Quirk::Refuse(21614),
        "20" => Quirk::DropBeforeAccept,
        "21" => Quirk::DropAfterAccept,
        "22" => Quirk::ErrorAfterAccept,
        "23" => Quirk::GarbageAfterAccept,
        "24" => Quirk::Slow,
        "25" => Quirk::Throttle,
        "26" => Quirk::ThrottleOnce,
        "30" => Quirk::Undelivered(30003),
        "31" => Quirk::Undelivered(30005),
        "32" => Quirk::Undelivered(30006),
        "33" => Quirk::Undelivered(30007),
        "40" => Quirk::LoseReceipts,
        "41" => Quirk::DuplicateReceipts,
        "42" => Quirk::ReorderReceipts,
        "43" => Quirk::ReceiptsFirst,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_for_a_number_goes_before_its_form() {
        let mut behaviour = Behaviour::default();
        assert_eq!(behaviour.quirk("+15005550004"), Some(Quirk::Refuse(21610)));
        assert_eq!(behaviour.quirk("+12125550123"), None);
        behaviour.numbers.insert("+15005550004".into(), Quirk::None);
        assert_eq!(behaviour.quirk("+15005550004"), Some(Quirk::None));
    }

    #[test]
    fn a_document_with_one_setting_leaves_the_rest_at_its_default() {
        let behaviour: Behaviour =
            serde_json::from_str(r#"{"receipts":{"lose":1.0},"numbers":{"+12125550123":{"refuse":30007}}}"#).unwrap();
        assert_eq!(behaviour.receipts.lose, 1.0);
        assert!(behaviour.receipts.report_sent);
        assert_eq!(behaviour.quirk("+12125550123"), Some(Quirk::Refuse(30007)));
        assert!(serde_json::from_str::<Behaviour>(r#"{"lose":1}"#).is_err(), "a misspelt setting is refused");
    }
}
