//! The help panel. It is the same for everybody, so it discloses nothing about the user.

use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::view::{CodeForm, PageFrame};

/// What to check, the general limits, and the security of SMS (R1).
pub fn panel(frame: &PageFrame, text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let limits = form.limits;
    let limits = text.format(
        "help-limits",
        &[
            (
                "lifetime",
                text.at_most(limits.code_lifetime.as_secs()).into(),
            ),
            ("tries", limits.tries.into()),
            ("cooldown", text.at_least(limits.cool_down.as_secs()).into()),
            ("lockout", text.at_least(limits.lockout.as_secs()).into()),
        ],
    );
    view! {
        <details class="help">
            <summary><Icon name="help"/>{text.get("code-help")}</summary>
            <ul>
                <li>{text.get("help-number")}</li>
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
