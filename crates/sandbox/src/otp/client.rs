//! What both calls may tell about the person's device.

use serde::Deserialize;

use crate::http::refusal::Refusal;

/// Longest `device_id` in characters.
const MAX_DEVICE_ID: usize = 80;

/// The end user's browser and address; taken, checked for shape, and not used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientAttributes {
    #[serde(default, rename = "user_agent")]
    _user_agent: Option<String>,
    #[serde(default, rename = "ip_address")]
    _ip_address: Option<String>,
}

/// # Errors
/// When the id is longer than 80 characters.
pub fn check_device_id(device_id: Option<&str>) -> Result<(), Refusal> {
    if device_id.is_some_and(|id| id.chars().count() > MAX_DEVICE_ID) {
        return Err(Refusal::invalid_input(
            "device_id must be at most 80 characters",
        ));
    }
    Ok(())
}
