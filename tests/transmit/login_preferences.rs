//! The tenant's policy: for which application it is read, and that a refusal costs nothing else.

use latchkey::server::settings::{TenantPolicies, TenantPolicy};
use latchkey::server::transmit::{FailureKind, PolicyError};
use latchkey_testkit::token_signer::TRUSTED;
use serde_json::{Value, json};

use crate::stub_server::Reply;
use crate::test_client::{SEND, TOKEN, TestClient};

const PATH: &str = "/cis/loginPreferences/app-1";

fn told() -> Reply {
    let sms = json!({ "expiresIn": 5, "maxFailures": 3 });
    Reply::json(200, json!({ "result": { "auth_methods": { "sms": sms } } }))
}

fn grant(token: &str) -> Reply {
    let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 });
    Reply::json(200, body)
}

#[tokio::test]
async fn the_application_is_that_of_the_setting_or_of_the_client_token() {
    let by_setting = TestClient::with(|settings| settings.app_id = Some("app-1".to_owned())).await;
    let by_token = TestClient::new().await;
    let jwt = TRUSTED.token(&json!({ "app_id": "app-1", "tid": "t" }));
    by_token.stub.always(TOKEN, grant(&jwt));
    for world in [by_setting, by_token] {
        world.stub.always(PATH, told());
        assert_eq!(
            world.transmit.tenant_policy().await,
            Ok(TenantPolicies {
                sms: TenantPolicy::DEFAULT,
                email: None,
            })
        );
        let seen = &world.stub.seen(PATH)[0];
        assert_eq!((seen.method.as_str(), seen.body.as_str()), ("GET", ""));
        assert!(seen.headers["authorization"].starts_with("Bearer "));
    }

    // A token that is no JWT, one without the claim, and one whose claim is no id.
    for claims in [
        Value::Null,
        json!({}),
        json!({ "app_id": ".." }),
        json!({ "app_id": 7 }),
    ] {
        let world = TestClient::new().await;
        if claims.is_object() {
            world.stub.always(TOKEN, grant(&TRUSTED.token(&claims)));
        }
        assert_eq!(
            world.transmit.tenant_policy().await,
            Err(PolicyError::NoAppId)
        );
        assert_eq!(world.stub.total(), 1, "only the token");
    }
}

#[tokio::test]
async fn a_refusal_leaves_the_client_token_alone() {
    let world = TestClient::with(|settings| settings.app_id = Some("app-1".to_owned())).await;
    for status in [401, 403] {
        let refusal = json!({ "error_code": status, "message": "no" });
        world.stub.always(PATH, Reply::json(status, refusal));
        let error = world.transmit.tenant_policy().await.unwrap_err();
        assert!(matches!(error, PolicyError::Withheld(_)), "{error}");
        assert!(error.to_string().contains("apps:read") && !error.is_temporary());
        world.send().await.unwrap();
    }
    assert_eq!((world.stub.count(TOKEN), world.stub.count(PATH)), (1, 2));
    assert_eq!(world.stub.count(SEND), 2);

    world
        .stub
        .always(PATH, Reply::text(200, "text/html", "<html>"));
    let error = world.transmit.tenant_policy().await.unwrap_err();
    let PolicyError::Failed(failure) = &error else {
        panic!("{error}")
    };
    assert_eq!(failure.kind, FailureKind::NotUnderstood);
    assert!(error.is_temporary());
}
