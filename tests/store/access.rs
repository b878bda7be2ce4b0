//! Users, passwords, TLS, and servers that are none of ours; and what `latchkey check` says of them.

use std::path::{Path, PathBuf};

use latchkey::server::settings::{Secret, Store as Settings};
use latchkey::server::store::redis::Remark;
use latchkey::server::store::{Expect, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::server::{Cluster, Server, client, free_port, open, settings};
use crate::words::{at, flow};

async fn refused(settings: &Settings) -> String {
    match open(settings).ready().await {
        Err(StoreError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_password_is_needed_where_one_is_set() {
    let server = Server::with(&["--requirepass", "hunter2"]);
    let at_server = |user: &str| format!("redis://{user}127.0.0.1:{}", server.port);
    for user in ["", ":wrong-one@", "nobody:hunter2@"] {
        let text = refused(&settings(&at_server(user), "latchkey:")).await;
        assert!(!text.contains("wrong-one") && !text.contains("hunter2"), "{text}");
        assert!(text.contains("auth") || text.contains("Auth") || text.contains("WRONGPASS"), "{text}");
    }
    assert_eq!(client(&at_server(":hunter2@")).ready().await, Ok(()));
    assert_eq!(client(&at_server("default:hunter2@")).ready().await, Ok(()));
    let apart = Settings { password: Some(Secret::new("hunter2\n")), ..settings(&at_server(""), "latchkey:") };
    assert_eq!(open(&apart).ready().await, Ok(()));
    let file = server.folder.path().join("password");
    std::fs::write(&file, "hunter2\n").unwrap();
    let apart = Settings { password_file: Some(file), ..settings(&at_server(""), "latchkey:") };
    assert_eq!(open(&apart).ready().await, Ok(()));
}

#[tokio::test]
async fn a_password_that_becomes_right_is_used_without_another_start() {
    let server = Server::start();
    server.ask::<()>(&["ACL", "SETUSER", "latchkey", "on", ">before", "~*", "+@all"]);
    let store = client(&format!("redis://latchkey:later@127.0.0.1:{}", server.port));
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    server.ask::<()>(&["ACL", "SETUSER", "latchkey", ">later"]);
    assert_eq!(store.ready().await, Ok(()));
}

/// The rights that the documentation names are enough, and no more than these are used.
#[tokio::test]
async fn a_user_with_few_rights_will_do() {
    let server = Server::start();
    let rights = "on >secret resetchannels ~latchkey:* -@all +@connection +hmget +hset +hget +hkeys +del +pexpire +zadd +zrange \
                  +zremrangebyscore +eval +evalsha +get +set +scan";
    let words: Vec<&str> = ["ACL", "SETUSER", "latchkey"].into_iter().chain(rights.split_whitespace()).collect();
    server.ask::<()>(&words);
    let store = std::sync::Arc::new(client(&format!("redis://latchkey:secret@127.0.0.1:{}", server.port)));
    crate::conformance::an_owner_lists_every_live_key(store.clone()).await;
    server.ask::<()>(&["FLUSHALL"]);
    crate::conformance::scan_finds_live_records_of_one_kind_up_to_a_limit(store.clone()).await;
    server.ask::<()>(&["FLUSHALL"]);
    crate::conformance::what_was_taken_is_gone(store.clone()).await;
    crate::conformance::giving_back_gives_back(store.clone()).await;
    server.ask::<()>(&["FLUSHALL"]);
    crate::conformance::resetting_empties_the_named_counters_alone(store.clone()).await;
    assert_eq!(store.ready().await, Ok(()));
    assert!(
        store.inspect().await.iter().any(|remark| matches!(remark, Remark::Mind(text) if text.contains("not allowed")))
    );
    let elsewhere = open(&settings(&format!("redis://latchkey:secret@127.0.0.1:{}", server.port), "other:"));
    assert!(matches!(elsewhere.ready().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn nodes_of_a_cluster_and_single_servers_are_told_apart() {
    let cluster = Cluster::start();
    let text = refused(&settings(&cluster.0[0].url(), "latchkey:")).await;
    assert!(text.contains("redis+cluster://"), "{text}");
    let single = Server::start();
    let text = refused(&settings(&format!("redis+cluster://127.0.0.1:{}", single.port), "latchkey:")).await;
    assert!(text.to_lowercase().contains("cluster"), "{text}");

    let remarks = client(&cluster.url()).inspect().await;
    let versions = remarks.iter().filter(|remark| matches!(remark, Remark::Fine(text) if text.contains(": version ")));
    assert_eq!(versions.count(), 3, "{remarks:?}");
}

#[tokio::test]
async fn check_says_what_an_operator_must_know() {
    let server = Server::start();
    let store = client(&server.url());
    let texts = async |marked: fn(Remark) -> Option<String>| {
        store.inspect().await.into_iter().filter_map(marked).collect::<Vec<_>>().join("\n")
    };
    let minded = |remark| if let Remark::Mind(text) = remark { Some(text) } else { None };
    let wrong = |remark| if let Remark::Wrong(text) = remark { Some(text) } else { None };
    let told = texts(minded).await;
    assert!(told.contains("maxmemory is 0") && told.contains("neither AOF nor RDB"), "{told}");
    assert_eq!(texts(wrong).await, "");
    server.ask::<()>(&["CONFIG", "SET", "maxmemory-policy", "volatile-lru"]);
    assert!(texts(wrong).await.contains("must be noeviction"));
    server.ask::<()>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    server.ask::<()>(&["CONFIG", "SET", "appendonly", "yes"]);
    server.ask::<()>(&["CONFIG", "SET", "maxmemory", "100mb"]);
    assert_eq!(texts(minded).await, "");
    let replica = Server::with(&["--replicaof", "127.0.0.1", &server.port.to_string()]);
    crate::server::until("the replica", || {
        replica.ask::<String>(&["INFO", "replication"]).contains("master_link_status:up")
    });
    assert!(texts(minded).await.contains("a fail-over can lose"));
    drop(server);
    assert!(texts(wrong).await.contains("cannot be used"));
}

/// An authority, a certificate for the server, and one for us; as files.
struct Papers {
    folder: PathBuf,
}

impl Papers {
    fn make(folder: &Path) -> Self {
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
        let named = |name: &str, hosts: &[&str]| {
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            let mut certificate = CertificateParams::new(hosts).unwrap();
            certificate.distinguished_name.push(DnType::CommonName, name);
            certificate
        };
        let mut authority = named("authority", &[]);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        write("ca.pem", authority.self_signed(&key).unwrap().pem());
        let issuer = Issuer::new(authority, key);
        for (name, host) in [("server", "127.0.0.1"), ("us", "latchkey")] {
            let key = KeyPair::generate().unwrap();
            let certificate = named(name, &[host]).signed_by(&key, &issuer).unwrap();
            write(&format!("{name}.pem"), certificate.pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder: folder.to_owned() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

#[tokio::test]
async fn tls_with_a_private_authority_and_certificates_on_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let papers = Papers::make(folder.path());
    let port = free_port();
    let arguments = [
        ["--port", "0"],
        ["--tls-port", &port.to_string()],
        ["--tls-cert-file", &papers.path("server.pem")],
        ["--tls-key-file", &papers.path("server.key")],
        ["--tls-ca-cert-file", &papers.path("ca.pem")],
        ["--tls-auth-clients", "yes"],
        ["--requirepass", "hunter2"],
    ];
    let _server = Server::on(port, arguments.concat().iter().map(|part| (*part).to_owned()).collect());
    let whole = Settings {
        ca_file: Some(papers.path("ca.pem").into()),
        client_cert_file: Some(papers.path("us.pem").into()),
        client_key_file: Some(papers.path("us.key").into()),
        ..settings(&format!("rediss://:hunter2@127.0.0.1:{port}/2"), "latchkey:")
    };
    let store = open(&whole);
    assert_eq!(store.ready().await, Ok(()));
    store.put(flow("a"), None, Expect::Absent, b"x".to_vec(), at(60), at(0)).await.unwrap();
    assert!(store.get(flow("a"), at(1)).await.unwrap().is_some());

    for wrong in [
        Settings { ca_file: None, ..whole.clone() },
        Settings { client_cert_file: None, client_key_file: None, ..whole.clone() },
        Settings { url: whole.url.replace("rediss:", "redis:"), ..whole.clone() },
        Settings { url: whole.url.replace("127.0.0.1", "localhost"), ..whole.clone() },
        Settings { url: whole.url.replace("hunter2", "hunter3"), ..whole.clone() },
    ] {
        let text = refused(&Settings { timeout: latchkey::server::settings::Span::millis(1000), ..wrong }).await;
        assert!(!text.contains("hunter"), "{text}");
    }
}
