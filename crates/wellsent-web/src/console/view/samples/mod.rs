//! Invented pages for the tests and for looking at: Riverbend Family Health, three locations, on a
//! Tuesday in November.

use super::*;

mod carriers;
mod consents;
mod message;
mod person;
mod records;
mod today;

pub(super) use carriers::{carriers, carriers_none};
pub(super) use consents::{consents, consents_recheck};
pub(super) use message::{message, messages};
pub(super) use person::{
    change_number, check_in_started, inbox, number, people, person, person_bare, reply_box, reply_box_blocked, reply_box_warned, thread,
};
pub(super) use records::{import, ledger, phones};
pub(super) use today::{summary, tasks_page, tasks_panel, today, today_empty, visit_row};

fn when(iso: &str, text: &str) -> When {
    When::new(iso, text)
}

fn at(time: &str, text: &str) -> When {
    When::new(format!("2026-11-24T{time}:00-05:00"), text)
}

pub(super) fn shell(section: Section) -> Shell {
    Shell {
        practice: "Riverbend Family Health".into(),
        staff: "Dana Whitfield".into(),
        role: "Front desk".into(),
        manages_carriers: section == Section::Carriers,
        section: Some(section),
        inbox_count: 4,
        task_count: 7,
        clock: Some(ClockBar {
            now: at("10:42", "Tue 24 Nov 2026, 10:42 AM EST"),
            field: "2026-11-24T10:42".into(),
            next_due: Some(at("11:00", "11:00 AM")),
            back: section.href().into(),
        }),
        sending_off: None,
        flash: None,
        live: Some("/live".into()),
    }
}

pub(super) fn shell_in_trouble(section: Section) -> Shell {
    Shell {
        clock: None,
        sending_off: Some(SendingOff {
            reason: "The agreement with the carrier lapsed on 23 November.".into(),
            since: Some(at("08:00", "8:00 AM")),
            waiting: 31,
        }),
        flash: Some(Flash { good: true, text: "Task marked as done.".into() }),
        ..shell(section)
    }
}
