//! Shows an example number of the selected country.

use crate::app::islands::dom;
use crate::app::islands::intl::PLACEHOLDER;

/// Follows the selection of a country.
pub fn listen() {
    dom::on_window("change", |event| {
        let example = dom::target_of(&event)
            .and_then(|select| dom::find_in(&select, "option:checked"))
            .and_then(|option| option.get_attribute("data-example"));
        let hint = dom::find("#phone-hint");
        if let (Some(example), Some(hint)) = (example, hint)
            && let Some(template) = hint.get_attribute("data-template")
        {
            hint.set_text_content(Some(&template.replace(PLACEHOLDER, &example)));
        }
    });
}
