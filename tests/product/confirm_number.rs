//! Numbers that are asked back before anything is sent, and the country of a number (requirements
//! S5, E1). Only public data about numbers decides.

use latchkey::server::settings::Settings;

use crate::support::{Browser, KNOWN_PHONE, TestApp, TestResponse, selected_country};

const FIXED_LINE: &str = "+442079460958";

/// Whether a page asks about a number, and has the field that confirms it.
fn asks_about(page: &str, shown: &str, number: &str) -> bool {
    page.contains(" right? If it is, send it again.")
        && page.contains(shown)
        && page.contains(&format!("name=\"confirmed\" value=\"{number}\""))
}

#[tokio::test]
async fn s5_a_doubtful_number_is_asked_back_at_once_and_sends_nothing() {
    let app = TestApp::start_with_user().await;
    app.upstream.set_user_status(FIXED_LINE, "Active").await;
    for (phone, country, number, shown) in [
        ("07400 123456", "US", KNOWN_PHONE, "+44 7400 123456"),
        ("447400123456", "US", KNOWN_PHONE, "+44 7400 123456"),
        ("020 7946 0958", "GB", FIXED_LINE, "+44 20 7946 0958"),
        (FIXED_LINE, "", FIXED_LINE, "+44 20 7946 0958"),
        // The same for a number without a user.
        ("07400 654321", "US", "+447400654321", "+44 7400 654321"),
    ] {
        for endpoint in ["send-code", "sign-up"] {
            let fields = [("phone", phone), ("country", country), ("stay", "1")];
            let asked = app.browser().post(endpoint, &fields).await;
            let problem = asked.assert_problem(422, "confirm_number");
            assert_eq!(asked.elapsed.as_secs(), 0);
            assert!(
                problem["title"].as_str().unwrap().contains(shown),
                "{problem}"
            );

            let mut form = app.browser().without_javascript();
            let page = if endpoint == "sign-up" {
                "/sign-up"
            } else {
                "/sign-in"
            };
            form.post(endpoint, &fields).await.assert_redirect(page);
            let shown_again = form.get(page).await.body;
            assert!(asks_about(&shown_again, shown, number), "{shown_again}");
            for sign in ["<title>Error: ", "aria-invalid"] {
                assert!(!shown_again.contains(sign), "nothing was wrong");
            }
            assert_eq!(selected_country(&shown_again), "GB");
        }
    }
    app.product.close().await;
    assert_eq!(app.upstream.call_count("otp_send").await, 0);
    assert_eq!(app.upstream.call_count("user_create").await, 0);
}

async fn confirm(browser: &mut Browser, phone: &str, confirmed: &str) -> TestResponse {
    let fields = [
        ("phone", phone),
        ("country", "GB"),
        ("confirmed", confirmed),
    ];
    browser.post("send-code", &fields).await
}

#[tokio::test]
async fn a_confirmed_number_is_taken_and_no_other() {
    let app = TestApp::start().await;
    for (confirmed, is_taken) in [
        (FIXED_LINE, true),
        ("+44 20 7946 0958", true),
        ("1", true),
        ("+442079460000", false),
        ("yes", false),
        ("", false),
    ] {
        let response = confirm(&mut app.browser(), "020 7946 0958", confirmed).await;
        if is_taken {
            response.assert_next("/code");
        } else {
            response.assert_problem(422, "confirm_number");
        }
    }
}

#[tokio::test]
async fn a_script_confirms_by_sending_the_same_number_once_more() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let other = "+442079460123";
    for phone in [FIXED_LINE, other] {
        let asked = browser.post("send-code", &[("phone", phone)]).await;
        asked.assert_problem(422, "confirm_number");
    }
    let first = browser.post("send-code", &[("phone", FIXED_LINE)]).await;
    first.assert_problem(422, "confirm_number");
    let again = browser.post("send-code", &[("phone", FIXED_LINE)]).await;
    again.assert_next("/code");
    assert_eq!(
        browser.cookie("latchkey-flash"),
        None,
        "the question is over"
    );
}

async fn country_for(languages: &'static str, change: impl FnOnce(&mut Settings)) -> String {
    let app = TestApp::with_settings(change).await;
    let mut browser = Browser {
        language: languages,
        ..app.browser().without_javascript()
    };
    let page = browser.get("/sign-in").await.body;
    selected_country(&page).to_owned()
}

#[tokio::test]
async fn a_country_that_no_language_suggests_is_that_of_the_brand_or_is_chosen() {
    assert_eq!(country_for("ar", |_| {}).await, "", "Egypt is not served");
    assert_eq!(country_for("", |_| {}).await, "");
    assert_eq!(country_for("sv", |_| {}).await, "SE");
    assert_eq!(country_for("ca", |_| {}).await, "ES");
    let brand = |settings: &mut Settings| settings.brand.country = Some("NZ".to_owned());
    assert_eq!(country_for("ar", brand).await, "NZ");
    assert_eq!(country_for("de", brand).await, "DE");
    let app = TestApp::start().await;
    let fields = [("phone", "07400 123456"), ("country", "")];
    let refused = app.browser().post("send-code", &fields).await;
    refused.assert_problem(422, "invalid_phone");
}

#[tokio::test]
async fn a_refused_form_selects_the_country_of_the_typed_number() {
    let app = TestApp::start().await;
    app.upstream.fail_with_status("token", 401).await;
    for phone in ["+44 7400 123456", "0044 7400 123456", "011 44 7400 123456"] {
        let mut form = app.browser().without_javascript();
        form.post("send-code", &[("phone", phone), ("country", "US")])
            .await;
        let page = form.get("/sign-in").await.body;
        assert_eq!(selected_country(&page), "GB", "{phone}");
    }
}

#[tokio::test]
async fn a_refused_form_selects_the_country_of_the_typed_calling_code() {
    let app = TestApp::start().await;
    for (phone, chosen, country) in [
        ("+44 7400 12", "US", "GB"),
        ("0044 7400 12", "US", "GB"),
        ("+49", "US", "DE"),
        ("+1 202", "GB", "US"),
        ("+1 202", "CA", "CA"),
        ("+1 202", "", "US"),
        // A number that is complete, and gets no messages.
        ("+44 9098 790123", "US", "GB"),
        // Not served, national, and no calling code.
        ("+998 90 12", "US", "US"),
        ("07400 12", "US", "US"),
        ("+4", "US", "US"),
        ("my number", "FR", "FR"),
    ] {
        let mut form = app.browser().without_javascript();
        form.post("send-code", &[("phone", phone), ("country", chosen)])
            .await;
        let page = form.get("/sign-in").await.body;
        assert!(page.contains(&format!("value=\"{phone}\"")), "{phone}");
        assert_eq!(selected_country(&page), country, "{phone} {chosen}");
    }
}
