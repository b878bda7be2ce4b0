//! The operator's commands. The running server executes them for the admin socket; the command line
//! executes them itself on the store of a stopped server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::admin::identifier_input::parse_identifier;
use crate::server::admin::personal_data::{self, Erasure, Person, PersonalData, PersonalDataError};
use crate::server::audit::{AuditLog, Event, EventSource};
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::session::{SessionListing, Sessions};
use crate::server::sign_in::SignIn;
use crate::server::store::{BackupError, BackupSummary, Store, StoreError};
use crate::server::system::clock::Clock;
use crate::server::test_numbers::{TestMessageError, TestNumberMessage, TestNumbers};

/// Why a command is refused while the audit log cannot be written.
const NO_AUDIT_LOG: &str = "the audit log cannot be written, and telemetry.audit_overflow is \
    `refuse`; the server's log says why";

/// The name of backups in the audit log.
pub const BACKUP: &str = "backup";

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
    /// Asks a running server for what `latchkey check` compares.
    Inspect,
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
    /// Collects what is stored about a person.
    Export {
        /// Whose data.
        person: Person,
    },
    /// Erases what is stored about a person.
    Erase {
        /// Whose data.
        person: Person,
        /// Whether limits of guesses and messages are reset too.
        with_limits: bool,
    },
    /// Reads the latest message to a test number.
    TestCode {
        /// As a person types it, in international form.
        identifier: String,
    },
    /// Ends the reading of a message: deletes it, or lets it be read again.
    TestCodeFinish {
        /// As a person types it, in international form.
        identifier: String,
        /// The version that was read. A newer message stays as it is.
        version: u64,
        /// Whether the code was written to where the operator wanted it.
        is_written: bool,
    },
}

impl AdminCommand {
    /// Its name in the audit log; none for steps of a command that do nothing by themselves.
    fn audited_name(&self) -> Option<&'static str> {
        match self {
            Self::Ping | Self::Inspect | Self::TestCodeFinish { .. } => None,
            Self::SessionsList { .. } => Some("sessions_list"),
            Self::SessionsRevoke { .. } => Some("sessions_revoke"),
            Self::Backup { .. } => Some(BACKUP),
            Self::Unlock { .. } => Some("unlock"),
            Self::Export { .. } => Some("export"),
            Self::Erase { .. } => Some("erase"),
            Self::TestCode { .. } => Some("test_code"),
        }
    }
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
    /// What a running server uses.
    Inspected {
        /// Why its store cannot be written to, if so.
        store: Option<String>,
        /// The fingerprint of its index key.
        index_key: String,
        /// Until when the tenant is not asked for request ids, because it does not know them.
        #[serde(default)]
        request_ids_unknown_until: Option<Timestamp>,
    },
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
    /// What is stored about a person.
    Exported {
        /// The data.
        data: Box<PersonalData>,
    },
    /// What was stored about a person is erased.
    Erased {
        /// What was erased.
        erasure: Erasure,
    },
    /// Nothing is stored about the person.
    NothingStored,
    /// The message to a test number.
    TestCode {
        /// What it says.
        #[serde(flatten)]
        message: TestNumberMessage,
        /// Names the message for [`AdminCommand::TestCodeFinish`].
        version: u64,
    },
    /// The reading of a message is ended.
    TestCodeFinished,
    /// There is no message for this test number.
    NoMessage,
    /// The command failed.
    Failed(CommandFailure),
}

/// Why a command failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandFailure {
    /// The reason, for the operator.
    pub cause: String,
    /// Whether a later attempt may succeed by itself.
    #[serde(default)]
    pub may_pass: bool,
}

impl CommandFailure {
    /// The command cannot succeed as it is.
    pub(super) fn fault(cause: impl ToString) -> Self {
        Self {
            cause: cause.to_string(),
            may_pass: false,
        }
    }
}

impl CommandFailure {
    /// A later attempt may succeed.
    fn unavailable(cause: impl ToString) -> Self {
        Self {
            cause: cause.to_string(),
            may_pass: true,
        }
    }
}

impl From<StoreError> for CommandFailure {
    fn from(error: StoreError) -> Self {
        Self {
            cause: error.to_string(),
            may_pass: error.is_temporary(),
        }
    }
}

impl From<PersonalDataError> for CommandFailure {
    fn from(error: PersonalDataError) -> Self {
        match error {
            PersonalDataError::Invalid(cause) => Self::fault(cause),
            PersonalDataError::Store(error) => error.into(),
        }
    }
}

impl From<BackupError> for CommandFailure {
    fn from(error: BackupError) -> Self {
        Self {
            cause: error.to_string(),
            may_pass: error.is_temporary(),
        }
    }
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
    let result = run(uid, services, command).await;
    if let Some(name) = command.audited_name() {
        let succeeded = !matches!(
            result,
            Err(_) | Ok(AdminReply::NoMessage | AdminReply::NothingStored)
        );
        let event = Event::AdminCommand {
            command: name,
            succeeded,
        };
        services.audit.emit(&EventSource::operator(uid), &event);
    }
    result.unwrap_or_else(AdminReply::Failed)
}

