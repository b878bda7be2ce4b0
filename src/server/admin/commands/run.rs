//! Runs the operator's commands. The running server does it for the admin socket; the command line
//! does it itself on the store of a stopped server, and on Redis.

use std::path::Path;
use std::sync::Arc;

use crate::domain::timestamp::Timestamp;
use crate::server::admin::commands::{AdminCommand, AdminReply, CommandFailure, SessionOwner};
use crate::server::admin::identifier_input::parse_identifier;
use crate::server::admin::{lookup, personal_data};
use crate::server::audit::{AuditLog, Event, EventSource};
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::session::Sessions;
use crate::server::sign_in::SignIn;
use crate::server::store::Store;
use crate::server::system::clock::Clock;
use crate::server::test_numbers::{TestMessageError, TestNumbers};

/// Why a command is refused while the audit log cannot be written.
const NO_AUDIT_LOG: &str = "the audit log cannot be written, and telemetry.audit_overflow is \
    `refuse`; the server's log says why";

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

/// The user that this process runs as.
pub fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Runs a command of the user that this process runs as.
pub async fn run_command(services: &AdminServices, command: &AdminCommand) -> AdminReply {
    run_command_as(&EventSource::operator(own_uid()), services, command).await
}

/// Runs a command that came from `source`, which events name.
pub async fn run_command_as(
    source: &EventSource,
    services: &AdminServices,
    command: &AdminCommand,
) -> AdminReply {
    let result = run(source, services, command).await;
    if let Some(name) = command.audited_name() {
        let succeeded = !matches!(
            result,
            Err(_) | Ok(AdminReply::NoMessage | AdminReply::NothingStored)
        );
        let event = Event::AdminCommand {
            command: name,
            succeeded,
        };
        services.audit.emit(source, &event);
    }
    result.unwrap_or_else(AdminReply::Failed)
}

async fn run(
    source: &EventSource,
    services: &AdminServices,
    command: &AdminCommand,
) -> Result<AdminReply, CommandFailure> {
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
        AdminCommand::SessionsRevoke { owner } => revoke(services, owner, source).await,
        AdminCommand::Backup { file, replace } => {
            let (keys, now) = (&services.backup_keys, services.clock.now());
            back_up(&*services.store, file, *replace, keys, now).await
        }
        AdminCommand::Unlock { identifier } => unlock(services, identifier, source).await,
        AdminCommand::Lookup { key } => {
            let report = lookup::look_up(services.sign_in.deps(), key, source).await?;
            Ok(
                report.map_or(AdminReply::NothingStored, |report| AdminReply::Found {
                    report: Box::new(report),
                }),
            )
        }
        AdminCommand::Export { person } => {
            let data = personal_data::export(services.sign_in.deps(), person, source).await?;
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
            let erasure = personal_data::erase(deps, person, *with_limits, source).await?;
            Ok(
                erasure.map_or(AdminReply::NothingStored, |erasure| AdminReply::Erased {
                    erasure,
                }),
            )
        }
        AdminCommand::TestCode { identifier } => {
            let numbers = &services.test_numbers;
            match numbers.read_message(identifier, source.operator).await {
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
