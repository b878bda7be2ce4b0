//! Sending a form without leaving the page.

use leptos::ev::{Event, SubmitEvent};
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::{Element, HtmlSelectElement};

use super::browser;

/// Sends the form once, however often it is submitted, and shows what came back.
pub fn submit(event: SubmitEvent) {
    event.prevent_default();
    let Some(form) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    if browser::is_busy(&form) {
        return;
    }
    browser::busy(&form, true);
    browser::forgive(&form);
    let sent = form.clone();
    let answer =
        Closure::once_into_js(move |code: String, sentence: String, next: String, retry_after: f64| {
            match code.as_str() {
                "" => browser::go(&next),
                "no_flow" | "not_signed_in" => browser::go("/sign-in"),
                code => {
                    browser::busy(&sent, false);
                    browser::complain(&sent, &sentence);
                    match code {
                        "flow_expired" => browser::expire(),
                        "slow_down" => browser::wait(&sent, retry_after),
                        _ => {}
                    }
                }
            }
        });
    browser::send(&form, &answer);
}

/// A change of the country changes the example at its side.
pub fn show_example(event: Event) {
    if event.target().is_some_and(|target| target.has_type::<HtmlSelectElement>()) {
        browser::show_example();
    }
}
