//! Parses phone numbers and e-mail addresses into the form that is stored.

/// Parses a number in E.164: `+`, no leading zero, 7 to 15 digits.
pub fn parse_phone(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    let is_plausible = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    (is_plausible && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| number.to_owned())
}

/// Parses an e-mail address into lower case. Only its rough shape is checked.
pub fn parse_email(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let has_valid_parts = !local.is_empty() && domain.contains('.') && address.len() <= 254;
    let has_valid_characters = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    (has_valid_parts && has_valid_characters).then(|| address.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e164_numbers_are_accepted() {
        for number in ["+12025550123", "+4930123456", "+6831234"] {
            assert_eq!(parse_phone(number).as_deref(), Some(number));
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
            assert_eq!(parse_phone(number), None, "{number}");
        }
    }

    #[test]
    fn addresses_are_stored_in_lower_case() {
        assert_eq!(
            parse_email("Ann@Example.ORG").as_deref(),
            Some("ann@example.org")
        );
        for address in [
            "",
            "@",
            "ann",
            "@example.org",
            "ann@example",
            "a n@example.org",
        ] {
            assert_eq!(parse_email(address), None, "{address}");
        }
    }
}
