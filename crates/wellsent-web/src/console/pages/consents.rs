//! How much of the panel can be texted, and who lacks what. The classes come from the facts that the gate looks at.

use super::{finish, flash_of, read};
use crate::App;
use crate::access::SignedInStaff;
use crate::console::frame::{Place, calendar, shell};
use crate::console::present::{Calendar, born, capital, category, channel, language, thousands};
use crate::console::view::{
    Choice, ClassRow, Consents, CoverageState, FailureKind, MissingList, MissingRow, Section, Share, StepRow, StepTable, WayRow,
};
use crate::failure::{Asking, Failed};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use wellsent_domain::consent::{Category, Channel, ConsentAct};
use wellsent_domain::coverage::{Coverage, Step};
use wellsent_domain::person::Person;
use wellsent_domain::staff::Role;
use wellsent_engine::{CoverageQuestion, CoverageReport, Listed, Shown, Steps};
use wellsent_store::entry::Entry;
use wellsent_store::practices::{self, StoredLocation};
use wellsent_store::views::coverage::ActCount;
use wellsent_store::views::{self};
use wellsent_store::{StoreError, Tx, people};

/// Patients on one page of the list.
const SHOWN_MAX: usize = 50;
/// The last page that somebody can ask for.
const PAGE_MAX: usize = 10_000;
/// The lines of an export.
const EXPORTED_MAX: usize = 200_000;
/// Texts with an authorization of their own are not reported here: consent alone says little about them (H-12).
const CATEGORIES: [Category; 4] = [Category::Appointments, Category::Care, Category::Billing, Category::Surveys];
const PERIODS: [(i64, &str); 4] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year")];
const RECHECK: &str = "recheck";

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    category: String,
    #[serde(default)]
    show: String,
    #[serde(default)]
    page: usize,
    #[serde(default)]
    days: i64,
}

/// What is asked for, with defaults for what is not.
#[derive(Clone, Copy)]
struct Wanted {
    category: Category,
    show: Shown,
    page: usize,
    days: i64,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        let show = if self.show == RECHECK { Some(Shown::Recheck) } else { Coverage::parse(&self.show).map(Shown::Class) };
        Wanted {
            category: Category::parse(&self.category).filter(|known| CATEGORIES.contains(known)).unwrap_or(Category::Appointments),
            show: show.unwrap_or(Shown::Class(Coverage::NoConsent)),
            page: self.page.min(PAGE_MAX),
            days: PERIODS.iter().map(|(days, _)| *days).find(|days| *days == self.days).unwrap_or(30),
        }
    }
}

impl Wanted {
    fn show_word(self) -> &'static str {
        match self.show {
            Shown::Class(class) => class.as_str(),
            Shown::Recheck | Shown::All => RECHECK,
        }
    }

    fn href(self) -> String {
        let page = if self.page > 0 { format!("&page={}", self.page) } else { String::new() };
        format!("/consents?category={}&show={}&days={}{page}", self.category.as_str(), self.show_word(), self.days)
    }

    fn listing(self, show: Shown) -> String {
        format!("{}#list", Self { show, page: 0, ..self }.href())
    }
}

/// The report.
pub(crate) async fn page(
    State(app): State<App>,
    staff: SignedInStaff,
    Asking(asked): Asking<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failed> {
    let (now, wanted) = (app.engine.now(), asked.wanted());
    let question = CoverageQuestion {
        category: wanted.category,
        list: Some(wanted.show),
        skip: wanted.page * SHOWN_MAX,
        take: SHOWN_MAX,
        with_records: false,
        since: now.saturating_sub(SignedDuration::from_hours(24 * wanted.days)).unwrap_or(now),
    };
    let report = app.engine.coverage(staff.access, question).await?;
    let listed: Vec<_> = report.listed.iter().map(|listed| listed.person).collect();
    let load = move |tx: &mut Tx<'_, '_>| {
        let people = listed.iter().map(|id| people::get(tx, *id)).collect::<Result<Vec<_>, _>>()?;
        let entry = read("consents", now).word("show", wanted.show_word()).word("category", wanted.category.as_str());
        tx.record(now, entry.number("count", people.len() as i64));
        Ok::<_, StoreError>((views::frame::load(tx, now)?, practices::locations(tx)?, people))
    };
    let (frame, locations, people) = app.engine.store().write(staff.access, load).await?;
    let calendar = calendar(&frame, now);
    let flash = flash_of(&staff, &headers);
    let was_shown = flash.is_some();
    let mut shell = shell(&app, &staff, &frame, &calendar, Place { section: Section::Consents, back: &wanted.href(), flash });
    // A report on everybody is not made anew with every text that comes in.
    shell.live = None;
    let is_manager = staff.who.role == Role::Manager;
    let view = Consents {
        shell,
        categories: CATEGORIES.map(|known| choice(category(known), "", Wanted { category: known, page: 0, ..wanted }, wanted)).into(),
        patients: thousands(report.patients),
        is_cut_off: report.is_cut_off,
        classes: classes(&report, wanted),
        steps: steps(&report.steps),
        tables: tables(&report, &locations),
        recheck: Choice {
            label: "Numbers to confirm at the next visit".to_owned(),
            count: thousands(report.recheck_due),
            href: wanted.listing(Shown::Recheck),
            current: wanted.show == Shown::Recheck,
        },
        list: list(&report, &people, wanted, &calendar),
        periods: PERIODS.map(|(days, label)| choice(label, "#ways", Wanted { days, ..wanted }, wanted)).into(),
        ways: ways(&report.answers),
        export: is_manager.then(|| format!("/consents/export?category={}", wanted.category.as_str())),
    };
    finish(&app, &view, was_shown)
}

fn choice(label: &str, place: &str, to: Wanted, here: Wanted) -> Choice {
    let current = (to.category, to.days) == (here.category, here.days);
    Choice { label: label.to_owned(), count: String::new(), href: format!("{}{place}", to.href()), current }
}

fn state(class: Coverage) -> CoverageState {
    CoverageState::parse(class.as_str()).unwrap_or(CoverageState::NoConsent)
}

fn classes(report: &CoverageReport, wanted: Wanted) -> Vec<ClassRow> {
    let row = |class: &Coverage| ClassRow {
        class: state(*class),
        count: thousands(report.count(*class)),
        share: Share::of(report.count(*class), report.patients),
        href: wanted.listing(Shown::Class(*class)),
        current: wanted.show == Shown::Class(*class),
    };
    // The best first, as one reads a report.
    Coverage::ALL.iter().rev().map(row).collect()
}

const fn step(step: Step) -> &'static str {
    match step {
        Step::Patient => "Patients",
        Step::Number => "With a number that can be texted",
        Step::Asked => "Asked",
        Step::Consented => "Consented",
        Step::Confirmed => "Confirmation sent",
        Step::Accepted => "Details accepted",
        Step::Verified => "Phone verified",
    }
}

