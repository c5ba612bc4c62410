//! Commands that read or change one practice of an installation.

use super::practice_of;
use crate::config::{ConfigError, Installation};
use crate::open::open_finished;
use jiff::Timestamp;
use wellsent_db::Options;
use wellsent_engine::Clock;
use wellsent_store::{Access, Actor, StoreError, Tx};

/// What every such command takes.
#[derive(Debug, clap::Args)]
pub struct OnPractice {
    #[command(flatten)]
    data: super::DataArgs,
    /// The practice, where the installation has several
    #[arg(long, value_name = "ID")]
    practice: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

impl OnPractice {
    /// The installation.
    pub fn place(&self) -> Result<Installation, ConfigError> {
        Installation::load(&self.data.data)
    }

    /// Runs a job on the practice, in one transaction of the operator. `unknown` is what to say where the job finds nothing of the id that was given,
    /// `stale` where that is over.
    pub fn with<T: Send + 'static>(
        &self,
        unknown: &str,
        stale: &str,
        mut job: impl FnMut(&mut Tx<'_, '_>, Timestamp) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<(T, Installation), Box<dyn std::error::Error>> {
        let place = Installation::load(&self.data.data)?;
        let now = Clock::system().now();
        let store = open_finished(&place, Options::default(), now)?.store;
        let practice = practice_of(&store, self.practice.as_deref())?;
        let access = Access { practice, actor: Actor::Operator };
        let done = store.write_wait(access, move |tx: &mut Tx<'_, '_>| job(tx, now));
        store.db().close();
        match done {
            Ok(done) => Ok((done, place)),
            Err(StoreError::NotFound { .. }) => Err(unknown.into()),
            Err(StoreError::Stale { .. }) => Err(stale.into()),
            Err(error) => Err(error.into()),
        }
    }
}
