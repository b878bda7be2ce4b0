//! The operator's commands, through a Unix socket (0600) in the data directory: one JSON object a
//! line each way. A stopped server's store is opened by the command itself.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, EventSource};
use crate::server::http::AppState;
use crate::server::session::SessionListing;
use crate::server::store::{BackupSummary, Store};
use crate::server::system::clock::Clock;
use crate::server::test_numbers::{TestMessageError, TestNumberMessage};
use crate::server::wiring::Product;

/// Name of the socket in the data directory.
const SOCKET: &str = "control.sock";
/// Longest command.
const LONGEST: u64 = 64 * 1024;
/// Rest after the system had no file descriptor or memory for a connection.
const EXHAUSTED: Duration = Duration::from_secs(1);
/// Whose commands are taken besides those of our own user.
const ROOT: u32 = 0;

/// A command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum AdminCommand {
    /// Asks whether a server runs.
    Ping,
    /// Lists live sessions; of one user (`sub`), or of all.
    SessionsList {
        /// The user.
        user: Option<String>,
    },
    /// Ends sessions, here and upstream.
    SessionsRevoke {
        /// Whose.
        whose: SessionOwner,
    },
    /// Writes a backup of the store.
    Backup {
        /// The file, absolute: it is the server that writes it.
        file: PathBuf,
        /// Whether it may take the place of one that is there.
        replace: bool,
    },
    /// Forgets the counters of an identifier.
    Unlock {
        /// As a person would type it, international.
        identifier: String,
    },
    /// Shows the newest message to a test number, once.
    TestCode {
        /// As a person would type it, international.
        identifier: String,
    },
}

/// Whose sessions a command is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionOwner {
    /// Everybody's.
    Everybody,
    /// All of one user (`sub`).
    User(String),
    /// This one alone, by its public id.
    Session(String),
}

/// What a command gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AdminReply {
    /// A server runs.
    Pong,
    /// The sessions asked for.
    Sessions(SessionListing),
    /// That many sessions were ended.
    Revoked {
        /// How many.
        count: usize,
    },
    /// The backup is written.
    BackedUp {
        /// What is in it.
        contents: BackupSummary,
    },
    /// Done.
    Unlocked,
    /// The message to a test number.
    TestCode(TestNumberMessage),
    /// There is none for this test number.
    NoMessage,
    /// It could not be done.
    Failed {
        /// Why, in words.
        cause: String,
    },
}

/// Where the socket is.
pub fn socket(data_directory: &Path) -> PathBuf {
    data_directory.join(SOCKET)
}

/// Answers commands until it is told to stop.
///
/// # Errors
/// The socket cannot be made.
pub async fn serve(
    path: PathBuf,
    product: Arc<Product>,
    stop: CancellationToken,
) -> io::Result<()> {
    // The store's lock says that no other server is alive, so a socket that is there was left
    // behind.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            stream = accept(&listener, &product.site.clock) => stream,
        };
        let product = product.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &product).await {
                tracing::debug!(%error, "a control connection broke off");
            }
        });
    }
    std::fs::remove_file(&path)
}

/// The next connection. The system may have no room for it; then it is asked again a moment later.
async fn accept(listener: &UnixListener, clock: &Clock) -> UnixStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::error!(%error, "no control connection can be accepted");
                clock.sleep(EXHAUSTED).await;
            }
        }
    }
}

/// Asks a running server; `None` if none runs.
///
/// # Errors
/// The conversation broke off.
pub async fn ask(path: &Path, command: &AdminCommand) -> io::Result<Option<AdminReply>> {
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
    stream.write_all(&line(command)?).await?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await?;
    serde_json::from_str(&answer)
        .map(Some)
        .map_err(io::Error::from)
}

async fn converse(mut stream: UnixStream, product: &Product) -> io::Result<()> {
    use tokio::io::AsyncReadExt as _;
    let uid = stream.peer_cred()?.uid();
    let (read, mut write) = stream.split();
    let mut text = String::new();
    BufReader::new(read.take(LONGEST))
        .read_line(&mut text)
        .await?;
    let answer = match serde_json::from_str(&text) {
        // The mode of the socket says the same, unless somebody changed that, or was faster than we
        // were when it was made.
        _ if !may_command(uid, own_uid()) => refuse(uid),
        Ok(command) => carry_out_for(uid, product, &command).await,
        Err(error) => AdminReply::Failed {
            cause: format!("not a command: {error}"),
        },
    };
    write.write_all(&line(&answer)?).await
}

