//! The operator sees every decision of the guard: in events, `/metrics` and `/console`, by country
//! and without personal data (requirements L1, L2, S4).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use http::header::HOST;
use latchkey::server::transmit::Operation;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use serde_json::Value;

use crate::support::browser::oneshot;
use crate::support::{TestApp, TestResponse, different_code, seconds};

/// A recorder of this test's thread, on which its app runs alone.
fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().build_recorder()
}

async fn get_operations(app: &TestApp, recorder: &PrometheusRecorder, path: &str) -> String {
    let router = app.product.operations(recorder.handle());
    let request = Request::get(path)
        .header(HOST, "127.0.0.1:9464")
        .body(Body::empty())
        .unwrap();
    let response = TestResponse::read(oneshot(router, request).await, || seconds(0)).await;
    assert_eq!(response.status, 200, "{path}");
    response.body
}

/// Every sample of a scrape, by name and labels.
async fn scrape(app: &TestApp, recorder: &PrometheusRecorder) -> BTreeMap<String, f64> {
    let text = get_operations(app, recorder, "/metrics").await;
    let samples = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    samples
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// How often an event was counted.
fn event_count(samples: &BTreeMap<String, f64>, labels: [&str; 3]) -> f64 {
    let [event, outcome, country] = labels;
    // These are about codes, and no code here comes by e-mail.
    let has_code = event.starts_with("otp_") || event.starts_with("authn_login");
    let channel = if has_code { "sms" } else { "" };
    let name = format!(
        "latchkey_audit_events_total\
         {{event=\"{event}\",outcome=\"{outcome}\",country=\"{country}\",channel=\"{channel}\"}}"
    );
    samples.get(&name).copied().unwrap_or_default()
}

/// Two users in Germany, of whom one signs in; an attack on France; and refusals of each kind.
async fn cause_events(app: &Arc<TestApp>) -> Vec<String> {
    let german = ["+4915112345678", "+4915212345678"];
    for phone in german {
        app.upstream.set_user_status(phone, "Active").await;
    }
    let mut person = app.browser();
    person.start(german[0]).await;
    let code = app.upstream.newest_code(german[0]).await;
    person
        .submit_code(&different_code(&code))
        .await
        .assert_problem(401, "code_refused");
    person.submit_code(&code).await.assert_next("/account");
    app.browser().start(german[1]).await;
    // Withheld by the number's cool-down.
    app.browser().start(german[1]).await;
    let mut phones: Vec<String> = german.map(str::to_owned).to_vec();
    for number in 0..4 {
        let phone = format!("+3361{number}345678");
        app.upstream.set_user_status(&phone, "Active").await;
        // The fourth reaches the country's limit.
        let response = app.browser().request_code(&phone).await;
        assert_eq!(response.status, if number < 3 { 200 } else { 429 });
        phones.push(phone);
    }
    app.browser()
        .request_code("+7 912 345 67 89")
        .await
        .assert_problem(422, "country_not_served");
    app.browser()
        .request_code("+1 900 555 0123")
        .await
        .assert_problem(422, "invalid_phone");
    let flood = app.browser();
    for _ in 0..=app.settings.guard.address_requests_at_once {
        app.call(flood.form("verify-code", &[("code", "123456")]))
            .await;
    }
    app.wait_for_sends().await;
    phones
}

async fn app() -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.guard.country_hourly = 3;
        settings.guard.address_requests_at_once = 5;
    })
    .await
}

#[tokio::test]
async fn s4_every_decision_and_the_conversion_are_counted_by_country() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    latchkey::server::telemetry::start_at_zero();
    let app = app().await;
    let start = scrape(&app, &recorder).await;
    cause_events(&app).await;
    let after = scrape(&app, &recorder).await;
    let late = after.keys().find(|name| {
        let exists_late = ["latchkey_audit_events_total", "latchkey_conversion_ratio"];
        name.contains("_total{")
            && !start.contains_key(*name)
            && !exists_late.iter().any(|late| name.starts_with(late))
    });
    assert_eq!(late, None, "a counter that did not exist at the start");
    for (labels, times) in [
        (["otp_requested", "queued", "DE"], 2.0),
        (["otp_requested", "withheld_cool_down", "DE"], 1.0),
        (["otp_requested", "queued", "FR"], 3.0),
        (["otp_requested", "refused_slow_down", "FR"], 1.0),
        (["otp_send_result", "sent", "DE"], 2.0),
        (["otp_send_result", "sent", "FR"], 3.0),
        (["authn_login_fail", "refused", "DE"], 1.0),
        (["authn_login_success", "", "DE"], 1.0),
        (
            ["input_validation_fail", "country_not_served", "other"],
            1.0,
        ),
        (["input_validation_fail", "invalid_phone", ""], 1.0),
        (
            ["excess_rate_limit_exceeded", "sends_country_hour", ""],
            1.0,
        ),
        (
            ["excess_rate_limit_exceeded", "requests_address_second", ""],
            1.0,
        ),
    ] {
        assert_eq!(event_count(&after, labels), times, "{labels:?}");
    }
    for (name, value) in [
        ("latchkey_conversion_ratio{country=\"DE\"}", 0.5),
        ("latchkey_conversion_ratio{country=\"FR\"}", 0.0),
        // The withheld send is charged too; one of the six was refunded by the sign-in.
        (
            "latchkey_budget_used{budget=\"sends_hour\",scope=\"node\"}",
            5.0,
        ),
        (
            "latchkey_budget_used{budget=\"sends_hour_total\",scope=\"node\"}",
            6.0,
        ),
        (
            "latchkey_budget_limit{budget=\"sends_hour\",scope=\"node\"}",
            1000.0,
        ),
        // A third of 4000 is reserved for recognised devices.
        (
            "latchkey_budget_limit{budget=\"sends_hour_total\",scope=\"node\"}",
            2667.0,
        ),
        ("latchkey_locked_numbers", 0.0),
    ] {
        assert_eq!(after.get(name), Some(&value), "{name}");
    }
    assert!(
        !after.contains_key("latchkey_conversion_ratio{country=\"RU\"}"),
        "nothing was sent there"
    );
    app.advance(seconds(3601)).await;
    let later = scrape(&app, &recorder).await;
    assert!(
        !later
            .keys()
            .any(|name| name.starts_with("latchkey_conversion_ratio")),
        "an hour later"
    );
}

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

