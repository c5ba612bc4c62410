//! A busy day: a practice at each carrier, reminders, texts of staff, of phones and of an application, and things that go wrong.

use crate::peers::{KINDS, Kind, Peers};
use crate::planted::Patient;
use crate::tap::Tap;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use metrics_exporter_prometheus::PrometheusHandle;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wellsent::config::{Config, Installation};
use wellsent::open::{Opened, make_keys, open, private_folder};
use wellsent::serve::{Running, Setup, engine};
use wellsent_carrier::Carrier;
use wellsent_db::Options;
use wellsent_domain::appointment::AppointmentStatus;
use wellsent_domain::consent::Category;
use wellsent_domain::message::Purpose;
use wellsent_domain::planner::Lead;
use wellsent_domain::practice::{Agreement, Settings};
use wellsent_domain::staff::{OverrideReason, Role};
use wellsent_domain::{ContactPointId, PersonId, Phi, PhoneNumber, PracticeId, SenderId};
use wellsent_engine::{Clock, Engine, ReplyRequest, Tuning};
use wellsent_store::applications::{self, NewApplication};
use wellsent_store::appointments::{self, VisitData};
use wellsent_store::practices::NewPractice;
use wellsent_store::rules::NewRule;
use wellsent_store::senders::{self, NewSender};
use wellsent_store::{Access, Actor, StoreError, Tx, agreements, practices, rules};

const ZONE: &str = "America/New_York";
/// How long before a visit its reminder is due.
const LEAD: SignedDuration = SignedDuration::from_mins(120);
/// Patients of one practice.
const PATIENTS: usize = 5;
/// How long the day waits for something.
const PATIENCE: Duration = Duration::from_secs(60);

/// A practice at a carrier.
pub struct Practice {
    pub kind: Kind,
    pub id: PracticeId,
    pub sender: SenderId,
    pub patients: Vec<(Patient, PersonId, ContactPointId)>,
    account_sid: String,
    token: String,
}

/// The day.
pub struct Day {
    pub peers: Peers,
    pub practices: Vec<Practice>,
    /// In front of the server: what it answers to callbacks stands on its back.
    pub hooks_wire: Tap,
    /// In front of the application.
    pub application_wire: Tap,
    pub metrics: String,
    _folder: TempDir,
}

/// Puts something between the engine and a carrier.
pub type Wrap = fn(Arc<dyn Carrier>, &Peers) -> Arc<dyn Carrier>;

