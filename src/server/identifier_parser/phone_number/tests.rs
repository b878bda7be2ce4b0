use super::*;
use crate::domain::identifier_mask::mask;

fn parser() -> PhoneNumberParser {
    PhoneNumberParser::new(&["US", "GB", "DE", "FR", "IT"].map(str::to_owned))
}

fn parse(typed: &str, country: Option<&str>) -> Result<String, RefusalCode> {
    parser()
        .parse(typed, country)
        .map(|parsed| parsed.identifier.value().to_owned())
        .map_err(|invalid| invalid.code)
}

#[test]
fn all_spellings_of_a_number_result_in_one_identifier() {
    for (typed, country) in [
        ("+447400123456", None),
        ("+44 7400 123456", None),
        ("+44 (0)7400 123456", None),
        ("0044 7400 123456", Some("GB")),
        ("07400 123456", Some("GB")),
        ("07400-123-456", Some("gb")),
        ("7400123456", Some("GB")),
        ("+44 7400 123456", Some("US")),
        ("\u{202a}+44 7400 123456\u{202c}", None),
        ("＋４４７４００１２３４５６", None),
        ("٠٧٤٠٠١٢٣٤٥٦", Some("GB")),
        ("+44\u{a0}7400\u{2011}123456", None),
        ("tel:+44-7400-123456", None),
        ("“+44 7400 123456”,", Some("US")),
        ("+44\u{2212}7400\u{200b}123456", None),
        ("０７４００　１２３４５６", Some("GB")),
        ("๐๗๔๐๐ ๑๒๓๔๕๖", Some("GB")),
    ] {
        assert_eq!(
            parse(typed, country).as_deref(),
            Ok("+447400123456"),
            "{typed:?} {country:?}"
        );
    }
    // Italian numbers keep their zero.
    assert_eq!(
        parse("+39 06 1234 5678", None).as_deref(),
        Ok("+390612345678")
    );
}

#[test]
fn s5_invalid_premium_and_unserved_numbers_are_refused() {
    for (typed, code) in [
        ("", RefusalCode::InvalidPhone),
        ("   ", RefusalCode::InvalidPhone),
        ("call me", RefusalCode::InvalidPhone),
        ("+44 7400 FLOWER", RefusalCode::InvalidPhone),
        ("07400 123456", RefusalCode::InvalidPhone),
        ("+44 7400 123456 ext. 5", RefusalCode::InvalidPhone),
        ("+44 7400 123456;ext=5", RefusalCode::InvalidPhone),
        ("+44 7400\u{0}123456", RefusalCode::InvalidPhone),
        ("+1 900 555 0123", RefusalCode::InvalidPhone),
        ("+44 909 879 0000", RefusalCode::InvalidPhone),
        ("+44 843 012 3456", RefusalCode::InvalidPhone),
        ("+44 70 1234 5678", RefusalCode::InvalidPhone),
        ("+1 800 555 0123", RefusalCode::InvalidPhone),
        ("+999 123456789", RefusalCode::InvalidPhone),
        ("112", RefusalCode::InvalidPhone),
        ("+7 912 345 67 89", RefusalCode::CountryNotServed),
        ("+1 204 234 5678", RefusalCode::CountryNotServed),
    ] {
        assert_eq!(parse(typed, None), Err(code), "{typed:?}");
    }
    assert_eq!(
        parse(&"1".repeat(300), Some("US")),
        Err(RefusalCode::InvalidPhone)
    );
    let country = |typed| parser().parse(typed, None).unwrap_err().country;
    assert_eq!(
        country("+7 912 345 67 89").as_deref(),
        Some("RU"),
        "for the audit log"
    );
    assert_eq!(country("+1 900 555 0123"), None);
}

#[test]
fn the_international_prefix_of_any_country_is_read() {
    for (typed, country) in [
        ("00447400123456", None),
        ("00 44 7400 123456", Some("US")),
        ("00 44 7400 123456", Some("DE")),
        ("011 44 7400 123456", Some("US")),
        ("011 44 7400 123456", Some("GB")),
        ("+44 07400 123456", Some("FR")),
    ] {
        let parsed = parser().parse(typed, country).unwrap();
        assert_eq!(parsed.identifier.value(), "+447400123456", "{typed}");
        assert!(!parsed.needs_confirmation, "{typed}");
    }
}

#[test]
fn an_international_prefix_says_which_country_is_meant() {
    let parser = PhoneNumberParser::new(&["US", "GB", "SG", "JP", "RU"].map(str::to_owned));
    for (typed, country, number) in [
        // Singapore's own prefixes have a third digit.
        ("00 1 201 555 0123", "SG", "+12015550123"),
        ("001 44 7400 123456", "SG", "+447400123456"),
        ("010 44 7400 123456", "JP", "+447400123456"),
        ("810 44 7400 123456", "RU", "+447400123456"),
    ] {
        let parsed = parser.parse(typed, Some(country)).unwrap();
        assert_eq!(parsed.identifier.value(), number, "{typed}");
        assert!(!parsed.needs_confirmation, "{typed}");
    }
}

