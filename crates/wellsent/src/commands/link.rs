//! The one-time link with which staff sign in.

use jiff::SignedDuration;
use wellsent_domain::PracticeId;
use wellsent_engine::{Engine, EngineError};
use wellsent_store::{Access, Actor, StoreError, Tx, sessions};
use wellsent_vault::random_token;

/// How long a link can be used.
const VALID: SignedDuration = SignedDuration::from_mins(30);

/// Makes a link for the first staff member of a practice.
pub async fn make(engine: &Engine, practice: PracticeId, public_url: &str) -> Result<String, EngineError> {
    let secret = random_token();
    let (now, kept) = (engine.now(), secret.clone());
    let access = Access { practice, actor: Actor::Operator };
    let add = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        let (staff, _) = sessions::first_staff(tx)?.ok_or(StoreError::NotFound { what: "staff member" })?;
        sessions::add_link(tx, staff, &kept, now + VALID, now)
    };
    engine.store().write(access, add).await?;
    Ok(format!("{public_url}/sign-in/{secret}"))
}
