//! The operations of Transmit's API, and the cases of their responses, as `/control` names them.

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// An operation, for call counts, latencies and faults.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray,
)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `POST /oidc/token`, `POST /cis/oidc/token`
    Token,
    /// `GET /cis/oidc/jwks`
    Jwks,
    /// `GET /cis/oidc/.well-known/openid-configuration`
    Discovery,
    /// `POST /cis/oidc/token/introspection`
    Introspection,
    /// `POST /cis/oidc/token/revocation`
    Revocation,
    /// `GET /cis/loginPreferences/{app_id}`
    LoginPreferences,
    /// `POST /cis/v1/users`
    UserCreate,
    /// `GET /cis/v1/users/…`: by id, phone number or identifier
    UserGet,
    /// `PUT /cis/v1/users/{id}`
    UserUpdate,
    /// `POST /cis/v1/users/{id}/phone-numbers/{phone}/verify`
    UserVerifyPhone,
    /// `POST /cis/v1/auth/otp/send`
    OtpSend,
    /// `POST /cis/v1/auth/otp/authenticate`
    OtpAuthenticate,
    /// `POST /cis/v1/auth/session/authenticate`
    SessionAuthenticate,
    /// `POST /cis/v1/auth/session/logout`
    SessionLogout,
    /// `POST /cis/v1/auth/token/refresh`
    TokenRefresh,
    /// `GET /cis/v1/auth/users/{id}/sessions`
    SessionsList,
    /// `DELETE /cis/v1/auth/users/{id}/sessions`
    SessionsRevoke,
}

/// What a response says about the user. A handler adds it to the response as an extension, and
/// `/control/latency` can delay each case differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseCase {
    /// The user exists (send, look-up, refused creation).
    Known,
    /// The user does not exist.
    Unknown,
    /// The user is locked.
    Locked,
    /// The user is disabled.
    Inactive,
    /// The code or session was valid.
    Correct,
    /// The code or session was wrong or expired.
    Wrong,
}
