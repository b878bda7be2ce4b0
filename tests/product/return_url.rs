//! Return URLs: to an allowed page, and nowhere else (requirement H8).

use crate::support::{KNOWN_PHONE, TestApp};

mod corpus;
mod survival;

async fn allowing(origins: &[&str]) -> std::sync::Arc<TestApp> {
    let origins = origins
        .iter()
        .map(|origin| origin.parse().unwrap())
        .collect();
    let app = TestApp::with_settings(|settings| settings.forward_auth.origins = origins).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app
}

#[tokio::test]
async fn h8_a_success_returns_to_an_own_path_or_allowed_origin() {
    let app = allowing(&["https://app.example.com", "http://app.localhost:8080"]).await;
    for (asked, end, foreign) in [
        ("/account?tab=1#x", "/account?tab=1#x", None),
        ("/deep/page", "/deep/page", None),
        ("http://127.0.0.1:3000/deep", "/deep", None),
        (
            "https://app.example.com/orders?id=1",
            "https://app.example.com/orders?id=1",
            Some("https://app.example.com"),
        ),
        (
            "http://app.localhost:8080/",
            "http://app.localhost:8080/",
            Some("http://app.localhost:8080"),
        ),
    ] {
        let mut browser = app.browser().without_javascript();
        let page = browser
            .get(&format!("/sign-in?return_to={}", percent(asked)))
            .await;
        assert!(page.body.contains("name=\"return_to\""), "{asked}");
        browser
            .post("send-code", &[("phone", KNOWN_PHONE), ("return_to", asked)])
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;
        let code_page = browser.get("/code").await;
        let policy = code_page.header("content-security-policy").unwrap();
        let form_action = policy
            .split(';')
            .find(|part| part.trim().starts_with("form-action"))
            .unwrap()
            .trim();
        let expected = foreign.map_or("form-action 'self'".to_owned(), |origin| {
            format!("form-action 'self' {origin}")
        });
        assert_eq!(form_action, expected, "{asked}");
        assert!(
            !code_page.body.contains("return_to"),
            "the return URL is stored in the flow"
        );
        browser
            .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
            .await
            .assert_redirect(end);
        app.advance(crate::support::minutes(61)).await;
    }
}

#[tokio::test]
async fn h8_hostile_return_urls_lead_to_the_account() {
    let app = allowing(&["https://app.example.com"]).await;
    let hostile = [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " https://evil.example",
        "https:evil.example",
        "https://evil.example",
        "https://app.example.com.evil.example",
        "https://app.example.com@evil.example",
        "https://user:pass@app.example.com/",
        "http://app.example.com/",
        "https://app.example.com:444/",
        "http://127.0.0.1:3001/",
        "/.//evil.example",
        "/x/..//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a\r\nSet-Cookie: x=y",
        "%2f%2fevil.example",
    ];
    for (number, asked) in hostile.into_iter().enumerate() {
        let phone = format!("+4474002{number:05}");
        app.upstream.set_user_status(&phone, "Active").await;
        let mut browser = app.browser().without_javascript();
        let page = browser
            .get(&format!("/sign-in?return_to={}", percent(asked)))
            .await;
        assert!(!page.body.contains("evil.example"), "{asked}");
        browser
            .post("send-code", &[("phone", &phone), ("return_to", asked)])
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;
        let policy = browser.get("/code").await;
        assert!(
            policy
                .header("content-security-policy")
                .unwrap()
                .contains("form-action 'self';"),
            "{asked}"
        );
        browser
            .submit_code(&app.upstream.newest_code(&phone).await)
            .await
            .assert_redirect("/account");
    }
}

#[tokio::test]
async fn h8_the_return_url_of_the_last_form_is_used() {
    let app = allowing(&[]).await;
    let mut browser = app.browser();
    browser
        .post(
            "send-code",
            &[("phone", KNOWN_PHONE), ("return_to", "/first")],
        )
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    // Within the cool-down nothing is sent, and the new return URL is stored.
    browser
        .post(
            "send-code",
            &[("phone", KNOWN_PHONE), ("return_to", "/second")],
        )
        .await
        .assert_next("/code");
    browser
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_next("/second");
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
