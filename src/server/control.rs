//! The operator's commands, through a Unix socket (0600) in the data directory: one JSON object a line each way.
//! A stopped server's store is opened by the command itself.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use super::audit::{Event, Origin};
use super::session::{Listed, Live};
use super::web::Site;

/// Name of the socket in the data directory.
const SOCKET: &str = "control.sock";
/// Longest command.
const LONGEST: u64 = 64 * 1024;

/// A command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Asks whether a server runs.
    Ping,
    /// Lists live sessions; of one user (`sub`), or of all.
    SessionsList {
        /// The user.
        user: Option<String>,
    },
    /// Ends the sessions of one user (`sub`), or all.
    SessionsRevoke {
        /// The user; none for everybody.
        user: Option<String>,
    },
    /// Forgets the counters of an identifier.
    Unlock {
        /// As a person would type it, international.
        identifier: String,
    },
}

/// What a command gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// A server runs.
    Pong,
    /// The sessions asked for.
    Sessions {
        /// Newest first.
        sessions: Vec<Listed>,
    },
    /// That many sessions were ended.
    Revoked {
        /// How many.
        count: usize,
    },
    /// Done.
    Unlocked,
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
pub async fn serve(path: PathBuf, site: Arc<Site>, stop: CancellationToken) -> io::Result<()> {
    // The store's lock says that no other server is alive, so a socket that is there was left behind.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let site = site.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &site).await {
                tracing::debug!(%error, "a control connection broke off");
            }
        });
    }
    std::fs::remove_file(&path)
}

/// Asks a running server; `None` if none runs.
///
/// # Errors
/// The conversation broke off.
pub async fn ask(path: &Path, command: &Command) -> io::Result<Option<Answer>> {
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.write_all(&line(command)?).await?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await?;
    serde_json::from_str(&answer).map(Some).map_err(io::Error::from)
}

async fn converse(mut stream: UnixStream, site: &Site) -> io::Result<()> {
    use tokio::io::AsyncReadExt as _;
    let (read, mut write) = stream.split();
    let mut text = String::new();
    BufReader::new(read.take(LONGEST)).read_line(&mut text).await?;
    let answer = match serde_json::from_str(&text) {
        Ok(command) => carry_out(site, &command).await,
        Err(error) => Answer::Failed { cause: format!("not a command: {error}") },
    };
    write.write_all(&line(&answer)?).await
}

/// Carries a command out.
pub async fn carry_out(site: &Site, command: &Command) -> Answer {
    let done = match command {
        Command::Ping => Ok(Answer::Pong),
        Command::SessionsList { user } => list(site, user.as_deref()).await,
        Command::SessionsRevoke { user } => revoke(site, user.as_deref()).await,
        Command::Unlock { identifier } => unlock(site, identifier).await,
    };
    done.unwrap_or_else(|cause| Answer::Failed { cause })
}

async fn list(site: &Site, user: Option<&str>) -> Result<Answer, String> {
    let found = match user {
        Some(user) => site.sessions.of_user(user).await,
        None => site.sessions.all().await,
    };
    let mut sessions: Vec<Listed> = found.map_err(|error| error.to_string())?.iter().map(Live::listed).collect();
    sessions.sort_by(|a, b| b.signed_in_at.cmp(&a.signed_in_at));
    Ok(Answer::Sessions { sessions })
}

async fn revoke(site: &Site, user: Option<&str>) -> Result<Answer, String> {
    let origin = Origin::default();
    let revoked = match user {
        Some(user) => site.sessions.revoke_user(user, &origin).await,
        None => site.sessions.revoke_everybody(&origin).await,
    };
    revoked.map(|count| Answer::Revoked { count }).map_err(|error| error.to_string())
}

async fn unlock(site: &Site, typed: &str) -> Result<Answer, String> {
    let parts = site.sign_in.parts();
    let identifier = parts.identify.read(typed, None).map_err(|code| format!("cannot be read: {}", code.as_str()))?;
    let unlocked = parts.guard.unlock(parts.identifier_key(&identifier), site.clock.now()).await;
    unlocked.map_err(|error| error.to_string())?;
    site.audit.emit(&Origin::default(), &Event::LoginUnlock { subject: parts.subject(&identifier) });
    Ok(Answer::Unlocked)
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
