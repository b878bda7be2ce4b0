//! The lines that wait to be written, bounded by number and size, and the state of the writer.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::server::system::background_writer::QueuedLine;
use crate::server::system::clock::Stopwatch;
use crate::server::system::mutex::lock;
use crate::server::system::queue_usage::QueueUsage;

/// Most lines that wait.
pub const MAX_LINES: usize = 8_192;
/// Most bytes that wait.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Bytes after which no more lines join those that are written together.
const BATCH_BYTES: usize = 64 * 1024;
/// A write that takes longer than this is taken for stalled.
const STALL: Duration = Duration::from_secs(2);

/// The queue and its state.
#[derive(Debug)]
pub struct Queue {
    name: &'static str,
    state: Mutex<QueueState>,
    /// There is work for the thread.
    arrived: Condvar,
    /// The thread has written something.
    progressed: Condvar,
}

#[derive(Debug, Default)]
struct QueueState {
    lines: VecDeque<QueuedLine>,
    bytes: usize,
    /// Lines that the thread has taken and not yet written.
    in_progress: usize,
    /// Lines that were dropped since the last one that fitted.
    dropped: u64,
    /// Lines that were written, ever.
    written: u64,
    /// Since when the thread has been at its present work.
    busy_since: Option<Stopwatch>,
    is_failing: bool,
    reopen: bool,
    /// Whether the thread waits for work. Only then is it woken, because that costs a system call
    /// for each line.
    is_idle: bool,
    /// How many callers wait until everything is written.
    flushing: usize,
}

/// What the thread does next.
pub struct Work {
    pub lines: VecDeque<QueuedLine>,
    /// Whether the output is to be opened again first.
    pub reopen: bool,
}

impl Queue {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            // The thread opens the output first.
            state: Mutex::new(QueueState {
                busy_since: Some(Stopwatch::start()),
                ..QueueState::default()
            }),
            arrived: Condvar::new(),
            progressed: Condvar::new(),
        }
    }

    pub fn push(&self, bytes: Vec<u8>) {
        let mut state = lock(&self.state);
        if state.lines.len() >= MAX_LINES || state.bytes + bytes.len() > MAX_BYTES {
            state.dropped += 1;
            let is_first = state.dropped == 1;
            // What follows may log, which comes back here.
            drop(state);
            self.count_dropped(is_first);
            return;
        }
        state.bytes += bytes.len();
        let dropped_before = std::mem::take(&mut state.dropped);
        state.lines.push_back(QueuedLine {
            bytes,
            dropped_before,
        });
        self.wake_thread(state);
    }

    pub fn has_capacity(&self) -> bool {
        let state = lock(&self.state);
        !state.is_failing
            && state.lines.len() < MAX_LINES / 2
            && state.bytes < MAX_BYTES / 2
            && state.busy_since.is_none_or(|since| since.elapsed() < STALL)
    }

    pub fn usage(&self) -> QueueUsage {
        let state = lock(&self.state);
        QueueUsage {
            length: state.lines.len() + state.in_progress,
            capacity: MAX_LINES,
        }
    }

    pub fn request_reopen(&self) {
        let mut state = lock(&self.state);
        state.reopen = true;
        self.wake_thread(state);
    }

    fn wake_thread(&self, state: MutexGuard<'_, QueueState>) {
        let is_idle = state.is_idle;
        drop(state);
        if is_idle {
            self.arrived.notify_one();
        }
    }

    fn report_progress(&self, state: MutexGuard<'_, QueueState>) {
        let is_awaited = state.flushing > 0;
        drop(state);
        if is_awaited {
            self.progressed.notify_all();
        }
    }

    /// Waits for lines or for the request to open the output again.
    pub fn take_work(&self) -> Work {
        let mut state = lock(&self.state);
        while state.lines.is_empty() && !state.reopen {
            state.is_idle = true;
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.is_idle = false;
        let mut lines = VecDeque::new();
        let mut size = 0;
        while size < BATCH_BYTES
            && let Some(line) = state.lines.pop_front()
        {
            size += line.bytes.len();
            lines.push_back(line);
        }
        state.bytes -= size;
        state.in_progress = lines.len();
        state.busy_since = Some(Stopwatch::start());
        Work {
            lines,
            reopen: std::mem::take(&mut state.reopen),
        }
    }

    /// Whether the output is to be opened again, asked between attempts.
    pub fn take_reopen(&self) -> bool {
        std::mem::take(&mut lock(&self.state).reopen)
    }

    /// Notes lines that were written, and how many were dropped before them.
    pub fn count_written(&self, line: &QueuedLine) {
        let mut state = lock(&self.state);
        state.in_progress = state.in_progress.saturating_sub(1);
        state.written += 1;
        self.report_progress(state);
        if line.dropped_before > 0 {
            let (log, lines) = (self.name, line.dropped_before);
            tracing::warn!(log, lines, "lines were dropped, because the queue was full");
        }
    }

    /// The thread has done its work.
    pub fn finish_work(&self) {
        let mut state = lock(&self.state);
        state.busy_since = None;
        state.in_progress = 0;
        let was_failing = std::mem::take(&mut state.is_failing);
        self.report_progress(state);
        if was_failing {
            tracing::warn!(log = self.name, "the output works again");
        }
    }

    /// Reports a failure, once until a line is written again.
    pub fn report_failure(&self, error: &io::Error) {
        let log = self.name;
        metrics::counter!("latchkey_log_write_failures_total", "log" => log).increment(1);
        let was_failing = std::mem::replace(&mut lock(&self.state).is_failing, true);
        if !was_failing {
            tracing::error!(log, %error, "the output failed; it is tried again every second");
        }
    }

    fn count_dropped(&self, is_first: bool) {
        let log = self.name;
        metrics::counter!("latchkey_log_lines_dropped_total", "log" => log).increment(1);
        if is_first {
            tracing::error!(
                log,
                "the output is stalled and its queue full; lines are dropped"
            );
        }
    }

    /// Waits until no line is left, for at most `timeout`, and for at most `stall` without a line
    /// that is written. Returns how many lines are left.
    pub fn wait_until_written(&self, stall: Duration, timeout: Duration) -> usize {
        let (total, mut progress) = (Stopwatch::start(), Stopwatch::start());
        let mut state = lock(&self.state);
        let mut written = state.written;
        state.flushing += 1;
        loop {
            let left = state.lines.len() + state.in_progress;
            if left == 0 && !state.reopen && state.busy_since.is_none() {
                state.flushing -= 1;
                return 0;
            }
            if state.written != written {
                written = state.written;
                progress = Stopwatch::start();
            }
            let wait = stall
                .saturating_sub(progress.elapsed())
                .min(timeout.saturating_sub(total.elapsed()));
            if wait.is_zero() {
                state.flushing -= 1;
                return left;
            }
            state = self
                .progressed
                .wait_timeout(state, wait)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}
