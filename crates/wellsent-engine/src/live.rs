//! What changed, for pages that show it live. A change names a practice and nothing else.

use wellsent_domain::PracticeId;

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Messages of a practice.
    Messages(PracticeId),
    /// Visits of a practice.
    Visits(PracticeId),
    /// Tasks of a practice.
    Tasks(PracticeId),
    /// Texts from patients of a practice.
    Inbound(PracticeId),
    /// The ledger.
    Ledger,
    /// The demo's clock.
    Clock,
}
