//! Which series there are, and what labels they have.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::Request;
use latchkey::server::transmit::Operation;

use super::{app, cause_events, get_operations, recorder, scrape};
use crate::support::browser::oneshot;
use crate::support::test_app::require_series;
use crate::support::{TestApp, seconds};

/// A path is the client's choice, and would be a label with as many values as it likes.
#[tokio::test]
async fn s4_requests_are_counted_by_route_and_never_by_path() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::start().await;
    let count = |samples: &BTreeMap<String, f64>, class, route| {
        let labels = format!("class=\"{class}\",route=\"{route}\"");
        samples[&format!("latchkey_http_requests_total{{{labels}}}")]
    };
    let start = scrape(&app, &recorder).await;
    for route in [
        "/",
        "/sign-in",
        "/api/verify-code",
        "/forward-auth",
        "other",
    ] {
        assert_eq!(count(&start, "5xx", route), 0.0, "{route}");
        let measured = format!("latchkey_http_request_duration_seconds_count{{route=\"{route}\"}}");
        assert_eq!(start[&measured], 0.0, "{route}");
    }
    let mut person = app.browser();
    for path in [
        "/sign-in",
        "/sign-in?lang=de",
        "/nothing/here",
        "/sign-in/more",
        "/%22%7D",
    ] {
        person.get(path).await;
    }
    person.request_code("+4915112345678").await;
    let after = scrape(&app, &recorder).await;
    assert_eq!(count(&after, "2xx", "/sign-in"), 2.0);
    assert_eq!(count(&after, "4xx", "other"), 3.0);
    assert_eq!(count(&after, "2xx", "/api/send-code"), 1.0);
    let series = |samples: &BTreeMap<String, f64>| {
        let names = samples.keys();
        names.filter(|name| name.contains("route=")).count()
    };
    let buckets = "latchkey_http_request_duration_seconds{";
    assert!(
        !after
            .keys()
            .any(|name| name.starts_with(buckets) && name.contains("nothing"))
    );
    assert_eq!(series(&start), series(&after), "a path became a series");
}

#[tokio::test]
async fn s4_the_state_of_upstream_and_of_every_queue_is_shown_from_the_start() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::start().await;
    let breaker =
        |operation| format!("latchkey_upstream_breaker_open{{operation=\"{operation}\"}}");
    let expiry = "latchkey_upstream_client_token_expiry_timestamp_seconds";
    let fetched = "latchkey_upstream_keys_fetched_timestamp_seconds";
    let start = scrape(&app, &recorder).await;
    for name in [
        expiry,
        fetched,
        "latchkey_send_queue_length",
        "latchkey_audit_queue_length",
        "latchkey_webhooks_queue_length",
    ] {
        assert_eq!(start.get(name), Some(&0.0), "{name}");
    }
    assert_eq!(start["latchkey_refusal_delay_seconds"], 1.5);
    assert_eq!(start["latchkey_send_queue_capacity"], 256.0);
    assert_eq!(start["latchkey_store_queue_capacity"], 4096.0);
    for (name, value) in [
        ("latchkey_passcode_length_digits", 6.0),
        ("latchkey_passcode_max_failures", 3.0),
        ("latchkey_passcode_lockout_seconds", 900.0),
    ] {
        let samples = start.iter().filter(|(sample, _)| sample.starts_with(name));
        let values: Vec<f64> = samples.map(|(_, value)| *value).collect();
        assert_eq!(values, [value], "{name}");
    }
    for operation in Operation::ALL {
        assert_eq!(start[&breaker(operation.as_str())], 0.0, "{operation}");
    }

    app.browser()
        .sign_in("+4915112345678")
        .await
        .assert_next("/account");
    let after = scrape(&app, &recorder).await;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    let now = app.clock.now().as_secs() as f64;
    assert!(
        after[expiry] > now && after[fetched] > now - 60.0,
        "{after:?}"
    );
    let sessions = &app.product.state.services.sessions;
    assert_eq!(sessions.count_active().await.unwrap(), 1);

    app.upstream.inject_fault("user_get", "reset", None).await;
    for _ in 0..10 {
        let user = app.product.transmit.user("nobody").await;
        assert!(user.is_err());
    }
    let failed = scrape(&app, &recorder).await;
    assert_eq!(failed[&breaker("user_get")], 1.0);
    assert_eq!(failed[&breaker("otp_send")], 0.0, "of that operation alone");
}

