//! Reads the ranges of numbers from libphonenumber's metadata, a protobuf message
//! (`phonemetadata.proto` of libphonenumber). Only the fields that say which numbers exist are
//! read.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// The types of numbers, with their field in `PhoneMetadata`.
const TYPES: [(u64, &str); 11] = [
    (1, "any"),
    (2, "fixed_line"),
    (3, "mobile"),
    (4, "toll_free"),
    (5, "premium_rate"),
    (6, "shared_cost"),
    (7, "personal_number"),
    (8, "voip"),
    (21, "pager"),
    (25, "uan"),
    (28, "voicemail"),
];
/// Fields of `PhoneMetadata`.
const ID: u64 = 9;
const COUNTRY_CODE: u64 = 10;
/// Fields of `PhoneNumberDesc`.
const PATTERN: u64 = 2;
const POSSIBLE_LENGTH: u64 = 9;
/// The region of numbers that belong to no country, such as international toll-free ones.
const NO_COUNTRY: &str = "001";

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Lengths and pattern of the national numbers, by region and type.
pub fn ranges(collection: &[u8]) -> Result<BTreeMap<String, String>> {
    let mut ranges = BTreeMap::new();
    for (_, region) in fields(collection)? {
        if let Value::Bytes(region) = region {
            add_ranges(region, &mut ranges)?;
        }
    }
    Ok(ranges)
}

/// Adds the ranges of a `PhoneMetadata`.
fn add_ranges(region: &[u8], ranges: &mut BTreeMap<String, String>) -> Result<()> {
    let (mut id, mut country_code, mut types) = (String::new(), 0, Vec::new());
    for (field, value) in fields(region)? {
        match value {
            Value::Bytes(bytes) if field == ID => id = String::from_utf8(bytes.to_vec())?,
            Value::Number(number) if field == COUNTRY_CODE => country_code = number,
            Value::Bytes(bytes) => {
                if let Some((_, name)) = TYPES.iter().find(|(number, _)| *number == field) {
                    types.push((name, describe(bytes)?));
                }
            }
            Value::Number(_) => {}
        }
    }
    if id == NO_COUNTRY {
        id = format!("{id}-{country_code}");
    }
    for (name, numbers) in types {
        if let Some(numbers) = numbers {
            ranges.insert(format!("{id} {name}"), numbers);
        }
    }
    Ok(())
}

/// A `PhoneNumberDesc` in words; none if there are no such numbers.
fn describe(description: &[u8]) -> Result<Option<String>> {
    let (mut pattern, mut lengths) = (None, Vec::new());
    for (field, value) in fields(description)? {
        match value {
            Value::Bytes(bytes) if field == PATTERN => {
                pattern = Some(String::from_utf8(bytes.to_vec())?);
            }
            // A length of -1 means that there are no such numbers.
            Value::Number(length) if field == POSSIBLE_LENGTH && length < 100 => {
                lengths.push(length.to_string());
            }
            _ => {}
        }
    }
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else {
        return Ok(None);
    };
    // A type without lengths has those of its region.
    Ok(Some(if lengths.is_empty() {
        pattern
    } else {
        format!("{} digits, {pattern}", lengths.join("/"))
    }))
}

/// The fields of a message, in order.
fn fields(mut message: &[u8]) -> Result<Vec<(u64, Value<'_>)>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut message)?),
            2 => {
                let length = usize::try_from(varint(&mut message)?)?;
                let (bytes, rest) = message
                    .split_at_checked(length)
                    .context("a field is longer than its message")?;
                message = rest;
                Value::Bytes(bytes)
            }
            kind => bail!("a field of the unknown wire type {kind}"),
        };
        fields.push((tag >> 3, value));
    }
    Ok(fields)
}

/// A number of seven bits a byte, the lowest first.
fn varint(message: &mut &[u8]) -> Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first().context("a number has no end")?;
        *message = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    bail!("a number is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_message_is_refused() {
        for (message, problem) in [
            (&b"\x80"[..], "no end"),
            (b"\x0a\x05ab", "longer than its message"),
            (b"\x0b", "wire type 3"),
            (&[0xff; 11], "too long"),
        ] {
            let error = ranges(message).unwrap_err().to_string();
            assert!(error.contains(problem), "{message:?}: {error}");
        }
    }

    #[test]
    fn types_without_numbers_are_left_out() {
        // Region "XX": mobile numbers of 5 or 7 digits, and no pagers (length -1, no pattern).
        let mobile = b"\x1a\x07\x12\x01\x37\x48\x05\x48\x07";
        let pager = b"\xaa\x01\x0b\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        let region = [&mobile[..], b"\x4a\x02XX", pager].concat();
        let length = u8::try_from(region.len()).unwrap();
        let collection = [&[0x0a, length], &region[..]].concat();
        assert_eq!(
            ranges(&collection).unwrap().into_iter().collect::<Vec<_>>(),
            [("XX mobile".to_owned(), "5/7 digits, 7".to_owned())]
        );
    }
}
