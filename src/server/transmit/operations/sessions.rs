//! Sessions upstream: does one live, end one (`/cis/v1/auth/session/*`).

use http::Method;
use serde_json::json;

use crate::server::transmit::Transmit;
use crate::server::transmit::operations::otp::read_tokens;
use crate::server::transmit::operations::session_id::SessionId;
use crate::server::transmit::tokens::token_error::TokenKind;
use crate::server::transmit::tokens::validation::invalid;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::metrics;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// Whether a session lives upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// It does, and these are the user's roles now.
    Alive(Vec<String>),
    /// It is over, or its user may not sign in any more.
    Dead,
}

impl Transmit {
    /// Asks whether a session lives. The tokens that come back must be this user's; they are
    /// validated and dropped.
    ///
    /// # Errors
    /// [`Failure`]: nothing is known then, and the session is not to be ended for it.
    pub async fn authenticate_session(
        &self,
        session_id: &SessionId,
        sub: &str,
    ) -> Result<SessionState, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        let asking = self.ask_session(session_id, sub, &deadline);
        match metrics::measured(Operation::SessionAuthenticate, asking).await {
            Ok(roles) => Ok(SessionState::Alive(roles)),
            Err(failure) if is_over(&failure) => Ok(SessionState::Dead),
            Err(failure) => Err(failure),
        }
    }

    /// Ends a session. One that is over already is a success.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn logout(&self, session_id: &SessionId) -> Result<(), Failure> {
        let body = json!({ "session_id": session_id.expose() });
        let url = self.url(&["auth", "session", "logout"]);
        match self
            .call(
                UpstreamCall::json(Operation::SessionLogout, Method::POST, url, &body),
                exchange::nothing,
            )
            .await
        {
            Err(failure)
                if !is_over(&failure) && failure.kind != FailureKind::Refused(Reason::NotFound) =>
            {
                Err(failure)
            }
            _ => Ok(()),
        }
    }

    async fn ask_session(
        &self,
        session_id: &SessionId,
        sub: &str,
        deadline: &Deadline,
    ) -> Result<Vec<String>, Failure> {
        const OPERATION: Operation = Operation::SessionAuthenticate;
        let body = json!({ "session_id": session_id.expose(), "claims": { "id_token": { "roles": null } } });
        let url = self.url(&["auth", "session", "authenticate"]);
        let call = UpstreamCall::json(OPERATION, Method::POST, url, &body);
        let answer = self.call_until(&call, deadline, read_tokens).await?;

        let (id, access) = self
            .shared
            .tokens
            .with_id_if_any(OPERATION, &answer, deadline)
            .await?;
        access
            .check_subject(sub)
            .map_err(|flaw| invalid(OPERATION, TokenKind::Access, flaw))?;
        let roles = id.as_ref().and_then(|id| id.roles()).or(access.roles());
        Ok(roles.unwrap_or_default().to_vec())
    }
}

/// A bare 404 does not count: it may be a path that went wrong, and nobody is to be signed out for
/// that.
fn is_over(failure: &Failure) -> bool {
    use Reason::{SessionNotFound, UserNotActive, UserNotFound};
    matches!(
        failure.kind,
        FailureKind::Refused(SessionNotFound | UserNotActive | UserNotFound)
    )
}
