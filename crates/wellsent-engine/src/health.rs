//! How the carrier accounts of this node are doing, for the page, the doctor and metrics.

use crate::Engine;
use crate::circuit::Admits;
use jiff::Timestamp;
use wellsent_carrier::Traits;

/// A carrier account as it is set up and as it is doing.
#[derive(Debug, Clone)]
pub struct CarrierHealth {
    /// Its name in the settings.
    pub name: String,
    /// What kind of carrier it is, as staff call it.
    pub kind: &'static str,
    /// Whether it has a log that can be asked about texts of unknown outcome.
    pub keeps_log: bool,
    /// The account at the carrier, as the agreement must name it (TW-01).
    pub account: Option<String>,
    /// What the carrier can and cannot do.
    pub traits: Traits,
    /// Whether texts go over it.
    pub state: CarrierState,
    /// Whether it refused the account since texts last went through.
    pub refused: bool,
}

/// Whether texts go over a carrier account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierState {
    /// They do.
    Up,
    /// One text tries whether it answers again.
    Trying,
    /// Nothing is handed over.
    DownUntil(Timestamp),
}

impl Engine {
    /// The carrier accounts of this node, by name.
    pub fn carriers(&self) -> Vec<CarrierHealth> {
        let now = self.now();
        let mut all: Vec<_> = self
            .0
            .carriers
            .iter()
            .map(|(name, carrier)| {
                let circuit = self.0.circuits.of(name);
                CarrierHealth {
                    name: name.clone(),
                    kind: carrier.kind(),
                    keeps_log: carrier.keeps_log(),
                    account: carrier.account().map(str::to_owned),
                    traits: carrier.traits(),
                    state: match circuit.admits(now) {
                        Admits::All => CarrierState::Up,
                        Admits::NoneUntil(until) if !circuit.is_trying() => CarrierState::DownUntil(until),
                        Admits::NoneUntil(_) | Admits::One => CarrierState::Trying,
                    },
                    refused: circuit.is_refused(),
                }
            })
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}
