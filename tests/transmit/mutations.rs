//! Ten thousand random changes to valid tokens, all of which are refused (requirement T1).

use futures_util::future::join_all;
use latchkey::server::system::random::Random;
use latchkey::server::transmit::FailureKind;

use crate::test_client::*;
use latchkey_testkit::forged_tokens::TokenTerms;
use latchkey_testkit::token_signer::TRUSTED;

const MUTATIONS: usize = 10_000;
/// Clients that try at once, each with a server of its own.
const WORLDS: usize = 4;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n";

/// True pairs, of one person and another, of now and earlier, by both algorithms.
fn pairs() -> Vec<[String; 2]> {
    let other = TokenTerms {
        sub: "u-2".to_owned(),
        phone: "+447400123457".to_owned(),
        ..terms()
    };
    let earlier = TokenTerms {
        now: NOW - 7,
        ..terms()
    };
    let mut pairs: Vec<_> = [terms(), other, earlier]
        .iter()
        .map(|terms| [terms.id(), terms.access()])
        .collect();
    let access = TRUSTED.token_with_alg("PS256", &access_claims());
    let id = latchkey_testkit::forged_tokens::with_member(
        id_claims(),
        "at_hash",
        latchkey_testkit::forged_tokens::at_hash(&access).into(),
    );
    pairs.push([TRUSTED.token_with_alg("PS256", &id), access]);
    pairs
}

/// One pair with one of its tokens changed.
fn mutated(random: &Random, pairs: &[[String; 2]]) -> [String; 2] {
    let mut pair = pairs[0].clone();
    let token = &mut pair[random.below(2) as usize];
    *token = match random.below(6) {
        0 => flipped(random, token),
        1 => edited(random, token),
        2 => swapped(random, token),
        3 | 4 => spliced(random, pairs),
        _ => cut(random, token),
    };
    pair
}

/// One bit turned.
fn flipped(random: &Random, token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    let at = random.below(bytes.len() as u64) as usize;
    bytes[at] ^= 1 << random.below(8);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One to four letters set, taken out or put in.
fn edited(random: &Random, token: &str) -> String {
    let mut bytes = token.as_bytes().to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() as u64) as usize;
        let letter = ALPHABET[random.below(ALPHABET.len() as u64) as usize];
        match random.below(3) {
            0 => bytes[at] = letter,
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, letter),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Its parts in another order, or one of them twice.
fn swapped(random: &Random, token: &str) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let pick = || parts[random.below(3) as usize];
    [pick(), pick(), pick()].join(".")
}

/// Parts of several true tokens.
fn spliced(random: &Random, pairs: &[[String; 2]]) -> String {
    let part = |which: usize| {
        let token = &pairs[random.below(pairs.len() as u64) as usize][random.below(2) as usize];
        token.split('.').nth(which).unwrap()
    };
    [part(0), part(1), part(2)].join(".")
}

/// The beginning of a token, with or without the end of another copy.
fn cut(random: &Random, token: &str) -> String {
    let [head, tail] = [(); 2].map(|()| random.below(token.len() as u64) as usize);
    if random.below(2) == 0 {
        token[..head].to_owned()
    } else {
        format!("{}{}", &token[..head], &token[tail..])
    }
}

#[tokio::test]
async fn t1_no_mutation_of_a_valid_token_is_accepted() {
    let pairs = pairs();
    let is_valid = |pair: &[String; 2]| pair == &pairs[0];
    let random = Random::seeded(42);
    let tried = join_all((0..WORLDS).map(|_| async {
        let world = TestClient::new().await;
        let mut tried = 0;
        while tried < MUTATIONS / WORLDS {
            let pair = mutated(&random, &pairs);
            if is_valid(&pair) {
                continue;
            }
            world.stub.always(VERIFY, tokens(&pair[0], &pair[1]));
            let refused = world.verify().await;
            let is_typed = refused
                .as_ref()
                .is_err_and(|failure| matches!(failure.kind, FailureKind::TokenInvalid(_)));
            assert!(is_typed, "{pair:?}: {refused:?}");
            tried += 1;
        }
        // They were refused for what was changed and not for anything else.
        for pair in [0, 2, 3].map(|at| &pairs[at]) {
            world.stub.always(VERIFY, tokens(&pair[0], &pair[1]));
            world.verify().await.unwrap();
        }
        tried
    }));
    assert_eq!(tried.await.iter().sum::<usize>(), MUTATIONS);
}
