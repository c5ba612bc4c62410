//! Every page is rendered with the samples and held to what all pages promise.

use std::collections::BTreeSet;

use askama::Template;

use super::{samples, *};

/// Every page in every state worth looking at: its file name in the gallery and its HTML.
fn pages() -> Vec<(&'static str, String)> {
    fn page(name: &'static str, page: impl Template) -> (&'static str, String) {
        (name, page.render().expect("a template without fallible filters renders"))
    }
    let sign_in = |state| SignIn { state, demo: true };
    let failure = |kind| Failure { kind, request_id: Some("req_01jd8e6m1q".into()) };
    let person_stopped = Person { reply: Some(samples::reply_box_blocked()), ..samples::person() };
    vec![
        page("today", samples::today()),
        page("today-empty", samples::today_empty()),
        page("tasks", samples::tasks_page()),
        page("tasks-none", TasksPage { tasks: vec![], done: vec![], ..samples::tasks_page() }),
        page("inbox", samples::inbox(true)),
        page("inbox-list", samples::inbox(false)),
        page("people", samples::people("")),
        page("people-found", samples::people("delg")),
        page("people-none", samples::people("zzz")),
        page("person", samples::person()),
        page("person-stopped", person_stopped),
        page("person-bare", samples::person_bare()),
        page("number", samples::number(NumberPart::None)),
        page("number-consent", samples::number(NumberPart::Consent)),
        page("number-verify", samples::number(NumberPart::Verify)),
        page("number-authorization", samples::number(NumberPart::Authorization)),
        page("number-replaced", NumberPage { live: false, ..samples::number(NumberPart::Requests) }),
        page("change-number", samples::change_number()),
        page("check-in-started", samples::check_in_started()),
        page("messages", samples::messages()),
        page("message-released", samples::message(Decision::Released)),
        page("message-held", samples::message(Decision::Held)),
        page("message-review", samples::message(Decision::NeedsReview)),
        page("message-refused", samples::message(Decision::Refused)),
        page("consents", samples::consents(true)),
        page("consents-recheck", samples::consents_recheck()),
        page("consents-none", {
            let plain = samples::consents(false);
            Consents {
                list: MissingList { rows: vec![], total: "0".into(), range: String::new(), next: None, ..plain.list.clone() },
                ..plain
            }
        }),
        page("carriers", samples::carriers()),
        page("carriers-none", samples::carriers_none()),
        page("ledger", samples::ledger()),
        page("import", samples::import(false)),
        page("import-report", samples::import(true)),
        page("phones", samples::phones(true)),
        page("phones-grid", samples::phones(false)),
        page("sign-in", sign_in(SignInState::UseLink)),
        page("sign-in-confirm", sign_in(SignInState::Confirm { token: "t0k3n".into(), staff: "Dana Whitfield".into() })),
        page("sign-in-used", SignIn { state: SignInState::Used, demo: false }),
        page("sign-in-expired", sign_in(SignInState::Expired)),
        page("signed-out", sign_in(SignInState::SignedOut)),
        page("session-ended", sign_in(SignInState::SessionEnded)),
        page("404", failure(FailureKind::NotFound)),
        page("403", failure(FailureKind::Forbidden)),
        page("500", failure(FailureKind::Internal)),
        page("400", failure(FailureKind::BadRequest)),
        page("offline", failure(FailureKind::Offline)),
    ]
}

/// The fragments that are swapped into open pages, each with its id.
fn fragments() -> Vec<(&'static str, String)> {
    fn fragment(id: &'static str, part: impl Template) -> (&'static str, String) {
        (id, part.render().expect("a template without fallible filters renders"))
    }
    let phones = samples::phones(true);
    let screen = phones.open.expect("the sample has an opened phone").screen;
    let clock = samples::shell(Section::Today).clock.expect("the sample is a demo");
    vec![
        fragment("clock-bar", clock),
        fragment("summary", samples::summary()),
        fragment("tasks-panel", samples::tasks_panel()),
        fragment("visit-v3", samples::visit_row()),
        fragment("thread", samples::thread()),
        fragment("reply-box", samples::reply_box()),
        fragment("thread-list", samples::inbox(true).list),
        fragment("phone-grid", phones.grid),
        fragment("phone-screen", screen),
        fragment("carrier-panel", phones.carrier),
    ]
}

/// The start tags of a page, each from `<` to `>`; no attribute of ours holds a `>`.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter(|piece| !piece.starts_with(['/', '!'])).map(|piece| piece.split('>').next().unwrap_or(piece)).collect()
}

