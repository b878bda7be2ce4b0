//! What a verification finds: every change of a byte and of a line, in files as the outputs of this
//! module write them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::domain::timestamp::Timestamp;
use crate::server::audit::chain::{ChainedFile, derive_keys};
use crate::server::crypto::key_ring::{KeyRing, SecretKey};
use crate::server::system::background_writer::{LineOutput, write_line};
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;

/// A folder with an audit file.
struct Log {
    folder: TempDir,
    keys: MacKeys,
}

impl Log {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            keys: ring(&[1]),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn audit_file(&self) -> PathBuf {
        self.path("audit.jsonl")
    }

    /// What a process does that opens the file.
    fn open(&self) -> ChainedFile {
        let (clock, _) = Clock::manual(Timestamp::from_secs(1_774_000_000));
        let mut file = ChainedFile::new(
            self.audit_file(),
            self.keys.clone(),
            &Random::system(),
            clock,
        );
        file.prepare().unwrap();
        file.release();
        file
    }

    fn verify(&self, names: &[&str]) -> VerifyReport {
        verify(&self.keys, names.iter().map(|name| self.path(name)))
    }

    fn problems(&self, names: &[&str]) -> Vec<LogProblem> {
        problems(self.verify(names))
    }
}

fn ring(newest_first: &[u8]) -> MacKeys {
    let mut keys = newest_first.iter().map(|key| SecretKey::new([*key; 32]));
    let current = keys.next().unwrap();
    derive_keys(&KeyRing::new(current, keys.collect())).unwrap()
}

fn verify(keys: &MacKeys, paths: impl Iterator<Item = PathBuf>) -> VerifyReport {
    let mut verifier = Verifier::new(keys.clone());
    let sources = paths
        .map(|path| LogSource::open(&path, || verifier.read_checkpoint(&path)).unwrap())
        .collect();
    verifier.verify(sources).unwrap()
}

fn problems(report: VerifyReport) -> Vec<LogProblem> {
    report
        .problems
        .into_iter()
        .map(|found| found.what)
        .collect()
}

fn notes(report: VerifyReport) -> Vec<LogNote> {
    report.notes.into_iter().map(|found| found.what).collect()
}

fn append(file: &mut ChainedFile, count: u32) {
    for number in 0..count {
        let line = format!("{{\"time\":\"2026-03-20T09:46:40Z\",\"event\":\"e{number}\"}}\n");
        write_line(file, line.into_bytes()).unwrap();
    }
}

fn range(first: u64, last: u64) -> LineRange {
    LineRange { first, last }
}

/// Two runs of a server, and a command in between that writes while the first one has the file
/// open.
fn usual_log() -> Log {
    let log = Log::new();
    let mut server = log.open();
    append(&mut server, 3);
    append(&mut log.open(), 2);
    append(&mut server, 2);
    drop(server);
    append(&mut log.open(), 3);
    log
}

#[test]
fn l1_what_several_processes_write_is_one_chain() {
    let log = usual_log();
    let report = log.verify(&["audit.jsonl"]);
    assert_eq!(report.problems, []);
    let [file] = &report.files[..] else {
        panic!("{report:?}");
    };
    assert_eq!((file.lines, file.authentic), (10, 10));
    assert_eq!(file.numbers, Some((1, 10)));
    let text = fs::read_to_string(log.audit_file()).unwrap();
    for line in text.lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(json["event"].is_string() && json["chain"]["mac"].is_string());
    }
}

#[test]
fn l1_every_change_of_a_byte_is_found() {
    let log = Log::new();
    append(&mut log.open(), 2);
    append(&mut log.open(), 2);
    let path = log.audit_file();
    let whole = fs::read(&path).unwrap();
    let is_found = |bytes: &[u8], what: &str, index: usize| {
        fs::write(&path, bytes).unwrap();
        assert!(
            !log.problems(&["audit.jsonl"]).is_empty(),
            "{what} byte {index}"
        );
    };
    for index in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[index] ^= 1 << (index % 8);
        is_found(&bytes, "changed", index);
        let removed = bytes.remove(index);
        is_found(&bytes, "removed", index);
        bytes.insert(index, removed);
        bytes.insert(index, removed);
        is_found(&bytes, "doubled", index);
        is_found(&whole[..index], "cut at", index);
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(log.problems(&["audit.jsonl"]), []);
}

