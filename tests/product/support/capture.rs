//! Everything that is written: audit events by world, logs of the whole process.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Capture {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Every line as an event.
    pub fn events(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Events of one name.
    pub fn of(&self, name: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event["event"] == name).collect()
    }

    pub fn count(&self, name: &str) -> usize {
        self.of(name).len()
    }
}

static LOGS: LazyLock<Capture> = LazyLock::new(|| {
    let capture = Capture::default();
    let writer = capture.clone();
    // Without times: their fractions look like codes.
    let logs = tracing_subscriber::fmt().with_env_filter("debug").with_ansi(false).without_time();
    logs.with_writer(move || writer.clone()).init();
    capture
});

/// The logs of all worlds.
pub fn logs() -> Capture {
    LOGS.clone()
}
