//! The texts of the pages in all languages. Each language has one Fluent file, which is parsed
//! once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::app::i18n::accept_language::AcceptLanguage;
use crate::embedded::{Embedded, embedded};

pub mod accept_language;
#[cfg(development)]
mod edited;
mod message;
mod refusal;
pub mod sms_encoding;
#[cfg(test)]
mod tests;
mod time;

/// The supported languages. The first one is the default.
type Languages = [Text; SOURCES.len()];

/// A language, its writing direction, its catalogue and its country names.
type Source = (&'static str, &'static str, Embedded, Embedded);

const SOURCES: [Source; 5] = [
    (
        "en",
        "ltr",
        embedded!("i18n/en.ftl"),
        embedded!("i18n/countries/en.ftl"),
    ),
    (
        "de",
        "ltr",
        embedded!("i18n/de.ftl"),
        embedded!("i18n/countries/de.ftl"),
    ),
    (
        "fr",
        "ltr",
        embedded!("i18n/fr.ftl"),
        embedded!("i18n/countries/fr.ftl"),
    ),
    (
        "es",
        "ltr",
        embedded!("i18n/es.ftl"),
        embedded!("i18n/countries/es.ftl"),
    ),
    (
        "ar",
        "rtl",
        embedded!("i18n/ar.ftl"),
        embedded!("i18n/countries/ar.ftl"),
    ),
];

static LANGUAGES: LazyLock<Languages> = LazyLock::new(|| SOURCES.map(Text::parse));

#[cfg(not(development))]
fn languages() -> &'static Languages {
    &LANGUAGES
}

/// Under `cargo leptos watch` the catalogues are parsed again when one of them is edited.
#[cfg(development)]
fn languages() -> &'static Languages {
    if crate::embedded::is_watched() {
        edited::languages()
    } else {
        &LANGUAGES
    }
}

/// All texts of one language.
pub struct Text {
    lang: &'static str,
    direction: &'static str,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, which are formatted once.
    plain: HashMap<String, String>,
    /// Names of countries by code, with their position in the alphabetical list.
    countries: HashMap<String, (usize, String)>,
}

impl Text {
    /// The best supported language for an `Accept-Language` header, by default English.
    pub fn negotiate(accept_language: Option<&str>) -> &'static Self {
        let languages @ [english, ..] = languages();
        let available = languages.each_ref().map(|text| text.lang);
        let wanted = AcceptLanguage::parse(accept_language.unwrap_or_default());
        let lang = wanted.best_of(&available);
        languages
            .iter()
            .find(|text| Some(text.lang) == lang)
            .unwrap_or(english)
    }

    /// All languages, English first.
    pub fn all() -> &'static [Self] {
        languages()
    }

    /// BCP 47 tag, for `lang`.
    pub fn lang(&self) -> &'static str {
        self.lang
    }

    /// `ltr` or `rtl`, for `dir`.
    pub fn direction(&self) -> &'static str {
        self.direction
    }

    /// A message without arguments. An unknown `id` is returned unchanged; a test finds unknown
    /// ones.
    pub fn get(&'static self, id: &'static str) -> &'static str {
        self.plain.get(id).map_or(id, String::as_str)
    }

    /// A message with arguments.
    pub fn format<'a>(&self, id: &'a str, args: &[(&'static str, FluentValue<'a>)]) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            return id.to_owned();
        };
        // Fluent leaves a missing argument visible in the text. Tests find it.
        self.bundle
            .format_pattern(pattern, Some(&to_fluent_args(args)), &mut Vec::new())
            .into_owned()
    }

    /// An attribute of a message; none if it has none of this name.
    fn attribute(
        &self,
        id: &str,
        name: &str,
        args: &[(&'static str, FluentValue<'_>)],
    ) -> Option<String> {
        let attribute = self.bundle.get_message(id)?.get_attribute(name)?;
        let args = to_fluent_args(args);
        let text = self
            .bundle
            .format_pattern(attribute.value(), Some(&args), &mut Vec::new());
        Some(text.into_owned())
    }

    /// Splits a message at the argument `name`, which needs markup of its own: the text before it
    /// and the text after it.
    pub fn split_at(
        &self,
        id: &str,
        name: &'static str,
        args: &[(&'static str, FluentValue<'_>)],
    ) -> (String, String) {
        const MARKER: char = '\u{fffc}';
        let args: Vec<_> = args
            .iter()
            .cloned()
            .chain([(name, MARKER.to_string().into())])
            .collect();
        let whole = self.format(id, &args);
        whole.split_once(MARKER).map_or_else(
            || (whole.clone(), String::new()),
            |(a, b)| (a.to_owned(), b.to_owned()),
        )
    }

    /// The position of a country in the alphabetical list, and its name. A country without a name
    /// is last, and shown by its ISO 3166 alpha-2 code.
    pub fn country<'a>(&'a self, code: &'a str) -> (usize, Cow<'a, str>) {
        self.countries
            .get(code)
            .map_or((usize::MAX, Cow::Borrowed(code)), |(place, name)| {
                (*place, Cow::Borrowed(name))
            })
    }

    fn parse((lang, direction, catalogue, countries): Source) -> Self {
        let (catalogue, countries) = (&*catalogue.read(), &*countries.read());
        let mut bundle = FluentBundle::new_concurrent(lang.parse().into_iter().collect());
        // Isolation marks would be copied into SMS and attributes. Pages use `<bdi>` instead.
        bundle.set_use_isolating(false);
        // A duplicate message keeps its first value. A test forbids duplicates.
        let _ = bundle.add_resource(parse_resource(catalogue));
        let plain = message_ids(catalogue)
            .filter_map(|id| {
                let pattern = bundle.get_message(id)?.value()?;
                let mut errors = Vec::new();
                let text = bundle
                    .format_pattern(pattern, None, &mut errors)
                    .into_owned();
                errors.is_empty().then(|| (id.to_owned(), text))
            })
            .collect();
        Self {
            lang,
            direction,
            bundle,
            plain,
            countries: parse_countries(countries),
        }
    }
}

fn to_fluent_args<'a>(args: &[(&'static str, FluentValue<'a>)]) -> FluentArgs<'a> {
    let mut fluent_args = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        fluent_args.set(*name, value.clone());
    }
    fluent_args
}

/// Parses a catalogue. A line with a syntax error is skipped, and a test finds it.
fn parse_resource(source: &str) -> FluentResource {
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable)
}

/// The message ids: the text before ` =` at the start of a line.
fn message_ids(catalogue: &str) -> impl Iterator<Item = &str> {
    let messages = catalogue
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    messages.filter_map(|line| Some(line.split_once(" =")?.0))
}

/// Parses the names of countries. They have no arguments, so they need no Fluent bundle.
fn parse_countries(source: &str) -> HashMap<String, (usize, String)> {
    let lines = source
        .lines()
        .filter_map(|line| line.strip_prefix("country-")?.split_once(" = "));
    lines
        .enumerate()
        .map(|(place, (code, name))| (code.to_owned(), (place, name.to_owned())))
        .collect()
}
