//! Test numbers: for the reviewers of an app store, and for tests against a real tenant.
//!
//! They bypass nothing: every limit and check of a sign-in applies to them. Only their messages are
//! handled differently. If the tenant sends them through our SMS gateway, no provider is called and
//! the operator can read them.
//!
//! A message is stored encrypted under a keyed hash of its number until it was shown or its code
//! expires. A reader confirms that the code was shown, so a code that could not be shown is not
//! lost. Of two readers only one gets it. Only the newest message of a number is kept. Every node
//! can read it, also after a restart.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{AuditLog, Event, EventSource, Pseudonyms};
use crate::server::crypto::derived_keys::{DerivedKeys, IndexPurpose};
use crate::server::crypto::hash::Digest;
use crate::server::identifier_parser::parse_phone_number;
use crate::server::passcode_policy::CurrentLimits;
use crate::server::settings::Settings;
use crate::server::settings::test_numbers::{ParsedTestNumber, TestNumberCounts};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, Store, StoreError};
use crate::server::system::clock::Clock;

/// The associated data of encrypted messages.
const CONTEXT: &[u8] = b"latchkey test message v1";

/// How long a message is withheld from other readers when a reader does not say how it ended.
const READING: Duration = Duration::from_secs(10);

/// What test numbers depend on.
#[expect(missing_docs, reason = "most fields are named for their types")]
#[derive(Debug)]
pub struct TestNumberDeps {
    pub store: Arc<dyn Store>,
    pub keys: Arc<DerivedKeys>,
    pub clock: Clock,
    pub audit: AuditLog,
    pub pseudonyms: Pseudonyms,
    /// Length and lifetime of codes.
    pub limits: CurrentLimits,
}

/// The test numbers. Cheap to clone.
#[derive(Clone)]
pub struct TestNumbers(Arc<Inner>);

struct Inner {
    listed: Vec<ParsedTestNumber>,
    deps: TestNumberDeps,
}

/// The stored form of a message.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct StoredMessage {
    text: String,
    #[zeroize(skip)]
    received_at: Timestamp,
    /// When somebody began to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[zeroize(skip)]
    read_at: Option<Timestamp>,
}

/// A message to a test number. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct TestNumberMessage {
    /// The code, if the text contains exactly one.
    pub code: Option<String>,
    /// The whole text.
    pub text: String,
    /// When the gateway received it, RFC 3339.
    pub received_at: String,
    /// When its code expires, RFC 3339.
    pub expires_at: String,
    /// Whole seconds until then.
    pub expires_in: u64,
}

