//! Known, unknown, locked, inactive and limited numbers look alike: same bytes, same moment (requirements E1, E3, E4).

use std::sync::Arc;
use std::time::Duration;

use super::support::{Answer, Browser, World, seconds};

const CASES: [(&str, &str); 5] = [
    ("known", "+447400123401"),
    ("unknown", "+447400123402"),
    ("locked", "+447400123403"),
    ("inactive", "+447400123404"),
    ("limited", "+447400123405"),
];

/// A world with a number of each kind. The limited one has its cool-down running and its tries spent by a stranger.
async fn world() -> Arc<World> {
    let world = World::start().await;
    for (case, phone) in CASES {
        match case {
            "known" | "limited" => drop(world.upstream.user(phone, "Active").await),
            "locked" => drop(world.upstream.user(phone, "locked").await),
            "inactive" => drop(world.upstream.user(phone, "Disabled").await),
            _ => {}
        }
    }
    for (case, millis) in [("known", 5), ("unknown", 40), ("locked", 80), ("inactive", 120), ("wrong", 60)] {
        for operation in ["otp_send", "otp_authenticate", "user_create"] {
            world.upstream.latency(operation, case, millis).await;
        }
    }
    world
}

async fn spend(world: &Arc<World>) {
    let (_, limited) = CASES[4];
    let mut stranger = world.browser();
    stranger.ask(limited).await;
    stranger.guess(limited).await;
    stranger.guess(limited).await;
}

/// All that a browser can see of an answer, with random values masked: status, headers in their order, cookies by name and
/// length, body.
fn seen(answer: &Answer) -> String {
    let headers = answer.headers.iter().map(|(name, value)| {
        let value = value.to_str().unwrap();
        let shown = match name.as_str() {
            "x-request-id" => "#".repeat(value.len()),
            "content-security-policy" => {
                let (before, rest) = value.split_once("'nonce-").unwrap();
                let (nonce, after) = rest.split_once('\'').unwrap();
                format!("{before}{}{after}", "#".repeat(nonce.len()))
            }
            "set-cookie" => {
                let (name, rest) = value.split_once('=').unwrap();
                let (secret, attributes) = rest.split_once(';').unwrap();
                format!("{name}={}{attributes}", "#".repeat(secret.len()))
            }
            _ => value.to_owned(),
        };
        format!("{name}: {shown}\n")
    });
    format!("{}\n{}\n{}", answer.status, headers.collect::<String>(), answer.body)
}

#[track_caller]
fn alike(door: &str, answers: &[(&str, Answer)]) {
    let (_, first) = &answers[0];
    for (case, answer) in answers {
        assert_eq!(seen(answer), seen(first), "{door}: {case} differs from known");
        assert_eq!(answer.took, first.took, "{door}: {case}");
    }
}

#[tokio::test]
async fn e1_e4_send_resend_sign_up_and_a_refused_verify_look_alike_for_every_number() {
    for html in [false, true] {
        let world = world().await;
        spend(&world).await;
        let mut browsers: Vec<Browser> = CASES.iter().map(|_| Browser { html, ..world.browser() }).collect();
        for door in ["send-code", "verify-code", "resend-code", "verify-code", "sign-up"] {
            let mut answers = Vec::new();
            for ((case, phone), browser) in CASES.iter().zip(&mut browsers) {
                if door == "sign-up" {
                    browser.cookies.clear();
                }
                let fields = [("phone", *phone), ("name", "Ada"), ("code", "000000")];
                answers.push((*case, browser.post(door, &fields).await));
                if door == "send-code" && *case == "unknown" {
                    assert!(browser.cookie("latchkey-flow").is_some());
                }
            }
            world.settled().await;
            alike(door, &answers);
            // Flows of one age: what a page says of them is alike too.
            world.advance(seconds(31)).await;
        }
        let calls = world.upstream.calls().await;
        assert!(calls["otp_send"] >= 8 && calls["user_create"] >= 4, "most did go upstream: {calls:?}");
        assert!(world.audit.of("otp_requested").iter().any(|event| event["decision"] == "withheld"));
    }
}

