//! What somebody who goes on after a refusal writes: nothing, or little between two sends that
//! their address paid for.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::crypto::opaque_token::Token;
use latchkey::server::settings::{GuardSettings, Settings};

use crate::support::fault_store::Gate;
use crate::support::{Answer, Browser, KNOWN, UNKNOWN, Upstream, World, seconds, wait_until};

/// Posts of each kind.
const POSTS: usize = 200;
/// Changes of one flow between two sends.
const NOTES: usize = 50;

/// Somebody at one address, and what they make the store write.
struct Somebody {
    world: Arc<World>,
    store: Arc<Gate>,
    browser: Browser,
}

impl Somebody {
    /// Without the limit of posts a second: what lies behind it is looked at.
    async fn with(limit: impl FnOnce(&mut GuardSettings)) -> Self {
        let store = Gate::new();
        let change = |settings: &mut Settings| {
            settings.transmit.otp_max_failures = 20;
            settings.guard.address_requests_per_second = 1_000_000;
            settings.guard.address_requests_at_once = 1_000_000;
            limit(&mut settings.guard);
        };
        let world = World::over(store.clone(), Arc::new(Upstream::start().await), change);
        world.upstream.user(KNOWN, "Active").await;
        let browser = world.browser();
        Self {
            world,
            store,
            browser,
        }
    }

    async fn ask(&mut self) -> &mut Self {
        self.browser.ask(KNOWN).await.next("/code");
        self
    }

    /// Whether its flow knows the user that it created.
    async fn made_a_user(&self) -> bool {
        let id = Token::parse(self.browser.cookie("latchkey-flow").unwrap())
            .unwrap()
            .hash();
        let flows = &self.world.product.site.sign_in.parts().flows;
        flows
            .get(id, self.world.now())
            .await
            .unwrap()
            .unwrap()
            .created_user
            .is_some()
    }

    /// Posts so often, a tenth of a second between two posts, and says what was written.
    async fn goes_on(
        &mut self,
        status: u16,
        post: impl AsyncFn(&mut Browser, usize) -> Answer,
    ) -> usize {
        self.store.written();
        for number in 0..POSTS {
            let answer = post(&mut self.browser, number).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
            self.world.run_ahead(Duration::from_millis(100));
        }
        let changes = self.store.written().len();
        println!("{POSTS} posts answered {status}: {changes} changes");
        changes
    }
}

async fn verify(browser: &mut Browser, code: &str) -> Answer {
    browser
        .world
        .call(browser.form("verify-code", &[("code", code)]))
        .await
}

async fn resend(browser: &mut Browser) -> Answer {
    browser.world.call(browser.form("resend-code", &[])).await
}

async fn send(browser: &mut Browser, door: &str, phone: &str) -> Answer {
    browser
        .world
        .call(browser.form(door, &[("phone", phone)]))
        .await
}

fn number(which: usize) -> String {
    format!("+44740{:07}", which)
}

#[tokio::test]
async fn h9_posts_that_nothing_stands_behind_write_nothing() {
    let mut somebody = Somebody::with(|_| {}).await;
    assert_eq!(
        somebody
            .goes_on(409, async |browser, _| verify(browser, "123456").await)
            .await,
        0
    );
    assert_eq!(
        somebody
            .goes_on(409, async |browser, _| resend(browser).await)
            .await,
        0
    );
    assert_eq!(
        somebody
            .goes_on(422, async |browser, _| send(browser, "send-code", "+4412")
                .await)
            .await,
        0
    );
    let extend = async |browser: &mut Browser, _| {
        browser
            .world
            .call(browser.form("extend-session", &[]))
            .await
    };
    assert_eq!(somebody.goes_on(401, extend).await, 0);
}

#[tokio::test]
async fn s2_sends_that_the_address_has_spent_write_nothing() {
    let mut somebody = Somebody::with(|guard| guard.address_hourly = 1).await;
    somebody.ask().await;
    let another =
        async |browser: &mut Browser, which| send(browser, "send-code", &number(which)).await;
    assert_eq!(somebody.goes_on(429, another).await, 0);
    somebody.world.run_ahead(seconds(30));
    let notes = somebody
        .goes_on(429, async |browser, _| resend(browser).await)
        .await;
    assert!(notes <= NOTES, "{notes}");
}

