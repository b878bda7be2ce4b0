//! What a client may report about the end user's device.

use serde::Deserialize;

use crate::http::api_error::ApiError;

/// In characters.
const MAX_DEVICE_ID: usize = 80;

/// The end user's browser and IP address: only the shape is checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientAttributes {
    #[serde(default, rename = "user_agent")]
    _user_agent: Option<String>,
    #[serde(default, rename = "ip_address")]
    _ip_address: Option<String>,
}

/// # Errors
/// The id is longer than 80 characters.
pub fn check_device_id(device_id: Option<&str>) -> Result<(), ApiError> {
    if device_id.is_some_and(|id| id.chars().count() > MAX_DEVICE_ID) {
        return Err(ApiError::invalid_input(
            "device_id must be at most 80 characters",
        ));
    }
    Ok(())
}
