//! `forward_auth.max_age`: an application that asks for a fresh code, from its 401 to the page that
//! was requested.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use latchkey::server::settings::ForwardAuthSettings;

use crate::applications::site_browser::SiteBrowser;
use crate::applications::{APP, OTHER, SAME_HOST, app_with_applications};
use crate::support::{KNOWN_PHONE, TestApp, TestResponse, minutes, seconds};

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// Two applications that ask for a code every quarter of an hour, and one that does not.
async fn app() -> Arc<TestApp> {
    let table = format!("[max_age]\n\"{APP}\" = \"15m\"\n\"{SAME_HOST}\" = \"15m\"");
    let max_age = toml::from_str::<ForwardAuthSettings>(&table)
        .unwrap()
        .max_age;
    app_with_applications(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.max_age = max_age;
    })
    .await
}

fn age(response: &TestResponse) -> u64 {
    assert_eq!(response.status, 200, "{}", response.body);
    response
        .header("x-auth-request-auth-age")
        .unwrap()
        .parse()
        .unwrap()
}

/// Enters a fresh code, and returns where the browser is sent to.
async fn enter_code(person: &mut SiteBrowser) -> String {
    let browser = person.at_sign_in();
    browser
        .request_code(KNOWN_PHONE)
        .await
        .assert_redirect("/code");
    let code = browser.app.upstream.newest_code(KNOWN_PHONE).await;
    let response = browser.submit_code(&code).await;
    assert_eq!(response.status, 303, "{}", response.body);
    response.location().to_owned()
}

#[tokio::test]
async fn an_old_code_leads_through_sign_in_and_back_to_the_page_once() {
    let app = app().await;
    let mut person = SiteBrowser::signed_in(&app).await;
    for origin in [APP, OTHER] {
        person.open_application(origin).await;
    }
    for origin in [APP, OTHER, SAME_HOST] {
        assert!(age(&person.forward_auth(origin, PROXY).await) < 60);
    }
    app.advance(minutes(14)).await;
    assert!((840..=900).contains(&age(&person.forward_auth(APP, PROXY).await)));
    app.advance(minutes(2)).await;
    assert!(
        age(&person.forward_auth(OTHER, PROXY).await) > 900,
        "it asks for none"
    );

    for (origin, steps) in [(APP, 3), (SAME_HOST, 1)] {
        let refused = person.forward_auth(origin, PROXY).await;
        assert_eq!(refused.status, 302, "{}", refused.body);
        let way = person.follow_redirects(refused.location()).await;
        assert_eq!(way.urls.len(), steps, "{:?}", way.urls);
        let page = way.response.unwrap();
        assert_eq!(page.status, 200);
        assert!(
            page.body.contains("needs a new code first"),
            "{}",
            page.body
        );
        assert!(page.cookie("latchkey").is_none(), "the session goes on");
        assert!(person.at_sign_in().is_signed_in().await);

        let next = enter_code(&mut person).await;
        let back = person.follow_redirects(&next).await;
        assert_eq!(
            back.last_url(),
            format!("{origin}/orders?id=1"),
            "{:?}",
            back.urls
        );
        assert!(age(&person.forward_auth(origin, PROXY).await) < 60);
        let ended = app.audit.events_named("session_ended");
        assert_eq!(
            ended.last().map(|event| event["by"].clone()),
            Some("replaced".into())
        );
        app.advance(minutes(16)).await;
        assert!(person.at_sign_in().is_signed_in().await);
    }
}

#[tokio::test]
async fn a_script_gets_401_with_the_url_to_sign_in_at() {
    let app = app().await;
    let mut person = SiteBrowser::signed_in(&app).await;
    app.advance(minutes(16)).await;
    let mut browser = person.at_sign_in().clone();
    browser.address = PROXY;
    browser.html = false;
    let refused = browser
        .get(&format!("/forward-auth?origin={SAME_HOST}"))
        .await;
    refused.assert_not_signed_in();
    assert!(
        refused.location().ends_with("/sign-in"),
        "{}",
        refused.location()
    );
}

#[tokio::test]
async fn an_old_code_makes_no_ticket_and_no_other_page_asks_for_a_fresh_one() {
    let app = app().await;
    let mut person = SiteBrowser::signed_in(&app).await;
    app.advance(minutes(15) + seconds(60)).await;
    let way = person
        .follow_redirects(&format!("{APP}/.latchkey/start?to=/in"))
        .await;
    assert!(
        way.last_url().contains("/sign-in?return_to="),
        "{:?}",
        way.urls
    );
    person.open_application(OTHER).await;
    let browser = person.at_sign_in();
    for (path, location) in [
        ("/sign-in".to_owned(), "/account".to_owned()),
        (
            "/sign-in?return_to=/account".to_owned(),
            "/account".to_owned(),
        ),
        (
            format!("/sign-in?return_to={OTHER}/x"),
            format!("{OTHER}/x"),
        ),
        (
            "/sign-in?return_to=https://evil.example".to_owned(),
            "/account".to_owned(),
        ),
    ] {
        browser.get(&path).await.assert_redirect(&location);
    }
    for path in ["/sign-in", "/sign-up"] {
        let page = browser.get(&format!("{path}?return_to={APP}/x")).await;
        assert_eq!(page.status, 200, "{path}");
    }
}

/// Otherwise a client could choose an application that asks for no fresh code.
#[tokio::test]
async fn s8_a_peer_that_is_no_proxy_cannot_name_the_application() {
    let app = app().await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let other = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    for origin in [APP, OTHER, SAME_HOST] {
        assert_eq!(
            person.forward_auth(origin, other).await.status,
            403,
            "{origin}"
        );
    }
}
