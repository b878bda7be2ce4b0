//! Passcodes: send one, exchange one for tokens (`/cis/v1/auth/otp/*`).

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, Passcode};
use crate::server::settings;
use crate::server::transmit::Transmit;
use crate::server::transmit::operations::client_attributes::{
    Attributes, ClientAttributes, Disclosure,
};
use crate::server::transmit::operations::session_id::SessionId;
use crate::server::transmit::tokens::token_error::{TokenFlaw, TokenKind};
use crate::server::transmit::tokens::validation::{TokenAnswer, invalid};
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::Failure;
use crate::server::transmit::transport::metrics;
use crate::server::transmit::transport::operation::Operation;

/// Longest request id that is kept, in bytes.
const MAX_REQUEST_ID: usize = 256;

/// Longest session id that is kept, in bytes.
const MAX_SESSION_ID: usize = 1024;

/// A passcode to be sent by SMS.
#[derive(Clone, Copy, Debug)]
pub struct SendOtp<'a> {
    /// Who shall get it.
    pub identifier: &'a Identifier,
    /// The text, with both `{otp}` and `{app}`, at most 140 characters. Unset: the tenant's
    /// default.
    pub message: Option<&'a str>,
    /// The sender, at most 11 characters. Unset: the tenant's default.
    pub sender_id: Option<&'a str>,
    /// The browser that asks.
    pub client: ClientAttributes<'a>,
}

/// A passcode that upstream took on.
#[derive(Clone)]
pub struct SentOtp {
    /// To be given to [`Transmit::authenticate_otp`], where the tenant returns one.
    pub request_id: Option<String>,
}

/// A passcode that was typed.
#[derive(Clone, Copy)]
pub struct AuthenticateOtp<'a> {
    /// The same as in [`SendOtp`].
    pub identifier: &'a Identifier,
    /// What was typed.
    pub passcode: &'a Passcode,
    /// The [`Sent::request_id`] of the send.
    pub request_id: Option<&'a str>,
    /// The browser that asks.
    pub client: ClientAttributes<'a>,
    /// When the flow began: an ID token of an earlier authentication is not taken.
    pub not_before: Timestamp,
}

/// Who signed in, out of tokens that were validated. No token is in it.
#[derive(Clone)]
pub struct VerifiedIdentity {
    /// The session upstream.
    pub session_id: SessionId,
    /// `iss`, one of [`Transmit::issuers`]; with `subject` the one name of a user (requirement T4).
    pub issuer: String,
    /// `sub`: Transmit's user id.
    pub subject: String,
    /// `amr`: how the person authenticated, such as `sms`.
    pub amr: Vec<String>,
    /// `auth_time`: when.
    pub auth_time: Timestamp,
    /// `roles` of the ID token, else of the access token.
    pub roles: Vec<String>,
    /// `phone_number` in full, where the tenant tells it; equal to the identifier if that is a
    /// phone number.
    pub phone_number: Option<String>,
}

/// What the settings say of passcodes.
pub(in crate::server::transmit) struct OtpOptions {
    disclosure: Disclosure,
    generate_request_id: bool,
    /// Whether the operator knows that the tenant gives no request ids.
    missing_told: AtomicBool,
}

impl OtpOptions {
    pub fn new(settings: &settings::TransmitSettings) -> Self {
        Self {
            disclosure: Disclosure::new(settings),
            generate_request_id: settings.generate_request_id,
            missing_told: AtomicBool::new(false),
        }
    }

    /// A tenant that knows no request ids is no reason to shut people out.
    fn note(&self, sent: &SentOtp) {
        let is_missing = self.generate_request_id && sent.request_id.is_none();
        if is_missing && !self.missing_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "transmit.generate_request_id is on, but the tenant returns no request id: codes are not bound to their flow"
            );
        }
    }
}

impl Transmit {
    /// Sends a passcode. Made again only while no connection comes about: an SMS costs money.
    ///
    /// # Errors
    /// [`Failure`]. Whatever says anything but `NotWritten` may have sent one.
    pub async fn send_otp(&self, send: &SendOtp<'_>) -> Result<SentOtp, Failure> {
        let habits = &self.shared.habits;
        let body = SendBody {
            channel: "sms",
            identifier_type: send.identifier.kind().as_str(),
            identifier: send.identifier.value(),
            custom_sms_input: SmsInput::unless_empty(send.message, send.sender_id),
            generate_request_id: habits.generate_request_id,
            device_id: habits.disclosure.device_id(send.client),
            client_attributes: habits.disclosure.attributes(send.client),
        };
        let url = self.url(&["auth", "otp", "send"]);
        let call = UpstreamCall::json(Operation::OtpSend, Method::POST, url, &body);
        let answer = self.call(call, exchange::json::<SentBody>).await?;
        let sent = SentOtp {
            request_id: answer.request_id(),
        };
        habits.note(&sent);
        Ok(sent)
    }

