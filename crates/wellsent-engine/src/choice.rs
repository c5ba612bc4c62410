//! Which sender a text leaves from: chosen at the claim, for each message.
//!
//! First comes the sender over which the number was last reached or to which it last wrote, so that a thread stays with one number; then the
//! practice's own order. One that cannot be used at the moment is passed over. Where none can, the gate rules with the first and says why.

use crate::Engine;
use crate::circuit::Admits;
use crate::throttle::Lane;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::OnceLock;
use wellsent_domain::gate::{BrandDay, SenderFacts};
use wellsent_domain::practice::{Agreement, Registration, Sender, Service};
use wellsent_domain::throughput::{BRAND_DAY_ZONE, brand_day, next_brand_day};
use wellsent_domain::{PracticeId, SenderId};
use wellsent_store::{StoreError, Tx, agreements, brand_days, senders};

/// A carrier that is not set up is looked for again after this long.
const NOT_SET_UP: SignedDuration = SignedDuration::from_mins(15);
/// A practice of which nothing can go is looked at again after this long at the latest.
const REST_MAX: SignedDuration = SignedDuration::from_secs(15);

/// The zone by whose midnight the carriers count.
pub(crate) fn pacific() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    // The zone is part of the program; without it days would end an hour off for half of the year.
    ZONE.get_or_init(|| TimeZone::get(BRAND_DAY_ZONE).unwrap_or_else(|_| TimeZone::fixed(offset(-8))))
}

/// The senders of a practice with what may go over each now. What is taken is counted here until the claim has committed.
pub(crate) struct Choice {
    senders: Vec<Candidate>,
    lanes: HashMap<Lane, LaneRoom>,
    brands: HashMap<String, Brand>,
    carriers: HashMap<String, CarrierNow>,
    now: Timestamp,
}

struct Candidate {
    sender: Sender,
    lane: Lane,
    agreement: Option<Agreement>,
    in_order: bool,
}

struct LaneRoom {
    rate: u32,
    room: u32,
    free_at: Timestamp,
    taken: u32,
}

struct Brand {
    day: Date,
    left: u32,
    next_at: Timestamp,
    taken: u32,
}

struct CarrierNow {
    account: Option<String>,
    makes_codes: bool,
    admits: Admits,
    trying: bool,
}

/// What a claim took, to be counted once it has committed.
#[derive(Default)]
pub(crate) struct Taken {
    /// Parts of each lane, with its rate.
    pub lanes: Vec<(Lane, u32, u32)>,
    /// Accounts over which a text tries whether they answer again.
    pub trying: Vec<String>,
    /// Until when nothing of the practice can go.
    pub rest_until: Option<Timestamp>,
}

impl Choice {
    /// Reads the senders and what may go over each. Parts of a brand's day are locked until the transaction ends.
    pub fn gather(engine: &Engine, tx: &mut Tx<'_, '_>, zone: &TimeZone, now: Timestamp) -> Result<Self, StoreError> {
        let listed = senders::list(tx)?;
        let recorded = agreements::list(tx)?;
        let mut choice = Self {
            senders: Vec::with_capacity(listed.len()),
            lanes: HashMap::new(),
            brands: HashMap::new(),
            carriers: HashMap::new(),
            now,
        };
        for sender in &listed {
            let carrier = choice.carriers.entry(sender.carrier.clone()).or_insert_with(|| engine.carrier_now(&sender.carrier, now));
            let of_carrier = recorded.iter().filter(|stored| stored.carrier == sender.carrier).map(|stored| stored.agreement.clone());
            let of_carrier: Vec<_> = of_carrier.collect();
            let agreement = Agreement::that_counts(&of_carrier, carrier.account.as_deref(), now, zone).cloned();
            let covered = agreement
                .as_ref()
                .is_some_and(|agreement| agreement.in_force(now, zone) && agreement.covers(Service::Sms, carrier.account.as_deref()));
            let set_up = engine.0.carriers.contains_key(&sender.carrier);
            let lane = Lane::of(sender);
            choice.lanes.entry(lane.clone()).or_insert_with(|| {
                let rate = sender.shared_rate(&listed);
                let (room, free_at) = engine.0.throttle.room(&lane, rate, now);
                LaneRoom { rate, room, free_at, taken: 0 }
            });
            if let (Some(brand), Some(cap)) = (&sender.brand, sender.shared_day_cap(&listed))
                && !choice.brands.contains_key(brand)
            {
                let day = brand_day(now, pacific());
                let left = cap.saturating_sub(brand_days::used_for_claim(tx, brand, day)?);
                choice.brands.insert(brand.clone(), Brand { day, left, next_at: next_brand_day(now, pacific()), taken: 0 });
            }
            let in_order = sender.registration == Registration::Approved && covered && set_up;
            choice.senders.push(Candidate { sender: sender.clone(), lane, agreement, in_order });
        }
        Ok(choice)
    }

