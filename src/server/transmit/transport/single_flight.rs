//! Shares one request among all callers. A caller that arrives while it is in flight waits for its
//! result, success or failure.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::server::system::mutex::lock;

/// A task of which at most one runs at a time.
pub(in crate::server::transmit) struct SingleFlight<T>(Mutex<Option<watch::Receiver<Option<T>>>>);

/// The result of a task that may still be running.
pub(in crate::server::transmit) struct Pending<T>(watch::Receiver<Option<T>>);

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Joins the running task. If there is none, `cached` may return a result that makes a new one
    /// unnecessary. Otherwise `start` makes one. It is spawned, so that a caller who is cancelled
    /// does not cancel it.
    pub fn join<F>(
        &self,
        cached: impl FnOnce() -> Option<T>,
        start: impl FnOnce() -> F,
    ) -> Pending<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut current = lock(&self.0);
        if let Some(receiver) = current.as_ref().filter(|receiver| is_running(receiver)) {
            return Pending(receiver.clone());
        }
        if let Some(result) = cached() {
            return Pending(watch::channel(Some(result)).1);
        }
        let (sender, receiver) = watch::channel(None);
        let work = start();
        tokio::spawn(async move { sender.send_replace(Some(work.await)) });
        *current = Some(receiver.clone());
        Pending(receiver)
    }
}

impl<T: Clone> Pending<T> {
    /// Waits for the result; `None` if the task ended without one, because the runtime shut down.
    pub async fn wait(mut self) -> Option<T> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|result| result.clone())
    }
}

fn is_running<T>(receiver: &watch::Receiver<Option<T>>) -> bool {
    // A closed channel without a result belongs to a task that was aborted.
    receiver.borrow().is_none() && receiver.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn t6_concurrent_callers_share_one_result_and_a_later_one_starts_again() {
        let flight = SingleFlight::<u32>::default();
        let count = Arc::new(AtomicU32::new(0));
        let start = || {
            let count = count.clone();
            async move {
                tokio::task::yield_now().await;
                count.fetch_add(1, Ordering::SeqCst) + 1
            }
        };
        let pending: Vec<_> = (0..100).map(|_| flight.join(|| None, start)).collect();
        for result in pending {
            assert_eq!(result.wait().await, Some(1));
        }
        assert_eq!(flight.join(|| Some(1), start).wait().await, Some(1));
        // Nobody waits for this task. It must not count as running after its end.
        drop(flight.join(|| None, start));
        while count.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(flight.join(|| None, start).wait().await, Some(3));
    }
}
