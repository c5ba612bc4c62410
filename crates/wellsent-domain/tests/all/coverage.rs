//! The classes of the panel against the gate: what the report says may go is what the gate lets go.

use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use proptest::prelude::*;
use wellsent_domain::consent::{Category, Directive, Standing, Suppression, Warning};
use wellsent_domain::coverage::{Asked, Coverage, PanelFacts, PanelNumber, PanelSetting, Step};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{Authority, ContactState, LineType, Obtained, Proxy, Standing as PersonStanding};
use wellsent_domain::practice::{Agreement, Registration, Settings};
use wellsent_domain::quiet::Window;
use wellsent_domain::*;

fn now() -> Timestamp {
    "2026-11-24T15:00:00Z".parse().expect("an instant")
}

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").expect("a zone")
}

fn today() -> Date {
    zone().to_datetime(now()).date()
}

fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

fn setting<'a>(settings: &'a Settings, zone: &'a TimeZone, part2: bool) -> PanelSetting<'a> {
    PanelSetting { settings, zone, part2, now: now() }
}

/// The gate's answer to a text with details, and a plain wording beside it, for a patient in this state.
fn ruling(facts: &PanelFacts, number: &PanelNumber, settings: &Settings, part2: bool) -> Ruling {
    let wording = |rendering, tier| Wording { rendering, tier, body: Phi::new(String::new()), parts: 1, sensitive: false };
    let intent = Intent {
        practice: PracticeId::from_bytes([1; 16]),
        message: MessageId::from_bytes([2; 16]),
        person: Some(PersonId::from_bytes([3; 16])),
        contact_point: Some(ContactPointId::from_bytes([4; 16])),
        programme: Programme::Application,
        category: Category::Care,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        wordings: vec![wording(Rendering::Preferred, Tier::T2), wording(Rendering::Neutral, Tier::T1)],
        due_at: now(),
        useful_until: now() + SignedDuration::from_hours(12),
        attempt: AttemptId::from_bytes([5; 16]),
        token: AttemptToken([6; 16]),
    };
    let suppression =
        Suppression { id: SuppressionId::from_bytes([9; 16]), at: days_ago(1), channel: wellsent_domain::consent::Channel::Text };
    let facts = Facts {
        settings: settings.clone(),
        practice_zone: zone(),
        part2,
        person: Some(PersonFacts {
            standing: PersonStanding::Active,
            birth_date: facts.birth_date.clone(),
            sensitive: facts.sensitive,
            reached: number.reached,
        }),
        contact: ContactFacts {
            number: Phi::new(PhoneNumber::parse("+12125550123").expect("a number")),
            state: number.state,
            obtained: Obtained::Patient,
            verified_at: number.verified_at,
            confirmed_at: number.confirmed_at,
            line: number.line,
            shared: number.shared,
            reassigned: number.reassigned,
        },
        consent: match number.consent {
            Asked::Never | Asked::No => None,
            Asked::Yes { confirmed } => {
                Some(Standing { event: ConsentEventId::from_bytes([7; 16]), at: days_ago(10), written: true, confirmed })
            }
        },
        suppression: number.stopped.then_some(suppression),
        warning: number.warning,
        authorization: None,
        directives: facts.directives.clone(),
        visits: vec![],
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::default(),
        zones: vec![zone()],
        last_inbound_at: None,
        unrouted_inbound: 0,
        auto_replies_last_hour: 0,
        sender: SenderFacts {
            id: SenderId::from_bytes([8; 16]),
            address: "+12125550199".into(),
            registration: Registration::Approved,
            account: None,
            free_at: now(),
            brand_day: None,
            unavailable_until: None,
            makes_codes: false,
        },
        agreement: Some(Agreement::for_texts(date(2026, 1, 1), None)),
    };
    rule(&intent, &facts, now())
}

/// Mostly the first, so that states in which everything is in order are met as well.
fn mostly<T: Clone + std::fmt::Debug + 'static>(usual: T, others: Vec<T>) -> impl Strategy<Value = T> {
    prop_oneof![6 => Just(usual), 1 => proptest::sample::select(others)]
}

fn reached() -> impl Strategy<Value = Reached> {
    let proxy = |authority, clinical, until: Option<i32>| {
        let until = until.map(|days| today().checked_add(Span::new().days(days)).expect("a day"));
        Reached::Proxy(Proxy { authority, from: date(2020, 1, 1), until, clinical })
    };
    mostly(
        Reached::Own,
        vec![
            Reached::MatureMinor,
            proxy(Authority::Parent, true, None),
            proxy(Authority::Parent, false, None),
            proxy(Authority::Legal, true, Some(-1)),
            proxy(Authority::Agreed, true, Some(0)),
        ],
    )
}

