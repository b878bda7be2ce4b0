//! Client assertions (RFC 7523) with keys that were registered by `/control/client`.

use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};

use latchkey_testkit::sandbox_client::{SandboxClient, credentials, read_json, start_sandbox};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// A key pair that signs client assertions.
struct Signer {
    kid: &'static str,
    pair: Pair,
}

impl Signer {
    fn rsa(kid: &'static str) -> Self {
        Self {
            kid,
            pair: Pair::Rsa(KeyPair::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    fn ec(kid: &'static str) -> Self {
        Self {
            kid,
            pair: Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
        }
    }

    fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                json!({"kty": "RSA", "kid": self.kid,
                    "n": b64(n.big_endian_without_leading_zero()),
                    "e": b64(e.big_endian_without_leading_zero())})
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "x": b64(&point[1..33]),
                    "y": b64(&point[33..])})
            }
        }
    }

    fn sign(&self, alg: &str, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message.as_bytes());
        let rsa = |pair: &RsaKeyPair, encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(encoding, &hash, &mut signature).unwrap();
            signature
        };
        let signature = match (&self.pair, alg) {
            (_, "none") => Vec::new(),
            (Pair::Rsa(pair), "PS256") => rsa(pair, &signature::RSA_PSS_SHA256),
            (Pair::Rsa(pair), _) => rsa(pair, &signature::RSA_PKCS1_SHA256),
            (Pair::Ec(pair), _) => pair.sign_digest(&hash).unwrap().as_ref().to_vec(),
        };
        format!("{message}.{}", b64(signature))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sandbox's clock follows the system's"
)]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn claims(sandbox: &SandboxClient, jti: &str) -> Value {
    json!({"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": sandbox.url("/oidc/token"), "iat": now(),
        "exp": now() + 60, "jti": jti})
}

async fn register(sandbox: &SandboxClient, keys: &[&Signer], secret_allowed: bool) {
    let keys: Vec<_> = keys.iter().map(|signer| signer.jwk()).collect();
    let body = json!({ "jwks": { "keys": keys }, "secret_allowed": secret_allowed });
    sandbox.control(Method::PUT, "client", body).await;
}

async fn request_token(sandbox: &SandboxClient, assertion: &str) -> (u16, Value) {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", assertion),
    ];
    sandbox.form("/oidc/token", &fields).await
}

