//! Sends a form without leaving the page, and shows what came of it.

use wasm_bindgen::JsCast;
use web_sys::js_sys::futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement};

use crate::app::islands::countdown;
use crate::app::islands::dom::{self, find, find_in};
use crate::app::islands::messages::{announce, clear_errors, show_error, show_notice};
use crate::app::islands::request::{ProblemReply, Reply, send};

/// The status of the refusal that the code has expired.
const FLOW_EXPIRED: f64 = 410.0;

/// The attribute of the code's field with the code that was sent without a button last. It is not
/// sent that way again, unless there was no reply.
pub const SENT: &str = "data-sent";

/// Handles the submission of every form that posts. The browser itself sends the others, which
/// have no `method`.
pub fn listen() {
    dom::on_window("submit", |event| {
        if let Some(form) = dom::target_of(&event)
            && form.has_attribute("method")
        {
            event.unchecked_ref::<Event>().prevent_default();
            submit(form);
        }
    });
    // A page that is restored from the back/forward cache is not sending any form.
    dom::on_window("pageshow", |_| {
        dom::for_each("form", |form| set_busy(&form, false))
    });
}

/// Sends the form, unless it is being sent already, and shows the result.
pub fn submit(form: Element) {
    if is_busy(&form) {
        return;
    }
    set_busy(&form, true);
    clear_errors(&form);
    spawn_local(async move {
        match send(&form).await {
            Reply::Next(next) => dom::go_to(&next),
            Reply::Refused(problem) => show_refusal(&form, &problem),
            Reply::Failed(reason) => {
                set_busy(&form, false);
                dom::for_each("[data-sent]", |field| dom::unset(&field, SENT));
                let sentence = find("[data-network]").and_then(|texts| texts.get_attribute(reason));
                show_notice(&form, &sentence.unwrap_or_default());
            }
        }
    });
}

/// Shows a refusal as the page without a script would.
fn show_refusal(form: &Element, problem: &ProblemReply) {
    match problem.code.as_str() {
        // These depend on the browser's cookies alone, and nothing was checked or sent. So the form
        // is posted once more, for the page that says why. No listener sees it.
        "cookies_blocked" | "stale_flow" | "no_flow" | "not_signed_in" => {
            let _ = form.unchecked_ref::<HtmlFormElement>().submit();
        }
        // This page again: by a cookie of the reply it has the number in full, and the field that
        // confirms it.
        "confirm_number" => dom::go_to(""),
        // The flow is not in the state that this page shows.
        _ if problem.tries_left == Some(0.0) || problem.status == FLOW_EXPIRED => {
            dom::go_to("/code");
        }
        code => {
            set_busy(form, false);
            match code {
                "slow_down" => {
                    show_notice(form, &problem.title);
                    countdown::start_resend_wait(form, problem.retry_after);
                }
                "unavailable" => show_notice(form, &problem.title),
                _ => show_error(form, &problem.title),
            }
        }
    }
}

/// Whether a form is being sent, or its button is disabled.
fn is_busy(form: &Element) -> bool {
    find_in(form, "button:is([aria-busy],[aria-disabled])").is_some()
}

/// Shows whether a form is being sent. The button keeps its width while its label changes.
fn set_busy(form: &Element, on: bool) {
    let Some(button) = find_in(form, "button") else {
        return;
    };
    let Some(label) = find_in(&button, "span") else {
        return;
    };
    let style = button.unchecked_ref::<HtmlElement>().style();
    let set_width = |width: &str| {
        let _ = style.set_property("min-inline-size", width);
    };
    if on {
        let width = button.unchecked_ref::<HtmlElement>().offset_width();
        set_width(&(u64::from(width.unsigned_abs()).to_string() + "px"));
        dom::set(
            &button,
            "data-label",
            &label.text_content().unwrap_or_default(),
        );
        let pending = button.get_attribute("data-pending").unwrap_or_default();
        label.set_text_content(Some(&pending));
        announce(&pending);
        dom::set(&button, "aria-busy", "true");
    } else if button.has_attribute("aria-busy") {
        set_width("");
        label.set_text_content(button.get_attribute("data-label").as_deref());
        announce("");
        dom::unset(&button, "aria-busy");
    }
}
