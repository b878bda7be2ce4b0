//! How the client interprets each error of the table, and every family of error bodies.

use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::Value;

use crate::client_driver::{CallOptions, Driver, only_for_row};
use crate::table::{Row, TABLE};

/// The outcome of the client's call of a row with this response.
async fn outcome_of(driver: &Driver, row: &'static Row, status: u16, body: &Value) -> String {
    let (status, body) = (
        StatusCode::from_u16(status).unwrap(),
        Bytes::from(body.to_string()),
    );
    let alter = only_for_row(row, move |exchange| {
        exchange.status = status;
        exchange.response_body = body.clone();
    });
    driver.call(row, CallOptions::Minimal, alter).await.outcome
}

#[tokio::test]
async fn the_client_interprets_each_error_as_the_table_says() {
    let driver = Driver::new().await;
    let cases = TABLE
        .of_client()
        .flat_map(|row| row.all_refusals(&TABLE).map(move |refusal| (row, refusal)));
    // Concurrently, because calls that may be retried wait in between.
    let outcomes = join_all(cases.map(async |(row, refusal)| {
        let outcome = outcome_of(&driver, row, refusal.status, &refusal.body()).await;
        assert_eq!(
            Some(outcome),
            refusal.client,
            "{}: {} {}",
            row.name,
            refusal.status,
            refusal.code
        );
    }));
    assert!(outcomes.await.len() > 60);
}

#[tokio::test]
async fn the_client_reads_every_family_of_error_bodies_at_every_operation() {
    let driver = Driver::new().await;
    for row in TABLE.of_client() {
        // 418 has no meaning of its own at any operation.
        for family in &TABLE.families {
            let outcome = outcome_of(&driver, row, 418, &family.example).await;
            assert_ne!(outcome, "NotUnderstood", "{}: {}", row.name, family.name);
            let is_refusal =
                ["Other", "InvalidClient", "Forbidden", "NotFound"].contains(&outcome.as_str());
            assert!(is_refusal, "{}: {}: {outcome}", row.name, family.name);
        }
        assert_eq!(
            outcome_of(&driver, row, 418, &Value::Null).await,
            "NotUnderstood",
            "{}",
            row.name
        );
    }
}
