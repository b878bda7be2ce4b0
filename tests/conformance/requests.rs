//! The client sends the fields of the table, and no others.

use std::collections::BTreeSet;

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::Value;

use crate::client_driver::{CallOptions, CallResult, Driver};
use crate::compare::{differences, flatten};
use crate::table::{Authorization, BodyFormat, Row, TABLE};
use latchkey_testkit::recording_proxy::Exchange;

/// The fields of a JSON, form or query request as JSON.
fn fields(row: &Row, exchange: &Exchange) -> Value {
    let pairs = |bytes: &[u8]| {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().collect();
        let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(
            names.len(),
            pairs.len(),
            "{}: a duplicate parameter",
            row.name
        );
        Value::Object(
            pairs
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
        )
    };
    match row.body {
        BodyFormat::Json => exchange.request_json(),
        BodyFormat::Form => pairs(&exchange.request_body),
        BodyFormat::Query => pairs(exchange.path.split_once('?').unwrap().1.as_bytes()),
        BodyFormat::None => {
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
        BodyFormat::Json => Some("application/json"),
        BodyFormat::Form => Some("application/x-www-form-urlencoded"),
        BodyFormat::Query | BodyFormat::None => None,
    };
    assert_eq!(header(CONTENT_TYPE), content_type, "{}", row.name);
}

/// Compares the requests of a call with the table, and returns the paths of all sent fields.
async fn sent_fields(driver: &Driver, row: &'static Row, options: CallOptions) -> BTreeSet<String> {
    let CallResult { outcome, exchanges } = driver.call(row, options, |_| {}).await;
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
            differences(&row.request, &request),
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
    let driver = Driver::new().await;
    for row in TABLE.of_client() {
        let mut all = sent_fields(&driver, row, CallOptions::All).await;
        if row.authorization == Authorization::ClientInForm {
            all.extend(sent_fields(&driver, row, CallOptions::ClientKey).await);
        }
        assert_eq!(all, row.sends, "{}", row.name);
        let least = sent_fields(&driver, row, CallOptions::Minimal).await;
        assert!(least.is_subset(&row.sends), "{}: {least:?}", row.name);
    }
}

#[tokio::test]
async fn the_sandbox_accepts_a_client_key_where_the_table_says_so() {
    let driver = Driver::new().await;
    for row in TABLE
        .of_client()
        .filter(|row| row.authorization == Authorization::ClientInForm)
    {
        let [by_secret, by_key] = [CallOptions::All, CallOptions::ClientKey]
            .map(|options| driver.call_directly(row, options));
        let (by_secret, by_key) = (by_secret.await, by_key.await);
        assert!(
            ["granted", "active"].contains(&by_secret.as_str()) && by_key == by_secret,
            "{}: {by_key}",
            row.name
        );
    }
}
