//! Practices, their settings, locations and visit types.

use crate::entry::Entry;
use crate::words::word;
use crate::{Store, StoreError, SystemTx, Tx, micros};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::collections::HashMap;
use wellsent_db::{Row, args, statements};
use wellsent_domain::practice::{Location, Practice, Sending, Settings};
use wellsent_domain::quiet::Window;
use wellsent_domain::secure_page::Factor;
use wellsent_domain::{LocationId, PhoneNumber, PracticeId, VisitTypeId};
use wellsent_vault::PracticeKeys;

pub use crate::senders::list as senders;

statements! {
    INSERT = "INSERT INTO practice (id, name, text_name, call_back, zone, part2, wrapped_dek, sending, window_opens, window_closes, texts_per_day_max, texts_per_week_max, parts_max, verification_days, confirm_opt_in, clinical_texts, auto_replies_per_hour_max, conversation_hours, reassigned_check_days, majority_years, created_at, recheck_days, page_factor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
    UPDATE_SETTINGS = "UPDATE practice SET sending = $2, window_opens = $3, window_closes = $4, texts_per_day_max = $5, texts_per_week_max = $6, parts_max = $7, verification_days = $8, confirm_opt_in = $9, clinical_texts = $10, auto_replies_per_hour_max = $11, conversation_hours = $12, reassigned_check_days = $13, majority_years = $14, recheck_days = $15, page_factor = $16 WHERE id = $1";
    GET = "SELECT id, name, text_name, call_back, zone, part2, sending, window_opens, window_closes, texts_per_day_max, texts_per_week_max, parts_max, verification_days, confirm_opt_in, clinical_texts, auto_replies_per_hour_max, conversation_hours, reassigned_check_days, majority_years, recheck_days, page_factor FROM practice WHERE id = $1";
    GET_FOR_CLAIM = sqlite "SELECT id, name, text_name, call_back, zone, part2, sending, window_opens, window_closes, texts_per_day_max, texts_per_week_max, parts_max, verification_days, confirm_opt_in, clinical_texts, auto_replies_per_hour_max, conversation_hours, reassigned_check_days, majority_years, recheck_days, page_factor FROM practice WHERE id = $1"
        postgres "SELECT id, name, text_name, call_back, zone, part2, sending, window_opens, window_closes, texts_per_day_max, texts_per_week_max, parts_max, verification_days, confirm_opt_in, clinical_texts, auto_replies_per_hour_max, conversation_hours, reassigned_check_days, majority_years, recheck_days, page_factor FROM practice WHERE id = $1 FOR SHARE";
    LIST = "SELECT id, name FROM practice ORDER BY id";
    INSERT_LOCATION = "INSERT INTO location (id, practice_id, source_id, name, text_name, zone) VALUES ($1, $2, $3, $4, $5, $6)";
    LOCATIONS = "SELECT id, source_id, name, text_name, zone FROM location WHERE practice_id = $1 ORDER BY name";
    INSERT_VISIT_TYPE = "INSERT INTO visit_type (id, practice_id, name, sensitive) VALUES ($1, $2, $3, $4) ON CONFLICT (practice_id, name) DO NOTHING";
    VISIT_TYPES = "SELECT id, name, sensitive FROM visit_type WHERE practice_id = $1 ORDER BY name";
    SET_SENDING = "UPDATE practice SET sending = $2 WHERE id = $1";
}

/// What a new practice consists of.
#[derive(Debug, Clone)]
pub struct NewPractice {
    /// The name for staff.
    pub name: String,
    /// The name in texts.
    pub text_name: String,
    /// The number to call back.
    pub call_back: PhoneNumber,
    /// Its zone, by IANA name.
    pub zone: String,
    /// Whether it is under 42 CFR Part 2.
    pub part2: bool,
    /// Its settings.
    pub settings: Settings,
}

/// A practice with the facts that only claims need.
#[derive(Debug, Clone)]
pub struct StoredPractice {
    /// The practice.
    pub practice: Practice,
    /// Whether it is under 42 CFR Part 2 (H-41).
    pub part2: bool,
}

/// A visit type.
#[derive(Debug, Clone)]
pub struct VisitType {
    /// Its id.
    pub id: VisitTypeId,
    /// The neutral name that rules use.
    pub name: String,
    /// Whether it is specially protected (H-42).
    pub sensitive: bool,
}

