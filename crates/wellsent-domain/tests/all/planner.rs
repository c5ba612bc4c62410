use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::hash::{DefaultHasher, Hash, Hasher};
use wellsent_domain::message::MessageState;
use wellsent_domain::planner::{self, Changes, Covered, Existing, Lead, ReminderRule, VisitToPlan, Wanted};
use wellsent_domain::{AppointmentId, ContactPointId, Language, LocationId, MessageId, PersonId, ReminderRuleId};

fn rule(number: u8, lead: Lead) -> ReminderRule {
    ReminderRule {
        id: ReminderRuleId::from_bytes([number; 16]),
        location: None,
        visit_type: None,
        lead,
        template: "reminder".into(),
        template_for_several: "reminder_day".into(),
        useful_for: SignedDuration::from_hours(12),
        not_within: SignedDuration::from_mins(30),
    }
}

fn rules() -> Vec<ReminderRule> {
    vec![
        rule(1, Lead::DaysAt { days: 7, at: time(10, 0, 0, 0) }),
        rule(2, Lead::DaysAt { days: 2, at: time(10, 0, 0, 0) }),
        ReminderRule { useful_for: SignedDuration::from_mins(90), ..rule(3, Lead::Minutes(120)) },
    ]
}

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::civil::DateTime>().unwrap().to_zoned_datetime(zone()).unwrap().timestamp()
}

fn visit(number: u8, starts_at: &str) -> VisitToPlan {
    VisitToPlan {
        appointment: AppointmentId::from_bytes([number; 16]),
        version: 1,
        starts_at: at(starts_at),
        location: LocationId::from_bytes([1; 16]),
        zone: zone(),
        visit_type: "follow-up".into(),
        known_at: at("2026-11-01T09:00:00"),
        coming: true,
        person: PersonId::from_bytes([number; 16]),
        contact_point: ContactPointId::from_bytes([number; 16]),
        number: [9; 16],
        language: Language::En,
        patient_zone: zone(),
        permitted: true,
    }
}

fn digest(key: &str) -> [u8; 16] {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    u128::from(hasher.finish()).to_be_bytes()
}

fn plan(visits: &[VisitToPlan], rules: &[ReminderRule], now: Timestamp) -> Vec<Wanted> {
    planner::plan(visits, rules, &Covered::new(), now)
}

fn covers(want: &Wanted) -> impl Iterator<Item = (ReminderRuleId, AppointmentId, i64)> {
    want.visits.iter().map(|visit| (want.rule, visit.appointment, visit.version))
}

fn diff(wanted: Vec<Wanted>, existing: &[Existing]) -> Changes {
    planner::diff(wanted, existing, digest)
}

/// Brings a table to the wanted set, as the store does.
fn apply(table: &mut Vec<Existing>, changes: &Changes) {
    for (key, want) in &changes.add {
        assert!(table.iter().all(|have| have.key != *key), "a key is never added twice");
        let id = MessageId::from_bytes(u128::to_be_bytes(table.len() as u128 + 1));
        table.push(Existing { message: id, key: *key, state: MessageState::Planned, due_at: want.due_at, useful_until: want.useful_until });
    }
    for (id, due_at, useful_until) in changes.retime.iter().chain(&changes.revive) {
        let have = table.iter_mut().find(|have| have.message == *id).unwrap();
        (have.due_at, have.useful_until, have.state) = (*due_at, *useful_until, MessageState::Planned);
    }
    for id in &changes.withdraw {
        table.iter_mut().find(|have| have.message == *id).unwrap().state = MessageState::Withdrawn;
    }
}

fn live(table: &[Existing]) -> Vec<[u8; 16]> {
    table.iter().filter(|have| have.state == MessageState::Planned).map(|have| have.key).collect()
}

#[test]
fn a_visit_three_weeks_ahead_gets_three_reminders() {
    let wanted = plan(&[visit(1, "2026-11-24T14:15:00")], &rules(), at("2026-11-02T09:00:00"));
    let due: Vec<_> = wanted.iter().map(|want| want.due_at).collect();
    assert_eq!(due, [at("2026-11-17T10:00:00"), at("2026-11-22T10:00:00"), at("2026-11-24T12:15:00")]);
}

#[test]
fn a_booking_at_short_notice_skips_the_reminders_whose_time_is_past() {
    let mut booked = visit(1, "2026-11-24T14:15:00");
    booked.known_at = at("2026-11-23T16:00:00");
    let wanted = plan(&[booked], &rules(), at("2026-11-23T16:00:00"));
    assert_eq!(wanted.iter().map(|want| want.due_at).collect::<Vec<_>>(), [at("2026-11-24T12:15:00")]);
}

