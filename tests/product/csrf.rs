//! From where a form may come (requirements H1 to H3), and other names of this machine.

use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Method, Request};

use axum::body::Body;

use crate::support::{Browser, KNOWN, World, minutes};

const DOORS: [&str; 7] = [
    "send-code",
    "sign-up",
    "verify-code",
    "resend-code",
    "sign-out",
    "extend-session",
    "revoke-session",
];

fn from(browser: &Browser, door: &str, origin: Option<&str>, site: Option<&str>) -> Request<Body> {
    let mut request = browser.form(
        door,
        &[("phone", KNOWN), ("code", "123456"), ("id", "others")],
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
async fn h1_h2_every_door_refuses_requests_from_elsewhere() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let before = world.upstream.calls().await;
    for door in DOORS {
        // So many of them are put on record in a minute.
        world.advance(minutes(1)).await;
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
            let answer = browser.send(from(&browser, door, origin, site)).await;
            answer.problem(403, "cross_origin");
            assert_eq!(answer.cookies(), Vec::<&str>::new());
            let mut page = browser.clone().without_script();
            let answer = page.send(from(&page, door, origin, site)).await;
            assert_eq!(answer.status, 403);
            assert!(answer.body.starts_with("<!DOCTYPE html>"));
        }
    }
    assert!(
        browser.is_signed_in().await,
        "nobody was signed out from elsewhere"
    );
    assert!(world.upstream.since(&before).await.is_empty());
    let refused = world.audit.events_named("malicious_cors");
    assert_eq!(refused.len(), DOORS.len() * 9 * 2);
    assert!(
        refused
            .iter()
            .any(|event| event["path"] == "/api/send-code")
    );
}

#[tokio::test]
async fn h1_own_forms_pass_by_either_header() {
    let world = World::start().await;
    for (origin, site) in [
        (Some("http://127.0.0.1:3000"), None),
        (None, Some("same-origin")),
        (None, Some("none")),
        (Some("http://127.0.0.1:3000"), Some("same-origin")),
    ] {
        let mut browser = world.browser();
        let answer = browser.send(from(&browser, "sign-out", origin, site)).await;
        answer.next("/sign-in");
    }
}

#[tokio::test]
async fn another_name_of_this_machine_leads_to_the_public_url_and_posts_are_refused() {
    let world = World::start().await;
    let browser = world.browser();
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
        let answer = world.call(get).await;
        assert!(answer.status.is_redirection(), "{host:?}");
        assert_eq!(
            answer.location(),
            "http://127.0.0.1:3000/sign-in?return_to=%2Fa"
        );
        let mut tricky = browser
            .request(Method::GET, "//evil.example/x")
            .body(Body::empty())
            .unwrap();
        tricky.headers_mut().insert(HOST, host.clone());
        assert!(
            world
                .call(tricky)
                .await
                .location()
                .starts_with("http://127.0.0.1:3000/")
        );

        let mut post = browser.form("send-code", &[("phone", KNOWN)]);
        post.headers_mut().insert(HOST, host.clone());
        post.headers_mut().insert(
            ORIGIN,
            HeaderValue::from_str(&format!("http://{}", host.to_str().unwrap())).unwrap(),
        );
        world.call(post).await.problem(403, "cross_origin");
    }
    // Other names are nobody's business: a proxy may keep the host that it was asked for.
    let mut get = browser
        .request(Method::GET, "/sign-in")
        .body(Body::empty())
        .unwrap();
    get.headers_mut()
        .insert(HOST, HeaderValue::from_static("id.example.com"));
    assert_eq!(world.call(get).await.status, 200);
}

#[tokio::test]
async fn s8_forwarded_headers_of_strangers_are_not_believed() {
    let world = World::with(|settings| {
        settings.guard.address_hourly = 2;
        settings.server.trusted_proxies = vec!["10.9.0.0/16".parse().unwrap()];
        settings.server.client_address_header = Some("x-forwarded-for".to_owned());
    })
    .await;
    let mut statuses = Vec::new();
    for number in 0..3 {
        let browser = world.browser().at("203.0.113.7");
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
        statuses.push(world.drive(request).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
    // A trusted proxy names its client; what the client wrote before is not believed.
    for (number, status) in [(1, 200), (2, 200), (3, 429)] {
        let browser = world.browser().at("10.9.0.1");
        let mut request = browser.form("send-code", &[("phone", &format!("+44740012350{number}"))]);
        let list = format!("198.51.100.{number}, 192.0.2.9");
        request
            .headers_mut()
            .insert("x-forwarded-for", HeaderValue::from_str(&list).unwrap());
        assert_eq!(world.drive(request).await.status.as_u16(), status);
    }
}
