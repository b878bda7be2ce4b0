//! Why upstream refused a call: typed from the `error_code` of its API, else from the status.

use crate::server::transmit::transport::error_body::ErrorBody;
use crate::server::transmit::transport::operation::Operation;

/// Why upstream refused a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// No user has this identifier.
    #[error("user not found")]
    UserNotFound,
    /// The user is disabled.
    #[error("user not active")]
    UserNotActive,
    /// The user has no phone number (or e-mail address) to send to.
    #[error("user has no address for codes")]
    NoDestination,
    /// Another user has this identifier.
    #[error("identifier taken")]
    IdentifierTaken,
    /// The wrong passcode.
    #[error("wrong passcode")]
    InvalidCredentials,
    /// The passcode has expired.
    #[error("passcode expired")]
    PasscodeExpired,
    /// The tenant locked the user after failed attempts.
    #[error("user locked")]
    Locked,
    /// The session has ended.
    #[error("session not found")]
    SessionNotFound,
    /// Upstream does not accept the request's content.
    #[error("input not accepted")]
    InvalidInput,
    /// The tenant does not know the field `generate_request_id`.
    #[error("generate_request_id is not known")]
    RequestIdUnknown,
    /// Passcodes by SMS are not enabled for this application in the admin portal.
    #[error("SMS passcodes are not configured for this application")]
    MethodNotConfigured,
    /// The tenant's own SMS provider is misconfigured.
    #[error("the tenant's SMS provider is misconfigured")]
    ProviderMisconfigured,
    /// Client id and secret are not accepted.
    #[error("client credentials not accepted")]
    InvalidClient,
    /// The client token is not accepted.
    #[error("client token not accepted")]
    Unauthorized,
    /// The client lacks a permission: its role in the admin portal does not include it.
    #[error("the client lacks the permission")]
    Forbidden,
    /// There is no such resource.
    #[error("not found")]
    NotFound,
    /// Any other reason; the error code has details.
    #[error("another reason")]
    Other,
}

impl Reason {
    /// The reason in a well-formed error response.
    pub(in crate::server::transmit) fn from_response(
        operation: Operation,
        status: u16,
        body: &ErrorBody,
    ) -> Self {
        if operation == Operation::Token {
            return Self::InvalidClient;
        }
        if operation == Operation::OtpSend && status == 400 && names_request_id_field(body) {
            return Self::RequestIdUnknown;
        }
        match body.code.as_deref() {
            Some("user_not_found") => Self::UserNotFound,
            Some("user_not_active") => Self::UserNotActive,
            Some("user_phone_number_missing" | "user_email_address_missing") => Self::NoDestination,
            Some("auth_login_preferences_missing") => Self::MethodNotConfigured,
            Some("external_provider_configuration_error") => Self::ProviderMisconfigured,
            Some("auth_invalid_credentials") => Self::InvalidCredentials,
            Some("auth_otp_passcode_expired") => Self::PasscodeExpired,
            Some("auth_locked") => Self::Locked,
            Some("system_invalid_input") => Self::InvalidInput,
            Some("invalid_client") => Self::InvalidClient,
            // A 401 with an `auth_` code is about the passcode. It does not prove that the passcode
            // was not checked.
            Some(code)
                if (operation, status) == (Operation::OtpAuthenticate, 401)
                    && code.starts_with("auth_") =>
            {
                Self::Other
            }
            // The API declares no error bodies for session calls; its guides name only this
            // message.
            _ if is_session_call(operation) && body.mentions("session not found") => {
                Self::SessionNotFound
            }
            _ => Self::from_status(operation, status),
        }
    }

    fn from_status(operation: Operation, status: u16) -> Self {
        match status {
            400 | 422 => Self::InvalidInput,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 if operation == Operation::OtpSend => Self::UserNotFound,
            404 => Self::NotFound,
            409 if operation == Operation::UserCreate => Self::IdentifierTaken,
            _ => Self::Other,
        }
    }

    /// Whether a user caused it, rather than a fault that the operator must fix.
    pub(in crate::server::transmit) fn is_user_error(self) -> bool {
        match self {
            Self::UserNotFound
            | Self::UserNotActive
            | Self::NoDestination
            | Self::IdentifierTaken => true,
            Self::InvalidCredentials
            | Self::PasscodeExpired
            | Self::Locked
            | Self::SessionNotFound => true,
            Self::NotFound => true,
            Self::InvalidInput
            | Self::RequestIdUnknown
            | Self::MethodNotConfigured
            | Self::ProviderMisconfigured
            | Self::InvalidClient => false,
            Self::Unauthorized | Self::Forbidden | Self::Other => false,
        }
    }
}

/// Whether an error is about the field `generate_request_id`. Codes of users and of the SMS
/// provider are about something else, whatever their message repeats.
fn names_request_id_field(body: &ErrorBody) -> bool {
    let code = body.code.as_deref().unwrap_or_default();
    let is_about_other = ["user_", "auth_", "external_"]
        .iter()
        .any(|prefix| code.starts_with(prefix));
    !is_about_other && body.mentions("generate_request_id")
}

fn is_session_call(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::SessionAuthenticate | Operation::SessionLogout
    )
}
