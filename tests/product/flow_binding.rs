//! What binds a code to its flow and its browser upstream: request id and device id (requirement
//! C10).

use std::sync::Arc;

use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use serde_json::{Value, json};

use crate::support::browser::AGENT;
use crate::support::upstream::client;
use crate::support::{KNOWN, Upstream, World, seconds};
use latchkey_testkit::recording_proxy::RecordingProxy;

const SEND: &str = "/cis/v1/auth/otp/send";
const VERIFY: &str = "/cis/v1/auth/otp/authenticate";

async fn asking(is_on: bool) -> Arc<World> {
    World::with(|settings| settings.transmit.generate_request_id = is_on).await
}

/// A world whose calls upstream are written down.
async fn recorded(change: impl FnOnce(&mut Settings)) -> (Arc<World>, RecordingProxy) {
    let upstream = Arc::new(Upstream::start().await);
    let mut settings = Settings::default();
    upstream.point(&mut settings);
    let recorder = RecordingProxy::start(
        client(),
        settings.transmit.base_url.unwrap().as_str(),
        |_| {},
    )
    .await;
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let world = World::over(store, upstream, |settings| {
        settings.transmit.base_url = recorder.base.parse().ok();
        change(settings);
    });
    (world, recorder)
}

fn bodies(recorder: &RecordingProxy, path: &str) -> Vec<Value> {
    let sent: Vec<_> = recorder
        .exchanges()
        .into_iter()
        .filter(|exchange| exchange.path == path)
        .collect();
    assert!(sent.iter().all(
        |exchange| exchange.method == "POST" && exchange.headers.contains_key("authorization")
    ));
    sent.iter()
        .map(latchkey_testkit::recording_proxy::Exchange::request_json)
        .collect()
}

#[tokio::test]
async fn c10_a_request_id_is_bound_to_the_flow_in_either_spelling() {
    for (asks, policy) in [
        (true, json!({ "request_id": "snake" })),
        (true, json!({ "request_id": "camel" })),
        (
            false,
            json!({ "request_id": "snake", "request_id_always": true }),
        ),
        (
            false,
            json!({ "request_id": "camel", "request_id_always": true }),
        ),
    ] {
        let world = asking(asks).await;
        world.upstream.policy(policy).await;
        // Upstream takes no code without its id.
        world.browser().sign_in(KNOWN).await.next("/account");
    }
}

#[tokio::test]
async fn c10_a_tenant_without_request_ids_shuts_nobody_out() {
    let world = asking(true).await;
    world.upstream.policy(json!({ "request_id": "none" })).await;
    world.browser().sign_in(KNOWN).await.next("/account");
}

#[tokio::test]
async fn c10_a_resend_replaces_the_request_id() {
    for first in ["snake", "none"] {
        for second in ["camel", "none"] {
            let world = asking(true).await;
            world.upstream.policy(json!({ "request_id": first })).await;
            let (mut browser, _) = world.asked(KNOWN).await;
            world.upstream.policy(json!({ "request_id": second })).await;
            world.advance(seconds(30)).await;
            browser.post("resend-code", &[]).await.next("/code");
            world.settled().await;
            let code = world.upstream.code(KNOWN).await;
            browser.verify(&code).await.next("/account");
        }
    }
}

#[tokio::test]
async fn c10_the_request_id_of_another_flow_does_not_help() {
    let world = asking(true).await;
    let (mut first, _) = world.asked(KNOWN).await;
    world.advance(seconds(40)).await;
    let mut second = world.browser();
    second.ask(KNOWN).await.next("/code");
    let code = world.upstream.code(KNOWN).await;

    let before = world.upstream.calls().await;
    let refused = first.verify(&code).await;
    let wrong = refused.problem(401, "code_refused");
    assert_eq!(
        world.upstream.since(&before).await["otp_authenticate"],
        1,
        "upstream decided"
    );
    second.verify(&code).await.next("/account");

    // The sentence and the time are those of any wrong code.
    let other = asking(true).await;
    let (mut browser, _) = other.asked(KNOWN).await;
    let guessed = browser.guess(KNOWN).await;
    assert_eq!(
        (guessed.problem(401, "code_refused"), guessed.took),
        (wrong, refused.took)
    );
}

#[tokio::test]
async fn c10_request_ids_are_only_asked_for_when_the_setting_says_so() {
    for is_on in [true, false] {
        let (world, recorder) =
            recorded(|settings| settings.transmit.generate_request_id = is_on).await;
        world.browser().sign_in(KNOWN).await.next("/account");
        let (send, verify) = (&bodies(&recorder, SEND)[0], &bodies(&recorder, VERIFY)[0]);
        assert_eq!(
            send.get("generate_request_id"),
            is_on.then_some(&json!(true))
        );
        assert_eq!(verify.get("request_id").is_some(), is_on);
    }
}

#[tokio::test]
async fn a_known_browser_has_a_device_id_that_is_no_cookie() {
    let (world, recorder) = recorded(|settings| settings.transmit.device_id = true).await;
    let mut browser = world.browser();
    let mut cookies = Vec::new();
    for _ in 0..3 {
        browser.sign_in(KNOWN).await.next("/account");
        cookies.push(browser.cookie("latchkey-browser").unwrap().to_owned());
        browser.post("sign-out", &[]).await.next("/sign-in");
        world.advance(seconds(60)).await;
    }
    let ids = |path| {
        bodies(&recorder, path)
            .iter()
            .map(|body| body.get("device_id").cloned())
            .collect::<Vec<_>>()
    };
    let (sent, tried) = (ids(SEND), ids(VERIFY));
    // A stranger has none; afterwards it is one and the same, although the cookie turns.
    let id = sent[1].clone().unwrap();
    assert_eq!(sent, [None, Some(id.clone()), Some(id.clone())]);
    assert_eq!(tried, sent);
    let id = id.as_str().unwrap();
    assert_eq!(id.len(), 43);
    assert!(cookies.iter().all(|cookie| cookie != id) && cookies[0] != cookies[1]);

    // Another browser of the same person has another one.
    let mut second = world.browser();
    for _ in 0..2 {
        second.sign_in(KNOWN).await.next("/account");
        second.post("sign-out", &[]).await.next("/sign-in");
        world.advance(seconds(60)).await;
    }
    let all = ids(SEND);
    assert!(all[3].is_none() && all[4].as_ref().is_some_and(|other| other != id));
    // For a number that it does not know, a known browser is a stranger.
    second.sign_in("+447400777888").await.next("/account");
    assert_eq!(ids(SEND)[5], None);
}

#[tokio::test]
async fn settings_say_what_upstream_learns_of_a_browser() {
    let (world, recorder) = recorded(|_| {}).await;
    let mut browser = world.browser();
    let expected = json!({ "user_agent": AGENT, "ip_address": browser.address.to_string() });
    for _ in 0..2 {
        browser.sign_in(KNOWN).await;
        browser.post("sign-out", &[]).await;
        world.advance(seconds(60)).await;
    }
    for body in [bodies(&recorder, SEND), bodies(&recorder, VERIFY)].concat() {
        assert_eq!(
            (&body["client_attributes"], body.get("device_id")),
            (&expected, None)
        );
    }

    let (world, recorder) = recorded(|settings| settings.transmit.client_attributes = false).await;
    world.browser().sign_in(KNOWN).await;
    for body in [bodies(&recorder, SEND), bodies(&recorder, VERIFY)].concat() {
        assert_eq!(body.get("client_attributes"), None);
    }
}
