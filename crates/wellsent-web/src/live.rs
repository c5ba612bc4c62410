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
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use wellsent_engine::Change;

/// Changes that come closer together than this are told once.
const PAUSE: Duration = Duration::from_millis(500);
/// How often the stream looks whether its session still lives. When it does not, the page is told to fetch itself, and finds the door (H-24).
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// A line of comment this often shows proxies that the stream lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/live", get(live))
}

async fn live(State(app): State<App>, watching: Watching) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let now = Instant::now();
    let watch = Watch {
        changes: app.engine.subscribe(),
        phones: app.engine.demo().map(|demo| demo.network().changes()),
        shutdown: app.shutdown.clone(),
        app,
        watching,
        not_before: now,
        look_at: now + LOOK_EVERY,
        is_over: false,
    };
    let events =
        stream::unfold(
            watch,
            |mut watch| async move { watch.next().await.then(|| (Ok(Event::default().event("refresh").data(" ")), watch)) },
        );
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

struct Watch {
    app: App,
    watching: Watching,
    changes: Receiver<Change>,
    phones: Option<watch::Receiver<u64>>,
    shutdown: watch::Receiver<bool>,
    not_before: Instant,
    look_at: Instant,
    is_over: bool,
}

impl Watch {
    /// Waits for a change that concerns the practice; `false` when the stream is to end.
    async fn next(&mut self) -> bool {
        loop {
            if self.is_over || *self.shutdown.borrow() {
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
                () = changed(&mut self.phones) => break,
                stop = self.shutdown.changed() => if stop.is_err() { return false },
                () = sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + LOOK_EVERY;
                    if !self.watching.is_signed_in(&self.app).await {
                        self.is_over = true;
                        return true;
                    }
                }
            }
        }
        tokio::select! {
            () = sleep_until(self.not_before) => {}
            _ = self.shutdown.changed() => return false,
        }
        // What came meanwhile is told with this.
        while let Ok(_) | Err(TryRecvError::Lagged(_)) = self.changes.try_recv() {}
        if let Some(phones) = &mut self.phones {
            phones.mark_unchanged();
        }
        self.not_before = Instant::now() + PAUSE;
        true
    }

    fn concerns(&self, change: Change) -> bool {
        match change {
            Change::Messages(practice) | Change::Visits(practice) | Change::Tasks(practice) | Change::Inbound(practice) => {
                practice == self.watching.practice
            }
            Change::Clock => true,
            // Every page view adds to the ledger; telling that would make open pages fetch themselves in a circle.
            Change::Ledger => false,
        }
    }
}

/// Waits until something happens on the demo's phones; for ever where there are none.
async fn changed(phones: &mut Option<watch::Receiver<u64>>) {
    if let Some(phones) = phones
        && phones.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
