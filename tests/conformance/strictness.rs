//! The sandbox accepts what the table says, and nothing else.
//!
//! So it notices a client that differs from the table.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bodies::{FullRequest, full_request};
use crate::client_driver::Driver;
use crate::compare::{flatten, parent_of, remove_field, set_field};
use crate::table::{BodyFormat, JsonType, Row, TABLE, family_and_code};
use latchkey_testkit::sandbox_client::{credentials, read_json};

/// Sends a full request with a change.
async fn send_changed(driver: &Driver, row: &Row, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let FullRequest {
        method,
        path,
        mut body,
    } = full_request(driver, row).await;
    change(&mut body);
    read_json(
        driver
            .sandbox
            .request(method, &path)
            .json(&body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

/// Asserts a 400 in the error family of the operation.
fn assert_refused(row: &Row, what: &str, (status, body): (u16, Value)) {
    assert_eq!(status, 400, "{}: {what}: {body}", row.name);
    let (family, code) = family_and_code(&body);
    assert_eq!(
        Some(family),
        row.malformed.as_deref(),
        "{}: {what}: {body}",
        row.name
    );
    assert!(
        code == "400" || code == "system_invalid_input",
        "{}: {what}: {body}",
        row.name
    );
}

fn json_rows() -> impl Iterator<Item = &'static Row> {
    TABLE
        .of_sandbox()
        .filter(|row| row.body == BodyFormat::Json)
}

#[tokio::test]
async fn the_sandbox_accepts_every_field_that_the_table_names() {
    let driver = Driver::new().await;
    for row in json_rows() {
        let mut given = Vec::new();
        let (status, body) = send_changed(&driver, row, |body| {
            given = flatten(&row.request, body)
                .into_iter()
                .map(|(path, _)| path)
                .collect()
        })
        .await;
        assert_eq!(status, row.status, "{}: {body}", row.name);
        let taken: Vec<_> = row
            .request
            .iter()
            .filter(|(_, field)| row.in_sandbox(field))
            .map(|(path, _)| path)
            .collect();
        given.sort();
        assert_eq!(
            given.iter().collect::<Vec<_>>(),
            taken,
            "{}: the full body",
            row.name
        );
    }
}

#[tokio::test]
async fn the_sandbox_requires_only_the_required_fields() {
    let driver = Driver::new().await;
    for row in json_rows() {
        let (status, body) = send_changed(&driver, row, |body| {
            let optional =
                |path: &&String| !row.request[*path].required && parent_of(path).is_empty();
            for path in row.request.keys().filter(optional) {
                // One contact at least, and the request id that this code is bound to.
                if path != "phone_number" && path != "request_id" {
                    remove_field(body, path);
                }
            }
        })
        .await;
        assert_eq!(status, row.status, "{}: {body}", row.name);
    }
}

#[tokio::test]
async fn the_sandbox_refuses_missing_unknown_and_mistyped_fields() {
    let driver = Driver::new().await;
    for row in json_rows() {
        for (path, field) in &row.request {
            if !row.in_sandbox(field) {
                assert_refused(
                    row,
                    path,
                    send_changed(&driver, row, |body| {
                        set_field(body, path, field.json_type.example())
                    })
                    .await,
                );
                continue;
            }
            if field.required {
                assert_refused(
                    row,
                    &format!("without {path}"),
                    send_changed(&driver, row, |body| remove_field(body, path)).await,
                );
            }
            if field.json_type != JsonType::Any {
                assert_refused(
                    row,
                    &format!("{path} of the wrong type"),
                    send_changed(&driver, row, |body| {
                        set_field(body, path, field.json_type.other_value())
                    })
                    .await,
                );
            }
        }
        let objects = row
            .request
            .iter()
            .filter(|(_, field)| field.json_type == JsonType::Object);
        let parents = objects
            .map(|(path, _)| format!("{path}."))
            .chain([String::new()]);
        for parent in parents {
            let unknown = format!("{parent}unknown_field");
            assert_refused(
                row,
                &unknown,
                send_changed(&driver, row, |body| set_field(body, &unknown, json!("x"))).await,
            );
        }
    }
}

/// OAuth servers ignore unknown parameters (RFC 6749 §3.2), so forms may have them.
#[tokio::test]
async fn forms_and_queries_need_the_required_parameters() {
    let driver = Driver::new().await;
    let SignedInTokens { access, refresh } = tokens(&driver).await;
    let [_, id, secret] = credentials("unused");
    let (number, _) = driver.create_user().await;
    for row in TABLE
        .of_sandbox()
        .filter(|row| matches!(row.body, BodyFormat::Form | BodyFormat::Query))
    {
        let full: Vec<(&str, &str)> = match row.name.as_str() {
            "token" => vec![
                ("grant_type", "client_credentials"),
                id,
                secret,
                ("resource", "https://api.example.com"),
            ],
            "token_by_refresh_token" => vec![
                ("grant_type", "refresh_token"),
                id,
                secret,
                ("refresh_token", &refresh),
            ],
            "introspection" => vec![
                ("token", &access),
                ("token_type_hint", "access_token"),
                id,
                secret,
            ],
            "revocation" => vec![
                ("token", &access),
                ("token_type_hint", "access_token"),
                id,
                secret,
            ],
            "user_by_identifier" => vec![
                ("identifier_name", "phoneNumber"),
                ("identifier_value", &number),
            ],
            other => panic!("no fields for {other}"),
        };
        let mut names: Vec<_> = full.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.sort();
        let usual = row
            .request
            .iter()
            .filter(|(_, field)| field.instead_of.is_none())
            .map(|(path, _)| path.clone());
        assert_eq!(names, usual.collect::<Vec<_>>(), "{}", row.name);
        for (path, field) in row.request.iter().filter(|(_, field)| field.required) {
            let without: Vec<_> = full
                .iter()
                .filter(|(name, _)| name != path)
                .copied()
                .collect();
            let (status, body) = send_fields(&driver, row, &without).await;
            assert!(
                [400, 401].contains(&status) && field.required,
                "{}: without {path}: {body}",
                row.name
            );
            family_and_code(&body);
        }
        let more = [&full[..], &[("unknown_field", "x")]].concat();
        let (status, body) = send_fields(&driver, row, &more).await;
        assert_eq!(status, row.status, "{}: {body}", row.name);
    }
}

struct SignedInTokens {
    access: String,
    refresh: String,
}

async fn tokens(driver: &Driver) -> SignedInTokens {
    let tokens = driver.sign_in().await.tokens;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    SignedInTokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

async fn send_fields(driver: &Driver, row: &Row, fields: &[(&str, &str)]) -> (u16, Value) {
    match row.body {
        BodyFormat::Query => {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            let request = driver
                .sandbox
                .request(Method::GET, &format!("{}?{query}", row.path));
            read_json(request.send().await.unwrap()).await
        }
        _ => driver.sandbox.form(&row.path, fields).await,
    }
}
