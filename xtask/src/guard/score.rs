//! Compares what the guard finds with marked texts.

use super::corpus::{Example, Marked};
use wellsent_text::guard::{Report, Span};

/// Right and wrong answers to one question.
#[derive(Debug, Default, Clone, Copy)]
pub struct Count {
    pub right: usize,
    pub false_alarms: usize,
    pub missed: usize,
}

impl Count {
    fn add(&mut self, wanted: bool, found: bool) {
        match (wanted, found) {
            (true, true) => self.right += 1,
            (false, true) => self.false_alarms += 1,
            (true, false) => self.missed += 1,
            (false, false) => {}
        }
    }

    pub fn precision(self) -> f64 {
        share(self.right, self.right + self.false_alarms)
    }

    pub fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    pub fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.false_alarms + self.missed)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The answers to every question.
#[derive(Debug, Default)]
pub struct Score {
    pub texts: usize,
    pub health: Count,
    /// Texts with specially protected content: whether they were found to have health content at all.
    pub special: Count,
    /// Whether the special kind itself was told.
    pub special_kind: Count,
    pub identifiers: Count,
    spans: Count,
    same_category: usize,
    wrong: Vec<String>,
}

impl Score {
    /// Compares one text.
    pub fn add(&mut self, example: &Example, report: &Report) {
        self.texts += 1;
        let wanted = example.class() == wellsent_text::guard::Class::HealthContent;
        self.health.add(wanted, report.has_health());
        if example.has_special() {
            self.special.add(true, report.has_health());
        }
        self.special_kind.add(example.has_special(), !report.specials().is_empty());
        self.identifiers.add(example.has_identifier(), report.has_identifier());
        for span in &example.spans {
            let near = |found: &&Span| touches(span, found) && found.category.is_health() == span.category.is_health();
            if report.spans.iter().any(|found| near(&found)) {
                self.spans.right += 1;
            } else {
                self.spans.missed += 1;
            }
            self.same_category += usize::from(report.spans.iter().any(|found| touches(span, found) && found.category == span.category));
        }
        self.spans.false_alarms += report
            .spans
            .iter()
            .filter(|found| {
                !example.spans.iter().any(|span| touches(span, found) && found.category.is_health() == span.category.is_health())
            })
            .count();
        let mut kinds = Vec::new();
        for (name, wanted, found) in
            [("health", wanted, report.has_health()), ("identifier", example.has_identifier(), report.has_identifier())]
        {
            if wanted != found {
                kinds.push(format!("{name} {}", if wanted { "missed" } else { "alarm" }));
            }
        }
        if !kinds.is_empty() {
            let found: Vec<String> = report
                .spans
                .iter()
                .map(|span| {
                    let words: String = example.text.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect();
                    format!("{}:{words}", span.category.as_str())
                })
                .collect();
            self.wrong.push(format!("{}\t{}\t{}\t{found:?}", kinds.join(", "), example.head, example.text));
        }
    }

    /// The figures in a few lines.
    pub fn table(&self) -> String {
        let line = |name: &str, count: Count| {
            format!(
                "{name:12} precision {:.3}  recall {:.3}  F1 {:.3}   right {} alarms {} missed {}\n",
                count.precision(),
                count.recall(),
                count.f1(),
                count.right,
                count.false_alarms,
                count.missed
            )
        };
        let spans = self.spans.right + self.spans.missed;
        format!(
            "{} texts\n{}special      recall {:.3} (missed {})\n{}{}{}spans with their category {:.3}\n",
            self.texts,
            line("health", self.health),
            self.special.recall(),
            self.special.missed,
            line("special kind", self.special_kind),
            line("identifiers", self.identifiers),
            line("spans", self.spans),
            share(self.same_category, spans)
        )
    }

    /// The texts that were judged wrong.
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

fn touches(marked: &Marked, found: &Span) -> bool {
    marked.start < found.end && found.start < marked.end
}
