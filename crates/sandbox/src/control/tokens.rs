//! `PUT /control/tokens`: tampers with the tokens of users.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::control::request::{ControlError, parse_body};
use crate::keys::{self, SigningAlgorithm};
use crate::tenant::SharedTenant;
use crate::token_tampering::{TamperedSignature, TokenTampering, TokenType};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TamperingInput {
    token: TokenType,
    #[serde(default)]
    header: Map<String, Value>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    signature: SignatureInput,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SignatureInput {
    #[default]
    Good,
    Foreign,
    None,
    Hs256,
    Stripped,
}

/// `PUT /control/tokens {"token":"id, access","header"?,"claims"?,"signature"?:"good, foreign,
/// none, hs256, stripped","times"?}`
///
/// `header` and `claims` override members of the token; `null` removes a member. A tampering
/// replaces the previous one of the same token type. Without `times` it lasts until reset;
/// `"times":0` removes it. A request that changes nothing is refused.
pub async fn set_tampering(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ControlError> {
    let input: TamperingInput = parse_body(&headers, &body)?;
    let changes_nothing = input.header.is_empty()
        && input.claims.is_empty()
        && input.signature == SignatureInput::Good;
    if changes_nothing && input.times != Some(0) {
        return Err(ControlError(
            "nothing to change: name header, claims or signature (or \"times\":0)".into(),
        ));
    }
    let signature = match input.signature {
        SignatureInput::Good => TamperedSignature::Good,
        SignatureInput::None => TamperedSignature::None,
        SignatureInput::Hs256 => TamperedSignature::Hs256,
        SignatureInput::Stripped => TamperedSignature::Stripped,
        SignatureInput::Foreign => match keys::generate_key(SigningAlgorithm::default()).await {
            Ok(key) => TamperedSignature::Foreign(Arc::new(key)),
            Err(_) => return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        },
    };
    let tampering = TokenTampering {
        header: input.header,
        claims: input.claims,
        signature,
    };
    tenant
        .tampering_plan()
        .set(input.token, tampering, input.times);
    Ok(StatusCode::NO_CONTENT.into_response())
}
