//! Client authentication with a private key instead of a secret (`private_key_jwt`, RFC 7523).

use std::sync::Arc;

use latchkey::server::settings::PrivateKeyAlgorithm::{self, Ps256};
use latchkey::server::settings::Secret;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::transmit::ClientKey;

use crate::support::{KNOWN_PHONE, TestApp, Upstream, minutes, seconds};
use latchkey_testkit::pem;

fn rsa() -> Secret {
    Secret::new(pem::rsa())
}

/// An app that authenticates with this key.
fn app(
    upstream: Arc<Upstream>,
    key: &Secret,
    algorithm: Option<PrivateKeyAlgorithm>,
) -> Arc<TestApp> {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    TestApp::with_store(store, upstream, |settings| {
        settings.transmit.client_secret = None;
        settings.transmit.private_key = Some(key.clone());
        settings.transmit.private_key_algorithm = algorithm;
    })
}

#[tokio::test]
async fn t6_sign_in_works_with_a_private_key() {
    for (key, algorithm) in [
        (rsa(), None),
        (rsa(), Some(Ps256)),
        (Secret::new(pem::ec()), None),
    ] {
        let upstream = Arc::new(Upstream::start().await);
        upstream
            .register_client_key(ClientKey::parse(&key, None, algorithm).unwrap().jwks())
            .await;
        let app = app(upstream, &key, algorithm);
        let mut browser = app.signed_in().await;
        assert!(browser.is_signed_in().await);
        assert_eq!(app.upstream.call_count("token").await, 1);
        // Renewed with a new assertion; the previous one would not be accepted again.
        app.advance(minutes(61)).await;
        app.browser().sign_in(KNOWN_PHONE).await;
        assert_eq!(app.upstream.call_count("token").await, 2);
    }
}

#[tokio::test]
async fn t6_an_unregistered_key_sends_nothing_until_it_is_registered() {
    let (key, upstream) = (rsa(), Arc::new(Upstream::start().await));
    upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let app = app(upstream, &key, None);
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_unavailable();
    assert_eq!(
        (
            app.upstream.call_count("token").await,
            app.upstream.call_count("otp_send").await
        ),
        (1, 0)
    );
    app.upstream
        .register_client_key(ClientKey::parse(&key, None, None).unwrap().jwks())
        .await;
    app.advance(seconds(10)).await;
    app.browser().sign_in(KNOWN_PHONE).await;
}

#[tokio::test]
async fn t6_the_secret_is_refused_where_only_the_key_is_allowed() {
    let upstream = Arc::new(Upstream::start().await);
    upstream
        .register_client_key(ClientKey::parse(&rsa(), None, None).unwrap().jwks())
        .await;
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let app = TestApp::with_store(store, upstream, |_| {});
    app.browser()
        .request_code(KNOWN_PHONE)
        .await
        .assert_unavailable();
}
