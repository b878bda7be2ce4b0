//! The names of numbers in the audit log, over each engine, with two nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use latchkey::domain::Identifier;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::{Pseudonyms, Retention};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::crypto::key_ring::{KeyRing, SecretKey};
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::system::random::Random;

use crate::builders::{at, engines, number, redb};
use latchkey_testkit::fault_store::{FaultStore, StoreCall};

const DAY: u64 = 86_400;
const HISTORIES: u64 = 12;
const STEPS: usize = 60;

fn keys(ring: &[u8]) -> Arc<DerivedKeys> {
    let mut keys = ring.iter().map(|key| SecretKey::new([*key; 32]));
    let ring = KeyRing::new(keys.next().unwrap(), keys.collect());
    Arc::new(DerivedKeys::derive(&ring, Random::system()).unwrap())
}

fn node(store: Arc<dyn Store>) -> Pseudonyms {
    Pseudonyms::new(store, keys(&[1]), Random::system())
}

async fn name(node: &Pseudonyms, of: &Identifier, why: Retention, now: Timestamp) -> String {
    node.name(of, why, now).await.unwrap().pseudonym
}

/// By which name an event would call a number.
async fn shown(node: &Pseudonyms, of: &Identifier, now: Timestamp) -> Option<String> {
    node.subject(of, now).await.identifier
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_name_a_number_at_the_same_time_agree() {
    let (engines, _redis) = engines(node);
    for nodes in &engines {
        for round in 0..20 {
            let of = number(round);
            let tasks = (0..16).map(|task| {
                let (node, of) = (nodes[task % 2].clone(), of.clone());
                tokio::spawn(async move { name(&node, &of, Retention::CodeSent, at(0)).await })
            });
            let names: BTreeSet<_> = join_all(tasks)
                .await
                .into_iter()
                .map(Result::unwrap)
                .collect();
            assert_eq!(names.len(), 1, "round {round}");
            for node in nodes {
                assert_eq!(shown(node, &of, at(1)).await.as_ref(), names.first());
            }
        }
    }
}

/// What a node must answer: the name of each number, and when its mapping ends.
type Model = BTreeMap<u64, (String, Timestamp)>;

/// Random histories of namings, erasures and passing time on two nodes.
#[tokio::test]
async fn a_name_lives_until_it_is_erased_or_its_time_is_over() {
    let (engines, _redis) = engines(node);
    for nodes in &engines {
        for history in 0..HISTORIES {
            let (random, numbers) = (Random::seeded(history), 100 + history * 4);
            let (mut model, mut used, mut now) = (Model::new(), BTreeSet::new(), at(0));
            for _ in 0..STEPS {
                let which = numbers + random.below(4);
                let (of, node) = (number(which), &nodes[random.below(2) as usize]);
                model.retain(|_, (_, until)| now < *until);
                match random.below(6) {
                    0 => now = now + Duration::from_secs(random.below(20 * DAY)),
                    1 => {
                        let id = keys(&[1]).identifier_index(&of);
                        node.forget(id).await.unwrap();
                        model.remove(&which);
                    }
                    2 => {
                        let known = model.get(&which).map(|(name, _)| name.clone());
                        assert_eq!(shown(node, &of, now).await, known);
                    }
                    kind => {
                        let (why, days, renewed_below) = match kind {
                            3 => (Retention::SignedIn, 400, 370),
                            _ => (Retention::CodeSent, 30, 15),
                        };
                        let given = name(node, &of, why, now).await;
                        match model.get(&which) {
                            Some((known, _)) => assert_eq!(*known, given),
                            None => assert!(used.insert(given.clone()), "a name was used again"),
                        }
                        let in_days = |days| now + Duration::from_secs(days * DAY);
                        let ends = in_days(days);
                        let entry = model.entry(which).or_insert((given, ends));
                        if entry.1 < in_days(renewed_below) {
                            entry.1 = ends;
                        }
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_send_that_is_withheld_leaves_a_name_for_an_hour_only() {
    let (engines, _redis) = engines(node);
    for [node, other] in &engines {
        let of = number(1);
        let made = node.name(&of, Retention::CodeSent, at(0)).await.unwrap();
        let found = other.name(&of, Retention::CodeSent, at(0)).await.unwrap();
        assert_eq!(made.pseudonym, found.pseudonym);
        // The name that another send has made is left alone.
        other.shorten(&of, &found, at(0)).await;
        assert!(shown(node, &of, at(29 * DAY)).await.is_some());
        node.shorten(&of, &made, at(0)).await;
        assert_eq!(shown(other, &of, at(3599)).await, Some(made.pseudonym));
        assert_eq!(shown(node, &of, at(3601)).await, None);
    }
}

#[tokio::test]
async fn a_person_who_signs_in_every_day_causes_a_write_a_month() {
    let store = FaultStore::in_memory();
    let (node, of) = (node(store.clone()), number(1));
    let first = name(&node, &of, Retention::CodeSent, at(0)).await;
    for day in 0..365 {
        for why in [Retention::CodeSent, Retention::SignedIn] {
            assert_eq!(name(&node, &of, why, at(day * DAY)).await, first);
        }
    }
    let writes = store.take_writes().len();
    assert!((12..=14).contains(&writes), "{writes}");
    assert_eq!(shown(&node, &of, at(700 * DAY)).await, Some(first));
}

#[tokio::test]
async fn a_name_survives_a_rotation_of_keys_and_is_unreadable_without_them() {
    let (store, of) = (redb(), number(1));
    let with = |ring: &[u8]| Pseudonyms::new(store.clone(), keys(ring), Random::system());
    let before = name(&with(&[1]), &of, Retention::SignedIn, at(0)).await;
    assert_eq!(
        shown(&with(&[2, 1]), &of, at(1)).await.as_ref(),
        Some(&before)
    );
    // The record does not show it.
    let stored = store
        .scan(RecordKind::AuditPseudonym, 10, at(1))
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    let bytes = String::from_utf8_lossy(&stored[0].1.bytes).into_owned();
    assert!(!bytes.contains(&before));
    // Other keys find nothing, and give the number a new name.
    assert_eq!(shown(&with(&[3]), &of, at(1)).await, None);
    let renamed = name(&with(&[3]), &of, Retention::CodeSent, at(1)).await;
    assert_ne!(renamed, before);
}

#[tokio::test]
async fn an_event_is_written_without_a_name_while_the_store_fails() {
    let store = FaultStore::in_memory();
    let (node, of) = (node(store.clone()), number(1));
    let given = name(&node, &of, Retention::CodeSent, at(0)).await;
    store.set_failing(&[StoreCall::Get(RecordKind::AuditPseudonym)]);
    let subject = node.subject(&of, at(1)).await;
    assert_eq!(
        (subject.identifier, subject.country.as_deref()),
        (None, Some("GB"))
    );
    assert_eq!(node.name(&of, Retention::CodeSent, at(1)).await, None);
    store.set_failing(&[StoreCall::Put(RecordKind::AuditPseudonym)]);
    assert_eq!(shown(&node, &of, at(1)).await, Some(given));
    assert_eq!(
        node.name(&number(2), Retention::CodeSent, at(1)).await,
        None
    );
}
