//! `sign-out` on the host of an application (requirements K7, H1, H3).

use crate::applications::*;
use http::header::ORIGIN;
use http::{HeaderName, HeaderValue, Method};

#[tokio::test]
async fn k7_sign_out_at_an_application_ends_the_whole_session() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person.open_application(OTHER).await;
    let before = person.clone();
    let response = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    response.assert_redirect(&format!("{}/sign-in?return_to={APP}/", app.origin()));
    assert!(
        response
            .cookie("latchkey-app")
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        response.header("clear-site-data"),
        None,
        "the application's storage is not cleared"
    );
    assert_eq!(app.upstream.call_count("session_logout").await, 1);
    assert!(
        !before.clone().is_signed_in_at(APP).await
            && !person.is_signed_in_at(OTHER).await
            && !person.at_sign_in().is_signed_in().await
    );
    let ended = app.audit.events_named("session_ended");
    assert_eq!(
        (ended.len(), ended[0]["by"].as_str()),
        (1, Some("sign_out"))
    );
    // Signing in again leads back to the root of the application.
    let redirects = person.follow_redirects(response.location()).await;
    assert!(
        redirects
            .response
            .unwrap()
            .body
            .contains(&format!("name=\"return_to\" value=\"{APP}/\""))
    );
}

#[tokio::test]
async fn sign_out_by_script_returns_the_next_url_as_json() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person.at_origin(APP).html = false;
    let response = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    assert_eq!(
        response.json()["next"],
        format!("{}/sign-in?return_to={APP}/", app.origin())
    );
    assert!(!person.is_signed_in_at(APP).await);
    // Without a session the response to the browser is the same.
    let again = person.post(&format!("{APP}/.latchkey/sign-out")).await;
    assert_eq!((again.status.as_u16(), again.body), (200, response.body));
}

#[tokio::test]
async fn h1_only_pages_of_the_application_may_post_to_its_endpoints() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let own = app.origin();
    for endpoint in ["sign-out", "extend-session"] {
        for (origin, site) in [
            (None, None),
            (Some("null"), None),
            (Some("https://evil.example"), None),
            (Some(OTHER), None),
            // Not even our own origin, because it is another site.
            (Some(own.as_str()), None),
            (Some("http://app.localhost"), None),
            (Some("https://app.localhost:8080"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (Some(APP), Some("cross-site")),
        ] {
            let mut request = person.request(Method::POST, &format!("{APP}/.latchkey/{endpoint}"));
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
            let response = person.send(APP, request).await;
            assert_eq!(
                (response.status.as_u16(), response.cookies().len()),
                (403, 0),
                "{endpoint} {origin:?} {site:?}"
            );
            assert!(
                !response.body.contains("<link"),
                "the page must be self-contained"
            );
        }
    }
    // An application's pages cannot reach our own endpoints either.
    let mut foreign = person.at_sign_in().form("sign-out", &[]);
    foreign
        .headers_mut()
        .insert(ORIGIN, HeaderValue::from_static(APP));
    assert_eq!(app.call(foreign).await.status, 403);
    assert!(person.is_signed_in_at(APP).await);
    assert_eq!(app.audit.count("malicious_cors"), 21);
    for site in ["same-origin", "none"] {
        let mut request = person.request(Method::POST, &format!("{APP}/.latchkey/extend-session"));
        request
            .headers_mut()
            .insert("sec-fetch-site", site.parse().unwrap());
        assert_eq!(person.send(APP, request).await.status, 303, "{site}");
    }
}

#[tokio::test]
async fn h3_a_link_to_sign_out_only_asks_for_confirmation() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person
        .get(&format!("{APP}/.latchkey/sign-out"))
        .await
        .assert_redirect(&format!("{}/sign-out", app.origin()));
    assert!(person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn k7_sign_out_works_while_upstream_is_down() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    app.upstream
        .inject_fault("session_logout", "reset", None)
        .await;
    assert_eq!(
        person
            .post(&format!("{APP}/.latchkey/sign-out"))
            .await
            .status,
        303
    );
    assert!(!person.at_sign_in().is_signed_in().await);
}
