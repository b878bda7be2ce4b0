//! Fuzz targets of the parsers of upstream's responses; see [`crate::fuzz`].

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::fuzz_assertions::{parse_json_twice, parse_twice};
use crate::server::system::content_type::is_json;
use crate::server::transmit::auth::client_token::GrantedToken;
use crate::server::transmit::operations::otp::{SendResponse, read_tokens};
use crate::server::transmit::operations::probe::OpenIdConfiguration;
use crate::server::transmit::operations::user_sessions::{MAX_SESSIONS, SessionList};
use crate::server::transmit::operations::users::{UpstreamUser, UserResponse, UserStatus};
use crate::server::transmit::tokens::claims::Claims;
use crate::server::transmit::tokens::jwks::Jwks;
use crate::server::transmit::tokens::jws::{Jws, MAX_TOKEN};
use crate::server::transmit::transport::clock_skew::MAX_CLOCK_SKEW;
use crate::server::transmit::transport::error_body::ErrorBody;
use crate::server::transmit::transport::exchange;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::response_headers::retry_after;
use crate::server::transmit::transport::token_error::TokenKind;

/// The public key of a deleted private key, so that no other signature of it can exist.
const MODULUS: &str = include_str!("fuzz/modulus.txt");

/// The only tokens that it signed: one with RS256, one with PS256.
const SIGNED: &str = include_str!("fuzz/signed.txt");

/// Longest lifetime of a client token, in seconds.
const DAY: u64 = 24 * 3600;

/// A signed token: an accepted token has one encoding, and a header that is valid for an ID token
/// is valid for an access token.
pub fn jws(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let header =
        |kind| parse_twice(|| Jws::parse(text, kind).map(|jws| (jws.algorithm, jws.key_id)));
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

/// A signature: only the two signed tokens are accepted, and in one encoding.
pub fn signature(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(jws) = Jws::parse(text, TokenKind::Access) else {
        return;
    };
    let Ok(key) = DecodingKey::from_rsa_components(MODULUS.trim(), "AQAB") else {
        unreachable!("the key is valid")
    };
    assert_eq!(
        parse_twice(|| jws.is_signed_by(&key)),
        SIGNED.lines().any(|signed| signed == text)
    );
}

/// The claims in any JSON object.
pub fn claims(bytes: &[u8]) {
    if let Some(members) = exchange::json::<Map<String, Value>>(bytes) {
        check_claims(members);
    }
}

fn check_claims(members: Map<String, Value>) {
    let Ok(claims) = Claims::from_members(members.clone()) else {
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
            auth_time + MAX_CLOCK_SKEW >= now && auth_time <= now + MAX_CLOCK_SKEW
        );
    }
    let phone = Identifier::canonical(
        IdentifierType::PhoneNumber,
        "+447400123456".to_owned(),
        None,
    );
    let claimed = members.get("phone_number").and_then(Value::as_str);
    let fits = claimed.is_none_or(|number| number == phone.value());
    assert_eq!(claims.check_identifier(&phone).is_ok(), fits);
    if let Some(number) = claims.verified_phone_number() {
        assert_eq!(claimed, Some(number));
        assert_eq!(
            members.get("phone_number_verified"),
            Some(&Value::Bool(true))
        );
    }
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
    if let Some(count) = parse_json_twice(bytes, |bytes| Jwks::parse(bytes).map(|keys| keys.len()))
    {
        assert!((1..=64).contains(&count));
    }
}

/// A response of the token endpoint.
pub fn client_token(bytes: &[u8]) {
    let now = Timestamp::from_secs(1_800_000_000);
    let cache =
        |bytes: &[u8]| exchange::json::<GrantedToken>(bytes).map(|granted| granted.to_cached(now));
    let times = |bytes: &[u8]| {
        cache(bytes).map(|token| {
            token
                .map(|token| token.times())
                .map_err(|failure| failure.to_string())
        })
    };
    if let Some(Ok((renew_at, expires_at))) = parse_json_twice(bytes, times) {
        assert!(now < expires_at && expires_at <= now + std::time::Duration::from_secs(DAY));
        assert!(now <= renew_at && renew_at <= expires_at);
    }
    if let Some(Ok(token)) = cache(bytes) {
        assert!(token.bearer.is_sensitive() && token.bearer.len() > "Bearer ".len());
    }
}

/// A response to a sign-in or a session check.
pub fn token_response(bytes: &[u8]) {
    if let Some(session_id) = parse_json_twice(bytes, |bytes| {
        read_tokens(bytes).map(|response| response.session_id)
    }) {
        assert!(!session_id.expose().is_empty());
    }
}

/// The list of a user's sessions.
pub fn user_sessions(bytes: &[u8]) {
    if let Some(sessions) = parse_json_twice(bytes, |bytes| {
        exchange::json::<SessionList>(bytes).map(|SessionList(sessions)| sessions)
    }) {
        assert!(sessions.len() <= MAX_SESSIONS);
        let latest = Timestamp::from_secs(253_402_300_800);
        let times = sessions
            .iter()
            .flat_map(|session| [session.started_at, session.expires_at]);
        assert!(times.flatten().all(|time| time < latest));
    }
}

/// An error body of any format: its code is a slug, and every operation maps it to a reason.
pub fn error_body(bytes: &[u8]) {
    let code = parse_json_twice(bytes, |bytes| ErrorBody::parse(bytes).map(|body| body.code));
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
            parse_twice(|| Reason::from_response(operation, status, &body));
        }
    }
}

/// A response with a user: every documented status has a variant of its own.
pub fn user(bytes: &[u8]) {
    let user = parse_json_twice(bytes, |bytes| {
        exchange::json::<UserResponse>(bytes).map(|response| UpstreamUser::from(response.result))
    });
    if let Some(UpstreamUser {
        status: UserStatus::Other(word),
        ..
    }) = user
    {
        assert!(!["Active", "Disabled", "Pending"].contains(&word.as_str()));
    }
}

/// A response to a send.
pub fn otp_sent(bytes: &[u8]) {
    let id = parse_json_twice(bytes, |bytes| {
        exchange::json::<SendResponse>(bytes).map(SendResponse::request_id)
    });
    if let Some(Some(id)) = id {
        assert!((1..=256).contains(&id.len()));
    }
}

/// Response headers, one on each line: `Content-Type`, `Retry-After`, `Date`.
pub fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    let names = [header::CONTENT_TYPE, header::RETRY_AFTER, header::DATE];
    for (name, line) in names.into_iter().zip(bytes.split(|byte| *byte == b'\n')) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.insert(name, value);
        }
    }
    let now = Timestamp::from_secs(1_800_000_000);
    if parse_twice(|| is_json(&headers)) {
        assert!(
            headers
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.len() >= "application/json".len())
        );
    }
    if let Some(wait) = parse_twice(|| retry_after(&headers, now)) {
        assert!(wait.as_secs() <= 3600 && headers.contains_key(header::RETRY_AFTER));
    }
}

/// The OpenID configuration.
pub fn discovery(bytes: &[u8]) {
    parse_json_twice(bytes, |bytes| {
        exchange::json::<OpenIdConfiguration>(bytes).map(|configuration| configuration.issuer)
    });
}

/// Asserts that a part has its canonical encoding.
fn assert_canonical(part: Option<&&str>) {
    let part = part.copied().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part);
    assert_eq!(
        bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).as_deref(),
        Ok(part)
    );
}
