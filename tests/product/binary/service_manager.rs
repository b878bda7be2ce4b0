//! What systemd is told (`sd_notify`): the server is ready once it serves, it works for as long as
//! it runs, and it says that it stops.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::binary::process::{ChildProcess, TestEnvironment};
use crate::support::wait_until;

/// The next message to the service manager.
fn next(manager: &UnixDatagram) -> String {
    let mut state = [0; 200];
    let length = manager.recv(&mut state).unwrap();
    String::from_utf8(state[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn l6_the_service_manager_is_told_when_the_server_is_ready_alive_and_stopping() {
    let env = TestEnvironment::new();
    let socket = env.folder.path().join("notify.sock");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(120)))
        .unwrap();
    let variables = [
        ("NOTIFY_SOCKET", socket.display().to_string()),
        ("WATCHDOG_USEC", "200000".to_owned()),
        ("LATCHKEY_SERVER__DRAIN", "10m".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let mut server = ChildProcess::spawn(&env, &["serve", "--sandbox"], &variables);
    let ready = next(&manager);
    assert_eq!(
        ready,
        format!("READY=1\nSTATUS=serving http://{}/", env.application)
    );
    assert!(env.is_up().await, "ready means that it serves");
    for _ in 0..3 {
        assert_eq!(next(&manager), "WATCHDOG=1");
    }
    server.send_signal("TERM");
    let stopping = std::iter::repeat_with(|| next(&manager)).find(|state| state != "WATCHDOG=1");
    assert_eq!(stopping.as_deref(), Some("STOPPING=1\nSTATUS=stopping"));
    // A drain may be longer than the watchdog waits.
    assert_eq!(next(&manager), "WATCHDOG=1");
    assert_eq!(server.terminate(), Some(0));
}

#[tokio::test]
async fn a_service_manager_that_cannot_be_told_stops_nothing() {
    let env = TestEnvironment::new();
    let variables = [("NOTIFY_SOCKET".to_owned(), "/nowhere/notify".to_owned())];
    let mut server = ChildProcess::spawn(&env, &["serve", "--sandbox"], &variables);
    env.wait_until_up().await;
    wait_until("the warning", async || {
        server.stderr().contains("NOTIFY_SOCKET cannot be reached")
    })
    .await;
    assert_eq!(server.terminate(), Some(0));
}