fn name(tag: &str) -> &str {
    tag.split([' ', '\n', '/']).next().unwrap_or(tag)
}

fn attribute<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {attribute}=\""))? + attribute.len() + 3;
    tag[start..].split('"').next()
}

#[test]
fn every_page_has_a_title_a_language_and_its_landmarks() {
    for (page, html) in pages() {
        assert!(html.starts_with("<!doctype html>"), "{page}");
        assert!(html.contains("<html lang=\"en\">"), "{page}");
        let title = html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        assert!(title.is_some_and(|title| title.len() > " · Wellsent".len()), "{page}: {title:?}");
        assert_eq!(html.matches("<main ").count(), 1, "{page}");
        assert_eq!(html.matches("<h1").count(), 1, "{page}");
        assert!(html.contains("<header"), "{page}");
        assert!(html.contains("class=\"skip\" href=\"#main\""), "{page}");
        assert_eq!(html.contains("<nav "), html.contains("class=\"side\""), "{page}");
    }
}

#[test]
fn no_page_holds_a_style_or_a_script_of_its_own() {
    for (page, html) in pages().into_iter().chain(fragments()) {
        assert!(!html.contains("<style"), "{page}");
        assert!(!html.contains("javascript:"), "{page}");
        for tag in tags(&html) {
            assert!(attribute(tag, "style").is_none(), "{page}: <{tag}>");
            assert!(
                !tag.contains(" on")
                    || !tag
                        .split(" on")
                        .skip(1)
                        .any(|rest| { rest.split_once('=').is_some_and(|(event, _)| event.chars().all(char::is_alphabetic)) }),
                "{page}: <{tag}>"
            );
            if name(tag) == "script" {
                assert!(attribute(tag, "src").is_some_and(|src| src.starts_with("/assets/")), "{page}");
            }
            for link in ["src", "href", "action", "formaction"] {
                if let Some(target) = attribute(tag, link) {
                    assert!(target.starts_with('/') || target.starts_with('#'), "{page}: <{tag}>");
                    assert!(!target.starts_with("//"), "{page}: <{tag}>");
                }
            }
        }
    }
}

#[test]
fn every_form_has_a_method_and_an_action() {
    for (page, html) in pages().into_iter().chain(fragments()) {
        for tag in tags(&html).into_iter().filter(|tag| name(tag) == "form") {
            assert!(matches!(attribute(tag, "method"), Some("get" | "post")), "{page}: <{tag}>");
            assert!(attribute(tag, "action").is_some(), "{page}: <{tag}>");
        }
    }
}

