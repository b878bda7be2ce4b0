//! The admin socket of a server that has no file descriptor left, and of one that is stopped.

use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::binary::process::{ChildProcess, TestEnvironment, run_command};
use crate::support::{pause, wait_until};
use latchkey::server::admin::admin_socket::{self, socket_path};
use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::system::clock::Clock;

/// The log message about a connection that cannot be accepted.
const NO_ROOM: &str = "the admin socket cannot accept a connection";

/// Longer than any machine needs for what the tests do meanwhile.
const PATIENCE: Duration = Duration::from_secs(300);

async fn ping(path: &Path) -> io::Result<Option<AdminReply>> {
    admin_socket::send_command(path, &AdminCommand::Ping, &Clock::system(), PATIENCE).await
}

/// Limits the numbers of the server's new file descriptors.
fn limit_descriptors(server: &ChildProcess, current: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    prlimit(
        Some(pid),
        Resource::Nofile,
        Rlimit {
            current,
            ..getrlimit(Resource::Nofile)
        },
    )
    .unwrap();
}

#[tokio::test]
async fn without_file_descriptors_the_admin_socket_waits() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    let path = socket_path(&env.folder.path().join("data"));
    wait_until("the admin socket", async || {
        matches!(ping(&path).await.unwrap(), Some(AdminReply::Pong))
    })
    .await;

    limit_descriptors(&server, Some(3));
    let pending_call = tokio::spawn({
        let path = path.clone();
        async move { ping(&path).await.unwrap() }
    });
    wait_until("the stderr", async || server.stderr().contains(NO_ROOM)).await;
    pause(500).await;
    let complaints = server.stderr().matches(NO_ROOM).count();
    assert!(complaints <= 100, "{complaints} times: it spins");
    assert!(!pending_call.is_finished());

    limit_descriptors(&server, getrlimit(Resource::Nofile).current);
    assert!(matches!(
        pending_call.await.unwrap(),
        Some(AdminReply::Pong)
    ));
    assert_eq!(server.terminate(), Some(0));
}

/// A command neither waits for ever nor is silent. It ends with the code for "not possible now".
#[tokio::test]
async fn a_stopped_server_makes_commands_end_with_words() {
    let env = TestEnvironment::new();
    let mut server = ChildProcess::start_server(&env, &["serve", "--sandbox"]).await;
    server.send_signal("STOP");
    let variables = env.upstream_variables();
    let run = |arguments: &[&str], input: &str| {
        let output = run_command(&env, arguments, &variables, input);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains("does not respond"),
            "{arguments:?}: {stderr}"
        );
        assert_eq!(output.stdout, b"", "{arguments:?}");
    };
    std::thread::scope(|scope| {
        scope.spawn(|| run(&["sessions", "list"], ""));
        scope.spawn(|| run(&["erase"], "+447400123456\n"));
        scope.spawn(|| run(&["backup", "copy.backup"], ""));
    });
    server.send_signal("CONT");
    assert_eq!(server.terminate(), Some(0));
}
