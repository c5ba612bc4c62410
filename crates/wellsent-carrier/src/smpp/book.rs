//! Which ids belong to which text, and what is known of its parts. In memory: the engine's own record is the first part's id.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use wellsent_domain::carrier_report::{DeliveryStatus, Failure};
use wellsent_domain::gate::AttemptToken;

/// Texts that are remembered; the oldest go first. Their receipts are then reported by their id alone.
const TEXTS_MAX: usize = 50_000;

/// A text in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TextId(u64);

/// What the book makes of a receipt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reported {
    /// No text has that id.
    NotInBook,
    /// Parts of the text are on their way, so nothing can be said of it yet.
    TooEarly,
    /// A part of the text was never taken, as far as is known: its outcome is unknown and stays so.
    Half,
    /// This is known of the text.
    Known(Known),
}

/// What is known of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub token: AttemptToken,
    /// The first part's id.
    pub id: String,
    /// The sender of ours.
    pub sender: String,
    pub status: DeliveryStatus,
    pub failure: Option<Failure>,
}

struct Text {
    token: AttemptToken,
    sender: String,
    parts: Vec<Part>,
    on_its_way: bool,
}

#[derive(Clone, Default)]
struct Part {
    id: Option<String>,
    report: Option<(DeliveryStatus, Option<Failure>)>,
}

#[derive(Default)]
struct Inner {
    texts: HashMap<TextId, Text>,
    /// Several parts can have the same id, where the carrier names whole texts.
    ids: HashMap<String, (TextId, Vec<usize>)>,
    oldest: VecDeque<TextId>,
    next: u64,
    joined_on_their_way: usize,
}

/// The book.
#[derive(Default)]
pub(super) struct Book {
    inner: Mutex<Inner>,
    changed: Notify,
}

/// While it lives, parts of one text are on their way.
pub(super) struct OnItsWay<'a> {
    book: &'a Book,
    pub text: TextId,
    joined: bool,
}

impl Book {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a text of that many parts.
    pub fn begin(&self, token: AttemptToken, sender: &str, parts: usize) -> OnItsWay<'_> {
        let mut inner = self.inner();
        let text = TextId(inner.next);
        inner.next += 1;
        inner.texts.insert(text, Text { token, sender: sender.to_owned(), parts: vec![Part::default(); parts], on_its_way: true });
        inner.oldest.push_back(text);
        while inner.oldest.len() > TEXTS_MAX {
            if let Some(oldest) = inner.oldest.pop_front() {
                inner.forget(oldest);
            }
        }
        let joined = parts > 1;
        inner.joined_on_their_way += usize::from(joined);
        OnItsWay { book: self, text, joined }
    }

    /// Notes that a part was taken under an id.
    pub fn taken(&self, text: TextId, part: usize, id: &str) {
        {
            let mut inner = self.inner();
            let Some(slot) = inner.texts.get_mut(&text).and_then(|text| text.parts.get_mut(part)) else { return };
            slot.id = Some(id.to_owned());
            let entry = inner.ids.entry(id.to_owned()).or_insert_with(|| (text, Vec::new()));
            if entry.0 != text {
                // The carrier counts from the beginning again.
                *entry = (text, Vec::new());
            }
            entry.1.push(part);
        }
        self.changed.notify_waiters();
    }

    /// Notes a report about a part, and says what it makes of the whole text.
    pub fn report(&self, id: &str, status: DeliveryStatus, failure: Option<Failure>) -> Reported {
        let mut inner = self.inner();
        let Some((text, parts)) = inner.ids.get(id).cloned() else { return Reported::NotInBook };
        let Some(text) = inner.texts.get_mut(&text) else { return Reported::NotInBook };
        for part in parts {
            if let Some(part) = text.parts.get_mut(part)
                && part.report.is_none_or(|(known, _)| known < status)
            {
                part.report = Some((status, failure));
            }
        }
        match text.known() {
            Some(known) => Reported::Known(known),
            None if text.on_its_way => Reported::TooEarly,
            None => Reported::Half,
        }
    }

    /// A text whose every part was taken.
    pub fn whole(&self, text: TextId) -> Option<Known> {
        self.inner().texts.get(&text)?.known()
    }

    /// The first of the ids that is in the book, else the first; and whether it is too early to say so. While a text of several parts is on
    /// its way, a receipt may be quicker than the answers that name it, and one part's receipt must not be taken for the whole text's
    /// (TW-09).
    pub fn choose<'a>(&self, ids: &'a [String]) -> (Option<&'a str>, bool) {
        let inner = self.inner();
        let known = ids.iter().find_map(|id| inner.ids.get(id).map(|(text, _)| (id, text)));
        let too_early = match known {
            Some((_, text)) => inner.texts.get(text).is_some_and(|text| text.on_its_way && text.known().is_none()),
            None => inner.joined_on_their_way > 0,
        };
        (known.map(|(id, _)| id).or(ids.first()).map(String::as_str), too_early)
    }

    /// Wakes whoever waits for it when a text was named or has gone its way.
    pub fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

