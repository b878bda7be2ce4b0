//! Lines without an authentic code, until the next authentic line tells what they are.

use crate::server::audit::chain::linked_line::{LineAuthenticity, LineDigest};
use crate::server::audit::chain::verify::findings::{LineRange, LogProblem};

/// Why a line is not authentic.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Suspicion {
    Unlinked,
    WrongCode,
    /// Its code is by a key with this fingerprint, if its file says the truth.
    UnknownKey(String),
}

/// Consecutive lines without an authentic code, as few ranges.
#[derive(Debug, Default)]
pub struct Suspects {
    ranges: Vec<(LineRange, Suspicion)>,
    count: u64,
    /// The last one.
    last: Option<LineDigest>,
    /// The key that the lines before name, which is not known.
    unknown_key: Option<String>,
}

impl Suspects {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds the next line. `is_known` tells whether there is a key with a fingerprint.
    pub fn push(
        &mut self,
        line: u64,
        bytes: &[u8],
        authenticity: LineAuthenticity,
        is_known: impl Fn(&str) -> bool,
    ) {
        let suspicion = match authenticity {
            LineAuthenticity::Unauthentic { claimed } => {
                if let Some(start) = claimed.and_then(|link| link.start) {
                    self.unknown_key = Some(start.key).filter(|key| !is_known(key));
                }
                match &self.unknown_key {
                    Some(key) => Suspicion::UnknownKey(key.clone()),
                    None => Suspicion::WrongCode,
                }
            }
            _ => Suspicion::Unlinked,
        };
        self.count += 1;
        self.last = Some(LineDigest::of(bytes));
        match self.ranges.last_mut() {
            Some((range, known)) if *known == suspicion => range.last = line,
            _ => self.ranges.push((
                LineRange {
                    first: line,
                    last: line,
                },
                suspicion,
            )),
        }
    }

    /// Whether all of them are from before there was a chain.
    pub fn are_unlinked(&self) -> bool {
        self.ranges
            .iter()
            .all(|(_, suspicion)| *suspicion == Suspicion::Unlinked)
    }

    /// Removes the last one, if it is this one. Returns its number.
    pub fn take_last(&mut self, digest: &LineDigest) -> Option<u64> {
        let line = self.ranges.last().map(|(range, _)| range.last)?;
        let is_it = self.last.as_ref() == Some(digest);
        is_it.then(|| self.remove(line)).map(|()| line)
    }

    /// Removes the last one, if it is the line with this number.
    pub fn remove(&mut self, line: u64) {
        let Some((range, _)) = self
            .ranges
            .last_mut()
            .filter(|(range, _)| range.last == line)
        else {
            return;
        };
        if range.first == range.last {
            self.ranges.pop();
        } else {
            range.last -= 1;
        }
        self.count -= 1;
        self.last = None;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.ranges.clear();
        (self.count, self.last, self.unknown_key) = (0, None, None);
    }

    /// What they are, if `missing` authentic lines are missing in their place, as far as is known.
    /// The first ones are those lines, altered; the others are inserted.
    pub fn resolve(&mut self, missing: Option<u64>) -> Vec<LogProblem> {
        let mut problems = Vec::new();
        let mut left = missing.unwrap_or_default();
        for (range, suspicion) in &self.ranges {
            let lines = *range;
            if let Suspicion::UnknownKey(key) = suspicion {
                let key = key.clone();
                problems.push(LogProblem::UnknownKey { lines, key });
                continue;
            }
            if missing.is_none() {
                problems.push(LogProblem::AlteredOrInserted { lines });
                continue;
            }
            let altered = left.min(lines.last + 1 - lines.first);
            left -= altered;
            if altered > 0 {
                let last = lines.first + altered - 1;
                problems.push(LogProblem::Altered {
                    lines: LineRange { last, ..lines },
                });
            }
            let first = lines.first + altered;
            if first <= lines.last {
                problems.push(LogProblem::Inserted {
                    lines: LineRange { first, ..lines },
                });
            }
        }
        self.clear();
        problems
    }
}
