//! Whether upstream can be reached at all, without asking it anything.

use std::time::Duration;

use crate::server::transmit::Transmit;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::retry;

/// By when, after `transmit.connect_timeout`, a connection that did not come about has said so.
const MARGIN: Duration = Duration::from_millis(500);

impl Transmit {
    /// Finds out whether a connection comes about: TCP, proxy and TLS. For a call that is withheld:
    /// what a person would be told of one that cannot be delivered must be told of one that is not
    /// made, too. So it is tried as often as the call itself would be ([`Operation::retry`]), or
    /// how late it says no would tell the two apart.
    ///
    /// # Errors
    /// [`Failure`] with `NotWritten`.
    pub async fn reach(&self, operation: Operation) -> Result<(), Failure> {
        let shared = &self.shared;
        let attempt = || async {
            // Silence after that is no matter of the connection; whoever waits must not wait longer
            // for nothing.
            let patience = Deadline::after(&shared.clock, shared.connect_timeout + MARGIN);
            match shared.line.reaches(shared.base.clone(), &patience).await {
                true => Ok(()),
                false => Err(Failure::not_written(operation, FailureKind::Connect)),
            }
        };
        let deadline = Deadline::after(&shared.clock, shared.timeout);
        retry::within(&deadline, operation.retry(), &shared.random, attempt).await
    }
}
