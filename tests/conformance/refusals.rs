//! What the client makes of each refusal of the table, and of every shape of error bodies.

use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::Value;

use crate::client_driver::{Bench, Wish, at};
use crate::table::{Row, TABLE};

/// The client's call of a row that is answered like that.
async fn answered(bench: &Bench, row: &'static Row, status: u16, body: &Value) -> String {
    let (status, body) = (
        StatusCode::from_u16(status).unwrap(),
        Bytes::from(body.to_string()),
    );
    let alter = at(row, move |exchange| {
        exchange.status = status;
        exchange.response_body = body.clone();
    });
    bench.call(row, Wish::Least, alter).await.outcome
}

#[tokio::test]
async fn the_client_makes_of_each_refusal_what_the_table_says() {
    let bench = Bench::new().await;
    let cases = TABLE
        .of_client()
        .flat_map(|row| row.all_refusals(&TABLE).map(move |refusal| (row, refusal)));
    // Together, because what may be asked again waits in between.
    let outcomes = join_all(cases.map(async |(row, refusal)| {
        let outcome = answered(&bench, row, refusal.status, &refusal.body()).await;
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
async fn the_client_reads_every_shape_of_error_bodies_at_every_operation() {
    let bench = Bench::new().await;
    for row in TABLE.of_client() {
        // A status that no operation gives a meaning of its own.
        for family in &TABLE.families {
            let outcome = answered(&bench, row, 418, &family.example).await;
            assert_ne!(outcome, "NotUnderstood", "{}: {}", row.name, family.name);
            let is_refusal =
                ["Other", "InvalidClient", "Forbidden", "NotFound"].contains(&outcome.as_str());
            assert!(is_refusal, "{}: {}: {outcome}", row.name, family.name);
        }
        assert_eq!(
            answered(&bench, row, 418, &Value::Null).await,
            "NotUnderstood",
            "{}",
            row.name
        );
    }
}
