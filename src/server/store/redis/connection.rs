//! The way to Redis: one connection that all calls share, made when it is needed and made anew when
//! it is lost.
//!
//! `redis::aio::ConnectionManager` is not used: it goes on with a connection that has fallen
//! silent, keeps a refused password for ever, and cannot look at the server that it reached before
//! calls go there.
//!
//! Every exchange has a place and a deadline. What surely was not done is sent again, twice at
//! most; what may have been done only if twice is as good as once. The Cluster client's own retries
//! are off, since they do not make that difference.

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
use crate::server::store::redis::error::{Failure, RetryClass, read};
use crate::server::store::redis::handshake;
use crate::server::store::redis::keyspace::Keyspace;
use crate::server::store::redis::open::Client;
use crate::server::store::redis::script::ScriptCall;
use crate::server::system::clock::{Clock, Elapsed};
use crate::server::system::mutex::lock;

/// Before what was not done is sent again: long enough for a Cluster's new map, or for a server
/// that restarts its listener.
const PAUSES: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(50)];

/// The way to Redis.
pub(super) struct SharedConnection {
    client: Client,
    names: Keyspace,
    timeout: Duration,
    /// The machine's: how long a server may take is no rule about time that tests move.
    clock: Clock,
    places: Semaphore,
    line: Mutex<Arc<ManagedConnection>>,
}

/// A connection, from when it is first needed until it is lost.
#[derive(Default)]
struct ManagedConnection {
    connection: OnceCell<Connection>,
    lost: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Connection {
    One(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// A master: the only server, or one of a Cluster's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Only,
    At { host: String, port: u16 },
}

/// What is to be done over the connection.
#[derive(Clone, Copy)]
enum RedisRequest<'a> {
    /// Where the key is.
    Call(&'a ScriptCall),
    /// At every master; answers a map by address.
    Everywhere(&'a Cmd),
    /// At one of them, one after the other.
    At(&'a Node, &'a Pipeline),
}

impl SharedConnection {
    pub(super) fn new(
        client: Client,
        names: Keyspace,
        timeout: Duration,
        max_in_flight: usize,
    ) -> Self {
        let (places, line) = (Semaphore::new(max_in_flight), Mutex::default());
        Self {
            client,
            names,
            timeout,
            clock: Clock::system(),
            places,
            line,
        }
    }

    /// Sends a call to where its key is.
    pub(super) async fn call(&self, call: ScriptCall) -> Result<Value, StoreError> {
        self.run(RedisRequest::Call(&call)).await
    }

    /// Asks every master; changes nothing.
    pub(super) async fn everywhere(&self, command: &Cmd) -> Result<Vec<(Node, Value)>, StoreError> {
        let answer = self.run(RedisRequest::Everywhere(command)).await?;
        let Value::Map(answers) = answer else {
            return Ok(vec![(Node::Only, answer)]);
        };
        if !self.client.is_cluster() {
            return Ok(vec![(Node::Only, Value::Map(answers))]);
        }
        answers
            .into_iter()
            .map(|(address, value)| Ok((Node::read(&read::<String>(address)?)?, value)))
            .collect()
    }

    /// Sends commands that change nothing to one master. An answer may be a server's refusal.
    pub(super) async fn at(
        &self,
        node: &Node,
        commands: &Pipeline,
    ) -> Result<Vec<Value>, StoreError> {
        match self.run(RedisRequest::At(node, commands)).await? {
            Value::Array(answers) if answers.len() == commands.len() => Ok(answers),
            _ => Err(StoreError::Corrupt(
                "Redis gave another number of answers".to_owned(),
            )),
        }
    }

    async fn run(&self, errand: RedisRequest<'_>) -> Result<Value, StoreError> {
        let _place = self
            .places
            .try_acquire()
            .map_err(|_| StoreError::Overloaded)?;
        let mut line = self.line();
        match self
            .clock
            .timeout(self.timeout, self.attempts(errand, &mut line))
            .await
        {
            Ok(outcome) => Ok(outcome?),
            Err(Elapsed) => {
                // The other end may be gone without a word.
                line.lose();
                Err(StoreError::Unavailable(format!(
                    "no answer of Redis within {} ms",
                    self.timeout.as_millis()
                )))
            }
        }
    }

    async fn attempts(
        &self,
        errand: RedisRequest<'_>,
        line: &mut Arc<ManagedConnection>,
    ) -> Result<Value, Failure> {
        let mut pauses = PAUSES.into_iter();
        loop {
            *line = self.line();
            let failure = match self.attempt(errand, line).await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            if failure.ends_connection(self.client.is_cluster()) {
                line.lose();
            }
            let again = match failure.fate() {
                RetryClass::NotDone => true,
                RetryClass::Unknown => errand.is_repeatable(),
                RetryClass::Final => false,
            };
            match pauses.next() {
                Some(pause) if again => self.clock.sleep(pause).await,
                _ => return Err(failure),
            }
        }
    }

    async fn attempt(
        &self,
        errand: RedisRequest<'_>,
        line: &ManagedConnection,
    ) -> Result<Value, Failure> {
        let connection = line
            .connection
            .get_or_try_init(|| self.connect(line.lost.clone()))
            .await?;
        let mut connection = connection.clone();
        Ok(match errand {
            RedisRequest::Call(call) => {
                match (connection.send(call.by_hash()).await, call.in_full()) {
                    (Err(error), Some(in_full))
                        if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) =>
                    {
                        connection.send(in_full).await?
                    }
                    (answer, _) => answer?,
                }
            }
            RedisRequest::Everywhere(command) => connection.everywhere(command.clone()).await?,
            RedisRequest::At(node, commands) => {
                Value::Array(connection.at(node, commands.clone()).await?)
            }
        })
    }

    async fn connect(&self, lost: Arc<AtomicBool>) -> Result<Connection, Failure> {
        let mut connection = match &self.client {
            Client::One(client) => {
                let notice = move |push: PushInfo| {
                    if push.kind == PushKind::Disconnection {
                        lost.store(true, Ordering::Release);
                    }
                    Ok::<_, Infallible>(())
                };
                // Without deadlines of its own: ours holds for all of it.
                let config = AsyncConnectionConfig::new()
                    .set_connection_timeout(None)
                    .set_response_timeout(None);
                let config = config.set_push_sender(notice);
                Connection::One(
                    client
                        .get_multiplexed_async_connection_with_config(&config)
                        .await?,
                )
            }
            Client::Cluster(client) => Connection::Cluster(client.get_async_connection().await?),
        };
        let version =
            handshake::exchange(&mut connection, &self.names, self.client.is_cluster()).await?;
        tracing::info!(%version, "connected to Redis");
        Ok(connection)
    }

    fn line(&self) -> Arc<ManagedConnection> {
        let mut line = lock(&self.line);
        if line.lost.load(Ordering::Acquire) {
            *line = Arc::default();
        }
        line.clone()
    }
}

impl ManagedConnection {
    /// Whoever comes next gets another connection.
    fn lose(&self) {
        self.lost.store(true, Ordering::Release);
    }
}

impl RedisRequest<'_> {
    fn is_repeatable(self) -> bool {
        match self {
            Self::Call(call) => call.repeatable,
            Self::Everywhere(_) | Self::At(..) => true,
        }
    }
}

impl handshake::Asks for Connection {
    async fn ask(&mut self, command: Cmd) -> Result<Value, RedisError> {
        self.send(command).await
    }
}

impl Connection {
    /// To where the key is; to any master if there is none.
    async fn send(&mut self, command: Cmd) -> Result<Value, RedisError> {
        match self {
            Self::One(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => {
                let answer = command.query_async(connection).await;
                match answer.as_ref().err().map(RedisError::kind) {
                    Some(ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask)) => {
                        follow(connection, command, answer).await
                    }
                    _ => answer,
                }
            }
        }
    }

