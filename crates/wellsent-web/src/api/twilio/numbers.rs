//! `GET IncomingPhoneNumbers.json`: the senders that the application may use.

use super::auth::Signed;
use super::error::ApiError;
use super::list::page_of;
use super::parameters::Asked;
use super::wire::{self, Page, VERSION, date, uri};
use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};
use wellsent_domain::PhoneNumber;
use wellsent_domain::sender::Sender;
use wellsent_engine::{Caller, sender_sid};

pub(super) async fn list(Signed(caller): Signed, Asked(asked): Asked) -> Result<Json<Value>, ApiError> {
    let (number, size) = page_of(&asked)?;
    let wanted =
        asked.get("PhoneNumber").map(|wanted| PhoneNumber::parse(wanted).map_or_else(|_| wanted.to_owned(), |number| number.to_e164()));
    let listed =
        caller.application.senders.iter().filter(|sender| wanted.as_ref().is_none_or(|wanted| sender.address.contains(wanted.as_str())));
    let skip = usize::try_from(number.saturating_mul(size)).unwrap_or(usize::MAX);
    let things = listed.skip(skip).take(usize::try_from(size).unwrap_or_default()).map(|sender| phone_number(&caller, sender)).collect();
    let page = Page { list: "/IncomingPhoneNumbers.json", name: "incoming_phone_numbers", things, number, size, here: None, next: None };
    Ok(Json(wire::page(&caller, page)))
}

pub(super) async fn get(Signed(caller): Signed, Path((_, number)): Path<(String, String)>) -> Result<Json<Value>, ApiError> {
    let sid = number.strip_suffix(".json").ok_or_else(ApiError::not_found)?;
    let found = caller.application.senders.iter().find(|sender| sender_sid(sender.id) == sid);
    Ok(Json(phone_number(&caller, found.ok_or_else(ApiError::not_found)?)))
}

fn phone_number(caller: &Caller, sender: &Sender) -> Value {
    let (application, sid) = (&caller.application, sender_sid(sender.id));
    json!({
        "sid": sid,
        "account_sid": application.account_sid,
        "friendly_name": sender.address,
        "phone_number": sender.address,
        "api_version": VERSION,
        "capabilities": { "sms": true, "mms": false, "voice": false, "fax": false },
        "date_created": date(application.created_at),
        "date_updated": date(application.created_at),
        "sms_url": application.inbound_url.clone().unwrap_or_default(),
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "sms_application_sid": "",
        "status_callback": application.status_url.clone().unwrap_or_default(),
        "status_callback_method": "POST",
        "voice_url": null,
        "voice_method": "POST",
        "voice_fallback_url": null,
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": false,
        "voice_application_sid": null,
        "voice_receive_mode": "voice",
        "trunk_sid": null,
        "address_sid": null,
        "address_requirements": "none",
        "identity_sid": null,
        "bundle_sid": null,
        "emergency_status": "Inactive",
        "emergency_address_sid": null,
        "emergency_address_status": "unregistered",
        "beta": false,
        "origin": "hosted",
        "status": "in-use",
        "type": "local",
        "subresource_uris": {},
        "uri": uri(caller, &format!("/IncomingPhoneNumbers/{sid}.json")),
    })
}
