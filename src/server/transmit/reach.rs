//! Whether upstream can be reached at all, without asking it anything.

use std::time::Duration;

use super::Transmit;
use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::operation::Operation;

/// By when, after `transmit.connect_timeout`, a connection that did not come about has said so.
const MARGIN: Duration = Duration::from_millis(500);

impl Transmit {
    /// Finds out whether a connection comes about: TCP, proxy and TLS. For a send that is withheld: what a person would be
    /// told of a send that cannot be delivered must be told of one that is not made, too.
    ///
    /// # Errors
    /// [`Failure`] with `NotWritten`.
    pub async fn reach(&self) -> Result<(), Failure> {
        let shared = &self.shared;
        // Silence after that is no matter of the connection; whoever waits must not wait longer for nothing.
        let patience = Deadline::after(&shared.clock, shared.connect_timeout + MARGIN);
        if shared.line.reaches(shared.base.clone(), &patience).await {
            Ok(())
        } else {
            Err(Failure::not_written(Operation::OtpSend, FailureKind::Connect))
        }
    }
}
