//! One sentence after a form, carried over the redirect by a cookie that names it. The sentences are a closed list: nothing of a person stands
//! in a cookie.

use super::view::Flash;
use crate::App;
use crate::access;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

const COOKIE: &str = "wellsent-flash";
const SECONDS: i64 = 20;

macro_rules! notes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $good:literal, $text:literal;)+) => {
        /// What happened to a form.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Note { $($(#[$doc])* $name,)+ }

        impl Note {
            const ALL: &[Self] = &[$(Self::$name,)+];

            const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            fn view(self) -> Flash {
                match self { $(Self::$name => Flash { good: $good, text: $text.to_owned() },)+ }
            }
        }
    };
}

notes! {
    TaskDone = "task-done", true, "Task marked as done.";
    Queued = "queued", true, "Your text is on its way to the gate.";
    Released = "released", true, "Released. The gate looks at it once more before it goes.";
    Withdrawn = "withdrawn", true, "Withdrawn. It will not be sent.";
    ClockMoved = "clock-moved", true, "The demo's clock has moved.";
    CarrierSet = "carrier-set", true, "The simulated carrier behaves as you chose.";
    PageSent = "page-sent", true, "The text is on a secure page. A notice with the link is on its way to the gate.";
    ConsentRecorded = "consent-recorded", true, "Recorded, with the words that were read out.";
    TextsStopped = "texts-stopped", true, "Stopped. No text goes to this number any more.";
    CodeSent = "code-sent", true, "A code is on its way. Ask for it and type it in below.";
    CodePassed = "code-passed", true, "The phone is verified.";
    CodeWrong = "code-wrong", false, "That is not the code. Ask for the newest one and try again.";
    CodeNone = "code-none", false, "There is no code that could still be used. Send a new one.";
    CodeUnchecked = "code-unchecked", false, "The code could not be checked just now. Try the same code again in a moment.";
    CodesTooMany = "codes-too-many", false, "Too many codes within the hour. Wait, or have a manager open it again.";
    CodesLocked = "codes-locked", false, "This number is locked after too many wrong codes. A manager can open it.";
    CodesUnlocked = "codes-unlocked", true, "Open again. Codes can be sent and tried.";
    NumberConfirmed = "number-confirmed", true, "Noted: the number is still theirs.";
    NumberChanged = "number-changed", true, "The number is saved. Now ask what may be texted to it.";
    WarningSent = "warning-sent", true, "The warning is on its way to the gate. The patient accepts by answering A.";
    PreferencesSent = "preferences-sent", true, "The link is on its way to the gate.";
    RequestRecorded = "request-recorded", true, "Recorded. It binds from now on.";
    RequestEnded = "request-ended", true, "The request is ended.";
    AuthorizationRecorded = "authorization-recorded", true, "The authorization is recorded.";
    AuthorizationEnded = "authorization-ended", true, "The authorization is ended.";
    BadScan = "bad-scan", false, "The scan is not a PDF, JPEG or PNG of at most 5 MB. Nothing was changed.";
    PageRevoked = "page-revoked", true, "Taken back. The link leads nowhere any more.";
    AgreementRecorded = "agreement-recorded", true, "The agreement is recorded.";
    AgreementEnded = "agreement-ended", true, "The agreement is ended. It covers nothing any more.";
    SenderAdded = "sender-added", true, "The sender is added.";
    SenderChanged = "sender-changed", true, "Saved. It holds from the next text on.";
    SettledWent = "settled-went", true, "Settled: it went.";
    SettledNot = "settled-not", true, "Settled: it did not go, and it is not sent again.";
    SettledAgain = "settled-again", true, "Settled: it did not go. It is on its way to the gate again.";
    Stale = "stale", false, "Somebody else was faster: look at how it stands now.";
    BadText = "bad-text", false, "The text is empty or longer than 1,600 characters. Nothing was sent.";
    NoNumber = "no-number", false, "This patient has no number that can be texted. Nothing was sent.";
    BadTime = "bad-time", false, "That is not a time ahead of the demo's clock.";
    NotTexted = "not-texted", false, "This phone does not know yet to whom to text. Let a text arrive first.";
}

/// Back to a page of this site, with a sentence.
pub(crate) fn back_with(app: &App, path: &str, note: Note) -> Response {
    let cookie = access::set_cookie(app, COOKIE, note.word(), SECONDS);
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(super::back::safe(path))).into_response()
}

/// The sentence that a browser brings.
pub(crate) fn take(headers: &HeaderMap) -> Option<Flash> {
    let word = access::cookie(headers, COOKIE)?;
    Note::ALL.iter().find(|note| note.word() == word).map(|note| note.view())
}

/// Takes the sentence from the browser, so that it is said once.
pub(crate) fn clear(app: &App, mut response: Response, was_shown: bool) -> Response {
    if was_shown {
        response.headers_mut().append(header::SET_COOKIE, access::set_cookie(app, COOKIE, "", 0));
    }
    response
}
