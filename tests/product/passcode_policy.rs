//! The tenant's passcode policy: adopted, overridden, remembered and shared, and what a change does
//! to open flows and counts.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::passcode_policy::PolicyStatus;
use latchkey::server::settings::{PasscodeLimits, Settings, TenantPolicy};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

use crate::dashboard::get_dashboard;
use crate::support::{
    KNOWN_PHONE, TestApp, Upstream, different_code, minutes, seconds, wait_until,
};
use latchkey_testkit::fault_store::FaultStore;

const CALL: &str = "login_preferences";

/// Has the tenant say another policy, and the server read it.
async fn change(app: &TestApp, policy: Value) {
    app.upstream.set_policy(policy).await;
    app.advance(minutes(10)).await;
    app.product.tenant_policy.refresh().await;
}

fn limits(app: &TestApp) -> Arc<PasscodeLimits> {
    app.product.tenant_policy.limits().get()
}

fn status(app: &TestApp) -> PolicyStatus {
    app.product.tenant_policy.status()
}

/// A read while time passes, because failed calls are repeated after a pause.
async fn refresh_while_time_passes(app: &Arc<TestApp>) {
    let policy = app.product.tenant_policy.clone();
    let reading = tokio::spawn(async move { policy.refresh().await });
    wait_until("the read to end", async || {
        app.advance_app_clock(Duration::from_millis(100));
        reading.is_finished()
    })
    .await;
}

async fn readiness(app: &TestApp) -> String {
    get_dashboard(app, "/readyz").await.body
}

fn in_memory() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

#[tokio::test]
async fn c1_the_tenants_policy_is_adopted() {
    let app = TestApp::start().await;
    assert_eq!(limits(&app).policy, TenantPolicy::DEFAULT);
    let policy =
        json!({ "otp_length": 8, "otp_lifetime": "2m", "max_failures": 7, "lockout": "20m" });
    change(&app, policy).await;
    let adopted = TenantPolicy {
        length: 8,
        lifetime: minutes(2),
        max_failures: 7,
        lockout: minutes(20),
    };
    assert_eq!(limits(&app).policy, adopted);
    assert_eq!(status(&app).told, Some(adopted));

    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    assert_eq!(code.len(), 8);
    let page = browser.get("/code").await;
    assert!(page.body.contains("data-length=\"8\""), "{}", page.body);
    for left in (0..5).rev() {
        assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], left);
    }
    // The lock window is no looser than at the vendor's defaults.
    let problem = browser.submit_code(&code).await.assert_slow_down();
    let wait = problem["retry_after"].as_u64().unwrap();
    assert!(wait > 37 * 60 && wait <= 37 * 60 + 30, "{wait}");
}

#[tokio::test]
async fn s9_a_short_lock_of_the_tenant_does_not_shorten_ours() {
    let app = TestApp::start().await;
    change(&app, json!({ "lockout": "1m" })).await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    browser.fail(KNOWN_PHONE).await;
    browser.fail(KNOWN_PHONE).await;
    app.advance(minutes(14)).await;
    browser
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
    assert_eq!(app.upstream.call_count("otp_authenticate").await, 2);
}

#[tokio::test]
async fn c6_an_open_flow_survives_every_change_of_the_policy() {
    let short = json!({ "otp_length": 6, "otp_lifetime": "2m", "max_failures": 2 });
    let default = json!({ "otp_length": 6, "otp_lifetime": "5m", "max_failures": 3 });
    let long = json!({ "otp_length": 8, "otp_lifetime": "10m", "max_failures": 20 });
    let policies = [short, default, long];
    for before in &policies {
        for after in &policies {
            let app = TestApp::start().await;
            change(&app, before.clone()).await;
            let first = limits(&app);
            let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
            // The read is provoked, so that it falls into the life of the code.
            app.upstream.set_policy(after.clone()).await;
            app.advance(seconds(61)).await;
            app.product.tenant_policy.provoke();
            wait_until("the change", async || {
                app.upstream.call_count(CALL).await == 2 && status(&app).told_at == Some(app.now())
            })
            .await;
            let second = limits(&app);
            let attempts = first.attempts_per_code().min(second.attempts_per_code());
            // Its code has the length that it was sent with, and the fewer attempts.
            let length = first.policy.length;
            assert_eq!(code.len(), length);
            let page = browser.get("/code").await.body;
            assert!(
                page.contains(&format!("data-length=\"{length}\"")),
                "{page}"
            );
            if attempts > 1 {
                let left = browser.submit_code(&different_code(&code)).await;
                let left = left.assert_code_refused()["tries_left"].clone();
                assert_eq!(left, attempts - 1, "{before} {after}");
            }
            browser.submit_code(&code).await.assert_next("/account");
        }
    }
}

