//! The row about the files of logos, which are read as at the start.

use latchkey::server::finding::Finding::{self, Fail, Pass};
use latchkey::server::http::brands::Brands;
use latchkey::server::settings::{BrandSettings, ConfigError};

/// Whether the logos can be used; none if there are no logos, or if the rows of the settings say
/// what else is wrong with the brand.
pub fn row(settings: &BrandSettings, errors: &[ConfigError]) -> Option<Finding> {
    let has_error = errors.iter().any(|error| error.key.starts_with("brand."));
    match Brands::load(settings) {
        Err(error) => Some(Fail(error.to_string())),
        Ok(brands) => match brands.count_files() {
            0 => None,
            _ if has_error => None,
            files => Some(Pass(format!(
                "logos and colours are in order; files that browsers load for them: {files}"
            ))),
        },
    }
}
