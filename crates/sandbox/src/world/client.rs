//! How the application proves itself: by its secret, by keys that it registered, or by either.

use std::collections::BTreeSet;

use serde_json::Value;

/// Assertion ids that are remembered; those that expire first are forgotten first.
const MAX_USED: usize = 10_000;

/// What is registered for the one application.
#[derive(Debug)]
pub struct Client {
    /// Public keys (JWK); none until some are registered.
    pub keys: Vec<Value>,
    /// Whether the secret still counts.
    pub secret_allowed: bool,
    /// `exp` and `jti` of assertions that were accepted.
    used: BTreeSet<(i64, String)>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            secret_allowed: true,
            used: BTreeSet::new(),
        }
    }
}

impl Client {
    /// Takes an assertion; `false` if one of this `jti` was taken before and has not expired.
    pub fn take(&mut self, jti: &str, expires: i64, now: i64) -> bool {
        self.used.retain(|(expires, _)| *expires > now);
        if self.used.iter().any(|(_, used)| used == jti) {
            return false;
        }
        self.used.insert((expires, jti.to_owned()));
        if self.used.len() > MAX_USED {
            self.used.pop_first();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_good_once() {
        let mut client = Client::default();
        assert!(client.take("a", 60, 0) && !client.take("a", 60, 1) && !client.take("a", 90, 1));
        assert!(client.take("b", 60, 1));
        assert!(client.take("a", 120, 60), "its former life is over");
    }
}
