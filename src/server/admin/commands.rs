//! The operator's commands and their replies, as the admin socket carries them; `run` runs them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::admin::lookup::{LookupKey, LookupReport};
use crate::server::admin::personal_data::{Erasure, Person, PersonalData, PersonalDataError};
use crate::server::session::SessionListing;
use crate::server::store::{BackupError, BackupSummary, StoreError};
use crate::server::test_numbers::TestNumberMessage;

mod run;

pub use run::{AdminServices, back_up, own_uid, run_command, run_command_as};

/// The name of backups in the audit log.
pub const BACKUP: &str = "backup";

/// The field that names a command.
pub(super) const COMMAND_TAG: &str = "command";

/// A command of the operator. A field that it does not have is an error: one that is misspelt must
/// not be taken for one that is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
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
    /// Looks up what is known of a number, and what happened lately.
    Lookup {
        /// Of what.
        key: LookupKey,
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
        #[serde(default)]
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
    pub(super) fn audited_name(&self) -> Option<&'static str> {
        match self {
            Self::Ping | Self::Inspect | Self::TestCodeFinish { .. } => None,
            Self::SessionsList { .. } => Some("sessions_list"),
            Self::SessionsRevoke { .. } => Some("sessions_revoke"),
            Self::Backup { .. } => Some(BACKUP),
            Self::Unlock { .. } => Some("unlock"),
            Self::Lookup { .. } => Some("lookup"),
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
    /// What is known of a number.
    Found {
        /// The report.
        report: Box<LookupReport>,
    },
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
    /// Nothing is stored about the person, or nothing is known of the request.
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

    /// A later attempt may succeed.
    pub(super) fn unavailable(cause: impl ToString) -> Self {
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
