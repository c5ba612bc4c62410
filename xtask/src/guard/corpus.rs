//! Texts with marked spans: `lang dir topic tags<TAB>text`, where a span is written `{words|CATEGORY}` or `{words|CATEGORY|SPECIAL}`.

use wellsent_text::guard::{Category, Class, Special};

/// A text and what is in it.
#[derive(Debug, Clone)]
pub struct Example {
    /// The four words before the text.
    pub head: String,
    /// The text without marks.
    pub text: String,
    /// What is in it, in code points.
    pub spans: Vec<Marked>,
}

/// A marked span.
#[derive(Debug, Clone)]
pub struct Marked {
    pub start: u32,
    pub end: u32,
    pub category: Category,
    pub special: Option<Special>,
}

impl Example {
    /// What follows from the spans.
    pub fn class(&self) -> Class {
        match self.spans.iter().map(|span| span.category.is_health()).max() {
            None => Class::None,
            Some(false) => Class::IdentifierOnly,
            Some(true) => Class::HealthContent,
        }
    }

    pub fn has_identifier(&self) -> bool {
        self.spans.iter().any(|span| !span.category.is_health())
    }

    pub fn has_special(&self) -> bool {
        self.spans.iter().any(|span| span.special.is_some())
    }
}

/// Reads a file; an error names the file and the line.
pub fn read(path: &str) -> Result<Vec<Example>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let mut examples = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        examples.push(example(line).map_err(|error| format!("{path}:{}: {error}", index + 1))?);
    }
    Ok(examples)
}

fn example(line: &str) -> Result<Example, String> {
    let (head, marked) = line.split_once('\t').ok_or("there is no tab")?;
    let mut text = String::new();
    let mut spans = Vec::new();
    let mut count = 0;
    let mut rest = marked;
    while let Some(open) = rest.find('{') {
        let before = &rest[..open];
        let close = rest[open..].find('}').ok_or("a mark is not closed")? + open;
        let mut parts = rest[open + 1..close].split('|');
        let words = parts.next().unwrap_or_default();
        let category = parts.next().unwrap_or_default();
        let category = *Category::ALL.iter().find(|known| known.as_str() == category).ok_or(format!("no category {category:?}"))?;
        let special = parts
            .next()
            .map(|name| Special::ALL.into_iter().find(|known| known.as_str() == name).ok_or(format!("no special kind {name:?}")))
            .transpose()?;
        count += before.chars().count() as u32;
        let end = count + words.chars().count() as u32;
        spans.push(Marked { start: count, end, category, special });
        text.push_str(before);
        text.push_str(words);
        count = end;
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    Ok(Example { head: head.to_owned(), text, spans })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_spans_of_code_points() {
        let read = example("es in symptom -\tNiño con {fiebre|CONDITION}, {VIH|CONDITION|HIV}").unwrap();
        assert_eq!(read.text, "Niño con fiebre, VIH");
        assert_eq!(
            read.spans.iter().map(|span| (span.start, span.end, span.special)).collect::<Vec<_>>(),
            [(9, 15, None), (17, 20, Some(Special::Hiv))]
        );
        assert_eq!(read.class(), Class::HealthContent);
    }
}
