//! The sends of this process that upstream has not answered yet, by flow.
//!
//! A person can read a code before upstream has answered the call that sent it. The answer holds
//! the request id, without which upstream refuses the code. So a verification waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::server::crypto::hash::Digest;
use crate::server::system::mutex::lock;

/// A flow has one send at a time, except one that was queued again before the first was answered.
type Receivers = Mutex<HashMap<Digest, watch::Receiver<()>>>;

/// The sends in progress. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct SendsInProgress(Arc<Receivers>);

/// A send in progress. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct SendInProgress {
    flow: Digest,
    sender: Option<watch::Sender<()>>,
    all: SendsInProgress,
}

impl SendsInProgress {
    /// Adds the newest send of a flow.
    pub fn begin(&self, flow: Digest) -> SendInProgress {
        let (sender, receiver) = watch::channel(());
        lock(&self.0).insert(flow, receiver);
        SendInProgress {
            flow,
            sender: Some(sender),
            all: self.clone(),
        }
    }

    /// Waits until the newest send of a flow has ended.
    pub async fn wait_for(&self, flow: &Digest) {
        let receiver = lock(&self.0).get(flow).cloned();
        if let Some(mut receiver) = receiver {
            // Nothing is ever sent: it ends with the sender.
            let _ = receiver.changed().await;
        }
    }
}

impl Drop for SendInProgress {
    fn drop(&mut self) {
        drop(self.sender.take());
        let mut all = lock(&self.all.0);
        // A newer send of the flow is still in progress.
        if all
            .get(&self.flow)
            .is_some_and(|receiver| receiver.has_changed().is_err())
        {
            all.remove(&self.flow);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    use super::*;

    #[tokio::test]
    async fn a_wait_ends_with_the_newest_send_of_the_flow() {
        let sends = SendsInProgress::default();
        let (flow, other) = ([1; 32], [2; 32]);
        sends.wait_for(&flow).await;
        let (first, second) = (sends.begin(flow), sends.begin(flow));
        let _other = sends.begin(other);
        drop(first);
        let mut waiting = pin!(sends.wait_for(&flow));
        let is_pending =
            poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending()));
        assert!(is_pending.await, "the older send does not count");
        drop(second);
        waiting.await;
        assert_eq!(lock(&sends.0).len(), 1, "only the other flow is left");
    }
}
