//! The journeys that create the stored state of the fixtures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::{
    APPLICATION, Browser, CHROME, Config, ID, OTHER_APPLICATION, TEST_NUMBER, TestApp,
};
use crate::layout::{base64, open, sha256};

/// 2025-09-20T12:00:00Z
const LONG_BEFORE: u64 = 1_758_369_600_000;
/// 2026-01-05T12:00:00Z
const BEGIN: u64 = 1_767_614_400_000;

/// Kinds of records by their numbers in storage.
pub const FLOW: u8 = 1;
pub const SESSION: u8 = 2;
pub const ENDED: u8 = 8;

pub const ANN: &str = "+447400100001";
pub const BEN: &str = "+12025550123";
pub const CAT: &str = "+33612345678";
pub const DAN: &str = "+447400100005";
pub const EVE: &str = "+447400100006";
pub const FAY: &str = "+447400100003";
pub const GUS: &str = "+447400100010";
pub const IDA: &str = "+447400100004";
pub const JIM: &str = "+447400100007";
pub const KIM: &str = "+447400100008";
pub const LEO: &str = "+447400100011";
pub const MAX: &str = "+447400100012";
pub const NEW_NUMBER: &str = "+33612345699";

/// The id of the form that Ida posts.
pub const FORM: &str = "0123456789abcdef0123456789abcdef";
pub const MESSAGE: &str = "Your Latchkey code is 482913.";
/// The return URL of Fay's flow.
pub const RETURN_TO: &str = "https://app.example.net/.latchkey/start?to=/orders";

/// What a later build must find in the store.
#[derive(Serialize, Deserialize)]
pub struct Notes {
    pub read_me: String,
    /// The time of the last request, in milliseconds since the epoch.
    pub taken_at: u64,
    pub browsers: BTreeMap<String, Browser>,
    /// The session body of each browser with a session cookie; `None` for ended sessions.
    pub sessions: BTreeMap<String, Option<Value>>,
    /// The operator's list of Ann's sessions.
    pub listing: Value,
    /// The identity headers of Ann at an application.
    pub identity: BTreeMap<String, String>,
    #[serde(rename = "key_set")]
    pub jwks: Value,
    /// The URL of a ticket for Ann at the second application, which is not redeemed.
    pub ticket: String,
    /// The id of the user that Jim's sign-up created at the tenant.
    pub created_user: String,
    /// Seconds from `taken_at` to the end of Ida's cool-down and of the busy address's window.
    pub waits: BTreeMap<String, u64>,
}

/// Signs a user in with a new browser.
async fn signed_in(app: &TestApp, (phone, subject): (&str, &str), address: &str) -> Browser {
    let mut browser = Browser::at(address);
    app.sign_in(&mut browser, phone, subject).await;
    browser
}

