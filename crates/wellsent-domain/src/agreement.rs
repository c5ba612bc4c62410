//! Agreements (BAA) with carriers: what is covered, on which account, until when (H-19, TW-01, TW-02).

use crate::words::words;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

words! {
    /// A service of a carrier that an agreement can cover. The list is closed: what is not on it cannot be switched on (TW-02).
    pub enum Service {
        /// Texts.
        Sms = "sms",
        /// Looking numbers up.
        Lookup = "lookup",
        /// Codes that the carrier makes and checks.
        Verify = "verify",
    }
}

/// Which services an agreement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Services(u8);

impl Services {
    /// Texts alone.
    pub const SMS: Self = Self(1);

    /// These services.
    pub fn of(services: &[Service]) -> Self {
        Self(services.iter().fold(0, |bits, service| bits | Self::bit(*service)))
    }

    /// Whether it covers a service.
    pub const fn covers(self, service: Service) -> bool {
        self.0 & Self::bit(service) != 0
    }

    /// The services, in their own order.
    pub fn iter(self) -> impl Iterator<Item = Service> {
        Service::ALL.iter().copied().filter(move |service| self.covers(*service))
    }

    /// The services as words, `sms,lookup`.
    pub fn to_words(self) -> String {
        self.iter().map(Service::as_str).collect::<Vec<_>>().join(",")
    }

    /// Reads the words of [`Services::to_words`]; `None` where a word is no service.
    pub fn parse(words: &str) -> Option<Self> {
        let services = words.split(',').filter(|word| !word.is_empty()).map(Service::parse).collect::<Option<Vec<_>>>()?;
        Some(Self::of(&services))
    }

    const fn bit(service: Service) -> u8 {
        1 << service as u8
    }
}

/// A signed agreement with a carrier (H-19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// First day in force.
    pub from: Date,
    /// Last day in force, if it ends.
    pub until: Option<Date>,
    /// When somebody ended it here, whatever its days say.
    pub ended_at: Option<Timestamp>,
    /// What it covers.
    pub services: Services,
    /// The account at the carrier that was marked for it (TW-01); `None` for a carrier without accounts.
    pub account: Option<String>,
}

/// How near the end of an agreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndStage {
    /// It goes on for more than [`ENDS_SOON_DAYS`] days, or has no end.
    Far,
    /// It ends soon.
    Soon,
    /// It is over.
    Over,
}

/// So many days before an agreement ends staff is told.
pub const ENDS_SOON_DAYS: i64 = 30;

impl Agreement {
    /// One that covers texts, on a carrier without accounts.
    pub const fn for_texts(from: Date, until: Option<Date>) -> Self {
        Self { from, until, ended_at: None, services: Services::SMS, account: None }
    }

