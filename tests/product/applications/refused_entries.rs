//! Errors at the end of an application's sign-in: an error page with one link that starts again.

use crate::applications::*;
use latchkey::server::admin::commands::{AdminCommand, SessionOwner, run_command};

#[tokio::test]
async fn a_ticket_expires_after_half_a_minute() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let (young, old) = (
        person.request_ticket(APP, "/a").await,
        person.request_ticket(APP, "/b").await,
    );
    app.advance(seconds(29)).await;
    person
        .clone()
        .get(&young)
        .await
        .assert_redirect(&format!("{APP}/a"));
    app.advance(seconds(1)).await;
    assert_ticket_error(&person.clone().get(&old).await, 400, "/b");
    assert_ticket_error(&person.clone().get(&old).await, 400, "/b");
    assert_eq!(refusal_reasons(&app), ["expired", "unknown"]);
    // The URL names the page, however late the person is. It stays on the application.
    for minutes_late in [5, 6, 90] {
        let old = person.request_ticket(APP, "/c").await;
        app.advance(minutes(minutes_late)).await;
        assert_ticket_error(&person.clone().get(&old).await, 400, "/c");
        for (to, page) in [
            ("//evil.example", "/"),
            ("https://evil.example", "/"),
            ("/.latchkey/sign-out", "/"),
            ("/d", "/d"),
        ] {
            let changed = old.replace("&to=/c", &format!("&to={to}"));
            assert_ticket_error(&person.clone().get(&changed).await, 400, page);
        }
    }
    person.sign_in(KNOWN_PHONE).await;
    // The link starts again and leads to the page.
    assert_eq!(
        person
            .follow_redirects(&format!("{APP}/.latchkey/start?to=/b"))
            .await
            .last_url(),
        format!("{APP}/b")
    );
}

#[tokio::test]
async fn h2_an_expired_ticket_discloses_no_more_than_a_valid_one() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    for age in [0, 31] {
        let [carried, elsewhere] = [
            person.request_ticket(APP, "/a").await,
            person.request_ticket(APP, "/a").await,
        ];
        app.advance(seconds(age)).await;
        let mut other = SiteBrowser::new(&app);
        other.get(&format!("{APP}/.latchkey/start")).await;
        assert_ticket_error(&other.get(&carried).await, 400, "/a");
        assert_eq!(
            person
                .clone()
                .get(&elsewhere.replace(APP, OTHER))
                .await
                .status,
            400
        );
    }
    assert_eq!(
        refusal_reasons(&app),
        [
            "other_browser",
            "other_application",
            "expired",
            "other_application"
        ]
    );
}

#[tokio::test]
async fn a_ticket_is_single_use() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    let before = person.clone();
    person
        .get(&address)
        .await
        .assert_redirect(&format!("{APP}/a"));
    assert_ticket_error(&before.clone().get(&address).await, 400, "/a");
    // A person who is already signed in continues: the address was opened again, or another tab was
    // first.
    person
        .get(&address)
        .await
        .assert_redirect(&format!("{APP}/a"));
    assert_eq!(refusal_reasons(&app), ["unknown", "unknown"]);
}

#[tokio::test]
async fn of_concurrent_uses_of_a_ticket_one_succeeds() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    for _ in 0..5 {
        let address = person.request_ticket(APP, "/a").await;
        let requests: Vec<_> = (0..8)
            .map(|_| person.request(http::Method::GET, &address))
            .collect();
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|request| app.spawn_call(request))
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += usize::from(task.await.unwrap().status == 303);
        }
        assert_eq!(winners, 1);
    }
}

#[tokio::test]
async fn h2_a_ticket_of_another_browser_is_refused() {
    let app = app_with_applications(|_| {}).await;
    let mut attacker = SiteBrowser::new(&app);
    attacker.sign_in("+447400777888").await;
    // With and without a nonce of the victim's own.
    for has_nonce in [false, true] {
        let mut victim = SiteBrowser::new(&app);
        if has_nonce {
            victim.get(&format!("{APP}/.latchkey/start")).await;
        }
        let planted = attacker.request_ticket(APP, "/transfer").await;
        assert_ticket_error(&victim.get(&planted).await, 400, "/transfer");
        assert!(!victim.is_signed_in_at(APP).await);
        // The ticket is used up, for the attacker too.
        assert_ticket_error(&attacker.clone().get(&planted).await, 400, "/transfer");
    }
    assert_eq!(
        refusal_reasons(&app),
        ["no_nonce", "unknown", "other_browser", "unknown"]
    );

    // A person who is signed in keeps their session.
    let mut victim = signed_in_at(&app, APP).await;
    let before = victim.app_cookie(APP);
    let planted = attacker.request_ticket(APP, "/transfer").await;
    victim
        .get(&planted)
        .await
        .assert_redirect(&format!("{APP}/transfer"));
    assert_eq!(
        victim.at_origin(APP).cookie("latchkey-app"),
        Some(before.as_str())
    );
}

