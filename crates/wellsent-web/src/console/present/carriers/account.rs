//! Carrier accounts: how they are doing, what went over them, and what they can do.

use super::{Books, at_moment, number, whole};
use crate::console::present::Calendar;
use crate::console::present::words::{capital, thousands};
use crate::console::view::{Account, AccountState, Bar, Chart, Feature, Figure};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::time::Duration;
use wellsent_carrier::Idempotency;
use wellsent_domain::SenderId;
use wellsent_engine::{CarrierHealth, CarrierState, OPENS_AFTER};
use wellsent_store::erasures;
use wellsent_store::views::carriers::{Outcomes, SenderLine};

/// The days of the longer chart.
const DAYS: i32 = 7;
/// The hours of the shorter one.
const HOURS: i64 = 24;

/// The first moment of which the charts tell.
pub(crate) fn charts_begin(calendar: &Calendar) -> Timestamp {
    let first = calendar.today().checked_sub((DAYS - 1).days()).unwrap_or(calendar.today());
    let day_ago = calendar.now().checked_sub(SignedDuration::from_hours(HOURS)).unwrap_or(calendar.now());
    calendar.day_span(first).0.min(day_ago)
}

impl Books<'_> {
    /// The accounts.
    pub fn accounts(&self) -> Vec<Account> {
        self.names().into_iter().enumerate().map(|(place, name)| self.account(place + 1, name)).collect()
    }

    fn account(&self, place: usize, name: &str) -> Account {
        let (lines, health) = (self.of_account(name), self.health_of(name));
        let ids: Vec<SenderId> = lines.iter().map(|line| line.sender.id).collect();
        let last = self.traffic.hours.iter().filter(|hour| ids.contains(&hour.sender)).filter_map(|hour| hour.last_taken).max();
        let state = match health.map(|health| (health.state, health.refused)) {
            None => AccountState::NotSetUp,
            Some((_, true)) => AccountState::Refused,
            Some((CarrierState::Up, _)) => AccountState::Works,
            Some((CarrierState::Trying, _)) => AccountState::Trying,
            Some((CarrierState::DownUntil(_), _)) => AccountState::Resting,
        };
        Account {
            place,
            name: name.to_owned(),
            what: match health {
                None => "Senders or agreements name it".to_owned(),
                Some(health) => match &health.account {
                    Some(account) => format!("{}, account {account}", health.kind),
                    None if health.traits.simulated => format!("{}: no real phone is behind it", health.kind),
                    None => health.kind.to_owned(),
                },
            },
            state,
            health: self.health_words(health, lines.is_empty(), last.is_some()),
            last: last.map(|at| at_moment(self.calendar, at)),
            figures: self.figures(&lines, &ids),
            days: self.days(&ids),
            hours: self.hours(&ids),
            features: health.map(|health| self.features(health, &lines, &ids)).unwrap_or_default(),
        }
    }

    fn health_words(&self, health: Option<&CarrierHealth>, has_no_sender: bool, went: bool) -> String {
        let Some(health) = health else {
            return "Nothing goes over it. Put the account back into wellsent.toml, or give its senders to another.".to_owned();
        };
        let again = match health.state {
            CarrierState::DownUntil(until) => format!("One text tries again {}.", at_moment(self.calendar, until).text),
            CarrierState::Trying => "One text is trying now.".to_owned(),
            CarrierState::Up => String::new(),
        };
        if health.refused {
            let todo = "Its password or key is wrong, or the carrier suspended the account. Look into the carrier's console, put the right credentials into the settings, and start the server again.";
            return format!("The carrier refuses the account, so nothing is handed over. {todo} {again}").trim().to_owned();
        }
        match health.state {
            CarrierState::Up if has_no_sender => "It is ready, and has no sender yet.".to_owned(),
            CarrierState::Up if went => "Texts go.".to_owned(),
            CarrierState::Up => "It is ready. Nothing has gone over it in seven days.".to_owned(),
            CarrierState::Trying => "It did not answer, and one text is trying whether it does again.".to_owned(),
            CarrierState::DownUntil(until) => format!(
                "Resting until {} after {OPENS_AFTER} failures in a row; then one text tries. Nothing is lost meanwhile: texts wait, or go over another sender.",
                self.calendar.words(until)
            ),
        }
    }

    fn figures(&self, lines: &[&SenderLine], ids: &[SenderId]) -> Vec<Figure> {
        let sum = |of: fn(&Outcomes) -> i64| lines.iter().map(|line| of(&line.counts)).sum::<i64>();
        let (taken, refused, unclear) = (sum(|counts| counts.accepted), sum(|counts| counts.rejected), sum(|counts| counts.unclear));
        let in_vain = sum(|counts| counts.not_submitted);
        let figure = |label, value: i64, tone| Figure { label, value: number(value), tone };
        let mut figures = vec![
            figure("Taken, 24 h", taken, ""),
            figure("Refused, 24 h", refused, if refused > 0 && refused * 20 >= taken { "bad" } else { "" }),
            figure("Unclear, 24 h", unclear, if unclear > 0 { "warn" } else { "" }),
        ];
        let mut spans: Vec<_> = self.traffic.deliveries.iter().filter(|(sender, _)| ids.contains(sender)).map(|(_, span)| *span).collect();
        spans.sort_unstable();
        if let Some(median) = spans.get(spans.len() / 2) {
            figures.push(Figure { label: "Half arrive in", value: short_span(*median), tone: "" });
        }
        if in_vain > 0 {
            figures.push(figure("Tries in vain, 24 h", in_vain, "warn"));
        }
        figures
    }

    fn days(&self, ids: &[SenderId]) -> Chart {
        let today = self.calendar.today();
        let days: Vec<Date> = (0..DAYS).rev().map(|ago| today.checked_sub(ago.days()).unwrap_or(today)).collect();
        let bar = |day: &Date| self.bar(ids, day.strftime("%a, %b %-d").to_string(), |hour| self.calendar.date_of(hour) == *day);
        let marks = days.iter().map(|day| day.strftime("%a").to_string()).collect();
        chart("Day", days.iter().map(bar).collect(), marks)
    }

    fn hours(&self, ids: &[SenderId]) -> Chart {
        let this = self.calendar.now().as_second().div_euclid(3600);
        let hours: Vec<Timestamp> = (0..HOURS).rev().filter_map(|ago| Timestamp::from_second((this - ago) * 3600).ok()).collect();
        let mark = |at: &Timestamp| self.calendar.zone().to_datetime(*at).strftime("%-I %p").to_string();
        let bars = hours.iter().map(|hour| self.bar(ids, self.calendar.words(*hour), |at| at == *hour)).collect();
        chart("Hour", bars, hours.iter().step_by(6).map(mark).collect())
    }

    fn bar(&self, ids: &[SenderId], label: String, is_in: impl Fn(Timestamp) -> bool) -> Bar {
        let mut bar = Bar { label: capital(&label), taken: 0, refused: 0, unclear: 0 };
        for line in self.traffic.hours.iter().filter(|line| ids.contains(&line.sender) && is_in(line.hour)) {
            bar.taken += whole(line.counts.accepted);
            bar.refused += whole(line.counts.rejected);
            bar.unclear += whole(line.counts.unclear);
        }
        bar
    }

    fn features(&self, health: &CarrierHealth, lines: &[&SenderLine], ids: &[SenderId]) -> Vec<Feature> {
        let of_senders =
            |counts: &[(SenderId, i64)]| counts.iter().filter(|(id, _)| ids.contains(id)).map(|(_, count)| *count).sum::<i64>();
        let feature = |has, yes: String, no: &str| Feature { has, text: if has { yes } else { no.to_owned() } };
        let traits = &health.traits;
        let fetched = of_senders(&self.traffic.fetched);
        let until = lines.iter().filter_map(|line| line.received_until).min().map(|at| format!("; read up to {}", self.calendar.words(at)));
        let mut gone = erasures::Counts::default();
        for (_, counts) in self.traffic.erasures.iter().filter(|(id, _)| ids.contains(id)) {
            gone.waiting += counts.waiting;
            gone.forgotten += counts.forgotten;
            gone.given_up += counts.given_up;
        }
        let log = match (health.keeps_log, traits.log_shows_token) {
            (false, _) => "Keeps no log that can be asked: unclear texts are yours to settle",
            (true, true) => "Its log names each try, so unclear texts are found for certain",
            (true, false) => "Its log is searched for unclear texts by number, words and time",
        };
        let mut features = vec![
            feature(traits.reports_delivery, "Reports delivery to the phone".to_owned(), "Does not report delivery to the phone"),
            Feature { has: health.keeps_log, text: log.to_owned() },
            feature(
                traits.keeps_received,
                format!("Missed texts are fetched from its log: {} in seven days{}", number(fetched), until.unwrap_or_default()),
                "Texts whose callbacks are lost cannot be fetched",
            ),
            feature(
                traits.forgets,
                format!(
                    "Forgets texts when asked: {} waiting, {} done, {} refused",
                    number(gone.waiting),
                    number(gone.forgotten),
                    number(gone.given_up)
                ),
                "Cannot be asked to forget texts",
            ),
            feature(traits.answers_stop, "Answers STOP itself, so we stay silent".to_owned(), "Leaves the answer to STOP to us"),
        ];
        if let Idempotency::Key { ttl } = traits.idempotency {
            features.push(Feature { has: true, text: format!("Recognises a text that it gets twice within {}", span(ttl)) });
        }
        features
    }
}

fn chart(unit: &'static str, bars: Vec<Bar>, marks: Vec<String>) -> Chart {
    let most = bars.iter().map(|bar| bar.taken + bar.refused + bar.unclear).max().unwrap_or(0);
    Chart { unit, bars, marks, most: thousands(most) }
}

/// `4.2 s`, `3 min`.
fn short_span(span: SignedDuration) -> String {
    match span.as_millis() {
        ..1_000 => "under 1 s".to_owned(),
        1_000..10_000 => format!("{:.1} s", span.as_secs_f64()),
        10_000..120_000 => format!("{} s", span.as_secs()),
        _ => format!("{} min", thousands(whole(span.as_mins()))),
    }
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ ..120 => format!("{seconds} seconds"),
        seconds @ ..7_200 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    }
}
