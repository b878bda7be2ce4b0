//! A disk that becomes full while the server runs.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Key, Precondition, RecordKind, Store};
use latchkey::server::system::clock::Clock;
use rustix::process::{Pid, Resource, getrlimit, prlimit};

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, wait_until};

const DAY: Duration = Duration::from_secs(86_400);

/// A server whose files are limited to this many blocks of 512 bytes, which simulates a full disk.
pub fn limited(env: &TestEnvironment, blocks: u64) -> Command {
    let serve = env.command(&["serve", "--sandbox"], &[]);
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "trap '' XFSZ; ulimit -S -f $1; exec \"$2\" serve --sandbox",
        "sh",
        &blocks.to_string(),
    ]);
    command
        .arg(serve.get_program())
        .current_dir(env.folder.path())
        .env_clear();
    command.envs(
        serve
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
}

const FULL: &str = "LATCHKEY_TEST_FILL_PATH";

/// The child process of the test below: fills the file up to the limit that the shell has set.
#[tokio::test]
async fn fill_disk_in_child_process() {
    let Ok(path) = std::env::var(FULL) else {
        return;
    };
    let store = RedbStore::open(Path::new(&path), RedbOptions::default()).unwrap();
    let now = Clock::system().now();
    for (size, most) in [(20_000, 1000), (1_000, 1000)] {
        let mut failed = false;
        for number in 0..most {
            let mut text = String::new();
            write!(text, "{size} {number}").unwrap();
            let key = Key {
                kind: RecordKind::Ticket,
                id: latchkey::server::crypto::hash::sha256(text.as_bytes()),
            };
            if store
                .put(key, None, Precondition::Any, vec![0; size], now + DAY, now)
                .await
                .is_err()
            {
                failed = true;
                break;
            }
        }
        assert!(failed, "the limit was not reached");
    }
    let _ = store.close();
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_recovers_without_a_restart() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(server.terminate(), Some(0));
    let blocks = fs::metadata(env.store_path()).unwrap().len().max(1 << 20) / 512;
    let filled = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f $1; \
             exec \"$2\" binary::full_disk::fill_disk_in_child_process --exact",
            "sh",
        ])
        .arg(blocks.to_string())
        .arg(std::env::current_exe().unwrap())
        .env(FULL, env.store_path())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&filled.stdout).into_owned();
    assert!(
        filled.status.success() && output.contains("1 passed"),
        "{output}"
    );

    let mut server = ChildProcess::spawn_command(&env, "serve", &mut limited(&env, blocks));
    env.wait_until_up().await;
    let mut new_browser = NetworkBrowser::new(&env);
    assert_eq!(new_browser.get("/sign-in").await.0, 200);
    let mut refused = None;
    // The file may have a page or two left.
    for number in 0..200 {
        let (status, body) = new_browser
            .post("send-code", &[("phone", &format!("+4474005{number:05}"))])
            .await;
        if status != 200 {
            refused = Some((status, body));
            break;
        }
    }
    let (status, body) = refused.expect("the disk was not full");
    assert!(
        status == 503 && body.contains("unavailable"),
        "{status} {body}"
    );
    wait_until("the probe to fail", async || {
        env.get_operations("/readyz").await == (503, "server: ok\nstore: unavailable\n".into())
    })
    .await;
    let check = run_command(&env, &["check"], &env.upstream_variables(), "");
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        check.status.code() == Some(1) && table.contains("the running server cannot write"),
        "{table}"
    );
    let (status, body) = person.get("/api/session").await;
    assert_eq!(status, 200, "sessions must survive: {body}");
    let (status, body) = person.clone().post("sign-out", &[]).await;
    assert!(
        status == 503 && body.contains("unavailable"),
        "must not be reported as signed out: {status} {body}"
    );
    assert!(
        server.stderr().contains("the store cannot write"),
        "{}",
        server.stderr()
    );

    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    let unlimited = getrlimit(Resource::Fsize);
    prlimit(Some(pid), Resource::Fsize, unlimited).unwrap();
    let mut back = NetworkBrowser::new(&env);
    env.wait_for_readiness(200).await;
    assert_eq!(
        back.post("send-code", &[("phone", "+447400599999")])
            .await
            .0,
        200
    );
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    assert_eq!(server.terminate(), Some(0));
}
