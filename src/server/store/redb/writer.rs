//! The one thread that writes. Queued changes share a transaction, and are answered after its
//! commit is on disk.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, iter};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::server::store::StoreError;
use crate::server::store::redb::engine::Engine;
use crate::server::store::redb::tables::Tables;
use crate::server::system::clock::Stopwatch;
use crate::server::system::mutex::lock;
use crate::server::system::queue_usage::QueueUsage;

/// How many changes share a transaction at most. Bounds the memory that it needs.
const MAX_BATCH: usize = 512;

/// How long the writer of a busy server waits for further changes before it starts a transaction. A
/// commit costs nearly the same for one change as for many (about 14 pages and a flush).
const BATCH_DELAY: Duration = Duration::from_millis(5);
/// A server is busy for so long after a transaction with changes of several callers: more are
/// likely then. The change of a single caller does not wait.
const BUSY_FOR: Duration = Duration::from_millis(50);

type Queue = mpsc::Sender<Box<dyn Job>>;

/// Sends changes to the writer thread.
pub(super) struct Writer {
    queue: Mutex<Option<Queue>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(engine: Arc<Engine>, queue: usize) -> io::Result<Self> {
        let (sender, mut receiver) = mpsc::channel(queue.max(1));
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                let (mut batch, mut last_shared) = (Vec::new(), None::<Stopwatch>);
                while receiver.blocking_recv_many(&mut batch, MAX_BATCH) > 0 {
                    let is_busy = last_shared.is_some_and(|end| end.elapsed() < BUSY_FOR);
                    if is_busy && engine.location().is_file() {
                        thread::sleep(BATCH_DELAY);
                    }
                    let remaining = MAX_BATCH.saturating_sub(batch.len());
                    batch.extend(iter::from_fn(|| receiver.try_recv().ok()).take(remaining));
                    let is_shared = batch.len() > 1;
                    run_batch(&engine, &mut batch);
                    if is_shared {
                        last_shared = Some(Stopwatch::start());
                    }
                }
            })?;
        Ok(Self {
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs `work` in a transaction and returns its result after the commit. `work` may run more
    /// than once, each time on tables without its earlier changes. Dropping the future does not
    /// undo the change.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&mut Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(QueuedJob {
            work,
            answer: Err(stopped()),
            reply,
        });
        match lock(&self.queue).as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => return Err(StoreError::Overloaded),
            Some(Err(TrySendError::Closed(_))) | None => return Err(stopped()),
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// How many changes wait. Nothing waits or fits once it is stopped.
    pub(super) fn queue_usage(&self) -> QueueUsage {
        let queue = lock(&self.queue);
        queue
            .as_ref()
            .map(QueueUsage::of_channel)
            .unwrap_or_default()
    }

    /// Accepts no more work, and returns when the queue is done.
    pub(super) fn stop(&self) {
        drop(lock(&self.queue).take());
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("its writer has stopped".to_owned())
}

/// A queued change and its caller.
trait Job: Send {
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), StoreError>;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct QueuedJob<T, W> {
    work: W,
    answer: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for QueuedJob<T, W>
where
    T: Send,
    W: Fn(&mut Tables<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), StoreError> {
        self.answer = Ok((self.work)(tables)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        // The caller may be gone.
        let _ = self.reply.send(committed.and(self.answer));
    }
}

/// Why a transaction was aborted.
enum BatchError {
    /// One job read data that cannot be parsed; the others are run again without it.
    Job(usize, StoreError),
    /// The database failed.
    Database(StoreError),
}

impl<E: Into<StoreError>> From<E> for BatchError {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

fn run_batch(engine: &Engine, batch: &mut Vec<Box<dyn Job>>) {
    if !engine.is_open() {
        engine.reopen();
    }
    let outcome = loop {
        match commit_batch(engine, batch) {
            Ok(()) => break Ok(()),
            Err(BatchError::Job(at, error)) => {
                tracing::error!(%error, "the store holds data that cannot be parsed");
                batch.remove(at).finish(Err(error));
            }
            Err(BatchError::Database(error)) => {
                tracing::error!(%error, jobs = batch.len(), "the store cannot write");
                engine.reopen();
                break Err(error);
            }
        }
    };
    for job in batch.drain(..) {
        job.finish(outcome.clone());
    }
}

/// Runs the batch in one transaction. It is durable by redb's default, `Durability::Immediate`. It
/// is aborted if nothing changed, which costs no write.
fn commit_batch(engine: &Engine, batch: &mut [Box<dyn Job>]) -> Result<(), BatchError> {
    engine.with_database(|database| {
        let transaction = database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        for (at, job) in batch.iter_mut().enumerate() {
            match job.run(&mut tables) {
                Ok(()) => {}
                Err(error @ StoreError::Corrupt(_)) => return Err(BatchError::Job(at, error)),
                Err(error) => return Err(BatchError::Database(error)),
            }
        }
        let changed = tables.has_changes();
        drop(tables);
        if changed {
            let watch = Stopwatch::start();
            transaction.commit()?;
            metrics::histogram!("latchkey_store_commit_duration_seconds").record(watch.elapsed());
            engine.count_commit();
        } else {
            transaction.abort()?
        }
        Ok(())
    })
}
