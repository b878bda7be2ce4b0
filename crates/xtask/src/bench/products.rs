//! The products that are compared.

use anyhow::{Result, bail};

use super::product::{Product, Setting};
use super::{allauth, better_auth, latchkey};

/// The products, by the names of `--products`.
pub const NAMES: [&str; 4] = ["latchkey", "latchkey-guard-off", "better-auth", "allauth"];

/// Installs a product and makes its users.
pub fn install(name: &str, setting: &Setting<'_>) -> Result<Box<dyn Product>> {
    let product: Box<dyn Product> = match name {
        "latchkey" => Box::new(latchkey::install(setting, true)?),
        "latchkey-guard-off" => Box::new(latchkey::install(setting, false)?),
        "better-auth" => Box::new(better_auth::install(setting)?),
        "allauth" => Box::new(allauth::install(setting)?),
        unknown => bail!("there is no product `{unknown}`"),
    };
    Ok(product)
}