#[tokio::test]
async fn c6_an_open_flow_keeps_the_shorter_lifetime() {
    for (before, after) in [("2m", "10m"), ("10m", "2m")] {
        let app = TestApp::start().await;
        change(&app, json!({ "otp_lifetime": before })).await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        app.upstream
            .set_policy(json!({ "otp_lifetime": after }))
            .await;
        app.advance(seconds(61)).await;
        app.product.tenant_policy.provoke();
        wait_until("the change", async || {
            status(&app).told_at == Some(app.now())
        })
        .await;
        app.advance(seconds(60)).await;
        browser
            .submit_code(&code)
            .await
            .assert_problem(410, "flow_expired");
        assert_eq!(app.upstream.call_count("otp_authenticate").await, 0);
    }
}

#[tokio::test]
async fn a_code_of_a_length_that_the_tenant_has_just_changed_can_be_typed() {
    let app = TestApp::start().await;
    change(&app, json!({})).await;
    // The tenant changes before this server knows, and the code is longer than its flow.
    app.upstream.set_policy(json!({ "otp_length": 8 })).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    assert_eq!(code.len(), 8);
    browser
        .submit_code(&code)
        .await
        .assert_problem(422, "invalid_code_format");
    app.advance(seconds(61)).await;
    app.product.tenant_policy.provoke();
    wait_until("the change", async || limits(&app).policy.length == 8).await;
    browser.submit_code(&code).await.assert_next("/account");
}

#[tokio::test]
async fn s9_no_count_is_reset_by_a_change() {
    let app = TestApp::start().await;
    change(&app, json!({ "max_failures": 4 })).await;
    let (mut first, _) = app.start_sign_in(KNOWN_PHONE).await;
    for left in (0..3).rev() {
        assert_eq!(first.fail(KNOWN_PHONE).await["tries_left"], left);
    }
    for (maximum, more) in [(20, 2), (2, 0), (7, 0)] {
        app.upstream
            .set_policy(json!({ "max_failures": maximum }))
            .await;
        app.advance(seconds(61)).await;
        app.product.tenant_policy.provoke();
        wait_until("the change", async || {
            status(&app).told_at == Some(app.now())
        })
        .await;
        // The flow stays exhausted; another one has what the number has left.
        first
            .submit_wrong_code(KNOWN_PHONE)
            .await
            .assert_slow_down();
        let mut other = app.browser();
        other.request_code(KNOWN_PHONE).await.assert_next("/code");
        let before = app.upstream.call_count("otp_authenticate").await;
        for _ in 0..limits(&app).attempts_per_code() {
            other.fail(KNOWN_PHONE).await;
        }
        let made = app.upstream.call_count("otp_authenticate").await - before;
        assert_eq!(made, more, "at a maximum of {maximum}");
    }
}

#[tokio::test]
async fn s9_at_a_maximum_of_one_a_new_phone_has_one_attempt() {
    let app = TestApp::start().await;
    change(&app, json!({ "max_failures": 1 })).await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_next("/account");
    app.advance(minutes(15)).await;
    let mut other = app.browser();
    other.request_code(KNOWN_PHONE).await.assert_next("/code");
    assert_eq!(other.fail(KNOWN_PHONE).await["tries_left"], 0);
    let before = app.upstream.call_count("otp_authenticate").await;
    other
        .submit_wrong_code(KNOWN_PHONE)
        .await
        .assert_slow_down();
    assert_eq!(app.upstream.call_count("otp_authenticate").await, before);
}

