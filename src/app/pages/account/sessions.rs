//! The sessions of the person, with a button to end each of them.

use leptos::prelude::*;

use crate::app::components::form::{PostForm, SubmitButton};
use crate::app::components::icon::Icon;
use crate::app::components::local_time::local_time;
use crate::app::i18n::Text;
use crate::app::view::SessionRow;
use crate::domain::Endpoint;
use crate::domain::timestamp::Timestamp;

pub fn list(text: &'static Text, sessions: &[SessionRow]) -> impl IntoView + use<> {
    let others = sessions.iter().any(|session| !session.current);
    view! {
        <section class="sessions" aria-labelledby="sessions-heading">
            <h2 id="sessions-heading">{text.get("sessions-heading")}</h2>
            <ul>{sessions.iter().map(|session| session_item(text, session)).collect_view()}</ul>
            {others.then(|| view! {
                <PostForm action=Endpoint::RevokeSession.path()>
                    <input r#type="hidden" name="id" value="others"/>
                    <SubmitButton
                        label=text.get("sessions-others")
                        pending=text.get("sending")
                        kind="secondary"
                    />
                </PostForm>
            })}
        </section>
    }
}

fn session_item(text: &'static Text, session: &SessionRow) -> impl IntoView + use<> {
    let name = device_name(text, session.browser, session.system);
    let end = (!session.current).then(|| end_form(text, session.id.clone(), name.clone()));
    view! {
        <li>
            <Icon name=icon(session.system)/>
            <div>
                <p class="device">
                    <span>{name}</span>
                    {session.current.then(|| view! {
                        <span class="badge">{text.get("session-current")}</span>
                    })}
                </p>
                <p class="hint">{with_time(text, "session-since", session.signed_in_at)}</p>
                {(!session.current).then(|| view! {
                    <p class="hint">{with_time(text, "session-seen", session.last_seen_at)}</p>
                })}
            </div>
            {end}
        </li>
    }
}

/// A phone or a tablet has another icon than a computer, and than what is not known.
fn icon(system: Option<&str>) -> &'static str {
    match system {
        Some("Android" | "iPhone" | "iPad") => "phone",
        _ => "device",
    }
}

fn end_form(text: &'static Text, id: String, name: String) -> impl IntoView {
    view! {
        <PostForm action=Endpoint::RevokeSession.path() class="end">
            <input r#type="hidden" name="id" value=id/>
            <button class="button link" data-pending=text.get("session-end")>
                <span>{text.get("session-end")}</span>
                <span class="visually-hidden">" " {name}</span>
            </button>
        </PostForm>
    }
}

/// The name of a device: browser and operating system.
pub fn device_name(
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

fn with_time(text: &'static Text, id: &'static str, time: Timestamp) -> impl IntoView + use<> {
    let (before, after) = text.split_at(id, "time", &[]);
    (before, local_time(text, time), after)
}
