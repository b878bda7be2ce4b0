//! The country of the number: it follows a calling code that is typed, and the hint shows an
//! example of it.

use web_sys::Element;

use crate::app::islands::dom::{self, as_input};
use crate::domain::calling_code::international_digits;
use crate::domain::time_unit::fill;

const FIELD: &str = "[name=country]";

/// Follows the number, and the selection of a country, in a select or in a text field with a list.
pub fn listen() {
    dom::on_window("input", |event| {
        let (Some(target), Some(field)) = (dom::target_of(&event), dom::find(FIELD)) else {
            return;
        };
        // Of the two fields the number alone asks for a keyboard.
        if target.has_attribute("inputmode")
            && let Some(digits) = international_digits(&as_input(&target).value())
        {
            choose(&field, &digits);
        }
        let example = chosen(&field).and_then(|option| option.get_attribute("data-example"));
        let hint = dom::find("#phone-hint");
        if let (Some(example), Some(hint)) = (example, hint)
            && let Some(template) = hint.get_attribute("data-template")
        {
            hint.set_text_content(Some(&fill(&template, &example)));
        }
    });
    // A list shows what contains the text of its field. So a tap selects the text, as a keyboard
    // does, and what is typed replaces it.
    dom::on_window("click", |event| {
        if let Some(field) = dom::target_of(&event)
            && field.has_attribute("list")
        {
            as_input(&field).select();
        }
    });
}

/// The option of the country that is chosen.
fn chosen(field: &Element) -> Option<Element> {
    dom::find_in(field, "option:checked").or_else(|| {
        // Text that is no part of a selector finds nothing.
        let name = as_input(field).value();
        dom::find(&["#countries [value=\"", &name, "\"]"].concat())
    })
}

/// Chooses the country of the calling code with which a number begins, unless one of those that
/// share it is chosen. No code is the beginning of another one.
fn choose(field: &Element, digits: &str) {
    let shares = chosen(field).and_then(|option| option.get_attribute("data-shares"));
    if shares.is_some_and(|code| digits.starts_with(&code)) {
        return;
    }
    dom::for_each("[data-code]", |option| {
        let attribute = |name| option.get_attribute(name).unwrap_or_default();
        if digits.starts_with(&attribute("data-code")) {
            // A select has the same property.
            as_input(field).set_value(&attribute("value"));
        }
    });
}
