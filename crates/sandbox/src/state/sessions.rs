//! Backend sessions. Each lasts two weeks after its last tokens and has one refresh token, which
//! rotates.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::clock::Timestamp;
use crate::state::limits::MAX_SESSIONS;

/// Lifetime of a session and its refresh token after its last tokens.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);

#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub user_id: String,
    pub started_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the user last authenticated.
    pub auth_time: Timestamp,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<&'static str>,
    /// The current refresh token.
    pub refresh_token: String,
}

/// Sessions in order of their start, with indexes.
#[derive(Debug, Default)]
pub struct Sessions {
    sessions: BTreeMap<u64, Session>,
    by_id: HashMap<String, u64>,
    by_refresh_token: HashMap<String, u64>,
    by_user: HashMap<String, BTreeSet<u64>>,
    last_number: u64,
}

impl Sessions {
    /// Adds a session, and removes the oldest if there are too many.
    pub fn insert(&mut self, session: Session) {
        self.last_number += 1;
        let number = self.last_number;
        self.by_id.insert(session.id.clone(), number);
        self.by_refresh_token
            .insert(session.refresh_token.clone(), number);
        self.by_user
            .entry(session.user_id.clone())
            .or_default()
            .insert(number);
        self.sessions.insert(number, session);
        while self.sessions.len() > MAX_SESSIONS {
            let Some((_, oldest)) = self.sessions.pop_first() else {
                break;
            };
            self.remove_from_indexes(&oldest);
        }
    }

    /// The active session with this id.
    pub fn find(&self, id: &str, now: Timestamp) -> Option<&Session> {
        self.sessions
            .get(self.by_id.get(id)?)
            .filter(|session| now < session.expires_at)
    }

    /// The active session with this refresh token.
    pub fn find_by_refresh_token(&self, token: &str, now: Timestamp) -> Option<&Session> {
        self.sessions
            .get(self.by_refresh_token.get(token)?)
            .filter(|session| now < session.expires_at)
    }

    /// Extends a session and rotates its refresh token, when tokens are issued.
    pub fn extend(&mut self, id: &str, refresh_token: String, now: Timestamp) -> Option<Session> {
        let number = *self.by_id.get(id)?;
        let session = self.sessions.get_mut(&number)?;
        self.by_refresh_token.remove(&session.refresh_token);
        self.by_refresh_token.insert(refresh_token.clone(), number);
        session.refresh_token = refresh_token;
        session.expires_at = now.plus(SESSION_LIFETIME);
        Some(session.clone())
    }

    /// Revokes a refresh token. The session stays active and gets a new one with its next tokens.
    pub fn revoke_refresh_token(&mut self, token: &str) {
        self.by_refresh_token.remove(token);
    }

    /// Adds an authentication method to a session.
    pub fn add_factor(&mut self, id: &str, amr: &'static str, now: Timestamp) {
        let number = self.by_id.get(id);
        if let Some(session) = number.and_then(|number| self.sessions.get_mut(number)) {
            session.auth_time = now;
            if !session.amr.contains(&amr) {
                session.amr.retain(|method| *method != "mfa");
                session.amr.extend([amr, "mfa"]);
            }
        }
    }

    /// Removes a session. Returns `false` if there was none.
    pub fn remove(&mut self, id: &str) -> bool {
        let session = self
            .by_id
            .get(id)
            .copied()
            .and_then(|number| self.sessions.remove(&number));
        session.as_ref().is_some_and(|session| {
            self.remove_from_indexes(session);
            true
        })
    }

    /// Removes all sessions of a user.
    pub fn remove_all_of_user(&mut self, user_id: &str) {
        let numbers = self.by_user.get(user_id).cloned().unwrap_or_default();
        for session in numbers
            .into_iter()
            .filter_map(|number| self.sessions.remove(&number))
            .collect::<Vec<_>>()
        {
            self.remove_from_indexes(&session);
        }
    }

    /// The active sessions of a user, oldest first.
    pub fn of_user<'a>(
        &'a self,
        user_id: &str,
        now: Timestamp,
    ) -> impl Iterator<Item = &'a Session> {
        let numbers = self.by_user.get(user_id).into_iter().flatten();
        numbers
            .filter_map(|number| self.sessions.get(number))
            .filter(move |session| now < session.expires_at)
    }

    fn remove_from_indexes(&mut self, session: &Session) {
        let number = self.by_id.remove(&session.id);
        self.by_refresh_token.remove(&session.refresh_token);
        if let (Some(number), Some(numbers)) = (number, self.by_user.get_mut(&session.user_id)) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.by_user.remove(&session.user_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn session(number: usize, now: Timestamp) -> Session {
        Session {
            id: format!("session-{number}"),
            user_id: format!("user-{}", number % 7),
            started_at: now,
            expires_at: now.plus(SESSION_LIFETIME),
            auth_time: now,
            amr: vec!["sms"],
            refresh_token: format!("refresh-{number}"),
        }
    }

    #[test]
    fn the_oldest_sessions_are_removed_from_all_indexes() {
        let now = Clock::default().now();
        let mut sessions = Sessions::default();
        for number in 0..MAX_SESSIONS + 3 {
            sessions.insert(session(number, now));
        }
        assert!(
            sessions.find("session-2", now).is_none() && sessions.find("session-3", now).is_some()
        );
        assert!(sessions.find_by_refresh_token("refresh-2", now).is_none());
        for user in 0..7 {
            sessions.remove_all_of_user(&format!("user-{user}"));
        }
        assert!(sessions.sessions.is_empty() && sessions.by_id.is_empty());
        assert!(sessions.by_refresh_token.is_empty() && sessions.by_user.is_empty());
    }

    #[test]
    fn another_authentication_method_adds_mfa() {
        let now = Clock::default().now();
        let mut sessions = Sessions::default();
        sessions.insert(session(0, now));
        for (amr, all) in [
            ("sms", &["sms"][..]),
            ("eotp", &["sms", "eotp", "mfa"]),
            ("otp", &["sms", "eotp", "otp", "mfa"]),
        ] {
            sessions.add_factor("session-0", amr, now);
            assert_eq!(sessions.find("session-0", now).unwrap().amr, all);
        }
    }
}
