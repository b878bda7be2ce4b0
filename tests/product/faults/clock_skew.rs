//! Clocks that differ by ten minutes: tokens are refused, the user sees a wrong code, and the
//! operator is told the cause.

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::{KNOWN_PHONE, TestApp, different_code, minutes, seconds};
use latchkey_testkit::log_capture::thread_logs;
use tracing::level_filters::LevelFilter;

#[tokio::test]
async fn t2_clocks_ten_minutes_apart_equal_a_wrong_code_and_are_logged() {
    let wrong_code = {
        let app = TestApp::start().await;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        browser
            .submit_code(&different_code(&code))
            .await
            .assert_code_refused()
    };
    for (skew, side, detail) in [
        (
            600_i64,
            "600 seconds ahead of ours",
            "ID token: issued in the future",
        ),
        (
            -600,
            "600 seconds behind ours",
            "ID token: authenticated at another time",
        ),
    ] {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _metrics = metrics::set_default_local_recorder(&recorder);
        let (logs, _guard) = thread_logs(LevelFilter::INFO);

        let app = TestApp::start().await;
        if skew > 0 {
            app.upstream.advance_clock(minutes(10)).await
        } else {
            app.advance_app_clock(minutes(10))
        }
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        let response = browser.submit_code(&code).await;
        assert_eq!(response.assert_code_refused(), wrong_code, "{skew}");
        assert!(!browser.is_signed_in().await);
        assert_eq!(app.upstream.call_count("otp_authenticate").await, 1);
        let failed = app.audit.events_named("authn_login_fail").remove(0);
        assert_eq!(failed["reason"], "invalid_token");
        assert!(
            failed["detail"].as_str().unwrap().contains(detail),
            "{failed}"
        );

        // Logged once although every response shows it, and always in the metrics. Seconds pass
        // while the test runs.
        let warnings: Vec<_> = logs
            .text()
            .lines()
            .filter(|line| line.contains("upstream's clock"))
            .map(str::to_owned)
            .collect();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        let near = |seconds: i64| side.replace("600", &seconds.abs().to_string());
        assert!(
            (skew..skew + 20).any(|skew| warnings[0].contains(&near(skew)))
                && warnings[0].contains("ERROR"),
            "{warnings:?}"
        );
        let gauge = handle.render();
        let line = gauge
            .lines()
            .find_map(|line| line.strip_prefix("latchkey_upstream_clock_skew_seconds "))
            .unwrap();
        let measured: f64 = line.parse().unwrap();
        assert!((measured - skew as f64).abs() < 20.0, "{measured}");
        assert!((app.product.transmit.clock_skew_seconds().unwrap() - skew).abs() < 20);
    }
}

#[tokio::test]
async fn t2_clock_skew_within_the_tolerance_is_accepted() {
    for ahead in [false, true] {
        let app = TestApp::start().await;
        if ahead {
            app.upstream.advance_clock(seconds(40)).await
        } else {
            app.advance_app_clock(seconds(40))
        }
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        browser.submit_code(&code).await.assert_next("/account");
    }
}