#[test]
fn several_visits_of_one_day_share_one_text_even_in_a_household() {
    let mother = visit(1, "2026-11-24T14:15:00");
    let child = visit(2, "2026-11-24T09:00:00");
    let wanted = plan(&[mother, child.clone()], &rules(), at("2026-11-02T09:00:00"));
    assert_eq!(wanted.len(), 3);
    assert!(wanted.iter().all(|want| want.visits.len() == 2 && want.template == "reminder_day"));
    assert_eq!(wanted[0].visits[0].appointment, child.appointment, "the earliest visit comes first");
    assert_eq!(wanted[2].due_at, at("2026-11-24T07:00:00"), "two hours before the first");
}

#[test]
fn the_same_day_at_another_phone_or_in_another_language_is_a_text_of_its_own() {
    let first = visit(1, "2026-11-24T14:15:00");
    let other_phone = VisitToPlan { number: [8; 16], ..visit(2, "2026-11-24T09:00:00") };
    let spanish = VisitToPlan { language: Language::Es, ..visit(3, "2026-11-24T10:00:00") };
    let wanted = plan(&[first, other_phone, spanish], &rules(), at("2026-11-02T09:00:00"));
    assert_eq!(wanted.len(), 9);
}

#[test]
fn a_moved_visit_withdraws_its_unsent_texts_and_plans_new_ones() {
    let now = at("2026-11-18T09:00:00");
    let before = visit(1, "2026-11-24T14:15:00");
    let mut table = Vec::new();
    apply(&mut table, &diff(plan(std::slice::from_ref(&before), &rules(), at("2026-11-02T09:00:00")), &[]));
    table[0].state = MessageState::Delivered;
    let moved = VisitToPlan { version: 2, starts_at: at("2026-11-30T08:00:00"), known_at: now, ..before };
    let changes = diff(plan(&[moved], &rules(), now), &table);
    apply(&mut table, &changes);
    let states: Vec<_> = table.iter().map(|have| have.state).collect();
    use MessageState::*;
    assert_eq!(states, [Delivered, Withdrawn, Withdrawn, Planned, Planned, Planned]);
}

#[test]
fn a_cancelled_visit_withdraws_everything_and_its_neighbour_is_planned_alone() {
    let now = at("2026-11-02T09:00:00");
    let stays = visit(1, "2026-11-24T14:15:00");
    let goes = visit(2, "2026-11-24T09:00:00");
    let mut table = Vec::new();
    apply(&mut table, &diff(plan(&[stays.clone(), goes.clone()], &rules(), now), &[]));
    let cancelled = VisitToPlan { coming: false, version: 2, ..goes };
    let alone = plan(&[stays, cancelled], &rules(), now);
    assert!(alone.iter().all(|want| want.visits.len() == 1));
    let keys: Vec<_> = alone.iter().map(|want| digest(&want.key)).collect();
    let changes = diff(alone, &table);
    apply(&mut table, &changes);
    assert_eq!(live(&table), keys);
}

#[test]
fn what_a_shared_text_told_is_not_told_again_when_its_neighbour_is_cancelled() {
    let (before, after) = (at("2026-11-02T09:00:00"), at("2026-11-22T11:00:00"));
    let stays = visit(1, "2026-11-24T14:15:00");
    let goes = visit(2, "2026-11-24T09:00:00");
    let shared = plan(&[stays.clone(), goes.clone()], &rules(), before);
    let covered: Covered = shared.iter().filter(|want| want.due_at < after).flat_map(covers).collect();
    let cancelled = VisitToPlan { coming: false, version: 2, ..goes };
    let wanted = planner::plan(&[stays, cancelled], &rules(), &covered, after);
    assert_eq!(wanted.iter().map(|want| want.due_at).collect::<Vec<_>>(), [at("2026-11-24T12:15:00")], "only the one two hours before");
}

#[test]
fn a_member_of_the_household_without_consent_does_not_keep_the_others_reminder_back() {
    let mother = visit(1, "2026-11-24T14:15:00");
    let child = VisitToPlan { permitted: false, ..visit(2, "2026-11-24T09:00:00") };
    let wanted = plan(&[mother, child], &rules(), at("2026-11-02T09:00:00"));
    assert_eq!(wanted.len(), 6);
    assert!(wanted.iter().all(|want| want.visits.len() == 1));
}

#[test]
fn a_visit_booked_too_late_for_a_text_does_not_take_its_neighbours_text_along() {
    let (mut late, mut later) = (visit(1, "2026-11-24T09:00:00"), visit(2, "2026-11-24T15:00:00"));
    // The two-hour text of the first was due at seven; both were booked at eight.
    (late.known_at, later.known_at) = (at("2026-11-24T08:00:00"), at("2026-11-24T08:00:00"));
    let wanted = plan(&[late, later.clone()], &rules(), at("2026-11-24T08:00:00"));
    assert_eq!(wanted.len(), 1, "{wanted:?}");
    assert_eq!(wanted[0].due_at, at("2026-11-24T13:00:00"));
    assert_eq!(wanted[0].visits.iter().map(|visit| visit.appointment).collect::<Vec<_>>(), [later.appointment]);
}

