//! Sessions ended from elsewhere: by their person, by the operator, by the cap (requirements K9 to
//! K11).

use futures_util::{StreamExt, stream};
use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};
use latchkey::server::session::ListedSession;
use latchkey::server::store::{Key, Precondition, PutOutcome, RecordKind};
use serde_json::Value;

use crate::support::{Browser, KNOWN, World, different_code, pause, seconds, wait_until};

/// Signs the same person in with so many browsers.
async fn browsers(world: &std::sync::Arc<World>, count: usize) -> Vec<Browser> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await;
        all.push(browser);
        world.advance(seconds(1)).await;
    }
    all
}

/// Ids of the list on the account page.
async fn listed(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/account").await.body;
    let ids = page
        .split("name=\"id\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    ids.filter(|id| *id != "others")
        .map(str::to_owned)
        .collect()
}

/// What the operator is shown.
async fn list(world: &World, user: Option<&str>) -> Vec<ListedSession> {
    let command = AdminCommand::SessionsList {
        user: user.map(str::to_owned),
    };
    let AdminReply::Sessions(listing) = carry_out(&world.product, &command).await else {
        panic!()
    };
    assert!(!listing.is_cut);
    listing.sessions
}

/// Ends sessions for the operator; how many.
async fn revoke(world: &World, whose: SessionOwner) -> usize {
    let answer = carry_out(&world.product, &AdminCommand::SessionsRevoke { whose }).await;
    let AdminReply::Revoked { count } = answer else {
        panic!("{answer:?}")
    };
    count
}

async fn alive(all: &mut [Browser]) -> Vec<bool> {
    let mut alive = Vec::new();
    for browser in all {
        alive.push(browser.is_signed_in().await);
    }
    alive
}

async fn upstream_sessions(world: &World, sub: &str) -> usize {
    world
        .product
        .transmit
        .user_sessions(sub)
        .await
        .unwrap()
        .len()
}

#[tokio::test]
async fn k9_a_person_sees_their_sessions_and_ends_one_or_all_others() {
    let world = World::start().await;
    let mut all = browsers(&world, 4).await;
    let mut stranger = world.browser();
    stranger.sign_in("+447400777888").await;
    let ids = listed(&mut all[3]).await;
    assert!((3..=4).contains(&ids.len()), "{ids:?}");
    assert!(all[3].get("/account").await.body.contains("Firefox"));
    assert_eq!(listed(&mut stranger).await.len().max(1), 1, "nobody else's");

    let first = world.audit.events_named("session_created")[0]["session"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(ids.contains(&first));
    // A stranger cannot end it by its id.
    stranger
        .post("revoke-session", &[("id", &first)])
        .await
        .next("/account");
    assert_eq!(alive(&mut all).await, [true; 4]);
    all[3]
        .post("revoke-session", &[("id", &first)])
        .await
        .next("/account");
    assert_eq!(alive(&mut all).await, [false, true, true, true]);
    // Twice is as good as once.
    all[3]
        .post("revoke-session", &[("id", &first)])
        .await
        .next("/account");
    all[2]
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert_eq!(alive(&mut all).await, [false, false, true, false]);
    assert!(stranger.is_signed_in().await);
    wait_until("the ends upstream", async || {
        world.upstream.count("session_logout").await == 3
    })
    .await;
    assert!(
        world
            .audit
            .events_named("session_ended")
            .iter()
            .all(|event| event["by"] == "revoked")
    );

    let own = world.audit.events_named("session_created")[2]["session"]
        .as_str()
        .unwrap()
        .to_owned();
    all[2]
        .post("revoke-session", &[("id", &own)])
        .await
        .next("/sign-in");
    assert_eq!(all[2].cookie("latchkey"), None);
    assert!(!all[2].is_signed_in().await);
}

#[tokio::test]
async fn k10_the_operator_lists_and_ends_sessions_of_one_or_all() {
    let world = World::start().await;
    let mut all = browsers(&world, 2).await;
    let mut other = world.browser();
    other.sign_in("+447400777888").await;
    let sub = all[0].get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();

    let sessions = list(&world, None).await;
    assert_eq!(sessions.len(), 3);
    assert!(
        sessions
            .iter()
            .all(|session| !session.identifier.contains("7400"))
    );
    assert_eq!(sessions[0].identifier, "+44 ••• ••• 88", "newest first");
    assert_eq!(list(&world, Some(&sub)).await.len(), 2);

    assert_eq!(
        revoke(&world, SessionOwner::User("nobody".to_owned())).await,
        0
    );
    assert_eq!(revoke(&world, SessionOwner::User(sub.clone())).await, 2);
    assert_eq!(alive(&mut all).await, [false, false]);
    assert!(other.is_signed_in().await);
    wait_until("the user's end upstream", async || {
        world.upstream.count("sessions_revoke").await == 2
            && upstream_sessions(&world, &sub).await == 0
    })
    .await;
    assert_eq!(
        world.upstream.count("session_logout").await,
        0,
        "one call for all of them"
    );
    assert_eq!(revoke(&world, SessionOwner::Everybody).await, 1);
    assert!(!other.is_signed_in().await);
    wait_until("the end upstream", async || {
        world.upstream.count("session_logout").await == 1
    })
    .await;

    // Who was revoked may come again, at once.
    all[0].sign_in(KNOWN).await;
    assert!(all[0].is_signed_in().await);
}

#[tokio::test]
async fn k10_the_operator_ends_sessions_upstream_too_that_are_unknown_here() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let sub = browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    // The end cannot be told upstream: a session is left behind there.
    world.upstream.status("session_logout", 400).await;
    browser.post("sign-out", &[]).await.next("/sign-in");
    assert_eq!(upstream_sessions(&world, &sub).await, 1);

    world
        .upstream
        .fault("sessions_revoke", "reset", Some(1))
        .await;
    assert_eq!(revoke(&world, SessionOwner::User(sub.clone())).await, 0);
    wait_until("the end upstream", async || {
        upstream_sessions(&world, &sub).await == 0
    })
    .await;
    assert_eq!(
        world.upstream.count("sessions_revoke").await,
        2,
        "a lost call is made again"
    );
}

#[tokio::test]
async fn k10_an_upstream_that_is_down_does_not_keep_sessions_alive_here() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let sub = browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    world.upstream.fault("sessions_revoke", "hang", None).await;
    assert_eq!(revoke(&world, SessionOwner::User(sub)).await, 1);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k11_the_oldest_session_goes_when_there_are_too_many() {
    let world = World::with(|settings| settings.session.max_per_user = 3).await;
    let mut all = browsers(&world, 5).await;
    assert_eq!(alive(&mut all).await, [false, false, true, true, true]);
    let ended: Vec<_> = world
        .audit
        .events_named("session_ended")
        .iter()
        .map(|event| event["by"].clone())
        .collect();
    assert_eq!(ended, ["too_many", "too_many"]);
}

#[tokio::test]
async fn the_operator_unlocks_a_number() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    for _ in 0..2 {
        browser
            .verify(&different_code(&code))
            .await
            .problem(401, "code_refused");
    }
    // Strangers share the tries of a number: the right code in another browser is refused silently.
    world.advance(seconds(40)).await;
    let mut second = world.browser();
    second.ask(KNOWN).await;
    let code = world.upstream.code(KNOWN).await;
    let before = world.upstream.calls().await;
    second.verify(&code).await.problem(401, "code_refused");
    assert!(world.upstream.since(&before).await.is_empty());

    let unlock = AdminCommand::Unlock {
        identifier: "+44 7400 123456".to_owned(),
    };
    assert!(matches!(
        carry_out(&world.product, &unlock).await,
        AdminReply::Unlocked
    ));
    second.verify(&code).await.next("/account");
    assert_eq!(world.audit.count("authn_login_unlock"), 1);
    let unreadable = AdminCommand::Unlock {
        identifier: "07400".to_owned(),
    };
    let AdminReply::Failed { cause } = carry_out(&world.product, &unreadable).await else {
        panic!()
    };
    assert!(cause.contains("international form"), "{cause}");
}

