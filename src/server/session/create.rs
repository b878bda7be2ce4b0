//! The beginning of a session: a new id every time, and not too many of one user.

use crate::domain::Identifier;
use crate::server::audit::{EndReason, Event, Origin, hex};
use crate::server::crypto::derived_keys::hexadecimal;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::record::key_of;
use crate::server::session::{ActiveSession, NewSession, Session, Sessions};
use crate::server::store::{Precondition, PutOutcome, StoreError};

impl Sessions {
    /// Begins a session under a new token. `old` is the session that the browser had; it ends
    /// (requirement K4). `None` if all sessions of its user, or all but one, were ended while its
    /// code was on the way: the new one has ended with them, here and upstream.
    ///
    /// # Errors
    /// The store's; there is no session then.
    pub async fn begin(
        &self,
        new: NewSession,
        old: Option<&Token>,
        origin: &Origin,
    ) -> Result<Option<(Token, ActiveSession)>, StoreError> {
        let token = Token::new(&self.random);
        let key = key_of(&token);
        let owner = self.owner(&new.identity.issuer, &new.identity.subject);
        let newest = new.after_revocation;
        let session = self.session(new, hexadecimal(&key.id));
        let (previous_sign_in, replaced) = tokio::join!(
            self.note_sign_in(&session, owner),
            self.replace(old, origin)
        );
        replaced?;
        let live = self.live(
            key,
            0,
            Session {
                previous_sign_in,
                ..session
            },
            owner,
        );
        let PutOutcome::Stored(version) = self.put(&live, Precondition::Absent).await? else {
            return Err(StoreError::Corrupt(
                "a new session met an old one".to_owned(),
            ));
        };
        let created = Event::SessionCreated {
            session: live.session.id.clone(),
            user: hex(&owner),
            stay: live.session.stay,
        };
        self.audit.emit(origin, &created);
        // Whoever ends all sessions marks that first and then looks for them: one of the two sees
        // the other.
        let (revoked, among_others) = tokio::join!(
            self.is_revoked(&live, self.clock.now()),
            self.is_among_others(&live, newest)
        );
        let by = if revoked? {
            Some(EndReason::Operator)
        } else {
            among_others?.then_some(EndReason::Revoked)
        };
        if let Some(by) = by {
            self.end(&live, by, origin).await?;
            return Ok(None);
        }
        self.cap(&live, origin).await?;
        Ok(Some((token, ActiveSession { version, ..live })))
    }

    fn session(&self, new: NewSession, id: String) -> Session {
        let now = self.clock.now();
        Session {
            id,
            upstream: new.identity.session_id,
            issuer: new.identity.issuer,
            subject: new.identity.subject,
            amr: new.identity.amr,
            auth_time: new.identity.auth_time,
            roles: new.identity.roles,
            masked: new.identifier.masked(),
            phone: self
                .keeps_phones
                .then_some(new.identifier)
                .filter(Identifier::is_phone_number),
            stay: new.stay,
            created_at: now,
            last_seen_at: now,
            checked_at: now,
            asked_at: now,
            after_revocation: new.after_revocation.revocation,
            agent: new.agent,
            browser: new.browser,
            new_browser: new.new_browser,
            previous_sign_in: None,
        }
    }

    async fn replace(&self, old: Option<&Token>, origin: &Origin) -> Result<(), StoreError> {
        let Some(old) = old else { return Ok(()) };
        let Some(old) = self.find(old).await? else {
            return Ok(());
        };
        self.end(&old, EndReason::Replaced, origin).await
    }

    /// Ends the oldest sessions of a user beyond the number allowed (requirement K11), never the
    /// one that has just begun: the clock of another node may be ahead.
    async fn cap(&self, newest: &ActiveSession, origin: &Origin) -> Result<(), StoreError> {
        let mut others = self.of_user(&newest.session.subject).await?;
        others.retain(|live| live.key != newest.key);
        let too_many = others.split_off(
            others
                .len()
                .min(self.settings.max_per_user.saturating_sub(1)),
        );
        let ended = self.end_each(too_many, EndReason::TooMany, origin).await?;
        self.end_upstream(ended);
        Ok(())
    }
}
