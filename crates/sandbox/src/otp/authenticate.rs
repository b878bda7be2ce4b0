//! `POST /cis/v1/auth/otp/authenticate`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::http::api_error::ApiError;
use crate::http::client_attributes::{ClientAttributes, check_device_id};
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::operation::ResponseCase;
use crate::otp::identifier::parse_identifier;
use crate::otp::send::unknown_field;
use crate::state::TenantState;
use crate::state::passcodes::{AttemptOutcome, PendingCode};
use crate::state::policy::RequestIdSpelling;
use crate::state::sessions::{SESSION_LIFETIME, Session, Sessions};
use crate::state::user::{User, UserStatus};
use crate::tenant::{SharedTenant, Tenant};
use crate::tokens::{self, ClaimsParameter, SignInContext, UnsignedTokens};

/// `ApiOtpTokenRequestDto`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthenticateInput {
    passcode: String,
    identifier_type: String,
    identifier: String,
    #[serde(default)]
    request_id: Option<String>,
    #[serde(default)]
    session_id: Option<String>,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    claims: Option<ClaimsParameter>,
    #[serde(default)]
    org_id: Option<String>,
    #[serde(default)]
    device_id: Option<String>,
    #[serde(default, rename = "client_attributes")]
    _client_attributes: Option<ClientAttributes>,
}

/// Checks a code. A correct code is used up, and the response has tokens and a session.
pub async fn authenticate(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let input: AuthenticateInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::invalid_input)?;
    input.check()?;
    let tokens = sign_in(&tenant, &input)?.sign(&tenant)?;
    Ok((Extension(ResponseCase::Correct), Json(tokens)).into_response())
}

impl AuthenticateInput {
    fn check(&self) -> Result<(), ApiError> {
        check_device_id(self.device_id.as_deref())?;
        if self.passcode.is_empty() {
            return Err(ApiError::invalid_input("passcode must not be empty"));
        }
        if self
            .resource
            .as_ref()
            .is_some_and(|resource| url::Url::parse(resource).is_err())
        {
            return Err(ApiError::invalid_input("resource must be an absolute URI"));
        }
        if self.org_id.is_some() {
            return Err(ApiError::invalid_input(
                "org_id: the tenant has no organizations",
            ));
        }
        Ok(())
    }
}

fn sign_in(tenant: &Tenant, input: &AuthenticateInput) -> Result<UnsignedTokens, ApiError> {
    let now = tenant.clock.now();
    let (new_session_id, refresh_token) = (tenant.random.hex_id()?, tenant.random.hex_id()?);
    let mut state = tenant.state();
    let TenantState {
        users,
        sessions,
        policy,
        ..
    } = &mut *state;
    if policy.request_id == RequestIdSpelling::Refused && input.request_id.is_some() {
        return Err(unknown_field("request_id"));
    }
    let identifier = parse_identifier(users, &input.identifier_type, &input.identifier)?;
    let user = users
        .find_mut(&identifier)
        .filter(|user| user.in_app)
        .ok_or_else(|| invalid_credentials().with_case(ResponseCase::Unknown))?;
    if user.status == UserStatus::Disabled {
        return Err(
            forbidden("user_not_active", "User is not active").with_case(ResponseCase::Inactive)
        );
    }
    let existing_session_id = input.session_id.as_deref();
    if existing_session_id.is_some_and(|id| {
        sessions
            .find(id, now)
            .is_none_or(|session| session.user_id != user.id)
    }) {
        return Err(ApiError::invalid_input("Session not found").with_case(ResponseCase::Wrong));
    }
    let outcome = user
        .passcodes
        .check(&input.passcode, input.request_id.as_deref(), policy, now);
    let code = correct_code(outcome)?;

    let new_user = user.last_auth.is_none();
    record_sign_in(user, &code, now);
    let session = match existing_session_id {
        None => create_session(sessions, user, &code, new_session_id, refresh_token, now),
        Some(id) => {
            sessions.add_factor(id, code.channel.amr(), now);
            sessions
                .extend(id, refresh_token, now)
                .ok_or_else(|| ApiError::invalid_input("Session not found"))?
        }
    };
    let context = SignInContext {
        new_user,
        approval_data: code.approval_data,
    };
    let requested = (input.claims.as_ref(), input.resource.as_deref());
    Ok(tokens::build_user_tokens(
        tenant, user, &session, requested, context, now,
    )?)
}

fn correct_code(outcome: AttemptOutcome) -> Result<PendingCode, ApiError> {
    let bad_request = |slug, message| {
        ApiError::slug(StatusCode::BAD_REQUEST, slug, message).with_case(ResponseCase::Wrong)
    };
    match outcome {
        AttemptOutcome::Correct(code) => Ok(*code),
        AttemptOutcome::Wrong => Err(invalid_credentials().with_case(ResponseCase::Wrong)),
        AttemptOutcome::Expired => Err(bad_request(
            "auth_otp_passcode_expired",
            "Passcode has expired",
        )),
        AttemptOutcome::RequestIdMissing => Err(bad_request(
            "system_invalid_input",
            "request_id is required",
        )),
        AttemptOutcome::Locked => {
            Err(forbidden("auth_locked", "Too many failed attempts")
                .with_case(ResponseCase::Locked))
        }
    }
}

/// The first sign-in activates a pending user. A code verifies the contact that it was sent to.
fn record_sign_in(user: &mut User, code: &PendingCode, now: Timestamp) {
    user.set_status(UserStatus::Active, now);
    user.last_auth = Some(now);
    user.updated_at = now;
    for contact in user.contacts_mut() {
        if Some(&contact.value) == code.sent_to.as_ref() {
            contact.verified_at.get_or_insert(now);
        }
    }
}

fn create_session(
    sessions: &mut Sessions,
    user: &User,
    code: &PendingCode,
    id: String,
    refresh_token: String,
    now: Timestamp,
) -> Session {
    let session = Session {
        id,
        user_id: user.id.clone(),
        started_at: now,
        expires_at: now.plus(SESSION_LIFETIME),
        auth_time: now,
        amr: vec![code.channel.amr()],
        refresh_token,
    };
    sessions.insert(session.clone());
    session
}

fn invalid_credentials() -> ApiError {
    ApiError::slug(
        StatusCode::BAD_REQUEST,
        "auth_invalid_credentials",
        "Invalid credentials",
    )
}

fn forbidden(slug: &str, message: &str) -> ApiError {
    ApiError::slug(StatusCode::FORBIDDEN, slug, message)
}
