//! The files: keys, arguments, plural categories, cases and typography.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message, Pattern, PatternElement, VariantKey,
};

use crate::app::i18n::*;

/// Messages that may read as in English: names, loan words, and what has no words.
const SAME_AS_ENGLISH: [&str; 26] = [
    "error-title",
    "code-label",
    "code-title",
    "email-label",
    "name-label",
    "help",
    "language-label",
    "date",
    "new-device-text",
    "session-on",
    "seconds",
    "minutes",
    "hours",
    "days",
    "month-1",
    "month-2",
    "month-3",
    "month-4",
    "month-5",
    "month-6",
    "month-7",
    "month-8",
    "month-9",
    "month-10",
    "month-11",
    "month-12",
];

/// A message and its attributes, each with its whole pattern.
fn patterns<'a>(message: &'a Message<&'a str>) -> Vec<(Option<&'a str>, &'a Pattern<&'a str>)> {
    let attributes = message.attributes.iter();
    let attributes = attributes.map(|attribute| (Some(attribute.id.name), &attribute.value));
    let value = message.value.iter().map(|value| (None, value));
    value.chain(attributes).collect()
}

/// Calls `see` with every message of a catalogue.
fn for_each_message(language: &Language, mut see: impl FnMut(&Message<&str>)) {
    let resource = FluentResource::try_new(language.catalogue.text.to_owned());
    let resource = resource.unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag));
    for entry in resource.entries() {
        if let Entry::Message(message) = entry {
            see(message);
        }
    }
}

/// The arguments that a pattern names, in all variants together.
fn arguments(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else {
            continue;
        };
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                found.insert(id.name.to_owned());
            }
            Expression::Select {
                selector: InlineExpression::VariableReference { id },
                variants,
            } => {
                found.insert(id.name.to_owned());
                variants
                    .iter()
                    .for_each(|variant| arguments(&variant.value, found));
            }
            other => panic!("unexpected {other:?}"),
        }
    }
}

/// The names of the variants of every selection in a pattern, without exact numbers.
fn selections(pattern: &Pattern<&str>) -> Vec<BTreeSet<String>> {
    let selections = pattern.elements.iter().filter_map(|element| match element {
        PatternElement::Placeable {
            expression: Expression::Select { variants, .. },
        } => Some(variants),
        _ => None,
    });
    let names = selections.map(|variants| {
        let keys = variants.iter().filter_map(|variant| match variant.key {
            VariantKey::Identifier { name } => Some(name.to_owned()),
            VariantKey::NumberLiteral { .. } => None,
        });
        keys.collect()
    });
    names.collect()
}

/// Every message with its arguments.
fn shape(language: &Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for_each_message(language, |message| {
        let mut found = BTreeSet::new();
        arguments(message.value.as_ref().expect("a value"), &mut found);
        let id = message.id.name;
        let earlier = messages.insert(id.to_owned(), found);
        assert!(earlier.is_none(), "{}: {id} is doubled", language.tag);
    });
    messages
}

/// The order too, so that catalogues can be read side by side.
#[test]
fn w9_all_catalogues_have_the_same_messages_and_arguments() {
    let english = &LANGUAGES[0];
    let expected = shape(english);
    assert!(expected.len() > 100);
    for language in &LANGUAGES {
        assert_eq!(shape(language), expected, "{}", language.tag);
        let order =
            |language: &Language| -> Vec<&str> { message_ids(language.catalogue.text).collect() };
        assert_eq!(order(language), order(english), "{}", language.tag);
    }
}

#[test]
fn w9_every_message_is_used() {
    fn read(folder: &Path, sources: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app");
    let mut sources = std::fs::read_to_string(source.join("i18n/message.rs")).unwrap();
    for file in ["i18n/refusal.rs", "i18n/time.rs", "shell.rs"] {
        sources.push_str(&std::fs::read_to_string(source.join(file)).unwrap());
    }
    read(&source.join("pages"), &mut sources);
    read(&source.join("components"), &mut sources);
    for id in shape(&LANGUAGES[0]).keys() {
        assert!(sources.contains(&format!("\"{id}\"")), "{id} is not used");
    }
}

#[test]
fn w9_every_message_is_translated() {
    let english = text_of_messages(&LANGUAGES[0]);
    for language in LANGUAGES.iter().skip(1) {
        for (id, text) in text_of_messages(language) {
            let may_be_same = SAME_AS_ENGLISH.contains(&&*id);
            assert!(
                may_be_same || english[&id] != text,
                "{}: {id} is as in English: {text}",
                language.tag
            );
        }
    }
}

fn text_of_messages(language: &Language) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for_each_message(language, |message| {
        texts.insert(message.id.name.to_owned(), format!("{:?}", message.value));
    });
    texts
}

/// The categories that CLDR has for each language stand above its names of countries.
#[test]
fn w9_plurals_have_every_category_of_the_language() {
    for language in &LANGUAGES {
        let mut lines = language.countries.text.lines();
        let categories = lines.find_map(|line| line.strip_prefix("# Plural categories: "));
        let categories: BTreeSet<String> = categories
            .unwrap_or_else(|| panic!("{} has no plural categories", language.tag))
            .split(", ")
            .map(str::to_owned)
            .collect();
        let mut count = 0;
        for_each_message(language, |message| {
            for (_, pattern) in patterns(message) {
                for selection in selections(pattern) {
                    count += 1;
                    let (tag, id) = (language.tag, message.id.name);
                    assert_eq!(selection, categories, "{tag}: {id}");
                }
            }
        });
        assert!(count > 0 || categories.len() == 1, "{}", language.tag);
    }
}