#[tokio::test]
async fn k10_the_operator_ends_one_session_by_its_id() {
    let world = World::start().await;
    let mut all = browsers(&world, 3).await;
    let ids: Vec<_> = list(&world, None)
        .await
        .into_iter()
        .map(|session| session.id)
        .collect();
    // Newest first.
    assert_eq!(
        revoke(&world, SessionOwner::Session(ids[1].clone())).await,
        1
    );
    assert_eq!(alive(&mut all).await, [true, false, true]);
    for id in [ids[1].as_str(), "", "nonsense", &"0".repeat(64)] {
        assert_eq!(
            revoke(&world, SessionOwner::Session(id.to_owned())).await,
            0,
            "{id:?}"
        );
    }
    wait_until("the end upstream", async || {
        world.upstream.count("session_logout").await == 1
    })
    .await;
    assert_eq!(
        world.audit.events_named("session_ended")[0]["by"],
        "operator"
    );
}

#[tokio::test]
async fn k9_k10_what_a_person_and_the_operator_see_agrees() {
    let world = World::start().await;
    let mut all = browsers(&world, 3).await;
    let sub = all[0].get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = list(&world, Some(&sub)).await;
    let page = all[2].get("/account").await.body;
    let mut ids = listed(&mut all[2]).await;
    ids.insert(0, shown[0].id.clone());
    assert_eq!(
        ids,
        shown
            .iter()
            .map(|session| session.id.clone())
            .collect::<Vec<_>>(),
        "the same, in the same order"
    );
    for (number, session) in shown.iter().enumerate() {
        assert!(
            page.contains(&session.signed_in_at) && page.contains(&session.last_seen_at),
            "{session:?}"
        );
        assert_eq!(
            (session.identifier.as_str(), session.agent.as_str()),
            ("+44 ••• ••• 56", "Firefox, Linux")
        );
        let told = all[2 - number].get("/api/session").await.json();
        assert_eq!(told["idle_expires_at"], session.idle_expires_at);
        assert_eq!(told["expires_at"], session.expires_at);
    }
}

