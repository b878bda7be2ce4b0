//! Runs every target over the committed corpus and seeded mutations of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fuzz::mutator::Mutator;
use crate::fuzz::{TARGETS, find_target};

/// Mutations of each target's corpus.
const MUTATIONS: usize = 10_000;

/// Limits of the committed corpus.
const MAX_FILES: usize = 300;
const MAX_BYTES: usize = 1 << 20;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/fuzz/corpus")
}

/// The files in the order of their names, so that every run is the same.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder().join(target)).unwrap();
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn every_target_has_a_corpus_and_every_corpus_a_target() {
    let folders = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = folders.collect::<BTreeSet<_>>().into_iter().collect();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
    let files: Vec<Vec<u8>> = names.iter().flat_map(|name| corpus(name)).collect();
    assert!(
        names.iter().all(|name| corpus(name).len() >= 4),
        "too few to mutate"
    );
    assert!(files.len() < MAX_FILES && files.iter().map(Vec::len).sum::<usize>() < MAX_BYTES);
}

#[test]
fn no_target_panics_on_the_corpus_and_its_mutations() {
    for (seed, (name, target)) in (1..).zip(TARGETS) {
        let corpus = corpus(name);
        corpus.iter().for_each(|bytes| target(bytes));
        let mut mutator = Mutator::seeded(seed);
        for count in 0..MUTATIONS {
            let bytes = mutator.mutate(&corpus);
            let result = std::panic::catch_unwind(|| target(&bytes));
            assert!(
                result.is_ok(),
                "{name}, mutation {count}: {:?}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

#[test]
fn mutations_are_the_same_in_every_run_and_differ_from_the_corpus() {
    let corpus = corpus("gateway_delivery");
    let run = || {
        let mut mutator = Mutator::seeded(7);
        (0..500)
            .map(|_| mutator.mutate(&corpus))
            .collect::<Vec<_>>()
    };
    let first = run();
    assert_eq!(first, run());
    let different: BTreeSet<_> = first
        .iter()
        .filter(|bytes| !corpus.contains(bytes))
        .collect();
    assert!(different.len() > 400, "{}", different.len());
}

/// The signed tokens are accepted. Without this check the target `signature` would prove nothing.
#[test]
fn the_signature_target_accepts_the_signed_tokens() {
    let signature = find_target("signature").unwrap();
    let tokens = include_str!("../server/transmit/fuzz/signed.txt");
    assert_eq!(tokens.lines().count(), 2);
    tokens.lines().for_each(|token| signature(token.as_bytes()));
    assert!(find_target("no such target").is_none());
}
