//! `/cis/v1/users…`: who there is.

pub mod contact;
mod create;
mod input;
mod read;
mod update;
mod verify_phone;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::MethodFilter;
use serde_json::{Value, json};

use crate::http::operation::{Case, Operation, door};
use crate::http::refusal::Refusal;
use crate::tenant::{Shared, Tenant};
use crate::world::MAX_USERS;
use crate::world::directory::Conflict;
use crate::world::user::User;

/// The doors of this room.
pub fn router(tenant: &Shared) -> Router<Shared> {
    let (get, post, put) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::PUT);
    let one = door(tenant, Operation::UserGet, get, read::by_id);
    let one = one.merge(door(tenant, Operation::UserUpdate, put, update::update));
    let verify = door(
        tenant,
        Operation::UserVerifyPhone,
        post,
        verify_phone::verify,
    );
    Router::new()
        .route(
            "/cis/v1/users",
            door(tenant, Operation::UserCreate, post, create::create),
        )
        .route(
            "/cis/v1/users/identifier",
            door(tenant, Operation::UserGet, get, read::by_identifier),
        )
        .route(
            "/cis/v1/users/phone-number/{phone}",
            door(tenant, Operation::UserGet, get, read::by_phone),
        )
        .route("/cis/v1/users/{user_id}", one)
        .route(
            "/cis/v1/users/{user_id}/phone-numbers/{phone}/verify",
            verify,
        )
}

/// No such user in this application.
pub fn not_found() -> Refusal {
    Refusal::classic(StatusCode::NOT_FOUND, "User not found").in_case(Case::Unknown)
}

fn enveloped(tenant: &Tenant, user: &User) -> Value {
    json!({ "result": user.to_api(&tenant.app_name) })
}

fn conflict(conflict: Conflict) -> Refusal {
    match conflict {
        Conflict::Taken(identifier) => {
            let what = identifier.what();
            Refusal::conflict(
                &format!("{what} is already taken"),
                &format!("{what}_taken"),
            )
            .in_case(Case::Known)
        }
        Conflict::Full => {
            let message = format!("The stand-in keeps at most {MAX_USERS} users");
            Refusal::classic(StatusCode::TOO_MANY_REQUESTS, &message)
        }
    }
}
