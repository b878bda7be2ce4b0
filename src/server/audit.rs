//! What happened, for whoever must answer for it: one event type, one sink, a JSON object a line.
//!
//! Names follow the OWASP Logging Vocabulary where it has one. An event holds a keyed hash of the
//! identifier and its country, never the identifier, a passcode or a token. Metrics are counted
//! from events, so that the two cannot disagree.
//!
//! - `event`: everything that is put on record.
//! - `flood`: what anybody can cause at will fills no disk.
//! - `recent`: what happened lately, as counts; `figures`: what they come to, for the console and
//!   for metrics.

use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::hexadecimal;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;

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

/// Who caused an event, as far as a request tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The request's id, which the answer carries too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
}

#[derive(Serialize)]
struct AuditRecord<'a> {
    time: String,
    #[serde(flatten)]
    event: &'a Event,
    #[serde(flatten)]
    origin: &'a Origin,
    /// How many of its kind were not written since the last one that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u64>,
}

/// The sink. Cheap to clone.
#[derive(Clone)]
pub struct Audit {
    clock: Clock,
    sink: Arc<Mutex<Box<dyn Write + Send>>>,
    flood: Arc<Sampler>,
    recent: RollingCounts,
}

impl Audit {
    /// Writes to standard output, or appends to a file.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(file: Option<&Path>, clock: Clock) -> io::Result<Self> {
        Ok(match file {
            None => Self::to(io::stdout(), clock),
            Some(path) => Self::to(
                crate::server::system::private_files::file()
                    .create(true)
                    .append(true)
                    .open(path)?,
                clock,
            ),
        })
    }

    /// Writes anywhere.
    pub fn to(sink: impl Write + Send + 'static, clock: Clock) -> Self {
        Self {
            clock,
            sink: Arc::new(Mutex::new(Box::new(sink))),
            flood: Arc::default(),
            recent: RollingCounts::default(),
        }
    }

    /// What was put on record lately.
    pub fn recent(&self) -> &RollingCounts {
        &self.recent
    }

    /// Puts an event on record; of what anybody can cause at will, so many a minute, while metrics
    /// count every one. A sink that fails is reported in the log; it stops nobody.
    pub fn emit(&self, origin: &Origin, event: &Event) {
        let now = self.clock.now();
        self.tally(event, now);
        let left_out = match event
            .is_anybodys()
            .then(|| self.flood.admit(event.name(), event.outcome(), now))
        {
            Some(SamplingDecision::Out) => return,
            Some(SamplingDecision::In { left_out }) => (left_out > 0).then_some(left_out),
            None => None,
        };
        let line = AuditRecord {
            time: now.to_rfc3339(),
            event,
            origin,
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

    /// Counts an event that is not put on record: a flood must not fill that.
    pub fn count(&self, event: &Event) {
        self.tally(event, self.clock.now());
    }

    /// Few values of each label, none of them personal: names, limits and countries.
    fn tally(&self, event: &Event, now: Timestamp) {
        self.recent.note(event, now);
        let (name, outcome, country) = (event.name(), event.outcome(), event.country());
        metrics::counter!("latchkey_events_total", "event" => name, "outcome" => outcome, "country" => country)
            .increment(1);
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}

/// The first 128 bits of a hash in hexadecimal: enough to tell two apart.
pub fn hex(hash: &[u8]) -> String {
    hexadecimal(hash.get(..16).unwrap_or(hash))
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
        let audit = Audit::to(
            sink.clone(),
            Clock::manual(Timestamp::from_secs(1_774_000_000)).0,
        );
        let event = Event::LoginFail {
            subject: AuditSubject::of(&identifier, &keys),
            reason: SignInFailure::Refused,
            detail: Some("forged\n{\"event\":\"authn_login_success\"}".into()),
        };
        audit.emit(
            &Origin {
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
