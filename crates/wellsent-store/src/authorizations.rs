//! HIPAA marketing authorizations (H-12 to H-14). A STOP ends texting and leaves them be; only a written revocation, or a person who closes one
//! that ends with an event, ends an authorization.

use crate::consent_log::append_for_person;
use crate::when::micros;
use crate::{StoreError, Tx};
use jiff::Timestamp;
use jiff::civil::Date;
use wellsent_db::{args, statements};
use wellsent_domain::consent::{Act, Authorization, AuthorizationForm, Channel, Expiry};
use wellsent_domain::{ConsentEventId, EvidenceId, PersonId, Phi};

statements! {
    INSERT = "INSERT INTO marketing_authorization (id, practice_id, person_id, form_sealed, signed_at, until_day) VALUES ($1, $2, $3, $4, $5, $6)";
    pub(crate) OF_PERSON = sqlite "SELECT id, until_day FROM marketing_authorization WHERE practice_id = $1 AND person_id = $2 AND ended_at IS NULL ORDER BY signed_at, id"
        postgres "SELECT id, until_day FROM marketing_authorization WHERE practice_id = $1 AND person_id = $2 AND ended_at IS NULL ORDER BY signed_at, id FOR SHARE";
    FORM = "SELECT form_sealed FROM marketing_authorization WHERE practice_id = $1 AND person_id = $2 AND id = $3";
    END = "UPDATE marketing_authorization SET ended_at = $4 WHERE practice_id = $1 AND person_id = $2 AND id = $3 AND ended_at IS NULL";
}

/// Records a signed authorization whose form was checked; `until` is what the check gave.
pub fn add(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    form: &AuthorizationForm,
    until: Option<Date>,
    channel: Channel,
    evidence: Option<EvidenceId>,
    now: Timestamp,
) -> Result<ConsentEventId, StoreError> {
    let id = append_for_person(tx, person, channel, evidence, now, Act::Authorized { until })?;
    let practice = tx.practice();
    let sealed = tx.seal("marketing_authorization", "form", &id.bytes(), text(form).as_bytes());
    let until = until.map(|day| day.to_string());
    tx.execute(INSERT, &args![id.bytes(), practice.bytes(), person.bytes(), sealed, micros(now), until])?;
    Ok(id)
}

/// Ends an authorization: revoked in writing, or closed because the event that ends it has come (H-13, H-14).
pub fn end(
    tx: &mut Tx<'_, '_>,
    person: PersonId,
    which: ConsentEventId,
    evidence: Option<EvidenceId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let practice = tx.practice();
    if tx.execute(END, &args![practice.bytes(), person.bytes(), which.bytes(), micros(now)])? == 0 {
        return Err(StoreError::Stale { what: "authorization" });
    }
    append_for_person(tx, person, Channel::Paper, evidence, now, Act::AuthorizationEnded(which))?;
    Ok(())
}

/// The authorizations of a person that have not been ended, oldest first. Whether the last day of one has passed is asked of it.
pub fn of_person(tx: &mut Tx<'_, '_>, person: PersonId) -> Result<Vec<Authorization>, StoreError> {
    let practice = tx.practice();
    let rows = tx.query(OF_PERSON, &args![practice.bytes(), person.bytes()])?;
    rows.iter()
        .map(|row| {
            let until = row.opt_text(1)?.map(|day| day.parse()).transpose();
            let until = until.map_err(|_| StoreError::corrupt("marketing_authorization", "until_day"))?;
            Ok(Authorization { event: ConsentEventId::from_bytes(row.id(0)?), until })
        })
        .collect()
}

/// What an authorization says, one element a line.
pub fn form(tx: &mut Tx<'_, '_>, person: PersonId, which: ConsentEventId) -> Result<Phi<String>, StoreError> {
    let practice = tx.practice();
    let row = tx.query_opt(FORM, &args![practice.bytes(), person.bytes(), which.bytes()])?;
    let row = row.ok_or(StoreError::NotFound { what: "authorization" })?;
    tx.open("marketing_authorization", "form", &which.bytes(), row.blob(0)?)
}

fn text(form: &AuthorizationForm) -> String {
    let line = |name: &str, value: &str| format!("{name}: {}\n", value.trim().replace(['\r', '\n'], " "));
    let mut out = line("Information", form.information.expose());
    out += &line("Disclosed by", form.discloser.expose());
    out += &line("Received by", form.recipient.expose());
    out += &line("Purpose", form.purpose.expose());
    out += &line("The practice is paid for it", if form.paid_for { "yes, and the form says so" } else { "no" });
    out += &match &form.expiry {
        Some(Expiry::On(day)) => line("Ends", &day.to_string()),
        Some(Expiry::With(event)) => line("Ends with", event.expose()),
        None => String::new(),
    };
    out += &form.signed_on.map(|day| line("Signed", &day.to_string())).unwrap_or_default();
    out += &form.representative.as_ref().map(|who| line("Signed for the patient by", who.expose())).unwrap_or_default();
    out
}
