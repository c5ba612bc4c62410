use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use wellsent_domain::consent::{Authorization, Category, Channel, Directive, Standing, Suppression, Warning};
use wellsent_domain::gate::*;
use wellsent_domain::message::{Programme, Purpose};
use wellsent_domain::person::{Authority, ContactState, LineType, Obtained, Proxy, Standing as PersonStanding};
use wellsent_domain::practice::{Agreement, Registration, Sending, Service, Services, Settings};
use wellsent_domain::quiet::Window;
use wellsent_domain::*;

fn now() -> Timestamp {
    "2026-11-24T15:00:00Z".parse().unwrap()
}

fn wording(rendering: Rendering, tier: Tier) -> Wording {
    Wording { rendering, tier, body: Phi::new(format!("{} {}", rendering.as_str(), tier.as_str())), parts: 1, sensitive: false }
}

fn intent() -> Intent {
    Intent {
        practice: PracticeId::from_bytes([1; 16]),
        message: MessageId::from_bytes([2; 16]),
        person: Some(PersonId::from_bytes([3; 16])),
        contact_point: Some(ContactPointId::from_bytes([4; 16])),
        programme: Programme::Reminders,
        category: Category::Appointments,
        purpose: Purpose::Treatment,
        origin: Origin::Automated,
        wordings: vec![wording(Rendering::Preferred, Tier::T1)],
        due_at: now(),
        useful_until: now() + SignedDuration::from_hours(12),
        attempt: AttemptId::from_bytes([5; 16]),
        token: AttemptToken([6; 16]),
    }
}

fn clinical() -> Intent {
    Intent { wordings: vec![wording(Rendering::Preferred, Tier::T2), wording(Rendering::Neutral, Tier::T1)], ..intent() }
}

/// Facts under which everything may go, clinical content included.
fn facts() -> Facts {
    Facts {
        settings: Settings::default(),
        practice_zone: TimeZone::get("America/New_York").unwrap(),
        part2: false,
        person: Some(PersonFacts {
            standing: PersonStanding::Active,
            birth_date: Some(Phi::new(date(1980, 5, 5))),
            sensitive: false,
            reached: Reached::Own,
        }),
        contact: ContactFacts {
            number: Phi::new(PhoneNumber::parse("+12125550123").unwrap()),
            state: ContactState::Live,
            obtained: Obtained::Patient,
            verified_at: Some(now() - SignedDuration::from_hours(24)),
            confirmed_at: None,
            line: LineType::Mobile,
            shared: false,
            reassigned: Reassigned::Unchecked,
        },
        consent: Some(Standing {
            event: ConsentEventId::from_bytes([7; 16]),
            at: now() - SignedDuration::from_hours(240),
            written: true,
            confirmed: true,
        }),
        suppression: None,
        warning: Warning::Accepted,
        authorization: None,
        directives: vec![],
        visits: vec![VisitFacts {
            planned_version: 1,
            version: Some(1),
            coming: true,
            starts_at: now() + SignedDuration::from_hours(48),
            sensitive: false,
            permitted: true,
        }],
        guard: GuardFinding::NotFreeText,
        frequency: Frequency::default(),
        zones: vec![TimeZone::get("America/New_York").unwrap()],
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
    }
}

fn suppression() -> Suppression {
    Suppression { id: SuppressionId::from_bytes([9; 16]), at: now() - SignedDuration::from_secs(20), channel: Channel::Text }
}

fn with(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = facts();
    change(&mut facts);
    facts
}

