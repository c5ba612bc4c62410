use jiff::SignedDuration;
use wellsent_domain::Tier;
use wellsent_engine::EngineError;
use wellsent_store::templates::StoredTemplate;
use wellsent_testkit::house::{Backend, House, Plan, start};
use wellsent_text::template::ContentKind;

fn reminder(english: &str) -> StoredTemplate {
    StoredTemplate {
        name: "reminder".into(),
        tier: Tier::T1,
        kind: ContentKind::Informational,
        neutral_twin: None,
        english: english.into(),
        spanish: None,
    }
}

#[test]
fn a_wording_is_checked_when_it_is_saved_and_then_goes_in_place_of_the_built_in_one() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::build(Plan::on(Backend::Sqlite)).await;
        let ana = house.patient().await;
        house.visit(&ana, start() + SignedDuration::from_hours(9 * 24)).await;
        house.settle().await;
        for (wording, code) in [
            ("{{practice}}: see you {{when}}. Reply YES to confirm. Reply STOP to opt out.", "banned_prompt"),
            ("See you {{when}}. Reply C or call {{phone}}. Reply STOP to opt out.", "missing_practice_name"),
            ("{{practice}}: see you {{when}}. Reply C or call {{phone}}.", "missing_opt_out"),
            ("{{practice}}: your {{medication}} is ready. Reply STOP to opt out.", "tier_too_low"),
            ("{{practice}}: your {{result}} is in. Reply STOP to opt out.", "never_by_sms"),
            ("{{practice}}: see you {{whenever}}. Reply STOP to opt out.", "unknown_variable"),
        ] {
            match house.engine.save_template(house.access(), reminder(wording)).await {
                Err(EngineError::Template(findings)) => {
                    let codes: Vec<_> = findings.iter().map(|finding| finding.code()).collect();
                    assert!(codes.contains(&code), "{wording}: {codes:?}");
                }
                other => panic!("{wording}: {other:?}"),
            }
        }
        let good = "{{practice}}: we will see you {{when}}. Reply C to confirm, R to reschedule. {{phone}}. Reply STOP to opt out.";
        house.engine.save_template(house.access(), reminder(good)).await.expect("it passes");
        house.wait_until(start() + SignedDuration::from_hours(2 * 24));
        house.settle().await;
        assert!(house.got(&ana.number)[0].starts_with("Elm St Clinic: we will see you Wed 3/10"));
    });
}
