//! Signatures in the form of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over
//! `id.timestamp.body`, one for each secret, separated by spaces.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The keys that sign.
pub(super) struct SigningKeys(Vec<hmac::Key>);

impl SigningKeys {
    pub fn new(keys: &[Vec<u8>]) -> Self {
        let keys = keys
            .iter()
            .map(|key| hmac::Key::new(hmac::HMAC_SHA256, key));
        Self(keys.collect())
    }

    /// The value of `webhook-signature` for an attempt at `timestamp`, in seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: u64, body: &str) -> String {
        let signed = format!("{id}.{timestamp}.{body}");
        let signatures = self.0.iter().map(|key| {
            let code = hmac::sign(key, signed.as_bytes());
            format!("v1,{}", STANDARD.encode(code))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification and of its libraries.
    #[test]
    fn the_published_example_has_the_published_signature() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let sign = |keys: &[Vec<u8>]| {
            SigningKeys::new(keys).sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
            )
        };
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(sign(std::slice::from_ref(&secret)), expected);
        let two = sign(&[secret, vec![7; 32]]);
        assert!(two.starts_with(&format!("{expected} v1,")), "{two}");
    }
}
