//! `POST /cis/v1/auth/otp/authenticate`

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::clock::Moment;
use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::otp::client::{ClientAttributes, check_device_id};
use crate::otp::identifier;
use crate::tenant::{Shared, Tenant};
use crate::tokens::{self, Claims, Occasion, Unsigned};
use crate::world::World;
use crate::world::directory::Identifier;
use crate::world::passcode::{Attempt, Pending};
use crate::world::sessions::{self, Session, Sessions};
use crate::world::user::{Status, User};

/// `ApiOtpTokenRequestDto`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
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
    claims: Option<Claims>,
    #[serde(default)]
    org_id: Option<String>,
    #[serde(default)]
    device_id: Option<String>,
    #[serde(default, rename = "client_attributes")]
    _client_attributes: Option<ClientAttributes>,
}

/// Tries a code; the right one is spent, and answered with tokens and a session.
pub async fn authenticate(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let input: Input = body::json(&headers, &body).map_err(Refusal::invalid_input)?;
    input.check()?;
    let identifier = identifier::parse(&input.identifier_type, &input.identifier)?;
    let tokens = sign_in(&tenant, &input, &identifier)?.sign(&tenant)?;
    let mut response = Json(tokens).into_response();
    response.extensions_mut().insert(Case::Correct);
    Ok(response)
}

impl Input {
    fn check(&self) -> Result<(), Refusal> {
        check_device_id(self.device_id.as_deref())?;
        if self.passcode.is_empty() {
            return Err(Refusal::invalid_input("passcode must not be empty"));
        }
        if self
            .resource
            .as_ref()
            .is_some_and(|resource| url::Url::parse(resource).is_err())
        {
            return Err(Refusal::invalid_input("resource must be an absolute URI"));
        }
        if self.org_id.is_some() {
            return Err(Refusal::invalid_input(
                "org_id: the tenant has no organizations",
            ));
        }
        Ok(())
    }
}

fn sign_in(tenant: &Tenant, input: &Input, identifier: &Identifier) -> Result<Unsigned, Refusal> {
    let now = tenant.clock.now();
    let (session_id, refresh_token) = (tenant.random.id()?, tenant.random.id()?);
    let mut world = tenant.world();
    let World {
        users,
        sessions,
        policy,
        ..
    } = &mut *world;
    let user = users
        .find_mut(identifier)
        .filter(|user| user.in_app)
        .ok_or_else(|| wrong().in_case(Case::Unknown))?;
    if user.status == Status::Disabled {
        return Err(forbidden("user_not_active", "User is not active").in_case(Case::Inactive));
    }
    let joined = input.session_id.as_deref();
    if joined.is_some_and(|id| {
        sessions
            .find(id, now)
            .is_none_or(|session| session.user_id != user.id)
    }) {
        return Err(Refusal::invalid_input("Session not found").in_case(Case::Wrong));
    }
    let attempt = user
        .passcodes
        .attempt(&input.passcode, input.request_id.as_deref(), policy, now);
    let pending = correct(attempt)?;

    let new_user = user.last_auth.is_none();
    record(user, &pending, now);
    let session = match joined {
        None => begin(sessions, user, &pending, (session_id, refresh_token), now),
        Some(id) => {
            sessions.step_up(id, pending.channel.amr(), now);
            sessions
                .renew(id, refresh_token, now)
                .ok_or_else(|| Refusal::invalid_input("Session not found"))?
        }
    };
    let occasion = Occasion {
        new_user,
        approval_data: pending.approval_data,
    };
    let asked = (input.claims.as_ref(), input.resource.as_deref());
    Ok(tokens::of_user(
        tenant, user, &session, asked, occasion, now,
    )?)
}

fn correct(attempt: Attempt) -> Result<Pending, Refusal> {
    let bad =
        |slug, message| Refusal::slug(StatusCode::BAD_REQUEST, slug, message).in_case(Case::Wrong);
    match attempt {
        Attempt::Correct(pending) => Ok(*pending),
        Attempt::Wrong => Err(wrong().in_case(Case::Wrong)),
        Attempt::Expired => Err(bad("auth_otp_passcode_expired", "Passcode has expired")),
        Attempt::RequestIdMissing => Err(bad("system_invalid_input", "request_id is required")),
        Attempt::Locked => {
            Err(forbidden("auth_locked", "Too many failed attempts").in_case(Case::Locked))
        }
    }
}

/// The first sign-in makes a pending user active; a code proves the number, or address, that it
/// went to.
fn record(user: &mut User, pending: &Pending, now: Moment) {
    user.status = Status::Active;
    user.last_auth = Some(now);
    user.updated_at = now;
    let proved = [&mut user.phone, &mut user.email].into_iter().flatten();
    for contact in proved.filter(|contact| Some(&contact.value) == pending.sent_to.as_ref()) {
        contact.verified_at.get_or_insert(now);
    }
}

fn begin(
    sessions: &mut Sessions,
    user: &User,
    pending: &Pending,
    (id, refresh_token): (String, String),
    now: Moment,
) -> Session {
    let session = Session {
        id,
        user_id: user.id.clone(),
        started_at: now,
        expires_at: now.plus(sessions::LIFETIME),
        auth_time: now,
        amr: vec![pending.channel.amr()],
        refresh_token,
    };
    sessions.begin(session.clone());
    session
}

fn wrong() -> Refusal {
    Refusal::slug(
        StatusCode::BAD_REQUEST,
        "auth_invalid_credentials",
        "Invalid credentials",
    )
}

fn forbidden(slug: &str, message: &str) -> Refusal {
    Refusal::slug(StatusCode::FORBIDDEN, slug, message)
}
