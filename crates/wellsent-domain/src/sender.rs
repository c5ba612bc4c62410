//! Senders: the numbers and services that texts leave from, their registration and what they may carry (C-08 to C-12).

use crate::words::words;
use crate::{PracticeId, SenderId};

words! {
    /// What kind of sender it is.
    pub enum SenderKind {
        /// A ten-digit number registered for application traffic.
        LongCode = "long_code",
        /// A toll-free number.
        TollFree = "toll_free",
        /// A short code.
        ShortCode = "short_code",
        /// A service at the carrier that sends from one of several numbers.
        MessagingService = "messaging_service",
        /// An address on a line of its own.
        Smpp = "smpp",
        /// The simulator of this program.
        Simulated = "simulated",
    }
}

words! {
    /// How far the registration of a sender with the carriers is (C-08, C-10).
    pub enum Registration {
        /// Texts may leave from it.
        Approved = "approved",
        /// The carriers are looking at it.
        Pending = "pending",
        /// Refused, withdrawn or never made.
        Unregistered = "unregistered",
    }
}

/// A number or service that texts leave from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Its id.
    pub id: SenderId,
    /// The practice that owns it. A sender is never shared between practices (C-12).
    pub practice: PracticeId,
    /// Which carrier account serves it, by its name in the settings.
    pub carrier: String,
    /// The number or service id at the carrier. It is the practice's own, not PHI.
    pub address: String,
    /// Its kind.
    pub kind: SenderKind,
    /// Its registration.
    pub registration: Registration,
    /// The campaign that it is registered under. All senders of a campaign share its throughput: spreading texts over numbers to get more is
    /// forbidden (C-09).
    pub campaign: Option<String>,
    /// The brand that stands behind the campaign. All senders of a brand share its parts of a day.
    pub brand: Option<String>,
    /// Parts a minute that the campaign, or the sender without one, is allowed (C-09).
    pub parts_per_minute: u32,
    /// Parts that the brand is allowed from midnight to midnight, Pacific time (C-09); `None` where nobody counts.
    pub parts_per_day_max: Option<u32>,
    /// Its place in the order in which senders are chosen: the lowest first.
    pub rank: i64,
}

impl Sender {
    /// Parts a minute for whoever shares this sender's campaign: the lowest that any sender of it is allowed.
    pub fn shared_rate(&self, senders: &[Self]) -> u32 {
        let shares = |other: &&Self| self.campaign.is_some() && other.campaign == self.campaign && other.carrier == self.carrier;
        senders.iter().filter(shares).map(|other| other.parts_per_minute).chain([self.parts_per_minute]).min().unwrap_or(1)
    }

    /// Parts a day for whoever shares this sender's brand: the lowest that any sender of it is allowed.
    pub fn shared_day_cap(&self, senders: &[Self]) -> Option<u32> {
        let brand = self.brand.as_ref()?;
        senders.iter().filter(|other| other.brand.as_ref() == Some(brand)).filter_map(|other| other.parts_per_day_max).min()
    }
}