#[tokio::test]
async fn a_tenant_that_does_not_tell_or_tells_nonsense_leaves_the_last_known_policy() {
    let app = TestApp::start().await;
    change(&app, json!({ "otp_length": 7, "max_failures": 9 })).await;
    let known = limits(&app).policy;
    for told in [
        json!({ "expiresIn": 0 }),
        json!({ "expiresIn": null }),
        json!({ "maxFailures": 0 }),
        json!({ "maxFailures": 21 }),
        json!({ "maxFailures": "many", "codeLength": 4 }),
        json!({ "lockoutDuration": -1 }),
        json!({ "codeLength": 3 }),
        json!({ "codeLength": 60 }),
    ] {
        change(&app, json!({ "told_instead": told })).await;
        assert_eq!(limits(&app).policy, known, "{told}");
        let problem = status(&app).problem.unwrap();
        assert!(problem.contains("missing or out of range"), "{problem}");
    }
    change(&app, json!({ "told_instead": {}, "otp_enabled": false })).await;
    assert!(status(&app).problem.unwrap().contains("switched off"));
    change(&app, json!({ "otp_enabled": true, "is_readable": false })).await;
    assert!(
        status(&app)
            .problem
            .unwrap()
            .contains("authentication-methods:read")
    );
    for status_code in [401, 404, 418] {
        app.upstream.fail_with_status(CALL, status_code).await;
        change(&app, json!({})).await;
        assert_eq!(limits(&app).policy, known, "{status_code}");
        assert!(status(&app).problem.is_some());
    }
    // A tenant that withholds the policy keeps nobody out.
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser.submit_code(&code).await.assert_next("/account");
    app.upstream.inject_fault(CALL, "reset", Some(0)).await;
    change(&app, json!({ "is_readable": true })).await;
    assert_eq!((limits(&app).policy, status(&app).problem), (known, None));
}

#[tokio::test]
async fn a_restart_does_not_forget_and_an_unreachable_tenant_leaves_what_is_known() {
    let (store, upstream) = (in_memory(), Arc::new(Upstream::start().await));
    let first = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    change(&first, json!({ "otp_length": 8, "max_failures": 7 })).await;
    let known = limits(&first).policy;
    upstream.stop().await;

    let ahead = first.now().since(Clock::system().now()) + minutes(11);
    let restart = |change: fn(&mut Settings)| {
        TestApp::with_clock_ahead(store.clone(), upstream.clone(), ahead, change)
    };
    let second = restart(|_| {});
    assert_eq!(limits(&second).policy, TenantPolicy::DEFAULT);
    refresh_while_time_passes(&second).await;
    assert_eq!(limits(&second).policy, known);
    assert!(
        status(&second)
            .problem
            .unwrap()
            .contains("could not be read")
    );
    // Another application of the tenant has a policy of its own.
    let other = restart(|settings| settings.transmit.app_id = Some("another".to_owned()));
    refresh_while_time_passes(&other).await;
    assert_eq!(limits(&other).policy, TenantPolicy::DEFAULT);
}

#[tokio::test]
async fn the_tenant_is_asked_every_ten_minutes_and_when_provoked_once_a_minute() {
    let app = TestApp::start().await;
    let policy = &app.product.tenant_policy;
    for _ in 0..3 {
        policy.refresh().await;
    }
    assert_eq!(app.upstream.call_count(CALL).await, 1);
    app.advance(seconds(599)).await;
    policy.refresh().await;
    assert_eq!(app.upstream.call_count(CALL).await, 1);
    app.advance(seconds(1)).await;
    policy.refresh().await;
    assert_eq!(app.upstream.call_count(CALL).await, 2);

    // Provoked reads follow a scheduled one, and each other, after a minute.
    for calls in 3..6 {
        app.advance(seconds(59)).await;
        policy.provoke();
        assert_eq!(app.upstream.call_count(CALL).await, calls - 1);
        app.advance(seconds(1)).await;
        for _ in 0..10 {
            policy.provoke();
        }
        wait_until("the read", async || status(&app).told_at == Some(app.now())).await;
        assert_eq!(app.upstream.call_count(CALL).await, calls);
    }
}

