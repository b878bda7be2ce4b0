//! Phone numbers and e-mail addresses, in the one form that is stored.

/// A number in E.164: `+`, no leading zero, 7 to 15 digits.
pub fn phone(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    let plausible = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    (plausible && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

/// An address, in lower case. Checks no more than its outline.
pub fn email(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let plausible = !local.is_empty() && domain.contains('.') && address.len() <= 254;
    let clean = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    (plausible && clean).then(|| address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_is_a_number() {
        for number in ["+12025550123", "+4930123456", "+6831234"] {
            assert_eq!(phone(number).as_deref(), Some(number));
        }
        for number in [
            "",
            "+",
            "12025550123",
            "+02025550123",
            "+1 2025550123",
            "+123456",
            "+1234567890123456",
            "+1٢٢٢٢٢٢٢",
        ] {
            assert_eq!(phone(number), None, "{number}");
        }
    }

    #[test]
    fn addresses_are_compared_in_lower_case() {
        assert_eq!(email("Ann@Example.ORG").as_deref(), Some("ann@example.org"));
        for address in [
            "",
            "@",
            "ann",
            "@example.org",
            "ann@example",
            "a n@example.org",
        ] {
            assert_eq!(email(address), None, "{address}");
        }
    }
}
