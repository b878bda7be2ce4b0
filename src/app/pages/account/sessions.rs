//! Where somebody is signed in, with a way to end each session.

use leptos::prelude::*;

use crate::app::components::form::{PostForm, Submit};
use crate::app::components::icon::Icon;
use crate::app::i18n::Text;
use crate::app::pages::account::moment;
use crate::app::view::SessionRow;
use crate::domain::Endpoint;
use crate::domain::timestamp::Timestamp;

/// The list.
pub fn list(text: &'static Text, sessions: &[SessionRow]) -> impl IntoView + use<> {
    let others = sessions.iter().any(|session| !session.current);
    view! {
        <section class="sessions" aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">{text.get("sessions-heading")}</h2>
            <ul>{sessions.iter().map(|session| row(text, session)).collect_view()}</ul>
            {others.then(|| view! {
                <PostForm action=Endpoint::RevokeSession.path() text>
                    <input r#type="hidden" name="id" value="others"/>
                    <Submit label=text.get("sessions-others") pending=text.get("sending") kind="secondary"/>
                </PostForm>
            })}
        </section>
    }
}

fn row(text: &'static Text, session: &SessionRow) -> impl IntoView + use<> {
    let name = device(text, session.browser, session.system);
    let end = (!session.current).then(|| end(text, session.id.clone(), name.clone()));
    view! {
        <li>
            <Icon name="device"/>
            <div>
                <p class="device">
                    <span>{name}</span>
                    {session.current.then(|| view! { <span class="badge">{text.get("session-current")}</span> })}
                </p>
                <p class="hint">{sentence(text, "session-since", session.signed_in_at)}</p>
                {(!session.current).then(|| view! {
                    <p class="hint">{sentence(text, "session-seen", session.last_seen_at)}</p>
                })}
            </div>
            {end}
        </li>
    }
}

fn end(text: &'static Text, id: String, name: String) -> impl IntoView {
    view! {
        <PostForm action=Endpoint::RevokeSession.path() text class="end">
            <input r#type="hidden" name="id" value=id/>
            <button class="button link" data-pending=text.get("session-end")>
                <span>{text.get("session-end")}</span>
                <span class="visually-hidden">" " {name}</span>
            </button>
        </PostForm>
    }
}

/// Browser and system in words.
pub fn device(
    text: &'static Text,
    browser: Option<&'static str>,
    system: Option<&'static str>,
) -> String {
    match (browser, system) {
        (Some(browser), Some(system)) => text.format(
            "session-on",
            &[("browser", browser.into()), ("system", system.into())],
        ),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => text.get("session-unknown").to_owned(),
    }
}

fn sentence(text: &'static Text, id: &'static str, time: Timestamp) -> impl IntoView + use<> {
    let (before, after) = text.around(id, "time", &[]);
    (before, moment(text, time), after)
}