#[tokio::test]
async fn k9_a_long_list_is_ended_upstream_a_few_at_a_time() {
    let world = World::start().await;
    let mut all = browsers(&world, 12).await;
    world.upstream.fault("session_logout", "hang", None).await;
    let mut last = all.pop().unwrap();
    last.post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert_eq!(alive(&mut all).await, [false; 11], "here all at once");
    wait_until("the first", async || {
        world.upstream.count("session_logout").await == 4
    })
    .await;
    pause(50).await;
    assert_eq!(
        world.upstream.count("session_logout").await,
        4,
        "the others wait for their turn"
    );
}

/// A store gives the same page again as long as nothing is removed from it.
#[tokio::test]
async fn k10_revoking_everybody_goes_on_behind_those_who_have_signed_in_since() {
    const NEWER: u32 = 10_001;
    let world = World::start().await;
    let mut old = browsers(&world, 2).await;
    let (store, keys, now) = (&world.product.store, &world.product.site.keys, world.now());
    let (key, record) = store
        .scan(RecordKind::Session, 1, now)
        .await
        .unwrap()
        .remove(0);
    let context = b"latchkey session v1";
    let mut newer: Value = keys.open_record(context, &key.id, &record.bytes).unwrap();
    newer["after_revocation"] = u64::MAX.into();
    let puts = (0..NEWER).map(|number| {
        // Before all others in the order of the store.
        let mut id = [0; 32];
        id[28..].copy_from_slice(&number.to_be_bytes());
        let sealed = keys.seal_record(context, &id, &newer).unwrap();
        let key = Key {
            kind: RecordKind::Session,
            id,
        };
        store.put(
            key,
            None,
            Precondition::Absent,
            sealed,
            record.expires_at,
            now,
        )
    });
    let puts = stream::iter(puts).buffer_unordered(256);
    puts.for_each(async |put| assert_eq!(put, Ok(PutOutcome::Stored(1))))
        .await;
    assert_eq!(revoke(&world, SessionOwner::Everybody).await, 2);
    assert_eq!(alive(&mut old).await, [false, false]);
    assert_eq!(
        store
            .scan(RecordKind::Session, 20_000, now)
            .await
            .unwrap()
            .len(),
        NEWER as usize
    );
    wait_until("the ends upstream", async || {
        world.upstream.count("session_logout").await == 2
    })
    .await;
}
