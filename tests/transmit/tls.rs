//! TLS and HTTP/2 against real servers on loopback (requirements T7, T8).

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::settings::{self, Secret};
use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::{DeliveryState, FailureKind, Operation, Transmit};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ALL_VERSIONS, SupportedProtocolVersion};

use crate::stub_server::Reply;
use crate::test_client::{ISSUER, SEND, TOKEN, TestClient, USER};
use crate::tls_proxy::{Authority, Frames, Identity, Server, pem_file};

/// A world whose upstream is reached over TLS on this port, with these roots.
fn over_tls(port: u16, roots: &Path) -> impl FnOnce(&mut settings::TransmitSettings) {
    let roots = roots.to_owned();
    move |settings| {
        settings.base_url = Some(format!("https://localhost:{port}").parse().unwrap());
        settings.ca_file = Some(roots);
    }
}

/// A world, and a server that ends TLS before its stub.
async fn world(
    identity: &Identity,
    versions: &[&'static SupportedProtocolVersion],
    roots: &Path,
) -> (TestClient, Server) {
    // The stub must be there before the client knows its port; so a first world lends its own.
    let mut world = TestClient::new().await;
    let server = Server::ends_tls(
        identity,
        versions,
        world.stub.base.strip_prefix("http://").unwrap(),
    )
    .await;
    world.transmit = client(over_tls(server.port, roots)).unwrap();
    (world, server)
}

fn client(change: impl FnOnce(&mut settings::TransmitSettings)) -> Result<Transmit, String> {
    let mut settings = settings::TransmitSettings {
        issuer: Some(ISSUER.to_owned()),
        client_id: "client-1".to_owned(),
        tenant_id: Some("tenant-1".to_owned()),
        ..settings::TransmitSettings::default()
    };
    change(&mut settings);
    let clock = Clock::manual(latchkey::domain::timestamp::Timestamp::from_secs(
        crate::test_client::NOW,
    ))
    .0;
    Transmit::new(&settings, Secret::new("s"), clock, Random::seeded(1))
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn t8_a_certificate_that_is_not_good_is_refused_before_anything_is_written() {
    let (ours, foreign) = (Authority::new(), Authority::new());
    let roots = ours.file();
    for (name, identity) in [
        ("self-signed", Identity::self_signed("localhost")),
        (
            "signed by somebody else",
            foreign.certify("localhost", 2020, 2100),
        ),
        (
            "for another host",
            ours.certify("api.transmitsecurity.io", 2020, 2100),
        ),
        ("expired", ours.certify("localhost", 2020, 2021)),
        ("not yet valid", ours.certify("localhost", 2090, 2100)),
    ] {
        let (world, server) = world(&identity, ALL_VERSIONS, roots.path()).await;
        let failure = world.send().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.delivery),
            (FailureKind::NoClientToken, DeliveryState::NotWritten),
            "{name}"
        );
        assert_eq!(failure.cause.unwrap().kind, FailureKind::Connect, "{name}");
        assert_eq!(
            world
                .transmit
                .check_connectivity(Operation::OtpAuthenticate)
                .await
                .unwrap_err()
                .kind,
            FailureKind::Connect,
            "{name}"
        );
        assert_eq!((server.connections(), world.stub.total()), (0, 0), "{name}");
    }
}

#[tokio::test]
async fn t8_the_machines_roots_do_not_vouch_for_strangers() {
    let identity = Authority::new().certify("localhost", 2020, 2100);
    let roots = pem_file(&Identity::self_signed("unused").pem);
    let (world, _server) = world(&identity, ALL_VERSIONS, roots.path()).await;
    assert_eq!(
        world.send().await.unwrap_err().delivery,
        DeliveryState::NotWritten
    );
}

#[tokio::test]
async fn t8_tls_1_2_and_1_3_both_work() {
    let ours = Authority::new();
    let roots = ours.file();
    for versions in [[&TLS12], [&TLS13]] {
        let (world, server) = world(
            &ours.certify("localhost", 2020, 2100),
            &versions,
            roots.path(),
        )
        .await;
        world.send().await.unwrap();
        world.verify().await.unwrap();
        assert_eq!(
            world
                .transmit
                .check_connectivity(Operation::OtpAuthenticate)
                .await,
            Ok(())
        );
        assert!(server.connections() >= 1);
        assert_eq!((world.stub.count(TOKEN), world.stub.count(SEND)), (1, 1));
    }
}

#[tokio::test]
async fn t8_tls_1_1_is_neither_offered_nor_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let roots = Authority::new().file();
    let transmit = client(over_tls(port, roots.path())).unwrap();
    // The port closes with it: later attempts are refused.
    let server = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut record = [0; 5];
        stream.read_exact(&mut record).await.unwrap();
        let mut hello = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
        stream.read_exact(&mut hello).await.unwrap();
        // A ServerHello that chooses TLS 1.1 and a cipher suite of its time.
        let body = [&[2, 0, 0, 38, 3, 2][..], &[7; 32], &[0, 0xc0, 0x13, 0]].concat();
        stream
            .write_all(&[&[22, 3, 2, 0, 42][..], &body].concat())
            .await
            .unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        (hello, rest)
    };
    let (prepared, (hello, rest)) = tokio::join!(transmit.prepare(), server);
    let failure = prepared.unwrap_err();
    assert_eq!(failure.delivery, DeliveryState::NotWritten);
    // Extension 43, `supported_versions` (RFC 8446 §4.2.1): its length, the list's length, the
    // list.
    let at = hello
        .windows(5)
        .position(|window| window[..2] == [0, 43] && window[4] == window[3] - 1)
        .unwrap();
    let list = &hello[at + 5..][..usize::from(hello[at + 4])];
    let mut versions: Vec<_> = list.chunks(2).map(|pair| (pair[0], pair[1])).collect();
    versions.sort_unstable();
    assert_eq!(versions, [(3, 3), (3, 4)], "TLS 1.2 and 1.3, nothing older");
    assert!(rest.is_empty() || rest[0] == 21, "an alert at most");
}

