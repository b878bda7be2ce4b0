//! Passcodes: sends one, and exchanges one for tokens (`/cis/v1/auth/otp/*`).

use std::fmt;

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Identifier, IdentifierType, Passcode};
use crate::server::settings;
use crate::server::system::clock::Clock;
use crate::server::transmit::Transmit;
use crate::server::transmit::operations::client_attributes::{
    ClientAttributes, DisclosedAttributes, WireAttributes,
};
use crate::server::transmit::operations::request_ids::RequestIds;
use crate::server::transmit::tokens::session_id::SessionId;
use crate::server::transmit::tokens::validation::{TokenResponse, invalid_token};
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::Failure;
use crate::server::transmit::transport::metrics;
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::token_error::{TokenError, TokenKind};

/// Longest request id that is kept, in bytes.
const MAX_REQUEST_ID: usize = 256;

/// Longest session id that is kept, in bytes.
const MAX_SESSION_ID: usize = 1024;

/// A request to send a passcode.
#[derive(Clone, Copy, Debug)]
pub struct SendOtp<'a> {
    /// The user.
    pub identifier: &'a Identifier,
    /// How it is sent: always to the phone number or address in the user's profile.
    pub channel: Channel,
    /// The text of an SMS, with both `{otp}` and `{app}`, at most 140 characters. Unset: the
    /// tenant's default.
    pub message: Option<&'a str>,
    /// The sender of an SMS, at most 11 characters. Unset: the tenant's default.
    pub sender_id: Option<&'a str>,
    /// The browser of the request.
    pub client: ClientAttributes<'a>,
}

/// A passcode that upstream accepted for sending.
#[derive(Clone)]
pub struct SentOtp {
    /// The id for [`Transmit::authenticate_otp`], if the tenant returns one.
    pub request_id: Option<String>,
}

/// A request to verify a passcode.
#[derive(Clone, Copy)]
pub struct AuthenticateOtp<'a> {
    /// The same as in [`SendOtp`].
    pub identifier: &'a Identifier,
    /// The passcode that was typed.
    pub passcode: &'a Passcode,
    /// The [`SentOtp::request_id`] of the send.
    pub request_id: Option<&'a str>,
    /// The browser of the request.
    pub client: ClientAttributes<'a>,
    /// The channels by which the flow requested codes. An ID token that names another method is
    /// rejected.
    pub channels: &'a [Channel],
    /// Start of the flow. An ID token of an earlier authentication is rejected.
    pub not_before: Timestamp,
}

/// Who signed in, read from validated tokens. It contains no token.
#[derive(Clone)]
pub struct VerifiedIdentity {
    /// The session upstream.
    pub session_id: SessionId,
    /// `iss`, one of [`Transmit::issuers`]. Together with `subject` it identifies the user
    /// (requirement T4).
    pub issuer: String,
    /// `sub`: Transmit's user id.
    pub subject: String,
    /// `amr`: how the person authenticated, such as `sms`.
    pub amr: Vec<String>,
    /// `auth_time`: when the person authenticated.
    pub auth_time: Timestamp,
    /// `last_auth`: when the person had authenticated before this flow, if the tenant tells it.
    pub last_auth: Option<Timestamp>,
    /// `roles` of the ID token, else of the access token.
    pub roles: Vec<String>,
    /// `phone_number` in E.164, if the tenant returns it and says that it is verified. It equals
    /// the identifier if that is a phone number.
    pub phone_number: Option<String>,
}

/// The settings for passcodes.
pub(in crate::server::transmit) struct OtpOptions {
    disclosed: DisclosedAttributes,
    pub request_ids: RequestIds,
}

impl OtpOptions {
    pub fn new(settings: &settings::TransmitSettings, clock: Clock) -> Self {
        Self {
            disclosed: DisclosedAttributes::new(settings),
            request_ids: RequestIds::new(settings.generate_request_id, clock),
        }
    }
}

impl Transmit {
    /// Sends a passcode. It is retried only while no connection can be opened, because an SMS costs
    /// money. A tenant that refuses the call because it does not know `generate_request_id` has
    /// sent nothing, so the call is then made without the field.
    ///
    /// # Errors
    /// [`Failure`]. Unless its delivery state is `NotWritten`, a code may have been sent. With
    /// [`NoRequestId`] one was sent that must not be accepted.
    ///
    /// [`NoRequestId`]: crate::server::transmit::FailureKind::NoRequestId
    pub async fn send_otp(&self, send: &SendOtp<'_>) -> Result<SentOtp, Failure> {
        let ids = &self.shared.otp_options.request_ids;
        let is_requested = ids.are_requested();
        let sent = match self.call_send(send, is_requested).await {
            Err(failure) if is_requested && ids.is_repeated_without(&failure) => {
                let repeated = self.call_send(send, false).await;
                ids.learn(&repeated);
                repeated?
            }
            sent => sent?,
        };
        match ids.check(is_requested, sent.request_id.is_some()) {
            Ok(()) => Ok(sent),
            Err(kind) => {
                let failure = Failure::answered(Operation::OtpSend, kind, StatusCode::OK.as_u16());
                tracing::error!(%failure, "a code was sent that will not be accepted");
                Err(failure)
            }
        }
    }

