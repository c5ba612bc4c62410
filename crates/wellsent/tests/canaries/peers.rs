//! The carriers of the day, each behind a wire, and the adapters that speak with them.

use crate::tap::Tap;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use wellsent::carriers::{Shared, connect};
use wellsent::config::{CarrierSettings, Config, Installation};
use wellsent_carrier::{Carrier, NumberLookup, aws};
use wellsent_domain::practice::{SenderKind, Service, Services};
use wellsent_engine::Clock;
use wellsent_peers::aws::{FakeAws, Keys, SignatureVersion, Topic};
use wellsent_peers::smsc::Smsc;
use wellsent_peers::telnyx::FakeTelnyx;
use wellsent_peers::{smsc, telnyx, twilio};

const ACCOUNT_SID: &str = "AC00000000000000000000000000000077";
const API_KEY: (&str, &str) = ("SK00000000000000000000000000000077", "secret of the day");
const AUTH_TOKEN: &str = "token of the day";
const ORGANIZATION: &str = "2ea3868b-fef8-452f-8d8b-fb5ceb0e4c78";
const TELNYX_KEY: &str = "KEY0123456789ABCDEF";
const AWS_ACCOUNT: &str = "123456789012";
const AWS_KEYS: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "secret of the day at AWS");
const REGION: &str = "us-east-1";

/// A kind of carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Twilio,
    Telnyx,
    Aws,
    Smpp,
}

pub const KINDS: [Kind; 4] = [Kind::Twilio, Kind::Telnyx, Kind::Aws, Kind::Smpp];

impl Kind {
    /// The account in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Twilio => "twilio-main",
            Self::Telnyx => "telnyx-main",
            Self::Aws => "aws-main",
            Self::Smpp => "smpp-main",
        }
    }

    /// The account as the agreement names it.
    pub const fn account(self) -> &'static str {
        match self {
            Self::Twilio => ACCOUNT_SID,
            Self::Telnyx => ORGANIZATION,
            Self::Aws => AWS_ACCOUNT,
            Self::Smpp => "wellsent",
        }
    }

    /// The practice's number there.
    pub const fn sender(self) -> &'static str {
        match self {
            Self::Twilio => "+12125550191",
            Self::Telnyx => "+12125550192",
            Self::Aws => "+12125550193",
            Self::Smpp => "+12125550194",
        }
    }

    pub const fn sender_kind(self) -> SenderKind {
        match self {
            Self::Smpp => SenderKind::Smpp,
            _ => SenderKind::LongCode,
        }
    }

    /// What the agreement covers: numbers are looked up at Twilio.
    pub fn services(self) -> Services {
        match self {
            Self::Twilio => Services::of(&[Service::Sms, Service::Lookup]),
            _ => Services::SMS,
        }
    }
}

/// The carriers and their wires.
pub struct Peers {
    pub twilio: twilio::Running,
    pub twilio_wire: Tap,
    pub lookup_wire: Tap,
    pub telnyx: FakeTelnyx,
    pub telnyx_wire: Tap,
    pub aws: FakeAws,
    pub aws_wire: Tap,
    pub smsc: Smsc,
    pub smpp_wire: Tap,
    clock: Clock,
}

