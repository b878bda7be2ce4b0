//! What follows a correct code: the flow ends, the session is created, and limits are reset.

use crate::domain::{Channel, Page};
use crate::server::audit::{Event, Retention, SignInFailure};
use crate::server::crypto::hash::to_hex_128;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::Device;
use crate::server::session::user_agent::UserAgent;
use crate::server::session::{CreateOutcome, NewSession};
use crate::server::sign_in::flow::Flow;
use crate::server::sign_in::outcome::{BrowserEffect, Outcome};
use crate::server::sign_in::verify::{ReservedAttempt, VerifyError};
use crate::server::sign_in::{Caller, SignInDeps, device_cookie};
use crate::server::store::StoreError;
use crate::server::system::trace_context::TraceContext;
use crate::server::transmit::{SessionId, VerifiedIdentity};

impl SignInDeps {
    /// Creates the session, for one of several concurrent correct codes.
    pub(super) async fn succeed(
        &self,
        caller: &Caller,
        token: &Token,
        attempt: ReservedAttempt,
        identity: VerifiedIdentity,
    ) -> Result<Outcome, VerifyError> {
        let store_failed = self.on_store_error(caller);
        let now = self.clock.now();
        let ReservedAttempt {
            flow: read_flow,
            subject,
            reservation,
            epoch,
        } = attempt;
        // One of several correct codes gets the flow, and with it the session.
        let taken = self
            .flow_store
            .take(token.hash(), now)
            .await
            .map_err(store_failed)?;
        let Some(flow) = taken.filter(|flow| flow.is_same_flow(&read_flow)) else {
            self.emit_failure(caller, &read_flow, SignInFailure::RaceLost, None)
                .await;
            return Err(VerifyError::Neutral(Box::new(read_flow)));
        };
        if let Err(error) = self.end_previous_ownership(caller, &flow, &identity).await {
            self.end_upstream_session(identity.session_id);
            return Err(store_failed(error).into());
        }
        let unrecognised_device = subject.device == Device::Unrecognised;
        let user = identity.subject.clone();
        let channel = channel_of(&identity.amr);
        // A new user has no other device that the notices could be about.
        let is_new_user = flow.created_user.as_ref() == Some(&user);
        let name = self.name_to_write(&flow, &identity);
        let upstream_session = identity.session_id.clone();
        let device_id = self.devices.id(caller.device_token.as_ref(), now).await;
        let device_id = device_id.unwrap_or_else(|_| self.random.bytes());
        let new = NewSession {
            identity,
            identifier: flow.identifier.clone(),
            stay: flow.stay,
            agent: UserAgent::of(caller.user_agent.as_deref()),
            device_id: to_hex_128(&device_id),
            unrecognised_device: unrecognised_device && !is_new_user,
            epoch,
        };
        // Run together, so that their writes share a commit.
        let (created, reset, device, audit_subject) = tokio::join!(
            self.sessions
                .create(new, caller.session.as_ref(), &caller.origin),
            self.guard.record_success(
                &subject,
                device_id,
                token.hash(),
                &flow.charged,
                reservation.charged,
                now
            ),
            self.devices.remember(
                caller.device_token.as_ref(),
                device_id,
                subject.identifier,
                now
            ),
            self.pseudonyms
                .name_subject(&flow.identifier, Retention::SignedIn, now),
        );
        let (session_token, session) = match created {
            Ok(CreateOutcome::Created(token, session)) => (token, session),
            Ok(CreateOutcome::Revoked) => {
                self.emit_failure(caller, &flow, SignInFailure::Revoked, None)
                    .await;
                return Err(VerifyError::NoFlow);
            }
            Err(error) => {
                self.end_upstream_session(upstream_session);
                return Err(store_failed(error).into());
            }
        };
        // The code is used up, so these failures do not prevent the sign-in.
        let log_error = |error: StoreError| {
            tracing::error!(
                request_id = caller.origin.request_id,
                %error,
                "a sign-in could not be recorded with its number"
            );
        };
        if let Err(error) = reset {
            log_error(error);
        }
        let device_token = device.map_err(log_error).ok();
        self.emit(
            caller,
            &Event::LoginSuccess {
                subject: audit_subject,
                user: session.record.pseudonym.clone(),
                channel,
                unrecognised_device,
                long_absent: session.record.long_absent_since().is_some(),
                sub: user.clone(),
                is_new_user,
            },
        );
        if let Some(name) = name {
            self.write_name(user, name);
        }
        let next = flow
            .return_to
            .unwrap_or_else(|| Page::Account.path().to_owned());
        let lifetime = self.sessions.cookie_lifetime(flow.stay);
        let outcome = Outcome::next(next, Page::Code)
            .with(BrowserEffect::StoreSession(session_token, lifetime))
            .with(BrowserEffect::ForgetFlow)
            .with(BrowserEffect::ForgetReturnUrl)
            .with(BrowserEffect::ForgetProbe);
        let store_device = device_token
            .map(|token| BrowserEffect::StoreDevice(token, device_cookie::DEVICE_LIFETIME));
        Ok(store_device.into_iter().fold(outcome, Outcome::with))
    }

    /// The name of the flow, if the flow created this very user. So nobody can set the name of
    /// another user.
    fn name_to_write(&self, flow: &Flow, identity: &VerifiedIdentity) -> Option<String> {
        let is_created = flow.created_user.as_ref() == Some(&identity.subject);
        flow.name.clone().filter(|_| is_created)
    }

    /// Ends a session upstream that could not be created here.
    fn end_upstream_session(&self, session: SessionId) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(TraceContext::inherit(async move {
            if let Err(failure) = transmit.logout(&session).await {
                tracing::warn!(
                    %failure,
                    "the upstream session of a failed sign-in could not be ended"
                );
            }
        }));
    }

    fn write_name(&self, user: String, name: String) {
        let transmit = self.transmit.clone();
        self.tasks.spawn(TraceContext::inherit(async move {
            if let Err(failure) = transmit.set_name(&user, &name).await {
                tracing::warn!(%failure, "the name of a new user could not be written");
            }
        }));
    }
}

/// How the code came that a person signed in with, by the methods that upstream names.
fn channel_of(methods: &[String]) -> Channel {
    let is_named = |channel: &Channel| methods.iter().any(|name| name == channel.method());
    Channel::ALL.into_iter().find(is_named).unwrap_or_default()
}
