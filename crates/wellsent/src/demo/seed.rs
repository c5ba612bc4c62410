//! The sample practice: three locations, about two hundred invented patients, a week of visits.

use super::dice::Dice;
use super::names::{FAMILY_EN, FAMILY_ES, GIVEN_EN, GIVEN_ES};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::{Category, Channel, ConsentAct, Directive};
use wellsent_domain::gate::Reached;
use wellsent_domain::person::{Authority, Name, Obtained, Proxy, Standing};
use wellsent_domain::planner::Lead;
use wellsent_domain::practice::{Agreement, SenderKind, Settings};
use wellsent_domain::staff::Role;
use wellsent_domain::{ContactPointId, Language, LocationId, PersonId, Phi, PhoneNumber, PracticeId, VisitTypeId};
use wellsent_engine::reveals;
use wellsent_store::appointments::{self, VisitData};
use wellsent_store::consents::{self, ConsentRecord};
use wellsent_store::people::{self, ContactData, PersonData};
use wellsent_store::practices::{self, NewPractice};
use wellsent_store::rules::{self, NewRule};
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, Store, StoreError, Tx, agreements, directives, sessions};

/// The number that the demo's texts leave from.
pub const SIMULATED_SENDER: &str = "+12125550100";
const ZONE: &str = "America/New_York";

/// The practice without its patients.
#[derive(Debug, Clone)]
pub struct Furnished {
    /// The practice.
    pub practice: PracticeId,
    /// Its locations.
    pub locations: Vec<LocationId>,
    /// Its visit types.
    pub visit_types: Vec<VisitTypeId>,
}

/// Makes the practice: locations, visit types, sender, agreement, reminder rules, three members of staff.
pub fn furnish(store: &Store, now: Timestamp) -> Result<Furnished, StoreError> {
    let call_back = PhoneNumber::parse("212-555-0100").map_err(|_| StoreError::NotFound { what: "call-back number" })?;
    // One text a day and three a week are the defaults; this practice allows one more of each, so that a reminder and a second visit fit.
    let settings = Settings { texts_per_day_max: 2, texts_per_week_max: 4, ..Settings::default() };
    let practice = store.create_practice(
        NewPractice {
            name: "Elm Street Family Practice".into(),
            text_name: "Elm St Clinic".into(),
            call_back,
            zone: ZONE.into(),
            part2: false,
            settings,
        },
        now,
    )?;
    let access = Access { practice, actor: Actor::Operator };
    store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<Furnished, StoreError> {
        let mut locations = Vec::new();
        for (source, name, text_name) in [
            ("main", "Main Street", "Main St office"),
            ("lakeside", "Lakeside", "Lakeside office"),
            ("east", "Behavioral Health East", "Behavioral Health East"),
        ] {
            // A name that tells what care is given there stays out of texts (H-41, M-01).
            let text_name = reveals(text_name).is_none().then_some(text_name);
            locations.push(practices::add_location(tx, source, name, text_name, ZONE, now)?);
        }
        let mut visit_types = Vec::new();
        for (name, sensitive) in
            [("Follow-up", false), ("New patient", false), ("Annual visit", false), ("Nurse visit", false), ("Counseling", true)]
        {
            visit_types.push(practices::ensure_visit_type(tx, name, sensitive, now)?);
        }
        senders::add(tx, &NewSender::approved("simulator", SIMULATED_SENDER, SenderKind::Simulated, 60_000), now)?;
        agreements::add(tx, "simulator", "Simulated carrier", Agreement::for_texts(Date::constant(2026, 1, 1), None), None, now)?;
        for rule in reminder_rules() {
            rules::add(tx, &rule, now)?;
        }
        for (name, role) in [("Priya Raman", Role::Manager), ("Dana Whitfield", Role::FrontDesk), ("Luis Ortega", Role::Clinician)] {
            sessions::add_staff(tx, name, role, now)?;
        }
        Ok(Furnished { practice, locations, visit_types })
    })
}

