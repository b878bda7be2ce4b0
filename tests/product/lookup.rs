//! `latchkey lookup`: why no code arrives, and whether a code would be taken (requirements L2, L5).

use latchkey::server::admin::commands::{AdminCommand, AdminReply, run_command};
use latchkey::server::admin::lookup::{LookupKey, LookupReport};
use latchkey::server::admin::personal_data::Person;
use latchkey::server::settings::GuardSettings;
use latchkey::server::store::{Precondition, RecordKind, Store};
use serde_json::json;
use std::sync::Arc;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, Upstream, minutes};
use latchkey_testkit::fault_store::FaultStore;
use latchkey_testkit::redis_server::{RedisServer, open_default};

const OTHER: &str = "+447400777888";

async fn look_up(app: &TestApp, key: LookupKey) -> Option<LookupReport> {
    let command = AdminCommand::Lookup { key };
    match run_command(&app.product.admin_services(), &command).await {
        AdminReply::Found { report } => {
            let text = serde_json::to_string(&report).unwrap();
            assert!(!text.contains("7400"), "{text}");
            Some(*report)
        }
        AdminReply::NothingStored => None,
        other => panic!("{other:?}"),
    }
}

async fn look_up_number(app: &TestApp, phone: &str) -> LookupReport {
    let report = look_up(app, LookupKey::Any(phone.to_owned())).await;
    report.unwrap()
}

fn outcomes(report: &LookupReport) -> Vec<(&str, &str)> {
    let events = report.recent_events.iter();
    let pair = events.map(|event| (event.event.as_str(), event.outcome.as_str()));
    pair.collect()
}

#[tokio::test]
async fn a_number_its_user_and_its_requests_lead_to_the_same_events() {
    let app = TestApp::start().await;
    let nothing = look_up_number(&app, KNOWN_PHONE).await;
    assert_eq!((nothing.sessions, nothing.recent_events.len()), (0, 0));
    assert!(nothing.next_code.unwrap().is_allowed && nothing.upstream.is_none());

    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    let report = look_up_number(&app, KNOWN_PHONE).await;
    let expected = [
        ("otp_requested", "queued"),
        ("otp_send_result", "sent"),
        ("authn_login_success", ""),
    ];
    assert_eq!(outcomes(&report), expected);
    assert_eq!((report.sessions, report.recognised_browsers), (1, Some(1)));
    assert_eq!(report.failures, 0);
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains(&code), "no code is shown: {text}");
    let signed_in = &app.audit.events_named("authn_login_success")[0];
    assert_eq!(signed_in["user"], report.audit_log.users[0].as_str());
    assert_eq!(
        signed_in["subject"]["identifier"].as_str(),
        report.audit_log.identifier.as_deref()
    );
    let limit = |name: &str| report.limits.iter().find(|limit| limit.name == name);
    assert_eq!(limit("sends_day_total").unwrap().used, 1);
    for name in ["sends_prefix_day_total", "sends_country_day_total"] {
        assert_eq!(limit(name).unwrap().used, 1, "{name}");
    }

    let request = report.recent_events[2].request_id.clone().unwrap();
    let sub = browser.user_id().await;
    for key in [
        LookupKey::Request(request.clone()),
        LookupKey::Any(request),
        LookupKey::User(sub.clone()),
        LookupKey::Any(sub),
    ] {
        let found = look_up(&app, key.clone()).await.unwrap();
        assert_eq!(found.recent_events, report.recent_events, "{key:?}");
        assert_eq!(found.audit_log, report.audit_log, "{key:?}");
        assert_eq!((found.sessions, found.failures), (1, 0), "{key:?}");
        assert_eq!(found.next_attempt, report.next_attempt, "{key:?}");
    }
    for key in [
        LookupKey::Request("0123456789abcdef".to_owned()),
        LookupKey::User("nobody".to_owned()),
        LookupKey::Any("nobody".to_owned()),
    ] {
        assert_eq!(look_up(&app, key).await, None);
    }
    let read = app.audit.events_named("sensitive_read");
    for event in &read {
        assert!(event["uid"].is_number(), "{event}");
        assert_eq!(event["subject"], signed_in["subject"], "{event}");
        assert_eq!(event["users"], json!(report.audit_log.users), "{event}");
    }
    assert_eq!(
        read.len(),
        5,
        "one for each lookup that found something about a person"
    );
    app.advance(minutes(7 * 24 * 60)).await;
    assert_eq!(look_up_number(&app, KNOWN_PHONE).await.recent_events, []);
}

