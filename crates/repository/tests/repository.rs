//! The rules of `latchkey-repository`, over the whole checkout.
#![cfg(test)]

use std::path::Path;

use latchkey_repository::checkout::Checkout;
use latchkey_repository::exceptions::Exceptions;
use latchkey_repository::finding::{Finding, report};
use latchkey_repository::words::Words;
use latchkey_repository::{
    asvs, book, chart, circles, examples, layers, layout, lines, links, types,
};

#[test]
fn words_and_names_that_were_replaced_stay_away() {
    passes(&Words::of_repository().unwrap().check(&checkout()));
}

#[test]
fn a_public_type_name_stands_for_one_thing() {
    passes(&types::check(&checkout(), &exceptions()));
}

#[test]
fn lines_have_at_most_100_columns() {
    passes(&lines::check(&checkout(), &exceptions()));
}

#[test]
fn imports_point_down_the_list_of_layers() {
    passes(&layers::check(&checkout()));
}

#[test]
fn the_lists_of_layers_are_those_in_the_documentation() {
    let checkout = checkout();
    let document = checkout
        .file(layers::EXPLAINED)
        .map_or("", |file| file.text.as_str());
    let text = document.split_whitespace().collect::<Vec<_>>().join(" ");
    for list in layers::lists() {
        assert!(
            text.contains(&list),
            "{} must contain: {list}",
            layers::EXPLAINED
        );
    }
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    passes(&circles::check(&checkout()));
}

#[test]
fn links_and_paths_in_markdown_lead_somewhere() {
    passes(&links::check(&checkout(), &exceptions()));
}

#[test]
fn the_table_of_contents_lists_every_page_of_the_documentation_once() {
    passes(&book::check(&checkout()));
}

#[test]
fn the_chart_uses_the_values_that_it_describes() {
    passes(&chart::check(&checkout()));
}

#[test]
fn documentation_comments_hold_no_examples_that_nothing_runs() {
    passes(&examples::check(&checkout()));
}

#[test]
fn modules_are_where_their_name_says() {
    passes(&layout::check(&checkout()));
}

#[test]
fn the_assessment_by_asvs_names_every_requirement_and_tests_that_exist() {
    passes(&asvs::check(&checkout()));
}

fn checkout() -> Checkout {
    Checkout::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))).unwrap()
}

fn exceptions() -> Exceptions {
    Exceptions::of_repository().unwrap()
}

#[track_caller]
fn passes(findings: &[Finding]) {
    assert!(findings.is_empty(), "\n{}", report(findings.to_vec()));
}
