//! A line of the audit log with its link to the chain.

use serde::{Deserialize, Serialize};

use crate::server::crypto::hash::{constant_time_eq, sha256, to_hex, to_hex_128};
use crate::server::crypto::mac_keys::{MacKey, MacKeys};
use crate::server::system::random::Random;

/// What stands between the authenticated bytes and the code.
const BEFORE_CODE: &[u8] = b",\"mac\":\"";
/// Digits of a code: 128 bits.
const CODE_DIGITS: usize = 32;
/// Digits of the code of the line before.
const PREVIOUS_DIGITS: usize = 16;
/// What follows the code of a line: it closes the link and the event.
const AFTER_LINE: &[u8] = b"\"}}";
/// What follows the code of an object that is not a line.
const AFTER_OBJECT: &[u8] = b"\"}";

/// How far a chain goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEnd {
    /// The random name of the chain, 16 hexadecimal digits.
    pub chain: String,
    /// The number of the last line; 0 before the first.
    pub number: u64,
    /// The first digits of its code.
    pub code: String,
}

impl ChainEnd {
    /// A chain without lines.
    pub fn of_new_chain(random: &Random) -> Self {
        Self {
            chain: to_hex(&random.bytes::<8>()),
            number: 0,
            code: "0".repeat(PREVIOUS_DIGITS),
        }
    }

    /// Whether it is further than another end of the same chain.
    pub fn is_after(&self, other: &Self) -> bool {
        self.chain == other.chain && self.number > other.number
    }
}

/// The link of a line, except for its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The name of the chain.
    #[serde(rename = "id")]
    pub chain: String,
    /// The number of the line, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// The first digits of the code of the line before.
    #[serde(rename = "prev")]
    pub previous: String,
    /// How many lines were dropped before this one, because the queue was full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<u64>,
    /// What is known at the first line after the output was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<OutputStart>,
}

impl Link {
    /// The link of the line after the end of a chain.
    pub fn after(end: &ChainEnd, dropped: u64, start: Option<OutputStart>) -> Self {
        Self {
            chain: end.chain.clone(),
            number: end.number + 1,
            previous: end.code.clone(),
            dropped: (dropped > 0).then_some(dropped),
            start,
        }
    }
}

/// What the first line says after the output was opened or cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputStart {
    /// The fingerprint of the secret key.
    pub key: String,
    /// How many bytes of the file are before this line; none if it is not a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// The incomplete line before this one, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<LineDigest>,
    /// Whether the chain had lines and no checkpoint, so that some of them may be gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_checkpoint: bool,
}

/// Identifies some bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDigest {
    /// How many there are.
    pub bytes: u64,
    /// Their hash, in hexadecimal.
    pub sha256: String,
}

impl LineDigest {
    /// Of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: to_hex(&sha256(bytes)),
        }
    }
}

