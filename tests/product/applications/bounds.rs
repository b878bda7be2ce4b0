//! Limits on the records that a signed-in person can create, and secrets that must not be stored.

use crate::applications::*;
use latchkey::server::session::ticket::MAX_TICKETS;
use latchkey::server::store::redb::{RedbOptions, RedbStore};

#[tokio::test]
async fn a_session_has_one_session_at_each_application() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let first = person.app_cookie(APP);
    for _ in 0..20 {
        person.at_origin(APP).cookies.clear();
        person.open_application(APP).await;
    }
    assert_eq!(record_count(&app, RecordKind::ApplicationSession).await, 1);
    assert_eq!(
        person.at_origin(APP).cookie("latchkey-app"),
        Some(first.as_str())
    );
    person.open_application(OTHER).await;
    assert_eq!(record_count(&app, RecordKind::ApplicationSession).await, 2);
    assert_ne!(
        person.at_origin(OTHER).cookie("latchkey-app"),
        Some(first.as_str())
    );
    // Another sign-in is another session, also at the application (requirement K4).
    app.advance(seconds(1)).await;
    person.sign_in(KNOWN_PHONE).await;
    person.open_application(APP).await;
    assert_ne!(
        person.at_origin(APP).cookie("latchkey-app"),
        Some(first.as_str())
    );
}

#[tokio::test]
async fn tickets_are_rate_limited_by_user() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    for _ in 0..MAX_TICKETS {
        assert_eq!(person.get(start.location()).await.status, 303);
    }
    let refused = person.get(start.location()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, Some("60"))
    );
    assert_eq!(
        app.audit.events_named("excess_rate_limit_exceeded")[0]["limit"],
        "tickets"
    );
    assert_eq!(
        record_count(&app, RecordKind::Ticket).await,
        MAX_TICKETS as usize
    );
    // The limit is counted by user, in all sessions together, so that nobody else is affected.
    let mut second = SiteBrowser::new(&app);
    second.sign_in("+447400777888").await;
    second.open_application(APP).await;
    app.advance(seconds(60)).await;
    person.open_application(APP).await;
}

#[tokio::test]
async fn concurrent_tabs_all_return_to_their_pages() {
    let app = app_with_applications(|_| {}).await;
    let mut person = SiteBrowser::signed_in(&app).await;
    // Every tab starts before the first one has finished.
    let mut starts = Vec::new();
    for tab in 0..20 {
        starts.push(
            person
                .get(&format!("{APP}/.latchkey/start?to=/{tab}"))
                .await
                .location()
                .to_owned(),
        );
    }
    for (tab, start) in starts.into_iter().enumerate() {
        let redirects = person.follow_redirects(&start).await;
        assert_eq!(
            redirects.last_url(),
            format!("{APP}/{tab}"),
            "{:?}",
            redirects.response
        );
    }
    // All tabs finish at the same time; every response sets the same cookie.
    person.at_origin(APP).cookies.clear();
    let mut enters = Vec::new();
    for tab in 0..20 {
        enters.push(person.request_ticket(APP, &format!("/{tab}")).await);
    }
    let requests: Vec<_> = enters
        .iter()
        .map(|enter| person.request(http::Method::GET, enter))
        .collect();
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| app.spawn_call(request))
        .collect();
    let mut cookies = std::collections::BTreeSet::new();
    for task in tasks {
        let response = task.await.unwrap();
        assert_eq!(response.status, 303);
        cookies.insert(response.cookie("latchkey-app").unwrap().to_owned());
    }
    assert_eq!(cookies.len(), 1);
}

#[tokio::test]
async fn records_of_ended_sessions_expire_with_the_session() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person.request_ticket(APP, "/unused").await;
    person.at_sign_in().post("sign-out", &[]).await;
    assert_eq!(
        (
            record_count(&app, RecordKind::ApplicationSession).await,
            record_count(&app, RecordKind::Ticket).await
        ),
        (1, 1)
    );
    app.advance(seconds(30) + minutes(5)).await;
    assert_eq!(record_count(&app, RecordKind::Ticket).await, 0);
    app.advance(minutes(12 * 60)).await;
    assert_eq!(record_count(&app, RecordKind::ApplicationSession).await, 0);
    assert!(app.product.store.sweep(app.now(), 1000).await.unwrap() >= 2);
    assert!(!person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn k3_tickets_nonces_and_application_cookies_are_not_stored_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let app = TestApp::with_store(
        store.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.forward_auth.origins = vec![APP.parse().unwrap()];
        },
    );
    let mut person = signed_in_at(&app, APP).await;
    let token = person.app_cookie(APP);
    let ticket = person
        .request_ticket(APP, "/planted-page")
        .await
        .split(['=', '&'])
        .nth(1)
        .unwrap()
        .to_owned();
    let nonce = person
        .at_origin(APP)
        .cookie("latchkey-app-nonce")
        .unwrap()
        .to_owned();
    store.close().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let rests = |secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    for secret in [&token, &ticket, &nonce] {
        use base64::Engine as _;
        let raw = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(secret)
            .unwrap();
        assert!(!rests(secret.as_bytes()) && !rests(&raw), "{secret}");
    }
    assert!(!rests(b"planted-page") && !rests(b"app.localhost"));
}
