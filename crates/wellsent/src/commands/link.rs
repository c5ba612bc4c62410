//! The one-time link with which staff sign in.

use jiff::SignedDuration;
use wellsent_domain::staff::Role;
use wellsent_domain::{PracticeId, StaffId};
use wellsent_engine::{Engine, EngineError};
use wellsent_store::{Access, Actor, StoreError, Tx, sessions};
use wellsent_vault::random_token;

/// How long a link can be used.
pub const VALID: SignedDuration = SignedDuration::from_mins(30);

/// The address behind which a secret signs its owner in.
pub fn of(public_url: &str, secret: &str) -> String {
    format!("{public_url}/sign-in/{secret}")
}

/// Makes a link for the first staff member of a practice.
pub async fn make(engine: &Engine, practice: PracticeId, public_url: &str) -> Result<String, EngineError> {
    let find = |tx: &mut Tx<'_, '_>| Ok(sessions::first_staff(tx)?.map(|(staff, _)| staff));
    make_for(engine, practice, public_url, find).await
}

/// Makes a link for the first staff member of a practice who does this.
pub async fn make_as(engine: &Engine, practice: PracticeId, public_url: &str, role: Role) -> Result<String, EngineError> {
    let find = move |tx: &mut Tx<'_, '_>| {
        let all = sessions::list_staff(tx, 1_000)?;
        Ok(all.into_iter().find(|member| member.role == role && member.disabled_at.is_none()).map(|member| member.id))
    };
    make_for(engine, practice, public_url, find).await
}

async fn make_for(
    engine: &Engine,
    practice: PracticeId,
    public_url: &str,
    find: impl Fn(&mut Tx<'_, '_>) -> Result<Option<StaffId>, StoreError> + Send + 'static,
) -> Result<String, EngineError> {
    let secret = random_token();
    let (now, kept) = (engine.now(), secret.clone());
    let access = Access { practice, actor: Actor::Operator };
    let add = move |tx: &mut Tx<'_, '_>| -> Result<(), StoreError> {
        let staff = find(tx)?.ok_or(StoreError::NotFound { what: "staff member" })?;
        sessions::add_link(tx, staff, &kept, now + VALID, now)
    };
    engine.store().write(access, add).await?;
    Ok(of(public_url, &secret))
}
