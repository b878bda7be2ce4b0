//! The signed JWT, validated as an application would: with another library and the keys of
//! `/.well-known/jwks.json`.

use std::sync::Arc;

use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::settings::Secret;
use latchkey::server::settings::forward_auth::PhoneHeader;
use serde_json::Value;

use crate::forward_auth::{
    OTHER_HOST, SAME_HOST, app_behind_proxy, assert_identity, forward_auth, sign_in_and_enter,
    signed_in_behind_proxy,
};
use crate::support::{Browser, KNOWN_PHONE, TestApp, minutes, seconds};

async fn with_jwt(phone: PhoneHeader) -> (Arc<TestApp>, Browser) {
    let app = app_behind_proxy(|settings| settings.forward_auth.phone = phone).await;
    app.upstream.set_roles(KNOWN_PHONE, &["admin", "Zoë"]).await;
    let browser = signed_in_behind_proxy(&app).await;
    (app, browser)
}

async fn jwt(browser: &Browser, origin: &str) -> String {
    assert_identity(&forward_auth(browser, origin, "/").await)[5].to_owned()
}

async fn fetch_jwks(app: &Arc<TestApp>) -> JwkSet {
    serde_json::from_value(app.browser().get("/.well-known/jwks.json").await.json()).unwrap()
}

/// An application's validation. The app's clock differs from the machine's, so times are checked
/// separately.
fn validate(
    keys: &JwkSet,
    jwt: &str,
    audience: &str,
) -> Result<Value, jsonwebtoken::errors::Error> {
    let header = decode_header(jwt)?;
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&["http://127.0.0.1:3000"]);
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    rules.validate_exp = false;
    decode::<Value>(jwt, &DecodingKey::from_jwk(key)?, &rules).map(|token| token.claims)
}

#[tokio::test]
async fn an_application_can_validate_the_jwt_and_its_audience() {
    let (app, mut browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = fetch_jwks(&app).await;
    let session = browser.get("/api/session").await.json();
    let now = app.now().as_secs();
    for origin in [OTHER_HOST, SAME_HOST] {
        let jwt = jwt(&browser, origin).await;
        let header = decode_header(&jwt).unwrap();
        assert_eq!(
            (header.typ.as_deref(), header.alg),
            (Some("JWT"), Algorithm::ES256)
        );
        let claims = validate(&keys, &jwt, origin).unwrap();
        let mut names: Vec<_> = claims
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "amr",
                "aud",
                "auth_time",
                "exp",
                "groups",
                "iat",
                "iss",
                "jti",
                "sid",
                "sub"
            ]
        );
        assert_eq!(claims["sub"], session["sub"]);
        assert_eq!(claims["amr"], session["amr"]);
        assert_eq!(
            claims["groups"],
            serde_json::json!(["admin", "Zoë"]),
            "as they are: only headers need escaping"
        );
        assert_eq!(
            claims["sid"],
            app.audit.events_named("session_created")[0]["session"]
        );
        assert_eq!(
            (claims["iat"].as_u64(), claims["exp"].as_u64()),
            (Some(now), Some(now + 60))
        );
        let auth_time = Timestamp::from_secs(claims["auth_time"].as_u64().unwrap());
        assert_eq!(session["auth_time"], auth_time.to_rfc3339());
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        // A token for one application is invalid for another.
        for other in [OTHER_HOST, SAME_HOST]
            .into_iter()
            .filter(|other| *other != origin)
        {
            assert!(validate(&keys, &jwt, other).is_err());
        }
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let forged = format!("{}.{signature}", signed.replace(&signed[40..44], "AAAA"));
        assert!(validate(&keys, &forged, origin).is_err());
    }
}

#[tokio::test]
async fn the_jwt_contains_the_number_only_when_it_is_sent_in_full() {
    let (app, browser) = with_jwt(PhoneHeader::Full).await;
    let claims = validate(
        &fetch_jwks(&app).await,
        &jwt(&browser, OTHER_HOST).await,
        OTHER_HOST,
    )
    .unwrap();
    assert_eq!(claims["phone_number"], KNOWN_PHONE);
}

