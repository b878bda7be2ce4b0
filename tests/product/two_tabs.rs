//! Two tabs of one browser with two numbers: the page of the earlier one changes nothing about the
//! later one (requirements C3, C10).

use crate::support::{Browser, KNOWN_PHONE, TestApp, different_code, minutes};

const OTHER_PHONE: &str = "+447400777888";

/// The tag in each form of a code page.
fn tags(page: &str) -> Vec<String> {
    let fields = page.split("name=\"flow\" value=\"").skip(1);
    fields
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// A browser that requested a code for one number and then, in another tab, for another. Returns
/// the tags of the two pages and the code of the first number.
async fn two_tabs(app: &std::sync::Arc<TestApp>) -> (Browser, [String; 2], String) {
    app.upstream.set_user_status(OTHER_PHONE, "Active").await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    let first = tags(&browser.get("/code").await.body);
    browser.start(OTHER_PHONE).await;
    let second = tags(&browser.get("/code").await.body);
    assert_eq!(
        (first.len(), second.len()),
        (2, 2),
        "both forms carry the tag"
    );
    assert!(first[0] == first[1] && second[0] == second[1] && first[0] != second[0]);
    let cookie = browser.cookie("latchkey-flow").unwrap();
    assert!(!cookie.contains(&second[0]) && !second[0].contains(cookie));
    (browser, [first[0].clone(), second[0].clone()], code)
}

#[tokio::test]
async fn c3_a_code_from_the_page_of_an_earlier_flow_costs_no_attempt_and_signs_nobody_in() {
    let app = TestApp::start().await;
    let (mut browser, [first, second], code) = two_tabs(&app).await;
    let newest = app.upstream.newest_code(OTHER_PHONE).await;
    let before = app.upstream.call_counts().await;
    for html in [false, true] {
        browser.html = html;
        // More often than there are attempts; the last one would be right for the other number.
        for typed in [&*code, &*different_code(&code), "12", &*code, &*newest] {
            let fields = [("code", typed), ("flow", &*first)];
            let response = browser.post("verify-code", &fields).await;
            if html {
                response.assert_redirect("/code");
            } else {
                let problem = response.assert_problem(409, "stale_flow");
                assert!(problem["tries_left"].is_null());
            }
        }
        let fields = [("flow", &*first)];
        app.advance(minutes(1)).await;
        let resent = browser.post("resend-code", &fields).await;
        if !html {
            resent.assert_problem(409, "stale_flow");
        }
    }
    assert!(app.upstream.calls_since(&before).await.is_empty());
    let page = browser.get("/code").await.body;
    assert!(page.contains("You started a newer sign-in"), "{page}");
    assert!(
        page.contains("+44 ••• ••• 88"),
        "it is the page of the latest number"
    );
    assert!(
        !browser
            .get("/code")
            .await
            .body
            .contains("You started a newer sign-in"),
        "said once"
    );
    browser.html = false;
    let fields = [("code", &*newest), ("flow", &*second)];
    browser
        .post("verify-code", &fields)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn a_post_without_a_tag_belongs_to_the_flow_of_the_cookie() {
    let app = TestApp::start().await;
    let (mut browser, _, _) = two_tabs(&app).await;
    let code = app.upstream.newest_code(OTHER_PHONE).await;
    let fields = [("code", &*code), ("flow", "")];
    browser
        .post("verify-code", &fields)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn the_tag_outlives_a_resend_and_the_same_number_in_another_tab() {
    let app = TestApp::start().await;
    let (mut browser, _) = app.start_sign_in(KNOWN_PHONE).await;
    let tag = tags(&browser.get("/code").await.body)[0].clone();
    browser.start(KNOWN_PHONE).await;
    app.advance(minutes(1)).await;
    let fields = [("flow", &*tag)];
    browser
        .post("resend-code", &fields)
        .await
        .assert_next("/code");
    app.wait_for_sends().await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    let fields = [("code", &*code), ("flow", &*tag)];
    browser
        .post("verify-code", &fields)
        .await
        .assert_next("/account");
}

#[tokio::test]
async fn without_a_flow_a_tag_changes_nothing() {
    let app = TestApp::start().await;
    let fields = [("code", "123456"), ("flow", "1")];
    let response = app.browser().post("verify-code", &fields).await;
    response.assert_no_flow();
}
