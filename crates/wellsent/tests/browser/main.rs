//! The console in a real browser, from the printed link to the last proof.
//!
//! The demo runs as the program that people start; Chromium is driven through chromedriver. One test, because the acts follow each other as
//! they do on a working day: sign in, watch a reminder arrive, answer it on the patient's phone, see the answer come in without a reload, stop
//! another patient's texts, and read on the message's page why the next one was refused. The rest of each page is looked at on the way: no
//! error on the browser's console (the content security policy speaks there), nothing that sticks out of its card, nothing that needs a
//! sideways scroll on a phone, and everything reachable by keyboard.
//!
//! The patients' pages have tests of their own: behind the links in texts, and on the tablet at the desk, once also without any script.
//!
//! * Without a browser the test says so loudly and passes; with `WELLSENT_REQUIRE_BROWSER=1` it fails.
//! * `WELLSENT_AXE=/path/to/axe.min.js` also runs the axe accessibility rules on every page, light and dark.
//! * `WELLSENT_SCREENSHOTS=1` leaves pictures in `target/screenshots`.

mod browser;
mod check_in;
mod day;
mod desk;
mod keyboard;
mod looks;
mod patient;
mod programs;

use browser::Browser;
use programs::Tools;

/// The browser; without one the test says so loudly, or fails where one is required.
fn tools() -> Option<Tools> {
    match Tools::find() {
        Ok(tools) => Some(tools),
        Err(missing) if std::env::var_os("WELLSENT_REQUIRE_BROWSER").is_some_and(|value| value == "1") => panic!("{missing}"),
        Err(missing) => {
            eprintln!("\n!!!!! NOTHING WAS TESTED: {missing}\n");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_working_day_goes_from_the_link_to_the_proof_in_a_real_browser() {
    let Some(tools) = tools() else { return };
    let demo = desk::Demo::start();
    let browser = Browser::start(&tools, demo.base()).await;
    let pages = day::live_through(&browser, &demo).await;
    keyboard::reaches_a_patient(&browser, &pages.patient).await;
    looks::every_page_holds(&browser, &pages.addresses).await;
    browser.quit().await;
}
