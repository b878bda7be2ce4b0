//! Which phone number of a new session is verified, for applications.

use crate::domain::{Identifier, IdentifierType};

/// The methods in `amr` of a code that came by email.
const EMAIL_METHODS: [&str; 2] = ["eotp", "eml"];
/// The method in `amr` of a code that came by SMS.
const SMS_METHOD: &str = "sms";

/// The verified phone number of a person who signs in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct VerifiedPhone {
    /// What the record stores of a number that the code did not prove, masked: the number that
    /// upstream calls verified, or nothing. Unset if the code proved the number that was typed.
    pub profile: Option<String>,
    /// The number in full.
    pub number: Option<Identifier>,
}

impl VerifiedPhone {
    /// `claimed` is the number that upstream calls verified, in E.164.
    ///
    /// A typed number is proved by a code that came to it. A code by email proves an address, and
    /// any other identifier is proved by nothing: then only upstream's word counts.
    pub fn new(identifier: &Identifier, amr: &[String], claimed: Option<String>) -> Self {
        let is_named = |method: &str| amr.iter().any(|name| name == method);
        let came_by_email = EMAIL_METHODS.into_iter().any(is_named) && !is_named(SMS_METHOD);
        if identifier.is_phone_number() && !came_by_email {
            return Self {
                profile: None,
                number: Some(identifier.clone()),
            };
        }
        let number =
            claimed.map(|number| Identifier::canonical(IdentifierType::PhoneNumber, number, None));
        Self {
            profile: Some(number.as_ref().map(Identifier::masked).unwrap_or_default()),
            number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "+447400123456";

    fn of(kind: &str, value: &str, amr: &str, claimed: Option<&str>) -> (Option<String>, bool) {
        let identifier = Identifier::canonical(kind.parse().unwrap(), value.to_owned(), None);
        let amr: Vec<String> = amr.split_whitespace().map(str::to_owned).collect();
        let phone = VerifiedPhone::new(&identifier, &amr, claimed.map(str::to_owned));
        let number = phone.number.as_ref().map(Identifier::value);
        assert!(number.is_none_or(|number| number == PHONE));
        (phone.profile, number.is_some())
    }

    #[test]
    fn a_typed_number_is_verified_by_a_code_that_came_to_it() {
        for amr in ["sms", "sms mfa", "sms eotp", "", "otp"] {
            assert_eq!(of("phone_number", PHONE, amr, None), (None, true), "{amr}");
        }
        // A code by email says nothing about the number.
        for amr in ["eotp", "eml", "eotp mfa"] {
            let unverified = of("phone_number", PHONE, amr, None);
            assert_eq!(unverified, (Some(String::new()), false), "{amr}");
            let verified = of("phone_number", PHONE, amr, Some(PHONE));
            assert_eq!(verified, (Some("+44 ••• ••• 56".to_owned()), true), "{amr}");
        }
    }

    #[test]
    fn any_other_identifier_is_verified_by_nothing() {
        for kind in ["email", "username", "user_id", "employee_number"] {
            // The text of another type may look like a number.
            for value in ["ada@example.com", PHONE] {
                for amr in ["sms", "eotp", ""] {
                    assert_eq!(of(kind, value, amr, None), (Some(String::new()), false));
                    let claimed = of(kind, value, amr, Some(PHONE));
                    assert_eq!(claimed, (Some("+44 ••• ••• 56".to_owned()), true));
                }
            }
        }
    }
}
