//! `Accept-Language` (RFC 9110 §12.5.4), read generously: what cannot be read is skipped.

use std::sync::LazyLock;

use fluent_langneg::{LanguageIdentifier, NegotiationStrategy, negotiate_languages};

/// More than anybody speaks; the rest of a longer header is not looked at.
const MAX_RANGES: usize = 16;

static AVAILABLE: LazyLock<Vec<(LanguageIdentifier, &'static str)>> = LazyLock::new(|| {
    ["en", "de", "fr", "es", "ar"]
        .into_iter()
        .filter_map(|tag| Some((tag.parse().ok()?, tag)))
        .collect()
});

/// The language of ours that suits best, if any does.
pub fn best(header: &str) -> Option<&'static str> {
    let mut ranges: Vec<(u16, LanguageIdentifier)> = header
        .split(',')
        .take(MAX_RANGES)
        .filter_map(range)
        .filter(|(quality, _)| *quality > 0)
        .collect();
    ranges.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    let requested: Vec<&LanguageIdentifier> = ranges.iter().map(|(_, tag)| tag).collect();
    let available: Vec<&LanguageIdentifier> = AVAILABLE.iter().map(|(tag, _)| tag).collect();
    let chosen = negotiate_languages(&requested, &available, None, NegotiationStrategy::Lookup);
    let chosen = chosen.first()?;
    AVAILABLE
        .iter()
        .find(|(tag, _)| tag == **chosen)
        .map(|(_, name)| *name)
}

/// One language range and its weight in thousandths.
fn range(part: &str) -> Option<(u16, LanguageIdentifier)> {
    let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .and_then(|q| q.trim().parse::<f32>().ok())
        .unwrap_or(1.0);
    // Clamped first, so the conversion is exact enough and cannot leave the range.
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
    Some((thousandths, tag.trim().parse().ok()?))
}
