//! How the client may authenticate: by its secret, by registered keys, or by either.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::state::limits::MAX_USED_ASSERTIONS;

/// The registration of the only client.
#[derive(Debug)]
pub struct ClientRegistration {
    /// Public keys (JWK) for client assertions.
    pub keys: Vec<Value>,
    /// Whether the client secret is accepted.
    pub secret_allowed: bool,
    /// `exp` and `jti` of accepted assertions.
    used_assertions: BTreeSet<(i64, String)>,
}

impl Default for ClientRegistration {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            secret_allowed: true,
            used_assertions: BTreeSet::new(),
        }
    }
}

impl ClientRegistration {
    /// Records an assertion as used. Returns `false` if its `jti` was used before and has not
    /// expired.
    pub fn use_assertion(&mut self, jti: &str, expires_at: i64, now: i64) -> bool {
        self.used_assertions
            .retain(|(expires_at, _)| *expires_at > now);
        if self.used_assertions.iter().any(|(_, used)| used == jti) {
            return false;
        }
        self.used_assertions.insert((expires_at, jti.to_owned()));
        if self.used_assertions.len() > MAX_USED_ASSERTIONS {
            self.used_assertions.pop_first();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_accepted_once() {
        let mut client = ClientRegistration::default();
        assert!(
            client.use_assertion("a", 60, 0)
                && !client.use_assertion("a", 60, 1)
                && !client.use_assertion("a", 90, 1)
        );
        assert!(client.use_assertion("b", 60, 1));
        assert!(
            client.use_assertion("a", 120, 60),
            "the first one has expired"
        );
    }
}