    /// The same, for an account at the carrier.
    pub fn on_account(self, account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..self }
    }

    /// Whether it is in force at `now`, by the practice's calendar. It ends with the last instant of its last day.
    pub fn in_force(&self, now: Timestamp, zone: &TimeZone) -> bool {
        let today = zone.to_datetime(now).date();
        self.from <= today && self.until.is_none_or(|until| today <= until) && self.ended_at.is_none_or(|at| now < at)
    }

    /// Whether it covers a service on exactly this account. An agreement that names an account says nothing about another, and one that names
    /// none says nothing about any (TW-01).
    pub fn covers(&self, service: Service, account: Option<&str>) -> bool {
        self.services.covers(service) && self.account.as_deref() == account
    }

    /// How near its end is.
    pub fn end_stage(&self, now: Timestamp, zone: &TimeZone) -> EndStage {
        let today = zone.to_datetime(now).date();
        if self.ended_at.is_some_and(|at| at <= now) || self.until.is_some_and(|until| until < today) {
            return EndStage::Over;
        }
        let soon = today.checked_add(ENDS_SOON_DAYS.days()).unwrap_or(Date::MAX);
        if self.until.is_some_and(|until| until <= soon) { EndStage::Soon } else { EndStage::Far }
    }

    /// The one of several with a carrier by which a text has to be judged: one in force that covers texts on this account, or else one in force,
    /// or else the first. They come newest first.
    pub fn that_counts<'a>(known: &'a [Self], account: Option<&str>, now: Timestamp, zone: &TimeZone) -> Option<&'a Self> {
        let in_force = || known.iter().filter(|agreement| agreement.in_force(now, zone));
        in_force().find(|agreement| agreement.covers(Service::Sms, account)).or_else(|| in_force().next()).or(known.first())
    }

    /// Whether another of these agreements will still cover the same account when this one is over.
    pub fn is_followed(&self, known: &[Self], now: Timestamp, zone: &TimeZone) -> bool {
        let after = match self.until {
            Some(until) if self.ended_at.is_none() => until.tomorrow().unwrap_or(Date::MAX),
            _ => zone.to_datetime(now).date(),
        };
        let noon = zone.to_timestamp(after.at(12, 0, 0, 0)).unwrap_or(now);
        let judged_at = noon.max(now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now));
        known.iter().any(|other| other.account == self.account && other.services.covers(Service::Sms) && other.in_force(judged_at, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn zone() -> TimeZone {
        TimeZone::fixed(jiff::tz::offset(-5))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn an_agreement_speaks_of_its_own_account_only() {
        let plain = Agreement::for_texts(date(2026, 1, 1), None);
        let named = plain.clone().on_account("AC1");
        assert!(plain.covers(Service::Sms, None) && named.covers(Service::Sms, Some("AC1")));
        assert!(!plain.covers(Service::Sms, Some("AC1")) && !named.covers(Service::Sms, None) && !named.covers(Service::Sms, Some("AC2")));
        assert!(!named.covers(Service::Lookup, Some("AC1")));
    }

    #[test]
    fn services_read_back_and_an_unknown_one_is_refused() {
        for all in [&[][..], &[Service::Sms], &[Service::Verify, Service::Sms], Service::ALL] {
            let services = Services::of(all);
            assert_eq!(Services::parse(&services.to_words()), Some(services));
        }
        assert_eq!(Services::parse("sms,whatsapp"), None);
    }

    #[test]
    fn it_is_near_its_end_for_thirty_days_and_over_after_its_last() {
        let agreement = Agreement::for_texts(date(2026, 1, 1), Some(date(2026, 11, 30)));
        let stage = |now| agreement.end_stage(at(now), &zone());
        assert_eq!(stage("2026-10-30T17:00:00Z"), EndStage::Far);
        assert_eq!(stage("2026-10-31T17:00:00Z"), EndStage::Soon);
        assert_eq!(stage("2026-12-01T04:59:59Z"), EndStage::Soon);
        assert_eq!(stage("2026-12-01T05:00:00Z"), EndStage::Over);
        assert_eq!(Agreement::for_texts(date(2026, 1, 1), None).end_stage(at("2036-01-01T00:00:00Z"), &zone()), EndStage::Far);
    }

    #[test]
    fn one_that_was_ended_by_hand_is_over_at_that_instant() {
        let ended = Agreement { ended_at: Some(at("2026-06-01T12:00:00Z")), ..Agreement::for_texts(date(2026, 1, 1), None) };
        assert!(ended.in_force(at("2026-06-01T11:59:59Z"), &zone()));
        assert!(!ended.in_force(at("2026-06-01T12:00:00Z"), &zone()));
        assert_eq!(ended.end_stage(at("2026-06-01T12:00:00Z"), &zone()), EndStage::Over);
    }

    #[test]
    fn of_several_the_one_that_covers_the_account_counts() {
        let newest = Agreement::for_texts(date(2026, 6, 1), None).on_account("AC2");
        let older = Agreement::for_texts(date(2026, 1, 1), None).on_account("AC1");
        let known = [newest.clone(), older.clone()];
        let now = at("2026-07-01T12:00:00Z");
        assert_eq!(Agreement::that_counts(&known, Some("AC1"), now, &zone()), Some(&older));
        assert_eq!(Agreement::that_counts(&known, Some("AC3"), now, &zone()), Some(&newest));
        assert_eq!(Agreement::that_counts(&[], None, now, &zone()), None);
    }

    #[test]
    fn an_agreement_that_another_follows_is_no_reason_to_worry() {
        let ending = Agreement::for_texts(date(2026, 1, 1), Some(date(2026, 11, 30)));
        let next = Agreement::for_texts(date(2026, 12, 1), None);
        let late = Agreement::for_texts(date(2026, 12, 3), None);
        let now = at("2026-11-20T12:00:00Z");
        assert!(ending.is_followed(&[next.clone(), ending.clone()], now, &zone()));
        assert!(!ending.is_followed(&[late, ending.clone()], now, &zone()));
        assert!(!ending.is_followed(&[next.on_account("AC1"), ending.clone()], now, &zone()));
        assert!(!ending.is_followed(std::slice::from_ref(&ending), now, &zone()));
    }
}