#[tokio::test]
async fn a_ticket_with_a_foreign_nonce_authenticates_neither_browser() {
    let app = app_with_applications(|_| {}).await;
    let mut attacker = SiteBrowser::new(&app);
    let start = attacker.get(&format!("{APP}/.latchkey/start")).await;
    // The victim is lured to our host with the attacker's hash.
    let mut victim = SiteBrowser::signed_in(&app).await;
    let lured = victim.get(start.location()).await;
    assert_ticket_error(&victim.get(lured.location()).await, 400, "/");
    // A ticket that was shown once is used up. A ticket from a proxy's log authenticates nobody,
    // although the nonce is the attacker's.
    assert_ticket_error(&attacker.get(lured.location()).await, 400, "/");
    assert!(!attacker.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn a_ticket_is_valid_for_one_application_only() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    person.get(&format!("{OTHER}/.latchkey/start")).await;
    // Even with the nonce, because it is the same browser.
    let nonce = person
        .at_origin(APP)
        .cookie("latchkey-app-nonce")
        .unwrap()
        .to_owned();
    person
        .at_origin(OTHER)
        .cookies
        .insert("latchkey-app-nonce".to_owned(), nonce);
    let carried = address.replace(APP, OTHER);
    let response = person.get(&carried).await;
    assert_eq!(response.status, 400);
    assert!(
        response
            .body
            .contains(&format!("{OTHER}/.latchkey/start?to=/"))
    );
    assert!(!person.is_signed_in_at(OTHER).await);
    assert_ticket_error(&person.get(&address).await, 400, "/a");
    assert_eq!(refusal_reasons(&app), ["other_application", "unknown"]);
}

#[tokio::test]
async fn blocked_cookies_are_explained_without_a_redirect_loop() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let start = person
        .get(&format!("{APP}/.latchkey/start?to=/a%3Fb"))
        .await;
    person.at_origin(APP).cookies.clear();
    let redirects = person.follow_redirects(start.location()).await;
    assert_eq!(redirects.urls.len(), 2);
    let page = redirects.response.unwrap();
    assert_ticket_error(&page, 400, "/a?b");
    assert!(page.body.contains("Please allow cookies"), "{}", page.body);
}

#[tokio::test]
async fn a_ticket_of_an_ended_session_is_refused() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    person.at_sign_in().post("sign-out", &[]).await;
    let page = person.get(&address).await;
    assert_ticket_error(&page, 400, "/a");
    assert!(page.body.contains("You’re signed out"), "{}", page.body);

    app.advance(seconds(1)).await;
    person.sign_in(KNOWN_PHONE).await;
    let address = person.request_ticket(APP, "/a").await;
    run_command(
        &app.product.admin_services(),
        &AdminCommand::SessionsRevoke {
            owner: SessionOwner::Everybody,
        },
    )
    .await;
    assert_ticket_error(&person.get(&address).await, 400, "/a");
    assert_eq!(refusal_reasons(&app), ["ended", "ended"]);
    assert_eq!(app.audit.count("authn_token_created"), 0);
}

#[tokio::test]
async fn k14_a_ticket_of_a_disabled_user_is_refused() {
    let app =
        app_with_applications(|settings| settings.session.check_interval = "20s".parse().unwrap())
            .await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
    app.advance(seconds(20)).await;
    assert_ticket_error(&person.get(&address).await, 400, "/a");
    assert_eq!(refusal_reasons(&app), ["ended"]);
    let redirects = person
        .follow_redirects(&format!("{APP}/.latchkey/start"))
        .await;
    assert!(
        redirects
            .last_url()
            .starts_with(&format!("{}/sign-in?return_to=", app.origin())),
        "{}",
        redirects.last_url()
    );
}

