//! The help panel. It is the same for everybody, so it discloses nothing about the user.

use std::time::Duration;

use leptos::prelude::*;

use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::view::{CodeForm, PageFrame};
use crate::domain::{IdentifierType, Page};

/// After this time the panel is open: most messages have come by then, and people without one need
/// not look for help.
const OPEN_AFTER: Duration = Duration::from_secs(30);

/// What to check, the general limits, and the security of SMS (R1).
pub fn panel(frame: &PageFrame, text: &'static Text, form: &CodeForm) -> impl IntoView + use<> {
    let (limits, offers_email) = (form.limits, form.offers_email);
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
    let open_at = form.sent_at + OPEN_AFTER;
    let open = form.resent || open_at <= form.now;
    let (before, after) = text.split_at("help-address", "host", &[]);
    let host = frame.host.to_string();
    view! {
        <details
            class="help"
            open=open
            data-countdown=(!open).then_some("help")
            data-now=form.now.as_millis().to_string()
            data-deadline=open_at.as_millis().to_string()
        >
            <summary><Icon name="help"/>{text.get("code-help")}</summary>
            <ul>
                <li>{text.get(number)}</li>
                <li>{text.get("help-wait")}</li>
                {offers_email.then(|| view! { <li>{text.get("help-email")}</li> })}
                <li>{limits}</li>
                <li>{text.get("help-weaker")}</li>
                <li>{before}<bdi class="host" dir="ltr">{host}</bdi>{after}</li>
            </ul>
            {frame.support_url.clone().map(|url| view! {
                <p><a href=url>{text.get("help-other-way")}</a></p>
            })}
        </details>
    }
}
