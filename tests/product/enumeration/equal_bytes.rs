//! Every endpoint, as JSON and HTML, in every language: the same bytes for every number, and the
//! same pages afterwards (E1).

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderValue, Method, StatusCode};

use axum::body::Body;

use crate::enumeration::*;

/// A step of the journey, which every browser takes at the same time.
#[derive(Clone, Copy, Debug)]
enum JourneyStep {
    /// A POST to an endpoint, and the status of its JSON response.
    Post(&'static str, u16),
    /// The cool-down of the flows passes, and another device requests the code whose resend is to
    /// be withheld.
    CoolDown,
    /// The tenant's lock and our own attempt limit expire.
    Lockout,
    /// Cookies are deleted.
    ClearCookies,
}

const JOURNEY: [JourneyStep; 12] = [
    JourneyStep::Post("send-code", 200),
    JourneyStep::Post("verify-code", 401),
    JourneyStep::Post("resend-code", 429),
    JourneyStep::Post("send-code", 200),
    JourneyStep::CoolDown,
    JourneyStep::Post("resend-code", 200),
    JourneyStep::Post("verify-code", 401),
    JourneyStep::Post("verify-code", 429),
    JourneyStep::Lockout,
    JourneyStep::ClearCookies,
    JourneyStep::Post("sign-up", 200),
    JourneyStep::Post("verify-code", 401),
];

struct Journey {
    app: Arc<TestApp>,
    browsers: Vec<Browser>,
}

impl Journey {
    fn new(app: &Arc<TestApp>, html: bool, language: &'static str) -> Self {
        let browsers = AccountState::ALL.iter().map(|_| Browser {
            html,
            language,
            ..app.browser()
        });
        Self {
            app: app.clone(),
            browsers: browsers.collect(),
        }
    }

    async fn perform(&mut self, step: JourneyStep) {
        match step {
            JourneyStep::Post(endpoint, status) => self.post(endpoint, status).await,
            JourneyStep::CoolDown => {
                self.app.advance(seconds(35)).await;
                self.app
                    .browser()
                    .start(&AccountState::WithheldResend.phone())
                    .await;
            }
            JourneyStep::Lockout => self.app.advance(seconds(901)).await,
            JourneyStep::ClearCookies => self
                .browsers
                .iter_mut()
                .for_each(|browser| browser.cookies.clear()),
        }
    }

    /// All requests run at once, so that their flows have the same age.
    async fn post(&mut self, endpoint: &str, status: u16) {
        let requests = AccountState::ALL
            .iter()
            .zip(&self.browsers)
            .map(|(state, browser)| {
                let phone = state.phone();
                let mut form = browser.form(
                    endpoint,
                    &[("phone", &phone), ("name", "Ada"), ("code", "000000")],
                );
                form.headers_mut().insert(
                    ACCEPT_ENCODING,
                    HeaderValue::from_static("gzip, deflate, br, zstd"),
                );
                form
            });
        let responses = self.app.call_all_and_advance(requests.collect()).await;
        for (browser, response) in self.browsers.iter_mut().zip(&responses) {
            browser.store_cookies(response);
        }
        let shape = if self.browsers[0].html {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::from_u16(status).unwrap()
        };
        assert_eq!(
            responses[0].status, shape,
            "{endpoint}: {}",
            responses[0].body
        );
        // A compressed length would depend on the content.
        assert!(
            responses
                .iter()
                .all(|response| !response.headers.contains_key(CONTENT_ENCODING)),
            "{endpoint}"
        );
        assert_same_responses(
            endpoint,
            &AccountState::ALL
                .into_iter()
                .zip(responses)
                .collect::<Vec<_>>(),
        );
        self.app.wait_for_sends().await;
        for path in [
            "/code",
            "/api/session",
            "/",
            "/sign-in",
            "/sign-up",
            "/account",
            "/sign-out",
        ] {
            self.compare_pages(&format!("{path} after {endpoint}"), path)
                .await;
        }
    }

