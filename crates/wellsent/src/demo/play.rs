//! Plays the days before today in quick motion: reminders go out through the gate, phones answer, so that the first page shows a practice at
//! work and every line of it really happened.

use super::dice::Dice;
use super::names::{FREE_TEXTS_EN, FREE_TEXTS_ES};
use jiff::Timestamp;
use std::collections::HashSet;
use std::time::Duration;
use wellsent_carrier::simulator::Network;
use wellsent_domain::{PhoneNumber, PracticeId};
use wellsent_engine::{Engine, EngineError};

/// Plays until `until`. Phones answer by the dice of `seed`, or stay silent without one. `progress` is told how far it is, from 0 to 1.
pub async fn play(
    engine: &Engine,
    network: &Network,
    practice: PracticeId,
    seed: Option<u64>,
    until: Timestamp,
    mut progress: impl FnMut(f64),
) -> Result<(), EngineError> {
    let begun = engine.now();
    let whole = until.duration_since(begun).as_secs_f64().max(1.0);
    let mut dice = seed.map(|seed| Dice::new(seed ^ 0xa11ce));
    let mut answered = HashSet::new();
    engine.plan_waiting(practice).await?;
    while let Some(due) = engine.next_due().await? {
        if due > until {
            break;
        }
        engine.clock().advance_to(due);
        settle(engine, network, practice).await?;
        if let Some(dice) = &mut dice {
            answer(network, dice, &mut answered);
            settle(engine, network, practice).await?;
        }
        progress(due.duration_since(begun).as_secs_f64() / whole);
    }
    engine.clock().advance_to(until);
    engine.sequence().await?;
    engine.checkpoint().await?;
    progress(1.0);
    Ok(())
}

async fn settle(engine: &Engine, network: &Network, practice: PracticeId) -> Result<(), EngineError> {
    loop {
        let planned = engine.plan_waiting(practice).await?;
        let sent = engine.dispatch_due(practice).await?;
        quiet(network).await;
        let routed = engine.route_waiting(practice).await?;
        if planned + sent.ruled + routed == 0 {
            return Ok(());
        }
    }
}

/// Waits, at most a few seconds, until the phones have what is under way.
pub async fn quiet(network: &Network) {
    for _ in 0..800 {
        let stats = network.stats();
        let under_way = stats.accepted.saturating_sub(stats.got + stats.undelivered + stats.expired);
        if stats.waiting == 0 && under_way == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Some phones answer what they just got, as people do.
fn answer(network: &Network, dice: &mut Dice, answered: &mut HashSet<(PhoneNumber, usize)>) {
    let mut phones = network.phones(1_000);
    phones.sort_by_key(|phone| *phone.number.expose());
    for phone in phones {
        let number = *phone.number.expose();
        let lines = network.conversation(&number);
        let Some(last) = lines.last().filter(|line| !line.from_phone) else { continue };
        if !answered.insert((number, lines.len())) {
            continue;
        }
        let body = last.body.expose();
        let spanish = body.contains("cita");
        let asks = body.contains("Reply C") || body.contains("Responda C");
        let numbered = body.contains("1) ");
        let reply = match dice.below(100) {
            0..52 if asks => "C",
            0..40 if numbered => "3",
            52..57 if asks => "R",
            57..60 if asks && !spanish => "ok thanks",
            60..63 if spanish => FREE_TEXTS_ES[dice.below(FREE_TEXTS_ES.len())],
            60..63 => FREE_TEXTS_EN[dice.below(FREE_TEXTS_EN.len())],
            63 if asks => "STOP",
            64 if asks && !spanish => "wrong number",
            65 if asks && !spanish => "please cancel my appointment",
            _ => continue,
        };
        // A phone that cannot be reached has nothing to answer.
        let _ = network.text(&number, None, reply);
    }
}
