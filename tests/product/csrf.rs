//! The CSRF protection of forms (requirements H1 to H3), and other host names of this machine.

use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Method, Request};

use axum::body::Body;

use crate::support::{Browser, ENDPOINTS, KNOWN_PHONE, TestApp, minutes};

fn form_from(
    browser: &Browser,
    endpoint: &str,
    origin: Option<&str>,
    site: Option<&str>,
) -> Request<Body> {
    let mut request = browser.form(
        endpoint,
        &[("phone", KNOWN_PHONE), ("code", "123456"), ("id", "others")],
    );
    request.headers_mut().remove(ORIGIN);
    for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
        if let Some(value) = value {
            request.headers_mut().insert(
                http::HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
    }
    request
}

#[tokio::test]
async fn h1_h2_every_endpoint_refuses_cross_origin_posts() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let before = app.upstream.call_counts().await;
    for endpoint in ENDPOINTS {
        // Only so many such events are audit-logged in a minute.
        app.advance(minutes(1)).await;
        for (origin, site) in [
            (None, None),
            (Some("null"), None),
            (Some("https://evil.example"), None),
            (Some("http://127.0.0.1:3001"), None),
            (Some("https://127.0.0.1:3000"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
            (Some("https://evil.example"), Some("same-origin")),
            (Some("http://127.0.0.1:3000"), Some("cross-site")),
        ] {
            let response = browser
                .send(form_from(&browser, endpoint, origin, site))
                .await;
            response.assert_problem(403, "cross_origin");
            assert_eq!(response.cookies(), Vec::<&str>::new());
            let mut page = browser.clone().without_javascript();
            let response = page.send(form_from(&page, endpoint, origin, site)).await;
            assert_eq!(response.status, 403);
            assert!(response.body.starts_with("<!DOCTYPE html>"));
        }
    }
    assert!(
        browser.is_signed_in().await,
        "no session was ended by another site"
    );
    assert!(app.upstream.calls_since(&before).await.is_empty());
    let refused = app.audit.events_named("malicious_cors");
    assert_eq!(refused.len(), ENDPOINTS.len() * 9 * 2);
    assert!(
        refused
            .iter()
            .any(|event| event["path"] == "/api/send-code")
    );
}

#[tokio::test]
async fn h1_own_forms_are_accepted_by_either_header() {
    let app = TestApp::start().await;
    for (origin, site) in [
        (Some("http://127.0.0.1:3000"), None),
        (None, Some("same-origin")),
        (None, Some("none")),
        (Some("http://127.0.0.1:3000"), Some("same-origin")),
    ] {
        let mut browser = app.browser();
        let response = browser
            .send(form_from(&browser, "sign-out", origin, site))
            .await;
        response.assert_next("/sign-in");
    }
}

#[tokio::test]
async fn other_loopback_names_redirect_to_the_public_url_and_refuse_posts() {
    let app = TestApp::start().await;
    let browser = app.browser();
    for host in [
        "localhost:3000",
        "auth.localhost:3000",
        "[::1]:3000",
        "127.0.0.2:3000",
    ] {
        let host = HeaderValue::from_str(host).unwrap();
        let mut get = browser
            .request(Method::GET, "/sign-in?return_to=%2Fa")
            .body(Body::empty())
            .unwrap();
        get.headers_mut().insert(HOST, host.clone());
        let response = app.call(get).await;
        assert!(response.status.is_redirection(), "{host:?}");
        assert_eq!(
            response.location(),
            "http://127.0.0.1:3000/sign-in?return_to=%2Fa"
        );
        let mut tricky = browser
            .request(Method::GET, "//evil.example/x")
            .body(Body::empty())
            .unwrap();
        tricky.headers_mut().insert(HOST, host.clone());
        assert!(
            app.call(tricky)
                .await
                .location()
                .starts_with("http://127.0.0.1:3000/")
        );

        let mut post = browser.form("send-code", &[("phone", KNOWN_PHONE)]);
        post.headers_mut().insert(HOST, host.clone());
        post.headers_mut().insert(
            ORIGIN,
            HeaderValue::from_str(&format!("http://{}", host.to_str().unwrap())).unwrap(),
        );
        app.call(post).await.assert_problem(403, "cross_origin");
    }
    // Other host names are accepted, because a proxy may keep the host of the original request.
    let mut get = browser
        .request(Method::GET, "/sign-in")
        .body(Body::empty())
        .unwrap();
    get.headers_mut()
        .insert(HOST, HeaderValue::from_static("id.example.com"));
    assert_eq!(app.call(get).await.status, 200);
}

#[tokio::test]
async fn s8_client_address_headers_of_untrusted_peers_are_ignored() {
    let app = TestApp::with_settings(|settings| {
        settings.guard.address_hourly = 2;
        settings.server.trusted_proxies = vec!["10.9.0.0/16".parse().unwrap()];
        settings.server.client_address_header = Some("x-forwarded-for".to_owned());
    })
    .await;
    let mut statuses = Vec::new();
    for number in 0..3 {
        let browser = app.browser().with_address("203.0.113.7");
        let mut request = browser.form("send-code", &[("phone", &format!("+44740012340{number}"))]);
        for name in [
            "x-forwarded-for",
            "x-real-ip",
            "forwarded",
            "true-client-ip",
            "cf-connecting-ip",
        ] {
            let value = HeaderValue::from_str(&format!("198.51.100.{number}")).unwrap();
            request
                .headers_mut()
                .insert(http::HeaderName::from_static(name), value);
        }
        statuses.push(app.call_and_advance(request).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
    // A trusted proxy names its client; what the client wrote before is ignored.
    for (number, status) in [(1, 200), (2, 200), (3, 429)] {
        let browser = app.browser().with_address("10.9.0.1");
        let mut request = browser.form("send-code", &[("phone", &format!("+44740012350{number}"))]);
        let list = format!("198.51.100.{number}, 192.0.2.9");
        request
            .headers_mut()
            .insert("x-forwarded-for", HeaderValue::from_str(&list).unwrap());
        assert_eq!(app.call_and_advance(request).await.status.as_u16(), status);
    }
}
