//! What somebody should know who may not have been the one who signed in (requirement R6).

use leptos::prelude::*;

use crate::app::components::form::Notice;
use crate::app::i18n::Text;
use crate::app::pages::account::moment;
use crate::app::pages::account::sessions::device;
use crate::app::view::{AccountView, NewDeviceNotice};
use crate::domain::timestamp::Timestamp;

/// The notices, the weightiest first.
pub fn notices(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    view! {
        {account.newcomers.iter().map(|newcomer| elsewhere(text, *newcomer)).collect_view()}
        {account.absent_since.map(|since| absent(text, since))}
        {account.new_browser.then(|| view! {
            <Notice icon="info">
                <p><strong>{text.get("new-browser-heading")}</strong></p>
                <p>{text.get("new-browser-text")}</p>
            </Notice>
        })}
    }
}

/// Somebody signed in with a browser that was not known, while this one was signed in or away.
fn elsewhere(text: &'static Text, newcomer: NewDeviceNotice) -> impl IntoView + use<> {
    let name = device(text, newcomer.browser, newcomer.system);
    let (before, after) = text.around("newcomer-text", "time", &[("device", name.into())]);
    view! {
        <Notice icon="alert" kind="warning">
            <p><strong>{text.get("newcomer-heading")}</strong></p>
            <p>{before}{moment(text, newcomer.at)}{after}</p>
            <p>{text.get("newcomer-advice")}</p>
        </Notice>
    }
}

fn absent(text: &'static Text, since: Timestamp) -> impl IntoView + use<> {
    let (before, after) = text.around("absent-text", "time", &[]);
    view! {
        <Notice icon="info">
            <p><strong>{text.get("absent-heading")}</strong></p>
            <p>{before}{moment(text, since)}{after}</p>
        </Notice>
    }
}
