//! Unknown numbers are counted like known ones, and others do not see what the owner does elsewhere
//! (E3).

use crate::enumeration::*;
use crate::support::{KNOWN_PHONE, minutes};

#[tokio::test]
async fn e3_unknown_numbers_are_counted_like_known_ones() {
    let app = TestApp::start().await;
    let (known, unknown) = (AccountState::Known.phone(), AccountState::Unknown.phone());
    app.upstream.set_user_status(&known, "Active").await;
    let mut seen_of = Vec::new();
    for phone in [known, unknown] {
        let mut browser = app.browser();
        let mut responses_seen = vec![visible_text(&browser.request_code(&phone).await)];
        for _ in 0..2 {
            // A wrong code without a send is refused like any other, and uses up the flow's
            // attempts in the same way.
            responses_seen.push(visible_text(&browser.submit_code("000000").await));
        }
        let spent = browser.submit_code("000000").await;
        assert_eq!(spent.assert_slow_down()["tries_left"], 0);
        seen_of.push(responses_seen);
        // Limits by number hold for both: the sixth code of the hour is withheld.
        for _ in 0..6 {
            app.advance(seconds(121)).await;
            app.browser().start(&phone).await;
        }
        app.advance(seconds(3600)).await;
    }
    assert_eq!(seen_of[0], seen_of[1]);
    let withheld = |event: &&serde_json::Value| {
        event["decision"] == "withheld" && event["limit"] == "sends_hour"
    };
    let events = app.audit.events_named("otp_requested");
    let mut subjects: Vec<_> = events
        .iter()
        .filter(withheld)
        .map(|event| event["subject"]["identifier"].clone())
        .collect();
    subjects.dedup();
    assert_eq!(subjects.len(), 2, "both numbers met their limit");
}

/// The creation of a user is charged once for each flow, whether or not the user exists upstream.
#[tokio::test]
async fn e3_resends_of_a_sign_up_are_charged_equally_for_unknown_numbers() {
    let mut histories = Vec::new();
    for known in [false, true] {
        let app = TestApp::start().await;
        let (mut browsers, mut responses_seen) = (Vec::new(), Vec::new());
        for which in 0..app.settings.guard.address_sign_ups_hourly {
            let phone = format!("+44740{:02}1{which:04}", 10 + which);
            if known {
                app.upstream.set_user_status(&phone, "Active").await;
            }
            let mut browser = app.browser().with_address("203.0.113.7");
            responses_seen.push(visible_text(
                &browser.post("sign-up", &[("phone", &phone)]).await,
            ));
            browsers.push(browser);
        }
        app.wait_for_sends().await;
        app.advance(seconds(31)).await;
        for mut browser in browsers {
            responses_seen.push(visible_text(&browser.post("resend-code", &[]).await));
        }
        // Their creations exhaust the address's limit.
        let mut one_more = app.browser().with_address("203.0.113.7");
        responses_seen.push(visible_text(
            &one_more
                .post("sign-up", &[("phone", "+447400777888")])
                .await,
        ));
        histories.push(responses_seen);
    }
    assert_eq!(histories[0], histories[1]);
    let (refused, fine) = histories[0].split_last().unwrap();
    assert!(
        refused.starts_with("429") && fine.iter().all(|response| response.starts_with("200")),
        "{histories:?}"
    );
}

/// Disclosed limits are reached after as many unknown numbers as known ones.
#[tokio::test]
async fn e3_disclosed_limits_count_unknown_numbers_equally() {
    for of_country in [false, true] {
        let mut histories = Vec::new();
        for known in [false, true] {
            let app = TestApp::with_settings(|settings| {
                let limit = if of_country {
                    &mut settings.guard.country_hourly
                } else {
                    &mut settings.guard.address_hourly
                };
                *limit = 3;
            })
            .await;
            let mut responses_seen = Vec::new();
            for which in 0..5 {
                let phone = format!("+44740013{which:04}");
                if known {
                    app.upstream.set_user_status(&phone, "Active").await;
                }
                let browser = app.browser();
                let mut browser = if of_country {
                    browser
                } else {
                    browser.with_address("203.0.113.7")
                };
                responses_seen.push(visible_text(&browser.request_code(&phone).await));
            }
            assert!(
                responses_seen[2].starts_with("200") && responses_seen[3].starts_with("429"),
                "{responses_seen:?}"
            );
            histories.push(responses_seen);
        }
        // The disclosed wait differs by the second at which a window started, and by nothing else.
        assert_eq!(histories[0], histories[1]);
    }
}