fn assert_invalid_client(answer: &(u16, Value)) {
    assert_eq!(
        (answer.0, &answer.1["error"]),
        (401, &json!("invalid_client")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_assertion_authenticates_at_every_oidc_endpoint() {
    let (sandbox, rsa, ec) = (start_sandbox().await, Signer::rsa("a"), Signer::ec("b"));
    assert_invalid_client(
        &request_token(
            &sandbox,
            &rsa.sign(
                "RS256",
                &json!({"alg": "RS256", "kid": "a"}),
                &claims(&sandbox, "0"),
            ),
        )
        .await,
    );
    register(&sandbox, &[&rsa, &ec], true).await;
    for (signer, alg) in [(&rsa, "RS256"), (&rsa, "PS256"), (&ec, "ES256")] {
        for audience in ["/oidc/token", "/cis/oidc/token"] {
            let mut claims = claims(&sandbox, &format!("{alg}{audience}"));
            claims["aud"] = sandbox.url(audience).into();
            let header = json!({"alg": alg, "kid": signer.kid, "typ": "JWT"});
            let (status, body) = request_token(&sandbox, &signer.sign(alg, &header, &claims)).await;
            assert_eq!(status, 200, "{alg}: {body}");
            let token = body["access_token"].as_str().unwrap();
            for path in [
                "/cis/oidc/token/introspection",
                "/cis/oidc/token/revocation",
            ] {
                claims["jti"] = format!("{alg}{audience}{path}").into();
                let assertion = signer.sign(alg, &header, &claims);
                let fields = [
                    ("token", token),
                    ("client_assertion_type", JWT_BEARER),
                    ("client_assertion", &assertion),
                ];
                assert_eq!(sandbox.form(path, &fields).await.0, 200, "{path}");
                assert_invalid_client(&sandbox.form(path, &fields).await);
            }
        }
    }
}

#[tokio::test]
async fn invalid_assertions_are_refused() {
    let (sandbox, ours, foreign) = (start_sandbox().await, Signer::rsa("a"), Signer::rsa("a"));
    let ec = Signer::ec("b");
    register(&sandbox, &[&ours, &ec], true).await;
    let header = json!({"alg": "RS256", "kid": "a"});
    for (name, value) in [
        ("iss", json!("another")),
        ("iss", json!(null)),
        ("sub", json!("another")),
        ("aud", json!("https://api.transmitsecurity.io/oidc/token")),
        ("aud", json!(sandbox.sandbox.base_url())),
        ("aud", json!([])),
        ("aud", json!(null)),
        ("exp", json!(now() - 60)),
        ("exp", json!(now() + 3600)),
        ("exp", json!(null)),
        ("exp", json!("soon")),
        ("iat", json!(now() + 120)),
        ("iat", json!(now() - 3600)),
        ("iat", json!(null)),
        ("nbf", json!(now() + 120)),
        ("jti", json!("")),
        ("jti", json!("j".repeat(257))),
        ("jti", json!(null)),
    ] {
        let mut claims = claims(&sandbox, "strict");
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
        assert_invalid_client(
            &request_token(&sandbox, &ours.sign("RS256", &header, &claims)).await,
        );
    }
    for header in [
        json!({"alg": "none", "kid": "a"}),
        json!({"alg": "HS256", "kid": "a"}),
        json!({"alg": "RS512", "kid": "a"}),
        json!({"alg": "PS256", "kid": "a"}),
        json!({"alg": "ES256", "kid": "a"}),
        json!({"alg": "RS256", "kid": "b"}),
        json!({"alg": "RS256", "kid": "c"}),
        json!({"alg": "RS256"}),
        json!({"alg": "RS256", "kid": "a", "crit": ["x"]}),
    ] {
        let alg = if header["alg"] == "none" {
            "none"
        } else {
            "RS256"
        };
        assert_invalid_client(
            &request_token(
                &sandbox,
                &ours.sign(alg, &header, &claims(&sandbox, "strict")),
            )
            .await,
        );
    }
    assert_invalid_client(
        &request_token(
            &sandbox,
            &foreign.sign("RS256", &header, &claims(&sandbox, "strict")),
        )
        .await,
    );
    for nonsense in ["", "a", "a.b", "a.b.c", "....", "\u{0}"] {
        assert_invalid_client(&request_token(&sandbox, nonsense).await);
    }
    // None of them used up the `jti`. A valid assertion does.
    let good = ours.sign("RS256", &header, &claims(&sandbox, "strict"));
    assert_eq!(request_token(&sandbox, &good).await.0, 200);
    assert_invalid_client(&request_token(&sandbox, &good).await);
}

#[tokio::test]
async fn a_secret_and_an_assertion_together_are_refused() {
    let (sandbox, signer) = (start_sandbox().await, Signer::ec("b"));
    register(&sandbox, &[&signer], true).await;
    let assertion = |jti| {
        signer.sign(
            "ES256",
            &json!({"alg": "ES256", "kid": "b"}),
            &claims(&sandbox, jti),
        )
    };
    let (first, second, third) = (assertion("1"), assertion("2"), assertion("3"));
    for fields in [
        vec![
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", first.as_str()),
            ("client_secret", CLIENT_SECRET),
        ],
        vec![
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
            ),
            ("client_assertion", &second),
        ],
        vec![("client_assertion", &second)],
        vec![("client_assertion_type", JWT_BEARER)],
        vec![
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &third),
            ("client_id", "another"),
        ],
    ] {
        let fields: Vec<_> = [("grant_type", "client_credentials")]
            .into_iter()
            .chain(fields)
            .collect();
        assert_invalid_client(&sandbox.form("/oidc/token", &fields).await);
    }
    // The client id is optional (RFC 7521 §4.2).
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER),
        ("client_assertion", &third),
    ];
    assert_eq!(sandbox.form("/oidc/token", &fields).await.0, 200);
}

#[tokio::test]
async fn the_secret_can_be_disabled_until_a_reset() {
    let (sandbox, signer) = (start_sandbox().await, Signer::rsa("a"));
    register(&sandbox, &[&signer], false).await;
    assert_invalid_client(
        &sandbox
            .form("/oidc/token", &credentials("client_credentials"))
            .await,
    );
    let shown = read_json(
        sandbox
            .request(Method::GET, "/control/client")
            .send()
            .await
            .unwrap(),
    )
    .await
    .1;
    assert_eq!(
        shown,
        json!({"jwks": {"keys": [signer.jwk()]}, "secret_allowed": false})
    );
    sandbox
        .control(Method::PUT, "client", json!({ "secret_allowed": true }))
        .await;
    let (status, _) = sandbox
        .form("/oidc/token", &credentials("client_credentials"))
        .await;
    assert_eq!(status, 200);
    let good = |jti| {
        signer.sign(
            "RS256",
            &json!({"alg": "RS256", "kid": "a"}),
            &claims(&sandbox, jti),
        )
    };
    assert_eq!(
        request_token(&sandbox, &good("1")).await.0,
        200,
        "the keys are still there"
    );
    sandbox.control(Method::POST, "reset", json!({})).await;
    assert_invalid_client(&request_token(&sandbox, &good("2")).await);

    for keys in [
        json!([{"kty": "oct", "k": "AAAA"}]),
        json!([{"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"}]),
        json!([{"kty": "RSA", "n": "AAAA"}]),
        json!([{"kty": "RSA", "n": "AAAA", "e": "AQAB", "d": "AAAA"}]),
    ] {
        let (status, body) = sandbox
            .put("/control/client", json!({ "jwks": { "keys": keys } }))
            .await;
        assert_eq!(status, 400, "{body}");
    }
}
