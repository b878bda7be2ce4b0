//! When responses are sent, on a manual clock (E1, E2).

use std::time::Duration;

use crate::enumeration::*;
use crate::support::{pause, wait_until};

#[tokio::test]
async fn e1_every_response_to_a_send_is_sent_after_the_same_delay() {
    let app = app().await;
    exhaust_limits(&app).await;
    for endpoint in ["send-code", "sign-up"] {
        let mut waiting = Vec::new();
        let before = app.audit.count("otp_requested");
        for state in AccountState::ALL {
            waiting
                .push(app.spawn_call(app.browser().form(endpoint, &[("phone", &state.phone())])));
        }
        wait_until("decisions", async || {
            app.audit.count("otp_requested") == before + AccountState::ALL.len()
        })
        .await;
        // The upstream calls end, each at its own time.
        app.wait_for_sends().await;
        app.advance(Duration::from_millis(999)).await;
        pause(50).await;
        assert!(
            waiting.iter().all(|response| !response.is_finished()),
            "{endpoint}: one left early"
        );
        app.advance(Duration::from_millis(1)).await;
        for response in waiting {
            assert_eq!(response.await.unwrap().elapsed, seconds(1));
        }
        app.advance(seconds(40)).await;
    }
}

/// A browser with the flow of a number that no user has: upstream is not asked about its codes.
async fn browser_of_unknown_number(app: &Arc<TestApp>, phone: &str) -> Browser {
    let mut browser = app.browser();
    browser.request_code(phone).await.assert_next("/code");
    app.wait_for_sends().await;
    browser
}

fn submit_guess(app: &Arc<TestApp>, browser: &Browser) -> tokio::task::JoinHandle<TestResponse> {
    app.spawn_call(browser.form("verify-code", &[("code", "000000")]))
}

#[track_caller]
fn assert_refused_after(response: &TestResponse, millis: u64, what: &str) {
    response.assert_code_refused();
    assert_eq!(response.elapsed, Duration::from_millis(millis), "{what}");
}

#[tokio::test]
async fn e2_every_refused_code_is_answered_at_the_step_that_upstreams_slowest_answer_needs() {
    // An answer is in time for a step until 250 ms before it. The last call has no answer at all.
    for (passes, leaves) in [
        (1, 1500),
        (1250, 1500),
        (1251, 5000),
        (1500, 5000),
        (1501, 5000),
        (4750, 5000),
        (4751, 10_000),
        (5001, 10_000),
        (9750, 10_000),
    ] {
        let what = format!("upstream needs {passes} ms");
        let app = TestApp::start().await;
        let (known, _) = app.start_sign_in("+447400130001").await;
        let unknown = browser_of_unknown_number(&app, "+447400240001").await;
        let later = browser_of_unknown_number(&app, "+447400350001").await;
        // Real milliseconds upstream; the time that passes on the app's clock decides.
        app.upstream
            .set_latency("otp_authenticate", "wrong", 300)
            .await;
        let start = app.now();
        let waiting = [&known, &unknown].map(|browser| submit_guess(&app, browser));
        wait_until("the call", async || {
            app.upstream.call_count("otp_authenticate").await == 1
                && app.audit.count("authn_login_fail") == 1
        })
        .await;
        app.advance(Duration::from_millis(passes)).await;
        app.audit.wait_for("authn_login_fail", 2).await;
        app.advance_to(start, Duration::from_millis(leaves - 1))
            .await;
        pause(30).await;
        assert!(
            waiting.iter().all(|response| !response.is_finished()),
            "{what}: one left early"
        );
        app.advance_to(start, Duration::from_millis(leaves)).await;
        for response in waiting {
            assert_refused_after(&response.await.unwrap(), leaves, &what);
        }
        // The step stays. Upstream is not asked about this number.
        let waiting = submit_guess(&app, &later);
        app.audit.wait_for("authn_login_fail", 3).await;
        app.advance(Duration::from_millis(leaves - 1)).await;
        pause(30).await;
        assert!(!waiting.is_finished(), "{what}: left early");
        app.advance(Duration::from_millis(1)).await;
        assert_refused_after(&waiting.await.unwrap(), leaves, &what);
    }
}

#[tokio::test]
async fn e2_a_correct_code_is_answered_immediately_and_moves_the_step_too() {
    let app = TestApp::start().await;
    let (browser, code) = app.start_sign_in("+447400130002").await;
    let unknown = browser_of_unknown_number(&app, "+447400240002").await;
    app.upstream
        .set_latency("otp_authenticate", "correct", 300)
        .await;
    let signing_in = app.spawn_call(browser.form("verify-code", &[("code", &code)]));
    app.upstream.wait_for_calls("otp_authenticate", 1).await;
    app.advance(seconds(2)).await;
    let signed_in = signing_in.await.unwrap();
    signed_in.assert_next("/account");
    assert_eq!(signed_in.elapsed, seconds(2));

    let waiting = submit_guess(&app, &unknown);
    app.audit.wait_for("authn_login_fail", 1).await;
    app.advance(seconds(4)).await;
    pause(30).await;
    assert!(!waiting.is_finished());
    app.advance(seconds(1)).await;
    assert_refused_after(&waiting.await.unwrap(), 5000, "a slow success");
}
