//! `POST /cis/v1/auth/otp/send`

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::gateway::Gateway;
use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::otp::client::{ClientAttributes, check_device_id};
use crate::otp::identifier;
use crate::otp::message::{CustomSms, EmailContent};
use crate::tenant::Shared;
use crate::users::contact;
use crate::world::World;
use crate::world::inbox::{Delivery, Message};
use crate::world::passcode::{Channel, Pending};
use crate::world::policy::Policy;
use crate::world::user::{Contact, Status, User};

/// `ApiOtpInitRequestDto`. Fields that it does not have are refused, so that a misspelt one does
/// not go unnoticed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    channel: ChannelName,
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
    /// In minutes, as the specification has it.
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
enum ChannelName {
    Sms,
    Email,
    Direct,
}

/// Makes a new code for the user, which voids the former, and sends it.
pub async fn send(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let input: Input = body::json(&headers, &body).map_err(Refusal::invalid_input)?;
    input.check()?;
    let (response, parcel) = issue(&tenant, input)?;
    if let Some((gateway, message)) = parcel {
        hand_in(&tenant, &gateway, &message).await?;
    }
    Ok(response)
}

/// An SMS, and the gateway that it is to be handed to.
type Parcel = (Gateway, Message);

fn issue(tenant: &Shared, input: Input) -> Result<(Response, Option<Parcel>), Refusal> {
    let identifier = identifier::parse(&input.identifier_type, &input.identifier)?;
    let new_request_id = tenant.random.id()?;
    let (now, gateway) = (tenant.clock.now(), tenant.gateway().clone());

    let mut world = tenant.world();
    let World {
        users,
        inbox,
        policy,
        ..
    } = &mut *world;
    if !policy.otp_enabled {
        let message = "OTP is not configured for this application";
        return Err(Refusal::slug(
            StatusCode::FORBIDDEN,
            "auth_login_preferences_missing",
            message,
        ));
    }
    let unknown = || {
        Refusal::slug(StatusCode::NOT_FOUND, "user_not_found", "User not found")
            .in_case(Case::Unknown)
    };
    let user = users
        .find_mut(&identifier)
        .filter(|user| user.in_app)
        .ok_or_else(unknown)?;
    let locked = user.passcodes.is_locked(now);
    may_receive(user, locked, policy)?;
    let (channel, sent_to) = input.destination(user, policy)?;

    let code = tenant.random.code(policy.otp_length)?;
    let lifetime = input.expires_in.map_or(policy.otp_lifetime, |minutes| {
        Duration::from_secs(u64::from(minutes) * 60)
    });
    let expires_at = now.plus(lifetime);
    let mut parcel = None;
    if let Some(to) = &sent_to {
        let custom = input.custom_sms_input.unwrap_or_default();
        let text = match channel {
            Channel::Email => {
                EmailContent::text(input.email_content.as_ref(), &code, &tenant.app_name)
            }
            _ => custom.text(&code, &tenant.app_name),
        };
        let sender_id = custom.sender().to_owned();
        let gateway = gateway.filter(|_| channel == Channel::Sms);
        let message = Message {
            number: 0,
            to: to.clone(),
            sender_id,
            text,
            code: code.clone(),
            sent_at: now,
            expires_at,
            delivery: gateway.is_some().then_some(Delivery::Pending),
        };
        let number = inbox.push(message.clone());
        parcel = gateway.map(|gateway| (gateway, Message { number, ..message }));
    }
    let asked = input.generate_request_id.unwrap_or(false) || policy.request_id_always;
    let spelling = policy.request_id.spelling().filter(|_| asked);
    let request_id = spelling.is_some().then_some(new_request_id);
    let mut answer = json!({ "message": "OTP sent" });
    let mut add = |name: &str, value: Value| {
        answer
            .as_object_mut()
            .map(|answer| answer.insert(name.into(), value))
    };
    if let (Some(spelling), Some(id)) = (spelling, &request_id) {
        add(spelling, id.clone().into());
    }
    if let Some(data) = &input.approval_data {
        add("approval_data", data.clone().into());
    }
    if channel == Channel::Direct {
        add("code", code.clone().into());
    }
    let approval_data = input.approval_data;
    user.passcodes.replace(Pending {
        code,
        expires_at,
        request_id,
        sent_to,
        channel,
        approval_data,
    });
    drop(world);

    let mut response = Json(answer).into_response();
    response
        .extensions_mut()
        .insert(if locked { Case::Locked } else { Case::Known });
    Ok((response, parcel))
}

