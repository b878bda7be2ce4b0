//! A data directory that becomes read-only under a running server, as after a disk error.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use serde_json::json;

use crate::binary::full_disk::limited;
use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment};
use crate::support::KNOWN_PHONE;

/// More than the server ever writes, in blocks of 512 bytes.
const PLENTY: u64 = 1 << 20;
const OTHER: &str = "+447400777888";

/// Makes every write fail, also inside the existing file, and prevents new files.
fn read_only(server: &ChildProcess, folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
    limit(
        server,
        Rlimit {
            current: Some(0),
            ..getrlimit(Resource::Fsize)
        },
    );
}

fn writable(server: &ChildProcess, folder: &Path) {
    limit(server, getrlimit(Resource::Fsize));
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
}

fn limit(server: &ChildProcess, to: Rlimit) {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    prlimit(Some(pid), Resource::Fsize, to).unwrap();
}

#[tokio::test]
async fn a_read_only_disk_sends_nothing_keeps_sessions_and_recovers() {
    let env = TestEnvironment::new();
    let folder = env.store_path().parent().unwrap().to_owned();
    let mut server = ChildProcess::spawn_command(&env, "serve", &mut limited(&env, PLENTY));
    env.wait_until_up().await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    env.put_control("users/%2B447400777888", json!({ "status": "Active" }))
        .await;
    let mut asked = NetworkBrowser::new(&env);
    assert_eq!(asked.post("send-code", &[("phone", OTHER)]).await.0, 200);
    asked.read_code(OTHER).await;
    let code = asked.code.clone();
    let sends = env.call_count("otp_send").await;

    read_only(&server, &folder);
    for number in 0..20 {
        let mut new = NetworkBrowser::new(&env);
        let phone = format!("+4474005{number:05}");
        for (endpoint, fields) in [
            ("send-code", ("phone", phone.as_str())),
            ("sign-up", ("phone", &phone)),
        ] {
            let (status, body) = new.post(endpoint, &[fields]).await;
            assert!(
                status == 503 && body.contains("unavailable"),
                "{endpoint}: {status} {body}"
            );
        }
        assert_eq!(new.get("/sign-in").await.0, 200);
        for (path, fine) in [
            ("/api/session", 200),
            ("/account", 200),
            ("/forward-auth", 200),
        ] {
            let (status, body) = person.get(path).await;
            assert!(
                status == fine || status == 503,
                "must not be reported as signed out: {path}: {status} {body}"
            );
        }
    }
    let (status, body) = asked.post("verify-code", &[("code", &code)]).await;
    assert!(
        status == 503 && body.contains("unavailable"),
        "no attempt without its count: {status} {body}"
    );
    let (status, body) = person.clone().post("sign-out", &[]).await;
    assert!(
        status == 503 && body.contains("unavailable"),
        "must not be reported as signed out: {status} {body}"
    );
    assert_eq!(
        (
            env.call_count("otp_send").await,
            env.call_count("otp_authenticate").await
        ),
        (sends, 1)
    );

    writable(&server, &folder);
    let mut back = NetworkBrowser::new(&env);
    env.wait_for_readiness(200).await;
    assert_eq!(
        back.post("send-code", &[("phone", "+447400599999")])
            .await
            .0,
        200
    );
    assert_eq!(
        asked.post("verify-code", &[("code", &code)]).await.0,
        200,
        "the code is still valid"
    );
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    assert_eq!(person.get("/api/session").await.0, 401);
    assert_eq!(server.terminate(), Some(0));
}
