//! What a later build must do with the stored state of the fixtures.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Value, json};

use crate::app::{APPLICATION, Browser, Config, ID, OTHER_APPLICATION, TestApp, pause};
use crate::layout::{base64, hex, hmac_sha256, sha256};
use crate::scenario::*;

const TOKEN: &str = "__Host-latchkey";
/// Budgets: the setting, a number that is refused when the setting is 1, and the name in events.
const BUDGETS: [(&str, &str, &str); 15] = [
    ("service_hourly", NEW_NUMBER, "sends_hour"),
    ("service_daily", NEW_NUMBER, "sends_day"),
    ("service_hourly_total", NEW_NUMBER, "sends_hour_total"),
    ("service_daily_total", NEW_NUMBER, "sends_day_total"),
    ("country_hourly", "+447400200001", "sends_country_hour"),
    ("country_daily", "+447400200001", "sends_country_day"),
    ("country_daily_total", NEW_NUMBER, "sends_country_day_total"),
    ("prefix_hourly", "+447400109999", "sends_prefix_hour"),
    ("prefix_daily", "+447400109999", "sends_prefix_day"),
    (
        "prefix_daily_total",
        "+447400109999",
        "sends_prefix_day_total",
    ),
    ("number_daily_total", ANN, "sends_day_total"),
    ("address_daily_total", NEW_NUMBER, "sends_address_day_total"),
    (
        "address_countries_daily",
        NEW_NUMBER,
        "countries_address_day",
    ),
    ("network_hourly", NEW_NUMBER, "sends_network_hour"),
    ("network_daily_total", NEW_NUMBER, "sends_network_day_total"),
];

/// Continues ten seconds after the fixture's time, while tickets are valid. Returns the audit log.
pub async fn continue_from(config: &Config<'_>, notes: &Notes) -> Vec<Value> {
    let app = TestApp::start(config, notes.taken_at + 10_000).await;
    app.upstream.user(ANN, &["admin", "staff"]).await;
    for phone in [BEN, CAT, DAN, EVE, FAY, GUS, IDA, JIM, KIM, LEO, MAX] {
        app.upstream.user(phone, &[]).await;
    }
    assert_eq!(app.has_these_keys().await, Some(true));
    assert_eq!(app.last_use().await, notes.taken_at);

    sessions(&app, notes).await;
    applications(&app, notes).await;
    let keys = app
        .get(
            &mut notes.browser("flash"),
            &format!("{ID}/.well-known/jwks.json"),
        )
        .await;
    assert_eq!(keys.json(), notes.jwks);
    flash_and_message(&app, notes).await;
    cool_down(&app, notes).await;
    flows(&app, notes).await;
    limits(&app, notes).await;
    devices(&app, notes).await;
    signing_out(&app, notes).await;
    ends(&app, notes).await;
    let upstream = app.upstream.clone();
    let later = app.now();
    let (mut events, store) = app.end().await;
    assert!(store.check_ready().await.is_ok());

    // With budgets of 1, the stored charges exceed each of them.
    for (number, (setting, phone, limit)) in BUDGETS.into_iter().enumerate() {
        let tight = Config {
            guard: format!("{setting} = 1"),
            ..config.clone()
        };
        let app = TestApp::over(store.clone(), upstream.clone(), &tight, later);
        // An address that has sent before, or a new one.
        let address = match setting.split('_').next() {
            Some("address") => "203.0.113.1".to_owned(),
            Some("network") => "2001:db8:2:ffff::1".to_owned(),
            _ => format!("198.51.100.{number}"),
        };
        let answer = app.ask(&mut Browser::at(&address), phone).await;
        assert!([200, 429].contains(&answer.status), "{setting}: {answer:?}");
        let (event, is_told) = match answer.status {
            200 => (app.last("otp_requested"), false),
            _ => (app.last("excess_rate_limit_exceeded"), true),
        };
        assert_eq!(event["limit"], limit, "{setting}: {answer:?}");
        assert_eq!(
            is_told,
            !setting.starts_with("prefix") && !setting.starts_with("number")
        );
        app.end().await;
    }

    // Another secret key is detected.
    let other = Config {
        key: "b3RoZXIgdGVzdCBrZXksIG5vdCBmb3IgYW55IHVzZSE=",
        ..config.clone()
    };
    let app = TestApp::over(store.clone(), upstream.clone(), &other, later);
    assert_eq!(app.has_these_keys().await, Some(false));
    app.end().await;

    // Two hours later sessions are checked with the tenant, which does not know them.
    let app = TestApp::over(store, upstream, config, later + 7_200_000);
    assert_eq!(app.session(&notes.browser("ann")).await, None);
    assert_eq!(app.last("session_ended")["by"], "upstream");
    assert!(app.sweep().await > 0 || config.store.starts_with("redis:"));
    events.extend(app.end().await.0);
    events
}

