//! The audit file: lines with links are appended to it, by one process or several.
//!
//! While lines are written the file is locked (`flock`), so that a command that writes to the file
//! of a running server continues its chain. Where the file is found longer or shorter than it was
//! left, the end of the chain is looked up again.

use std::collections::VecDeque;
use std::fs::TryLockError;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::server::audit::chain::checkpoint::{Checkpoint, FoundCheckpoint, checkpoint_path};
use crate::server::audit::chain::linked_line::{ChainEnd, Link, OutputStart, append_line};
use crate::server::audit::chain::tail::Tail;
use crate::server::crypto::mac_keys::MacKeys;
use crate::server::system::background_writer::{LineOutput, QueuedLine};
use crate::server::system::clock::Clock;
use crate::server::system::output::AppendedFile;
use crate::server::system::random::Random;

/// How often a file that another process has locked is tried again, and the pause in between.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// The audit file and the end of its chain.
#[derive(Debug)]
pub struct ChainedFile {
    file: AppendedFile,
    checkpoint_path: PathBuf,
    /// Without a key, lines are written as they are.
    keys: MacKeys,
    clock: Clock,
    /// Whether it is a file, and no pipe or device.
    is_regular: bool,
    is_locked: bool,
    /// The length of the file as this process left it.
    length: u64,
    /// Where the last whole line ends.
    complete_length: u64,
    /// The end of the chain in the file.
    written: ChainEnd,
    /// The end of the chain with the lines that are being written.
    formatted: ChainEnd,
    /// Where each line that is being written ends in the file, and the end of the chain then.
    in_progress: VecDeque<(u64, ChainEnd)>,
    /// What the next line says about the file, until it is written.
    start: Option<OutputStart>,
    /// The numbers of the lines with which files began.
    files: Vec<u64>,
    /// What the last checkpoint holds.
    checkpointed: Option<(ChainEnd, Vec<u64>)>,
    has_checkpoint_failed: bool,
}

impl ChainedFile {
    /// The file at a path, which is not opened yet.
    pub fn new(path: PathBuf, keys: MacKeys, random: &Random, clock: Clock) -> Self {
        let unknown = ChainEnd::of_new_chain(random);
        Self {
            checkpoint_path: checkpoint_path(&path),
            file: AppendedFile::new(path),
            keys,
            clock,
            is_regular: false,
            is_locked: false,
            length: 0,
            complete_length: 0,
            written: unknown.clone(),
            formatted: unknown,
            in_progress: VecDeque::new(),
            start: None,
            files: Vec::new(),
            checkpointed: None,
            has_checkpoint_failed: false,
        }
    }

    /// The length of the open file; none if it is a pipe or a device.
    fn found_length(&self) -> io::Result<Option<u64>> {
        let Some(file) = self.file.handle() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let metadata = file.metadata()?;
        Ok(metadata.is_file().then_some(metadata.len()))
    }

    /// Waits for a process that has locked the file. A file system without locks needs none.
    fn lock(&mut self) -> io::Result<()> {
        let Some(file) = self.file.handle().filter(|_| !self.is_locked) else {
            return Ok(());
        };
        for _ in 0..LOCK_ATTEMPTS {
            match file.try_lock() {
                Ok(()) => {
                    self.is_locked = true;
                    return Ok(());
                }
                Err(TryLockError::Error(_)) => return Ok(()),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            }
        }
        Err(io::Error::other("another process has locked the file"))
    }

    fn unlock(&mut self) {
        if let Some(file) = self.file.handle().filter(|_| self.is_locked)
            && let Err(error) = file.unlock()
        {
            tracing::warn!(%error, "the audit file stays locked");
        }
        self.is_locked = false;
    }

    /// Removes the part of a line from a file that is no longer written to. The whole line is
    /// written to the next one.
    fn remove_partial_line(&mut self) {
        let is_as_left = matches!(self.found_length(), Ok(Some(length)) if length == self.length);
        if self.length > self.complete_length
            && is_as_left
            && let Some(file) = self.file.handle()
            && let Err(error) = file.set_len(self.complete_length)
        {
            tracing::warn!(%error, "an incomplete line is left in the former audit file");
        }
    }

