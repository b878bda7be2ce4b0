//! What an attack on the whole product once found, so that it stays found.

use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};

use crate::support::{KNOWN, UNKNOWN, World, seconds};

#[tokio::test]
async fn e1_the_limit_of_tries_by_address_says_nothing_of_a_number() {
    let world = World::with(|settings| settings.guard.address_tries_hourly = 2).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut said = Vec::new();
    for (phone, address) in [(KNOWN, "203.0.113.77"), (UNKNOWN, "203.0.113.78")] {
        // The address spends its tries on a number of its own …
        let mut attacker = world.browser().at(address);
        attacker.sign_in("+447400777888").await;
        attacker.post("sign-out", &[]).await;
        world.advance(seconds(61)).await;
        attacker.ask("+447400777889").await;
        attacker.verify("000000").await.problem(401, "code_refused");
        // … and then asks about somebody.
        world.advance(seconds(61)).await;
        attacker.ask(phone).await;
        said.push(attacker.verify("000000").await.status);
    }
    assert_eq!(said, [429, 429]);
}

#[tokio::test]
async fn e1_an_upstream_that_goes_down_after_the_send_is_the_same_for_every_number() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let mut known = world.browser();
    known.ask(KNOWN).await;
    let mut unknown = world.browser();
    unknown.ask(UNKNOWN).await;
    world.upstream.stop().await;
    known.verify("000000").await.problem(503, "unavailable");
    unknown.verify("000000").await.problem(503, "unavailable");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_begins_one_flow() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let page = world.browser().get("/sign-in").await.body;
    let form = page
        .split("name=\"form\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap();
    // Two taps: neither carries a flow cookie yet.
    let fields = [("phone", KNOWN), ("form", form)];
    let (mut first, mut second) = (world.browser(), world.browser());
    let taps = vec![
        first.form("send-code", &fields),
        second.form("send-code", &fields),
    ];
    let answers = world.drive_all(taps).await;
    first.keep(&answers[0]);
    second.keep(&answers[1]);
    world.settled().await;
    assert_eq!(
        first.cookie("latchkey-flow"),
        second.cookie("latchkey-flow")
    );
    assert_eq!(world.upstream.count("otp_send").await, 1);
    // The same form about somebody else is another flow.
    let mut third = world.browser();
    third
        .post("send-code", &[("phone", "+447400777888"), ("form", form)])
        .await
        .next("/code");
    assert_ne!(third.cookie("latchkey-flow"), first.cookie("latchkey-flow"));
    second
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

/// Whoever holds a flow while it ends, with a code or a try on its way, must not find somebody
/// else's under the same cookie.
#[tokio::test]
async fn c10_a_form_never_begins_a_flow_under_the_cookie_of_another_number() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    let (form, other) = ("f0f0f0f0", "+447400777888");
    let mut browser = world.browser();
    browser
        .post("send-code", &[("phone", KNOWN), ("form", form)])
        .await
        .next("/code");
    world.settled().await;
    let held = browser.clone();
    browser.post("sign-out", &[]).await;
    let mut another = world.browser();
    another
        .post("send-code", &[("phone", other), ("form", form)])
        .await
        .next("/code");
    assert_ne!(
        another.cookie("latchkey-flow"),
        held.cookie("latchkey-flow")
    );
    held.clone()
        .verify(&world.upstream.code(KNOWN).await)
        .await
        .problem(409, "no_flow");
    // The same number again, from a page that was gone back to.
    world.advance(seconds(31)).await;
    let mut back = world.browser();
    back.post("send-code", &[("phone", KNOWN), ("form", form)])
        .await
        .next("/code");
    world.settled().await;
    back.verify(&world.upstream.code(KNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn who_signs_up_after_trying_to_sign_in_gets_an_account_with_the_next_code() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.ask(UNKNOWN).await.next("/code");
    browser
        .post("sign-up", &[("phone", UNKNOWN), ("name", "Ada")])
        .await
        .next("/code");
    world.settled().await;
    assert_eq!(
        world.upstream.count("user_create").await,
        0,
        "within the cool-down nothing is asked for"
    );
    world.advance(seconds(30)).await;
    browser.post("resend-code", &[]).await.next("/code");
    world.settled().await;
    assert_eq!(world.upstream.count("user_create").await, 1);
    browser
        .verify(&world.upstream.code(UNKNOWN).await)
        .await
        .next("/account");
}

#[tokio::test]
async fn k10_everybody_is_out_at_once() {
    let world = World::start().await;
    let (mut one, mut other) = (world.browser(), world.browser());
    one.sign_in(KNOWN).await;
    other.sign_in("+447400777888").await;
    let user = world.audit.events_named("session_created").len();
    let answer = carry_out(
        &world.product,
        &AdminCommand::SessionsRevoke {
            whose: SessionOwner::Everybody,
        },
    )
    .await;
    assert!(
        matches!(answer, AdminReply::Revoked { count } if count == user),
        "{answer:?}"
    );
    assert!(!one.is_signed_in().await && !other.is_signed_in().await);
    world.advance(seconds(31)).await;
    one.sign_in(KNOWN).await;
    assert!(one.is_signed_in().await, "who comes later stays");
}

#[tokio::test]
async fn staying_signed_in_is_for_those_to_whom_it_is_offered() {
    let world = World::with(|settings| settings.session.offer_stay = false).await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser
        .post("send-code", &[("phone", KNOWN), ("stay", "1")])
        .await
        .next("/code");
    world.settled().await;
    let answer = browser.verify(&world.upstream.code(KNOWN).await).await;
    assert!(
        !answer.cookie("latchkey").unwrap().contains("Max-Age"),
        "{:?}",
        answer.cookies()
    );
}
