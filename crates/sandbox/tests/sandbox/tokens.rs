//! Tokens, verified with another library than the one that signs them.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use latchkey_sandbox::{CLIENT_ID, TENANT_ID};
use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{
    PHONE, SandboxClient, authenticate_body, percent_encode_plus, send_body, start_sandbox,
    with_field,
};

async fn keys(sandbox: &SandboxClient) -> JwkSet {
    serde_json::from_value(sandbox.get("/cis/oidc/jwks").await.1).unwrap()
}

/// The claims of a token whose signature, issuer and audience are valid.
async fn verified(sandbox: &SandboxClient, token: &Value, audience: &str) -> Option<Value> {
    let token = token.as_str().unwrap();
    let header = decode_header(token).unwrap();
    assert!([Algorithm::RS256, Algorithm::PS256].contains(&header.alg));
    let keys = keys(sandbox).await;
    let jwk = keys.find(&header.kid.unwrap())?;
    assert_eq!(
        jwk.common.key_algorithm.unwrap().to_string(),
        format!("{:?}", header.alg)
    );
    let key = DecodingKey::from_jwk(jwk).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[sandbox.sandbox.base_url()]);
    validation.set_required_spec_claims(&["exp", "iat", "sub", "aud", "iss"]);
    Some(decode::<Value>(token, &key, &validation).unwrap().claims)
}

#[tokio::test]
async fn id_and_access_tokens_have_the_documented_claims() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in(PHONE).await;
    let id = verified(&sandbox, &tokens["id_token"], CLIENT_ID)
        .await
        .unwrap();
    let access = verified(&sandbox, &tokens["access_token"], "userid-api")
        .await
        .unwrap();
    let user = sandbox
        .get("/cis/v1/users/phone-number/%2B12025550123")
        .await
        .1["result"]["user_id"]
        .clone();
    for token in [&id, &access] {
        assert_eq!((&token["sub"], &token["tid"]), (&user, &json!(TENANT_ID)));
        assert_eq!(
            token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(),
            3600
        );
    }
    assert_eq!(
        (&access["client_id"], &access["app_name"], &access["roles"]),
        (&json!(CLIENT_ID), &json!("Latchkey"), &json!([]))
    );
    assert!(
        access["jti"].is_string() && access["scope"].is_string() && access["app_id"].is_string()
    );
    assert_eq!(
        (&id["amr"], &id["auth_time"]),
        (&json!(["sms"]), &id["iat"])
    );
    assert!(id["at_hash"].is_string() && id["acr"].is_string());
    assert!(
        id.get("phone_number").is_none(),
        "claims come when they are requested"
    );

    let client = verified(&sandbox, &json!(sandbox.token), "userid-api")
        .await
        .unwrap();
    assert_eq!(
        (&client["sub"], &client["client_id"]),
        (&json!(CLIENT_ID), &json!(CLIENT_ID))
    );
}

