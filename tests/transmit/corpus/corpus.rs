//! Tokens that lie: each case changes one thing in a pair of tokens that is believed otherwise, and
//! says what is found.
//!
//! The client alone is tried with them against a stub, and the whole product against a sandbox:
//! this folder is part of both test programs.
//!
//! - `terms`: whom the tokens are about, and what a true pair says.
//! - `signatures`, `headers`: algorithms, keys, and who chooses them.
//! - `claims`, `pairs`: what each token must say, and that two belong together.
//! - `shapes`: what is no token at all.

mod claims;
mod headers;
mod pairs;
mod shapes;
mod signatures;
pub mod terms;

use latchkey::server::transmit::{TokenFlaw, TokenKind};
use serde_json::Value;

pub use terms::{Terms, at_hash, changed};

/// Which token is at fault.
pub const ID: TokenKind = TokenKind::Id;
/// The other one.
pub const ACCESS: TokenKind = TokenKind::Access;

/// Makes an ID token and an access token.
type Forge = Box<dyn Fn(&Terms) -> (String, String) + Send + Sync>;

/// A pair of tokens of which one is refused.
pub struct Case {
    pub name: String,
    /// Which.
    pub token: TokenKind,
    /// For what.
    pub flaw: TokenFlaw,
    pub forge: Forge,
}

/// Every case.
pub fn all() -> Vec<Case> {
    [
        signatures::cases(),
        headers::cases(),
        claims::cases(),
        pairs::cases(),
        shapes::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A forged ID token beside a true access token.
fn id(
    name: &str,
    flaw: TokenFlaw,
    forge: impl Fn(&Terms) -> String + Send + Sync + 'static,
) -> Case {
    let forge: Forge = Box::new(move |terms| (forge(terms), terms.access()));
    Case {
        name: format!("ID token: {name}"),
        token: ID,
        flaw,
        forge,
    }
}

/// The reverse. The ID token is made out for the access token, so that only the latter lies.
fn access(
    name: &str,
    flaw: TokenFlaw,
    forge: impl Fn(&Terms) -> String + Send + Sync + 'static,
) -> Case {
    let forge: Forge = Box::new(move |terms| {
        let forged = forge(terms);
        (terms.id_for(&forged), forged)
    });
    Case {
        name: format!("access token: {name}"),
        token: ACCESS,
        flaw,
        forge,
    }
}

/// The same forgery of either token.
fn either(
    name: &str,
    flaw: TokenFlaw,
    forge: impl Fn(&Terms, Value) -> String + Clone + Send + Sync + 'static,
) -> [Case; 2] {
    let forge_access = forge.clone();
    [
        id(name, flaw, move |terms| forge(terms, terms.id_claims())),
        access(name, flaw, move |terms| {
            forge_access(terms, terms.access_claims())
        }),
    ]
}
