//! Client authentication: exactly one of a secret, a private key, or a file that holds one of them.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::server::settings::transmit::TransmitSettings;

/// The algorithm that signs client assertions (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum PrivateKeyAlgorithm {
    /// RSA, PKCS #1 v1.5.
    Rs256,
    /// RSA, PSS: what FAPI 2.0 requires.
    Ps256,
    /// ECDSA on P-256.
    Es256,
}

impl PrivateKeyAlgorithm {
    /// The name in a header.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl TransmitSettings {
    pub(super) fn validate_client_authentication(&self, mut error: impl FnMut(&'static str, &str)) {
        let proofs = [
            ("transmit.client_secret", self.client_secret.is_some()),
            (
                "transmit.client_secret_file",
                self.client_secret_file.is_some(),
            ),
            ("transmit.private_key", self.private_key.is_some()),
            ("transmit.private_key_file", self.private_key_file.is_some()),
        ];
        let set: Vec<_> = proofs
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(key, _)| key)
            .collect();
        match set.as_slice() {
            [] => error(
                "transmit.client_secret",
                "needed: the client secret (or transmit.client_secret_file), or a key instead of \
                 it (transmit.private_key_file)",
            ),
            [_] => {}
            [first, second, ..] => {
                error(
                    second,
                    &format!("{first} is set too: one authenticates the client; remove the other"),
                );
            }
        }
        for (key, secret) in [
            ("transmit.client_secret", &self.client_secret),
            ("transmit.private_key", &self.private_key),
        ] {
            if secret
                .as_ref()
                .is_some_and(|secret| secret.expose().trim().is_empty())
            {
                error(key, "is empty");
            }
        }
        let has_key = self.private_key.is_some() || self.private_key_file.is_some();
        let of_key = [
            ("transmit.private_key_id", self.private_key_id.is_some()),
            (
                "transmit.private_key_algorithm",
                self.private_key_algorithm.is_some(),
            ),
        ];
        for (key, _) in of_key.into_iter().filter(|(_, is_set)| *is_set && !has_key) {
            error(
                key,
                "belongs to transmit.private_key or transmit.private_key_file, and neither is set",
            );
        }
        if self
            .private_key_id
            .as_ref()
            .is_some_and(|id| id.trim().is_empty())
        {
            error(
                "transmit.private_key_id",
                "is empty; leave it out to take the key's thumbprint",
            );
        }
    }
}
