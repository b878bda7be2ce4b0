//! The admin socket: a Unix socket (0600) in the data directory that takes the operator's commands.
//!
//! Command and reply are one line of JSON each. The socket exists only while a server with an
//! embedded store runs.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::server::admin::commands::{
    AdminCommand, AdminReply, AdminServices, CommandFailure, own_uid, run_command_as,
};
use crate::server::audit::EventSource;
use crate::server::settings::SOCKET_FILE;
use crate::server::system::clock::Clock;

/// Longest command in bytes.
const MAX_COMMAND_BYTES: u64 = 64 * 1024;
/// Wait after a connection could not be accepted, as when file descriptors are exhausted.
const ACCEPT_RETRY: Duration = Duration::from_secs(1);
/// The user whose commands are accepted besides those of the server's own user.
const ROOT: u32 = 0;

/// How long a server may take to give a sign of life.
const PATIENCE: Duration = Duration::from_secs(5);
const NO_SIGN_OF_LIFE: &str = "the server does not respond: it starts, or is stopped or \
    overloaded. If it continues, it may still execute the command";

/// Path of the socket.
pub fn socket_path(data_directory: &Path) -> PathBuf {
    data_directory.join(SOCKET_FILE)
}

/// The socket. Commands that are sent before it is served wait.
#[derive(Debug)]
pub struct AdminSocket {
    path: PathBuf,
    listener: UnixListener,
}

impl AdminSocket {
    /// Creates the socket, in place of one that an earlier server left behind. The caller owns the
    /// store, whose lock proves that no other server runs.
    ///
    /// # Errors
    /// If the socket cannot be created.
    pub fn bind(path: PathBuf) -> io::Result<Self> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { path, listener })
    }

    /// Executes commands until `stop` is cancelled, and removes the socket.
    ///
    /// # Errors
    /// If the socket cannot be removed.
    pub async fn serve(self, services: AdminServices, stop: CancellationToken) -> io::Result<()> {
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                stream = accept(&self.listener, &services.clock) => stream,
            };
            let services = services.clone();
            tokio::spawn(async move {
                if let Err(error) = serve_connection(stream, &services).await {
                    tracing::debug!(%error, "a connection to the admin socket failed");
                }
            });
        }
        std::fs::remove_file(&self.path)
    }
}

/// The next connection. If the system cannot accept one, it is retried after a pause.
async fn accept(listener: &UnixListener, clock: &Clock) -> UnixStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::error!(%error, "the admin socket cannot accept a connection");
                clock.sleep(ACCEPT_RETRY).await;
            }
        }
    }
}

/// Sends a command to the running server; none if no server is running.
///
/// A command such as a backup may take long. So the server is asked from time to time whether it
/// is alive, and `patience` is how long it may take to answer that.
///
/// # Errors
/// If the connection fails; `InvalidInput` if the command is longer than a server reads; `TimedOut`
/// if the server gives no sign of life, as one that is stopped or starts.
pub async fn send_command(
    path: &Path,
    command: &AdminCommand,
    clock: &Clock,
    patience: Duration,
) -> io::Result<Option<AdminReply>> {
    let exchange = std::pin::pin!(exchange(path, command));
    let watched = async {
        loop {
            clock.sleep(patience).await;
            let ping = self::exchange(path, &AdminCommand::Ping);
            if clock.timeout(patience, ping).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        reply = exchange => reply,
        () = watched => Err(io::Error::new(io::ErrorKind::TimedOut, NO_SIGN_OF_LIFE)),
    }
}

/// Sends a command as the program does, with the usual patience.
///
/// # Errors
/// Those of [`send_command`].
pub async fn ask_server(
    path: &Path,
    command: &AdminCommand,
    clock: &Clock,
) -> io::Result<Option<AdminReply>> {
    send_command(path, command, clock, PATIENCE).await
}

async fn exchange(path: &Path, command: &AdminCommand) -> io::Result<Option<AdminReply>> {
    let line = json_line(command)?;
    if line.len() as u64 > MAX_COMMAND_BYTES {
        let text = "a value on the command line or on standard input is too long";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.write_all(&line).await?;
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply).await?;
    serde_json::from_str(&reply)
        .map(Some)
        .map_err(io::Error::from)
}

async fn serve_connection(mut stream: UnixStream, services: &AdminServices) -> io::Result<()> {
    use tokio::io::AsyncReadExt as _;
    let uid = stream.peer_cred()?.uid();
    let (read, mut write) = stream.split();
    let mut text = String::new();
    BufReader::new(read.take(MAX_COMMAND_BYTES))
        .read_line(&mut text)
        .await?;
    let reply = match serde_json::from_str(&text) {
        // The mode of the socket protects too, but not before it is set, and it can be changed.
        _ if !is_authorised(uid, own_uid()) => refuse(uid),
        Ok(command) => run_command_as(&EventSource::operator(uid), services, &command).await,
        Err(error) => AdminReply::Failed(CommandFailure::fault(format!("not a command: {error}"))),
    };
    write.write_all(&json_line(&reply)?).await
}

/// Whether a server that runs as `own` accepts commands of a user of the operating system.
fn is_authorised(uid: u32, own: u32) -> bool {
    uid == own || uid == ROOT
}

fn refuse(uid: u32) -> AdminReply {
    tracing::warn!(uid, "a command of another user was refused");
    let cause = format!(
        "commands are accepted from the server's own user and from root, not from user {uid}"
    );
    AdminReply::Failed(CommandFailure::fault(cause))
}

fn json_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_accepted_from_the_own_user_and_root_alone() {
        for (uid, own, is_accepted) in [
            (1000, 1000, true),
            (ROOT, 1000, true),
            (1001, 1000, false),
            (65_534, 0, false),
        ] {
            assert_eq!(is_authorised(uid, own), is_accepted, "{uid} of {own}");
        }
    }
}
