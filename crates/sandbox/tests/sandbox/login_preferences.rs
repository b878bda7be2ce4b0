//! `loginPreferences`: what a tenant says of its passcode policy.

use latchkey_sandbox::CLIENT_ID;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{SandboxClient, start_sandbox};

async fn preferences(sandbox: &SandboxClient) -> (u16, Value) {
    sandbox
        .get(&format!("/cis/loginPreferences/{CLIENT_ID}"))
        .await
}

#[tokio::test]
async fn the_policy_is_told_in_minutes() {
    let sandbox = start_sandbox().await;
    let default = json!({ "expiresIn": 5, "maxFailures": 3, "lockoutDuration": 15,
        "codeLength": 6 });
    let (status, told) = preferences(&sandbox).await;
    let methods = &told["result"]["auth_methods"];
    assert_eq!((status, &methods["sms"]), (200, &default));
    assert_eq!(methods["email_otp"]["codeLength"], 6);

    let policy = json!({ "otp_length": 8, "otp_lifetime": "90s", "max_failures": 20,
        "lockout": "1h" });
    sandbox.set_policy(policy).await;
    let told = preferences(&sandbox).await.1;
    assert_eq!(
        told["result"]["auth_methods"]["sms"],
        json!({ "expiresIn": 1.5, "maxFailures": 20, "lockoutDuration": 60, "codeLength": 8 })
    );
}

#[tokio::test]
async fn codes_by_email_have_a_policy_of_their_own_and_are_missing_when_off() {
    let sandbox = start_sandbox().await;
    let policy = json!({ "email_length": 8, "email_lifetime": "10m", "email_max_failures": 2,
        "email_lockout": "1h" });
    sandbox.set_policy(policy).await;
    let told = preferences(&sandbox).await.1;
    let methods = &told["result"]["auth_methods"];
    assert_eq!(
        methods["email_otp"],
        json!({ "expiresIn": 10, "maxFailures": 2, "lockoutDuration": 60, "codeLength": 8,
            "message": {} })
    );
    assert_eq!(methods["sms"]["codeLength"], 6);
    sandbox.set_policy(json!({ "email_enabled": false })).await;
    let told = preferences(&sandbox).await.1;
    let methods = told["result"]["auth_methods"].as_object().unwrap();
    assert_eq!(methods.keys().collect::<Vec<_>>(), ["sms"]);
}

#[tokio::test]
async fn a_test_can_withhold_and_falsify_the_policy() {
    let sandbox = start_sandbox().await;
    let change = json!({ "told_instead": { "maxFailures": "x", "codeLength": null } });
    sandbox.set_policy(change).await;
    let told = preferences(&sandbox).await.1;
    assert_eq!(
        told["result"]["auth_methods"]["sms"],
        json!({ "expiresIn": 5, "maxFailures": "x", "lockoutDuration": 15 })
    );
    sandbox
        .set_policy(json!({ "told_instead": {}, "otp_enabled": false }))
        .await;
    let told = preferences(&sandbox).await.1;
    assert_eq!(
        told["result"]["auth_methods"],
        json!({}),
        "a method that is off is missing"
    );

    sandbox.set_policy(json!({ "is_readable": false })).await;
    assert_eq!(preferences(&sandbox).await.0, 403);
    sandbox.set_policy(json!({ "is_readable": true })).await;
    assert_eq!(sandbox.get("/cis/loginPreferences/another").await.0, 404);
    let path = sandbox.url(&format!("/cis/loginPreferences/{CLIENT_ID}"));
    let without_token = sandbox.http.get(path).send().await.unwrap();
    assert_eq!(without_token.status(), 401);
}