fn steps(steps: &Steps) -> Vec<StepRow> {
    let whole = steps.0[0];
    let row = |(place, known): (usize, &Step)| {
        let count = steps.0[place];
        let lost = place.checked_sub(1).map_or(0, |before| steps.0[before] - count);
        StepRow {
            label: step(*known).to_owned(),
            count: thousands(count),
            share: Share::of(count, whole),
            lost: if lost > 0 { thousands(lost) } else { String::new() },
        }
    };
    Step::ALL.iter().enumerate().map(row).collect()
}

fn tables(report: &CoverageReport, locations: &[StoredLocation]) -> Vec<StepTable> {
    let table = |title: &str, head: &str, id, note: &str, rows: Vec<(String, &Steps)>| StepTable {
        title: title.to_owned(),
        head: head.to_owned(),
        id,
        steps: Step::ALL.iter().map(|known| step(*known).to_owned()).collect(),
        rows: rows.into_iter().map(|(name, steps)| (name, steps.0.iter().map(|count| thousands(*count)).collect())).collect(),
        note: note.to_owned(),
    };
    let place = |id| locations.iter().find(|known| known.location.id == id).map(|known| known.location.name.clone());
    let by_location = report.by_location.iter().map(|(id, steps)| (place(*id).unwrap_or_default(), steps)).collect();
    let by_language = report.by_language.iter().map(|(known, steps)| (language(*known).to_owned(), steps)).collect();
    vec![
        table("By location", "Location", "by-location", "Patients who come within a week, by their first visit.", by_location),
        table("By language", "Language", "by-language", "All active patients, by the language of their texts.", by_language),
    ]
}

/// What there is to do for the patients of a class.
const fn advice(class: Coverage) -> &'static str {
    match class {
        Coverage::NoNumber => "Ask for a mobile number at the next visit.",
        Coverage::NumberFails => "Ask for another number: this one is wrong, dead, a landline, or somebody else's by now.",
        Coverage::Stopped => "They come back by their own word only: START from their phone, or a fresh consent.",
        Coverage::NeverText => "Call or write instead. Do not ask why.",
        Coverage::NoProxy => "Record who may answer at the number, or take the patient's own.",
        Coverage::NoConsent => "Ask at check-in, on paper, or by a link to the preferences page.",
        Coverage::NotConfirmed => "Nothing to do: the confirmation goes out by itself.",
        Coverage::DetailsBarred => {
            "General texts go. Details go on a secure page: the number is shared, or the record or a request rules them out."
        }
        Coverage::General => "General texts go. Explain unencrypted texts and ask whether details may come too.",
        Coverage::NotVerified => "Send a code to the phone at the next visit.",
        Coverage::Details => "Nothing is missing.",
    }
}

fn list(report: &CoverageReport, people: &[Person], wanted: Wanted, calendar: &Calendar) -> MissingList {
    let (title, advice) = match wanted.show {
        Shown::Class(class) => (state(class).label(), advice(class)),
        Shown::Recheck | Shown::All => ("Numbers to confirm", "Ask at the next visit whether the number is still theirs."),
    };
    let first = wanted.page * SHOWN_MAX;
    let last = first + report.listed.len();
    let at = |page| format!("{}#list", Wanted { page, ..wanted }.href());
    let range = format!("{} to {}", first + 1, last);
    MissingList {
        title: title.to_owned(),
        total: thousands(report.listed_total as u64),
        advice: format!("{advice} Visits within a week come first."),
        rows: report.listed.iter().zip(people).map(|(listed, person)| row(listed, person, calendar)).collect(),
        range: if report.listed.is_empty() || report.listed_total == report.listed.len() { String::new() } else { range },
        previous: wanted.page.checked_sub(1).map(at),
        next: (last < report.listed_total).then(|| at(wanted.page + 1)),
    }
}

