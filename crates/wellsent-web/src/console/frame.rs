//! The frame around every page.

use super::present::{Calendar, count};
use super::view::{ClockBar, Flash, Section, SendingOff, Shell};
use crate::App;
use crate::access::SignedInStaff;
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_domain::practice::{Registration, Sending};
use wellsent_store::views::frame::Frame;

/// What a page knows about itself.
pub(crate) struct Place<'a> {
    /// The section that is marked.
    pub section: Section,
    /// Its address, to come back to.
    pub back: &'a str,
    /// The outcome of the form just sent.
    pub flash: Option<Flash>,
}

/// The moment and the zone in which a page speaks.
pub(crate) fn calendar(frame: &Frame, now: Timestamp) -> Calendar {
    Calendar::new(now, frame.practice.practice.zone.clone())
}

/// The frame of a page.
pub(crate) fn shell(app: &App, staff: &SignedInStaff, frame: &Frame, calendar: &Calendar, place: Place<'_>) -> Shell {
    let now = calendar.now();
    Shell {
        practice: staff.who.practice_name.clone(),
        staff: staff.who.name.clone(),
        role: staff.who.role.title().to_owned(),
        manages_carriers: staff.who.role.may_manage_carriers(),
        section: Some(place.section),
        inbox_count: count(frame.unread),
        task_count: count(frame.tasks),
        clock: app.demo.then(|| ClockBar {
            now: calendar.in_full(now),
            field: calendar.field(now),
            next_due: frame.next_due.map(|at| calendar.when(at.max(now))),
            back: place.back.to_owned(),
        }),
        sending_off: sending_off(frame, calendar),
        flash: place.flash,
        live: Some("/live".to_owned()),
    }
}

/// Why no text can leave, if that is so. The gate asks the same questions of every message.
fn sending_off(frame: &Frame, calendar: &Calendar) -> Option<SendingOff> {
    let off = |reason: &str, since: Option<Date>| {
        let since = since.map(|day| calendar.on_day(calendar.day_span(day).0));
        Some(SendingOff { reason: reason.to_owned(), since, waiting: count(frame.waiting) })
    };
    let practice = &frame.practice.practice;
    match practice.settings.sending {
        Sending::Off => return off("Somebody switched it off for this practice.", None),
        Sending::RestoredNotReconciled => {
            return off("A backup was restored, and opt-outs that came after it are not reconciled yet.", None);
        }
        Sending::On => {}
    }
    let Some(sender) = &frame.sender else { return off("The practice has no sender yet.", None) };
    if sender.registration != Registration::Approved {
        return off("The sender's registration with the carriers is not approved.", None);
    }
    if frame.agreements.iter().any(|agreement| agreement.in_force(calendar.now(), calendar.zone())) {
        return None;
    }
    let lapsed = frame.agreements.iter().filter_map(|agreement| agreement.until).filter(|until| *until < calendar.today()).max();
    match lapsed {
        Some(until) => off("The agreement (BAA) with the carrier has ended.", until.tomorrow().ok()),
        None => off("No agreement (BAA) with the carrier is in force.", None),
    }
}
