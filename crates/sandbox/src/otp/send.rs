//! `POST /cis/v1/auth/otp/send`

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::http::api_error::ApiError;
use crate::http::client_attributes::{ClientAttributes, check_device_id};
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::operation::ResponseCase;
use crate::otp::identifier::parse_identifier;
use crate::otp::message::{CustomSms, EmailContent};
use crate::sms_gateway::SmsGateway;
use crate::state::TenantState;
use crate::state::channel::Channel;
use crate::state::contact;
use crate::state::inbox::{DeliveryStatus, Message};
use crate::state::passcodes::PendingCode;
use crate::state::policy::{OtpPolicy, RequestIdSpelling};
use crate::state::user::{Contact, User, UserStatus};
use crate::tenant::{SharedTenant, Tenant};

/// `ApiOtpInitRequestDto`. Unknown fields are refused, so that a misspelt one does not go
/// unnoticed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SendInput {
    channel: ChannelInput,
    identifier_type: String,
    identifier: String,
    #[serde(default)]
    custom_sms_input: Option<CustomSms>,
    #[serde(default)]
    custom_phone_number: Option<String>,
    #[serde(default)]
    custom_email: Option<String>,
    #[serde(default)]
    email_content: Option<EmailContent>,
    #[serde(default)]
    approval_data: Option<Map<String, Value>>,
    /// In minutes, by the vendor's specification.
    #[serde(default)]
    expires_in: Option<u32>,
    #[serde(default)]
    generate_request_id: Option<bool>,
    #[serde(default)]
    device_id: Option<String>,
    #[serde(default, rename = "client_attributes")]
    _client_attributes: Option<ClientAttributes>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChannelInput {
    Sms,
    Email,
    Direct,
}

impl From<ChannelInput> for Channel {
    fn from(input: ChannelInput) -> Self {
        match input {
            ChannelInput::Sms => Self::Sms,
            ChannelInput::Email => Self::Email,
            ChannelInput::Direct => Self::Direct,
        }
    }
}

/// An SMS for the gateway.
type GatewayMessage = (SmsGateway, Message);

/// Generates a code for the user, which replaces the previous one, and sends it.
pub async fn send(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let input: SendInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::invalid_input)?;
    input.check()?;
    let (response, for_gateway) = create_code(&tenant, input)?;
    if let Some((gateway, message)) = for_gateway {
        deliver(&tenant, &gateway, &message).await?;
    }
    Ok(response)
}

fn create_code(
    tenant: &Tenant,
    input: SendInput,
) -> Result<(Response, Option<GatewayMessage>), ApiError> {
    let new_request_id = tenant.random.hex_id()?;
    let (now, gateway) = (tenant.clock.now(), tenant.sms_gateway().clone());

    let mut state = tenant.state();
    let TenantState {
        users,
        inbox,
        policy,
        ..
    } = &mut *state;
    if policy.request_id == RequestIdSpelling::Refused && input.generate_request_id.is_some() {
        return Err(unknown_field("generate_request_id"));
    }
    if !policy.has_channel(input.channel.into()) {
        return Err(ApiError::slug(
            StatusCode::FORBIDDEN,
            "auth_login_preferences_missing",
            "OTP is not configured for this application",
        ));
    }
    let user_not_found = || {
        ApiError::slug(StatusCode::NOT_FOUND, "user_not_found", "User not found")
            .with_case(ResponseCase::Unknown)
    };
    let identifier = parse_identifier(users, &input.identifier_type, &input.identifier)?;
    let user = users
        .find_mut(&identifier)
        .filter(|user| user.in_app)
        .ok_or_else(user_not_found)?;
    let is_locked = user.passcodes.is_locked(now);
    check_user(user, is_locked, policy)?;
    let (channel, sent_to) = input.destination(user, policy)?;

    let code = tenant.random.passcode(policy.rules(channel).length)?;
    let lifetime = input
        .expires_in
        .map_or(policy.rules(channel).lifetime, |minutes| {
            Duration::from_secs(u64::from(minutes) * 60)
        });
    let expires_at = now.plus(lifetime);
    let mut for_gateway = None;
    if let Some(to) = &sent_to {
        let custom = input.custom_sms_input.unwrap_or_default();
        let text = match channel {
            Channel::Email => {
                EmailContent::text(input.email_content.as_ref(), &code, &tenant.app_name)
            }
            _ => custom.text(&code, &tenant.app_name),
        };
        let gateway = gateway.filter(|_| channel == Channel::Sms);
        let message = Message {
            number: 0,
            channel,
            to: to.clone(),
            sender_id: match channel {
                Channel::Email => tenant.app_name.clone(),
                _ => custom.sender().to_owned(),
            },
            text,
            code: code.clone(),
            sent_at: now,
            expires_at,
            delivery: gateway.is_some().then_some(DeliveryStatus::Pending),
        };
        let number = inbox.push(message.clone());
        for_gateway = gateway.map(|gateway| (gateway, Message { number, ..message }));
    }
    let has_request_id = input.generate_request_id.unwrap_or(false) || policy.request_id_always;
    let field_name = policy.request_id.field_name().filter(|_| has_request_id);
    let request_id = field_name.is_some().then_some(new_request_id);
    let mut body = Map::from_iter([("message".to_owned(), json!("OTP sent"))]);
    if let (Some(name), Some(id)) = (field_name, &request_id) {
        body.insert(name.into(), id.clone().into());
    }
    if let Some(data) = &input.approval_data {
        body.insert("approval_data".into(), data.clone().into());
    }
    if channel == Channel::Direct {
        body.insert("code".into(), code.clone().into());
    }
    user.passcodes.set_pending(PendingCode {
        code,
        expires_at,
        request_id,
        sent_to,
        channel,
        approval_data: input.approval_data,
    });
    let case = if is_locked {
        ResponseCase::Locked
    } else {
        ResponseCase::Known
    };
    Ok(((Extension(case), Json(body)).into_response(), for_gateway))
}

