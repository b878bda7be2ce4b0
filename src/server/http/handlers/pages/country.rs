//! The country that the phone field comes back with.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::app::i18n::accept_language::AcceptLanguage;
use crate::app::view::CountryOption;
use crate::domain::calling_code::typed_calling_code;
use crate::server::http::state::AppState;
use crate::server::sign_in::FormInput;

/// The country of what was typed, else the one that was chosen, else the likely one of a reader of
/// the accepted languages, else that of the brand.
pub fn country_for(
    state: &AppState,
    headers: &HeaderMap,
    typed: Option<&FormInput>,
) -> Option<String> {
    typed
        .and_then(|typed| country_of_number(state, typed))
        .or_else(|| country_of_languages(state, headers))
        .or_else(|| state.settings.brand.country.clone())
}

fn country_of_number(state: &AppState, typed: &FormInput) -> Option<String> {
    let parser = &state.services.sign_in.deps().identifier_parser;
    let chosen = typed.country.as_deref();
    let parsed = parser.parse(&typed.identifier, chosen).ok();
    parsed
        .and_then(|parsed| parsed.identifier.country().map(str::to_owned))
        .or_else(|| country_of_code(&state.pages.countries, typed))
        .or_else(|| chosen.map(str::to_owned))
}

/// The served country of a calling code. Of several, the chosen one if it is one of them, else the
/// main one: more digits would tell, which are not there.
fn country_of_code(countries: &[CountryOption], typed: &FormInput) -> Option<String> {
    if countries.is_empty() {
        return None;
    }
    let calling_code = typed_calling_code(&typed.identifier)?;
    let mut with_code = countries
        .iter()
        .filter(|country| country.calling_code.to_string() == calling_code);
    let chosen = typed.country.as_ref();
    let found = with_code
        .clone()
        .find(|country| Some(&country.code) == chosen)
        .or_else(|| with_code.find(|country| country.is_main));
    found.map(|country| country.code.clone())
}

/// The first served country where a reader of the accepted languages likely is.
fn country_of_languages(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let accepted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let countries = &state.pages.countries;
    let is_served = |code: &String| countries.iter().any(|country| country.code == *code);
    AcceptLanguage::parse(accepted).countries().find(is_served)
}
