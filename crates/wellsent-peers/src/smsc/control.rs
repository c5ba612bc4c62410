//! A small HTTP port for testers: the phones and the centre's behaviour, for a centre that is a process of its own.
//!
//! `PUT /behaviour`, `GET /stats`, `GET /journal?after=N`, `POST /cut`, `POST /phones/{digits}/texts` with `{"to": digits, "body": text}`,
//! `GET /phones/{digits}/got`.

use super::behaviour::Behaviour;
use super::network::{Got, Smsc, Stats};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use std::io;
use std::path::Path as File;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: usize,
}

#[derive(Deserialize)]
struct Text {
    to: String,
    body: String,
}

/// Runs a centre with its HTTP port until it is dropped: the whole of a process that is one.
///
/// # Errors
/// When the journal file cannot be opened.
pub async fn run(smpp: TcpListener, http: TcpListener, behaviour: Behaviour, journal: Option<&File>) -> io::Result<()> {
    let smsc = Smsc::serve(smpp, behaviour, journal)?;
    axum::serve(http, control(smsc)).await
}

/// The router; serve it on an address of this machine.
pub fn control(smsc: Smsc) -> Router {
    Router::new()
        .route("/behaviour", put(behave))
        .route("/stats", get(stats))
        .route("/journal", get(journal))
        .route("/cut", post(cut))
        .route("/phones/{phone}/texts", post(text))
        .route("/phones/{phone}/got", get(got))
        .with_state(smsc)
}

async fn behave(State(smsc): State<Smsc>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    smsc.behave(behaviour);
    StatusCode::NO_CONTENT
}

async fn stats(State(smsc): State<Smsc>) -> Json<Stats> {
    Json(smsc.stats())
}

async fn journal(State(smsc): State<Smsc>, Query(After { after }): Query<After>) -> String {
    smsc.journal(after)
}

async fn cut(State(smsc): State<Smsc>) -> StatusCode {
    smsc.cut();
    StatusCode::NO_CONTENT
}

async fn text(State(smsc): State<Smsc>, Path(phone): Path<String>, Json(Text { to, body }): Json<Text>) -> StatusCode {
    smsc.text(&phone, &to, &body);
    StatusCode::CREATED
}

async fn got(State(smsc): State<Smsc>, Path(phone): Path<String>) -> Json<Vec<Got>> {
    Json(smsc.got(&phone))
}
