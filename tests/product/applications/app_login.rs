//! The complete sign-in flow of an application: from one of its pages to the sign-in and back.

use crate::applications::*;

/// The origins of a redirect chain, each once, in the order of their first use.
fn distinct_origins(urls: &[String]) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    for hop in urls {
        let origin = url::Url::parse(hop).unwrap().origin().ascii_serialization();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    origins
}

fn form_action(page: &TestResponse) -> Vec<String> {
    let policy = page.header("content-security-policy").unwrap();
    let directive = policy
        .split(';')
        .find_map(|part| part.trim().strip_prefix("form-action "))
        .unwrap();
    directive.split(' ').map(str::to_owned).collect()
}

/// Goes from a protected page to the sign-in or sign-up and completes it. Returns the redirects
/// after the code was submitted.
async fn complete_sign_in(
    person: &mut SiteBrowser,
    origin: &str,
    phone: &str,
    endpoint: &str,
) -> site_browser::RedirectChain {
    let app = person.app.clone();
    let redirects = person
        .follow_redirects(&format!(
            "{origin}/.latchkey/start?to=%2Forders%3Fid%3D1%26x%3D%252F"
        ))
        .await;
    assert_eq!(redirects.urls.len(), 3, "{:?}", redirects.urls);
    let page = redirects.response.unwrap();
    assert_eq!(page.status, 200);
    let back = page
        .body
        .split("name=\"return_to\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let back = back.replace("&amp;", "&");
    assert_eq!(
        back,
        format!("{origin}/.latchkey/start?to=/orders?id=1%26x=%252F")
    );

    let id = person.at_sign_in();
    id.post(endpoint, &[("phone", phone), ("return_to", &back)])
        .await
        .assert_redirect("/code");
    app.wait_for_sends().await;
    let code_page = id.get("/code").await;
    let allowed = form_action(&code_page);
    assert_eq!(allowed, ["'self'", origin]);
    let verified = id.submit_code(&app.upstream.newest_code(phone).await).await;
    verified.assert_redirect(&back);
    let redirects = person.follow_redirects(&back).await;
    // Browsers apply `form-action` to every redirect that follows the form.
    for origin in distinct_origins(&redirects.urls) {
        assert!(
            origin == app.origin() || allowed.contains(&origin),
            "{origin} is not in {allowed:?}"
        );
    }
    redirects
}

#[tokio::test]
async fn sign_in_returns_to_the_application_page() {
    let app = app_with_applications(|_| {}).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut person = SiteBrowser::new(&app);
    let redirects = complete_sign_in(&mut person, APP, KNOWN_PHONE, "send-code").await;
    assert_eq!(redirects.last_url(), format!("{APP}/orders?id=1&x=%2F"));
    assert_eq!(redirects.urls.len(), 4, "{:?}", redirects.urls);
    assert!(person.is_signed_in_at(APP).await && person.at_sign_in().is_signed_in().await);
    assert!(
        !person.is_signed_in_at(OTHER).await,
        "each application has a cookie of its own"
    );
    // The application's host has its own cookie, and no other cookie of ours.
    assert_eq!(
        person.at_origin(APP).cookies.keys().collect::<Vec<_>>(),
        ["latchkey-app"]
    );

    let events = app.audit.events_named("authn_token_created");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["application"], APP);
    assert_eq!(
        events[0]["session"],
        app.audit.events_named("session_created")[0]["session"]
    );
    // For a signed-in person, the second application is three redirects away.
    let redirects = person
        .follow_redirects(&format!("{OTHER}/.latchkey/start?to=/b"))
        .await;
    assert_eq!(
        (redirects.urls.len(), redirects.last_url()),
        (4, "http://other.localhost:8081/b")
    );
    let first = person.clone().app_cookie(APP);
    assert_ne!(
        person.at_origin(OTHER).cookie("latchkey-app"),
        Some(first.as_str())
    );
}

