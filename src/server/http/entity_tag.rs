//! Entity tags, and the precondition `If-None-Match` (RFC 9110 §8.8.3, §13.1.2).

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Whether a `GET` or `HEAD` with these headers gets 304, because the client has the representation
/// with this tag: the text of a strong tag without its quotes.
///
/// Tags are compared weakly, because proxies that compress a response make its tag weak. A field
/// that is no list of tags and not `*` is ignored.
pub fn is_none_match_false(headers: &HeaderMap, tag: &str) -> bool {
    let lines: Vec<&[u8]> = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .map(|line| line.as_bytes())
        .collect();
    if lines.is_empty() {
        return false;
    }
    let field = lines.join(b",".as_slice());
    let field = trim_start(&field);
    match field.strip_prefix(b"*") {
        Some(rest) => trim_start(rest).is_empty(),
        None => parse_list(field).is_some_and(|tags| tags.contains(&tag.as_bytes())),
    }
}

/// The tags of a list, without `W/` and quotes; none if it is invalid. Empty elements are skipped
/// (RFC 9110 §5.6.1.2). A tag may contain a comma.
fn parse_list(mut rest: &[u8]) -> Option<Vec<&[u8]>> {
    let mut tags = Vec::new();
    loop {
        rest = trim_start(rest);
        rest = match rest {
            [] => return Some(tags),
            [b',', tail @ ..] => tail,
            tag => {
                let quoted = tag.strip_prefix(b"W/").unwrap_or(tag).strip_prefix(b"\"")?;
                let end = quoted.iter().position(|byte| *byte == b'"')?;
                let (text, tail) = quoted.split_at(end);
                let tail = trim_start(tail.get(1..)?);
                let is_valid = !text.iter().any(|byte| matches!(byte, 0..=b' ' | 0x7f));
                if !is_valid || !matches!(tail, [] | [b',', ..]) {
                    return None;
                }
                tags.push(text);
                tail
            }
        };
    }
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn is_not_modified<Line: AsRef<[u8]>>(lines: &[Line]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line.as_ref()).unwrap();
            headers.append(IF_NONE_MATCH, value);
        }
        is_none_match_false(&headers, "a1b2")
    }

    #[test]
    fn a_tag_matches_weakly_alone_in_a_list_and_by_a_star() {
        for lines in [
            &["\"a1b2\""][..],
            &["W/\"a1b2\""],
            &["\"x\", \"a1b2\""],
            &["W/\"x\",W/\"a1b2\""],
            &["\"a,b\", \"a1b2\" , \"c\""],
            &[",, \"a1b2\" ,"],
            &["\"x\"", "\"a1b2\""],
            &["*"],
            &[" * "],
            &["\"\", \"a1b2\""],
        ] {
            assert!(is_not_modified(lines), "{lines:?}");
        }
    }

    #[test]
    fn another_tag_and_an_invalid_field_do_not_match() {
        assert!(!is_none_match_false(&HeaderMap::new(), "a1b2"));
        for lines in [
            &["\"a1b3\""][..],
            &["\"A1B2\""],
            &["a1b2"],
            &["w/\"a1b2\""],
            &["W/ \"a1b2\""],
            &["\"a1b2"],
            &["a1b2\""],
            &["\"a1b2\"\"x\""],
            &["\"x\" \"a1b2\""],
            &["\"x,\"a1b2\""],
            &["*, \"x\""],
            &["\"a1b2\", *"],
            &["**"],
            &["\"*\""],
            &["\"a1 b2\", \"a1b2\""],
            &[""],
            &["*", "*"],
        ] {
            assert!(!is_not_modified(lines), "{lines:?}");
        }
        assert!(!is_not_modified(&[b"\"\xff\", a1b2".as_slice()]));
        assert!(is_not_modified(&[b"\"\xff\", \"a1b2\"".as_slice()]));
    }
}
