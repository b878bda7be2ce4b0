//! The admin socket of a server that has no file descriptor left for another connection.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::binary::process::{ChildProcess, TestEnvironment};
use crate::support::{pause, wait_until};
use latchkey::server::admin::admin_socket::{send_command, socket_path};
use latchkey::server::admin::commands::{AdminCommand, AdminReply};

/// The log message about a connection that cannot be accepted.
const NO_ROOM: &str = "the admin socket cannot accept a connection";

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
        matches!(
            send_command(&path, &AdminCommand::Ping).await.unwrap(),
            Some(AdminReply::Pong)
        )
    })
    .await;

    limit_descriptors(&server, Some(3));
    let pending_call = tokio::spawn({
        let path = path.clone();
        async move { send_command(&path, &AdminCommand::Ping).await.unwrap() }
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
