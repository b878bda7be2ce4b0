//! The operator's commands. The running server executes them for the admin socket; the command line
//! executes them itself on the store of a stopped server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{AuditLog, Event, EventSource};
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::session::{SessionListing, Sessions};
use crate::server::sign_in::SignIn;
use crate::server::store::{BackupSummary, Store};
use crate::server::system::clock::Clock;
use crate::server::test_numbers::{TestMessageError, TestNumberMessage, TestNumbers};

/// What the commands act on.
#[derive(Clone, Debug)]
pub struct AdminServices {
    /// Whose guard `unlock` resets.
    pub sign_in: SignIn,
    /// The sessions.
    pub sessions: Sessions,
    /// The store, for backups.
    pub store: Arc<dyn Store>,
    /// The keys that authenticate backups.
    pub backup_keys: BackupKeys,
    /// The numbers whose messages are shown to the operator.
    pub test_numbers: TestNumbers,
    /// Time.
    pub clock: Clock,
    /// The audit log.
    pub audit: AuditLog,
}

/// A command of the operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum AdminCommand {
    /// Asks whether a server is running.
    Ping,
    /// Lists active sessions of one user (`sub`), or of all.
    SessionsList {
        /// The user.
        user: Option<String>,
    },
    /// Ends sessions, here and upstream.
    SessionsRevoke {
        /// Which sessions.
        #[serde(rename = "whose")]
        owner: SessionOwner,
    },
    /// Writes a backup of the store.
    Backup {
        /// The file, as an absolute path, because the server writes it.
        file: PathBuf,
        /// Whether an existing file is replaced.
        replace: bool,
    },
    /// Resets the counters of an identifier.
    Unlock {
        /// As a person types it, in international form.
        identifier: String,
    },
    /// Shows the latest message to a test number, once.
    TestCode {
        /// As a person types it, in international form.
        identifier: String,
    },
}

/// The sessions that a command is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionOwner {
    /// All sessions.
    Everybody,
    /// All sessions of one user (`sub`).
    User(String),
    /// One session, by its public id.
    Session(String),
}

/// The reply to a command.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum AdminReply {
    /// A server is running.
    Pong,
    /// The sessions.
    Sessions(SessionListing),
    /// Sessions have ended.
    Revoked {
        /// How many.
        count: usize,
    },
    /// The backup is written.
    BackedUp {
        /// What it contains.
        contents: BackupSummary,
    },
    /// The counters are reset.
    Unlocked,
    /// The message to a test number.
    TestCode(TestNumberMessage),
    /// There is no message for this test number.
    NoMessage,
    /// The command failed.
    Failed {
        /// The reason, for the operator.
        cause: String,
    },
}

/// The user that this process runs as.
pub fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Runs a command of the user that this process runs as.
pub async fn run_command(services: &AdminServices, command: &AdminCommand) -> AdminReply {
    run_command_for(own_uid(), services, command).await
}

/// Runs a command of a user of the operating system.
pub async fn run_command_for(
    uid: u32,
    services: &AdminServices,
    command: &AdminCommand,
) -> AdminReply {
    let result = match command {
        AdminCommand::Ping => Ok(AdminReply::Pong),
        AdminCommand::SessionsList { user } => {
            let listing = services.sessions.list_for_operator(user.as_deref()).await;
            listing
                .map(AdminReply::Sessions)
                .map_err(|error| error.to_string())
        }
        AdminCommand::SessionsRevoke { owner } => revoke(services, owner).await,
        AdminCommand::Backup { file, replace } => {
            let (keys, now) = (&services.backup_keys, services.clock.now());
            back_up(&*services.store, file, *replace, keys, now).await
        }
        AdminCommand::Unlock { identifier } => unlock(services, identifier).await,
        AdminCommand::TestCode { identifier } => {
            match services
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
    result.unwrap_or_else(|cause| AdminReply::Failed { cause })
}

async fn revoke(services: &AdminServices, owner: &SessionOwner) -> Result<AdminReply, String> {
    let (sessions, origin) = (&services.sessions, EventSource::default());
    let revoked = match owner {
        SessionOwner::Everybody => sessions.revoke_everybody(&origin).await,
        SessionOwner::User(user) => sessions.revoke_user(user, &origin).await,
        SessionOwner::Session(id) => sessions.revoke_by_id(id, &origin).await.map(usize::from),
    };
    revoked
        .map(|count| AdminReply::Revoked { count })
        .map_err(|error| error.to_string())
}

/// Writes a backup of a store.
///
/// # Errors
/// The reason, for the operator.
pub async fn back_up(
    store: &dyn Store,
    file: &Path,
    replace: bool,
    keys: &BackupKeys,
    now: Timestamp,
) -> Result<AdminReply, String> {
    let written = store.back_up(file, replace, keys, now).await;
    written
        .map(|contents| AdminReply::BackedUp { contents })
        .map_err(|error| error.to_string())
}

async fn unlock(services: &AdminServices, typed: &str) -> Result<AdminReply, String> {
    let deps = services.sign_in.deps();
    let identifier = deps
        .identifier_parser
        .parse(typed, None)
        .map_err(|invalid| match invalid.country {
            Some(country) => format!(
                "guard.countries does not name {country}: nobody signs in with \
            this number"
            ),
            None => "cannot be parsed; a phone number is written in international form, such as \
            +447400123456"
                .to_owned(),
        })?;
    let unlocked = deps
        .guard
        .unlock(deps.identifier_key(&identifier), services.clock.now())
        .await;
    unlocked.map_err(|error| error.to_string())?;
    services.audit.emit(
        &EventSource::default(),
        &Event::LoginUnlock {
            subject: deps.audit_subject(&identifier),
        },
    );
    Ok(AdminReply::Unlocked)
}
