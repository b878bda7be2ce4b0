//! The connection that all calls share. It is opened when needed and replaced when lost.
//!
//! `redis::aio::ConnectionManager` is not used. It keeps a connection that no longer responds,
//! repeats a refused password for ever, and cannot check a server before calls go there.
//!
//! Every request has a permit and a deadline. A request that was certainly not executed is sent
//! again, at most twice. One that may have been executed is sent again only if it is idempotent.
//! The Cluster client's own retries are off, because they do not make that distinction.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, PushInfo, PushKind, RedisError,
    ServerErrorKind, Value,
};
use tokio::sync::{OnceCell, Semaphore};

use crate::server::store::StoreError;
use crate::server::store::redis::error::{CommandError, RetryClass, parse};
use crate::server::store::redis::handshake;
use crate::server::store::redis::keyspace::Keyspace;
use crate::server::store::redis::open::Client;
use crate::server::store::redis::script::ScriptCall;
use crate::server::system::clock::{Clock, Elapsed};
use crate::server::system::mutex::lock;

/// Delays before a retry: long enough for a Cluster's new slot map, or for a server that restarts.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(50)];

/// The connection to Redis and what is needed to replace it.
pub(super) struct SharedConnection {
    client: Client,
    keyspace: Keyspace,
    timeout: Duration,
    /// The machine's clock: response times are not under test with a manual clock.
    clock: Clock,
    permits: Semaphore,
    max_in_flight: usize,
    current: Mutex<Arc<ManagedConnection>>,
}

/// A connection, from its first use until it is lost.
#[derive(Default)]
struct ManagedConnection {
    connection: OnceCell<Connection>,
    is_lost: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// A master: the only server, or one of a Cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MasterNode {
    Single,
    Address { host: String, port: u16 },
}

/// A request, by where it is sent.
#[derive(Clone, Copy)]
enum RedisRequest<'a> {
    /// To the node that holds the key.
    Keyed(&'a ScriptCall),
    /// To every master; returns a map by address.
    AllMasters(&'a Cmd),
    /// To one master, as a pipeline.
    OneMaster(&'a MasterNode, &'a Pipeline),
}

impl SharedConnection {
    pub(super) fn new(
        client: Client,
        keyspace: Keyspace,
        timeout: Duration,
        max_in_flight: usize,
    ) -> Self {
        let (permits, current) = (Semaphore::new(max_in_flight), Mutex::default());
        Self {
            client,
            keyspace,
            timeout,
            clock: Clock::system(),
            permits,
            max_in_flight,
            current,
        }
    }

    /// How many calls may run.
    pub(super) fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    /// How many calls run.
    pub(super) fn calls_in_flight(&self) -> usize {
        self.max_in_flight
            .saturating_sub(self.permits.available_permits())
    }

    /// Sends a call to the node that holds its key.
    pub(super) async fn call(&self, call: ScriptCall) -> Result<Value, StoreError> {
        self.run(RedisRequest::Keyed(&call)).await
    }

    /// Sends a read-only command to every master.
    pub(super) async fn send_to_all_masters(
        &self,
        command: &Cmd,
    ) -> Result<Vec<(MasterNode, Value)>, StoreError> {
        let reply = self.run(RedisRequest::AllMasters(command)).await?;
        let Value::Map(replies) = reply else {
            return Ok(vec![(MasterNode::Single, reply)]);
        };
        if !self.client.is_cluster() {
            return Ok(vec![(MasterNode::Single, Value::Map(replies))]);
        }
        replies
            .into_iter()
            .map(|(address, value)| Ok((MasterNode::parse(&parse::<String>(address)?)?, value)))
            .collect()
    }

    /// Sends read-only commands to one master. A result may be an error of the server.
    pub(super) async fn send_to_master(
        &self,
        node: &MasterNode,
        commands: &Pipeline,
    ) -> Result<Vec<Value>, StoreError> {
        match self.run(RedisRequest::OneMaster(node, commands)).await? {
            Value::Array(replies) if replies.len() == commands.len() => Ok(replies),
            _ => Err(StoreError::Corrupt(
                "Redis returned another number of replies".to_owned(),
            )),
        }
    }

    async fn run(&self, request: RedisRequest<'_>) -> Result<Value, StoreError> {
        let _permit = self
            .permits
            .try_acquire()
            .map_err(|_| StoreError::Overloaded)?;
        let mut current = self.current();
        match self
            .clock
            .timeout(self.timeout, self.run_with_retries(request, &mut current))
            .await
        {
            Ok(outcome) => Ok(outcome?),
            Err(Elapsed) => {
                // The server may be gone without closing the connection.
                current.mark_lost();
                Err(StoreError::Unavailable(format!(
                    "no response from Redis within {} ms",
                    self.timeout.as_millis()
                )))
            }
        }
    }

    async fn run_with_retries(
        &self,
        request: RedisRequest<'_>,
        current: &mut Arc<ManagedConnection>,
    ) -> Result<Value, CommandError> {
        let mut delays = RETRY_DELAYS.into_iter();
        loop {
            *current = self.current();
            let failure = match self.run_once(request, current).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if failure.ends_connection(self.client.is_cluster()) {
                current.mark_lost();
            }
            let retry = match failure.retry_class() {
                RetryClass::NotExecuted => true,
                RetryClass::Unknown => request.is_repeatable(),
                RetryClass::Permanent => false,
            };
            match delays.next() {
                Some(delay) if retry => self.clock.sleep(delay).await,
                _ => return Err(failure),
            }
        }
    }

    async fn run_once(
        &self,
        request: RedisRequest<'_>,
        current: &ManagedConnection,
    ) -> Result<Value, CommandError> {
        let connection = current
            .connection
            .get_or_try_init(|| self.connect(current.is_lost.clone()))
            .await?;
        let mut connection = connection.clone();
        Ok(match request {
            RedisRequest::Keyed(call) => {
                match (connection.send(call.to_evalsha()).await, call.to_eval()) {
                    (Err(error), Some(eval))
                        if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) =>
                    {
                        connection.send(eval).await?
                    }
                    (reply, _) => reply?,
                }
            }
            RedisRequest::AllMasters(command) => {
                connection.send_to_all_masters(command.clone()).await?
            }
            RedisRequest::OneMaster(node, commands) => {
                Value::Array(connection.send_to_master(node, commands.clone()).await?)
            }
        })
    }

    async fn connect(&self, is_lost: Arc<AtomicBool>) -> Result<Connection, CommandError> {
        let mut connection = match &self.client {
            Client::Single(client) => {
                let notice = move |push: PushInfo| {
                    if push.kind == PushKind::Disconnection {
                        is_lost.store(true, Ordering::Release);
                    }
                    Ok::<_, Infallible>(())
                };
                // Without deadlines of its own: ours covers everything.
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(None)
                    .set_response_timeout(None);
                let config = config.set_push_sender(notice);
                Connection::Single(
                    client
                        .get_multiplexed_async_connection_with_config(&config)
                        .await?,
                )
            }
            Client::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        };
        let version =
            handshake::check_server(&mut connection, &self.keyspace, self.client.is_cluster())
                .await?;
        tracing::info!(%version, "connected to Redis");
        Ok(connection)
    }

    fn current(&self) -> Arc<ManagedConnection> {
        let mut current = lock(&self.current);
        if current.is_lost.load(Ordering::Acquire) {
            *current = Arc::default();
        }
        current.clone()
    }
}

