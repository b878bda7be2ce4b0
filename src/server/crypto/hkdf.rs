//! Key derivation: HKDF-SHA256 (RFC 5869).

use aws_lc_rs::hkdf;

/// The library refused to derive a key. Does not happen with a 32-byte input key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a sub-key could not be derived from secrets.key")]
pub struct DeriveKeyError;

/// Derives a 256-bit key for the purpose that `info` names.
///
/// # Errors
/// [`DeriveKeyError`] if the library refuses.
pub fn derive_key(key: &[u8; 32], info: &[u8]) -> Result<[u8; 32], DeriveKeyError> {
    let mut derived = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey")
        .extract(key)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut derived))
        .map_err(|_| DeriveKeyError)?;
    Ok(derived)
}
