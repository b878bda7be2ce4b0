//! The code as it comes: typed, pasted, or read from the message by the browser.

use leptos::ev::Event;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::HtmlInputElement;

use super::browser;
use crate::domain::passcode::{LENGTHS, decimal_digit};

/// Keeps the digits of what is in the field, in ASCII, and no more than a code has.
pub fn tidy(event: Event) {
    let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
    let length = field.get_attribute("data-length").and_then(|length| length.parse().ok()).unwrap_or(*LENGTHS.end());
    let typed = field.value();
    let digits: String = typed.chars().filter_map(decimal_digit).take(length).collect();
    if digits != typed {
        field.set_value(&digits);
    }
}

/// Takes the code out of the message where the browser can (WebOTP).
pub fn listen_for_code() {
    let arrived = Closure::once_into_js(|code: String| browser::fill(&code));
    browser::listen_for_code(&arrived);
}