#[tokio::test]
async fn s4_locked_numbers_are_counted_while_locked() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = TestApp::start().await;
    let phone = "+4915112345678";
    let mut owner = app.browser();
    owner.sign_in(phone).await.assert_next("/account");
    owner.post("sign-out", &[]).await.assert_next("/sign-in");
    for _ in 0..2 {
        let mut attacker = app.browser();
        attacker.request_code(phone).await;
        attacker.submit_wrong_code(phone).await;
        attacker.submit_wrong_code(phone).await;
        app.advance(seconds(31)).await;
    }
    assert_eq!(
        scrape(&app, &recorder).await["latchkey_locked_numbers"],
        1.0
    );
    // The owner causes the tenant's last failure and reaches another limit of the same number.
    owner.request_code(phone).await;
    owner.submit_wrong_code(phone).await;
    owner.submit_wrong_code(phone).await;
    let limits: BTreeSet<String> = app
        .audit
        .events_named("authn_login_lock")
        .iter()
        .map(|lock| lock["limit"].to_string())
        .collect();
    assert_eq!(
        limits.into_iter().collect::<Vec<_>>(),
        ["\"tries\"", "\"tries_tenant\""]
    );
    assert_eq!(
        scrape(&app, &recorder).await["latchkey_locked_numbers"],
        1.0,
        "one number, two limits"
    );
    app.advance(seconds(901)).await;
    assert_eq!(
        scrape(&app, &recorder).await["latchkey_locked_numbers"],
        0.0
    );
}

/// Anybody can name every country, so countries that are not served share one label.
#[tokio::test]
async fn s4_unserved_countries_share_a_metric_label_and_are_audit_logged() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = app().await;
    for phone in [
        "+7 912 345 67 89",
        "+86 131 2345 6789",
        "+234 802 123 4567",
        "+93 70 123 4567",
    ] {
        app.browser()
            .request_code(phone)
            .await
            .assert_problem(422, "country_not_served");
    }
    let counts = scrape(&app, &recorder).await;
    assert_eq!(
        event_count(
            &counts,
            ["input_validation_fail", "country_not_served", "other"]
        ),
        4.0
    );
    assert_eq!(
        counts
            .keys()
            .filter(|name| name.contains("input_validation_fail"))
            .count(),
        1,
        "{counts:?}"
    );
    let page = get_operations(&app, &recorder, "/console").await;
    assert_eq!(table_row(&page, "other"), ["0", "0", "-", "4", "0 %"]);
    let recorded: Vec<Value> = app
        .audit
        .events_named("input_validation_fail")
        .iter()
        .map(|event| event["country"].clone())
        .collect();
    assert_eq!(recorded, ["RU", "CN", "NG", "AF"]);
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

/// The cells of the table row that starts with a name.
fn table_row<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<th scope=\"row\">{name}</th>");
    let row = page
        .split_once(&start)
        .unwrap_or_else(|| panic!("{name} is not in {page}"))
        .1;
    let cells = row.split_once("</tr>").unwrap().0.split("<td>").skip(1);
    cells
        .map(|cell| cell.rsplit_once("</td>").unwrap().0)
        .collect()
}

#[tokio::test]
async fn s4_the_dashboard_shows_sends_conversions_refusals_and_limits() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let app = app().await;
    cause_events(&app).await;
    let page = get_operations(&app, &recorder, "/console").await;
    assert!(
        !page.contains("<script") && !page.contains(" style=") && page.matches("<svg").count() == 2
    );
    // Country: sends, sign-ins, per 100, refused, use of its tightest limit.
    assert_eq!(table_row(&page, "DE"), ["2", "1", "50", "1", "66 %"]);
    assert_eq!(table_row(&page, "FR"), ["3", "0", "0", "1", "100 %"]);
    assert_eq!(table_row(&page, "other"), ["0", "0", "-", "1", "0 %"]);
    let france = page
        .split("<tr")
        .find(|row| row.contains(">FR</th>"))
        .unwrap();
    assert!(france.contains("alarm"), "its limit is exhausted: {france}");
    // Limits: used, total, left.
    let budget = table_row(&page, "sends_hour");
    assert_eq!(
        (&budget[1..3], budget[0].ends_with("</meter>5")),
        (&["1000", "995"][..], true),
        "{budget:?}"
    );
    for (reason, times) in [
        ("passcode: refused", "1"),
        ("silent limit: cool_down", "1"),
        ("limit: sends_country_hour", "1"),
        ("limit: requests_address_second", "1"),
        ("number: country_not_served", "1"),
        ("number: invalid_phone", "1"),
    ] {
        assert_eq!(table_row(&page, reason), [times], "{reason}");
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
