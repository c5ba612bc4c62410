//! The phones as a process: they outlive every server.

use super::{asked, say};
use crate::beside::{ACCOUNT_SID, API_KEY, AUTH_TOKEN, Beside, Listens};
use crate::stage::Ground;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use tokio::net::TcpListener;
use wellsent_carrier::CallbackSecret;
use wellsent_carrier::simulator::{Network, NetworkSettings, serve};
use wellsent_peers::{smsc, twilio};

/// What the phones need to know.
#[derive(Serialize, Deserialize)]
pub struct PhonesPlan {
    pub ground: Ground,
    pub behaviour: Value,
}

/// Runs until asked to stop.
pub async fn serve_phones(plan: PhonesPlan) {
    let http = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut listens = Listens { http: http.local_addr().expect("an address"), line: None };
    let mut asked = asked();
    let stop = async move { while asked.recv().await.is_some_and(|line| line != "stop") {} };
    let ready = |listens: &Listens| say(&format!("ready {}", serde_json::to_string(listens).expect("JSON")));
    match plan.ground.beside {
        Beside::Simulator => {
            let network = simulator(&plan);
            ready(&listens);
            serve(network, http, stop).await.expect("the phones are served");
        }
        Beside::Twilio => {
            let clock = plan.ground.clock();
            let account = twilio::Twilio::new(twilio::Settings {
                api_keys: vec![(API_KEY.0.into(), API_KEY.1.into())],
                behaviour: behaviour(plan.behaviour),
                journal: Some(plan.ground.journal()),
                clock: Arc::new(move || clock.now()),
                ..twilio::Settings::new(ACCOUNT_SID, AUTH_TOKEN)
            });
            let account = account.expect("an account");
            ready(&listens);
            twilio::serve(account, http, stop).await;
        }
        Beside::Smpp => {
            let line = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            listens.line = Some(line.local_addr().expect("an address"));
            let journal = plan.ground.journal();
            ready(&listens);
            tokio::select! {
                ended = smsc::run(line, http, behaviour(plan.behaviour), Some(&journal)) => ended.expect("the centre is served"),
                () = stop => {}
            }
        }
    }
}

fn behaviour<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).expect("a behaviour")
}

fn simulator(plan: &PhonesPlan) -> Network {
    let secret = std::fs::read_to_string(plan.ground.installation().simulator_secret_file()).expect("the secret");
    let clock = plan.ground.clock();
    Network::new(NetworkSettings {
        behaviour: behaviour(plan.behaviour.clone()),
        clock: Arc::new(move || clock.now()),
        journal: Some(plan.ground.journal()),
        kept_max: 1_000_000,
        ..NetworkSettings::new(CallbackSecret::new(secret.trim().as_bytes()))
    })
    .expect("a network")
}
