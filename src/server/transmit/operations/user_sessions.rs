//! All sessions of a user, in every application of the tenant
//! (`/cis/v1/auth/users/{id}/sessions`).
//!
//! They are revoked when the operator ends a user's sessions here.

use std::fmt;

use http::Method;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::timestamp::Timestamp;
use crate::server::transmit::Transmit;
use crate::server::transmit::operations::users::check_id;
use crate::server::transmit::tokens::session_id::SessionId;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// Most sessions of one user that are read. The rest of a longer list is ignored.
pub const MAX_SESSIONS: usize = 1000;

/// Numbers from this one on are milliseconds (March 1973), smaller ones seconds (to year 5138).
const FIRST_MILLIS: f64 = 1e11;

/// A session at Transmit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// The id.
    pub session_id: SessionId,
    /// Start. The API does not specify the format of times, so seconds, milliseconds and RFC 3339
    /// are accepted.
    pub started_at: Option<Timestamp>,
    /// Expiry, unless the session is extended.
    pub expires_at: Option<Timestamp>,
}

impl Transmit {
    /// The active sessions of a user, at most [`MAX_SESSIONS`]. The list is empty for an unknown
    /// user.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput`, and without a call, for an id that is not valid.
    pub async fn user_sessions(&self, user_id: &str) -> Result<Vec<UserSession>, Failure> {
        const OPERATION: Operation = Operation::SessionsList;
        let call = UpstreamCall::get(OPERATION, self.sessions_url(OPERATION, user_id)?);
        match self.call(call, exchange::json::<SessionList>).await {
            Err(failure) if is_unknown_user(&failure) => Ok(Vec::new()),
            result => result.map(|SessionList(sessions)| sessions),
        }
    }

    /// Ends every session of a user. It is a success if there is none, or no such user.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput`, and without a call, for an id that is not valid.
    pub async fn revoke_user_sessions(&self, user_id: &str) -> Result<(), Failure> {
        const OPERATION: Operation = Operation::SessionsRevoke;
        let call = UpstreamCall::bare(
            OPERATION,
            Method::DELETE,
            self.sessions_url(OPERATION, user_id)?,
        );
        match self.call(call, exchange::ignore_body).await {
            Err(failure) if is_unknown_user(&failure) => Ok(()),
            result => result,
        }
    }

    fn sessions_url(&self, operation: Operation, user_id: &str) -> Result<url::Url, Failure> {
        check_id(operation, user_id)?;
        Ok(self.api_url(&["auth", "users", user_id, "sessions"]))
    }
}

fn is_unknown_user(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Refused(Reason::NotFound | Reason::UserNotFound | Reason::SessionNotFound)
    )
}

/// The sessions in a response, up to [`MAX_SESSIONS`].
pub(in crate::server::transmit) struct SessionList(pub Vec<UserSession>);

#[derive(Deserialize)]
struct WireSession {
    session_id: SessionId,
    #[serde(default)]
    start_time: Option<serde_json::Value>,
    #[serde(default)]
    expiration_time: Option<serde_json::Value>,
}

impl From<WireSession> for UserSession {
    fn from(wire: WireSession) -> Self {
        Self {
            session_id: wire.session_id,
            started_at: wire.start_time.as_ref().and_then(parse_time),
            expires_at: wire.expiration_time.as_ref().and_then(parse_time),
        }
    }
}

impl<'de> Deserialize<'de> for SessionList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BoundedList;

        impl<'de> Visitor<'de> for BoundedList {
            type Value = SessionList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of sessions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<SessionList, A::Error> {
                let mut sessions = Vec::new();
                while sessions.len() < MAX_SESSIONS {
                    let Some(entry) = entries.next_element::<WireSession>()? else {
                        return Ok(SessionList(sessions));
                    };
                    sessions.push(entry.into());
                }
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(SessionList(sessions))
            }
        }

        deserializer.deserialize_seq(BoundedList)
    }
}

fn parse_time(value: &serde_json::Value) -> Option<Timestamp> {
    match value {
        serde_json::Value::String(text) => {
            let at: jiff::Timestamp = text.parse().ok()?;
            u64::try_from(at.as_millisecond())
                .ok()
                .map(Timestamp::from_millis)
        }
        serde_json::Value::Number(number) => {
            let number = number
                .as_f64()
                .filter(|number| (0.0..=253_402_300_799_999.0).contains(number))?;
            let millis = if number < FIRST_MILLIS {
                number * 1000.0
            } else {
                number
            };
            // The value is bounded, so the cast drops only a fraction of a millisecond.
            Some(Timestamp::from_millis(millis as u64))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_parsed_in_every_format() {
        let at = Some(Timestamp::from_secs(1_774_000_000));
        for value in [
            json!(1_774_000_000),
            json!(1_774_000_000_000_u64),
            json!("2026-03-20T09:46:40Z"),
            json!(1.774e9),
        ] {
            assert_eq!(parse_time(&value), at, "{value}");
        }
        for value in [
            json!(null),
            json!(-1),
            json!("soon"),
            json!([]),
            json!(1e300),
            json!("1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(parse_time(&value), None, "{value}");
        }
    }

    #[test]
    fn a_long_list_is_read_up_to_the_maximum() {
        let list: Vec<_> = (0..MAX_SESSIONS + 5)
            .map(|number| json!({ "session_id": number.to_string() }))
            .collect();
        let SessionList(sessions) =
            exchange::json::<SessionList>(json!(list).to_string().as_bytes()).unwrap();
        assert_eq!(sessions.len(), MAX_SESSIONS);
        for body in [
            r#"{"result":[]}"#,
            r#"[{"session_id":7}]"#,
            "[{}]",
            "[",
            "null",
        ] {
            assert!(
                exchange::json::<SessionList>(body.as_bytes()).is_none(),
                "{body}"
            );
        }
    }
}
