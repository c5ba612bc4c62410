//! The register of agreements (H-19).

use super::{Books, number};
use crate::console::present::words::{capital, join};
use crate::console::view::{AgreementRow, AgreementState};
use jiff::civil::Date;
use wellsent_domain::practice::{EndStage, Service};
use wellsent_store::agreements::StoredAgreement;

/// The digits of a file's SHA-256 that are shown.
const DIGEST_DIGITS: usize = 12;

/// A service in words.
pub(crate) const fn service(service: Service) -> &'static str {
    match service {
        Service::Sms => "Texts",
        Service::Lookup => "Looking numbers up",
        Service::Verify => "Codes that the carrier makes and checks",
    }
}

impl Books<'_> {
    /// The register of agreements.
    pub fn agreements(&self) -> Vec<AgreementRow> {
        self.view.agreements.iter().map(|stored| self.agreement(stored)).collect()
    }

    fn agreement(&self, stored: &StoredAgreement) -> AgreementRow {
        let (now, zone) = (self.calendar.now(), self.calendar.zone());
        let (one, day) = (&stored.agreement, |day: Date| self.calendar.on_day(self.calendar.day_span(day).0).text);
        let stage = one.end_stage(now, zone);
        let state = match stage {
            EndStage::Over => AgreementState::Over,
            _ if one.from > self.calendar.today() => AgreementState::Ahead,
            EndStage::Soon => AgreementState::EndsSoon,
            EndStage::Far => AgreementState::InForce,
        };
        let services: Vec<String> = one.services.iter().map(|known| service(known).to_owned()).collect();
        let digest: String = stored.file_digest.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        AgreementRow {
            id: stored.id.to_string(),
            party: stored.party.clone(),
            carrier: stored.carrier.clone(),
            account: one.account.clone().unwrap_or_default(),
            services: capital(&join(&services).to_lowercase()),
            days: match one.until {
                Some(until) => format!("{} to {}", day(one.from), day(until)),
                None => format!("Since {}, no end agreed", day(one.from)),
            },
            state,
            note: self.ends(stored),
            digest: digest.chars().take(DIGEST_DIGITS).collect(),
            digest_whole: digest,
            may_end: stage != EndStage::Over,
        }
    }

    /// `ends in 12 days`.
    pub(super) fn ends(&self, stored: &StoredAgreement) -> String {
        let (one, today) = (&stored.agreement, self.calendar.today());
        let until = |day: Date| i64::from((day - today).get_days());
        match (one.ended_at.filter(|at| *at <= self.calendar.now()), one.until) {
            (Some(at), _) => format!("ended by hand on {}", self.calendar.on_day(at).text),
            (None, Some(end)) if end < today => format!("ended {} ago", days(-until(end))),
            (None, _) if one.from > today => format!("begins in {}", days(until(one.from))),
            (None, Some(end)) if end == today => "ends today".to_owned(),
            (None, Some(end)) => format!("ends in {}", days(until(end))),
            (None, None) => String::new(),
        }
    }
}

fn days(some: i64) -> String {
    if some == 1 { "1 day".to_owned() } else { format!("{} days", number(some)) }
}