/// Runs all journeys. Returns the application as it is then.
pub async fn play(config: &Config<'_>) -> (TestApp, Notes) {
    let app = TestApp::start(
        &Config {
            until: "2025-12-01",
            ..config.clone()
        },
        LONG_BEFORE,
    )
    .await;
    app.upstream.user(ANN, &["admin", "staff"]).await;
    for phone in [BEN, CAT, DAN, EVE, FAY, GUS, IDA, KIM, LEO, MAX] {
        app.upstream.user(phone, &[]).await;
    }
    let mut eve = signed_in(&app, (EVE, "golden-eve"), "203.0.113.6").await;
    app.post(&mut eve, "sign-out", &[]).await.next("/sign-in");
    let app = app.restarted(config, BEGIN).await;
    app.mark().await;

    ended(&app).await;
    let [ann, ann_on_phone, ann_revoked] = ann(&app).await;
    let [ben, ben_revoked] = ben(&app).await;
    let [cat, cat_revoked] = cat(&app).await;
    let [leo_replaced, leo] = leo(&app).await;
    let [dan, stranger_spent, stranger] = dan(&app).await;
    let gus = gus(&app).await;
    busy_address(&app).await;
    let busy = json_field(&app.last("excess_rate_limit_exceeded"), "retry_after");
    let busy_at = app.now();
    let (jim, created_user) = jim(&app).await;
    let fay = fay(&app).await;
    let mut flash = Browser::at("203.0.113.80");
    let typed = [
        ("phone", "12345"),
        ("country", "GB"),
        ("stay", "1"),
        ("return_to", RETURN_TO),
    ];
    app.post_as(&mut flash, ("send-code", &typed), (ID, "text/html"))
        .await;
    assert_eq!(app.deliver(TEST_NUMBER, MESSAGE).await, 200);
    assert_eq!(app.deliver(TEST_NUMBER, MESSAGE).await, 200, "repeated");
    assert_eq!(app.deliver(ANN, MESSAGE).await, 200, "by the provider");

    let mut ida = Browser::at("203.0.113.40");
    let fields = [("phone", IDA), ("form", FORM), ("return_to", "/account")];
    app.post(&mut ida, "send-code", &fields).await.next("/code");
    let mut nobody = Browser::at("2001:db8:2::41");
    app.ask(&mut nobody, IDA).await.next("/code");
    assert_eq!(app.last("otp_requested")["limit"], "cool_down");
    app.advance(5);

    let mut ann = ann;
    app.get(
        &mut ann,
        &format!("{OTHER_APPLICATION}/.latchkey/start?to=/reports"),
    )
    .await;
    let start = app
        .get(
            &mut ann,
            &format!("{OTHER_APPLICATION}/.latchkey/start?to=/reports"),
        )
        .await;
    let ticket = app
        .get(&mut ann, start.header("location"))
        .await
        .header("location")
        .to_owned();
    assert!(
        ticket.starts_with(&format!("{OTHER_APPLICATION}/.latchkey/enter?ticket=")),
        "{ticket}"
    );

    let mut remaining = BTreeMap::new();
    let mut resend = ida.clone();
    let refused = app
        .post(&mut resend, "resend-code", &[])
        .await
        .problem(429, "slow_down");
    remaining.insert("cool_down".to_owned(), json_field(&refused, "retry_after"));
    remaining.insert("busy".to_owned(), busy - (app.now() - busy_at) / 1000);

    let identity = identity(&app, &ann).await;
    let jwks = app
        .get(&mut flash.clone(), &format!("{ID}/.well-known/jwks.json"))
        .await
        .json();
    let listing = json!({ "command": "sessions_list", "user": "golden-ann" });
    let listing = app.command(listing).await;
    let all = [
        ("ann", ann),
        ("ann_on_phone", ann_on_phone),
        ("ann_revoked", ann_revoked),
        ("ben", ben),
        ("ben_revoked", ben_revoked),
        ("cat", cat),
        ("cat_revoked", cat_revoked),
        ("dan", dan),
        ("eve", eve),
        ("fay", fay),
        ("flash", flash),
        ("gus", gus),
        ("ida", ida),
        ("jim", jim),
        ("leo", leo),
        ("leo_replaced", leo_replaced),
        ("nobody", nobody),
        ("stranger", stranger),
        ("stranger_spent", stranger_spent),
    ];
    let browsers: BTreeMap<_, _> = all.map(|(name, browser)| (name.to_owned(), browser)).into();
    let mut sessions = BTreeMap::new();
    for (name, browser) in &browsers {
        if browser.cookie(ID, "__Host-latchkey").is_some() {
            sessions.insert(name.clone(), app.session(browser).await);
        }
    }
    let notes = Notes {
        read_me: "TEST ONLY. Written by `write_fixtures` (see main.rs). The people are invented, \
                  and the secret key is published beside this file."
            .to_owned(),
        taken_at: app.now(),
        browsers,
        sessions,
        listing,
        identity,
        jwks,
        ticket,
        created_user,
        waits: remaining,
    };
    (app, notes)
}

fn json_field(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap()
}

/// The identity headers of a browser at the first application.
pub async fn identity(app: &TestApp, browser: &Browser) -> BTreeMap<String, String> {
    let answer = app.forward_auth(browser, APPLICATION, APPLICATION).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-auth-request"));
    let told = told.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    told.collect()
}

