//! `latchkey backup`, `latchkey restore`, `latchkey compact`: commands on the store's file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchkey::server::admin::commands::{self, AdminCommand, AdminReply};
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::crypto::secret_key;
use latchkey::server::settings::{Settings, StoreEngine};
use latchkey::server::store::redb::{self, CheckedBackup, RestoreOptions};
use latchkey::server::store::{BackupAuthentication, BackupSummary};
use latchkey::server::wiring;

use crate::cli::admin_client;
use crate::cli::command_error::{CommandError, NEGATIVE};
use crate::cli::context::{CommandResult, Context, print_line, print_message};

/// The error with Redis.
const REDIS_ERROR: &str = "state is stored in Redis, which has its own means: BGSAVE or an \
    append-only file and a copy of it, and a restart of Redis with that copy";

/// Writes a backup: by the running server, or directly if it is stopped.
pub async fn back_up(context: Context, file: &Path, replace: bool) -> CommandResult {
    redb_file(&context.settings)?;
    let file =
        std::path::absolute(file).map_err(|error| CommandError::io(file.display(), &error))?;
    let command = AdminCommand::Backup {
        file: file.clone(),
        replace,
    };
    let reply = match admin_client::find_server(&context).await? {
        Some(server) => server.run(&command).await?,
        None => {
            let store = wiring::open_existing_store(&context.settings)?;
            let (keys, now) = (backup_keys(&context), context.clock.now());
            let written = commands::back_up(&*store, &file, replace, &keys, now).await;
            admin_client::audit_command(&context, commands::BACKUP, written.is_ok())?;
            written?
        }
    };
    let AdminReply::BackedUp { contents } = reply else {
        return admin_client::print_reply(reply);
    };
    print_line(&format!("{}: {}", file.display(), describe(&contents)))?;
    print_line(
        "secrets.key is not in it: keep a copy of that elsewhere, or nobody can read the backup",
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Validates a backup.
pub fn check(context: &Context, file: &Path, options: RestoreOptions) -> CommandResult {
    redb_file(&context.settings)?;
    let backup = redb::inspect(file, &backup_keys(context))?;
    let authentication = match &backup.authentication {
        BackupAuthentication::Authentic => "authentic",
        BackupAuthentication::Missing => "without an authentication code",
        BackupAuthentication::OtherKey(_) => "with a code by another key",
    };
    print_line(&format!(
        "{}: sound, {authentication}, {}",
        file.display(),
        describe(&backup.summary)
    ))?;
    let is_authentic = backup.authentication == BackupAuthentication::Authentic;
    if !is_authentic {
        print_message(
            "\nlatchkey: nothing proves that the backup was not forged; `latchkey restore` refuses \
             it without --accept-unauthenticated",
        );
    }
    let is_accepted = is_authentic || options.accept_unauthenticated;
    Ok(if compare_keys(context, &backup)? && is_accepted {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NEGATIVE)
    })
}

/// Replaces the store by a backup.
pub fn restore(context: &Context, file: &Path, options: RestoreOptions) -> CommandResult {
    let store = redb_file(&context.settings)?;
    let (keys, now) = (backup_keys(context), context.clock.now());
    let restored = redb::restore(file, &store, options, &keys, now);
    admin_client::audit_command(context, "restore", restored.is_ok())?;
    let (backup, former_file) = restored?;
    print_line(&format!(
        "{}: restored, {}",
        store.display(),
        describe(&backup.summary)
    ))?;
    if backup.authentication != BackupAuthentication::Authentic {
        print_line("WARNING: nothing proves that this backup was not forged.")?;
    }
    if let Some(former_file) = former_file {
        print_line(&format!(
            "the store that was there is now {}",
            former_file.display()
        ))?;
    }
    let taken_at = backup.summary.taken_at.to_rfc3339();
    print_line(&format!(
        "\nWARNING: everything after {taken_at} is undone.\n  \
         Sessions that ended since are ACTIVE AGAIN; those that started since are gone.\n  \
         Sends, attempts and failures since are forgotten, so limits allow more for a while.\n  \
         To end every session now: latchkey sessions revoke --all"
    ))?;
    compare_keys(context, &backup)?;
    Ok(ExitCode::SUCCESS)
}

/// Shrinks the file.
pub fn compact(context: &Context) -> CommandResult {
    let store = redb_file(&context.settings)?;
    let compacted = redb::compact(&store);
    admin_client::audit_command(context, "compact", compacted.is_ok())?;
    let (before, after) = compacted?;
    print_line(&format!(
        "{}: {} before, {} now",
        store.display(),
        mebibytes(before),
        mebibytes(after)
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The file of the store; an error where the store is Redis.
fn redb_file(settings: &Settings) -> Result<PathBuf, CommandError> {
    match settings
        .store
        .engine()
        .map_err(|error| format!("store.url: {error}"))?
    {
        StoreEngine::Redb(file) => Ok(file),
        StoreEngine::Redis(_) => Err(REDIS_ERROR.into()),
    }
}

/// The keys that authenticate backups; none if the secret key is missing or cannot be read.
fn backup_keys(context: &Context) -> BackupKeys {
    let ring = secret_key::read(&context.settings).ok().flatten();
    ring.and_then(|ring| BackupKeys::derive(&ring).ok())
        .unwrap_or_default()
}

/// Whether the keys in use can decrypt a backup. Prints the result.
fn compare_keys(context: &Context, backup: &CheckedBackup) -> Result<bool, CommandError> {
    let keys = secret_key::read(&context.settings).map_err(|error| error.to_string());
    let keys = keys.and_then(|ring| {
        ring.map(|ring| DerivedKeys::derive(&ring, context.random.clone()))
            .transpose()
            .map_err(|error| error.to_string())
    });
    match (keys, &backup.keys) {
        (Ok(Some(keys)), Some(mark)) => match mark.find_mismatch(&keys) {
            None => {
                print_line(&format!("the key in use fits (index key {})", mark.index))?;
                return Ok(true);
            }
            Some(loss) => print_message(&format!(
                "\nlatchkey: the key in use is not this backup's: {loss}"
            )),
        },
        (Ok(None), Some(mark)) => print_message(&format!(
            "\nlatchkey: there is no key yet: put the one back that was in use with this backup \
             (index key {})",
            mark.index
        )),
        (Err(error), _) => print_message(&format!("\nlatchkey: {error}")),
        // The backup names no key, because the store had none.
        (Ok(_), None) => return Ok(true),
    }
    Ok(false)
}

fn describe(contents: &BackupSummary) -> String {
    let BackupSummary {
        taken_at,
        sessions,
        records,
        counters,
        bytes,
    } = contents;
    let taken_at = taken_at.to_rfc3339();
    format!(
        "{sessions} live sessions, {records} records and {counters} counters as of {taken_at}, {}",
        mebibytes(*bytes)
    )
}

fn mebibytes(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}
