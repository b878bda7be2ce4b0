//! The client proves itself by a key instead of a secret (`private_key_jwt`, RFC 7523).

use std::sync::Arc;

use latchkey::server::settings::PrivateKeyAlgorithm::{self, Ps256};
use latchkey::server::settings::Secret;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::transmit::ClientKey;

use crate::support::{KNOWN, Upstream, World, minutes, seconds};
use latchkey_testkit::pem;

fn rsa() -> Secret {
    Secret::new(pem::rsa())
}

/// A product that proves itself by this key.
fn world(
    upstream: Arc<Upstream>,
    key: &Secret,
    algorithm: Option<PrivateKeyAlgorithm>,
) -> Arc<World> {
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    World::over(store, upstream, |settings| {
        settings.transmit.client_secret = None;
        settings.transmit.private_key = Some(key.clone());
        settings.transmit.private_key_algorithm = algorithm;
    })
}

#[tokio::test]
async fn t6_a_whole_sign_in_without_a_client_secret() {
    for (key, algorithm) in [
        (rsa(), None),
        (rsa(), Some(Ps256)),
        (Secret::new(pem::ec()), None),
    ] {
        let upstream = Arc::new(Upstream::start().await);
        upstream
            .register(ClientKey::parse(&key, None, algorithm).unwrap().jwks())
            .await;
        let world = world(upstream, &key, algorithm);
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await;
        assert!(browser.is_signed_in().await);
        assert_eq!(world.upstream.count("token").await, 1);
        // Renewed by an assertion of its own; the former one would not be taken again.
        world.advance(minutes(61)).await;
        world.browser().sign_in(KNOWN).await;
        assert_eq!(world.upstream.count("token").await, 2);
    }
}

#[tokio::test]
async fn t6_a_key_that_is_not_registered_sends_nothing_and_works_once_it_is() {
    let (key, upstream) = (rsa(), Arc::new(Upstream::start().await));
    upstream.user(KNOWN, "Active").await;
    let world = world(upstream, &key, None);
    world.browser().ask(KNOWN).await.problem(503, "unavailable");
    assert_eq!(
        (
            world.upstream.count("token").await,
            world.upstream.count("otp_send").await
        ),
        (1, 0)
    );
    world
        .upstream
        .register(ClientKey::parse(&key, None, None).unwrap().jwks())
        .await;
    world.advance(seconds(10)).await;
    world.browser().sign_in(KNOWN).await;
}

#[tokio::test]
async fn t6_without_permission_for_the_secret_only_the_key_opens() {
    let upstream = Arc::new(Upstream::start().await);
    upstream
        .register(ClientKey::parse(&rsa(), None, None).unwrap().jwks())
        .await;
    let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
    let world = World::over(store, upstream, |_| {});
    world.browser().ask(KNOWN).await.problem(503, "unavailable");
}
