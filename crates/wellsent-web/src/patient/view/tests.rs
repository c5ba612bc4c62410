//! Every page is rendered in both languages and held to what all pages promise.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use wellsent_domain::Language;

use super::{samples, *};
use crate::console::view::{When, assets};

/// Every page: language, name, HTML.
fn pages() -> impl Iterator<Item = (Language, &'static str, String)> {
    Language::ALL.into_iter().flat_map(|lang| samples::pages(lang).into_iter().map(move |(name, html)| (lang, name, html)))
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
fn every_page_looks_as_it_was_approved() {
    for (lang, page, html) in pages() {
        // The version changes with each asset, and a blank line says nothing.
        let html = html.replace(&assets::version_tag(), "VERSION");
        let html: Vec<&str> = html.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        insta::assert_snapshot!(format!("{page}-{}", lang.as_str()), html.join("\n"));
    }
}

#[test]
fn the_title_is_the_practice_and_nothing_else() {
    for (_, page, html) in pages() {
        assert_eq!(html.matches("<title>").count(), 1, "{page}");
        assert!(html.contains("<title>Riverbend Family Health</title>"), "{page}");
    }
}

#[test]
fn a_page_is_in_the_language_that_it_says_and_offers_the_other() {
    for (lang, page, html) in pages() {
        assert!(html.starts_with("<!doctype html>"), "{page}");
        assert!(html.contains(&format!("<html lang=\"{}\"", lang.as_str())), "{page}");
        for (code, own_name, here) in samples::frame(lang).languages() {
            let link = tags(&html).into_iter().find(|tag| name(tag) == "a" && attribute(tag, "hreflang") == Some(code));
            let link = link.unwrap_or_else(|| panic!("{page}: no way to {own_name}"));
            assert!(attribute(link, "href").is_some_and(|href| href.starts_with('?') && href.ends_with(&format!("lang={code}"))), "{page}");
            assert_eq!(link.contains("aria-current"), here, "{page}");
        }
    }
}

#[test]
fn no_page_has_a_phrase_with_an_open_gap_or_of_the_other_language() {
    for (lang, page, html) in pages() {
        let seen = html.replace("data-count=\"{} of 6 digits\"", "").replace("data-count=\"{} de 6 dígitos\"", "");
        assert!(!seen.contains("{}"), "{page}");
        let foreign: &[&str] = match lang {
            Language::En => &["mensaje", "código", "Guardar", "Continuar", "¿"],
            Language::Es => &[" your ", " you ", "Continue", "Save", " texts"],
        };
        for words in foreign {
            assert!(!seen.contains(words), "{page} in {}: {words}", lang.as_str());
        }
    }
}

#[test]
fn every_page_has_its_landmarks_and_one_heading() {
    for (_, page, html) in pages() {
        for (once, what) in
            [("<main ", "main"), ("<h1", "h1"), ("<header", "header"), ("class=\"skip\" href=\"#main\"", "skip"), ("<nav ", "nav")]
        {
            assert_eq!(html.matches(once).count(), 1, "{page}: {what}");
        }
        assert!(html.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""), "{page}: may be zoomed");
        let levels = html.split("<h").skip(1).filter_map(|piece| piece.chars().next()?.to_digit(10));
        levels.fold(0, |before, level| {
            assert!(level <= before + 1, "{page}: h{level} after h{before}");
            level
        });
    }
}

#[test]
fn nothing_comes_from_elsewhere_and_nothing_is_inline() {
    for (_, page, html) in pages() {
        assert!(html.contains("<meta name=\"robots\" content=\"noindex\">"), "{page}");
        for forbidden in ["<style", "javascript:", "og:", "twitter:", "://", "@import"] {
            assert!(!html.contains(forbidden), "{page}: {forbidden}");
        }
        for tag in tags(&html) {
            assert!(attribute(tag, "style").is_none(), "{page}: <{tag}>");
            let handler = |rest: &str| rest.split_once('=').is_some_and(|(event, _)| event.chars().all(char::is_alphabetic));
            assert!(!tag.split(" on").skip(1).any(handler), "{page}: <{tag}>");
            if name(tag) == "script" {
                assert!(attribute(tag, "src").is_some_and(|src| src.starts_with("/assets/")), "{page}");
            }
            for target in ["src", "href"].iter().filter_map(|link| attribute(tag, link)) {
                let ours = target.starts_with("/assets/") || target.starts_with(['#', '?']) || target == "tel:+12125550100";
                assert!(ours, "{page}: <{tag}>");
            }
        }
    }
    let css = assets::find("patient.css").expect("the style is an asset").body;
    assert!(!css.contains("url(") && !css.contains("@import"));
}

