//! Reads the tokens of the operations listener.

use std::path::Path;

use crate::server::settings::operations::{MIN_TOKEN, is_short_token};
use crate::server::settings::{OperationsSettings, Secret, load};
use crate::server::wiring::startup_error::StartupError;

/// The token that callers must present, from the setting or its file.
///
/// # Errors
/// [`StartupError`]: the file cannot be read, or its token is too short.
pub fn read_operations_token(
    settings: &OperationsSettings,
) -> Result<Option<Secret>, StartupError> {
    let (value, file) = (&settings.bearer_token, &settings.bearer_token_file);
    read_token("operations.bearer_token", value.as_ref(), file.as_deref())
}

/// The token of the admin API, from the setting or its file.
///
/// # Errors
/// [`StartupError`]: the file cannot be read, or its token is too short.
pub fn read_admin_token(settings: &OperationsSettings) -> Result<Option<Secret>, StartupError> {
    let (value, file) = (&settings.admin_token, &settings.admin_token_file);
    read_token("operations.admin_token", value.as_ref(), file.as_deref())
}

fn read_token(
    key: &str,
    value: Option<&Secret>,
    file: Option<&Path>,
) -> Result<Option<Secret>, StartupError> {
    match load::read_secret(value, file)? {
        Some(token) if is_short_token(&token) => Err(StartupError::ShortToken {
            origin: load::secret_origin(key, value, file),
            least: MIN_TOKEN,
        }),
        token => Ok(token),
    }
}