impl Inner {
    fn forget(&mut self, id: TextId) {
        let Some(text) = self.texts.remove(&id) else { return };
        for part in text.parts {
            if let Some(part) = part.id
                && self.ids.get(&part).is_some_and(|(text, _)| *text == id)
            {
                self.ids.remove(&part);
            }
        }
    }
}

impl Text {
    /// What is known once every part was taken: delivered only if every part is, not delivered as soon as one is not.
    fn known(&self) -> Option<Known> {
        let id = self.parts.first()?.id.clone().filter(|_| self.parts.iter().all(|part| part.id.is_some()))?;
        let reports = || self.parts.iter().filter_map(|part| part.report);
        let failed = reports().find(|(status, _)| matches!(status, DeliveryStatus::Failed | DeliveryStatus::Undelivered));
        let (status, failure) = match failed {
            Some(failed) => failed,
            None if reports().filter(|(status, _)| *status == DeliveryStatus::Delivered).count() == self.parts.len() => {
                (DeliveryStatus::Delivered, None)
            }
            None if reports().any(|(status, _)| status >= DeliveryStatus::Sent) => (DeliveryStatus::Sent, None),
            None => (DeliveryStatus::Queued, None),
        };
        Some(Known { token: self.token, id, sender: self.sender.clone(), status, failure })
    }
}

