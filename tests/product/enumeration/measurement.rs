//! Tests of the measurement helpers: of times against published values (E2), and of masked bytes
//! (E1).

use std::time::Duration;

use latchkey_testkit::kolmogorov_smirnov::{
    all_pairs, compare, holm_correction, kolmogorov_survival, median,
};
use latchkey_testkit::masking::{mask_random_parts, mask_timestamps};

fn millis(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
    values.into_iter().map(Duration::from_millis).collect()
}

#[test]
fn kolmogorov_survival_matches_published_critical_values() {
    // The critical values of every table: 5 %, 1 % and 0.1 %.
    for (lambda, p) in [
        (1.3581, 0.05),
        (1.6276, 0.01),
        (1.9495, 0.001),
        (0.8276, 0.5),
    ] {
        assert!(
            (kolmogorov_survival(lambda) - p).abs() < p * 1e-3,
            "{lambda}: {}",
            kolmogorov_survival(lambda)
        );
    }
    assert_eq!(
        (kolmogorov_survival(0.0), kolmogorov_survival(40.0)),
        (1.0, 0.0)
    );
}

#[test]
fn compare_matches_values_computed_by_hand() {
    let same = compare(&millis(0..300), &millis(0..300));
    assert_eq!(
        (same.distance, same.p_value, same.median_difference),
        (0.0, 1.0, Duration::ZERO)
    );
    let apart = compare(&millis(0..300), &millis(300..600));
    assert!(
        apart.distance == 1.0
            && apart.p_value < 1e-100
            && apart.median_difference == Duration::from_millis(300),
        "{apart:?}"
    );
    // Shifted by 40 of 300: D = 40/300; λ = (√150 + 0.12 + 0.11/√150)·D = 1.6502, p = 2(e^-5.446 −
    // e^-21.79) = 0.00863.
    let shifted = compare(&millis(0..300), &millis(40..340));
    assert!(
        (shifted.distance - 40.0 / 300.0).abs() < 1e-12 && (shifted.p_value - 0.00863).abs() < 5e-5,
        "{shifted:?}"
    );
    // Ties are one step of both samples.
    let ties = compare(&millis([1, 1, 1, 2]), &millis([1, 1, 1, 2]));
    assert_eq!((ties.distance, ties.p_value), (0.0, 1.0));
}

#[test]
fn median_and_holm_correction_match_known_values() {
    assert_eq!(median(&millis([5, 1, 3])), Duration::from_millis(3));
    assert_eq!(median(&millis([4, 1, 3, 2])), Duration::from_micros(2500));
    let raised = holm_correction(&[0.04, 0.01, 0.03]);
    for (raised, expected) in raised.iter().zip([0.06, 0.03, 0.06]) {
        assert!((raised - expected).abs() < 1e-12, "{raised}");
    }
    assert_eq!(holm_correction(&[0.9, 0.8]), [1.0, 1.0]);
}

#[test]
fn all_pairs_lists_every_pair_once() {
    let found: Vec<_> = all_pairs(&[1, 2, 3, 4]).collect();
    assert_eq!(
        found,
        [(&1, &2), (&1, &3), (&1, &4), (&2, &3), (&2, &4), (&3, &4)]
    );
    assert_eq!(
        (all_pairs(&[1]).count(), all_pairs::<u8>(&[]).count()),
        (0, 0)
    );
}

#[test]
fn random_parts_are_masked_and_keep_their_length() {
    let policy = "content-security-policy: script-src 'nonce-abc='";
    let head = format!(
        "HTTP/1.1 200 OK\r\ndate: now\r\nx-request-id: 7f\r\nset-cookie: a=secret; Path=/\r\n\
         {policy}\r\n\r\n"
    );
    let body = "<script nonce=\"abc=\"></script><input name=\"form\" value=\"12\"/>\
                <p data-now=\"1795421540392\">12";
    let seen = "HTTP/1.1 200 OK\ndate: ###\nx-request-id: ##\nset-cookie: a=######; Path=/\n\
        content-security-policy: script-src 'nonce-####'\n\n\
        <script nonce=\"####\"></script><input name=\"form\" value=\"##\"/>\
        <p data-now=\"1795421540392\">12";
    assert_eq!(mask_random_parts(&head, body), seen);
    assert_eq!(
        mask_timestamps(seen),
        seen.replace("1795421540392", "#############")
    );
    let tagged = "<input name=\"flow\" value=\"12\"/><input name=\"flow\" value=\"345\"/>6";
    assert_eq!(
        mask_random_parts("200", tagged),
        "200\n\n<input name=\"flow\" value=\"##\"/><input name=\"flow\" value=\"###\"/>6"
    );
    // Text that is not random stays, whatever it looks like.
    assert_eq!(
        mask_random_parts("200\nset-cookie: a=", "at 123456789012, 12345678901234"),
        "200\nset-cookie: a=\n\nat 123456789012, 12345678901234"
    );
    assert_eq!(
        mask_timestamps("at 123456789012, 12345678901234"),
        "at 123456789012, 12345678901234"
    );
}
