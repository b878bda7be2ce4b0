//! What a verification found.

use std::fmt;

use serde::Serialize;

/// What a verification found in all files.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerifyReport {
    /// The files, in the order of their lines.
    pub files: Vec<FileSummary>,
    /// What proves or may hide a change.
    pub problems: Vec<Remark<LogProblem>>,
    /// What is worth knowing and no change.
    pub notes: Vec<Remark<LogNote>>,
    /// How many problems are left out of the list, because it is long.
    pub problems_left_out: u64,
}

/// A file that was verified.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileSummary {
    /// Its name.
    pub file: String,
    /// How many lines it has.
    pub lines: u64,
    /// How many of them are authentic.
    pub authentic: u64,
    /// The chain of its first authentic line.
    pub chain: Option<String>,
    /// The numbers of its first and its last authentic line.
    pub numbers: Option<(u64, u64)>,
}

/// Something about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark<T> {
    /// Its name.
    pub file: String,
    /// What it is.
    #[serde(flatten)]
    pub what: T,
}

/// Lines of a file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LineRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// What proves or may hide a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum LogProblem {
    Altered {
        lines: LineRange,
    },
    Inserted {
        lines: LineRange,
    },
    /// Without knowing what comes before, altered and inserted lines look the same.
    AlteredOrInserted {
        lines: LineRange,
    },
    UnknownKey {
        lines: LineRange,
        key: String,
    },
    Missing {
        before_line: u64,
        count: u64,
    },
    MissingAtEnd {
        count: u64,
    },
    BeginsInside {
        line: u64,
    },
    Moved {
        line: u64,
    },
    Duplicated {
        line: u64,
    },
    /// Two lines were written with one number, such as after an old checkpoint was put back.
    Forked {
        line: u64,
    },
    LengthChanged {
        before_line: u64,
    },
    AnotherChain {
        line: u64,
    },
    StartedWithoutCheckpoint {
        line: u64,
    },
    IncompleteLastLine {
        line: u64,
    },
    NoChain,
    NoCheckpoint,
    InvalidCheckpoint,
}

/// What is worth knowing and no change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "note", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum LogNote {
    Empty,
    /// Lines from before there was a chain.
    LinesBeforeChain {
        count: u64,
    },
    IncompleteLine {
        line: u64,
    },
    Dropped {
        before_line: u64,
        count: u64,
    },
    ContinuesOlderFile {
        number: u64,
    },
    FilesNotNamed {
        first: u64,
        last: u64,
    },
    NewerFilesNotNamed {
        number: u64,
    },
    EndUnknown,
}

impl fmt::Display for LineRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { first, last } if first == last => write!(f, "line {first}"),
            Self { first, last } => write!(f, "lines {first} to {last}"),
        }
    }
}

fn count_lines(count: u64) -> String {
    match count {
        1 => "1 line".to_owned(),
        count => format!("{count} lines"),
    }
}

impl fmt::Display for LogProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { lines } => write!(f, "{lines}: altered"),
            Self::Inserted { lines } => write!(f, "{lines}: inserted"),
            Self::AlteredOrInserted { lines } => write!(f, "{lines}: altered or inserted"),
            Self::UnknownKey { lines, key } => write!(
                f,
                "{lines}: cannot be verified; the key with fingerprint {key} is not among \
                 secrets.key and the previous keys"
            ),
            Self::Missing { before_line, count } => {
                write!(
                    f,
                    "line {before_line}: {} missing before it",
                    count_lines(*count)
                )
            }
            Self::MissingAtEnd { count } => write!(
                f,
                "{} missing at the end; if the file was copied and cut, name the copy too",
                count_lines(*count)
            ),
            Self::BeginsInside { line } => write!(
                f,
                "line {line}: what was before it in this file is missing or altered"
            ),
            Self::Moved { line } => write!(f, "line {line}: moved from another place"),
            Self::Duplicated { line } => write!(f, "line {line}: occurs twice"),
            Self::Forked { line } => {
                write!(f, "line {line}: was not written after the line before it")
            }
            Self::LengthChanged { before_line } => write!(
                f,
                "line {before_line}: what is before it had another length when it was written"
            ),
            Self::AnotherChain { line } => {
                write!(
                    f,
                    "line {line}: a chain begins that does not continue the one before"
                )
            }
            Self::StartedWithoutCheckpoint { line } => write!(
                f,
                "line {line}: there was no checkpoint when it was written; lines before it may be \
                 missing"
            ),
            Self::IncompleteLastLine { line } => {
                write!(
                    f,
                    "line {line}: incomplete, by a crash or because the file was cut"
                )
            }
            Self::NoChain => {
                f.write_str("no line has a code: the file was written without a chain")
            }
            Self::NoCheckpoint => f.write_str(
                "there is no checkpoint of this chain: whether lines are missing at the end cannot \
                 be told",
            ),
            Self::InvalidCheckpoint => f.write_str("the checkpoint is altered, or by another key"),
        }
    }
}

impl fmt::Display for LogNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::LinesBeforeChain { count } => write!(
                f,
                "the first {} from before there was a chain, and cannot be verified",
                match count {
                    1 => "line is".to_owned(),
                    count => format!("{count} lines are"),
                }
            ),
            Self::IncompleteLine { line } => write!(
                f,
                "line {line}: incomplete after a crash, as the line after it confirms"
            ),
            Self::Dropped { before_line, count } => write!(
                f,
                "line {before_line}: {} dropped before it, because the queue of the log was full",
                count_lines(*count)
            ),
            Self::ContinuesOlderFile { number } => write!(
                f,
                "begins with number {number}; the numbers before are in an older file that is not \
                 named"
            ),
            Self::FilesNotNamed { first, last } => write!(
                f,
                "the file with the numbers {first} to {last} is not named"
            ),
            Self::NewerFilesNotNamed { number } => write!(
                f,
                "complete; number {number} and those after it are in a newer file that is not named"
            ),
            Self::EndUnknown => f.write_str(
                "the chain is not of a file and has no checkpoint: whether lines are missing at \
                 the end cannot be told",
            ),
        }
    }
}
