//! The one thread that writes. What waits is carried out in one transaction, and answered when that
//! is on the disk.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, iter};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::server::store::StoreError;
use crate::server::store::redb::engine::Engine;
use crate::server::store::redb::tables::Tables;
use crate::server::system::mutex::lock;

/// How many changes share a transaction at most: bounds the memory that one takes.
const BATCH: usize = 512;

/// How long the writer waits for company before it begins a transaction. A commit costs the same
/// for one change as for many (about 14 pages and a flush), so that waiting halves the work of a
/// busy server; nobody notices it beside the flush.
const GATHER: Duration = Duration::from_millis(2);
/// The same after a transaction that had company, since more is to come: a third less work again
/// where many write.
const GATHER_MORE: Duration = Duration::from_millis(5);

type Queue = mpsc::Sender<Box<dyn Job>>;

/// The way to the writer's thread.
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
                let (mut batch, mut gather) = (Vec::new(), GATHER);
                while receiver.blocking_recv_many(&mut batch, BATCH) > 0 {
                    if engine.place().is_file() {
                        thread::sleep(gather);
                    }
                    let room = BATCH.saturating_sub(batch.len());
                    batch.extend(iter::from_fn(|| receiver.try_recv().ok()).take(room));
                    gather = if batch.len() > 1 { GATHER_MORE } else { GATHER };
                    carry_out(&engine, &mut batch);
                }
            })?;
        Ok(Self {
            queue: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Has `work` done in a transaction, and returns its answer once that is durable. `work` may
    /// run more than once, each time on tables that know nothing of the earlier runs. A caller that
    /// goes away does not undo it.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&mut Tables<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending {
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

    /// Takes no more work, and returns when what waits is done.
    pub(super) fn stop(&self) {
        drop(lock(&self.queue).take());
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer has panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("its writer has stopped".to_owned())
}

/// A change and whoever waits for it.
trait Job: Send {
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), StoreError>;
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Pending<T, W> {
    work: W,
    answer: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, W> Job for Pending<T, W>
where
    T: Send,
    W: Fn(&mut Tables<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tables: &mut Tables<'_>) -> Result<(), StoreError> {
        self.answer = Ok((self.work)(tables)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        // Whoever asked may have gone.
        let _ = self.reply.send(committed.and(self.answer));
    }
}

/// Why a transaction was given up.
enum Failure {
    /// One job met something that it could not read: the others need not suffer.
    Job(usize, StoreError),
    /// The file failed.
    File(StoreError),
}

impl<E: Into<StoreError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::File(error.into())
    }
}

fn carry_out(engine: &Engine, batch: &mut Vec<Box<dyn Job>>) {
    if !engine.is_open() {
        engine.reopen();
    }
    let outcome = loop {
        match attempt(engine, batch) {
            Ok(()) => break Ok(()),
            Err(Failure::Job(at, error)) => {
                tracing::error!(%error, "the store holds something that cannot be read");
                batch.remove(at).finish(Err(error));
            }
            Err(Failure::File(error)) => {
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

/// One transaction. Durable by redb's default, `Durability::Immediate`; given up if nothing was
/// changed, which costs no write.
fn attempt(engine: &Engine, batch: &mut [Box<dyn Job>]) -> Result<(), Failure> {
    engine.with(|database| {
        let transaction = database.begin_write()?;
        let mut tables = Tables::open(&transaction)?;
        for (at, job) in batch.iter_mut().enumerate() {
            match job.run(&mut tables) {
                Ok(()) => {}
                Err(error @ StoreError::Corrupt(_)) => return Err(Failure::Job(at, error)),
                Err(error) => return Err(Failure::File(error)),
            }
        }
        let changed = tables.changed();
        drop(tables);
        if changed {
            transaction.commit()?
        } else {
            transaction.abort()?
        }
        Ok(())
    })
}
