//! What is stored about one person, as the operator gets it.

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::RecentEvent;
use crate::server::crypto::hash::to_hex_128;
use crate::server::guard::CounterUse;
use crate::server::session::{ActiveSession, ListedSession, NewDevice, StoredUser};
use crate::server::sign_in::device_cookie::StoredDevice;

/// Whose data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// Who signs in with this number, as a person types it, in international form.
    Number(String),
    /// The user with this ID (`sub`).
    User(String),
}

/// What is stored about a person. Times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// How events name the person.
    pub audit_log: AuditNames,
    /// Sign-in histories, by user.
    pub histories: Vec<HistoryData>,
    /// Sessions, also those that have ended and are not removed yet.
    pub sessions: Vec<SessionData>,
    /// Browsers that are recognised for the number.
    pub devices: Vec<DeviceData>,
    /// Counters of the number.
    pub counters: Vec<CounterData>,
    /// Recent events of the number, the oldest first.
    #[serde(default)]
    pub recent_events: Vec<EventData>,
    /// Whether there are so many recognised devices that not all of them were searched.
    pub is_cut: bool,
}

/// How events name a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditNames {
    /// `subject.identifier` of events about the number.
    pub identifier: Option<String>,
    /// `user` of events about the users.
    pub users: Vec<String>,
}

/// The sign-in history of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct HistoryData {
    /// `user` in events.
    pub user: Option<String>,
    pub last_sign_in_at: Option<String>,
    /// Sign-ins from browsers that were not recognised.
    pub new_browsers: Vec<NewBrowserData>,
}

/// A sign-in from a browser that was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct NewBrowserData {
    /// Browser and operating system, if known.
    pub agent: Option<String>,
    pub at: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionData {
    /// What lists show.
    #[serde(flatten)]
    pub listed: ListedSession,
    /// `iss` of the user.
    pub issuer: String,
    /// How the person was authenticated.
    pub amr: Vec<String>,
    /// The roles of the user upstream.
    pub roles: Vec<String>,
    /// The number in full, only if applications are told it.
    pub phone: Option<String>,
}

/// A recognised browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct DeviceData {
    /// Random; it names the browser in counters.
    pub id: String,
    pub recognised_until: String,
    /// How many numbers it is recognised for.
    pub numbers: usize,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct CounterData {
    pub name: String,
    pub used: u32,
    pub resets_at: String,
}

/// A recent event. Empty fields are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventData {
    /// When it happened.
    pub at: String,
    /// Its name in the audit log.
    pub event: String,
    /// Its outcome, as in metrics.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// Why a code was requested.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// How the code was sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub channel: String,
    /// What upstream or the providers said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What an erasure did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// How many sessions were deleted.
    pub sessions: usize,
    /// How many sign-in histories were deleted.
    pub histories: usize,
    /// How many browsers are no longer recognised for the number.
    pub devices: usize,
    /// How many pseudonyms of the audit log no longer lead to the person.
    pub names: usize,
    /// How many recent events were deleted.
    #[serde(default)]
    pub recent_events: usize,
    /// How many counters were reset.
    pub counters: usize,
    /// Counters that stay until their windows end, because they limit guesses and messages.
    pub kept_counters: Vec<CounterData>,
    /// Whether there are so many recognised devices that not all of them were searched.
    pub is_cut: bool,
}

pub(super) fn history_data(user: &StoredUser) -> Option<HistoryData> {
    let history = user.history.as_ref()?;
    let new_browser = |device: &NewDevice| NewBrowserData {
        agent: device.agent.describe(),
        at: device.at.to_rfc3339(),
    };
    Some(HistoryData {
        user: user.pseudonym().map(str::to_owned),
        last_sign_in_at: history.last_at.map(Timestamp::to_rfc3339),
        new_browsers: history.new_devices.iter().map(new_browser).collect(),
    })
}

pub(super) fn session_data(session: &ActiveSession) -> SessionData {
    let record = &session.record;
    SessionData {
        listed: session.to_listed(),
        issuer: record.issuer.clone(),
        amr: record.amr.clone(),
        roles: record.roles.clone(),
        phone: record.phone.as_ref().map(|phone| phone.value().to_owned()),
    }
}

pub(super) fn device_data(device: &StoredDevice) -> DeviceData {
    DeviceData {
        id: to_hex_128(&device.id),
        recognised_until: device.recognised_until.to_rfc3339(),
        numbers: device.identifiers,
    }
}

pub(super) fn counter_data(counter: &CounterUse) -> CounterData {
    CounterData {
        name: counter.name.clone(),
        used: counter.used,
        resets_at: counter.resets_at.to_rfc3339(),
    }
}

pub(in crate::server::admin) fn event_data(event: &RecentEvent) -> EventData {
    EventData {
        at: event.at.to_rfc3339(),
        event: event.event.clone(),
        outcome: event.outcome.clone(),
        purpose: event.purpose.clone(),
        channel: event.channel.clone(),
        detail: event.detail.clone(),
        request_id: event.request_id.clone(),
    }
}
