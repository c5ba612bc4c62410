//! Texts of unknown outcome that a person settles, with what the carrier's log says at this moment (P4).

use crate::live::Change;
use crate::{Engine, EngineError, reconcile};
use wellsent_carrier::{LogEntry, LookupError};
use wellsent_domain::AttemptId;
use wellsent_domain::carrier_report::SettledBy;
use wellsent_store::settlements::{self, Settlement};
use wellsent_store::{Access, StoreError, Tx, attempts, senders};

/// What a person found out about a text of unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The carrier has it, under this id where that is known.
    Went {
        /// Its id at the carrier.
        carrier_message_id: Option<String>,
    },
    /// The carrier does not have it.
    DidNotGo {
        /// Whether it is to go after all. Nothing is sent again unless somebody says so.
        again: bool,
    },
}

/// One text in the carrier's log, beside an attempt of unknown outcome.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// The entry.
    pub entry: LogEntry,
    /// Whether it is the attempt: it bears its token, or the same text at the right time.
    pub fits: bool,
}

/// Why the carrier's log cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing is unknown about it any more.
    #[error("the outcome of this text is known by now; load the page again")]
    Settled,
    /// The account is not set up.
    #[error("the carrier account of this text is not in the settings; put it back to ask its log")]
    NoCarrier,
    /// The log did not answer.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The database.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl Engine {
    /// Settles an attempt of unknown outcome by what a person found out; who it was stands on the ledger.
    ///
    /// # Errors
    /// When the attempt is settled already, the text has moved on, or it is to go again and is of no use any more.
    pub async fn settle_unknown(&self, access: Access, attempt: AttemptId, verdict: Verdict) -> Result<(), EngineError> {
        self.settle(access, attempt, verdict, None).await
    }

    /// The same, with what the person went by: it stands on the ledger too.
    ///
    /// # Errors
    /// As [`Engine::settle_unknown`].
    pub async fn settle_unknown_by(&self, access: Access, attempt: AttemptId, verdict: Verdict, by: SettledBy) -> Result<(), EngineError> {
        self.settle(access, attempt, verdict, Some(by)).await
    }

    async fn settle(&self, access: Access, attempt: AttemptId, verdict: Verdict, by: Option<SettledBy>) -> Result<(), EngineError> {
        let now = self.now();
        let forgetting: Vec<String> =
            self.0.carriers.iter().filter(|(_, carrier)| carrier.traits().forgets).map(|(name, _)| name.clone()).collect();
        let settle = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
            let over = attempts::sender_of(tx, attempt)?;
            // What a service sent is none of the texts that the carrier forgets for us.
            let by_service = attempts::unclear(tx, attempt)?.is_some_and(|unknown| unknown.by_service);
            let erase = !by_service && senders::list(tx)?.iter().any(|sender| sender.id == over && forgetting.contains(&sender.carrier));
            let settlement = match &verdict {
                Verdict::Went { carrier_message_id } => Settlement::Went { carrier_message_id: carrier_message_id.clone(), erase },
                Verdict::DidNotGo { again } => Settlement::DidNotGo { again: *again },
            };
            settlements::settle(tx, attempt, &settlement, by, now)
        };
        self.store().write(access, settle).await?;
        self.announce(Change::Messages(access.practice));
        self.announce(Change::Tasks(access.practice));
        Ok(())
    }

    /// What the carrier's log shows of texts to the number of an attempt of unknown outcome. Entries that another attempt already has are left out.
    ///
    /// # Errors
    /// When the attempt is not of unknown outcome any more, or the log cannot be read.
    pub async fn log_of_unknown(&self, access: Access, attempt: AttemptId) -> Result<Vec<LogLine>, LogError> {
        let load = move |tx: &mut Tx<'_, '_>| attempts::unclear(tx, attempt);
        let unknown = self.store().read(access, load).await.map_err(EngineError::from)?.ok_or(LogError::Settled)?;
        if unknown.by_service {
            return Err(LogError::Lookup(LookupError::NotKept));
        }
        let (_, name) = self.owner(unknown.sender).await.map_err(|_| LogError::NoCarrier)?;
        let carrier = self.0.carriers.get(name.as_str()).ok_or(LogError::NoCarrier)?;
        let entries = carrier.lookup(reconcile::query(carrier.as_ref(), &unknown)).await?;
        let lines: Vec<_> = entries.into_iter().map(|entry| LogLine { fits: reconcile::fits(&entry, &unknown), entry }).collect();
        let others = move |tx: &mut Tx<'_, '_>| -> Result<Vec<LogLine>, StoreError> {
            let of_account: Vec<_> =
                senders::list(tx)?.into_iter().filter(|sender| sender.carrier == name).map(|sender| sender.id).collect();
            let mut free = Vec::with_capacity(lines.len());
            for line in &lines {
                if !attempts::is_known(tx, &of_account, &line.entry.carrier_message_id)? {
                    free.push(line.clone());
                }
            }
            Ok(free)
        };
        Ok(self.store().read(access, others).await.map_err(EngineError::from)?)
    }
}
