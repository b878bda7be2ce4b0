//! `session` and `extend-session` on the host of an application (requirements K6, W5).

use crate::applications::*;

#[tokio::test]
async fn a_page_of_an_application_reads_what_our_own_do() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    let ours = person.id().get("/api/session").await;
    let theirs = person.get(&format!("{APP}/.latchkey/session")).await;
    assert_eq!(theirs.json(), ours.json());
    assert!(
        theirs
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control-")),
        "for no other origin"
    );
    person.on(APP).cookies.clear();
    person
        .get(&format!("{APP}/.latchkey/session"))
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn k6_w5_extending_at_an_application_extends_the_session() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person.enter(OTHER).await;
    world.advance(minutes(29)).await;
    person.on(APP).html = false;
    person
        .post(&format!("{APP}/.latchkey/extend-session"))
        .await
        .next("/");
    world.advance(minutes(29)).await;
    assert!(
        person.is_in(APP).await && person.is_in(OTHER).await && person.id().is_signed_in().await
    );
    assert_eq!(world.audit.count("session_renewed"), 1);
    world.advance(minutes(1)).await;
    person
        .post(&format!("{APP}/.latchkey/extend-session"))
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_form_leads_back_to_the_page_it_stands_on() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    for (to, page) in [
        ("?to=/orders%3Fid%3D1", "/orders?id=1"),
        ("", "/"),
        ("?to=//evil.example", "/"),
    ] {
        person
            .post(&format!("{APP}/.latchkey/extend-session{to}"))
            .await
            .leads_to(page);
    }
    person.id().post("sign-out", &[]).await;
    let answer = person
        .post(&format!("{APP}/.latchkey/extend-session?to=/orders"))
        .await;
    answer.leads_to(&format!("{APP}/.latchkey/start?to=/orders"));
}

#[tokio::test]
async fn asking_for_a_session_is_never_activity() {
    let world = behind(|settings| {
        settings.session.activity = latchkey::server::settings::SessionActivity::Request
    })
    .await;
    let mut person = entered(&world, APP).await;
    let end = |answer: &Answer| answer.json()["idle_expires_at"].clone();
    let first = end(&person.get(&format!("{APP}/.latchkey/session")).await);
    world.advance(minutes(10)).await;
    for _ in 0..3 {
        let mut request = person.request(http::Method::GET, &format!("{APP}/.latchkey/session"));
        request
            .headers_mut()
            .insert("sec-fetch-mode", "navigate".parse().unwrap());
        request
            .headers_mut()
            .insert("sec-fetch-user", "?1".parse().unwrap());
        world.call(request).await;
    }
    pause(5).await;
    assert_eq!(
        end(&person.get(&format!("{APP}/.latchkey/session")).await),
        first
    );
}
