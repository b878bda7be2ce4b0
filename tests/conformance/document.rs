//! `docs/developers/upstream.md`, made from the table.
//! `LATCHKEY_WRITE_DOCS=1 cargo test … --test conformance docs` writes it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::table::{Field, Fields, Refusal, Row, TABLE};

const BEGINNING: &str = "\
# Conformance with Transmit's API

This page lists every operation and field of the part of Transmit Security's API that a sign-in
touches. It says what Latchkey (the client) sends and reads, what the
[sandbox](sandbox.md) (`latchkey sandbox`) accepts and returns, what neither uses, and why.

The page is generated from `tests/conformance/table/*.toml`. The tests beside the table check the
client and the sandbox against it. They check recorded requests, every response of the sandbox, and
every refusal. For each field that the client reads, they put another value in its place.

`*` marks an assumption that no published page states. Check it when a tenant behaves differently.

The sandbox accepts only the JSON fields that this page lists. It ignores unknown parameters of
forms (RFC 6749 §3.2).
";
/// Longest line of the page.
const WIDTH: usize = 100;
/// What stands for an empty list.
const NOTHING: &str = "nothing";
/// Every operation with a client access token.
const ANY: &str = "all with a client token";

#[test]
fn docs_upstream_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/developers/upstream.md");
    let page = page();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "docs/developers/upstream.md is not what the table says; LATCHKEY_WRITE_DOCS=1 writes it"
    );
}

fn page() -> String {
    let mut page = BEGINNING.to_owned();
    for part in [
        operations, shapes, claims, left_out, unused, refusals, families,
    ] {
        part(&mut page).unwrap();
    }
    page
}

fn operations(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Operations")?;
    for row in TABLE.rows.iter().filter(|row| row.client || row.sandbox) {
        let used = |fields: &Fields, used: &BTreeSet<String>| {
            list(
                fields
                    .iter()
                    .filter(|(path, _)| used.contains(*path))
                    .map(|(path, field)| mark(path, field.assumed)),
            )
        };
        writeln!(page, "\n### {}\n\n{}\n", row.name, title(row))?;
        match (row.client, &row.why) {
            (false, Some(why)) => item(page, &format!("The client does not call it: {why}."))?,
            _ => {
                item(
                    page,
                    &format!("The client sends: {}.", used(&row.request, &row.sends)),
                )?;
                item(
                    page,
                    &format!("The client reads: {}.", used(&row.answer, &row.reads)),
                )?;
            }
        }
        let takes = besides(row, &row.request, &row.sends, row.request_shape.as_ref());
        let serves = besides(row, &row.answer, &row.reads, row.answer_shape.as_ref());
        for (verb, fields) in [("accepts", takes), ("returns", serves)] {
            if fields != NOTHING {
                item(page, &format!("The sandbox also {verb}: {fields}."))?;
            }
        }
        if let Some(note) = &row.note {
            item(page, &format!("Note: {note}."))?;
        }
    }
    Ok(())
}

/// What the sandbox has and the client does not use; of a shape no more than its name.
fn besides(row: &Row, fields: &Fields, used: &BTreeSet<String>, shape: Option<&String>) -> String {
    let of_shape = shape.map(|name| &TABLE.shapes[name]);
    let own = |path: &str| of_shape.is_none_or(|shape| !shape.contains_key(path));
    let rest = fields
        .iter()
        .filter(|(path, field)| row.in_sandbox(field) && !used.contains(*path) && own(path));
    let rest = rest.map(|(path, field)| mark(path, field.assumed));
    list(rest.chain(shape.map(|name| format!("the rest of *{}*", name.replace('_', " ")))))
}

/// Method and paths: what stands under an operation's name.
fn title(row: &Row) -> String {
    let also: String = row.also.iter().map(|path| format!(", `{path}`")).collect();
    format!("`{} {}`{also}", row.method, row.path)
}

fn shapes(page: &mut String) -> std::fmt::Result {
    writeln!(
        page,
        "\n## Shapes\n\nFields that several operations share.\n"
    )?;
    for (name, fields) in &TABLE.shapes {
        let fields = fields.iter().filter(|(_, field)| field.sandbox);
        let fields = list(fields.map(|(path, field)| mark(path, field.assumed)));
        item(page, &format!("*{}*: {fields}", name.replace('_', " ")))?;
    }
    Ok(())
}

