//! The operator sees every decision of the guard: in events, in `/metrics` and on `/console`, by
//! country and by nothing that is personal (requirements L1, L2, S4).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use http::header::HOST;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use serde_json::Value;

use crate::support::browser::oneshot;
use crate::support::{Answer, World, different_code, seconds};

/// A recorder of this test's thread alone, which is all that its world runs on.
fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().build_recorder()
}

async fn ask(world: &World, recorder: &PrometheusRecorder, path: &str) -> String {
    let router = world.product.operations(recorder.handle());
    let request = Request::get(path)
        .header(HOST, "127.0.0.1:9464")
        .body(Body::empty())
        .unwrap();
    let answer = Answer::read(oneshot(router, request).await, || seconds(0)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.body
}

/// Every sample of a scrape, by its name and labels.
async fn scrape(world: &World, recorder: &PrometheusRecorder) -> BTreeMap<String, f64> {
    let text = ask(world, recorder, "/metrics").await;
    let samples = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    samples
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// How often an event was counted.
fn counted(samples: &BTreeMap<String, f64>, labels: [&str; 3]) -> f64 {
    let [event, outcome, country] = labels;
    let name = format!(
        "latchkey_events_total{{event=\"{event}\",outcome=\"{outcome}\",country=\"{country}\"}}"
    );
    samples.get(&name).copied().unwrap_or_default()
}

/// Two people in Germany, of whom one signs in; an attack on France; and refusals of each kind.
async fn happenings(world: &Arc<World>) -> Vec<String> {
    let german = ["+4915112345678", "+4915212345678"];
    for phone in german {
        world.upstream.user(phone, "Active").await;
    }
    let mut person = world.browser();
    person.ask(german[0]).await.next("/code");
    let code = world.upstream.code(german[0]).await;
    person
        .verify(&different_code(&code))
        .await
        .problem(401, "code_refused");
    person.verify(&code).await.next("/account");
    world.browser().ask(german[1]).await.next("/code");
    // Withheld by the number's cool-down.
    world.browser().ask(german[1]).await.next("/code");
    let mut phones: Vec<String> = german.map(str::to_owned).to_vec();
    for number in 0..4 {
        let phone = format!("+3361{number}345678");
        world.upstream.user(&phone, "Active").await;
        // The fourth meets the country's budget.
        let answer = world.browser().ask(&phone).await;
        assert_eq!(answer.status, if number < 3 { 200 } else { 429 });
        phones.push(phone);
    }
    world
        .browser()
        .ask("+7 912 345 67 89")
        .await
        .problem(422, "country_not_served");
    world
        .browser()
        .ask("+1 900 555 0123")
        .await
        .problem(422, "invalid_phone");
    let flood = world.browser();
    for _ in 0..=world.settings.guard.address_requests_at_once {
        world
            .call(flood.form("verify-code", &[("code", "123456")]))
            .await;
    }
    world.settled().await;
    phones
}

async fn world() -> Arc<World> {
    World::with(|settings| {
        settings.guard.country_hourly = 3;
        settings.guard.address_requests_at_once = 5;
    })
    .await
}

#[tokio::test]
async fn s4_every_decision_is_counted_by_country_and_conversion_is_told() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let world = world().await;
    happenings(&world).await;
    let after = scrape(&world, &recorder).await;
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
        assert_eq!(counted(&after, labels), times, "{labels:?}");
    }
    for (name, value) in [
        ("latchkey_conversion_ratio{country=\"DE\"}", 0.5),
        ("latchkey_conversion_ratio{country=\"FR\"}", 0.0),
        // The one that was withheld is charged too; one of the six was given back by the sign-in.
        ("latchkey_budget_used{budget=\"sends_hour\"}", 5.0),
        ("latchkey_budget_used{budget=\"sends_hour_total\"}", 6.0),
        ("latchkey_budget_limit{budget=\"sends_hour\"}", 1000.0),
        // A third of 4000 is kept for known browsers.
        ("latchkey_budget_limit{budget=\"sends_hour_total\"}", 2667.0),
        ("latchkey_locked_numbers", 0.0),
    ] {
        assert_eq!(after.get(name), Some(&value), "{name}");
    }
    assert!(
        !after.contains_key("latchkey_conversion_ratio{country=\"RU\"}"),
        "nothing was sent there"
    );
    world.advance(seconds(3601)).await;
    let later = scrape(&world, &recorder).await;
    assert!(
        !later
            .keys()
            .any(|name| name.starts_with("latchkey_conversion_ratio")),
        "an hour later"
    );
}

