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

#[tokio::test]
async fn e1_a_refused_code_is_answered_at_one_of_few_fixed_times() {
    let app = TestApp::start().await;
    // Real milliseconds upstream; the time that passes on the app's clock decides.
    for (passes, leaves) in [(1, 1500), (1500, 1500), (1501, 5000), (5001, 10_000)] {
        let phone = format!("+44740013{passes:04}");
        let (browser, _) = app.start_sign_in(&phone).await;
        let calls = app.upstream.call_count("otp_authenticate").await;
        app.upstream
            .set_latency("otp_authenticate", "wrong", 300)
            .await;
        let start = app.now();
        let waiting = app.spawn_call(browser.form("verify-code", &[("code", "000000")]));
        wait_until("the call", async || {
            app.upstream.call_count("otp_authenticate").await > calls
        })
        .await;
        let failed = app.audit.count("authn_login_fail");
        app.advance(Duration::from_millis(passes)).await;
        wait_until("upstream's response", async || {
            app.audit.count("authn_login_fail") > failed
        })
        .await;
        if passes < leaves {
            app.advance_to(start, Duration::from_millis(leaves - 1))
                .await;
            pause(30).await;
            assert!(!waiting.is_finished(), "{passes}: left early");
        }
        app.advance_to(start, Duration::from_millis(leaves)).await;
        let response = waiting.await.unwrap();
        response.assert_problem(401, "code_refused");
        assert_eq!(response.elapsed, Duration::from_millis(leaves));
    }
}
