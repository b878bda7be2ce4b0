//! What a signed-in person does: extend, end sessions, sign out.

use crate::domain::{Page, Refusal, RefusalCode};
use crate::server::guard::ExhaustedLimit;
use crate::server::session::{ActiveSession, SessionSelector};
use crate::server::sign_in::outcome::{BrowserEffect, Outcome};
use crate::server::sign_in::{Caller, SignIn, SignInDeps};
use crate::server::store::StoreError;

/// What `revoke-session` takes for all sessions but this one.
const OTHERS: &str = "others";

impl SignIn {
    /// Signs out: here at once, upstream too. Without a session it does the same to the browser.
    pub async fn sign_out(&self, caller: &Caller) -> Outcome {
        let parts = self.parts();
        if let Err(error) = parts.end_all(caller).await {
            return Outcome::refused(parts.store_failed(caller, &error), Page::SignOut);
        }
        Outcome::next(Page::SignIn.path(), Page::SignOut)
            .with(BrowserEffect::ForgetSession)
            .with(BrowserEffect::ForgetFlow)
            .with(BrowserEffect::ForgetCachedData)
    }

    /// Extends the session to its full idle timeout (WCAG 2.2.1).
    pub async fn extend(&self, caller: &Caller) -> Outcome {
        let parts = self.parts();
        match parts.extended(caller).await {
            Ok(Some(live)) => {
                let next = Outcome::next(Page::Account.path(), Page::Account);
                match (
                    &caller.session,
                    parts.sessions.cookie_lifetime(live.session.stay),
                ) {
                    (Some(token), Some(lifetime)) => {
                        next.with(BrowserEffect::StoreSession(token.clone(), Some(lifetime)))
                    }
                    _ => next,
                }
            }
            Ok(None) => Outcome::not_signed_in(),
            Err(error) => Outcome::refused(parts.store_failed(caller, &error), Page::Account),
        }
    }

    /// Ends one session of the list, or all but this one.
    pub async fn revoke(&self, caller: &Caller, id: &str) -> Outcome {
        let parts = self.parts();
        let live = match parts.live(caller).await {
            Ok(Some(live)) => live,
            Ok(None) => return Outcome::not_signed_in(),
            Err(error) => {
                return Outcome::refused(parts.store_failed(caller, &error), Page::Account);
            }
        };
        if id.is_empty() {
            return Outcome::refused(RefusalCode::Malformed, Page::Account);
        }
        if id == OTHERS
            && let Some(refusal) = parts.too_many_others(caller, &live).await
        {
            return Outcome::refused(refusal, Page::Account);
        }
        let which = if id == OTHERS {
            SessionSelector::AllBut(live.session.id.clone())
        } else {
            SessionSelector::One(id.to_owned())
        };
        match parts
            .sessions
            .end_of_user(&live.session.subject, &which, &caller.origin)
            .await
        {
            // Ending this very session is signing out.
            Ok(_) if id == live.session.id => {
                Outcome::next(Page::SignIn.path(), Page::Account).with(BrowserEffect::ForgetSession)
            }
            // One that is gone already is as good as ended.
            Ok(_) => Outcome::next(Page::Account.path(), Page::Account),
            Err(error) => Outcome::refused(parts.store_failed(caller, &error), Page::Account),
        }
    }
}

impl SignInDeps {
    async fn live(&self, caller: &Caller) -> Result<Option<ActiveSession>, StoreError> {
        match &caller.session {
            Some(token) => self.sessions.current(token, &caller.origin).await,
            None => Ok(None),
        }
    }

    /// Why all others cannot be ended from a session just now, if they cannot.
    async fn too_many_others(&self, caller: &Caller, live: &ActiveSession) -> Option<Refusal> {
        match self.sessions.charge_others(live).await {
            Ok(retry_at) => retry_at.map(|retry_at| {
                self.slow_down(
                    caller,
                    &ExhaustedLimit {
                        limit: OTHERS.to_owned(),
                        retry_at,
                    },
                )
            }),
            Err(error) => Some(self.store_failed(caller, &error).into()),
        }
    }

    async fn extended(&self, caller: &Caller) -> Result<Option<ActiveSession>, StoreError> {
        match self.live(caller).await? {
            Some(live) => self.sessions.extend(&live, &caller.origin).await,
            None => Ok(None),
        }
    }

    async fn end_all(&self, caller: &Caller) -> Result<(), StoreError> {
        // Whatever upstream would say of it: it ends.
        if let Some(token) = &caller.session
            && let Some(live) = self.sessions.find(token).await?
        {
            self.sessions.sign_out(&live, &caller.origin).await?;
        }
        if let Some(flow) = &caller.flow {
            self.flows.take(flow.hash(), self.clock.now()).await?;
        }
        Ok(())
    }
}
