//! One request however many callers: whoever comes while it is on its way waits for its result,
//! good or bad.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::server::system::mutex::lock;

/// A task of which at most one is on its way.
pub(in crate::server::transmit) struct SingleFlight<T>(Mutex<Option<watch::Receiver<Option<T>>>>);

/// The result to come.
pub(in crate::server::transmit) struct Pending<T>(watch::Receiver<Option<T>>);

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Joins the flight that is on its way. If there is none, `landed` may say that the last one
    /// brought what is needed; else `start` makes a new one, as a task of its own: a caller who
    /// goes away does not end it.
    pub fn join<F>(
        &self,
        landed: impl FnOnce() -> Option<T>,
        start: impl FnOnce() -> F,
    ) -> Pending<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut current = lock(&self.0);
        if let Some(flight) = current.as_ref().filter(|flight| is_on_its_way(flight)) {
            return Pending(flight.clone());
        }
        if let Some(result) = landed() {
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
    /// Waits for the result; `None` if the task was torn down with the runtime.
    pub async fn wait(mut self) -> Option<T> {
        self.0
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|result| result.clone())
    }
}

fn is_on_its_way<T>(flight: &watch::Receiver<Option<T>>) -> bool {
    // A closed channel without a result is a task that died.
    flight.borrow().is_none() && flight.has_changed().is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn t6_all_who_wait_share_one_result_and_the_next_starts_anew() {
        let flight = SingleFlight::<u32>::default();
        let count = Arc::new(AtomicU32::new(0));
        let start = || {
            let count = count.clone();
            async move {
                tokio::task::yield_now().await;
                count.fetch_add(1, Ordering::SeqCst) + 1
            }
        };
        let landings: Vec<_> = (0..100).map(|_| flight.join(|| None, start)).collect();
        for landing in landings {
            assert_eq!(landing.wait().await, Some(1));
        }
        assert_eq!(flight.join(|| Some(1), start).wait().await, Some(1));
        // Nobody waits for this one; it must not be taken for one that is on its way for ever.
        drop(flight.join(|| None, start));
        while count.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert_eq!(flight.join(|| None, start).wait().await, Some(3));
    }
}