/// Why there is no message. `Display` is for the operator and contains no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestMessageError {
    /// The text is no phone number.
    #[error("this is no phone number; write it in international form, such as +447400123456")]
    InvalidNumber,
    /// The number is no test number.
    #[error("this is no test number: test_numbers does not name it, or its end has passed")]
    NotListed,
    /// No message was received, or it was read or has expired.
    #[error("no message: none has come, it was read already, or its code is too old")]
    NoMessage,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TestNumbers {
    /// The test numbers of the settings.
    pub fn new(settings: &Settings, deps: TestNumberDeps) -> Self {
        Self(Arc::new(Inner {
            listed: settings.test_numbers.parsed(),
            deps,
        }))
    }

    /// The event that is audit-logged at the start; `None` if there are no test numbers.
    pub fn startup_event(&self) -> Option<Event> {
        let TestNumberCounts {
            in_force,
            ended,
            until,
        } = TestNumberCounts::of(&self.0.listed, self.0.deps.clock.now())?;
        Some(Event::TestNumbers {
            in_force,
            ended,
            until,
        })
    }

    /// Whether a number (E.164) is a test number now.
    pub fn contains(&self, number: &str) -> bool {
        self.find(number).is_some()
    }

    /// Stores a message to a test number. It replaces an earlier one.
    ///
    /// # Errors
    /// The store's; the message is lost.
    pub async fn store_message(&self, number: &str, text: &str) -> Result<(), StoreError> {
        let Inner {
            deps:
                TestNumberDeps {
                    store,
                    keys,
                    clock,
                    limits,
                    ..
                },
            ..
        } = &*self.0;
        let (key, now) = (self.key(number), clock.now());
        let stored = StoredMessage {
            text: text.to_owned(),
            received_at: now,
            read_at: None,
        };
        let sealed = keys.encrypt_record(CONTEXT, &key.id, &stored)?;
        store
            .put(
                key,
                None,
                Precondition::Any,
                sealed,
                now + limits.get().code_lifetime(),
                now,
            )
            .await
            .map(|_| ())
    }

    /// Returns the message of a number, and its version for [`Self::finish_reading`]. Until then
    /// nobody else gets it. `uid` is the operating system's user who reads it, for the audit log.
    ///
    /// # Errors
    /// [`TestMessageError`].
    pub async fn read_message(
        &self,
        typed: &str,
        uid: Option<u32>,
    ) -> Result<(TestNumberMessage, u64), TestMessageError> {
        let TestNumberDeps {
            clock,
            audit,
            pseudonyms,
            ..
        } = &self.0.deps;
        let listed = self.parse(typed)?;
        let (key, now) = (self.key(listed.identifier.value()), clock.now());
        let (record, mut stored) = self.load(key).await?;
        if stored
            .read_at
            .is_some_and(|begun| now.since(begun) < READING)
        {
            return Err(TestMessageError::NoMessage);
        }
        stored.read_at = Some(now);
        // Another reader was first.
        let PutOutcome::Stored(version) = self.replace(key, &record, &stored).await? else {
            return Err(TestMessageError::NoMessage);
        };
        let subject = pseudonyms.subject(&listed.identifier, now).await;
        let source = EventSource {
            operator: uid,
            ..EventSource::default()
        };
        audit.emit(&source, &Event::TestCodeRead { subject });
        let message = TestNumberMessage {
            code: find_code(&stored.text, self.0.deps.limits.get().policy.length)
                .map(str::to_owned),
            text: stored.text.clone(),
            received_at: stored.received_at.to_rfc3339(),
            expires_at: record.expires_at.to_rfc3339(),
            expires_in: record.expires_at.seconds_from(now),
        };
        Ok((message, version))
    }

    /// Ends the reading of a version: deletes it, or lets it be read again if it could not be
    /// shown. A newer message stays as it is.
    ///
    /// # Errors
    /// [`TestMessageError`].
    pub async fn finish_reading(
        &self,
        typed: &str,
        version: u64,
        was_shown: bool,
    ) -> Result<(), TestMessageError> {
        let TestNumberDeps { store, clock, .. } = &self.0.deps;
        let listed = self.parse(typed)?;
        let (key, now) = (self.key(listed.identifier.value()), clock.now());
        if was_shown {
            // A record that has ended is as good as none, and a put can be bound to the version.
            let precondition = Precondition::Version(version);
            store
                .put(key, None, precondition, Vec::new(), now, now)
                .await?;
            return Ok(());
        }
        match self.load(key).await {
            Ok((record, mut stored)) if record.version == version => {
                stored.read_at = None;
                self.replace(key, &record, &stored).await?;
                Ok(())
            }
            Ok(_) | Err(TestMessageError::NoMessage) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn load(&self, key: Key) -> Result<(Record, StoredMessage), TestMessageError> {
        let deps = &self.0.deps;
        let record = deps.store.get(key, deps.clock.now()).await?;
        let record = record.ok_or(TestMessageError::NoMessage)?;
        let stored = deps.keys.decrypt_record(CONTEXT, &key.id, &record.bytes);
        Ok((record, stored.ok_or(TestMessageError::NoMessage)?))
    }

    /// Stores a message in the place of the one that was loaded.
    async fn replace(
        &self,
        key: Key,
        loaded: &Record,
        stored: &StoredMessage,
    ) -> Result<PutOutcome, StoreError> {
        let deps = &self.0.deps;
        let sealed = deps.keys.encrypt_record(CONTEXT, &key.id, stored)?;
        let precondition = Precondition::Version(loaded.version);
        deps.store
            .put(
                key,
                None,
                precondition,
                sealed,
                loaded.expires_at,
                deps.clock.now(),
            )
            .await
    }

    fn parse(&self, typed: &str) -> Result<&ParsedTestNumber, TestMessageError> {
        let identifier = parse_phone_number(typed, None).ok_or(TestMessageError::InvalidNumber)?;
        self.find(identifier.value())
            .ok_or(TestMessageError::NotListed)
    }

    fn find(&self, number: &str) -> Option<&ParsedTestNumber> {
        let now = self.0.deps.clock.now();
        self.0
            .listed
            .iter()
            .find(|listed| listed.identifier.value() == number && now < listed.until)
    }

    fn key(&self, number: &str) -> Key {
        let id: Digest = self.0.deps.keys.index(
            IndexPurpose::Identifier,
            format!("test:{number}").as_bytes(),
        );
        Key {
            kind: RecordKind::TestMessage,
            id,
        }
    }
}

impl fmt::Debug for TestNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestNumbers({})", self.0.listed.len())
    }
}

impl fmt::Debug for TestNumberMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestNumberMessage(redacted)")
    }
}

/// Finds the code: the only word of so many digits. A message may repeat it for the browser.
fn find_code(text: &str, digits: usize) -> Option<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut codes =
        words.filter(|word| word.len() == digits && word.bytes().all(|b| b.is_ascii_digit()));
    let first = codes.next()?;
    codes.all(|code| code == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_only_word_of_its_length() {
        for (text, code) in [
            ("Your Latchkey code is 482913.", Some("482913")),
            (
                "482913 is your code\n\n@id.example.com #482913",
                Some("482913"),
            ),
            ("代码482913，5分钟内有效", Some("482913")),
            ("Code:482913", Some("482913")),
            ("Acme 2000: 482913 for 5 minutes", Some("482913")),
            ("Acme 200000: 482913", None),
            ("Your code is 4829.", None),
            ("Your code is 4829134.", None),
            ("Your code is A482913.", None),
            ("", None),
        ] {
            assert_eq!(find_code(text, 6), code, "{text}");
        }
        assert_eq!(find_code("Your code is 4829.", 4), Some("4829"));
    }

    #[test]
    fn c11_debug_shows_no_code() {
        let shown = TestNumberMessage {
            code: Some("482913".to_owned()),
            text: "482913 is your code".to_owned(),
            received_at: String::new(),
            expires_at: String::new(),
            expires_in: 60,
        };
        assert_eq!(format!("{shown:?}"), "TestNumberMessage(redacted)");
    }
}
