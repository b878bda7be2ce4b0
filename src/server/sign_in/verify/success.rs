//! A correct code: the flow ends, the session begins, and what the number was charged is made good.

use crate::domain::Page;
use crate::server::audit::{Event, SignInFailure, hex};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::Device;
use crate::server::session::NewSession;
use crate::server::session::user_agent::UserAgent;
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::outcome::{BrowserEffect, Outcome};
use crate::server::sign_in::response_delay::UpstreamContact;
use crate::server::sign_in::verify::{ReservedAttempt, VerifyError};
use crate::server::sign_in::{Caller, SignInDeps, device_cookie};
use crate::server::store::StoreError;
use crate::server::transmit::{SessionId, VerifiedIdentity};

impl SignInDeps {
    /// Lets the person in: of several correct codes one.
    pub(super) async fn succeed(
        &self,
        caller: &Caller,
        token: &Token,
        attempt: ReservedAttempt,
        identity: VerifiedIdentity,
    ) -> Result<Outcome, VerifyError> {
        let store = |error: StoreError| VerifyError::from(self.store_failed(caller, &error));
        let now = self.clock.now();
        // Of several correct codes one gets the flow, and with it the session. One that has taken
        // its place is nobody's.
        let taken = self.flows.take(token.hash(), now).await.map_err(store)?;
        let Some(flow) = taken.filter(|flow| flow.is(&attempt.flow)) else {
            self.failed(caller, &attempt.flow, SignInFailure::RaceLost, None);
            return Err(VerifyError::Neutral(
                Box::new(attempt.flow),
                UpstreamContact::Upstream,
            ));
        };
        let ReservedAttempt {
            asker,
            attempt,
            after_revocation,
            ..
        } = attempt;
        let new_browser = asker.standing == Device::Stranger;
        let subject = self.subject(&flow.identifier);
        let (user, name) = (
            identity.subject.clone(),
            self.name_to_write(&flow, &identity),
        );
        let upstream = identity.session_id.clone();
        let known = self.browsers.id(caller.browser.as_ref(), now).await;
        let browser_id = known.unwrap_or_else(|_| self.random.bytes());
        let new = NewSession {
            identity,
            identifier: flow.identifier.clone(),
            stay: flow.stay,
            agent: UserAgent::of(caller.user_agent.as_deref()),
            browser: hex(&browser_id),
            new_browser,
            after_revocation,
        };
        // Asked at once, so that they share a commit.
        let (begun, forgotten, browser) = tokio::join!(
            self.sessions
                .begin(new, caller.session.as_ref(), &caller.origin),
            self.guard.succeeded(
                &asker,
                browser_id,
                token.hash(),
                &flow.charged,
                attempt.granted,
                now
            ),
            self.browsers
                .remember(caller.browser.as_ref(), browser_id, asker.identifier, now),
        );
        let (session, live) = match begun {
            Ok(Some(begun)) => begun,
            Ok(None) => {
                self.failed(caller, &flow, SignInFailure::Revoked, None);
                return Err(VerifyError::NoFlow);
            }
            Err(error) => {
                self.abandon(upstream);
                return Err(store(error));
            }
        };
        // The code is spent: its person is let in, whatever else could not be noted.
        let unnoted = |error: StoreError| {
            tracing::error!(request_id = caller.origin.request_id, %error, "a sign-in is not noted with its number");
        };
        if let Err(error) = forgotten {
            unnoted(error);
        }
        let browser = browser.map_err(unnoted).ok();
        let (user_key, long_absent) =
            (hex(&live.owner), live.session.long_absent_since().is_some());
        self.emit(
            caller,
            &Event::LoginSuccess {
                subject,
                user: user_key,
                new_browser,
                long_absent,
            },
        );
        if let Some(name) = name {
            self.write_name(user, name);
        }
        let next = flow
            .return_to
            .unwrap_or_else(|| Page::Account.path().to_owned());
        let outcome = Outcome::next(next, Page::Code)
            .with(BrowserEffect::StoreSession(
                session,
                self.sessions.cookie_lifetime(flow.stay),
            ))
            .with(BrowserEffect::ForgetFlow);
        let browser =
            browser.map(|token| BrowserEffect::StoreDevice(token, device_cookie::LIFETIME));
        Ok(browser.into_iter().fold(outcome, Outcome::with))
    }

    /// The name that the flow carries, if the flow created this very user: a stranger cannot plant
    /// a name.
    fn name_to_write(&self, flow: &Flow, identity: &VerifiedIdentity) -> Option<String> {
        let created = flow
            .created_user
            .as_ref()
            .is_some_and(|user| *user == identity.subject);
        flow.name.clone().filter(|_| created)
    }

    /// Nobody holds this session: it ends upstream too.
    fn abandon(&self, session: SessionId) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(async move {
            if let Err(failure) = transmit.logout(&session).await {
                tracing::warn!(%failure, "a session that did not begin here could not be ended upstream");
            }
        });
    }

    fn write_name(&self, user: String, name: String) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(async move {
            if let Err(failure) = transmit.set_name(&user, &name).await {
                tracing::warn!(%failure, "the name of a new user could not be written");
            }
        });
    }
}
