//! Updates the countdowns on a page.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;
use crate::domain::time_unit::{Rounding, TimeUnit, to_time_unit};

/// Seconds left at which screen readers announce the time, once (W4, W5).
const ANNOUNCE_AT: u64 = 60;

/// Starts all countdowns.
pub fn start() {
    browser::every_second(&Closure::<dyn Fn(JsValue, f64, String)>::new(tick).into_js_value());
}

fn tick(element: JsValue, seconds_left: f64, kind: String) {
    if seconds_left <= 0.0 {
        browser::stop_countdown(&element);
        return finish(&kind);
    }
    // Positive and small, so the cast is exact.
    let seconds = seconds_left.ceil() as u64;
    let rounding = if kind == "expire" {
        Rounding::Down
    } else {
        Rounding::Up
    };
    let (count, unit) = to_time_unit(seconds, rounding);
    browser::set_text(
        &element,
        count as f64,
        ecma402_name(unit),
        seconds == ANNOUNCE_AT && kind == "expire",
    );
    match kind.as_str() {
        "expire" => browser::set_progress(seconds_left),
        "resend" => browser::allow_resend(false),
        "leave" => browser::show_idle_warning(seconds_left),
        _ => {}
    }
}

/// What happens at the end of a countdown.
fn finish(kind: &str) {
    match kind {
        "expire" => browser::show_expired(),
        "resend" => browser::allow_resend(true),
        "reload" => browser::go_to("/code"),
        // The server decides whether the session has really ended.
        "leave" => browser::go_to("/account"),
        _ => {}
    }
}

fn ecma402_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "second",
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
    }
}
