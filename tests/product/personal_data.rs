//! Export and erasure of what is stored about a person (requirement L5).

use latchkey::server::admin::commands::{AdminCommand, AdminReply, run_command};
use latchkey::server::admin::personal_data::{Erasure, Person, PersonalData};
use latchkey::server::store::RecordKind;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, minutes};

const OTHER: &str = "+447400777888";
const DAY: u64 = 24 * 60;
/// What is kept about a person who is signed in.
const KINDS: [RecordKind; 3] = [
    RecordKind::Session,
    RecordKind::RecognisedDevice,
    RecordKind::SignInHistory,
];

fn number(phone: &str) -> Person {
    Person::Number(phone.to_owned())
}

async fn run(app: &TestApp, command: AdminCommand) -> AdminReply {
    run_command(&app.product.admin_services(), &command).await
}

async fn export(app: &TestApp, person: Person) -> Option<PersonalData> {
    match run(app, AdminCommand::Export { person }).await {
        AdminReply::Exported { data } => Some(*data),
        AdminReply::NothingStored => None,
        other => panic!("{other:?}"),
    }
}

async fn erase(app: &TestApp, person: Person, with_limits: bool) -> Option<Erasure> {
    let command = AdminCommand::Erase {
        person,
        with_limits,
    };
    match run(app, command).await {
        AdminReply::Erased { erasure } => Some(erasure),
        AdminReply::NothingStored => None,
        other => panic!("{other:?}"),
    }
}

/// How many records there are of each kind.
async fn record_counts(app: &TestApp) -> [usize; 3] {
    let mut counts = [0; 3];
    for (count, kind) in counts.iter_mut().zip(KINDS) {
        let found = app.product.store.scan(kind, 100, app.now()).await;
        *count = found.unwrap().len();
    }
    counts
}

#[tokio::test]
async fn l5_an_export_holds_what_is_stored_and_names_it_as_events_do() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let session = browser.get("/api/session").await.json();
    let data = export(&app, number(KNOWN_PHONE)).await.unwrap();
    assert_eq!((data.sessions.len(), data.devices.len()), (1, 1));
    assert_eq!(session["sub"], data.sessions[0].listed.user.as_str());
    assert!(data.histories[0].last_sign_in_at.is_some());
    assert_eq!(data.devices[0].numbers, 1);
    let total = data
        .counters
        .iter()
        .find(|found| found.name == "sends_day_total");
    assert_eq!(total.unwrap().used, 1);
    let signed_in = &app.audit.events_named("authn_login_success")[0];
    assert_eq!(
        signed_in["subject"]["identifier"].as_str(),
        data.audit_log.identifier.as_deref()
    );
    assert_eq!(signed_in["user"], data.audit_log.users[0].as_str());

    let of_user = Person::User(data.sessions[0].listed.user.clone());
    let by_user = export(&app, of_user).await.unwrap();
    assert_eq!(by_user.sessions, data.sessions);
    assert_eq!(by_user.histories, data.histories);
    let events = app.audit.events_named("sensitive_read");
    assert_eq!(events.len(), 2);
    for event in events {
        assert!(event["uid"].is_number(), "{event}");
        assert_eq!(event["users"][0], signed_in["user"]);
        assert_eq!(event["subject"], signed_in["subject"], "{event}");
    }
}

#[tokio::test]
async fn l5_an_erasure_ends_sessions_and_leaves_no_record() {
    for by_user in [false, true] {
        let app = TestApp::start().await;
        let mut browsers = [app.browser(), app.browser()];
        for browser in &mut browsers {
            browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
        }
        let mut other = app.browser();
        other.sign_in(OTHER).await.assert_next("/account");
        assert_eq!(record_counts(&app).await, [3, 3, 2]);
        let session = browsers[0].get("/api/session").await.json();
        let person = match by_user {
            true => Person::User(session["sub"].as_str().unwrap().to_owned()),
            false => number(KNOWN_PHONE),
        };
        let erasure = erase(&app, person.clone(), false).await.unwrap();
        let devices = if by_user { 0 } else { 2 };
        assert_eq!(
            (erasure.sessions, erasure.histories, erasure.devices),
            (2, 1, devices)
        );
        assert_eq!(record_counts(&app).await, [1, 3 - devices, 1]);
        for browser in &mut browsers {
            assert!(!browser.is_signed_in().await);
        }
        assert!(other.is_signed_in().await);
        let events = app.audit.events_named("sensitive_delete");
        assert_eq!((events.len(), &events[0]["sessions"]), (1, &2.into()));
        assert!(events[0]["uid"].is_number());
        let ended = |event: &serde_json::Value| {
            event["event"] == "session_ended" && event["by"] == "operator"
        };
        assert_eq!(app.audit.count_matching(ended), 2);

        // Once the windows of the counters have ended, nothing is left.
        app.advance(minutes(2 * DAY)).await;
        assert_eq!(erase(&app, person.clone(), false).await, None);
        assert_eq!(export(&app, person).await, None);
    }
}

