//! Checks whether a connection to upstream can be opened, without a call that changes anything.

use std::time::Duration;

use crate::server::transmit::Transmit;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::retry;

/// Time beyond `transmit.connect_timeout` in which a failed connection is certain to be reported.
const MARGIN: Duration = Duration::from_millis(500);

impl Transmit {
    /// Checks whether TCP, proxy and TLS let a connection be opened. It replaces a call that a
    /// limit withholds: the browser must see the same connection error as after a real call.
    /// Attempts are repeated as for that call ([`Operation::retry`]), so that timing is the same.
    /// It asks for the published OpenID configuration, and ignores what the response says.
    ///
    /// # Errors
    /// [`Failure`] with `NotWritten`.
    pub async fn check_connectivity(&self, operation: Operation) -> Result<(), Failure> {
        let shared = &self.shared;
        let attempt = || async {
            // A missing response after that is no connection error, so waiting longer is useless.
            let deadline = Deadline::after(&shared.clock, shared.connect_timeout + MARGIN);
            match shared
                .upstream
                .can_connect(self.discovery_url(), &deadline)
                .await
            {
                true => Ok(()),
                false => Err(Failure::not_written(operation, FailureKind::Connect)),
            }
        };
        let deadline = Deadline::after(&shared.clock, shared.timeout);
        retry::retry(&deadline, operation.retry(), &shared.random, attempt).await
    }
}
