//! Shows an example number of the selected country.

use crate::app::islands::dom::{self, as_input};
use crate::domain::time_unit::fill;

/// Follows the selection of a country, in a select or in a text field with a list.
pub fn listen() {
    dom::on_window("change", |event| {
        let Some(field) = dom::target_of(&event) else {
            return;
        };
        let option = dom::find_in(&field, "option:checked").or_else(|| {
            // Text that is no part of a selector finds nothing.
            let name = as_input(&field).value();
            dom::find(&["#countries [value=\"", &name, "\"]"].concat())
        });
        let example = option.and_then(|option| option.get_attribute("data-example"));
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
