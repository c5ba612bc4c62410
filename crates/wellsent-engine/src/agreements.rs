//! Tells staff of agreements that end soon or are over, once for each agreement and stage (H-19).

use crate::live::Change;
use crate::{Engine, EngineError};
use wellsent_domain::PracticeId;
use wellsent_domain::practice::{Agreement, EndStage};
use wellsent_store::{StoreError, Tx, agreements, practices};

impl Engine {
    /// Looks after the agreements of one practice. Returns how many were told of.
    pub async fn check_agreements(&self, practice: PracticeId) -> Result<usize, EngineError> {
        let (access, now) = (self.system(practice), self.now());
        let near = move |tx: &mut Tx<'_, '_>| -> Result<Vec<_>, StoreError> {
            let zone = practices::get(tx)?.practice.zone;
            let stored = agreements::list(tx)?;
            let untold = stored.iter().filter(|one| {
                let others = stored.iter().filter(|other| other.carrier == one.carrier && other.id != one.id);
                let others: Vec<Agreement> = others.map(|other| other.agreement.clone()).collect();
                one.agreement.end_stage(now, &zone) > one.told && !one.agreement.is_followed(&others, now, &zone)
            });
            Ok(untold.map(|one| (one.id, one.carrier.clone(), one.agreement.end_stage(now, &zone))).collect())
        };
        let near = self.store().read(access, near).await?;
        if near.is_empty() {
            return Ok(0);
        }
        let tell = move |tx: &mut Tx<'_, '_>| -> Result<Vec<_>, StoreError> {
            let mut told = Vec::new();
            for (id, carrier, stage) in &near {
                if agreements::tell_end(tx, *id, *stage, now)? {
                    told.push((*id, carrier.clone(), *stage));
                }
            }
            Ok(told)
        };
        let told = self.store().write(access, tell).await?;
        for (agreement, carrier, stage) in &told {
            match stage {
                EndStage::Over => {
                    tracing::error!(%agreement, carrier, "an agreement with a carrier is over; without another one texts wait")
                }
                _ => tracing::warn!(%agreement, carrier, "an agreement with a carrier ends within thirty days"),
            }
        }
        self.announce(Change::Tasks(practice));
        Ok(told.len())
    }
}