#[tokio::test]
async fn e1_every_answer_to_a_send_leaves_at_the_same_moment_and_not_before() {
    let world = world().await;
    spend(&world).await;
    for door in ["send-code", "sign-up"] {
        let mut waiting = Vec::new();
        let before = world.audit.count("otp_requested");
        for (_, phone) in CASES {
            waiting.push(world.begin(world.browser().form(door, &[("phone", phone)])));
        }
        super::support::until("decisions", async || world.audit.count("otp_requested") == before + CASES.len()).await;
        // The upstream calls come to their ends, each at its own time.
        world.settled().await;
        world.advance(Duration::from_millis(999)).await;
        super::support::pause(50).await;
        assert!(waiting.iter().all(|answer| !answer.is_finished()), "{door}: one left early");
        world.advance(Duration::from_millis(1)).await;
        for answer in waiting {
            assert_eq!(answer.await.unwrap().took, seconds(1));
        }
        world.advance(seconds(40)).await;
    }
}

#[tokio::test]
async fn e1_a_refused_verify_leaves_at_one_of_few_moments() {
    let world = World::start().await;
    // Real milliseconds upstream; what passes meanwhile on the product's clock decides.
    for (passes, leaves) in [(1, 1500), (1500, 1500), (1501, 5000), (5001, 10_000)] {
        let phone = format!("+44740013{passes:04}");
        let (browser, _) = world.asked(&phone).await;
        let calls = world.upstream.count("otp_authenticate").await;
        world.upstream.latency("otp_authenticate", "wrong", 300).await;
        let start = world.now();
        let waiting = world.begin(browser.form("verify-code", &[("code", "000000")]));
        super::support::until("the call", async || world.upstream.count("otp_authenticate").await > calls).await;
        let failed = world.audit.count("authn_login_fail");
        world.advance(Duration::from_millis(passes)).await;
        super::support::until("upstream's answer", async || world.audit.count("authn_login_fail") > failed).await;
        if passes < leaves {
            world.advance_to(start, Duration::from_millis(leaves - 1)).await;
            super::support::pause(30).await;
            assert!(!waiting.is_finished(), "{passes}: left early");
        }
        world.advance_to(start, Duration::from_millis(leaves)).await;
        let answer = waiting.await.unwrap();
        answer.problem(401, "code_refused");
        assert_eq!(answer.took, Duration::from_millis(leaves));
    }
}

#[tokio::test]
async fn e3_unknown_numbers_are_counted_alike() {
    let world = World::start().await;
    let (_, known) = CASES[0];
    let (_, unknown) = CASES[1];
    world.upstream.user(known, "Active").await;
    let mut seen_of = Vec::new();
    for phone in [known, unknown] {
        let mut browser = world.browser();
        let mut story = vec![seen(&browser.ask(phone).await)];
        for _ in 0..2 {
            // A code that nobody was sent is answered like a wrong one, and spends this flow's tries alike.
            story.push(seen(&browser.verify("000000").await));
        }
        let spent = browser.verify("000000").await;
        assert_eq!(spent.problem(429, "slow_down")["tries_left"], 0);
        seen_of.push(story);
        // Limits by number hold for both: the sixth code of the hour is withheld.
        for _ in 0..6 {
            world.advance(seconds(121)).await;
            world.browser().ask(phone).await.next("/code");
        }
        world.advance(seconds(3600)).await;
    }
    assert_eq!(seen_of[0], seen_of[1]);
    let withheld = |event: &&serde_json::Value| event["decision"] == "withheld" && event["limit"] == "sends_hour";
    let events = world.audit.of("otp_requested");
    let mut subjects: Vec<_> =
        events.iter().filter(withheld).map(|event| event["subject"]["identifier"].clone()).collect();
    subjects.dedup();
    assert_eq!(subjects.len(), 2, "both numbers met their limit");
}

#[tokio::test]
async fn e3_a_success_of_the_owner_changes_nothing_that_another_browser_sees() {
    let mut stories = Vec::new();
    for owner_comes in [false, true] {
        let world = World::start().await;
        let (_, phone) = CASES[0];
        world.upstream.user(phone, "Active").await;
        let mut watcher = world.browser();
        let mut story = vec![seen(&watcher.ask(phone).await)];
        story.push(seen(&watcher.verify("000000").await));
        world.advance(seconds(35)).await;
        if owner_comes {
            let mut owner = world.browser();
            owner.sign_in(phone).await;
            assert!(owner.is_signed_in().await);
        } else {
            world.advance(seconds(1)).await;
        }
        story.push(seen(&watcher.verify("111111").await));
        story.push(seen(&watcher.verify("222222").await));
        story.push(seen(&watcher.ask(phone).await));
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
}
