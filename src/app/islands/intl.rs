//! Times in the language and the time zone of the reader, by `Intl`.

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use web_sys::js_sys::{Date, Object};

use crate::app::islands::dom;

// The same type of `js_sys` takes any failure for impossible. Names of languages come from the
// browser, and some have a form that `Intl` refuses.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &DateTimeFormat, date: &Date) -> Result<String, JsValue>;
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