#[track_caller]
fn refused(intent: &Intent, facts: &Facts) -> Vec<Reason> {
    match rule(intent, facts, now()) {
        Ruling::Refuse { reasons } => reasons,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[track_caller]
fn held(intent: &Intent, facts: &Facts) -> (Timestamp, Vec<Reason>) {
    match rule(intent, facts, now()) {
        Ruling::Hold { until, reasons } => (until, reasons),
        other => panic!("expected a hold, got {other:?}"),
    }
}

#[track_caller]
fn released(intent: &Intent, facts: &Facts) -> Release {
    match rule(intent, facts, now()) {
        Ruling::Release(release) => release,
        other => panic!("expected a release, got {other:?}"),
    }
}

#[test]
fn a_reminder_with_everything_in_order_goes_as_written_on_the_recorded_consent() {
    let release = released(&intent(), &facts());
    assert_eq!((release.rendering, release.tier), (Rendering::Preferred, Tier::T1));
    assert_eq!(release.basis, Basis::Consent(ConsentEventId::from_bytes([7; 16])));
    assert!(release.degraded_by.is_empty());
}

#[test]
fn a_stop_refuses_everything_but_the_one_confirmation_and_help() {
    let stopped = with(|facts| facts.suppression = Some(suppression()));
    let inbound = InboundId::from_bytes([1; 16]);
    let staff = StaffId::from_bytes([1; 16]);
    let later = now() + SignedDuration::from_hours(1);
    for origin in [
        Origin::Automated,
        Origin::Staff { by: staff, overridden: true },
        Origin::Answer { answers: inbound },
        Origin::Emergency { approver: staff, until: later },
        Origin::Code { request: ConsentEventId::from_bytes([1; 16]) },
    ] {
        assert_eq!(refused(&Intent { origin, ..intent() }, &stopped), [Reason::Suppressed], "{origin:?}");
    }
    released(&Intent { origin: Origin::StopConfirmation { answers: inbound, received_at: now() }, ..intent() }, &stopped);
    released(&Intent { origin: Origin::Help { answers: inbound }, ..intent() }, &stopped);
}

#[test]
fn the_confirmation_of_a_stop_goes_within_five_minutes_or_not_at_all() {
    let stopped = with(|facts| facts.suppression = Some(suppression()));
    let answers = InboundId::from_bytes([1; 16]);
    let five = SignedDuration::from_mins(5);
    let confirmation = |received_at| Intent { origin: Origin::StopConfirmation { answers, received_at }, ..intent() };
    released(&confirmation(now() - five), &stopped);
    let late = confirmation(now() - five - SignedDuration::from_millis(1));
    assert_eq!(refused(&late, &stopped), [Reason::ConfirmationTooLate]);
}

#[test]
fn a_text_that_is_stored_but_not_read_yet_holds_everything_to_its_number() {
    let (until, reasons) = held(&intent(), &with(|facts| facts.unrouted_inbound = 1));
    assert_eq!((until, reasons), (now() + SignedDuration::from_secs(2), vec![Reason::InboundNotRouted]));
}

#[test]
fn without_consent_nothing_automated_goes() {
    assert_eq!(refused(&intent(), &with(|facts| facts.consent = None)), [Reason::NoConsent]);
    let referral = with(|facts| {
        facts.consent = None;
        facts.contact.obtained = Obtained::ThirdParty;
    });
    assert_eq!(refused(&intent(), &referral), [Reason::NumberNotGiven]);
}

#[test]
fn the_opt_in_confirmation_goes_before_the_first_reminder() {
    let fresh = with(|facts| facts.consent.as_mut().unwrap().confirmed = false);
    assert_eq!(held(&intent(), &fresh).1, [Reason::OptInNotConfirmed]);
    released(&Intent { programme: Programme::OptIn, ..intent() }, &fresh);
}

#[test]
fn marketing_needs_written_consent_and_an_authorization_in_force() {
    let offer = Intent { category: Category::Marketing, purpose: Purpose::Marketing, ..intent() };
    assert_eq!(refused(&offer, &facts()), [Reason::NoAuthorization]);
    let ended = with(|facts| {
        facts.authorization = Some(Authorization { event: ConsentEventId::from_bytes([1; 16]), until: Some(date(2026, 11, 23)) });
    });
    assert_eq!(refused(&offer, &ended), [Reason::NoAuthorization]);
    let spoken = with(|facts| {
        facts.authorization = Some(Authorization { event: ConsentEventId::from_bytes([1; 16]), until: None });
        facts.consent.as_mut().unwrap().written = false;
    });
    assert_eq!(refused(&offer, &spoken), [Reason::NoWrittenConsent]);
}

#[test]
fn a_cancelled_moved_or_past_visit_is_not_reminded() {
    assert_eq!(refused(&intent(), &with(|facts| facts.visits[0].coming = false)), [Reason::VisitCancelled]);
    assert_eq!(refused(&intent(), &with(|facts| facts.visits[0].version = None)), [Reason::VisitCancelled]);
    assert_eq!(refused(&intent(), &with(|facts| facts.visits[0].version = Some(2))), [Reason::VisitMoved]);
    assert_eq!(refused(&intent(), &with(|facts| facts.visits[0].starts_at = now())), [Reason::VisitPassed]);
}

#[test]
fn after_the_agreement_ends_texts_wait_and_are_not_dropped() {
    let ended = with(|facts| facts.agreement = Some(Agreement::for_texts(date(2025, 1, 1), Some(date(2026, 11, 23)))));
    assert_eq!(held(&intent(), &ended).1, [Reason::NoAgreement]);
    assert_eq!(held(&intent(), &with(|facts| facts.agreement = None)).1, [Reason::NoAgreement]);
    let last_day = with(|facts| facts.agreement = Some(Agreement::for_texts(date(2025, 1, 1), Some(date(2026, 11, 24)))));
    released(&intent(), &last_day);
}

#[test]
fn an_agreement_of_another_account_or_of_other_services_holds_texts() {
    let named = Agreement::for_texts(date(2026, 1, 1), None).on_account("AC1");
    let on = |account: Option<&str>, agreement: &Agreement| {
        with(|facts| {
            facts.sender.account = account.map(str::to_owned);
            facts.agreement = Some(agreement.clone());
        })
    };
    released(&intent(), &on(Some("AC1"), &named));
    assert_eq!(held(&intent(), &on(Some("AC2"), &named)).1, [Reason::NotEligible]);
    assert_eq!(held(&intent(), &on(None, &named)).1, [Reason::NotEligible]);
    let lookup_only = Agreement { services: Services::of(&[Service::Lookup]), ..named.clone() };
    assert_eq!(held(&intent(), &on(Some("AC1"), &lookup_only)).1, [Reason::NotEligible]);
    let ended = Agreement { ended_at: Some(now()), ..named };
    assert_eq!(held(&intent(), &on(Some("AC1"), &ended)).1, [Reason::NoAgreement]);
}

#[test]
fn a_code_that_the_carrier_makes_needs_an_agreement_that_covers_its_verification_service() {
    let code =
        || Intent { programme: Programme::Verification, origin: Origin::Code { request: ConsentEventId::from_bytes([1; 16]) }, ..intent() };
    let with_services = |makes_codes, services: &[Service]| {
        with(|facts| {
            facts.sender.makes_codes = makes_codes;
            facts.agreement = Some(Agreement { services: Services::of(services), ..Agreement::for_texts(date(2026, 1, 1), None) });
        })
    };
    let both = [Service::Sms, Service::Verify];
    released(&code(), &with_services(true, &both));
    released(&code(), &with_services(false, &[Service::Sms]));
    released(&intent(), &with_services(true, &[Service::Sms]));
    assert_eq!(held(&code(), &with_services(true, &[Service::Sms])).1, [Reason::NotEligible]);
    assert_eq!(held(&code(), &with_services(true, &[Service::Verify])).1, [Reason::NotEligible]);
    let record = with_services(true, &[Service::Sms]).record(now());
    assert!(record.contains("sender.makes_codes=true\n") && record.contains("agreement.covers_codes=false\n"), "{record}");
    assert!(!facts().record(now()).contains("codes"));
}

#[test]
fn a_text_of_more_parts_than_the_brand_has_left_waits_for_the_next_pacific_day() {
    let next_at = now() + SignedDuration::from_hours(9);
    let left = |parts_left| with(|facts| facts.sender.brand_day = Some(BrandDay { parts_left, next_at }));
    let mut two_parts = Intent { origin: Origin::Staff { by: StaffId::from_bytes([9; 16]), overridden: false }, ..intent() };
    two_parts.wordings[0].parts = 2;
    assert_eq!(released(&two_parts, &left(2)).released.parts(), 2);
    assert_eq!(held(&two_parts, &left(1)), (next_at, vec![Reason::BrandCap]));
    released(&intent(), &left(1));
    assert_eq!(held(&intent(), &left(0)), (next_at, vec![Reason::BrandCap]));
}

#[test]
fn while_the_carrier_is_out_of_reach_texts_wait() {
    let until = now() + SignedDuration::from_secs(15);
    let facts = with(|facts| facts.sender.unavailable_until = Some(until));
    assert_eq!(held(&intent(), &facts), (until, vec![Reason::CarrierUnavailable]));
    match rule(&intent(), &facts, until) {
        Ruling::Release(_) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn at_night_a_reminder_waits_for_eight_and_is_dropped_if_that_is_too_late() {
    let night = "2026-11-25T02:05:00Z".parse::<Timestamp>().unwrap();
    let facts = with(|facts| facts.sender.free_at = night);
    let wanted = Intent { due_at: night, useful_until: night + SignedDuration::from_hours(12), ..intent() };
    match rule(&wanted, &facts, night) {
        Ruling::Hold { until, reasons } => {
            assert_eq!((until, reasons), ("2026-11-25T13:00:00Z".parse().unwrap(), vec![Reason::OutsideHours]));
        }
        other => panic!("{other:?}"),
    }
    let short = Intent { due_at: night, useful_until: night + SignedDuration::from_hours(10), ..intent() };
    assert!(
        matches!(rule(&short, &facts, night), Ruling::Refuse { reasons } if reasons == [Reason::OutsideHours, Reason::TooLateAfterHold])
    );
}

#[test]
fn the_carrier_may_not_keep_a_text_into_the_night_or_past_its_use() {
    let evening = "2026-11-25T01:58:00Z".parse::<Timestamp>().unwrap();
    let wanted = Intent { due_at: evening, useful_until: evening + SignedDuration::from_hours(30), ..intent() };
    let facts = facts();
    match rule(&wanted, &facts, evening) {
        Ruling::Release(release) => assert_eq!(release.released.valid_until(), "2026-11-25T02:00:00Z".parse().unwrap()),
        other => panic!("{other:?}"),
    }
    let nearly_useless = Intent { useful_until: now() + SignedDuration::from_secs(90), ..intent() };
    assert_eq!(released(&nearly_useless, &facts).released.valid_until(), now() + SignedDuration::from_secs(90));
    assert_eq!(released(&intent(), &facts).released.valid_until(), now() + CARRIER_VALIDITY_FOR_TEST);
}

const CARRIER_VALIDITY_FOR_TEST: SignedDuration = SignedDuration::from_mins(5);

#[test]
fn an_answer_within_a_conversation_is_not_bound_by_hours_or_caps() {
    let night = "2026-11-25T04:00:00Z".parse::<Timestamp>().unwrap();
    let answer = Intent {
        origin: Origin::Answer { answers: InboundId::from_bytes([1; 16]) },
        due_at: night,
        useful_until: night + SignedDuration::from_mins(10),
        ..intent()
    };
    let facts = with(|facts| {
        facts.sender.free_at = night;
        facts.frequency = Frequency::new(vec![night - SignedDuration::from_mins(1); 5]);
        facts.visits.clear();
    });
    assert!(matches!(rule(&answer, &facts, night), Ruling::Release(_)));
}

#[test]
fn a_circle_of_automatic_answers_is_broken() {
    let answer = Intent { origin: Origin::Answer { answers: InboundId::from_bytes([1; 16]) }, ..intent() };
    assert_eq!(refused(&answer, &with(|facts| facts.auto_replies_last_hour = 6)), [Reason::AutoReplyLoop]);
}

#[test]
fn clinical_wording_gives_way_to_neutral_wording_and_says_why() {
    type Change = fn(&mut Facts);
    let cases: [(Change, Reason); 12] = [
        (|f| f.warning = Warning::NotShown, Reason::WarningNotShown),
        (|f| f.warning = Warning::Shown, Reason::WarningNotAccepted),
        (|f| f.warning = Warning::Withdrawn, Reason::WarningNotAccepted),
        (|f| f.contact.verified_at = None, Reason::NumberNotVerified),
        (|f| f.contact.verified_at = Some(now() - SignedDuration::from_hours(24 * 366)), Reason::VerificationLapsed),
        (|f| f.contact.shared = true, Reason::SharedNumber),
        (|f| f.person.as_mut().unwrap().sensitive = true, Reason::Sensitive),
        (|f| f.visits[0].sensitive = true, Reason::Sensitive),
        (|f| f.part2 = true, Reason::PartTwo),
        (|f| f.settings.clinical_texts = false, Reason::ClinicalTextsOff),
        (|f| f.directives.push(Directive::NothingClinical), Reason::DirectiveNothingClinical),
        (
            |f| {
                f.person.as_mut().unwrap().reached =
                    Reached::Proxy(Proxy { authority: Authority::Agreed, from: date(2020, 1, 1), until: None, clinical: false });
            },
            Reason::ProxyNotClinical,
        ),
    ];
    assert_eq!(released(&clinical(), &facts()).rendering, Rendering::Preferred);
    for (change, reason) in cases {
        let release = released(&clinical(), &with(change));
        assert_eq!((release.rendering, release.degraded_by), (Rendering::Neutral, vec![reason]));
        assert_eq!(release.released.body().expose(), "neutral T1");
    }
}

#[test]
fn clinical_wording_without_a_neutral_twin_is_refused() {
    let only = Intent { wordings: vec![wording(Rendering::Preferred, Tier::T2)], ..intent() };
    assert_eq!(refused(&only, &with(|facts| facts.warning = Warning::NotShown)), [Reason::WarningNotShown]);
}

#[test]
fn some_content_never_goes_by_text() {
    let notes = Intent { wordings: vec![wording(Rendering::Preferred, Tier::T3)], ..intent() };
    assert_eq!(refused(&notes, &facts()), [Reason::NeverByText]);
}

#[test]
fn what_staff_writes_is_reviewed_when_the_guard_finds_phi_that_may_not_go() {
    let by = StaffId::from_bytes([1; 16]);
    let written = Intent { origin: Origin::Staff { by, overridden: false }, ..intent() };
    let found = with(|facts| {
        facts.guard = GuardFinding::Needs { tier: Tier::T2, sensitive: false };
        facts.warning = Warning::NotShown;
    });
    match rule(&written, &found, now()) {
        Ruling::Review { reasons } => assert_eq!(reasons, [Reason::WarningNotShown, Reason::GuardFound]),
        other => panic!("{other:?}"),
    }
    released(&Intent { origin: Origin::Staff { by, overridden: true }, ..intent() }, &found);
}

#[test]
fn a_parents_phone_stops_hearing_on_the_eighteenth_birthday() {
    let parent = Reached::Proxy(Proxy { authority: Authority::Parent, from: date(2010, 1, 1), until: None, clinical: true });
    let born = |day| {
        with(|facts| {
            let person = facts.person.as_mut().unwrap();
            person.birth_date = Some(Phi::new(day));
            person.reached = parent;
        })
    };
    released(&intent(), &born(date(2008, 11, 25)));
    assert_eq!(refused(&intent(), &born(date(2008, 11, 24))), [Reason::ProxyEnded]);
    let alone = with(|facts| facts.person.as_mut().unwrap().birth_date = Some(Phi::new(date(2010, 1, 1))));
    assert_eq!(refused(&intent(), &alone), [Reason::MinorWithoutProxy]);
}

#[test]
fn a_directive_never_to_text_beats_a_safety_notice() {
    let notice = Intent {
        origin: Origin::Emergency { approver: StaffId::from_bytes([1; 16]), until: now() + SignedDuration::from_hours(1) },
        ..intent()
    };
    released(&notice, &with(|facts| facts.consent = None));
    assert_eq!(refused(&notice, &with(|facts| facts.directives.push(Directive::NeverText))), [Reason::DirectiveNeverText]);
}

#[test]
fn a_patient_who_wants_texts_after_noon_gets_them_after_noon() {
    let afternoon = Directive::OnlyBetween(Window::new(time(12, 0, 0, 0), time(17, 0, 0, 0)));
    let (until, reasons) = held(&intent(), &with(|facts| facts.directives.push(afternoon)));
    assert_eq!((until, reasons), ("2026-11-24T17:00:00Z".parse().unwrap(), vec![Reason::DirectiveHours]));
}

#[test]
fn a_switch_that_is_off_holds_and_asks_again() {
    for (sending, reason) in [(Sending::Off, Reason::SendingOff), (Sending::RestoredNotReconciled, Reason::RestoreNotReconciled)] {
        assert_eq!(held(&intent(), &with(|facts| facts.settings.sending = sending)).1, [reason]);
    }
}

#[test]
fn the_record_of_the_facts_names_no_number_and_no_birth_date() {
    let record = facts().record(now());
    assert!(!record.contains("2125550123") && !record.contains("1980"));
    assert!(record.contains("warning=accepted"));
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let switches = proptest::collection::vec(any::<bool>(), 14);
    (switches, 0usize..4, 0usize..5, 0i64..400, 0usize..3).prop_map(|(on, warning, state, days, sent)| {
        with(|facts| {
            facts.suppression = on[0].then(suppression);
            facts.consent = if on[1] { facts.consent } else { None };
            facts.warning = [Warning::NotShown, Warning::Shown, Warning::Accepted, Warning::Withdrawn][warning];
            facts.contact.state = ContactState::ALL[state];
            facts.contact.verified_at = on[2].then(|| now() - SignedDuration::from_hours(24 * days));
            facts.contact.shared = on[3];
            facts.part2 = on[4];
            facts.settings.clinical_texts = on[5];
            facts.visits[0].coming = on[6];
            facts.visits[0].sensitive = on[7];
            facts.agreement = facts.agreement.take().filter(|_| on[8]);
            facts.unrouted_inbound = i64::from(on[9]);
            facts.settings.sending = if on[10] { Sending::On } else { Sending::Off };
            facts.person.as_mut().unwrap().sensitive = on[11];
            if on[12] {
                facts.directives.push(Directive::NeverText);
            }
            facts.sender.registration = if on[13] { Registration::Approved } else { Registration::Pending };
            facts.frequency = Frequency::new(vec![now() - SignedDuration::from_hours(30); sent]);
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_the_facts_a_release_keeps_the_promises(facts in any_facts()) {
        if let Ruling::Release(release) = rule(&clinical(), &facts, now()) {
            prop_assert!(facts.suppression.is_none(), "P3");
            prop_assert_eq!(facts.unrouted_inbound, 0);
            prop_assert!(facts.consent.is_some(), "T-01");
            prop_assert_eq!(facts.contact.state, ContactState::Live);
            prop_assert!(facts.visits[0].coming, "P2");
            prop_assert!(facts.agreement.is_some(), "H-19");
            prop_assert_eq!(facts.settings.sending, Sending::On);
            prop_assert!(facts.directives.is_empty());
            if release.tier >= Tier::T2 {
                prop_assert_eq!(facts.warning, Warning::Accepted);
                prop_assert!(facts.contact.verified_at.is_some_and(|at| now().duration_since(at) <= SignedDuration::from_hours(24 * 365)));
                prop_assert!(!facts.contact.shared && !facts.part2 && facts.settings.clinical_texts);
                prop_assert!(!facts.visits[0].sensitive && !facts.person.as_ref().unwrap().sensitive);
            }
            prop_assert!(release.released.valid_until() > now());
        }
    }

    #[test]
    fn taking_a_permission_away_never_lets_more_go(facts in any_facts()) {
        let rank = |facts: &Facts| match rule(&clinical(), facts, now()) {
            Ruling::Release(release) => 2 + (release.tier >= Tier::T2) as u8,
            Ruling::Hold { .. } | Ruling::Review { .. } => 1,
            Ruling::Refuse { .. } => 0,
        };
        let before = rank(&facts);
        let less: [fn(&mut Facts); 5] = [
            |f| f.consent = None,
            |f| f.suppression = Some(suppression()),
            |f| f.warning = Warning::Withdrawn,
            |f| f.contact.verified_at = None,
            |f| f.contact.shared = true,
        ];
        for take in less {
            let mut fewer = facts.clone();
            take(&mut fewer);
            prop_assert!(rank(&fewer) <= before);
        }
    }
}
