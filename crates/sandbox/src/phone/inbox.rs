//! `GET /inbox.json`

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use crate::state::channel::Channel;
use crate::state::inbox::DeliveryStatus;
use crate::tenant::SharedTenant;

/// Which messages are shown: those to one phone number or e-mail address, or all.
#[derive(Debug, Deserialize)]
pub struct InboxQuery {
    phone: Option<String>,
    email: Option<String>,
}

impl InboxQuery {
    /// The phone number, in which a `+` that was not percent-encoded arrives as a space, or the
    /// address, which is stored in lower case.
    pub fn recipient(&self) -> Option<String> {
        let email = self.email.as_deref().filter(|email| !email.is_empty());
        if let Some(email) = email {
            return Some(email.to_lowercase());
        }
        let number = self.phone.as_deref().filter(|number| !number.is_empty())?;
        Some(
            number
                .strip_prefix(' ')
                .map_or_else(|| number.to_owned(), |digits| format!("+{digits}")),
        )
    }
}

#[derive(Debug, Serialize)]
struct MessageJson {
    to: String,
    sender_id: String,
    text: String,
    code: String,
    sent_at: String,
    /// `email`; an SMS has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryStatus>,
}

/// The messages, newest last.
pub async fn show(
    State(tenant): State<SharedTenant>,
    Query(query): Query<InboxQuery>,
) -> impl IntoResponse {
    let recipient = query.recipient();
    let messages: Vec<MessageJson> = tenant
        .state()
        .inbox
        .messages_to(recipient.as_deref())
        .map(|message| MessageJson {
            to: message.to.clone(),
            sender_id: message.sender_id.clone(),
            text: message.text.clone(),
            code: message.code.clone(),
            sent_at: message.sent_at.to_rfc3339(),
            channel: (message.channel == Channel::Email).then_some("email"),
            delivery: message.delivery,
        })
        .collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(messages))
}
