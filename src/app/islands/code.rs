//! Normalises the code: typed, pasted, or read from the message by the browser (WebOTP).

use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;
use crate::domain::passcode::to_ascii_digit;

/// Normalises every input of the code field.
pub fn listen() {
    browser::on_code(&Closure::<dyn Fn(String, usize) -> String>::new(normalize).into_js_value());
}

/// The digits of the input in ASCII, at most `length`.
fn normalize(typed: String, length: usize) -> String {
    typed
        .chars()
        .filter_map(to_ascii_digit)
        .take(length)
        .collect()
}
