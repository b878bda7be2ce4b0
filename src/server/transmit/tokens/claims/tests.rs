use serde_json::json;

use super::*;

#[test]
fn a_phone_number_counts_only_if_it_is_verified() {
    let number = json!("+447400123456");
    for (number, verified, expected) in [
        (number.clone(), json!(true), Some("+447400123456")),
        (number.clone(), json!(false), None),
        (number.clone(), json!(null), None),
        (number.clone(), json!("true"), None),
        (number, json!(1), None),
        (json!("ada@example.com"), json!(true), None),
        (json!("447400123456"), json!(true), None),
        (json!("+4474001234567890"), json!(true), None),
        (json!("+44740\r\n0123"), json!(true), None),
        (json!(null), json!(true), None),
    ] {
        let members = json!({ "phone_number": number, "phone_number_verified": verified });
        let claims = Claims::from_members(members.as_object().unwrap().clone()).unwrap();
        assert_eq!(claims.verified_phone_number(), expected, "{members}");
    }
    let members = json!({ "phone_number": "+447400123456" });
    let claims = Claims::from_members(members.as_object().unwrap().clone()).unwrap();
    assert_eq!(
        claims.verified_phone_number(),
        None,
        "not said to be verified"
    );
}

#[test]
fn an_earlier_authentication_is_read_in_every_form() {
    let began_at = Timestamp::from_secs(1_800_000_000);
    let before = Some(Timestamp::from_secs(1_700_000_000));
    for (last_auth, expected) in [
        (json!(1_700_000_000), before),
        (json!(1_700_000_000_000_u64), before),
        (json!("2023-11-14T22:13:20Z"), before),
        (json!("2023-11-14T22:13:20.000Z"), before),
        // This authentication itself.
        (json!(1_800_000_005), None),
        (json!("2027-01-15T08:00:05Z"), None),
        (json!(null), None),
        (json!(""), None),
        (json!("yesterday"), None),
        (json!(-1), None),
        (json!(1.5), None),
        (json!({}), None),
        (json!([1_700_000_000]), None),
        (json!("1969-12-31T23:59:59Z"), None),
    ] {
        let members = json!({ "sub": "u-1", "last_auth": last_auth });
        let claims = Claims::from_members(members.as_object().unwrap().clone()).unwrap();
        assert_eq!(claims.last_auth_before(began_at), expected, "{last_auth}");
    }
    let claims = Claims::from_members(Map::new()).unwrap();
    assert_eq!(claims.last_auth_before(began_at), None);
}
