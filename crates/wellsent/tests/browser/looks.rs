//! How every page looks: on a laptop and on a phone, light and dark, by the rules of accessibility.

use crate::browser::{Browser, LAPTOP, PHONE};
use serde_json::{Value, json};

/// What sticks out of its card, sideways. What scrolls or is cut off on purpose, and what only screen readers see, does not count.
pub const SPILLS: &str = r"
    const spills = [];
    for (const box of document.querySelectorAll('.card, .visits, .task, .clock-bar, .handset, .mini, .door, .notice, .flash')) {
        const edge = box.getBoundingClientRect();
        if (edge.width === 0) continue;
        next: for (const inside of box.querySelectorAll('*')) {
            const place = inside.getBoundingClientRect();
            if (place.width === 0 || (place.right <= edge.right + 1 && place.left >= edge.left - 1)) continue;
            if (inside.closest('.unseen, svg')) continue;
            for (let around = inside.parentElement; around !== box.parentElement; around = around.parentElement) {
                if (getComputedStyle(around).overflowX !== 'visible' || getComputedStyle(around).position === 'absolute') continue next;
            }
            spills.push(`${inside.outerHTML.slice(0, 120)} sticks out of .${box.className} by ${Math.round(place.right - edge.right)} px`);
        }
    }
    return spills.slice(0, 5);
";

const AXE: &str = r"
    const [options, done] = arguments;
    axe.run(document, options).then((result) => done(result.violations.map((found) =>
        `${found.id} (${found.impact}): ${found.help}\n    ` + found.nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)}  ${node.any.map((check) => check.message).join('; ')}`).join('\n    ')
    )), (error) => done([`axe failed: ${error}`]));
";

/// Opens each page in each size and in both colours. Everything that is wrong is told at once.
pub async fn every_page_holds(browser: &Browser, pages: &[(&'static str, String)]) {
    eprintln!("browser: how {} pages look", pages.len());
    let axe = axe();
    let mut wrong = Vec::new();
    for (size, word) in [(LAPTOP, "laptop"), (PHONE, "phone")] {
        browser.look_through(size, false).await;
        for (name, address) in pages {
            browser.open(address).await;
            browser.screenshot(&format!("{name}-{word}")).await;
            let widths = browser.ask("return [document.documentElement.scrollWidth, innerWidth]", &[]).await;
            if widths[0].as_u64() > widths[1].as_u64() {
                wrong.push(format!("{name} on a {word} needs a sideways scroll: {widths}"));
            }
            for spill in lines(&browser.ask(SPILLS, &[]).await) {
                wrong.push(format!("{name} on a {word}: {spill}"));
            }
            if let Some(axe) = &axe {
                let options = json!({ "resultTypes": ["violations"] });
                wrong.extend(violations(browser, axe, options).await.into_iter().map(|found| format!("{name} on a {word}: {found}")));
            }
            browser.has_no_complaints(name).await;
        }
    }
    browser.look_through(LAPTOP, true).await;
    for (name, address) in pages {
        browser.open(address).await;
        browser.screenshot(&format!("{name}-dark")).await;
        if let Some(axe) = &axe {
            let options = json!({ "runOnly": ["color-contrast"], "resultTypes": ["violations"] });
            wrong.extend(violations(browser, axe, options).await.into_iter().map(|found| format!("{name} in dark: {found}")));
        }
    }
    browser.look_through(LAPTOP, false).await;
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The program of the accessibility rules, where there is one.
pub fn axe() -> Option<String> {
    let axe = std::env::var_os("WELLSENT_AXE")
        .map(|file| std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("WELLSENT_AXE, {}: {error}", file.to_string_lossy())));
    if axe.is_none() {
        eprintln!("browser: WELLSENT_AXE is not set, so the rules of accessibility are not run");
    }
    axe
}

/// What the page in front breaks of these rules.
pub async fn violations(browser: &Browser, axe: &str, options: Value) -> Vec<String> {
    browser.ask(axe, &[]).await;
    lines(&browser.ask_later(AXE, &[options]).await)
}

/// The lines that a script gave back.
pub fn lines(answer: &Value) -> Vec<String> {
    answer.as_array().into_iter().flatten().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
}
