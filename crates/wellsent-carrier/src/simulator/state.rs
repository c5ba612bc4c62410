//! Everything that the network remembers: phones, texts, senders' hooks, the journal. Changed under one lock, in short steps.

use super::behaviour::Behaviour;
use super::codes;
use super::fate::{Answer, Fate};
use super::journal::{Journal, Record};
use super::network::{Stats, TextError};
use super::opt_out;
use super::phone::{ConversationLine, Phone};
use super::step::{Now, Plan, Post, Taken, What};
use super::wire::{Listed, Text};
use crate::CarrierOptOut;
use crate::digest::to_hex;
use jiff::Timestamp;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use wellsent_domain::carrier_report::DeliveryStatus;
use wellsent_domain::{Phi, PhoneNumber};

struct Message {
    token: Option<[u8; 16]>,
    to: PhoneNumber,
    sender: Arc<str>,
    body: Arc<str>,
    hook: Arc<str>,
    status: DeliveryStatus,
    code: Option<u32>,
    sent_at: Timestamp,
    taken_at: Instant,
    fate: Fate,
    expires: bool,
}

struct Hook {
    inbound: Arc<str>,
    /// The address for receipts that it was taken from; none when it was registered.
    learnt_from: Option<Arc<str>>,
}

pub(super) struct State {
    pub behaviour: Arc<Behaviour>,
    pub stats: Stats,
    pub journal: Journal,
    pub phones: HashMap<PhoneNumber, Phone>,
    messages: VecDeque<Message>,
    first_seq: u64,
    kept_max: usize,
    /// One allocation for each address and sender, however many texts name it.
    names: HashSet<Arc<str>>,
    /// Where senders' inbound texts go.
    hooks: HashMap<Arc<str>, Hook>,
    stopped: HashSet<(Arc<str>, PhoneNumber)>,
    epoch: String,
    next_text: u64,
    next_event: u64,
    second: (Instant, u32),
}

