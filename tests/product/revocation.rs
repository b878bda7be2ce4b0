//! Sessions ended from elsewhere: by their user, by the operator, by the session limit
//! (requirements K9 to K11).

use futures_util::{StreamExt, stream};
use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner, run_command};
use latchkey::server::session::ListedSession;
use latchkey::server::store::{Key, Precondition, PutOutcome, RecordKind};
use serde_json::Value;

use crate::support::{Browser, KNOWN_PHONE, TestApp, different_code, pause, seconds, wait_until};

/// Signs the same user in with so many browsers.
async fn sign_in_browsers(app: &std::sync::Arc<TestApp>, count: usize) -> Vec<Browser> {
    let mut all = Vec::new();
    for _ in 0..count {
        let browser = app.signed_in().await;
        all.push(browser);
        app.advance(seconds(1)).await;
    }
    all
}

/// The session IDs of the list on the account page.
async fn listed_session_ids(browser: &mut Browser) -> Vec<String> {
    let page = browser.get("/account").await.body;
    let ids = page
        .split("name=\"id\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    ids.filter(|id| *id != "others")
        .map(str::to_owned)
        .collect()
}

/// The operator's list of sessions.
async fn list_sessions(app: &TestApp, user: Option<&str>) -> Vec<ListedSession> {
    let command = AdminCommand::SessionsList {
        user: user.map(str::to_owned),
    };
    let AdminReply::Sessions(listing) = run_command(&app.product.admin_services(), &command).await
    else {
        panic!()
    };
    assert!(!listing.is_cut);
    listing.sessions
}

/// Ends sessions as the operator; returns how many.
pub async fn revoke(app: &TestApp, whose: SessionOwner) -> usize {
    let response = run_command(
        &app.product.admin_services(),
        &AdminCommand::SessionsRevoke { owner: whose },
    )
    .await;
    let AdminReply::Revoked { count } = response else {
        panic!("{response:?}")
    };
    count
}

async fn signed_in_states(all: &mut [Browser]) -> Vec<bool> {
    let mut alive = Vec::new();
    for browser in all {
        alive.push(browser.is_signed_in().await);
    }
    alive
}

async fn upstream_sessions(app: &TestApp, sub: &str) -> usize {
    app.product.transmit.user_sessions(sub).await.unwrap().len()
}

#[tokio::test]
async fn k9_a_user_lists_and_ends_their_own_sessions() {
    let app = TestApp::start().await;
    let mut all = sign_in_browsers(&app, 4).await;
    let mut other_browser = app.browser();
    other_browser.sign_in("+447400777888").await;
    let ids = listed_session_ids(&mut all[3]).await;
    assert!((3..=4).contains(&ids.len()), "{ids:?}");
    assert!(all[3].get("/account").await.body.contains("Firefox"));
    assert_eq!(
        listed_session_ids(&mut other_browser).await.len().max(1),
        1,
        "no other user's sessions"
    );

    let first = app.audit.events_named("session_created")[0]["session"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(ids.contains(&first));
    // Another user cannot end it by its ID.
    other_browser
        .post("revoke-session", &[("id", &first)])
        .await
        .assert_next("/account");
    assert_eq!(signed_in_states(&mut all).await, [true; 4]);
    all[3]
        .post("revoke-session", &[("id", &first)])
        .await
        .assert_next("/account");
    assert_eq!(signed_in_states(&mut all).await, [false, true, true, true]);
    // A repetition changes nothing.
    all[3]
        .post("revoke-session", &[("id", &first)])
        .await
        .assert_next("/account");
    all[2]
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert_eq!(
        signed_in_states(&mut all).await,
        [false, false, true, false]
    );
    assert!(other_browser.is_signed_in().await);
    app.upstream.wait_for_calls("session_logout", 3).await;
    assert!(
        app.audit
            .events_named("session_ended")
            .iter()
            .all(|event| event["by"] == "revoked")
    );

    let own = app.audit.events_named("session_created")[2]["session"]
        .as_str()
        .unwrap()
        .to_owned();
    all[2]
        .post("revoke-session", &[("id", &own)])
        .await
        .assert_next("/sign-in");
    assert_eq!(all[2].cookie("latchkey"), None);
    assert!(!all[2].is_signed_in().await);
}

#[tokio::test]
async fn k10_the_operator_lists_and_ends_sessions_of_one_or_all() {
    let app = TestApp::start().await;
    let mut all = sign_in_browsers(&app, 2).await;
    let mut other = app.browser();
    other.sign_in("+447400777888").await;
    let sub = all[0].user_id().await;

    let sessions = list_sessions(&app, None).await;
    assert_eq!(sessions.len(), 3);
    assert!(
        sessions
            .iter()
            .all(|session| !session.identifier.contains("7400"))
    );
    assert_eq!(sessions[0].identifier, "+44 ••• ••• 88", "newest first");
    assert_eq!(list_sessions(&app, Some(&sub)).await.len(), 2);

    assert_eq!(
        revoke(&app, SessionOwner::User("nobody".to_owned())).await,
        0
    );
    assert_eq!(revoke(&app, SessionOwner::User(sub.clone())).await, 2);
    assert_eq!(signed_in_states(&mut all).await, [false, false]);
    assert!(other.is_signed_in().await);
    wait_until("the user's upstream sessions to end", async || {
        app.upstream.call_count("sessions_revoke").await == 2
            && upstream_sessions(&app, &sub).await == 0
    })
    .await;
    assert_eq!(
        app.upstream.call_count("session_logout").await,
        0,
        "one call for all of them"
    );
    assert_eq!(revoke(&app, SessionOwner::Everybody).await, 1);
    assert!(!other.is_signed_in().await);
    app.upstream.wait_for_calls("session_logout", 1).await;

    // A revoked user may sign in again immediately.
    all[0].sign_in(KNOWN_PHONE).await;
    assert!(all[0].is_signed_in().await);
}

#[tokio::test]
async fn k10_the_operator_ends_upstream_sessions_that_are_unknown_here() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let sub = browser.user_id().await;
    // Upstream does not accept the sign-out: a session remains there.
    app.upstream.fail_with_status("session_logout", 400).await;
    browser.post("sign-out", &[]).await.assert_next("/sign-in");
    assert_eq!(upstream_sessions(&app, &sub).await, 1);

    app.upstream
        .inject_fault("sessions_revoke", "reset", Some(1))
        .await;
    assert_eq!(revoke(&app, SessionOwner::User(sub.clone())).await, 0);
    wait_until("the upstream session to end", async || {
        upstream_sessions(&app, &sub).await == 0
    })
    .await;
    assert_eq!(
        app.upstream.call_count("sessions_revoke").await,
        2,
        "a lost call is retried"
    );
}

#[tokio::test]
async fn k10_revocation_works_while_upstream_is_down() {
    let app = TestApp::start().await;
    let mut browser = app.signed_in().await;
    let sub = browser.user_id().await;
    app.upstream
        .inject_fault("sessions_revoke", "hang", None)
        .await;
    assert_eq!(revoke(&app, SessionOwner::User(sub)).await, 1);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn k11_the_session_limit_ends_the_oldest_session() {
    let app = TestApp::with_settings(|settings| settings.session.max_per_user = 3).await;
    let mut all = sign_in_browsers(&app, 5).await;
    assert_eq!(
        signed_in_states(&mut all).await,
        [false, false, true, true, true]
    );
    let ended: Vec<_> = app
        .audit
        .events_named("session_ended")
        .iter()
        .map(|event| event["by"].clone())
        .collect();
    assert_eq!(ended, ["too_many", "too_many"]);
}

#[tokio::test]
async fn c7_unlock_resets_the_attempts_of_a_number() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    for _ in 0..2 {
        browser
            .submit_code(&different_code(&code))
            .await
            .assert_code_refused();
    }
    // Unrecognised devices share the attempts of a number: the right code in another browser is
    // refused without disclosure.
    app.advance(seconds(40)).await;
    let mut second = app.browser();
    second.request_code(KNOWN_PHONE).await;
    let code = app.upstream.newest_code(KNOWN_PHONE).await;
    let before = app.upstream.call_counts().await;
    second.submit_code(&code).await.assert_code_refused();
    assert!(app.upstream.calls_since(&before).await.is_empty());

    let unlock = AdminCommand::Unlock {
        identifier: "+44 7400 123456".to_owned(),
    };
    assert!(matches!(
        run_command(&app.product.admin_services(), &unlock).await,
        AdminReply::Unlocked
    ));
    second.submit_code(&code).await.assert_next("/account");
    assert_eq!(app.audit.count("authn_login_unlock"), 1);
    let unreadable = AdminCommand::Unlock {
        identifier: "07400".to_owned(),
    };
    let AdminReply::Failed(failure) = run_command(&app.product.admin_services(), &unreadable).await
    else {
        panic!()
    };
    assert!(
        failure.cause.contains("international form") && !failure.may_pass,
        "{failure:?}"
    );
}

#[tokio::test]
async fn k10_the_operator_ends_one_session_by_its_id() {
    let app = TestApp::start().await;
    let mut all = sign_in_browsers(&app, 3).await;
    let ids: Vec<_> = list_sessions(&app, None)
        .await
        .into_iter()
        .map(|session| session.id)
        .collect();
    // Newest first.
    assert_eq!(revoke(&app, SessionOwner::Session(ids[1].clone())).await, 1);
    assert_eq!(signed_in_states(&mut all).await, [true, false, true]);
    for id in [ids[1].as_str(), "", "nonsense", &"0".repeat(64)] {
        assert_eq!(
            revoke(&app, SessionOwner::Session(id.to_owned())).await,
            0,
            "{id:?}"
        );
    }
    app.upstream.wait_for_calls("session_logout", 1).await;
    assert_eq!(app.audit.events_named("session_ended")[0]["by"], "operator");
}

#[tokio::test]
async fn k9_k10_the_user_and_the_operator_see_the_same_sessions() {
    let app = TestApp::start().await;
    let mut all = sign_in_browsers(&app, 3).await;
    let sub = all[0].user_id().await;
    let shown = list_sessions(&app, Some(&sub)).await;
    let page = all[2].get("/account").await.body;
    let mut ids = listed_session_ids(&mut all[2]).await;
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
            (session.identifier.as_str(), session.agent.as_deref()),
            ("+44 ••• ••• 56", Some("Firefox, Linux"))
        );
        let session_info = all[2 - number].get("/api/session").await.json();
        assert_eq!(session_info["idle_expires_at"], session.idle_expires_at);
        assert_eq!(session_info["expires_at"], session.expires_at);
    }
}

