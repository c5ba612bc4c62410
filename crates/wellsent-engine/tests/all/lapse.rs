//! What goes in details goes only while the proof of the phone is fresh (H-07), as the phones themselves saw it.

use crate::crowd::*;
use crate::verification::{accepts_details, detail, newcomer};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use wellsent_domain::Phi;
use wellsent_domain::consent::Channel;
use wellsent_domain::practice::Settings;
use wellsent_store::{messages, people};
use wellsent_testkit::house::{Backend, House, Patient, Plan};
use wellsent_testkit::power::Chance;
use wellsent_text::template::Variable;

/// Templates that tell details, their values, and the words on the phone by which one knows them.
fn telling(n: usize) -> (&'static str, Vec<(Variable, Phi<String>)>, &'static str) {
    let value = |variable, text: &str| (variable, Phi::new(text.to_owned()));
    match n {
        0 => ("medication_reminder", vec![value(Variable::Medication, "amoxicillin"), value(Variable::Dose, "500 mg")], "amoxicillin"),
        1 => {
            let instructions = value(Variable::Instructions, "no food after midnight.");
            ("prep_detail", vec![value(Variable::When, "Wed 3/10 2:00 PM"), instructions], "midnight")
        }
        _ => ("lab_ready", Vec::new(), "lab results"),
    }
}

const HOLDS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// When a phone was proven and confirmed, as this test did it.
struct Proof {
    patient: Patient,
    verified: Option<Timestamp>,
    confirmed: Option<Timestamp>,
}

impl Proof {
    fn since(&self) -> Option<Timestamp> {
        self.verified.map(|at| self.confirmed.map_or(at, |confirmed| confirmed.max(at)))
    }
}

/// Texts with details fall due at random instants around the lapse of random proofs. What the phones got is held against what they should have got.
/// Returns what was wrong, and how many texts told details and how many did not.
async fn around_the_lapse(house: &House, seed: u64) -> (Vec<String>, usize, usize) {
    let mut chance = Chance::new(seed);
    let (mut wrong, mut told, mut kept) = (Vec::new(), 0, 0);
    let mut phones = Vec::new();
    for n in 0..5 {
        let patient = newcomer(house, number(n)).await;
        accepts_details(house, &patient).await;
        phones.push(Proof { patient, verified: None, confirmed: None });
    }
    for _ in 0..200 {
        let (now, which) = (house.engine.now(), chance.below(phones.len()));
        let lapses = phones[which].since().map(|since| since + HOLDS).filter(|at| *at > now && *at < now + days(40));
        let next = match lapses {
            Some(lapses) if chance.below(3) == 0 => {
                let edges = [SignedDuration::from_micros(-1), SignedDuration::ZERO, SignedDuration::from_micros(1), hours(1)];
                lapses + edges[chance.below(edges.len())]
            }
            _ => {
                let day = TimeZone::UTC.to_datetime(now).date() + days(1 + chance.below(9) as i64);
                let time = Time::constant(15 + chance.below(5) as i8, chance.below(60) as i8, 0, 0);
                day.to_datetime(time).to_zoned_datetime(TimeZone::UTC).unwrap().timestamp()
            }
        };
        house.wait_until(next);
        let (now, contact) = (house.engine.now(), phones[which].patient.contact);
        match chance.below(8) {
            // The first phone is never proven, and confirmed all the same.
            0..=2 if which > 0 => {
                house.write(move |tx| people::set_verified(tx, contact, Channel::Text, now)).await;
                phones[which].verified = Some(now);
            }
            3 => {
                house.engine.confirm_number(house.access(), contact).await.unwrap();
                phones[which].confirmed = Some(now);
            }
            _ => {
                let proof = &phones[which];
                let (template, values, words) = telling(chance.below(3));
                let message = detail(&proof.patient, template, values, now);
                let before = house.got(&proof.patient.number).len();
                house.write(move |tx| messages::add(tx, &message, now)).await;
                house.settle().await;
                let got = house.got(&proof.patient.number);
                assert_eq!(got.len(), before + 1, "{template} goes in some wording");
                let tells = got.last().is_some_and(|text| text.contains(words));
                let fresh = proof.since().is_some_and(|since| now.duration_since(since) <= HOLDS);
                if tells != fresh {
                    wrong.push(format!("{template}, proven {:?}, confirmed {:?}, at {now}: {got:?}", proof.verified, proof.confirmed));
                }
                (told, kept) = if tells { (told + 1, kept) } else { (told, kept + 1) };
            }
        }
    }
    (wrong, told, kept)
}

fn holds_for(backend: Backend, verification_days: i64) -> Plan {
    let settings = Settings { verification_days, texts_per_day_max: 1_000, texts_per_week_max: 1_000, ..Settings::default() };
    Plan { settings, ..Plan::on(backend) }
}

#[test]
fn no_detail_reaches_a_phone_whose_proof_has_lapsed() {
    on_each(|backend| async move {
        for seed in 0..2 {
            let house = House::build(holds_for(backend, 30)).await;
            let (wrong, told, kept) = around_the_lapse(&house, seed).await;
            assert_eq!(wrong, Vec::<String>::new(), "seed {seed}");
            assert!(told >= 15 && kept >= 15, "{told} told, {kept} kept");
        }
    });
}

#[test]
fn control_a_proof_that_holds_a_day_longer_is_seen() {
    on_each(|backend| async move {
        let house = House::build(holds_for(backend, 31)).await;
        assert!(!around_the_lapse(&house, 0).await.0.is_empty());
    });
}
