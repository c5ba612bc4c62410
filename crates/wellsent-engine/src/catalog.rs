//! The templates of a practice: the built-in ones, with those that it wrote itself in their place.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use wellsent_domain::{PracticeId, Tier};
use wellsent_store::templates::StoredTemplate;
use wellsent_store::{StoreError, Tx, templates};
use wellsent_text::template::{CheckContext, Draft, Finding, Language, Template, builtin, check};

/// A template that can be sent, with the one that goes where it may not.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The template.
    pub template: Template,
    /// Its neutral twin.
    pub twin: Option<String>,
}

/// The templates of a practice, compiled.
#[derive(Debug, Default)]
pub struct Catalog {
    entries: HashMap<String, Entry>,
}

/// Parts that a wording may take so that it compiles at all; how many may be sent is for the gate to say (C-13).
const PARTS_COMPILED_MAX: usize = 10;

impl Catalog {
    /// Compiles. A built-in wording that does not fit the practice's name is left out, and what asks for it goes to review.
    pub fn compile(practice_name: &str, own_hosts: &[String], own: &[StoredTemplate]) -> Self {
        let mut context = CheckContext::new(practice_name, own_hosts);
        context.max_parts = PARTS_COMPILED_MAX;
        let mut entries = HashMap::new();
        for builtin in builtin::all() {
            if let Ok(template) = check(&builtin.draft(), &context) {
                entries.insert(builtin.name.to_owned(), Entry { template, twin: builtin.twin.map(str::to_owned) });
            }
        }
        for stored in own {
            if let Ok(template) = check_stored(stored, &context) {
                entries.insert(stored.name.clone(), Entry { template, twin: stored.neutral_twin.clone() });
            }
        }
        Self { entries }
    }

    /// A template by name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// The wordings to try for a template, the preferred one first: itself, then its twin.
    pub fn chain(&self, name: &str) -> impl Iterator<Item = &Template> {
        let first = self.get(name);
        let twin = first.and_then(|entry| entry.twin.as_deref()).and_then(|twin| self.get(twin));
        first.into_iter().chain(twin).map(|entry| &entry.template)
    }
}

/// Checks a wording as it is saved: strict, so that what cannot be sent is not kept (M-01).
pub fn check_for_saving(
    stored: &StoredTemplate,
    practice_name: &str,
    own_hosts: &[String],
    parts_max: usize,
) -> Result<Template, Vec<Finding>> {
    let mut context = CheckContext::new(practice_name, own_hosts);
    context.max_parts = parts_max;
    check_stored(stored, &context)
}

fn check_stored(stored: &StoredTemplate, context: &CheckContext<'_>) -> Result<Template, Vec<Finding>> {
    let mut wordings = vec![(Language::En, stored.english.as_str())];
    wordings.extend(stored.spanish.as_deref().map(|text| (Language::Es, text)));
    let replaced = builtin::find(&stored.name);
    let answers = replaced.map_or(&[][..], |builtin| builtin.answers);
    let draft = Draft {
        name: &stored.name,
        tier: stored.tier,
        kind: stored.kind,
        owes_opt_out: replaced.is_none_or(|builtin| builtin.owes_opt_out) && stored.tier > Tier::T0,
        owes_identity: true,
        wordings: &wordings,
        answers,
    };
    check(&draft, context)
}

/// Compiled catalogs, kept until a practice saves a template.
#[derive(Debug, Clone, Default)]
pub struct Catalogs {
    kept: Arc<Mutex<HashMap<PracticeId, (i64, String, Arc<Catalog>)>>>,
    own_hosts: Arc<Vec<String>>,
}

impl Catalogs {
    /// With the hosts that links of this installation may have (C-07).
    pub fn new(own_hosts: Vec<String>) -> Self {
        Self { kept: Arc::default(), own_hosts: Arc::new(own_hosts) }
    }

    /// The hosts that links may have.
    pub fn own_hosts(&self) -> &[String] {
        &self.own_hosts
    }

    /// The catalog of the transaction's practice.
    pub fn of(&self, tx: &mut Tx<'_, '_>, practice_name: &str) -> Result<Arc<Catalog>, StoreError> {
        let (practice, changes) = (tx.practice(), templates::changes(tx)?);
        if let Some((at, name, catalog)) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&practice)
            && *at == changes
            && name == practice_name
        {
            return Ok(Arc::clone(catalog));
        }
        let own = templates::latest(tx)?;
        let catalog = Arc::new(Catalog::compile(practice_name, &self.own_hosts, &own));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(practice, (changes, practice_name.to_owned(), Arc::clone(&catalog)));
        Ok(catalog)
    }
}
