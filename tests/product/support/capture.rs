//! Everything that is written: audit events by world, logs of the whole process.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use serde_json::Value;

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Written>>);

#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    /// Lines that have been read as events, and where they end.
    events: Vec<Value>,
    read: usize,
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
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

impl Capture {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().bytes.clone()).unwrap()
    }

    /// Every line as an event.
    pub fn events(&self) -> Vec<Value> {
        self.0.lock().unwrap().events().to_vec()
    }

    /// How many events there are of a kind.
    pub fn how_many(&self, is_meant: impl Fn(&Value) -> bool) -> usize {
        self.0
            .lock()
            .unwrap()
            .events()
            .iter()
            .filter(|event| is_meant(event))
            .count()
    }

    /// Events of one name.
    pub fn of(&self, name: &str) -> Vec<Value> {
        self.events()
            .into_iter()
            .filter(|event| event["event"] == name)
            .collect()
    }

    pub fn count(&self, name: &str) -> usize {
        self.how_many(|event| event["event"] == name)
    }
}

static LOGS: LazyLock<Capture> = LazyLock::new(|| {
    let capture = Capture::default();
    let writer = capture.clone();
    // Without times: their fractions look like codes.
    let logs = tracing_subscriber::fmt()
        .with_env_filter("debug")
        .with_ansi(false)
        .without_time();
    logs.with_writer(move || writer.clone()).init();
    capture
});

/// The logs of all worlds.
pub fn logs() -> Capture {
    LOGS.clone()
}
