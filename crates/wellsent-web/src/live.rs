//! The stream that tells an open page to fetch itself again. It carries no content: what changed is read through the page, by the same rules.

use crate::App;
use crate::access::Watching;
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use wellsent_domain::PracticeId;
use wellsent_engine::Change;

/// Changes that come closer together than this are told once.
const PAUSE: Duration = Duration::from_millis(250);
/// A line of comment this often shows proxies that the stream lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Afterwards the page connects again, and its session is looked at again.
const STREAM_MAX: Duration = Duration::from_secs(5 * 60);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/live", get(live))
}

async fn live(State(app): State<App>, watching: Watching) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let now = Instant::now();
    let watch = Watch {
        changes: app.engine.subscribe(),
        shutdown: app.shutdown.clone(),
        practice: watching.practice,
        not_before: now,
        ends: now + STREAM_MAX,
    };
    let events = stream::unfold(watch, |mut watch| async move {
        watch.next().await.then(|| (Ok(Event::default().event("refresh").data(" ")), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Watch {
    changes: Receiver<Change>,
    shutdown: watch::Receiver<bool>,
    practice: PracticeId,
    not_before: Instant,
    ends: Instant,
}

impl Watch {
    /// Waits for a change that concerns the practice; `false` when the stream is to end.
    async fn next(&mut self) -> bool {
        loop {
            if *self.shutdown.borrow() {
                return false;
            }
            tokio::select! {
                change = self.changes.recv() => match change {
                    Ok(change) if self.concerns(change) => break,
                    Ok(_) => {}
                    // Told less than happened: the page fetches itself and misses nothing.
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return false,
                },
                stop = self.shutdown.changed() => if stop.is_err() { return false },
                () = sleep_until(self.ends) => return false,
            }
        }
        tokio::select! {
            () = sleep_until(self.not_before) => {}
            _ = self.shutdown.changed() => return false,
        }
        // What came meanwhile is told with this.
        while let Ok(_) | Err(tokio::sync::broadcast::error::TryRecvError::Lagged(_)) = self.changes.try_recv() {}
        self.not_before = Instant::now() + PAUSE;
        true
    }

    fn concerns(&self, change: Change) -> bool {
        match change {
            Change::Messages(practice) | Change::Visits(practice) | Change::Tasks(practice) | Change::Inbound(practice) => {
                practice == self.practice
            }
            Change::Clock => true,
            // Every page view adds to the ledger; telling that would make open pages fetch themselves in a circle.
            Change::Ledger => false,
        }
    }
}
