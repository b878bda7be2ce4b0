//! Notices about sign-ins that the person may not have made (requirement R6).

use leptos::prelude::*;

use crate::app::components::form::Notice;
use crate::app::components::local_time::local_time;
use crate::app::i18n::Text;
use crate::app::pages::account::sessions::device_name;
use crate::app::view::{AccountView, NewDeviceNotice};
use crate::domain::timestamp::Timestamp;

/// The notices, the most important one first.
pub fn notices(text: &'static Text, account: &AccountView) -> impl IntoView + use<> {
    view! {
        {account.new_devices.iter().map(|device| new_device(text, *device)).collect_view()}
        {account.absent_since.map(|since| long_absence(text, since))}
        {account.unrecognised_device.then(|| view! {
            <Notice icon="info">
                <p><strong>{text.get("new-browser-heading")}</strong></p>
                <p>{text.get("new-browser-text")}</p>
            </Notice>
        })}
    }
}

/// Somebody signed in from an unrecognised device.
fn new_device(text: &'static Text, notice: NewDeviceNotice) -> impl IntoView + use<> {
    let name = device_name(text, notice.browser, notice.system);
    let (before, after) = text.split_at("new-device-text", "time", &[("device", name.into())]);
    view! {
        <Notice icon="alert" kind="warning">
            <p><strong>{text.get("new-device-heading")}</strong></p>
            <p>{before}{local_time(text, notice.at)}{after}</p>
            <p>{text.get("new-device-advice")}</p>
        </Notice>
    }
}

fn long_absence(text: &'static Text, since: Timestamp) -> impl IntoView + use<> {
    let (before, after) = text.split_at("absent-text", "time", &[]);
    view! {
        <Notice icon="info">
            <p><strong>{text.get("absent-heading")}</strong></p>
            <p>{before}{local_time(text, since)}{after}</p>
        </Notice>
    }
}
