//! Fuzz targets of this room's parsers; see [`crate::fuzz`].

use serde_json::{Value, json};

use crate::fuzz::{json_twice, same_twice};
use crate::server::sms_gateway::handlers::verification_key;
use crate::server::sms_gateway::provider::{twilio as twilio_answer, webhook as webhook_answer};
use crate::server::sms_gateway::sms::Sms;

/// A delivery: what is taken is within bounds, shows nothing, and reads back.
pub fn delivery(bytes: &[u8]) {
    let parts = |sms: Sms| (sms.to.clone(), sms.sender.clone(), sms.text.to_string());
    let Some((to, sender, text)) = json_twice(bytes, |bytes| Sms::parse(bytes).map(parts).ok())
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
        unreachable!("read above")
    };
    assert_eq!(format!("{sms:?}"), "Sms(redacted)");
    assert_eq!(sms.identifier().value(), to);
}

/// The header of a challenge: what goes back is what came, in visible ASCII.
pub fn verification(bytes: &[u8]) {
    if let Some(key) = same_twice(|| verification_key(bytes)) {
        assert!(
            key.as_bytes() == bytes
                && (1..=256).contains(&key.len())
                && key.bytes().all(|b| b.is_ascii_graphic())
        );
    }
}

/// Twilio's answer: a yes is an object with a `sid`.
pub fn twilio(bytes: &[u8]) {
    json_twice(bytes, twilio_answer::error_code);
    if same_twice(|| twilio_answer::is_acceptance(bytes)) {
        let answer: Value = serde_json::from_slice(bytes).unwrap_or_default();
        assert!(
            answer.is_object()
                && answer
                    .get("sid")
                    .and_then(Value::as_str)
                    .is_some_and(|sid| !sid.is_empty())
        );
    }
}

/// A webhook's answer: a yes is nothing, or JSON.
pub fn webhook(bytes: &[u8]) {
    if !bytes.is_empty() {
        json_twice(bytes, |bytes| {
            webhook_answer::is_acceptance(bytes).then_some(())
        });
    }
}
