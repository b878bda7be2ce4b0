use super::*;
use crate::domain::{Channel, Identifier, IdentifierType};

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn l2_l3_an_event_is_one_line_without_the_number() {
    let identifier = Identifier::canonical(
        IdentifierType::PhoneNumber,
        "+447400123456".into(),
        Some("GB".into()),
    );
    let sink = Shared::default();
    let audit = AuditLog::to(
        sink.clone(),
        Clock::manual(Timestamp::from_secs(1_774_000_000)).0,
    );
    let event = Event::LoginFail {
        subject: AuditSubject::new(&identifier, Some("0f".repeat(16))),
        channel: Channel::Sms,
        reason: SignInFailure::Refused,
        detail: Some("forged\n{\"event\":\"authn_login_success\"}".into()),
    };
    audit.emit(
        &EventSource {
            request_id: Some("r1".into()),
            address: Some([203, 0, 113, 7].into()),
            ..EventSource::default()
        },
        &event,
    );
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(!text.contains("7400"), "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["event"], event.name());
    assert_eq!(line["time"], "2026-03-20T09:46:40Z");
    assert_eq!(line["subject"]["country"], "GB");
    assert_eq!(line["subject"]["identifier"], "0f".repeat(16));
    assert_eq!(line["reason"], "refused");
    assert_eq!(line["address"], "203.0.113.7");
}

#[test]
fn an_event_without_fields_is_logged_by_name() {
    let sink = Shared::default();
    let audit = AuditLog::to(
        sink.clone(),
        Clock::manual(Timestamp::from_secs(1_774_000_000)).0,
    );
    audit.emit(&EventSource::default(), &Event::Shutdown);
    assert_eq!(
        *sink.0.lock().unwrap(),
        b"{\"time\":\"2026-03-20T09:46:40Z\",\"event\":\"sys_shutdown\"}\n"
    );
}
