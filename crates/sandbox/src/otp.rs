//! `/cis/v1/auth/otp/…`: one-time codes.

mod authenticate;
pub mod client;
mod identifier;
mod message;
mod send;

use axum::{Router, routing::MethodFilter};

use crate::http::operation::{Operation, door};
use crate::tenant::Shared;

/// The doors of this room.
pub fn router(tenant: &Shared) -> Router<Shared> {
    let post = MethodFilter::POST;
    Router::new()
        .route(
            "/cis/v1/auth/otp/send",
            door(tenant, Operation::OtpSend, post, send::send),
        )
        .route(
            "/cis/v1/auth/otp/authenticate",
            door(
                tenant,
                Operation::OtpAuthenticate,
                post,
                authenticate::authenticate,
            ),
        )
}
