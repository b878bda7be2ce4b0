//! The audit log: security events as JSON, one object a line.
//!
//! Event names follow the OWASP Logging Vocabulary. An event holds a pseudonym of the identifier
//! and its country, never the identifier, a passcode or a token. Metrics are counted from events,
//! so that both agree.
//!
//! - `event`: all events and their names; `event_source`: where they came from.
//! - `notices`: what other services are told of events.
//! - `pseudonyms`: the random names of numbers, which an erasure unlinks.
//! - `chain`: codes by which altered and missing lines are found.
//! - `recent_events`: the last events of each number, for the operator's support.
//! - `sampling`: limits how often an event is written that anyone can cause at will.
//! - `rolling_counts`: counts of recent events; `statistics`: the sums and series made from them.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::chain::{ChainedFile, ChainedStream};
use crate::server::crypto::mac_keys::MacKeys;
use crate::server::settings::TelemetrySettings;
use crate::server::settings::telemetry::AuditOverflow;
use crate::server::system::background_writer::{BackgroundWriter, LineOutput, write_line};
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::output::StandardStream;
use crate::server::system::queue_usage::QueueUsage;
use crate::server::system::random::Random;

pub mod chain;
mod event;
mod event_source;
pub mod notices;
pub mod pseudonyms;
mod recent_events;
pub mod rolling_counts;
mod sampling;
pub mod statistics;
#[cfg(test)]
mod tests;

pub use event::{
    AuditSubject, AuditedPolicy, EndReason, Event, LimitDecision, Purpose, SignInFailure,
    SmsOutcome, TicketRefusal,
};
pub use event_source::{CommandOrigin, EventSource};
use notices::Notices;
pub use pseudonyms::{Pseudonyms, Retention};
pub use recent_events::{FoundEvents, RecentEvent, RecentEvents, UnsavedEvents};
pub use rolling_counts::RollingCounts;
use sampling::{Sampler, SamplingDecision};
pub use statistics::{Statistics, TimeRange};

#[derive(Serialize)]
struct AuditRecord<'a> {
    time: String,
    event: &'static str,
    #[serde(flatten)]
    fields: &'a Event,
    #[serde(flatten)]
    source: &'a EventSource,
    /// How many events of its kind were dropped since the last one written.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u64>,
}

/// The name of the log in metrics and messages.
const LOG_NAME: &str = "audit";

/// How lines are written.
#[derive(Clone)]
enum Sink {
    /// At once, by the caller: for commands and tests.
    Direct(Arc<Mutex<DirectSink>>),
    /// By a thread, so that no request waits for it.
    Queued(BackgroundWriter, AuditOverflow),
}

enum DirectOutput {
    Plain(Box<dyn Write + Send>),
    File(Box<ChainedFile>),
}

struct DirectSink {
    output: DirectOutput,
    /// The first error, which the command reports at its end.
    error: Option<io::Error>,
}

/// The audit log. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    clock: Clock,
    sink: Sink,
    sampler: Arc<Sampler>,
    recent: RollingCounts,
    unsaved: UnsavedEvents,
    notices: Notices,
}

