//! The lexicon: hand-written TOML and lists cut from public sources.

use crate::packed::{CATEGORIES, Packed, SPECIALS, STRENGTHS};
use crate::text::{Kind, Normalised};
use crate::{files, read, write, write_map};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use toml::{Table, Value};

/// What all the TOML files say together.
#[derive(Default)]
struct Book {
    terms: BTreeMap<String, u64>,
    traps: BTreeMap<String, u64>,
    classes: BTreeMap<String, u64>,
    class_names: Vec<String>,
    rules: String,
    /// Words of hand-written terms; the number says whether misspellings of it are looked for.
    vocabulary: BTreeMap<String, u64>,
}

pub fn compile(folder: &Path, out: &Path) -> Result<(), String> {
    let mut book = Book::default();
    for path in files(folder, "toml") {
        let table: Table = read(&path)?.parse().map_err(|error| format!("{}: {error}", path.display()))?;
        book.take(&table).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let derived = folder.join("derived");
    for path in files(&derived, "txt") {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if name.starts_with("name_") {
            let mut names = BTreeMap::new();
            for line in read(&path)?.lines().filter(|line| !line.starts_with('#')) {
                let (term, number) = line.split_once('\t').unwrap_or((line, "0"));
                names.insert(term.to_owned(), number.trim().parse().unwrap_or(0));
            }
            write_map(out.join(format!("{name}.fst")), &names)?;
        } else if let Some(category) = CATEGORIES.iter().position(|known| known.to_lowercase() == *name) {
            for line in read(&path)?.lines().filter(|line| !line.starts_with('#')) {
                book.derived(line, category as u8)?;
            }
        }
    }
    let mut common = BTreeSet::new();
    for path in files(&derived, "txt") {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if name.starts_with("common") || name == "name_words" {
            common.extend(
                read(&path)?.lines().filter(|line| !line.starts_with('#')).map(|line| fold(line.split('\t').next().unwrap_or(line))),
            );
        }
    }
    for name in ["name_given", "name_surname"] {
        if !out.join(format!("{name}.fst")).exists() {
            write_map(out.join(format!("{name}.fst")), &BTreeMap::new())?;
        }
    }
    let common: BTreeMap<String, u64> = common.into_iter().map(|word| (word, 0)).collect();
    write_map(out.join("guard_common.fst"), &common)?;
    write_map(out.join("guard_terms.fst"), &book.terms)?;
    write_map(out.join("guard_traps.fst"), &book.traps)?;
    write_map(out.join("guard_classes.fst"), &book.classes)?;
    write_map(out.join("guard_vocabulary.fst"), &book.vocabulary)?;
    write(out.join("guard_rules.txt"), book.rules.as_bytes())?;
    write(out.join("guard_class_names.txt"), book.class_names.join("\n").as_bytes())?;
    let fuzzy: Vec<&str> =
        book.vocabulary.iter().filter(|(word, sure)| **sure == 1 && word.len() >= 6).map(|(word, _)| word.as_str()).collect();
    write(out.join("guard_fuzzy.txt"), fuzzy.join("\n").as_bytes())
}

impl Book {
    fn take(&mut self, table: &Table) -> Result<(), String> {
        for (key, value) in table {
            let Some(list) = value.as_array() else { return Err(format!("`{key}` is no list of tables")) };
            for item in list {
                let item = item.as_table().ok_or(format!("`{key}` is no list of tables"))?;
                match key.as_str() {
                    "entry" => self.entry(item)?,
                    "trap" => {
                        for term in lines(item, "terms")? {
                            self.traps.insert(key_of(term)?, 0);
                        }
                    }
                    "class" => self.class(item)?,
                    "rule" => self.rule(item)?,
                    _ => return Err(format!("`{key}` is none of entry, trap, class, rule")),
                }
            }
        }
        Ok(())
    }

    fn entry(&mut self, item: &Table) -> Result<(), String> {
        let packed = packed(item)?;
        for term in lines(item, "terms")? {
            let key = key_of(term)?;
            for word in key.split(' ') {
                let sure = u64::from(packed.strength == 2 && !packed.upper && !word.ends_with('*'));
                let word = word.trim_end_matches('*');
                if word.len() >= 3 {
                    let known = self.vocabulary.entry(word.to_owned()).or_default();
                    *known |= sure;
                }
            }
            let old = self.terms.get(&key).map(|number| Packed::from_u64(*number));
            if old.is_none_or(|old| (packed.strength, !packed.upper) > (old.strength, !old.upper)) {
                self.terms.insert(key, packed.to_u64());
            }
        }
        Ok(())
    }

    fn derived(&mut self, line: &str, category: u8) -> Result<(), String> {
        let mut fields = line.split('\t');
        let term = fields.next().unwrap_or(line).trim();
        if term.is_empty() {
            return Ok(());
        }
        let special = fields.find_map(|field| SPECIALS.iter().position(|known| *known == field.trim())).map_or(0, |at| at as u8 + 1);
        let key = key_of(term)?;
        if !key.contains(' ') && key.len() >= 4 {
            self.vocabulary.entry(key.clone()).or_default();
        }
        self.terms.entry(key).or_insert(Packed { category, special, strength: 2, upper: false, derived: true }.to_u64());
        Ok(())
    }

    fn class(&mut self, item: &Table) -> Result<(), String> {
        let name = item.get("name").and_then(Value::as_str).ok_or("a class has no `name`")?;
        let index = self.class_names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.class_names.push(name.to_owned());
            self.class_names.len() - 1
        });
        if index >= 64 {
            return Err("there are more than 64 classes".to_owned());
        }
        for term in lines(item, "terms")? {
            *self.classes.entry(key_of(term)?).or_default() |= 1 << index;
        }
        Ok(())
    }

    fn rule(&mut self, item: &Table) -> Result<(), String> {
        let number = packed(item)?.to_u64();
        for pattern in lines(item, "patterns")? {
            writeln!(self.rules, "{number}\t{pattern}").map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

fn packed(item: &Table) -> Result<Packed, String> {
    if let Some(key) =
        item.keys().find(|key| !["category", "special", "strength", "case", "terms", "patterns", "note"].contains(&key.as_str()))
    {
        return Err(format!("an entry has the unknown key `{key}`"));
    }
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let place = |key: &str, names: &[&str], value: &str| {
        names.iter().position(|known| *known == value).map(|at| at as u8).ok_or(format!("`{key} = {value:?}` is none of {names:?}"))
    };
    Ok(Packed {
        category: place("category", &CATEGORIES, text("category").unwrap_or_default())?,
        special: text("special").map(|value| place("special", &SPECIALS, value)).transpose()?.map_or(0, |at| at + 1),
        strength: place("strength", &STRENGTHS, text("strength").unwrap_or("sure"))?,
        upper: text("case") == Some("upper"),
        derived: false,
    })
}

fn lines<'t>(item: &'t Table, key: &str) -> Result<impl Iterator<Item = &'t str>, String> {
    let text = item.get(key).and_then(Value::as_str).ok_or(format!("an entry has no `{key}`"))?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')))
}

/// The words of a term as they stand in the text, with a blank between them.
fn key_of(term: &str) -> Result<String, String> {
    let normalised = Normalised::new(term);
    let mut key = String::new();
    for (index, token) in normalised.tokens().iter().enumerate() {
        if token.kind == Kind::Mark {
            if normalised.word(index) == "*" && token.glued && !key.is_empty() {
                key.push('*');
            }
            continue;
        }
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(normalised.word(index));
    }
    if key.trim_matches(['*', ' ']).is_empty() { Err(format!("the term {term:?} has no words")) } else { Ok(key) }
}

fn fold(word: &str) -> String {
    let normalised = Normalised::new(word);
    (0..normalised.tokens().len()).map(|index| normalised.word(index)).collect()
}
