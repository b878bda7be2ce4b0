//! Reads the tokens of the operations listener.

use std::path::Path;

use crate::server::settings::operations::{MIN_TOKEN, is_short_token};
use crate::server::settings::{OperationsSettings, Secret, load};
use crate::server::wiring::startup_error::StartupError;

/// The tokens of the operations listener.
#[derive(Clone, Debug, Default)]
pub struct OperationsTokens {
    /// What callers of the listener must present, if anything.
    pub bearer: Option<Secret>,
    /// What callers of the admin API must present; without one there is no admin API.
    pub admin: Option<Secret>,
}

/// A token, as it may be set.
struct TokenSetting<'a> {
    key: &'static str,
    value: Option<&'a Secret>,
    file: Option<&'a Path>,
}

/// The tokens, each from its setting or its file.
///
/// # Errors
/// [`StartupError`]: a file cannot be read, a token is too short, or both are the same.
pub fn read_operations_tokens(
    settings: &OperationsSettings,
) -> Result<OperationsTokens, StartupError> {
    let [bearer, admin] = [
        TokenSetting {
            key: "operations.bearer_token",
            value: settings.bearer_token.as_ref(),
            file: settings.bearer_token_file.as_deref(),
        },
        TokenSetting {
            key: "operations.admin_token",
            value: settings.admin_token.as_ref(),
            file: settings.admin_token_file.as_deref(),
        },
    ];
    let tokens = OperationsTokens {
        bearer: bearer.read()?,
        admin: admin.read()?,
    };
    match (&tokens.bearer, &tokens.admin) {
        (Some(one), Some(other)) if one.expose() == other.expose() => {
            Err(StartupError::SameTokens {
                admin: admin.origin(),
                bearer: bearer.origin(),
            })
        }
        _ => Ok(tokens),
    }
}

impl TokenSetting<'_> {
    fn origin(&self) -> String {
        load::secret_origin(self.key, self.value, self.file)
    }

    fn read(&self) -> Result<Option<Secret>, StartupError> {
        match load::read_secret(self.value, self.file)? {
            Some(token) if is_short_token(&token) => Err(StartupError::ShortToken {
                origin: self.origin(),
                least: MIN_TOKEN,
            }),
            token => Ok(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "a-token-of-the-tests";

    #[test]
    fn the_token_of_the_admin_api_differs_from_the_other_wherever_both_are_set() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let inline = |text: &str| Some(Secret::new(text));
        for other in [TOKEN, "another-token-of-the-tests"] {
            for (bearer_token, bearer_token_file) in [
                (inline(TOKEN), None),
                (None, file("bearer", &format!("{TOKEN}\n"))),
            ] {
                for (admin_token, admin_token_file) in [
                    (inline(&format!(" {other}")), None),
                    (None, file("admin", &format!("{other}\n"))),
                ] {
                    let settings = OperationsSettings {
                        bearer_token: bearer_token.clone(),
                        bearer_token_file: bearer_token_file.clone(),
                        admin_token,
                        admin_token_file,
                        ..OperationsSettings::default()
                    };
                    match read_operations_tokens(&settings) {
                        Ok(_) => assert_ne!(other, TOKEN, "{settings:?}"),
                        Err(error) => {
                            let text = error.to_string();
                            assert!(other == TOKEN && !text.contains(TOKEN), "{text}");
                            assert!(text.contains("operations.admin_token"), "{text}");
                            assert!(text.contains("operations.bearer_token"), "{text}");
                        }
                    }
                }
            }
        }
    }
}
