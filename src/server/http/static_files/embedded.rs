//! The files that are embedded in the binary.
//!
//! Their names carry a hash of their content, so that browsers cache them forever.

use std::collections::HashMap;

use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};

use super::{REVALIDATE, conditional_response, media_type, needed, plain_assets, short_hash};
use crate::app::view::Assets;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The embedded files, by their path in the site folder.
#[cfg(not(development))]
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
#[cfg(development)]
static EMBEDDED: &[(&str, &[u8])] = &[];

/// An embedded file.
#[derive(Debug)]
pub struct StaticFile {
    bytes: &'static [u8],
    /// The bytes compressed with brotli.
    brotli: Option<&'static [u8]>,
    /// Of the bytes, in hexadecimal. Also the entity tag.
    hash: String,
    media_type: HeaderValue,
    cache: HeaderValue,
}

/// Never in a development build. An optimised one may have been compiled before the front end.
pub fn has_all() -> bool {
    let is_inside = |name: &String| EMBEDDED.iter().any(|(inside, _)| inside == name);
    needed().iter().all(is_inside)
}

/// The files by path, and the paths that pages name.
pub fn files() -> (HashMap<String, StaticFile>, Assets) {
    let mut files = HashMap::new();
    let mut assets = plain_assets();
    let brotli: HashMap<_, _> = EMBEDDED
        .iter()
        .filter_map(|(name, bytes)| Some((name.strip_suffix(".br")?, *bytes)))
        .collect();
    for (name, bytes) in EMBEDDED.iter().filter(|(name, _)| !name.ends_with(".br")) {
        let hash = short_hash(bytes);
        let path = path_of(name, &hash);
        match *name {
            "pkg/latchkey.css" => assets.css.clone_from(&path),
            "pkg/latchkey.js" => assets.js.clone_from(&path),
            "pkg/latchkey.wasm" => assets.wasm.clone_from(&path),
            name if name.contains("/snippets/") && name.ends_with(".js") => {
                assets.snippets.push(path.clone())
            }
            _ => {}
        }
        let (media_type, cache, brotli) =
            (media_type(name), cache_of(name), brotli.get(name).copied());
        files.insert(
            path,
            StaticFile {
                bytes,
                brotli,
                hash,
                media_type,
                cache,
            },
        );
    }
    (files, assets)
}

fn cache_of(name: &str) -> HeaderValue {
    match name {
        // The glue imports these by a name that does not follow their bytes.
        name if name.contains("/snippets/") => REVALIDATE,
        name if name.starts_with("pkg/") => FOREVER,
        _ => ONE_HOUR,
    }
}

fn path_of(name: &str, hash: &str) -> String {
    let hashed = name
        .strip_prefix("pkg/")
        .filter(|rest| !rest.contains('/'))
        .and_then(|rest| rest.rsplit_once('.'));
    match hashed {
        Some((stem, extension)) => format!("/pkg/{stem}.{hash}.{extension}"),
        None => format!("/{name}"),
    }
}

impl StaticFile {
    pub fn response(&self, request: &HeaderMap) -> Response {
        let accepts_brotli = request
            .get_all(ACCEPT_ENCODING)
            .iter()
            .any(|value| value.to_str().is_ok_and(accepts_br_coding));
        let brotli = self.brotli.filter(|_| accepts_brotli);
        // Other bytes have another strong tag (RFC 9110 §8.8.3.3).
        let coding = if brotli.is_some() { "-br" } else { "" };
        let tag = format!("{}{coding}", self.hash);
        // Bytes of the binary are not copied.
        let bytes = Bytes::from_static(brotli.unwrap_or(self.bytes));
        let mut response = conditional_response(request, &tag, bytes);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if brotli.is_some() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
    }
}

fn accepts_br_coding(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let refused = |part: &str| {
            part.replace(' ', "")
                .strip_prefix("q=")
                .is_some_and(|q| q.parse() == Ok(0.0_f32))
        };
        parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("br"))
            && !parts.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use http::header::{ETAG, IF_NONE_MATCH};

    use super::*;

    #[test]
    fn names_carry_the_hash_of_the_content() {
        assert_eq!(
            path_of("pkg/latchkey.wasm", "abc"),
            "/pkg/latchkey.abc.wasm"
        );
        assert_eq!(
            path_of("pkg/snippets/x/inline0.js", "abc"),
            "/pkg/snippets/x/inline0.js"
        );
        assert_eq!(path_of("favicon.svg", "abc"), "/favicon.svg");
        assert_eq!(path_of("robots.txt", "abc"), "/robots.txt");
    }

    #[test]
    fn only_files_with_a_hash_in_their_name_are_cached_forever() {
        for (name, kept) in [
            ("pkg/latchkey.wasm", true),
            ("pkg/latchkey.css", true),
            ("pkg/snippets/x/inline0.js", false),
            ("favicon.svg", false),
            ("robots.txt", false),
        ] {
            let cache = cache_of(name);
            assert_eq!(
                cache.to_str().unwrap().ends_with(", immutable"),
                kept,
                "{name}"
            );
            assert_eq!(path_of(name, "abc").contains("abc"), kept, "{name}");
        }
    }

    #[test]
    fn each_coding_has_a_tag_and_a_client_that_has_it_gets_304() {
        let file = StaticFile {
            bytes: b"plain",
            brotli: Some(b"packed"),
            hash: "a1b2".to_owned(),
            media_type: HeaderValue::from_static("text/css"),
            cache: FOREVER,
        };
        for (accepted, known, expected_tag, status) in [
            ("gzip", None, "\"a1b2\"", 200),
            ("br", None, "\"a1b2-br\"", 200),
            ("gzip", Some("\"a1b2\""), "\"a1b2\"", 304),
            ("gzip", Some("W/\"a1b2\", \"x\""), "\"a1b2\"", 304),
            ("br", Some("\"x\", W/\"a1b2-br\""), "\"a1b2-br\"", 304),
            ("br", Some("*"), "\"a1b2-br\"", 304),
            ("br", Some("\"a1b2\""), "\"a1b2-br\"", 200),
            ("gzip", Some("\"a1b2-br\""), "\"a1b2\"", 200),
        ] {
            let mut request = HeaderMap::new();
            request.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            if let Some(known) = known {
                request.insert(IF_NONE_MATCH, HeaderValue::from_static(known));
            }
            let response = file.response(&request);
            assert_eq!(response.status(), status, "{accepted} {known:?}");
            let headers = response.headers();
            assert_eq!(headers[ETAG], expected_tag, "{accepted} {known:?}");
            assert_eq!(headers[VARY], "accept-encoding");
            assert_eq!(headers[CACHE_CONTROL], FOREVER);
        }
    }

    #[test]
    fn brotli_is_sent_only_if_it_is_accepted() {
        assert!(accepts_br_coding("gzip, deflate, br, zstd"));
        assert!(accepts_br_coding("br;q=0.5"));
        assert!(!accepts_br_coding("gzip"));
        assert!(!accepts_br_coding("br;q=0, gzip"));
        assert!(!accepts_br_coding("brotli"));
    }
}