/// What the vendor answers when the gateway fails is not documented; the documented slug that fits
/// best is taken. The code stays good: the message may have arrived all the same.
async fn hand_in(tenant: &Shared, gateway: &Gateway, message: &Message) -> Result<(), Refusal> {
    let taken = gateway
        .deliver(&message.to, &message.sender_id, &message.text)
        .await;
    tenant.world().inbox.mark(
        message.number,
        if taken {
            Delivery::Delivered
        } else {
            Delivery::Failed
        },
    );
    let (slug, text) = (
        "external_provider_configuration_error",
        "The SMS gateway did not take the message",
    );
    let refusal = || Refusal::slug(StatusCode::BAD_REQUEST, slug, text).in_case(Case::Known);
    taken.then_some(()).ok_or_else(refusal)
}

impl Input {
    fn check(&self) -> Result<(), Refusal> {
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
            return Err(Refusal::invalid_input(
                "expires_in must be between 1 and 1440 minutes",
            ));
        }
        if self
            .custom_phone_number
            .as_ref()
            .is_some_and(|number| contact::phone(number).is_none())
        {
            return Err(Refusal::invalid_input(
                "custom_phone_number must be a number in E.164",
            ));
        }
        if self
            .custom_email
            .as_ref()
            .is_some_and(|address| contact::email(address).is_none())
        {
            return Err(Refusal::invalid_input(
                "custom_email must be an e-mail address",
            ));
        }
        if self
            .approval_data
            .as_ref()
            .is_some_and(|data| !is_flat(data))
        {
            let message =
                "approval_data must be flat, with at most 10 keys, of letters, digits, _, - and .";
            return Err(Refusal::invalid_input(message));
        }
        Ok(())
    }

    /// How the code goes out, and to where.
    fn destination(
        &self,
        user: &User,
        policy: &Policy,
    ) -> Result<(Channel, Option<String>), Refusal> {
        let missing = |slug, message| {
            Refusal::slug(StatusCode::NOT_FOUND, slug, message).in_case(Case::Known)
        };
        let choose = |custom: &Option<String>, own: &Option<Contact>| {
            custom
                .clone()
                .or_else(|| own.as_ref().map(|contact| contact.value.clone()))
        };
        match self.channel {
            ChannelName::Direct => Ok((Channel::Direct, None)),
            ChannelName::Email => {
                let to = choose(&self.custom_email, &user.email);
                let to = to.ok_or_else(|| {
                    missing("user_email_address_missing", "User has no e-mail address")
                })?;
                Ok((Channel::Email, Some(to)))
            }
            ChannelName::Sms => {
                let to = choose(&self.custom_phone_number, &user.phone);
                let to = to.ok_or_else(|| {
                    missing("user_phone_number_missing", "User has no phone number")
                })?;
                if !policy.sms_provider_configured {
                    let (slug, message) = (
                        "external_provider_configuration_error",
                        "SMS provider is misconfigured",
                    );
                    return Err(
                        Refusal::slug(StatusCode::BAD_REQUEST, slug, message).in_case(Case::Known)
                    );
                }
                Ok((Channel::Sms, Some(to)))
            }
        }
    }
}

fn may_receive(user: &User, locked: bool, policy: &Policy) -> Result<(), Refusal> {
    let forbidden = |slug, message| Refusal::slug(StatusCode::FORBIDDEN, slug, message);
    if user.status == Status::Disabled {
        return Err(forbidden("user_not_active", "User is not active").in_case(Case::Inactive));
    }
    if locked && policy.lock_refuses_send {
        return Err(forbidden("auth_locked", "Too many failed attempts").in_case(Case::Locked));
    }
    Ok(())
}

/// At most ten keys and no nesting; letters, digits, `_`, `-` and `.` in keys and texts.
fn is_flat(data: &Map<String, Value>) -> bool {
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    };
    let flat = |value: &Value| match value {
        Value::String(text) => plain(text),
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    };
    data.len() <= 10 && data.iter().all(|(key, value)| plain(key) && flat(value))
}
