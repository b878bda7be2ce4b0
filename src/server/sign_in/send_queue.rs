//! Sends on their way upstream: a bounded queue, in which a place is taken before the answer to the
//! browser is decided.
//!
//! The answer leaves at its fixed moment whatever happens here, so nothing here can be told from
//! it.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::{Mutex, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::domain::Identifier;
use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Audit, AuditSubject, Event, Origin, Purpose};
use crate::server::crypto::derived_keys::Digest;
use crate::server::guard::{Budget, Guard, Reservations};
use crate::server::sign_in::{Flow, FlowStore};
use crate::server::system::clock::Clock;
use crate::server::transmit::{
    self, ClientAttributes, Failure, FailureKind, Operation, SendOtp, Transmit, UserCreation,
};

/// Sends under way at once; further ones wait in the queue.
const AT_ONCE: usize = 64;

/// A send to be done.
#[derive(Debug)]
pub struct SendJob {
    /// The flow that asked for it, by hash of its cookie.
    pub flow: Digest,
    /// When it was asked for, which names it in its flow.
    pub sent_at: Timestamp,
    /// To whom.
    pub identifier: Identifier,
    /// Why.
    pub purpose: Purpose,
    /// Whether a user is to be created first.
    pub creates_user: bool,
    /// The text, unless the tenant's own is wanted.
    pub message: Option<String>,
    /// The sender that the phone shows.
    pub sender_id: Option<String>,
    /// The browser, for upstream.
    pub user_agent: Option<String>,
    /// The known browser, for upstream.
    pub device_id: Option<String>,
    /// The client's address, for upstream.
    pub address: IpAddr,
    /// What was charged for it.
    pub granted: Reservations,
    /// Who caused it.
    pub origin: Origin,
    /// Whom it is about, on record.
    pub subject: AuditSubject,
    /// Told when upstream could not be reached.
    pub unreached: Unreached,
}

/// Tells the use case that upstream could not be reached: the one failure of a send that a browser
/// may be told of.
pub type Unreached = oneshot::Sender<()>;

/// A place in the queue, taken.
#[derive(Debug)]
pub struct QueueSlot(OwnedPermit<SendJob>);

impl QueueSlot {
    /// Hands the send over. Cannot fail: the place was taken.
    pub fn send(self, job: SendJob) {
        self.0.send(job);
    }
}

/// The queue is full or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the queue of sends is full or closed")]
pub struct QueueFull;

/// What carries out a send.
#[derive(Clone, Debug)]
pub struct SendWorker {
    /// Upstream.
    pub transmit: Transmit,
    /// Where the outcome is noted.
    pub flows: FlowStore,
    /// Where charges are given back.
    pub guard: Guard,
    /// The record.
    pub audit: Audit,
    /// Time.
    pub clock: Clock,
}

/// The queue.
#[derive(Debug)]
pub struct SendQueue {
    courier: SendWorker,
    queue: std::sync::Mutex<Option<mpsc::Sender<SendJob>>>,
    dispatcher: Mutex<Option<JoinHandle<()>>>,
}

