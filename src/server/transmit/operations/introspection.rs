//! Is a token good now? (`POST /cis/oidc/token/introspection`, RFC 7662)
//!
//! For integrators who hold tokens of Transmit's: signature and expiry do not tell that a token was
//! revoked. The sign-in keeps no token and does not ask.

use serde::Deserialize;

use crate::server::settings::Secret;
use crate::server::system::clock::Timestamp;
use crate::server::transmit::Transmit;
use crate::server::transmit::tokens::jws::MAX_TOKEN;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::{metrics, retry};

/// What a token is thought to be; upstream looks at the other kind too (RFC 7662 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenTypeHint {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

/// What upstream says of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Introspection {
    /// It was revoked, has expired, or never was one of this tenant's.
    Inactive,
    /// It is good now. Whose it is, and for which client it was issued, is for the caller to check.
    Active(ActiveToken),
}

/// A token that is good now (RFC 7662 §2.2). Absent is what upstream does not say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ActiveToken {
    /// The user, by Transmit's id.
    pub sub: Option<String>,
    /// The client it was issued to.
    pub client_id: Option<String>,
    /// What it is for, separated by spaces.
    pub scope: Option<String>,
    /// Who issued it.
    pub iss: Option<String>,
    /// When it expires.
    #[serde(rename = "exp", default, deserialize_with = "numeric_date")]
    pub expires_at: Option<Timestamp>,
    /// When it was issued.
    #[serde(rename = "iat", default, deserialize_with = "numeric_date")]
    pub issued_at: Option<Timestamp>,
}

impl TokenTypeHint {
    fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
        }
    }
}

impl Transmit {
    /// Asks about an access or refresh token. Asks as the client itself, without a client access
    /// token.
    ///
    /// # Errors
    /// [`Failure`]: nothing is known then. With `InvalidInput` at once for a token that is empty or
    /// longer than 64 KiB.
    pub async fn introspect(
        &self,
        token: &Secret,
        hint: Option<TokenTypeHint>,
    ) -> Result<Introspection, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.shared.timeout);
        metrics::measured(
            Operation::Introspection,
            self.ask_about(token, hint, &deadline),
        )
        .await
    }

    async fn ask_about(
        &self,
        token: &Secret,
        hint: Option<TokenTypeHint>,
        deadline: &Deadline,
    ) -> Result<Introspection, Failure> {
        const OPERATION: Operation = Operation::Introspection;
        if !(1..=MAX_TOKEN).contains(&token.expose().len()) {
            return Err(Failure::not_written(
                OPERATION,
                FailureKind::Refused(Reason::InvalidInput),
            ));
        }
        let shared = &self.shared;
        let _place = self.place(OPERATION, deadline).await?;
        let attempt = || async {
            // Anew for each attempt: a proof may be good for one request only.
            let proof = shared.client_token.proof(OPERATION)?;
            let mut fields = vec![("token", token.expose())];
            fields.extend(hint.map(|hint| ("token_type_hint", hint.as_str())));
            fields.extend(proof.iter().map(|(name, value)| (*name, value.expose())));
            let url = self.at(&["cis", "oidc", "token", "introspection"]);
            let call = UpstreamCall::form(OPERATION, url, &fields);
            shared.line.exchange(&call, None, deadline, read).await
        };
        retry::within(deadline, OPERATION.retry(), &shared.random, attempt).await
    }
}

#[derive(Deserialize)]
struct State {
    active: bool,
}

/// Of an inactive token nothing else is read.
pub(in crate::server::transmit) fn read(body: &[u8]) -> Option<Introspection> {
    match exchange::json::<State>(body)?.active {
        true => exchange::json(body).map(Introspection::Active),
        false => Some(Introspection::Inactive),
    }
}

fn numeric_date<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    Ok(Option::<u64>::deserialize(deserializer)?.map(Timestamp::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_word_counts() {
        assert_eq!(
            read(br#"{"active":false,"sub":7}"#),
            Some(Introspection::Inactive)
        );
        let active = read(br#"{"active":true,"sub":"u-1","exp":1800000000,"aud":["x"],"new":1}"#);
        let Some(Introspection::Active(token)) = active else {
            panic!("{active:?}")
        };
        assert_eq!((token.sub.as_deref(), token.iss), (Some("u-1"), None));
        assert_eq!(token.expires_at, Some(Timestamp::from_secs(1_800_000_000)));
        for body in [
            "",
            "{}",
            r#"{"active":"true"}"#,
            r#"{"active":1}"#,
            r#"{"active":null}"#,
            "[]",
            "true",
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        for body in [
            r#"{"active":true,"sub":7}"#,
            r#"{"active":true,"exp":"tomorrow"}"#,
            r#"{"active":true,"exp":-1}"#,
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }
}
