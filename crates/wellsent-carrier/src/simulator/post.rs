//! What the network still has to do: bring texts to phones, and call the server back until it acknowledges.

use super::journal::Record;
use super::network::Network;
use super::step::{Post, What};
use super::wire::{EVENTS_MAX, Receipt, SIGNATURE_HEADER, TIMESTAMP_HEADER, sign};
use crate::CallbackKind;
use crate::digest::to_hex;
use crate::http::{Reply, parse_url};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering as Memory};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long the pump waits at least when receipts are batched, so that batches fill.
const GATHER: Duration = Duration::from_millis(5);
/// The most texts that are delivered under one lock.
const DELIVERIES_MAX: usize = 256;
const BACKOFF_FIRST: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

enum Job {
    Deliver(u64),
    Post(Post),
}

struct Timed {
    at: Instant,
    order: u64,
    job: Job,
}

impl Ord for Timed {
    fn cmp(&self, other: &Self) -> Ordering {
        // Reversed, because the heap gives the greatest first.
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}
impl PartialOrd for Timed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Timed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Timed {}

#[derive(Default)]
struct Schedule {
    jobs: BinaryHeap<Timed>,
    order: u64,
}

/// Callbacks that may leave now, by address; an address is in `ready` once while it has any.
#[derive(Default)]
struct Outgoing {
    by_hook: HashMap<Arc<str>, VecDeque<Post>>,
    ready: VecDeque<Arc<str>>,
}

/// The schedule and the outgoing callbacks.
#[derive(Default)]
pub(super) struct Queue {
    schedule: Mutex<Schedule>,
    schedule_changed: Notify,
    outgoing: Mutex<Outgoing>,
    outgoing_changed: Notify,
    open: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Queue {
    /// Brings a text to its phone at an instant.
    pub fn deliver_at(&self, at: Instant, seq: u64) {
        self.at(at, Job::Deliver(seq));
    }

    /// Makes a callback now.
    pub fn send(&self, post: Post) {
        self.open.fetch_add(1, Memory::Relaxed);
        self.out(post);
    }

    /// Makes a callback at an instant.
    fn send_at(&self, at: Instant, post: Post) {
        self.open.fetch_add(1, Memory::Relaxed);
        self.at(at, Job::Post(post));
    }

    /// How many events have not been delivered or given up.
    pub fn waiting(&self) -> u64 {
        self.open.load(Memory::Relaxed)
    }

    fn at(&self, at: Instant, job: Job) {
        let mut schedule = lock(&self.schedule);
        let earlier = schedule.jobs.peek().is_none_or(|first| at < first.at);
        let order = schedule.order;
        schedule.order += 1;
        schedule.jobs.push(Timed { at, order, job });
        drop(schedule);
        if earlier {
            self.schedule_changed.notify_one();
        }
    }

    fn out(&self, post: Post) {
        let mut outgoing = lock(&self.outgoing);
        let Outgoing { by_hook, ready } = &mut *outgoing;
        if let Some(posts) = by_hook.get_mut(&post.hook) {
            posts.push_back(post);
        } else {
            ready.push_back(post.hook.clone());
            by_hook.insert(post.hook.clone(), VecDeque::from([post]));
        }
        drop(outgoing);
        self.outgoing_changed.notify_one();
    }

    /// Takes callbacks to one address, at most `most`.
    fn take(&self, most: usize) -> Vec<Post> {
        let mut outgoing = lock(&self.outgoing);
        let Some(hook) = outgoing.ready.pop_front() else {
            return Vec::new();
        };
        let Some(posts) = outgoing.by_hook.get_mut(&hook) else {
            return Vec::new();
        };
        // Only receipts are batched; a person's text goes alone.
        let together = match posts.front().map(Post::kind) {
            Some(CallbackKind::Status) => posts.iter().take(most).take_while(|post| post.kind() == CallbackKind::Status).count(),
            _ => 1,
        };
        let taken: Vec<Post> = posts.drain(..together.min(posts.len())).collect();
        if posts.is_empty() {
            outgoing.by_hook.remove(&hook);
        } else {
            outgoing.ready.push_back(hook);
        }
        let more = !outgoing.ready.is_empty();
        drop(outgoing);
        if more {
            self.outgoing_changed.notify_one();
        }
        taken
    }
}

/// Moves what is due: texts to phones, receipts to the workers. Runs until it is dropped.
pub(super) async fn pump(network: Network) {
    let queue = &network.0.queue;
    loop {
        let now = Instant::now();
        let (mut deliveries, mut posts, mut next) = (Vec::new(), Vec::new(), None);
        {
            let mut schedule = lock(&queue.schedule);
            while deliveries.len() < DELIVERIES_MAX {
                match schedule.jobs.peek() {
                    Some(first) if first.at <= now => {}
                    other => {
                        next = other.map(|first| first.at);
                        break;
                    }
                }
                match schedule.jobs.pop().map(|timed| timed.job) {
                    Some(Job::Deliver(seq)) => deliveries.push(seq),
                    Some(Job::Post(post)) => posts.push(post),
                    None => break,
                }
            }
        }
        let idle = deliveries.is_empty() && posts.is_empty();
        for post in posts {
            queue.out(post);
        }
        for (at, post) in network.deliver(&deliveries) {
            if at <= now { queue.send(post) } else { queue.send_at(at, post) }
        }
        if !idle {
            tokio::task::yield_now().await;
            if network.batch() > 1 {
                sleep_until(now + GATHER).await;
            }
            continue;
        }
        match next {
            Some(at) => tokio::select! {
                () = sleep_until(at) => {}
                () = queue.schedule_changed.notified() => {}
            },
            None => queue.schedule_changed.notified().await,
        }
    }
}

/// Makes callbacks, one request at a time. Runs until it is dropped.
pub(super) async fn work(network: Network) {
    loop {
        let posts = network.0.queue.take(network.batch());
        if posts.is_empty() {
            network.0.queue.outgoing_changed.notified().await;
            continue;
        }
        let status = match call(&network, &posts).await {
            Some(Reply::Answered(answer)) => Some(answer.status),
            Some(Reply::NotSent(_) | Reply::Unclear { .. }) => None,
            None => Some(400),
        };
        network.settle(posts, status);
    }
}

/// Calls the server. `None` when the request cannot even be written.
async fn call(network: &Network, posts: &[Post]) -> Option<Reply> {
    let first = posts.first()?;
    let (body, token) = match (&first.what, posts.len()) {
        (What::Text { json, .. }, _) => (json.to_string(), None),
        (What::Receipt { token, .. }, 1) => (serde_json::to_string(&receipt(first, false)?).ok()?, *token),
        _ => {
            let receipts: Vec<Receipt<'_>> = posts.iter().filter_map(|post| receipt(post, true)).collect();
            (serde_json::to_string(&receipts).ok()?, None)
        }
    };
    let address = match token {
        Some(token) => format!("{}?t={}", first.hook, to_hex(&token)),
        None => first.hook.to_string(),
    };
    // What is signed is the address as it is written in the request.
    let url = parse_url(&address).ok()?;
    let timestamp = (network.now().real_us / 1_000_000).to_string();
    let signature = sign(&network.0.secret, &timestamp, url.as_str(), body.as_bytes());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (HeaderName::from_static(TIMESTAMP_HEADER), HeaderValue::from_str(&timestamp).ok()?),
        (HeaderName::from_static(SIGNATURE_HEADER), HeaderValue::from_str(&signature).ok()?),
    ];
    Some(network.0.http.call(Method::POST, url, &headers, Some(body.into_bytes())).await)
}

fn receipt(post: &Post, name_attempt: bool) -> Option<Receipt<'_>> {
    let What::Receipt { token, id, status, code } = &post.what else {
        return None;
    };
    Some(Receipt {
        event: Cow::Borrowed(&post.event),
        id: Cow::Borrowed(id),
        status: Cow::Borrowed(status.as_str()),
        code: *code,
        token: token.filter(|_| name_attempt).map(|token| Cow::Owned(to_hex(&token))),
    })
}

