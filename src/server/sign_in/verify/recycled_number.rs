//! Numbers that may have changed hands: what is left of the owner before does not carry over.
//!
//! A carrier gives a number to another person some months after it was given up. The user of the
//! number upstream is still that of the person before, so the new owner gets into that account.
//! Nothing here can tell the two apart. But sessions of before can be ended, devices of before are
//! no longer recognised ([`crate::server::sign_in::device_cookie`]), and the operator can be told.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{EndReason, Event};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::{Caller, SignInDeps};
use crate::server::store::StoreError;
use crate::server::transmit::VerifiedIdentity;

impl SignInDeps {
    /// Ends the sessions of the user if the number may have changed hands since they last signed
    /// in, by our own history and by what upstream says. Called before the sign-in is recorded, so
    /// that one that fails here is treated in the same way when it is repeated.
    pub(super) async fn end_previous_ownership(
        &self,
        caller: &Caller,
        flow: &Flow,
        identity: &VerifiedIdentity,
    ) -> Result<(), StoreError> {
        let recycled_after = self.settings.recycled_after.0;
        if recycled_after.is_zero() {
            return Ok(());
        }
        let (subject, now) = (&identity.subject, self.clock.now());
        let known = self.sessions.last_sign_in(subject).await?;
        let Some(last) = absence(known.max(identity.last_auth), recycled_after, now) else {
            return Ok(());
        };
        let reason = EndReason::RecycledNumber;
        let sessions = self
            .sessions
            .terminate_all_of(subject, reason, &caller.origin)
            .await?;
        let owner = self.sessions.owner_key(&identity.issuer, subject);
        let user = self.sessions.pseudonym_of(owner).await?;
        self.emit(
            caller,
            &Event::NumberRecycled {
                subject: self.audit_subject(&flow.identifier).await,
                user,
                last_sign_in: last,
                sessions,
            },
        );
        Ok(())
    }
}

/// The last sign-in, if it is so long ago that the number may have changed hands. An unknown one
/// says nothing.
fn absence(last: Option<Timestamp>, recycled_after: Duration, now: Timestamp) -> Option<Timestamp> {
    last.filter(|last| now.since(*last) >= recycled_after)
}