#[test]
fn every_field_has_a_label() {
    for (page, html) in pages().into_iter().chain(fragments()) {
        let labelled: BTreeSet<&str> =
            tags(&html).into_iter().filter(|tag| name(tag) == "label").filter_map(|tag| attribute(tag, "for")).collect();
        let mut label_open = false;
        for piece in html.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap_or(piece);
            match name(tag.trim_start_matches('/')) {
                "label" => label_open = !piece.starts_with('/'),
                "input" | "textarea" | "select" if !piece.starts_with('/') => {
                    let hidden = attribute(tag, "type") == Some("hidden");
                    let named = attribute(tag, "id").is_some_and(|id| labelled.contains(id));
                    assert!(hidden || label_open || named, "{page}: <{tag}>");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_button_says_what_it_does() {
    for (page, html) in pages() {
        for piece in html.split("<button").skip(1) {
            let (tag, rest) = piece.split_once('>').expect("a tag ends");
            let inside = rest.split("</button>").next().unwrap_or(rest);
            let words: String = inside.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
            assert!(!words.trim().is_empty() || attribute(tag, "aria-label").is_some(), "{page}: <button{tag}>");
        }
    }
}

#[test]
fn every_id_stands_once_on_a_page_and_references_find_theirs() {
    for (page, html) in pages() {
        let mut ids = BTreeSet::new();
        for id in tags(&html).into_iter().filter_map(|tag| attribute(tag, "id")) {
            assert!(ids.insert(id), "{page}: id {id} stands twice");
        }
        for tag in tags(&html) {
            for reference in ["aria-labelledby", "for", "aria-describedby"] {
                for id in attribute(tag, reference).into_iter().flat_map(str::split_whitespace) {
                    assert!(ids.contains(id), "{page}: nothing has the id {id}");
                }
            }
        }
    }
}

#[test]
fn every_tag_that_opens_is_closed() {
    const VOID: &[&str] = &["meta", "link", "input", "br"];
    for (page, html) in pages() {
        let mut open: Vec<&str> = Vec::new();
        for piece in html.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap_or(piece);
            if tag.starts_with('!') || tag.ends_with('/') || VOID.contains(&name(tag)) {
                continue;
            }
            match tag.strip_prefix('/') {
                Some(closing) => assert_eq!(open.pop(), Some(closing), "{page}"),
                None => open.push(name(tag)),
            }
        }
        assert!(open.is_empty(), "{page}: {open:?}");
    }
}

#[test]
fn every_moment_is_a_time_element() {
    for (page, html) in pages() {
        for tag in tags(&html).into_iter().filter(|tag| name(tag) == "time") {
            assert!(attribute(tag, "datetime").is_some_and(|iso| iso.starts_with("20")), "{page}");
        }
    }
}

#[test]
fn every_icon_that_a_page_uses_is_drawn() {
    let icons = assets::find("icons.svg").expect("the icons are an asset").body;
    for (page, html) in pages() {
        for tag in tags(&html).into_iter().filter(|tag| name(tag) == "use") {
            let icon = attribute(tag, "href").and_then(|href| href.split('#').nth(1));
            let icon = icon.unwrap_or_else(|| panic!("{page}: <{tag}> names no icon"));
            assert!(icons.contains(&format!("id=\"{icon}\"")), "{page}: icon {icon} is missing");
        }
    }
}

#[test]
fn a_fragment_is_one_element_with_its_own_id() {
    for (id, html) in fragments() {
        let html = html.trim();
        let tag = html.trim_start_matches('<').split('>').next().unwrap_or(html);
        assert_eq!(attribute(tag, "id"), Some(id));
        assert!(tag.contains("data-live"), "{id} would be missed by a refresh");
        assert!(html.ends_with(&format!("</{}>", name(tag))), "{id}");
    }
}

#[test]
fn words_of_a_patient_cannot_become_markup() {
    let hostile = "<script>alert(1)</script>\" onmouseover=\"x";
    let mut visit = samples::visit_row();
    visit.person = hostile.into();
    visit.reply = Some(Reply { text: hostile.into(), lang: "en".into(), at: When::new("2026-11-24", "now") });
    let mut thread = samples::thread();
    thread.person = hostile.into();
    thread.bubbles[0].text = hostile.into();
    for html in [visit.render(), thread.render()] {
        let html = html.expect("renders");
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("\" onmouseover"), "{html}");
    }
}

#[test]
fn a_draft_survives_its_warning() {
    let html = samples::reply_box_warned().render().expect("renders");
    assert!(html.contains(">Your blood sugar result is ready</textarea>"));
    assert!(html.contains("value=\"page\"") && html.contains("value=\"neutral\"") && html.contains("value=\"override\""));
    assert!(html.contains("blood sugar result<span"), "what was found is marked");
    assert!(html.contains("data-held"), "a refresh does not take the draft away");
}

#[test]
fn who_may_not_override_sees_who_can_and_no_way_to_do_it() {
    let mut reply = samples::reply_box_warned();
    let warning = reply.warning.as_mut().expect("a warning");
    (warning.overrides, warning.who_could) = (vec![], "A clinician or a manager can send it with a reason.");
    let html = reply.render().expect("renders");
    assert!(!html.contains("value=\"override\"") && html.contains("A clinician or a manager"));
}

#[test]
fn what_is_wrong_with_a_form_stands_beside_the_field_and_is_tied_to_it() {
    let html = samples::number(NumberPart::Authorization).render().expect("renders");
    for field in ["auth-discloser-fault", "auth-expiry-fault", "auth-signed-fault", "states_revocation-fault", "auth-scan-fault"] {
        assert!(html.contains(&format!("aria-describedby=\"{field}\"")) && html.contains(&format!("id=\"{field}\"")), "{field}");
    }
    assert!(!html.contains("auth-information-fault"));
}

#[test]
fn a_stopped_number_offers_no_reply() {
    let html = samples::reply_box_blocked().render().expect("renders");
    assert!(!html.contains("<form"));
    assert!(html.contains("Please call."));
}

#[test]
fn distress_stands_first_in_the_panel() {
    let html = samples::tasks_panel().render().expect("renders");
    let place = |label: &str| html.find(label).unwrap_or(usize::MAX);
    assert!(place(TaskKind::Distress.label()) < place(TaskKind::WrongNumber.label()));
}

#[test]
fn phones_and_the_clock_are_for_demos_only() {
    let demo = samples::today().render().expect("renders");
    assert!(demo.contains("href=\"/phones\"") && demo.contains("/demo/clock"));
    let real = samples::today_empty().render().expect("renders");
    assert!(!real.contains("/phones") && !real.contains("/demo/clock"));
    assert!(real.contains("Sending is off"));
}

#[test]
fn the_bar_has_a_table_that_says_the_same() {
    let html = samples::summary().render().expect("renders");
    for kind in SliceKind::ALL {
        assert!(html.contains(&format!("bar-{}", kind.as_str())));
        assert!(html.contains(&format!("<th scope=\"col\" class=\"num\">{}</th>", kind.label())));
    }
}

#[test]
fn the_report_on_consents_looks_as_it_was_approved() {
    for (name, view) in [("consents", samples::consents(true)), ("consents-recheck", samples::consents_recheck())] {
        let html = view.render().expect("renders").replace(&assets::version_tag(), "VERSION");
        let main = html.split("<main ").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a page has a main part");
        let lines: Vec<&str> = main.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        insta::assert_snapshot!(name, lines.join("\n"));
    }
}

#[test]
fn the_page_of_the_carriers_looks_as_it_was_approved() {
    for (name, view) in [("carriers", samples::carriers()), ("carriers-none", samples::carriers_none())] {
        let html = view.render().expect("renders").replace(&assets::version_tag(), "VERSION");
        let main = html.split("<main ").nth(1).and_then(|rest| rest.split("</main>").next()).expect("a page has a main part");
        let lines: Vec<&str> = main.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        insta::assert_snapshot!(name, lines.join("\n"));
    }
}

#[test]
fn every_chart_has_a_table_that_says_the_same() {
    let view = samples::carriers();
    let html = view.render().expect("renders");
    assert_eq!(html.matches("<figure class=\"chart\" aria-hidden=\"true\">").count(), 2, "an account without texts has none");
    for bar in view.accounts.iter().flat_map(|account| account.days.rows()) {
        let row = format!(
            "<th scope=\"row\">{}</th><td class=\"num\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td>",
            bar.label, bar.taken, bar.unclear, bar.refused
        );
        assert!(html.contains(&row), "{}", bar.label);
    }
}

#[test]
fn a_text_that_is_of_no_use_any_more_is_not_offered_again() {
    let html = samples::carriers().render().expect("renders");
    let row = |id: &str| html.split(&format!("id=\"settle-{id}\"")).nth(1).and_then(|rest| rest.split("</details>").next()).expect("a row");
    assert!(row("att_1").contains("value=\"again\"") && row("att_1").contains("gets it twice"));
    assert!(!row("att_2").contains("value=\"again\"") && row("att_2").contains("cannot be sent again"));
}

#[test]
fn carriers_stand_in_the_sidebar_of_who_looks_after_them_only() {
    assert!(samples::carriers().render().expect("renders").contains("href=\"/carriers\""));
    assert!(!samples::ledger().render().expect("renders").contains("href=\"/carriers\""));
}

#[test]
fn every_bar_of_the_report_stands_beside_its_number() {
    let html = samples::consents(true).render().expect("renders");
    let rows = || html.split("<tr").skip(1).filter(|row| row.contains("<svg class=\"meter"));
    for row in rows() {
        assert!(row.contains("aria-hidden=\"true\"><svg") && row.contains("scope=\"row\"") && row.contains("%</td>"), "{row}");
    }
    assert_eq!(rows().count(), CoverageState::ALL.len() + 7);
}

#[test]
fn who_may_not_export_is_offered_none() {
    assert!(samples::consents(true).render().expect("renders").contains("/consents/export"));
    assert!(!samples::consents(false).render().expect("renders").contains("/consents/export"));
}

#[test]
fn the_title_of_a_persons_page_does_not_name_them() {
    let html = samples::person().render().expect("renders");
    let title = html.split("</title>").next().unwrap_or_default();
    assert!(!title.contains("Rosa"), "browsers keep titles in their history");
}

/// Writes the gallery for looking at: `WELLSENT_GALLERY=folder cargo test ... -- --ignored`.
#[test]
#[ignore = "writes files, for looking at"]
fn the_gallery_is_written_to_the_folder_that_the_environment_names() {
    let folder = std::env::var("WELLSENT_GALLERY").expect("WELLSENT_GALLERY names a folder");
    let folder = std::path::Path::new(&folder);
    std::fs::create_dir_all(folder.join("assets")).expect("the folder can be made");
    for (page, html) in pages() {
        std::fs::write(folder.join(format!("{page}.html")), html).expect("the page is written");
    }
    for asset in assets::ALL {
        std::fs::write(folder.join("assets").join(asset.name), asset.body).expect("the asset is written");
    }
}