impl State {
    pub fn new(behaviour: Behaviour, journal: Journal, kept_max: usize, epoch: String) -> Self {
        Self {
            behaviour: Arc::new(behaviour),
            stats: Stats::default(),
            journal,
            phones: HashMap::new(),
            messages: VecDeque::new(),
            first_seq: 0,
            kept_max,
            names: HashSet::new(),
            hooks: HashMap::new(),
            stopped: HashSet::new(),
            epoch,
            next_text: 0,
            next_event: 0,
            second: (Instant::now(), 0),
        }
    }

    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let name: Arc<str> = text.into();
        self.names.insert(name.clone());
        name
    }

    /// Whether an address was seen, and so checked, before.
    pub fn knows(&self, hook: &str) -> bool {
        self.names.contains(hook)
    }

    fn message_id(&self, seq: u64) -> String {
        format!("SM{}{seq:016x}", self.epoch)
    }

    fn event_id(&mut self) -> Box<str> {
        self.next_event += 1;
        format!("EV{}{:016x}", self.epoch, self.next_event).into_boxed_str()
    }

    /// Says where a sender's inbound texts go.
    pub fn register_hook(&mut self, sender: &str, inbound_url: &str) {
        let (sender, url) = (self.name(sender), self.name(inbound_url));
        self.hooks.insert(sender, Hook { inbound: url, learnt_from: None });
    }

    /// A submission's address for receipts tells where the sender's inbound texts go, unless somebody registered it.
    fn learn_hook(&mut self, sender: &Arc<str>, status_hook: &Arc<str>) {
        if let Some(known) = self.hooks.get(sender)
            && known.learnt_from.as_ref().is_none_or(|from| from == status_hook)
        {
            return;
        }
        if let Some(base) = status_hook.strip_suffix("/status") {
            let inbound = self.name(&format!("{base}/inbound"));
            self.hooks.insert(sender.clone(), Hook { inbound, learnt_from: Some(status_hook.clone()) });
        }
    }

    /// Takes a submission, or not. Returns what to answer and, when taken, which text is due at the phone and when.
    pub fn submit(&mut self, taken: &Taken<'_>, now: Now) -> (Plan, Option<(u64, Instant)>) {
        let e164 = taken.to.to_e164();
        let behaviour = self.behaviour.clone();
        let sender = self.name(taken.from);
        let phone = self.phones.entry(taken.to).or_default();
        let mut fate = Fate::decide(&behaviour, &e164, phone.submissions);
        phone.submissions += 1;
        if behaviour.carrier_stop_list && self.stopped.contains(&(sender.clone(), taken.to)) {
            fate.answer = Answer::Refuse(codes::OPTED_OUT);
        }
        if self.over_the_limit(behaviour.throttle_per_s, now.timer) {
            fate.answer = Answer::Throttle;
        }
        let token = taken.token.map(|token| to_hex(&token));
        let record = Record { to: Some(&e164), token: token.as_deref(), ..Record::default() };
        let mut plan = Plan { answer: fate.answer, after: fate.answer_after, id: None, retry_after_s: behaviour.retry_after_s };
        let not_taken = match fate.answer {
            Answer::Throttle => Some(("throttled", Some(codes::TOO_MANY_REQUESTS))),
            Answer::Refuse(code) => Some(("refused", Some(code))),
            Answer::Drop => Some(("dropped", None)),
            Answer::Accept | Answer::AcceptThenDrop | Answer::AcceptThenError | Answer::AcceptThenGarbage => None,
        };
        if let Some((kind, code)) = not_taken {
            match kind {
                "throttled" => {
                    plan.after = Duration::ZERO;
                    self.stats.throttled += 1;
                }
                "refused" => self.stats.refused += 1,
                _ => self.stats.dropped += 1,
            }
            self.journal.append(now.real_us, &Record { kind, code, ..record });
            return (plan, None);
        }
        self.forget_oldest();
        let seq = self.first_seq + self.messages.len() as u64;
        let id = self.message_id(seq);
        self.stats.accepted += 1;
        self.journal
            .append(now.real_us, &Record { kind: "accepted", id: Some(&id), from: Some(taken.from), body: Some(taken.body), ..record });
        let hook = self.name(taken.hook);
        self.learn_hook(&sender, &hook);
        if let Some(phone) = self.phones.get_mut(&taken.to) {
            phone.sent(seq, &sender);
        }
        let expires = taken.validity < fate.delivery_after;
        self.messages.push_back(Message {
            token: taken.token,
            to: taken.to,
            sender,
            body: taken.body.into(),
            hook,
            status: DeliveryStatus::Queued,
            code: None,
            sent_at: now.shown,
            taken_at: now.timer,
            fate,
            expires,
        });
        plan.id = Some(id);
        (plan, Some((seq, now.timer + fate.delivery_after.min(taken.validity))))
    }

    fn over_the_limit(&mut self, per_s: Option<u32>, now: Instant) -> bool {
        let Some(limit) = per_s else { return false };
        if now.duration_since(self.second.0) >= Duration::from_secs(1) {
            self.second = (now, 0);
        }
        self.second.1 = self.second.1.saturating_add(1);
        self.second.1 > limit
    }

    fn forget_oldest(&mut self) {
        // A text that is still on its way is not forgotten, nor are those behind it.
        let on_its_way = self.messages.front().is_none_or(|message| message.status == DeliveryStatus::Queued);
        if self.messages.len() < self.kept_max || on_its_way {
            return;
        }
        let seq = self.first_seq;
        self.first_seq += 1;
        let Some(message) = self.messages.pop_front() else {
            return;
        };
        if let Some(phone) = self.phones.get_mut(&message.to) {
            phone.forget(seq);
        }
    }

    fn message(&mut self, seq: u64) -> Option<&mut Message> {
        let index = usize::try_from(seq.checked_sub(self.first_seq)?).ok()?;
        self.messages.get_mut(index)
    }

    /// A text is due at its phone: it arrives, expires or fails. Returns the receipts to send and when.
    pub fn deliver(&mut self, seq: u64, now: Now) -> Vec<(Instant, Post)> {
        let id = self.message_id(seq);
        let Some(message) = self.message(seq) else {
            return Vec::new();
        };
        let (status, code) = match (message.expires, message.fate.undelivered) {
            (true, _) => (DeliveryStatus::Failed, Some(Fate::EXPIRED)),
            (false, Some(code)) => (DeliveryStatus::Undelivered, Some(code)),
            (false, None) => (DeliveryStatus::Delivered, None),
        };
        message.status = status;
        message.code = code;
        let (to, sender, body) = (message.to, message.sender.clone(), message.body.clone());
        let (token, hook, fate) = (message.token, message.hook.clone(), message.fate);
        let e164 = to.to_e164();
        let hex = token.map(|token| to_hex(&token));
        let mut record = Record { id: Some(&id), token: hex.as_deref(), to: Some(&e164), code, ..Record::default() };
        match status {
            DeliveryStatus::Failed => {
                self.stats.expired += 1;
                record.kind = "expired";
            }
            DeliveryStatus::Undelivered => {
                self.stats.undelivered += 1;
                record.kind = "undelivered";
            }
            _ => {
                self.stats.got += 1;
                record.kind = "got";
                if let Some(phone) = self.phones.get_mut(&to) {
                    phone.got += 1;
                    let line =
                        ConversationLine { id: id.clone(), at: now.shown, from_phone: false, sender, body: Phi::new(body), seq: Some(seq) };
                    phone.add(line);
                }
            }
        }
        self.journal.append(now.real_us, &record);
        if fate.lose_receipts {
            return Vec::new();
        }
        let mut reported = Vec::with_capacity(3);
        if self.behaviour.receipts.report_sent && status != DeliveryStatus::Failed {
            reported.push((DeliveryStatus::Sent, None, self.event_id()));
        }
        reported.push((status, code, self.event_id()));
        if fate.reorder_receipts {
            reported.reverse();
        }
        if fate.duplicate_receipts
            && let Some(last) = reported.last().cloned()
        {
            reported.push(last);
        }
        // Receipts of one text leave one after the other, so that their order is what was decided here.
        let mut due = now.timer + fate.receipt_after;
        let step = fate.receipt_after / 2;
        reported
            .into_iter()
            .map(|(status, code, event)| {
                let what = What::Receipt { token, id: id.clone().into_boxed_str(), status, code };
                let post = (due, Post { hook: hook.clone(), event, what, tries: 0, since: due });
                due += step.max(Duration::from_millis(1));
                post
            })
            .collect()
    }

    /// A phone texts. Returns the text's id and the callback to make.
    pub fn text(
        &mut self,
        from: PhoneNumber,
        to_sender: Option<&str>,
        body: &str,
        default_base: Option<&str>,
        now: Now,
    ) -> Result<(String, Post), TextError> {
        let sender = match to_sender {
            Some(sender) => self.name(sender),
            None => self.phones.get(&from).and_then(|phone| phone.last_sender.clone()).ok_or(TextError::NoSender)?,
        };
        let hook = match (self.hooks.get(&sender), default_base) {
            (Some(hook), _) => hook.inbound.clone(),
            (None, Some(base)) => self.name(&format!("{base}/hooks/simulator/{sender}/inbound")),
            (None, None) => return Err(TextError::NoHook),
        };
        self.next_text += 1;
        let id = format!("RM{}{:016x}", self.epoch, self.next_text);
        let event = self.event_id();
        let opt_out = if self.behaviour.carrier_stop_list { opt_out::act_of(body) } else { None };
        match opt_out {
            Some(CarrierOptOut::Stop) => drop(self.stopped.insert((sender.clone(), from))),
            Some(CarrierOptOut::Start) => drop(self.stopped.remove(&(sender.clone(), from))),
            Some(CarrierOptOut::Help) | None => {}
        }
        let e164 = from.to_e164();
        self.stats.texts += 1;
        self.journal.append(
            now.real_us,
            &Record {
                kind: "text",
                id: Some(&id),
                event: Some(&event),
                from: Some(&e164),
                to: Some(&sender),
                body: Some(body),
                ..Record::default()
            },
        );
        let text = Text {
            event: Cow::Borrowed(&event),
            id: Cow::Borrowed(&id),
            from: Cow::Borrowed(&e164),
            to_sender: Cow::Borrowed(&sender),
            body: Cow::Borrowed(body),
            opt_out: opt_out.map(|opt_out| Cow::Borrowed(opt_out::word(opt_out))),
        };
        let json = serde_json::to_string(&text).map_err(|_| TextError::TooLong)?.into_boxed_str();
        let phone = self.phones.entry(from).or_default();
        phone.add(ConversationLine {
            id: id.clone(),
            at: now.shown,
            from_phone: true,
            sender: sender.clone(),
            body: Phi::new(body.into()),
            seq: None,
        });
        if let Some(answer) = opt_out.map(opt_out::answer) {
            phone.add(ConversationLine {
                id: format!("{id}a"),
                at: now.shown,
                from_phone: false,
                sender,
                body: Phi::new(answer.into()),
                seq: None,
            });
        }
        let what = What::Text { id: id.clone().into_boxed_str(), json };
        Ok((id, Post { hook, event, what, tries: 0, since: now.timer }))
    }

    /// The log of texts to one number, newest first.
    pub fn listed(&self, to: PhoneNumber, since: Option<Timestamp>, token: Option<[u8; 16]>, now: Instant) -> Vec<Listed> {
        let Some(phone) = self.phones.get(&to) else {
            return Vec::new();
        };
        let lag = Duration::from_millis(u64::from(self.behaviour.log_lag_ms));
        let index = |seq: u64| usize::try_from(seq.checked_sub(self.first_seq)?).ok();
        phone
            .recent
            .iter()
            .rev()
            .filter_map(|seq| Some((*seq, self.messages.get(index(*seq)?)?)))
            .filter(|(_, message)| since.is_none_or(|since| message.sent_at >= since) && message.taken_at + lag <= now)
            .filter(|(_, message)| token.is_none() || message.token == token)
            .map(|(seq, message)| Listed {
                id: self.message_id(seq),
                token: message.token.map(|token| to_hex(&token)),
                status: message.status.as_str().to_owned(),
                code: message.code,
                sent_at: message.sent_at.to_string(),
                body: message.body.to_string(),
            })
            .collect()
    }
}