#[tokio::test]
async fn sign_up_returns_to_the_application_page() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::new(&app);
    let redirects = complete_sign_in(&mut person, APP, "+447400777888", "sign-up").await;
    assert_eq!(redirects.last_url(), format!("{APP}/orders?id=1&x=%2F"));
    assert!(person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn a_resend_keeps_the_return_url() {
    let app = app_with_applications(|_| {}).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut person = SiteBrowser::new(&app);
    let back = format!("{APP}/.latchkey/start?to=/a");
    person
        .at_sign_in()
        .post("send-code", &[("phone", KNOWN_PHONE), ("return_to", &back)])
        .await;
    app.wait_for_sends().await;
    app.advance(seconds(31)).await;
    person
        .at_sign_in()
        .post("resend-code", &[])
        .await
        .assert_redirect("/code");
    app.wait_for_sends().await;
    assert_eq!(
        form_action(&person.at_sign_in().get("/code").await),
        ["'self'", APP]
    );
    person
        .at_sign_in()
        .submit_code(&app.upstream.newest_code(KNOWN_PHONE).await)
        .await
        .assert_redirect(&back);
    assert_eq!(
        person.follow_redirects(&back).await.last_url(),
        format!("{APP}/a")
    );
}

#[tokio::test]
async fn k1_k13_cookie_names_and_attributes_depend_on_the_application_origin() {
    for (scheme, session, nonce, attributes) in [
        (
            "http",
            "latchkey-app",
            "latchkey-app-nonce",
            "; HttpOnly; SameSite=Lax; Path=/",
        ),
        (
            "https",
            "__Host-latchkey-app",
            "__Host-latchkey-app-nonce",
            "; HttpOnly; SameSite=Lax; Secure; Path=/",
        ),
    ] {
        let (app, origin) = match scheme {
            "http" => (app_with_applications(|_| {}).await, APP),
            _ => app_with_https_application().await,
        };
        let mut person = SiteBrowser::signed_in(&app).await;
        let start = person.get(&format!("{origin}/.latchkey/start")).await;
        let value = |line: &str| line.split(['=', ';']).nth(1).unwrap().to_owned();
        let line = start.cookie(nonce).unwrap();
        assert_eq!(
            line,
            format!("{nonce}={}{attributes}; Max-Age=300", value(line))
        );
        assert_eq!(value(line).len(), 22, "128 bits");
        assert!(
            !start.location().contains(&value(line)),
            "the nonce is in no address"
        );

        let ticket = person.get(start.location()).await;
        assert_eq!(
            ticket.location().split(['=', '&']).nth(1).unwrap().len(),
            22,
            "128 bits"
        );
        assert_eq!(ticket.cookies(), [""; 0]);
        let entered = person.get(ticket.location()).await;
        entered.assert_redirect(&format!("{origin}/"));
        let line = entered.cookie(session).unwrap();
        assert_eq!(
            line,
            format!("{session}={}{attributes}", value(line)),
            "ends with the browser"
        );
        assert_eq!(value(line).len(), 43, "256 bits");
        assert_eq!(
            entered.cookie(nonce),
            Some(format!("{nonce}={attributes}; Max-Age=0").as_str())
        );
        assert!(person.is_signed_in_at(origin).await, "{scheme}");
    }
}

#[tokio::test]
async fn a_persistent_session_is_persistent_at_the_application() {
    let app = app_with_applications(|_| {}).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut person = SiteBrowser::new(&app);
    person
        .at_sign_in()
        .post("send-code", &[("phone", KNOWN_PHONE), ("stay", "1")])
        .await;
    app.wait_for_sends().await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    person.at_sign_in().submit_code(&code).await;
    app.advance(minutes(60 * 24)).await;
    let enter = person.request_ticket(APP, "/").await;
    let line = person
        .get(&enter)
        .await
        .cookie("latchkey-app")
        .unwrap()
        .to_owned();
    assert!(
        line.ends_with("Max-Age=2505600"),
        "until the session's end in 29 days: {line}"
    );
}

#[tokio::test]
async fn tickets_nonces_and_paths_are_neither_logged_nor_sent_as_referrer() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let start = person
        .get(&format!("{APP}/.latchkey/start?to=/secret-page"))
        .await;
    let ticket = person.get(start.location()).await;
    let address = ticket.location().to_owned();
    let entered = person.get(&address).await;
    let again = person.clone();
    let refused = SiteBrowser::new(&app).get(&address).await;
    for response in [&start, &ticket, &entered, &refused] {
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
    let secrets = [
        address.split(['=', '&']).nth(1).unwrap().to_owned(),
        start
            .cookie("latchkey-app-nonce")
            .unwrap()
            .split(['=', ';'])
            .nth(1)
            .unwrap()
            .to_owned(),
        again.clone().app_cookie(APP),
        "secret-page".to_owned(),
    ];
    let (logs, audit) = (
        latchkey_testkit::log_capture::process_logs().text(),
        app.audit.text(),
    );
    assert!(logs.contains("/.latchkey/enter"), "paths are logged");
    for secret in secrets {
        assert!(
            !logs.contains(&secret) && !audit.contains(&secret),
            "{secret}"
        );
    }
}

#[tokio::test]
async fn forward_auth_accepts_the_application_cookie_for_its_own_host() {
    let app = app_with_applications(|settings| {
        settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()]
    })
    .await;
    let mut person = signed_in_at(&app, APP).await;
    let token = person.app_cookie(APP);
    for (host, status) in [
        ("app.localhost:8080", 200),
        ("other.localhost:8081", 401),
        ("127.0.0.1:3000", 401),
    ] {
        let mut proxy = app.browser().with_address("192.0.2.1");
        proxy
            .cookies
            .insert("latchkey-app".to_owned(), token.clone());
        let mut request = proxy
            .request(http::Method::GET, "/forward-auth")
            .body(axum::body::Body::empty())
            .unwrap();
        for (name, value) in [
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", "/a"),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = app.call(request).await;
        assert_eq!(response.status, status, "{host}");
        if host == "other.localhost:8081" {
            assert_eq!(
                response.location(),
                format!("{OTHER}/.latchkey/start?to=/a")
            );
        }
    }
}