    /// Finds the end of the chain in a file that was opened, or that another process has changed.
    fn resume(&mut self, length: u64, is_opened: bool) -> io::Result<()> {
        let Some(file) = self.file.handle() else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let tail = Tail::read(file, length, &self.keys)?;
        let checkpoint = match Checkpoint::read(&self.checkpoint_path, &self.keys) {
            FoundCheckpoint::Authentic(checkpoint) => Some(checkpoint),
            FoundCheckpoint::Missing | FoundCheckpoint::Unauthentic => None,
        };
        let checkpointed_end = checkpoint.as_ref().map(Checkpoint::end);
        for found in [&checkpointed_end, &tail.end].into_iter().flatten() {
            if self.written.number == 0 || found.is_after(&self.written) {
                self.written = found.clone();
            }
        }
        let has_checkpoint = checkpoint.is_some_and(|found| self.take_files_of(&found));
        let was_cut = length < self.length;
        if is_opened || was_cut || tail.incomplete.is_some() {
            self.start = Some(OutputStart {
                incomplete: tail.incomplete,
                without_checkpoint: !has_checkpoint && self.written.number > 0,
                ..OutputStart::default()
            });
        }
        if tail.is_unended {
            self.file.write(b"\n")?;
        }
        self.set_length(length + u64::from(tail.is_unended));
        if self.length == 0 && self.files.last() != Some(&(self.written.number + 1)) {
            self.files.push(self.written.number + 1);
        }
        Ok(())
    }

    /// Takes the beginnings of files over from a checkpoint of this chain.
    fn take_files_of(&mut self, checkpoint: &Checkpoint) -> bool {
        let is_own = checkpoint.chain == self.written.chain;
        if is_own && checkpoint.files.len() > self.files.len() {
            self.files.clone_from(&checkpoint.files);
        }
        is_own
    }

    fn set_length(&mut self, length: u64) {
        self.length = length;
        self.complete_length = length;
        self.in_progress.clear();
        self.formatted = self.written.clone();
    }

    /// The chain goes on in a pipe or a device, of which nothing can be read.
    fn resume_unreadable(&mut self) {
        self.start = Some(OutputStart::default());
        self.set_length(0);
    }

    fn write_checkpoint(&mut self) {
        let Some(key) = self.keys.newest().filter(|_| self.is_regular) else {
            return;
        };
        let content = (self.written.clone(), self.files.clone());
        if self.checkpointed.as_ref() == Some(&content) {
            return;
        }
        let checkpoint = Checkpoint::new(&content.0, &content.1, self.clock.now());
        match checkpoint.write(&self.checkpoint_path, key) {
            Ok(()) => {
                self.checkpointed = Some(content);
                self.has_checkpoint_failed = false;
            }
            Err(error) => {
                let path = self.checkpoint_path.display();
                if !mem::replace(&mut self.has_checkpoint_failed, true) {
                    tracing::warn!(%error, %path, "the checkpoint of the audit log cannot be \
                        written; lines that are removed at its end would not be noticed");
                }
            }
        }
    }
}

impl LineOutput for ChainedFile {
    fn prepare(&mut self) -> io::Result<bool> {
        if !self.file.is_current() {
            self.remove_partial_line();
            self.unlock();
        }
        let is_opened = self.file.prepare()?;
        self.lock()?;
        let Some(length) = self.found_length()? else {
            self.is_regular = false;
            if is_opened {
                self.resume_unreadable();
            }
            return Ok(is_opened);
        };
        self.is_regular = true;
        if !is_opened && length == self.length {
            return Ok(false);
        }
        self.resume(length, is_opened)?;
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        while let Some((length, end)) = self
            .in_progress
            .pop_front_if(|(length, _)| *length <= self.length)
        {
            (self.complete_length, self.written) = (length, end);
            self.start = None;
        }
        Ok(written)
    }

    fn close(&mut self) {
        self.remove_partial_line();
        self.unlock();
        self.file.close();
    }

    fn format(&mut self, line: &QueuedLine, buffer: &mut Vec<u8>) {
        let is_first = self.in_progress.is_empty();
        let begins_at = self.length + buffer.len() as u64;
        match self.keys.newest() {
            Some(key) => {
                let start = self.start.clone().filter(|_| is_first);
                let start = start.map(|start| OutputStart {
                    key: key.fingerprint().to_string(),
                    offset: self.is_regular.then_some(begins_at),
                    ..start
                });
                let link = Link::after(&self.formatted, line.dropped_before, start);
                if let Some(end) = append_line(key, &line.bytes, &link, buffer) {
                    self.formatted = end;
                }
            }
            None => buffer.extend_from_slice(&line.bytes),
        }
        let ends_at = self.length + buffer.len() as u64;
        self.in_progress
            .push_back((ends_at, self.formatted.clone()));
    }

    fn release(&mut self) {
        self.write_checkpoint();
        self.unlock();
    }
}