#[tokio::test]
async fn l5_c7_an_erasure_does_not_unlock_a_number_unless_it_is_told_to() {
    let app = TestApp::start().await;
    app.browser().sign_in(KNOWN_PHONE).await;
    app.advance(minutes(2)).await;
    let mut attacker = app.browser();
    attacker.start(KNOWN_PHONE).await;
    for _ in 0..2 {
        attacker.fail(KNOWN_PHONE).await;
    }
    let attempts = async || app.upstream.call_count("otp_authenticate").await;
    let before = attempts().await;
    let guess = async || {
        app.advance(minutes(2)).await;
        let mut attacker = app.browser();
        attacker.start(KNOWN_PHONE).await;
        attacker.fail(KNOWN_PHONE).await;
        attempts().await
    };
    assert_eq!(guess().await, before, "the number is locked");
    let erasure = erase(&app, number(KNOWN_PHONE), false).await.unwrap();
    assert_eq!((erasure.sessions, erasure.devices), (1, 1));
    let kept: Vec<&str> = erasure
        .kept_counters
        .iter()
        .map(|counter| counter.name.as_str())
        .collect();
    for name in ["tries", "failures", "sends_day_total"] {
        assert!(kept.contains(&name), "{name}: {kept:?}");
    }
    assert_eq!(guess().await, before, "an erasure gives no new attempts");
    assert_eq!(app.audit.count("authn_login_unlock"), 0);

    let erasure = erase(&app, number(KNOWN_PHONE), true).await.unwrap();
    assert_eq!(erasure.kept_counters, []);
    assert!(erasure.counters > 0);
    assert_eq!(app.audit.count("authn_login_unlock"), 1);
    assert_eq!(guess().await, before + 1);
}

#[tokio::test]
async fn l5_an_erasure_leaves_what_belongs_to_another_number_of_the_same_browser() {
    let app = TestApp::start().await;
    let mut shared = app.browser();
    shared.sign_in(KNOWN_PHONE).await.assert_next("/account");
    shared.sign_in(OTHER).await.assert_next("/account");
    let data = export(&app, number(KNOWN_PHONE)).await.unwrap();
    assert_eq!(data.devices[0].numbers, 2);
    let erasure = erase(&app, number(KNOWN_PHONE), false).await.unwrap();
    assert_eq!((erasure.devices, erasure.histories), (1, 1));
    assert!(shared.is_signed_in().await);
    assert_eq!(record_counts(&app).await, [1, 1, 1]);
    let others = export(&app, number(OTHER)).await.unwrap();
    assert_eq!(others.devices[0].numbers, 1);
    shared.sign_in(OTHER).await.assert_next("/account");
    let last = &app.audit.events_named("authn_login_success")[2];
    assert_eq!(last["new_browser"], false);
}

#[tokio::test]
async fn l5_nothing_is_stored_about_a_stranger_and_what_is_no_number_is_refused() {
    let app = TestApp::start().await;
    assert_eq!(export(&app, number(UNKNOWN_PHONE)).await, None);
    assert_eq!(erase(&app, number(UNKNOWN_PHONE), true).await, None);
    let stranger = Person::User("nobody".to_owned());
    assert_eq!(erase(&app, stranger, false).await, None);
    let person = number("no number");
    let reply = run(&app, AdminCommand::Export { person }).await;
    assert!(matches!(reply, AdminReply::Failed(failure) if !failure.may_pass));
}
