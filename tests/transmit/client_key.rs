//! `private_key_jwt`: the client authenticates by a key (RFC 7523).

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::settings::PrivateKeyAlgorithm::{self, Es256, Ps256, Rs256};
use latchkey::server::settings::{Secret, load};
use latchkey::server::transmit::{
    ClientCredential, ClientKey, ClientKeyError, FailureKind, Reason,
};
use serde_json::{Value, json};

use crate::stub_server::{Reply, Seen};
use crate::test_client::{CLIENT, NOW, TOKEN, TestClient, grant};
use latchkey_testkit::pem;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

static RSA: LazyLock<String> = LazyLock::new(pem::rsa);
static EC: LazyLock<String> = LazyLock::new(pem::ec);

fn key(pem: &str, algorithm: Option<PrivateKeyAlgorithm>) -> Result<ClientKey, ClientKeyError> {
    ClientKey::parse(&Secret::new(pem), None, algorithm)
}

fn fields(seen: &Seen) -> Vec<(String, String)> {
    form_urlencoded::parse(seen.body.as_bytes())
        .into_owned()
        .collect()
}

fn assertion(seen: &Seen) -> String {
    fields(seen)
        .into_iter()
        .find(|(name, _)| name == "client_assertion")
        .unwrap()
        .1
}

/// The header and claims, read and verified by another implementation than ours.
fn opened(assertion: &str, jwks: &Value, algorithm: Algorithm) -> (Value, Value) {
    let jwk: Jwk = serde_json::from_value(jwks["keys"][0].clone()).unwrap();
    let mut rules = Validation::new(algorithm);
    (rules.validate_exp, rules.validate_aud) = (false, false);
    rules.required_spec_claims = HashSet::new();
    let key = DecodingKey::from_jwk(&jwk).unwrap();
    let token = jsonwebtoken::decode::<Value>(assertion, &key, &rules).unwrap();
    (serde_json::to_value(token.header).unwrap(), token.claims)
}

#[tokio::test]
async fn t6_an_assertion_is_what_rfc_7523_asks_for() {
    for (pem, asked, used) in [
        (&*RSA, None, Algorithm::RS256),
        (&*RSA, Some(Rs256), Algorithm::RS256),
        (&*RSA, Some(Ps256), Algorithm::PS256),
        (&*EC, None, Algorithm::ES256),
        (&*EC, Some(Es256), Algorithm::ES256),
    ] {
        let key = key(pem, asked).unwrap();
        let jwks = key.jwks();
        let world = TestClient::proved_by(ClientCredential::Key(key), |_| {}).await;
        world.transmit.prepare().await.unwrap();
        let request = &world.stub.seen(TOKEN)[0];
        let (names, values): (Vec<_>, Vec<_>) = fields(request).into_iter().unzip();
        assert_eq!(
            names,
            [
                "grant_type",
                "client_id",
                "client_assertion_type",
                "client_assertion"
            ]
        );
        assert_eq!(values[..3], ["client_credentials", CLIENT, JWT_BEARER]);

        let (header, claims) = opened(&values[3], &jwks, used);
        let kid = &jwks["keys"][0]["kid"];
        assert_eq!(
            header,
            json!({"alg": format!("{used:?}"), "typ": "JWT", "kid": kid})
        );
        assert_eq!(jwks["keys"][0]["alg"], header["alg"]);
        let mut named: Vec<_> = claims
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        named.sort_unstable();
        assert_eq!(named, ["aud", "exp", "iat", "iss", "jti", "sub"]);
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&json!(CLIENT), &json!(CLIENT))
        );
        assert_eq!(claims["aud"], format!("{}{TOKEN}", world.stub.base));
        assert_eq!(
            (&claims["iat"], &claims["exp"]),
            (&json!(NOW), &json!(NOW + 60))
        );
        assert_eq!(claims["jti"].as_str().unwrap().len(), 22, "128 bits");
    }
}