#[tokio::test]
async fn k12_the_ticket_error_page_is_translated_and_self_contained() {
    let app = app_with_applications(|_| {}).await;
    for (language, words) in [
        ("en", "Let’s try that again"),
        ("de", "Versuchen wir es noch einmal"),
        ("fr", "Essayons encore une fois"),
        ("es", "Intentémoslo otra vez"),
        ("ar", "لنحاول مرة أخرى"),
    ] {
        let mut person = SiteBrowser::new(&app).with_language(language);
        let page = person
            .get(&format!("{APP}/.latchkey/enter?ticket=junk"))
            .await;
        assert_ticket_error(&page, 400, "/");
        assert!(page.body.contains(words), "{}", page.body);
        assert!(page.body.contains(&format!("lang=\"{language}\"")));
        for tag in ["<link", "<script", "<img", " style=\""] {
            assert!(!page.body.contains(tag), "{tag}");
        }
        let policy = page.header("content-security-policy").unwrap();
        let nonce = page
            .body
            .split("<style nonce=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(
            policy.contains(&format!("style-src 'nonce-{nonce}'")),
            "{policy}"
        );
        assert!(
            page.body.contains(".button {"),
            "the style is as it is written"
        );
        assert!(page.body.len() < 20_000, "{}", page.body.len());
    }
}

#[tokio::test]
async fn a_failing_store_gives_503_and_loses_no_ticket() {
    let store = latchkey_testkit::fault_store::FaultStore::in_memory();
    let app = TestApp::with_store(
        store.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.forward_auth.origins = vec![APP.parse().unwrap()];
        },
    );
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    store.set_all_failing(true);
    assert_ticket_error(&person.clone().get(&address).await, 503, "/a");
    let ticket = person.get(start.location()).await;
    assert_eq!(ticket.status, 503);
    let session = person.get(&format!("{APP}/.latchkey/session")).await;
    assert_eq!(
        session.status, 401,
        "without a cookie the store is not read"
    );
    store.set_all_failing(false);
    person
        .get(&address)
        .await
        .assert_redirect(&format!("{APP}/a"));
    store.set_all_failing(true);
    for path in ["session", "enter?ticket=AAECAwQFBgcICQoLDA0ODw"] {
        assert_eq!(
            person.get(&format!("{APP}/.latchkey/{path}")).await.status,
            503,
            "never 401: {path}"
        );
    }
    for path in ["extend-session", "sign-out"] {
        let response = person.post(&format!("{APP}/.latchkey/{path}")).await;
        assert_eq!(
            (response.status.as_u16(), response.cookies().len()),
            (503, 0),
            "{path}"
        );
    }
    store.set_all_failing(false);
    assert!(person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn only_navigations_use_a_ticket() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let address = person.request_ticket(APP, "/a").await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    let before = record_count(&app, RecordKind::Ticket).await;
    for url in [
        &format!("{APP}/.latchkey/start"),
        start.location(),
        &address,
    ] {
        let mut head = person.request(http::Method::HEAD, url);
        head.headers_mut()
            .insert("sec-fetch-mode", "navigate".parse().unwrap());
        let response = app.call(head).await;
        assert_eq!(
            (response.status.as_u16(), response.header("allow")),
            (405, Some("GET")),
            "{url}"
        );
        for (name, value) in [
            ("sec-purpose", "prefetch"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-mode", "cors"),
        ] {
            let mut ahead = person.request(http::Method::GET, url);
            ahead.headers_mut().insert(name, value.parse().unwrap());
            let response = app.call(ahead).await;
            assert_eq!(
                (response.status.as_u16(), response.cookies().len()),
                (403, 0),
                "{url}, {name}: {value}"
            );
        }
        for method in [http::Method::POST, http::Method::PUT, http::Method::DELETE] {
            let mut request = person.request(method, url);
            request
                .headers_mut()
                .insert("sec-fetch-site", "same-origin".parse().unwrap());
            assert_eq!(app.call(request).await.status, 405);
        }
    }
    assert_eq!(record_count(&app, RecordKind::Ticket).await, before);
    person
        .get(&address)
        .await
        .assert_redirect(&format!("{APP}/a"));
}

/// The reasons for which tickets were refused, from the audit log.
fn refusal_reasons(app: &TestApp) -> Vec<String> {
    let events = app.audit.events_named("authn_ticket_refused");
    events
        .iter()
        .map(|event| event["reason"].as_str().unwrap().to_owned())
        .collect()
}
