//! Where calls go and by which way: no redirect is followed, no proxy taken that was not named
//! (requirement T8).

use std::sync::{Arc, Mutex};

use latchkey::server::settings::Secret;
use latchkey::server::transmit::{DeliveryState, FailureKind, Operation};
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::stub_server::{Reply, Stub};
use crate::test_client::{CALLS, CLIENT, JWKS, SECRET, TOKEN, TestClient};
use crate::tls_proxy::{Authority, Server};

#[tokio::test]
async fn t8_no_redirect_is_followed_and_no_token_travels_with_one() {
    let shared = [TOKEN, JWKS];
    for status in [301, 302, 303, 307, 308] {
        for (operation, path) in CALLS {
            let (world, other) = (TestClient::new().await, Stub::start().await);
            other.always("/there", Reply::text(200, "application/json", "{}"));
            world
                .stub
                .always("/there", Reply::text(200, "application/json", "{}"));
            for base in [&other.base, &world.stub.base] {
                let to = format!("{base}/there");
                world
                    .stub
                    .always(path, Reply::text(status, "", "").with("location", &to));
                let failure = world.call(operation).await.unwrap_err();
                assert_eq!(
                    (failure.kind, failure.status),
                    (FailureKind::NotUnderstood, Some(status)),
                    "{operation}"
                );
            }
            assert_eq!(
                (other.total(), world.stub.count("/there")),
                (0, 0),
                "{operation}, {status}"
            );
        }
        for path in shared {
            let (world, other) = (TestClient::new().await, Stub::start().await);
            world.stub.always(
                path,
                Reply::text(status, "", "").with("location", &format!("{}/there", other.base)),
            );
            let failure = world.transmit.prepare().await.unwrap_err();
            assert_eq!(
                failure.cause.unwrap().kind,
                FailureKind::NotUnderstood,
                "{path}"
            );
            assert_eq!(
                (other.total(), world.stub.count(path)),
                (0, 1),
                "{path}, {status}"
            );
        }
    }
}

/// A world behind a proxy that asks for `wanted`; the settings bring `shown`.
async fn behind(
    wanted: Option<&'static str>,
    shown: Option<&str>,
) -> (TestClient, Server, Server, Arc<Mutex<Vec<u8>>>) {
    let (ours, heard) = (Authority::new(), Arc::<Mutex<Vec<u8>>>::default());
    let (roots, proxy) = (ours.file(), Server::proxy(wanted, heard.clone()).await);
    let stub = Stub::start().await;
    let identity = ours.certify("localhost", 2020, 2100);
    let tls = Server::ends_tls(
        &identity,
        ALL_VERSIONS,
        stub.base.strip_prefix("http://").unwrap(),
    )
    .await;
    let mut world = TestClient::with(|settings| {
        settings.base_url = Some(format!("https://localhost:{}", tls.port).parse().unwrap());
        settings.ca_file = Some(roots.path().to_owned());
        settings.proxy = Some(format!("http://127.0.0.1:{}", proxy.port).parse().unwrap());
        settings.proxy_credentials = shown.map(Secret::new);
    })
    .await;
    // The world's own stub has the answers; the one behind TLS must have them too.
    for path in [TOKEN, JWKS].into_iter().chain(CALLS.map(|(_, path)| path)) {
        stub.always(path, crate::test_client::good(path));
    }
    world.stub = stub;
    (world, proxy, tls, heard)
}

#[tokio::test]
async fn t8_a_proxy_that_is_named_is_asked_to_connect_and_sees_nothing() {
    for (wanted, shown) in [(None, None), (Some("Basic dXNlcjpwOnc="), Some("user:p:w"))] {
        let (world, proxy, tls, heard) = behind(wanted, shown).await;
        world.send().await.unwrap();
        assert_eq!(
            world.transmit.check_connectivity(Operation::OtpSend).await,
            Ok(())
        );
        let asked = world
            .stub
            .seen("/cis/oidc/.well-known/openid-configuration");
        assert_eq!(
            asked.len(),
            1,
            "the connection is checked by a published operation"
        );
        assert_eq!(asked[0].method, "GET");
        assert_eq!(world.stub.count("/"), 0);
        assert!(proxy.connections() >= 1 && proxy.connections() == tls.connections());
        let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
        assert!(
            heard.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", tls.port)),
            "{heard}"
        );
        for secret in [CLIENT, SECRET, "Bearer", "+447400123456", "otp/send"] {
            assert!(!heard.contains(secret), "{secret} passed in the open");
        }
    }
}

#[tokio::test]
async fn t8_a_proxy_that_says_no_proves_that_nothing_was_written() {
    let (world, proxy, tls, heard) = behind(Some("Basic dXNlcjpwOnc="), Some("user:wrong")).await;
    let failure = world.send().await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.delivery),
        (FailureKind::NoClientToken, DeliveryState::NotWritten)
    );
    assert_eq!(failure.cause.unwrap().kind, FailureKind::Connect);
    // What is not made must take as long to say so as what is: a send is tried four times, a verify
    // once.
    for (operation, times) in [(Operation::OtpSend, 4), (Operation::OtpAuthenticate, 1)] {
        heard.lock().unwrap().clear();
        assert_eq!(
            world
                .transmit
                .check_connectivity(operation)
                .await
                .unwrap_err()
                .kind,
            FailureKind::Connect
        );
        let asked = String::from_utf8_lossy(&heard.lock().unwrap())
            .matches("CONNECT ")
            .count();
        assert_eq!(asked, times, "{operation}");
    }
    assert_eq!(
        (proxy.connections(), tls.connections(), world.stub.total()),
        (0, 0, 0)
    );
}
