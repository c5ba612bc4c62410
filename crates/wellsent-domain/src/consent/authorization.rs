//! What a marketing authorization has to say before it counts (H-13).

use crate::Phi;
use jiff::civil::Date;

/// An authorization as it was signed. Every element that the law asks for has a place; [`AuthorizationForm::check`] says what is missing.
#[derive(Debug, Clone)]
pub struct AuthorizationForm {
    /// What information is used, specifically.
    pub information: Phi<String>,
    /// Who may disclose it.
    pub discloser: Phi<String>,
    /// Who may receive it.
    pub recipient: Phi<String>,
    /// Each purpose.
    pub purpose: Phi<String>,
    /// Whether somebody pays the practice for it, which the form must say (H-12).
    pub paid_for: bool,
    /// Whether the form says so, where it is so.
    pub states_payment: bool,
    /// When it ends.
    pub expiry: Option<Expiry>,
    /// When it was signed.
    pub signed_on: Option<Date>,
    /// Who signed for the patient and by what authority, where it was not the patient.
    pub representative: Option<Phi<String>>,
    /// Whether it says that it may be revoked, and how.
    pub states_revocation: bool,
    /// Whether it says that treatment does not depend on it.
    pub states_not_a_condition: bool,
    /// Whether it says that what is disclosed may be disclosed again.
    pub states_redisclosure: bool,
}

/// When an authorization ends.
#[derive(Debug, Clone)]
pub enum Expiry {
    /// On a day: the last on which it holds.
    On(Date),
    /// With an event, such as the end of treatment: a person has to close it.
    With(Phi<String>),
}

/// What keeps a form from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// It does not say what information.
    #[error("Say which information may be used.")]
    NoInformation,
    /// It does not say who discloses.
    #[error("Say who may disclose it.")]
    NoDiscloser,
    /// It does not say who receives.
    #[error("Say who may receive it.")]
    NoRecipient,
    /// It does not say what for.
    #[error("Say for what purpose.")]
    NoPurpose,
    /// It does not end.
    #[error("Give the day or the event with which it ends.")]
    NoExpiry,
    /// It ended before it began.
    #[error("It ends before it was signed.")]
    Expired,
    /// It is not signed.
    #[error("Give the day on which it was signed.")]
    NotSigned,
    /// It is signed on a day to come.
    #[error("The day of the signature is still to come.")]
    SignedLater,
    /// It does not say how to revoke.
    #[error("The form must say how it can be revoked.")]
    NoRevocation,
    /// It does not say that treatment does not depend on it.
    #[error("The form must say that treatment does not depend on it.")]
    NoCondition,
    /// It does not speak of redisclosure.
    #[error("The form must say that the information may be disclosed again.")]
    NoRedisclosure,
    /// It hides that somebody pays.
    #[error("The form must say that the practice is paid for these texts.")]
    PaymentNotStated,
}

impl AuthorizationForm {
    /// The last day on which it holds, if it ends by itself; or everything that is wrong with it.
    pub fn check(&self, today: Date) -> Result<Option<Date>, Vec<FormFault>> {
        let mut faults = Vec::new();
        let mut need = |there: bool, fault| {
            if !there {
                faults.push(fault);
            }
        };
        let said = |text: &Phi<String>| !text.expose().trim().is_empty();
        need(said(&self.information), FormFault::NoInformation);
        need(said(&self.discloser), FormFault::NoDiscloser);
        need(said(&self.recipient), FormFault::NoRecipient);
        need(said(&self.purpose), FormFault::NoPurpose);
        need(self.signed_on.is_some(), FormFault::NotSigned);
        need(self.signed_on.is_none_or(|day| day <= today), FormFault::SignedLater);
        need(self.states_revocation, FormFault::NoRevocation);
        need(self.states_not_a_condition, FormFault::NoCondition);
        need(self.states_redisclosure, FormFault::NoRedisclosure);
        need(!self.paid_for || self.states_payment, FormFault::PaymentNotStated);
        let until = match &self.expiry {
            Some(Expiry::On(day)) => {
                need(self.signed_on.is_none_or(|signed| signed <= *day), FormFault::Expired);
                Some(*day)
            }
            Some(Expiry::With(event)) => {
                need(said(event), FormFault::NoExpiry);
                None
            }
            None => {
                need(false, FormFault::NoExpiry);
                None
            }
        };
        if faults.is_empty() { Ok(until) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn form() -> AuthorizationForm {
        let text = |text: &str| Phi::new(text.to_owned());
        AuthorizationForm {
            information: text("name, phone number, dates of visits"),
            discloser: text("the practice"),
            recipient: text("the practice's texting service"),
            purpose: text("news about the practice's classes"),
            paid_for: false,
            states_payment: false,
            expiry: Some(Expiry::On(date(2027, 12, 31))),
            signed_on: Some(date(2027, 3, 1)),
            representative: None,
            states_revocation: true,
            states_not_a_condition: true,
            states_redisclosure: true,
        }
    }

    const TODAY: Date = date(2027, 3, 1);

    #[test]
    fn a_whole_form_counts_until_its_last_day() {
        assert_eq!(form().check(TODAY), Ok(Some(date(2027, 12, 31))));
    }

    #[test]
    fn a_form_that_ends_with_an_event_counts_until_somebody_closes_it() {
        let ends = AuthorizationForm { expiry: Some(Expiry::With(Phi::new("end of treatment".into()))), ..form() };
        assert_eq!(ends.check(TODAY), Ok(None));
    }

    #[test]
    fn every_missing_element_is_named() {
        let empty = || Phi::new(" ".to_owned());
        let bare = AuthorizationForm {
            information: empty(),
            discloser: empty(),
            recipient: empty(),
            purpose: empty(),
            paid_for: true,
            states_payment: false,
            expiry: None,
            signed_on: None,
            representative: None,
            states_revocation: false,
            states_not_a_condition: false,
            states_redisclosure: false,
        };
        assert_eq!(bare.check(TODAY).map_err(|faults| faults.len()), Err(10));
    }

    #[test]
    fn a_signature_of_tomorrow_and_an_end_before_the_signature_are_refused() {
        let later = AuthorizationForm { signed_on: Some(date(2027, 3, 2)), ..form() };
        assert_eq!(later.check(TODAY), Err(vec![FormFault::SignedLater]));
        let over = AuthorizationForm { expiry: Some(Expiry::On(date(2027, 2, 28))), ..form() };
        assert_eq!(over.check(TODAY), Err(vec![FormFault::Expired]));
    }

    #[test]
    fn that_somebody_pays_has_to_be_said() {
        let paid = AuthorizationForm { paid_for: true, ..form() };
        assert_eq!(paid.check(TODAY), Err(vec![FormFault::PaymentNotStated]));
        assert!(AuthorizationForm { states_payment: true, ..paid }.check(TODAY).is_ok());
    }
}
