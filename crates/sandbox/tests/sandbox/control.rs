//! `/control`: valid and invalid input, and origins.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{PHONE, http_client, read_json, start_sandbox};

#[tokio::test]
async fn invalid_input_is_400_with_a_message() {
    let sandbox = start_sandbox().await;
    let cases = [
        (
            Method::PUT,
            "policy",
            vec![
                json!({ "otp_length": 3 }),
                json!({ "otp_length": 9 }),
                json!({ "otp_length": "6" }),
                json!({ "max_failures": 0 }),
                json!({ "max_failures": 21 }),
                json!({ "otp_lifetime": "soon" }),
                json!({ "otp_lifetime": 0 }),
                json!({ "lockout": "-5m" }),
                json!({ "lockout": "25h" }),
                json!({ "otp_lenght": 6 }),
                json!({ "request_id": "kebab" }),
                json!({ "request_id_always": "yes" }),
                json!({ "disabled_user_session": "404" }),
            ],
        ),
        (
            Method::PUT,
            "latency",
            vec![
                json!({ "operation": "otp_send" }),
                json!({ "operation": "otp", "ms": 1 }),
                json!({ "operation": "otp_send", "ms": -1 }),
                json!({ "operation": "otp_send", "ms": 600_001 }),
                json!({ "operation": "otp_send", "ms": 1, "case": "any" }),
            ],
        ),
        (
            Method::PUT,
            "fault",
            vec![
                json!({ "operation": "otp_send", "kind": "slow" }),
                json!({ "operation": "otp_send", "kind": "status", "status": 99 }),
                json!({ "operation": "otp_send", "kind": "status", "status": 101 }),
                json!({ "operation": "otp_send", "kind": "hang", "status": 500 }),
            ],
        ),
        (
            Method::PUT,
            "users/12025550123",
            vec![json!({ "status": "Active" })],
        ),
        (
            Method::PUT,
            "users/%2B12025550123",
            vec![json!({ "status": "Happy" }), json!({})],
        ),
        (
            Method::POST,
            "clock",
            vec![
                json!({}),
                json!({ "advance": "-1m" }),
                json!({ "advance": "11y" }),
                json!({ "advance": u64::MAX }),
            ],
        ),
        (
            Method::POST,
            "keys/rotate",
            vec![
                json!({ "forget": true }),
                json!({ "algorithm": "ES256" }),
                json!({ "keep_old": "no" }),
            ],
        ),
        (
            Method::PUT,
            "tokens",
            vec![
                json!({}),
                json!({ "token": "id" }),
                json!({ "token": "refresh", "signature": "none" }),
                json!({ "token": "id", "signature": "bad" }),
                json!({ "token": "id", "claims": ["sub"] }),
                json!({ "token": "id", "claims": { "sub": 1 }, "times": -1 }),
                json!({ "token": "id", "claim": { "sub": 1 } }),
            ],
        ),
    ];
    for (method, path, bodies) in cases {
        for body in bodies {
            let request = sandbox
                .http
                .request(method.clone(), sandbox.url(&format!("/control/{path}")))
                .json(&body);
            let (status, answer) = read_json(request.send().await.unwrap()).await;
            assert_eq!(
                (status, answer["message"].is_string()),
                (400, true),
                "{path} {body}"
            );
        }
    }
    let text = sandbox
        .http
        .put(sandbox.url("/control/policy"))
        .body("otp_length=6")
        .send()
        .await
        .unwrap();
    assert_eq!(text.status(), 400);
}

#[tokio::test]
async fn the_policy_changes_by_field_and_durations_have_units() {
    let sandbox = start_sandbox().await;
    let (_, default) = sandbox.get("/control/policy").await;
    assert_eq!(
        (&default["otp_length"], &default["otp_lifetime"]),
        (&json!(6), &json!("300000ms"))
    );
    assert_eq!(
        (&default["max_failures"], &default["lockout"]),
        (&json!(3), &json!("900000ms"))
    );
    let changed = sandbox
        .control(
            Method::PUT,
            "policy",
            json!({ "otp_lifetime": "1h 30m", "lockout": 90 }),
        )
        .await;
    assert_eq!(
        (&changed["otp_lifetime"], &changed["lockout"]),
        (&json!("5400000ms"), &json!("90000ms"))
    );
    assert_eq!(changed["max_failures"], 3);
}

