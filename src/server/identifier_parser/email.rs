//! Email addresses (RFC 5321, RFC 6531).
//!
//! The canonical form is in lower case and in Unicode's NFC, with the domain in ASCII (RFC 5890):
//! browsers send a domain of other letters in either form. Providers that distinguish case before
//! the `@` are not known; Transmit's addresses are compared by it, so one form is enough.

use icu_normalizer::ComposingNormalizerBorrowed;
use url::Host;

use crate::domain::typed_text::{MAX_IDENTIFIER_TEXT, is_invisible};
use crate::domain::{Identifier, IdentifierType};

/// Longest address in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
const MAX_LENGTH: usize = 254;
/// Longest part before the `@` in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL_LENGTH: usize = 64;
/// What an address is copied with from a link.
const SCHEME: &str = "mailto:";

/// Parses an address. None if it is none, or has a part in quotes or an address for a domain, which
/// no provider hands out.
pub fn parse_email(typed: &str) -> Option<Identifier> {
    if typed.chars().count() > MAX_IDENTIFIER_TEXT {
        return None;
    }
    let seen = typed.chars().filter(|c| !is_invisible(*c));
    let text: String = seen.map(to_ascii_form).collect();
    let text = text.trim();
    let address = match text.get(..SCHEME.len()) {
        Some(start) if start.eq_ignore_ascii_case(SCHEME) => text.get(SCHEME.len()..)?,
        _ => text,
    };
    let bare = address
        .strip_prefix('<')
        .and_then(|inner| inner.strip_suffix('>'));
    let (local, domain) = bare.unwrap_or(address).rsplit_once('@')?;
    let value = format!("{}@{}", parse_local(local)?, parse_domain(domain)?);
    (value.len() <= MAX_LENGTH).then(|| Identifier::canonical(IdentifierType::Email, value, None))
}

/// The ASCII character that a full-width one stands for. Keyboards of East Asia write those.
fn to_ascii_form(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The part before the `@`: a dot-string of RFC 5321 §4.1.2, with the letters of RFC 6531.
fn parse_local(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let local = ComposingNormalizerBorrowed::new_nfc()
        .normalize(&lower)
        .into_owned();
    let is_allowed = |c: char| {
        !c.is_whitespace()
            && !c.is_control()
            && (!c.is_ascii_punctuation() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
    };
    let fits = local.len() <= MAX_LOCAL_LENGTH
        && local.split('.').all(|atom| !atom.is_empty())
        && local.chars().all(is_allowed);
    fits.then_some(local)
}

/// A domain of two labels or more, in ASCII.
fn parse_domain(text: &str) -> Option<String> {
    // The parser of URLs would decode percent signs, and read brackets as an address.
    let is_plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !text.chars().all(is_plain) {
        return None;
    }
    let Ok(Host::Domain(domain)) = Host::parse(text) else {
        return None;
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    (domain.contains('.') && domain.split('.').all(is_label)).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Option<String> {
        parse_email(typed).map(|address| address.value().to_owned())
    }

    #[test]
    fn all_spellings_of_an_address_result_in_one_identifier() {
        for typed in [
            "ada@example.com",
            " Ada@Example.COM\t",
            "\u{feff}ada@exam\u{200b}ple.com\u{202c}",
            "\u{2066}ada@example.com\u{2069}",
            "mailto:ada@example.com",
            "MAILTO:Ada@example.com",
            "<ada@example.com>",
            "ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ",
            "ada@example。com",
            "ada@ｅxample.com",
        ] {
            assert_eq!(
                parse(typed).as_deref(),
                Some("ada@example.com"),
                "{typed:?}"
            );
        }
        for (one, other, canonical) in [
            (
                "jo\u{308}rg@example.com",
                "JÖRG@example.com",
                "jörg@example.com",
            ),
            (
                "ada@Bücher.example",
                "ada@xn--bcher-kva.example",
                "ada@xn--bcher-kva.example",
            ),
            (
                "ada@BU\u{308}CHER.example",
                "ADA@XN--BCHER-KVA.example",
                "ada@xn--bcher-kva.example",
            ),
        ] {
            assert_eq!(parse(one).as_deref(), Some(canonical), "{one}");
            assert_eq!(parse(other).as_deref(), Some(canonical), "{other}");
        }
        for kept in [
            "ada+tag@example.com",
            "o'brien@example.com",
            "a.b.c@sub.example.co.uk",
            "a@b.cd",
            "用户@例子.广告",
        ] {
            assert!(parse(kept).is_some(), "{kept}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            " ",
            "ada",
            "@",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@example",
            "a@b@c.de",
            "ada@.com",
            "ada@example..com",
            "ada@example.com.",
            "ada@-example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "\"ada\"@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada@1.2",
            "ada@exa%6dple.com",
            "ada@exam_ple.com",
            "ada\n@example.com",
            "ada@exam\u{0}ple.com",
            "ada,bob@example.com",
            "+447400123456",
            "Ada <ada@example.com>",
            "ada@example.com, bob@example.com",
            "ada(x)@example.com",
            "mailto:",
            "<ada@example.com",
        ] {
            assert_eq!(parse(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let local = "a".repeat(MAX_LOCAL_LENGTH);
        let label = "b".repeat(63);
        let address =
            |local: &str, end: usize| format!("{local}@{label}.{label}.{}", "c".repeat(end));
        let longest = address(&local, MAX_LENGTH - MAX_LOCAL_LENGTH - 1 - 2 * 64);
        assert_eq!(longest.len(), MAX_LENGTH);
        assert_eq!(parse(&longest), Some(longest.clone()));
        assert_eq!(parse(&format!("{longest}c")), None);
        assert_eq!(parse(&address(&"a".repeat(MAX_LOCAL_LENGTH + 1), 2)), None);
        assert_eq!(parse(&format!("a@{}.com", "b".repeat(64))), None);
        assert_eq!(parse(&format!("{}ada@example.com", " ".repeat(400))), None);
    }
}
