//! What can be wrong with the data directory and what is in it. `docs/faults.md` holds what is expected.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use latchkey::server::clock::{Clock, Timestamp};
use latchkey::server::store::redb::{Options, RedbStore};
use latchkey::server::store::{Expect, Key, Kind, Store, marks};
use redb::TableDefinition;
use rustix::process::{Pid, Resource, getrlimit, prlimit};

use super::process::{Person, Place, Process};
use crate::support::{KNOWN, until};

const HEAD: &str = "| what is wrong | what `latchkey serve` says | the store's file |\n|---|---|---|\n";
/// Somebody without rights (`nobody`): root may read and write everything.
const NOBODY: u32 = 65_534;
const DAY: Duration = Duration::from_secs(86_400);

/// A data directory with a store and a key in it, as a server leaves them.
struct Data {
    place: Place,
    folder: PathBuf,
    store: PathBuf,
    key: PathBuf,
}

impl Data {
    async fn used() -> Self {
        let data = Self::unused();
        let mut server = Process::start(&data.place, &["serve", "--sandbox"]).await;
        assert_eq!(server.terminate(), Some(0));
        data
    }

    fn unused() -> Self {
        let place = Place::new();
        let store = place.store();
        let folder = store.parent().unwrap().to_owned();
        Self { key: folder.join("secrets.key"), folder, store, place }
    }

    /// The row of a start that is refused.
    async fn row(&self, what: &str) -> String {
        let mut command = self.place.command(&["serve", "--sandbox"], &[]);
        self.without_rights(&mut command);
        self.row_of(what, &mut command).await
    }

    async fn row_of(&self, what: &str, command: &mut Command) -> String {
        let before = fs::read(&self.store).ok();
        let output = command.stdin(Stdio::null()).output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{what}: {complaint}");
        assert!(!complaint.contains("panicked"), "{what}: {complaint}");
        let (_, said) = complaint.rsplit_once("latchkey: ").unwrap_or_else(|| panic!("{what}: {complaint}"));
        let said = said.trim().replace(&*self.folder.to_string_lossy(), "DATA");
        let file = match (before, fs::read(&self.store).ok()) {
            (None, None) => "none is made",
            (None, Some(after)) if after.is_empty() => "empty: the next start begins with it",
            (Some(before), Some(after)) if before == after => "as it was",
            (Some(before), Some(after)) if content(&before).await == content(&after).await => "opened, nothing changed",
            (before, after) => {
                panic!("{what}: {:?} before, {:?} after", before.map(|b| b.len()), after.map(|b| b.len()))
            }
        };
        format!("| {what} | {said} | {file} |\n")
    }

