//! What the network does about STOP by itself, when it is asked to.

use crate::CarrierOptOut;

/// The words that the network itself acts upon: one word that is the whole text (TW-18).
pub(super) fn act_of(body: &str) -> Option<CarrierOptOut> {
    Some(match body.trim().to_ascii_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "OPTOUT" | "REVOKE" => CarrierOptOut::Stop,
        "START" | "YES" | "UNSTOP" => CarrierOptOut::Start,
        "HELP" | "INFO" => CarrierOptOut::Help,
        _ => return None,
    })
}

/// The word that reports it to the server.
pub(super) const fn word(opt_out: CarrierOptOut) -> &'static str {
    match opt_out {
        CarrierOptOut::Stop => "STOP",
        CarrierOptOut::Start => "START",
        CarrierOptOut::Help => "HELP",
    }
}

/// What the network answers to the phone.
pub(super) const fn answer(opt_out: CarrierOptOut) -> &'static str {
    match opt_out {
        CarrierOptOut::Stop => "You are unsubscribed and will get no more texts. Reply START to get them again.",
        CarrierOptOut::Start => "You will get texts again. Reply STOP to end them.",
        CarrierOptOut::Help => "Reply STOP to end texts.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_that_is_the_whole_text_counts() {
        assert_eq!(act_of(" Stop\n"), Some(CarrierOptOut::Stop));
        assert_eq!(act_of("unstop"), Some(CarrierOptOut::Start));
        for other in ["STOP PLEASE", "please stop", "stop.", "", "no"] {
            assert_eq!(act_of(other), None, "{other}");
        }
    }
}
