//! The help panel. It is the same for everybody, so it discloses nothing about the user.

use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::view::{CodeForm, PageFrame};
use crate::domain::{IdentifierType, Page};

/// What to check, the general limits, and the security of SMS (R1).
pub fn panel(frame: &PageFrame, text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let limits = form.limits;
    let id = "help-limits";
    let lifetime = text.at_most(id, "lifetime", limits.code_lifetime.as_secs());
    let cooldown = text.at_least(id, "cooldown", limits.cool_down.as_secs());
    let lockout = text.at_least(id, "lockout", limits.lockout.as_secs());
    let limits = text.format(
        id,
        &[
            ("lifetime", lifetime.into()),
            ("tries", limits.tries.into()),
            ("cooldown", cooldown.into()),
            ("lockout", lockout.into()),
        ],
    );
    // By the page and the kind of identifier, which are the same for every number.
    let number = match (form.identifier, form.back) {
        (IdentifierType::PhoneNumber, Page::SignUp) => "help-number-sign-up",
        (IdentifierType::PhoneNumber, _) => "help-number",
        _ => "help-identifier",
    };
    view! {
        <details class="help">
            <summary><Icon name="help"/>{text.get("code-help")}</summary>
            <ul>
                <li>{text.get(number)}</li>
                <li>{text.get("help-wait")}</li>
                <li>{limits}</li>
                <li>{text.get("help-weaker")}</li>
            </ul>
            {frame.support_url.clone().map(|url| view! {
                <p><a href=url>{text.get("help-other-way")}</a></p>
            })}
        </details>
    }
}
