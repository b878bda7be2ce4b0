//! Every door, in both shapes and every language: the same bytes for every number, and so the pages
//! that follow (E1).

use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderValue, Method, StatusCode};

use axum::body::Body;

use crate::enumeration::*;

/// A step of the way, which every browser takes at the same moment.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A post to a door, and the status of its JSON.
    Post(&'static str, u16),
    /// The cool-down of the flows passes, and a stranger asks for the one whose resend is to be
    /// withheld.
    CoolDown,
    /// The tenant's lock and our own limit of tries pass.
    Lockout,
    /// Cookies are thrown away.
    Anew,
}

const WAY: [Step; 12] = [
    Step::Post("send-code", 200),
    Step::Post("verify-code", 401),
    Step::Post("resend-code", 429),
    Step::Post("send-code", 200),
    Step::CoolDown,
    Step::Post("resend-code", 200),
    Step::Post("verify-code", 401),
    Step::Post("verify-code", 429),
    Step::Lockout,
    Step::Anew,
    Step::Post("sign-up", 200),
    Step::Post("verify-code", 401),
];

struct Walk {
    world: Arc<World>,
    browsers: Vec<Browser>,
}

impl Walk {
    fn new(world: &Arc<World>, html: bool, language: &'static str) -> Self {
        let browsers = Case::ALL.iter().map(|_| Browser {
            html,
            language,
            ..world.browser()
        });
        Self {
            world: world.clone(),
            browsers: browsers.collect(),
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Post(door, status) => self.post(door, status).await,
            Step::CoolDown => {
                self.world.advance(seconds(35)).await;
                self.world
                    .browser()
                    .ask(&Case::WithheldResend.phone())
                    .await
                    .next("/code");
            }
            Step::Lockout => self.world.advance(seconds(901)).await,
            Step::Anew => self
                .browsers
                .iter_mut()
                .for_each(|browser| browser.cookies.clear()),
        }
    }

    /// All at once, so that their flows are of one age.
    async fn post(&mut self, door: &str, status: u16) {
        let requests = Case::ALL.iter().zip(&self.browsers).map(|(case, browser)| {
            let phone = case.phone();
            let mut form = browser.form(
                door,
                &[("phone", &phone), ("name", "Ada"), ("code", "000000")],
            );
            form.headers_mut().insert(
                ACCEPT_ENCODING,
                HeaderValue::from_static("gzip, deflate, br, zstd"),
            );
            form
        });
        let answers = self.world.drive_all(requests.collect()).await;
        for (browser, answer) in self.browsers.iter_mut().zip(&answers) {
            browser.keep(answer);
        }
        let shape = if self.browsers[0].html {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::from_u16(status).unwrap()
        };
        assert_eq!(answers[0].status, shape, "{door}: {}", answers[0].body);
        // A length that was compressed would tell of what was compressed.
        assert!(
            answers
                .iter()
                .all(|answer| !answer.headers.contains_key(CONTENT_ENCODING)),
            "{door}"
        );
        alike(
            door,
            &Case::ALL.into_iter().zip(answers).collect::<Vec<_>>(),
        );
        self.world.settled().await;
        for path in [
            "/code",
            "/api/session",
            "/",
            "/sign-in",
            "/sign-up",
            "/account",
            "/sign-out",
        ] {
            self.look(&format!("{path} after {door}"), path).await;
        }
    }

    async fn look(&mut self, what: &str, path: &str) {
        let mut answers = Vec::new();
        for (case, browser) in Case::ALL.iter().zip(&mut self.browsers) {
            let request = browser
                .request(Method::GET, path)
                .header(ACCEPT_ENCODING, "gzip, deflate, br, zstd");
            let answer = self.world.call(request.body(Body::empty()).unwrap()).await;
            assert!(!answer.headers.contains_key(CONTENT_ENCODING), "{what}");
            browser.keep(&answer);
            answers.push((*case, answer));
        }
        alike(what, &answers);
    }
}

async fn walk(html: bool, language: &'static str) {
    let world = world().await;
    spend(&world).await;
    let (calls, before) = (world.upstream.calls().await, world.audit.events().len());
    let mut walk = Walk::new(&world, html, language);
    for step in WAY {
        walk.take(step).await;
    }
    // It was not alike because nothing happened.
    let calls = world.upstream.since(&calls).await;
    assert!(
        calls["otp_send"] >= 10 && calls["user_create"] == 5 && calls["otp_authenticate"] >= 3,
        "{calls:?}"
    );
    let events = &world.audit.events()[before..];
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
            "nothing failed as {reason}"
        );
    }
}

#[tokio::test]
async fn e1_json_in_english() {
    walk(false, "en").await;
}

#[tokio::test]
async fn e1_pages_in_english() {
    walk(true, "en").await;
}

#[tokio::test]
async fn e1_json_in_german_and_pages_in_french() {
    walk(false, "de").await;
    walk(true, "fr").await;
}

#[tokio::test]
async fn e1_json_in_spanish_and_pages_in_arabic() {
    walk(false, "es").await;
    walk(true, "ar").await;
}

/// A number whose tries strangers have spent while its own browser waits for the code: that one is
/// told of a wrong code.
#[tokio::test]
async fn e1_a_try_that_is_refused_silently_looks_like_one_that_upstream_refused() {
    let world = world().await;
    let (limited, known) = (Case::Limited.phone(), Case::Known.phone());
    let mut stranger = world.browser();
    stranger.ask(&limited).await.next("/code");
    world.advance(seconds(31)).await;
    let mut browsers = [world.browser(), world.browser()];
    let phones = browsers.iter().zip([&limited, &known]);
    let forms = phones.map(|(browser, phone)| browser.form("send-code", &[("phone", phone)]));
    let answers = world.drive_all(forms.collect()).await;
    for (browser, answer) in browsers.iter_mut().zip(&answers) {
        browser.keep(answer);
    }
    world.settled().await;
    stranger.guess(&limited).await.problem(401, "code_refused");
    stranger.guess(&limited).await.problem(401, "code_refused");
    let forms = browsers
        .iter()
        .map(|browser| browser.form("verify-code", &[("code", "000000")]));
    let answers = world.drive_all(forms.collect()).await;
    alike(
        "verify-code",
        &[Case::Limited, Case::Known]
            .into_iter()
            .zip(answers)
            .collect::<Vec<_>>(),
    );
    assert_eq!(
        world
            .audit
            .events_named("authn_login_fail")
            .iter()
            .filter(|event| event["reason"] == "limited")
            .count(),
        1
    );
}
