//! Content negotiation: the language of a response, and whether it is a page or JSON.

use http::header::{ACCEPT, ACCEPT_LANGUAGE};
use http::{Extensions, HeaderMap, HeaderValue};

use crate::app::Text;
use crate::app::i18n::Language;

/// Request: the language that the person chose, which counts more than the browser's.
#[derive(Clone, Copy)]
pub struct ChosenLanguage(pub &'static Language);

/// What decides the language of a response. Cheap to take from a request.
#[derive(Clone)]
pub struct LanguagePreference {
    chosen: Option<ChosenLanguage>,
    accepted: Option<HeaderValue>,
}

impl LanguagePreference {
    /// Reads the extensions and headers of a request.
    pub fn of(extensions: &Extensions, headers: &HeaderMap) -> Self {
        Self {
            chosen: extensions.get().copied(),
            accepted: headers.get(ACCEPT_LANGUAGE).cloned(),
        }
    }

    /// The texts in the language that was chosen, else in the one that the browser accepts.
    pub fn text(&self) -> &'static Text {
        match self.chosen {
            Some(ChosenLanguage(language)) => language.text(),
            None => {
                let accepted = self.accepted.as_ref();
                Text::negotiate(accepted.and_then(|value| value.to_str().ok()))
            }
        }
    }
}

/// The texts in the person's language.
pub fn text(extensions: &Extensions, headers: &HeaderMap) -> &'static Text {
    LanguagePreference::of(extensions, headers).text()
}

/// Whether the client accepts HTML. Any other client gets JSON.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|value| value.to_str().is_ok_and(|text| text.contains("text/html")))
}
