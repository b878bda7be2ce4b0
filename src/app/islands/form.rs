//! Sends a form without leaving the page.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;

/// Handles the submission of every form.
pub fn listen() {
    browser::on_submit(&Closure::<dyn Fn(JsValue)>::new(submit).into_js_value());
}

/// Sends the form, unless it is being sent already, and shows the result.
fn submit(form: JsValue) {
    if browser::is_busy(&form) {
        return;
    }
    browser::set_busy(&form, true);
    browser::clear_error(&form);
    let sent = form.clone();
    let answer = Closure::once_into_js(
        move |code: String, message: String, next: String, retry_after: f64| {
            match code.as_str() {
                "" => return browser::go_to(&next),
                "no_flow" | "not_signed_in" => return browser::go_to("/sign-in"),
                _ => {}
            }
            browser::set_busy(&sent, false);
            browser::show_error(&sent, &message);
            match code.as_str() {
                "flow_expired" => browser::show_expired(),
                "slow_down" => browser::start_resend_wait(&sent, retry_after),
                _ => {}
            }
        },
    );
    browser::send(&form, &answer);
}