fn number() -> impl Strategy<Value = PanelNumber> {
    let old = || proptest::option::weighted(0.8, 0_i64..800);
    let consent = mostly(Asked::Yes { confirmed: true }, vec![Asked::Yes { confirmed: false }, Asked::No, Asked::Never]);
    let reassigned = mostly(
        Reassigned::Unchecked,
        vec![Reassigned::Yes, Reassigned::NoData, Reassigned::No { checked_at: days_ago(5) }, Reassigned::No { checked_at: days_ago(50) }],
    );
    (
        mostly(ContactState::Live, ContactState::ALL.to_vec()),
        mostly(LineType::Mobile, LineType::ALL.to_vec()),
        reassigned,
        (proptest::bool::weighted(0.1), proptest::bool::weighted(0.1)),
        (old(), old()),
        reached(),
        mostly(Warning::Accepted, vec![Warning::NotShown, Warning::Shown, Warning::Withdrawn]),
        consent,
    )
        .prop_map(|(state, line, reassigned, (shared, stopped), (verified, confirmed), reached, warning, consent)| PanelNumber {
            state,
            line,
            reassigned,
            shared,
            verified_at: verified.map(days_ago),
            confirmed_at: confirmed.map(days_ago),
            reached,
            stopped,
            warning,
            consent,
        })
}

fn patient() -> impl Strategy<Value = PanelFacts> {
    let directives = mostly(
        vec![],
        vec![
            vec![Directive::NeverText],
            vec![Directive::NotThisNumber],
            vec![Directive::NothingClinical],
            vec![Directive::OnlyBetween(Window::new(time(9, 0, 0, 0), time(17, 0, 0, 0)))],
        ],
    );
    let birth = mostly(Some(date(1980, 5, 5)), vec![None, Some(date(2015, 2, 28)), Some(date(2008, 11, 24)), Some(date(2008, 11, 25))]);
    (birth, proptest::bool::weighted(0.1), proptest::option::weighted(0.95, number()), directives)
        .prop_map(|(birth, sensitive, number, directives)| PanelFacts { birth_date: birth.map(Phi::new), sensitive, number, directives })
}

fn settings() -> impl Strategy<Value = (Settings, bool)> {
    let usual = || Settings { verification_days: 365, ..Settings::default() };
    let all = vec![
        Settings { confirm_opt_in: false, ..usual() },
        Settings { clinical_texts: false, ..usual() },
        Settings { reassigned_check_days: Some(30), ..usual() },
        Settings { majority_years: 21, ..usual() },
    ];
    (mostly(usual(), all), proptest::bool::weighted(0.05))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn the_class_of_a_patient_is_what_the_gate_would_answer(facts in patient(), (settings, part2) in settings()) {
        let zone = zone();
        let setting = setting(&settings, &zone, part2);
        let coverage = facts.coverage(&setting);
        let Some(number) = &facts.number else {
            prop_assert_eq!(coverage, Coverage::NoNumber);
            return Ok(());
        };
        match ruling(&facts, number, &settings, part2) {
            Ruling::Release(release) if release.rendering == Rendering::Preferred => prop_assert_eq!(coverage, Coverage::Details),
            Ruling::Release(release) => {
                prop_assert!(coverage.has_consent() && !matches!(coverage, Coverage::Details | Coverage::NotConfirmed), "{coverage:?}");
                let proof = release.degraded_by.iter().any(|reason| matches!(reason, Reason::NumberNotVerified | Reason::VerificationLapsed));
                let only_proof = release.degraded_by.len() == 1 && proof;
                prop_assert_eq!(only_proof, coverage == Coverage::NotVerified, "{:?}", release.degraded_by);
            }
            Ruling::Hold { reasons, .. } => match coverage {
                Coverage::NotConfirmed => prop_assert_eq!(reasons, vec![Reason::OptInNotConfirmed]),
                other => prop_assert!(other == Coverage::NumberFails && reasons.contains(&Reason::ReassignedCheckDue), "{other:?} {reasons:?}"),
            },
            Ruling::Review { reasons } => {
                prop_assert_eq!(coverage, Coverage::NumberFails);
                prop_assert_eq!(reasons, vec![Reason::NumberReassigned]);
            }
            Ruling::Refuse { reasons } => {
                prop_assert!(!coverage.has_consent(), "{coverage:?} {reasons:?}");
                let first = match coverage {
                    Coverage::Stopped => vec![Reason::Suppressed],
                    Coverage::NeverText => vec![Reason::DirectiveNeverText, Reason::DirectiveNotThisNumber],
                    Coverage::NoProxy => vec![Reason::MinorWithoutProxy, Reason::ProxyEnded],
                    Coverage::NoConsent => vec![Reason::NoConsent],
                    _ => reasons.clone(),
                };
                prop_assert!(reasons.iter().any(|reason| first.contains(reason)), "{coverage:?} {reasons:?}");
            }
        }
    }

    #[test]
    fn who_has_come_to_the_last_step_may_get_details_or_is_barred_from_them(facts in patient(), (settings, part2) in settings()) {
        let zone = zone();
        let setting = setting(&settings, &zone, part2);
        let coverage = facts.coverage(&setting);
        let step = facts.step(coverage, &setting);
        prop_assert_eq!(step == Step::Verified, coverage == Coverage::Details || step == Step::Verified && coverage == Coverage::DetailsBarred);
        prop_assert_eq!(step >= Step::Consented, coverage.has_consent());
        prop_assert_eq!(step >= Step::Number, coverage.has_number());
        prop_assert!(facts.recheck_due(coverage, &setting).is_none() || coverage.has_consent());
    }
}
