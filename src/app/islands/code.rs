//! The code as it comes: typed, pasted, or read from the message by the browser (WebOTP).

use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;
use crate::domain::passcode::decimal_digit;

/// Puts in order whatever arrives in the field.
pub fn listen() {
    browser::on_code(&Closure::<dyn Fn(String, usize) -> String>::new(tidy).into_js_value());
}

/// The digits of what was typed, in ASCII, and no more than a code has.
fn tidy(typed: String, length: usize) -> String {
    typed
        .chars()
        .filter_map(decimal_digit)
        .take(length)
        .collect()
}
