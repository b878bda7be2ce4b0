//! The bounded queue of sends to upstream.
//!
//! A slot is reserved before the response to the browser is decided. The response is sent after a
//! fixed delay, so it does not disclose what happens here.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::{Mutex, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Identifier};
use crate::server::audit::{AuditLog, AuditSubject, Event, EventSource, Purpose};
use crate::server::crypto::hash::Digest;
use crate::server::guard::{Budget, Guard, Reservations};
use crate::server::sign_in::request_id_memory::RequestIdMemory;
use crate::server::sign_in::sends_in_progress::{SendInProgress, SendsInProgress};
use crate::server::sign_in::{Flow, FlowStore};
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::system::queue_usage::QueueUsage;
use crate::server::system::trace_context::TraceContext;
use crate::server::transmit::{
    self, ClientAttributes, Failure, FailureKind, Operation, SendOtp, Transmit, UserCreation,
};

/// Concurrent sends; further ones wait in the queue.
const MAX_CONCURRENT: usize = 64;

/// A send to make.
#[expect(missing_docs, reason = "most fields are named for their types")]
#[derive(Debug)]
pub struct SendJob {
    /// The id of the flow that requested it.
    pub flow: Digest,
    /// When it was requested; identifies it in its flow.
    pub sent_at: Timestamp,
    pub identifier: Identifier,
    pub purpose: Purpose,
    /// Whether a user is created first.
    pub creates_user: bool,
    /// How the code is sent.
    pub channel: Channel,
    /// The text of an SMS; `None` for the tenant's own.
    pub message: Option<String>,
    /// The sender that the phone shows.
    pub sender_id: Option<String>,
    pub user_agent: Option<String>,
    /// The id of a recognised device.
    pub device_id: Option<String>,
    /// The client's address.
    pub address: IpAddr,
    /// What was charged for it.
    pub charged: Reservations,
    /// The request that caused it.
    pub origin: EventSource,
    /// The subject of its audit events.
    pub subject: AuditSubject,
    /// Receives a message if upstream could not be reached.
    pub unreached: Unreached,
}

/// Reports to the use case that upstream could not be reached: the one failure of a send that is
/// disclosed to the browser.
pub type Unreached = oneshot::Sender<()>;

/// A reserved slot in the queue.
#[derive(Debug)]
pub struct QueueSlot {
    permit: OwnedPermit<QueuedJob>,
    in_progress: SendsInProgress,
}

/// A job with the context of the request that caused it.
#[derive(Debug)]
struct QueuedJob {
    context: Option<TraceContext>,
    job: SendJob,
    in_progress: SendInProgress,
}

impl QueueSlot {
    /// Queues the send. It cannot fail, because the slot is reserved.
    pub fn send(self, job: SendJob) {
        self.permit.send(QueuedJob {
            context: TraceContext::current(),
            in_progress: self.in_progress.begin(job.flow),
            job,
        });
    }
}

/// The queue is full or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue of sends is full or closed")]
pub struct QueueFull;

/// Makes the sends of the queue.
#[expect(missing_docs, reason = "most fields are named for their types")]
#[derive(Clone, Debug)]
pub struct SendWorker {
    pub transmit: Transmit,
    pub flow_store: FlowStore,
    pub guard: Guard,
    pub audit: AuditLog,
    pub clock: Clock,
    pub request_ids: Arc<RequestIdMemory>,
}

/// The queue of sends.
#[derive(Debug)]
pub struct SendQueue {
    worker: SendWorker,
    in_progress: SendsInProgress,
    queue: std::sync::Mutex<Option<mpsc::Sender<QueuedJob>>>,
    dispatcher: Mutex<Option<JoinHandle<()>>>,
}

impl SendQueue {
    /// Starts a queue with so many slots.
    pub fn start(slots: usize, worker: SendWorker) -> Self {
        let (sender, receiver) = mpsc::channel(slots);
        let dispatcher = tokio::spawn(dispatch(receiver, worker.clone()));
        Self {
            worker,
            in_progress: SendsInProgress::default(),
            queue: std::sync::Mutex::new(Some(sender)),
            dispatcher: Mutex::new(Some(dispatcher)),
        }
    }