/// Whether the commands of a user of the system are taken by a server that runs as `own`.
fn may_command(uid: u32, own: u32) -> bool {
    uid == own || uid == ROOT
}

fn refuse(uid: u32) -> AdminReply {
    tracing::warn!(uid, "a command of another user of the system was refused");
    let cause =
        format!("commands are taken from the server's own user and from root, not from user {uid}");
    AdminReply::Failed { cause }
}

/// The user that this process runs as.
fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Carries a command out for the user that this process runs as.
pub async fn carry_out(product: &Product, command: &AdminCommand) -> AdminReply {
    carry_out_for(own_uid(), product, command).await
}

/// The same for another user of the system.
async fn carry_out_for(uid: u32, product: &Product, command: &AdminCommand) -> AdminReply {
    let site = &*product.site;
    let done = match command {
        AdminCommand::Ping => Ok(AdminReply::Pong),
        AdminCommand::SessionsList { user } => {
            let listing = site.sessions.list_for_operator(user.as_deref()).await;
            listing
                .map(AdminReply::Sessions)
                .map_err(|error| error.to_string())
        }
        AdminCommand::SessionsRevoke { whose } => revoke(site, whose).await,
        AdminCommand::Backup { file, replace } => {
            back_up(&*product.store, file, *replace, site.clock.now()).await
        }
        AdminCommand::Unlock { identifier } => unlock(site, identifier).await,
        AdminCommand::TestCode { identifier } => {
            match product
                .test_numbers
                .take_message(identifier, Some(uid))
                .await
            {
                Ok(shown) => Ok(AdminReply::TestCode(shown)),
                Err(TestMessageError::NoMessage) => Ok(AdminReply::NoMessage),
                Err(cause) => Err(cause.to_string()),
            }
        }
    };
    done.unwrap_or_else(|cause| AdminReply::Failed { cause })
}

async fn revoke(site: &AppState, whose: &SessionOwner) -> Result<AdminReply, String> {
    let (sessions, origin) = (&site.sessions, EventSource::default());
    let revoked = match whose {
        SessionOwner::Everybody => sessions.revoke_everybody(&origin).await,
        SessionOwner::User(user) => sessions.revoke_user(user, &origin).await,
        SessionOwner::Session(id) => sessions.revoke_by_id(id, &origin).await.map(usize::from),
    };
    revoked
        .map(|count| AdminReply::Revoked { count })
        .map_err(|error| error.to_string())
}

/// A backup of a store.
///
/// # Errors
/// What the operator reads.
pub async fn back_up(
    store: &dyn Store,
    file: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<AdminReply, String> {
    let written = store.back_up(file, replace, now).await;
    written
        .map(|contents| AdminReply::BackedUp { contents })
        .map_err(|error| error.to_string())
}

async fn unlock(site: &AppState, typed: &str) -> Result<AdminReply, String> {
    let deps = site.sign_in.deps();
    let identifier = deps.identifier_parser.parse(typed, None).map_err(|unfit| match unfit.country {
        Some(country) => format!("guard.countries does not name {country}: nobody signs in with this number"),
        None => "cannot be read; a phone number is written in international form, such as +447400123456".to_owned(),
    })?;
    let unlocked = deps
        .guard
        .unlock(deps.identifier_key(&identifier), site.clock.now())
        .await;
    unlocked.map_err(|error| error.to_string())?;
    site.audit.emit(
        &EventSource::default(),
        &Event::LoginUnlock {
            subject: deps.audit_subject(&identifier),
        },
    );
    Ok(AdminReply::Unlocked)
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_from_our_own_user_and_root_alone() {
        for (uid, own, may) in [
            (1000, 1000, true),
            (ROOT, 1000, true),
            (1001, 1000, false),
            (65_534, 0, false),
        ] {
            assert_eq!(may_command(uid, own), may, "{uid} of {own}");
        }
    }
}
