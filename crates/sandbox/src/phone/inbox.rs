//! `GET /inbox.json`

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use crate::phone::Whose;
use crate::tenant::Shared;
use crate::world::inbox::Delivery;

#[derive(Debug, Serialize)]
struct Entry {
    to: String,
    sender_id: String,
    text: String,
    code: String,
    sent_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
}

/// Messages to one number, or all; newest last, as many as the inbox keeps.
pub async fn inbox(State(tenant): State<Shared>, Query(whose): Query<Whose>) -> impl IntoResponse {
    let number = whose.number();
    let entries: Vec<Entry> = tenant
        .world()
        .inbox
        .to(number.as_deref())
        .map(|message| Entry {
            to: message.to.clone(),
            sender_id: message.sender_id.clone(),
            text: message.text.clone(),
            code: message.code.clone(),
            sent_at: message.sent_at.rfc3339(),
            delivery: message.delivery,
        })
        .collect();
    ([(header::CACHE_CONTROL, "no-store")], Json(entries))
}
