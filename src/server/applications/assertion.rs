//! The signed JWT for applications that do not want to believe headers: who is signed in, for one
//! application, for a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::error::Unspecified;
use http::HeaderValue;
use serde_json::{Value, json};

use crate::domain::timestamp::Timestamp;
use crate::server::applications::Application;
use crate::server::applications::signing_key::AssertionKeys;
use crate::server::crypto::derived_keys::Digest;
use crate::server::crypto::jose::encode;
use crate::server::session::ActiveSession;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::random::Random;

/// How long an assertion is good for.
pub const LIFETIME: Duration = Duration::from_secs(60);
/// How long it is given out: what an application gets is good for half a minute or longer.
const REUSE: Duration = Duration::from_secs(30);
/// Assertions that are remembered; further ones are signed each time.
const MOST: usize = 2_000;

/// Makes assertions.
#[derive(Debug)]
pub struct Assertions {
    keys: AssertionKeys,
    issuer: String,
    clock: Clock,
    random: Random,
    recent: Mutex<HashMap<(Digest, Arc<str>), Recent>>,
}

/// An assertion that may be given out again.
#[derive(Debug)]
struct Recent {
    jwt: HeaderValue,
    roles: Vec<String>,
    signed_at: Timestamp,
    expires_at: Timestamp,
}

impl Recent {
    /// Signing costs as much as the rest of the request, and an application asks several times for
    /// one page.
    fn is_good(&self, roles: &[String], ends: Timestamp, now: Timestamp) -> bool {
        self.is_young(now)
            && now < self.expires_at
            && self.expires_at <= ends
            && self.roles == roles
    }

    fn is_young(&self, now: Timestamp) -> bool {
        self.signed_at <= now && now < self.signed_at + REUSE
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
            recent: Mutex::default(),
        }
    }

    /// The keys to check them with, as a JWKS document (RFC 7517).
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    /// Says to `application` who is signed in; at most until the session `ends`. `phone` is the
    /// number in full, where the application is told it.
    ///
    /// # Errors
    /// When signing fails.
    pub fn assert(
        &self,
        live: &ActiveSession,
        application: &Application,
        phone: Option<&str>,
        ends: Timestamp,
    ) -> Result<HeaderValue, Unspecified> {
        let (now, roles) = (self.clock.now(), &live.session.roles);
        let key = (live.key.id, application.origin.clone());
        if let Some(recent) = lock(&self.recent)
            .get(&key)
            .filter(|recent| recent.is_good(roles, ends, now))
        {
            return Ok(recent.jwt.clone());
        }
        let expires_at = (now + LIFETIME).min(ends);
        let claims = self.claims(live, application, phone, now, expires_at);
        let mut jwt = HeaderValue::try_from(self.keys.sign(&claims)?).map_err(|_| Unspecified)?;
        jwt.set_sensitive(true);
        self.remember(
            key,
            Recent {
                jwt: jwt.clone(),
                roles: roles.clone(),
                signed_at: now,
                expires_at,
            },
            now,
        );
        Ok(jwt)
    }

    fn claims(
        &self,
        live: &ActiveSession,
        application: &Application,
        phone: Option<&str>,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Value {
        let session = &live.session;
        let mut claims = json!({
            "iss": self.issuer,
            "aud": *application.origin,
            "sub": session.subject,
            "sid": session.id,
            "groups": session.roles,
            "amr": session.amr,
            "auth_time": session.auth_time.as_secs(),
            "iat": now.as_secs(),
            "exp": expires_at.as_secs(),
            "jti": encode(self.random.bytes::<16>()),
        });
        if let (Some(phone), Some(claims)) = (phone, claims.as_object_mut()) {
            claims.insert("phone_number".to_owned(), phone.into());
        }
        claims
    }

    fn remember(&self, key: (Digest, Arc<str>), assertion: Recent, now: Timestamp) {
        let mut recent = lock(&self.recent);
        if recent.len() >= MOST {
            recent.retain(|_, old| old.is_young(now));
        }
        if recent.len() < MOST || recent.contains_key(&key) {
            recent.insert(key, assertion);
        }
    }
}
