//! Carrier accounts, agreements and senders as pages tell of them.

use super::calendar::Calendar;
use super::words::{capital, category, count, join, thousands};
use crate::console::view::{
    Account, AccountState, AgreementRow, AgreementState, Alarm, ApplicationRow, Bar, Chart, Feature, Figure, Gauge, Queue,
    RegistrationState, SenderForm, SenderRow, Share, When,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::time::Duration;
use wellsent_carrier::Idempotency;
use wellsent_domain::message::Purpose;
use wellsent_domain::practice::{Agreement, EndStage, Registration, Sender, SenderKind, Service};
use wellsent_domain::{PhoneNumber, SenderId};
use wellsent_engine::{CarrierHealth, CarrierState, OPENS_AFTER};
use wellsent_store::agreements::StoredAgreement;
use wellsent_store::erasures;
use wellsent_store::views::carriers::{CarriersView, Outcomes, SenderLine};
use wellsent_store::views::traffic::{ApplicationLine, Traffic};

/// The days of the longer chart.
pub(crate) const DAYS: i32 = 7;
const HOURS: i64 = 24;
/// The digits of a file's SHA-256 that are shown.
const DIGEST_DIGITS: usize = 12;

/// Everything that the page is made from.
pub(crate) struct Books<'a> {
    /// Agreements, senders, unclear texts.
    pub view: &'a CarriersView,
    /// How texts went.
    pub traffic: &'a Traffic,
    /// The accounts of this server that the practice may see.
    pub health: &'a [CarrierHealth],
    /// The moment.
    pub calendar: &'a Calendar,
    /// When the day of brands begins anew.
    pub brand_day_ends: Timestamp,
}

/// The first moment of which the charts tell.
pub(crate) fn charts_begin(calendar: &Calendar) -> Timestamp {
    let first = calendar.today().checked_sub((DAYS - 1).days()).unwrap_or(calendar.today());
    let day_ago = calendar.now().checked_sub(SignedDuration::from_hours(HOURS)).unwrap_or(calendar.now());
    calendar.day_span(first).0.min(day_ago)
}

/// The number as people read it, or the name of a service as it is.
pub(crate) fn sender_address(address: &str) -> String {
    PhoneNumber::parse(address).map_or_else(|_| address.to_owned(), |number| number.national())
}

/// `at 2:15 PM`, `tomorrow at 2:15 PM`.
pub(crate) fn at_moment(calendar: &Calendar, at: Timestamp) -> When {
    let When { iso, text } = calendar.when(at);
    let text = if text.starts_with(|first: char| first.is_ascii_digit()) { format!("at {text}") } else { text };
    When { iso, text }
}

const fn kind(kind: SenderKind) -> &'static str {
    match kind {
        SenderKind::LongCode => "Ten-digit number",
        SenderKind::TollFree => "Toll-free number",
        SenderKind::ShortCode => "Short code",
        SenderKind::MessagingService => "Service",
        SenderKind::Smpp => "SMPP address",
        SenderKind::Simulated => "Simulated number",
    }
}

/// A service in words.
pub(crate) const fn service(service: Service) -> &'static str {
    match service {
        Service::Sms => "Texts",
        Service::Lookup => "Looking numbers up",
        Service::Verify => "Codes that the carrier makes and checks",
    }
}

fn registration(registration: Registration) -> RegistrationState {
    RegistrationState::parse(registration.as_str()).unwrap_or(RegistrationState::Unregistered)
}