impl Network {
    fn batch(&self) -> usize {
        usize::try_from(self.state().behaviour.receipt_batch).unwrap_or(1).clamp(1, EVENTS_MAX)
    }

    /// Writes down what the server said, and repeats what it did not take.
    fn settle(&self, posts: Vec<Post>, status: Option<u16>) {
        let now = self.now();
        let queue = &self.0.queue;
        let mut again = Vec::new();
        let mut state = self.state();
        let patience = Duration::from_secs(u64::from(state.behaviour.callback_retry_s));
        for mut post in posts {
            post.tries += 1;
            let kind = match status {
                Some(200..=299) => "acknowledged",
                Some(400..=499) if status != Some(429) && status != Some(408) => "turned_away",
                _ if now.timer.duration_since(post.since) >= patience => "given_up",
                _ => {
                    let wait = BACKOFF_FIRST.saturating_mul(1 << (post.tries - 1).min(10)).min(BACKOFF_MAX);
                    again.push((now.timer + wait, post));
                    continue;
                }
            };
            match kind {
                "acknowledged" => state.stats.acknowledged += 1,
                "turned_away" => state.stats.turned_away += 1,
                _ => state.stats.given_up += 1,
            }
            let (hook, id) = match &post.what {
                What::Receipt { id, .. } => ("status", Some(&**id)),
                What::Text { id, .. } => ("inbound", Some(&**id)),
            };
            let record = Record {
                kind,
                id,
                event: Some(&post.event),
                hook: Some(hook),
                code: status.map(u32::from),
                tries: Some(post.tries),
                ..Record::default()
            };
            state.journal.append(now.real_us, &record);
            queue.open.fetch_sub(1, Memory::Relaxed);
        }
        drop(state);
        for (at, post) in again {
            queue.at(at, Job::Post(post));
        }
    }
}
