//! Sessions at Transmit: checks one, and ends one (`/cis/v1/auth/session/*`).

use http::Method;
use serde_json::json;

use crate::server::transmit::Transmit;
use crate::server::transmit::operations::otp::read_tokens;
use crate::server::transmit::tokens::session_id::SessionId;
use crate::server::transmit::tokens::validation::invalid_token;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::metrics;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::token_error::TokenKind;

/// Whether a session is active at Transmit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It is active. The user's current roles.
    Active(Vec<String>),
    /// It has ended, or its user may no longer sign in.
    Ended,
}

impl Transmit {
    /// Checks whether a session is active. The returned tokens must belong to this user; they are
    /// validated and dropped.
    ///
    /// # Errors
    /// [`Failure`]: the state is unknown then, so the session must not be ended because of it.
    pub async fn authenticate_session(
        &self,
        session_id: &SessionId,
        sub: &str,
    ) -> Result<SessionState, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        let request = self.request_session(session_id, sub, &deadline);
        match metrics::measure(Operation::SessionAuthenticate, request).await {
            Ok(roles) => Ok(SessionState::Active(roles)),
            Err(failure) if has_ended(&failure) => Ok(SessionState::Ended),
            Err(failure) => Err(failure),
        }
    }

    /// Ends a session. It is a success if the session has already ended.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn logout(&self, session_id: &SessionId) -> Result<(), Failure> {
        let body = json!({ "session_id": session_id.expose() });
        let url = self.api_url(&["auth", "session", "logout"]);
        match self
            .call(
                UpstreamCall::json(Operation::SessionLogout, Method::POST, url, &body),
                exchange::ignore_body,
            )
            .await
        {
            Err(failure)
                if !has_ended(&failure)
                    && failure.kind != FailureKind::Refused(Reason::NotFound) =>
            {
                Err(failure)
            }
            _ => Ok(()),
        }
    }

    async fn request_session(
        &self,
        session_id: &SessionId,
        sub: &str,
        deadline: &Deadline,
    ) -> Result<Vec<String>, Failure> {
        const OPERATION: Operation = Operation::SessionAuthenticate;
        let body = json!({
            "session_id": session_id.expose(), "claims": { "id_token": { "roles": null } },
        });
        let url = self.api_url(&["auth", "session", "authenticate"]);
        let call = UpstreamCall::json(OPERATION, Method::POST, url, &body);
        let response = self.call_until(&call, deadline, read_tokens).await?;

        let (id, access) = self
            .shared
            .tokens
            .validate(OPERATION, &response, deadline)
            .await?;
        access
            .check_subject(sub)
            .map_err(|error| invalid_token(OPERATION, TokenKind::Access, error))?;
        let roles = id.as_ref().and_then(|id| id.roles()).or(access.roles());
        Ok(roles.unwrap_or_default().to_vec())
    }
}

/// Whether the failure proves that the session has ended. A 404 without a known error code does
/// not: its cause may be a wrong path.
fn has_ended(failure: &Failure) -> bool {
    use Reason::{SessionNotFound, UserNotActive, UserNotFound};
    matches!(
        failure.kind,
        FailureKind::Refused(SessionNotFound | UserNotActive | UserNotFound)
    )
}
