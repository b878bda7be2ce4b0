//! The texts of the pages in all languages. Each language has one Fluent file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Pattern;

pub use crate::app::i18n::languages::{LANGUAGES, Language};
use crate::embedded::Embedded;

pub mod accept_language;
mod country;
#[cfg(development)]
mod edited;
pub mod languages;
mod message;
mod refusal;
pub mod sms_encoding;
#[cfg(test)]
mod tests;
mod time;

/// All texts of one language.
pub struct Text {
    language: &'static Language,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, which are formatted once.
    plain: HashMap<&'static str, Box<str>>,
    /// Names of countries by code, with their position in the alphabetical list. Only the form for
    /// a phone number needs them.
    countries: OnceLock<country::Countries>,
    /// The forms of waits by grammatical case, each listed when it is first used.
    wait_forms: Mutex<HashMap<Option<String>, Arc<str>>>,
}

impl Text {
    /// The best supported language for an `Accept-Language` header, by default English.
    pub fn negotiate(accept_language: Option<&str>) -> &'static Self {
        Language::negotiate(accept_language).text()
    }

    /// All languages, English first. Each is parsed when the iterator comes to it.
    pub fn all() -> impl Iterator<Item = &'static Self> + Clone {
        LANGUAGES.iter().map(Language::text)
    }

    /// The language.
    pub fn language(&self) -> &'static Language {
        self.language
    }

    /// BCP 47 tag, for `lang`.
    pub fn lang(&self) -> &'static str {
        self.language.tag
    }

    /// A message without arguments. An unknown `id` is returned unchanged; a test finds unknown
    /// ones.
    pub fn get(&'static self, id: &'static str) -> &'static str {
        self.plain.get(id).map_or(id, |text| &**text)
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
        self.format_pattern(pattern, args)
    }

    /// Fluent leaves a missing argument visible in the text. Tests find it.
    fn format_pattern(
        &self,
        pattern: &Pattern<&str>,
        args: &[(&'static str, FluentValue<'_>)],
    ) -> String {
        let args = to_fluent_args(args);
        let mut text = String::new();
        let written = self
            .bundle
            .write_pattern(&mut text, pattern, Some(&args), &mut Vec::new());
        // Writing into a string never fails.
        written.map_or_else(|_| String::new(), |()| text)
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

    fn parse(language: &'static Language) -> Self {
        let catalogue = static_text(language.catalogue);
        let mut bundle = FluentBundle::new_concurrent(language.tag.parse().into_iter().collect());
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
                errors.is_empty().then(|| (id, text.into_boxed_str()))
            })
            .collect();
        Self {
            language,
            bundle,
            plain,
            countries: OnceLock::new(),
            wait_forms: Mutex::default(),
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

/// A file as it was compiled in. An edited one, which only development has, is leaked.
fn static_text(file: Embedded) -> &'static str {
    match file.read() {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.leak(),
    }
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
