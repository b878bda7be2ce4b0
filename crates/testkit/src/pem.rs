//! Private keys in PEM, generated for one run, and PEM blocks.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// An RSA key of 2048 bits.
pub fn rsa() -> String {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    pem(AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap().as_ref())
}

/// An EC key on P-256.
pub fn ec() -> String {
    ec_on(&ECDSA_P256_SHA256_FIXED_SIGNING)
}

/// An EC key on the curve of this algorithm.
pub fn ec_on(algorithm: &'static EcdsaSigningAlgorithm) -> String {
    pem(EcdsaKeyPair::generate(algorithm)
        .unwrap()
        .to_pkcs8v1()
        .unwrap()
        .as_ref())
}

/// A PKCS#8 block (RFC 7468 §10).
fn pem(der: &[u8]) -> String {
    block("PRIVATE KEY", der)
}

/// A block with this label (RFC 7468 §3).
pub fn block(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