#[tokio::test]
async fn s2_countries_that_the_address_has_spent_write_nothing() {
    let mut somebody = Somebody::with(|guard| guard.address_countries_daily = 1).await;
    somebody.ask().await;
    let elsewhere =
        async |browser: &mut Browser, _| send(browser, "send-code", "+4915112345678").await;
    assert_eq!(somebody.goes_on(429, elsewhere).await, 0);
}

#[tokio::test]
async fn s4_sign_ups_that_the_address_has_spent_write_nothing_and_sign_ins_go_on() {
    let mut somebody = Somebody::with(|guard| guard.address_sign_ups_hourly = 1).await;
    somebody
        .browser
        .post("sign-up", &[("phone", UNKNOWN)])
        .await
        .next("/code");
    wait_until("the user to be noted", async || {
        somebody.made_a_user().await
    })
    .await;
    let another =
        async |browser: &mut Browser, which| send(browser, "sign-up", &number(which)).await;
    assert_eq!(somebody.goes_on(429, another).await, 0);
    somebody.world.run_ahead(seconds(30));
    // The user of this flow is there already.
    somebody
        .browser
        .post("sign-up", &[("phone", UNKNOWN)])
        .await
        .next("/code");
    somebody
        .browser
        .post("send-code", &[("phone", &number(1))])
        .await
        .next("/code");
}

#[tokio::test]
async fn s2_tries_that_the_address_has_spent_write_little() {
    let mut somebody = Somebody::with(|guard| guard.address_tries_hourly = 1).await;
    somebody
        .ask()
        .await
        .browser
        .guess(KNOWN)
        .await
        .problem(401, "code_refused");
    let notes = somebody
        .goes_on(429, async |browser, _| verify(browser, "123456").await)
        .await;
    assert!(notes <= NOTES, "{notes}");
    assert_eq!(somebody.world.upstream.count("otp_authenticate").await, 1);
    let left = async |somebody: &mut Somebody| {
        somebody.browser.address = somebody.world.next_address();
        let answer = somebody.browser.guess(KNOWN).await;
        answer.problem(401, "code_refused")["tries_left"].as_u64()
    };
    assert_eq!(
        left(&mut somebody).await,
        Some(3),
        "what the address refused cost the flow no try"
    );
}

#[tokio::test]
async fn h9_one_flow_writes_little_between_two_sends_whatever_is_posted() {
    let mut somebody = Somebody::with(|_| {}).await;
    somebody.ask().await;
    let wrong_form = somebody
        .goes_on(422, async |browser, _| verify(browser, "12").await)
        .await;
    assert_eq!(wrong_form, 1, "the same refusal is noted once");
    // Different refusals by turns, and forms that say something else each time.
    somebody.store.written();
    for which in 0..POSTS {
        let browser = &mut somebody.browser;
        if which % 2 == 0 {
            verify(browser, "12")
                .await
                .problem(422, "invalid_code_format");
        } else {
            resend(browser).await.problem(429, "slow_down");
        }
        let way = format!("/account?{which}");
        let form = browser.form("send-code", &[("phone", KNOWN), ("return_to", &way)]);
        let waiting = somebody.world.begin(form);
        wait_until("the repetition", async || {
            somebody.world.counted(|kind| kind.outcome == "repeated") > which
        })
        .await;
        waiting.abort();
    }
    let notes = somebody.store.written().len() + wrong_form;
    assert!(notes <= NOTES, "{notes}");
    // The next send may be noted on again, and shows what is refused.
    somebody.world.advance(seconds(30)).await;
    somebody
        .browser
        .post("resend-code", &[])
        .await
        .next("/code");
    somebody.world.settled().await;
    verify(&mut somebody.browser, "12")
        .await
        .problem(422, "invalid_code_format");
    let page = somebody.browser.without_script().get("/code").await;
    assert!(
        page.body
            .contains("Enter every digit of the code from the text message."),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_flow_without_tries_writes_little() {
    let mut somebody = Somebody::with(|_| {}).await;
    somebody.ask().await;
    for _ in 0..5 {
        somebody
            .browser
            .guess(KNOWN)
            .await
            .problem(401, "code_refused");
    }
    let notes = somebody
        .goes_on(429, async |browser, _| verify(browser, "123456").await)
        .await;
    assert!(notes <= NOTES, "{notes}");
}
