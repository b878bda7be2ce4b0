//! Every state that a page can be in, with invented data: for `latchkey preview` and for tests.
//!
//! A test compares the list with the view models, so that a state that is added there is here too.

mod account;
mod code;
mod failures;
mod identifier;
#[cfg(test)]
mod tests;

use crate::app::view::View;
use crate::domain::timestamp::Timestamp;
use crate::domain::{IdentifierType, LimitReason, Refusal};

/// The time at which every page is rendered.
pub const NOW: Timestamp = Timestamp::from_secs(1_795_000_000);
/// The id of the request that pages with an error name.
pub const REQUEST_ID: &str = "7f3a9c21d0b84e56";

/// The name of a state, and its view.
pub type PageState = (&'static str, View);

/// All states.
pub fn all() -> Vec<PageState> {
    let mut states = identifier::states();
    states.extend(code::states());
    states.extend(account::states());
    states.extend(failures::states());
    states
}

/// A type of identifier that the tenant defines.
fn custom() -> IdentifierType {
    "employee_number".parse().unwrap_or_default()
}

fn limited(seconds: u64, reason: LimitReason) -> Refusal {
    Refusal::slow_down(seconds).because(reason)
}