impl SendQueue {
    /// Starts the queue with that many places.
    pub fn start(places: usize, courier: SendWorker) -> Self {
        let (sender, receiver) = mpsc::channel(places);
        let dispatcher = tokio::spawn(dispatch(receiver, courier.clone()));
        Self {
            courier,
            queue: std::sync::Mutex::new(Some(sender)),
            dispatcher: Mutex::new(Some(dispatcher)),
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Full`].
    pub fn place(&self) -> Result<QueueSlot, QueueFull> {
        let sender = crate::server::system::mutex::lock(&self.queue)
            .clone()
            .ok_or(QueueFull)?;
        sender
            .try_reserve_owned()
            .map(QueueSlot)
            .map_err(|_| QueueFull)
    }

    /// For a send that is withheld: finds out whether one could have been delivered, and its user
    /// created if that comes first.
    pub fn feign(&self, creates_user: bool, unreached: Unreached) {
        let courier = self.courier.clone();
        tokio::spawn(async move { courier.feign(creates_user, unreached).await });
    }

    /// Takes no more, and returns when all that waits has been sent.
    pub async fn close(&self) {
        drop(crate::server::system::mutex::lock(&self.queue).take());
        if let Some(dispatcher) = self.dispatcher.lock().await.take()
            && let Err(error) = dispatcher.await
        {
            tracing::error!(%error, "the queue of sends broke off");
        }
    }
}

async fn dispatch(mut queue: mpsc::Receiver<SendJob>, courier: SendWorker) {
    let (slots, tasks) = (Arc::new(Semaphore::new(AT_ONCE)), TaskTracker::new());
    while let Some(job) = queue.recv().await {
        // The semaphore is never closed.
        let Ok(slot) = slots.clone().acquire_owned().await else {
            break;
        };
        let courier = courier.clone();
        tasks.spawn(async move {
            courier.carry(job).await;
            drop(slot);
        });
    }
    tasks.close();
    tasks.wait().await;
}

/// Whether a code may be on a phone although nobody said that it was sent. Upstream's own failure
/// says nothing of that.
fn may_have_been_sent(failure: &Failure) -> bool {
    let surely_not = failure.delivery.is_void()
        || matches!(
            failure.kind,
            FailureKind::Refused(_) | FailureKind::Throttled
        );
    failure.operation == Operation::OtpSend && !surely_not
}

/// Whether upstream could not be reached, which may be told. That our own places to it were all
/// taken is not: whoever takes them must not learn which numbers wait for one.
fn could_not_be_reached(failure: &Failure) -> bool {
    failure.delivery == transmit::DeliveryState::NotWritten
        && failure.kind != FailureKind::Overloaded
}

impl SendWorker {
    async fn carry(&self, mut job: SendJob) {
        let created = if job.creates_user {
            self.create_user(&job).await
        } else {
            Ok(None)
        };
        let (sent, created_user) = match created {
            Ok(user) => (self.send(&job).await, user),
            Err(failure) => (Err(failure), None),
        };
        let unreached = sent.as_ref().is_err_and(could_not_be_reached);
        if sent
            .as_ref()
            .is_err_and(|failure| failure.delivery.is_void())
        {
            self.give_back(std::mem::take(&mut job.granted)).await;
        }
        let detail = sent.as_ref().err().map(Failure::to_string);
        let event = Event::CodeSendResult {
            subject: job.subject.clone(),
            purpose: job.purpose,
            sent: sent.is_ok(),
            detail,
        };
        self.note(&job, &sent, created_user).await;
        self.audit.emit(&job.origin, &event);
        self.watch_budgets(&job.origin).await;
        if unreached {
            // Nobody waits any more when the answer has left.
            let _ = job.unreached.send(());
        }
    }

    /// The user that was created; nothing if there was one already. A user that upstream would not
    /// create gets no code either.
    async fn create_user(&self, job: &SendJob) -> Result<Option<String>, Failure> {
        match self.transmit.create_user(&job.identifier).await? {
            UserCreation::Exists => Ok(None),
            UserCreation::New { user_id } => {
                let event = Event::UserCreated {
                    subject: job.subject.clone(),
                    user: user_id.clone(),
                };
                self.audit.emit(&job.origin, &event);
                Ok(Some(user_id))
            }
        }
    }

    async fn send(&self, job: &SendJob) -> Result<transmit::SentOtp, Failure> {
        let send = SendOtp {
            identifier: &job.identifier,
            message: job.message.as_deref(),
            sender_id: job.sender_id.as_deref(),
            client: ClientAttributes {
                user_agent: job.user_agent.as_deref(),
                ip_address: Some(job.address),
                device_id: job.device_id.as_deref(),
            },
        };
        self.transmit.send_otp(&send).await
    }

    async fn give_back(&self, granted: Reservations) {
        if let Err(error) = self.guard.give_back(granted, self.clock.now()).await {
            tracing::warn!(%error, "charges for a send that was not made stand until their windows end");
        }
    }

    /// Tells the operator before nobody gets a code any more.
    async fn watch_budgets(&self, origin: &Origin) {
        match self.guard.newly_nearly_spent(self.clock.now()).await {
            Ok(budgets) => {
                for Budget {
                    name, used, limit, ..
                } in budgets
                {
                    tracing::warn!(
                        budget = name,
                        used,
                        limit,
                        "a budget of the whole service is nearly spent"
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
                tracing::warn!(%error, "the budgets of the whole service could not be looked at")
            }
        }
    }

    /// Nothing was sent, to a number that upstream could not be reached for either: told like a
    /// send that was.
    async fn feign(&self, creates_user: bool, unreached: Unreached) {
        let create = creates_user.then_some(Operation::UserCreate);
        let mut steps = create.into_iter().chain([Operation::OtpSend]);
        let reached = self.transmit.reach(Operation::OtpSend).await;
        if reached
            .and_then(|()| steps.try_for_each(|step| self.transmit.can_try(step)))
            .is_err()
        {
            let _ = unreached.send(());
        }
    }

    /// What the flow does not expect. A plain success costs no write.
    async fn note(
        &self,
        job: &SendJob,
        sent: &Result<transmit::SentOtp, Failure>,
        created_user: Option<String>,
    ) {
        let noted = self
            .flows
            .update(job.flow, self.clock.now(), |flow: &mut Flow| {
                match sent {
                    // The former code is void with the former id, also where the new one has none.
                    Ok(sent) if flow.sent_at == job.sent_at => {
                        flow.request_id.clone_from(&sent.request_id)
                    }
                    Ok(_) => {}
                    Err(failure) if may_have_been_sent(failure) => {}
                    Err(_) => flow.codes = flow.codes.without(job.sent_at),
                }
                flow.created_user = created_user.clone().or(flow.created_user.take());
                Ok::<_, std::convert::Infallible>(())
            });
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the outcome of a send could not be noted in its flow");
        }
    }
}
