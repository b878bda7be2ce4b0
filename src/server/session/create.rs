//! The creation of a session: a new id every time, and a maximum per user.

use crate::server::audit::{EndReason, Event, EventSource};
use crate::server::crypto::hash::to_hex;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::record::session_key;
use crate::server::session::verified_phone::VerifiedPhone;
use crate::server::session::{ActiveSession, NewSession, SessionRecord, Sessions};
use crate::server::store::format::LaterFields;
use crate::server::store::{Precondition, PutOutcome, StoreError};

/// What became of a new session.
#[derive(Debug)]
pub enum CreateOutcome {
    /// It is active under this token.
    Created(Token, ActiveSession),
    /// The user's sessions were revoked while the code was verified. The new session has ended with
    /// them, here and upstream.
    Revoked,
}

impl Sessions {
    /// Creates a session under a new token. `old` is the browser's previous session, which ends
    /// (requirement K4).
    ///
    /// # Errors
    /// The store's; there is no session then.
    pub async fn create(
        &self,
        new: NewSession,
        old: Option<&Token>,
        origin: &EventSource,
    ) -> Result<CreateOutcome, StoreError> {
        let token = Token::new(&self.random);
        let key = session_key(token.hash());
        let owner = self.owner_key(&new.identity.issuer, &new.identity.subject);
        let (epoch, identifier) = (new.epoch, self.keys.identifier_index(&new.identifier));
        let mut record = self.new_record(new, to_hex(&key.id));
        let (recorded, replaced) = tokio::join!(
            self.record_sign_in(&record, owner, identifier),
            self.replace(old, origin)
        );
        replaced?;
        record.previous_sign_in = recorded.previous;
        record.pseudonym = recorded.pseudonym;
        let session = self.to_active(key, 0, record, owner);
        let PutOutcome::Stored(version) = self.write(&session, Precondition::Absent).await? else {
            return Err(StoreError::Corrupt(
                "a new session has the id of another one".to_owned(),
            ));
        };
        let created = Event::SessionCreated {
            session: session.record.id.clone(),
            user: session.record.pseudonym.clone(),
            stay: session.record.stay,
            sub: session.record.subject.clone(),
        };
        self.audit.emit(origin, &created);
        // A revocation is written before sessions are listed. So either it lists this session, or
        // this session reads it here.
        let (by_operator, by_user) = tokio::join!(
            self.is_revoked(&session, self.clock.now()),
            self.is_revoked_by_user(&session, epoch)
        );
        let reason = if by_operator? {
            Some(EndReason::Operator)
        } else {
            by_user?.then_some(EndReason::Revoked)
        };
        if let Some(reason) = reason {
            self.terminate(&session, reason, origin).await?;
            return Ok(CreateOutcome::Revoked);
        }
        self.enforce_maximum(&session, origin).await?;
        Ok(CreateOutcome::Created(
            token,
            ActiveSession { version, ..session },
        ))
    }

    fn new_record(&self, new: NewSession, id: String) -> SessionRecord {
        let now = self.clock.now();
        let VerifiedPhone { profile, number } = VerifiedPhone::new(
            &new.identifier,
            &new.identity.amr,
            new.identity.phone_number,
        );
        SessionRecord {
            id,
            upstream: new.identity.session_id,
            issuer: new.identity.issuer,
            subject: new.identity.subject,
            amr: new.identity.amr,
            auth_time: new.identity.auth_time,
            pseudonym: None,
            roles: new.identity.roles,
            masked: new.identifier.masked(),
            profile_phone: profile,
            phone: number.filter(|_| self.keeps_phone_numbers),
            stay: new.stay,
            created_at: now,
            last_seen_at: now,
            checked_at: now,
            asked_at: now,
            after_revocation: new.epoch.by_operator,
            agent: new.agent,
            device_id: new.device_id,
            unrecognised_device: new.unrecognised_device,
            previous_sign_in: None,
            later: LaterFields::default(),
        }
    }

    async fn replace(&self, old: Option<&Token>, origin: &EventSource) -> Result<(), StoreError> {
        let Some(old) = old else { return Ok(()) };
        match self.find(old).await? {
            Some(old) => self.terminate(&old, EndReason::Replaced, origin).await,
            None => Ok(()),
        }
    }

    /// Ends the oldest sessions of a user beyond the maximum (requirement K11). The new session is
    /// never among them, although another node's clock may be ahead.
    async fn enforce_maximum(
        &self,
        newest: &ActiveSession,
        origin: &EventSource,
    ) -> Result<(), StoreError> {
        let mut others = self.list_by_user(&newest.record.subject).await?;
        others.retain(|session| session.key != newest.key);
        let kept = self
            .settings
            .max_per_user
            .saturating_sub(1)
            .min(others.len());
        let ended = self
            .terminate_each(others.split_off(kept), EndReason::TooMany, origin)
            .await?;
        self.log_out_upstream(ended);
        Ok(())
    }
}