    async fn everywhere(&mut self, command: Cmd) -> Result<Value, RedisError> {
        match self {
            Self::One(connection) => command.query_async(connection).await,
            Self::Cluster(connection) => {
                let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
                connection
                    .route_command(command, masters)
                    .await?
                    .extract_error()
            }
        }
    }

    async fn at(&mut self, node: &Node, commands: Pipeline) -> Result<Vec<Value>, RedisError> {
        let count = commands.len();
        match (self, node) {
            (Self::One(connection), _) => {
                connection.send_packed_commands(&commands, 0, count).await
            }
            (Self::Cluster(connection), Node::At { host, port }) => {
                let route = SingleNodeRoutingInfo::ByAddress {
                    host: host.clone(),
                    port: *port,
                };
                connection.route_pipeline(commands, 0, count, route).await
            }
            (Self::Cluster(_), Node::Only) => {
                Err((ErrorKind::Client, "a Cluster has many nodes").into())
            }
        }
    }
}

/// Goes where a node said that the key is by now. (The client gets a new map, too, but from nodes
/// that may not have heard.) While a slot is on its way, the other node must be told that we know.
async fn follow(
    connection: &mut ClusterConnection,
    command: Cmd,
    answer: Result<Value, RedisError>,
) -> Result<Value, RedisError> {
    let Err(error) = &answer else { return answer };
    let Some((host, port)) = error
        .redirect_node()
        .and_then(|(address, _)| split(address))
    else {
        return answer;
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
        None => answer,
    }
}

impl Node {
    fn read(address: &str) -> Result<Self, StoreError> {
        let (host, port) = split(address).ok_or_else(|| {
            StoreError::Corrupt(format!(
                "a Cluster names a node `{address}`, which is no address"
            ))
        })?;
        Ok(Self::At {
            host: host.to_owned(),
            port,
        })
    }
}

fn split(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}
