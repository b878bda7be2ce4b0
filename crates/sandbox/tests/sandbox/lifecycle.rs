//! Start and stop.

use std::{net::SocketAddr, time::Duration};

use latchkey_sandbox::{self, SandboxOptions, StartError};
use reqwest::Method;
use serde_json::json;

use latchkey_testkit::sandbox_client::{http_client, sandbox_options, send_body, start_sandbox};

#[tokio::test]
async fn only_loopback_addresses_are_accepted() {
    for address in ["0.0.0.0:0", "192.0.2.1:4100", "[::]:0", "[2001:db8::1]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        let refused = latchkey_sandbox::start(SandboxOptions {
            address,
            ..SandboxOptions::default()
        })
        .await;
        assert!(matches!(refused, Err(StartError::NotLoopback(refused)) if refused == address));
    }
    assert_eq!(
        SandboxOptions::default().address,
        "127.0.0.1:4100".parse().unwrap()
    );
}

#[tokio::test]
async fn an_address_in_use_is_an_error_that_names_it() {
    let first = latchkey_sandbox::start(sandbox_options()).await.unwrap();
    let second = latchkey_sandbox::start(SandboxOptions {
        address: first.address(),
        ..sandbox_options()
    })
    .await;
    let error = second.unwrap_err();
    assert!(matches!(error, StartError::Bind { address, .. } if address == first.address()));
    assert!(error.to_string().contains(&first.address().to_string()));
}

#[tokio::test]
async fn port_0_selects_a_port_that_stop_frees() {
    let first = latchkey_sandbox::start(sandbox_options()).await.unwrap();
    let address = first.address();
    assert_ne!(address.port(), 0);
    assert_eq!(first.base_url(), format!("http://{address}"));
    assert_eq!(
        http_client()
            .get(format!("{}/cis/oidc/jwks", first.base_url()))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    first.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    latchkey_sandbox::start(SandboxOptions {
        address,
        ..sandbox_options()
    })
    .await
    .unwrap()
    .stop()
    .await;
}

#[tokio::test]
async fn stop_ends_hanging_and_delayed_responses() {
    let sandbox = start_sandbox().await;
    sandbox
        .set_fault(json!({ "operation": "jwks", "kind": "hang" }))
        .await;
    sandbox
        .set_latency(json!({ "operation": "otp_send", "ms": 600_000 }))
        .await;
    let hanging = tokio::spawn(sandbox.http.get(sandbox.url("/cis/oidc/jwks")).send());
    let slow = sandbox
        .request(Method::POST, "/cis/v1/auth/otp/send")
        .json(&send_body("+12025550123"));
    let slow = tokio::spawn(slow.send());
    while sandbox.call_count("jwks").await + sandbox.call_count("otp_send").await < 2 {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(Duration::from_secs(5), sandbox.sandbox.stop())
        .await
        .unwrap();
    assert!(hanging.await.unwrap().is_err());
    assert!(slow.await.unwrap().is_err());
}