#[tokio::test]
async fn s9_a_code_that_expires_early_has_the_policy_read_and_changes_no_reply() {
    let app = TestApp::start().await;
    app.upstream
        .set_policy(json!({ "otp_lifetime": "30s" }))
        .await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.advance(seconds(31)).await;
    browser.submit_code(&code).await.assert_code_refused();
    wait_until("the new lifetime", async || {
        limits(&app).code_lifetime() == seconds(30)
    })
    .await;
    assert_eq!(app.upstream.call_count(CALL).await, 1);
}

#[tokio::test]
async fn s9_a_lock_before_ours_has_the_policy_read_and_changes_no_reply() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    app.upstream.set_policy(json!({ "max_failures": 2 })).await;
    let wrong = browser.submit_code(&different_code(&code)).await;
    wrong.assert_code_refused();
    // A wrong code is as it should be.
    assert_eq!(app.upstream.call_count(CALL).await, 0);
    app.upstream.set_user_status(KNOWN_PHONE, "Locked").await;
    let locked = browser.submit_code(&code).await;
    locked.assert_code_refused();
    assert_eq!(locked.elapsed, wrong.elapsed);
    wait_until("the new maximum", async || {
        limits(&app).policy.max_failures == 2
    })
    .await;
    assert_eq!(app.upstream.call_count(CALL).await, 1);
}

#[tokio::test]
async fn two_nodes_ask_once_and_agree_within_a_minute() {
    let (store, upstream) = (in_memory(), Arc::new(Upstream::start().await));
    let [first, second] =
        [(); 2].map(|()| TestApp::with_store(store.clone(), upstream.clone(), |_| {}));
    upstream.set_policy(json!({ "otp_length": 7 })).await;
    first.product.tenant_policy.refresh().await;
    second.catch_up_with(&first);
    second.product.tenant_policy.refresh().await;
    assert_eq!(
        [limits(&first), limits(&second)].map(|it| it.policy.length),
        [7, 7]
    );
    assert_eq!(upstream.call_count(CALL).await, 1);

    // Ten minutes later both are due at the same time: one of them asks.
    upstream.set_policy(json!({ "otp_length": 8 })).await;
    first.advance(minutes(10)).await;
    second.catch_up_with(&first);
    tokio::join!(
        first.product.tenant_policy.refresh(),
        second.product.tenant_policy.refresh()
    );
    assert_eq!(upstream.call_count(CALL).await, 2);
    for app in [&first, &second] {
        app.product.tenant_policy.refresh().await;
        assert_eq!(limits(app).policy.length, 8);
    }
    assert_eq!(upstream.call_count(CALL).await, 2);
}

