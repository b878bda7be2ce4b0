//! What keys in Redis are called. Ids are in base64 (URL alphabet): shorter than hex, and no sign
//! of it means anything to `SCAN MATCH` or to a hash tag.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use crate::server::crypto::derived_keys::Digest;
use crate::server::store::{Group, Key, RecordKind, ReservationId};

/// The layout: names, fields, scripts. A change that an earlier program would misread takes the
/// next number.
pub(super) const SCHEMA: u64 = 1;

/// Makes names under a prefix.
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

    /// Holds the schema's number.
    pub(super) fn schema(&self) -> String {
        format!("{}schema", self.prefix)
    }

    /// A record is one key, and so one slot: `latchkey:r:2:{ID}`.
    pub(super) fn record(&self, key: Key) -> String {
        format!("{}{{{}}}", self.records(key.kind), BASE64.encode(key.id))
    }

    /// What all records of a kind match.
    pub(super) fn all_records(&self, kind: RecordKind) -> String {
        format!("{}*", self.records(kind))
    }

    /// The key of a record that is called so; nothing for a name of another kind or form.
    pub(super) fn read_record(&self, kind: RecordKind, name: &[u8]) -> Option<Key> {
        let rest = std::str::from_utf8(name)
            .ok()?
            .strip_prefix(&self.records(kind))?;
        let id = BASE64
            .decode(rest.strip_prefix('{')?.strip_suffix('}')?)
            .ok()?;
        Some(Key {
            kind,
            id: id.try_into().ok()?,
        })
    }

    fn records(&self, kind: RecordKind) -> String {
        format!("{}r:{}:", self.prefix, kind.number())
    }

    /// The index of an owner: a sorted set of members, by when each may be dropped.
    pub(super) fn owner(&self, owner: &Digest) -> String {
        format!("{}o:{{{}}}", self.prefix, BASE64.encode(owner))
    }

    /// All counters and tickets of a group share a hash tag, `{a:…}`, `{i:…}` or `{s}`, and so a
    /// slot.
    fn group(&self, group: &Group) -> String {
        let tag = match group {
            // Any text may come; in base64 it cannot end the tag.
            Group::Address(prefix) => format!("a:{}", BASE64.encode(prefix)),
            Group::Identifier(hash) => format!("i:{}", BASE64.encode(hash)),
            Group::Service => "s".to_owned(),
        };
        format!("{}{{{tag}}}", self.prefix)
    }

    pub(super) fn counter(&self, group: &Group, key: &str) -> String {
        format!("{}:c:{key}", self.group(group))
    }

    pub(super) fn ticket(&self, group: &Group, ticket: ReservationId) -> String {
        format!("{}:t:{}", self.group(group), BASE64.encode(ticket.0))
    }
}

/// A key as a member of an index: its kind, then its id.
pub(super) fn member(key: Key) -> Vec<u8> {
    [&[key.kind.number()], key.id.as_slice()].concat()
}

/// The key that a member stands for.
pub(super) fn read_member(member: &[u8]) -> Option<Key> {
    let (kind, id) = member.split_first()?;
    Some(Key {
        kind: RecordKind::from_number(*kind)?,
        id: id.try_into().ok()?,
    })
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
                names.read_record(RecordKind::Session, names.record(key).as_bytes()),
                Some(key)
            );
            assert_eq!(
                names.read_record(RecordKind::Flow, names.record(key).as_bytes()),
                None
            );
            assert_eq!(read_member(&member(key)), Some(key));
        }
        assert_eq!(
            names.read_record(RecordKind::Flow, b"latchkey:r:1:{short}"),
            None
        );
        assert_eq!(read_member(&[99; 33]), None);
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
            tag(&names.ticket(&hostile, ReservationId([0; 16])))
        );
        assert_eq!(
            names.counter(&Group::Service, "sends"),
            "latchkey:{s}:c:sends"
        );
    }
}