/// Gives the sender a campaign and a brand, as real ones have, so that the carriers' page has a day's parts to show (C-09).
pub fn register(store: &Store, house: &Furnished, now: Timestamp) -> Result<(), StoreError> {
    let access = Access { practice: house.practice, actor: Actor::Operator };
    store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        for mut sender in senders::list(tx)? {
            (sender.campaign, sender.brand) = (Some("CELMST1".into()), Some("BELMST1".into()));
            (sender.parts_per_minute, sender.parts_per_day_max) = (4_500, Some(2_000));
            senders::change(tx, &sender, now)?;
        }
        Ok(())
    })
}

/// Seven days before, two days before at ten, and two hours before.
pub fn reminder_rules() -> Vec<NewRule> {
    let rule = |lead, template: &str, useful_for| NewRule {
        location: None,
        visit_type: None,
        lead,
        template: template.to_owned(),
        template_for_several: "reminder_day".to_owned(),
        useful_for,
        not_within: SignedDuration::from_mins(20),
    };
    vec![
        rule(Lead::DaysAt { days: 7, at: Time::constant(10, 0, 0, 0) }, "reminder", SignedDuration::from_hours(24)),
        rule(Lead::DaysAt { days: 2, at: Time::constant(10, 0, 0, 0) }, "reminder", SignedDuration::from_hours(24)),
        rule(Lead::Minutes(120), "reminder_soon", SignedDuration::from_mins(90)),
    ]
}

/// Adds the patients and their visits around `today`, as they were known at `now`.
pub fn populate(store: &Store, house: &Furnished, seed: u64, today: Date, now: Timestamp) -> Result<usize, StoreError> {
    let access = Access { practice: house.practice, actor: Actor::Operator };
    let mut dice = Dice::new(seed);
    let mut households = Vec::new();
    let mut people_planned = 0;
    while people_planned < 200 {
        let household = Household::invent(&mut dice, households.len(), today);
        people_planned += household.members.len();
        households.push(household);
    }
    let mut visits_made = 0;
    for chunk in households.chunks(25) {
        let (chunk, house, chunk_seed) = (chunk.to_vec(), house.clone(), seed ^ (visits_made as u64 + 7));
        visits_made += store.write_wait(access, move |tx: &mut Tx<'_, '_>| -> Result<usize, StoreError> {
            // Fresh dice in each run of the job, so that a repeated run makes the same visits.
            let mut dice = Dice::new(chunk_seed);
            chunk.iter().try_fold(0, |made, household| Ok(made + household.add(tx, &house, &mut dice, today, now)?))
        })?;
    }
    Ok(visits_made)
}

#[derive(Debug, Clone)]
struct Household {
    number: PhoneNumber,
    language: Language,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    record: String,
    name: Name,
    birth: Date,
    child: bool,
    consent: bool,
    warned: bool,
    verified: bool,
    directive: bool,
}

impl Household {
    fn invent(dice: &mut Dice, index: usize, today: Date) -> Self {
        let spanish = dice.percent(22);
        let (given, family) = if spanish { (GIVEN_ES, FAMILY_ES) } else { (GIVEN_EN, FAMILY_EN) };
        let family = (*dice.pick(family)).to_owned();
        let area = ["212", "646", "718", "917"][index % 4];
        // Numbers of the range that is kept for invented people: a hundred an area code, so later households use neighbouring codes.
        let area = if index >= 400 { "347" } else { area };
        let text = format!("+1{area}55501{:02}", (index / 4) % 100);
        let number = PhoneNumber::from_e164_exact(&text).unwrap_or_else(|_| unreachable!("a number of the invented range"));
        let size = if dice.percent(18) { 2 + dice.below(2) } else { 1 };
        let members = (0..size)
            .map(|place| {
                let child = place > 0 && dice.percent(70);
                let age = if child { 2 + dice.below(15) } else { 22 + dice.below(62) };
                let year = today.year() - age as i16;
                let birth = Date::new(year, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8).unwrap_or(today);
                Member {
                    record: format!("ES{:05}", 10_000 + index * 7 + place),
                    name: Name { given: (*dice.pick(given)).to_owned(), family: family.clone() },
                    birth,
                    child,
                    consent: dice.percent(88),
                    warned: dice.percent(60),
                    verified: dice.percent(70),
                    directive: dice.percent(2),
                }
            })
            .collect();
        Self { number, language: if spanish { Language::Es } else { Language::En }, members }
    }