impl Peers {
    /// Starts them.
    pub async fn start(clock: &Clock) -> Self {
        let dated = clock.clone();
        let twilio = twilio::Twilio::start(twilio::Settings {
            api_keys: vec![(API_KEY.0.into(), API_KEY.1.into())],
            clock: Arc::new(move || dated.now()),
            ..twilio::Settings::new(ACCOUNT_SID, AUTH_TOKEN)
        });
        let twilio = twilio.await.expect("Twilio");
        let seconds = |clock: &Clock| -> Arc<dyn Fn() -> i64 + Send + Sync> {
            let clock = clock.clone();
            Arc::new(move || clock.now().as_second())
        };
        let telnyx = FakeTelnyx::start(telnyx::Settings {
            api_key: TELNYX_KEY.into(),
            signing_seed: [7; 32],
            organization: ORGANIZATION.into(),
            profile: "40017f3e-1f2a-4f6c-9b6e-000000000001".into(),
            numbers: vec![Kind::Telnyx.sender().into()],
            profile_webhook: None,
            now: seconds(clock),
        });
        let telnyx = telnyx.await.expect("Telnyx");
        let aws = FakeAws::start(wellsent_peers::aws::Settings {
            region: REGION.into(),
            account: AWS_ACCOUNT.into(),
            keys: vec![Keys { id: AWS_KEYS.0.into(), secret: AWS_KEYS.1.into(), session_token: None }],
            numbers: vec![Kind::Aws.sender().into()],
            configuration_set: "receipts".into(),
            signature_version: SignatureVersion::Two,
            manages_opt_outs: false,
            now: seconds(clock),
        });
        let aws = aws.await.expect("AWS");
        let replies = smsc::Replies { ids: true, ..smsc::Replies::default() };
        let smsc = Smsc::start(smsc::Behaviour { replies, ..smsc::Behaviour::default() }, None).await.expect("an SMPP centre");
        let address = |url: &str| url.trim_start_matches("http://").split('/').next().and_then(|at| at.parse().ok()).expect("an address");
        Self {
            twilio_wire: Tap::before(twilio.address).await,
            lookup_wire: Tap::before(twilio.address).await,
            telnyx_wire: Tap::before(address(&telnyx.base_url())).await,
            aws_wire: Tap::before(address(&aws.base_url())).await,
            smpp_wire: Tap::before(smsc.at()).await,
            twilio,
            telnyx,
            aws,
            smsc,
            clock: clock.clone(),
        }
    }

    /// The adapters, made from settings as the server makes them. AWS's needs an address that no settings have: its certificates are a test's.
    pub fn connect(&self, folder: &TempDir, callback_base: &str) -> (Vec<Arc<dyn Carrier>>, Option<Arc<dyn NumberLookup>>) {
        let keys = folder.path().join("carriers");
        wellsent::open::private_folder(&keys).expect("a folder");
        for (file, secret) in
            [("twilio-key", API_KEY.1), ("twilio-token", AUTH_TOKEN), ("telnyx-key", TELNYX_KEY), ("smpp-password", "secret08")]
        {
            write_private(&keys.join(file), secret);
        }
        let config = Config { carriers: self.accounts(), ..Config::default() };
        let place = Installation { data: folder.path().join("data"), keys, config };
        let clock = self.clock.clone();
        let shared = Shared {
            callback_base: callback_base.to_owned(),
            clock: Arc::new(move || clock.now()),
            deadline: Duration::from_secs(5),
            connections: 8,
        };
        let mut connected = connect(&place, &shared).expect("the accounts connect");
        connected.carriers.push(Arc::new(self.aws(&shared)));
        (connected.carriers, connected.lookup)
    }

    /// The accounts as they stand in the settings of a server.
    fn accounts(&self) -> Vec<CarrierSettings> {
        let accounts = json!([
            {
                "kind": "twilio",
                "name": Kind::Twilio.name(),
                "features": ["sms", "lookup"],
                "account_sid": ACCOUNT_SID,
                "api_key_sid": API_KEY.0,
                "api_secret_file": "twilio-key",
                "auth_token_file": "twilio-token",
                "base_url": self.twilio_wire.url(),
                "lookups_base_url": self.lookup_wire.url(),
            },
            {
                "kind": "telnyx",
                "name": Kind::Telnyx.name(),
                "account": ORGANIZATION,
                "api_key_file": "telnyx-key",
                "public_keys": [self.telnyx.public_key()],
                "base_url": format!("{}/v2", self.telnyx_wire.url()),
            },
            {
                "kind": "smpp",
                "name": Kind::Smpp.name(),
                "host": self.smpp_wire.at.ip().to_string(),
                "port": self.smpp_wire.at.port(),
                "plain_text": "this_machine",
                "system_id": "wellsent",
                "password_file": "smpp-password",
                "enquire_link_s": 1,
            },
        ]);
        serde_json::from_value(accounts).expect("settings")
    }

