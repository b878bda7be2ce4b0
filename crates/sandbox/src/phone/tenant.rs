//! `/tenant`: a page that shows and changes the policy for codes, as `/control/policy` does for
//! programs.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::control::policy::PolicyChange;
use crate::control::request::{ControlError, DurationInput};
use crate::http::request_body;
use crate::phone::html_page;
use crate::phone::render::{escape, fill};
use crate::phone::sources::TENANT;
use crate::state::channel::Channel;
use crate::state::policy::FailureCount;
use crate::tenant::{SharedTenant, Tenant};

/// `GET`
pub async fn show(State(tenant): State<SharedTenant>) -> Response {
    html_page(render(&tenant, ""))
}

/// `POST`: the policy of the form.
pub async fn set_policy(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match change_policy(&tenant, &headers, &body) {
        Ok(()) => Redirect::to("/tenant").into_response(),
        Err(ControlError(text)) => {
            let page = html_page(render(&tenant, &text));
            (StatusCode::BAD_REQUEST, page).into_response()
        }
    }
}

fn change_policy(tenant: &Tenant, headers: &HeaderMap, body: &[u8]) -> Result<(), ControlError> {
    let fields = request_body::parse_form(headers, body).map_err(ControlError)?;
    let change = read_change(&fields)?;
    let mut state = tenant.state();
    state.policy = change.apply(state.policy.clone())?;
    Ok(())
}

/// A checkbox that is not set is not sent.
fn read_change(fields: &HashMap<String, String>) -> Result<PolicyChange, ControlError> {
    let text = |name: &str| fields.get(name).map(|text| text.trim()).unwrap_or_default();
    let duration = |name| Some(DurationInput::Text(text(name).to_owned()));
    let is_checked = |name| fields.contains_key(name);
    let failure_count = if is_checked("per_channel") {
        FailureCount::PerChannel
    } else {
        FailureCount::Shared
    };
    Ok(PolicyChange {
        otp_length: Some(number("otp_length", text("otp_length"))?),
        otp_lifetime: duration("otp_lifetime"),
        max_failures: Some(number("max_failures", text("max_failures"))?),
        lockout: duration("lockout"),
        is_readable: Some(is_checked("is_readable")),
        email_enabled: Some(is_checked("email_enabled")),
        email_length: Some(number("email_length", text("email_length"))?),
        email_lifetime: duration("email_lifetime"),
        failure_count: Some(failure_count),
        ..PolicyChange::default()
    })
}

fn number<N: std::str::FromStr>(name: &str, text: &str) -> Result<N, ControlError> {
    text.parse()
        .map_err(|_| ControlError(format!("{name} must be a number")))
}

fn render(tenant: &Tenant, error: &str) -> String {
    let policy = tenant.state().policy.clone();
    let (sms, email) = (policy.rules(Channel::Sms), policy.rules(Channel::Email));
    let checked = |is_set: bool| if is_set { " checked" } else { "" };
    let per_channel = policy.failure_count == FailureCount::PerChannel;
    fill(
        &TENANT.read(),
        &[
            ("error", &escape(error)),
            ("hidden", if error.is_empty() { "hidden" } else { "" }),
            ("otp_length", &sms.length.to_string()),
            ("otp_lifetime", &duration(sms.lifetime)),
            ("max_failures", &sms.max_failures.to_string()),
            ("lockout", &duration(sms.lockout)),
            ("is_readable", checked(policy.is_readable)),
            ("email_enabled", checked(policy.email.enabled)),
            ("email_length", &email.length.to_string()),
            ("email_lifetime", &duration(email.lifetime)),
            ("per_channel", checked(per_channel)),
        ],
    )
}

/// In the largest unit that holds it without a fraction.
fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis % 60_000 == 0 => format!("{}m", millis / 60_000),
        millis if millis % 1000 == 0 => format!("{}s", millis / 1000),
        millis => format!("{millis}ms"),
    }
}
