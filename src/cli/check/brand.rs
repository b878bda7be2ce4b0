//! The row about the files of logos, which are read as at the start.

use latchkey::server::finding::Finding::{self, Fail, Pass};
use latchkey::server::http::brands::Brands;
use latchkey::server::settings::BrandSettings;

/// Whether the logos can be used; none if there are no logos.
pub fn row(settings: &BrandSettings) -> Option<Finding> {
    match Brands::load(settings) {
        Err(error) => Some(Fail(error.to_string())),
        Ok(brands) => match brands.count_files() {
            0 => None,
            files => Some(Pass(format!(
                "logos and colours are in order; files that browsers load for them: {files}"
            ))),
        },
    }
}
