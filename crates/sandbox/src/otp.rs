//! `/cis/v1/auth/otp/…`: one-time codes.

mod authenticate;
mod identifier;
mod message;
mod send;

use axum::{Router, routing::MethodFilter};

use crate::http::endpoint::endpoint;
use crate::operation::Operation;
use crate::tenant::SharedTenant;

pub fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let post = MethodFilter::POST;
    let send = endpoint(tenant, Operation::OtpSend, post, send::send);
    let authenticate = endpoint(
        tenant,
        Operation::OtpAuthenticate,
        post,
        authenticate::authenticate,
    );
    Router::new()
        .route("/cis/v1/auth/otp/send", send)
        .route("/cis/v1/auth/otp/authenticate", authenticate)
}