#[test]
fn l1_every_change_of_a_line_is_found_and_named() {
    let log = usual_log();
    let path = log.audit_file();
    let text = fs::read_to_string(&path).unwrap();
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    let count = whole.len();
    let found = |lines: &[&str]| {
        fs::write(&path, lines.concat()).unwrap();
        log.problems(&["audit.jsonl"])
    };
    for index in 0..count {
        let line = index as u64 + 1;
        let mut lines = whole.clone();
        let removed = lines.remove(index);
        let missing = found(&lines);
        let expected = match index {
            0 => LogProblem::BeginsInside { line },
            _ if index + 1 == count => LogProblem::MissingAtEnd { count: 1 },
            _ => LogProblem::Missing {
                before_line: line,
                count: 1,
            },
        };
        assert!(missing.contains(&expected), "{line}: {missing:?}");
        for place in 0..count {
            lines.insert(place, removed);
            let moved = found(&lines);
            assert_eq!(
                moved.is_empty(),
                place == index,
                "{line} to {place}: {moved:?}"
            );
            lines.remove(place);
        }
        for place in 0..=count {
            let mut lines = whole.clone();
            lines.insert(place, whole[index]);
            let doubled = found(&lines);
            assert!(!doubled.is_empty(), "{line} doubled at {place}");
            lines[place] = "{\"event\":\"forged\"}\n";
            let forged = found(&lines);
            let lines = range(place as u64 + 1, place as u64 + 1);
            assert!(
                forged.contains(&LogProblem::Inserted { lines }),
                "{place}: {forged:?}"
            );
        }
        let mut lines = whole.clone();
        let altered = lines[index].replace("e0", "x0").replace("\"e", "\"x");
        lines[index] = &altered;
        let expected = match index {
            0 => LogProblem::AlteredOrInserted {
                lines: range(line, line),
            },
            _ => LogProblem::Altered {
                lines: range(line, line),
            },
        };
        let altered = found(&lines);
        assert!(altered.contains(&expected), "{line}: {altered:?}");
    }
    let mut lines = whole.clone();
    lines.swap(4, 5);
    assert_eq!(found(&lines)[..1], [LogProblem::Moved { line: 6 }]);
    lines.swap(4, 5);
    lines.drain(2..5);
    assert_eq!(
        found(&lines)[..1],
        [LogProblem::Missing {
            before_line: 3,
            count: 3
        }]
    );
    for kept in 1..count {
        let expected = LogProblem::MissingAtEnd {
            count: (count - kept) as u64,
        };
        assert_eq!(found(&whole[..kept]), [expected], "{kept} kept");
    }
    assert_eq!(
        found(&[]),
        [LogProblem::MissingAtEnd {
            count: count as u64
        }]
    );
}

#[test]
fn l1_rotation_by_renaming_continues_the_chain_in_the_next_file() {
    let log = Log::new();
    let mut server = log.open();
    append(&mut server, 3);
    fs::rename(log.audit_file(), log.path("audit.jsonl.2")).unwrap();
    append(&mut server, 4);
    fs::rename(log.audit_file(), log.path("audit.jsonl.1")).unwrap();
    server.close();
    drop(server);
    append(&mut log.open(), 2);
    let all = ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"];
    let report = log.verify(&all);
    assert_eq!((report.problems, report.notes), (vec![], vec![]));
    let numbers: Vec<_> = report.files.iter().map(|file| file.numbers).collect();
    assert_eq!(numbers, [Some((1, 3)), Some((4, 7)), Some((8, 9))]);

    let newest = log.verify(&["audit.jsonl"]);
    assert_eq!(newest.problems, []);
    assert_eq!(notes(newest), [LogNote::ContinuesOlderFile { number: 8 }]);
    let without_middle = log.verify(&["audit.jsonl", "audit.jsonl.2"]);
    assert_eq!(without_middle.problems, []);
    assert_eq!(
        notes(without_middle),
        [LogNote::FilesNotNamed { first: 4, last: 7 }]
    );

    // The end of a rotated file is known from the checkpoint, and from the next file.
    let rotated = log.path("audit.jsonl.1");
    let text = fs::read_to_string(&rotated).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&rotated, lines[..2].concat()).unwrap();
    assert_eq!(
        log.problems(&all),
        [LogProblem::Missing {
            before_line: 1,
            count: 2
        }]
    );
    let mut verifier = Verifier::new(log.keys.clone());
    verifier.read_checkpoint(&log.audit_file());
    let source = LogSource::open(&rotated, || {}).unwrap();
    assert_eq!(
        problems(verifier.verify(vec![source]).unwrap()),
        [LogProblem::MissingAtEnd { count: 2 }]
    );
}