async fn run(
    uid: u32,
    services: &AdminServices,
    command: &AdminCommand,
) -> Result<AdminReply, CommandFailure> {
    let source = EventSource::operator(uid);
    match command {
        AdminCommand::Ping => Ok(AdminReply::Pong),
        AdminCommand::Inspect => Ok(inspect(services).await),
        _ if !services.audit.accepts_events() => Err(CommandFailure::unavailable(NO_AUDIT_LOG)),
        AdminCommand::SessionsList { user } => {
            let listing = services.sessions.list_for_operator(user.as_deref()).await;
            listing
                .map(AdminReply::Sessions)
                .map_err(CommandFailure::from)
        }
        AdminCommand::SessionsRevoke { owner } => revoke(services, owner, &source).await,
        AdminCommand::Backup { file, replace } => {
            let (keys, now) = (&services.backup_keys, services.clock.now());
            back_up(&*services.store, file, *replace, keys, now).await
        }
        AdminCommand::Unlock { identifier } => unlock(services, identifier, &source).await,
        AdminCommand::Export { person } => {
            let data = personal_data::export(services.sign_in.deps(), person, &source).await?;
            Ok(
                data.map_or(AdminReply::NothingStored, |data| AdminReply::Exported {
                    data: Box::new(data),
                }),
            )
        }
        AdminCommand::Erase {
            person,
            with_limits,
        } => {
            let deps = services.sign_in.deps();
            let erasure = personal_data::erase(deps, person, *with_limits, &source).await?;
            Ok(
                erasure.map_or(AdminReply::NothingStored, |erasure| AdminReply::Erased {
                    erasure,
                }),
            )
        }
        AdminCommand::TestCode { identifier } => {
            let numbers = &services.test_numbers;
            match numbers.read_message(identifier, Some(uid)).await {
                Ok((message, version)) => Ok(AdminReply::TestCode { message, version }),
                Err(TestMessageError::NoMessage) => Ok(AdminReply::NoMessage),
                Err(TestMessageError::Store(error)) => Err(error.into()),
                Err(cause) => Err(CommandFailure::fault(cause)),
            }
        }
        AdminCommand::TestCodeFinish {
            identifier,
            version,
            is_written,
        } => {
            let numbers = &services.test_numbers;
            let finished = numbers
                .finish_reading(identifier, *version, *is_written)
                .await;
            finished
                .map(|()| AdminReply::TestCodeFinished)
                .map_err(|error| CommandFailure {
                    may_pass: matches!(error, TestMessageError::Store(_)),
                    cause: error.to_string(),
                })
        }
    }
}

async fn inspect(services: &AdminServices) -> AdminReply {
    let probed = services.store.probe(services.clock.now()).await;
    let deps = services.sign_in.deps();
    AdminReply::Inspected {
        store: probed.err().map(|error| error.to_string()),
        index_key: deps.keys.index_fingerprint().to_string(),
        request_ids_unknown_until: deps.transmit.request_ids_unknown_until(),
    }
}

async fn revoke(
    services: &AdminServices,
    owner: &SessionOwner,
    source: &EventSource,
) -> Result<AdminReply, CommandFailure> {
    let sessions = &services.sessions;
    let revoked = match owner {
        SessionOwner::Everybody => sessions.revoke_everybody(source).await,
        SessionOwner::User(user) => sessions.revoke_user(user, source).await,
        SessionOwner::Session(id) => sessions.revoke_by_id(id, source).await.map(usize::from),
    };
    Ok(AdminReply::Revoked { count: revoked? })
}

/// Writes a backup of a store.
///
/// # Errors
/// [`CommandFailure`].
pub async fn back_up(
    store: &dyn Store,
    file: &Path,
    replace: bool,
    keys: &BackupKeys,
    now: Timestamp,
) -> Result<AdminReply, CommandFailure> {
    let contents = store.back_up(file, replace, keys, now).await?;
    Ok(AdminReply::BackedUp { contents })
}

async fn unlock(
    services: &AdminServices,
    typed: &str,
    source: &EventSource,
) -> Result<AdminReply, CommandFailure> {
    let deps = services.sign_in.deps();
    let identifier =
        parse_identifier(&deps.identifier_parser, typed).map_err(CommandFailure::fault)?;
    deps.guard
        .unlock(deps.identifier_key(&identifier), services.clock.now())
        .await?;
    let subject = deps.audit_subject(&identifier).await;
    services.audit.emit(source, &Event::LoginUnlock { subject });
    Ok(AdminReply::Unlocked)
}
