//! Forged tokens: each case changes one thing in a valid pair of tokens and names the flaw that
//! must be found.
//!
//! The client's tests try them against a stub server, the product's tests against the sandbox.
//!
//! - `terms`: whom the tokens are about, and the claims of a valid pair.
//! - `signatures`, `headers`: algorithms, keys, and who chooses them.
//! - `claims`, `pairs`: what each token must say, and that two tokens belong together.
//! - `shapes`: what is not a token at all.

mod claims;
mod headers;
mod pairs;
mod shapes;
mod signatures;
pub mod terms;

use latchkey::server::transmit::{TokenError, TokenKind};
use serde_json::Value;

pub use terms::{TokenTerms, at_hash, with_member};

/// Makes an ID token and an access token.
type Forge = Box<dyn Fn(&TokenTerms) -> (String, String) + Send + Sync>;

/// A pair of tokens of which one must be refused.
pub struct ForgedToken {
    pub name: String,
    /// Which of the two is refused.
    pub token: TokenKind,
    /// Why it is refused.
    pub flaw: TokenError,
    pub forge: Forge,
}

pub fn all() -> Vec<ForgedToken> {
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

/// A forged ID token beside a valid access token.
fn id(
    name: &str,
    flaw: TokenError,
    forge: impl Fn(&TokenTerms) -> String + Send + Sync + 'static,
) -> ForgedToken {
    let forge: Forge = Box::new(move |terms| (forge(terms), terms.access()));
    ForgedToken {
        name: format!("ID token: {name}"),
        token: TokenKind::Id,
        flaw,
        forge,
    }
}

/// A forged access token. The ID token is made for it, so that only the access token is at fault.
fn access(
    name: &str,
    flaw: TokenError,
    forge: impl Fn(&TokenTerms) -> String + Send + Sync + 'static,
) -> ForgedToken {
    let forge: Forge = Box::new(move |terms| {
        let forged = forge(terms);
        (terms.id_matching(&forged), forged)
    });
    ForgedToken {
        name: format!("access token: {name}"),
        token: TokenKind::Access,
        flaw,
        forge,
    }
}

/// The same forgery of either token.
fn either(
    name: &str,
    flaw: TokenError,
    forge: impl Fn(&TokenTerms, Value) -> String + Clone + Send + Sync + 'static,
) -> [ForgedToken; 2] {
    let forge_access = forge.clone();
    [
        id(name, flaw, move |terms| forge(terms, terms.id_claims())),
        access(name, flaw, move |terms| {
            forge_access(terms, terms.access_claims())
        }),
    ]
}
