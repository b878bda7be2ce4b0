//! `sign-out` on the host of an application (requirements K7, H1, H3).

use crate::applications::*;
use http::header::ORIGIN;
use http::{HeaderName, HeaderValue, Method};

#[tokio::test]
async fn k7_a_form_of_an_application_ends_the_whole_session() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person.enter(OTHER).await;
    let before = person.clone();
    let answer = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    answer.leads_to(&format!("{}/sign-in?return_to={APP}/", world.origin()));
    assert!(answer.cookie("latchkey-app").unwrap().contains("Max-Age=0"));
    assert_eq!(
        answer.header("clear-site-data"),
        None,
        "what the application stores is its own"
    );
    assert_eq!(world.upstream.count("session_logout").await, 1);
    assert!(
        !before.clone().is_in(APP).await
            && !person.is_in(OTHER).await
            && !person.id().is_signed_in().await
    );
    let ended = world.audit.events_named("session_ended");
    assert_eq!(
        (ended.len(), ended[0]["by"].as_str()),
        (1, Some("sign_out"))
    );
    // Signing in again leads back to the root of the application.
    let walk = person.walk(answer.location()).await;
    assert!(
        walk.answer
            .unwrap()
            .body
            .contains(&format!("name=\"return_to\" value=\"{APP}/\""))
    );
}

#[tokio::test]
async fn a_script_is_told_where_to_go() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person.on(APP).html = false;
    let answer = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    assert_eq!(
        answer.json()["next"],
        format!("{}/sign-in?return_to={APP}/", world.origin())
    );
    assert!(!person.is_in(APP).await);
    // Without a session it does the same to the browser.
    let again = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    assert_eq!((again.status.as_u16(), again.body), (200, answer.body));
}

#[tokio::test]
async fn h1_only_the_applications_own_pages_may() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    let own = world.origin();
    for door in ["sign-out", "extend-session"] {
        for (origin, site) in [
            (None, None),
            (Some("null"), None),
            (Some("https://evil.example"), None),
            (Some(OTHER), None),
            // Not even our own: it is another site.
            (Some(own.as_str()), None),
            (Some("http://app.localhost"), None),
            (Some("https://app.localhost:8080"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (Some(APP), Some("cross-site")),
        ] {
            let mut request = person.request(Method::POST, &format!("{APP}/.latchkey/{door}"));
            for (name, value) in [
                (ORIGIN, origin),
                (HeaderName::from_static("sec-fetch-site"), site),
            ] {
                if let Some(value) = value {
                    request
                        .headers_mut()
                        .insert(name, HeaderValue::from_str(value).unwrap());
                }
            }
            let answer = person.send(APP, request).await;
            assert_eq!(
                (answer.status.as_u16(), answer.cookies().len()),
                (403, 0),
                "{door} {origin:?} {site:?}"
            );
            assert!(
                !answer.body.contains("<link"),
                "a page that needs no file of ours"
            );
        }
    }
    // Nor do an application's pages reach our own doors.
    let mut foreign = person.id().form("sign-out", &[]);
    foreign
        .headers_mut()
        .insert(ORIGIN, HeaderValue::from_static(APP));
    assert_eq!(world.call(foreign).await.status, 403);
    assert!(person.is_in(APP).await);
    assert_eq!(world.audit.count("malicious_cors"), 21);
    for site in ["same-origin", "none"] {
        let mut request = person.request(Method::POST, &format!("{APP}/.latchkey/extend-session"));
        request
            .headers_mut()
            .insert("sec-fetch-site", site.parse().unwrap());
        assert_eq!(person.send(APP, request).await.status, 303, "{site}");
    }
}

#[tokio::test]
async fn h3_a_link_only_asks() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person
        .get(&format!("{APP}/.latchkey/sign-out"))
        .await
        .leads_to(&format!("{}/sign-out", world.origin()));
    assert!(person.is_in(APP).await);
}

#[tokio::test]
async fn k7_an_upstream_that_is_down_keeps_nobody_signed_in() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    world.upstream.fault("session_logout", "reset", None).await;
    assert_eq!(
        person
            .post(&format!("{APP}/.latchkey/sign-out"))
            .await
            .status,
        303
    );
    assert!(!person.id().is_signed_in().await);
}
