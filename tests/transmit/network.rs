//! Which hosts are called, and by which proxy (requirement T8). Redirects, paths and environment
//! variables change neither.

use std::sync::{Arc, Mutex};

use latchkey::server::settings::human_duration::HumanDuration;
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{
    BuildClientError, DeliveryState, FailureKind, Operation, Transmit,
};
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::stub_server::{Reply, Stub};
use crate::test_client::{CALLS, CLIENT, ISSUER, JWKS, SECRET, TOKEN, TestClient, assert_failure};
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

/// Where the credentials for a proxy are.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Nowhere,
    InTheSettings(&'a str),
    InAFile(&'a str),
}

/// A client behind a proxy that asks for `wanted`; the settings bring `shown`.
async fn behind(
    wanted: Option<&'static str>,
    shown: Shown<'_>,
) -> (TestClient, Server, Server, Arc<Mutex<Vec<u8>>>) {
    let (ours, heard) = (Authority::new(), Arc::<Mutex<Vec<u8>>>::default());
    let (roots, proxy) = (ours.file(), Server::proxy(wanted, heard.clone()).await);
    let (stub, file) = (Stub::start().await, tempfile::NamedTempFile::new().unwrap());
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
        match shown {
            Shown::Nowhere => {}
            Shown::InTheSettings(pair) => settings.proxy_credentials = Some(Secret::new(pair)),
            Shown::InAFile(pair) => {
                std::fs::write(file.path(), format!("{pair}\n")).unwrap();
                settings.proxy_credentials_file = Some(file.path().to_owned());
            }
        }
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
    let wanted = Some("Basic dXNlcjpwOnc=");
    for (wanted, shown) in [
        (None, Shown::Nowhere),
        (wanted, Shown::InTheSettings("user:p:w")),
        (wanted, Shown::InAFile("user:p:w")),
    ] {
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
    let (wanted, shown) = ("Basic dXNlcjpwOnc=", Shown::InTheSettings("user:wrong"));
    let (world, proxy, tls, heard) = behind(Some(wanted), shown).await;
    let failure = world.send().await.unwrap_err();
    assert_failure(
        &failure,
        FailureKind::NoClientToken,
        DeliveryState::NotWritten,
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

#[tokio::test]
async fn t8_plain_http_is_for_loopback_only() {
    let build = |base: &str, jwks: Option<&str>| {
        let settings = settings::TransmitSettings {
            base_url: Some(base.parse().unwrap()),
            jwks_url: jwks.map(|url| url.parse().unwrap()),
            issuer: Some(ISSUER.into()),
            ..settings::TransmitSettings::default()
        };
        Transmit::new(
            &settings,
            Secret::new("x"),
            Clock::system(),
            Random::system(),
        )
    };
    assert!(matches!(
        build("http://api.example.com", None),
        Err(BuildClientError::NotHttps(_))
    ));
    let keys_in_the_clear = build("https://api.example.com", Some("http://keys.example.com/"));
    assert!(matches!(
        keys_in_the_clear,
        Err(BuildClientError::NotHttps(_))
    ));
    assert!(build("https://api.example.com", None).is_ok());
    assert!(build("http://localhost:4100", None).is_ok());
}

#[tokio::test]
async fn t8_a_token_path_cannot_name_another_host() {
    let world =
        TestClient::with(|settings| settings.token_path = "//127.0.0.2:1/token".into()).await;
    world.transmit.prepare().await.unwrap_err();
    assert_eq!(world.stub.count("//127.0.0.2:1/token"), 1);
}

/// Runs `send_says_no_more_than_it_must` in a process with these variables.
fn send_in_another_process(variables: &[(&str, &str)]) {
    let mut test = std::process::Command::new(std::env::current_exe().unwrap());
    test.env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .envs(variables.iter().copied());
    let output = test
        .args(["operations::otp::send_says_no_more_than_it_must", "--exact"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[test]
fn t8_proxy_variables_are_ignored() {
    let nowhere = "http://127.0.0.1:9";
    send_in_another_process(
        &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, nowhere)),
    );
}

#[test]
fn a_machine_without_root_certificates_can_run_against_the_sandbox() {
    send_in_another_process(&[
        ("SSL_CERT_FILE", "/nonexistent"),
        ("SSL_CERT_DIR", "/nonexistent"),
    ]);
}

#[tokio::test]
async fn t8_an_upstream_that_does_not_speak_tls_is_not_spoken_to() {
    let world = TestClient::new().await;
    let settings = settings::TransmitSettings {
        base_url: Some(world.stub.base.replace("http:", "https:").parse().unwrap()),
        issuer: Some(ISSUER.into()),
        connect_timeout: HumanDuration::millis(100),
        ..settings::TransmitSettings::default()
    };
    let transmit = Transmit::new(
        &settings,
        Secret::new("x"),
        Clock::system(),
        Random::system(),
    )
    .unwrap();
    let cause = transmit.prepare().await.unwrap_err().cause.unwrap();
    assert_failure(&cause, FailureKind::Connect, DeliveryState::NotWritten);
    assert_eq!(world.stub.total(), 0);
}
