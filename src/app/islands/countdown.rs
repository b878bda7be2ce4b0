//! Updates the countdowns on a page.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

use crate::app::islands::clock::PageClock;
use crate::app::islands::dom;
use crate::app::islands::messages::{announce, clear_errors, set_title};
use crate::app::islands::web_otp;
use crate::domain::time_unit::{fill, sentence_with, to_minutes_and_seconds};

/// Seconds left at which screen readers announce the time, once (W4, W5).
const ANNOUNCE_AT: u64 = 60;

/// How often the texts are updated, in milliseconds.
const TICK: i32 = 1000;

thread_local! {
    static CLOCK: PageClock = PageClock::new();
    /// The seconds left until the code expires, at the last tick.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// Starts all countdowns.
pub fn start() {
    update();
    dom::every(TICK, update);
    // Timers are throttled while a page is hidden, and stand still while the computer sleeps.
    dom::on_window("visibilitychange", |_| update());
    dom::on_window("pageshow", |_| update());
}

fn update() {
    dom::for_each("[data-countdown]", |element| {
        let Some(kind) = element.get_attribute("data-countdown") else {
            return;
        };
        tick(&element, &kind);
    });
}

/// Seconds until the deadline of a countdown, after that many milliseconds on the page; negative if
/// it has passed.
fn seconds_left(element: &Element, elapsed: f64) -> f64 {
    let time = |attribute| dom::number(element, attribute).unwrap_or_default();
    (time("data-deadline") - time("data-now") - elapsed) / 1000.0
}

fn tick(element: &Element, kind: &str) {
    let (elapsed, awake) = CLOCK.with(|clock| (clock.elapsed(), clock.monotonic_elapsed()));
    let left = seconds_left(element, elapsed);
    if left <= 0.0 {
        dom::unset(element, "data-countdown");
        // By the wall clock alone: the computer slept, or its clock was set. The server knows.
        let is_uncertain = kind == "expire" && seconds_left(element, awake) > 0.0;
        return finish(element, if is_uncertain { "reload" } else { kind });
    }
    // Positive and small, so the cast is exact.
    let seconds = left.ceil() as u64;
    let Some(template) = element.get_attribute("data-template") else {
        return;
    };
    let sentence = match element.get_attribute("data-forms") {
        Some(forms) => sentence_with(&template, &forms, seconds).unwrap_or_default(),
        None => fill(&template, &to_minutes_and_seconds(seconds)),
    };
    if kind == "expire" {
        // A tick may be late, so the very second may be missed.
        if LEFT.replace(seconds) > ANNOUNCE_AT && seconds <= ANNOUNCE_AT {
            announce_from("#code-time");
        }
        if let Some(progress) = dom::find("progress") {
            dom::set(&progress, "value", &seconds.to_string());
        }
    }
    if element.text_content().as_ref() != Some(&sentence) {
        element.set_text_content(Some(&sentence));
    }
    match kind {
        "resend" => allow_resend(false),
        "leave" => warn_of_idle_end(left),
        _ => {}
    }
}

/// What happens at the end of a countdown.
fn finish(element: &Element, kind: &str) {
    match kind {
        "expire" => show_expired(),
        "resend" => allow_resend(true),
        "help" => dom::toggle(element, "open", true),
        "reload" => dom::go_to("/code"),
        // The server decides whether the session has really ended.
        "leave" => dom::go_to("/account"),
        _ => {}
    }
}

/// Announces the sentence that an element has for that.
fn announce_from(selector: &str) {
    let sentence = dom::find(selector).and_then(|element| element.get_attribute("data-announced"));
    announce(&sentence.unwrap_or_default());
}

/// While resending is not allowed, the buttons stay visible and focusable, but do nothing.
fn allow_resend(allowed: bool) {
    let Some(wait) = dom::find("#resend-wait") else {
        return;
    };
    dom::toggle(&wait, "hidden", allowed);
    dom::for_each(".resend button", |button| {
        if allowed {
            dom::unset(&button, "aria-disabled");
        } else {
            dom::set(&button, "aria-disabled", "true");
        }
    });
    if !allowed {
        return;
    }
    dom::for_each(".resend", |form| {
        // The form for a code by e-mail is hidden until the first wait is over.
        dom::unset(&form, "hidden");
        clear_errors(&form);
    });
    announce_from("#resend-wait");
}

/// Starts the wait for another code, in seconds, if the form is one that requests codes.
pub fn start_resend_wait(form: &Element, seconds: f64) {
    let Some(element) = dom::find("#resend-wait [data-template]") else {
        return;
    };
    if seconds > 0.0 && dom::find_in(form, "#code").is_none() {
        let now = dom::number(&element, "data-now").unwrap_or_default();
        let elapsed = CLOCK.with(|clock| clock.elapsed());
        let deadline = now + elapsed + seconds * 1000.0;
        dom::set(&element, "data-deadline", &(deadline as u64).to_string());
        dom::set(&element, "data-countdown", "resend");
        update();
    }
}

/// Shows that the code has expired.
fn show_expired() {
    web_otp::abort();
    announce("");
    if let Some(button) = dom::find(".resend button") {
        dom::set(&button, "class", "button primary");
    }
    set_title("data-expired-title");
    dom::for_each("main", |main| {
        dom::toggle(&main, "data-expired", true);
        // As the server renders this state: it explains its errors itself.
        dom::unset(&main, "data-title");
        dom::unset(&main, "data-error-title");
    });
    dom::for_each(".when-expired h1", |heading| dom::focus(&heading));
}

/// Opens the warning if the session is about to expire. It opens once, because a person who closes
/// it has read it.
fn warn_of_idle_end(seconds_left: f64) {
    let Some(dialog) = dom::find("dialog") else {
        return;
    };
    if dom::number(&dialog, "data-warn-before").is_some_and(|before| seconds_left <= before) {
        dom::unset(&dialog, "data-warn-before");
        // Fails for a dialog that is open already.
        let _ = dialog.unchecked_ref::<HtmlDialogElement>().show_modal();
    }
}
