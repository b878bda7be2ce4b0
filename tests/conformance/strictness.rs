//! The stand-in takes what the table says and nothing else, so that a client that drifts from the
//! table is noticed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bodies::{Request, full};
use crate::client_driver::Bench;
use crate::compare::{flatten, parent_of, put, take};
use crate::table::{Body, Kind, Row, TABLE, family_and_code};
use latchkey_testkit::sandbox_client::{credentials, read_json};

/// Makes a full request, changed.
async fn ask(bench: &Bench, row: &Row, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let Request {
        method,
        path,
        mut body,
    } = full(bench, row).await;
    change(&mut body);
    read_json(
        bench
            .sandbox
            .request(method, &path)
            .json(&body)
            .send()
            .await
            .unwrap(),
    )
    .await
}

/// Insists on 400 in the family of the operation.
fn refused(row: &Row, what: &str, (status, body): (u16, Value)) {
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
    TABLE.of_sandbox().filter(|row| row.body == Body::Json)
}

#[tokio::test]
async fn the_stand_in_takes_every_field_that_the_table_says_it_takes() {
    let bench = Bench::new().await;
    for row in json_rows() {
        let mut given = Vec::new();
        let (status, body) = ask(&bench, row, |body| {
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
async fn the_stand_in_needs_no_field_but_the_required() {
    let bench = Bench::new().await;
    for row in json_rows() {
        let (status, body) = ask(&bench, row, |body| {
            let optional =
                |path: &&String| !row.request[*path].required && parent_of(path).is_empty();
            for path in row.request.keys().filter(optional) {
                // One address at least, and what this send and this session are bound to.
                if path != "phone_number" && path != "request_id" {
                    take(body, path);
                }
            }
        })
        .await;
        assert_eq!(status, row.status, "{}: {body}", row.name);
    }
}

#[tokio::test]
async fn the_stand_in_refuses_what_is_missing_unknown_or_of_the_wrong_type() {
    let bench = Bench::new().await;
    for row in json_rows() {
        for (path, field) in &row.request {
            if !row.in_sandbox(field) {
                refused(
                    row,
                    path,
                    ask(&bench, row, |body| put(body, path, field.kind.any())).await,
                );
                continue;
            }
            if field.required {
                refused(
                    row,
                    &format!("without {path}"),
                    ask(&bench, row, |body| take(body, path)).await,
                );
            }
            if field.kind != Kind::Any {
                refused(
                    row,
                    &format!("{path} of the wrong type"),
                    ask(&bench, row, |body| put(body, path, field.kind.not())).await,
                );
            }
        }
        let objects = row
            .request
            .iter()
            .filter(|(_, field)| field.kind == Kind::Object);
        let parents = objects
            .map(|(path, _)| format!("{path}."))
            .chain([String::new()]);
        for parent in parents {
            let unknown = format!("{parent}unheard_of");
            refused(
                row,
                &unknown,
                ask(&bench, row, |body| put(body, &unknown, json!("x"))).await,
            );
        }
    }
}

/// OAuth servers ignore parameters that they do not know (RFC 6749 §3.2), so forms are taken with
/// them.
#[tokio::test]
async fn forms_and_queries_need_what_is_required() {
    let bench = Bench::new().await;
    let SignedInTokens { access, refresh } = tokens(&bench).await;
    let [_, id, secret] = credentials("unused");
    let (number, _) = bench.user().await;
    for row in TABLE
        .of_sandbox()
        .filter(|row| matches!(row.body, Body::Form | Body::Query))
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
            let (status, body) = pass(&bench, row, &without).await;
            assert!(
                [400, 401].contains(&status) && field.required,
                "{}: without {path}: {body}",
                row.name
            );
            family_and_code(&body);
        }
        let more = [&full[..], &[("unheard_of", "x")]].concat();
        let (status, body) = pass(&bench, row, &more).await;
        assert_eq!(status, row.status, "{}: {body}", row.name);
    }
}

struct SignedInTokens {
    access: String,
    refresh: String,
}

async fn tokens(bench: &Bench) -> SignedInTokens {
    let tokens = bench.signed_in().await.tokens;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    SignedInTokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

async fn pass(bench: &Bench, row: &Row, fields: &[(&str, &str)]) -> (u16, Value) {
    match row.body {
        Body::Query => {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish();
            let request = bench
                .sandbox
                .request(Method::GET, &format!("{}?{query}", row.path));
            read_json(request.send().await.unwrap()).await
        }
        _ => bench.sandbox.form(&row.path, fields).await,
    }
}