    /// Reserves a slot.
    ///
    /// # Errors
    /// [`QueueFull`].
    pub fn reserve_slot(&self) -> Result<QueueSlot, QueueFull> {
        let sender = lock(&self.queue).clone().ok_or(QueueFull)?;
        let permit = sender.try_reserve_owned().map_err(|_| QueueFull)?;
        Ok(QueueSlot {
            permit,
            in_progress: self.in_progress.clone(),
        })
    }

    /// How many sends wait; a reserved slot counts. Nothing waits or fits once it is closed.
    pub fn usage(&self) -> QueueUsage {
        let queue = lock(&self.queue);
        queue
            .as_ref()
            .map(QueueUsage::of_channel)
            .unwrap_or_default()
    }

    /// Waits until upstream has answered the newest send of a flow in this process, and what it
    /// said is stored.
    pub async fn wait_for(&self, flow: &Digest) {
        self.in_progress.wait_for(flow).await;
    }

    /// Does for a withheld send what the browser could notice of a real one: it reports whether
    /// upstream can be reached.
    pub fn simulate_send(&self, creates_user: bool, unreached: Unreached) {
        let worker = self.worker.clone();
        tokio::spawn(async move { worker.simulate_send(creates_user, unreached).await });
    }

    /// Accepts no more sends, and returns when everything in the queue is sent.
    pub async fn close(&self) {
        drop(lock(&self.queue).take());
        if let Some(dispatcher) = self.dispatcher.lock().await.take()
            && let Err(error) = dispatcher.await
        {
            tracing::error!(%error, "the queue of sends ended unexpectedly");
        }
    }
}

async fn dispatch(mut queue: mpsc::Receiver<QueuedJob>, worker: SendWorker) {
    let (permits, tasks) = (Arc::new(Semaphore::new(MAX_CONCURRENT)), TaskTracker::new());
    while let Some(queued) = queue.recv().await {
        // The semaphore is never closed.
        let Ok(permit) = permits.clone().acquire_owned().await else {
            break;
        };
        let worker = worker.clone();
        tasks.spawn(async move {
            TraceContext::run(queued.context, worker.run(queued.job)).await;
            drop((queued.in_progress, permit));
        });
    }
    tasks.close();
    tasks.wait().await;
}

/// Whether a usable code may have been sent although the call failed. An internal failure of
/// upstream does not rule it out. A code that is not bound to its flow is not usable where that is
/// required.
fn is_possibly_sent(failure: &Failure) -> bool {
    let is_certainly_unsent = failure.delivery.was_not_processed()
        || matches!(
            failure.kind,
            FailureKind::Refused(_) | FailureKind::Throttled | FailureKind::NoRequestId
        );
    failure.operation == Operation::OtpSend && !is_certainly_unsent
}

/// Whether upstream could not be reached, which is disclosed. That all our connections are busy is
/// not disclosed: an attacker who occupies them must not learn which numbers wait for one.
fn is_unreached(failure: &Failure) -> bool {
    failure.delivery == transmit::DeliveryState::NotWritten
        && failure.kind != FailureKind::Overloaded
}

impl SendWorker {
    async fn run(&self, mut job: SendJob) {
        let created = if job.creates_user {
            self.create_user(&job).await
        } else {
            Ok(None)
        };
        let (sent, created_user) = match created {
            Ok(user) => (self.send(&job).await, user),
            Err(failure) => (Err(failure), None),
        };
        let unreached = sent.as_ref().is_err_and(is_unreached);
        if sent
            .as_ref()
            .is_err_and(|failure| failure.delivery.was_not_processed())
        {
            self.refund_charges(std::mem::take(&mut job.charged)).await;
        }
        let detail = sent.as_ref().err().map(Failure::to_string);
        let event = Event::CodeSendResult {
            subject: job.subject.clone(),
            purpose: job.purpose,
            channel: job.channel,
            sent: sent.is_ok(),
            detail,
        };
        self.record_result(&job, &sent, created_user).await;
        self.audit.emit(&job.origin, &event);
        self.warn_of_budgets(&job.origin).await;
        if unreached {
            // After the response nobody receives it.
            let _ = job.unreached.send(());
        }
    }

