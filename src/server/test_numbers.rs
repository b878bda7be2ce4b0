//! Test numbers: for the reviewers of an app store, and for tests against a real tenant. Not a way
//! round anything: such a number is an ordinary one of an ordinary user, and every limit and check
//! of a sign-in holds for it. Its messages alone are handled otherwise: where the tenant hands them
//! to our SMS gateway, no provider is asked, and the operator can read them.
//!
//! A message rests sealed in the store, under a keyed hash of its number, until its code is too old
//! or it was read: each is shown once. With the store it survives a restart, and any node shows
//! what another one got. What bounds it is the list: one message a number, the newest.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Audit, AuditSubject, Event, Origin};
use crate::server::crypto::derived_keys::{DerivedKeys, Digest, IndexPurpose};
use crate::server::settings::Settings;
use crate::server::settings::test_numbers::{Tally, TestNumberList};
use crate::server::sign_in::identifier_parser::phone_number;
use crate::server::store::{Key, Precondition, RecordKind, Store, StoreError};
use crate::server::system::clock::Clock;

/// What the seal of a message is bound to.
const CONTEXT: &[u8] = b"latchkey test message v1";

/// What test numbers take from outside.
#[derive(Debug)]
pub struct TestNumberDeps {
    /// Where messages rest.
    pub store: Arc<dyn Store>,
    /// Seals them.
    pub keys: Arc<DerivedKeys>,
    /// Time.
    pub clock: Clock,
    /// The record.
    pub audit: Audit,
}

/// The test numbers. Cheap to clone.
#[derive(Clone)]
pub struct TestNumbers(Arc<Inner>);

struct Inner {
    listed: Vec<TestNumberList>,
    /// Digits in a code.
    digits: usize,
    lifetime: Duration,
    around: TestNumberDeps,
}

/// A message, as it rests.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct StoredMessage {
    text: String,
    #[zeroize(skip)]
    received_at: Timestamp,
}

/// A message to a test number. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct ShownCode {
    /// The code, where the text says plainly which it is.
    pub code: Option<String>,
    /// The whole text.
    pub text: String,
    /// When the gateway got it, RFC 3339.
    pub received_at: String,
    /// From when on its code is too old, RFC 3339.
    pub expires_at: String,
    /// Whole seconds until then.
    pub expires_in: u64,
}

/// Why there is nothing to show. `Display` is for the operator and names no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// What was typed cannot be read.
    #[error("this is no phone number; write it in international form, such as +447400123456")]
    NoNumber,
    /// It is an ordinary number.
    #[error("this is no test number: test_numbers does not name it, or its end has passed")]
    Ordinary,
    /// None came, or it is gone.
    #[error("no message: none has come, it was read already, or its code is too old")]
    NoMessage,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TestNumbers {
    /// Those that the settings name.
    pub fn new(settings: &Settings, around: TestNumberDeps) -> Self {
        Self(Arc::new(Inner {
            listed: settings.test_numbers.listed(),
            digits: settings.transmit.otp_length,
            lifetime: settings.transmit.code_lifetime(),
            around,
        }))
    }

    /// What is put on record of the list at the start; nothing if it is empty.
    pub fn summary(&self) -> Option<Event> {
        let Tally {
            in_force,
            ended,
            until,
        } = Tally::of(&self.0.listed, self.0.around.clock.now())?;
        Some(Event::TestNumbers {
            in_force,
            ended,
            until,
        })
    }

    /// Whether a number (E.164) is one of them now.
    pub fn includes(&self, number: &str) -> bool {
        self.find(number).is_some()
    }

    /// Keeps a message to one of them, in the place of an earlier one.
    ///
    /// # Errors
    /// The store's: the message is lost.
    pub async fn keep(&self, number: &str, text: &str) -> Result<(), StoreError> {
        let Inner {
            around: TestNumberDeps {
                store, keys, clock, ..
            },
            lifetime,
            ..
        } = &*self.0;
        let (key, now) = (self.key(number), clock.now());
        let kept = StoredMessage {
            text: text.to_owned(),
            received_at: now,
        };
        let sealed = keys.seal_record(CONTEXT, &key.id, &kept)?;
        store
            .put(key, None, Precondition::Any, sealed, now + *lifetime, now)
            .await
            .map(|_| ())
    }

    /// The message of the number that was typed. It is shown once: whoever asks next has to wait
    /// for the next one.
    ///
    /// `uid` is the user of the system who asks, for the record.
    ///
    /// # Errors
    /// [`NothingToShow`].
    pub async fn show(&self, typed: &str, uid: Option<u32>) -> Result<ShownCode, NoCode> {
        let TestNumberDeps {
            store,
            keys,
            clock,
            audit,
        } = &self.0.around;
        let identifier = phone_number(typed, None).ok_or(NoCode::NoNumber)?;
        let listed = self.find(identifier.value()).ok_or(NoCode::Ordinary)?;
        let (key, now) = (self.key(listed.identifier.value()), clock.now());
        let record = store.take(key, now).await?.ok_or(NoCode::NoMessage)?;
        let kept: StoredMessage = keys
            .open_record(CONTEXT, &key.id, &record.bytes)
            .ok_or(NoCode::NoMessage)?;
        let subject = AuditSubject::of(&listed.identifier, keys);
        audit.emit(&Origin::default(), &Event::TestCodeRead { subject, uid });
        Ok(ShownCode {
            code: code_in(&kept.text, self.0.digits).map(str::to_owned),
            text: kept.text.clone(),
            received_at: kept.received_at.to_rfc3339(),
            expires_at: record.expires_at.to_rfc3339(),
            expires_in: record.expires_at.seconds_from(now),
        })
    }

    fn find(&self, number: &str) -> Option<&TestNumberList> {
        let now = self.0.around.clock.now();
        self.0
            .listed
            .iter()
            .find(|listed| listed.identifier.value() == number && now < listed.until)
    }

    fn key(&self, number: &str) -> Key {
        let id: Digest = self.0.around.keys.index(
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

impl fmt::Debug for ShownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(redacted)")
    }
}

/// The word of so many digits, if there is one and no other: a message may say its code again for
/// the browser.
fn code_in(text: &str, digits: usize) -> Option<&str> {
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
    fn the_code_is_the_one_word_of_its_length() {
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
            assert_eq!(code_in(text, 6), code, "{text}");
        }
        assert_eq!(code_in("Your code is 4829.", 4), Some("4829"));
    }

    #[test]
    fn c11_debug_shows_no_code() {
        let shown = ShownCode {
            code: Some("482913".to_owned()),
            text: "482913 is your code".to_owned(),
            received_at: String::new(),
            expires_at: String::new(),
            expires_in: 60,
        };
        assert_eq!(format!("{shown:?}"), "Shown(redacted)");
    }
}