impl ManagedConnection {
    /// Makes the next request open another connection.
    fn mark_lost(&self) {
        self.is_lost.store(true, Ordering::Release);
    }
}

impl RedisRequest<'_> {
    fn is_repeatable(self) -> bool {
        match self {
            Self::Keyed(call) => call.repeatable,
            Self::AllMasters(_) | Self::OneMaster(..) => true,
        }
    }
}

impl handshake::SendCommand for Connection {
    async fn send_command(&mut self, command: Cmd) -> Result<Value, RedisError> {
        self.send(command).await
    }
}

impl Connection {
    /// Sends to the node that holds the key, or to any master if there is no key.
    async fn send(&mut self, command: Cmd) -> Result<Value, RedisError> {
        match self {
            Self::Single(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => {
                let reply = command.query_async(connection).await;
                match reply.as_ref().err().map(RedisError::kind) {
                    Some(ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask)) => {
                        follow_redirect(connection, command, reply).await
                    }
                    _ => reply,
                }
            }
        }
    }

    async fn send_to_all_masters(&mut self, command: Cmd) -> Result<Value, RedisError> {
        match self {
            Self::Single(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => {
                let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                connection
                    .route_command(command, masters)
                    .await?
                    .extract_error()
            }
        }
    }

    async fn send_to_master(
        &mut self,
        node: &MasterNode,
        commands: Pipeline,
    ) -> Result<Vec<Value>, RedisError> {
        let count = commands.len();
        match (self, node) {
            (Self::Single(connection), _) => {
                connection.send_packed_commands(&commands, 0, count).await
            }
            (Self::Cluster(connection), MasterNode::Address { host, port }) => {
                let route = SingleNodeRoutingInfo::ByAddress {
                    host: host.clone(),
                    port: *port,
                };
                connection.route_pipeline(commands, 0, count, route).await
            }
            (Self::Cluster(_), MasterNode::Single) => {
                Err((ErrorKind::Client, "a Cluster has many nodes").into())
            }
        }
    }
}

/// Follows a redirection to the node that now holds the key. The client also refreshes its slot
/// map, but maybe from a node that has not heard. `ASKING` is needed while a slot moves.
async fn follow_redirect(
    connection: &mut ClusterConnection,
    command: Cmd,
    reply: Result<Value, RedisError>,
) -> Result<Value, RedisError> {
    let Err(error) = &reply else { return reply };
    let Some((host, port)) = error
        .redirect_node()
        .and_then(|(address, _)| split_address(address))
    else {
        return reply;
    };
    let route = SingleNodeRoutingInfo::ByAddress {
        host: host.to_owned(),
        port,
    };
    if error.kind() == ErrorKind::Server(ServerErrorKind::Moved) {
        return connection
            .route_command(command, RoutingInfo::SingleNode(route))
            .await?
            .extract_error();
    }
    let mut both = redis::pipe();
    both.cmd("ASKING").add_command(command);
    match connection.route_pipeline(both, 1, 1, route).await?.pop() {
        Some(value) => value.extract_error(),
        None => reply,
    }
}

impl MasterNode {
    fn parse(address: &str) -> Result<Self, StoreError> {
        let (host, port) = split_address(address).ok_or_else(|| {
            StoreError::Corrupt(format!(
                "the Cluster names a node with an invalid address: `{address}`"
            ))
        })?;
        Ok(Self::Address {
            host: host.to_owned(),
            port,
        })
    }
}

fn split_address(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}