#[test]
fn l1_copytruncate_is_verified_with_its_copy_and_what_it_loses_is_missing() {
    for lost in [0, 2] {
        let log = Log::new();
        let mut server = log.open();
        append(&mut server, 3);
        fs::copy(log.audit_file(), log.path("audit.jsonl.1")).unwrap();
        append(&mut server, lost);
        fs::write(log.audit_file(), "").unwrap();
        append(&mut server, 2);
        let all = ["audit.jsonl.1", "audit.jsonl"];
        let expected = (lost > 0).then_some(LogProblem::Missing {
            before_line: 1,
            count: u64::from(lost),
        });
        assert_eq!(log.problems(&all), Vec::from_iter(expected));
        let alone = log.verify(&["audit.jsonl"]);
        assert_eq!(alone.problems, []);
        let number = u64::from(lost) + 4;
        assert_eq!(notes(alone), [LogNote::ContinuesOlderFile { number }]);
    }
}

#[test]
fn l1_a_line_that_a_crash_cut_off_is_confirmed_by_the_next_one() {
    let log = Log::new();
    append(&mut log.open(), 3);
    let whole = fs::read(log.audit_file()).unwrap();
    let line_end = whole.iter().position(|byte| *byte == b'\n').unwrap();
    for torn in [&whole[..1], &whole[..line_end - 3]] {
        let log = Log::new();
        append(&mut log.open(), 3);
        let mut bytes = fs::read(log.audit_file()).unwrap();
        bytes.extend_from_slice(torn);
        fs::write(log.audit_file(), &bytes).unwrap();
        assert_eq!(
            log.problems(&["audit.jsonl"]),
            [LogProblem::IncompleteLastLine { line: 4 }]
        );
        append(&mut log.open(), 2);
        let report = log.verify(&["audit.jsonl"]);
        assert_eq!(report.problems, []);
        assert_eq!(notes(report), [LogNote::IncompleteLine { line: 4 }]);
        let text = fs::read_to_string(log.audit_file()).unwrap();
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines[3] = "other\n";
        fs::write(log.audit_file(), lines.concat()).unwrap();
        assert!(
            log.problems(&["audit.jsonl"])
                .contains(&LogProblem::Inserted { lines: range(4, 4) })
        );
    }
    // All but the line feed: the line is whole.
    fs::write(log.audit_file(), &whole[..whole.len() - 1]).unwrap();
    append(&mut log.open(), 1);
    assert_eq!(log.problems(&["audit.jsonl"]), []);
}