impl Day {
    /// Plays it, at these carriers.
    pub async fn play(kinds: &[Kind], metrics: Option<PrometheusHandle>, wrap: Wrap) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Installation { data: folder.path().join("data"), keys: folder.path().join("keys"), config: Config::default() };
        private_folder(&place.data).expect("a folder");
        make_keys(&place).expect("keys");
        let clock = at_noon();
        let peers = Peers::start(&clock).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hooks_wire = Tap::before(listener.local_addr().expect("an address")).await;
        let application_wire = Tap::before(application().await).await;
        let (now, hosts) = (clock.now(), application_wire.at.to_string());
        let opened = open_and_furnish(place, kinds.to_vec(), hosts, now).await;
        let (opened, practices) = opened;
        let (carriers, lookup) = peers.connect(&folder, &hooks_wire.url());
        let setup = Setup {
            clock,
            public_url: hooks_wire.url(),
            simulator_url: None,
            carriers: carriers.into_iter().map(|carrier| wrap(carrier, &peers)).collect(),
            lookup,
            verify: Default::default(),
            demo: None,
            tuning: Tuning {
                unknown_check_every: SignedDuration::from_millis(300),
                idle: Duration::from_millis(20),
                care_every: Duration::from_millis(200),
                fetch_missed_every: Duration::from_secs(1),
                ..Tuning::default()
            },
        };
        let engine = engine(opened, &setup).expect("an engine");
        let mut running = Running::start(engine.clone(), listener, hooks_wire.url());
        let page = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let page_at = page.local_addr().expect("an address");
        let shows_metrics = metrics.is_some();
        if let Some(handle) = metrics {
            running.serve_metrics(page, handle);
        }
        for practice in &practices {
            let hooks = format!("{}/hooks/{}/{}", hooks_wire.url(), practice.kind.name(), practice.sender);
            peers.register(practice.kind, &hooks).await;
            peers.misbehave(practice.kind, &practice.patients[1].0.number, &practice.patients[2].0.number);
        }
        running.start_workers();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(running.until(async move { drop(stopped.await) }));
        let mut day = Self { peers, practices, hooks_wire, application_wire, metrics: String::new(), _folder: folder };
        day.live(&engine).await;
        if shows_metrics {
            let page = reqwest::get(format!("http://{page_at}/metrics")).await.expect("the page");
            day.metrics = page.text().await.expect("the page");
        }
        let _ = stop.send(());
        served.await.expect("the server ends in order");
        day
    }

    async fn live(&mut self, engine: &Engine) {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let peers = &self.peers;
        for practice in &self.practices {
            let kind = practice.kind;
            // Everybody is reminded, but the one whose text is refused.
            let reminded = [0, 1, 3, 4].map(|n| practice.patients[n].0.number.clone());
            until(kind, "reminders", async || {
                // Telnyx refuses whoever comes first.
                reminded.iter().filter(|number| peers.took(kind, number) > 0).count() >= 3
            })
            .await;
            let [(first, ..), _, (third, ..), (fourth, ..), (fifth, ..)] = &practice.patients[..] else { panic!("five patients") };
            let form =
                [("To", first.number.as_str()), ("From", kind.sender()), ("Body", &format!("The portal has {} for you.", first.portal))];
            let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.hooks_wire.url(), practice.account_sid);
            let before = peers.took(kind, &first.number);
            let answer = client.post(url).basic_auth(&practice.account_sid, Some(&practice.token)).form(&form).send().await;
            let status = answer.expect("an answer").status().as_u16();
            assert_eq!(status, 201, "the application's text is taken ({kind:?})");
            until(kind, "the application's text", async || peers.took(kind, &first.number) > before).await;
            peers.text(kind, &first.number, &format!("Hi, since tuesday i have {} - can you call?", first.symptom)).await;
            peers.text(kind, &third.number, &format!("wrong number, i am {}", third.symptom)).await;
            peers.text(kind, &fourth.number, &format!("my {} is worse and i want to die", fourth.symptom)).await;
            peers.text(kind, &fifth.number, &format!("STOP it with this {}", fifth.symptom)).await;
            self.staff_answers(engine, practice).await;
        }
        // Receipts come and unclear texts are looked up; an hour later carriers are asked to forget.
        tokio::time::sleep(Duration::from_secs(3)).await;
        engine.clock().advance_to(engine.now() + SignedDuration::from_hours(1));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }

    async fn staff_answers(&self, engine: &Engine, practice: &Practice) {
        let access = Access { practice: practice.id, actor: Actor::Operator };
        for at in [0, 3] {
            let (patient, person, contact) = &practice.patients[at];
            let before = self.peers.took(practice.kind, &patient.number);
            // The second one needs several parts.
            let more = if at == 3 { " Please bring your papers and come ten minutes early.".repeat(3) } else { String::new() };
            let request = ReplyRequest {
                person: *person,
                contact_point: *contact,
                body: Phi::new(format!("Please take {} twice a day.{more}", patient.remedy)),
                acknowledged: Some(OverrideReason::Urgent),
                role: Role::Clinician,
            };
            engine.reply(access, request).await.expect("the text is queued");
            let peers = &self.peers;
            until(practice.kind, "a text of staff", async || peers.took(practice.kind, &patient.number) > before).await;
        }
    }
}

