//! Client tokens, keys, discovery, introspection, revocation.

use reqwest::Method;
use serde_json::{Value, json};

use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET};
use latchkey_testkit::sandbox_client::{SandboxClient, credentials, read_json, start_sandbox};

type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn both_token_paths_issue_a_client_token_for_an_hour() {
    let sandbox = start_sandbox().await;
    for path in ["/oidc/token", "/cis/oidc/token"] {
        let response = sandbox
            .http
            .post(sandbox.url(path))
            .form(&credentials("client_credentials"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        let (status, body) = read_json(response).await;
        assert_eq!(status, 200);
        assert_eq!(
            (&body["token_type"], &body["expires_in"]),
            (&json!("Bearer"), &json!(3600))
        );
        assert!(
            body["scope"].is_string()
                && body["access_token"].as_str().unwrap().split('.').count() == 3
        );
    }
    assert_eq!(sandbox.call_count("token").await, 3);
}

#[tokio::test]
async fn the_token_endpoint_has_two_families_of_errors() {
    let sandbox = start_sandbox().await;
    let good = credentials("client_credentials");
    let cases: [(Fields<'_>, u16, &str); 8] = [
        (&[], 400, "invalid_request"),
        (
            &[("grant_type", "password"), good[1], good[2]],
            400,
            "unsupported_grant_type",
        ),
        (
            &[good[0], good[1], ("client_secret", "wrong")],
            401,
            "invalid_client",
        ),
        (
            &[good[0], ("client_id", "wrong"), good[2]],
            401,
            "invalid_client",
        ),
        (&[good[0], good[1]], 401, "invalid_client"),
        (
            &[good[0], good[1], good[2], ("resource", "no uri")],
            400,
            "invalid_target",
        ),
        (
            &[("grant_type", "refresh_token"), good[1], good[2]],
            400,
            "invalid_request",
        ),
        (
            &[
                ("grant_type", "refresh_token"),
                good[1],
                good[2],
                ("refresh_token", "x"),
            ],
            400,
            "invalid_grant",
        ),
    ];
    for (fields, status, error) in cases {
        let answer = sandbox.form("/oidc/token", fields).await;
        assert_eq!(
            (answer.0, &answer.1["error"]),
            (status, &json!(error)),
            "{fields:?}"
        );
        assert!(answer.1["error_description"].is_string());
    }
    let twice = sandbox
        .form("/oidc/token", &[good[0], good[0], good[1], good[2]])
        .await;
    assert_eq!((twice.0, &twice.1["error_code"]), (400, &json!(400)));
    let as_json = sandbox
        .post("/oidc/token", json!({ "grant_type": "client_credentials" }))
        .await;
    assert_eq!((as_json.0, &as_json.1["error_code"]), (400, &json!(400)));
    assert!(as_json.1["message"].is_string());
}

#[tokio::test]
async fn every_cis_call_needs_an_active_client_token() {
    let sandbox = start_sandbox().await;
    let user_token = sandbox.sign_in("+12025550101").await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let forged = {
        let (message, _) = sandbox.token.rsplit_once('.').unwrap();
        format!("{message}.{}", "A".repeat(342))
    };
    let bad = [
        "Bearer x",
        "Bearer a.b.c",
        "Bearer ",
        "Basic x",
        "",
        &format!("Bearer {forged}"),
        &format!("Bearer {user_token}"),
    ];
    let endpoints = [
        (Method::POST, "/cis/v1/users"),
        (Method::GET, "/cis/v1/users/x"),
        (Method::PUT, "/cis/v1/users/x"),
        (Method::GET, "/cis/v1/users/phone-number/%2B12025550123"),
        (Method::GET, "/cis/v1/users/identifier"),
        (
            Method::POST,
            "/cis/v1/users/x/phone-numbers/%2B12025550123/verify",
        ),
        (Method::POST, "/cis/v1/auth/otp/send"),
        (Method::POST, "/cis/v1/auth/otp/authenticate"),
        (Method::POST, "/cis/v1/auth/session/authenticate"),
        (Method::POST, "/cis/v1/auth/session/logout"),
        (Method::POST, "/cis/v1/auth/token/refresh"),
        (Method::GET, "/cis/v1/auth/users/x/sessions"),
        (Method::DELETE, "/cis/v1/auth/users/x/sessions"),
    ];
    for (method, path) in endpoints {
        let request = || {
            sandbox
                .http
                .request(method.clone(), sandbox.url(path))
                .json(&json!({}))
        };
        let mut answers = vec![read_json(request().send().await.unwrap()).await];
        for header in bad {
            answers.push(
                read_json(
                    request()
                        .header("authorization", header)
                        .send()
                        .await
                        .unwrap(),
                )
                .await,
            );
        }
        for (status, body) in answers {
            assert_eq!(
                (status, &body["error_code"]),
                (401, &json!(401)),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn a_client_token_ends_after_an_hour_or_by_revocation() {
    let sandbox = start_sandbox().await;
    sandbox.advance_clock("59m 58s").await;
    assert_eq!(sandbox.get("/cis/v1/users/x").await.0, 404);
    sandbox.advance_clock("3s").await;
    assert_eq!(sandbox.get("/cis/v1/users/x").await.0, 401);

    let token = sandbox.new_client_token().await;
    let call = || async {
        sandbox
            .http
            .get(sandbox.url("/cis/v1/users/x"))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(call().await, 404);
    assert_eq!(revoke(&sandbox, &token).await, 200);
    assert_eq!(call().await, 401);
}

#[tokio::test]
async fn introspection_reports_active_access_and_refresh_tokens() {
    let sandbox = start_sandbox().await;
    let tokens = sandbox.sign_in("+12025550102").await;
    let (access, refresh) = (
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    );
    for token in [access, refresh] {
        let body = introspect(&sandbox, token).await;
        assert_eq!(
            (&body["active"], &body["client_id"]),
            (&json!(true), &json!(CLIENT_ID))
        );
        assert!(body["sub"].is_string() && body["exp"].is_number());
        revoke(&sandbox, token).await;
        assert_eq!(
            introspect(&sandbox, token).await,
            json!({ "active": false })
        );
    }
    assert_eq!(
        introspect(&sandbox, "nonsense").await,
        json!({ "active": false })
    );

    let path = "/cis/oidc/token/introspection";
    assert_eq!(sandbox.form(path, &[("token", access)]).await.0, 401);
    assert_eq!(sandbox.form(path, &credentials("unused")[1..]).await.0, 400);
    let (status, _) = sandbox
        .form("/cis/oidc/token/revocation", &[("token", access)])
        .await;
    assert_eq!(status, 401);
    let wrong = sandbox
        .http
        .post(sandbox.url(path))
        .basic_auth(CLIENT_ID, Some("wrong"))
        .form(&[("token", access)]);
    assert_eq!(wrong.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn discovery_names_the_implemented_endpoints() {
    let sandbox = start_sandbox().await;
    let (status, body) = sandbox
        .get("/cis/oidc/.well-known/openid-configuration")
        .await;
    assert_eq!(
        (status, &body["issuer"]),
        (200, &json!(sandbox.sandbox.base_url()))
    );
    let keys = read_json(
        sandbox
            .http
            .get(body["jwks_uri"].as_str().unwrap())
            .send()
            .await
            .unwrap(),
    )
    .await
    .1;
    let key = &keys["keys"][0];
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (
            &json!("RSA"),
            &json!("sig"),
            &json!("RS256"),
            &json!("AQAB")
        )
    );
    let token_endpoint = body["token_endpoint"].as_str().unwrap();
    let answer = sandbox
        .http
        .post(token_endpoint)
        .form(&credentials("client_credentials"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

async fn revoke(sandbox: &SandboxClient, token: &str) -> u16 {
    let [_, id, secret] = credentials("unused");
    sandbox
        .form(
            "/cis/oidc/token/revocation",
            &[("token", token), id, secret],
        )
        .await
        .0
}

async fn introspect(sandbox: &SandboxClient, token: &str) -> Value {
    let request = sandbox
        .http
        .post(sandbox.url("/cis/oidc/token/introspection"));
    let request = request
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
        .form(&[("token", token)]);
    let (status, body) = read_json(request.send().await.unwrap()).await;
    assert_eq!(status, 200);
    body
}