    /// Exchanges a passcode for an identity: both tokens are validated and dropped. Never made
    /// again, except after a 401.
    ///
    /// # Errors
    /// [`Failure`]. Unless it says `NotWritten`, the try may have counted upstream.
    pub async fn authenticate_otp(
        &self,
        verify: &AuthenticateOtp<'_>,
    ) -> Result<VerifiedIdentity, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.verify_timeout);
        metrics::measured(
            Operation::OtpAuthenticate,
            self.authenticate(verify, &deadline),
        )
        .await
    }

    async fn authenticate(
        &self,
        verify: &AuthenticateOtp<'_>,
        deadline: &Deadline,
    ) -> Result<VerifiedIdentity, Failure> {
        const OPERATION: Operation = Operation::OtpAuthenticate;
        let disclosure = self.shared.habits.disclosure;
        let body = AuthenticateBody {
            passcode: verify.passcode.expose(),
            identifier_type: verify.identifier.kind().as_str(),
            identifier: verify.identifier.value(),
            request_id: verify.request_id,
            claims: json!({"id_token": {"phone_number": null, "phone_number_verified": null, "roles": null}}),
            device_id: disclosure.device_id(verify.client),
            client_attributes: disclosure.attributes(verify.client),
        };
        let call = UpstreamCall::json(
            OPERATION,
            Method::POST,
            self.url(&["auth", "otp", "authenticate"]),
            &body,
        );
        let answer = self.call_until(&call, deadline, read_tokens).await?;

        let tokens = &self.shared.tokens;
        let (id, access) = tokens.both(OPERATION, &answer, deadline).await?;
        let refuse_id = |flaw: TokenFlaw| invalid(OPERATION, TokenKind::Id, flaw);
        id.check_auth_time(verify.not_before, self.shared.clock.now())
            .map_err(refuse_id)?;
        id.check_phone_number(verify.identifier)
            .map_err(refuse_id)?;
        Ok(VerifiedIdentity {
            issuer: id.issuer().map_err(refuse_id)?.to_owned(),
            subject: id.subject().map_err(refuse_id)?.to_owned(),
            amr: id.amr().to_vec(),
            auth_time: id.auth_time().map_err(refuse_id)?,
            roles: id.roles().or(access.roles()).unwrap_or_default().to_vec(),
            phone_number: id.phone_number().map(str::to_owned),
            session_id: answer.session_id,
        })
    }
}

/// A success names its session.
pub(in crate::server::transmit) fn read_tokens(body: &[u8]) -> Option<TokenAnswer> {
    exchange::json::<TokenAnswer>(body)
        .filter(|answer| (1..=MAX_SESSION_ID).contains(&answer.session_id.expose().len()))
}

impl fmt::Debug for SentOtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent")
            .field("has_request_id", &self.request_id.is_some())
            .finish()
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("amr", &self.amr)
            .field("auth_time", &self.auth_time)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct SendBody<'a> {
    channel: &'static str,
    identifier_type: &'static str,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_sms_input: Option<SmsInput<'a>>,
    #[serde(skip_serializing_if = "is_false")]
    generate_request_id: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_attributes: Option<Attributes>,
}

/// What is not asked for is not sent: a tenant may be older than the field.
fn is_false(asked: &bool) -> bool {
    !asked
}

#[derive(Serialize)]
struct SmsInput<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_id: Option<&'a str>,
}

impl<'a> SmsInput<'a> {
    fn unless_empty(custom_message: Option<&'a str>, sender_id: Option<&'a str>) -> Option<Self> {
        (custom_message.is_some() || sender_id.is_some()).then_some(Self {
            custom_message,
            sender_id,
        })
    }
}

#[derive(Serialize)]
struct AuthenticateBody<'a> {
    passcode: &'a str,
    identifier_type: &'static str,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    claims: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_attributes: Option<Attributes>,
}

/// The specification promises a request id without saying what it is called: either spelling is
/// taken.
#[derive(Deserialize)]
pub(in crate::server::transmit) struct SentBody {
    request_id: Option<Value>,
    #[serde(rename = "requestId")]
    request_id_camel: Option<Value>,
}

impl SentBody {
    pub fn request_id(self) -> Option<String> {
        let ids = [&self.request_id, &self.request_id_camel]
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let mut usable = ids.filter(|id| (1..=MAX_REQUEST_ID).contains(&id.len()));
        usable.next().map(str::to_owned)
    }
}