    async fn compare_pages(&mut self, what: &str, path: &str) {
        let mut responses = Vec::new();
        for (state, browser) in AccountState::ALL.iter().zip(&mut self.browsers) {
            let request = browser
                .request(Method::GET, path)
                .header(ACCEPT_ENCODING, "gzip, deflate, br, zstd");
            let response = self.app.call(request.body(Body::empty()).unwrap()).await;
            assert!(!response.headers.contains_key(CONTENT_ENCODING), "{what}");
            browser.store_cookies(&response);
            responses.push((*state, response));
        }
        assert_same_responses(what, &responses);
    }
}

async fn run_journey(html: bool, language: &'static str) {
    let app = app().await;
    exhaust_limits(&app).await;
    let (calls, before) = (app.upstream.call_counts().await, app.audit.events().len());
    let mut journey = Journey::new(&app, html, language);
    for step in JOURNEY {
        journey.perform(step).await;
    }
    // Proves that the responses are not equal merely because nothing happened.
    let calls = app.upstream.calls_since(&calls).await;
    assert!(
        calls["otp_send"] >= 10 && calls["user_create"] == 5 && calls["otp_authenticate"] >= 3,
        "{calls:?}"
    );
    let events = &app.audit.events()[before..];
    let withheld = |limit: &str| {
        events
            .iter()
            .any(|event| event["decision"] == "withheld" && event["limit"] == limit)
    };
    for limit in ["sends_hour", "sends_prefix_hour", "cool_down"] {
        assert!(withheld(limit), "nothing was withheld by {limit}");
    }
    for reason in ["refused", "nothing_sent", "tries_spent"] {
        assert!(
            events.iter().any(|event| event["reason"] == reason),
            "no event failed with {reason}"
        );
    }
}

#[tokio::test]
async fn e1_equal_json_in_english() {
    run_journey(false, "en").await;
}

#[tokio::test]
async fn e1_equal_pages_in_english() {
    run_journey(true, "en").await;
}

#[tokio::test]
async fn e1_equal_json_in_german_and_pages_in_french() {
    run_journey(false, "de").await;
    run_journey(true, "fr").await;
}

#[tokio::test]
async fn e1_equal_json_in_spanish_and_pages_in_arabic() {
    run_journey(false, "es").await;
    run_journey(true, "ar").await;
}

/// A number whose attempts other devices have exhausted while its own browser waits for the code.
/// That browser sees a wrong code.
#[tokio::test]
async fn e1_an_undisclosed_refusal_equals_a_wrong_code() {
    let app = app().await;
    let (limited, known) = (AccountState::Limited.phone(), AccountState::Known.phone());
    let mut attacker = app.browser();
    attacker.start(&limited).await;
    app.advance(seconds(31)).await;
    let mut browsers = [app.browser(), app.browser()];
    let phones = browsers.iter().zip([&limited, &known]);
    let forms = phones.map(|(browser, phone)| browser.form("send-code", &[("phone", phone)]));
    let responses = app.call_all_and_advance(forms.collect()).await;
    for (browser, response) in browsers.iter_mut().zip(&responses) {
        browser.store_cookies(response);
    }
    app.wait_for_sends().await;
    attacker.fail(&limited).await;
    attacker.fail(&limited).await;
    let forms = browsers
        .iter()
        .map(|browser| browser.form("verify-code", &[("code", "000000")]));
    let responses = app.call_all_and_advance(forms.collect()).await;
    assert_same_responses(
        "verify-code",
        &[AccountState::Limited, AccountState::Known]
            .into_iter()
            .zip(responses)
            .collect::<Vec<_>>(),
    );
    assert_eq!(
        app.audit
            .events_named("authn_login_fail")
            .iter()
            .filter(|event| event["reason"] == "limited")
            .count(),
        1
    );
}
