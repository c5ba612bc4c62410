//! The page docs/GATE.md, written from the table.

use super::compare::Tally;
use super::decide::{Answer, Outcome, decide, instead};
use super::dimensions::*;
use super::product::{Combination, Product, When};
use super::rows::{Row, SECTIONS, rows};
use std::fmt::Write;
use std::path::PathBuf;
use wellsent_domain::gate::Reason;

const OPENING: &str = "\
# What the gate decides

Every text passes one gate in the moment in which it would leave. The gate looks at what the patient allowed, at the number, at what the text says and at who
is reached, and then lets it go as written, lets another wording go instead, holds it, asks a person, or refuses. This page is the whole of that decision for a
compliance officer: what is asked, what happens, which rule asks for it, and what would change the answer. The rules are explained in [RULES.md](RULES.md).

## Four permissions, and none implies another

They are kept apart for each patient and number, each with the act that gave it: who, when, in which words, through which channel.

| permission | allows | does not allow |
|---|---|---|
| **Consent to texts**, by category (TCPA) | texts of this category to this number | texts of another category, anything clinical, marketing unless it is in writing |
| **Acceptance of the warning** that texts are not encrypted (HIPAA) | clinical words in a text that may go anyway | any text by itself |
| **Marketing authorization** (HIPAA) | the use of health information for marketing, until its last day | a marketing text without consent in writing |
| **Requests of the patient** (HIPAA) | nothing: they only take away | |

What is said for one number is not said for another number of the same patient. A stop ends texts and leaves the other three as they were: an authorization
ends only in writing.

";

const TIERS: &str = "\
## Tiers

| tier | what it says | what it needs |
|---|---|---|
| **T0** service | the opt-in confirmation, answers to HELP and STOP, codes | consent of its category, or the patient's own text or request |
| **T1** logistics | the practice's neutral name, date, time, call-back number | consent of its category |
| **T2** clinical | a drug, a result, a reason, a clinician's specialty, a full name | what T1 needs, and every row under [Clinical content](#clinical-content) in order |
| **T3** | notes of psychotherapy, results of the most protected kinds, numbers of cards and identity | never goes by text |

A template's tier is the highest of its words and its variables. A T2 template may bring a neutral twin (T1) or a notice of a secure page:

";

const READING: &str = "\
## How to read the tables

A row speaks where **all** its conditions hold; what a row does not name does not matter to it. All rows that speak count:

1. If one says **refused**, the text is refused, for the reasons of all rows that say so.
2. If one says **not in these words**, the neutral twin or the notice goes instead. Where there is none the text is refused for that reason too; what staff
   wrote themselves waits for a person's decision.
3. If one says **held**, the text waits and is ruled on again, with the facts of that moment.
4. If none speaks, it goes as written.

The word in `code` is the reason as a message's page, the ledger and the API show it.

";

const ELSEWHERE: &str = "\
## What the tables take as given

In every combination the rest is in order: sending is on, the sender is approved, an agreement with its carrier is in force, it is within the hours of the day,
no cap is reached, the number is a mobile that nobody disputes, the visit still stands, and the opt-in confirmation went out. Where one of these is not so the
gate answers with a reason of its own:

| reason | why | rule | what would change it |
|---|---|---|---|
";

const LIMITS: &str = "\
## What the gate does not know

- Whether words promote something. The category of a template says so, and a person chose it. What staff write counts as a conversation about a visit, and a
  safety notice as what its approver says it is.
- Whether a consent under 42 CFR Part 2 names a proxy. A practice under Part 2 gets neutral words only, to the patient and to every proxy on record: it records
  a proxy only where such a consent names the person.
- Whether a confirmation was right. Where the program finds something clinical in what staff typed, it asks; what staff confirm with a reason goes, and both are
  on the ledger (M-01). What never goes by text, what is specially protected, and anything clinical under Part 2 cannot be confirmed.

";

/// The page.
pub fn write(walked: &[(Product, Tally)]) -> String {
    let mut out = OPENING.to_owned();
    examples(&mut out);
    out.push_str(TIERS);
    wordings(&mut out);
    out.push_str(READING);
    for section in SECTIONS {
        line(&mut out, format_args!("## {}\n\n{}\n", section.title, section.about));
        line(&mut out, format_args!("| when | the text is | why | rule | what would change it |\n|---|---|---|---|---|"));
        section.rows.iter().for_each(|row| table_row(&mut out, row));
        out.push('\n');
    }
    out.push_str(ELSEWHERE);
    let named = rows();
    for reason in Reason::ALL.iter().filter(|reason| named.iter().all(|row| row.reason != **reason)) {
        line(&mut out, format_args!("| `{}` | {} | {} | {} |", reason.code(), reason.sentence(), reason.rule(), reason.remedy()));
    }
    out.push('\n');
    out.push_str(LIMITS);
    checked(&mut out, walked);
    out
}

fn table_row(out: &mut String, row: &Row) {
    let when: Vec<_> = row.when.iter().map(When::words).map(|(title, values)| format!("**{title}:** {values}")).collect();
    let reason = row.reason;
    line(
        out,
        format_args!(
            "| {} | {} | `{}`<br>{} | {} | {} |",
            when.join("<br>"),
            row.effect.words(),
            reason.code(),
            reason.sentence(),
            row.rules.join(", "),
            reason.remedy(),
        ),
    );
}

