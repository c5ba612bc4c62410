//! What the console's pages show: plain data, already formatted, and the templates that lay it out.
//!
//! Nothing here reads a store or a clock. A handler fills a page's struct and renders it with
//! [`askama::Template::render`]. The small templates with an element id of their own
//! ([`TasksPanel`], [`VisitRow`], [`Summary`], [`Thread`], [`ClockBar`] and their kin) are also the
//! live fragments that `assets/live.js` swaps into an open page.
//!
//! The structs hold names, numbers and words of patients, therefore none of them has `Debug`.

pub mod assets;
mod carriers;
mod chip;
mod consents;
mod failure;
mod import;
mod inbox;
mod ledger;
mod message;
mod number;
mod people;
mod person;
mod phones;
mod shell;
mod sign_in;
mod task;
mod thread;
mod today;
mod when;

pub use carriers::{
    Account, AgreementForm, AgreementRow, Alarm, ApplicationRow, Bar, Carriers, Chart, Feature, Figure, Gauge, LogAnswer, LogRow, Queue,
    SenderForm, SenderRow, UnclearRow,
};
pub use chip::{
    AccountState, AgreementState, AttemptOutcome, ConsentState, CoverageState, Decision, MayGo, MessageState, ReceiptTrouble,
    RegistrationState, ReminderState, SubmitMode, TaskKind, TextingState, Tone, Verification,
};
pub use consents::{Choice, ClassRow, Consents, MissingList, MissingRow, Share, StepRow, StepTable, WayRow};
pub use failure::{Failure, FailureKind};
pub use import::{Import, ImportReport, ImportedKind, Rejected};
pub use inbox::{Inbox, InboxFilter, OpenThread, ThreadList, ThreadRow};
pub use ledger::{Ledger, LedgerCheck, LedgerEntry};
pub use message::{Attempt, FactRow, MessagePage, MessageRow, Messages, PageBehind, Proof, Reason, Receipt, RowFilter};
pub use number::{
    AuthorizationForm, AuthorizationRow, ChangeNumber, CheckInStarted, ConsentForm, NumberPage, NumberPart, RequestForm, RequestRow, Topic,
};
pub use people::{People, PersonRow};
pub use person::{
    ConsentCell, ConsentEvent, ContactPoint, MayText, MayTextCell, MayTextRow, Person, PersonVisit, PlannedRow, SharedWith, Suppression,
};
pub use phones::{CarrierPanel, OpenPhone, PhoneBubble, PhoneCard, PhoneGrid, PhoneScreen, Phones};
pub use shell::{ClockBar, Flash, Section, SendingOff, Shell};
pub use sign_in::{SignIn, SignInState};
pub use task::{DoneTask, Task, TaskFilter, TasksPage, TasksPanel};
pub use thread::{Bubble, BubblePage, GuardPiece, GuardWarning, ReplyBox, Thread};
pub use today::{
    DayBar, DayLink, HourGroup, LocationFilter, LocationGroup, NumberCheck, Reply, Segment, Slice, SliceKind, Summary, SummaryRow, Today,
    VisitRow,
};
pub use when::When;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
