//! Writes lines from a bounded queue on a thread of its own.
//!
//! A pipe that nobody reads, a full disk or a file system that hangs stops this thread and nothing
//! else: a thread that logs only adds to the queue, and drops the line if it is full. What could
//! not be written is tried again, so that a full disk costs no line as long as the queue is not
//! full.
//!
//! The non-blocking writer of `tracing-appender` ignores errors of its output, neither opens a file
//! again nor retries, and cannot be asked whether it is full.
//!
//! - `queue`: the lines that wait, and the state of the writer
//! - `batch`: the lines that are being written

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

mod batch;
mod queue;

use self::batch::Batch;
use self::queue::{Queue, Work};
use crate::server::system::queue_usage::QueueUsage;

/// How long the output has for its first attempt to open, before the server starts without it.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);
/// How long after a failure the output is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// The same for a pipe that is full and was made non-blocking by somebody else.
const BLOCKED_RETRY_INTERVAL: Duration = Duration::from_millis(20);
/// At shutdown: how long the output may make no progress, and how long all lines have together.
const FLUSH_STALL: Duration = Duration::from_secs(1);
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where lines go. It may block, but only the writer's thread.
pub trait LineOutput: Send + 'static {
    /// Opens what is not open, and replaces what is gone. Returns whether bytes now go elsewhere
    /// than before.
    ///
    /// # Errors
    /// It cannot be opened.
    fn prepare(&mut self) -> io::Result<bool>;

    /// Writes a part of the bytes.
    ///
    /// # Errors
    /// Nothing was written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Lets the next [`LineOutput::prepare`] open the output again.
    fn close(&mut self);

    /// Called after each attempt to write lines, and after the output was opened.
    fn release(&mut self) {}

    /// Adds the final form of a line to `buffer`.
    fn format(&mut self, line: &QueuedLine, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&line.bytes);
    }
}

/// A line that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedLine {
    /// The line with its line feed.
    pub bytes: Vec<u8>,
    /// How many lines were dropped between the one before and this one.
    pub dropped_before: u64,
}

/// A queue of lines, and the thread that writes them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BackgroundWriter(Arc<Queue>);

impl BackgroundWriter {
    /// Starts the thread. `name` is the label in metrics and messages.
    ///
    /// An output that cannot be opened at once, such as a named pipe without a reader, is waited
    /// for by the thread alone.
    ///
    /// # Errors
    /// The output cannot be opened, or the thread cannot be started.
    pub fn start(name: &'static str, output: impl LineOutput) -> io::Result<Self> {
        let queue = Arc::new(Queue::new(name));
        let (opened, first) = sync_channel(0);
        thread::Builder::new().name(format!("{name}-log")).spawn({
            let queue = queue.clone();
            move || run(&queue, output, &opened)
        })?;
        match first.recv_timeout(OPEN_TIMEOUT) {
            Ok(result) => result?,
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("no thread")),
            Err(RecvTimeoutError::Timeout) => {
                tracing::error!(log = name, "the output is not open yet; lines wait for it");
            }
        }
        Ok(Self(queue))
    }

    /// Adds a line, which ends with a line feed. If the queue is full it is dropped and counted.
    pub fn push(&self, line: Vec<u8>) {
        self.0.push(line);
    }

    /// Whether lines are being written and the queue is less than half full, so that a line that is
    /// added soon will surely fit.
    pub fn has_capacity(&self) -> bool {
        self.0.has_capacity()
    }

    /// How many lines wait, with those that are being written.
    pub fn queue_usage(&self) -> QueueUsage {
        self.0.usage()
    }

    /// Opens the output again as soon as the thread is free, as after a rotation of the file.
    pub fn reopen(&self) {
        self.0.request_reopen();
    }

    /// Blocks until everything is written. Gives up if nothing is written for a second. Returns how
    /// many lines are left.
    pub fn flush(&self) -> usize {
        self.0.wait_until_written(FLUSH_STALL, FLUSH_TIMEOUT)
    }
}

/// Writes a line and waits for it. For commands, which have no thread for it.
///
/// # Errors
/// Those of the output. A part of the line may be written.
pub fn write_line(output: &mut impl LineOutput, bytes: Vec<u8>) -> io::Result<()> {
    let mut batch = Batch::default();
    batch.lines.push_back(QueuedLine {
        bytes,
        dropped_before: 0,
    });
    batch.write_to(output, |_| {})
}

