//! `session` and `extend-session` on the host of an application (requirements K6, W5).

use crate::applications::*;

#[tokio::test]
async fn an_application_page_reads_the_same_session_info() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let ours = person.at_sign_in().get("/api/session").await;
    let theirs = person.get(&format!("{APP}/.latchkey/session")).await;
    assert_eq!(theirs.json(), ours.json());
    assert!(
        theirs
            .headers
            .keys()
            .all(|name| !name.as_str().starts_with("access-control-")),
        "for no other origin"
    );
    person.at_origin(APP).cookies.clear();
    person
        .get(&format!("{APP}/.latchkey/session"))
        .await
        .assert_not_signed_in();
}

#[tokio::test]
async fn k6_w5_extend_session_at_an_application_extends_the_session() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person.open_application(OTHER).await;
    app.advance(minutes(29)).await;
    person.at_origin(APP).html = false;
    person
        .post(&format!("{APP}/.latchkey/extend-session"))
        .await
        .assert_next("/");
    app.advance(minutes(29)).await;
    assert!(
        person.is_signed_in_at(APP).await
            && person.is_signed_in_at(OTHER).await
            && person.at_sign_in().is_signed_in().await
    );
    assert_eq!(app.audit.count("session_renewed"), 1);
    app.advance(minutes(1)).await;
    person
        .post(&format!("{APP}/.latchkey/extend-session"))
        .await
        .assert_not_signed_in();
}

#[tokio::test]
async fn extend_session_by_form_returns_to_its_page() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    for (to, page) in [
        ("?to=/orders%3Fid%3D1", "/orders?id=1"),
        ("", "/"),
        ("?to=//evil.example", "/"),
    ] {
        person
            .post(&format!("{APP}/.latchkey/extend-session{to}"))
            .await
            .assert_redirect(page);
    }
    person.at_sign_in().post("sign-out", &[]).await;
    let response = person
        .post(&format!("{APP}/.latchkey/extend-session?to=/orders"))
        .await;
    response.assert_redirect(&format!("{APP}/.latchkey/start?to=/orders"));
}

#[tokio::test]
async fn reading_session_info_is_never_activity() {
    let app = app_with_applications(|settings| {
        settings.session.activity = latchkey::server::settings::SessionActivity::Request
    })
    .await;
    let mut person = signed_in_at(&app, APP).await;
    let end = |response: &TestResponse| response.json()["idle_expires_at"].clone();
    let first = end(&person.get(&format!("{APP}/.latchkey/session")).await);
    app.advance(minutes(10)).await;
    for _ in 0..3 {
        let mut request = person.request(http::Method::GET, &format!("{APP}/.latchkey/session"));
        request
            .headers_mut()
            .insert("sec-fetch-mode", "navigate".parse().unwrap());
        request
            .headers_mut()
            .insert("sec-fetch-user", "?1".parse().unwrap());
        app.call(request).await;
    }
    pause(5).await;
    assert_eq!(
        end(&person.get(&format!("{APP}/.latchkey/session")).await),
        first
    );
}