async fn until<F: Future<Output = bool>>(kind: Kind, what: &str, come: impl Fn() -> F) {
    let deadline = Instant::now() + PATIENCE;
    while !come().await {
        assert!(Instant::now() < deadline, "{what} did not come at {kind:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The clock of the day, which begins at noon in New York.
fn at_noon() -> Clock {
    let clock = Clock::system();
    let zone = jiff::tz::TimeZone::get(ZONE).expect("a zone");
    let real = clock.now();
    let noon = zone.to_datetime(real).date().to_datetime(Time::constant(12, 0, 0, 0)).to_zoned_datetime(zone).expect("noon").timestamp();
    clock.set_offset_micros(noon.as_microsecond() - real.as_microsecond());
    clock
}

/// An application that takes what it is told.
async fn application() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let router = axum::Router::new().fallback(async || axum::http::StatusCode::NO_CONTENT);
    tokio::spawn(async move { axum::serve(listener, router).await });
    at
}

async fn open_and_furnish(place: Installation, kinds: Vec<Kind>, hosts: String, now: Timestamp) -> (Opened, Vec<Practice>) {
    let furnish = move || {
        let opened = open(&place, Options::default(), now).expect("the installation opens");
        let practices = kinds.iter().map(|kind| furnish(&opened, *kind, &hosts, now)).collect();
        (opened, practices)
    };
    tokio::task::spawn_blocking(furnish).await.expect("a thread")
}

fn furnish(opened: &Opened, kind: Kind, host: &str, now: Timestamp) -> Practice {
    let new = NewPractice {
        name: "Elm Street Clinic".into(),
        text_name: "Elm St Clinic".into(),
        call_back: PhoneNumber::parse("212-555-0100").expect("a number"),
        zone: ZONE.into(),
        part2: false,
        settings: Settings {
            texts_per_day_max: 50,
            texts_per_week_max: 50,
            parts_max: 4,
            reassigned_check_days: (kind == Kind::Twilio).then_some(30),
            ..Settings::default()
        },
    };
    let id = opened.store.create_practice(new, now).expect("a practice");
    let (account_sid, service_sid, token) = (wellsent_engine::account_sid(), wellsent_engine::service_sid(), wellsent_engine::token());
    let first = KINDS.iter().position(|known| *known == kind).unwrap_or_default() * PATIENTS;
    let (host, account, secret) = (host.to_owned(), account_sid.clone(), token.clone());
    let in_practice = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
        let location = practices::add_location(tx, "main", "Main Street", Some("Main St office"), ZONE, now)?;
        let sender = senders::add(tx, &NewSender::approved(kind.name(), kind.sender(), kind.sender_kind(), 600_000), now)?;
        let agreement = Agreement { services: kind.services(), ..Agreement::for_texts(Date::constant(2026, 1, 1), None) };
        agreements::add(tx, kind.name(), "The carrier", agreement.on_account(kind.account()), None, now)?;
        let visit_type = practices::ensure_visit_type(tx, "Follow-up", false, now)?;
        let rule = NewRule {
            location: None,
            visit_type: None,
            lead: Lead::Minutes(LEAD.as_secs() / 60),
            template: "reminder_soon".into(),
            template_for_several: "reminder_day".into(),
            useful_for: SignedDuration::from_mins(90),
            not_within: SignedDuration::from_mins(15),
        };
        rules::add(tx, &rule, now)?;
        let new = NewApplication {
            name: "Portal".into(),
            account_sid: account.clone(),
            service_sid: service_sid.clone(),
            token: Phi::new(secret.clone()),
            category: Category::Appointments,
            purpose: Purpose::Treatment,
            hosts: vec![host.clone()],
            inbound_url: Some(format!("http://{host}/in")),
            status_url: Some(format!("http://{host}/status")),
            senders: vec![sender],
            requests_per_minute: 600,
        };
        applications::add(tx, &new, now)?;
        let mut patients = Vec::new();
        for n in first..first + PATIENTS {
            let patient = Patient::invented(n);
            let (person, contact) = patient.add(tx, ZONE, now)?;
            let starts_at = now + LEAD + SignedDuration::from_secs(1);
            let data = VisitData {
                source_id: format!("V{n}"),
                person,
                location,
                visit_type,
                starts_at,
                starts_local: jiff::tz::TimeZone::get(ZONE).expect("a zone").to_datetime(starts_at).to_string(),
                zone: ZONE.into(),
                status: AppointmentStatus::Booked,
            };
            appointments::upsert(tx, &data, [u8::try_from(n).expect("a few"); 32], now)?;
            patients.push((patient, person, contact));
        }
        Ok((sender, patients))
    };
    let access = Access { practice: id, actor: Actor::Operator };
    let (sender, patients) = opened.store.write_wait(access, in_practice).expect("a furnished practice");
    Practice { kind, id, sender, patients, account_sid, token }
}