    async fn call_send(
        &self,
        send: &SendOtp<'_>,
        generate_request_id: bool,
    ) -> Result<SentOtp, Failure> {
        let otp_options = &self.shared.otp_options;
        let body = SendBody {
            channel: send.channel.name(),
            identifier_type: send.identifier.kind(),
            identifier: send.identifier.value(),
            // The tenant's own template is the text of an email.
            custom_sms_input: send
                .channel
                .is_sms()
                .then(|| SmsInput::unless_empty(send.message, send.sender_id))
                .flatten(),
            generate_request_id,
            device_id: otp_options.disclosed.device_id(send.client),
            client_attributes: otp_options.disclosed.attributes(send.client),
        };
        let url = self.api_url(&["auth", "otp", "send"]);
        let call = UpstreamCall::json(Operation::OtpSend, Method::POST, url, &body);
        let response = self.call(call, exchange::json::<SendResponse>).await?;
        Ok(SentOtp {
            request_id: response.request_id(),
        })
    }

    /// Exchanges a passcode for an identity. Both tokens are validated and dropped. It is never
    /// retried, except after a 401.
    ///
    /// # Errors
    /// [`Failure`]. Unless its delivery state is `NotWritten`, upstream may have counted the
    /// attempt.
    pub async fn authenticate_otp(
        &self,
        verify: &AuthenticateOtp<'_>,
    ) -> Result<VerifiedIdentity, Failure> {
        let deadline = Deadline::after(&self.shared.clock, self.verify_timeout);
        metrics::measure(
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
        let disclosed = self.shared.otp_options.disclosed;
        let body = AuthenticateBody {
            passcode: verify.passcode.expose(),
            identifier_type: verify.identifier.kind(),
            identifier: verify.identifier.value(),
            request_id: verify.request_id,
            claims: json!({ "id_token": {
                "phone_number": null, "phone_number_verified": null, "roles": null,
                "last_auth": null
            } }),
            device_id: disclosed.device_id(verify.client),
            client_attributes: disclosed.attributes(verify.client),
        };
        let call = UpstreamCall::json(
            OPERATION,
            Method::POST,
            self.api_url(&["auth", "otp", "authenticate"]),
            &body,
        );
        let response = self.call_until(&call, deadline, read_tokens).await?;

        let tokens = &self.shared.tokens;
        let (id, access) = tokens.validate_both(OPERATION, &response, deadline).await?;
        let invalid_id = |error: TokenError| invalid_token(OPERATION, TokenKind::Id, error);
        id.check_auth_time(verify.not_before, self.shared.clock.now())
            .map_err(invalid_id)?;
        id.check_methods(verify.channels).map_err(invalid_id)?;
        id.check_identifier(verify.identifier).map_err(invalid_id)?;
        Ok(VerifiedIdentity {
            issuer: id.issuer().map_err(invalid_id)?.to_owned(),
            subject: id.subject().map_err(invalid_id)?.to_owned(),
            amr: id.amr().to_vec(),
            auth_time: id.auth_time().map_err(invalid_id)?,
            last_auth: id.last_auth_before(verify.not_before),
            roles: id.roles().or(access.roles()).unwrap_or_default().to_vec(),
            phone_number: id.verified_phone_number().map(str::to_owned),
            session_id: response.session_id,
        })
    }
}

/// Parses a response with tokens. It must contain a session id.
pub(in crate::server::transmit) fn read_tokens(body: &[u8]) -> Option<TokenResponse> {
    exchange::json::<TokenResponse>(body)
        .filter(|response| (1..=MAX_SESSION_ID).contains(&response.session_id.expose().len()))
}

impl fmt::Debug for SentOtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentOtp")
            .field("has_request_id", &self.request_id.is_some())
            .finish()
    }
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedIdentity")
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
    identifier_type: IdentifierType,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_sms_input: Option<SmsInput<'a>>,
    #[serde(skip_serializing_if = "is_false")]
    generate_request_id: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_attributes: Option<WireAttributes>,
}

/// A field that is not needed is left out, because a tenant may not know it yet.
fn is_false(value: &bool) -> bool {
    !value
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
    identifier_type: IdentifierType,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    claims: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_attributes: Option<WireAttributes>,
}

/// The response to a send. The API does not specify the name of the request id, so both spellings
/// are accepted.
#[derive(Deserialize)]
pub(in crate::server::transmit) struct SendResponse {
    request_id: Option<Value>,
    #[serde(rename = "requestId")]
    request_id_camel: Option<Value>,
}

impl SendResponse {
    pub fn request_id(self) -> Option<String> {
        let ids = [&self.request_id, &self.request_id_camel]
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let mut usable = ids.filter(|id| (1..=MAX_REQUEST_ID).contains(&id.len()));
        usable.next().map(str::to_owned)
    }
}