#[tokio::test]
async fn t6_every_request_and_every_repeat_has_an_assertion_of_its_own() {
    let world =
        TestClient::proved_by(ClientCredential::Key(key(&RSA, None).unwrap()), |_| {}).await;
    world.stub.in_turn(
        TOKEN,
        vec![
            Reply::Reset,
            Reply::text(503, "", ""),
            grant("one"),
            grant("two"),
        ],
    );
    world.transmit.prepare().await.unwrap();
    world.hand.advance(Duration::from_secs(3600));
    world.transmit.prepare().await.unwrap();
    let assertions: HashSet<_> = world.stub.seen(TOKEN).iter().map(assertion).collect();
    assert_eq!(assertions.len(), 4);
    let jwks = key(&RSA, None).unwrap().jwks();
    let open = |token: &String| {
        opened(token, &jwks, Algorithm::RS256).1["jti"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(assertions.iter().map(open).collect::<HashSet<_>>().len(), 4);
}

#[tokio::test]
async fn t6_a_key_that_upstream_does_not_know_is_told_like_a_wrong_secret() {
    let world = TestClient::proved_by(ClientCredential::Key(key(&EC, None).unwrap()), |_| {}).await;
    world.stub.always(
        TOKEN,
        Reply::json(
            401,
            json!({"error": "invalid_client", "error_description": "no"}),
        ),
    );
    let cause = world.transmit.prepare().await.unwrap_err().cause.unwrap();
    assert_eq!(cause.kind, FailureKind::Refused(Reason::InvalidClient));
}

#[test]
fn the_key_id_is_the_thumbprint_unless_it_is_set() {
    for pem in [&*RSA, &*EC] {
        let jwks = key(pem, None).unwrap().jwks();
        let jwk: Jwk = serde_json::from_value(jwks["keys"][0].clone()).unwrap();
        let thumbprint = jwk
            .thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256)
            .unwrap();
        assert_eq!(jwks["keys"][0]["kid"], thumbprint);
        let named = ClientKey::parse(&Secret::new(pem.as_str()), Some("2026-11"), None)
            .unwrap()
            .jwks();
        assert_eq!(named["keys"][0]["kid"], "2026-11");
        assert_eq!(named["keys"][0]["use"], "sig");
    }
}

#[test]
fn t9_only_the_public_half_is_ever_shown() {
    for pem in [&*RSA, &*EC] {
        let key = key(pem, None).unwrap();
        let shown = format!("{} {key:?} {:?}", key.jwks(), Secret::new(pem.as_str()));
        for line in pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .skip(8)
        {
            assert!(!shown.contains(line), "{shown}");
        }
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.jwks()["keys"][0].get(member).is_none(), "{member}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_used_is_told_in_words() {
    let bare = STANDARD.encode(b"not a key at all");
    let block = |name: &str| format!("-----BEGIN {name}-----\n{bare}\n-----END {name}-----\n");
    let texts = [
        (
            ClientKeyError::NotPem,
            "BEGIN PRIVATE KEY",
            vec![
                String::new(),
                "s3cret".to_owned(),
                block("PUBLIC KEY"),
                block("CERTIFICATE"),
                RSA.replace("-----END", "----END"),
                RSA.replacen("MII", "!!!", 1),
            ],
        ),
        (
            ClientKeyError::Format,
            "openssl pkcs8 -topk8",
            vec![block("RSA PRIVATE KEY"), block("EC PRIVATE KEY")],
        ),
        (
            ClientKeyError::Encrypted,
            "take the password off",
            vec![block("ENCRYPTED PRIVATE KEY")],
        ),
        (
            ClientKeyError::Unusable,
            "RSA key of 2048",
            vec![block("PRIVATE KEY")],
        ),
        (
            ClientKeyError::Unusable,
            "P-256",
            vec![pem::ec_on(&ECDSA_P384_SHA384_FIXED_SIGNING)],
        ),
    ];
    let algorithms = [
        (&*RSA, Es256, "ES256 one on P-256"),
        (&*EC, Rs256, "private_key_algorithm"),
        (&*EC, Ps256, "private_key_algorithm"),
    ];
    let check = |text: &str, algorithm, error: ClientKeyError, word: &str| {
        let told = key(text, algorithm).unwrap_err();
        assert_eq!(told, error, "{text}");
        assert!(
            told.to_string().contains(word) && !told.to_string().contains(&bare),
            "{told}"
        );
    };
    for (error, word, texts) in texts {
        for text in texts {
            check(&text, None, error, word);
        }
    }
    for (text, algorithm, word) in algorithms {
        check(text, Some(algorithm), ClientKeyError::Algorithm, word);
    }
}

#[test]
fn exactly_one_proof_is_set_and_what_is_wrong_is_told_in_words() {
    let told = |variables: &[(&str, &str)]| {
        let base = [("REGION", "eu"), ("TENANT_ID", "t"), ("CLIENT_ID", "c")];
        let named = base.iter().chain(variables);
        let named =
            named.map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), (*value).to_owned()));
        let complaints = load(None, named).unwrap().validate(Timestamp::default());
        complaints
            .into_iter()
            .map(|complaint| (complaint.key, complaint.text))
            .collect::<Vec<_>>()
    };
    let proofs = [
        "CLIENT_SECRET",
        "CLIENT_SECRET_FILE",
        "PRIVATE_KEY",
        "PRIVATE_KEY_FILE",
    ];
    for proof in proofs {
        assert_eq!(told(&[(proof, "x")]), [], "{proof}");
        for other in proofs.iter().filter(|other| **other > proof) {
            let told = told(&[(proof, "x"), (other, "x")]);
            assert_eq!(told.len(), 1, "{proof} {other}");
            assert!(told[0].1.contains("remove the other"), "{told:?}");
        }
    }
    for (variables, key, word) in [
        (
            &[][..],
            "transmit.client_secret",
            "transmit.private_key_file",
        ),
        (&[("PRIVATE_KEY", " ")], "transmit.private_key", "is empty"),
        (
            &[("CLIENT_SECRET", "x"), ("PRIVATE_KEY_ID", "k")],
            "transmit.private_key_id",
            "neither is set",
        ),
        (
            &[("CLIENT_SECRET", "x"), ("PRIVATE_KEY_ALGORITHM", "PS256")],
            "transmit.private_key_algorithm",
            "belongs to",
        ),
        (
            &[("PRIVATE_KEY", "x"), ("PRIVATE_KEY_ID", " ")],
            "transmit.private_key_id",
            "thumbprint",
        ),
        (
            &[("CLIENT_SECRET", "x"), ("PROXY", "https://p:1")],
            "transmit.proxy",
            "http://HOST:PORT",
        ),
        (
            &[("CLIENT_SECRET", "x"), ("PROXY", "http://u:pw@p:1")],
            "transmit.proxy",
            "proxy_credentials",
        ),
        (
            &[("CLIENT_SECRET", "x"), ("PROXY_CREDENTIALS", "u:p")],
            "transmit.proxy_credentials",
            "is not set",
        ),
        (
            &[("CLIENT_SECRET", "x"), ("PROXY_CREDENTIALS_FILE", "f")],
            "transmit.proxy_credentials_file",
            "is not set",
        ),
        (
            &[
                ("CLIENT_SECRET", "x"),
                ("PROXY", "http://p:1"),
                ("PROXY_CREDENTIALS", "u:p"),
                ("PROXY_CREDENTIALS_FILE", "f"),
            ],
            "transmit.proxy_credentials_file",
            "not both",
        ),
        (
            &[
                ("CLIENT_SECRET", "x"),
                ("PROXY", "http://p:1"),
                ("PROXY_CREDENTIALS", "hunter2"),
            ],
            "transmit.proxy_credentials",
            "user:password",
        ),
    ] {
        let told = told(variables);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].0 == key && told[0].1.contains(word) && !told[0].1.contains("hunter2"),
            "{told:?}"
        );
    }
    let none = (
        "LATCHKEY_TRANSMIT__PRIVATE_KEY_ALGORITHM".to_owned(),
        "none".to_owned(),
    );
    let told = load(None, std::iter::once(none)).unwrap_err().to_string();
    assert!(told.contains("RS256") && told.contains("ES256"), "{told}");
}
