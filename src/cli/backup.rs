//! `latchkey backup`, `latchkey restore`, `latchkey compact`: the store's file, as a whole.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use latchkey::server::admin::admin_socket::{self, AdminCommand, AdminReply};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::crypto::secret_key;
use latchkey::server::settings::{Settings, StoreEngine};
use latchkey::server::store::BackupSummary;
use latchkey::server::store::redb::{self, CheckedBackup};
use latchkey::server::wiring;

use crate::cli::{Done, Outside, admin_client, say, say_error};

/// What Redis has for it.
const REDIS: &str = "state rests in Redis, which has means of its own: BGSAVE or an append-only file and a copy of it, and \
                     a restart of Redis with that copy";

/// Writes a backup: the running server does, or the command itself for a stopped one.
pub async fn back_up(outside: Outside, file: &Path, replace: bool) -> Done {
    file_of(&outside.settings)?;
    let file = std::path::absolute(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let command = AdminCommand::Backup {
        file: file.clone(),
        replace,
    };
    let answer = match admin_client::running_server(&outside, &command).await? {
        Some(answer) => answer,
        None => {
            let store = wiring::open_existing_store(&outside.settings)
                .map_err(|error| error.to_string())?;
            admin_socket::back_up(&*store, &file, replace, outside.clock.now()).await?
        }
    };
    let AdminReply::BackedUp { contents } = answer else {
        return Ok(admin_client::show(answer));
    };
    say(&format!("{}: {}", file.display(), in_words(&contents)));
    say("secrets.key is not in it: keep a copy of that elsewhere, or nobody can read the backup");
    Ok(ExitCode::SUCCESS)
}

/// Lets a backup take the store's place; or, with `check`, only looks at it.
pub fn restore(outside: &Outside, file: &Path, replace: bool, check: bool) -> Done {
    let store = file_of(&outside.settings)?;
    if check {
        let backup = redb::inspect(file).map_err(|error| error.to_string())?;
        say(&format!(
            "{}: sound, {}",
            file.display(),
            in_words(&backup.summary)
        ));
        return Ok(if fits(outside, &backup) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let restored = redb::restore(file, &store, replace, outside.clock.now());
    let (backup, aside) = restored.map_err(|error| error.to_string())?;
    say(&format!(
        "{}: restored, {}",
        store.display(),
        in_words(&backup.summary)
    ));
    if let Some(aside) = aside {
        say(&format!(
            "the store that was there is now {}",
            aside.display()
        ));
    }
    let moment = backup.summary.taken_at.to_rfc3339();
    say(&format!(
        "\nMIND: everything after {moment} is undone.\n  \
         Sessions that were signed out or revoked since are ALIVE AGAIN; those that began since are gone.\n  \
         Sends, tries and failures counted since are forgotten, so limits allow more than they should for a while.\n  \
         To end every session now: latchkey sessions revoke --all"
    ));
    fits(outside, &backup);
    Ok(ExitCode::SUCCESS)
}

/// Makes the file as small as what is in it.
pub fn compact(outside: &Outside) -> Done {
    let store = file_of(&outside.settings)?;
    let (before, after) = redb::compact(&store).map_err(|error| error.to_string())?;
    say(&format!(
        "{}: {} before, {} now",
        store.display(),
        mebibytes(before),
        mebibytes(after)
    ));
    Ok(ExitCode::SUCCESS)
}

fn file_of(settings: &Settings) -> Result<PathBuf, String> {
    match settings
        .store
        .engine()
        .map_err(|error| format!("store.url: {error}"))?
    {
        StoreEngine::Redb(file) => Ok(file),
        StoreEngine::Redis(_) => Err(REDIS.to_owned()),
    }
}

/// Whether the keys in use can read a backup; says so, or what they cannot do with it.
fn fits(outside: &Outside, backup: &CheckedBackup) -> bool {
    let keys = secret_key::read(&outside.settings).map_err(|error| error.to_string());
    let keys = keys.and_then(|ring| {
        ring.map(|ring| DerivedKeys::derive(&ring, outside.random.clone()))
            .transpose()
            .map_err(|error| error.to_string())
    });
    match (keys, &backup.keys) {
        (Ok(Some(keys)), Some(mark)) => match mark.find_mismatch(&keys) {
            None => {
                say(&format!("the key in use fits (index key {})", mark.index));
                return true;
            }
            Some(loss) => say_error(&format!(
                "\nlatchkey: the key in use is not this backup's: {loss}"
            )),
        },
        (Ok(None), Some(mark)) => say_error(&format!(
            "\nlatchkey: there is no key yet: put the one back that was in use with this backup (index key {})",
            mark.index
        )),
        (Err(error), _) => say_error(&format!("\nlatchkey: {error}")),
        // It says of no key: there was none when it was made.
        (Ok(_), None) => return true,
    }
    false
}

fn in_words(contents: &BackupSummary) -> String {
    let BackupSummary {
        taken_at,
        sessions,
        records,
        counters,
        bytes,
    } = contents;
    let moment = taken_at.to_rfc3339();
    format!(
        "{sessions} live sessions, {records} records and {counters} counters as of {moment}, {}",
        mebibytes(*bytes)
    )
}

fn mebibytes(bytes: u64) -> String {
    format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20)
}
