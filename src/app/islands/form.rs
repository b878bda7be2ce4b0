//! Sending a form without leaving the page.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::app::islands::browser;

/// Takes over from the browser when a form is sent.
pub fn listen() {
    browser::on_submit(&Closure::<dyn Fn(JsValue)>::new(submit).into_js_value());
}

/// Sends the form once, however often it is submitted, and shows what came back.
fn submit(form: JsValue) {
    if browser::is_busy(&form) {
        return;
    }
    browser::busy(&form, true);
    browser::forgive(&form);
    let sent = form.clone();
    let answer = Closure::once_into_js(
        move |code: String, sentence: String, next: String, retry_after: f64| {
            match code.as_str() {
                "" => return browser::go(&next),
                "no_flow" | "not_signed_in" => return browser::go("/sign-in"),
                _ => {}
            }
            browser::busy(&sent, false);
            browser::complain(&sent, &sentence);
            match code.as_str() {
                "flow_expired" => browser::expire(),
                "slow_down" => browser::wait(&sent, retry_after),
                _ => {}
            }
        },
    );
    browser::send(&form, &answer);
}
