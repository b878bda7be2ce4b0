//! Writes of a client that continues after a refusal: none, or few between two sends that its
//! address was charged for.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::crypto::opaque_token::Token;
use latchkey::server::settings::{GuardSettings, Settings};

use crate::support::{
    Browser, KNOWN_PHONE, TestApp, TestResponse, UNKNOWN_PHONE, Upstream, seconds, wait_until,
};
use latchkey_testkit::fault_store::FaultStore;

/// Posts of each kind.
const POSTS: usize = 200;
/// Changes of one flow between two sends.
const MAX_WRITES: usize = 50;

/// A client with one address, and the writes that it causes.
struct ClientAtOneAddress {
    app: Arc<TestApp>,
    store: Arc<FaultStore>,
    browser: Browser,
}

impl ClientAtOneAddress {
    /// Without the limit of posts per second, to test what lies behind it.
    async fn start(limit: impl FnOnce(&mut GuardSettings)) -> Self {
        let store = FaultStore::in_memory();
        let change = |settings: &mut Settings| {
            settings.transmit.otp_max_failures = Some(20);
            settings.guard.address_requests_per_second = 1_000_000;
            settings.guard.address_requests_at_once = 1_000_000;
            limit(&mut settings.guard);
        };
        let app = TestApp::with_store(store.clone(), Arc::new(Upstream::start().await), change);
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        let browser = app.browser();
        Self {
            app,
            store,
            browser,
        }
    }

    async fn request_code(&mut self) -> &mut Self {
        self.browser.start(KNOWN_PHONE).await;
        self
    }

    /// Whether the flow knows the user that it created.
    async fn has_created_user(&self) -> bool {
        let id = Token::parse(self.browser.cookie("latchkey-flow").unwrap())
            .unwrap()
            .hash();
        let flows = &self.app.product.state.services.sign_in.deps().flow_store;
        flows
            .get(id, self.app.now())
            .await
            .unwrap()
            .unwrap()
            .created_user
            .is_some()
    }

    /// Sends so many posts, a tenth of a second apart, and returns the number of writes.
    async fn post_repeatedly(
        &mut self,
        status: u16,
        post: impl AsyncFn(&mut Browser, usize) -> TestResponse,
    ) -> usize {
        self.store.take_writes();
        for number in 0..POSTS {
            let response = post(&mut self.browser, number).await;
            assert_eq!(response.status.as_u16(), status, "{}", response.body);
            self.app.advance_app_clock(Duration::from_millis(100));
        }
        let changes = self.store.take_writes().len();
        println!("{POSTS} posts answered {status}: {changes} changes");
        changes
    }
}

async fn submit_code(browser: &mut Browser, code: &str) -> TestResponse {
    browser
        .app
        .call(browser.form("verify-code", &[("code", code)]))
        .await
}

async fn resend(browser: &mut Browser) -> TestResponse {
    browser.app.call(browser.form("resend-code", &[])).await
}

async fn send(browser: &mut Browser, endpoint: &str, phone: &str) -> TestResponse {
    browser
        .app
        .call(browser.form(endpoint, &[("phone", phone)]))
        .await
}

fn number(which: usize) -> String {
    format!("+44740{:07}", which)
}

#[tokio::test]
async fn h9_posts_without_a_flow_or_session_write_nothing() {
    let mut client = ClientAtOneAddress::start(|_| {}).await;
    assert_eq!(
        client
            .post_repeatedly(409, async |browser, _| submit_code(browser, "123456").await)
            .await,
        0
    );
    assert_eq!(
        client
            .post_repeatedly(409, async |browser, _| resend(browser).await)
            .await,
        0
    );
    assert_eq!(
        client
            .post_repeatedly(422, async |browser, _| send(browser, "send-code", "+4412")
                .await)
            .await,
        0
    );
    let extend = async |browser: &mut Browser, _| {
        browser.app.call(browser.form("extend-session", &[])).await
    };
    assert_eq!(client.post_repeatedly(401, extend).await, 0);
}

#[tokio::test]
async fn s2_sends_over_the_address_limit_write_nothing() {
    let mut client = ClientAtOneAddress::start(|guard| guard.address_hourly = 1).await;
    client.request_code().await;
    let another =
        async |browser: &mut Browser, which| send(browser, "send-code", &number(which)).await;
    assert_eq!(client.post_repeatedly(429, another).await, 0);
    client.app.advance_app_clock(seconds(30));
    let writes = client
        .post_repeatedly(429, async |browser, _| resend(browser).await)
        .await;
    assert!(writes <= MAX_WRITES, "{writes}");
}

