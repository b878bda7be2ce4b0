//! How full a bounded queue is.

/// What waits in a queue, and what fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueUsage {
    /// Entries that wait.
    pub length: usize,
    /// Entries that may wait.
    pub capacity: usize,
}

impl QueueUsage {
    /// That of a channel. A reserved place counts as an entry.
    pub fn of_channel<T>(channel: &tokio::sync::mpsc::Sender<T>) -> Self {
        let capacity = channel.max_capacity();
        Self {
            length: capacity - channel.capacity(),
            capacity,
        }
    }
}
