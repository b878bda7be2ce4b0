//! `/users`: the users of the tenant, and a form that creates one or adds identifiers.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::control::request::ControlError;
use crate::control::user::{RequestedStatus, UserChange, change_user};
use crate::http::request_body;
use crate::phone::html_page;
use crate::phone::render::{escape, fill};
use crate::phone::sources::{USER, USERS};
use crate::state::user::User;
use crate::tenant::{SharedTenant, Tenant};

/// Users on the page.
const MAX_SHOWN: usize = 50;

/// `GET`
pub async fn show(State(tenant): State<SharedTenant>) -> Response {
    html_page(render(&tenant, ""))
}

/// `POST`: an active user with the number of the form, who gets the identifiers of the form.
pub async fn create(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match create_user(&tenant, &headers, &body) {
        Ok(()) => Redirect::to("/users").into_response(),
        Err(ControlError(text)) => {
            let page = html_page(render(&tenant, &text));
            (StatusCode::BAD_REQUEST, page).into_response()
        }
    }
}

fn create_user(tenant: &Tenant, headers: &HeaderMap, body: &[u8]) -> Result<(), ControlError> {
    let mut fields = request_body::parse_form(headers, body).map_err(ControlError)?;
    // Browsers send every field of a form.
    let mut take = |name: &str| fields.remove(name).filter(|text| !text.is_empty());
    let phone = take("phone").unwrap_or_default();
    let custom = take("type").zip(take("value"));
    let change = UserChange {
        status: RequestedStatus::Active,
        in_app: None,
        roles: None,
        email: take("email"),
        username: take("username"),
        identifiers: custom.into_iter().collect::<BTreeMap<_, _>>(),
    };
    change_user(tenant, &phone, change).map(drop)
}

fn render(tenant: &Tenant, error: &str) -> String {
    let state = tenant.state();
    let users = state.users.newest(MAX_SHOWN);
    let list: String = users.into_iter().map(render_user).collect();
    let hidden = if error.is_empty() { "hidden" } else { "" };
    fill(
        &USERS.read(),
        &[
            ("users", &list),
            ("error", &escape(error)),
            ("hidden", hidden),
        ],
    )
}

fn render_user(user: &User) -> String {
    let contact = |contact: Option<&String>| contact.cloned().unwrap_or_default();
    let custom = user.custom_identifiers.iter();
    let custom: Vec<String> = custom
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    fill(
        &USER.read(),
        &[
            (
                "phone",
                &escape(&contact(user.phone.as_ref().map(|phone| &phone.value))),
            ),
            (
                "email",
                &escape(&contact(user.email.as_ref().map(|email| &email.value))),
            ),
            ("username", &escape(&contact(user.username.as_ref()))),
            ("custom", &escape(&custom.join(", "))),
            ("id", &escape(&user.id)),
        ],
    )
}
