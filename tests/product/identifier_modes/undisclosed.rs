//! What nobody learns or gets by typing the identifier of somebody else.

use latchkey_testkit::sandbox_client::different_code;
use serde_json::json;

use crate::identifier_modes::app_in;
use crate::support::identifier_mode::request_code_as;
use crate::support::{KNOWN_PHONE, Person};

#[tokio::test]
async fn e1_known_and_unknown_identifiers_and_users_without_a_phone_look_the_same() {
    for mode in ["email", "username", "employee_number"] {
        let app = app_in(mode).await;
        Person::create(&app, "ada.lovelace", KNOWN_PHONE).await;
        // A user who has no phone number: nothing can be sent.
        let (client, secret) = (
            app.settings.transmit.client_id.clone(),
            "latchkey-sandbox-secret",
        );
        app.upstream
            .create_by_api(
                &client,
                secret,
                json!({ "email": "abe.lovelace@example.com" }),
            )
            .await;
        let identifier = |name: &str| match mode {
            "email" => format!("{name}@example.com"),
            "username" => name.to_owned(),
            _ => format!("E-1042-{name}"),
        };
        let mut seen = Vec::new();
        for name in ["ada.lovelace", "abe.lovelace", "amy.lovelace"] {
            let mut browser = app.browser();
            let response = request_code_as(&mut browser, &identifier(name)).await;
            response.assert_next("/code");
            let page = browser.get("/code").await.body;
            let shown = page.split_once("<main").unwrap().1.to_owned();
            // Times and the flow's tag differ; none of them has another length.
            let digits = |c: char| if c.is_ascii_digit() { '#' } else { c };
            let shown: String = shown.chars().map(digits).collect();
            let shown = shown.split("<script").next().unwrap().to_owned();
            let wrong = browser.submit_code(&different_code("000000")).await;
            let problem = wrong.assert_code_refused();
            seen.push((
                response.body,
                response.elapsed,
                shown,
                wrong.elapsed,
                problem,
            ));
        }
        assert_eq!(seen[0], seen[1], "{mode}: without a phone");
        assert_eq!(seen[0], seen[2], "{mode}: unknown");
    }
}

#[tokio::test]
async fn c3_spellings_of_one_name_share_its_limits() {
    for mode in ["username", "employee_number"] {
        let app = app_in(mode).await;
        let ada = Person::create(&app, "ada", KNOWN_PHONE).await;
        ada.request_code(&mut app.browser())
            .await
            .assert_next("/code");
        let spellings = [
            ada.identifier.to_uppercase(),
            format!(" {}\u{200d}", ada.identifier),
            ada.identifier.replace('a', "a\u{200c}"),
        ];
        for typed in &spellings {
            request_code_as(&mut app.browser(), typed)
                .await
                .assert_next("/code");
        }
        assert_eq!(
            app.upstream.call_count("otp_send").await,
            1,
            "{mode}: one cool-down"
        );
        let withheld = app
            .audit
            .count_matching(|event| event["decision"] == "withheld");
        assert_eq!(withheld, spellings.len(), "{mode}");
    }
}

/// Upstream answers about another user than the one whose ID was typed.
#[tokio::test]
async fn t3_a_token_of_another_user_than_the_typed_user_id_is_refused() {
    let app = app_in("user_id").await;
    let ada = Person::create(&app, "ada", KNOWN_PHONE).await;
    let mut browser = app.browser();
    ada.request_code(&mut browser).await.assert_next("/code");
    for token in ["id", "access"] {
        let change = json!({ "token": token, "claims": { "sub": "u-other" }, "times": 1 });
        app.upstream.tamper_with_tokens(change).await;
    }
    let code = app.upstream.newest_code(&ada.phone).await;
    let refused = browser.submit_code(&code).await;
    refused.assert_code_refused();
    assert!(!browser.is_signed_in().await);
}
