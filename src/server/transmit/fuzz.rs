//! Fuzz targets of this room's parsers; see [`crate::fuzz`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::fuzz::{json_twice, same_twice};
use crate::server::transmit::auth::client_token::GrantedToken;
use crate::server::transmit::operations::otp::{SentBody, read_tokens};
use crate::server::transmit::operations::probe::Configuration;
use crate::server::transmit::operations::user_sessions::{Listed, MAX_SESSIONS};
use crate::server::transmit::operations::users::{UpstreamUser, UserResult, UserStatus};
use crate::server::transmit::tokens::claims::Claims;
use crate::server::transmit::tokens::jwks::Jwks;
use crate::server::transmit::tokens::jws::{Jws, MAX_TOKEN};
use crate::server::transmit::tokens::token_error::TokenKind;
use crate::server::transmit::transport::error_body::ErrorBody;
use crate::server::transmit::transport::exchange;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::response_headers::{is_json, retry_after};

/// The public half of a key whose private half is gone: nothing else can be signed by it.
const MODULUS: &str = include_str!("fuzz/modulus.txt");

/// All that was ever signed by it: one token by RS256, one by PS256.
const SIGNED: &str = include_str!("fuzz/signed.txt");

/// Longest life of a client token.
const DAY: u64 = 24 * 3600;

/// A token taken apart: what is taken has one spelling, and an ID token's header would do for an
/// access token.
pub fn jws(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let header =
        |kind| same_twice(|| Jws::parse(text, kind).map(|jws| (jws.algorithm, jws.key_id)));
    let (id, access) = (header(TokenKind::Id), header(TokenKind::Access));
    if id.is_ok() {
        assert_eq!(id, access);
    }
    let Ok(jws) = Jws::parse(text, TokenKind::Access) else {
        return;
    };
    let parts: Vec<&str> = text.split('.').collect();
    assert!(text.len() <= MAX_TOKEN && parts.len() == 3);
    assert!(matches!(jws.algorithm, Algorithm::RS256 | Algorithm::PS256));
    assert!((1..=256).contains(&jws.key_id.len()));
    assert_canonical(parts.first());
    if let Ok(members) = jws.claims() {
        assert_canonical(parts.get(1));
        assert_eq!(jws.claims(), Ok(members.clone()));
        check_claims(members);
    }
}

/// No token but the two that were signed is taken for signed, not even in another spelling.
pub fn signature(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(jws) = Jws::parse(text, TokenKind::Access) else {
        return;
    };
    let Ok(key) = DecodingKey::from_rsa_components(MODULUS.trim(), "AQAB") else {
        unreachable!("the key is sound")
    };
    assert_eq!(
        same_twice(|| jws.is_signed_by(&key)),
        SIGNED.lines().any(|signed| signed == text)
    );
}

/// Claims of any JSON object.
pub fn claims(bytes: &[u8]) {
    if let Some(members) = exchange::json::<Map<String, Value>>(bytes) {
        check_claims(members);
    }
}

fn check_claims(members: Map<String, Value>) {
    let Ok(claims) = Claims::read(members.clone()) else {
        return;
    };
    if let Ok(subject) = claims.subject() {
        assert!((1..=255).contains(&subject.len()));
        assert_eq!(Some(subject), members.get("sub").and_then(Value::as_str));
        assert!(
            claims.check_subject(subject).is_ok() && claims.check_subject("\0").is_err()
                || subject == "\0"
        );
    }
    let now = Timestamp::from_secs(1_800_000_000);
    if let Ok(auth_time) = claims.auth_time() {
        assert!(auth_time.as_secs() < 253_402_300_800);
        let fits = claims.check_auth_time(now, now).is_ok();
        assert_eq!(
            fits,
            auth_time + crate::server::transmit::SKEW >= now
                && auth_time <= now + crate::server::transmit::SKEW
        );
    }
    let phone = Identifier::canonical(
        IdentifierType::PhoneNumber,
        "+447400123456".to_owned(),
        None,
    );
    let fits = claims
        .phone_number()
        .is_none_or(|number| number == phone.value());
    assert_eq!(claims.check_phone_number(&phone).is_ok(), fits);
    let texts = |name: &str| {
        members
            .get(name)
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    };
    assert!(claims.amr().len() <= texts("amr"));
    assert!(claims.roles().unwrap_or_default().len() <= texts("roles"));
}

/// A JWKS document.
pub fn jwks(bytes: &[u8]) {
    if let Some(count) = json_twice(bytes, |bytes| Jwks::parse(bytes).map(|keys| keys.len())) {
        assert!((1..=64).contains(&count));
    }
}