    /// Whether the practice has no sender at all.
    pub fn is_empty(&self) -> bool {
        self.senders.is_empty()
    }

    /// How many parts could go now over all senders together. Where nothing will go for long, because no sender is in order or the day is used up,
    /// there is no need to hold back: each text is ruled on once and then waits.
    pub fn room(&self) -> u32 {
        let soon = |candidate: &&Candidate| candidate.in_order && self.day_of(candidate).is_none_or(|day| day.left > 0);
        if !self.senders.iter().any(|candidate| soon(&candidate)) {
            return u32::MAX;
        }
        let mut lanes: HashMap<&Lane, u32> = HashMap::new();
        for candidate in self.senders.iter().filter(|candidate| self.is_usable(candidate)) {
            let room = self.lanes.get(&candidate.lane).map_or(0, |lane| lane.room);
            let room = if self.admits(candidate) == Admits::One { room.min(1) } else { room };
            let of_lane = lanes.entry(&candidate.lane).or_default();
            *of_lane = room.max(*of_lane);
        }
        lanes.values().fold(0, |sum, room| sum.saturating_add(*room))
    }

    /// The sender for a text to a number that was reached over `before`, where the latest attempt did not get through over `not_over`; with the
    /// facts of it for the gate.
    pub fn pick(&self, before: Option<SenderId>, not_over: Option<SenderId>) -> (SenderFacts, Option<Agreement>) {
        let place = |candidate: &&Candidate| {
            let id = Some(candidate.sender.id);
            let approved = candidate.sender.registration == Registration::Approved;
            (!self.is_usable(candidate), !candidate.in_order, !approved, not_over == id, before != id)
        };
        // The first of several that are alike wins, so the practice's own order decides last.
        match self.senders.iter().min_by_key(place) {
            Some(candidate) => (self.facts(candidate), candidate.agreement.clone()),
            None => unreachable_sender(self.now),
        }
    }

    /// Counts parts that were released over a sender; the day on which its brand's parts are counted, where they are.
    pub fn take(&mut self, sender: SenderId, parts: u32) -> Option<String> {
        let candidate = self.senders.iter().find(|candidate| candidate.sender.id == sender)?;
        if let Some(lane) = self.lanes.get_mut(&candidate.lane) {
            lane.taken = lane.taken.saturating_add(parts);
            lane.room = lane.room.saturating_sub(parts);
            if lane.room == 0 {
                let spacing = wellsent_domain::throughput::spacing(lane.rate);
                lane.free_at = self.now.saturating_add(SignedDuration::from_nanos(spacing)).unwrap_or(Timestamp::MAX);
            }
        }
        if let Some(carrier) = self.carriers.get_mut(&candidate.sender.carrier)
            && carrier.admits == Admits::One
        {
            carrier.trying = true;
            carrier.admits = Admits::NoneUntil(self.now.saturating_add(SignedDuration::from_secs(2)).unwrap_or(Timestamp::MAX));
        }
        let brand = self.brands.get_mut(candidate.sender.brand.as_ref()?)?;
        brand.taken = brand.taken.saturating_add(parts);
        brand.left = brand.left.saturating_sub(parts);
        Some(brand.day.to_string())
    }

    /// The account that serves a sender.
    pub fn carrier_of(&self, sender: SenderId) -> Option<&str> {
        self.senders.iter().find(|candidate| candidate.sender.id == sender).map(|candidate| candidate.sender.carrier.as_str())
    }

    /// Counts the parts of each brand's day, in the claim's own transaction.
    pub fn count_brands(&self, tx: &mut Tx<'_, '_>) -> Result<(), StoreError> {
        for (name, brand) in self.brands.iter().filter(|(_, brand)| brand.taken > 0) {
            brand_days::take(tx, name, brand.day, brand.taken)?;
        }
        Ok(())
    }

