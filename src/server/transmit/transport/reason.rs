//! Upstream's refusals, typed (`error_code` of the API's tables, else the status).

use crate::server::transmit::transport::error_body::ErrorBody;
use crate::server::transmit::transport::operation::Operation;

/// Why upstream said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Reason {
    /// Nobody has this identifier.
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
    /// The passcode is too old.
    #[error("passcode expired")]
    PasscodeExpired,
    /// The tenant locked the user after failed tries.
    #[error("user locked")]
    Locked,
    /// The session is over.
    #[error("session not found")]
    SessionNotFound,
    /// Upstream cannot read what we sent.
    #[error("input not accepted")]
    InvalidInput,
    /// Passcodes by SMS are not switched on for this application in the admin portal.
    #[error("SMS passcodes are not configured for this application")]
    MethodNotConfigured,
    /// The tenant's own SMS provider is set up wrongly.
    #[error("the tenant's SMS provider is misconfigured")]
    ProviderMisconfigured,
    /// Client id and secret are not accepted.
    #[error("client credentials not accepted")]
    InvalidClient,
    /// The client token is not accepted.
    #[error("client token not accepted")]
    Unauthorized,
    /// The client may not do this: a role in the admin portal leaves it out.
    #[error("the client lacks the permission")]
    Forbidden,
    /// No such thing.
    #[error("not found")]
    NotFound,
    /// Something else; the error code says more.
    #[error("another reason")]
    Other,
}

impl Reason {
    /// What a well-formed refusal means.
    pub(in crate::server::transmit) fn of(
        operation: Operation,
        status: u16,
        body: &ErrorBody,
    ) -> Self {
        if operation == Operation::Token {
            return Self::InvalidClient;
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
            // A 401 that speaks of the authentication is about the passcode, and no proof that it
            // was not looked at.
            Some(code)
                if (operation, status) == (Operation::OtpAuthenticate, 401)
                    && code.starts_with("auth_") =>
            {
                Self::Other
            }
            // The session calls declare no error bodies; the guides name only this message.
            _ if is_session(operation) && body.says("session not found") => Self::SessionNotFound,
            _ => Self::of_status(operation, status),
        }
    }

    fn of_status(operation: Operation, status: u16) -> Self {
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

    /// Whether it is a person's everyday mishap, rather than something for the operator to mend.
    pub(in crate::server::transmit) fn is_everyday(self) -> bool {
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
            | Self::MethodNotConfigured
            | Self::ProviderMisconfigured
            | Self::InvalidClient => false,
            Self::Unauthorized | Self::Forbidden | Self::Other => false,
        }
    }
}

fn is_session(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::SessionAuthenticate | Operation::SessionLogout
    )
}
