//! Assertions: signed JWTs that tell one application who is signed in, valid for a minute.
//!
//! They are for applications that do not trust headers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::error::Unspecified;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::domain::timestamp::Timestamp;
use crate::server::applications::Application;
use crate::server::applications::signing_key::AssertionKeys;
use crate::server::crypto::hash::Digest;
use crate::server::crypto::jose::encode;
use crate::server::session::ActiveSession;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::random::Random;

/// How long an assertion is valid.
pub const ASSERTION_LIFETIME: Duration = Duration::from_secs(60);
/// How long an assertion is reused, so that each response is valid for half a minute at least.
const REUSED_FOR: Duration = Duration::from_secs(30);
/// Assertions that are cached; further ones are signed each time.
const MAX_CACHED: usize = 2_000;

/// Issues assertions.
#[derive(Debug)]
pub struct Assertions {
    keys: AssertionKeys,
    issuer: String,
    clock: Clock,
    random: Random,
    cache: Mutex<HashMap<(Digest, Arc<str>), CachedAssertion>>,
}

/// An assertion that can be reused: signing takes as long as the rest of the request, and an
/// application requests several for one page.
#[derive(Debug)]
struct CachedAssertion {
    jwt: HeaderValue,
    groups: Vec<String>,
    signed_at: Timestamp,
    expires_at: Timestamp,
}

impl CachedAssertion {
    fn is_usable(&self, groups: &[String], ends: Timestamp, now: Timestamp) -> bool {
        self.is_recent(now)
            && now < self.expires_at
            && self.expires_at <= ends
            && self.groups == groups
    }

    fn is_recent(&self, now: Timestamp) -> bool {
        self.signed_at <= now && now < self.signed_at + REUSED_FOR
    }
}

impl Assertions {
    /// `issuer` is the public origin.
    pub fn new(keys: AssertionKeys, issuer: String, clock: Clock, random: Random) -> Self {
        Self {
            keys,
            issuer,
            clock,
            random,
            cache: Mutex::default(),
        }
    }

    /// The keys that verify assertions, as a JWKS document (RFC 7517).
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    /// Issues an assertion to `application`, valid at most until the session `ends`. `groups` are
    /// the roles that the application is told, `phone` is the full number, if it receives it.
    ///
    /// # Errors
    /// When signing fails.
    pub fn issue(
        &self,
        session: &ActiveSession,
        application: &Application,
        groups: &[String],
        phone: Option<&str>,
        ends: Timestamp,
    ) -> Result<HeaderValue, Unspecified> {
        let now = self.clock.now();
        let key = (session.key.id, application.origin.clone());
        if let Some(cached) = lock(&self.cache)
            .get(&key)
            .filter(|cached| cached.is_usable(groups, ends, now))
        {
            return Ok(cached.jwt.clone());
        }
        let expires_at = (now + ASSERTION_LIFETIME).min(ends);
        let claims = self.claims(session, application, groups, phone, now, expires_at);
        let mut jwt = HeaderValue::try_from(self.keys.sign(&claims)?).map_err(|_| Unspecified)?;
        jwt.set_sensitive(true);
        self.insert(
            key,
            CachedAssertion {
                jwt: jwt.clone(),
                groups: groups.to_vec(),
                signed_at: now,
                expires_at,
            },
            now,
        );
        Ok(jwt)
    }

    fn claims(
        &self,
        session: &ActiveSession,
        application: &Application,
        groups: &[String],
        phone: Option<&str>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Value {
        let record = &session.record;
        let mut claims = json!({
            "iss": self.issuer,
            "aud": *application.origin,
            "sub": record.subject,
            "sid": record.id,
            "groups": groups,
            "amr": record.amr,
            "auth_time": record.auth_time.as_secs(),
            "iat": now.as_secs(),
            "exp": expires_at.as_secs(),
            "jti": encode(self.random.bytes::<16>()),
        });
        if let (Some(phone), Some(claims)) = (phone, claims.as_object_mut()) {
            claims.insert("phone_number".to_owned(), phone.into());
        }
        claims
    }

    fn insert(&self, key: (Digest, Arc<str>), assertion: CachedAssertion, now: Timestamp) {
        let mut cache = lock(&self.cache);
        if cache.len() >= MAX_CACHED {
            cache.retain(|_, old| old.is_recent(now));
        }
        if cache.len() < MAX_CACHED || cache.contains_key(&key) {
            cache.insert(key, assertion);
        }
    }
}
