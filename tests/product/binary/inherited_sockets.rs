//! Sockets that the service manager hands over (`sd_listen_fds`): they outlast the server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::binary::process::{ChildProcess, TestEnvironment};
use crate::support::wait_until;

/// Moves the socket from standard input to where systemd puts it, and says whose it is, as only the
/// process itself can.
const HAND_OVER: &str = "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"";

/// A server that has inherited a socket with a name.
fn start(env: &TestEnvironment, socket: &TcpListener, name: &str) -> ChildProcess {
    let variables = [
        ("LISTEN_FDNAMES".to_owned(), name.to_owned()),
        ("LATCHKEY_SERVER__DRAIN".to_owned(), "0s".to_owned()),
    ];
    let server = env.command(&["serve", "--sandbox"], &variables);
    let mut shell = Command::new("sh");
    shell.args(["-c", HAND_OVER, "sh"]);
    shell.arg(server.get_program()).args(server.get_args());
    for (variable, value) in server.get_envs() {
        match value {
            Some(value) => shell.env(variable, value),
            None => shell.env_remove(variable),
        };
    }
    if let Some(folder) = server.get_current_dir() {
        shell.current_dir(folder);
    }
    let socket = OwnedFd::from(socket.try_clone().unwrap());
    ChildProcess::spawn_with_input(env, "serve", &mut shell, Stdio::from(socket))
}

#[tokio::test]
async fn l6_no_connection_is_refused_while_a_server_with_an_inherited_socket_restarts() {
    let env = TestEnvironment::new();
    let socket = TcpListener::bind(env.application).unwrap();
    let mut first = start(&env, &socket, "latchkey.socket");
    wait_until("the first server", async || env.is_up().await).await;
    assert_eq!(first.terminate(), Some(0));

    // Nobody accepts it now, and it is not refused.
    let mut early = TcpStream::connect(env.application).unwrap();
    early
        .set_read_timeout(Some(Duration::from_secs(120)))
        .unwrap();
    let request = format!(
        "GET /sign-in HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        env.application
    );
    early.write_all(request.as_bytes()).unwrap();

    let mut second = start(&env, &socket, "public");
    let mut response = String::new();
    early.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert_eq!(second.terminate(), Some(0));
}

#[tokio::test]
async fn a_socket_of_a_listener_that_is_off_stops_the_start() {
    let env = TestEnvironment::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut server = start(&env, &socket, "gateway");
    assert_eq!(server.wait(), Some(2));
    assert!(server.stderr().contains("gateway"), "{}", server.stderr());
}