impl AuditLog {
    /// For the server: writes from a queue to the file of the settings or to standard output, with
    /// a chain of codes by the newest of the keys.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn start(
        settings: &TelemetrySettings,
        keys: &MacKeys,
        random: &Random,
        clock: Clock,
    ) -> io::Result<Self> {
        let writer = match (&settings.audit_file, keys.newest()) {
            (Some(path), _) => {
                let file = ChainedFile::new(path.clone(), keys.clone(), random, clock.clone());
                BackgroundWriter::start(LOG_NAME, file)
            }
            (None, Some(key)) => {
                let stream = ChainedStream::new(StandardStream::stdout()?, key.clone(), random);
                BackgroundWriter::start(LOG_NAME, stream)
            }
            (None, None) => BackgroundWriter::start(LOG_NAME, StandardStream::stdout()?),
        }?;
        Ok(Self::with_sink(
            Sink::Queued(writer, settings.audit_overflow),
            clock,
        ))
    }

    /// For a command: appends to a file, and continues its chain.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn append_to(
        path: &Path,
        keys: MacKeys,
        random: &Random,
        clock: Clock,
    ) -> io::Result<Self> {
        let mut file = ChainedFile::new(path.to_owned(), keys, random, clock.clone());
        let opened = file.prepare();
        file.release();
        opened?;
        Ok(Self::direct(DirectOutput::File(Box::new(file)), clock))
    }

    /// Writes to any output, and waits for it.
    pub fn to(output: impl Write + Send + 'static, clock: Clock) -> Self {
        Self::direct(DirectOutput::Plain(Box::new(output)), clock)
    }

    fn direct(output: DirectOutput, clock: Clock) -> Self {
        let sink = DirectSink {
            output,
            error: None,
        };
        Self::with_sink(Sink::Direct(Arc::new(Mutex::new(sink))), clock)
    }

    fn with_sink(sink: Sink, clock: Clock) -> Self {
        Self {
            clock,
            sink,
            sampler: Arc::default(),
            recent: RollingCounts::default(),
            unsaved: UnsavedEvents::default(),
            notices: Notices::default(),
        }
    }

    /// Whether something that must be audited may happen now. Only with
    /// `telemetry.audit_overflow = "refuse"` it may not, while events cannot be written.
    pub fn accepts_events(&self) -> bool {
        match &self.sink {
            Sink::Queued(writer, AuditOverflow::Refuse) => writer.has_capacity(),
            Sink::Queued(_, AuditOverflow::Drop) | Sink::Direct(_) => true,
        }
    }

    /// How many events wait to be written; none where they are written at once.
    pub fn queue_usage(&self) -> Option<QueueUsage> {
        match &self.sink {
            Sink::Queued(writer, _) => Some(writer.queue_usage()),
            Sink::Direct(_) => None,
        }
    }

    /// Opens the file again, as after its rotation.
    pub fn reopen(&self) {
        if let Sink::Queued(writer, _) = &self.sink {
            writer.reopen();
        }
    }

    /// Waits until all events are written, for a few seconds at most. Blocks the thread.
    ///
    /// # Errors
    /// For the operator: what was not written.
    pub fn finish(&self) -> Result<(), String> {
        match &self.sink {
            Sink::Queued(writer, _) => match writer.flush() {
                0 => Ok(()),
                left => Err(format!("{left} events could not be written")),
            },
            Sink::Direct(sink) => match &lock(sink).error {
                None => Ok(()),
                Some(error) => Err(error.to_string()),
            },
        }
    }

    /// Counts of recent events.
    pub fn recent(&self) -> &RollingCounts {
        &self.recent
    }

    /// Events that wait to be stored with their number.
    pub fn unsaved(&self) -> &UnsavedEvents {
        &self.unsaved
    }

    /// What other services are told of events.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// Logs and counts an event. Sampled events are written a limited number of times a minute, but
    /// always counted. A failing output is reported in the application log.
    pub fn emit(&self, source: &EventSource, event: &Event) {
        let now = self.clock.now();
        self.count_metrics(event, now);
        self.notices.add(event, now);
        let left_out = match event
            .is_sampled()
            .then(|| self.sampler.admit(event.name(), event.outcome(), now))
        {
            Some(SamplingDecision::Drop) => return,
            Some(SamplingDecision::Write { left_out }) => (left_out > 0).then_some(left_out),
            None => None,
        };
        self.unsaved.add(source, event, now);
        let line = AuditRecord {
            time: now.to_rfc3339(),
            event: event.name(),
            fields: event,
            source,
            left_out,
        };
        // JSON escapes control characters, so no value can forge a line.
        match serde_json::to_vec(&line) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                self.sink.write(bytes);
            }
            Err(error) => {
                tracing::error!(event = event.name(), %error, "not an event that can be written");
            }
        }
    }

    /// Counts an event without logging it, so that a flood of requests cannot fill the log.
    pub fn count(&self, event: &Event) {
        self.count_metrics(event, self.clock.now());
    }

    /// Labels have few values, none of them personal: names, limits and countries.
    fn count_metrics(&self, event: &Event, now: Timestamp) {
        self.recent.record(event, now);
        let (name, outcome, country) = (event.name(), event.outcome(), event.country());
        metrics::counter!(
            "latchkey_audit_events_total",
            "event" => name,
            "outcome" => outcome,
            "country" => country,
            "channel" => event.channel()
        )
        .increment(1);
    }
}

impl Sink {
    fn write(&self, line: Vec<u8>) {
        match self {
            Self::Queued(writer, _) => writer.push(line),
            Self::Direct(sink) => {
                let mut sink = lock(sink);
                if let Err(error) = sink.output.write(line) {
                    tracing::error!(%error, "an audit event could not be written");
                    sink.error.get_or_insert(error);
                }
            }
        }
    }
}

impl DirectOutput {
    fn write(&mut self, line: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.write_all(&line).and_then(|()| output.flush()),
            Self::File(file) => write_line(&mut **file, line),
        }
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}
