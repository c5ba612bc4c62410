//! What Twilio knows of a number (TW-21).

use super::form::escape;
use super::rest::Rest;
use super::settings::{Settings, SettingsError};
use crate::http::{Answer, Reply};
use crate::{ChangedHands, NumberAnswer, NumberLookup, NumberLookupError};
use futures_util::future::BoxFuture;
use jiff::civil::Date;
use serde::Deserialize;
use wellsent_domain::person::LineType;
use wellsent_domain::{Phi, PhoneNumber};

/// Number lookup with one account. It is told a number and a day, and nothing else about anybody.
pub struct TwilioLookup {
    rest: Rest,
}

impl TwilioLookup {
    /// Sets the client up; no connection is made yet.
    ///
    /// # Errors
    /// When something in the settings cannot be right.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        Ok(Self { rest: Rest::new(settings, settings.lookups_base_url.as_deref(), "https://lookups.twilio.com")? })
    }

    async fn ask(&self, number: Phi<PhoneNumber>, consented_on: Date) -> Result<NumberAnswer, NumberLookupError> {
        let mut path = "/v2/PhoneNumbers/".to_owned();
        escape(&number.expose().to_e164(), &mut path);
        path.push_str(&format!(
            "?Fields=line_type_intelligence%2Creassigned_number&LastVerifiedDate={:04}{:02}{:02}",
            consented_on.year(),
            consented_on.month(),
            consented_on.day()
        ));
        match self.rest.get(&path).await {
            Reply::Answered(Answer { status: 200, body: Some(body), .. }) => {
                serde_json::from_slice::<Known>(&body).map(Known::answer).map_err(|_| NumberLookupError::Unavailable)
            }
            Reply::Answered(Answer { status: 400..=428 | 430..=499, .. }) => Err(NumberLookupError::Refused),
            _ => Err(NumberLookupError::Unavailable),
        }
    }
}

/// What is known of a number. A package that failed is null or has a code of its own; then nothing is known of it.
#[derive(Deserialize)]
struct Known {
    #[serde(rename = "phone_number")]
    _phone_number: String,
    line_type_intelligence: Option<Line>,
    reassigned_number: Option<Reassigned>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Reassigned {
    is_number_reassigned: Option<String>,
}

impl Known {
    fn answer(self) -> NumberAnswer {
        let line = self.line_type_intelligence.and_then(|line| line.kind);
        let reassigned = self.reassigned_number.and_then(|reassigned| reassigned.is_number_reassigned);
        NumberAnswer {
            line: match line.as_deref() {
                Some("mobile") => LineType::Mobile,
                Some("landline") => LineType::Landline,
                Some("fixedVoip" | "nonFixedVoip" | "voip") => LineType::Voip,
                Some("tollFree") => LineType::TollFree,
                // Personal numbers, pagers, premium lines and whatever comes next.
                _ => LineType::Unknown,
            },
            changed_hands: match reassigned.as_deref() {
                Some("no") => ChangedHands::No,
                Some("yes") => ChangedHands::Yes,
                _ => ChangedHands::NoData,
            },
        }
    }
}

impl NumberLookup for TwilioLookup {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn look_up<'a>(&'a self, number: Phi<PhoneNumber>, consented_on: Date) -> BoxFuture<'a, Result<NumberAnswer, NumberLookupError>> {
        Box::pin(self.ask(number, consented_on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(line: &str, reassigned: &str) -> NumberAnswer {
        let json =
            format!(r#"{{"phone_number":"+12125550123","line_type_intelligence":{line},"reassigned_number":{reassigned},"later":1}}"#);
        serde_json::from_str::<Known>(&json).unwrap().answer()
    }

    #[test]
    fn line_types_are_those_of_the_domain() {
        for (word, line) in [
            ("mobile", LineType::Mobile),
            ("landline", LineType::Landline),
            ("fixedVoip", LineType::Voip),
            ("nonFixedVoip", LineType::Voip),
            ("voip", LineType::Voip),
            ("tollFree", LineType::TollFree),
            ("personal", LineType::Unknown),
            ("pager", LineType::Unknown),
        ] {
            assert_eq!(answer(&format!(r#"{{"type":"{word}","error_code":null}}"#), "null").line, line, "{word}");
        }
        assert_eq!(answer("null", "null").line, LineType::Unknown);
        assert_eq!(answer(r#"{"type":null,"error_code":60600}"#, "null").line, LineType::Unknown);
    }

    #[test]
    fn only_a_no_says_that_a_number_did_not_change_hands() {
        for (word, hands) in [
            ("yes", ChangedHands::Yes),
            ("no", ChangedHands::No),
            ("no_data_available", ChangedHands::NoData),
            ("maybe", ChangedHands::NoData),
        ] {
            assert_eq!(answer("null", &format!(r#"{{"is_number_reassigned":"{word}"}}"#)).changed_hands, hands, "{word}");
        }
        assert_eq!(answer("null", "null").changed_hands, ChangedHands::NoData);
        assert_eq!(answer("null", r#"{"is_number_reassigned":null,"error_code":60601}"#).changed_hands, ChangedHands::NoData);
    }
}
