//! What an operator is told of an error of a library.

use std::error::Error;

/// The innermost cause, which names what the system said.
pub fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
