//! Short functions for keys, times and charges.

use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::hash::{Digest, sha256};
use latchkey::server::store::{Charge, Group, Key, RecordKind, ReservationId};

/// A time of day, in seconds after an arbitrary noon.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + seconds)
}

pub fn digest(name: &str) -> Digest {
    sha256(name.as_bytes())
}

pub fn flow(name: &str) -> Key {
    Key {
        kind: RecordKind::Flow,
        id: digest(name),
    }
}

pub fn session(name: &str) -> Key {
    Key {
        kind: RecordKind::Session,
        id: digest(name),
    }
}

pub fn person(name: &str) -> Group {
    Group::Identifier(digest(name))
}

pub fn ticket(number: u128) -> ReservationId {
    ReservationId(number.to_be_bytes())
}

/// A charge whose window is a minute.
pub fn charge(key: &str, amount: u32, limit: u32) -> Charge {
    Charge {
        key: key.to_owned(),
        amount,
        limit,
        window: Duration::from_secs(60),
        renews: false,
    }
}
