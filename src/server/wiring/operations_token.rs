//! Reads the token of the operations listener.

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
    let (value, file) = (
        settings.bearer_token.as_ref(),
        settings.bearer_token_file.as_deref(),
    );
    match load::read_secret(value, file)? {
        Some(token) if is_short_token(&token) => Err(StartupError::ShortToken {
            origin: load::secret_origin("operations.bearer_token", value, file),
            least: MIN_TOKEN,
        }),
        token => Ok(token),
    }
}
