//! Responses that several user endpoints share.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::api_error::ApiError;
use crate::operation::ResponseCase;
use crate::state::limits::MAX_USERS;
use crate::state::user::User;
use crate::state::user_directory::SaveUserError;
use crate::tenant::Tenant;

/// The application has no such user.
pub fn user_not_found() -> ApiError {
    ApiError::classic(StatusCode::NOT_FOUND, "User not found").with_case(ResponseCase::Unknown)
}

pub fn invalid_phone() -> ApiError {
    ApiError::bad_request("phone_number must be a valid phone number")
}

pub fn invalid_email() -> ApiError {
    ApiError::bad_request("email must be an email")
}

/// A user in the vendor's envelope.
pub fn user_result(tenant: &Tenant, user: &User) -> Value {
    json!({ "result": user.to_json(&tenant.app_name) })
}

pub fn save_user_error(error: SaveUserError) -> ApiError {
    match error {
        SaveUserError::IdentifierTaken(identifier) => {
            let field = identifier.field_name();
            ApiError::conflict(
                &format!("{field} is already taken"),
                &format!("{field}_taken"),
            )
            .with_case(ResponseCase::Known)
        }
        SaveUserError::TooManyUsers => {
            let message = format!("The sandbox keeps at most {MAX_USERS} users");
            ApiError::classic(StatusCode::TOO_MANY_REQUESTS, &message)
        }
    }
}