fn grant() -> Frames {
    Frames::Answer(
        200,
        json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).to_string(),
    )
}

fn user() -> String {
    json!({"result": {"user_id": "u-1", "status": "Active"}}).to_string()
}

/// A world over HTTP/2. `answers` says what becomes of each call but those for a token; `seen`
/// counts them by path.
async fn http2(mut answers: impl FnMut(&str) -> Frames + Send + 'static) -> (TestClient, Server) {
    let ours = Authority::new();
    let answer = move |path: &str| {
        if path == TOKEN {
            grant()
        } else {
            answers(path)
        }
    };
    let server = Server::http2(&ours.certify("localhost", 2020, 2100), answer).await;
    let mut world = TestClient::new().await;
    world.transmit = client(over_tls(server.port, ours.file().path())).unwrap();
    (world, server)
}

#[tokio::test]
async fn t7_http_2_is_negotiated_and_shares_one_connection() {
    let (world, server) = http2(|_| Frames::Answer(200, user())).await;
    world.transmit.user("u-1").await.unwrap();
    let results = join_all((0..100).map(|_| world.transmit.user("u-1"))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn t7_a_stream_that_is_reset_or_told_to_go_away_is_not_sent_again() {
    type Make = fn() -> Frames;
    let faults: [(&str, Make); 4] = [
        ("RST_STREAM, internal error", || {
            Frames::Reset(h2::Reason::INTERNAL_ERROR)
        }),
        ("RST_STREAM, cancel", || Frames::Reset(h2::Reason::CANCEL)),
        ("RST_STREAM, refused stream", || {
            Frames::Reset(h2::Reason::REFUSED_STREAM)
        }),
        ("GOAWAY", || Frames::GoAway),
    ];
    for (name, fault) in faults {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = count.clone();
        let (world, _server) = http2(move |path| match path {
            SEND => {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                fault()
            }
            _ => Frames::Answer(200, user()),
        })
        .await;
        let failure = world.send().await.unwrap_err();
        assert_eq!(
            (failure.kind, failure.delivery),
            (FailureKind::Broken, DeliveryState::Unknown),
            "{name}"
        );
        assert_eq!(
            count.load(std::sync::atomic::Ordering::SeqCst),
            1,
            "{name}: an SMS costs money"
        );
        // Others are not harmed for long.
        world.transmit.user("u-1").await.unwrap();
    }
}

#[tokio::test]
async fn t7_what_is_idempotent_survives_resets_and_connections_that_go_away() {
    let mut asked = 0;
    let (world, server) = http2(move |path| {
        assert_eq!(path, USER);
        asked += 1;
        match asked {
            1 => Frames::Reset(h2::Reason::INTERNAL_ERROR),
            2 => Frames::GoAway,
            _ => Frames::LastAnswer(user()),
        }
    })
    .await;
    for _ in 0..3 {
        world.transmit.user("u-1").await.unwrap();
        Clock::system().sleep(Duration::from_millis(10)).await;
    }
    assert!(server.connections() >= 3, "every GOAWAY ends a connection");
    assert_eq!(world.transmit.check_available(Operation::UserGet), Ok(()));
}

#[tokio::test]
async fn a_file_of_roots_that_is_none_is_told_in_words() {
    let told = |path: &Path| client(over_tls(1, path)).unwrap_err();
    assert!(told(Path::new("/nowhere/ca.pem")).starts_with("transmit.ca_file: /nowhere/ca.pem: "));
    for pem in [
        "",
        "not PEM",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    ] {
        let told = told(pem_file(pem).path());
        assert!(told.starts_with("transmit.ca_file: "), "{told}");
    }
    let key = pem_file("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert!(
        told(key.path()).contains("holds no certificate"),
        "{}",
        told(key.path())
    );
}

#[tokio::test]
async fn t8_plain_http_to_another_machine_is_refused_at_start() {
    let told = client(|settings| settings.base_url = Some("http://api.example".parse().unwrap()))
        .unwrap_err();
    assert!(told.contains("must be https"), "{told}");
    // A redirect from TLS to plain HTTP leads nowhere either.
    let ours = Authority::new();
    let (world, _server) = world(
        &ours.certify("localhost", 2020, 2100),
        ALL_VERSIONS,
        ours.file().path(),
    )
    .await;
    let plain = format!("{}/elsewhere", world.stub.base);
    world
        .stub
        .always(SEND, Reply::text(307, "", "").with("location", &plain));
    assert_eq!(
        world.send().await.unwrap_err().kind,
        FailureKind::NotUnderstood
    );
    assert_eq!(world.stub.count("/elsewhere"), 0);
}