/// Two apps start at different times: makes a page's times relative to its own.
fn relative(text: &str) -> String {
    let mut parts = text.split("data-now=\"");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (now, rest) = part.split_once("\" data-deadline=\"").unwrap();
        let (deadline, rest) = rest.split_once('"').unwrap();
        let left = deadline.parse::<i64>().unwrap() - now.parse::<i64>().unwrap();
        shown += &format!("data-deadline=\"in {left} ms\"{rest}");
    }
    shown
}

/// What another browser sees at every endpoint, at the same times, while the owner signs in and out
/// elsewhere, or does not.
async fn watched(html: bool, owner_comes: bool) -> Vec<String> {
    let app = TestApp::start().await;
    let phone = AccountState::Known.phone();
    app.upstream.set_user_status(&phone, "Active").await;
    let mut watcher = Browser {
        html,
        ..app.browser()
    };
    let mut responses_seen = Vec::new();
    let steps: [(&str, u64); 9] = [
        ("send-code", 0),
        ("verify-code", 35),
        ("verify-code", 0),
        ("verify-code", 0),
        ("send-code", 0),
        ("resend-code", 901),
        ("resend-code", 0),
        ("verify-code", 0),
        ("sign-up", 120),
    ];
    for (number, (endpoint, wait)) in steps.into_iter().enumerate() {
        let fields = [("phone", phone.as_str()), ("code", "000000")];
        responses_seen.push(visible_text(&watcher.post(endpoint, &fields).await));
        app.wait_for_sends().await;
        for path in ["/code", "/sign-in", "/account", "/api/session"] {
            responses_seen.push(visible_text(&watcher.get(path).await));
        }
        app.advance(seconds(wait)).await;
        // Between two steps the owner signs in and out again, each time with a new browser.
        let start = app.now();
        if owner_comes && [1, 5].contains(&number) {
            let mut owner = app.browser();
            owner.sign_in(&phone).await;
            assert!(owner.is_signed_in().await);
            owner.post("sign-out", &[]).await;
        }
        app.advance_to(start, minutes(1)).await;
    }
    let owners = app.audit.count("authn_login_success");
    assert_eq!(owners, if owner_comes { 2 } else { 0 });
    responses_seen
}

#[tokio::test]
async fn e3_a_success_of_the_owner_is_invisible_to_other_browsers() {
    for html in [false, true] {
        let (alone, beside) = (watched(html, false).await, watched(html, true).await);
        for (step, (alone, beside)) in alone.iter().zip(&beside).enumerate() {
            assert_same_text(&format!("step {step}"), &relative(alone), &relative(beside));
        }
    }
}

/// Disclosed limits are charged even when a limit by number withholds the code. Otherwise a client
/// that leaves capacity for two sends, probes a number and requests its own code would learn
/// whether the number had just requested one.
#[tokio::test]
async fn e1_disclosed_limits_are_charged_for_withheld_codes() {
    for of_country in [false, true] {
        for owner_was_here in [false, true] {
            let app = TestApp::with_settings(|settings| {
                let guard = &mut settings.guard;
                *(if of_country {
                    &mut guard.country_hourly
                } else {
                    &mut guard.service_hourly
                }) = 4;
            })
            .await;
            app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
            app.browser().start(KNOWN_PHONE).await;
            if !owner_was_here {
                app.advance(seconds(31)).await;
            }
            for which in 0..2 {
                app.browser().start(&format!("+44740013{which:04}")).await;
            }
            app.browser().start(KNOWN_PHONE).await;
            let withheld = app
                .audit
                .count_matching(|event| event["decision"] == "withheld");
            assert_eq!(withheld, usize::from(owner_was_here));
            app.browser()
                .request_code("+447400139999")
                .await
                .assert_slow_down();
        }
    }
}
