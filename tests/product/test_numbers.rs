//! Test numbers on the whole way: an ordinary sign-in of an ordinary user, whose code the operator
//! reads (the reviewers of app stores, and tests against a real tenant).

use std::sync::Arc;

use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, carry_out};
use latchkey::server::settings::Settings;
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::test_numbers::NoCode;
use serde_json::json;

use crate::failing_store::Forgetful;
use crate::sms_gateway::{Twilio, register, through};
use crate::support::{KNOWN, UNKNOWN, Upstream, World, different_code, minutes, seconds};
use latchkey_testkit::log_capture;

fn listing(settings: &mut Settings, numbers: &[&str], until: &str) {
    let listed: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number}={until}"))
        .collect();
    settings.test_numbers = listed.join(",").parse().unwrap();
}

/// A world that is its own tenant's gateway and in which these are test numbers for a month.
async fn world(twilio: &Twilio, store: Arc<dyn Store>, numbers: &[&str]) -> Arc<World> {
    let month = latchkey::server::system::clock::Clock::system().now() + minutes(30 * 24 * 60);
    let world = World::over(store, Arc::new(Upstream::start().await), |settings| {
        through(settings, twilio, "token");
        listing(settings, numbers, &month.to_rfc3339());
    });
    register(&world).await;
    world
}

fn memory() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

/// The code that `latchkey test-code` would print, or why there is none.
async fn test_code(world: &World, phone: &str) -> Result<String, String> {
    match carry_out(
        &world.product,
        &AdminCommand::TestCode {
            identifier: phone.to_owned(),
        },
    )
    .await
    {
        AdminReply::TestCode(shown) => Ok(shown.code.clone().unwrap()),
        AdminReply::NoMessage => Err(NoCode::NoMessage.to_string()),
        AdminReply::Failed { cause } => Err(cause),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_test_number_signs_in_with_the_code_that_the_operator_reads() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, memory(), &[KNOWN]).await;
    for phone in [KNOWN, UNKNOWN] {
        world.upstream.user(phone, "Active").await;
    }
    let mut reviewer = world.browser();
    reviewer.ask(KNOWN).await.next("/code");
    let mut person = world.browser();
    person.ask(UNKNOWN).await.next("/code");
    assert_eq!(
        (twilio.texts(KNOWN).len(), twilio.texts(UNKNOWN).len()),
        (0, 1)
    );
    assert_eq!(
        world.upstream.messages(KNOWN).await[0]["delivery"],
        "delivered",
        "the tenant sees no difference"
    );

    assert!(
        test_code(&world, UNKNOWN)
            .await
            .unwrap_err()
            .contains("no test number")
    );
    let code = test_code(&world, KNOWN).await.unwrap();
    assert_eq!(code, world.upstream.code(KNOWN).await);
    reviewer.verify(&code).await.next("/account");
    assert!(reviewer.is_signed_in().await);
    assert!(
        test_code(&world, KNOWN)
            .await
            .unwrap_err()
            .contains("no message")
    );
    assert_eq!(
        world.audit.events_named("sms_delivery")[0]["subject"],
        world.audit.events_named("test_code_read")[0]["subject"]
    );
    assert_eq!(
        world.audit.events_named("test_code_read")[0]["uid"],
        rustix::process::getuid().as_raw()
    );
}

#[tokio::test]
async fn s1_c5_every_limit_holds_for_a_test_number_too() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, memory(), &[KNOWN]).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    let code = test_code(&world, KNOWN).await.unwrap();
    for _ in 0..world.settings.transmit.tries_per_code() {
        browser
            .verify(&different_code(&code))
            .await
            .problem(401, "code_refused");
    }
    let before = world.upstream.count("otp_authenticate").await;
    browser.verify(&code).await.problem(429, "slow_down");
    assert_eq!(
        world.upstream.count("otp_authenticate").await,
        before,
        "the right code comes too late"
    );
    let mut stranger = world.browser();
    stranger.ask(KNOWN).await.next("/code");
    assert_eq!(
        world.audit.events_named("otp_requested")[1]["decision"],
        "withheld",
        "the cool-down of the number"
    );
    // Sends without a success are those of any number in an hour.
    for _ in 0..10 {
        world.advance(seconds(125)).await;
        world.browser().ask(KNOWN).await.next("/code");
    }
    let kept = world
        .audit
        .count_matching(|event| event["outcome"] == "kept");
    assert_eq!(kept, world.settings.guard.number_hourly as usize);
    assert_eq!(twilio.texts(KNOWN).len(), 0);
}

