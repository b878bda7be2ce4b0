//! Sockets that the service manager hands over (`sd_listen_fds`): they outlast the server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::net::TcpSocket;

use crate::binary::process::{ChildProcess, TestEnvironment};
use crate::support::wait_until;

/// Moves the socket from standard input to where systemd puts it, and says whose it is, as only the
/// process itself can.
const HAND_OVER: &str = "exec 3<&0 0</dev/null; export LISTEN_PID=$$; exec \"$@\"";

/// A server that has inherited a socket with a name.
fn start(env: &TestEnvironment, socket: &TcpListener, name: &str) -> ChildProcess {
    let socket = socket.try_clone().unwrap();
    hand_over(
        env,
        socket,
        &[("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", name)],
    )
}

/// A server that gets a socket, and these variables about it.
fn hand_over(
    env: &TestEnvironment,
    socket: impl Into<OwnedFd>,
    variables: &[(&str, &str)],
) -> ChildProcess {
    let variables: Vec<_> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
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
    ChildProcess::spawn_with_input(env, "serve", &mut shell, Stdio::from(socket.into()))
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
    let server = start(&env, &socket, "gateway");
    assert_refused(server, "gateway").await;
}

/// The server ends because of the settings, and says what is wrong with them.
async fn assert_refused(mut server: ChildProcess, told: &str) {
    wait_until("the end of the server", async || {
        server.exit_code().is_some()
    })
    .await;
    let told_all = server.stderr();
    assert_eq!(server.exit_code(), Some(2), "{told_all}");
    assert!(told_all.contains(told), "{told}: {told_all}");
}

/// Each of these would be served to nobody: a socket that is only bound, a connection as of a unit
/// with `Accept=yes`, and sockets of other kinds.
#[tokio::test]
async fn l6_a_socket_that_accepts_no_connections_stops_the_start() {
    let env = TestEnvironment::new();
    let bound = TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let local = UnixListener::bind(env.folder.path().join("socket")).unwrap();
    let sockets: [(OwnedFd, &str); 5] = [
        (bound.as_fd().try_clone_to_owned().unwrap(), "Accept=no"),
        (accepted.into(), "Accept=no"),
        (client.into(), "Accept=no"),
        (datagrams.into(), "ListenStream="),
        (local.into(), "ListenStream="),
    ];
    for (socket, told) in sockets {
        let variables = [("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "public")];
        assert_refused(hand_over(&env, socket, &variables), told).await;
    }
}

/// What is no number was taken for no socket, and any number for true.
#[tokio::test]
async fn l6_a_number_of_sockets_that_cannot_be_stops_the_start() {
    let env = TestEnvironment::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    for count in ["", "abc", "-1", "4", "2000000000", "18446744073709551615"] {
        let socket = socket.try_clone().unwrap();
        let server = hand_over(&env, socket, &[("LISTEN_FDS", count)]);
        assert_refused(server, "LISTEN_FDS").await;
    }
    // There is one socket, and the next descriptor is something else.
    let variables = [("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "public:operations")];
    assert_refused(hand_over(&env, socket, &variables), "operations").await;
}
