//! Whether upstream can be reached at all, without asking it anything.

use tokio::net::TcpStream;

use super::Transmit;
use super::deadline::Deadline;
use super::failure::{Failure, FailureKind};
use super::operation::Operation;

impl Transmit {
    /// Opens a connection and closes it. For a send that is withheld: what a person would be told of a send that cannot be
    /// delivered must be told of one that is not made, too.
    ///
    /// # Errors
    /// [`Failure`] with `NotWritten`.
    pub async fn reach(&self) -> Result<(), Failure> {
        let shared = &self.shared;
        let unreached = || Failure::not_written(Operation::OtpSend, FailureKind::Connect);
        let (host, port) = (shared.base.host_str(), shared.base.port_or_known_default());
        let (Some(host), Some(port)) = (host, port) else { return Err(unreached()) };
        // A literal IPv6 address stands in brackets in a URL alone.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let patience = Deadline::after(&shared.clock, shared.timeout).left();
        match shared.clock.timeout(patience, TcpStream::connect((host, port))).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(unreached()),
        }
    }
}
