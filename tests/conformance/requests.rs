//! What the client sends, as recorded.

use std::collections::BTreeSet;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::client_driver::{Bench, Called, Wish};
use crate::compare::{flatten, misfits};
use crate::table::{Authorization, Body, Row, TABLE};
use latchkey_testkit::recording_proxy::Exchange;

/// A request's fields as JSON, whatever carried them.
fn fields(row: &Row, exchange: &Exchange) -> Value {
    let pairs = |bytes: &[u8]| {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().collect();
        let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names.len(), pairs.len(), "{}: a parameter twice", row.name);
        Value::Object(
            pairs
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
        )
    };
    match row.body {
        Body::Json => exchange.request_json(),
        Body::Form => pairs(&exchange.request_body),
        Body::Query => pairs(exchange.path.split_once('?').unwrap().1.as_bytes()),
        Body::None => {
            assert!(
                exchange.request_body.is_empty() && !exchange.path.contains('?'),
                "{}: an unexpected body",
                row.name
            );
            Value::Object(serde_json::Map::new())
        }
    }
}

fn check_headers(row: &Row, exchange: &Exchange) {
    let header = |name| {
        exchange
            .headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap())
    };
    let bearer = header(AUTHORIZATION).is_some_and(|value| value.starts_with("Bearer "));
    assert_eq!(
        bearer,
        row.authorization == Authorization::ClientToken,
        "{}",
        row.name
    );
    let content_type = match row.body {
        Body::Json => Some("application/json"),
        Body::Form => Some("application/x-www-form-urlencoded"),
        Body::Query | Body::None => None,
    };
    assert_eq!(header(CONTENT_TYPE), content_type, "{}", row.name);
}

/// The paths of all fields that a call sends, each request held against the table.
async fn sent(bench: &Bench, row: &'static Row, wish: Wish) -> BTreeSet<String> {
    let Called { outcome, exchanges } = bench.call(row, wish, |_| {}).await;
    assert!(
        !exchanges.is_empty(),
        "{} was not called: {outcome}",
        row.name
    );
    let mut sent = BTreeSet::new();
    for exchange in &exchanges {
        check_headers(row, exchange);
        let request = fields(row, exchange);
        assert_eq!(
            misfits(&row.request, &request),
            [] as [&str; 0],
            "{}: {request}",
            row.name
        );
        sent.extend(
            flatten(&row.request, &request)
                .into_iter()
                .map(|(path, _)| path),
        );
    }
    sent
}

#[tokio::test]
async fn the_client_sends_the_fields_of_the_table_and_no_others() {
    let bench = Bench::new().await;
    for row in TABLE.of_client() {
        let mut all = sent(&bench, row, Wish::Everything).await;
        if row.authorization == Authorization::ClientInForm {
            all.extend(sent(&bench, row, Wish::ByKey).await);
        }
        assert_eq!(all, row.sends, "{}", row.name);
        let least = sent(&bench, row, Wish::Least).await;
        assert!(least.is_subset(&row.sends), "{}: {least:?}", row.name);
    }
}

#[tokio::test]
async fn the_stand_in_takes_a_key_instead_of_the_secret_where_the_table_says_so() {
    let bench = Bench::new().await;
    for row in TABLE
        .of_client()
        .filter(|row| row.authorization == Authorization::ClientInForm)
    {
        let [by_secret, by_key] =
            [Wish::Everything, Wish::ByKey].map(|wish| bench.call_directly(row, wish));
        let (by_secret, by_key) = (by_secret.await, by_key.await);
        assert!(
            ["granted", "active"].contains(&by_secret.as_str()) && by_key == by_secret,
            "{}: {by_key}",
            row.name
        );
    }
}