/// The token endpoint's answer.
pub fn client_token(bytes: &[u8]) {
    let now = Timestamp::from_secs(1_800_000_000);
    let hold =
        |bytes: &[u8]| exchange::json::<GrantedToken>(bytes).map(|granted| granted.hold(now));
    let times = |bytes: &[u8]| {
        hold(bytes).map(|held| {
            held.map(|held| held.times())
                .map_err(|failure| failure.to_string())
        })
    };
    if let Some(Ok((renew_at, expires_at))) = json_twice(bytes, times) {
        assert!(now < expires_at && expires_at <= now + std::time::Duration::from_secs(DAY));
        assert!(now <= renew_at && renew_at <= expires_at);
    }
    if let Some(Ok(held)) = hold(bytes) {
        assert!(held.bearer.is_sensitive() && held.bearer.len() > "Bearer ".len());
    }
}

/// The answer of a sign-in or a session check.
pub fn token_answer(bytes: &[u8]) {
    if let Some(session_id) = json_twice(bytes, |bytes| {
        read_tokens(bytes).map(|answer| answer.session_id)
    }) {
        assert!(!session_id.expose().is_empty());
    }
}

/// The list of a user's sessions.
pub fn user_sessions(bytes: &[u8]) {
    if let Some(sessions) = json_twice(bytes, |bytes| {
        exchange::json::<Listed>(bytes).map(|Listed(sessions)| sessions)
    }) {
        assert!(sessions.len() <= MAX_SESSIONS);
        let latest = Timestamp::from_secs(253_402_300_800);
        let times = sessions
            .iter()
            .flat_map(|session| [session.started_at, session.expires_at]);
        assert!(times.flatten().all(|time| time < latest));
    }
}

/// A refusal of any family: what is kept of it is a slug, and every operation can name a reason.
pub fn error_body(bytes: &[u8]) {
    let code = json_twice(bytes, |bytes| ErrorBody::parse(bytes).map(|body| body.code));
    if let Some(Some(code)) = code {
        let slug = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        assert!((1..=64).contains(&code.len()) && code.bytes().all(slug));
    }
    let Some(body) = ErrorBody::parse(bytes) else {
        return;
    };
    for operation in [
        Operation::Token,
        Operation::OtpSend,
        Operation::OtpAuthenticate,
        Operation::SessionAuthenticate,
    ] {
        for status in [400, 401, 403, 404, 409, 422] {
            same_twice(|| Reason::of(operation, status, &body));
        }
    }
}

/// The answer of the users' calls. Only the documented word is a status that we act on.
pub fn user(bytes: &[u8]) {
    let user = json_twice(bytes, |bytes| {
        exchange::json::<UserResult>(bytes).map(|answer| UpstreamUser::from(answer.result))
    });
    if let Some(UpstreamUser {
        status: UserStatus::Other(word),
        ..
    }) = user
    {
        assert!(!["Active", "Disabled", "Pending"].contains(&word.as_str()));
    }
}

/// The answer of a send.
pub fn otp_sent(bytes: &[u8]) {
    let id = json_twice(bytes, |bytes| {
        exchange::json::<SentBody>(bytes).map(SentBody::request_id)
    });
    if let Some(Some(id)) = id {
        assert!((1..=256).contains(&id.len()));
    }
}

/// The headers of an answer that are read, one after the other by lines: `Content-Type`,
/// `Retry-After`, `Date`.
pub fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    let names = [header::CONTENT_TYPE, header::RETRY_AFTER, header::DATE];
    for (name, line) in names.into_iter().zip(bytes.split(|byte| *byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.insert(name, value);
        }
    }
    let now = Timestamp::from_secs(1_800_000_000);
    if same_twice(|| is_json(&headers)) {
        assert!(
            headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.len() >= "application/json".len())
        );
    }
    if let Some(wait) = same_twice(|| retry_after(&headers, now)) {
        assert!(wait.as_secs() <= 3600 && headers.contains_key(header::RETRY_AFTER));
    }
}

/// The OpenID configuration.
pub fn discovery(bytes: &[u8]) {
    json_twice(bytes, |bytes| {
        exchange::json::<Configuration>(bytes).map(|configuration| configuration.issuer)
    });
}

/// That a part is the one spelling of what it says.
fn assert_canonical(part: Option<&&str>) {
    let part = part.copied().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part);
    assert_eq!(
        bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).as_deref(),
        Ok(part)
    );
}
