//! `PUT /control/tokens`

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::control::{BadControl, input};
use crate::keys::{self, Algorithm};
use crate::tenant::Shared;
use crate::tokens::lie::{Kind, Lie, Signature};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LieInput {
    token: Kind,
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
/// none, hs256, stripped","times"?}`: how the users' next tokens of that kind lie.
///
/// `header` and `claims` are laid over what an honest token says; `null` takes a member away. A lie
/// replaces the former one of its kind. Without `times` until reset; `"times":0` takes it away. A
/// token that lies in nothing is refused.
pub async fn lie(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, BadControl> {
    let LieInput {
        token,
        header,
        claims,
        signature,
        times,
    } = input(&headers, &body)?;
    if header.is_empty()
        && claims.is_empty()
        && signature == SignatureInput::Good
        && times != Some(0)
    {
        return Err(BadControl(
            "nothing to lie about: name header, claims or signature (or \"times\":0)".into(),
        ));
    }
    let signature = match signature {
        SignatureInput::Good => Signature::Good,
        SignatureInput::None => Signature::None,
        SignatureInput::Hs256 => Signature::Hs256,
        SignatureInput::Stripped => Signature::Stripped,
        SignatureInput::Foreign => match keys::generate(Algorithm::default()).await {
            Ok(key) => Signature::Foreign(Arc::new(key)),
            Err(_) => return Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        },
    };
    tenant.lies().set(
        token,
        Lie {
            header,
            claims,
            signature,
        },
        times,
    );
    Ok(StatusCode::NO_CONTENT.into_response())
}