/// A session and a flow that expire, and requests that are refused.
async fn ended(app: &TestApp) {
    let mut max = signed_in(app, (MAX, "golden-max"), "203.0.113.12").await;
    let mut kim = Browser::at("203.0.113.8");
    app.ask(&mut kim, KIM).await.next("/code");
    app.guess(&mut kim, KIM).await.problem(401, "code_refused");
    app.next_is_forged("golden-kim").await;
    let code = app.upstream.code(KIM).await;
    app.verify(&mut kim, &code)
        .await
        .problem(401, "code_refused");
    app.advance(6 * 60);
    app.verify(&mut kim, &code)
        .await
        .problem(410, "flow_expired");
    assert_eq!(app.last("authn_login_fail")["reason"], "expired");
    app.advance(25 * 60);
    assert_eq!(
        app.page(&mut max, &format!("{ID}/sign-in")).await.status,
        200
    );
    assert_eq!(app.last("session_ended")["by"], "expired");
    let unlocked = app
        .command(json!({ "command": "unlock", "identifier": KIM }))
        .await;
    assert_eq!(unlocked, json!({ "answer": "unlocked" }));

    let mut other = Browser::at("203.0.113.90");
    let form = ("send-code", &[("phone", ANN)][..]);
    let evil = ("https://evil.example", "application/json");
    // One more than is audit-logged in a minute, and the next one after that.
    for _ in 0..61 {
        app.post_as(&mut other, form, evil)
            .await
            .problem(403, "cross_origin");
    }
    app.advance(60);
    app.post_as(&mut other, form, evil).await;
    assert_eq!(app.last("malicious_cors")["left_out"], 1);
    app.ask(&mut other, "+8613800138000")
        .await
        .problem(422, "country_not_served");
    let junk = format!("{APPLICATION}/.latchkey/enter?ticket=AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(app.page(&mut other, &junk).await.status, 400);
    assert_eq!(app.last("authn_ticket_refused")["reason"], "unknown");
}

/// Two sessions, one of them with an application session; a third is revoked from the first.
async fn ann(app: &TestApp) -> [Browser; 3] {
    let mut ann = Browser::at("203.0.113.1");
    app.post(&mut ann, "send-code", &[("phone", ANN), ("stay", "1")])
        .await
        .next("/code");
    app.next_user("golden-ann").await;
    let code = app.upstream.code(ANN).await;
    app.verify(&mut ann, &code).await.next("/account");
    app.advance(20);
    let mut phone = Browser {
        agent: CHROME.to_owned(),
        ..Browser::at("2001:db8:1:2::5")
    };
    app.sign_in(&mut phone, ANN, "golden-ann").await;
    app.advance(1);
    let revoked = signed_in(app, (ANN, "golden-ann"), "203.0.113.3").await;
    let id = revoked.session_id();
    app.post(&mut ann, "revoke-session", &[("id", &id)])
        .await
        .next("/account");
    app.post(&mut ann, "extend-session", &[])
        .await
        .next("/account");
    let start = app
        .get(
            &mut ann,
            &format!("{APPLICATION}/.latchkey/start?to=/orders"),
        )
        .await;
    let ticket = app.get(&mut ann, start.header("location")).await;
    let entered = app.get(&mut ann, ticket.header("location")).await;
    assert_eq!(entered.header("location"), format!("{APPLICATION}/orders"));
    [ann, phone, revoked]
}

/// A session from which all other sessions of the user were revoked.
async fn ben(app: &TestApp) -> [Browser; 2] {
    let mut ben = signed_in(app, (BEN, "golden-ben"), "203.0.113.10").await;
    let revoked = signed_in(app, (BEN, "golden-ben"), "203.0.113.11").await;
    app.post(&mut ben, "revoke-session", &[("id", "others")])
        .await
        .next("/account");
    [ben, revoked]
}

/// When the fixtures have the event of [`missing_role`], in milliseconds from the beginning.
const MISSING_ROLE_AFTER: u64 = (32 * 60 + 30) * 1000;

/// The audit event of a person without the role that an application on another host requires. Only
/// that application's own cookie counts there. The fixtures are older than this rule and hold no
/// such session, so this is played on a store of its own.
pub async fn missing_role(config: &Config<'_>) -> Value {
    let app = TestApp::start(config, BEGIN + MISSING_ROLE_AFTER).await;
    app.upstream.user(BEN, &[]).await;
    let mut ben = signed_in(&app, (BEN, "golden-ben"), "203.0.113.10").await;
    let refused = app.forward_auth(&ben, ID, OTHER_APPLICATION).await;
    assert_eq!(refused.status, 401, "the session cookie does not count");
    let mut url = format!("{OTHER_APPLICATION}/.latchkey/start?to=/reports");
    while url.contains("/.latchkey/") {
        let response = app.get(&mut ben, &url).await;
        url = response.header("location").to_owned();
    }
    let answer = app.forward_auth(&ben, OTHER_APPLICATION, OTHER_APPLICATION);
    assert_eq!(answer.await.status, 403);
    let event = app.last("authz_fail");
    assert_eq!(event["application"], OTHER_APPLICATION);
    event
}

/// The operator revokes all sessions of a user. The record of one of them is written back, as by a
/// concurrent write, so that the revocation marker alone keeps it signed out. A second session
/// begins afterwards.
async fn cat(app: &TestApp) -> [Browser; 2] {
    let revoked = signed_in(app, (CAT, "golden-cat"), "203.0.113.20").await;
    let id = sha256(&base64(revoked.token("__Host-latchkey")));
    let record = app.record(SESSION, id).await.unwrap();
    let whose = json!({ "user": "golden-cat" });
    let answer = app
        .command(json!({ "command": "sessions_revoke", "whose": whose }))
        .await;
    assert_eq!(answer, json!({ "answer": "revoked", "count": 1 }));
    app.put(SESSION, id, record).await;
    app.advance(1);
    let cat = signed_in(app, (CAT, "golden-cat"), "203.0.113.20").await;
    [cat, revoked]
}

/// More sessions than allowed, and a browser that signs in twice.
async fn leo(app: &TestApp) -> [Browser; 2] {
    let first = signed_in(app, (LEO, "golden-leo"), "203.0.113.30").await;
    for last in 1..3 {
        app.advance(1);
        let mut browser = signed_in(app, (LEO, "golden-leo"), &format!("203.0.113.3{last}")).await;
        if last == 2 {
            app.sign_in(&mut browser, LEO, "golden-leo").await;
            assert_eq!(app.last("session_ended")["by"], "replaced");
        }
    }
    app.advance(1);
    let last = signed_in(app, (LEO, "golden-leo"), "203.0.113.33").await;
    assert_eq!(app.last("session_ended")["by"], "too_many");
    [first, last]
}

/// A recognised device that is signed out. Unrecognised devices have used up the attempts of the
/// number; the flow of one of them still has its own attempts.
async fn dan(app: &TestApp) -> [Browser; 3] {
    let mut dan = signed_in(app, (DAN, "golden-dan"), "203.0.113.5").await;
    app.post(&mut dan, "sign-out", &[]).await.next("/sign-in");
    let mut spent = Browser::at("203.0.113.50");
    app.ask(&mut spent, DAN).await.next("/code");
    for _ in 0..5 {
        app.guess(&mut spent, DAN)
            .await
            .problem(401, "code_refused");
    }
    app.guess(&mut spent, DAN).await.problem(429, "slow_down");
    app.advance(31);
    let mut stranger = Browser::at("203.0.113.51");
    app.ask(&mut stranger, DAN).await.next("/code");
    [dan, spent, stranger]
}

/// A recognised device with a pending flow and one failed attempt.
async fn gus(app: &TestApp) -> Browser {
    let mut gus = signed_in(app, (GUS, "golden-gus"), "203.0.113.60").await;
    app.post(&mut gus, "sign-out", &[]).await.next("/sign-in");
    app.ask(&mut gus, GUS).await.next("/code");
    app.guess(&mut gus, GUS).await.problem(401, "code_refused");
    gus
}

/// An address that has used up its sends. None of the numbers belongs to a user.
async fn busy_address(app: &TestApp) {
    for number in 0..3 {
        let phone = format!("+44740010007{number}");
        app.ask(&mut Browser::at("203.0.113.77"), &phone)
            .await
            .next("/code");
    }
    let refused = app
        .ask(&mut Browser::at("203.0.113.77"), "+447400100073")
        .await;
    refused.problem(429, "slow_down");
    assert_eq!(
        app.last("excess_rate_limit_exceeded")["limit"],
        "sends_address_hour"
    );
}

/// A pending sign-up. It uses up the budget of new users.
async fn jim(app: &TestApp) -> (Browser, String) {
    let mut jim = Browser::at("203.0.113.70");
    let fields = [("phone", JIM), ("name", "Jim Golden")];
    app.post(&mut jim, "sign-up", &fields).await.next("/code");
    app.last("user_created");
    let id = sha256(&base64(jim.token("__Host-latchkey-flow")));
    let (flow, _) = app.record(FLOW, id).await.unwrap();
    let flow = open(&[&b"latchkey flow v1"[..], &id].concat(), &flow).unwrap();
    (jim, flow["created_user"].as_str().unwrap().to_owned())
}

/// A pending flow with one failed attempt and a return URL at an application.
async fn fay(app: &TestApp) -> Browser {
    let mut fay = Browser::at("203.0.113.35");
    let fields = [("phone", FAY), ("stay", "1"), ("return_to", RETURN_TO)];
    app.post(&mut fay, "send-code", &fields).await.next("/code");
    let wrong = app.guess(&mut fay, FAY).await.problem(401, "code_refused");
    assert_eq!(wrong["tries_left"], 4);
    fay
}

/// The operator command that shows the message to the test number.
pub fn test_code() -> Value {
    json!({ "command": "test_code", "identifier": TEST_NUMBER })
}
