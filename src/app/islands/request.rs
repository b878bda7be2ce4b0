//! Posts a form, and reads the reply of the server function.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::JSON;
use web_sys::js_sys::futures::JsFuture;
use web_sys::{AbortController, Element, FormData, Response, UrlSearchParams};

use crate::app::islands::dom::{self, object, property};

/// Milliseconds until the request is given up. A server that is merely busy answers long before.
const TIMEOUT: i32 = 20_000;

/// The reply to a form.
pub enum Reply {
    /// The URL of the next page.
    Next(String),
    /// A problem document of the server.
    Refused(ProblemReply),
    /// No reply, or not one of ours. The value names the attribute with the sentence that says so.
    Failed(&'static str),
}

/// What the pages use of a problem document.
pub struct ProblemReply {
    /// The reason.
    pub code: String,
    /// The sentence to show.
    pub title: String,
    /// The HTTP status.
    pub status: f64,
    /// Seconds until another attempt can succeed; NaN if they are not known.
    pub retry_after: f64,
    /// Attempts that the flow has left, if they are known.
    pub tries_left: Option<f64>,
}

/// Sends a form. It is sent once: whatever happens, the person decides about another time.
pub async fn send(form: &Element) -> Reply {
    let Ok(abort) = AbortController::new() else {
        return Reply::Failed("data-network");
    };
    let signal = abort.signal();
    dom::after(TIMEOUT, move |_| abort.abort());
    match post(form, &signal).await {
        Ok(reply) => reply,
        Err(_) if signal.aborted() => Reply::Failed("data-timeout"),
        Err(_) => Reply::Failed("data-network"),
    }
}

/// Fails if there is no complete response.
async fn post(form: &Element, signal: &JsValue) -> Result<Reply, JsValue> {
    let fields = FormData::new_with_form(form.unchecked_ref())?;
    let body = UrlSearchParams::new_with_record_from_str_to_str(fields.unchecked_ref())?;
    let headers = object(&[("accept", "application/json".into())]);
    let options = object(&[
        ("method", "POST".into()),
        ("headers", headers.into()),
        ("body", body.into()),
        ("signal", signal.clone()),
    ]);
    let url = form.get_attribute("action").unwrap_or_default();
    let sent = window().fetch_with_str_and_init(&url, options.unchecked_ref());
    let response: Response = JsFuture::from(sent).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    let text = text.as_string().unwrap_or_default();
    Ok(read(&response, &JSON::parse(&text).unwrap_or_default()))
}

/// A proxy in between may answer with a page of its own.
fn read(response: &Response, body: &JsValue) -> Reply {
    let text = |name| property(body, name).as_string();
    if response.ok()
        && let Some(next) = text("next")
    {
        return Reply::Next(next);
    }
    match (text("code"), text("title")) {
        (Some(code), Some(title)) => Reply::Refused(ProblemReply {
            code,
            title,
            status: f64::from(response.status()),
            retry_after: property(body, "retry_after").as_f64().unwrap_or(f64::NAN),
            tries_left: property(body, "tries_left").as_f64(),
        }),
        _ if response.status() == 429 => Reply::Failed("data-too-many"),
        _ => Reply::Failed("data-unavailable"),
    }
}