    /// What was taken. `stuck` says that nothing could go from the beginning.
    pub fn taken(self, stuck: bool) -> Taken {
        let rest_until = stuck.then(|| {
            let frees = self.senders.iter().filter(|candidate| candidate.in_order).map(|candidate| self.frees_at(candidate));
            let latest = self.now.saturating_add(REST_MAX).unwrap_or(Timestamp::MAX);
            frees.min().unwrap_or(latest).min(latest)
        });
        Taken {
            lanes: self.lanes.into_iter().filter(|(_, lane)| lane.taken > 0).map(|(name, lane)| (name, lane.rate, lane.taken)).collect(),
            trying: self.carriers.into_iter().filter(|(_, carrier)| carrier.trying).map(|(name, _)| name).collect(),
            rest_until,
        }
    }

    fn admits(&self, candidate: &Candidate) -> Admits {
        self.carriers.get(&candidate.sender.carrier).map_or(Admits::All, |carrier| carrier.admits)
    }

    fn is_usable(&self, candidate: &Candidate) -> bool {
        candidate.in_order
            && !matches!(self.admits(candidate), Admits::NoneUntil(_))
            && self.day_of(candidate).is_none_or(|day| day.left > 0)
    }

    fn day_of(&self, candidate: &Candidate) -> Option<&Brand> {
        self.brands.get(candidate.sender.brand.as_ref()?)
    }

    fn frees_at(&self, candidate: &Candidate) -> Timestamp {
        let lane = self.lanes.get(&candidate.lane).map_or(self.now, |lane| lane.free_at);
        let carrier = match self.admits(candidate) {
            Admits::NoneUntil(until) => until,
            Admits::All | Admits::One => self.now,
        };
        let day = self.day_of(candidate).filter(|day| day.left == 0).map_or(self.now, |day| day.next_at);
        lane.max(carrier).max(day)
    }

    fn facts(&self, candidate: &Candidate) -> SenderFacts {
        let carrier = self.carriers.get(&candidate.sender.carrier);
        SenderFacts {
            id: candidate.sender.id,
            address: candidate.sender.address.clone(),
            registration: candidate.sender.registration,
            account: carrier.and_then(|carrier| carrier.account.clone()),
            free_at: self.lanes.get(&candidate.lane).map_or(self.now, |lane| lane.free_at),
            brand_day: self.day_of(candidate).map(|day| BrandDay { parts_left: day.left, next_at: day.next_at }),
            unavailable_until: match self.admits(candidate) {
                Admits::NoneUntil(until) => Some(until),
                Admits::All | Admits::One => None,
            },
            makes_codes: carrier.is_some_and(|carrier| carrier.makes_codes),
        }
    }
}

/// A practice without senders is not claimed for, so no text is ever judged by this; it could not go.
fn unreachable_sender(now: Timestamp) -> (SenderFacts, Option<Agreement>) {
    let nobody = SenderFacts {
        id: SenderId::from_bytes([0; 16]),
        address: String::new(),
        registration: Registration::Unregistered,
        account: None,
        free_at: now,
        brand_day: None,
        unavailable_until: None,
        makes_codes: false,
    };
    (nobody, None)
}

impl Engine {
    fn carrier_now(&self, name: &str, now: Timestamp) -> CarrierNow {
        match self.0.carriers.get(name) {
            Some(carrier) => CarrierNow {
                account: carrier.account().map(str::to_owned),
                makes_codes: self.0.verify.contains_key(name),
                admits: self.0.circuits.of(name).admits(now),
                trying: false,
            },
            None => {
                let until = now.saturating_add(NOT_SET_UP).unwrap_or(Timestamp::MAX);
                CarrierNow { account: None, makes_codes: false, admits: Admits::NoneUntil(until), trying: false }
            }
        }
    }

    /// Counts what a claim took, now that it has committed.
    pub(crate) fn count(&self, practice: PracticeId, taken: Taken, now: Timestamp) {
        for (lane, rate, parts) in &taken.lanes {
            self.0.throttle.take(lane, *rate, *parts, now);
        }
        for carrier in &taken.trying {
            self.0.circuits.tries(carrier, now);
        }
        if let Some(until) = taken.rest_until {
            self.0.throttle.rest(practice, until);
        }
    }
}
