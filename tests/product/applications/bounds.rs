//! What a signed-in person cannot make grow, and what rests of a secret.

use crate::applications::*;
use latchkey::server::session::ticket::MOST;
use latchkey::server::store::redb::{RedbOptions, RedbStore};

#[tokio::test]
async fn a_session_has_one_session_at_each_application_however_often_it_enters() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    let first = person.on(APP).cookie("latchkey-app").unwrap().to_owned();
    for _ in 0..20 {
        person.on(APP).cookies.clear();
        person.enter(APP).await;
    }
    assert_eq!(count(&world, RecordKind::Application).await, 1);
    assert_eq!(person.on(APP).cookie("latchkey-app"), Some(first.as_str()));
    person.enter(OTHER).await;
    assert_eq!(count(&world, RecordKind::Application).await, 2);
    assert_ne!(
        person.on(OTHER).cookie("latchkey-app"),
        Some(first.as_str())
    );
    // Another sign-in is another session, also at the application (requirement K4).
    world.advance(seconds(1)).await;
    person.sign_in(KNOWN).await;
    person.enter(APP).await;
    assert_ne!(person.on(APP).cookie("latchkey-app"), Some(first.as_str()));
}

#[tokio::test]
async fn a_loop_that_asks_for_tickets_is_told_to_slow_down() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    let start = person.get(&format!("{APP}/.latchkey/start")).await;
    for _ in 0..MOST {
        assert_eq!(person.get(start.location()).await.status, 303);
    }
    let refused = person.get(start.location()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("retry-after")),
        (429, Some("60"))
    );
    assert_eq!(
        world.audit.events_named("excess_rate_limit_exceeded")[0]["limit"],
        "tickets"
    );
    assert_eq!(count(&world, RecordKind::Ticket).await, MOST as usize);
    // Nobody else is: it is counted by user, in all sessions together.
    let mut second = Person::new(&world);
    second.sign_in("+447400777888").await;
    second.enter(APP).await;
    world.advance(seconds(60)).await;
    person.enter(APP).await;
}

#[tokio::test]
async fn many_tabs_at_once_all_land() {
    let world = behind(|_| {}).await;
    let mut person = Person::new(&world);
    person.sign_in(KNOWN).await;
    // Every tab begins before the first one ends.
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
        let walk = person.walk(&start).await;
        assert_eq!(walk.end(), format!("{APP}/{tab}"), "{:?}", walk.answer);
    }
    // And all of them at the same time: every answer sets the same cookie.
    person.on(APP).cookies.clear();
    let mut enters = Vec::new();
    for tab in 0..20 {
        enters.push(person.ticket(APP, &format!("/{tab}")).await);
    }
    let requests: Vec<_> = enters
        .iter()
        .map(|enter| person.request(http::Method::GET, enter))
        .collect();
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| world.begin(request))
        .collect();
    let mut cookies = std::collections::BTreeSet::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.status, 303);
        cookies.insert(answer.cookie("latchkey-app").unwrap().to_owned());
    }
    assert_eq!(cookies.len(), 1);
}

#[tokio::test]
async fn what_is_left_of_dead_sessions_is_swept_when_they_would_have_ended() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person.ticket(APP, "/unused").await;
    person.id().post("sign-out", &[]).await;
    assert_eq!(
        (
            count(&world, RecordKind::Application).await,
            count(&world, RecordKind::Ticket).await
        ),
        (1, 1)
    );
    world.advance(seconds(30) + minutes(5)).await;
    assert_eq!(count(&world, RecordKind::Ticket).await, 0);
    world.advance(minutes(12 * 60)).await;
    assert_eq!(count(&world, RecordKind::Application).await, 0);
    assert!(world.product.store.sweep(world.now(), 1000).await.unwrap() >= 2);
    assert!(!person.is_in(APP).await);
}

#[tokio::test]
async fn k3_no_secret_of_the_way_rests_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latchkey.redb");
    let store = Arc::new(RedbStore::open(&path, RedbOptions::default()).unwrap());
    let world = World::over(
        store.clone(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.forward_auth.origins = vec![APP.parse().unwrap()];
        },
    );
    let mut person = entered(&world, APP).await;
    let token = person.on(APP).cookie("latchkey-app").unwrap().to_owned();
    let ticket = person
        .ticket(APP, "/planted-page")
        .await
        .split("ticket=")
        .nth(1)
        .unwrap()
        .to_owned();
    let nonce = person
        .on(APP)
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
