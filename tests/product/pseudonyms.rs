//! The names of people in the audit log: before an erasure an operator can link lines to a person,
//! after it nobody can (requirements L2, L5).

use std::collections::BTreeSet;
use std::sync::Arc;

use latchkey::server::admin::commands::{AdminCommand, AdminReply, run_command};
use latchkey::server::admin::personal_data::{AuditNames, Person};
use latchkey::server::crypto::hash::{to_hex, to_hex_128};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{RecordKind, Store};
use serde_json::Value;

use crate::support::{KNOWN_PHONE, TestApp, UNKNOWN_PHONE, Upstream, minutes};
use latchkey_testkit::redis_server::{RedisServer, open_default};

/// Which fields of records may hold a name of the audit log.
const KINDS: [(RecordKind, &str); 3] = [
    (RecordKind::Session, "latchkey session v1"),
    (RecordKind::SignInHistory, "latchkey sign-ins v1"),
    (RecordKind::AuditPseudonym, "latchkey audit pseudonym v1"),
];

async fn run(app: &TestApp, command: AdminCommand) -> AdminReply {
    run_command(&app.product.admin_services(), &command).await
}

async fn exported_names(app: &TestApp, person: &Person) -> Option<AuditNames> {
    let person = person.clone();
    match run(app, AdminCommand::Export { person }).await {
        AdminReply::Exported { data } => Some(data.audit_log),
        AdminReply::NothingStored => None,
        other => panic!("{other:?}"),
    }
}

async fn erase(app: &TestApp, person: &Person) {
    let command = AdminCommand::Erase {
        person: person.clone(),
        with_limits: false,
    };
    let reply = run(app, command).await;
    assert!(matches!(reply, AdminReply::Erased { .. }), "{reply:?}");
}

