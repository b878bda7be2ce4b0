//! The files that are embedded in the binary.
//!
//! Their names carry a hash of their content, so that browsers cache them forever.

use std::collections::HashMap;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::content_coding::ContentCoding;
use super::{REVALIDATE, conditional_response, media_type, needed, plain_assets, short_hash};
use crate::app::view::Assets;

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ONE_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// How the build names the compressed bytes of a file, the smallest first.
const COMPRESSED: [(ContentCoding, &str); 2] =
    [(ContentCoding::Brotli, ".br"), (ContentCoding::Gzip, ".gz")];

/// The embedded files, by their path in the site folder.
#[cfg(not(development))]
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
#[cfg(development)]
static EMBEDDED: &[(&str, &[u8])] = &[];

/// An embedded file.
#[derive(Debug)]
pub struct StaticFile {
    /// The bytes in every coding that there is, the smallest first.
    codings: Vec<(ContentCoding, &'static [u8])>,
    /// Of the bytes as they are, in hexadecimal. Also the entity tag.
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
    let embedded: HashMap<_, _> = EMBEDDED.iter().copied().collect();
    let is_coded = |name: &str| COMPRESSED.iter().any(|(_, ending)| name.ends_with(ending));
    for (name, bytes) in EMBEDDED.iter().filter(|(name, _)| !is_coded(name)) {
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
        let compressed = COMPRESSED.iter().filter_map(|(coding, ending)| {
            let bytes = embedded.get(format!("{name}{ending}").as_str())?;
            Some((*coding, *bytes))
        });
        let file = StaticFile {
            codings: compressed
                .chain([(ContentCoding::Identity, *bytes)])
                .collect(),
            hash,
            media_type: media_type(name),
            cache: cache_of(name),
        };
        files.insert(path, file);
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
        let available: Vec<_> = self.codings.iter().map(|(coding, _)| *coding).collect();
        let accepted = ContentCoding::negotiate(request, &available);
        let chosen = self
            .codings
            .iter()
            .find(|(coding, _)| Some(*coding) == accepted);
        let mut response = match chosen {
            Some((coding, bytes)) => self.coded_response(request, *coding, bytes),
            None => StatusCode::NOT_ACCEPTABLE.into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        response
    }

    fn coded_response(
        &self,
        request: &HeaderMap,
        coding: ContentCoding,
        bytes: &'static [u8],
    ) -> Response {
        // Other bytes have another strong tag (RFC 9110 §8.8.3.3).
        let tag = match coding.name() {
            Some(name) => format!("{}-{name}", self.hash),
            None => self.hash.clone(),
        };
        // Bytes of the binary are not copied.
        let mut response = conditional_response(request, &tag, Bytes::from_static(bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.media_type.clone());
        headers.insert(CACHE_CONTROL, self.cache.clone());
        if let Some(name) = coding.name() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH};

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
            codings: vec![
                (ContentCoding::Brotli, b"packed"),
                (ContentCoding::Gzip, b"zipped"),
                (ContentCoding::Identity, b"plain"),
            ],
            hash: "a1b2".to_owned(),
            media_type: HeaderValue::from_static("text/css"),
            cache: FOREVER,
        };
        for (accepted, known, expected_tag, status) in [
            ("", None, "\"a1b2\"", 200),
            ("br", None, "\"a1b2-br\"", 200),
            ("gzip", None, "\"a1b2-gzip\"", 200),
            ("", Some("\"a1b2\""), "\"a1b2\"", 304),
            ("", Some("W/\"a1b2\", \"x\""), "\"a1b2\"", 304),
            ("gzip", Some("\"a1b2-gzip\""), "\"a1b2-gzip\"", 304),
            ("br", Some("\"x\", W/\"a1b2-br\""), "\"a1b2-br\"", 304),
            ("br", Some("*"), "\"a1b2-br\"", 304),
            ("br", Some("\"a1b2\""), "\"a1b2-br\"", 200),
            ("gzip", Some("\"a1b2-br\""), "\"a1b2-gzip\"", 200),
            ("br", Some("\"a1b2-gzip\""), "\"a1b2-br\"", 200),
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
        let mut request = HeaderMap::new();
        request.insert(ACCEPT_ENCODING, HeaderValue::from_static("*;q=0"));
        let response = file.response(&request);
        assert_eq!(response.status(), 406);
        assert_eq!(response.headers()[VARY], "accept-encoding");
        assert!(!response.headers().contains_key(ETAG));
    }
}
