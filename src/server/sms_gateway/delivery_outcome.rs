//! The result of a delivery, which the idempotency cache keeps.

/// What happened to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryOutcome {
    /// A provider accepted it, or it was kept for a test number.
    Accepted,
    /// A provider may have accepted it.
    Unknown,
    /// No provider accepted it.
    NotSent,
}
