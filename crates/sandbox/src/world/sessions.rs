//! Backend sessions: two weeks, extended whenever tokens are issued; one refresh token each, which
//! rotates.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use crate::clock::Moment;
use crate::world::MAX_SESSIONS;

/// Lifetime of a session, and of a refresh token, from the last time tokens were issued.
pub const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);

/// One session of one user.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the client holds.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// When it began.
    pub started_at: Moment,
    /// When it ends unless extended.
    pub expires_at: Moment,
    /// When the user last proved who they are.
    pub auth_time: Moment,
    /// How they did.
    pub amr: Vec<&'static str>,
    /// The refresh token of today.
    pub refresh_token: String,
}

/// Sessions in order of their beginning, with what they are found by.
#[derive(Debug, Default)]
pub struct Sessions {
    sessions: BTreeMap<u64, Session>,
    by_id: HashMap<String, u64>,
    by_refresh_token: HashMap<String, u64>,
    by_user: HashMap<String, BTreeSet<u64>>,
    begun: u64,
}

impl Sessions {
    /// Adds a session; the oldest go when there are too many.
    pub fn begin(&mut self, session: Session) {
        self.begun += 1;
        let number = self.begun;
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
            self.forget(&oldest);
        }
    }

    /// The living session with this id.
    pub fn find(&self, id: &str, now: Moment) -> Option<&Session> {
        self.sessions
            .get(self.by_id.get(id)?)
            .filter(|session| now < session.expires_at)
    }

    /// The living session whose refresh token this is.
    pub fn find_by_refresh_token(&self, token: &str, now: Moment) -> Option<&Session> {
        self.sessions
            .get(self.by_refresh_token.get(token)?)
            .filter(|session| now < session.expires_at)
    }

    /// Extends a session because tokens are issued, and rotates its refresh token.
    pub fn renew(&mut self, id: &str, refresh_token: String, now: Moment) -> Option<Session> {
        let number = *self.by_id.get(id)?;
        let session = self.sessions.get_mut(&number)?;
        self.by_refresh_token.remove(&session.refresh_token);
        self.by_refresh_token.insert(refresh_token.clone(), number);
        session.refresh_token = refresh_token;
        session.expires_at = now.plus(LIFETIME);
        Some(session.clone())
    }

    /// Makes a refresh token void; its session lives on, and issues a new one with its next tokens.
    pub fn revoke_refresh_token(&mut self, token: &str) {
        self.by_refresh_token.remove(token);
    }

    /// Adds a further proof to a session.
    pub fn step_up(&mut self, id: &str, amr: &'static str, now: Moment) {
        let number = self.by_id.get(id);
        if let Some(session) = number.and_then(|number| self.sessions.get_mut(number)) {
            session.auth_time = now;
            if !session.amr.contains(&amr) {
                session.amr.retain(|method| *method != "mfa");
                session.amr.extend([amr, "mfa"]);
            }
        }
    }

    /// Ends a session; `false` when there was none.
    pub fn end(&mut self, id: &str) -> bool {
        let session = self
            .by_id
            .get(id)
            .copied()
            .and_then(|number| self.sessions.remove(&number));
        session.as_ref().is_some_and(|session| {
            self.forget(session);
            true
        })
    }

    /// Ends all sessions of a user.
    pub fn end_all(&mut self, user_id: &str) {
        let numbers = self.by_user.get(user_id).cloned().unwrap_or_default();
        for session in numbers
            .into_iter()
            .filter_map(|number| self.sessions.remove(&number))
            .collect::<Vec<_>>()
        {
            self.forget(&session);
        }
    }

    /// The living sessions of a user, oldest first.
    pub fn of<'a>(&'a self, user_id: &str, now: Moment) -> impl Iterator<Item = &'a Session> {
        let numbers = self.by_user.get(user_id).into_iter().flatten();
        numbers
            .filter_map(|number| self.sessions.get(number))
            .filter(move |session| now < session.expires_at)
    }

    /// Takes a removed session out of the indexes.
    fn forget(&mut self, session: &Session) {
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

    fn session(number: usize, now: Moment) -> Session {
        Session {
            id: format!("session-{number}"),
            user_id: format!("user-{}", number % 7),
            started_at: now,
            expires_at: now.plus(LIFETIME),
            auth_time: now,
            amr: vec!["sms"],
            refresh_token: format!("refresh-{number}"),
        }
    }

    #[test]
    fn the_oldest_sessions_go_first_and_leave_nothing_behind() {
        let now = Clock::default().now();
        let mut sessions = Sessions::default();
        for number in 0..MAX_SESSIONS + 3 {
            sessions.begin(session(number, now));
        }
        assert!(
            sessions.find("session-2", now).is_none() && sessions.find("session-3", now).is_some()
        );
        assert!(sessions.find_by_refresh_token("refresh-2", now).is_none());
        for user in 0..7 {
            sessions.end_all(&format!("user-{user}"));
        }
        assert!(sessions.sessions.is_empty() && sessions.by_id.is_empty());
        assert!(sessions.by_refresh_token.is_empty() && sessions.by_user.is_empty());
    }

    #[test]
    fn a_further_proof_of_another_kind_is_a_second_factor() {
        let now = Clock::default().now();
        let mut sessions = Sessions::default();
        sessions.begin(session(0, now));
        for (amr, all) in [
            ("sms", &["sms"][..]),
            ("eotp", &["sms", "eotp", "mfa"]),
            ("otp", &["sms", "eotp", "otp", "mfa"]),
        ] {
            sessions.step_up("session-0", amr, now);
            assert_eq!(sessions.find("session-0", now).unwrap().amr, all);
        }
    }
}