#[test]
fn a_visit_whose_text_is_of_no_use_any_more_does_not_take_its_neighbours_text_along() {
    let (first, later) = (visit(1, "2026-11-24T09:00:00"), visit(2, "2026-11-24T15:00:00"));
    // The text of the first was of use until half past eight and never went.
    let wanted = plan(&[first, later.clone()], &rules(), at("2026-11-24T08:45:00"));
    assert_eq!(wanted.len(), 1, "{wanted:?}");
    assert_eq!(wanted[0].due_at, at("2026-11-24T13:00:00"));
    assert_eq!(wanted[0].visits.iter().map(|visit| visit.appointment).collect::<Vec<_>>(), [later.appointment]);
}

#[test]
fn a_rule_that_moves_its_hour_retimes_what_is_planned() {
    let now = at("2026-11-02T09:00:00");
    let visits = [visit(1, "2026-11-24T14:15:00")];
    let mut table = Vec::new();
    apply(&mut table, &diff(plan(&visits, &rules(), now), &[]));
    let mut earlier = rules();
    earlier[0].lead = Lead::DaysAt { days: 7, at: time(9, 0, 0, 0) };
    let changes = diff(plan(&visits, &earlier, now), &table);
    assert_eq!((changes.retime.len(), changes.add.len(), changes.withdraw.len()), (1, 0, 0));
    assert_eq!(changes.retime[0].1, at("2026-11-17T09:00:00"));
}

#[derive(Debug, Clone)]
enum Act {
    Move(usize, i64),
    Cancel(usize),
    Restore(usize),
    Send(usize),
    Pass(i64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (0usize..4, 1i64..600).prop_map(|(v, h)| Act::Move(v, h)),
        (0usize..4).prop_map(Act::Cancel),
        (0usize..4).prop_map(Act::Restore),
        (0usize..20).prop_map(Act::Send),
        (1i64..72).prop_map(Act::Pass),
    ];
    proptest::collection::vec(act, 1..25)
}

proptest! {
    #[test]
    fn whatever_happens_to_the_visits_planning_again_changes_nothing_and_no_reminder_goes_twice(acts in acts()) {
        let mut now = at("2026-11-02T09:00:00");
        let mut visits: Vec<_> = (0..4).map(|n| visit(n + 1, "2026-11-24T14:15:00")).collect();
        let mut table: Vec<Existing> = Vec::new();
        let mut told: Vec<(ReminderRuleId, AppointmentId, i64)> = Vec::new();
        let mut known: Vec<Wanted> = Vec::new();
        for act in acts {
            match act {
                Act::Move(v, hours) => {
                    visits[v].starts_at = now + SignedDuration::from_hours(hours);
                    visits[v].version += 1;
                    visits[v].known_at = now;
                }
                Act::Cancel(v) => { visits[v].coming = false; visits[v].version += 1; }
                Act::Restore(v) => { visits[v].coming = true; visits[v].version += 1; visits[v].known_at = now; }
                Act::Send(n) => if let Some(have) = table.get_mut(n).filter(|have| have.state == MessageState::Planned) {
                    have.state = MessageState::Submitted;
                    let want = known.iter().find(|want| digest(&want.key) == have.key).unwrap();
                    for visit in covers(want) {
                        prop_assert!(!told.contains(&visit), "a visit is told once under a rule");
                        told.push(visit);
                    }
                },
                Act::Pass(hours) => now += SignedDuration::from_hours(hours),
            }
            let covered: Covered = told.iter().copied().collect();
            let wanted: Vec<Wanted> = planner::plan(&visits, &rules(), &covered, now);
            known.extend(wanted.iter().cloned());
            for want in &wanted {
                prop_assert!(want.due_at < want.useful_until && want.useful_until > now);
                let first = want.visits[0];
                let visit = visits.iter().find(|visit| visit.appointment == first.appointment).unwrap();
                prop_assert!(visit.coming && want.useful_until <= visit.starts_at);
            }
            let changes = diff(wanted.clone(), &table);
            apply(&mut table, &changes);
            prop_assert!(diff(planner::plan(&visits, &rules(), &covered, now), &table).is_empty(), "planning again changes nothing");
            for have in table.iter().filter(|have| have.state == MessageState::Planned) {
                prop_assert!(wanted.iter().any(|want| digest(&want.key) == have.key), "nothing unwanted stays planned");
            }
        }
    }
}