#[tokio::test]
async fn the_jwt_expires_after_a_minute_and_with_the_session() {
    let (app, browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = fetch_jwks(&app).await;
    let first = jwt(&browser, OTHER_HOST).await;
    app.advance(seconds(29)).await;
    assert_eq!(
        jwt(&browser, OTHER_HOST).await,
        first,
        "cached for half a minute"
    );
    app.advance(seconds(1)).await;
    let second = jwt(&browser, OTHER_HOST).await;
    assert_ne!(second, first);
    app.advance(minutes(29)).await;
    let last = validate(&keys, &jwt(&browser, OTHER_HOST).await, OTHER_HOST).unwrap();
    let [iat, exp] = ["iat", "exp"].map(|name| last[name].as_u64().unwrap());
    assert!(
        exp - iat <= 30,
        "half a minute of the session is left: {last}"
    );
    app.advance(seconds(29)).await;
    let live = jwt(&browser, OTHER_HOST).await;
    assert!(
        validate(&keys, &live, OTHER_HOST).unwrap()["exp"]
            .as_u64()
            .unwrap()
            >= app.now().as_secs()
    );
}

#[tokio::test]
async fn jwts_are_cached_by_user_and_follow_role_changes() {
    let (app, browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = fetch_jwks(&app).await;
    let mut other = app.browser();
    sign_in_and_enter(&mut other, "+447400777888").await;
    let [one, another] = [
        jwt(&browser, OTHER_HOST).await,
        jwt(&other, OTHER_HOST).await,
    ];
    assert_ne!(
        validate(&keys, &one, OTHER_HOST).unwrap()["sub"],
        validate(&keys, &another, OTHER_HOST).unwrap()["sub"]
    );

    let app = app_behind_proxy(|settings| {
        settings.session.check_interval = "10s".parse().unwrap();
    })
    .await;
    app.upstream.set_roles(KNOWN_PHONE, &["admin"]).await;
    let browser = signed_in_behind_proxy(&app).await;
    jwt(&browser, OTHER_HOST).await;
    app.upstream.set_roles(KNOWN_PHONE, &["guest"]).await;
    app.advance(seconds(10)).await;
    let claims = validate(
        &fetch_jwks(&app).await,
        &jwt(&browser, OTHER_HOST).await,
        OTHER_HOST,
    )
    .unwrap();
    assert_eq!(
        claims["groups"],
        serde_json::json!(["guest"]),
        "no cached JWT with old roles"
    );
}

#[tokio::test]
async fn the_jwks_is_public_cacheable_and_only_served_when_enabled() {
    let (app, _) = with_jwt(PhoneHeader::Masked).await;
    let response = app.browser().get("/.well-known/jwks.json").await;
    assert_eq!(
        response.header("content-type"),
        Some("application/jwk-set+json")
    );
    assert_eq!(
        response.header("cache-control"),
        Some("public, max-age=300")
    );
    let keys = response.json();
    let key = &keys["keys"][0];
    assert_eq!(
        [&key["kty"], &key["crv"], &key["alg"], &key["use"]],
        ["EC", "P-256", "ES256", "sig"]
    );
    assert_eq!(key["d"], Value::Null);
    assert_eq!(
        key["kid"],
        fetch_jwks(&app).await.keys[0]
            .thumbprint(ThumbprintHash::SHA256)
            .unwrap()
    );

    let off = app_behind_proxy(|settings| settings.forward_auth.jwt = false).await;
    assert_eq!(
        off.browser().get("/.well-known/jwks.json").await.status,
        404
    );
}

/// Every node signs with the same key, and a rotated key stays published.
#[tokio::test]
async fn the_signing_key_is_derived_from_the_secret_key() {
    let (app, browser) = with_jwt(PhoneHeader::Masked).await;
    let jwt = jwt(&browser, OTHER_HOST).await;
    let node = |key: Option<Secret>, previous: Option<Secret>| {
        let settings = app.settings.clone();
        TestApp::with_store(app.product.store.clone(), app.upstream.clone(), |new| {
            new.server = settings.server.clone();
            new.forward_auth = settings.forward_auth.clone();
            new.secrets.key = key.or(settings.secrets.key);
            new.secrets.previous_keys = previous.into_iter().collect();
        })
    };
    let of_sibling = fetch_jwks(&node(None, None)).await;
    assert!(validate(&of_sibling, &jwt, OTHER_HOST).is_ok());

    // After rotation the new key signs, and tokens of the old key can still be validated.
    let new = Secret::new("//////////////////////////////////////////8=");
    let turned = node(Some(new), app.settings.secrets.key.clone());
    let keys = fetch_jwks(&turned).await;
    assert_eq!((keys.keys.len(), &keys.keys[1]), (2, &of_sibling.keys[0]));
    assert!(validate(&keys, &jwt, OTHER_HOST).is_ok());
    let browser = Browser {
        app: turned,
        ..browser
    };
    let by_new = assert_identity(&forward_auth(&browser, OTHER_HOST, "/").await)[5].to_owned();
    assert_eq!(
        decode_header(&by_new).unwrap().kid,
        keys.keys[0].common.key_id
    );
    assert!(validate(&keys, &by_new, OTHER_HOST).is_ok());
}
