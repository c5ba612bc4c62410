//! How much of the panel can be texted, and who lacks what.

use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use wellsent_domain::consent::Category;
use wellsent_domain::coverage::{Coverage, PanelSetting, Step};
use wellsent_domain::{Language, LocationId, PersonId, Phi};
use wellsent_store::views::coverage::{self, ActCount, PanelVisit};
use wellsent_store::{Access, StoreError, Tx, practices};

/// Patients that a report looks at. A larger panel is reported in part, and the report says so.
pub const PATIENTS_MAX: u64 = 200_000;
/// Patients read at once.
const AT_ONCE: i64 = 1_000;
/// Visits of the coming week that are looked at.
const VISITS_MAX: i64 = 50_000;
/// Who comes within this time stands first in a list.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct CoverageQuestion {
    /// About texts of which category.
    pub category: Category,
    /// Whom to list; `None` for nobody.
    pub list: Option<Shown>,
    /// From which place of the list on.
    pub skip: usize,
    /// How many to list at most.
    pub take: usize,
    /// Whether to open the record numbers of those who are listed.
    pub with_records: bool,
    /// Since when acts are counted by channel.
    pub since: Timestamp,
}

/// Whom a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Everybody.
    All,
    /// The patients of a class.
    Class(Coverage),
    /// Whose number should be confirmed at the next visit (H-07).
    Recheck,
}

/// How many came to each step of [`Step::ALL`], each with those who went further.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps(pub [u64; Step::ALL.len()]);

impl Steps {
    fn add(&mut self, reached: Step) {
        for (count, step) in self.0.iter_mut().zip(Step::ALL) {
            *count += u64::from(*step <= reached);
        }
    }
}

/// A patient in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Who.
    pub person: PersonId,
    /// Their class.
    pub coverage: Coverage,
    /// The language of texts.
    pub language: Language,
    /// The record number, where it was asked for.
    pub record_number: Option<Phi<String>>,
    /// The first visit within a week.
    pub visit: Option<Coming>,
    /// When the number was last proven or confirmed, where it should be confirmed again.
    pub confirmed: Option<Timestamp>,
}

/// A visit to come.
#[derive(Debug, Clone)]
pub struct Coming {
    /// When.
    pub starts_at: Timestamp,
    /// The zone there, by IANA name.
    pub zone: String,
}

/// The report.
#[derive(Debug, Clone)]
pub struct CoverageReport {
    /// Active patients that were looked at: the sum of the classes.
    pub patients: u64,
    /// Whether there are more of them than a report looks at.
    pub is_cut_off: bool,
    /// How many are in each class of [`Coverage::ALL`].
    pub classes: [u64; Coverage::ALL.len()],
    /// The way from being a patient to texts with details.
    pub steps: Steps,
    /// The same for patients who come to a location within a week.
    pub by_location: Vec<(LocationId, Steps)>,
    /// The same by language.
    pub by_language: Vec<(Language, Steps)>,
    /// Whose number should be confirmed.
    pub recheck_due: u64,
    /// How many the list has in all.
    pub listed_total: usize,
    /// The part of the list that was asked for: who has a visit within a week first, the soonest before the others.
    pub listed: Vec<Listed>,
    /// What was said since the instant that was asked for, by which way.
    pub answers: Vec<ActCount>,
}

impl CoverageReport {
    /// How many are in a class.
    pub fn count(&self, class: Coverage) -> u64 {
        Coverage::ALL.iter().position(|known| *known == class).map_or(0, |place| self.classes[place])
    }
}

impl Engine {
    /// Looks at the panel. Names are not read, and what is listed are ids; whoever shows more of a person reads it with an entry (P7).
    pub async fn coverage(&self, access: Access, question: CoverageQuestion) -> Result<CoverageReport, EngineError> {
        let now = self.now();
        let look = move |tx: &mut Tx<'_, '_>| report(tx, question, now);
        Ok(self.store().read::<_, StoreError, _>(access, look).await?)
    }
}

fn report(tx: &mut Tx<'_, '_>, question: CoverageQuestion, now: Timestamp) -> Result<CoverageReport, StoreError> {
    let stored = practices::get(tx)?;
    let practice = &stored.practice;
    let setting = PanelSetting { settings: &practice.settings, zone: &practice.zone, part2: stored.part2, now };
    let visits = coverage::visits(tx, now, now.saturating_add(SOON).unwrap_or(now), VISITS_MAX)?;
    let mut soonest: HashMap<PersonId, &PanelVisit> = HashMap::new();
    for visit in &visits {
        soonest.entry(visit.person).or_insert(visit);
    }
    let (mut by_location, mut by_language) = (BTreeMap::<_, Steps>::new(), BTreeMap::<_, Steps>::new());
    let mut report = CoverageReport {
        patients: 0,
        is_cut_off: false,
        classes: [0; Coverage::ALL.len()],
        steps: Steps::default(),
        by_location: Vec::new(),
        by_language: Vec::new(),
        recheck_due: 0,
        listed_total: 0,
        listed: Vec::new(),
        answers: coverage::acts(tx, question.since, now)?,
    };
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let (patients, next) = coverage::page(tx, question.category, after, AT_ONCE, question.with_records)?;
        for patient in patients {
            let class = patient.facts.coverage(&setting);
            let step = patient.facts.step(class, &setting);
            let confirmed = patient.facts.recheck_due(class, &setting);
            report.patients += 1;
            if let Some(place) = Coverage::ALL.iter().position(|known| *known == class) {
                report.classes[place] += 1;
            }
            report.steps.add(step);
            report.recheck_due += u64::from(confirmed.is_some());
            by_language.entry(patient.language.as_str()).or_default().add(step);
            let visit = soonest.get(&patient.person);
            if let Some(visit) = visit {
                by_location.entry(visit.location).or_default().add(step);
            }
            let is_shown = match question.list {
                None => false,
                Some(Shown::All) => true,
                Some(Shown::Class(wanted)) => wanted == class,
                Some(Shown::Recheck) => confirmed.is_some(),
            };
            if is_shown {
                listed.push(Listed {
                    person: patient.person,
                    coverage: class,
                    language: patient.language,
                    record_number: patient.record_number,
                    visit: visit.map(|visit| Coming { starts_at: visit.starts_at, zone: visit.zone.clone() }),
                    confirmed,
                });
            }
        }
        after = next;
        if next.is_none() {
            break;
        }
        if report.patients >= PATIENTS_MAX {
            report.is_cut_off = true;
            break;
        }
    }
    listed.sort_by_key(|listed| (listed.visit.as_ref().map_or(Timestamp::MAX, |visit| visit.starts_at), listed.person));
    report.listed_total = listed.len();
    report.listed = listed.into_iter().skip(question.skip).take(question.take).collect();
    report.by_location = by_location.into_iter().collect();
    report.by_language = by_language.into_iter().filter_map(|(word, steps)| Some((Language::parse(word)?, steps))).collect();
    Ok(report)
}
