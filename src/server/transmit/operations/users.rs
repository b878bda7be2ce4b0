//! Users: creates, reads and names them (`/cis/v1/users`).

use http::Method;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::domain::Identifier;
use crate::server::transmit::Transmit;
use crate::server::transmit::tokens::claims::MAX_SUBJECT;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;

/// Longest part of a name, in characters.
const MAX_NAME_PART: usize = 30;

/// The result of creating a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCreation {
    /// The user is new, or was attached to this application. Upstream does not distinguish the two.
    New {
        /// Transmit's id.
        user_id: String,
    },
    /// A user has this identifier already.
    Exists,
}

/// A user at Transmit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUser {
    /// Transmit's id.
    pub user_id: String,
    /// Whether the user may sign in.
    pub status: UserStatus,
}

/// Whether a user may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// The user may sign in.
    Active,
    /// The user may not sign in.
    Disabled,
    /// The user has not signed in yet.
    Pending,
    /// A value that the API does not document.
    Other(String),
}

impl Transmit {
    /// Creates a user with a phone number alone.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput`, and without a call, for any other identifier. Nobody could
    /// sign in as a user without a phone number.
    pub async fn create_user(&self, identifier: &Identifier) -> Result<UserCreation, Failure> {
        const OPERATION: Operation = Operation::UserCreate;
        if !identifier.is_phone_number() {
            return Err(invalid_input(OPERATION));
        }
        let body = json!({ "phone_number": identifier.value() });
        let call = UpstreamCall::json(OPERATION, Method::POST, self.api_url(&["users"]), &body);
        match self.call(call, read_user).await {
            Ok(response) => Ok(UserCreation::New {
                user_id: response.result.user_id,
            }),
            Err(failure) if failure.kind == FailureKind::Refused(Reason::IdentifierTaken) => {
                Ok(UserCreation::Exists)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Reads a user; `None` if no user has this id.
    ///
    /// # Errors
    /// [`Failure`]. A 404 without an error body of upstream is one too, because it says nothing
    /// about the user.
    pub async fn user(&self, user_id: &str) -> Result<Option<UpstreamUser>, Failure> {
        let call = UpstreamCall::get(
            Operation::UserGet,
            self.user_url(Operation::UserGet, user_id)?,
        );
        match self.call(call, read_user).await {
            Ok(response) => Ok(Some(response.result.into())),
            Err(failure) => match failure.kind {
                FailureKind::Refused(Reason::NotFound | Reason::UserNotFound) => Ok(None),
                _ => Err(failure),
            },
        }
    }

    /// Sets a user's name. The first word is the first name, the rest is the last name. Each is cut
    /// at 30 characters.
    ///
    /// # Errors
    /// [`Failure`]; with `InvalidInput`, and without a call, for a name without a letter.
    pub async fn set_name(&self, user_id: &str, name: &str) -> Result<(), Failure> {
        const OPERATION: Operation = Operation::UserUpdate;
        let name = UserName::parse(name).ok_or_else(|| invalid_input(OPERATION))?;
        let url = self.user_url(OPERATION, user_id)?;
        let call = UpstreamCall::json(OPERATION, Method::PUT, url, &json!({ "name": name }));
        self.call(call, exchange::json::<IgnoredAny>)
            .await
            .map(drop)
    }

    fn user_url(&self, operation: Operation, user_id: &str) -> Result<url::Url, Failure> {
        check_id(operation, user_id)?;
        Ok(self.api_url(&["users", user_id]))
    }
}

/// Parses a response with a user whose id is valid.
fn read_user(body: &[u8]) -> Option<UserResponse> {
    exchange::json::<UserResponse>(body).filter(|response| is_valid_id(&response.result.user_id))
}

/// An id is a segment of a URL path. There, `.` and `..` have a meaning of their own, and control
/// characters are dropped.
fn is_valid_id(text: &str) -> bool {
    text.len() <= MAX_SUBJECT
        && !text.trim_matches('.').is_empty()
        && !text.contains(char::is_control)
}

pub(in crate::server::transmit) fn check_id(
    operation: Operation,
    user_id: &str,
) -> Result<(), Failure> {
    if is_valid_id(user_id) {
        Ok(())
    } else {
        Err(invalid_input(operation))
    }
}

fn invalid_input(operation: Operation) -> Failure {
    Failure::not_written(operation, FailureKind::Refused(Reason::InvalidInput))
}

#[derive(Debug, PartialEq, Serialize)]
struct UserName {
    first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_name: String,
}

impl UserName {
    fn parse(name: &str) -> Option<Self> {
        let clean: String = name
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut words = clean.split_whitespace();
        let first_name = words
            .next()
            .filter(|_| clean.chars().any(char::is_alphabetic))
            .map(truncate)?;
        Some(Self {
            first_name,
            last_name: truncate(&words.collect::<Vec<_>>().join(" ")),
        })
    }
}

fn truncate(part: &str) -> String {
    part.chars()
        .take(MAX_NAME_PART)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct UserResponse {
    pub result: WireUser,
}

#[derive(Deserialize)]
pub(in crate::server::transmit) struct WireUser {
    user_id: String,
    status: String,
}

impl From<WireUser> for UpstreamUser {
    fn from(user: WireUser) -> Self {
        let status = match user.status.as_str() {
            "Active" => UserStatus::Active,
            "Disabled" => UserStatus::Disabled,
            "Pending" => UserStatus::Pending,
            _ => UserStatus::Other(user.status),
        };
        Self {
            user_id: user.user_id,
            status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_split_at_its_first_space_and_truncated() {
        let name = |text: &str| UserName::parse(text).map(|name| (name.first_name, name.last_name));
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(name("Ada"), pair("Ada", ""));
        assert_eq!(
            name("  Ludwig  van\tBeethoven\n"),
            pair("Ludwig", "van Beethoven")
        );
        assert_eq!(name(&"é".repeat(31)), pair(&"é".repeat(30), ""));
        assert_eq!(name("A\0B"), pair("A", "B"));
        for nothing in ["", "  ", "\0", "--- 7"] {
            assert_eq!(name(nothing), None, "{nothing:?}");
        }
    }
}