#[tokio::test]
async fn s4_locks_are_counted_while_they_hold() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let world = World::start().await;
    let phone = "+4915112345678";
    let mut owner = world.browser();
    owner.sign_in(phone).await.next("/account");
    owner.post("sign-out", &[]).await.next("/sign-in");
    for _ in 0..2 {
        let mut stranger = world.browser();
        stranger.ask(phone).await;
        stranger.guess(phone).await;
        stranger.guess(phone).await;
        world.advance(seconds(31)).await;
    }
    assert_eq!(
        scrape(&world, &recorder).await["latchkey_locked_numbers"],
        1.0
    );
    // The owner brings about the tenant's last failure and meets another limit at the same number.
    owner.ask(phone).await;
    owner.guess(phone).await;
    owner.guess(phone).await;
    let limits: BTreeSet<String> = world
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
        scrape(&world, &recorder).await["latchkey_locked_numbers"],
        1.0,
        "one number, two limits"
    );
    world.advance(seconds(901)).await;
    assert_eq!(
        scrape(&world, &recorder).await["latchkey_locked_numbers"],
        0.0
    );
}

/// Anybody can name every country there is, and none of them may take a place among what is
/// counted.
#[tokio::test]
async fn s4_countries_that_are_not_served_are_counted_as_one_and_told_apart_on_record() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let world = world().await;
    for phone in [
        "+7 912 345 67 89",
        "+86 131 2345 6789",
        "+234 802 123 4567",
        "+93 70 123 4567",
    ] {
        world
            .browser()
            .ask(phone)
            .await
            .problem(422, "country_not_served");
    }
    let counts = scrape(&world, &recorder).await;
    assert_eq!(
        counted(
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
    let page = ask(&world, &recorder, "/console").await;
    assert_eq!(row(&page, "other"), ["0", "0", "-", "4", "0 %"]);
    let recorded: Vec<Value> = world
        .audit
        .events_named("input_validation_fail")
        .iter()
        .map(|event| event["country"].clone())
        .collect();
    assert_eq!(recorded, ["RU", "CN", "NG", "AF"]);
}

/// Whatever strangers send, labels have few values.
#[tokio::test]
async fn l2_labels_hold_names_limits_and_countries_alone() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let world = world().await;
    let phones = happenings(&world).await;
    let hostile = [
        "\"}\n evil 1",
        "+882 1234567890",
        "+999123",
        "' or 1=1",
        "<b>",
        "+44 909 879 0000",
    ];
    for (number, text) in hostile.iter().cycle().take(40).enumerate() {
        let browser = world.browser();
        let country = format!("X{number}");
        world
            .call(browser.form("send-code", &[("phone", text), ("country", &country)]))
            .await;
        world
            .call(
                browser
                    .request(http::Method::GET, &format!("/{number}"))
                    .body(Body::empty())
                    .unwrap(),
            )
            .await;
    }
    let text = ask(&world, &recorder, "/metrics").await;
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
    for (name, values) in &values {
        let all_plain = match name.as_str() {
            "country" => values.iter().all(is_country),
            "class" => values
                .iter()
                .all(|value| ["2xx", "3xx", "4xx", "5xx"].contains(&value.as_str())),
            "le" | "quantile" => true,
            _ => values.iter().all(is_word),
        };
        assert!(all_plain, "{name}: {values:?}");
        assert!(values.len() <= 40, "{name} has {} values", values.len());
    }
    for phone in phones {
        let digits = phone.trim_start_matches('+');
        for shown in [&text, &ask(&world, &recorder, "/console").await] {
            assert!(
                !shown.contains(digits) && !shown.contains(&digits[3..]),
                "a number is shown"
            );
        }
    }
}

/// The row of a table that begins with a name.
fn row<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
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
async fn s4_the_console_shows_sends_conversions_refusals_countries_and_what_is_left() {
    let recorder = recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let world = world().await;
    happenings(&world).await;
    let page = ask(&world, &recorder, "/console").await;
    assert!(
        !page.contains("<script") && !page.contains(" style=") && page.matches("<svg").count() == 2
    );
    // Country: sends, sign-ins, per 100, refused, of its tightest budget.
    assert_eq!(row(&page, "DE"), ["2", "1", "50", "1", "66 %"]);
    assert_eq!(row(&page, "FR"), ["3", "0", "0", "1", "100 %"]);
    assert_eq!(row(&page, "other"), ["0", "0", "-", "1", "0 %"]);
    let france = page
        .split("<tr")
        .find(|row| row.contains(">FR</th>"))
        .unwrap();
    assert!(france.contains("alarm"), "its budget is spent: {france}");
    // Budgets: used, of, left.
    let budget = row(&page, "sends_hour");
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
        assert_eq!(row(&page, reason), [times], "{reason}");
    }
}