#[tokio::test]
async fn k9_upstream_sign_outs_are_limited_in_concurrency() {
    let app = TestApp::start().await;
    let mut all = sign_in_browsers(&app, 12).await;
    app.upstream
        .inject_fault("session_logout", "hang", None)
        .await;
    let mut last = all.pop().unwrap();
    last.post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert_eq!(
        signed_in_states(&mut all).await,
        [false; 11],
        "all are ended here immediately"
    );
    app.upstream.wait_for_calls("session_logout", 4).await;
    pause(50).await;
    assert_eq!(
        app.upstream.call_count("session_logout").await,
        4,
        "the other calls wait"
    );
}

/// A store returns the same page again as long as nothing is removed from it.
#[tokio::test]
async fn k10_revoking_everybody_continues_past_newer_sessions() {
    const NEWER: u32 = 10_001;
    let app = TestApp::start().await;
    let mut old = sign_in_browsers(&app, 2).await;
    let (store, keys, now) = (
        &app.product.store,
        &app.product.state.services.keys,
        app.now(),
    );
    let (key, record) = store
        .scan(RecordKind::Session, 1, now)
        .await
        .unwrap()
        .remove(0);
    let context = b"latchkey session v1";
    let mut newer: Value = keys
        .decrypt_record(context, &key.id, &record.bytes)
        .unwrap();
    newer["after_revocation"] = u64::MAX.into();
    let puts = (0..NEWER).map(|number| {
        // Ordered before all others in the store.
        let mut id = [0; 32];
        id[28..].copy_from_slice(&number.to_be_bytes());
        let sealed = keys.encrypt_record(context, &id, &newer).unwrap();
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
    assert_eq!(revoke(&app, SessionOwner::Everybody).await, 2);
    assert_eq!(signed_in_states(&mut old).await, [false, false]);
    assert_eq!(
        store
            .scan(RecordKind::Session, 20_000, now)
            .await
            .unwrap()
            .len(),
        NEWER as usize
    );
    app.upstream.wait_for_calls("session_logout", 2).await;
}
