//! Senders: their registration, what of their limits is used up, and what waits for them (C-08 to C-10).

use super::{Books, at_moment, number, whole};
use crate::console::present::words::{capital, thousands};
use crate::console::view::{Gauge, Queue, RegistrationState, SenderForm, SenderRow, Share};
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::practice::{Registration, Sender, SenderKind};
use wellsent_domain::{PhoneNumber, SenderId};
use wellsent_engine::CarrierState;

/// The number as people read it, or the name of a service as it is.
pub(crate) fn sender_address(address: &str) -> String {
    PhoneNumber::parse(address).map_or_else(|_| address.to_owned(), |number| number.national())
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

fn registration(registration: Registration) -> RegistrationState {
    RegistrationState::parse(registration.as_str()).unwrap_or(RegistrationState::Unregistered)
}

impl Books<'_> {
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
            calls_at: match sender.kind {
                // Everything comes over the line, or from inside the program.
                SenderKind::Smpp | SenderKind::Simulated => String::new(),
                _ => format!("{}/hooks/{}/{}", self.public_url.trim_end_matches('/'), sender.carrier, sender.id),
            },
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
