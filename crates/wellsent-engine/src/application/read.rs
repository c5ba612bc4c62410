//! What an application looks at, and what it changes about its own texts. Every look leaves an entry on the ledger (P7).

use super::door::Caller;
use crate::live::Change;
use crate::{Engine, EngineError};
use jiff::Timestamp;
use wellsent_domain::application::{Direction, Step};
use wellsent_domain::gate::Reason;
use wellsent_domain::{ApplicationId, MessageId, PhoneNumber, SenderId};
use wellsent_store::application_texts::{self, Filter, TextView};
use wellsent_store::entry::Entry;
use wellsent_store::numbers::NumberKey;
use wellsent_store::{StoreError, Tx, messages, numbers};

/// Which texts an application wants to see.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// To this number, a patient's or a sender's.
    pub to: Option<String>,
    /// From this number, a patient's or a sender's.
    pub from: Option<String>,
    /// Those that left or came from this instant on.
    pub sent_from: Option<Timestamp>,
    /// Those that left or came before this instant.
    pub sent_until: Option<Timestamp>,
    /// Where to go on. It holds the rest of the question, so that nothing else is read then.
    pub token: Option<PageToken>,
    /// How many at most.
    pub limit: i64,
}

/// A page of texts, the newest first.
#[derive(Debug)]
pub struct TextPage {
    /// The texts.
    pub texts: Vec<TextView>,
    /// Where this page begins.
    pub here: PageToken,
    /// Where the next one begins.
    pub next: Option<PageToken>,
}

/// Where a list goes on, with the question itself: addresses of pages then hold no number of a patient (P6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageToken {
    after: [u8; 16],
    filter: Filter,
    nothing: bool,
}

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It was made.
    Done(Box<TextView>),
    /// There is no such text for this application.
    NotFound,
    /// The text is not in a state for it: it has left already, or has not ended yet.
    NotNow,
}

impl PageToken {
    /// Where the same list begins.
    pub fn first(self) -> Self {
        Self { after: [0xff; 16], ..self }
    }
}

impl std::fmt::Display for PageToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = |id: Option<[u8; 16]>| id.map_or_else(String::new, |id| uuid::Uuid::from_bytes(id).as_simple().to_string());
        let instant = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.as_microsecond().to_string());
        let Filter { number, sender, inbound, from, until } = self.filter;
        let way = match (self.nothing, inbound) {
            (true, _) => "n",
            (false, None) => "a",
            (false, Some(true)) => "i",
            (false, Some(false)) => "o",
        };
        let (after, number, sender) = (hex(Some(self.after)), hex(number.map(|key| key.0)), hex(sender.map(|id| id.bytes())));
        write!(f, "PA{after}.{way}.{number}.{sender}.{}.{}", instant(from), instant(until))
    }
}

impl std::str::FromStr for PageToken {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.strip_prefix("PA").ok_or(())?.split('.').collect();
        let [after, way, number, sender, from, until] = parts[..] else { return Err(()) };
        let id = |hex: &str| match hex {
            "" => Ok(None),
            hex => uuid::Uuid::try_parse(hex).map(|id| Some(id.into_bytes())).map_err(|_| ()),
        };
        let instant = |micros: &str| match micros {
            "" => Ok(None),
            micros => micros.parse().ok().and_then(|micros| Timestamp::from_microsecond(micros).ok()).map(Some).ok_or(()),
        };
        Ok(Self {
            after: id(after)?.ok_or(())?,
            filter: Filter {
                number: id(number)?.map(NumberKey),
                sender: id(sender)?.map(SenderId::from_bytes),
                inbound: match way {
                    "a" | "n" => None,
                    "i" => Some(true),
                    "o" => Some(false),
                    _ => return Err(()),
                },
                from: instant(from)?,
                until: instant(until)?,
            },
            nothing: way == "n",
        })
    }
}

impl Engine {
    /// A page of an application's texts.
    pub async fn texts_of(&self, caller: &Caller, request: ListRequest) -> Result<TextPage, EngineError> {
        let (now, application) = (self.now(), caller.application.clone());
        let read = move |tx: &mut Tx<'_, '_>| -> Result<TextPage, StoreError> {
            let here = match request.token {
                Some(token) => token,
                None => question(tx, &application.senders, &request),
            };
            let mut texts = match here.nothing {
                true => Vec::new(),
                false => application_texts::list(tx, application.id, &here.filter, Some(here.after), request.limit + 1)?,
            };
            let more = texts.len() as i64 > request.limit;
            texts.truncate(usize::try_from(request.limit).unwrap_or_default());
            let next = texts.last().filter(|_| more).map(|last| PageToken { after: last.id, ..here });
            tx.record(now, read_entry(application.id, now).number("texts", texts.len() as i64));
            Ok(TextPage { texts, here, next })
        };
        Ok(self.store().write(caller.access, read).await?)
    }

