//! What a run came to.

use std::fmt::Display;

/// Violations, each with a sentence, and the counts of the summary.
#[derive(Debug, Default)]
pub struct Verdict {
    pub beside: &'static str,
    pub engine: &'static str,
    pub cycles: u64,
    /// Requests that the loader was told are done, and texts of phones that the server acknowledged.
    pub acknowledged: usize,
    /// Acknowledged texts that a phone really got.
    pub delivered: usize,
    /// Texts that the network took between the kills, before everything was left to settle.
    pub under_fire: usize,
    /// Attempts of which nobody knew the outcome for a while, and how many of them are settled.
    pub unknown: usize,
    pub resolved: usize,
    pub tasks: usize,
    /// Revocations that phones texted, and texts to such phones that the gate kept back.
    pub stops: usize,
    pub kept_back: usize,
    /// Texts whose claim came before the STOP and that the network took after it was acknowledged, and the longest such flight.
    pub in_flight: usize,
    pub longest_flight_us: i64,
    /// Attempts that a person has to ask the carrier about, and how many of their texts a phone has.
    pub given_up: usize,
    pub given_up_got: usize,
    /// Attempts that were taken for another one of the same words to the same phone.
    pub exchanged: usize,
    /// Texts of which the carrier reported the first part and a later one did not arrive.
    pub half: usize,
    /// Checkpoints that were taken while the run went on.
    pub checkpoints: usize,
    pub entries: u64,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub after_stop: Vec<String>,
    pub after_cancel: Vec<String>,
    pub off_ledger: Vec<String>,
    pub untrue: Vec<String>,
    pub stuck: Vec<String>,
}

impl Verdict {
    fn counts(&self) -> [(&'static str, &Vec<String>); 7] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("after_stop", &self.after_stop),
            ("after_cancel", &self.after_cancel),
            ("off_ledger", &self.off_ledger),
            ("untrue", &self.untrue),
            ("stuck", &self.stuck),
        ]
    }

    /// The summary in one line.
    pub fn print(&self, what: impl Display) {
        let counts: Vec<_> = self.counts().iter().map(|(name, found)| format!("{name}={}", found.len())).collect();
        println!(
            "crash {what} beside {} on {}: cycles={} acknowledged={} delivered={} under_fire={} unknown={} resolved={} tasks={} stops={} kept_back={} in_flight={} \
             longest_flight_ms={} given_up={} given_up_got={} exchanged={} half={} checkpoints={} entries={} | {}",
            self.beside,
            self.engine,
            self.cycles,
            self.acknowledged,
            self.delivered,
            self.under_fire,
            self.unknown,
            self.resolved,
            self.tasks,
            self.stops,
            self.kept_back,
            self.in_flight,
            self.longest_flight_us / 1_000,
            self.given_up,
            self.given_up_got,
            self.exchanged,
            self.half,
            self.checkpoints,
            self.entries,
            counts.join(" "),
        );
    }

    /// Panics with the first violations of each kind, if there are any.
    pub fn assert_clean(&self) {
        let mut report = String::new();
        for (name, found) in self.counts().iter().filter(|(_, found)| !found.is_empty()) {
            report.push_str(&format!("\n{name}: {}", found.len()));
            for sentence in found.iter().take(8) {
                report.push_str(&format!("\n  {sentence}"));
            }
        }
        assert!(report.is_empty(), "the run broke its promises:{report}");
    }
}
