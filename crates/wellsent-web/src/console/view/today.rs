//! The visits of a day.

use askama::Template;

use super::{ReminderState, Shell, TasksPanel, Tone, When};

/// The page of a day.
#[derive(Clone, Template)]
#[template(path = "console/today.html")]
pub struct Today {
    /// The frame.
    pub shell: Shell,
    /// The day and its neighbours.
    pub day: DayBar,
    /// The locations; the first is all of them.
    pub locations: Vec<LocationFilter>,
    /// The strip of counts.
    pub summary: Summary,
    /// What needs attention.
    pub tasks: TasksPanel,
    /// The visits by location and hour; empty shows the empty state.
    pub groups: Vec<LocationGroup>,
}

/// The day switcher.
#[derive(Clone)]
pub struct DayBar {
    /// The day in words, for example `Tuesday 24 November`.
    pub heading: String,
    /// `Today`, `Tomorrow`, `Yesterday`, or empty.
    pub relative: String,
    /// The day as `2026-11-24`, for links and the date field.
    pub value: String,
    /// The day before, same form.
    pub previous: String,
    /// The day after, same form.
    pub next: String,
    /// The days around it.
    pub days: Vec<DayLink>,
    /// The id of the location filtered for; empty for all.
    pub location: String,
}

/// A day in the switcher.
#[derive(Clone)]
pub struct DayLink {
    /// The day as `2026-11-24`.
    pub value: String,
    /// Its short weekday, for example `Tue`.
    pub weekday: String,
    /// Its number in the month.
    pub number: String,
    /// Its month, for screen readers, for example `November`.
    pub month: String,
    /// Its visits.
    pub visits: u32,
    /// Is it the shown one?
    pub current: bool,
    /// Is it today?
    pub today: bool,
}

/// A location to filter for.
#[derive(Clone)]
pub struct LocationFilter {
    /// Its id; empty for all.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Visits there on this day.
    pub visits: u32,
    /// Is it the current filter?
    pub current: bool,
}

/// The visits at one location.
#[derive(Clone)]
pub struct LocationGroup {
    /// The location's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its zone, if it differs from the practice's; may be empty.
    pub zone: String,
    /// How many visits.
    pub visits: u32,
    /// By hour.
    pub hours: Vec<HourGroup>,
}

/// The visits that begin in one hour.
#[derive(Clone)]
pub struct HourGroup {
    /// The hour in words, for example `9 AM`.
    pub label: String,
    /// The visits.
    pub visits: Vec<VisitRow>,
}

/// One visit. Live fragment `visit-{id}`.
#[derive(Clone, Template)]
#[template(path = "console/visit_row.html")]
pub struct VisitRow {
    /// The visit's id.
    pub id: String,
    /// When it begins.
    pub at: When,
    /// The person's id.
    pub person_id: String,
    /// The person's name.
    pub person: String,
    /// The type in neutral words.
    pub visit_type: String,
    /// The reminder's state.
    pub state: ReminderState,
    /// More about that state, for example `for 4:00 PM` or `quiet hours`; may be empty.
    pub note: String,
    /// The patient's last reply.
    pub reply: Option<Reply>,
    /// The message behind the state.
    pub message_id: Option<String>,
    /// Is the visit over?
    pub past: bool,
    /// Today only: what to ask about the number at this visit.
    pub check: Option<NumberCheck>,
}

/// What to ask about a number when its patient comes in (H-07).
#[derive(Clone)]
pub struct NumberCheck {
    /// The contact point's id.
    pub contact: String,
    /// The number in words.
    pub sentence: String,
    /// Whether one word confirms it; a number that was never proven needs a code.
    pub confirmable: bool,
    /// The page to come back to.
    pub back: String,
}

/// The patient's last reply.
#[derive(Clone)]
pub struct Reply {
    /// The words.
    pub text: String,
    /// Their language.
    pub lang: String,
    /// When it came.
    pub at: When,
}

/// The strip of counts above the visits. Live fragment `summary`.
#[derive(Clone, Template)]
#[template(path = "console/summary.html")]
pub struct Summary {
    /// What is counted, for example `42 visits at 3 locations`.
    pub scope: String,
    /// The counts, one for each kind in the order of [`SliceKind::ALL`].
    pub slices: Vec<Slice>,
    /// The same by location, for the table; each with as many counts as there are slices.
    pub by_location: Vec<SummaryRow>,
}

