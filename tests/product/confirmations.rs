//! What pages say and keep after something was done: a sign-out, another number, a new account.

use axum::body::Body;
use http::Method;
use http::header::REFERER;

use crate::support::{KNOWN_PHONE, TestApp};

#[tokio::test]
async fn a_sign_out_is_confirmed_once_on_the_page_it_leads_to() {
    let app = TestApp::start().await;
    for html in [true, false] {
        let mut browser = app.browser();
        browser.html = html;
        browser.sign_in(KNOWN_PHONE).await;
        browser.post("sign-out", &[]).await;
        let page = browser.get("/sign-in").await.body;
        assert!(
            page.contains("role=\"status\"") && page.contains("You’re signed out"),
            "{page}"
        );
        assert!(!page.contains("<title>Error"));
        assert!(
            !browser
                .get("/sign-in")
                .await
                .body
                .contains("You’re signed out")
        );
        let names: Vec<_> = browser.cookies.keys().cloned().collect();
        assert_eq!(names, ["latchkey-browser"]);
    }
}

#[tokio::test]
async fn another_number_and_a_sign_up_begin_with_what_was_typed() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let fields = [
        ("phone", "07400 777888"),
        ("country", "GB"),
        ("name", "Ada"),
    ];
    browser.post("sign-up", &fields).await.assert_next("/code");
    for (page, from) in [("/sign-in", "/code"), ("/sign-up", "/sign-in?x=1")] {
        let referrer = format!("{}{from}", app.origin());
        let request = browser.request(Method::GET, page).header(REFERER, referrer);
        let body = browser
            .send(request.body(Body::empty()).unwrap())
            .await
            .body;
        assert!(body.contains("value=\"+44 7400 777888\""), "{body}");
        assert!(body.contains("<option value=\"GB\" selected"), "{body}");
        assert_eq!(body.contains("value=\"Ada\""), page == "/sign-up");
    }
    // A page that is opened by its address shows nothing of it.
    let opened = browser.get("/sign-in").await.body;
    assert!(!opened.contains("7400 777888"), "{opened}");
}

#[tokio::test]
async fn a_new_account_is_not_greeted_as_a_new_browser() {
    let app = TestApp::start().await;
    let phone = "+447400777888";
    let mut new = app.browser();
    new.sign_up(phone).await;
    assert!(
        !new.get("/account")
            .await
            .body
            .contains("First sign-in with this browser")
    );
    let mut other = app.browser();
    other.sign_in(phone).await;
    let account = other.get("/account").await.body;
    assert!(account.contains("First sign-in with this browser"));
    assert_eq!(
        account.matches("button primary").count(),
        1,
        "that of the idle dialog alone"
    );
}

#[tokio::test]
async fn the_help_of_a_sign_up_does_not_speak_of_existing_accounts() {
    let app = TestApp::start().await;
    let help = async |endpoint: &str| {
        let mut browser = app.browser();
        browser
            .post(endpoint, &[("phone", KNOWN_PHONE)])
            .await
            .assert_next("/code");
        browser.get("/code").await.body
    };
    let known = "We send codes only to numbers that have an account.";
    assert!(help("send-code").await.contains(known));
    let sign_up = help("sign-up").await;
    assert!(!sign_up.contains(known) && sign_up.contains("We send the code only there."));
    assert!(sign_up.contains("aria-describedby=\"code-lead code-error code-time\""));
    assert!(sign_up.contains("id=\"code-lead\""));
}
