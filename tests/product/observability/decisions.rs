//! What was decided about codes, in metrics and on the dashboard.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{app, cause_events, event_count, get_operations, recorder, scrape};
use crate::support::{TestApp, seconds};

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
