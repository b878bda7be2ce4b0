//! Sentences about time, kept true.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;
use crate::domain::time_unit::{Rounding, TimeUnit, span};

/// Screen readers are told once that time runs short, not every second (W4, W5).
const LAST_MINUTE: u64 = 60;

/// Starts to count.
pub fn start() {
    browser::every_second(&Closure::<dyn Fn(JsValue, f64, String)>::new(tick).into_js_value());
}

fn tick(sentence: JsValue, left: f64, kind: String) {
    if left <= 0.0 {
        browser::stop(&sentence);
        return end(&kind);
    }
    // Positive, and far below what would not fit.
    let seconds = left.ceil() as u64;
    let rounding = if kind == "expire" {
        Rounding::Down
    } else {
        Rounding::Up
    };
    let (count, unit) = span(seconds, rounding);
    browser::tell(
        &sentence,
        count as f64,
        name(unit),
        seconds == LAST_MINUTE && kind == "expire",
    );
    match kind.as_str() {
        "expire" => browser::drain(left),
        "resend" => browser::allow_resend(false),
        "leave" => browser::warn(left),
        _ => {}
    }
}

/// What happens when the time has come.
fn end(kind: &str) {
    match kind {
        "expire" => browser::expire(),
        "resend" => browser::allow_resend(true),
        "reload" => browser::go("/code"),
        // The server decides whether the session has really ended.
        "leave" => browser::go("/account"),
        _ => {}
    }
}

/// The unit's name in ECMA-402.
fn name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "second",
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
    }
}