/// A script takes the forms of the units from a message that is one selection, or none.
#[test]
fn the_forms_of_the_units_can_be_told_apart() {
    use crate::domain::time_unit::{FORM_SEPARATOR, MAX_COUNT, TimeUnit};
    for language in &LANGUAGES {
        for_each_message(language, |message| {
            if matches!(message.id.name, "seconds" | "minutes" | "hours" | "days") {
                for (case, pattern) in patterns(message) {
                    let is_one = pattern.elements.len() == 1 || selections(pattern).is_empty();
                    assert!(is_one, "{}: {} {case:?}", language.tag, message.id.name);
                }
            }
        });
        let forms = language.text().wait_forms("idle-text", "time");
        let mut forms = forms.split(FORM_SEPARATOR);
        let plurals = forms.next().unwrap();
        assert_eq!(plurals.len() as u64, MAX_COUNT, "{}", language.tag);
        let most = plurals.bytes().max().unwrap() - b'0';
        let forms: Vec<_> = forms.collect();
        let count = (usize::from(most) + 1) * TimeUnit::ALL.len();
        assert_eq!(forms.len(), count, "{}: {forms:?}", language.tag);
        assert!(forms.iter().all(|form| !form.is_empty()), "{forms:?}");
    }
}

/// An attribute that chooses a case belongs to an argument of its sentence, and at least one unit
/// has a form of that name. An attribute of a unit is chosen by a sentence.
#[test]
fn every_case_is_one_of_its_language() {
    const UNITS: [&str; 4] = ["seconds", "minutes", "hours", "days"];
    for language in &LANGUAGES {
        let (mut chosen, mut forms) = (BTreeSet::new(), BTreeSet::new());
        for_each_message(language, |message| {
            let mut named = BTreeSet::new();
            arguments(message.value.as_ref().unwrap(), &mut named);
            for attribute in &message.attributes {
                if UNITS.contains(&message.id.name) {
                    forms.insert(attribute.id.name.to_owned());
                    continue;
                }
                let argument = attribute.id.name.strip_prefix("case-");
                let argument = argument.unwrap_or_else(|| panic!("{}", attribute.id.name));
                assert!(named.contains(argument), "{}: {argument}", language.tag);
                let [PatternElement::TextElement { value }] = &*attribute.value.elements else {
                    panic!("{}: {}", language.tag, message.id.name);
                };
                chosen.insert(value.trim().to_owned());
            }
        });
        assert_eq!(chosen, forms, "{}", language.tag);
    }
}

#[test]
fn texts_have_the_typography_of_print() {
    for language in &LANGUAGES {
        for line in language.catalogue.text.lines() {
            let at = format!("{}: {line}", language.tag);
            if line.starts_with('#') {
                continue;
            }
            assert!(!line.contains(['"', '\'', '\t']), "{at}");
            assert!(!line.contains("..."), "{at}");
            assert!(!line.trim_start().contains("  "), "{at}");
            assert_eq!(line.trim_end(), line, "{at}");
            // Pages isolate numbers themselves; in a message marks would be billed.
            const MARKS: [char; 11] = [
                '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
                '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
            ];
            assert!(!line.contains(MARKS), "{at}");
            // Codes and telephones have the digits 0 to 9.
            assert!(
                !line.contains(|c: char| c.is_numeric() && !c.is_ascii_digit()),
                "{at}"
            );
            assert!(!line.contains('!'), "{at}");
            if language.tag == "fr" {
                let plain_space = |c| line.contains(&format!(" {c}"));
                assert!(![':', ';', '?', '»'].into_iter().any(plain_space), "{at}");
            }
        }
    }
}

#[test]
fn all_languages_name_the_same_countries() {
    let codes = |language: &Language| {
        let countries = country::parse_countries(language.countries.text);
        countries.keys().copied().collect::<BTreeSet<_>>()
    };
    let expected = codes(&LANGUAGES[0]);
    assert!(expected.len() > 200);
    for language in &LANGUAGES {
        assert_eq!(codes(language), expected, "{}", language.tag);
    }
    assert_eq!(super::text("de").country("DE").1, "Deutschland");
    assert_eq!(super::text("de").country("XX"), (usize::MAX, "XX"));
}

#[test]
fn plain_messages_are_plain() {
    for language in &LANGUAGES {
        for (id, arguments) in shape(language) {
            let is_plain = language.text().plain.contains_key(&*id);
            assert_eq!(is_plain, arguments.is_empty(), "{}: {id}", language.tag);
        }
    }
}

#[cfg(development)]
#[test]
fn texts_that_did_not_change_are_parsed_once() {
    let text = |language: &'static Language| {
        let files = [language.catalogue, language.countries];
        edited::text(language.tag, files, || Text::parse(language))
    };
    let [english, other, ..] = &LANGUAGES;
    assert!(std::ptr::eq(text(english), text(english)));
    assert!(!std::ptr::eq(text(english), text(other)));
}