#[test]
fn the_message_and_the_door_need_no_script() {
    for (_, page, html) in pages() {
        let at_the_desk = page.starts_with("check-in") || page.starts_with("copy");
        assert!(at_the_desk || !html.contains("<script"), "{page}");
    }
}

#[test]
fn a_form_posts_to_its_own_address_and_says_which_it_is() {
    for (lang, page, html) in pages() {
        for form in html.split("<form").skip(1).filter_map(|piece| piece.split("</form>").next()) {
            let head = format!("form{}", form.split('>').next().unwrap_or(form));
            assert_eq!(attribute(&head, "method"), Some("post"), "{page}");
            assert!(attribute(&head, "action").is_none(), "{page}: an address would repeat the secret of the link");
            assert_eq!(form.matches("name=\"step\"").count(), 1, "{page}");
            assert!(form.contains(&format!("name=\"lang\" value=\"{}\"", lang.as_str())), "{page}");
            assert!(form.contains("<button"), "{page}");
        }
    }
}

#[test]
fn the_forms_have_the_fields_that_their_structs_say() {
    let said: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("send_code", &[][..]),
        ("code", &["code"]),
        ("birth_date", &["month", "day", "year"]),
        ("reply", &["text"]),
        ("close", &[]),
        ("save", &["appointments", "care", "billing", "surveys", "marketing", "warning", "text_lang", "hours", "from", "to"]),
        ("start", &["appointments", "care", "billing", "surveys", "marketing", "warning", "text_lang", "hours", "from", "to"]),
        ("stop", &[]),
        ("stop_yes", &[]),
        ("hello", &["answer"]),
        ("phone", &["phone", "new_number"]),
        ("choices", &["appointments", "care", "billing", "surveys"]),
        ("sign", &["drawing", "typed_name", "read"]),
        ("code_again", &[]),
        ("code_skip", &[]),
        ("finish", &[]),
        ("continue", &[]),
    ]);
    let mut seen = BTreeSet::new();
    for (_, page, html) in pages() {
        for form in html.split("<form").skip(1).filter_map(|piece| piece.split("</form>").next()) {
            let fields: BTreeSet<&str> = tags(form).into_iter().filter_map(|tag| attribute(tag, "name")).collect();
            let fields: BTreeSet<&str> = fields.into_iter().filter(|field| !matches!(*field, "step" | "lang")).collect();
            let step = tags(form).into_iter().find(|tag| attribute(tag, "name") == Some("step")).and_then(|tag| attribute(tag, "value"));
            let step = step.unwrap_or_else(|| panic!("{page}: no step"));
            let expected: BTreeSet<&str> = match page.starts_with("check-in-start") {
                true => BTreeSet::from(["code"]),
                false => said.get(step).unwrap_or_else(|| panic!("{page}: step {step} is not known")).iter().copied().collect(),
            };
            assert_eq!(fields, expected, "{page}, step {step}");
            seen.insert(step.to_owned());
        }
    }
    assert_eq!(seen.len(), said.len(), "a step that no page has");
}

#[test]
fn every_field_has_a_label() {
    for (_, page, html) in pages() {
        let labels: BTreeSet<&str> =
            tags(&html).into_iter().filter(|tag| name(tag) == "label").filter_map(|tag| attribute(tag, "for")).collect();
        for tag in tags(&html).into_iter().filter(|tag| matches!(name(tag), "input" | "textarea" | "select")) {
            let hidden = attribute(tag, "type") == Some("hidden");
            assert!(hidden || attribute(tag, "id").is_some_and(|id| labels.contains(id)), "{page}: <{tag}>");
        }
    }
}

