//! Has carriers forget the texts that they carried (TW-17): when a text is at rest, and after a day wherever it is. What we keep stays.

use crate::{Engine, EngineError};
use jiff::{SignedDuration, Timestamp};
use wellsent_carrier::ForgetError;
use wellsent_domain::PracticeId;
use wellsent_store::erasures::{self, Erasure};
use wellsent_store::{StoreError, Tx};

/// Texts looked after in one round.
const TEXTS_MAX: i64 = 200;
/// Questions to carriers that are under way at one time.
const ASKED_AT_ONCE: usize = 8;
/// The first wait before a carrier is asked again; it doubles.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(2);
/// The first wait after a refusal.
const REFUSED_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(12);
/// A carrier may take so long (20009); after that a person has to look.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(15 * 24);

/// What a carrier said.
enum Said {
    Forgotten,
    Again,
    Refused,
}

impl Engine {
    /// Asks carriers to forget what is due in one practice. Returns how many texts were forgotten.
    pub async fn forget_due(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let (access, now) = (self.system(practice), self.now());
        let due = self.store().read(access, move |tx: &mut Tx<'_, '_>| erasures::due(tx, now, TEXTS_MAX)).await?;
        let mut forgotten = 0;
        let mut due = due.into_iter().peekable();
        while due.peek().is_some() {
            let asked = due.by_ref().take(ASKED_AT_ONCE).map(|erasure| async move {
                let said = self.ask_to_forget(&erasure).await;
                (erasure, said)
            });
            let said = futures_util::future::join_all(asked).await;
            forgotten += said.iter().filter(|(_, said)| matches!(said, Said::Forgotten)).count();
            let now = self.now();
            let note = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
                for (erasure, said) in &said {
                    match said {
                        Said::Forgotten => erasures::done(tx, erasure, now)?,
                        Said::Again | Said::Refused if now.duration_since(erasure.queued_at) >= GIVEN_UP_AFTER => {
                            erasures::give_up(tx, erasure, now)?;
                        }
                        Said::Again => erasures::again(tx, erasure, asked_again(erasure, FIRST_WAIT, now))?,
                        // The credentials may be wrong for a day, and what they were meant to remove must not stay for good.
                        Said::Refused => erasures::refused(tx, erasure, asked_again(erasure, REFUSED_WAIT, now), now)?,
                    }
                }
                Ok(())
            };
            self.store().write(access, note).await?;
        }
        Ok(forgotten)
    }

    async fn ask_to_forget(&self, erasure: &Erasure) -> Said {
        // The account may be out of the settings for a while.
        let Ok((_, carrier)) = self.owner(erasure.sender).await else { return Said::Again };
        let Some(carrier) = self.0.carriers.get(carrier.as_str()) else { return Said::Again };
        match carrier.forget(&erasure.carrier_message_id).await {
            Ok(()) => Said::Forgotten,
            Err(ForgetError::TooEarly | ForgetError::NoAnswer) => Said::Again,
            Err(ForgetError::Refused) => {
                tracing::warn!(carrier = carrier.name(), "the carrier refused to forget a text; staff is told");
                Said::Refused
            }
        }
    }
}

fn asked_again(erasure: &Erasure, first: SignedDuration, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(erasure.tries.clamp(0, 16)).unwrap_or(16);
    let wait = first.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