/// What still goes with one thing missing, and with one thing alone: computed from the rows.
fn examples(out: &mut String) {
    let all = Combination::IN_ORDER;
    let nothing = Combination {
        consent: Consent::Nothing,
        warning: Warning::NotShown,
        authorization: Authorization::Nothing,
        verification: Verification::Never,
        ..all
    };
    let cases = [
        ("everything is in order", all),
        ("no consent to this category", Combination { consent: Consent::Nothing, ..all }),
        ("consent is not in writing", Combination { consent: Consent::Given, ..all }),
        ("the warning is not accepted", Combination { warning: Warning::Shown, ..all }),
        ("no marketing authorization", Combination { authorization: Authorization::Nothing, ..all }),
        ("the patient asked for nothing clinical", Combination { request: Request::NothingClinical, ..all }),
        ("the patient asked never to be texted", Combination { request: Request::NeverText, ..all }),
        ("somebody at the number texted STOP", Combination { consent: Consent::Stopped, ..all }),
        ("there is consent, and nothing else", Combination { consent: Consent::Written, ..nothing }),
        ("there is the acceptance, and nothing else", Combination { warning: Warning::Accepted, ..nothing }),
        ("there is the authorization, and nothing else", Combination { authorization: Authorization::Alive, ..nothing }),
    ];
    line(out, format_args!("What goes to an adult's own phone, by a programme:\n"));
    line(
        out,
        format_args!(
            "| if | reminder (T1) | clinical text with a neutral twin | clinical text alone | marketing (T1) |\n|---|---|---|---|---|"
        ),
    );
    let rows = rows();
    for (name, case) in cases {
        let cells = [
            case,
            Combination { content: Content::ClinicalOrNeutral, category: Category::Care, ..case },
            Combination { content: Content::ClinicalOnly, category: Category::Care, ..case },
            Combination { category: Category::Marketing, ..case },
        ]
        .map(|of| told(decide(&rows, &of)));
        line(out, format_args!("| {name} | {} |", cells.join(" | ")));
    }
    out.push('\n');
}

fn told(answer: Answer) -> String {
    let codes: Vec<_> = answer.reasons.iter().map(|reason| format!("`{}`", reason.code())).collect();
    match answer.outcome {
        Outcome::AsWritten => answer.outcome.words().to_owned(),
        outcome => format!("{}: {}", outcome.words(), codes.join(", ")),
    }
}

fn wordings(out: &mut String) {
    line(out, format_args!("| content | where it may not go as written |\n|---|---|"));
    for content in Content::ALL {
        let other = match (content, instead(*content)) {
            (_, Some(outcome)) => outcome.words(),
            (Content::Service | Content::Logistics, None) => "no row asks for other words",
            (_, None) => "refused; what staff wrote waits for a person's decision",
        };
        line(out, format_args!("| {} | {other} |", content.words()));
    }
    out.push('\n');
}

fn checked(out: &mut String, walked: &[(Product, Tally)]) {
    let sum: usize = walked.iter().map(|(product, _)| product.len()).sum();
    line(
        out,
        format_args!(
            "## How it is checked\n\n\
             The tables on this page are data of a [test](../crates/wellsent-domain/tests/all/table/mod.rs), written from the rules and not from the gate's\n\
             code. The test asks the tables and the gate on **{} combinations**, one by one: what becomes of the text and all reasons have to be the same. Each\n\
             combination starts from a log of what was said and signed, in which everything is allowed for every other category and at another number of the\n\
             same patient. The test also takes each row away and overlooks facts on purpose, and has to notice. The page itself is written by the test, which\n\
             fails when the page says something else.\n\n\
             Three products are walked, each in full; a product has every combination of the values that it names:\n",
            grouped(sum)
        ),
    );
    line(out, format_args!("| | {} |\n|---|{}", NAMES.join(" | "), "---|".repeat(NAMES.len())));
    for at in 0..Product::ALL.dimensions().len() {
        let (title, ..) = Product::ALL.dimensions()[at];
        let cells: Vec<_> = walked
            .iter()
            .map(|(product, _)| match product.dimensions()[at] {
                (_, here, all) if here == all => format!("all {all}"),
                (_, here, all) => format!("{here} of {all}"),
            })
            .collect();
        line(out, format_args!("| {title} | {} |", cells.join(" | ")));
    }
    let counts: Vec<_> = walked.iter().map(|(product, _)| format!("**{}**", grouped(product.len()))).collect();
    line(out, format_args!("| **combinations** | {} |", counts.join(" | ")));
    for outcome in Outcome::ALL {
        let counts: Vec<_> = walked.iter().map(|(_, tally)| grouped(tally[outcome as usize])).collect();
        line(out, format_args!("| {} | {} |", outcome.words(), counts.join(" | ")));
    }
    line(
        out,
        format_args!(
            "\nThe first two products together leave nothing out: a programme's texts have T1 to T3, answers T0. The third leaves out what no row asks of anything\n\
             but a programme (the category, the authorization) and the steps between the two ends of verification and special protection."
        ),
    );
}

const NAMES: [&str; 3] = ["by a programme or an application", "answers", "whatever sets it off"];

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes everything");
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

/// A page of the documentation.
pub fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_default().replace("\r\n", "\n")
}

/// Holds a page against what it has to be, or writes it where that is asked for.
pub fn check(name: &str, wanted: &str) {
    if std::env::var_os("WELLSENT_WRITE_DOCS").is_some() {
        std::fs::write(path(name), wanted).expect("docs can be written");
        return;
    }
    let found = read(name);
    let differs = wanted.lines().zip(found.lines()).position(|(wanted, found)| wanted != found);
    let at = differs.unwrap_or(wanted.lines().count().min(found.lines().count())) + 1;
    assert!(
        found == wanted,
        "docs/{name} is not what the table says, from line {at} on. Write it anew: WELLSENT_WRITE_DOCS=1 cargo test -p wellsent-domain"
    );
}
