//! A practice's own wordings: checked when they are saved, not when they are sent (M-01).

use crate::catalog::check_for_saving;
use crate::{Engine, EngineError};
use wellsent_store::templates::{self, StoredTemplate};
use wellsent_store::{Access, StoreError, Tx, practices};
use wellsent_text::template::Finding;

impl Engine {
    /// Saves a wording that passes every check, and answers what staff should know about it all the same. One that does not pass is not kept.
    pub async fn save_template(&self, access: Access, template: StoredTemplate) -> Result<Vec<Finding>, EngineError> {
        let load = |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { Ok(practices::get(tx)?.practice) };
        let practice = self.store().read(access, load).await?;
        let checked = check_for_saving(&template, &practice.text_name, self.own_hosts(), practice.settings.parts_max);
        let warnings = checked.map_err(EngineError::Template)?.warnings().to_vec();
        let now = self.now();
        self.store().write(access, move |tx: &mut Tx<'_, '_>| templates::save(tx, &template, now)).await?;
        Ok(warnings)
    }
}