#[derive(Deserialize)]
struct LinkedLine {
    chain: Link,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineAuthenticity {
    /// Its code is right.
    Authentic {
        /// Its link.
        link: Link,
        /// The end of the chain, if this is its last line.
        end: ChainEnd,
    },
    /// It has a code that no known key made for it. Nothing in it can be relied on.
    Unauthentic {
        /// The link, if it can be read.
        claimed: Option<Link>,
    },
    /// It has no code.
    Unlinked,
}

/// Adds an event, as a line of JSON, with its link and its code to `buffer`. Returns the new end of
/// the chain; none if the line is not an object, which is added as it is.
pub fn append_line(
    key: &MacKey,
    line: &[u8],
    link: &Link,
    buffer: &mut Vec<u8>,
) -> Option<ChainEnd> {
    let object = line.strip_suffix(b"\n").unwrap_or(line);
    let link_json = serde_json::to_vec(link).ok();
    let (Some(fields), Some(link_json)) = (object.strip_suffix(b"}"), link_json) else {
        buffer.extend_from_slice(line);
        return None;
    };
    let link_fields = link_json.strip_suffix(b"}").unwrap_or(&link_json);
    let signed = [fields, b",\"chain\":", link_fields].concat();
    let code = code_of(key, &signed);
    let end = ChainEnd {
        chain: link.chain.clone(),
        number: link.number,
        code: shortened(&code),
    };
    for part in [
        signed.as_slice(),
        BEFORE_CODE,
        code.as_bytes(),
        AFTER_LINE,
        b"\n",
    ] {
        buffer.extend_from_slice(part);
    }
    Some(end)
}

/// Authenticates a line, without its line feed.
pub fn read_line(keys: &MacKeys, line: &[u8]) -> LineAuthenticity {
    let Some((signed, code)) = split_code(line, AFTER_LINE) else {
        return LineAuthenticity::Unlinked;
    };
    let claimed = serde_json::from_slice::<LinkedLine>(line).ok();
    let claimed = claimed.map(|line| line.chain);
    match claimed {
        Some(link) if is_authentic(keys, signed, code) => {
            let end = ChainEnd {
                chain: link.chain.clone(),
                number: link.number,
                code: shortened(&String::from_utf8_lossy(code)),
            };
            LineAuthenticity::Authentic { link, end }
        }
        claimed => LineAuthenticity::Unauthentic { claimed },
    }
}

/// Adds its code to an object of JSON that is not a line of the log.
pub fn sign_object(key: &MacKey, object: &[u8]) -> Vec<u8> {
    let signed = object.strip_suffix(b"}").unwrap_or(object);
    let code = code_of(key, signed);
    [signed, BEFORE_CODE, code.as_bytes(), AFTER_OBJECT].concat()
}

/// Whether [`sign_object`] made this with one of the keys.
pub fn is_authentic_object(keys: &MacKeys, object: &[u8]) -> bool {
    split_code(object, AFTER_OBJECT).is_some_and(|(signed, code)| is_authentic(keys, signed, code))
}

fn code_of(key: &MacKey, signed: &[u8]) -> String {
    to_hex_128(&key.sign(signed))
}

fn is_authentic(keys: &MacKeys, signed: &[u8], code: &[u8]) -> bool {
    keys.iter()
        .any(|key| constant_time_eq(code_of(key, signed).as_bytes(), code))
}

/// The authenticated bytes and the code.
fn split_code<'a>(object: &'a [u8], after: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = object.strip_suffix(after)?;
    let (rest, code) = rest.split_at_checked(rest.len().checked_sub(CODE_DIGITS)?)?;
    Some((rest.strip_suffix(BEFORE_CODE)?, code))
}

fn shortened(code: &str) -> String {
    code.chars().take(PREVIOUS_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::audit::chain::derive_keys;

    fn link(number: u64) -> Link {
        Link {
            chain: "00112233445566aa".into(),
            number,
            previous: "0".repeat(16),
            dropped: None,
            start: None,
        }
    }

    #[test]
    fn a_line_is_authentic_with_its_own_key_alone() {
        let [one, other] = [[1; 32], [2; 32]].map(|key| derive_keys(&key.into()).unwrap());
        let mut buffer = Vec::new();
        let event = b"{\"event\":\"sys_shutdown\"}\n";
        let end = append_line(one.newest().unwrap(), event, &link(7), &mut buffer).unwrap();
        let line = buffer.strip_suffix(b"\n").unwrap();
        assert_eq!(
            read_line(&one, line),
            LineAuthenticity::Authentic {
                link: link(7),
                end: end.clone()
            }
        );
        assert_eq!((end.number, end.code.len()), (7, 16));
        assert_eq!(
            read_line(&other, line),
            LineAuthenticity::Unauthentic {
                claimed: Some(link(7))
            }
        );
        let json: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(json["event"], "sys_shutdown");
        assert_eq!(json["chain"]["n"], 7);
    }

    #[test]
    fn neither_an_event_without_a_code_nor_a_signed_object_is_a_line() {
        let keys = derive_keys(&[1; 32].into()).unwrap();
        let object = sign_object(keys.newest().unwrap(), b"{\"chain\":\"x\"}");
        assert!(is_authentic_object(&keys, &object));
        for bytes in [&object[..], b"{\"event\":\"sys_shutdown\"}", b"", b"\"}}"] {
            assert_eq!(read_line(&keys, bytes), LineAuthenticity::Unlinked);
        }
    }
}
