//! The fuzz target of the queries on an application's host; see [`crate::fuzz`].

use url::Url;

use crate::fuzz_assertions::parse_twice;
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::handlers::application_host::ticket_query::{
    TicketQuery, destination, ticket, to,
};

/// A query: a destination stays on the origin of its application and is parsed again unchanged; a
/// ticket and a nonce have one encoding.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(root) = Url::parse("https://app.example.com/") else {
        unreachable!("a URL")
    };
    let path = parse_twice(|| destination(&root, to(text).as_deref()));
    let joined = root.join(&path);
    assert!(
        path.starts_with('/')
            && joined
                .as_ref()
                .is_ok_and(|url| url.origin() == root.origin()),
        "{path}"
    );
    assert!(
        !joined.is_ok_and(|url| url.path().starts_with("/.latchkey")),
        "{path}"
    );
    assert_eq!(destination(&root, Some(&path)), path);
    if let Some(query) = parse_twice(|| TicketQuery::read(text)) {
        assert_eq!(TicketQuery::read(&query.write()), Some(query));
    }
    if let Some(ticket) = parse_twice(|| ticket(text)) {
        assert_eq!(ShortToken::parse(&ticket.encode()), Some(ticket));
    }
}