impl Notes {
    pub fn browser(&self, name: &str) -> Browser {
        self.browsers[name].clone()
    }
}

fn id_of(browser: &Browser) -> [u8; 32] {
    sha256(&base64(browser.token(TOKEN)))
}

/// Signed-in browsers are signed in, with the same body; ended sessions stay ended.
async fn sessions(app: &TestApp, notes: &Notes) {
    for (name, body) in &notes.sessions {
        assert_eq!(app.session(&notes.browser(name)).await, *body, "{name}");
    }
    let live = notes.sessions.iter().filter(|(_, body)| body.is_some());
    let live: Vec<&str> = live.map(|(name, _)| name.as_str()).collect();
    assert_eq!(live, ["ann", "ann_on_phone", "ben", "cat", "leo"]);
    let over = notes.sessions.iter().filter(|(_, body)| body.is_none());
    let over: Vec<&str> = over.map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        over,
        ["ann_revoked", "ben_revoked", "cat_revoked", "leo_replaced"]
    );
    // Its record exists: the revocation marker alone keeps it signed out.
    assert!(
        app.record(SESSION, id_of(&notes.browser("cat_revoked")))
            .await
            .is_some()
    );

    let ann = json!({ "command": "sessions_list", "user": "golden-ann" });
    assert_eq!(app.command(ann).await, notes.listing);
    assert_eq!(notes.listing["sessions"].as_array().unwrap().len(), 2);
    let all = app.command(json!({ "command": "sessions_list" })).await;
    assert_eq!(all["sessions"].as_array().unwrap().len(), 7);
    assert_eq!(
        all["sessions"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["stay"] == true)
            .count(),
        1
    );
}

/// Application sessions, tickets, identity headers and signed JWTs continue to work.
async fn applications(app: &TestApp, notes: &Notes) {
    let mut ann = notes.browser("ann");
    assert_eq!(
        app.get(&mut ann, &format!("{APPLICATION}/.latchkey/session"))
            .await
            .status,
        200
    );
    let mut told = identity(app, &ann).await;
    // Added after the notes were taken.
    assert!(told.remove("x-auth-request-auth-age").is_some());
    assert_eq!(
        told.keys().collect::<Vec<_>>(),
        notes.identity.keys().collect::<Vec<_>>()
    );
    for (name, value) in told
        .iter()
        .filter(|(name, _)| *name != "x-auth-request-jwt")
    {
        assert_eq!(value, &notes.identity[name], "{name}");
    }
    let [now, then] =
        [&told, &notes.identity].map(|told| claims(notes, &told["x-auth-request-jwt"]));
    let [mut now, mut then] = [now, then].map(|claims| claims.as_object().unwrap().clone());
    for time in ["iat", "exp"] {
        let [now, then] = [&mut now, &mut then].map(|claims| claims.remove(time).unwrap());
        assert_eq!(now.as_u64().unwrap() - then.as_u64().unwrap(), 10, "{time}");
    }
    assert_ne!(now.remove("jti"), then.remove("jti"));
    assert_eq!(now, then);
    assert_eq!(now["sid"], ann.session_id());

    // The token of an application session is derived, so a new ticket leads to the same one.
    let before = ann
        .cookie(APPLICATION, "__Host-latchkey-app")
        .unwrap()
        .to_owned();
    let start = app
        .get(
            &mut ann,
            &format!("{APPLICATION}/.latchkey/start?to=/orders"),
        )
        .await;
    let ticket = app.get(&mut ann, start.header("location")).await;
    app.get(&mut ann, ticket.header("location")).await;
    assert_eq!(
        ann.cookie(APPLICATION, "__Host-latchkey-app"),
        Some(before.as_str())
    );

    let entered = app.get(&mut ann, &notes.ticket).await;
    assert_eq!(
        entered.header("location"),
        format!("{OTHER_APPLICATION}/reports")
    );
    let event = app.last("authn_token_created");
    assert_eq!(
        (&event["application"], &event["session"]),
        (&json!(OTHER_APPLICATION), &json!(ann.session_id()))
    );
    assert_eq!(
        app.get(&mut ann, &format!("{OTHER_APPLICATION}/.latchkey/session"))
            .await
            .status,
        200
    );
    for (origin, cookie) in [
        (APPLICATION, &before),
        (
            OTHER_APPLICATION,
            &ann.cookies[OTHER_APPLICATION]["__Host-latchkey-app"],
        ),
    ] {
        let label = format!("latchkey application v1\n{origin}");
        let derived = hmac_sha256(&base64(ann.token(TOKEN)), label.as_bytes());
        assert_eq!(hex(&base64(cookie)), hex(&derived));
    }
}

