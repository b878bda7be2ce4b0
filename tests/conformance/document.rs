//! `docs/upstream.md`, made from the table. `LATCHKEY_WRITE_DOCS=1 cargo test … --test conformance
//! docs` writes it.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::table::{Field, Fields, Refusal, Row, TABLE};

const BEGINNING: &str = "\
# What is used of Transmit's API

Every operation and field of the part of Transmit Security's API that a sign-in touches: what Latchkey sends and reads, what the stand-in
(`latchkey sandbox`) takes and serves, and what neither does, and why. Made from `tests/conformance/table/*.toml`; the tests beside it hold client and stand-in
to it: requests that are recorded, every answer of the stand-in, every refusal, and each field that is read, by putting something else in its place.

`*` marks what no published page states: an assumption, to be looked at when a tenant behaves otherwise. The stand-in takes no JSON field that it is not said to
take here; parameters of forms that it does not know are ignored (RFC 6749 §3.2).
";

#[test]
fn docs_upstream_is_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/upstream.md");
    let page = page();
    if std::env::var_os("LATCHKEY_WRITE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "docs/upstream.md is not what the table says; write it with LATCHKEY_WRITE_DOCS=1"
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
    writeln!(page, "\n## Operations\n")?;
    writeln!(
        page,
        "| operation | client sends | client reads | stand-in takes besides | stand-in serves besides |"
    )?;
    writeln!(page, "|---|---|---|---|---|")?;
    for row in TABLE.rows.iter().filter(|row| row.client || row.sandbox) {
        let used = |fields: &Fields, used: &BTreeSet<String>| {
            list(
                fields
                    .iter()
                    .filter(|(path, _)| used.contains(*path))
                    .map(|(path, field)| mark(path, field.assumed)),
            )
        };
        let sends = match (row.client, &row.why) {
            (false, Some(why)) => format!("not called: {why}"),
            _ => used(&row.request, &row.sends),
        };
        let takes = besides(row, &row.request, &row.sends, row.request_shape.as_ref());
        let serves = besides(row, &row.answer, &row.reads, row.answer_shape.as_ref());
        writeln!(
            page,
            "| {} | {sends} | {} | {takes} | {serves} |",
            title(row),
            used(&row.answer, &row.reads)
        )?;
    }
    Ok(())
}

/// What the stand-in has and the client does not use; of a shape no more than its name.
fn besides(row: &Row, fields: &Fields, used: &BTreeSet<String>, shape: Option<&String>) -> String {
    let of_shape = shape.map(|name| &TABLE.shapes[name]);
    let own = |path: &str| of_shape.is_none_or(|shape| !shape.contains_key(path));
    let rest = fields
        .iter()
        .filter(|(path, field)| row.in_sandbox(field) && !used.contains(*path) && own(path));
    let rest = rest.map(|(path, field)| mark(path, field.assumed));
    list(rest.chain(shape.map(|name| format!("the rest of *{}*", name.replace('_', " ")))))
}

fn title(row: &Row) -> String {
    let also: String = row.also.iter().map(|path| format!(", `{path}`")).collect();
    let note = row
        .note
        .as_ref()
        .map(|note| format!(" ({note})"))
        .unwrap_or_default();
    format!("{}: `{} {}`{also}{note}", row.name, row.method, row.path)
}

fn shapes(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Shapes\n\n| shape | fields |\n|---|---|")?;
    for (name, fields) in &TABLE.shapes {
        let fields = fields.iter().filter(|(_, field)| field.sandbox);
        let fields = list(fields.map(|(path, field)| mark(path, field.assumed)));
        writeln!(page, "| *{}* | {fields} |", name.replace('_', " "))?;
    }
    Ok(())
}

fn left_out(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Fields that are left out\n")?;
    writeln!(
        page,
        "| field | client | stand-in | why |\n|---|---|---|---|"
    )?;
    let line =
        |page: &mut String, place: &str, (path, field): (&String, &Field), in_sandbox: bool| {
            let sandbox = if in_sandbox { "yes" } else { "no" };
            match &field.why {
                Some(why) => writeln!(
                    page,
                    "| {place}: {} | no | {sandbox} | {why} |",
                    mark(path, field.assumed)
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
    writeln!(page, "| operation | fields | why |\n|---|---|---|")?;
    for row in TABLE.rows.iter().filter(|row| !row.client && !row.sandbox) {
        let fields = list(
            row.request
                .keys()
                .chain(row.answer.keys())
                .map(|path| mark(path, false)),
        );
        writeln!(
            page,
            "| {} | {fields} | {} |",
            title(row),
            row.why.clone().unwrap_or_default()
        )?;
    }
    Ok(())
}

fn claims(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Claims of tokens\n")?;
    writeln!(
        page,
        "| token | client reads | stand-in serves besides |\n|---|---|---|"
    )?;
    for (name, token) in &TABLE.tokens {
        let rest = token
            .claims
            .iter()
            .filter(|(path, field)| field.sandbox && !token.reads.contains(*path));
        let rest = list(rest.map(|(path, field)| mark(path, field.assumed)));
        writeln!(
            page,
            "| {name} | {} | {rest} |",
            list(token.reads.iter().map(|path| mark(path, false)))
        )?;
    }
    Ok(())
}

fn refusals(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Refusals\n")?;
    writeln!(
        page,
        "| operation | status | code | shape | the client makes of it | stand-in |\n|---|---|---|---|---|---|"
    )?;
    let line = |page: &mut String, operation: &str, refusal: &Refusal| {
        let message = refusal
            .message
            .as_ref()
            .map(|text| format!(", “{text}”"))
            .unwrap_or_default();
        let sandbox = match (&refusal.why, refusal.sandbox) {
            (Some(why), false) => format!("no: {why}"),
            _ => "yes".to_owned(),
        };
        let client = refusal.client.as_deref().unwrap_or("–");
        let code = mark(&refusal.code, refusal.assumed);
        writeln!(
            page,
            "| {operation} | {} | {code}{message} | {} | {client} | {sandbox} |",
            refusal.status, refusal.family
        )
    };
    for refusal in &TABLE.common {
        line(page, "all with a client token", refusal)?;
    }
    for row in &TABLE.rows {
        for refusal in &row.refusals {
            line(page, &row.name, refusal)?;
        }
    }
    Ok(())
}

fn families(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Shapes of error bodies\n")?;
    writeln!(page, "The client reads all of them at every operation.\n")?;
    writeln!(
        page,
        "| shape | example | where | stand-in |\n|---|---|---|---|"
    )?;
    for family in &TABLE.families {
        let sandbox = if family.sandbox { "yes" } else { "no" };
        writeln!(
            page,
            "| {} | `{}` | {} | {sandbox} |",
            family.name, family.example, family.place
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
        "–".to_owned()
    } else {
        names.join(" ")
    }
}