    /// Creates the user, and returns its id if there was none.
    async fn create_user(&self, job: &SendJob) -> Result<Option<String>, Failure> {
        match self.transmit.create_user(&job.identifier).await? {
            UserCreation::Exists => Ok(None),
            UserCreation::New { user_id } => {
                let event = Event::UserCreated {
                    subject: job.subject.clone(),
                };
                self.audit.emit(&job.origin, &event);
                Ok(Some(user_id))
            }
        }
    }

    async fn send(&self, job: &SendJob) -> Result<transmit::SentOtp, Failure> {
        let send = SendOtp {
            identifier: &job.identifier,
            channel: job.channel,
            message: job.message.as_deref(),
            sender_id: job.sender_id.as_deref(),
            client: ClientAttributes {
                user_agent: job.user_agent.as_deref(),
                ip_address: Some(job.address),
                device_id: job.device_id.as_deref(),
            },
        };
        self.request_ids
            .load(&self.transmit, self.clock.now())
            .await;
        let sent = self.transmit.send_otp(&send).await;
        self.request_ids
            .save(&self.transmit, self.clock.now())
            .await;
        sent
    }

    async fn refund_charges(&self, charged: Reservations) {
        if let Err(error) = self.guard.refund(charged, self.clock.now()).await {
            tracing::warn!(
                %error,
                "the charges of a failed send could not be refunded; they end with their windows"
            );
        }
    }

    /// Warns the operator before a budget of the service is exhausted.
    async fn warn_of_budgets(&self, origin: &EventSource) {
        match self.guard.take_budget_warnings(self.clock.now()).await {
            Ok(budgets) => {
                for Budget {
                    name, used, limit, ..
                } in budgets
                {
                    tracing::warn!(
                        budget = name,
                        used,
                        limit,
                        "a budget of the whole service is nearly exhausted"
                    );
                    self.audit.emit(
                        origin,
                        &Event::BudgetNearlySpent {
                            budget: name,
                            used,
                            limit,
                        },
                    );
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the budgets of the whole service could not be read")
            }
        }
    }

    /// Reports whether upstream can be reached, as a real send would.
    async fn simulate_send(&self, creates_user: bool, unreached: Unreached) {
        let create = creates_user.then_some(Operation::UserCreate);
        let mut steps = create.into_iter().chain([Operation::OtpSend]);
        let reached = self.transmit.check_connectivity(Operation::OtpSend).await;
        if reached
            .and_then(|()| steps.try_for_each(|step| self.transmit.check_available(step)))
            .is_err()
        {
            let _ = unreached.send(());
        }
    }

    /// Records in the flow what differs from an ordinary success, which needs no write.
    async fn record_result(
        &self,
        job: &SendJob,
        sent: &Result<transmit::SentOtp, Failure>,
        created_user: Option<String>,
    ) {
        let record = |flow: &mut Flow| {
            match sent {
                // Upstream has replaced the former code, also where the new one has no id.
                Ok(sent) if flow.sent_at == job.sent_at => {
                    flow.request_id.clone_from(&sent.request_id);
                }
                Ok(_) => {}
                Err(failure) if is_possibly_sent(failure) => {}
                Err(_) => flow.codes = flow.codes.without(job.sent_at),
            }
            flow.created_user = created_user.clone().or(flow.created_user.take());
        };
        let recorded = self.flow_store.modify(job.flow, self.clock.now(), record);
        if let Err(error) = recorded.await {
            tracing::warn!(%error, "the result of a send could not be recorded in its flow");
        }
    }
}
