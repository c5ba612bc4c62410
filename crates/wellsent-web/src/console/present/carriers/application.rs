//! Applications that send through the API.

use super::number;
use crate::console::present::Calendar;
use crate::console::present::words::{category, join};
use crate::console::view::ApplicationRow;
use wellsent_domain::message::Purpose;
use wellsent_store::views::traffic::ApplicationLine;

/// An application, as a row.
pub(crate) fn application(line: &ApplicationLine, calendar: &Calendar) -> ApplicationRow {
    let one = &line.application;
    let last_four = |name: &String| {
        format!(
            "{}…{}",
            name.chars().take(2).collect::<String>(),
            name.chars().skip(name.chars().count().saturating_sub(4)).collect::<String>()
        )
    };
    let keys: Vec<String> = line.keys.iter().map(last_four).collect();
    let calls = match (line.waiting, line.given_up) {
        (0, 0) => String::new(),
        (waiting, 0) => format!("{} to come", callbacks(waiting)),
        (0, given_up) => format!("{} given up in 7 days", callbacks(given_up)),
        (waiting, given_up) => format!("{} to come, {} given up in 7 days", callbacks(waiting), number(given_up)),
    };
    ApplicationRow {
        id: one.id.to_string(),
        name: one.name.clone(),
        account: one.account_sid.clone(),
        disabled: one.disabled_at.map(|at| calendar.when(at)),
        what: format!("{}, for {}", category(one.category), purpose(one.purpose)),
        keys: if keys.is_empty() {
            "No API key".to_owned()
        } else {
            format!("Key{} {}", if keys.len() == 1 { "" } else { "s" }, join(&keys))
        },
        hosts: if one.hosts.is_empty() { "is called nowhere".to_owned() } else { format!("called at {}", join(&one.hosts)) },
        texts: format!("{} sent, {} received", number(line.sent), number(line.received)),
        calls,
        fails: line.given_up > 0,
    }
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Treatment => "treatment",
        Purpose::Payment => "payment",
        Purpose::Operations => "operations",
        Purpose::Marketing => "marketing",
        Purpose::AccessRequest => "a request for access",
    }
}

fn callbacks(some: i64) -> String {
    if some == 1 { "one callback".to_owned() } else { format!("{} callbacks", number(some)) }
}