/// The record of a session outlasts it by an hour, and is not counted then.
#[tokio::test]
async fn k6_sessions_are_counted_until_their_idle_time_has_run_out() {
    let app = TestApp::start().await;
    for phone in ["+4915112345678", "+4915212345678"] {
        let mut browser = app.browser();
        browser.sign_in(phone).await.assert_next("/account");
        app.advance(seconds(120)).await;
    }
    let sessions = &app.product.state.services.sessions;
    let idle = app.settings.session.idle_timeout.0;
    for (passed, expected) in [
        (seconds(0), 2),
        (idle - seconds(180), 1),
        (seconds(120), 0),
        (seconds(600), 0),
    ] {
        app.advance(passed).await;
        let count = sessions.count_active().await.unwrap();
        assert_eq!(count, expected, "after {passed:?}");
    }
}

/// The layer of [`TestApp`] that keeps the list of routes with metrics whole.
#[tokio::test]
#[should_panic(expected = "/unlisted has no series")]
async fn s4_a_route_without_series_fails_the_tests_that_request_it() {
    let app = TestApp::start().await;
    let router = axum::Router::new().route("/unlisted", axum::routing::get(async || ""));
    let request = Request::get("/unlisted").body(Body::empty()).unwrap();
    oneshot(require_series(router, app.product.state.clone()), request).await;
}

/// Whatever clients send, labels have few values.
#[tokio::test]
async fn l2_metric_labels_have_few_and_impersonal_values() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = app().await;
    let phones = cause_events(&app).await;
    let hostile = [
        "\"}\n evil 1",
        "+882 1234567890",
        "+999123",
        "' or 1=1",
        "<b>",
        "+44 909 879 0000",
    ];
    for (number, text) in hostile.iter().cycle().take(40).enumerate() {
        let browser = app.browser();
        let country = format!("X{number}");
        app.call(browser.form("send-code", &[("phone", text), ("country", &country)]))
            .await;
        app.call(
            browser
                .request(http::Method::GET, &format!("/{number}"))
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    }
    let text = get_operations(&app, &recorder, "/metrics").await;
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((_, labels)) = line.split_once('{') else {
            continue;
        };
        for label in labels.split_once('}').unwrap().0.split("\",") {
            let (name, value) = label.split_once("=\"").unwrap();
            values
                .entry(name.to_owned())
                .or_default()
                .insert(value.trim_end_matches('"').to_owned());
        }
    }
    let is_word = |value: &String| {
        value
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let is_code =
        |value: &String| value.len() == 2 && value.chars().all(|c| c.is_ascii_uppercase());
    let is_country = |value: &String| value.is_empty() || value == "other" || is_code(value);
    // Templates of the router, which hold no parameter.
    let is_route = |value: &String| {
        let is_part = |c: char| c.is_ascii_lowercase() || "/.-".contains(c);
        value.chars().all(is_part)
    };
    for (name, values) in &values {
        let all_plain = match name.as_str() {
            "country" => values.iter().all(is_country),
            "class" => values
                .iter()
                .all(|value| ["2xx", "3xx", "4xx", "5xx"].contains(&value.as_str())),
            "le" | "quantile" => true,
            "route" => values.iter().all(is_route),
            "version" => values.iter().eq([env!("CARGO_PKG_VERSION")]),
            _ => values.iter().all(is_word),
        };
        assert!(all_plain, "{name}: {values:?}");
        assert!(values.len() <= 40, "{name} has {} values", values.len());
    }
    for phone in phones {
        let digits = phone.trim_start_matches('+');
        for shown in [&text, &get_operations(&app, &recorder, "/console").await] {
            assert!(
                !shown.contains(digits) && !shown.contains(&digits[3..]),
                "a number is shown"
            );
        }
    }
}

#[tokio::test]
async fn every_metric_is_described_and_says_which_process_it_is_of() {
    let recorder = recorder();
    let app = TestApp::start().await;
    app.advance(seconds(100)).await;
    let text = get_operations(&app, &recorder, "/metrics").await;
    let samples = scrape(&app, &recorder).await;
    let version = format!(
        "latchkey_build_info{{version=\"{}\"}}",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(samples.get(&version), Some(&1.0));
    let start = samples["process_start_time_seconds"];
    assert_eq!(
        start + 100.0,
        app.product.state.clock.now().as_secs() as f64
    );
    if cfg!(target_os = "linux") {
        for name in [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_virtual_memory_bytes",
            "process_open_fds",
            "process_threads",
        ] {
            assert!(samples[name] > 0.0, "{name}");
        }
    }
    for sample in samples.keys() {
        let name = sample.split('{').next().unwrap();
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
    }
}
