//! Verifies audit files: which lines are altered, missing, moved, inserted, or cut off at the end.
//!
//! Lines are read one after another, so that the size of a file does not matter. Files of several
//! nodes, and rotated files, may be verified together in any order.
//!
//! - `source`: the files; `suspects`: lines without an authentic code
//! - `chain_state`: how far each chain was read; `findings`: what was found

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use crate::server::audit::chain::checkpoint::{Checkpoint, FoundCheckpoint, checkpoint_path};
use crate::server::audit::chain::linked_line::{ChainEnd, LineAuthenticity, Link, read_line};
use crate::server::crypto::mac_keys::MacKeys;

mod chain_state;
mod findings;
mod source;
mod suspects;
#[cfg(test)]
mod tests;

use chain_state::{ChainState, Gap, LinePosition};
pub use findings::{FileSummary, LineRange, LogNote, LogProblem, Remark, VerifyReport};
use source::LogLine;
pub use source::LogSource;
use suspects::Suspects;

/// Most problems that are listed.
const MAX_LISTED: usize = 1_000;

/// Verifies files.
#[derive(Debug)]
pub struct Verifier {
    keys: MacKeys,
    /// By chain.
    checkpoints: BTreeMap<String, FileCheckpoint>,
    chains: BTreeMap<String, ChainState>,
    report: VerifyReport,
}

/// The checkpoint of an audit file.
#[derive(Debug)]
struct FileCheckpoint {
    audit_file: String,
    checkpoint: Checkpoint,
}

/// The file that is being read.
#[derive(Debug, Default)]
struct FileScan {
    summary: FileSummary,
    suspects: Suspects,
    /// How much further a line is in the file than its link says, since the last link that says it.
    /// It wraps around where lines are missing.
    offset_change: u64,
    /// How much was found until the length was last compared.
    findings: u64,
}

impl Verifier {
    /// With the keys that may have made the codes.
    pub fn new(keys: MacKeys) -> Self {
        Self {
            keys,
            checkpoints: BTreeMap::new(),
            chains: BTreeMap::new(),
            report: VerifyReport::default(),
        }
    }

    /// Reads the checkpoint of an audit file, if there is one.
    pub fn read_checkpoint(&mut self, audit_file: &Path) {
        let found = Checkpoint::read(&checkpoint_path(audit_file), &self.keys);
        let audit_file = audit_file.display().to_string();
        match found {
            FoundCheckpoint::Missing => {}
            FoundCheckpoint::Unauthentic => {
                self.add_problem(&audit_file, LogProblem::InvalidCheckpoint);
            }
            FoundCheckpoint::Authentic(checkpoint) => {
                let known = self.checkpoints.get(&checkpoint.chain);
                if known.is_none_or(|known| known.checkpoint.number <= checkpoint.number) {
                    let chain = checkpoint.chain.clone();
                    let found = FileCheckpoint {
                        audit_file,
                        checkpoint,
                    };
                    self.checkpoints.insert(chain, found);
                }
            }
        }
    }

    fn checkpoint(&self, chain: &str) -> Option<&Checkpoint> {
        self.checkpoints.get(chain).map(|found| &found.checkpoint)
    }

