//! Reads a parameter of a query. Any client can choose it.

use percent_encoding::percent_decode;

/// The bytes of a parameter that occurs once. They need not be UTF-8.
pub fn single_value(query: &str, name: &str) -> Option<Vec<u8>> {
    let pairs = query.split('&').map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), value)
    });
    let mut values = pairs.filter(|(key, _)| key == name.as_bytes());
    let (_, first) = values.next()?;
    values.next().is_none().then(|| decode(first))
}

/// Decodes a part of a query as forms encode it (application/x-www-form-urlencoded).
fn decode(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_parameter_are_read_if_it_occurs_once() {
        for (query, value) in [
            ("to=/a", Some(b"/a".as_slice())),
            ("x=1&to=%2Fa%3Fb%26c+d&y", Some(b"/a?b&c d")),
            ("to=%E9%25E9", Some(b"\xe9%E9")),
            ("t%6F=a=b", Some(b"a=b")),
            ("to", Some(b"")),
            ("to=", Some(b"")),
            ("to=a&to=b", None),
            ("To=a", None),
            ("", None),
        ] {
            assert_eq!(single_value(query, "to").as_deref(), value, "{query}");
        }
    }
}
