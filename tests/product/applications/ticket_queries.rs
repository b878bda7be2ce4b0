//! Hostile query parameters in the sign-in flow of an application (requirements H8, H9). They cause
//! no redirect elsewhere and no error.

use crate::applications::*;

const NONCE: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

const HOSTILE: [&str; 24] = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d%0aSet-Cookie:%20x=y",
    "/a%0d%0aLocation:%20https://evil.example",
    "https://evil.example",
    "https:evil.example",
    "http://app.localhost:8080@evil.example",
    "http://app.localhost:8080/",
    "/..//evil.example",
    "/x/..//evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "@evil.example",
    ".evil.example",
    ":80@evil.example",
    "%2f%2fevil.example",
    "/.latchkey/start",
    "/%00",
    "%ff%fe",
    "",
];

/// The origin of a `Location`, relative to the URL of the request.
fn origin(from: &str, response: &TestResponse) -> String {
    let base = url::Url::parse(from).unwrap();
    base.join(response.location())
        .unwrap()
        .origin()
        .ascii_serialization()
}

#[tokio::test]
async fn h8_a_hostile_path_is_replaced_by_the_root() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    for to in HOSTILE {
        let from = format!("{APP}/.latchkey/start?to={to}");
        let start = person.get(&from).await;
        assert_eq!(
            (start.status.as_u16(), origin(&from, &start)),
            (303, app.origin()),
            "{to}"
        );
        assert!(
            start.location().contains("&to=%2F&"),
            "{to}: {}",
            start.location()
        );
        // Skipping the first step gains nothing.
        let from = format!(
            "{}/.latchkey/ticket?origin={APP}&to={to}&nonce={NONCE}",
            app.origin()
        );
        let ticket = person.get(&from).await;
        assert_eq!(
            (ticket.status.as_u16(), origin(&from, &ticket).as_str()),
            (303, APP),
            "{to}"
        );
        let redirects = person
            .follow_redirects(&format!("{APP}/.latchkey/start?to={to}"))
            .await;
        assert_eq!(redirects.last_url(), format!("{APP}/"), "{to}");
        for response in [start, ticket] {
            assert!(
                response.headers.keys().all(|name| name != "x")
                    && !response.location().contains("evil"),
                "{to}"
            );
        }
    }
}

#[tokio::test]
async fn h8_tickets_are_issued_to_configured_applications_only() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let own = app.origin();
    for query in [
        String::new(),
        "origin".to_owned(),
        format!("nonce={NONCE}"),
        format!("origin={APP}"),
        format!("origin={APP}&nonce={}", &NONCE[1..]),
        format!("origin={APP}&nonce={NONCE}A"),
        format!("origin={APP}&nonce={NONCE}&nonce={NONCE}"),
        format!("origin={APP}&origin=https://evil.example&nonce={NONCE}"),
        format!("origin=https://evil.example&nonce={NONCE}"),
        format!("origin={own}&nonce={NONCE}"),
        format!("origin={APP}/&nonce={NONCE}"),
        format!("origin=http://app.localhost&nonce={NONCE}"),
        format!("origin=https://app.localhost:8080&nonce={NONCE}"),
        format!("origin={APP}.evil.example&nonce={NONCE}"),
        format!("origin={APP}@evil.example&nonce={NONCE}"),
        format!("origin=null&nonce={NONCE}"),
        format!("origin=%00&nonce={NONCE}"),
        format!("origin={APP}%0d%0aX:%20y&nonce={NONCE}"),
    ] {
        let response = person.get(&format!("{own}/.latchkey/ticket?{query}")).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (400, ""),
            "{query}"
        );
    }
    assert_eq!(record_count(&app, RecordKind::Ticket).await, 0);
}

#[tokio::test]
async fn h9_malformed_tickets_are_refused() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::new(&app);
    let ticket = "AAECAwQFBgcICQoLDA0ODw";
    for query in [
        "".to_owned(),
        "ticket".to_owned(),
        "ticket=".to_owned(),
        "ticket=%00".to_owned(),
        "ticket=%ff".to_owned(),
        format!("ticket={ticket}"),
        format!("ticket={ticket}&ticket={ticket}"),
        format!("ticket={ticket}=="),
        format!("ticket={}", ticket.repeat(300)),
        format!("TICKET={ticket}"),
    ] {
        assert_ticket_error(
            &person.get(&format!("{APP}/.latchkey/enter?{query}")).await,
            400,
            "/",
        );
    }
    // Only a well-formed ticket is looked up and audit-logged.
    assert_eq!(app.audit.count("authn_ticket_refused"), 1);
    // A malformed nonce is replaced.
    for nonce in ["", "x", "~~~", NONCE] {
        person.at_origin(APP).cookies =
            [("latchkey-app-nonce".to_owned(), nonce.to_owned())].into();
        let response = person.get(&format!("{APP}/.latchkey/start")).await;
        assert!(
            !response
                .cookie("latchkey-app-nonce")
                .unwrap()
                .starts_with(&format!("latchkey-app-nonce={nonce};"))
        );
    }
}

#[tokio::test]
async fn a_return_url_that_is_too_long_is_replaced_by_the_root() {
    let app = app_with_applications(|_| {}).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut person = SiteBrowser::new(&app);
    let redirects = person
        .follow_redirects(&format!(
            "{APP}/.latchkey/start?to=/{}",
            "%2526".repeat(500)
        ))
        .await;
    let page = redirects.response.unwrap();
    assert!(
        page.body.contains(&format!(
            "name=\"return_to\" value=\"{APP}/.latchkey/start?to=/\""
        )),
        "{:?}",
        redirects.urls
    );
}