/// The thread. It ends with the process, because nothing can end a write that blocks.
fn run(queue: &Queue, mut output: impl LineOutput, opened: &SyncSender<io::Result<()>>) {
    let result = output.prepare().map(|_| ());
    output.release();
    let is_open = result.is_ok();
    queue.finish_work();
    // Nobody waits for it after the timeout. Then a failure is retried like any other.
    let is_awaited = opened.send(result).is_ok();
    if is_awaited && !is_open {
        return;
    }
    let mut batch = Batch::default();
    loop {
        let Work { lines, reopen } = queue.take_work();
        batch.lines = lines;
        if reopen {
            output.close();
        }
        while let Err(error) = batch.write_to(&mut output, |count| queue.count_written(count)) {
            let pause = if error.kind() == io::ErrorKind::WouldBlock {
                BLOCKED_RETRY_INTERVAL
            } else {
                queue.report_failure(&error);
                RETRY_INTERVAL
            };
            thread::sleep(pause);
            if queue.take_reopen() {
                output.close();
            }
        }
        queue.finish_work();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::server::system::mutex::lock;

    #[derive(Clone, Default)]
    struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output that blocks or fails as long as it is told to.
    #[derive(Clone, Default)]
    struct TestOutput {
        written: Arc<Mutex<Vec<u8>>>,
        blocks: Arc<AtomicBool>,
        fails: Arc<AtomicBool>,
        closed: Arc<AtomicBool>,
        /// Whether a write has begun.
        is_writing: Arc<AtomicBool>,
    }

    impl LineOutput for TestOutput {
        fn prepare(&mut self) -> io::Result<bool> {
            let is_replaced = self.closed.swap(false, Ordering::SeqCst);
            if is_replaced {
                lock(&self.written).extend_from_slice(b"[opened]");
            }
            Ok(is_replaced)
        }

        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.is_writing.store(true, Ordering::SeqCst);
            while self.blocks.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            if self.fails.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            // In pieces, so that a failure can come in the middle of a line.
            let part = bytes.get(..3).unwrap_or(bytes);
            lock(&self.written).extend_from_slice(part);
            Ok(part.len())
        }

        fn close(&mut self) {
            self.closed.store(true, Ordering::SeqCst);
        }

        fn format(&mut self, line: &QueuedLine, buffer: &mut Vec<u8>) {
            if line.dropped_before > 0 {
                buffer.extend_from_slice(format!("-{} ", line.dropped_before).as_bytes());
            }
            buffer.extend_from_slice(&line.bytes);
        }
    }

    fn text(output: &TestOutput) -> String {
        String::from_utf8(lock(&output.written).clone()).unwrap()
    }

    #[test]
    fn a_stalled_output_blocks_nobody_and_what_does_not_fit_is_counted() {
        let output = TestOutput::default();
        output.blocks.store(true, Ordering::SeqCst);
        let writer = BackgroundWriter::start("test", output.clone()).unwrap();
        writer.push(b"first\n".to_vec());
        while !output.is_writing.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        let (recorder, log) = (
            PrometheusBuilder::new().build_recorder(),
            LogBuffer::default(),
        );
        let log_writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || log_writer.clone());
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(subscriber.finish(), || {
                for number in 0..queue::MAX_LINES + 1_000 {
                    writer.push(format!("{number}\n").into_bytes());
                }
            });
        });
        assert!(!writer.has_capacity());
        let counted = recorder.handle().render();
        assert!(counted.contains("latchkey_log_lines_dropped_total{log=\"test\"}"));
        let said = String::from_utf8(lock(&log.0).clone()).unwrap();
        assert_eq!(said.matches("lines are dropped").count(), 1, "{said}");
        assert!(writer.flush() >= queue::MAX_LINES, "it gives up");
        output.blocks.store(false, Ordering::SeqCst);
        assert_eq!(writer.flush(), 0);
        writer.push(b"last\n".to_vec());
        assert!(writer.has_capacity());
        assert_eq!(writer.flush(), 0);
        let text = text(&output);
        let lines: Vec<&str> = text.lines().collect();
        let dropped: usize = lines
            .last()
            .and_then(|line| line.strip_prefix('-')?.strip_suffix(" last")?.parse().ok())
            .unwrap();
        assert_eq!(dropped, 1_000);
        assert_eq!(lines.len(), queue::MAX_LINES + 2);
    }

    #[test]
    fn a_failed_line_is_written_when_the_output_works_again() {
        let output = TestOutput::default();
        output.fails.store(true, Ordering::SeqCst);
        let writer = BackgroundWriter::start("test", output.clone()).unwrap();
        writer.push(b"kept\n".to_vec());
        while writer.has_capacity() {
            thread::yield_now();
        }
        output.fails.store(false, Ordering::SeqCst);
        while !writer.has_capacity() {
            thread::yield_now();
        }
        assert_eq!(writer.flush(), 0);
        assert_eq!(text(&output), "kept\n");
    }

    #[test]
    fn an_output_is_opened_again_on_request_also_without_a_line() {
        let output = TestOutput::default();
        let writer = BackgroundWriter::start("test", output.clone()).unwrap();
        writer.push(b"a\n".to_vec());
        assert_eq!(writer.flush(), 0);
        writer.reopen();
        assert_eq!(writer.flush(), 0);
        writer.push(b"b\n".to_vec());
        assert_eq!(writer.flush(), 0);
        assert_eq!(text(&output), "a\n[opened]b\n");
    }
}