#[tokio::test]
async fn a_lookup_names_the_reason_of_upstream_and_the_limits_that_refuse() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.start(UNKNOWN_PHONE).await;
    app.wait_for_sends().await;
    let report = look_up_number(&app, UNKNOWN_PHONE).await;
    let upstream = report.upstream.unwrap();
    assert_eq!(upstream.outcome, "not_sent");
    assert!(upstream.reason.unwrap().contains("user not found"));
    let next = report.next_code.unwrap();
    assert_eq!(next.refused_by.as_deref(), Some("cool_down"));
    assert!(next.until.is_some() && report.next_attempt.unwrap().is_allowed);

    app.browser().start(UNKNOWN_PHONE).await;
    let report = look_up_number(&app, UNKNOWN_PHONE).await;
    assert_eq!(
        outcomes(&report).last(),
        Some(&("otp_requested", "withheld_cool_down"))
    );
    // A number without a user, found by its request.
    let request = report.recent_events[0].request_id.clone().unwrap();
    look_up(&app, LookupKey::Request(request)).await.unwrap();
    let read = app.audit.events_named("sensitive_read");
    assert_eq!(read.len(), 3);
    for event in read {
        let name = event["subject"]["identifier"].as_str();
        assert_eq!(name, report.audit_log.identifier.as_deref());
        assert_eq!(event["subject"]["country"], "GB");
    }

    app.advance(minutes(2)).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut attacker = app.browser();
    attacker.start(KNOWN_PHONE).await;
    let before = look_up_number(&app, KNOWN_PHONE).await;
    for _ in 0..before.attempts_left.unwrap() {
        attacker.fail(KNOWN_PHONE).await;
        app.advance(minutes(1)).await;
    }
    let report = look_up_number(&app, KNOWN_PHONE).await;
    assert_eq!(report.attempts_left, Some(0));
    assert_eq!(report.failures, before.attempts_left.unwrap());
    let next = report.next_attempt.unwrap();
    assert!(next.refused_by.is_some());
    // The next attempt is refused by this limit, until then.
    let mut another = app.browser();
    another.start(KNOWN_PHONE).await;
    another.fail(KNOWN_PHONE).await;
    let lock = &app.audit.events_named("authn_login_lock")[0];
    assert_eq!(lock["limit"].as_str(), next.refused_by.as_deref());
    assert_eq!(lock["retry_at"].as_str(), next.until.as_deref());
    assert!(report.upstream.unwrap().reason.unwrap().contains("refused"));
}

#[tokio::test]
async fn the_next_code_is_withheld_by_budgets_of_the_service_the_country_and_sign_ups() {
    type Change = fn(&mut GuardSettings);
    let limits: [(Change, &str, &str); 3] = [
        (|guard| guard.service_hourly = 1, "send-code", "sends_hour"),
        (
            |guard| guard.country_hourly = 1,
            "send-code",
            "sends_country_hour",
        ),
        (
            |guard| guard.service_sign_ups_daily = 1,
            "sign-up",
            "sign_ups_day",
        ),
    ];
    for (change, function, limit) in limits {
        let app = TestApp::with_settings(|settings| change(&mut settings.guard)).await;
        for phone in [KNOWN_PHONE, OTHER] {
            app.upstream.set_user_status(phone, "Active").await;
        }
        let next_code = async || look_up_number(&app, KNOWN_PHONE).await.next_code.unwrap();
        assert!(next_code().await.is_allowed, "{limit}");
        // Somebody else uses the budget up.
        let other = app.browser().post(function, &[("phone", OTHER)]).await;
        other.assert_next("/code");
        app.wait_for_sends().await;
        assert_eq!(next_code().await.refused_by.as_deref(), Some(limit));
        if function == "sign-up" {
            app.browser()
                .sign_in(KNOWN_PHONE)
                .await
                .assert_next("/account");
            assert!(next_code().await.is_allowed, "a user does not sign up");
        }
    }
}