/// A location with the id that the source system gives it.
#[derive(Debug, Clone)]
pub struct StoredLocation {
    /// The location.
    pub location: Location,
    /// The id in files of the source system.
    pub source_id: String,
}

impl Store {
    /// Makes a practice with a data key of its own.
    pub fn create_practice(&self, new: NewPractice, now: Timestamp) -> Result<PracticeId, StoreError> {
        let store = self.clone();
        self.system_wait(move |tx: &mut SystemTx<'_, '_>| {
            let id = tx.fresh(now, PracticeId::from_uuid);
            let (_, wrapped) = PracticeKeys::create(store.kek(), id.bytes());
            let settings = &new.settings;
            tx.raw.execute(
                INSERT,
                &args![
                    id.bytes(),
                    &new.name,
                    &new.text_name,
                    new.call_back.to_e164(),
                    &new.zone,
                    new.part2,
                    wrapped.as_bytes(),
                    settings.sending.as_str(),
                    minute(settings.texting_window.opens()),
                    minute(settings.texting_window.closes()),
                    settings.texts_per_day_max,
                    settings.texts_per_week_max,
                    settings.parts_max as i64,
                    settings.verification_days,
                    settings.confirm_opt_in,
                    settings.clinical_texts,
                    settings.auto_replies_per_hour_max,
                    settings.conversation_hours,
                    settings.reassigned_check_days,
                    i64::from(settings.majority_years),
                    micros(now),
                    settings.recheck_days,
                    settings.page_factor.as_str(),
                ],
            )?;
            tx.record(now, crate::Actor::Operator, Entry::new("practice_created", now).word("practice", id));
            Ok(id)
        })
    }
}

/// All practices: id and name.
pub fn list(tx: &mut SystemTx<'_, '_>) -> Result<Vec<(PracticeId, String)>, StoreError> {
    let rows = tx.raw.query(LIST, &[])?;
    rows.iter().map(|row| Ok((PracticeId::from_bytes(row.id(0)?), row.text(1)?.to_owned()))).collect()
}

/// The practice of this transaction.
pub fn get(tx: &mut Tx<'_, '_>) -> Result<StoredPractice, StoreError> {
    let id = tx.practice();
    practice(&tx.query_opt(GET, &args![id.bytes()])?.ok_or(StoreError::NotFound { what: "practice" })?)
}

/// The practice of this transaction, locked against a change of its settings until the claim commits.
pub fn get_for_claim(tx: &mut Tx<'_, '_>) -> Result<StoredPractice, StoreError> {
    let id = tx.practice();
    practice(&tx.query_opt(GET_FOR_CLAIM, &args![id.bytes()])?.ok_or(StoreError::NotFound { what: "practice" })?)
}

/// Saves the settings of the practice.
pub fn save_settings(tx: &mut Tx<'_, '_>, settings: &Settings, now: Timestamp) -> Result<(), StoreError> {
    let id = tx.practice();
    tx.execute(
        UPDATE_SETTINGS,
        &args![
            id.bytes(),
            settings.sending.as_str(),
            minute(settings.texting_window.opens()),
            minute(settings.texting_window.closes()),
            settings.texts_per_day_max,
            settings.texts_per_week_max,
            settings.parts_max as i64,
            settings.verification_days,
            settings.confirm_opt_in,
            settings.clinical_texts,
            settings.auto_replies_per_hour_max,
            settings.conversation_hours,
            settings.reassigned_check_days,
            i64::from(settings.majority_years),
            settings.recheck_days,
            settings.page_factor.as_str(),
        ],
    )?;
    tx.record(now, Entry::new("settings", now).word("sending", settings.sending.as_str()));
    Ok(())
}

/// Switches sending.
pub fn set_sending(tx: &mut Tx<'_, '_>, sending: Sending, now: Timestamp) -> Result<(), StoreError> {
    let id = tx.practice();
    tx.execute(SET_SENDING, &args![id.bytes(), sending.as_str()])?;
    tx.record(now, Entry::new("settings", now).word("sending", sending.as_str()));
    Ok(())
}

/// Adds a location.
pub fn add_location(
    tx: &mut Tx<'_, '_>,
    source_id: &str,
    name: &str,
    text_name: Option<&str>,
    zone: &str,
    now: Timestamp,
) -> Result<LocationId, StoreError> {
    let id = tx.fresh(now, LocationId::from_uuid);
    let practice = tx.practice();
    tx.execute(INSERT_LOCATION, &args![id.bytes(), practice.bytes(), source_id, name, text_name, zone])?;
    tx.record(now, Entry::new("location_added", now).word("location", id));
    Ok(id)
}