#[tokio::test]
async fn a_reset_clears_everything_but_the_keys() {
    let sandbox = start_sandbox().await;
    sandbox.sign_in(PHONE).await;
    sandbox.set_policy(json!({ "otp_length": 4 })).await;
    sandbox
        .set_fault(json!({ "operation": "jwks", "kind": "hang" }))
        .await;
    sandbox
        .set_latency(json!({ "operation": "user_get", "ms": 60_000 }))
        .await;
    sandbox.advance_clock("45m").await;
    sandbox.reset().await;

    assert_eq!(sandbox.get("/inbox.json").await, (200, json!([])));
    let calls = sandbox.get("/control/calls").await.1;
    assert!(
        calls.as_object().unwrap().values().all(|count| count == 0),
        "{calls}"
    );
    assert_eq!(sandbox.get("/control/policy").await.1["otp_length"], 6);
    assert_eq!(sandbox.get("/cis/oidc/jwks").await.0, 200);
    let (status, _) = sandbox
        .get("/cis/v1/users/phone-number/%2B12025550123")
        .await;
    assert_eq!(status, 404, "and the client token still works");
    let now: jiff::Timestamp = sandbox.get("/control/clock").await.1["now"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let message = {
        sandbox.set_user_status(PHONE, "Active").await;
        sandbox.send_code(PHONE).await;
        sandbox.inbox(PHONE).await
    };
    let sent: jiff::Timestamp = message[0]["sent_at"].as_str().unwrap().parse().unwrap();
    assert!(sent.duration_since(now).as_secs() < 60);
}

#[tokio::test]
async fn calls_are_counted_by_operation() {
    let sandbox = start_sandbox().await;
    sandbox.sign_in(PHONE).await;
    sandbox.get("/cis/v1/users/nobody").await;
    sandbox
        .get("/cis/v1/users/phone-number/%2B12025550123")
        .await;
    sandbox.post("/cis/v1/users", json!({})).await;
    let calls = sandbox.get("/control/calls").await.1;
    for (operation, count) in [
        ("token", 1),
        ("jwks", 0),
        ("user_create", 1),
        ("user_get", 2),
        ("user_update", 0),
        ("otp_send", 1),
        ("otp_authenticate", 1),
        ("session_authenticate", 0),
        ("session_logout", 0),
    ] {
        assert_eq!(calls[operation], count, "{operation}");
    }
}

#[tokio::test]
async fn every_user_status_can_be_set() {
    let sandbox = start_sandbox().await;
    let made = sandbox.set_user_status(PHONE, "Pending").await;
    assert_eq!(made["status"], "Pending");
    let same = sandbox.set_user_status(PHONE, "disabled").await;
    assert_eq!(
        (&same["status"], &same["user_id"]),
        (&json!("Disabled"), &made["user_id"])
    );
    assert_eq!(
        sandbox.set_user_status(PHONE, "Locked").await["status"],
        "Active"
    );
    assert_eq!(sandbox.authenticate(PHONE, "000000").await.0, 403);
    assert_eq!(
        sandbox.set_user_status(PHONE, "Absent").await["status"],
        "Absent"
    );
    assert_eq!(
        sandbox.set_user_status(PHONE, "Absent").await["status"],
        "Absent"
    );
    assert_eq!(sandbox.send_code(PHONE).await.0, 404);
}

#[tokio::test]
async fn requests_of_other_sites_and_hosts_are_refused() {
    let sandbox = start_sandbox().await;
    let own = sandbox.sandbox.base_url();
    let control = sandbox.url("/control/reset");
    let foreign: [(&str, &str); 7] = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:3000"),
        ("host", "evil.example"),
        ("host", "evil.example:4100"),
    ];
    for (name, value) in foreign {
        let (status, body) = read_json(
            http_client()
                .post(&control)
                .header(name, value)
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(
            (status, body["message"].is_string()),
            (403, true),
            "{name}: {value}"
        );
    }
    for (name, value) in [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "none"),
        ("origin", own.as_str()),
        ("host", "localhost:9"),
    ] {
        let response = http_client()
            .post(&control)
            .header(name, value)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 204, "{name}: {value}");
    }
    // Other names of this machine are refused too, but a link from the application to the phone
    // works.
    for path in ["/", "/inbox.json", "/cis/oidc/jwks"] {
        let rebound = http_client()
            .get(sandbox.url(path))
            .header("host", "evil.example")
            .send()
            .await
            .unwrap();
        assert_eq!(rebound.status(), 403, "{path}");
    }
    let link = http_client()
        .get(sandbox.url("/"))
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    assert_eq!(link.status(), 200);
}

#[tokio::test]
async fn unknown_paths_and_methods_get_the_classic_error_body() {
    let sandbox = start_sandbox().await;
    for (method, path, status) in [
        (Method::GET, "/cis/v1/nothing", 404),
        (Method::GET, "/control/nothing", 404),
        (Method::DELETE, "/cis/v1/users", 405),
        (Method::GET, "/cis/v1/auth/otp/send", 405),
        (Method::PATCH, "/cis/v1/auth/users/x/sessions", 405),
    ] {
        let (code, body): (u16, Value) =
            read_json(sandbox.request(method, path).send().await.unwrap()).await;
        assert_eq!(
            (code, &body["error_code"]),
            (status, &json!(status)),
            "{path}"
        );
    }
}
