//! Two versions that share a store: a node keeps what a later version added to its records.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{KNOWN_PHONE, TestApp, wait_until};
use latchkey::server::store::format::RECORD_FORMAT;
use latchkey::server::store::{Key, Precondition, Record, RecordKind, Store};

/// The kinds of records that are written back, with the associated data of their encryption.
const REWRITTEN: [(RecordKind, &str); 4] = [
    (RecordKind::Flow, "latchkey flow v1"),
    (RecordKind::Session, "latchkey session v1"),
    (RecordKind::RecognisedDevice, "latchkey known browser v1"),
    (RecordKind::SignInHistory, "latchkey sign-ins v1"),
];

const LATER_FORMAT: u32 = RECORD_FORMAT + 1;

async fn records(app: &TestApp, kind: RecordKind) -> Vec<(Key, Record)> {
    let store: &dyn Store = &*app.product.store;
    store.scan(kind, 100, app.clock.now()).await.unwrap()
}

fn decrypt(app: &TestApp, context: &str, key: Key, record: &Record) -> Value {
    let keys = &app.product.state.services.keys;
    keys.decrypt_record(context.as_bytes(), &key.id, &record.bytes)
        .unwrap()
}

/// Adds fields to every record of a kind, as a later version would. Returns how many there were.
async fn add_fields(app: &TestApp, (kind, context): (RecordKind, &str)) -> usize {
    let found = records(app, kind).await;
    for (key, record) in &found {
        let mut value = decrypt(app, context, *key, record);
        value["format"] = json!(LATER_FORMAT);
        value["added_later"] = json!({ "a": [1, null], "b": "text" });
        let keys = &app.product.state.services.keys;
        let bytes = keys
            .encrypt_record(context.as_bytes(), &key.id, &value)
            .unwrap();
        let condition = Precondition::Version(record.version);
        let store = &app.product.store;
        store
            .put(
                *key,
                None,
                condition,
                bytes,
                record.expires_at,
                app.clock.now(),
            )
            .await
            .unwrap();
    }
    found.len()
}

/// Asserts that a record of a kind was written since, and still has the fields.
async fn assert_kept(app: &TestApp, (kind, context): (RecordKind, &str)) {
    let found = records(app, kind).await;
    assert!(!found.is_empty(), "{kind:?}");
    for (key, record) in &found {
        let value = decrypt(app, context, *key, record);
        assert_eq!(value["format"], LATER_FORMAT, "{kind:?}: {value}");
        assert_eq!(
            value["added_later"],
            json!({ "a": [1, null], "b": "text" }),
            "{kind:?}: {value}"
        );
    }
}

#[tokio::test]
async fn a_node_keeps_the_fields_of_a_later_version_in_every_record_it_writes_back() {
    let app = TestApp::start().await;
    let [flow, session, device, history] = REWRITTEN;

    let (mut person, code) = app.start_sign_in(KNOWN_PHONE).await;
    assert_eq!(add_fields(&app, flow).await, 1);
    let before = records(&app, flow.0).await[0].1.version;
    person.submit_wrong_code(KNOWN_PHONE).await;
    assert!(records(&app, flow.0).await[0].1.version > before);
    assert_kept(&app, flow).await;
    person.submit_code(&code).await.assert_next("/account");

    for kind in [session, device, history] {
        assert_eq!(add_fields(&app, kind).await, 1, "{kind:?}");
    }
    let before = records(&app, session.0).await[0].1.version;
    app.advance(Duration::from_secs(300)).await;
    assert_eq!(person.get("/account").await.status, 200);
    wait_until("the activity to be written", async || {
        records(&app, session.0).await[0].1.version > before
    })
    .await;
    assert_kept(&app, session).await;

    // The next sign-in of the same browser writes the device and the history.
    person.post("sign-out", &[]).await;
    app.advance(Duration::from_secs(300)).await;
    person.sign_in(KNOWN_PHONE).await;
    assert_kept(&app, device).await;
    assert_kept(&app, history).await;
}
