//! Faults of the data directory and its content. `docs/developers/faults.md` lists the expected
//! messages.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Store, metadata};
use latchkey::server::system::clock::Clock;
use redb::TableDefinition;

use crate::binary::full_disk;
use crate::binary::process::{ChildProcess, TestEnvironment, run_command};

const HEAD: &str = "### What is refused at the start\n\n";
/// The user `nobody`, because root may read and write everything.
const NOBODY: u32 = 65_534;
const DAY: Duration = Duration::from_secs(86_400);

/// A data directory with a store and a key, as a server leaves them.
struct Data {
    env: TestEnvironment,
    folder: PathBuf,
    store: PathBuf,
    key: PathBuf,
}

impl Data {
    async fn used() -> Self {
        let data = Self::unused();
        let mut server = ChildProcess::start_server(&data.env, &["serve", "--sandbox"]).await;
        assert_eq!(server.terminate(), Some(0));
        data
    }

    fn unused() -> Self {
        let env = TestEnvironment::new();
        let store = env.store_path();
        let folder = store.parent().unwrap().to_owned();
        Self {
            key: folder.join("secrets.key"),
            folder,
            store,
            env,
        }
    }

    /// The table row of a start that is refused.
    async fn row(&self, what: &str) -> String {
        let mut command = self.env.command(&["serve", "--sandbox"], &[]);
        self.without_rights(&mut command);
        self.row_of(what, &mut command).await
    }

    async fn row_of(&self, what: &str, command: &mut Command) -> String {
        let before = fs::read(&self.store).ok();
        let output = command.stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(2 | 3)), "{what}: {stderr}");
        // The disk and the other process may change by themselves.
        let code = if code == Some(3) {
            " Exit code: 3."
        } else {
            ""
        };
        assert!(!stderr.contains("panicked"), "{what}: {stderr}");
        let (_, message) = stderr
            .rsplit_once("latchkey: ")
            .unwrap_or_else(|| panic!("{what}: {stderr}"));
        let message = message
            .trim()
            .replace(&*self.folder.to_string_lossy(), "DATA");
        let file = match (before, fs::read(&self.store).ok()) {
            (None, None) => "none is created",
            (None, Some(after)) if after.is_empty() => "empty; the next start uses it",
            (Some(before), Some(after)) if before == after => "unchanged",
            (Some(before), Some(after)) if content(&before).await == content(&after).await => {
                "opened, content unchanged"
            }
            (before, after) => {
                panic!(
                    "{what}: {:?} before, {:?} after",
                    before.map(|b| b.len()),
                    after.map(|b| b.len())
                )
            }
        };
        format!("- {what}. The store's file: {file}.{code} Message: {message}")
    }

    /// Root hands the folder over and drops its privileges.
    fn without_rights(&self, command: &mut Command) {
        if !rustix::process::getuid().is_root() {
            return;
        }
        let mut all = vec![self.env.folder.path().to_owned()];
        while let Some(path) = all.pop() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            if path.is_dir() {
                all.extend(
                    fs::read_dir(&path)
                        .unwrap()
                        .map(|entry| entry.unwrap().path()),
                );
            }
        }
        command.uid(NOBODY).gid(NOBODY);
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// The content of a store, independent of its page layout.
async fn content(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (store, backup) = (folder.path().join("store"), folder.path().join("backup"));
    fs::write(&store, bytes).unwrap();
    let opened = RedbStore::open(&store, RedbOptions::default()).unwrap();
    let keys = BackupKeys::derive(&[7; 32].into()).unwrap();
    opened
        .back_up(&backup, false, &keys, Timestamp::default())
        .await
        .unwrap();
    fs::read(backup).unwrap()
}