#[tokio::test]
async fn settings_override_the_tenant_and_the_operator_sees_where_they_differ() {
    let app = TestApp::with_settings(|settings| {
        settings.transmit.otp_length = Some(6);
        settings.transmit.otp_lockout = "15m".parse().ok();
    })
    .await;
    assert_eq!(readiness(&app).await, "server: ok\nstore: ok\n");
    change(&app, json!({ "otp_length": 8, "max_failures": 5 })).await;
    let limits = limits(&app);
    assert_eq!((limits.policy.length, limits.policy.max_failures), (6, 5));
    let differences = status(&app).differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(
        readiness(&app).await,
        "server: ok\nstore: ok\npolicy: differs from the tenant's (transmit.otp_length)\n"
    );
    let page = get_dashboard(&app, "/console").await.body;
    for part in [
        "transmit.otp_length is 6, and the tenant says 8",
        "Passcode policy",
        "<td>setting</td>",
        "<td>tenant</td>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn c1_short_codes_that_are_met_while_running_can_be_typed_and_are_an_alert() {
    let app = TestApp::start().await;
    change(&app, json!({ "otp_length": 4, "max_failures": 20 })).await;
    assert_eq!(limits(&app).attempts_per_code(), 2);
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    assert_eq!(code.len(), 4);
    assert_eq!(browser.fail(KNOWN_PHONE).await["tries_left"], 1);
    browser.submit_code(&code).await.assert_next("/account");
    let alert = "transmit.allow_short_codes";
    assert!(get_dashboard(&app, "/console").await.body.contains(alert));
    assert!(readiness(&app).await.contains("short codes"));

    change(&app, json!({ "otp_length": 6 })).await;
    assert_eq!(limits(&app).attempts_per_code(), 5);
    assert!(!get_dashboard(&app, "/console").await.body.contains(alert));
    assert_eq!(readiness(&app).await, "server: ok\nstore: ok\n");
}

#[tokio::test]
async fn the_policy_is_one_encrypted_record_and_a_failing_store_stops_nothing() {
    let store = FaultStore::in_memory();
    let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), |_| {});
    store.set_all_failing(true);
    change(&app, json!({ "otp_length": 7 })).await;
    assert_eq!(limits(&app).policy.length, 7);
    store.set_all_failing(false);
    for length in [8, 6] {
        change(&app, json!({ "otp_length": length })).await;
        let records = store
            .scan(RecordKind::PasscodePolicy, 10, app.now())
            .await
            .unwrap();
        assert_eq!(records.len(), 1);
        let bytes = &records[0].1.bytes;
        assert!(!bytes.windows(6).any(|part| part == b"length"));
    }
}

/// Who may guess how often depends on it, so its change must be found in the audit log.
#[tokio::test]
async fn l1_a_change_of_the_policy_is_audit_logged_by_one_node() {
    const NAME: &str = "passcode_policy_changed";
    let (store, upstream) = (in_memory(), Arc::new(Upstream::start().await));
    let nodes = [(); 2].map(|()| TestApp::with_store(store.clone(), upstream.clone(), |_| {}));
    let events = || {
        nodes
            .iter()
            .flat_map(|app| app.audit.events_named(NAME))
            .collect::<Vec<_>>()
    };
    let read = async || {
        upstream.advance_clock(minutes(10)).await;
        for app in &nodes {
            app.advance_app_clock(minutes(10));
        }
        for app in &nodes {
            app.product.tenant_policy.refresh().await;
        }
    };
    let first =
        json!({ "otp_length": 8, "otp_lifetime": "2m", "max_failures": 7, "lockout": "20m" });
    upstream.set_policy(first).await;
    read().await;
    let told =
        json!({ "code_length": 8, "code_lifetime": 120, "max_failures": 7, "lockout": 1200 });
    assert_eq!(events().len(), 1);
    assert_eq!(
        (&events()[0]["policy"], events()[0].get("former")),
        (&told, None)
    );
    read().await;
    assert_eq!(events().len(), 1, "nothing has changed");

    upstream.set_policy(json!({ "max_failures": 3 })).await;
    read().await;
    let last = events()
        .into_iter()
        .find(|event| event.get("former").is_some())
        .unwrap();
    assert_eq!(events().len(), 2);
    assert_eq!(
        (&last["former"], &last["policy"]["max_failures"]),
        (&told, &3.into())
    );

    // A restart knows what the tenant said before.
    let restarted = TestApp::with_store(store, upstream.clone(), |_| {});
    restarted.catch_up_with(&nodes[0]);
    upstream.advance_clock(minutes(10)).await;
    restarted.advance_app_clock(minutes(10));
    restarted.product.tenant_policy.refresh().await;
    assert_eq!(restarted.audit.count(NAME), 0);
}