#[tokio::test]
async fn whom_the_tenant_refuses_a_test_number_does_not_let_in() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, memory(), &[KNOWN, UNKNOWN]).await;
    world.upstream.user(KNOWN, "Disabled").await;
    for phone in [KNOWN, UNKNOWN] {
        world.browser().ask(phone).await.next("/code");
        assert!(
            test_code(&world, phone)
                .await
                .unwrap_err()
                .contains("no message"),
            "the tenant sends nothing"
        );
    }
    world.upstream.user(KNOWN, "Active").await;
    world.advance(minutes(5)).await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    let code = test_code(&world, KNOWN).await.unwrap();
    world
        .upstream
        .lie(json!({ "token": "id", "signature": "none", "times": 1 }))
        .await;
    browser.verify(&code).await.problem(401, "code_refused");
    assert!(!browser.is_signed_in().await, "tokens are checked as ever");
}

#[tokio::test]
async fn a_number_whose_end_passes_becomes_ordinary_while_the_server_runs() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, memory(), &[KNOWN]).await;
    world.upstream.user(KNOWN, "Active").await;
    world.browser().ask(KNOWN).await;
    assert!(test_code(&world, KNOWN).await.is_ok());
    world.advance(minutes(30 * 24 * 60)).await;
    world.browser().ask(KNOWN).await;
    assert_eq!(
        twilio.texts(KNOWN).len(),
        1,
        "to the phone, if there is one"
    );
    assert!(
        test_code(&world, KNOWN)
            .await
            .unwrap_err()
            .contains("no test number")
    );
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_sent_either() {
    let twilio = Twilio::start().await;
    let store = Arc::new(Forgetful::new());
    let world = world(&twilio, store.clone(), &[KNOWN]).await;
    world.upstream.user(KNOWN, "Active").await;
    store.fail_messages(true);
    world.browser().ask(KNOWN).await.next("/code");
    assert_eq!(
        world.upstream.messages(KNOWN).await[0]["delivery"],
        "failed"
    );
    assert_eq!(
        world.audit.events_named("sms_delivery")[0]["outcome"],
        "not_sent"
    );
    assert_eq!(twilio.texts(KNOWN).len(), 0);
    store.fail_at_all(true);
    assert!(
        test_code(&world, KNOWN)
            .await
            .unwrap_err()
            .contains("the store cannot be used")
    );
    store.fail_at_all(false);
    store.fail_messages(false);
    world.advance(minutes(2)).await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    let code = test_code(&world, KNOWN).await.unwrap();
    browser.verify(&code).await.next("/account");
}

#[tokio::test]
async fn l2_c11_neither_code_nor_number_is_written_anywhere() {
    let phone = "+447400918293";
    let twilio = Twilio::start().await;
    let world = world(&twilio, memory(), &[phone]).await;
    world.upstream.user(phone, "Active").await;
    let mut browser = world.browser();
    browser.ask(phone).await;
    let page = browser.get("/code").await.body;
    let answer = carry_out(
        &world.product,
        &AdminCommand::TestCode {
            identifier: phone.to_owned(),
        },
    )
    .await;
    let AdminReply::TestCode(shown) = &answer else {
        panic!()
    };
    let code = shown.code.clone().unwrap();
    browser.verify(&code).await.next("/account");
    let written = [
        world.audit.text(),
        log_capture::process_logs().text(),
        page,
        browser.get("/account").await.body,
        format!("{answer:?} {:?} {:?}", world.product, world.settings),
    ]
    .concat();
    let words: Vec<&str> = written
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    assert!(!words.contains(&code.as_str()) && !written.contains("7400918293"));
}