    /// Root hands the folder over and steps back.
    fn without_rights(&self, command: &mut Command) {
        if !rustix::process::getuid().is_root() {
            return;
        }
        let mut all = vec![self.place.folder.path().to_owned()];
        while let Some(path) = all.pop() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            if path.is_dir() {
                all.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        command.uid(NOBODY).gid(NOBODY);
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// What is in a store, whatever its pages look like.
async fn content(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (store, backup) = (folder.path().join("store"), folder.path().join("backup"));
    fs::write(&store, bytes).unwrap();
    let opened = RedbStore::open(&store, Options::default()).unwrap();
    opened.back_up(&backup, false, Timestamp::default()).await.unwrap();
    fs::read(backup).unwrap()
}

/// Changes what is in the file, by redb's own means.
fn change(store: &Path, change: impl FnOnce(&redb::WriteTransaction)) {
    let database = redb::Database::create(store).unwrap();
    let transaction = database.begin_write().unwrap();
    change(&transaction);
    transaction.commit().unwrap();
}

async fn last_used(store: &Path, moved: impl FnOnce(Timestamp) -> Timestamp) {
    let store = RedbStore::open(store, Options::default()).unwrap();
    marks::mark_use(&store, moved(Clock::system().now())).await.unwrap();
    store.close().unwrap();
}

/// Takes times and sizes out, which are not always the same.
fn timeless(row: &str) -> String {
    let words = row.split(' ').map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let (name, size) = word.split_once('=').unwrap_or_default();
        if word.contains('T') && digits >= 14 {
            let text: String = word.chars().filter(|sign| "\":,".contains(*sign)).collect();
            // The colons of the time itself are two.
            if text.contains('"') { "\"TIME\"".to_owned() } else { format!("TIME{}", text.get(2..).unwrap()) }
        } else if name.ends_with("_len") && size.starts_with(|sign: char| sign.is_ascii_digit()) {
            format!("{name}=N{}", size.trim_start_matches(|sign: char| sign.is_ascii_digit()))
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

async fn rows() -> String {
    let mut rows = String::new();
    let mut add = |row: String| rows.push_str(&timeless(&row));

    let data = Data::unused();
    allow(data.place.folder.path(), 0o500);
    add(data.row("the folder is missing and cannot be made").await);
    allow(data.place.folder.path(), 0o700);
    let data = Data::unused();
    fs::create_dir(&data.folder).unwrap();
    allow(&data.folder, 0o500);
    add(data.row("the folder is read-only, and there is no store yet").await);
    allow(&data.folder, 0o700);
    let data = Data::unused();
    fs::write(&data.folder, "").unwrap();
    add(data.row("a file has the folder's name").await);
    let data = Data::unused();
    fs::create_dir_all(&data.store).unwrap();
    fs::write(&data.key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    add(data.row("a folder has the store's name").await);

    let data = Data::used().await;
    for (mode, what) in [(0o000, "the file may not be read"), (0o400, "the file may not be written")] {
        allow(&data.store, mode);
        add(data.row(what).await);
        allow(&data.store, 0o600);
    }
    fs::write(&data.store, "SQLite format 3\0".repeat(1000)).unwrap();
    add(data.row("the file is another program's").await);
    fs::remove_file(&data.store).unwrap();
    change(&data.store, |transaction| {
        transaction.open_table(TableDefinition::<u32, u32>::new("things")).unwrap().insert(1, 1).unwrap();
    });
    add(data.row("the file is another program's, of the same database").await);

    let data = Data::used().await;
    let sound = fs::read(&data.store).unwrap();
    fs::write(&data.store, &sound[..sound.len() / 2]).unwrap();
    add(data.row("the file is cut off").await);
    fs::write(&data.store, &sound).unwrap();
    damage(&data.store, &sound);
    add(data.row("the file is damaged").await);
    fs::write(&data.store, &sound).unwrap();
    change(&data.store, |transaction| {
        transaction.open_table(TableDefinition::<&str, u64>::new("meta")).unwrap().insert("schema", 99).unwrap();
    });
    add(data.row("a later version wrote the file").await);

    let data = Data::used().await;
    let owner = RedbStore::open(&data.store, Options::default()).unwrap();
    add(data.row("another process has the file open").await);
    owner.close().unwrap();
    let key = fs::read(&data.key).unwrap();
    fs::remove_file(&data.key).unwrap();
    add(data.row("the key is gone").await);
    assert!(!data.key.exists(), "no new key is made");
    fs::write(&data.key, "not a key").unwrap();
    add(data.row("the key is none").await);
    fs::write(&data.key, &key).unwrap();
    allow(&data.key, 0o000);
    add(data.row("the key may not be read").await);
    allow(&data.key, 0o600);

    last_used(&data.store, |now| now + 2 * DAY).await;
    add(data.row("the clock is more than a day behind").await);
    last_used(&data.store, |now| now.minus(91 * DAY)).await;
    add(data.row("the clock is more than 90 days ahead").await);
    let data = Data::unused();
    let mut limited = limited(&data.place, 64);
    add(data.row_of("the disk is full, and there is no store yet", &mut limited).await);
    rows
}

/// Turns a bit of a page that is in use.
fn damage(store: &Path, sound: &[u8]) {
    for place in (sound.len() / 8..sound.len()).step_by(512) {
        let mut bytes = sound.to_vec();
        bytes[place] ^= 1;
        fs::write(store, &bytes).unwrap();
        if bytes[place] != 1 && RedbStore::open(store, Options::default()).is_err() {
            fs::write(store, &bytes).unwrap();
            return;
        }
    }
    panic!("no page is in use");
}

/// A server whose files may be that long, in blocks of 512 bytes: a disk that is full.
fn limited(place: &Place, blocks: u64) -> Command {
    let serve = place.command(&["serve", "--sandbox"], &[]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -S -f $1; exec \"$2\" serve --sandbox", "sh", &blocks.to_string()]);
    command.arg(serve.get_program()).current_dir(place.folder.path()).env_clear();
    command.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command
}

#[tokio::test]
async fn what_can_be_wrong_at_the_start_is_told_and_nothing_is_damaged() {
    let rows = rows().await;
    let reference = include_str!("../../../docs/faults.md");
    let table = reference.split_once(HEAD).map(|(_, rest)| rest.split("\n\n").next().unwrap().trim_end());
    assert_eq!(table, Some(rows.trim_end()), "docs/faults.md must show\n{HEAD}{rows}");
}

const FULL: &str = "LATCHKEY_TEST_FILL_PATH";

/// The child's part of the test below: fills the file up to the limit that the shell set.
#[tokio::test]
async fn filling_child() {
    let Ok(path) = std::env::var(FULL) else { return };
    let store = RedbStore::open(Path::new(&path), Options::default()).unwrap();
    let now = Clock::system().now();
    for (size, most) in [(20_000, 1000), (1_000, 1000)] {
        let mut failed = false;
        for number in 0..most {
            let mut text = String::new();
            write!(text, "{size} {number}").unwrap();
            let key = Key { kind: Kind::Work, id: latchkey::server::keys::sha256(text.as_bytes()) };
            if store.put(key, None, Expect::Any, vec![0; size], now + DAY, now).await.is_err() {
                failed = true;
                break;
            }
        }
        assert!(failed, "the limit was not reached");
    }
    let _ = store.close();
}

#[tokio::test]
async fn a_disk_that_is_full_refuses_what_must_be_written_and_all_comes_back_without_a_restart() {
    let place = Place::new();
    let mut server = Process::start(&place, &["serve", "--sandbox"]).await;
    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    assert_eq!(server.terminate(), Some(0));
    let blocks = fs::metadata(place.store()).unwrap().len().max(1 << 20) / 512;
    let filled = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f $1; exec \"$2\" binary::disk::filling_child --exact", "sh"])
        .arg(blocks.to_string())
        .arg(std::env::current_exe().unwrap())
        .env(FULL, place.store())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&filled.stdout).into_owned();
    assert!(filled.status.success() && said.contains("1 passed"), "{said}");

    let mut server = Process::spawn(&place, "serve", &mut limited(&place, blocks));
    until("the server", async || place.is_up().await).await;
    let mut asking = Person::new(&place);
    assert_eq!(asking.get("/sign-in").await.0, 200);
    let mut refused = None;
    // The file may have a page or two left.
    for number in 0..200 {
        let (status, body) = asking.post("send-code", &[("phone", &format!("+4474005{number:05}"))]).await;
        if status != 200 {
            refused = Some((status, body));
            break;
        }
    }
    let (status, body) = refused.expect("the disk was not full");
    assert!(status == 503 && body.contains("unavailable"), "{status} {body}");
    let (status, body) = person.get("/api/session").await;
    assert_eq!(status, 200, "who is signed in stays so: {body}");
    let (status, body) = person.clone().post("sign-out", &[]).await;
    assert!(status == 503 && body.contains("unavailable"), "not told to be out: {status} {body}");
    assert!(server.complaints().contains("the store cannot write"), "{}", server.complaints());

    let pid = Pid::from_raw(i32::try_from(server.id()).unwrap()).unwrap();
    let unlimited = getrlimit(Resource::Fsize);
    prlimit(Some(pid), Resource::Fsize, unlimited).unwrap();
    let mut back = Person::new(&place);
    until("the way back", async || back.post("send-code", &[("phone", "+447400599999")]).await.0 == 200).await;
    assert_eq!(person.get("/api/session").await.0, 200);
    assert_eq!(person.post("sign-out", &[]).await.0, 200);
    assert_eq!(place.operations("/readyz").await.0, 200);
    assert_eq!(server.terminate(), Some(0));
}
