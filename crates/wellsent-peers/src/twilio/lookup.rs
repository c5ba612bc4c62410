//! Number lookup, version 2.

use super::error::ApiError;
use super::form::Form;
use super::network::Twilio;
use super::texts::is_e164;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `GET /v2/PhoneNumbers/{number}`
pub(super) async fn fetch(State(network): State<Twilio>, Path(number): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Form::read(query.unwrap_or_default().as_bytes());
    let fields: Vec<&str> = query.get("Fields").unwrap_or_default().split(',').filter(|field| !field.is_empty()).collect();
    if fields.iter().any(|field| !matches!(*field, "line_type_intelligence" | "reassigned_number" | "validation" | "sim_swap")) {
        return ApiError::new(60_200).into_response();
    }
    let known = network.state().behaviour.known.get(&number).cloned().unwrap_or_default();
    let valid = is_e164(&number);
    let package = |name: &str, value: Value| if fields.contains(&name) && valid { value } else { Value::Null };
    let line = match known.line_type {
        Some(kind) => {
            json!({ "type": kind, "carrier_name": "Example Mobile", "mobile_country_code": "310", "mobile_network_code": "999", "error_code": null })
        }
        None => {
            json!({ "type": null, "carrier_name": null, "mobile_country_code": null, "mobile_network_code": null, "error_code": 60_600 })
        }
    };
    let verified = query.get("LastVerifiedDate").unwrap_or_default();
    let day = (verified.len() == 8 && verified.is_ascii()).then(|| format!("{}-{}-{}", &verified[..4], &verified[4..6], &verified[6..]));
    if fields.contains(&"reassigned_number") && day.is_none() {
        return ApiError::new(60_200).into_response();
    }
    let reassigned = match known.reassigned {
        Some(word) => json!({ "last_verified_date": day, "is_number_reassigned": word, "error_code": null }),
        None => json!({ "last_verified_date": day, "is_number_reassigned": null, "error_code": 60_601 }),
    };
    Json(json!({
        "calling_country_code": "1",
        "country_code": "US",
        "phone_number": number,
        "national_format": null,
        "valid": valid,
        "validation_errors": if valid { json!([]) } else { json!(["NOT_A_NUMBER"]) },
        "caller_name": null,
        "sim_swap": null,
        "call_forwarding": null,
        "line_status": null,
        "line_type_intelligence": package("line_type_intelligence", line),
        "identity_match": null,
        "reassigned_number": package("reassigned_number", reassigned),
        "sms_pumping_risk": null,
        "phone_number_quality_score": null,
        "pre_fill": null,
        "url": format!("https://lookups.twilio.com/v2/PhoneNumbers/{number}"),
    }))
    .into_response()
}