/// Changes the file with redb itself.
fn change(store: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = redb::Database::create(store).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

async fn last_used(store: &Path, moved: impl FnOnce(Timestamp) -> Timestamp) {
    let store = RedbStore::open(store, RedbOptions::default()).unwrap();
    metadata::write_last_use(&store, moved(Clock::system().now()))
        .await
        .unwrap();
    store.close().unwrap();
}

/// The document and the messages wrap lines differently.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces times and sizes, which differ between runs.
fn timeless(row: &str) -> String {
    let words = row.split(' ').map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let (name, size) = word.split_once('=').unwrap_or_default();
        if word.contains('T') && digits >= 14 {
            let text: String = word.chars().filter(|sign| "\":,".contains(*sign)).collect();
            // Two colons belong to the time itself.
            if text.contains('"') {
                "\"TIME\"".to_owned()
            } else {
                format!("TIME{}", text.get(2..).unwrap())
            }
        } else if name.ends_with("_len") && size.starts_with(|sign: char| sign.is_ascii_digit()) {
            format!(
                "{name}=N{}",
                size.trim_start_matches(|sign: char| sign.is_ascii_digit())
            )
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

async fn rows() -> String {
    let mut rows = String::new();
    let mut add = |row: String| rows.extend([timeless(&row), "\n".to_owned()]);

    let data = Data::unused();
    allow(data.env.folder.path(), 0o500);
    add(data
        .row("The folder is missing and cannot be created")
        .await);
    allow(data.env.folder.path(), 0o700);
    let data = Data::unused();
    fs::create_dir(&data.folder).unwrap();
    allow(&data.folder, 0o500);
    add(data
        .row("The folder is read-only, and there is no store yet")
        .await);
    allow(&data.folder, 0o700);
    let data = Data::unused();
    fs::write(&data.folder, "").unwrap();
    add(data.row("A file has the folder's name").await);
    let data = Data::unused();
    fs::create_dir_all(&data.store).unwrap();
    fs::write(&data.key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    add(data.row("A folder has the store's name").await);

    let data = Data::used().await;
    for (mode, what) in [
        (0o000, "The file cannot be read"),
        (0o400, "The file cannot be written"),
    ] {
        allow(&data.store, mode);
        add(data.row(what).await);
        allow(&data.store, 0o600);
    }
    fs::write(&data.store, "SQLite format 3\0".repeat(1000)).unwrap();
    add(data.row("The file belongs to another program").await);
    fs::remove_file(&data.store).unwrap();
    change(&data.store, |transaction| {
        transaction
            .open_table(TableDefinition::<u32, u32>::new("things"))
            .unwrap()
            .insert(1, 1)
            .unwrap();
    });
    add(data
        .row("The file belongs to another program that uses redb too")
        .await);

    let data = Data::used().await;
    let sound = fs::read(&data.store).unwrap();
    fs::write(&data.store, &sound[..sound.len() / 2]).unwrap();
    add(data.row("The file is truncated").await);
    fs::write(&data.store, &sound).unwrap();
    damage(&data.store, &sound);
    add(data.row("The file is damaged").await);
    fs::write(&data.store, &sound).unwrap();
    change(&data.store, |transaction| {
        transaction
            .open_table(TableDefinition::<&str, u64>::new("meta"))
            .unwrap()
            .insert("schema", 99)
            .unwrap();
    });
    add(data.row("A later version wrote the file").await);

    let data = Data::used().await;
    let owner = RedbStore::open(&data.store, RedbOptions::default()).unwrap();
    add(data.row("Another process has the file open").await);
    owner.close().unwrap();
    let key = fs::read(&data.key).unwrap();
    fs::remove_file(&data.key).unwrap();
    add(data.row("The key is missing").await);
    assert!(!data.key.exists(), "no new key is made");
    fs::write(&data.key, "not a key").unwrap();
    add(data.row("The key is not a key").await);
    fs::write(&data.key, &key).unwrap();
    allow(&data.key, 0o000);
    add(data.row("The key cannot be read").await);
    allow(&data.key, 0o600);

    last_used(&data.store, |now| now + 2 * DAY).await;
    add(data.row("The clock is more than a day behind").await);
    last_used(&data.store, |now| now.saturating_sub(91 * DAY)).await;
    add(data.row("The clock is more than 90 days ahead").await);
    let data = Data::unused();
    let mut limited = full_disk::limited(&data.env, 64);
    add(data
        .row_of("The disk is full, and there is no store yet", &mut limited)
        .await);
    rows
}

/// Flips a bit of a page that is in use.
fn damage(store: &Path, sound: &[u8]) {
    for env in (sound.len() / 8..sound.len()).step_by(512) {
        let mut bytes = sound.to_vec();
        bytes[env] ^= 1;
        fs::write(store, &bytes).unwrap();
        if bytes[env] != 1 && RedbStore::open(store, RedbOptions::default()).is_err() {
            fs::write(store, &bytes).unwrap();
            return;
        }
    }
    panic!("no page is in use");
}

#[tokio::test]
async fn a_clock_jump_is_accepted_once_when_configured() {
    let data = Data::used().await;
    last_used(&data.store, |now| now + 2 * DAY).await;
    let list = |variables: &[(String, String)]| {
        let variables = [data.env.upstream_variables(), variables.to_vec()].concat();
        let output = run_command(&data.env, &["sessions", "list"], &variables, "");
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (listed, message) = list(&[]);
    let (_, time) = message
        .split_once("accept_last_use = \"")
        .unwrap_or_else(|| panic!("{message}"));
    let (time, _) = time.split_once('"').unwrap();
    assert!(!listed);
    let (listed, message) = list(&[(
        "LATCHKEY_STORE__ACCEPT_LAST_USE".to_owned(),
        time.to_owned(),
    )]);
    assert!(listed, "{message}");
    assert!(list(&[]).0, "the clock is that of the store now");
}

#[tokio::test]
async fn faults_at_the_start_are_reported_and_damage_nothing() {
    let rows = rows().await;
    let reference = include_str!("../../../docs/developers/faults.md");
    let list = reference
        .split_once(HEAD)
        .map(|(_, rest)| one_line(rest.split("\n\n").next().unwrap()));
    assert_eq!(
        list,
        Some(one_line(&rows)),
        "docs/developers/faults.md must show\n{HEAD}{rows}"
    );
}