impl Books<'_> {
    /// The names of the accounts that the page tells of.
    pub fn names(&self) -> BTreeSet<&str> {
        let of_senders = self.view.senders.iter().map(|line| line.sender.carrier.as_str());
        let of_agreements = self.view.agreements.iter().map(|stored| stored.carrier.as_str());
        self.health.iter().map(|health| health.name.as_str()).chain(of_senders).chain(of_agreements).collect()
    }

    /// An account of this server.
    pub fn health_of(&self, name: &str) -> Option<&CarrierHealth> {
        self.health.iter().find(|health| health.name == name)
    }

    /// All senders.
    pub fn senders(&self) -> Vec<Sender> {
        self.view.senders.iter().map(|line| line.sender.clone()).collect()
    }

    fn of_account(&self, name: &str) -> Vec<&SenderLine> {
        self.view.senders.iter().filter(|line| line.sender.carrier == name).collect()
    }

    /// Why nothing goes through an account, as far as its agreements are concerned (H-19, TW-01).
    pub fn gap(&self, name: &str) -> Option<String> {
        let known: Vec<Agreement> =
            self.view.agreements.iter().filter(|stored| stored.carrier == name).map(|stored| stored.agreement.clone()).collect();
        let account = self.health_of(name).and_then(|health| health.account.as_deref());
        let (now, zone) = (self.calendar.now(), self.calendar.zone());
        let day = |day: Date| self.calendar.on_day(self.calendar.day_span(day).0).text;
        let why = match Agreement::that_counts(&known, account, now, zone) {
            None => "no agreement with it is recorded".to_owned(),
            Some(one) if one.in_force(now, zone) => match (account, one.account.as_deref()) {
                _ if one.covers(Service::Sms, account) => return None,
                _ if !one.services.covers(Service::Sms) => "its agreement does not cover texts".to_owned(),
                (Some(account), Some(named)) => format!("its agreement names the account {named}, and texts would go over {account}"),
                (Some(account), None) => format!("its agreement names no account, and texts would go over {account}"),
                (None, _) => "its agreement names an account, and this carrier has none".to_owned(),
            },
            Some(one) => match (one.ended_at, one.until) {
                (Some(at), _) if at <= now => format!("its agreement was ended on {}", self.calendar.on_day(at).text),
                (_, Some(until)) if until < self.calendar.today() => format!("its agreement ended on {}", day(until)),
                _ => format!("its agreement begins on {}", day(one.from)),
            },
        };
        Some(format!("Nothing goes through {name}: {why}."))
    }

    /// What keeps texts from going and what waits for a person, the worst first.
    pub fn alarms(&self, applications: &[ApplicationLine]) -> Vec<Alarm> {
        let alarm = |is_bad, text: String, href, link| Alarm { is_bad, text, href, link };
        let mut alarms = Vec::new();
        let used: BTreeSet<_> = self.view.senders.iter().map(|line| line.sender.carrier.as_str()).collect();
        for name in &used {
            alarms.extend(self.gap(name).map(|text| alarm(true, text, "#record-agreement", "Record an agreement")));
            match self.health_of(name) {
                None => alarms.push(alarm(true, format!("Nothing goes through {name}: it is not in the settings of this server."), "", "")),
                Some(health) if health.refused => {
                    alarms.push(alarm(
                        true,
                        format!("{name} refuses the account. Nothing goes through it until that is mended."),
                        "#accounts",
                        "See what to do",
                    ));
                }
                Some(_) => {}
            }
        }
        let senders = &self.view.senders;
        if !senders.is_empty() && senders.iter().all(|line| line.sender.registration != Registration::Approved) {
            alarms.push(alarm(true, "No sender is approved by the carriers, so every text waits.".to_owned(), "#senders", "Senders"));
        }
        let (now, zone) = (self.calendar.now(), self.calendar.zone());
        for one in &self.view.agreements {
            let others: Vec<_> = self.view.agreements.iter().filter(|other| other.carrier == one.carrier && other.id != one.id).collect();
            let others: Vec<Agreement> = others.into_iter().map(|other| other.agreement.clone()).collect();
            let ends_soon = one.agreement.in_force(now, zone) && one.agreement.end_stage(now, zone) == EndStage::Soon;
            if ends_soon && used.contains(one.carrier.as_str()) && !one.agreement.is_followed(&others, now, zone) {
                let text = format!("The agreement for {} {}, and no other follows it.", one.carrier, self.ends(one));
                alarms.push(alarm(false, text, "#record-agreement", "Record the next one"));
            }
        }
        match self.view.unclear.iter().filter(|line| line.given_up).count() {
            0 => {}
            1 => alarms.push(alarm(false, "Of one text nobody knows whether it went.".to_owned(), "#unclear", "Settle it")),
            some => alarms.push(alarm(false, format!("Of {some} texts nobody knows whether they went."), "#unclear", "Settle them")),
        }
        if self.view.erasures.given_up > 0 {
            let text = format!("Carriers would not forget {} that they carried. Ask their support.", texts(self.view.erasures.given_up));
            alarms.push(alarm(false, text, "", ""));
        }
        if applications.iter().any(|line| line.given_up > 0) {
            alarms.push(alarm(false, "An application does not take its callbacks.".to_owned(), "#applications", "Applications"));
        }
        alarms.sort_by_key(|alarm| !alarm.is_bad);
        alarms
    }

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
        if traits.simulated {
            features.push(Feature { has: false, text: "No real phone is behind it".to_owned() });
        }
        features
    }

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
    fn ends(&self, stored: &StoredAgreement) -> String {
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

    /// The senders over which a text could go now, each with the parts of its brand's day that are used up.
    pub fn usable(&self) -> Vec<(&Sender, Option<u32>)> {
        let is_up = |name: &str| {
            let health = self.health_of(name);
            health.is_some_and(|health| !health.refused && matches!(health.state, CarrierState::Up)) && self.gap(name).is_none()
        };
        let usable = self.view.senders.iter().filter(|line| line.sender.registration == Registration::Approved);
        usable.filter(|line| is_up(&line.sender.carrier)).map(|line| (&line.sender, self.used_today(&line.sender))).collect()
    }

    fn used_today(&self, sender: &Sender) -> Option<u32> {
        let of_brand = self.view.senders.iter().filter(|line| sender.brand.is_some() && line.sender.brand == sender.brand);
        of_brand.filter_map(|line| line.used_today).max()
    }

    /// Texts that wait for nothing but throughput.
    pub fn ready(&self) -> u64 {
        whole(self.view.waiting - self.traffic.held)
    }

    /// What waits to go. `ends` is about when the last of [`Books::ready`] will have gone.
    pub fn queue(&self, ends: Option<Timestamp>) -> Queue {
        let (waiting, ready) = (whole(self.view.waiting), self.ready());
        let mut text = match waiting {
            0 => "Nothing waits: every text that was due has gone.".to_owned(),
            1 => "One text is due and has not gone.".to_owned(),
            some => format!("{} texts are due and have not gone.", thousands(some)),
        };
        if let Some(since) = self.view.waiting_since.filter(|_| waiting > 0) {
            text = format!("{} since {}.", text.trim_end_matches('.'), self.calendar.words(since));
        }
        if self.traffic.held > 0 {
            let held = if ready == 0 { "They are".to_owned() } else { format!("{} of them are", number(self.traffic.held)) };
            text.push_str(&format!(" {held} held until a later time: quiet hours, limits, or the carriers' own day."));
        }
        if ready > 0 {
            let which = if self.traffic.held > 0 { "The others" } else { "All" };
            text.push_str(&match ends {
                None => " No sender can be used at this moment, so they wait.".to_owned(),
                Some(at) if at.duration_since(self.calendar.now()) < SignedDuration::from_mins(1) => {
                    format!(" {which} will have gone within a minute.")
                }
                Some(at) => format!(" {which} will have gone about {}, at one part each.", self.calendar.words(at)),
            });
        }
        Queue { waiting, text }
    }

    /// The senders.
    pub fn sender_rows(&self) -> Vec<SenderRow> {
        let all = self.senders();
        self.view.senders.iter().map(|line| self.sender(&line.sender, &all)).collect()
    }

    fn sender(&self, sender: &Sender, all: &[Sender]) -> SenderRow {
        let shares = |other: &&Sender| sender.campaign.is_some() && other.campaign == sender.campaign && other.carrier == sender.carrier;
        let lane: Vec<SenderId> = all.iter().filter(|other| other.id == sender.id || shares(other)).map(|other| other.id).collect();
        let used: i64 = self.traffic.minute.iter().filter(|(id, _)| lane.contains(id)).map(|(_, parts)| *parts).sum();
        let (used, rate) = (whole(used), u64::from(sender.shared_rate(all)));
        let minute = Gauge {
            used: thousands(used),
            of: format!("of {} part{} in the last minute", thousands(rate), if rate == 1 { "" } else { "s" }),
            note: match lane.len() {
                1 => String::new(),
                2 => "shared with another sender of its campaign".to_owned(),
                some => format!("shared with {} other senders of its campaign", some - 1),
            },
            share: Share::of(used.min(rate), rate),
            tone: if used * 10 >= rate * 9 { "warn" } else { "info" },
        };
        let under: Vec<String> = [("campaign", &sender.campaign), ("brand", &sender.brand)]
            .into_iter()
            .filter_map(|(what, name)| name.as_ref().map(|name| format!("{what} {name}")))
            .collect();
        SenderRow {
            id: sender.id.to_string(),
            address: sender_address(&sender.address),
            what: format!("{} at {}", kind(sender.kind), sender.carrier),
            under: capital(&under.join(", ")),
            registration: registration(sender.registration),
            registration_note: match sender.registration {
                Registration::Approved => "",
                Registration::Pending => "Nothing leaves from it until the carriers approve it",
                Registration::Unregistered => "Nothing leaves from it: have it registered",
            },
            rank: sender.rank.to_string(),
            minute,
            day: sender.shared_day_cap(all).map(|cap| self.brand_day(u64::from(self.used_today(sender).unwrap_or(0)), cap.into())),
            form: SenderForm {
                registration: sender.registration.as_str().to_owned(),
                campaign: sender.campaign.clone().unwrap_or_default(),
                brand: sender.brand.clone().unwrap_or_default(),
                per_minute: sender.parts_per_minute.to_string(),
                per_day: sender.parts_per_day_max.map(|parts| parts.to_string()).unwrap_or_default(),
                rank: sender.rank.to_string(),
                ..SenderForm::default()
            },
        }
    }

    fn brand_day(&self, used: u64, cap: u64) -> Gauge {
        let anew = at_moment(self.calendar, self.brand_day_ends).text;
        let (tone, note) = match used {
            _ if used >= cap => ("bad", format!("used up: the next texts go {anew} (midnight Pacific)")),
            _ if used * 10 >= cap * 9 => ("warn", format!("begins anew {anew} (midnight Pacific)")),
            _ => ("info", format!("begins anew {anew} (midnight Pacific)")),
        };
        Gauge {
            used: thousands(used),
            of: format!("of {} parts of its brand today", thousands(cap)),
            note,
            share: Share::of(used.min(cap), cap),
            tone,
        }
    }
}