/// The locations, by name.
pub fn locations(tx: &mut Tx<'_, '_>) -> Result<Vec<StoredLocation>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(LOCATIONS, &args![practice.bytes()])?;
    rows.iter()
        .map(|row| {
            Ok(StoredLocation {
                location: Location {
                    id: LocationId::from_bytes(row.id(0)?),
                    name: row.text(2)?.to_owned(),
                    text_name: row.opt_text(3)?.map(str::to_owned),
                    zone: zone(row.text(4)?, "location")?,
                },
                source_id: row.text(1)?.to_owned(),
            })
        })
        .collect()
}

/// The visit type of this name, added if it is new. A name that exists keeps its sensitivity.
pub fn ensure_visit_type(tx: &mut Tx<'_, '_>, name: &str, sensitive: bool, now: Timestamp) -> Result<VisitTypeId, StoreError> {
    let id = tx.fresh(now, VisitTypeId::from_uuid);
    let practice = tx.practice();
    tx.execute(INSERT_VISIT_TYPE, &args![id.bytes(), practice.bytes(), name, sensitive])?;
    let types = visit_types(tx)?;
    types.into_iter().find(|known| known.name == name).map(|known| known.id).ok_or(StoreError::NotFound { what: "visit type" })
}

/// The visit types, by name.
pub fn visit_types(tx: &mut Tx<'_, '_>) -> Result<Vec<VisitType>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(VISIT_TYPES, &args![practice.bytes()])?;
    rows.iter()
        .map(|row| Ok(VisitType { id: VisitTypeId::from_bytes(row.id(0)?), name: row.text(1)?.to_owned(), sensitive: row.bool(2)? }))
        .collect()
}

fn practice(row: &Row) -> Result<StoredPractice, StoreError> {
    let settings = Settings {
        sending: word(Sending::parse(row.text(6)?), "practice", "sending")?,
        texting_window: Window::new(time(row.int(7)?), time(row.int(8)?)),
        texts_per_day_max: count(row.int(9)?),
        texts_per_week_max: count(row.int(10)?),
        parts_max: count(row.int(11)?) as usize,
        verification_days: row.int(12)?,
        confirm_opt_in: row.bool(13)?,
        clinical_texts: row.bool(14)?,
        auto_replies_per_hour_max: count(row.int(15)?),
        conversation_hours: row.int(16)?,
        reassigned_check_days: row.opt_int(17)?,
        majority_years: i16::try_from(row.int(18)?).unwrap_or(21),
        recheck_days: row.int(19)?,
        page_factor: word(Factor::parse(row.text(20)?), "practice", "page_factor")?,
    };
    Ok(StoredPractice {
        practice: Practice {
            id: PracticeId::from_bytes(row.id(0)?),
            name: row.text(1)?.to_owned(),
            text_name: row.text(2)?.to_owned(),
            call_back: PhoneNumber::from_e164_exact(row.text(3)?).map_err(|_| StoreError::corrupt("practice", "call_back"))?,
            zone: zone(row.text(4)?, "practice")?,
            settings,
        },
        part2: row.bool(5)?,
    })
}

/// A stored zone name. Zones are few and looked up often, so each thread keeps those that it has seen.
pub(crate) fn zone(name: &str, table: &'static str) -> Result<TimeZone, StoreError> {
    thread_local! {
        static SEEN: std::cell::RefCell<HashMap<String, TimeZone>> = std::cell::RefCell::default();
    }
    SEEN.with_borrow_mut(|seen| {
        if let Some(zone) = seen.get(name) {
            return Ok(zone.clone());
        }
        let zone = TimeZone::get(name).map_err(|_| StoreError::corrupt(table, "zone"))?;
        seen.insert(name.to_owned(), zone.clone());
        Ok(zone)
    })
}

fn minute(time: Time) -> i64 {
    // The last minute of the day stands for midnight at its end, which a wall time cannot name.
    let minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
    if time == Time::MAX { 1440 } else { minute }
}

fn time(minute: i64) -> Time {
    let minute = minute.clamp(0, 1440);
    Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).unwrap_or(Time::MAX)
}

fn count(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}
