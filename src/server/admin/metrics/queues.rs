//! The queues: how much waits in each, and how much fits.

use crate::server::admin::metrics::exposition::plain_gauge;
use crate::server::admin::state::OperationsState;
use crate::server::system::queue_usage::QueueUsage;
use crate::server::webhooks::Webhooks;

/// The queues of sends, of the audit log, of the store and of webhooks.
pub fn queues(state: &OperationsState) -> String {
    let store = QueueUsage {
        length: state.store.queue_length(),
        capacity: state.store.queue_capacity(),
    };
    let webhooks = state.webhooks.as_ref().map(Webhooks::queue_usage);
    [
        (
            state.sign_in.deps().send_queue.usage(),
            (
                "latchkey_send_queue_length",
                "Codes that wait to be sent, with places that a request has taken",
            ),
            (
                "latchkey_send_queue_capacity",
                "Codes that may wait; further requests are refused",
            ),
        ),
        (
            // A log without a queue, as in tests, has none that could fill.
            state.audit.queue_usage().unwrap_or_default(),
            (
                "latchkey_audit_queue_length",
                "Audit events that wait to be written",
            ),
            (
                "latchkey_audit_queue_capacity",
                "Audit events that may wait; further ones are lost",
            ),
        ),
        (
            store,
            (
                "latchkey_store_queue_length",
                "Calls to the store that wait or run",
            ),
            (
                "latchkey_store_queue_capacity",
                "Calls to the store that may wait or run; further ones are refused",
            ),
        ),
        (
            // Without a receiver there is none that could fill.
            webhooks.unwrap_or_default(),
            (
                "latchkey_webhooks_queue_length",
                "Webhooks that wait or are being delivered",
            ),
            (
                "latchkey_webhooks_queue_capacity",
                "Webhooks that may wait; further ones are dropped",
            ),
        ),
    ]
    .map(|(usage, (length, of_length), (capacity, of_capacity))| {
        plain_gauge(length, of_length, usage.length)
            + &plain_gauge(capacity, of_capacity, usage.capacity)
    })
    .concat()
}
