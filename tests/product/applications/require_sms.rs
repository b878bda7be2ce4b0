//! `forward_auth.require_sms`: an application that asks for a code by SMS, from its 401 to the page
//! that was requested.

use std::net::{IpAddr, Ipv4Addr};

use latchkey::server::settings::Fallback;

use crate::applications::site_browser::SiteBrowser;
use crate::applications::{APP, OTHER, SAME_HOST, app_with_applications};
use crate::support::{KNOWN_PHONE, TestResponse, seconds};

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const EMAIL: &str = "ann@example.org";
const BY_EMAIL: [(&str, &str); 1] = [("channel", "email")];
/// The first wait of a flow, after which a code may come by e-mail.
const FIRST_WAIT: u64 = 30;

fn methods(response: &TestResponse) -> &str {
    assert_eq!(response.status, 200, "{}", response.body);
    response.header("x-auth-request-amr").unwrap()
}

/// Signs in with a code of this channel, and returns where the browser is sent to.
async fn enter_code(person: &mut SiteBrowser, channel: &str) -> String {
    let browser = person.at_sign_in();
    let app = browser.app.clone();
    browser
        .request_code(KNOWN_PHONE)
        .await
        .assert_redirect("/code");
    app.advance(seconds(FIRST_WAIT)).await;
    let mut to = KNOWN_PHONE;
    if channel == "email" {
        browser
            .post("resend-code", &BY_EMAIL)
            .await
            .assert_redirect("/code");
        app.wait_for_sends().await;
        to = EMAIL;
    }
    let code = app.upstream.newest_code(to).await;
    let response = browser.submit_code(&code).await;
    assert_eq!(response.status, 303, "{}", response.body);
    response.location().to_owned()
}

#[tokio::test]
async fn an_application_may_ask_for_a_code_by_sms_without_a_loop() {
    let app = app_with_applications(|settings| {
        settings.sign_in.fallback = Fallback::Email;
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
        settings.forward_auth.require_sms =
            [APP, SAME_HOST].map(|url| url.parse().unwrap()).to_vec();
    })
    .await;
    app.product.tenant_policy.refresh().await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.upstream.set_email(KNOWN_PHONE, EMAIL).await;
    for origin in [APP, SAME_HOST] {
        let mut person = SiteBrowser::new(&app);
        assert_eq!(enter_code(&mut person, "email").await, "/account");
        person.open_application(OTHER).await;
        assert_eq!(methods(&person.forward_auth(OTHER, PROXY).await), "eotp");

        let refused = person.forward_auth(origin, PROXY).await;
        assert_eq!(refused.status, 302, "{}", refused.body);
        let way = person.follow_redirects(refused.location()).await;
        let page = way.response.unwrap();
        assert_eq!(page.status, 200, "{:?}", way.urls);
        assert!(
            page.body.contains("needs a code by text message first"),
            "{}",
            page.body
        );
        assert!(
            person.at_sign_in().is_signed_in().await,
            "the session goes on"
        );

        // The flow that leads there has codes by SMS alone, so that no code leads back here.
        app.advance(seconds(60)).await;
        let browser = person.at_sign_in();
        browser
            .request_code(KNOWN_PHONE)
            .await
            .assert_redirect("/code");
        app.advance(seconds(FIRST_WAIT)).await;
        let page = browser.get("/code").await.body;
        assert!(
            !page.contains("value=\"email\"") && !page.contains("by email"),
            "{page}"
        );
        let emails = app.upstream.messages(EMAIL).await.len();
        browser
            .post("resend-code", &BY_EMAIL)
            .await
            .assert_redirect("/code");
        assert_eq!(app.upstream.messages(EMAIL).await.len(), emails);
        let code = app.upstream.newest_code(KNOWN_PHONE).await;
        let next = browser.submit_code(&code).await.location().to_owned();
        let back = person.follow_redirects(&next).await;
        assert_eq!(
            back.last_url(),
            format!("{origin}/orders?id=1"),
            "{:?}",
            back.urls
        );
        assert_eq!(methods(&person.forward_auth(origin, PROXY).await), "sms");
        app.advance(seconds(120)).await;
    }
    assert!(app.count_events(|kind| kind.event == "authn_login_success") >= 4);
}
