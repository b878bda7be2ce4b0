//! What applications get of people who sign in with another identifier than their phone number: the
//! number that upstream has verified, or none, and never what was typed.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey::server::settings::forward_auth::PhoneHeader;
use serde_json::{Value, json};

use crate::forward_auth::{SAME_HOST, app_behind_proxy, assert_identity, forward_auth};
use crate::support::identifier_mode::use_mode;
use crate::support::{Browser, IDENTIFIER_MODES, KNOWN_PHONE, Person, TestApp};

/// An application behind a proxy, and a person who signs in with their phone's code.
async fn signed_in(
    mode: &str,
    phone: PhoneHeader,
    claims: Value,
) -> (Arc<TestApp>, Browser, Person) {
    let app = app_behind_proxy(|settings| {
        use_mode(settings, mode);
        settings.forward_auth.phone = phone;
    })
    .await;
    let person = Person::create(&app, "ada.lovelace", KNOWN_PHONE).await;
    if claims != json!({}) {
        let change = json!({ "token": "id", "claims": claims, "times": 1 });
        app.upstream.tamper_with_tokens(change).await;
    }
    let mut browser = app.browser();
    person.sign_in(&mut browser).await;
    (app, browser, person)
}

/// The claims of the signed JWT.
fn claims(jwt: &str) -> Value {
    let payload = URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[tokio::test]
async fn an_application_gets_the_verified_number_and_never_the_identifier() {
    for mode in IDENTIFIER_MODES {
        for (setting, header, claim) in [
            (PhoneHeader::Masked, "+44 *** *** 56", Value::Null),
            (PhoneHeader::Full, KNOWN_PHONE, json!(KNOWN_PHONE)),
        ] {
            let (_app, mut browser, person) = signed_in(mode, setting, json!({})).await;
            let response = forward_auth(&browser, SAME_HOST, "/").await;
            let [user, phone, _, _, _, jwt, _] = assert_identity(&response);
            let claims = claims(jwt);
            assert_eq!((user, phone), (&*person.user_id, header), "{mode}");
            assert_eq!(claims["phone_number"], claim, "{mode}");
            assert_eq!(claims["sub"], person.user_id.as_str(), "{mode}");
            let session = browser.get("/api/session").await.body;
            assert!(session.contains("+44 ••• ••• 56"), "{mode}: {session}");
            if mode != "user_id" {
                // Nor a mask of it, in a header of any name.
                let shown = format!("{:?} {claims} {session}", response.headers);
                for part in ["lovelace", "example.com", "E-1042", "lace", "***@", "•••@"] {
                    assert!(!shown.contains(part), "{mode}: {part} in {shown}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_number_that_upstream_does_not_call_verified_reaches_no_application() {
    for mode in IDENTIFIER_MODES {
        for claims_of_token in [
            json!({ "phone_number_verified": false }),
            json!({ "phone_number_verified": null }),
            json!({ "phone_number_verified": "true" }),
            json!({ "phone_number": null }),
            json!({ "phone_number": "not a number" }),
        ] {
            let setting = PhoneHeader::Full;
            let (_app, mut browser, _) = signed_in(mode, setting, claims_of_token.clone()).await;
            let response = forward_auth(&browser, SAME_HOST, "/").await;
            let [_, phone, _, _, _, jwt, _] = assert_identity(&response);
            assert_eq!(phone, "", "{mode} {claims_of_token}");
            assert_eq!(
                claims(jwt)["phone_number"],
                Value::Null,
                "{mode} {claims_of_token}"
            );
            let session = browser.get("/api/session").await.json();
            assert_eq!(session["phone"], "", "{mode} {claims_of_token}");
        }
    }
}

/// The code itself proves the number that it was sent to.
#[tokio::test]
async fn a_typed_number_is_verified_by_its_code_even_if_the_tenant_returns_no_claim() {
    let none = json!({ "phone_number": null, "phone_number_verified": null });
    let (_app, browser, _) = signed_in("phone_number", PhoneHeader::Full, none).await;
    let response = forward_auth(&browser, SAME_HOST, "/").await;
    let [_, phone, _, _, _, jwt, _] = assert_identity(&response);
    assert_eq!(phone, KNOWN_PHONE);
    assert_eq!(claims(jwt)["phone_number"], KNOWN_PHONE);
}
