//! The audit log: security events as JSON, one object a line.
//!
//! Event names follow the OWASP Logging Vocabulary. An event holds a keyed hash of the identifier
//! and its country, never the identifier, a passcode or a token. Metrics are counted from events,
//! so that both agree.
//!
//! - `event`: all events and their names.
//! - `sampling`: limits how often an event is written that anyone can cause at will.
//! - `rolling_counts`: counts of recent events; `statistics`: the sums and series made from them.

use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::domain::timestamp::Timestamp;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::private_files;

mod event;
pub mod rolling_counts;
mod sampling;
pub mod statistics;

pub use event::{
    AuditSubject, EndReason, Event, LimitDecision, Purpose, SignInFailure, SmsOutcome,
    TicketRefusal,
};
pub use rolling_counts::RollingCounts;
use sampling::{Sampler, SamplingDecision};
pub use statistics::{Statistics, TimeRange};

/// Where the request that caused an event came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventSource {
    /// The request's id, which the response carries too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

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

/// The audit log. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    clock: Clock,
    sink: Arc<Mutex<Box<dyn Write + Send>>>,
    sampler: Arc<Sampler>,
    recent: RollingCounts,
}

impl AuditLog {
    /// Appends to a file, or writes to standard output.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(file: Option<&Path>, clock: Clock) -> io::Result<Self> {
        Ok(match file {
            None => Self::to(io::stdout(), clock),
            Some(path) => Self::to(
                private_files::open_options()
                    .create(true)
                    .append(true)
                    .open(path)?,
                clock,
            ),
        })
    }

    /// Writes to any sink.
    pub fn to(sink: impl Write + Send + 'static, clock: Clock) -> Self {
        Self {
            clock,
            sink: Arc::new(Mutex::new(Box::new(sink))),
            sampler: Arc::default(),
            recent: RollingCounts::default(),
        }
    }

    /// Counts of recent events.
    pub fn recent(&self) -> &RollingCounts {
        &self.recent
    }

    /// Logs and counts an event. Sampled events are written a limited number of times a minute, but
    /// always counted. A failing sink is reported in the application log and stops no request.
    pub fn emit(&self, source: &EventSource, event: &Event) {
        let now = self.clock.now();
        self.count_metrics(event, now);
        let left_out = match event
            .is_sampled()
            .then(|| self.sampler.admit(event.name(), event.outcome(), now))
        {
            Some(SamplingDecision::Drop) => return,
            Some(SamplingDecision::Write { left_out }) => (left_out > 0).then_some(left_out),
            None => None,
        };
        let line = AuditRecord {
            time: now.to_rfc3339(),
            event: event.name(),
            fields: event,
            source,
            left_out,
        };
        // JSON escapes control characters, so no value can forge a line.
        let written = serde_json::to_vec(&line)
            .map_err(io::Error::from)
            .and_then(|mut bytes| {
                bytes.push(b'\n');
                let mut sink = lock(&self.sink);
                sink.write_all(&bytes)?;
                sink.flush()
            });
        if let Err(error) = written {
            tracing::error!(event = event.name(), %error, "audit event could not be written");
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
        metrics::counter!("latchkey_audit_events_total", "event" => name, "outcome" => outcome, "country" => country)
            .increment(1);
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Identifier, IdentifierType};
    use crate::server::crypto::derived_keys::DerivedKeys;
    use crate::server::system::random::Random;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn l2_l3_an_event_is_one_line_without_the_number() {
        let keys = DerivedKeys::derive(&[1; 32].into(), Random::system()).unwrap();
        let identifier = Identifier::canonical(
            IdentifierType::PhoneNumber,
            "+447400123456".into(),
            Some("GB".into()),
        );
        let sink = Shared::default();
        let audit = AuditLog::to(
            sink.clone(),
            Clock::manual(Timestamp::from_secs(1_774_000_000)).0,
        );
        let event = Event::LoginFail {
            subject: AuditSubject::of(&identifier, &keys),
            reason: SignInFailure::Refused,
            detail: Some("forged\n{\"event\":\"authn_login_success\"}".into()),
        };
        audit.emit(
            &EventSource {
                request_id: Some("r1".into()),
                address: Some([203, 0, 113, 7].into()),
            },
            &event,
        );
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains("7400"), "{text}");
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["event"], event.name());
        assert_eq!(line["time"], "2026-03-20T09:46:40Z");
        assert_eq!(line["subject"]["country"], "GB");
        assert_eq!(line["reason"], "refused");
        assert_eq!(line["address"], "203.0.113.7");
    }
}
