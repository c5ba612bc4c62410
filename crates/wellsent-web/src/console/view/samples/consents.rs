//! The report on consents.

use super::{at, shell, when};
use crate::console::view::*;

pub(in crate::console::view) fn consents(is_manager: bool) -> Consents {
    const WHOLE: u64 = 1_412;
    let choice = |label: &str, href: &str, current| Choice { label: label.into(), count: String::new(), href: href.into(), current };
    let counts = [612, 148, 221, 37, 9, 214, 6, 11, 58, 23, 73];
    let classes = CoverageState::ALL.iter().zip(counts).map(|(class, count)| ClassRow {
        class: *class,
        count: count.to_string(),
        share: Share::of(count, WHOLE),
        href: format!("/consents?category=appointments&show={}&days=30#list", class.as_str()),
        current: *class == CoverageState::NoConsent,
    });
    let way = [
        ("Patients", 1_412),
        ("With a number that can be texted", 1_316),
        ("Asked", 1_180),
        ("Consented", 1_027),
        ("Confirmation sent", 1_018),
        ("Details accepted", 784),
        ("Phone verified", 629),
    ];
    let step = |(place, (label, count)): (usize, &(&str, u64))| StepRow {
        label: (*label).into(),
        count: count.to_string(),
        share: Share::of(*count, WHOLE),
        lost: place.checked_sub(1).map(|before| (way[before].1 - count).to_string()).unwrap_or_default(),
    };
    let table = |title: &str, head: &str, id, names: &[&str]| StepTable {
        title: title.into(),
        head: head.into(),
        id,
        steps: way.iter().map(|(label, _)| (*label).into()).collect(),
        rows: names.iter().map(|name| ((*name).into(), ["48", "45", "41", "36", "36", "25", "19"].map(Into::into).into())).collect(),
        note: "Patients who come within a week, by their first visit.".into(),
    };
    let patient = |id: &str, name: &str, language: &str, visit| MissingRow {
        id: id.into(),
        name: name.into(),
        born: "born 5/4/1961, 65".into(),
        record: "RB20417".into(),
        language: language.into(),
        visit,
        confirmed: None,
    };
    let ways = [
        ("On paper", ["31", "2", "22", "4", "0", "0"]),
        ("At check-in", ["64", "1", "51", "9", "0", "38"]),
        ("On a secure page", ["12", "5", "8", "2", "1", "6"]),
        ("By text", ["7", "3", "5", "0", "9", "44"]),
        ("In person or on the phone", ["18", "6", "3", "1", "2", "0"]),
        ("With an imported file", ["240", "0", "120", "0", "0", "0"]),
        ("By the carrier\u{2019}s report", ["0", "0", "0", "0", "1", "0"]),
    ];
    Consents {
        shell: Shell { live: None, ..shell(Section::Consents) },
        categories: vec![
            choice("Appointments", "/consents?category=appointments&show=no_consent&days=30", true),
            choice("Care instructions", "/consents?category=care&show=no_consent&days=30", false),
            choice("Billing", "/consents?category=billing&show=no_consent&days=30", false),
            choice("Surveys", "/consents?category=surveys&show=no_consent&days=30", false),
        ],
        patients: "1,412".into(),
        is_cut_off: false,
        classes: classes.collect(),
        steps: way.iter().enumerate().map(step).collect(),
        tables: vec![
            table("By location", "Location", "by-location", &["Main Street", "Lakeside", "Harbor"]),
            table("By language", "Language", "by-language", &["English", "Spanish"]),
        ],
        recheck: Choice {
            label: "Numbers to confirm at the next visit".into(),
            count: "41".into(),
            href: "/consents?category=appointments&show=recheck&days=30#list".into(),
            current: false,
        },
        list: MissingList {
            title: "No consent yet".into(),
            total: "214".into(),
            advice: "Ask at check-in, on paper, or by a link to the preferences page. Visits within a week come first.".into(),
            rows: vec![
                patient("pat_1", "Rosa Delgado", "Spanish", Some(at("14:30", "2:30 PM"))),
                patient(
                    "pat_2",
                    "James Albert Fitzgerald-Montgomery III",
                    "English",
                    Some(when("2026-11-27T09:00:00-05:00", "Fri, Nov 27 at 9:00 AM")),
                ),
                patient("pat_3", "Thomas Whitcomb", "English", None),
            ],
            range: "1 to 50".into(),
            previous: None,
            next: Some("/consents?category=appointments&show=no_consent&days=30&page=1#list".into()),
        },
        periods: vec![
            choice("7 days", "/consents?category=appointments&show=no_consent&days=7#ways", false),
            choice("30 days", "/consents?category=appointments&show=no_consent&days=30#ways", true),
        ],
        ways: ways
            .map(|(way, [granted, revoked, accepted, declined, stopped, verified])| WayRow {
                way: way.into(),
                granted: granted.into(),
                revoked: revoked.into(),
                accepted: accepted.into(),
                declined: declined.into(),
                stopped: stopped.into(),
                verified: verified.into(),
            })
            .into(),
        export: is_manager.then(|| "/consents/export?category=appointments".into()),
    }
}

pub(in crate::console::view) fn consents_recheck() -> Consents {
    let plain = consents(false);
    let row = MissingRow { confirmed: Some(when("2026-08-02", "Aug 2, 2026")), ..plain.list.rows[0].clone() };
    Consents {
        is_cut_off: true,
        recheck: Choice { current: true, ..plain.recheck.clone() },
        list: MissingList {
            title: "Numbers to confirm".into(),
            total: "1".into(),
            rows: vec![row],
            range: String::new(),
            next: None,
            ..plain.list.clone()
        },
        ..plain
    }
}
