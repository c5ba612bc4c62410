//! What the doctor sees of carriers: accounts, agreements, senders, and what carriers have yet to forget.

use super::{Findings, Grade};
use crate::carriers::{Shared, connect};
use crate::config::carriers::PlainText;
use crate::config::{CarrierSettings, Config, Installation};
use crate::serve::CARRIER_DEADLINE;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use wellsent_domain::practice::{Agreement, EndStage, Registration, Sender, Service};
use wellsent_engine::Clock;
use wellsent_store::agreements::{self, StoredAgreement};
use wellsent_store::erasures::{self, Counts};
use wellsent_store::{StoreError, Tx, senders};

/// The accounts in the settings. No carrier is asked for anything.
pub fn accounts(place: &Installation, findings: &mut Findings) {
    let Config { carriers, simulator, .. } = &place.config;
    if simulator.is_some() {
        findings.add(Grade::Bad, "carrier", "TW-01", "the simulator is set up: no text reaches a real phone");
    } else if carriers.is_empty() {
        findings.add(Grade::Bad, "carrier", "TW-01", "no carrier account is set up: nothing can be sent");
    }
    for settings in carriers {
        let name = settings.name();
        match usable(place, settings) {
            None => findings.add(Grade::Good, "carrier", "TW-04", format!("{name} ({}) is set up, its secrets are here", settings.kind())),
            Some(problem) => findings.add(Grade::Bad, "carrier", "TW-04", problem),
        }
        if let Some(address) = settings.other_address() {
            let says =
                format!("{name} is reached at {address}, which is not the carrier's own address: texts go through somebody else's hands");
            findings.add(Grade::Warning, "carrier", "TW-03", says);
        }
        match settings {
            CarrierSettings::Twilio(twilio) => {
                if !twilio.redaction_ready {
                    let says = format!(
                        "{name} answers STOP by itself and is not ready for redaction; switch its opt-out handling and sticky sender off, then set redaction_ready"
                    );
                    findings.add(Grade::Warning, "redaction", "TW-17", says);
                }
                if twilio.next_auth_token_file.is_some() {
                    let says = format!("{name} accepts two tokens; take the old one out when the rotation is done");
                    findings.add(Grade::Warning, "carrier", "TW-04", says);
                }
            }
            CarrierSettings::Smpp(smpp) if smpp.plain_text == Some(PlainText::PrivateLine) => {
                let says = format!("{name} is reached without TLS: texts cross the network in the clear unless the line is private");
                findings.add(Grade::Bad, "carrier", "H-28c", says);
            }
            CarrierSettings::Smpp(_) | CarrierSettings::Telnyx(_) | CarrierSettings::Aws(_) => {}
        }
    }
}

fn usable(place: &Installation, settings: &CarrierSettings) -> Option<String> {
    let config = Config { carriers: vec![settings.clone()], ..place.config.clone() };
    let clock = Clock::system();
    let shared = Shared {
        callback_base: place.config.server.public_url.clone(),
        clock: Arc::new(move || clock.now()),
        deadline: CARRIER_DEADLINE,
        connections: 1,
    };
    connect(&Installation { config, ..place.clone() }, &shared).err().map(|error| error.to_string())
}

/// What a practice has with carriers.
pub struct Held {
    senders: Vec<Sender>,
    agreements: Vec<StoredAgreement>,
    erasures: Counts,
}

/// Reads what a practice has with carriers.
pub fn read(tx: &mut Tx<'_, '_>, now: Timestamp) -> Result<Held, StoreError> {
    Ok(Held { senders: senders::list(tx)?, agreements: agreements::list(tx)?, erasures: erasures::counts(tx, now)? })
}

/// Judges what a practice has with carriers.
pub fn judge(place: &Installation, held: &Held, zone: &TimeZone, now: Timestamp, findings: &mut Findings) {
    if held.senders.is_empty() {
        findings.add(Grade::Bad, "sender", "C-08", "no sender is set up: nothing can be sent");
    }
    let mut carriers: Vec<_> = held.senders.iter().map(|sender| sender.carrier.as_str()).collect();
    carriers.sort_unstable();
    carriers.dedup();
    for carrier in carriers {
        let settings = place.config.carriers.iter().find(|settings| settings.name() == carrier);
        if settings.is_none() && carrier != "simulator" {
            findings.add(Grade::Bad, "carrier", "TW-01", format!("senders use {carrier}, which is not in the settings: their texts wait"));
        }
        agreement(carrier, settings, held, zone, now, findings);
    }
    for sender in &held.senders {
        if sender.carrier == "simulator" {
            findings.add(Grade::Bad, "sender", "C-08", format!("{} is a simulated sender: no text reaches a real phone", sender.address));
        }
        if sender.registration != Registration::Approved {
            let grade =
                if held.senders.iter().any(|other| other.registration == Registration::Approved) { Grade::Warning } else { Grade::Bad };
            findings.add(grade, "sender", "C-08", format!("the registration of {} is {}", sender.address, sender.registration.as_str()));
        }
    }
    if held.erasures.given_up > 0 || held.erasures.overdue > 0 {
        let says = format!(
            "carriers still have texts that they should have forgotten: {} overdue, {} given up",
            held.erasures.overdue, held.erasures.given_up
        );
        findings.add(Grade::Warning, "redaction", "TW-17", says);
    }
}

fn agreement(carrier: &str, settings: Option<&CarrierSettings>, held: &Held, zone: &TimeZone, now: Timestamp, findings: &mut Findings) {
    let account = settings.map(CarrierSettings::account);
    let known: Vec<_> = held.agreements.iter().filter(|stored| stored.carrier == carrier).map(|stored| stored.agreement.clone()).collect();
    let Some(counts) = Agreement::that_counts(&known, account, now, zone).filter(|agreement| agreement.in_force(now, zone)) else {
        return findings.add(Grade::Bad, "agreement", "H-19", format!("no agreement (BAA) with {carrier} is in force: texts wait"));
    };
    if !counts.covers(Service::Sms, account) {
        let says = format!("the agreement with {carrier} does not name the account in the settings, or not texts: texts wait");
        return findings.add(Grade::Bad, "agreement", "TW-01", says);
    }
    for service in settings.map(CarrierSettings::services).unwrap_or_default() {
        if !counts.covers(service, account) {
            let says = format!("the agreement with {carrier} does not cover {}; take it out of the features", service.as_str());
            findings.add(Grade::Bad, "agreement", "TW-02", says);
        }
    }
    let others: Vec<_> = known.iter().filter(|other| *other != counts).cloned().collect();
    match counts.until.filter(|_| counts.end_stage(now, zone) == EndStage::Soon && !counts.is_followed(&others, now, zone)) {
        Some(until) => {
            findings.add(Grade::Warning, "agreement", "H-19", format!("the agreement with {carrier} ends on {until}: then texts wait"));
        }
        None => findings.add(Grade::Good, "agreement", "H-19", format!("an agreement with {carrier} is in force")),
    }
}
