//! Who comes in: an account with its token or an API key with its secret, and how often.

use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use wellsent_domain::{ApplicationId, Phi};
use wellsent_store::applications::{self, Application};
use wellsent_store::{Access, Actor, StoreError, SystemTx, Tx};

/// Over what time requests are counted.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Over what time wrong credentials are counted.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Wrong secrets of one account or key from one address within that time; after them it is not looked at from there.
const FAILURES_MAX: u32 = 20;
/// Pairs of address and name that are remembered at one time.
const PAIRS_MAX: usize = 10_000;

/// What is remembered of requests, in this process.
#[derive(Debug, Default)]
pub(crate) struct Doors {
    failures: Mutex<Failures>,
    rates: Mutex<HashMap<ApplicationId, (Timestamp, i64)>>,
    pub client: wellsent_carrier::WebhookClient,
}

/// Wrong credentials, counted by address and name: an application with an old token on the same machine must not shut the others out. Names
/// that nobody has are counted together.
#[derive(Debug, Default)]
struct Failures {
    began_at: Option<Timestamp>,
    by: HashMap<(IpAddr, String), u32>,
}

/// An application that was let in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What it may reach: its practice and nothing else.
    pub access: Access,
    /// The application.
    pub application: Application,
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotLetIn {
    /// Unknown, wrong, ended, or disabled: which of them is not told.
    Wrong,
    /// Too many wrong credentials came from this address.
    TooManyFailures,
    /// More requests than the application may make.
    TooManyRequests {
        /// How many seconds to wait.
        retry_after: i64,
    },
    /// It could not be looked up.
    Unavailable,
}

impl Engine {
    /// Lets an application in (TW-04): `name` is its account or one of its API keys.
    ///
    /// # Errors
    /// Says why not. What is known of the name is not told.
    pub async fn let_in(&self, name: &str, secret: &str, from: IpAddr) -> Result<Caller, NotLetIn> {
        let (now, doors) = (self.now(), &self.0.applications);
        if doors.failures_of(from, name, now) >= FAILURES_MAX {
            return Err(NotLetIn::TooManyFailures);
        }
        match self.recognise(name, secret).await {
            Ok(Found::Good(caller)) => match doors.take(&caller.application, now) {
                Ok(()) => Ok(*caller),
                Err(retry_after) => Err(NotLetIn::TooManyRequests { retry_after }),
            },
            Ok(found) => {
                let name = if matches!(found, Found::Unknown) { "" } else { name };
                let tries = doors.failed(from, name, now);
                match tries {
                    FAILURES_MAX => tracing::warn!(tries, "credentials of an application are wrong again and again, or are being guessed"),
                    _ => tracing::info!(tries, "credentials of an application were wrong"),
                }
                Err(if tries > FAILURES_MAX { NotLetIn::TooManyFailures } else { NotLetIn::Wrong })
            }
            Err(error) => {
                tracing::error!(%error, "credentials of an application could not be looked up");
                Err(NotLetIn::Unavailable)
            }
        }
    }

    async fn recognise(&self, name: &str, secret: &str) -> Result<Found, EngineError> {
        let asked = name.to_owned();
        let store = self.store();
        let known = store.system_read::<_, StoreError, _>(move |tx: &mut SystemTx<'_, '_>| applications::by_name(tx, &asked)).await?;
        let Some((practice, application)) = known else { return Ok(Found::Unknown) };
        let access = Access { practice, actor: Actor::Application(application) };
        let (name, secret) = (name.to_owned(), Phi::new(secret.to_owned()));
        let look = move |tx: &mut Tx<'_, '_>| -> Result<Option<Application>, StoreError> {
            let good = applications::knows(tx, application, &name, &secret)?;
            let found = applications::get(tx, application)?;
            Ok(Some(found).filter(|found| good && found.disabled_at.is_none()))
        };
        let found = store.read::<_, StoreError, _>(access, look).await?;
        Ok(found.map_or(Found::Wrong, |application| Found::Good(Box::new(Caller { access, application }))))
    }
}

/// What credentials lead to.
enum Found {
    Good(Box<Caller>),
    Wrong,
    Unknown,
}

impl Doors {
    fn failures_of(&self, from: IpAddr, name: &str, now: Timestamp) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.roll(now);
        failures.by.get(&(from, name.to_owned())).copied().unwrap_or(0)
    }

    /// Counts a failure; how many there are now.
    fn failed(&self, from: IpAddr, name: &str, now: Timestamp) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.roll(now);
        let pair = (from, name.to_owned());
        if failures.by.len() >= PAIRS_MAX && !failures.by.contains_key(&pair) {
            return FAILURES_MAX + 1;
        }
        let count = failures.by.entry(pair).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// Counts a request, or says in how many seconds the next may come.
    fn take(&self, application: &Application, now: Timestamp) -> Result<(), i64> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = rates.entry(application.id).or_insert((now, 0));
        if now.duration_since(*began) >= MINUTE || now < *began {
            (*began, *count) = (now, 0);
        }
        if *count >= application.requests_per_minute {
            let left = MINUTE.saturating_sub(now.duration_since(*began));
            return Err(left.as_secs().max(1));
        }
        *count += 1;
        Ok(())
    }
}

impl Failures {
    fn roll(&mut self, now: Timestamp) {
        if self.began_at.is_none_or(|began| now.duration_since(began) >= WINDOW || now < began) {
            (self.began_at, self.by) = (Some(now), HashMap::new());
        }
    }
}