#[tokio::test]
async fn l5_an_erasure_deletes_recent_events_and_an_export_holds_them() {
    let app = TestApp::start().await;
    app.browser().sign_in(KNOWN_PHONE).await;
    let before = look_up_number(&app, KNOWN_PHONE).await;
    let services = app.product.admin_services();
    let person = Person::Number(KNOWN_PHONE.to_owned());
    let export = AdminCommand::Export {
        person: person.clone(),
    };
    let AdminReply::Exported { data } = run_command(&services, &export).await else {
        panic!("an export");
    };
    assert_eq!(data.recent_events, before.recent_events);
    let erase = AdminCommand::Erase {
        person,
        with_limits: false,
    };
    let AdminReply::Erased { erasure } = run_command(&services, &erase).await else {
        panic!("an erasure");
    };
    assert_eq!(erasure.recent_events, 3);
    for kind in [RecordKind::RecentEvents, RecordKind::RequestEvents] {
        assert_eq!(
            app.product.store.scan(kind, 10, app.now()).await.unwrap(),
            []
        );
    }
    let request = before.recent_events[0].request_id.clone().unwrap();
    assert_eq!(look_up(&app, LookupKey::Request(request)).await, None);
    assert_eq!(look_up_number(&app, KNOWN_PHONE).await.recent_events, []);
}

#[tokio::test]
async fn a_user_who_has_another_number_now_is_not_found_by_the_old_one() {
    let redis = RedisServer::start();
    let store: Arc<dyn Store> = Arc::new(open_default(&redis.url()));
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    for phone in [KNOWN_PHONE, OTHER] {
        app.upstream.set_user_status(phone, "Active").await;
    }
    let mut browser = app.browser();
    browser.sign_in(OTHER).await.assert_next("/account");
    let histories = store.scan(RecordKind::SignInHistory, 10, app.now()).await;
    let (key, record) = histories.unwrap().remove(0);
    app.browser().sign_in(KNOWN_PHONE).await;
    // The user with the other number had this one before. Redis lists users under both then.
    let deps = app.product.state.services.sign_in.deps();
    for phone in [KNOWN_PHONE, OTHER] {
        let identifier = deps
            .identifier_parser
            .parse(phone, None)
            .unwrap()
            .identifier;
        let (number, until) = (deps.identifier_key(&identifier), record.expires_at);
        let bytes = record.bytes.clone();
        let put = store.put(
            key,
            Some(number),
            Precondition::Any,
            bytes,
            until,
            app.now(),
        );
        put.await.unwrap();
        assert!(
            store
                .keys_by_owner(number, app.now())
                .await
                .unwrap()
                .contains(&key)
        );
    }
    for phone in [KNOWN_PHONE, OTHER] {
        let report = look_up_number(&app, phone).await;
        let request = report.recent_events[0].request_id.clone().unwrap();
        for key in [
            LookupKey::Any(phone.to_owned()),
            LookupKey::Request(request),
        ] {
            let found = look_up(&app, key.clone()).await.unwrap();
            assert_eq!(found.audit_log.users.len(), 1, "{key:?}");
            assert_eq!(found.sessions, 1, "{key:?}");
        }
    }
}

#[tokio::test]
async fn no_request_waits_for_a_write_of_recent_events() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    let is_of_events = |write: &String| write.contains("Events");
    store.take_writes();
    app.browser().sign_in(KNOWN_PHONE).await;
    assert_eq!(
        store
            .take_writes()
            .iter()
            .filter(|w| is_of_events(w))
            .count(),
        0
    );
    app.product.save_recent_events().await;
    let written = store.take_writes();
    // The record, and what its three requests lead to; the send and its result are of one request.
    assert_eq!(
        written.iter().filter(|w| is_of_events(w)).count(),
        3,
        "{written:?}"
    );
}