fn claims(notes: &Notes, jwt: &str) -> Value {
    let keys: JwkSet = serde_json::from_value(notes.jwks.clone()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[APPLICATION]);
    rules.set_issuer(&[ID]);
    // The times follow the manual clock.
    rules.validate_exp = false;
    decode(jwt, &DecodingKey::from_jwk(&keys.keys[0]).unwrap(), &rules)
        .unwrap()
        .claims
}

async fn flash_and_message(app: &TestApp, notes: &Notes) {
    let mut flash = notes.browser("flash");
    let page = app.page(&mut flash, &format!("{ID}/sign-in")).await;
    assert!(
        page.body.contains(r#"value="12345""#),
        "what was typed: {}",
        page.body
    );
    assert!(
        page.body
            .contains(r#"value="https://app.example.net/.latchkey/start?to=/orders""#)
    );
    assert_eq!(
        flash.cookie(ID, "__Host-latchkey-flash"),
        None,
        "shown once"
    );

    let shown = app.command(test_code()).await;
    assert_eq!(
        (&shown["code"], &shown["text"]),
        (&json!("482913"), &json!(MESSAGE))
    );
    let finish = json!({
        "command": "test_code_finish",
        "identifier": test_code()["identifier"],
        "version": shown["version"],
        "is_written": true
    });
    let finished = app.command(finish).await;
    assert_eq!(finished, json!({ "answer": "test_code_finished" }));
    assert_eq!(
        app.command(test_code()).await,
        json!({ "answer": "no_message" })
    );
}

/// The cool-down ends at the same time, for the flow, its form and unrecognised devices.
async fn cool_down(app: &TestApp, notes: &Notes) {
    let mut ida = notes.browser("ida");
    let refused = app
        .post(&mut ida, "resend-code", &[])
        .await
        .problem(429, "slow_down");
    assert_eq!(refused["retry_after"], notes.waits["cool_down"] - 10);
    let mut again = Browser::at("203.0.113.40");
    app.post(&mut again, "send-code", &[("phone", IDA), ("form", FORM)])
        .await
        .next("/code");
    assert_eq!(app.last("otp_requested")["decision"], "repeated");
    assert_eq!(
        again.token("__Host-latchkey-flow"),
        ida.token("__Host-latchkey-flow")
    );
    app.ask(&mut Browser::at("203.0.113.42"), IDA)
        .await
        .next("/code");
    assert_eq!(app.last("otp_requested")["limit"], "cool_down");
    let mut nobody = notes.browser("nobody");
    app.verify(&mut nobody, "123456")
        .await
        .problem(401, "code_refused");
    assert_eq!(app.last("authn_login_fail")["reason"], "nothing_sent");

    app.advance(notes.waits["cool_down"]);
    app.post(&mut ida, "resend-code", &[]).await.next("/code");
    app.next_user("golden-ida").await;
    let code = app.upstream.code(IDA).await;
    app.verify(&mut ida, &code).await.next("/account");
    assert_eq!(app.session(&ida).await.unwrap()["sub"], "golden-ida");
}

/// Pending flows accept the codes that were sent before, and attempts stay counted.
async fn flows(app: &TestApp, notes: &Notes) {
    let mut fay = notes.browser("fay");
    let code = app.upstream.code_of_earlier_send(FAY).await;
    let wrong = app.guess(&mut fay, FAY).await.problem(401, "code_refused");
    assert_eq!(wrong["tries_left"], 3, "one was typed before");
    app.next_user("golden-fay").await;
    let entered = app.verify(&mut fay, &code).await;
    entered.next(RETURN_TO);
    let cookie = entered
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|line| line.to_str().unwrap().starts_with("__Host-latchkey="));
    assert!(
        cookie
            .unwrap()
            .to_str()
            .unwrap()
            .contains("Max-Age=2592000"),
        "to stay: {cookie:?}"
    );
    let body = app.session(&fay).await.unwrap();
    assert_eq!(
        (&body["sub"], &body["amr"]),
        (&json!("golden-fay"), &json!(["sms"]))
    );

    // The name is written only for the user that this flow created.
    let mut jim = notes.browser("jim");
    let code = app.upstream.code_of_earlier_send(JIM).await;
    app.next_user(&notes.created_user).await;
    app.verify(&mut jim, &code).await.next("/account");
    for _ in 0..5_000 {
        if app.upstream.calls("user_update").await == 1 {
            return;
        }
        pause().await;
    }
    panic!("the name is not written");
}

/// Exceeded limits refuse until the same time as before.
async fn limits(app: &TestApp, notes: &Notes) {
    let mut spent = notes.browser("stranger_spent");
    let refused = app
        .verify(&mut spent, "123456")
        .await
        .problem(429, "slow_down");
    assert_eq!(refused["tries_left"], 0);
    let mut stranger = notes.browser("stranger");
    let code = app.upstream.code_of_earlier_send(DAN).await;
    app.verify(&mut stranger, &code)
        .await
        .problem(401, "code_refused");
    assert_eq!(app.last("authn_login_lock")["limit"], "tries");
    assert_eq!(app.last("authn_login_fail")["reason"], "limited");

    app.ask(&mut Browser::at("203.0.113.77"), NEW_NUMBER)
        .await
        .problem(429, "slow_down");
    let event = app.last("excess_rate_limit_exceeded");
    assert_eq!(event["limit"], "sends_address_hour");
    let passed = (app.now() - notes.taken_at) / 1000;
    let left = event["retry_after"].as_u64().unwrap();
    assert!(
        (notes.waits["busy"] - passed).abs_diff(left) <= 1,
        "{left} of {:?}",
        notes.waits
    );
    let mut new = Browser::at("203.0.113.78");
    app.post(&mut new, "sign-up", &[("phone", NEW_NUMBER)])
        .await
        .problem(429, "slow_down");
    assert_eq!(
        app.last("excess_rate_limit_exceeded")["limit"],
        "sign_ups_day"
    );
}

/// Recognised devices stay recognised, and failures of others do not lock them out.
async fn devices(app: &TestApp, notes: &Notes) {
    let mut dan = notes.browser("dan");
    app.sign_in(&mut dan, DAN, "golden-dan").await;
    assert_eq!(app.last("authn_login_success")["new_browser"], false);

    let mut gus = notes.browser("gus");
    let code = app.upstream.code_of_earlier_send(GUS).await;
    let wrong = app.guess(&mut gus, GUS).await.problem(401, "code_refused");
    assert_eq!(wrong["tries_left"], 3);
    app.next_user("golden-gus").await;
    app.verify(&mut gus, &code).await.next("/account");
    assert_eq!(app.last("authn_login_success")["new_browser"], false);

    // The last sign-in was more than 90 days ago.
    let mut eve = notes.browser("eve");
    app.sign_in(&mut eve, EVE, "golden-eve").await;
    let event = app.last("authn_login_success");
    assert_eq!(
        (&event["new_browser"], &event["long_absent"]),
        (&json!(false), &json!(true))
    );
}

/// The sign-in history outlives the session of the new browser.
async fn signing_out(app: &TestApp, notes: &Notes) {
    let (mut ann, mut phone) = (notes.browser("ann"), notes.browser("ann_on_phone"));
    app.post(&mut phone, "sign-out", &[]).await.next("/sign-in");
    assert_eq!(app.session(&notes.browser("ann_on_phone")).await, None);
    let page = app.page(&mut ann, &format!("{ID}/account")).await;
    assert!(
        page.body.contains("Chrome"),
        "of the new browser, which is signed out: {}",
        page.body
    );
}

/// The reason of an ended session is shown once; other sessions can be extended and revoked.
async fn ends(app: &TestApp, notes: &Notes) {
    for name in ["ann_revoked", "ben_revoked", "leo_replaced"] {
        let mut browser = notes.browser(name);
        let id = id_of(&browser);
        assert!(app.record(ENDED, id).await.is_some(), "{name}");
        app.page(&mut browser, &format!("{ID}/sign-in")).await;
        assert!(app.record(ENDED, id).await.is_none(), "{name}");
        assert_eq!(app.last("session_use_after_expire")["session"], hex(&id));
    }
    let mut ben = notes.browser("ben");
    app.post(&mut ben, "extend-session", &[])
        .await
        .next("/account");
    let whose = json!({ "session": notes.browser("cat").session_id() });
    let one = app
        .command(json!({ "command": "sessions_revoke", "whose": whose }))
        .await;
    assert_eq!(one, json!({ "answer": "revoked", "count": 1 }));
    assert_eq!(app.session(&notes.browser("cat")).await, None);
}
