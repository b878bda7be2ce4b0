//! Unknown numbers are counted like known ones, and what the owner does elsewhere shows nowhere
//! (E3).

use crate::enumeration::*;
use crate::support::{KNOWN, minutes};

#[tokio::test]
async fn e3_unknown_numbers_are_counted_alike() {
    let world = World::start().await;
    let (known, unknown) = (Case::Known.phone(), Case::Unknown.phone());
    world.upstream.user(&known, "Active").await;
    let mut seen_of = Vec::new();
    for phone in [known, unknown] {
        let mut browser = world.browser();
        let mut story = vec![seen(&browser.ask(&phone).await)];
        for _ in 0..2 {
            // A code that nobody was sent is answered like a wrong one, and spends this flow's
            // tries alike.
            story.push(seen(&browser.verify("000000").await));
        }
        let spent = browser.verify("000000").await;
        assert_eq!(spent.problem(429, "slow_down")["tries_left"], 0);
        seen_of.push(story);
        // Limits by number hold for both: the sixth code of the hour is withheld.
        for _ in 0..6 {
            world.advance(seconds(121)).await;
            world.browser().ask(&phone).await.next("/code");
        }
        world.advance(seconds(3600)).await;
    }
    assert_eq!(seen_of[0], seen_of[1]);
    let withheld = |event: &&serde_json::Value| {
        event["decision"] == "withheld" && event["limit"] == "sends_hour"
    };
    let events = world.audit.events_named("otp_requested");
    let mut subjects: Vec<_> = events
        .iter()
        .filter(withheld)
        .map(|event| event["subject"]["identifier"].clone())
        .collect();
    subjects.dedup();
    assert_eq!(subjects.len(), 2, "both numbers met their limit");
}

/// The creation of a user is charged once a flow, whether or not upstream has one already.
#[tokio::test]
async fn e3_other_codes_of_a_sign_up_cost_as_much_for_unknown_numbers() {
    let mut stories = Vec::new();
    for known in [false, true] {
        let world = World::start().await;
        let (mut browsers, mut story) = (Vec::new(), Vec::new());
        for which in 0..world.settings.guard.address_sign_ups_hourly {
            let phone = format!("+44740{:02}1{which:04}", 10 + which);
            if known {
                world.upstream.user(&phone, "Active").await;
            }
            let mut browser = world.browser().at("203.0.113.7");
            story.push(seen(&browser.post("sign-up", &[("phone", &phone)]).await));
            browsers.push(browser);
        }
        world.settled().await;
        world.advance(seconds(31)).await;
        for mut browser in browsers {
            story.push(seen(&browser.post("resend-code", &[]).await));
        }
        // Their creations are all that the address had.
        let mut one_more = world.browser().at("203.0.113.7");
        story.push(seen(
            &one_more
                .post("sign-up", &[("phone", "+447400777888")])
                .await,
        ));
        stories.push(story);
    }
    assert_eq!(stories[0], stories[1]);
    let (refused, fine) = stories[0].split_last().unwrap();
    assert!(
        refused.starts_with("429") && fine.iter().all(|answer| answer.starts_with("200")),
        "{stories:?}"
    );
}

/// Limits that may be told are met after as many unknown numbers as known ones.
#[tokio::test]
async fn e3_an_address_and_a_country_spend_as_much_on_unknown_numbers() {
    for of_country in [false, true] {
        let mut stories = Vec::new();
        for known in [false, true] {
            let world = World::with(|settings| {
                let limit = if of_country {
                    &mut settings.guard.country_hourly
                } else {
                    &mut settings.guard.address_hourly
                };
                *limit = 3;
            })
            .await;
            let mut story = Vec::new();
            for which in 0..5 {
                let phone = format!("+44740013{which:04}");
                if known {
                    world.upstream.user(&phone, "Active").await;
                }
                let browser = world.browser();
                let mut browser = if of_country {
                    browser
                } else {
                    browser.at("203.0.113.7")
                };
                story.push(seen(&browser.ask(&phone).await));
            }
            assert!(
                story[2].starts_with("200") && story[3].starts_with("429"),
                "{story:?}"
            );
            stories.push(story);
        }
        // What is told of the wait differs by the second in which a window began, and by nothing
        // else.
        assert_eq!(stories[0], stories[1]);
    }
}

/// Two worlds begin at different times: a page's times as they are from its own.
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

/// What a stranger's browser sees at every door, at the same moments, while the owner signs in and
/// out elsewhere, or does not.
async fn watched(html: bool, owner_comes: bool) -> Vec<String> {
    let world = World::start().await;
    let phone = Case::Known.phone();
    world.upstream.user(&phone, "Active").await;
    let mut watcher = Browser {
        html,
        ..world.browser()
    };
    let mut story = Vec::new();
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
    for (number, (door, wait)) in steps.into_iter().enumerate() {
        let fields = [("phone", phone.as_str()), ("code", "000000")];
        story.push(seen(&watcher.post(door, &fields).await));
        world.settled().await;
        for path in ["/code", "/sign-in", "/account", "/api/session"] {
            story.push(seen(&watcher.get(path).await));
        }
        world.advance(seconds(wait)).await;
        // Between two steps: the owner signs in and out again, each time in a browser of its own.
        let start = world.now();
        if owner_comes && [1, 5].contains(&number) {
            let mut owner = world.browser();
            owner.sign_in(&phone).await;
            assert!(owner.is_signed_in().await);
            owner.post("sign-out", &[]).await;
        }
        world.advance_to(start, minutes(1)).await;
    }
    let owners = world.audit.count("authn_login_success");
    assert_eq!(owners, if owner_comes { 2 } else { 0 });
    story
}

#[tokio::test]
async fn e3_a_success_of_the_owner_changes_nothing_that_another_browser_sees() {
    for html in [false, true] {
        let (alone, beside) = (watched(html, false).await, watched(html, true).await);
        for (step, (alone, beside)) in alone.iter().zip(&beside).enumerate() {
            same(&format!("step {step}"), &relative(alone), &relative(beside));
        }
    }
}

/// Budgets that are told are charged also where a limit by number withholds the code: or whoever
/// leaves room for two sends, probes a number and asks for one of their own would see whether
/// somebody had just asked for the number's code.
#[tokio::test]
async fn e1_a_country_and_the_service_spend_as_much_on_a_number_that_is_limited() {
    for of_country in [false, true] {
        for owner_was_here in [false, true] {
            let world = World::with(|settings| {
                let guard = &mut settings.guard;
                *(if of_country {
                    &mut guard.country_hourly
                } else {
                    &mut guard.service_hourly
                }) = 4;
            })
            .await;
            world.upstream.user(KNOWN, "Active").await;
            world.browser().ask(KNOWN).await.next("/code");
            if !owner_was_here {
                world.advance(seconds(31)).await;
            }
            for which in 0..2 {
                world
                    .browser()
                    .ask(&format!("+44740013{which:04}"))
                    .await
                    .next("/code");
            }
            world.browser().ask(KNOWN).await.next("/code");
            let withheld = world
                .audit
                .count_matching(|event| event["decision"] == "withheld");
            assert_eq!(withheld, usize::from(owner_was_here));
            world
                .browser()
                .ask("+447400139999")
                .await
                .problem(429, "slow_down");
        }
    }
}