    fn add(&self, tx: &mut Tx<'_, '_>, house: &Furnished, dice: &mut Dice, today: Date, now: Timestamp) -> Result<usize, StoreError> {
        let mut made = 0;
        let day_of_household = dice.below(10) as i32 - 2;
        for member in &self.members {
            let (person, _) = self.add_member(tx, member, dice, now)?;
            // Members of a household often come on the same day.
            let offset = if self.members.len() > 1 && dice.percent(60) { day_of_household } else { dice.below(10) as i32 - 2 };
            made += usize::from(add_visit(tx, house, dice, person, &member.record, today, offset, now)?);
        }
        Ok(made)
    }

    fn add_member(
        &self,
        tx: &mut Tx<'_, '_>,
        member: &Member,
        dice: &mut Dice,
        now: Timestamp,
    ) -> Result<(PersonId, ContactPointId), StoreError> {
        let data = PersonData {
            record_number: Some(Phi::new(member.record.clone())),
            name: Phi::new(member.name.clone()),
            birth_date: Some(Phi::new(member.birth)),
            language: self.language,
            zone: Some(ZONE.to_owned()),
            standing: Standing::Active,
            sensitive: false,
        };
        let person = people::add(tx, &data, None, now)?;
        let reached = if member.child {
            let born = member.birth;
            Reached::Proxy(Proxy { authority: Authority::Parent, from: born, until: None, clinical: true })
        } else {
            Reached::Own
        };
        let verified_at = member.verified.then(|| now - SignedDuration::from_hours(24 * (1 + dice.below(300) as i64)));
        let contact = ContactData { number: Phi::new(self.number), obtained: Obtained::Patient, verified_at, reached };
        let contact = people::set_number(tx, person, &contact, now)?;
        let record = ConsentRecord {
            person,
            contact_point: contact,
            channel: *dice.pick(&[Channel::Paper, Channel::CheckIn, Channel::Spoken]),
            wording: None,
            evidence: None,
            language: Some(self.language),
            at: now - SignedDuration::from_hours(24 * (20 + dice.below(400) as i64)),
        };
        if member.consent {
            consents::grant(tx, record, Category::Appointments, true, true)?;
        }
        if member.warned {
            consents::record_warning(tx, record, ConsentAct::Warned)?;
            consents::record_warning(tx, record, ConsentAct::WarningAccepted)?;
        }
        if member.directive {
            directives::add(tx, person, None, Directive::NeverText, Channel::Spoken, now)?;
        }
        Ok((person, contact))
    }
}

#[allow(clippy::too_many_arguments, reason = "a seed has many ingredients and one caller")]
fn add_visit(
    tx: &mut Tx<'_, '_>,
    house: &Furnished,
    dice: &mut Dice,
    person: PersonId,
    record: &str,
    today: Date,
    offset: i32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Ok(mut day) = today.checked_add(Span::new().days(offset)) else { return Ok(false) };
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        let Ok(next) = day.tomorrow() else { return Ok(false) };
        day = next;
    }
    let zone = TimeZone::get(ZONE).map_err(|_| StoreError::NotFound { what: "time zone" })?;
    let time = Time::constant(8 + dice.below(9) as i8, [0, 15, 30, 45][dice.below(4)], 0, 0);
    let local = day.to_datetime(time);
    let Ok(starts) = local.to_zoned_datetime(zone) else { return Ok(false) };
    let sensitive = dice.percent(12);
    let location = if sensitive { house.locations[2] } else { house.locations[dice.below(2)] };
    let visit_type = if sensitive { house.visit_types[4] } else { house.visit_types[dice.below(4)] };
    let data = VisitData {
        source_id: format!("{record}-{local}"),
        person,
        location,
        visit_type,
        starts_at: starts.timestamp(),
        starts_local: local.to_string(),
        zone: ZONE.to_owned(),
        status: AppointmentStatus::Booked,
    };
    let mut digest = [0_u8; 32];
    for (slot, byte) in digest.iter_mut().zip(data.source_id.bytes()) {
        *slot = byte;
    }
    appointments::upsert(tx, &data, digest, now)?;
    Ok(true)
}