    fn aws(&self, shared: &Shared) -> aws::AwsCarrier {
        aws::AwsCarrier::new(aws::Settings {
            name: Kind::Aws.name().into(),
            account: Some(AWS_ACCOUNT.into()),
            region: REGION.into(),
            credentials: aws::Credentials::new(AWS_KEYS.0, AWS_KEYS.1, None),
            configuration_set: Some("receipts".into()),
            topics: vec![self.aws.topic(Topic::Events), self.aws.topic(Topic::Texts)],
            answers_stop: false,
            base_url: Some(self.aws_wire.url()),
            certificates_url: Some(self.aws.base_url()),
            callback_base: shared.callback_base.clone(),
            clock: shared.clock.clone(),
            deadline: shared.deadline,
            connections: shared.connections,
        })
        .expect("AWS's adapter")
    }

    /// Says where texts to a practice's number go.
    pub async fn register(&self, kind: Kind, hooks: &str) {
        let inbound = format!("{hooks}/inbound");
        match kind {
            Kind::Twilio => self.twilio.twilio.add_sender(kind.sender(), &[], Some(&inbound)),
            Kind::Telnyx => self.telnyx.set_profile_webhook(&inbound),
            Kind::Aws => {
                assert!(self.aws.subscribe(Topic::Events, &format!("{hooks}/status")).await, "the subscription is confirmed");
                assert!(self.aws.subscribe(Topic::Texts, &inbound).await, "the subscription is confirmed");
            }
            Kind::Smpp => {}
        }
    }

    /// A phone texts.
    pub async fn text(&self, kind: Kind, from: &str, body: &str) {
        match kind {
            Kind::Twilio => drop(self.twilio.twilio.text(from, Some(kind.sender()), body).expect("the phone texts")),
            Kind::Telnyx => drop(self.telnyx.text(from, kind.sender(), body).await),
            Kind::Aws => drop(self.aws.text(from, kind.sender(), body).await),
            Kind::Smpp => self.smsc.text(&from[1..], &kind.sender()[1..], body),
        }
    }

    /// The texts that a carrier took for a phone.
    pub fn took(&self, kind: Kind, to: &str) -> usize {
        match kind {
            Kind::Twilio => self.twilio.twilio.got(to).iter().filter(|got| !got.sid.is_empty()).count(),
            Kind::Telnyx => self.telnyx.messages().iter().filter(|message| !message.inbound && message.to == to).count(),
            Kind::Aws => self.aws.accepted().iter().filter(|text| text.to == to).count(),
            Kind::Smpp => self.smsc.got(&to[1..]).len(),
        }
    }

    /// What becomes of the texts of one patient is unclear, and those of another are refused.
    pub fn misbehave(&self, kind: Kind, lost: &str, refused: &str) {
        match kind {
            Kind::Twilio => {
                let mut behaviour = self.twilio.twilio.behaviour();
                behaviour.numbers.insert(lost.into(), twilio::Quirk::DropBeforeAccept);
                behaviour.numbers.insert(refused.into(), twilio::Quirk::Refuse(30_007));
                self.twilio.twilio.set_behaviour(behaviour);
            }
            Kind::Telnyx => {
                let submission = telnyx::Submission::Refuse { status: 400, code: "49999".into(), title: "No".into() };
                self.telnyx.plan(telnyx::Plan { submission, ..telnyx::Plan::default() });
                let submission = telnyx::Submission::AcceptAndCut;
                self.telnyx.plan(telnyx::Plan { submission, fate: telnyx::Fate::Silent, ..telnyx::Plan::default() });
            }
            Kind::Aws => {
                let submission = wellsent_peers::aws::Submission::AcceptAndFail(500);
                self.aws.plan(wellsent_peers::aws::Plan { submission, ..wellsent_peers::aws::Plan::default() });
            }
            Kind::Smpp => {
                self.smsc.quirk(&lost[1..], smsc::Quirk::ErrorAfterAccept);
                self.smsc.quirk(&refused[1..], smsc::Quirk::Refuse(0x0B));
            }
        }
    }
}

fn write_private(path: &std::path::Path, text: &str) {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).expect("a secret");
}