/// One count of the strip.
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    /// What is counted.
    pub kind: SliceKind,
    /// How many visits.
    pub count: u32,
}

/// One row of the strip's table.
#[derive(Clone)]
pub struct SummaryRow {
    /// The location's name.
    pub location: String,
    /// The counts in the order of the slices.
    pub counts: Vec<u32>,
}

/// What the strip counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceKind {
    /// The patient confirmed.
    Confirmed,
    /// Texted, within the time in which an answer is awaited.
    Waiting,
    /// Texted, and no answer came in time.
    NoAnswer,
    /// The patient wants another time or cancelled.
    Changing,
    /// No text could go or arrive.
    Untexted,
    /// No text is due yet.
    NotDue,
}

impl SliceKind {
    /// Every kind, in the order of the bar.
    pub const ALL: &[Self] = &[Self::Confirmed, Self::Waiting, Self::NoAnswer, Self::Changing, Self::Untexted, Self::NotDue];

    /// The CSS class suffix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Waiting => "waiting",
            Self::NoAnswer => "no-answer",
            Self::Changing => "changing",
            Self::Untexted => "untexted",
            Self::NotDue => "not-due",
        }
    }

    /// The words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Confirmed => "Confirmed",
            Self::Waiting => "Waiting for a reply",
            Self::NoAnswer => "No answer",
            Self::Changing => "Reschedule or cancel",
            Self::Untexted => "Could not be texted",
            Self::NotDue => "Not due yet",
        }
    }

    /// The tone of its symbol.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Confirmed => Tone::Good,
            Self::Waiting => Tone::Info,
            Self::NoAnswer => Tone::Warn,
            Self::Changing => Tone::Off,
            Self::Untexted => Tone::Bad,
            Self::NotDue => Tone::Quiet,
        }
    }
}

/// One rectangle of the bar, in thousandths of its width.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// What it shows.
    pub kind: SliceKind,
    /// Where it begins.
    pub x: u32,
    /// How wide it is.
    pub width: u32,
}

impl Summary {
    /// All visits counted.
    pub fn total(&self) -> u32 {
        self.slices.iter().map(|slice| slice.count).sum()
    }

    /// A count as a share of all, in whole per cent.
    pub fn percent(&self, slice: &Slice) -> u32 {
        match self.total() {
            0 => 0,
            total => (slice.count * 100 + total / 2) / total,
        }
    }

    /// The rectangles of the bar with a small gap between them; together they fill 1000.
    pub fn segments(&self) -> Vec<Segment> {
        const GAP: u32 = 4;
        let total = self.total();
        let shown: Vec<&Slice> = self.slices.iter().filter(|slice| slice.count > 0).collect();
        let mut before = 0;
        shown
            .iter()
            .enumerate()
            .map(|(place, slice)| {
                let x = before * 1000 / total;
                before += slice.count;
                let end = before * 1000 / total;
                let gap = if place + 1 < shown.len() { GAP } else { 0 };
                Segment { kind: slice.kind, x, width: (end - x).saturating_sub(gap).max(2) }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(counts: [u32; 6]) -> Summary {
        Summary {
            scope: String::new(),
            slices: SliceKind::ALL.iter().zip(counts).map(|(kind, count)| Slice { kind: *kind, count }).collect(),
            by_location: Vec::new(),
        }
    }

    #[test]
    fn the_bar_fills_its_width_and_skips_what_is_empty() {
        let segments = summary([21, 9, 0, 2, 4, 6]).segments();
        assert_eq!(segments.len(), 5);
        assert_eq!(segments[0].x, 0);
        let last = segments[4];
        assert_eq!(last.x + last.width, 1000);
        for pair in segments.windows(2) {
            assert!(pair[0].x + pair[0].width < pair[1].x, "segments overlap");
        }
    }

    #[test]
    fn a_day_without_visits_has_an_empty_bar() {
        let empty = summary([0; 6]);
        assert!(empty.segments().is_empty());
        assert_eq!(empty.percent(&empty.slices[0]), 0);
    }
}