#[tokio::test]
async fn requested_claims_and_resource_are_in_the_tokens() {
    let sandbox = start_sandbox().await;
    let status = json!({ "status": "Pending", "roles": ["admin", "clerk"] });
    sandbox
        .control(
            Method::PUT,
            &format!("users/{}", percent_encode_plus(PHONE)),
            status,
        )
        .await;
    let id = sandbox
        .get("/cis/v1/users/phone-number/%2B12025550123")
        .await
        .1["result"]["user_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let name = json!({ "name": { "first_name": "Ann", "last_name": "Lee" },
        "custom_data": { "plan": "gold" } });
    assert_eq!(
        sandbox.put(&format!("/cis/v1/users/{id}"), name).await.0,
        200
    );
    let send = with_field(
        send_body(PHONE),
        "approval_data",
        json!({ "order": "A-1", "sum": 5 }),
    );
    assert_eq!(
        sandbox.post("/cis/v1/auth/otp/send", send).await.1["approval_data"],
        json!({ "order": "A-1", "sum": 5 })
    );

    let requested = [
        "phone_number",
        "phone_number_verified",
        "roles",
        "fname",
        "lname",
        "new_user",
        "custom_data",
        "email",
        "shoe_size",
    ];
    let requested: Value = requested
        .into_iter()
        .map(|name| (name.to_owned(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    // The parameter is an open object: unknown members have no effect.
    let body = with_field(
        authenticate_body(PHONE, &sandbox.newest_code(PHONE).await),
        "claims",
        json!({ "id_token": requested, "access_token": { "roles": null }, "other": 7 }),
    );
    let body = with_field(body, "resource", json!("https://api.example.org"));
    let tokens = sandbox.post("/cis/v1/auth/otp/authenticate", body).await.1;
    let id = verified(&sandbox, &tokens["id_token"], CLIENT_ID)
        .await
        .unwrap();
    assert_eq!(
        (&id["phone_number"], &id["phone_number_verified"]),
        (&json!(PHONE), &json!(true))
    );
    assert_eq!(
        (&id["roles"], &id["new_user"]),
        (&json!(["admin", "clerk"]), &json!(true))
    );
    assert_eq!(
        (&id["fname"], &id["lname"], &id["custom_data"]),
        (&json!("Ann"), &json!("Lee"), &json!({ "plan": "gold" }))
    );
    assert_eq!(id["approval_data"], json!({ "order": "A-1", "sum": 5 }));
    assert!(id.get("email").is_none() && id.get("shoe_size").is_none());
    let access = verified(&sandbox, &tokens["access_token"], "https://api.example.org")
        .await
        .unwrap();
    assert_eq!(access["roles"], json!(["admin", "clerk"]));
}

#[tokio::test]
async fn requested_claims_do_not_override_standard_claims() {
    let sandbox = start_sandbox().await;
    sandbox.set_user_status(PHONE, "Active").await;
    sandbox.send_code(PHONE).await;
    let requested = json!({ "id_token": { "sub": { "value": "x" }, "aud": null,
        "iss": { "essential": true } } });
    let body = with_field(
        authenticate_body(PHONE, &sandbox.newest_code(PHONE).await),
        "claims",
        requested,
    );
    let tokens = sandbox.post("/cis/v1/auth/otp/authenticate", body).await.1;
    assert_ne!(
        verified(&sandbox, &tokens["id_token"], CLIENT_ID)
            .await
            .unwrap()["sub"],
        "x"
    );
}

#[tokio::test]
async fn an_old_key_stays_in_the_jwks_unless_it_is_dropped() {
    let sandbox = start_sandbox().await;
    let first = sandbox.sign_in(PHONE).await;
    let kid = sandbox
        .control(Method::POST, "keys/rotate", json!({}))
        .await["kid"]
        .clone();
    assert_eq!(keys(&sandbox).await.keys.len(), 2);
    assert!(
        verified(&sandbox, &first["id_token"], CLIENT_ID)
            .await
            .is_some()
    );
    let second = sandbox.sign_in(PHONE).await;
    assert_eq!(
        decode_header(second["id_token"].as_str().unwrap())
            .unwrap()
            .kid,
        kid.as_str().map(str::to_owned)
    );
    assert!(
        verified(&sandbox, &second["id_token"], CLIENT_ID)
            .await
            .is_some()
    );

    sandbox
        .control(Method::POST, "keys/rotate", json!({ "keep_old": false }))
        .await;
    assert_eq!(keys(&sandbox).await.keys.len(), 1);
    assert!(
        verified(&sandbox, &second["id_token"], CLIENT_ID)
            .await
            .is_none()
    );
    assert_eq!(
        sandbox.send_code(PHONE).await.0,
        401,
        "what a forgotten key signed is void"
    );
}

#[tokio::test]
async fn a_key_may_sign_with_ps256_and_stay_unpublished() {
    let sandbox = start_sandbox().await;
    let discovery = sandbox
        .get("/cis/oidc/.well-known/openid-configuration")
        .await
        .1;
    assert_eq!(
        discovery["id_token_signing_alg_values_supported"],
        json!(["RS256", "PS256"])
    );

    sandbox
        .control(Method::POST, "keys/rotate", json!({ "algorithm": "PS256" }))
        .await;
    let tokens = sandbox.sign_in(PHONE).await;
    assert_eq!(
        decode_header(tokens["id_token"].as_str().unwrap())
            .unwrap()
            .alg,
        Algorithm::PS256
    );
    assert!(
        verified(&sandbox, &tokens["id_token"], CLIENT_ID)
            .await
            .is_some()
    );
    assert!(
        verified(&sandbox, &tokens["access_token"], "userid-api")
            .await
            .is_some()
    );

    sandbox
        .control(Method::POST, "keys/rotate", json!({ "publish": false }))
        .await;
    assert_eq!(keys(&sandbox).await.keys.len(), 2);
    let hidden = sandbox.sign_in(PHONE).await;
    assert!(
        verified(&sandbox, &hidden["id_token"], CLIENT_ID)
            .await
            .is_none()
    );
    assert_eq!(sandbox.send_code(PHONE).await.0, 200, "client tokens hold");
}

/// Header, claims and signature, unverified.
fn parts(token: &Value) -> (Value, Value, Vec<u8>) {
    let parts: Vec<_> = token
        .as_str()
        .unwrap()
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap())
        .collect();
    let json = |part: &[u8]| serde_json::from_slice(part).unwrap();
    (json(&parts[0]), json(&parts[1]), parts[2].clone())
}

#[tokio::test]
async fn tampering_applies_to_the_requested_number_of_tokens() {
    let sandbox = start_sandbox().await;
    let tampering = json!({ "token": "id", "header": { "typ": null, "jku": "x" },
        "claims": { "aud": "other", "acr": null },
        "times": 1 });
    sandbox.control(Method::PUT, "tokens", tampering).await;
    let tokens = sandbox.sign_in(PHONE).await;
    let (header, claims, _) = parts(&tokens["id_token"]);
    assert_eq!(
        (header.get("typ"), &header["jku"], &header["alg"]),
        (None, &json!("x"), &json!("RS256"))
    );
    assert_eq!((&claims["aud"], claims.get("acr")), (&json!("other"), None));
    assert!(
        verified(&sandbox, &tokens["id_token"], "other")
            .await
            .is_some(),
        "well signed"
    );
    assert!(
        verified(&sandbox, &tokens["access_token"], "userid-api")
            .await
            .is_some(),
        "the other one is honest"
    );
    let tokens = sandbox.sign_in(PHONE).await;
    assert!(
        verified(&sandbox, &tokens["id_token"], CLIENT_ID)
            .await
            .is_some(),
        "once was requested"
    );

    sandbox
        .control(
            Method::PUT,
            "tokens",
            json!({ "token": "access", "signature": "none" }),
        )
        .await;
    sandbox
        .control(
            Method::PUT,
            "tokens",
            json!({ "token": "id", "signature": "stripped" }),
        )
        .await;
    for _ in 0..2 {
        let tokens = sandbox.sign_in(PHONE).await;
        let ((access, _, none), (id, _, stripped)) =
            (parts(&tokens["access_token"]), parts(&tokens["id_token"]));
        assert_eq!((&access["alg"], none.len()), (&json!("none"), 0));
        assert_eq!((&id["alg"], stripped.len()), (&json!("RS256"), 0));
    }
    sandbox
        .control(
            Method::PUT,
            "tokens",
            json!({ "token": "access", "times": 0 }),
        )
        .await;
    let tokens = sandbox.sign_in(PHONE).await;
    assert!(
        verified(&sandbox, &tokens["access_token"], "userid-api")
            .await
            .is_some()
    );

    sandbox.reset().await;
    let tokens = sandbox.sign_in(PHONE).await;
    assert!(
        verified(&sandbox, &tokens["id_token"], CLIENT_ID)
            .await
            .is_some(),
        "reset ends it"
    );
}

#[tokio::test]
async fn tampered_signatures_use_a_foreign_key_or_an_hmac_of_the_public_key() {
    let sandbox = start_sandbox().await;
    let honest = sandbox.sign_in(PHONE).await;
    sandbox
        .control(
            Method::PUT,
            "tokens",
            json!({ "token": "id", "signature": "foreign" }),
        )
        .await;
    let foreign = sandbox.sign_in(PHONE).await;
    let ((true_header, ..), (header, _, signature)) =
        (parts(&honest["id_token"]), parts(&foreign["id_token"]));
    assert_eq!((header, signature.len()), (true_header, 256));
    let jwks = keys(&sandbox).await;
    let kid = decode_header(foreign["id_token"].as_str().unwrap())
        .unwrap()
        .kid
        .unwrap();
    let key = DecodingKey::from_jwk(jwks.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[CLIENT_ID]);
    assert!(decode::<Value>(foreign["id_token"].as_str().unwrap(), &key, &validation).is_err());
    assert!(decode::<Value>(honest["id_token"].as_str().unwrap(), &key, &validation).is_ok());

    sandbox
        .control(
            Method::PUT,
            "tokens",
            json!({ "token": "id", "signature": "hs256" }),
        )
        .await;
    let token = sandbox.sign_in(PHONE).await["id_token"].clone();
    let (header, _, signature) = parts(&token);
    assert_eq!((&header["alg"], signature.len()), (&json!("HS256"), 32));
    // The HMAC secret can be derived from the published key.
    let n = sandbox.get("/cis/oidc/jwks").await.1["keys"][0]["n"]
        .as_str()
        .unwrap()
        .to_owned();
    let secret = hmac::Key::new(
        hmac::HMAC_SHA256,
        pem(&URL_SAFE_NO_PAD.decode(n).unwrap()).as_bytes(),
    );
    let message = token.as_str().unwrap().rsplit_once('.').unwrap().0;
    hmac::verify(&secret, message.as_bytes(), &signature).unwrap();
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1) of an RSA key of 2048 bits with the exponent 65537.
fn pem(modulus: &[u8]) -> String {
    let head = "30820122300d06092a864886f70d01010105000382010f003082010a0282010100";
    let head = (0..head.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&head[at..at + 2], 16).unwrap());
    let der: Vec<u8> = head
        .chain(modulus.iter().copied())
        .chain([2, 3, 1, 0, 1])
        .collect();
    latchkey_testkit::pem::block("PUBLIC KEY", &der)
}

#[tokio::test]
async fn tokens_follow_the_moved_clock() {
    let sandbox = start_sandbox().await;
    sandbox.advance_clock("30m").await;
    let tokens = sandbox.sign_in(PHONE).await;
    let client = verified(&sandbox, &json!(sandbox.token), "userid-api")
        .await
        .unwrap();
    let id = verified(&sandbox, &tokens["id_token"], CLIENT_ID)
        .await
        .unwrap();
    let later = id["iat"].as_i64().unwrap() - client["iat"].as_i64().unwrap();
    assert!((1800..1860).contains(&later), "{later}");
}
