//! Sends a form without leaving the page, and shows what came of it.

use wasm_bindgen::JsCast;
use web_sys::js_sys::futures::spawn_local;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement};

use crate::app::islands::dom::{self, find, find_in};
use crate::app::islands::messages::{clear_errors, show_error, show_notice};
use crate::app::islands::request::{ProblemReply, Reply, send};
use crate::app::islands::{countdown, web_otp};

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
    web_otp::abort();
    set_busy(&form, true);
    clear_errors(&form);
    spawn_local(async move {
        match send(&form).await {
            Reply::Next(next) => dom::go_to(&next),
            Reply::Refused(problem) if is_told_by_page(&problem) => {
                // No listener sees it: the browser posts the form and loads the page.
                let _ = form.unchecked_ref::<HtmlFormElement>().submit();
            }
            Reply::Refused(problem) => match page_after(&problem) {
                Some(page) => dom::go_to(page),
                None => {
                    set_busy(&form, false);
                    show_problem(&form, &problem);
                }
            },
            Reply::Failed(reason) => {
                set_busy(&form, false);
                let sentence = find("[data-network]")
                    .and_then(|texts| texts.get_attribute(&format!("data-{reason}")));
                show_notice(&form, &sentence.unwrap_or_default());
            }
        }
    });
}

/// Whether the form is posted once more, as without a script, for the page that says why it was
/// refused. These refusals depend on the browser's cookies alone, and nothing was checked or sent.
fn is_told_by_page(problem: &ProblemReply) -> bool {
    matches!(problem.code.as_str(), "cookies_blocked" | "stale_flow")
}

/// The page to load after a refusal that changes more than an error message. It shows what it would
/// show without a script.
fn page_after(problem: &ProblemReply) -> Option<&'static str> {
    match problem.code.as_str() {
        "no_flow" | "not_signed_in" => Some("/sign-in"),
        // This page again: by a cookie of the reply it has the number in full, and the field that
        // confirms it.
        "confirm_number" => Some(""),
        // 409 and 410: the flow is not in the state that this page shows.
        _ if problem.tries_left == Some(0.0) || matches!(problem.status as u16, 409 | 410) => {
            Some("/code")
        }
        _ => None,
    }
}

fn show_problem(form: &Element, problem: &ProblemReply) {
    match problem.code.as_str() {
        "slow_down" => {
            show_notice(form, &problem.title);
            countdown::start_resend_wait(form, problem.retry_after);
        }
        "unavailable" => show_notice(form, &problem.title),
        _ => show_error(form, &problem.title),
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
        set_width(&format!("{width}px"));
        dom::set(
            &button,
            "data-label",
            &label.text_content().unwrap_or_default(),
        );
        label.set_text_content(button.get_attribute("data-pending").as_deref());
        dom::set(&button, "aria-busy", "true");
    } else if button.has_attribute("aria-busy") {
        set_width("");
        label.set_text_content(button.get_attribute("data-label").as_deref());
        dom::unset(&button, "aria-busy");
    }
}