impl OnItsWay<'_> {
    /// The text was not taken: nothing will be heard of it.
    pub fn not_taken(self) {
        self.book.inner().forget(self.text);
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        {
            let mut inner = self.book.inner();
            inner.joined_on_their_way -= usize::from(self.joined);
            if let Some(text) = inner.texts.get_mut(&self.text) {
                text.on_its_way = false;
            }
        }
        self.book.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryStatus::*;
    use proptest::prelude::*;

    const TOKEN: AttemptToken = AttemptToken([6; 16]);

    fn known(reported: Reported) -> Known {
        match reported {
            Reported::Known(known) => known,
            other => panic!("{other:?}"),
        }
    }

    fn status(reported: Reported) -> DeliveryStatus {
        known(reported).status
    }

    #[test]
    fn a_text_is_delivered_when_its_last_part_is() {
        let book = Book::default();
        let text = book.begin(TOKEN, "+12125550199", 2);
        book.taken(text.text, 0, "a");
        assert_eq!(book.report("a", Delivered, None), Reported::TooEarly, "the second part is not even taken");
        book.taken(text.text, 1, "b");
        assert_eq!(status(book.report("b", Queued, None)), Sent);
        let known = known(book.report("b", Delivered, None));
        assert_eq!((known.status, known.id.as_str(), known.sender.as_str()), (Delivered, "a", "+12125550199"));
        assert_eq!(status(book.report("b", Queued, None)), Delivered, "an old report changes nothing");
    }

    #[test]
    fn nothing_is_said_of_half_a_text_until_a_late_answer_makes_it_whole() {
        let book = Book::default();
        let on_its_way = book.begin(TOKEN, "x", 2);
        let text = on_its_way.text;
        book.taken(text, 0, "a");
        drop(on_its_way);
        assert_eq!(book.report("a", Delivered, None), Reported::Half);
        assert_eq!(book.whole(text), None);
        book.taken(text, 1, "b");
        assert_eq!(book.whole(text).map(|known| known.status), Some(Sent));
    }

    #[test]
    fn one_lost_part_spoils_the_text() {
        let book = Book::default();
        let text = book.begin(TOKEN, "x", 2);
        book.taken(text.text, 0, "a");
        book.taken(text.text, 1, "b");
        let known = known(book.report("b", Undelivered, Some(Failure::Unreachable)));
        assert_eq!((known.status, known.failure, known.id.as_str()), (Undelivered, Some(Failure::Unreachable), "a"));
        assert_eq!(status(book.report("a", Delivered, None)), Undelivered);
    }

    #[test]
    fn one_id_for_all_parts_counts_for_all() {
        let book = Book::default();
        let text = book.begin(TOKEN, "x", 2);
        book.taken(text.text, 0, "a");
        book.taken(text.text, 1, "a");
        assert_eq!(status(book.report("a", Delivered, None)), Delivered);
    }

    #[test]
    fn an_id_that_is_used_again_means_the_newer_text() {
        let book = Book::default();
        let first = book.begin(TOKEN, "x", 1);
        book.taken(first.text, 0, "1");
        let second = book.begin(AttemptToken([7; 16]), "x", 1);
        book.taken(second.text, 0, "1");
        assert_eq!(known(book.report("1", Delivered, None)).token, AttemptToken([7; 16]));
        assert_eq!(book.report("2", Delivered, None), Reported::NotInBook);
    }

    #[test]
    fn the_book_forgets_the_oldest() {
        let book = Book::default();
        for number in 0..=TEXTS_MAX {
            let text = book.begin(TOKEN, "x", 1);
            book.taken(text.text, 0, &number.to_string());
        }
        assert_eq!(book.report("0", Delivered, None), Reported::NotInBook);
        assert_eq!(status(book.report("1", Delivered, None)), Delivered);
        assert_eq!(book.inner().ids.len(), TEXTS_MAX);
    }

    #[test]
    fn a_receipt_is_too_early_only_while_its_text_may_be_on_its_way() {
        let book = Book::default();
        let ids = ["a".to_owned(), "b".to_owned()];
        assert_eq!(book.choose(&ids), (Some("a"), false));
        let text = book.begin(TOKEN, "x", 2);
        assert_eq!(book.choose(&ids), (Some("a"), true), "an answer may name it yet");
        book.taken(text.text, 0, "b");
        assert_eq!(book.choose(&ids), (Some("b"), true), "the second part is on its way");
        book.taken(text.text, 1, "c");
        assert_eq!(book.choose(&ids), (Some("b"), false));
        drop(text);
        let alone = book.begin(TOKEN, "x", 1);
        assert_eq!(book.choose(&["d".to_owned()]), (Some("d"), false), "one part is the whole text");
        drop(alone);
    }

    proptest! {
        #[test]
        fn reports_in_any_order_end_alike(reports in Just(vec![(0, Queued), (0, Delivered), (1, Sent), (1, Delivered), (2, Delivered), (2, Queued)]).prop_shuffle()) {
            let book = Book::default();
            let text = book.begin(TOKEN, "x", 3);
            for part in 0..3 {
                book.taken(text.text, part, &part.to_string());
            }
            let mut last = Queued;
            for (part, report) in reports {
                last = status(book.report(&part.to_string(), report, None));
            }
            prop_assert_eq!(last, Delivered);
        }
    }
}
