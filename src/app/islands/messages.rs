//! What a form says: an error at its field, a notice, the title of the page, and what screen
//! readers announce.

use leptos::prelude::document;
use web_sys::Element;

use crate::app::islands::dom::{self, find, find_in};

/// Shows an error at the form, and moves the focus to the field.
pub fn show_error(form: &Element, sentence: &str) {
    let field = find_in(form, "[aria-describedby]:not([type=checkbox])");
    let message = find_in(form, "[data-error]").or_else(|| find("[data-error]"));
    let Some(message) = message else {
        return;
    };
    // Screen readers announce the field that gets the focus. If it has the focus already, the error
    // needs the role `alert`.
    if field.is_some() && document().active_element() == field {
        dom::set(&message, "role", "alert");
    } else {
        dom::unset(&message, "role");
    }
    reveal(&message, sentence);
    dom::for_each("[data-tries]", |old| old.remove());
    if let Some(field) = &field {
        dom::set(field, "aria-invalid", "true");
        if field.has_attribute("data-length") {
            dom::as_input(field).select();
        }
    }
    dom::focus(&field.unwrap_or(message));
}

/// Shows what is not the fault of any field. The focus stays where it is.
pub fn show_notice(form: &Element, sentence: &str) {
    match find_in(form, "[data-notice]") {
        Some(notice) => {
            dom::set(&notice, "role", "alert");
            reveal(&notice, sentence);
        }
        // A form without a field has one place for both.
        None => show_error(form, sentence),
    }
}

/// Screen readers announce it politely.
pub fn announce(sentence: &str) {
    if let Some(status) = find("[data-status]") {
        status.set_text_content(Some(sentence));
    }
}

/// Sets the title of the page to one of those that the server rendered for its states.
pub fn set_title(state: &str) {
    let text = find("main").and_then(|main| main.get_attribute(state));
    if let (Some(title), Some(text)) = (find("title"), text) {
        title.set_text_content(Some(&text));
    }
}

fn reveal(message: &Element, sentence: &str) {
    set_title("data-error-title");
    dom::toggle(message, "hidden", false);
    if let Some(text) = find_in(message, "span") {
        text.set_text_content(Some(sentence));
    }
}

/// Hides the messages of a form. The title tells an error as long as another form has one.
pub fn clear_errors(form: &Element) {
    for selector in ["[data-error]", "[data-notice]"] {
        if let Some(message) = find_in(form, selector) {
            dom::toggle(&message, "hidden", true);
        }
    }
    if let Some(field) = find_in(form, "[aria-invalid]") {
        dom::unset(&field, "aria-invalid");
    }
    if find("[data-error]:not([hidden]),[data-notice]:not([hidden])").is_none() {
        set_title("data-title");
    }
}