fn left_out(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Fields that the client does not use\n")?;
    writeln!(page, "In parentheses: whether the sandbox has the field.\n")?;
    let line =
        |page: &mut String, place: &str, (path, field): (&String, &Field), in_sandbox: bool| {
            let sandbox = if in_sandbox { "yes" } else { "no" };
            match &field.why {
                Some(why) => item(
                    page,
                    &format!("{place}: {} ({sandbox}): {why}.", mark(path, field.assumed)),
                ),
                None => Ok(()),
            }
        };
    for (name, fields) in &TABLE.shapes {
        for field in fields {
            line(
                page,
                &format!("*{}*", name.replace('_', " ")),
                field,
                field.1.sandbox,
            )?;
        }
    }
    for row in TABLE.rows.iter().filter(|row| row.client || row.sandbox) {
        let sides = [
            (&row.request, &row.sends, &row.request_shape),
            (&row.answer, &row.reads, &row.answer_shape),
        ];
        for (fields, used, shape) in sides {
            let of_shape = shape.as_ref().map(|name| &TABLE.shapes[name]);
            let own = |path: &String| of_shape.is_none_or(|shape| !shape.contains_key(path));
            for field in fields
                .iter()
                .filter(|(path, _)| !used.contains(*path) && own(path))
            {
                line(page, &row.name, field, row.in_sandbox(field.1))?;
            }
        }
    }
    for (name, token) in &TABLE.tokens {
        for field in token
            .claims
            .iter()
            .filter(|(path, _)| !token.reads.contains(*path))
        {
            line(page, name, field, field.1.sandbox)?;
        }
    }
    Ok(())
}

fn unused(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Operations that neither uses\n")?;
    for row in TABLE.rows.iter().filter(|row| !row.client && !row.sandbox) {
        let fields = list(
            row.request
                .keys()
                .chain(row.answer.keys())
                .map(|path| mark(path, false)),
        );
        let fields = if fields == NOTHING {
            String::new()
        } else {
            format!(" Fields: {fields}.")
        };
        let why = row.why.clone().unwrap_or_default();
        item(
            page,
            &format!("{}: {}. Reason: {why}.{fields}", row.name, title(row)),
        )?;
    }
    Ok(())
}

fn claims(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Claims of tokens")?;
    for (name, token) in &TABLE.tokens {
        let rest = token
            .claims
            .iter()
            .filter(|(path, field)| field.sandbox && !token.reads.contains(*path));
        let rest = list(rest.map(|(path, field)| mark(path, field.assumed)));
        let reads = list(token.reads.iter().map(|path| mark(path, false)));
        writeln!(page, "\n### {name}\n")?;
        item(page, &format!("The client reads: {reads}."))?;
        item(page, &format!("The sandbox also returns: {rest}."))?;
    }
    Ok(())
}

fn refusals(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Refusals\n")?;
    writeln!(
        page,
        "| operation | status | code | shape | client | sandbox |\n|---|---|---|---|---|---|"
    )?;
    let rows = TABLE.rows.iter().flat_map(|row| {
        let name = row.name.as_str();
        row.refusals.iter().map(move |refusal| (name, refusal))
    });
    let common = TABLE.common.iter().map(|refusal| (ANY, refusal));
    let all: Vec<_> = common.chain(rows).collect();
    for (operation, refusal) in &all {
        let message = refusal
            .message
            .as_ref()
            .map(|text| format!(", “{text}”"))
            .unwrap_or_default();
        let sandbox = if refusal.sandbox { "yes" } else { "no" };
        let client = refusal.client.as_deref().unwrap_or("–");
        let code = mark(&refusal.code, refusal.assumed);
        writeln!(
            page,
            "| {operation} | {} | {code}{message} | {} | {client} | {sandbox} |",
            refusal.status, refusal.family
        )?;
    }
    writeln!(
        page,
        "\nThe column *client* says what the client makes of the refusal."
    )?;
    writeln!(page, "\nRefusals that the sandbox does not return:\n")?;
    for (
        operation,
        Refusal {
            status, code, why, ..
        },
    ) in all
    {
        if let Some(why) = why {
            item(page, &format!("{operation}, {status} `{code}`: {why}."))?;
        }
    }
    Ok(())
}

fn families(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Shapes of error bodies\n")?;
    writeln!(page, "The client reads all of them at every operation.\n")?;
    for family in &TABLE.families {
        let sandbox = if family.sandbox { "yes" } else { "no" };
        let (name, example, place) = (&family.name, &family.example, &family.location);
        item(
            page,
            &format!("{name}: `{example}`. Where: {place}. Sandbox: {sandbox}."),
        )?;
    }
    Ok(())
}

fn mark(name: &str, assumed: bool) -> String {
    if assumed {
        format!("`{name}`*")
    } else {
        format!("`{name}`")
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() {
        NOTHING.to_owned()
    } else {
        names.join(" ")
    }
}

/// An item of a list, wrapped.
fn item(page: &mut String, text: &str) -> std::fmt::Result {
    let mut line = "-".to_owned();
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(page, "{line}")?;
            line = " ".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(page, "{line}")
}
