//! The control socket of a server whose system has no file descriptor left for another connection.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::binary::process::{Place, Process};
use crate::support::{pause, wait_until};
use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, ask, socket};

/// What the server says of a connection that it cannot accept.
const NO_ROOM: &str = "no control connection can be accepted";

/// New descriptors of the server are numbered below this.
fn limit_descriptors(server: &Process, current: Option<u64>) {
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
async fn a_server_without_descriptors_waits_for_one_and_answers_then() {
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    let path = socket(&place.folder.path().join("data"));
    assert!(matches!(
        ask(&path, &AdminCommand::Ping).await.unwrap(),
        Some(AdminReply::Pong)
    ));

    limit_descriptors(&server, Some(3));
    let asking = tokio::spawn({
        let path = path.clone();
        async move { ask(&path, &AdminCommand::Ping).await.unwrap() }
    });
    wait_until("the complaint", async || {
        server.complaints().contains(NO_ROOM)
    })
    .await;
    pause(500).await;
    let complaints = server.complaints().matches(NO_ROOM).count();
    assert!(complaints <= 100, "{complaints} times: it spins");
    assert!(!asking.is_finished());

    limit_descriptors(&server, getrlimit(Resource::Nofile).current);
    assert!(matches!(asking.await.unwrap(), Some(AdminReply::Pong)));
    assert_eq!(server.terminate(), Some(0));
}
