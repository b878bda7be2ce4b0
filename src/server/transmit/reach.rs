//! Whether upstream can be reached at all, without asking it anything.

use super::Transmit;
use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::operation::Operation;

impl Transmit {
    /// Finds out whether a connection comes about: TCP, proxy and TLS. For a send that is withheld: what a person would be
    /// told of a send that cannot be delivered must be told of one that is not made, too.
    ///
    /// # Errors
    /// [`Failure`] with `NotWritten`.
    pub async fn reach(&self) -> Result<(), Failure> {
        let shared = &self.shared;
        let patience = Deadline::after(&shared.clock, shared.timeout);
        if shared.line.reaches(shared.base.clone(), &patience).await {
            Ok(())
        } else {
            Err(Failure::not_written(Operation::OtpSend, FailureKind::Connect))
        }
    }
}