/// The response of a tenant that does not know a field.
pub(super) fn unknown_field(name: &str) -> ApiError {
    ApiError::invalid_input(format!("property {name} should not exist"))
}

/// How the vendor responds to a failing gateway is undocumented; this slug fits best. The code
/// stays valid, because the message may have arrived.
async fn deliver(tenant: &Tenant, gateway: &SmsGateway, message: &Message) -> Result<(), ApiError> {
    let is_accepted = gateway
        .deliver(&message.to, &message.sender_id, &message.text)
        .await;
    let delivery = if is_accepted {
        DeliveryStatus::Delivered
    } else {
        DeliveryStatus::Failed
    };
    tenant.state().inbox.set_delivery(message.number, delivery);
    if is_accepted {
        return Ok(());
    }
    Err(provider_error("The SMS gateway did not take the message"))
}

fn provider_error(message: &str) -> ApiError {
    let slug = "external_provider_configuration_error";
    ApiError::slug(StatusCode::BAD_REQUEST, slug, message).with_case(ResponseCase::Known)
}

impl SendInput {
    fn check(&self) -> Result<(), ApiError> {
        self.custom_sms_input
            .as_ref()
            .map_or(Ok(()), CustomSms::check)?;
        self.email_content
            .as_ref()
            .map_or(Ok(()), EmailContent::check)?;
        check_device_id(self.device_id.as_deref())?;
        if self
            .expires_in
            .is_some_and(|minutes| !(1..=24 * 60).contains(&minutes))
        {
            return Err(ApiError::invalid_input(
                "expires_in must be between 1 and 1440 minutes",
            ));
        }
        if self
            .custom_phone_number
            .as_ref()
            .is_some_and(|number| contact::parse_phone(number).is_none())
        {
            return Err(ApiError::invalid_input(
                "custom_phone_number must be a number in E.164",
            ));
        }
        if self
            .custom_email
            .as_ref()
            .is_some_and(|address| contact::parse_email(address).is_none())
        {
            return Err(ApiError::invalid_input(
                "custom_email must be an e-mail address",
            ));
        }
        if self
            .approval_data
            .as_ref()
            .is_some_and(|data| !is_flat_data(data))
        {
            let message =
                "approval_data must be flat, with at most 10 keys, of letters, digits, _, - and .";
            return Err(ApiError::invalid_input(message));
        }
        Ok(())
    }

    /// The channel, and the recipient unless it is direct.
    fn destination(
        &self,
        user: &User,
        policy: &OtpPolicy,
    ) -> Result<(Channel, Option<String>), ApiError> {
        let missing = |slug, message| {
            ApiError::slug(StatusCode::NOT_FOUND, slug, message).with_case(ResponseCase::Known)
        };
        let choose = |custom: &Option<String>, of_user: &Option<Contact>| {
            custom
                .clone()
                .or_else(|| of_user.as_ref().map(|contact| contact.value.clone()))
        };
        match self.channel {
            ChannelInput::Direct => Ok((Channel::Direct, None)),
            ChannelInput::Email => {
                let to = choose(&self.custom_email, &user.email);
                let to = to.ok_or_else(|| {
                    missing("user_email_address_missing", "User has no e-mail address")
                })?;
                Ok((Channel::Email, Some(to)))
            }
            ChannelInput::Sms => {
                let to = choose(&self.custom_phone_number, &user.phone);
                let to = to.ok_or_else(|| {
                    missing("user_phone_number_missing", "User has no phone number")
                })?;
                if !policy.sms_provider_configured {
                    return Err(provider_error("SMS provider is misconfigured"));
                }
                Ok((Channel::Sms, Some(to)))
            }
        }
    }
}

fn check_user(user: &User, is_locked: bool, policy: &OtpPolicy) -> Result<(), ApiError> {
    let forbidden = |slug, message| ApiError::slug(StatusCode::FORBIDDEN, slug, message);
    if user.status == UserStatus::Disabled {
        return Err(
            forbidden("user_not_active", "User is not active").with_case(ResponseCase::Inactive)
        );
    }
    if is_locked && policy.lock_refuses_send {
        return Err(
            forbidden("auth_locked", "Too many failed attempts").with_case(ResponseCase::Locked)
        );
    }
    Ok(())
}

/// At most ten keys, no nesting, and only letters, digits, `_`, `-` and `.` in keys and strings.
fn is_flat_data(data: &Map<String, Value>) -> bool {
    let is_plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    let is_flat = |value: &Value| match value {
        Value::String(text) => is_plain(text),
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    data.len() <= 10
        && data
            .iter()
            .all(|(key, value)| is_plain(key) && is_flat(value))
}