    /// A text of an application, with what it waits for or why it did not go.
    pub async fn text_of(&self, caller: &Caller, id: [u8; 16]) -> Result<Option<(TextView, Vec<Reason>)>, EngineError> {
        let (now, application) = (self.now(), caller.application.id);
        let read = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let text = visible(tx, application, id)?;
            tx.record(now, read_entry(application, now).number("texts", i64::from(text.is_some())));
            let Some(text) = text else { return Ok(None) };
            let ruled = text.step.is_waiting() || text.step == Step::Failed;
            let reasons = if ruled { application_texts::last_reasons(tx, MessageId::from_bytes(id))? } else { Vec::new() };
            Ok(Some((text, reasons)))
        };
        Ok(self.store().write(caller.access, read).await?)
    }

    /// Forgets what a text says (TW-17).
    pub async fn redact_for(&self, caller: &Caller, id: [u8; 16]) -> Result<Changed, EngineError> {
        self.change(caller, id, |tx, application, text, now| {
            let at_rest = text.direction == Direction::Inbound || !text.step.is_waiting();
            if at_rest { application_texts::redact(tx, application, text, now) } else { Err(StoreError::Stale { what: "message" }) }
        })
        .await
    }

    /// Takes back a text that has not left.
    pub async fn cancel_for(&self, caller: &Caller, id: [u8; 16]) -> Result<Changed, EngineError> {
        self.change(caller, id, |tx, _, text, now| match text.direction {
            Direction::Inbound => Err(StoreError::Stale { what: "message" }),
            _ => messages::withdraw(tx, MessageId::from_bytes(text.id), now),
        })
        .await
    }

    /// Takes a text out of an application's sight. One that has not left yet would leave unseen, so it stays.
    pub async fn delete_for(&self, caller: &Caller, id: [u8; 16]) -> Result<Changed, EngineError> {
        self.change(caller, id, |tx, application, text, now| {
            if text.step.is_waiting() {
                return Err(StoreError::Stale { what: "message" });
            }
            application_texts::hide(tx, application, text.id, now)
        })
        .await
    }

    async fn change(
        &self,
        caller: &Caller,
        id: [u8; 16],
        act: impl Fn(&mut Tx<'_, '_>, ApplicationId, &TextView, Timestamp) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Changed, EngineError> {
        let (now, application) = (self.now(), caller.application.id);
        let job = move |tx: &mut Tx<'_, '_>| -> Result<Changed, StoreError> {
            let Some(text) = visible(tx, application, id)? else { return Ok(Changed::NotFound) };
            act(tx, application, &text, now)?;
            let text = application_texts::get(tx, application, id)?.ok_or(StoreError::NotFound { what: "text" })?;
            Ok(Changed::Done(Box::new(text)))
        };
        let changed = match self.store().write(caller.access, job).await {
            Err(StoreError::Stale { .. }) => Changed::NotNow,
            other => other?,
        };
        self.announce(Change::Messages(caller.access.practice));
        Ok(changed)
    }
}

fn read_entry(application: ApplicationId, now: Timestamp) -> Entry {
    Entry::new("read", now).word("what", "application_texts").word("application", application)
}

fn visible(tx: &mut Tx<'_, '_>, application: ApplicationId, id: [u8; 16]) -> Result<Option<TextView>, StoreError> {
    Ok(application_texts::get(tx, application, id)?.filter(|text| !text.hidden))
}

/// Numbers of senders say which way texts went, numbers of patients whose they are. Both ways at once, or what is no number, finds nothing.
fn question(tx: &Tx<'_, '_>, senders: &[wellsent_domain::sender::Sender], request: &ListRequest) -> PageToken {
    let mut token = PageToken {
        after: [0xff; 16],
        filter: Filter { from: request.sent_from, until: request.sent_until, ..Filter::default() },
        nothing: false,
    };
    for (number, is_to) in [(&request.to, true), (&request.from, false)] {
        let Some(number) = number else { continue };
        let parsed = PhoneNumber::parse(number);
        let address = parsed.as_ref().map_or_else(|_| number.clone(), PhoneNumber::to_e164);
        // To a sender and from a patient: it came in.
        let inbound = match (senders.iter().find(|sender| sender.address == address), parsed) {
            (Some(sender), _) => {
                token.filter.sender = Some(sender.id);
                is_to
            }
            (None, Ok(number)) => {
                token.filter.number = Some(numbers::key(tx, number));
                !is_to
            }
            (None, Err(_)) => {
                token.nothing = true;
                continue;
            }
        };
        token.nothing |= token.filter.inbound.is_some_and(|way| way != inbound);
        token.filter.inbound = Some(inbound);
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_a_made_up_one_is_refused() {
        let at = Timestamp::from_microsecond(1_800_000_000_000_001).unwrap();
        let filter = Filter {
            number: Some(NumberKey([7; 16])),
            sender: Some(SenderId::from_bytes([9; 16])),
            inbound: Some(true),
            from: Some(at),
            until: None,
        };
        for token in [
            PageToken { after: [1; 16], filter, nothing: false },
            PageToken { after: [0xff; 16], filter: Filter::default(), nothing: true },
        ] {
            assert_eq!(token.to_string().parse(), Ok(token));
        }
        for wrong in ["", "PA", "PA1.a....", "XX01010101010101010101010101010101.a....", "PA01010101010101010101010101010101.z...."] {
            assert!(wrong.parse::<PageToken>().is_err(), "{wrong}");
        }
    }
}
