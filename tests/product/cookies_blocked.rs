//! A browser that keeps no cookies is told so before a message is sent: the flow is in a cookie, so
//! the code would be of no use (requirement S1).

use crate::support::{KNOWN_PHONE, TestApp};

const SENTENCE: &str = "didn’t keep this page’s cookie";

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split(&start).nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_without_the_cookie_it_came_with_sends_nothing_and_says_why() {
    let app = TestApp::start_with_user().await;
    for page in ["/sign-in", "/sign-up"] {
        let endpoint = if page == "/sign-in" {
            "send-code"
        } else {
            "sign-up"
        };
        let mut blocked = app.browser().without_javascript();
        let form = blocked
            .get(&format!("{page}?return_to=/account?tab=%26"))
            .await
            .body;
        assert!(!form.contains(SENTENCE));
        let (id, probe) = (hidden(&form, "form"), hidden(&form, "probe"));
        let to = "/account?tab=&";
        let fields = [
            ("phone", KNOWN_PHONE),
            ("form", &id),
            ("probe", &probe),
            ("return_to", to),
        ];
        for _ in 0..2 {
            blocked.cookies.clear();
            let refused = blocked.post(endpoint, &fields).await;
            let next = format!("{page}?cookies=blocked&return_to=/account?tab=%26");
            refused.assert_redirect(&next);
            blocked.cookies.clear();
            let shown = blocked.get(refused.location()).await.body;
            assert!(
                shown.contains(SENTENCE) && shown.contains("<title>Error: "),
                "{shown}"
            );
            assert_eq!(hidden(&shown, "return_to"), "/account?tab=&amp;");
        }
        let mut script = app.browser();
        let problem = script.post(endpoint, &fields).await;
        let problem = problem.assert_problem(403, "cookies_blocked");
        assert!(problem["title"].as_str().unwrap().contains(SENTENCE));
    }
    app.product.close().await;
    assert_eq!(app.upstream.call_count("otp_send").await, 0);
    assert_eq!(app.upstream.call_count("user_create").await, 0);
}

#[tokio::test]
async fn a_form_with_the_cookie_it_came_with_is_taken_and_the_cookie_ends_with_the_sign_in() {
    let app = TestApp::start_with_user().await;
    for html in [true, false] {
        let mut browser = app.browser();
        browser.html = html;
        let page = browser.get("/sign-in").await;
        let line = page.cookie("latchkey-probe").unwrap().to_owned();
        assert!(line.contains("HttpOnly; SameSite=Lax; Path=/") && !line.contains("Max-Age"));
        assert_eq!(
            browser.get("/sign-in").await.cookies(),
            [""; 0],
            "it is set once"
        );
        // Cookies that were allowed meanwhile are noticed.
        let allowed = browser.get("/sign-in?cookies=blocked").await.body;
        assert!(!allowed.contains(SENTENCE));
        let fields = [("phone", KNOWN_PHONE), ("probe", "1")];
        let sent = browser.post("send-code", &fields).await;
        assert!(sent.status.is_redirection() || sent.status.is_success());
        app.wait_for_sends().await;
        let code = app.upstream.newest_code(KNOWN_PHONE).await;
        browser.submit_code(&code).await;
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.cookie("latchkey-probe"), None);
        browser.post("sign-out", &[]).await;
        browser.get("/sign-in").await;
        let names: Vec<_> = browser.cookies.keys().cloned().collect();
        assert_eq!(names, ["latchkey-browser"]);
        assert_eq!(
            browser.get("/sign-in").await.cookies(),
            [""; 0],
            "the cookie of a recognised device shows the same"
        );
    }
    assert_eq!(app.upstream.call_count("otp_send").await, 2);
}

#[tokio::test]
async fn a_post_that_no_form_of_ours_made_needs_no_cookie() {
    let app = TestApp::start_with_user().await;
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_next("/code");
    assert_eq!(app.upstream.call_count("otp_send").await, 1);
}