#[test]
fn answers_stand_in_a_group_with_a_name() {
    for (_, page, html) in pages() {
        let mut inside = false;
        for piece in html.split('<').skip(1) {
            let tag = piece.split('>').next().unwrap_or(piece);
            match name(tag.trim_start_matches('/')) {
                "fieldset" => inside = !piece.starts_with('/'),
                "input" if attribute(tag, "type") == Some("radio") => assert!(inside, "{page}: <{tag}>"),
                _ => {}
            }
        }
        assert_eq!(html.matches("<fieldset").count(), html.matches("<legend").count(), "{page}");
    }
}

#[test]
fn every_id_stands_once_on_a_page_and_references_find_theirs() {
    for (_, page, html) in pages() {
        let mut ids = BTreeSet::new();
        for id in tags(&html).into_iter().filter_map(|tag| attribute(tag, "id")) {
            assert!(ids.insert(id), "{page}: id {id} stands twice");
        }
        for tag in tags(&html) {
            for reference in ["aria-labelledby", "for", "aria-describedby", "data-keypad"] {
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
    for (_, page, html) in pages() {
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
fn every_icon_that_a_page_uses_is_drawn() {
    let icons = assets::find("icons.svg").expect("the icons are an asset").body;
    for (_, page, html) in pages() {
        for tag in tags(&html).into_iter().filter(|tag| name(tag) == "use") {
            let icon = attribute(tag, "href").and_then(|href| href.split('#').nth(1));
            let icon = icon.unwrap_or_else(|| panic!("{page}: <{tag}> names no icon"));
            assert!(icons.contains(&format!("id=\"{icon}\"")), "{page}: icon {icon} is missing");
        }
    }
}

#[test]
fn a_page_whose_form_failed_says_so_to_the_ear_as_well() {
    let failed = pages().filter(|(_, page, _)| {
        let word = page.rsplit('-').next().unwrap_or(page);
        matches!(word, "failed" | "empty" | "long" | "hours" | "wrong" | "unanswered" | "incomplete" | "read" | "many")
    });
    let mut count = 0;
    for (_, page, html) in failed {
        assert!(html.contains("role=\"alert\""), "{page}");
        count += 1;
    }
    assert_eq!(count, 2 * 12);
}

#[test]
fn the_door_can_know_nothing_of_the_link() {
    // It does not compile when the door learns more than this.
    let Door { frame: Frame { practice: _, phone: _, lang }, state } = samples::door(Language::En, DoorState::CodeEntry { failed: true });
    // A used, an expired, a revoked and an invented link, and a wrong code at a good one.
    let shown: BTreeSet<String> = (0..5).map(|_| samples::door(lang, state).render().expect("renders")).collect();
    assert_eq!(shown.len(), 1);
    let html = shown.first().expect("one page");
    assert!(!html.contains("/s/"), "no secret of a link stands on the page");
    for word in ["expired", "was used", "revoked", "unknown", "invalid"] {
        assert!(!html.replace("aria-invalid", "").to_lowercase().contains(word), "{word}");
    }
}

#[test]
fn a_code_is_promised_only_if_the_link_is_valid() {
    let html = samples::door(Language::En, DoorState::CodeEntry { failed: false }).render().expect("renders");
    assert!(html.contains("If this link is valid, a code is on its way to your phone. It works for 10 minutes."));
    assert!(html.contains("autocomplete=\"one-time-code\"") && html.contains("inputmode=\"numeric\""));
    assert!(!html.contains("0123"), "not even the end of the number");
}

#[test]
fn nobody_is_named_before_the_door_is_open() {
    for (_, page, html) in pages() {
        if page.starts_with("door") || page.starts_with("check-in-start") || page == "closed" {
            assert!(!html.contains("Rosa") && !html.contains("0123"), "{page}");
        }
    }
}

#[test]
fn nothing_is_chosen_beforehand_at_the_desk() {
    for lang in Language::ALL {
        let html = samples::choices(lang, false).render().expect("renders");
        assert!(!html.contains(" checked"));
        assert_eq!(html.matches("type=\"radio\"").count(), 2 * samples::ASKED.len());
        let html = samples::preferences_stopped(lang).render().expect("renders");
        let answered = tags(&html).into_iter().filter(|tag| tag.contains(" checked")).filter_map(|tag| attribute(tag, "name"));
        assert_eq!(answered.collect::<BTreeSet<_>>(), BTreeSet::from(["hours", "text_lang"]), "consent comes back by a fresh act only");
    }
}

#[test]
fn what_is_signed_stands_on_the_screen_and_on_the_copy_word_for_word() {
    for lang in Language::ALL {
        let frame = samples::frame(lang);
        let screen = samples::choices(lang, false).render().expect("renders");
        let copy = samples::copy(lang, Some(Signature::Drawn(samples::drawing())), true).render().expect("renders");
        let kept: Vec<ShownWording> = samples::ASKED.map(|topic| frame.wording().shown_check_in_topic(topic)).into();
        for shown in kept.into_iter().chain([frame.wording().shown_warning(), frame.wording().shown_terms()]) {
            for line in shown.body.lines() {
                assert!(screen.contains(line), "{line}");
                assert!(copy.contains(line), "{line}");
            }
        }
        let statement = frame.wording().shown_statement().body;
        assert!(samples::sign(lang).render().expect("renders").contains(&statement) && copy.contains(&statement));
        assert!(copy.contains(samples::drawing().path()));
    }
}

#[test]
fn the_preferences_keep_the_warning_whole() {
    for lang in Language::ALL {
        let html = samples::preferences(lang).render().expect("renders");
        for line in samples::frame(lang).wording().shown_warning().body.lines() {
            assert!(html.contains(line), "{line}");
        }
    }
}

#[test]
fn hours_lie_inside_those_of_the_practice() {
    let page = samples::preferences(Language::En);
    let chosen =
        |hours: Vec<(u8, String, bool)>| hours.into_iter().filter(|(_, _, chosen)| *chosen).map(|(hour, ..)| hour).collect::<Vec<_>>();
    assert_eq!((page.starts().first().map(|hour| hour.0), page.starts().last().map(|hour| hour.0)), (Some(8), Some(20)));
    assert_eq!((page.ends().first().map(|hour| hour.0), page.ends().last().map(|hour| hour.0)), (Some(9), Some(21)));
    assert_eq!((chosen(page.starts()), chosen(page.ends())), (vec![9], vec![18]));
    let any = Preferences { hours: Hours::Any, ..page };
    assert_eq!((chosen(any.starts()), chosen(any.ends())), (vec![8], vec![21]));
}

#[test]
fn words_of_a_person_cannot_become_markup() {
    let hostile = "</p><script>alert(1)</script>\" onmouseover=\"x";
    let lang = Language::En;
    let reply = PatientReply { text: hostile.into(), at: When::new("2026-11-24", "today") };
    let message = MessagePage { text: hostile.into(), replies: vec![reply], draft: hostile.into(), ..samples::message(lang) };
    let hello = CheckInHello { frame: samples::frame(lang), first_name: hostile.into() };
    let phone = CheckInPhone { draft: hostile.into(), ..samples::phone(lang) };
    let sign = CheckInSign { typed_name: hostile.into(), ..samples::sign(lang) };
    let copy = PrintCopy { patient: hostile.into(), ..samples::copy(lang, Some(Signature::Typed(hostile.into())), true) };
    for html in [message.render(), hello.render(), phone.render(), sign.render(), copy.render()] {
        let html = html.expect("renders");
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains("\" onmouseover"), "{html}");
    }
}

#[test]
fn a_screen_that_nobody_uses_goes_back_without_a_script_and_asks_before() {
    for (lang, page, html) in pages() {
        let over = format!("url=?at=over&amp;lang={}", lang.as_str());
        let asks = format!("url=?at=still-there&amp;lang={}", lang.as_str());
        match page {
            "check-in-still-there" => assert!(html.contains(&over) && !html.contains("<noscript>"), "{page}"),
            page if page.starts_with("check-in-start") || page == "copy-typed" => assert!(!html.contains("http-equiv"), "{page}"),
            page if page.starts_with("check-in") || page.starts_with("copy") => {
                assert!(html.contains("<noscript><meta http-equiv=\"refresh\" content=\"90;") && html.contains(&asks), "{page}");
                assert!(html.contains("data-idle=\"120\"") && html.contains("<dialog"), "{page}");
            }
            page => assert!(!html.contains("http-equiv"), "{page}"),
        }
    }
}

/// The colours of one of the two sets in `patient.css`.
fn colours(css: &str, dark: bool) -> BTreeMap<String, f64> {
    let start = if dark { css.find("prefers-color-scheme: dark").expect("a dark set") } else { 0 };
    let block = css[start..].split_once(":root {").and_then(|(_, rest)| rest.split_once('}')).expect("a set of colours").0;
    let pairs = block.lines().filter_map(|line| line.trim().trim_end_matches(';').split_once(": #"));
    pairs.filter(|(_, hex)| hex.len() == 6).map(|(name, hex)| (name.to_owned(), luminance(hex))).collect()
}

fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let share = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour is #rrggbb")) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn text_and_borders_stand_out_in_light_and_in_dark() {
    let css = assets::find("patient.css").expect("the style is an asset").body;
    let text = [
        ("--ink", &["--page", "--surface", "--raised", "--accent-soft", "--warn-soft"][..]),
        ("--ink-2", &["--page", "--surface", "--raised"]),
        ("--accent", &["--page", "--surface", "--raised"]),
        ("--accent-strong", &["--page", "--surface", "--accent-soft"]),
        ("--accent-ink", &["--accent", "--accent-strong"]),
        ("--good", &["--surface", "--good-soft"]),
        ("--info", &["--info-soft"]),
        ("--warn", &["--warn-soft"]),
        ("--bad", &["--page", "--surface", "--bad-soft"]),
        ("--off", &["--off-soft"]),
    ];
    let lines = [
        ("--line-strong", &["--page", "--surface", "--raised"][..]),
        ("--accent", &["--page", "--surface", "--accent-soft"]),
        ("--bad", &["--page", "--surface"]),
        ("--warn-line", &["--page", "--surface"]),
    ];
    let pairs = text.into_iter().map(|pair| (pair, 4.5)).chain(lines.into_iter().map(|pair| (pair, 3.0)));
    let mut faint = Vec::new();
    for ((ink, grounds), least) in pairs {
        for dark in [false, true] {
            let set = colours(css, dark);
            let of = |name: &str| *set.get(name).unwrap_or_else(|| panic!("{name} is in both sets, dark: {dark}"));
            for ground in grounds {
                let (one, other) = (of(ink), of(ground));
                let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                if ratio < least {
                    faint.push(format!("{ink} on {ground}, dark {dark}: {ratio:.2} < {least}"));
                }
            }
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn the_style_is_read_by_old_phones_too() {
    let css = assets::find("patient.css").expect("the style is an asset").body;
    for newer in ["light-dark(", "color-mix(", "oklch(", " gap:", "inset:", "@layer", "@container", "&:"] {
        assert!(!css.contains(newer), "{newer}");
    }
    for rule in [
        "prefers-reduced-motion",
        "@media print",
        "forced-colors: active",
        ":focus-visible",
        "font: 400 112.5%",
        "html.desk { font-size: 137.5%",
    ] {
        assert!(css.contains(rule), "{rule}");
    }
    let has = css.find(":not(:has(").expect("used once");
    assert!(css[..has].contains("@supports selector(:has(*))"), "a browser that does not know it drops the rule and nothing else");
}

#[test]
fn the_script_and_the_server_agree_on_the_signature() {
    let script = assets::find("sign.js").expect("the script is an asset").body;
    for number in [Drawing::WIDTH, Drawing::HEIGHT] {
        assert!(script.contains(&format!(", {number})")), "{number}");
    }
    let html = samples::sign(Language::En).render().expect("renders");
    assert!(html.contains(&format!("<canvas width=\"{}\" height=\"{}\"", Drawing::WIDTH, Drawing::HEIGHT)));
    assert!(html.contains(&format!("data-path-max=\"{}\"", Drawing::BYTES_MAX)));
    assert!(html.contains("name=\"typed_name\""), "nobody has to draw");
}