fn row(listed: &Listed, person: &Person, calendar: &Calendar) -> MissingRow {
    MissingRow {
        id: person.id.to_string(),
        name: person.name.expose().full(),
        born: person.birth_date.as_ref().map_or_else(|| "no birth date".to_owned(), |date| born(*date.expose(), calendar.today())),
        record: person.record_number.as_ref().map_or_else(|| "no record number".to_owned(), |record| record.expose().clone()),
        language: language(person.language).to_owned(),
        visit: listed.visit.as_ref().map(|visit| calendar.in_zone(&visit.zone).when(visit.starts_at)),
        confirmed: listed.confirmed.map(|at| calendar.on_day(at)),
    }
}

fn ways(answers: &[ActCount]) -> Vec<WayRow> {
    let shown = [Channel::Paper, Channel::CheckIn, Channel::Portal, Channel::Text, Channel::Spoken, Channel::Import, Channel::Carrier];
    let row = |way: Channel| {
        let count = |act| {
            let found = answers.iter().filter(|known| known.channel == way && known.act == act).map(|known| known.count).sum::<i64>();
            thousands(u64::try_from(found).unwrap_or(0))
        };
        WayRow {
            way: capital(channel(way)),
            granted: count(ConsentAct::Granted),
            revoked: count(ConsentAct::Revoked),
            accepted: count(ConsentAct::WarningAccepted),
            declined: count(ConsentAct::WarningWithdrawn),
            stopped: count(ConsentAct::Suppressed),
            verified: count(ConsentAct::Verified),
        }
    };
    shown.map(row).into()
}

/// The coverage of everybody as a file, for managers: record numbers, no names and no numbers. It leaves an entry before it leaves the house.
pub(crate) async fn export(State(app): State<App>, staff: SignedInStaff, Asking(asked): Asking<Asked>) -> Result<Response, Failed> {
    if staff.who.role != Role::Manager {
        return Err(Failed(FailureKind::Forbidden));
    }
    let (now, wanted) = (app.engine.now(), asked.wanted());
    let question =
        CoverageQuestion { category: wanted.category, list: Some(Shown::All), skip: 0, take: EXPORTED_MAX, with_records: true, since: now };
    let report = app.engine.coverage(staff.access, question).await?;
    let count = report.listed.len() as i64;
    let leave = move |tx: &mut Tx<'_, '_>| {
        let entry = Entry::new("export", now).word("what", "consents").word("category", wanted.category.as_str());
        tx.record(now, entry.number("count", count));
        views::frame::load(tx, now)
    };
    let frame = app.engine.store().write::<_, StoreError, _>(staff.access, leave).await?;
    let calendar = calendar(&frame, now);
    let name = format!("attachment; filename=\"consents-{}-{}.csv\"", wanted.category.as_str(), calendar.today());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"))),
    ];
    Ok((headers, csv(&report)).into_response())
}

fn csv(report: &CoverageReport) -> String {
    let mut out = String::with_capacity(64 * (report.listed.len() + 1));
    out.push_str("record_number,standing,meaning,language,next_visit\r\n");
    for listed in &report.listed {
        let record = listed.record_number.as_ref().map(|record| record.expose().as_str()).unwrap_or_default();
        let visit = listed.visit.as_ref().map(|visit| visit.starts_at.to_string()).unwrap_or_default();
        let fields = [record, listed.coverage.as_str(), state(listed.coverage).label(), listed.language.as_str(), &visit];
        out.push_str(&fields.map(field).join(","));
        out.push_str("\r\n");
    }
    out
}

/// A field that a spreadsheet takes for text and not for a formula.
fn field(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_words_of_its_own() {
        for class in Coverage::ALL {
            assert_eq!(CoverageState::parse(class.as_str()).map(CoverageState::as_str), Some(class.as_str()));
        }
        assert_eq!(CoverageState::ALL.len(), Coverage::ALL.len());
    }

    #[test]
    fn what_nobody_can_mean_becomes_the_plain_report() {
        let asked = |category: &str, show: &str, page, days| Asked { category: category.into(), show: show.into(), page, days }.wanted();
        let plain = asked("", "", 0, 0);
        assert_eq!(plain.href(), "/consents?category=appointments&show=no_consent&days=30");
        assert_eq!(asked("marketing", "<script>", 0, -7).href(), plain.href());
        assert_eq!(asked("care", "recheck", usize::MAX, 7).href(), "/consents?category=care&show=recheck&days=7&page=10000");
    }

    #[test]
    fn a_record_number_does_not_become_a_formula() {
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(field("ES10007"), "ES10007");
        assert_eq!(field("-1"), "'-1");
    }
}