fn chart(unit: &'static str, bars: Vec<Bar>, marks: Vec<String>) -> Chart {
    let most = bars.iter().map(|bar| bar.taken + bar.refused + bar.unclear).max().unwrap_or(0);
    Chart { unit, bars, marks, most: thousands(most) }
}

/// An application, as a row.
pub(crate) fn application(line: &ApplicationLine, calendar: &Calendar) -> ApplicationRow {
    let one = &line.application;
    let last_four = |name: &String| {
        format!(
            "{}…{}",
            name.chars().take(2).collect::<String>(),
            name.chars().skip(name.chars().count().saturating_sub(4)).collect::<String>()
        )
    };
    let keys: Vec<String> = line.keys.iter().map(last_four).collect();
    let calls = match (line.waiting, line.given_up) {
        (0, 0) => String::new(),
        (waiting, 0) => format!("{} to come", callbacks(waiting)),
        (0, given_up) => format!("{} given up in 7 days", callbacks(given_up)),
        (waiting, given_up) => format!("{} to come, {} given up in 7 days", callbacks(waiting), number(given_up)),
    };
    ApplicationRow {
        id: one.id.to_string(),
        name: one.name.clone(),
        account: one.account_sid.clone(),
        disabled: one.disabled_at.map(|at| calendar.when(at)),
        what: format!("{}, for {}", category(one.category), purpose(one.purpose)),
        keys: if keys.is_empty() {
            "No API key".to_owned()
        } else {
            format!("Key{} {}", if keys.len() == 1 { "" } else { "s" }, join(&keys))
        },
        hosts: if one.hosts.is_empty() { "is called nowhere".to_owned() } else { format!("called at {}", join(&one.hosts)) },
        texts: format!("{} sent, {} received", number(line.sent), number(line.received)),
        calls,
        fails: line.given_up > 0,
    }
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treatment => "treatment",
        Purpose::Payment => "payment",
        Purpose::Operations => "operations",
        Purpose::Marketing => "marketing",
        Purpose::AccessRequest => "a request for access",
    }
}

/// At which point sight of a text was lost.
pub(crate) fn lost(cause: Option<&str>) -> &'static str {
    match cause {
        Some("deadline") => "No answer came in time.",
        Some("line_lost") => "The line broke before the answer.",
        Some("server_error") => "The carrier answered with an error of its own.",
        Some("unreadable") => "The carrier's answer could not be understood.",
        Some("overdue") => "This server stopped in between.",
        _ => "",
    }
}

fn whole(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn number(count: i64) -> String {
    thousands(whole(count))
}

fn texts(some: i64) -> String {
    if count(some) == 1 { "one text".to_owned() } else { format!("{} texts", number(some)) }
}

fn callbacks(some: i64) -> String {
    if some == 1 { "one callback".to_owned() } else { format!("{} callbacks", number(some)) }
}

fn days(some: i64) -> String {
    if some == 1 { "1 day".to_owned() } else { format!("{} days", number(some)) }
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