/// The names in lines: of numbers and of users.
fn names_in(events: &[Value]) -> BTreeSet<String> {
    let of_number = events.iter().map(|event| &event["subject"]["identifier"]);
    let of_user = events.iter().map(|event| &event["user"]);
    let texts = of_number.chain(of_user).filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// Everything that is stored where names may be, decrypted.
async fn stored_text(app: &TestApp) -> String {
    let (keys, mut text) = (&app.product.state.services.keys, String::new());
    for (kind, context) in KINDS {
        let records = app.product.store.scan(kind, 1000, app.now()).await.unwrap();
        for (key, record) in records {
            let opened: Option<Value> =
                keys.decrypt_record(context.as_bytes(), &key.id, &record.bytes);
            text += &opened.unwrap().to_string();
        }
    }
    text
}

/// Everything that can be computed of a person with `secrets.key`.
fn computable(app: &TestApp, sub: &str) -> Vec<String> {
    let services = &app.product.state.services;
    let identifier = services
        .sign_in
        .deps()
        .identifier_parser
        .parse(KNOWN_PHONE, None)
        .unwrap()
        .identifier;
    let owner = services.sessions.owner_key(app.upstream.base_url(), sub);
    let hashes = [services.keys.identifier_index(&identifier), owner];
    let hashes = hashes
        .iter()
        .flat_map(|hash| [to_hex(hash), to_hex_128(hash)]);
    hashes
        .chain([KNOWN_PHONE.to_owned(), sub.to_owned()])
        .collect()
}

async fn an_erasure_unlinks(store: Arc<dyn Store>, by_user: bool) {
    let app = TestApp::with_store(store, Arc::new(Upstream::start().await), |_| {});
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    browser.post("extend-session", &[]).await;
    browser.post("sign-out", &[]).await;
    app.advance(minutes(2)).await;
    app.browser().request_code(KNOWN_PHONE).await;
    app.advance(minutes(2)).await;
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    app.wait_for_sends().await;
    let sub = browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = match by_user {
        true => Person::User(sub.clone()),
        false => Person::Number(KNOWN_PHONE.to_owned()),
    };

    // Before: every line about the person has one of the two names of the export.
    let names = exported_names(&app, &person).await.unwrap();
    let old: BTreeSet<_> = names.users.into_iter().chain(names.identifier).collect();
    assert_eq!(old.len(), 2, "one for the number, one for the user");
    assert_eq!(names_in(&app.audit.events()), old);
    let with_user = |event: &Value| event["user"].is_string();
    assert!(app.audit.count_matching(with_user) >= 6);

    erase(&app, &person).await;
    // After: nothing in the store leads to the names, and nothing that can be computed is one.
    let stored = stored_text(&app).await;
    assert!(old.iter().all(|name| !stored.contains(name)), "{stored}");
    let log = app.audit.text();
    for value in computable(&app, &sub) {
        assert!(!log.contains(&value), "{value} is in the log");
    }
    let erasures = app.audit.events_named("sensitive_delete");
    assert_eq!(names_in(&erasures), BTreeSet::new());
    let after = exported_names(&app, &person).await;
    assert_eq!(after.unwrap_or_default(), AuditNames::default());

    // The same person is somebody else in new lines.
    app.advance(minutes(2)).await;
    let lines = app.audit.events().len();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    let new = names_in(&app.audit.events()[lines..]);
    assert_eq!(new.len(), 2);
    assert!(new.is_disjoint(&old), "{new:?} {old:?}");
    let names = exported_names(&app, &person).await.unwrap();
    let shown: BTreeSet<_> = names.users.into_iter().chain(names.identifier).collect();
    assert_eq!(shown, new);
}

#[tokio::test]
async fn l2_l5_an_erasure_unlinks_every_older_line() {
    for by_user in [false, true] {
        let embedded = RedbStore::in_memory(RedbOptions::default()).unwrap();
        an_erasure_unlinks(Arc::new(embedded), by_user).await;
        let redis = RedisServer::start();
        an_erasure_unlinks(Arc::new(open_default(&redis.url())), by_user).await;
    }
}

/// Concurrent first sign-ins of one person on two nodes.
#[tokio::test]
async fn l2_two_nodes_give_a_person_the_same_names() {
    let redis = RedisServer::start();
    let upstream = Arc::new(Upstream::start().await);
    let node = || {
        let store = Arc::new(open_default(&redis.url()));
        TestApp::with_store(store, upstream.clone(), |_| {})
    };
    let nodes = [node(), node()];
    upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let sign_in = async |app: &Arc<TestApp>| {
        app.browser()
            .sign_in(KNOWN_PHONE)
            .await
            .assert_next("/account");
    };
    sign_in(&nodes[0]).await;
    nodes[1].catch_up_with(&nodes[0]);
    nodes[1].advance_app_clock(minutes(2));
    upstream.advance_clock(minutes(2)).await;
    sign_in(&nodes[1]).await;
    let [one, other] = nodes.each_ref().map(|app| names_in(&app.audit.events()));
    assert_eq!((one.len(), &one), (2, &other));
}

async fn mapping_count(app: &TestApp) -> usize {
    let kind = RecordKind::AuditPseudonym;
    let stored = app.product.store.scan(kind, 1000, app.now()).await;
    stored.unwrap().len()
}

/// A number is named when a code is sent to it. What is refused or withheld costs no budget, and
/// must not fill the store.
#[tokio::test]
async fn h9_requests_without_a_send_leave_no_name() {
    let app = TestApp::with_settings(|settings| {
        settings.guard.address_hourly = 2;
        settings.guard.prefix_hourly = 1;
    })
    .await;
    let numbered = |which: usize| format!("+447400123{which:03}");
    let mut flood = app.browser();
    flood.start(&numbered(1)).await;
    assert_eq!(mapping_count(&app).await, 1);
    // The second is withheld, because its prefix is exhausted; the others are refused.
    flood.start(&numbered(2)).await;
    let withheld = app.audit.events_named("otp_requested").pop().unwrap();
    assert_eq!(withheld["limit"], "sends_prefix_hour");
    for which in 3..40 {
        let refused = flood.request_code(&numbered(which)).await;
        refused.assert_slow_down();
    }
    let refused = app.audit.events_named("otp_requested").pop().unwrap();
    assert_eq!(
        (&refused["decision"], &refused["subject"]["identifier"]),
        (&"refused".into(), &Value::Null)
    );
    assert_eq!(mapping_count(&app).await, 2);
    app.advance(minutes(61)).await;
    assert_eq!(
        mapping_count(&app).await,
        1,
        "that of the code that was sent"
    );
    app.advance(minutes(30 * 24 * 60)).await;
    assert_eq!(mapping_count(&app).await, 0);
}

#[tokio::test]
async fn l2_a_new_user_is_not_named_by_upstreams_id() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser.sign_up(UNKNOWN_PHONE).await;
    let session = browser.get("/api/session").await.json();
    assert_eq!(app.audit.count("user_created"), 1);
    assert!(!app.audit.text().contains(session["sub"].as_str().unwrap()));
}
