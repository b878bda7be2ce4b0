//! The fuzz target of the way in; see [`crate::fuzz`].

use url::Url;

use crate::fuzz::same_twice;
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::handlers::application_host::ticket_query::{
    TicketQuery, destination, ticket, to,
};

/// The query of any address of the way in: a destination stays on its application and is read again
/// as it is, a ticket and a nonce have one spelling.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(root) = Url::parse("https://app.example.com/") else {
        unreachable!("a URL")
    };
    let path = same_twice(|| destination(&root, to(text).as_deref()));
    let whole = root.join(&path);
    assert!(
        path.starts_with('/')
            && whole
                .as_ref()
                .is_ok_and(|whole| whole.origin() == root.origin()),
        "{path}"
    );
    assert!(
        !whole.is_ok_and(|whole| whole.path().starts_with("/.latchkey")),
        "{path}"
    );
    assert_eq!(destination(&root, Some(&path)), path);
    if let Some(asked) = same_twice(|| TicketQuery::read(text)) {
        assert_eq!(TicketQuery::read(&asked.write()), Some(asked));
    }
    if let Some(ticket) = same_twice(|| ticket(text)) {
        assert_eq!(ShortToken::parse(&ticket.encode()), Some(ticket));
    }
}
