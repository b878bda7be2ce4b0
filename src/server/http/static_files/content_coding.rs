//! The content coding of a static file, by `Accept-Encoding` (RFC 9110 §12.5.3).

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

/// How the bytes of a response are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentCoding {
    /// brotli, the smallest.
    Brotli,
    /// gzip, which every client has.
    Gzip,
    /// As they are.
    Identity,
}

impl ContentCoding {
    /// The value of `Content-Encoding`; none for bytes as they are.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// The coding of `available` that a client prefers, the first one of equally good ones. None if
    /// it accepts none of them. Without the header it gets the bytes as they are.
    pub fn negotiate(headers: &HeaderMap, available: &[Self]) -> Option<Self> {
        let ranges = parse(headers);
        let mut best: Option<(u16, Self)> = None;
        for coding in available {
            let weight = coding.weight(&ranges);
            if weight > best.map_or(0, |(weight, _)| weight) {
                best = Some((weight, *coding));
            }
        }
        best.map(|(_, coding)| coding)
    }

    /// The weight in thousandths; 0 if the client does not accept it.
    fn weight(self, ranges: &[(String, u16)]) -> u16 {
        let named = |name: &str| ranges.iter().find(|(range, _)| range == name);
        let own = self.name().unwrap_or("identity");
        match (named(own).or_else(|| named("*")), self) {
            (Some((_, weight)), _) => *weight,
            // Acceptable unless it is excluded, but less than everything that is named.
            (None, Self::Identity) => 1,
            (None, _) => 0,
        }
    }
}

/// The codings of all lines of the header, in lower case, with their weights in thousandths. One
/// with an invalid weight is left out.
fn parse(headers: &HeaderMap) -> Vec<(String, u16)> {
    let lines = headers.get_all(ACCEPT_ENCODING).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next()?.to_ascii_lowercase();
            let weight = match parts.next() {
                Some(weight) => parse_weight(weight)?,
                None => 1000,
            };
            // An old name of the same coding (RFC 9110 §8.4.1.3).
            let name = if name == "x-gzip" {
                "gzip".to_owned()
            } else {
                name
            };
            (!name.is_empty()).then_some((name, weight))
        })
        .collect()
}

/// A weight such as `q=0.5`, from 0 to 1.
fn parse_weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let weight: f32 = value.trim().parse().ok()?;
    let is_valid = name.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&weight);
    // The value is in range, so the cast cannot overflow. A weight above 0 stays above 0.
    is_valid.then_some((weight * 1000.0).ceil() as u16)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::ContentCoding::{Brotli, Gzip, Identity};
    use super::*;

    fn negotiate(lines: &[&'static str]) -> Option<ContentCoding> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(line));
        }
        ContentCoding::negotiate(&headers, &[Brotli, Gzip, Identity])
    }

    #[test]
    fn the_coding_with_the_highest_weight_is_sent() {
        for (lines, expected) in [
            (&[][..], Some(Identity)),
            (&[""], Some(Identity)),
            (&["gzip, deflate, br, zstd"], Some(Brotli)),
            (&["gzip, deflate"], Some(Gzip)),
            (&["GZIP"], Some(Gzip)),
            (&["x-gzip"], Some(Gzip)),
            (&["br;q=0.5, gzip;q=0.8"], Some(Gzip)),
            (&["br;q=0.8, gzip;q=0.8"], Some(Brotli)),
            (&["br;q=0, gzip"], Some(Gzip)),
            (&["br;q=0.000, gzip;q=0"], Some(Identity)),
            (&["gzip", "br"], Some(Brotli)),
            (&["br ; q = 0.5 , gzip ; Q=0.6"], Some(Gzip)),
            (&["identity, br;q=0.5"], Some(Identity)),
            (&["identity;q=0.5, gzip;q=0.6"], Some(Gzip)),
            (&["*"], Some(Brotli)),
            (&["*;q=0.5, gzip"], Some(Gzip)),
            (&["*;q=0"], None),
            (&["*;q=0, gzip"], Some(Gzip)),
            (&["identity;q=0"], None),
            (&["identity;q=0, br"], Some(Brotli)),
            (&["identity;q=0, *"], Some(Brotli)),
            (&["zstd, deflate"], Some(Identity)),
            (&["zstd, identity;q=0"], None),
            (&["br;q=2, gzip;q=-1, brotli"], Some(Identity)),
            (&["br;q=NaN, gzip;level=1"], Some(Identity)),
            (&["br;q=0.0001"], Some(Brotli)),
        ] {
            assert_eq!(negotiate(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_coding_that_is_not_there_is_not_sent() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("br, gzip;q=0.5"));
        let negotiate = |available| ContentCoding::negotiate(&headers, available);
        assert_eq!(negotiate(&[Gzip, Identity]), Some(Gzip));
        assert_eq!(negotiate(&[Identity]), Some(Identity));
    }
}
