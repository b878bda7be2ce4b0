//! `/cis/v1/users…`: the users of the tenant.

mod create;
mod input;
mod read;
mod response;
mod update;
mod verify_phone;

use axum::Router;
use axum::routing::MethodFilter;

use crate::http::endpoint::endpoint;
use crate::operation::Operation;
use crate::tenant::SharedTenant;

pub use response::user_not_found;

pub fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let (get, post, put) = (MethodFilter::GET, MethodFilter::POST, MethodFilter::PUT);
    let create = endpoint(tenant, Operation::UserCreate, post, create::create);
    let get_by_id = endpoint(tenant, Operation::UserGet, get, read::get_by_id);
    let get_by_phone = endpoint(tenant, Operation::UserGet, get, read::get_by_phone);
    let get_by_identifier = endpoint(tenant, Operation::UserGet, get, read::get_by_identifier);
    let update = endpoint(tenant, Operation::UserUpdate, put, update::update);
    let verify_phone = endpoint(
        tenant,
        Operation::UserVerifyPhone,
        post,
        verify_phone::verify_phone,
    );
    Router::new()
        .route("/cis/v1/users", create)
        .route("/cis/v1/users/identifier", get_by_identifier)
        .route("/cis/v1/users/phone-number/{phone}", get_by_phone)
        .route("/cis/v1/users/{user_id}", get_by_id.merge(update))
        .route(
            "/cis/v1/users/{user_id}/phone-numbers/{phone}/verify",
            verify_phone,
        )
}
