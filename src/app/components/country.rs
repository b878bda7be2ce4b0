//! The field for the country of a national number.
//!
//! Up to thirty countries are a `<select>`, whose options are found by their first letters. More
//! are a text field with a list (`<datalist>`), which finds parts of names too. Both work without a
//! script: the server reads the name of a country as well as its code.

use leptos::either::Either;
use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::app::view::CountryOption;

/// Most countries in a `<select>`.
const MAX_IN_SELECT: usize = 30;

/// The select, or the text field with a list.
pub fn country_field(
    text: &'static Text,
    countries: &[(&str, &CountryOption)],
    selected: Option<&CountryOption>,
) -> impl IntoView + use<> {
    if countries.len() > MAX_IN_SELECT {
        Either::Right(searchable_list(text, countries, selected))
    } else {
        Either::Left(select(text, countries, selected))
    }
}

/// The countries with their names, in the alphabetical order of the language.
pub fn sort_by_name<'c>(
    text: &'static Text,
    countries: &'c [CountryOption],
) -> Vec<(&'c str, &'c CountryOption)> {
    let mut named: Vec<_> = countries
        .iter()
        .map(|country| (text.country(&country.code), country))
        .collect();
    named.sort_by_key(|((place, _), _)| *place);
    named
        .into_iter()
        .map(|((_, name), country)| (name, country))
        .collect()
}

fn select(
    text: &'static Text,
    countries: &[(&str, &CountryOption)],
    selected: Option<&CountryOption>,
) -> impl IntoView + use<> {
    let code = selected.map(|country| country.code.clone());
    let options = countries.iter().map(|(name, country)| {
        view! {
            <option
                value=country.code.clone()
                selected=code.as_ref() == Some(&country.code)
                data-code=main_code(country)
                data-shares=shared_code(country)
                data-example=country.example.clone()
            >
                {label(name, country)}
            </option>
        }
    });
    let options = options.collect_view();
    view! {
        <select
            name="country"
            aria-label=text.get("country-label")
            autocomplete="tel-country-code"
        >
            // A country that nothing suggests is chosen by the person.
            {code.is_none().then(|| view! {
                <option value="" selected>{text.get("country-choose")}</option>
            })}
            {options}
        </select>
    }
}

fn searchable_list(
    text: &'static Text,
    countries: &[(&str, &CountryOption)],
    selected: Option<&CountryOption>,
) -> impl IntoView + use<> {
    let value = countries
        .iter()
        .find(|(_, country)| selected.is_some_and(|selected| selected.code == country.code))
        .map(|(name, country)| label(name, country));
    let options = countries.iter().map(|(name, country)| {
        view! {
            <option
                value=label(name, country)
                data-code=main_code(country)
                data-shares=shared_code(country)
                data-example=country.example.clone()
            ></option>
        }
    });
    let options = options.collect_view();
    view! {
        <input
            class="country"
            name="country"
            list="countries"
            r#type="text"
            aria-label=text.get("country-label")
            autocomplete="off"
            spellcheck="false"
            placeholder=text.get("country-choose")
            value=value
        />
        <datalist id="countries">{options}</datalist>
    }
}

/// The calling code, of the country that a number with it is taken to be of.
fn main_code(country: &CountryOption) -> Option<String> {
    country.is_main.then(|| country.calling_code.to_string())
}

/// The calling code, of a country that is chosen or told by more digits.
fn shared_code(country: &CountryOption) -> Option<String> {
    (!country.is_main).then(|| country.calling_code.to_string())
}

/// The name comes first, so that typing its first letters finds it.
fn label(name: &str, country: &CountryOption) -> String {
    format!(
        "{name} ({})",
        isolate(&format!("+{}", country.calling_code))
    )
}

/// Isolates a number, so that it is left-to-right in a text of any direction.
pub fn isolate(number: &str) -> String {
    format!("\u{2066}{number}\u{2069}")
}
