//! Parses an input twice, and asserts that the results are equal. Fuzz targets use it.

use std::fmt::Debug;

use serde::de::IgnoredAny;

/// The result of a parser, which must be the same the second time.
pub fn parse_twice<T: PartialEq + Debug>(parse: impl Fn() -> T) -> T {
    let first = parse();
    assert_eq!(first, parse(), "the second result differs");
    first
}

/// The same for a parser of JSON: an input that it accepts must be one JSON value.
pub fn parse_json_twice<T: PartialEq + Debug>(
    bytes: &[u8],
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Option<T> {
    let parsed = parse_twice(|| parse(bytes));
    let is_json = || {
        std::str::from_utf8(bytes)
            .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
    };
    assert!(parsed.is_none() || is_json(), "accepted, and no JSON");
    parsed
}
