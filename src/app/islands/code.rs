//! Normalises the code: typed, pasted, or read from the message by the browser (WebOTP).

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, Element, Event};

use crate::app::islands::dom::{self, as_input, property};
use crate::app::islands::form::{self, SENT};
use crate::app::islands::web_otp;
use crate::domain::typed_text::{find_code, to_ascii_digit};

/// Normalises every input of the code field, and sends a code that was not typed.
pub fn listen() {
    let Some(field) = dom::find("#code") else {
        return;
    };
    let target = field.clone();
    dom::on(&field, "input", move |event| on_input(&target, &event));
    let target = field.clone();
    dom::on(&field, "compositionend", move |_| tidy(&target, true));
    let target = field.clone();
    dom::on(&field, "paste", move |event| {
        let data = property(&event, "clipboardData");
        let text = data.unchecked_ref::<DataTransfer>().get_data("text");
        if text.is_ok_and(|text| enter(&target, &text)) {
            event.unchecked_ref::<Event>().prevent_default();
        }
    });
    // No text message comes after a request by e-mail.
    if field.has_attribute("data-sms") {
        web_otp::listen(move |text| {
            enter(&field, &text);
        });
    }
}

fn on_input(field: &Element, event: &JsValue) {
    // The text of an unfinished composition belongs to the input method.
    if property(event, "isComposing").is_truthy() {
        return;
    }
    // Autofill says nothing of how it changed the text, or that it replaced it.
    let kind = property(event, "inputType").as_string().unwrap_or_default();
    let is_filled_in = kind.is_empty() || kind == "insertReplacementText";
    if !(is_filled_in && enter(field, &as_input(field).value())) {
        tidy(field, !kind.starts_with("insertFrom"));
    }
}

/// Takes the code out of a text and sends it, once. Returns whether there is one.
fn enter(field: &Element, text: &str) -> bool {
    let Some(code) = find_code(text, length(field)) else {
        return false;
    };
    as_input(field).set_value(&code);
    if field.get_attribute(SENT).as_ref() != Some(&code)
        && let Some(form) = as_input(field).form()
    {
        dom::set(field, SENT, &code);
        form::submit(form.into());
    }
    true
}

/// Keeps the digits of what was typed, in ASCII, and the caret at its digit. A digit too many is
/// not taken while typing. What was pasted is not cut: that would make a code out of any number.
fn tidy(field: &Element, is_typed: bool) {
    let (input, length) = (as_input(field), length(field));
    let typed = input.value();
    let digits = |text: &str| -> String { text.chars().filter_map(to_ascii_digit).collect() };
    let code = find_code(&typed, length).unwrap_or_else(|| {
        let mut code = digits(&typed);
        if is_typed && code.len() == length + 1 {
            code.pop();
        }
        code
    });
    if code == typed {
        return;
    }
    let caret = input.selection_start().ok().flatten().unwrap_or_default();
    // Counted in UTF-16, as browsers do.
    let before: Vec<u16> = typed.encode_utf16().take(caret as usize).collect();
    let before = digits(&String::from_utf16_lossy(&before));
    input.set_value(&code);
    let caret = before.len() as u32;
    let _ = input.set_selection_range(caret, caret);
}

fn length(field: &Element) -> usize {
    dom::number(field, "data-length").unwrap_or_default() as usize
}