#[test]
fn l1_lines_that_are_gone_when_a_process_starts_stay_missing() {
    let log = Log::new();
    append(&mut log.open(), 5);
    let text = fs::read_to_string(log.audit_file()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(log.audit_file(), lines[..3].concat()).unwrap();
    append(&mut log.open(), 2);
    assert_eq!(
        log.problems(&["audit.jsonl"])[..1],
        [LogProblem::Missing {
            before_line: 4,
            count: 2
        }]
    );
    // Without a checkpoint the numbers are given again, but the line says so.
    let log = Log::new();
    append(&mut log.open(), 5);
    let text = fs::read_to_string(log.audit_file()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(log.audit_file(), lines[..3].concat()).unwrap();
    fs::remove_file(checkpoint_path(&log.audit_file())).unwrap();
    assert_eq!(log.problems(&["audit.jsonl"]), [LogProblem::NoCheckpoint]);
    append(&mut log.open(), 2);
    assert_eq!(
        log.problems(&["audit.jsonl"]),
        [LogProblem::StartedWithoutCheckpoint { line: 4 }]
    );
}

#[test]
fn l1_lines_that_are_gone_while_a_process_runs_stay_missing() {
    let log = Log::new();
    let mut server = log.open();
    append(&mut server, 5);
    let text = fs::read_to_string(log.audit_file()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(log.audit_file(), lines[..3].concat()).unwrap();
    append(&mut server, 1);
    assert_eq!(
        log.problems(&["audit.jsonl"])[..1],
        [LogProblem::Missing {
            before_line: 4,
            count: 2
        }]
    );
}

#[test]
fn l1_the_chain_survives_a_key_rotation_and_an_unknown_key_is_named() {
    let mut log = Log::new();
    append(&mut log.open(), 2);
    log.keys = ring(&[2, 1]);
    append(&mut log.open(), 2);
    assert_eq!(log.problems(&["audit.jsonl"]), []);
    log.keys = ring(&[2]);
    let key = ring(&[1]).newest().unwrap().fingerprint().to_string();
    let found = log.problems(&["audit.jsonl"]);
    let unknown = LogProblem::UnknownKey {
        lines: range(1, 2),
        key,
    };
    assert!(found.contains(&unknown), "{found:?}");
}

#[test]
fn l1_lines_from_before_the_chain_are_told_and_their_length_is_kept() {
    let log = Log::new();
    let old = "{\"event\":\"a\"}\n{\"event\":\"b\"}\n";
    fs::write(log.audit_file(), old).unwrap();
    assert_eq!(log.problems(&["audit.jsonl"]), [LogProblem::NoChain]);
    append(&mut log.open(), 2);
    let report = log.verify(&["audit.jsonl"]);
    assert_eq!(report.problems, []);
    assert_eq!(notes(report), [LogNote::LinesBeforeChain { count: 2 }]);
    let text = fs::read_to_string(log.audit_file()).unwrap();
    fs::write(
        log.audit_file(),
        text.replacen("{\"event\":\"a\"}\n", "", 1),
    )
    .unwrap();
    assert!(!log.problems(&["audit.jsonl"]).is_empty());
}

#[test]
fn l1_nodes_have_chains_of_their_own_and_their_lines_cannot_be_exchanged() {
    let [one, other] = [usual_log(), usual_log()];
    let paths = [one.audit_file(), other.audit_file()];
    let both = verify(&one.keys, paths.clone().into_iter());
    assert_eq!(both.problems, []);
    let texts = paths.clone().map(|path| fs::read_to_string(path).unwrap());
    let [mut lines, foreign] = texts.each_ref().map(|text| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines
    });
    lines[4] = foreign[4];
    fs::write(&paths[0], lines.concat()).unwrap();
    assert!(!one.problems(&["audit.jsonl"]).is_empty());
    fs::write(&paths[0], foreign.concat()).unwrap();
    assert!(!one.problems(&["audit.jsonl"]).is_empty(), "a whole file");
}

#[test]
fn l1_an_altered_checkpoint_is_found() {
    let log = usual_log();
    let path = checkpoint_path(&log.audit_file());
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("\"n\":10", "\"n\":9,")).unwrap();
    let found = log.problems(&["audit.jsonl"]);
    assert_eq!(
        found,
        [LogProblem::InvalidCheckpoint, LogProblem::NoCheckpoint]
    );
}

#[test]
fn l1_files_that_were_joined_are_verified_like_the_files() {
    let log = Log::new();
    let mut server = log.open();
    append(&mut server, 3);
    let rotated = log.path("audit.jsonl.1");
    fs::rename(log.audit_file(), &rotated).unwrap();
    append(&mut server, 2);
    let text = [&rotated, &log.audit_file()].map(|path| fs::read_to_string(path).unwrap());
    let source = LogSource::from_bytes("joined", text.concat().into_bytes());
    let mut verifier = Verifier::new(log.keys.clone());
    verifier.read_checkpoint(Path::new(&log.audit_file()));
    assert_eq!(problems(verifier.verify(vec![source]).unwrap()), []);
}
