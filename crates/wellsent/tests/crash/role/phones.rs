//! The phones as a process: they outlive every server.

use super::{asked, say};
use crate::stage::Ground;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::net::TcpListener;
use wellsent_carrier::CallbackSecret;
use wellsent_carrier::simulator::{Behaviour, Network, NetworkSettings, serve};

/// What the phones need to know.
#[derive(Serialize, Deserialize)]
pub struct PhonesPlan {
    pub ground: Ground,
    pub behaviour: Behaviour,
}

/// Runs until asked to stop.
pub async fn serve_phones(plan: PhonesPlan) {
    let secret = std::fs::read_to_string(plan.ground.installation().simulator_secret_file()).expect("the secret");
    let clock = plan.ground.clock();
    let network = Network::new(NetworkSettings {
        behaviour: plan.behaviour,
        clock: Arc::new(move || clock.now()),
        journal: Some(plan.ground.journal()),
        kept_max: 1_000_000,
        ..NetworkSettings::new(CallbackSecret::new(secret.trim().as_bytes()))
    })
    .expect("a network");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    say(&format!("ready {}", listener.local_addr().expect("an address")));
    let mut asked = asked();
    let stop = async move { while asked.recv().await.is_some_and(|line| line != "stop") {} };
    serve(network, listener, stop).await.expect("the phones are served");
}
