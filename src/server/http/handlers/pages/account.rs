//! The page `/account`.

use axum::extract::{Extension, State};
use axum::response::Response;

use super::response::{PageInput, read_flash, redirect_to, respond, touch_on_visit};
use crate::app::view::{AccountView, NewDeviceNotice, SessionRow, View};
use crate::domain::Page;
use crate::server::http::current_session::find_session;
use crate::server::http::error_response::HttpError;
use crate::server::session::{ActiveSession, NewDevice};

/// `/account`
pub async fn account(
    (State(state), Extension(caller), request): PageInput,
) -> Result<Response, HttpError> {
    let Some(current) = find_session(&state, &caller).await? else {
        // That page reads the session cookie and clears it.
        return Ok(redirect_to(Page::SignIn));
    };
    let (services, now) = (&state.services, state.clock.now());
    let idle_expires_at = if touch_on_visit(&state, &current, request.headers()) {
        services.sessions.idle_expiry(&current, now)
    } else {
        current.idle_expires_at
    };
    let (sessions, new_devices) = tokio::try_join!(
        services.sessions.list_by_user(&current.record.subject),
        services.sessions.new_devices(&current)
    )?;
    let flash = read_flash(&state, &caller, Page::Account, request.extensions());
    let session = &current.record;
    let view = View::Account(AccountView {
        masked: session.masked.clone(),
        now,
        signed_in_at: session.created_at,
        idle_expires_at,
        expires_at: current.expires_at,
        unrecognised_device: session.unrecognised_device,
        new_devices: new_devices.into_iter().map(new_device_notice).collect(),
        absent_since: session.long_absent_since(),
        sessions: session_rows(&current, &sessions),
        refusal: flash.as_ref().and_then(|flash| flash.refusal),
    });
    Ok(respond(&state, &request, &view, flash.as_ref()))
}

fn new_device_notice(device: NewDevice) -> NewDeviceNotice {
    NewDeviceNotice {
        browser: device.agent.browser,
        system: device.agent.system,
        at: device.at,
    }
}

/// The rows of the session list: the current session, then the others.
fn session_rows(current: &ActiveSession, sessions: &[ActiveSession]) -> Vec<SessionRow> {
    let is_current = |active: &ActiveSession| active.record.id == current.record.id;
    let row = |active: &ActiveSession| SessionRow {
        id: active.record.id.clone(),
        current: is_current(active),
        browser: active.record.agent.browser,
        system: active.record.agent.system,
        signed_in_at: active.record.created_at,
        last_seen_at: active.record.last_seen_at,
    };
    let others = sessions.iter().filter(|active| !is_current(active));
    std::iter::once(current).chain(others).map(row).collect()
}
