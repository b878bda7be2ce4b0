//! `[brand]`: name and look.

use serde::{Deserialize, Serialize};
use url::Url;

/// What people see of the company.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    /// The name at the top of every page.
    pub name: String,
    /// Where help is: shown on the help panel and on the error page.
    pub support_url: Option<Url>,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Latchkey".to_owned(), support_url: None }
    }
}