    /// Verifies files.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn verify(mut self, sources: Vec<LogSource>) -> io::Result<VerifyReport> {
        let mut ordered = Vec::new();
        for source in sources {
            let place = source.first_number(&self.keys)?;
            ordered.push((place, source));
        }
        ordered.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (_, source) in ordered {
            self.read_file(&source)?;
        }
        self.compare_ends();
        Ok(self.report)
    }

    fn read_file(&mut self, source: &LogSource) -> io::Result<()> {
        let mut scan = FileScan::default();
        scan.summary.file.clone_from(&source.name);
        scan.findings = self.finding_count();
        let mut is_ended = true;
        source.for_each_line(|line| {
            scan.summary.lines += 1;
            is_ended = line.is_ended;
            self.read_line(&mut scan, &line);
            ControlFlow::Continue(())
        })?;
        self.end_file(&mut scan, is_ended);
        self.report.files.push(scan.summary);
        Ok(())
    }

    fn read_line(&mut self, scan: &mut FileScan, line: &LogLine<'_>) {
        match read_line(&self.keys, line.bytes) {
            LineAuthenticity::Authentic { link, end } => {
                self.read_authentic_line(scan, line, &link, end);
            }
            other => {
                let keys = &self.keys;
                let is_known =
                    |key: &str| keys.iter().any(|known| known.fingerprint().as_str() == key);
                scan.suspects
                    .push(scan.summary.lines, line.bytes, other, is_known);
            }
        }
    }

    fn read_authentic_line(
        &mut self,
        scan: &mut FileScan,
        line: &LogLine<'_>,
        link: &Link,
        end: ChainEnd,
    ) {
        let number = scan.summary.lines;
        let file = scan.summary.file.clone();
        let offset = link.start.as_ref().and_then(|start| start.offset);
        if offset == Some(0) {
            // Another file, which may have been appended to this one.
            scan.offset_change = line.offset;
        }
        self.add_notes(scan, link);
        let is_first = scan.summary.authentic == 0;
        let change = offset.map(|offset| line.offset.wrapping_sub(offset));
        let is_as_long = change.is_none_or(|change| change == scan.offset_change);
        let count = scan.suspects.count();
        if is_first
            && count > 0
            && link.number == 1
            && offset == Some(line.offset)
            && scan.suspects.are_unlinked()
        {
            self.add_note(&file, LogNote::LinesBeforeChain { count });
            scan.suspects.clear();
        }
        let is_start = link.start.is_some() && matches!(offset, None | Some(0));
        if let Some(chain) = &scan.summary.chain
            && *chain != link.chain
            && !self.chains.contains_key(&link.chain)
            && !is_start
        {
            self.add_problem(&file, LogProblem::AnotherChain { line: number });
        }
        self.advance(scan, link, end, is_start);
        if !is_as_long && self.finding_count() == scan.findings {
            self.add_problem(
                &file,
                LogProblem::LengthChanged {
                    before_line: number,
                },
            );
        }
        if let Some(change) = change {
            scan.offset_change = change;
            scan.findings = self.finding_count();
        }
        let first = scan.summary.numbers.map_or(link.number, |(first, _)| first);
        scan.summary.numbers = Some((first, link.number));
        scan.summary.chain.get_or_insert_with(|| link.chain.clone());
        scan.summary.authentic += 1;
    }

    /// Notes what a link says about the line before it.
    fn add_notes(&mut self, scan: &mut FileScan, link: &Link) {
        let (file, number) = (scan.summary.file.clone(), scan.summary.lines);
        if let Some(count) = link.dropped {
            let before_line = number;
            self.add_note(&file, LogNote::Dropped { before_line, count });
        }
        let Some(start) = &link.start else {
            return;
        };
        if let Some(digest) = &start.incomplete
            && let Some(line) = scan.suspects.take_last(digest)
        {
            self.add_note(&file, LogNote::IncompleteLine { line });
        }
        if start.without_checkpoint {
            self.add_problem(&file, LogProblem::StartedWithoutCheckpoint { line: number });
        }
    }

    /// Compares the number of an authentic line with that of the line before it in its chain.
    fn advance(&mut self, scan: &mut FileScan, link: &Link, end: ChainEnd, is_start: bool) {
        let (file, line) = (scan.summary.file.clone(), scan.summary.lines);
        let is_of_file = link
            .start
            .as_ref()
            .is_some_and(|start| start.offset.is_some());
        let Some(state) = self.chains.get_mut(&link.chain) else {
            let is_beginning = link.number == 1;
            self.chains.insert(
                link.chain.clone(),
                ChainState::new(end, file.clone(), is_of_file),
            );
            let missing = is_beginning.then_some(0);
            self.add_problems(&file, scan.suspects.resolve(missing));
            if !is_beginning {
                if is_start && scan.summary.authentic == 0 {
                    let number = link.number;
                    self.add_note(&file, LogNote::ContinuesOlderFile { number });
                } else {
                    self.add_problem(&file, LogProblem::BeginsInside { line });
                }
            }
            return;
        };
        state.is_of_file |= is_of_file;
        let place = LinePosition {
            file: file.clone(),
            line,
        };
        let next = state.end.number + 1;
        if link.number < next {
            let problem = match state.take_from_gap(link.number) {
                true => LogProblem::Moved { line },
                false => LogProblem::Duplicated { line },
            };
            // What is between lines that were moved has no place of its own.
            let suspects = scan.suspects.resolve(Some(0));
            self.add_problems(&file, suspects);
            self.add_problem(&file, problem);
            return;
        }
        let missing = link.number - next;
        let is_fork = missing == 0
            && scan.suspects.count() == 0
            && state.is_end_known
            && state.end.code != link.previous;
        // Whole files that were not named, by what the checkpoint says about their beginnings.
        let is_between_files = missing > 0
            && scan.suspects.count() == 0
            && state.file != file
            && self.checkpoints.get(&link.chain).is_some_and(|found| {
                let files = &found.checkpoint.files;
                files.contains(&next) && files.contains(&link.number)
            });
        let altered = missing.min(scan.suspects.count());
        if missing > altered && !is_between_files {
            state.gaps.push(Gap {
                first: next,
                last: link.number - 1,
                altered,
                place,
            });
        }
        state.advance(end, file.clone());
        self.add_problems(&file, scan.suspects.resolve(Some(missing)));
        if is_fork {
            self.add_problem(&file, LogProblem::Forked { line });
        }
        if is_between_files {
            let (first, last) = (next, link.number - 1);
            self.add_note(&file, LogNote::FilesNotNamed { first, last });
        }
    }

    /// Tells what the lines after the last authentic one are.
    fn end_file(&mut self, scan: &mut FileScan, is_ended: bool) {
        let file = scan.summary.file.clone();
        if scan.summary.lines == 0 {
            self.add_note(&file, LogNote::Empty);
            return;
        }
        if !is_ended {
            let line = scan.summary.lines;
            self.add_problem(&file, LogProblem::IncompleteLastLine { line });
            scan.suspects.remove(line);
        }
        if scan.summary.authentic == 0 && scan.suspects.are_unlinked() {
            self.add_problem(&file, LogProblem::NoChain);
            return;
        }
        let chain = scan.summary.chain.clone().unwrap_or_default();
        let missing = match (self.chains.get(&chain), self.checkpoint(&chain)) {
            (Some(state), Some(checkpoint)) => {
                let next = state.end.number + 1;
                Some(checkpoint.end_of_file(next).saturating_sub(next))
            }
            _ => None,
        };
        let altered = missing.unwrap_or_default().min(scan.suspects.count());
        if let Some(state) = self.chains.get_mut(&chain)
            && altered > 0
        {
            state.skip(altered);
        }
        self.add_problems(&file, scan.suspects.resolve(missing));
    }

    /// Compares the end of each chain with its checkpoint.
    fn compare_ends(&mut self) {
        for (chain, state) in std::mem::take(&mut self.chains) {
            for gap in &state.gaps {
                let (before_line, count) = (gap.place.line, gap.count());
                if count > 0 {
                    self.add_problem(&gap.place.file, LogProblem::Missing { before_line, count });
                }
            }
            match self.checkpoints.remove(&chain) {
                Some(found) => self.compare_end(&state, &found.checkpoint),
                None if state.is_of_file => self.add_problem(&state.file, LogProblem::NoCheckpoint),
                None => self.add_note(&state.file, LogNote::EndUnknown),
            }
        }
        // Chains of which no line was found, although their file was named.
        for (_, found) in std::mem::take(&mut self.checkpoints) {
            let (file, checkpoint) = (found.audit_file, found.checkpoint);
            let is_named = self.report.files.iter().any(|named| named.file == file);
            let first = checkpoint.files.last().copied().unwrap_or(1);
            let count = (checkpoint.number + 1).saturating_sub(first);
            if is_named && count > 0 {
                self.add_problem(&file, LogProblem::MissingAtEnd { count });
            }
        }
    }

    fn compare_end(&mut self, state: &ChainState, checkpoint: &Checkpoint) {
        let next = state.end.number + 1;
        if next > checkpoint.number {
            return;
        }
        match checkpoint.end_of_file(next) - next {
            0 => {
                let number = next;
                self.add_note(&state.file, LogNote::NewerFilesNotNamed { number });
            }
            count => self.add_problem(&state.file, LogProblem::MissingAtEnd { count }),
        }
    }

    fn finding_count(&self) -> u64 {
        let gaps: usize = self.chains.values().map(|state| state.gaps.len()).sum();
        (self.report.problems.len() + gaps) as u64 + self.report.problems_left_out
    }

    fn add_problems(&mut self, file: &str, problems: Vec<LogProblem>) {
        for problem in problems {
            self.add_problem(file, problem);
        }
    }

    fn add_problem(&mut self, file: &str, what: LogProblem) {
        if self.report.problems.len() >= MAX_LISTED {
            self.report.problems_left_out += 1;
            return;
        }
        let file = file.to_owned();
        self.report.problems.push(Remark { file, what });
    }

    fn add_note(&mut self, file: &str, what: LogNote) {
        if self.report.notes.len() < MAX_LISTED {
            let file = file.to_owned();
            self.report.notes.push(Remark { file, what });
        }
    }
}
