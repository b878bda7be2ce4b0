//! Durations and times in the language and the time zone of the reader, by `Intl`.

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::{Date, Object};
use web_sys::{Element, HtmlElement};

use crate::app::islands::dom;
use crate::domain::time_unit::TimeUnit;

/// Marks the position of the value in `data-template`.
pub const PLACEHOLDER: char = '\u{fffc}';

// The same types of `js_sys` take any failure for impossible. Names of languages come from the
// browser, and some have a form that `Intl` refuses.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &DateTimeFormat, date: &Date) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: &str) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(method)]
    fn select(this: &PluralRules, number: f64) -> String;
}

/// The sentence of a countdown with the time in it. The page brings the forms of each unit in the
/// grammatical case of the sentence, so no language has to be known here.
pub fn sentence_with(element: &Element, count: u64, unit: TimeUnit) -> Option<String> {
    let template = element.get_attribute("data-template")?;
    let forms = element.get_attribute(unit.attribute()).unwrap_or_default();
    let form_of = |category: &str| {
        let mut forms = forms.split('|').filter_map(|form| form.split_once('='));
        forms.find_map(|(name, form)| (name == category).then_some(form))
    };
    let category = PluralRules::new(&page_language()).map(|rules| rules.select(count as f64));
    let form = category.ok().and_then(|category| form_of(&category));
    // A browser may know fewer categories than the page.
    let form = form.or_else(|| form_of("other"))?;
    let time = form.replace(PLACEHOLDER, &count.to_string());
    Some(template.replace(PLACEHOLDER, &time))
}

/// Converts times from UTC to the time zone of the reader. Times that cannot be converted stay.
pub fn show_local_times() {
    let Some(format) = date_format() else {
        return;
    };
    dom::for_each("time", |time| {
        let Some(value) = time.get_attribute("datetime") else {
            return;
        };
        if let Ok(shown) = format.format(&Date::new(&value.into())) {
            time.set_text_content(Some(&shown));
        }
    });
}

/// In the reader's variant of the page's language, such as `en-GB`, else in the page's language.
fn date_format() -> Option<DateTimeFormat> {
    let page = page_language();
    let own = window().navigator().language().unwrap_or_default();
    // Some systems name languages as in `en_US` or `en-US@posix`.
    let own: String = own
        .replace('_', "-")
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let options = dom::object(&[
        ("dateStyle", "medium".into()),
        ("timeStyle", "short".into()),
        ("numberingSystem", "latn".into()),
        ("hourCycle", "h23".into()),
    ]);
    // `fil` is no variant of `fi`.
    let rest = own.strip_prefix(&page);
    let is_variant = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let variant = is_variant.then(|| DateTimeFormat::new(&own, &options).ok());
    variant
        .flatten()
        .or_else(|| DateTimeFormat::new(&page, &options).ok())
}

fn page_language() -> String {
    let root = document().document_element();
    root.map(|root| root.unchecked_into::<HtmlElement>().lang())
        .unwrap_or_default()
}
