//! When what is due will have gone, as a page tells it (C-09).

use crate::Engine;
use crate::choice::pacific;
use crate::throttle::Lane;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use wellsent_domain::practice::Sender;
use wellsent_domain::throughput::{Flow, brand_day, finishes_at, next_brand_day};

/// The day by which carriers count a brand's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandDay {
    /// The day.
    pub day: Date,
    /// When the next begins: midnight, Pacific time.
    pub next_at: Timestamp,
}

impl Engine {
    /// The day of brands that it is now.
    pub fn brand_day(&self) -> BrandDay {
        let now = self.now();
        BrandDay { day: brand_day(now, pacific()), next_at: next_brand_day(now, pacific()) }
    }

    /// About when the last of `parts` goes if nothing but throughput is in the way: over the senders that can be used, each with the parts of its
    /// brand's day that are used up where they are counted. `senders` are all of the practice. `None` where no sender can be used.
    pub fn queue_ends(&self, parts: u64, usable: &[(&Sender, Option<u32>)], senders: &[Sender]) -> Option<Timestamp> {
        let flow = flow(usable, senders)?;
        Some(finishes_at(parts, flow, self.now(), pacific())).filter(|at| *at < Timestamp::MAX)
    }
}

/// Everything together: senders of a campaign share one rate, and those of a brand one day. A day is counted only where every sender has one.
fn flow(usable: &[(&Sender, Option<u32>)], senders: &[Sender]) -> Option<Flow> {
    if usable.is_empty() {
        return None;
    }
    let lanes: HashMap<Lane, u32> = usable.iter().map(|(sender, _)| (Lane::of(sender), sender.shared_rate(senders))).collect();
    let mut days: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut all_counted = true;
    for (sender, used) in usable {
        match (&sender.brand, sender.shared_day_cap(senders)) {
            (Some(brand), Some(cap)) => {
                days.insert(brand, (cap, used.unwrap_or(0)));
            }
            _ => all_counted = false,
        }
    }
    let sum = |values: &mut dyn Iterator<Item = u32>| values.fold(0, u32::saturating_add);
    Some(Flow {
        parts_per_minute: sum(&mut lanes.into_values()),
        parts_per_day_max: all_counted.then(|| sum(&mut days.values().map(|(cap, _)| *cap))),
        used_today: sum(&mut days.values().map(|(_, used)| *used)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wellsent_domain::practice::{Registration, SenderKind};
    use wellsent_domain::{PracticeId, SenderId};

    fn sender(n: u8, campaign: Option<&str>, brand: Option<&str>, cap: Option<u32>) -> Sender {
        Sender {
            id: SenderId::from_bytes([n; 16]),
            practice: PracticeId::from_bytes([9; 16]),
            carrier: "one".into(),
            address: format!("+1212555010{n}"),
            kind: SenderKind::LongCode,
            registration: Registration::Approved,
            campaign: campaign.map(Into::into),
            brand: brand.map(Into::into),
            parts_per_minute: 60,
            parts_per_day_max: cap,
            rank: n.into(),
        }
    }

    #[test]
    fn senders_of_one_campaign_are_one_rate_and_of_one_brand_one_day() {
        let two = [sender(1, Some("C"), Some("B"), Some(2_000)), sender(2, Some("C"), Some("B"), Some(2_000))];
        let usable: Vec<_> = two.iter().map(|sender| (sender, Some(300))).collect();
        assert_eq!(flow(&usable, &two), Some(Flow { parts_per_minute: 60, parts_per_day_max: Some(2_000), used_today: 300 }));
        let apart = [sender(1, None, None, None), sender(2, None, Some("B"), Some(2_000))];
        let usable: Vec<_> = apart.iter().map(|sender| (sender, None)).collect();
        assert_eq!(flow(&usable, &apart), Some(Flow { parts_per_minute: 120, parts_per_day_max: None, used_today: 0 }));
        assert_eq!(flow(&[], &apart), None);
    }
}
