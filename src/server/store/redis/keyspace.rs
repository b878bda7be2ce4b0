//! The names of keys. Ids are in base64url: shorter than hexadecimal, and without characters that
//! mean anything in `SCAN MATCH` or a hash tag.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::server::crypto::hash::Digest;
use crate::server::store::{Group, Key, RecordKind, ReservationId};

/// The number of this schema: names, fields and scripts. A change that an earlier program would
/// misread needs the next number.
pub(super) const SCHEMA: u64 = 1;

/// Builds key names with the configured prefix.
#[derive(Clone, Debug)]
pub(super) struct Keyspace {
    prefix: String,
}

impl Keyspace {
    pub(super) fn new(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
        }
    }

    /// Holds the schema number.
    pub(super) fn schema(&self) -> String {
        format!("{}schema", self.prefix)
    }

    /// A key that `latchkey check` uses and deletes.
    pub(super) fn check_key(&self) -> String {
        format!("{}check", self.prefix)
    }

    /// A record is one key in one slot: `latchkey:r:2:{ID}`.
    pub(super) fn record(&self, key: Key) -> String {
        format!(
            "{}{{{}}}",
            self.record_prefix(key.kind),
            BASE64.encode(key.id)
        )
    }

    /// The `MATCH` pattern of all records of a kind.
    pub(super) fn record_pattern(&self, kind: RecordKind) -> String {
        format!("{}*", self.record_prefix(kind))
    }

    /// Parses a record's name; none for another kind or form.
    pub(super) fn parse_record(&self, kind: RecordKind, name: &[u8]) -> Option<Key> {
        let rest = std::str::from_utf8(name)
            .ok()?
            .strip_prefix(&self.record_prefix(kind))?;
        let id = BASE64
            .decode(rest.strip_prefix('{')?.strip_suffix('}')?)
            .ok()?;
        Some(Key {
            kind,
            id: id.try_into().ok()?,
        })
    }

    fn record_prefix(&self, kind: RecordKind) -> String {
        format!("{}r:{}:", self.prefix, kind.number())
    }

    /// The index of an owner: a sorted set of record keys by when each may be dropped.
    pub(super) fn owner_index(&self, owner: &Digest) -> String {
        format!("{}o:{{{}}}", self.prefix, BASE64.encode(owner))
    }

    /// All counters and reservations of a group share a hash tag, `{a:…}`, `{i:…}` or `{s}`, and so
    /// a slot.
    fn group(&self, group: &Group) -> String {
        let tag = match group {
            // Base64 keeps arbitrary text from ending the tag.
            Group::Address(prefix) => format!("a:{}", BASE64.encode(prefix)),
            Group::Identifier(hash) => format!("i:{}", BASE64.encode(hash)),
            Group::Service => "s".to_owned(),
        };
        format!("{}{{{tag}}}", self.prefix)
    }

    pub(super) fn counter(&self, group: &Group, key: &str) -> String {
        format!("{}:c:{key}", self.group(group))
    }

    pub(super) fn reservation(&self, group: &Group, id: ReservationId) -> String {
        format!("{}:t:{}", self.group(group), BASE64.encode(id.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let names = Keyspace::new("latchkey:");
        for byte in [0, 0x7d, 0xff] {
            let key = Key {
                kind: RecordKind::Session,
                id: [byte; 32],
            };
            assert_eq!(
                names.parse_record(RecordKind::Session, names.record(key).as_bytes()),
                Some(key)
            );
            assert_eq!(
                names.parse_record(RecordKind::Flow, names.record(key).as_bytes()),
                None
            );
            assert_eq!(Key::from_bytes(&key.to_bytes()), Some(key));
        }
        assert_eq!(
            names.parse_record(RecordKind::Flow, b"latchkey:r:1:{short}"),
            None
        );
        assert_eq!(Key::from_bytes(&[99; 33]), None);
    }

    #[test]
    fn a_group_is_one_hash_tag() {
        let names = Keyspace::new("latchkey:");
        let hostile = Group::Address("a}{b".to_owned());
        let counter = names.counter(&hostile, "x}y");
        let tag = |name: &str| {
            name.split_once('{')
                .unwrap()
                .1
                .split_once('}')
                .unwrap()
                .0
                .to_owned()
        };
        assert_eq!(
            tag(&counter),
            tag(&names.reservation(&hostile, ReservationId([0; 16])))
        );
        assert_eq!(
            names.counter(&Group::Service, "sends"),
            "latchkey:{s}:c:sends"
        );
    }
}
