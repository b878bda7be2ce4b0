//! Fuzz targets of the gateway's parsers; see [`crate::fuzz`].

use serde_json::{Value, json};

use crate::fuzz_assertions::{parse_json_twice, parse_twice};
use crate::server::sms_gateway::handlers::verification_key;
use crate::server::sms_gateway::provider::{
    twilio as twilio_response, webhook as webhook_response,
};
use crate::server::sms_gateway::sms::Sms;

/// A delivery: an accepted one is within the limits, its `Debug` is redacted, and it can be written
/// and parsed again.
pub fn delivery(bytes: &[u8]) {
    let parts = |sms: Sms| (sms.to.clone(), sms.sender.clone(), sms.text.to_string());
    let Some((to, sender, text)) =
        parse_json_twice(bytes, |bytes| Sms::parse(bytes).map(parts).ok())
    else {
        return;
    };
    let digits = to.strip_prefix('+').unwrap_or_default();
    assert!(
        (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0')
    );
    assert!((1..=1600).contains(&text.chars().count()) && !text.contains('\0'));
    assert!(
        sender
            .as_ref()
            .is_none_or(|sender| (1..=16).contains(&sender.chars().count()))
    );
    let body = json!({ "phone_number": to, "sender_id": sender, "message": text }).to_string();
    assert_eq!(
        Sms::parse(body.as_bytes()).map(parts),
        Ok((to.clone(), sender, text))
    );
    let Ok(sms) = Sms::parse(bytes) else {
        unreachable!("parsed above")
    };
    assert_eq!(format!("{sms:?}"), "Sms(redacted)");
    assert_eq!(sms.identifier().value(), to);
}

/// The key of a challenge: it is returned unchanged, and is visible ASCII.
pub fn verification(bytes: &[u8]) {
    if let Some(key) = parse_twice(|| verification_key(bytes)) {
        assert!(
            key.as_bytes() == bytes
                && (1..=256).contains(&key.len())
                && key.bytes().all(|b| b.is_ascii_graphic())
        );
    }
}

/// A response of Twilio: an accepted message is an object with a `sid`.
pub fn twilio(bytes: &[u8]) {
    parse_json_twice(bytes, twilio_response::error_code);
    if parse_twice(|| twilio_response::is_acceptance(bytes)) {
        let response: Value = serde_json::from_slice(bytes).unwrap_or_default();
        assert!(
            response.is_object()
                && response
                    .get("sid")
                    .and_then(Value::as_str)
                    .is_some_and(|sid| !sid.is_empty())
        );
    }
}

/// A response of a webhook: a body of an accepted message is empty or JSON.
pub fn webhook(bytes: &[u8]) {
    if !bytes.is_empty() {
        parse_json_twice(bytes, |bytes| {
            webhook_response::is_acceptance(bytes).then_some(())
        });
    }
}