#[test]
fn fixed_lines_and_numbers_of_another_served_country_need_confirmation() {
    for (typed, country, number, needs_confirmation) in [
        ("+44 7400 123456", Some("US"), "+447400123456", false),
        ("07400 123456", Some("GB"), "+447400123456", false),
        ("07400 123456", Some("US"), "+447400123456", true),
        ("447400123456", Some("US"), "+447400123456", true),
        ("0151 23456789", Some("GB"), "+4915123456789", true),
        ("+44 20 7946 0958", None, "+442079460958", true),
        ("020 7946 0958", Some("GB"), "+442079460958", true),
        ("+39 06 1234 5678", None, "+390612345678", true),
        ("(202) 555-0123", Some("US"), "+12025550123", false),
    ] {
        let parsed = parser().parse(typed, country).unwrap();
        assert_eq!(parsed.identifier.value(), number, "{typed} {country:?}");
        assert_eq!(
            parsed.needs_confirmation, needs_confirmation,
            "{typed} {country:?}"
        );
    }
    for (typed, country) in [
        ("07400 123456", None),
        ("07400 12", Some("US")),
        ("+1 07400 123456", Some("GB")),
        ("202 555 012", Some("US")),
    ] {
        let code = parser().parse(typed, country).unwrap_err().code;
        assert_eq!(code, RefusalCode::InvalidPhone, "{typed} {country:?}");
    }
    let identifier = parser()
        .parse("07400123456", Some("GB"))
        .unwrap()
        .identifier;
    assert_eq!(international_format(&identifier), "+44 7400 123456");
}

#[test]
fn a_number_of_another_country_with_the_same_calling_code_needs_confirmation() {
    let american = PhoneNumberParser::new(&["US", "CA", "JM"].map(str::to_owned));
    for (typed, country, needs_confirmation) in [
        ("(416) 555-0123", Some("US"), true),
        ("1 416 555 0123", Some("US"), true),
        ("876 210 1234", Some("CA"), true),
        ("202 555 0123", Some("JM"), true),
        ("(416) 555-0123", Some("CA"), false),
        ("+1 416 555 0123", Some("US"), false),
        ("011 1 416 555 0123", Some("US"), false),
        ("00 1 416 555 0123", Some("CA"), false),
        ("+1 416 555 0123", None, false),
    ] {
        let parsed = american.parse(typed, country).unwrap();
        assert_eq!(
            parsed.needs_confirmation, needs_confirmation,
            "{typed} {country:?}"
        );
    }
    let not_served = parser().parse("(416) 555-0123", Some("US")).unwrap_err();
    assert_eq!(not_served.code, RefusalCode::CountryNotServed);
}

#[test]
fn a_mask_keeps_the_calling_code_of_every_country_whole() {
    let all: Vec<String> = ('A'..='Z')
        .flat_map(|a| ('A'..='Z').map(move |b| format!("{a}{b}")))
        .filter(|code| has_numbers(code))
        .collect();
    assert!(all.len() > 200);
    for country in PhoneNumberParser::new(&all).served_countries() {
        let number = format!("+{}5551234", country.calling_code);
        let masked = format!("+{} ••• ••• 34", country.calling_code);
        let shown = mask(IdentifierType::PhoneNumber, &number);
        assert_eq!(shown, masked, "{}", country.code);
    }
}

#[test]
fn every_default_country_has_numbers() {
    let countries = crate::server::settings::GuardSettings::default().countries;
    let served = PhoneNumberParser::new(&countries).served_countries();
    assert_eq!(served.len(), countries.len());
    assert!(
        ["US", "GB", "DE", "FR"]
            .iter()
            .all(|code| countries.iter().any(|country| country == code))
    );
}

#[test]
fn one_country_of_each_calling_code_is_the_main_one() {
    let main = |countries: &[&str]| {
        let countries: Vec<_> = countries.iter().map(|code| (*code).to_owned()).collect();
        let served = PhoneNumberParser::new(&countries).served_countries();
        let main = served.into_iter().filter(|country| country.is_main);
        main.map(|country| country.code).collect::<Vec<_>>()
    };
    assert_eq!(main(&["CA", "GB", "GG", "JE", "US"]), ["GB", "US"]);
    // The first one, where the main one is not served.
    assert_eq!(main(&["CA", "DE", "JE", "GG", "PR"]), ["CA", "DE", "GG"]);
}
