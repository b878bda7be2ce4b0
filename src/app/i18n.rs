//! Everything that is said, in every language: one Fluent catalogue a language, parsed once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::embedded::{Embedded, embedded};

#[cfg(development)]
mod edited;
mod message;
mod negotiate;
mod refusal;
#[cfg(test)]
mod tests;
mod time;

/// The languages that we speak; the first is the one for everybody else.
type Languages = [Text; 5];

/// A language, the direction of its writing, its catalogue, and its names of countries.
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

/// All that we say in one language.
pub struct Text {
    lang: &'static str,
    direction: &'static str,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, resolved once: most of a page.
    plain: HashMap<String, String>,
    /// Countries by code, with their place in the list as readers of this language look for them.
    countries: HashMap<String, (usize, String)>,
}

impl Text {
    /// The language that an `Accept-Language` header asks for, as far as we speak it; English
    /// otherwise.
    pub fn negotiate(accept_language: Option<&str>) -> &'static Self {
        let languages @ [english, ..] = languages();
        let lang = accept_language.and_then(negotiate::best);
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

    /// A message that takes no arguments. An unknown `id` is shown as it is; tests see to it that
    /// none is unknown.
    pub fn get(&'static self, id: &'static str) -> &'static str {
        self.plain.get(id).map_or(id, String::as_str)
    }

    /// A message with its arguments filled in.
    pub fn format<'a>(&self, id: &'a str, args: &[(&'static str, FluentValue<'a>)]) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            return id.to_owned();
        };
        let mut fluent_args = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            fluent_args.set(*name, value.clone());
        }
        // What cannot be filled in is left visible by Fluent; there is nobody to report it to while
        // a page is made.
        self.bundle
            .format_pattern(pattern, Some(&fluent_args), &mut Vec::new())
            .into_owned()
    }

    /// A message around one argument that needs markup of its own: what comes before it, and what
    /// comes after.
    pub fn around(
        &self,
        id: &str,
        name: &'static str,
        args: &[(&'static str, FluentValue<'_>)],
    ) -> (String, String) {
        const MARK: char = '\u{fffc}';
        let args: Vec<_> = args
            .iter()
            .cloned()
            .chain([(name, MARK.to_string().into())])
            .collect();
        let whole = self.format(id, &args);
        whole.split_once(MARK).map_or_else(
            || (whole.clone(), String::new()),
            |(a, b)| (a.to_owned(), b.to_owned()),
        )
    }

    /// Name of a country, by ISO 3166 alpha-2 code, and its place in an alphabetical list; the code
    /// itself, at the end, if it has no name.
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
        // Isolation marks would travel into text messages and into attributes; pages use `<bdi>`.
        bundle.set_use_isolating(false);
        // Doubled messages keep their first value; a test forbids them.
        let _ = bundle.add_resource(resource(catalogue));
        let plain = ids(catalogue)
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
            countries: names(countries),
        }
    }
}

/// Catalogues are part of the program: a line that cannot be read is left out, and a test finds it.
fn resource(source: &str) -> FluentResource {
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(readable, _)| readable)
}

/// The names of the messages: what stands before a ` =` at the beginning of a line.
fn ids(catalogue: &str) -> impl Iterator<Item = &str> {
    let messages = catalogue
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    messages.filter_map(|line| Some(line.split_once(" =")?.0))
}

/// The list of countries is flat and long: two hundred names need no bundle.
fn names(source: &str) -> HashMap<String, (usize, String)> {
    let lines = source
        .lines()
        .filter_map(|line| line.strip_prefix("country-")?.split_once(" = "));
    lines
        .enumerate()
        .map(|(place, (code, name))| (code.to_owned(), (place, name.to_owned())))
        .collect()
}
