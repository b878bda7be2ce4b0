//! All sessions of a user upstream, in every application of the tenant
//! (`/cis/v1/auth/users/{id}/sessions`).
//!
//! The product ends them when the operator ends a user's sessions here. The list is for
//! integrators.

use std::fmt;

use http::Method;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::timestamp::Timestamp;
use crate::server::transmit::Transmit;
use crate::server::transmit::operations::session_id::SessionId;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// Most sessions of one user that are read; what upstream lists beyond is passed over.
pub const MAX_SESSIONS: usize = 1000;

/// Numbers from here on are milliseconds, smaller ones seconds: the year 5138, or March 1973.
const FIRST_MILLIS: f64 = 1e11;

/// A session upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// Its id.
    pub session_id: SessionId,
    /// When it began. The API does not say in which form it tells times: seconds, milliseconds and
    /// RFC 3339 are read.
    pub started_at: Option<Timestamp>,
    /// When it ends unless it is extended.
    pub expires_at: Option<Timestamp>,
}

impl Transmit {
    /// The living sessions of a user, at most [`MAX_SESSIONS`]; none of a user who does not exist.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput` at once for an id that cannot be one.
    pub async fn user_sessions(&self, user_id: &str) -> Result<Vec<UserSession>, Failure> {
        const OPERATION: Operation = Operation::SessionsList;
        let call = UpstreamCall::get(OPERATION, self.sessions_url(OPERATION, user_id)?);
        match self.call(call, exchange::json::<Listed>).await {
            Err(failure) if is_nobody(&failure) => Ok(Vec::new()),
            listed => listed.map(|Listed(sessions)| sessions),
        }
    }

    /// Ends every session of a user. That there is none, or no such user, is a success.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput` at once for an id that cannot be one.
    pub async fn revoke_user_sessions(&self, user_id: &str) -> Result<(), Failure> {
        const OPERATION: Operation = Operation::SessionsRevoke;
        let call = UpstreamCall::bare(
            OPERATION,
            Method::DELETE,
            self.sessions_url(OPERATION, user_id)?,
        );
        match self.call(call, exchange::nothing).await {
            Err(failure) if is_nobody(&failure) => Ok(()),
            revoked => revoked,
        }
    }

    fn sessions_url(&self, operation: Operation, user_id: &str) -> Result<url::Url, Failure> {
        crate::server::transmit::operations::users::check_id(operation, user_id)?;
        Ok(self.url(&["auth", "users", user_id, "sessions"]))
    }
}

fn is_nobody(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::Refused(Reason::NotFound | Reason::UserNotFound | Reason::SessionNotFound)
    )
}

/// The answer, up to the bound.
pub(in crate::server::transmit) struct Listed(pub Vec<UserSession>);

#[derive(Deserialize)]
struct Wire {
    session_id: SessionId,
    #[serde(default)]
    start_time: Option<serde_json::Value>,
    #[serde(default)]
    expiration_time: Option<serde_json::Value>,
}

impl From<Wire> for UserSession {
    fn from(wire: Wire) -> Self {
        Self {
            session_id: wire.session_id,
            started_at: wire.start_time.as_ref().and_then(moment),
            expires_at: wire.expiration_time.as_ref().and_then(moment),
        }
    }
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bounded;

        impl<'de> Visitor<'de> for Bounded {
            type Value = Listed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of sessions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Listed, A::Error> {
                let mut sessions = Vec::new();
                while sessions.len() < MAX_SESSIONS {
                    let Some(entry) = entries.next_element::<Wire>()? else {
                        return Ok(Listed(sessions));
                    };
                    sessions.push(entry.into());
                }
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Listed(sessions))
            }
        }

        deserializer.deserialize_seq(Bounded)
    }
}

fn moment(value: &serde_json::Value) -> Option<Timestamp> {
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
            // Bounded above; the cast only drops a fraction of a millisecond.
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
    fn times_are_read_in_every_form() {
        let at = Some(Timestamp::from_secs(1_774_000_000));
        for value in [
            json!(1_774_000_000),
            json!(1_774_000_000_000_u64),
            json!("2026-03-20T09:46:40Z"),
            json!(1.774e9),
        ] {
            assert_eq!(moment(&value), at, "{value}");
        }
        for value in [
            json!(null),
            json!(-1),
            json!("soon"),
            json!([]),
            json!(1e300),
            json!("1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }

    #[test]
    fn a_long_list_is_read_up_to_its_bound() {
        let list: Vec<_> = (0..MAX_SESSIONS + 5)
            .map(|number| json!({ "session_id": number.to_string() }))
            .collect();
        let Listed(sessions) =
            exchange::json::<Listed>(json!(list).to_string().as_bytes()).unwrap();
        assert_eq!(sessions.len(), MAX_SESSIONS);
        for body in [
            r#"{"result":[]}"#,
            r#"[{"session_id":7}]"#,
            "[{}]",
            "[",
            "null",
        ] {
            assert!(
                exchange::json::<Listed>(body.as_bytes()).is_none(),
                "{body}"
            );
        }
    }
}
