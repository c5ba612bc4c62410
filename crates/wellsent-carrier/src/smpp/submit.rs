//! Hands one text over: every part once, one after the other.

use super::codes::{self, meaning_of};
use super::cut::cut;
use super::link::{Link, Reply, Sent};
use super::pdu::{self, Join, Submission};
use super::settings::{Bind, LongTexts};
use super::shared::{Shared, State};
use crate::outgoing::Outgoing;
use crate::{NotSubmittedCause, Outcome, UnknownCause};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use wellsent_domain::carrier_report::Failure;
use wellsent_domain::gate::{AttemptToken, Released};

/// The longest wait at the carrier that is asked for, in seconds: three days, which every message centre keeps texts for.
pub(super) const VALIDITY_S_MAX: u32 = 259_200;
/// The most parts that a header can count.
const PARTS_MAX: usize = 255;
/// The longest wait for a line and a place in the window.
const PATIENCE: Duration = Duration::from_secs(5);

/// What goes over the line for one text.
pub(super) struct Text {
    pub from: String,
    pub to: String,
    pub body: String,
    pub validity_s: u32,
    pub token: AttemptToken,
}

const fn not_submitted(cause: NotSubmittedCause) -> Outcome {
    Outcome::NotSubmitted { cause, retry_after: None }
}

const fn unknown(cause: UnknownCause) -> Outcome {
    Outcome::Unknown { cause }
}

/// Hands a released text over.
pub(super) async fn submit(shared: &Shared, released: &Released) -> Outcome {
    let read = || {
        let outgoing = Outgoing::of(released, &shared.settings.name, "", VALIDITY_S_MAX, (shared.settings.clock)())?;
        let Outgoing { to, body, from, validity_s, token, .. } = outgoing;
        Some(Text { from, to, body, validity_s, token })
    };
    submit_text(shared, read).await
}

/// Hands a text over that is read when its turn has come, so that waiting counts against its validity (TW-10).
pub(super) async fn submit_text(shared: &Shared, read: impl FnOnce() -> Option<Text>) -> Outcome {
    let until = Instant::now() + shared.settings.deadline;
    let patience = Instant::now() + PATIENCE.min(shared.settings.deadline / 2);
    let (link, _place) = loop {
        let link = match bound(shared, patience).await {
            Ok(link) => link,
            Err(cause) => return not_submitted(cause),
        };
        match timeout_at(patience, Arc::clone(&link.window).acquire_owned()).await {
            Ok(Ok(place)) => break (link, place),
            // The line was lost while this text waited for its turn: the next one may come in time.
            Ok(Err(_)) => {}
            Err(_) => return not_submitted(NotSubmittedCause::Throttled),
        }
    };
    let Some(text) = read() else {
        return not_submitted(NotSubmittedCause::PastValidity);
    };
    submit_parts(shared, &link, &text, until).await
}

/// The session, as soon as there is one. Nothing goes out while replies cannot come in: a STOP would not be heard (P3).
async fn bound(shared: &Shared, patience: Instant) -> Result<Arc<Link>, NotSubmittedCause> {
    if shared.settings.bind == Bind::Pair {
        settled(&shared.receiving, patience).await?;
    }
    settled(&shared.sending, patience).await
}

async fn settled(session: &watch::Sender<State>, patience: Instant) -> Result<Arc<Link>, NotSubmittedCause> {
    let mut state = session.subscribe();
    let settled = timeout_at(patience, state.wait_for(|state| !matches!(state, State::Down))).await;
    match settled {
        Ok(Ok(state)) => match &*state {
            State::Bound(link) => Ok(Arc::clone(link)),
            State::Refused => Err(NotSubmittedCause::AccountRefused),
            State::Down => Err(NotSubmittedCause::NoConnection),
        },
        Ok(Err(_)) | Err(_) => Err(NotSubmittedCause::NoConnection),
    }
}

async fn submit_parts(shared: &Shared, link: &Link, text: &Text, until: Instant) -> Outcome {
    let settings = &shared.settings;
    let cut = cut(&text.body, settings.coding_0, settings.long_texts);
    let total = cut.submissions.len();
    let reference = shared.reference.fetch_add(1, Ordering::Relaxed);
    let submissions: Option<Vec<_>> = cut
        .submissions
        .iter()
        .zip(1u8..=255)
        .map(|(octets, number)| {
            let join = match settings.long_texts {
                _ if cut.parts == 1 => Join::Alone,
                LongTexts::Udh => Join::Udh { reference: reference.to_be_bytes()[1], total: u8::try_from(total).ok()?, number },
                LongTexts::Sar => Join::Sar { reference, total: u8::try_from(total).ok()?, number },
                LongTexts::Payload => Join::Payload,
            };
            let (from, to, validity_s) = (text.from.as_str(), text.to.as_str(), text.validity_s);
            pdu::submit(&Submission { from, to, validity_s, coding: cut.coding, octets, join }, settings)
        })
        .collect();
    let Some(submissions) = submissions.filter(|_| total <= PARTS_MAX) else {
        // Too many parts, or a sender that is no address.
        return Outcome::Rejected { failure: Failure::Configuration, code: None };
    };
    let on_its_way = shared.book.begin(text.token, &text.from, total);
    let mut first = None;
    for (part, submission) in submissions.into_iter().enumerate() {
        let answer_by = until.min(Instant::now() + settings.response_timeout);
        let refused = match link.submit(submission, on_its_way.text, part, answer_by).await {
            Sent::Answered(Reply { status: codes::OK, id: Some(id) }) => {
                first.get_or_insert(id);
                continue;
            }
            Sent::Answered(Reply { status: codes::OK, id: None }) => return unknown(UnknownCause::Unreadable),
            Sent::Lost => return unknown(UnknownCause::LineLost),
            Sent::TimedOut => return unknown(UnknownCause::Deadline),
            // Half a text is out, so it is neither taken nor not taken: a person decides (P4).
            Sent::NotLeft if part > 0 => return unknown(UnknownCause::LineLost),
            Sent::Answered(_) if part > 0 => return unknown(UnknownCause::ServerError),
            Sent::NotLeft => not_submitted(NotSubmittedCause::NoConnection),
            Sent::Answered(Reply { status, .. }) => meaning_of(status),
        };
        on_its_way.not_taken();
        return refused;
    }
    match first {
        Some(carrier_message_id) => Outcome::Accepted { carrier_message_id, parts: Some(cut.parts) },
        None => unknown(UnknownCause::Unreadable),
    }
}
