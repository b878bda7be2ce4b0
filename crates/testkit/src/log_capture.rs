//! Captures what is written: audit events of one application, and the logs of the whole process.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;

use crate::wait::wait_until;

#[derive(Clone, Debug, Default)]
pub struct LogCapture(Arc<Mutex<CapturedLines>>);

#[derive(Debug, Default)]
struct CapturedLines {
    bytes: Vec<u8>,
    /// Lines that were parsed as events, and the offset at which the last of them ends.
    events: Vec<Value>,
    read: usize,
}

impl Write for LogCapture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl CapturedLines {
    fn events(&mut self) -> &[Value] {
        while let Some(length) = self.bytes[self.read..]
            .iter()
            .position(|byte| *byte == b'\n')
        {
            let line = &self.bytes[self.read..self.read + length];
            self.events.push(serde_json::from_slice(line).unwrap());
            self.read += length + 1;
        }
        &self.events
    }
}

impl LogCapture {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().bytes.clone()).unwrap()
    }

    /// Every line, parsed as an event.
    pub fn events(&self) -> Vec<Value> {
        self.0.lock().unwrap().events().to_vec()
    }

    /// The number of events that match.
    pub fn count_matching(&self, matches: impl Fn(&Value) -> bool) -> usize {
        self.0
            .lock()
            .unwrap()
            .events()
            .iter()
            .filter(|event| matches(event))
            .count()
    }

    /// The events of one name.
    pub fn events_named(&self, name: &str) -> Vec<Value> {
        self.events()
            .into_iter()
            .filter(|event| event["event"] == name)
            .collect()
    }

    pub fn count(&self, name: &str) -> usize {
        self.count_matching(|event| event["event"] == name)
    }

    /// Waits until an event was written so often.
    pub async fn wait_for(&self, name: &str, count: usize) {
        wait_until(name, async || self.count(name) == count).await;
    }
}

/// Captures the logs of this thread up to a level, until the guard is dropped.
pub fn thread_logs(level: LevelFilter) -> (LogCapture, DefaultGuard) {
    let capture = LogCapture::default();
    let writer = capture.clone();
    let logs = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone());
    (capture, tracing::subscriber::set_default(logs.finish()))
}

static PROCESS_LOGS: LazyLock<LogCapture> = LazyLock::new(|| {
    let capture = LogCapture::default();
    let writer = capture.clone();
    // Without times, because their fractions look like codes.
    let logs = tracing_subscriber::fmt()
        .with_env_filter("debug")
        .with_ansi(false)
        .without_time();
    logs.with_writer(move || writer.clone()).init();
    capture
});

/// The logs of all applications in this process.
pub fn process_logs() -> LogCapture {
    PROCESS_LOGS.clone()
}