#[tokio::test]
async fn s2_sends_over_the_country_count_of_an_address_write_nothing() {
    let mut client = ClientAtOneAddress::start(|guard| guard.address_countries_daily = 1).await;
    client.request_code().await;
    let elsewhere =
        async |browser: &mut Browser, _| send(browser, "send-code", "+4915112345678").await;
    assert_eq!(client.post_repeatedly(429, elsewhere).await, 0);
}

#[tokio::test]
async fn s4_sign_ups_over_the_address_limit_write_nothing() {
    let mut client = ClientAtOneAddress::start(|guard| guard.address_sign_ups_hourly = 1).await;
    client
        .browser
        .post("sign-up", &[("phone", UNKNOWN_PHONE)])
        .await
        .assert_next("/code");
    wait_until("the user to be stored", async || {
        client.has_created_user().await
    })
    .await;
    // The outcome of its send is stored later, and is no write of the posts below.
    client.app.wait_for_sends().await;
    let another =
        async |browser: &mut Browser, which| send(browser, "sign-up", &number(which)).await;
    assert_eq!(client.post_repeatedly(429, another).await, 0);
    client.app.advance_app_clock(seconds(30));
    // The user of this flow exists already.
    client
        .browser
        .post("sign-up", &[("phone", UNKNOWN_PHONE)])
        .await
        .assert_next("/code");
    client
        .browser
        .post("send-code", &[("phone", &number(1))])
        .await
        .assert_next("/code");
}

#[tokio::test]
async fn s2_attempts_over_the_address_limit_write_little() {
    let mut client = ClientAtOneAddress::start(|guard| guard.address_tries_hourly = 1).await;
    client.request_code().await.browser.fail(KNOWN_PHONE).await;
    let writes = client
        .post_repeatedly(429, async |browser, _| submit_code(browser, "123456").await)
        .await;
    assert!(writes <= MAX_WRITES, "{writes}");
    assert_eq!(client.app.upstream.call_count("otp_authenticate").await, 1);
    let left = async |client: &mut ClientAtOneAddress| {
        client.browser.address = client.app.next_address();
        let response = client.browser.submit_wrong_code(KNOWN_PHONE).await;
        response.assert_code_refused()["tries_left"].as_u64()
    };
    assert_eq!(
        left(&mut client).await,
        Some(3),
        "attempts refused by address must not count in the flow"
    );
}

#[tokio::test]
async fn h9_writes_of_a_flow_between_two_sends_are_limited() {
    let mut client = ClientAtOneAddress::start(|_| {}).await;
    client.request_code().await;
    let wrong_form = client
        .post_repeatedly(422, async |browser, _| submit_code(browser, "12").await)
        .await;
    assert_eq!(wrong_form, 1, "the same refusal is written once");
    // Alternating refusals, and forms with a different value each time.
    client.store.take_writes();
    for which in 0..POSTS {
        let browser = &mut client.browser;
        if which % 2 == 0 {
            submit_code(browser, "12")
                .await
                .assert_problem(422, "invalid_code_format");
        } else {
            resend(browser).await.assert_slow_down();
        }
        let way = format!("/account?{which}");
        let form = browser.form("send-code", &[("phone", KNOWN_PHONE), ("return_to", &way)]);
        let waiting = client.app.spawn_call(form);
        wait_until("the repetition", async || {
            client.app.count_events(|kind| kind.outcome == "repeated") > which
        })
        .await;
        waiting.abort();
    }
    let writes = client.store.take_writes().len() + wrong_form;
    assert!(writes <= MAX_WRITES, "{writes}");
    // The next send allows more changes, and shows the refusal.
    client.app.advance(seconds(30)).await;
    client.browser.resend().await;
    client.app.wait_for_sends().await;
    submit_code(&mut client.browser, "12")
        .await
        .assert_problem(422, "invalid_code_format");
    let page = client.browser.without_javascript().get("/code").await;
    assert!(
        page.body
            .contains("Enter all the digits of the code in the message."),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_flow_with_exhausted_attempts_writes_little() {
    let mut client = ClientAtOneAddress::start(|_| {}).await;
    client.request_code().await;
    for _ in 0..5 {
        client.browser.fail(KNOWN_PHONE).await;
    }
    let writes = client
        .post_repeatedly(429, async |browser, _| submit_code(browser, "123456").await)
        .await;
    assert!(writes <= MAX_WRITES, "{writes}");
}
