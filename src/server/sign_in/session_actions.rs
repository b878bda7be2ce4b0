//! The use cases of a signed-in person: extend a session, end sessions, sign out.

use crate::domain::{LimitReason, Page, Refusal, RefusalCode};
use crate::server::session::{ActionLimit, ActiveSession, SessionSelector};
use crate::server::sign_in::outcome::{BrowserEffect, Outcome};
use crate::server::sign_in::{Caller, SignIn, SignInDeps};
use crate::server::store::StoreError;

/// The value of `revoke-session` for all sessions but the current one, and the name of its limit.
const OTHERS: &str = "others";

impl SignIn {
    /// Signs out, here and upstream. The browser's state is also cleared if there is no session.
    pub async fn sign_out(&self, caller: &Caller) -> Outcome {
        let deps = self.deps();
        if let Err(error) = deps.end_session_and_flow(caller).await {
            return Outcome::refused(deps.store_failed(caller, &error), Page::SignOut);
        }
        Outcome::next(Page::SignIn.path(), Page::SignOut)
            .with(BrowserEffect::ForgetSession)
            .with(BrowserEffect::ForgetFlow)
            .with(BrowserEffect::ConfirmSignOut)
            .with(BrowserEffect::ForgetCachedData)
    }

    /// Extends the session to its full idle timeout (WCAG 2.2.1).
    pub async fn extend(&self, caller: &Caller) -> Outcome {
        let deps = self.deps();
        match deps.extend_session(caller).await {
            Ok(Some(session)) => {
                let next = Outcome::next(Page::Account.path(), Page::Account);
                match (
                    &caller.session,
                    deps.sessions.cookie_lifetime(session.record.stay),
                ) {
                    (Some(token), Some(lifetime)) => {
                        next.with(BrowserEffect::StoreSession(token.clone(), Some(lifetime)))
                    }
                    _ => next,
                }
            }
            Ok(None) => Outcome::not_signed_in(),
            Err(error) => Outcome::refused(deps.store_failed(caller, &error), Page::Account),
        }
    }

    /// Ends one session of the list, or all but the current one.
    pub async fn revoke(&self, caller: &Caller, id: &str) -> Outcome {
        let refused = |refusal: Refusal| Outcome::refused(refusal, Page::Account);
        self.deps().revoke(caller, id).await.unwrap_or_else(refused)
    }
}

impl SignInDeps {
    async fn revoke(&self, caller: &Caller, id: &str) -> Result<Outcome, Refusal> {
        let store_failed = self.on_store_error(caller);
        let Some(session) = self.current_session(caller).await.map_err(store_failed)? else {
            return Ok(Outcome::not_signed_in());
        };
        let own_id = &session.record.id;
        let selector = match id {
            "" => return Err(RefusalCode::Malformed.into()),
            OTHERS => {
                let limit = self.sessions.reserve_revoke_others(&session).await;
                if let ActionLimit::ExceededUntil(retry_at) = limit.map_err(store_failed)? {
                    let reason = Some(LimitReason::Repeated);
                    return Err(self.limited(caller, OTHERS, reason, retry_at));
                }
                SessionSelector::AllBut(own_id.clone())
            }
            id => SessionSelector::One(id.to_owned()),
        };
        let subject = &session.record.subject;
        let revoked = self
            .sessions
            .terminate_for_user(subject, &selector, &caller.origin);
        // It is no error if the session has ended already.
        revoked.await.map_err(store_failed)?;
        Ok(if id == own_id {
            Outcome::next(Page::SignIn.path(), Page::Account).with(BrowserEffect::ForgetSession)
        } else {
            Outcome::next(Page::Account.path(), Page::Account)
        })
    }

    async fn current_session(&self, caller: &Caller) -> Result<Option<ActiveSession>, StoreError> {
        match &caller.session {
            Some(token) => self.sessions.find_checked(token, &caller.origin).await,
            None => Ok(None),
        }
    }

    async fn extend_session(&self, caller: &Caller) -> Result<Option<ActiveSession>, StoreError> {
        match self.current_session(caller).await? {
            Some(session) => self.sessions.extend(&session, &caller.origin).await,
            None => Ok(None),
        }
    }

    async fn end_session_and_flow(&self, caller: &Caller) -> Result<(), StoreError> {
        // Upstream is not asked about the session, because it ends in any case.
        if let Some(token) = &caller.session
            && let Some(session) = self.sessions.find(token).await?
        {
            self.sessions.sign_out(&session, &caller.origin).await?;
        }
        if let Some(flow) = &caller.flow {
            self.flow_store.take(flow.hash(), self.clock.now()).await?;
        }
        Ok(())
    }
}
