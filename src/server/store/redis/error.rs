//! Errors of Redis and of the connection: as [`StoreError`], and by whether the request may be
//! retried.

use redis::{ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value, from_redis_value};

use crate::server::store::StoreError;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum CommandError {
    Redis(RedisError),
    /// The server responds but must not be used.
    Rejected(StoreError),
}

impl From<RedisError> for CommandError {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Rejected(error)
    }
}

/// Whether a failed request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryClass {
    /// Certainly not executed; may succeed in a moment.
    NotExecuted,
    /// The connection broke, so it may have been executed.
    Unknown,
    /// The same error would be returned again.
    Permanent,
}

impl CommandError {
    pub(super) fn retry_class(&self) -> RetryClass {
        use ServerErrorKind::{Ask, ClusterDown, Moved, ReadOnly, TryAgain};
        let Self::Redis(error) = self else {
            return RetryClass::Permanent;
        };
        match error.kind() {
            ErrorKind::Server(Moved | Ask | TryAgain | ClusterDown | ReadOnly) => {
                RetryClass::NotExecuted
            }
            ErrorKind::ClusterConnectionNotFound => RetryClass::NotExecuted,
            ErrorKind::Io if error.is_connection_refusal() => RetryClass::NotExecuted,
            ErrorKind::Io if !error.is_timeout() => RetryClass::Unknown,
            _ => RetryClass::Permanent,
        }
    }

    /// Whether the connection is unusable. A Cluster client replaces its nodes' connections, but
    /// does not notice a changed password.
    pub(super) fn ends_connection(&self, cluster: bool) -> bool {
        let Self::Redis(error) = self else {
            return true;
        };
        match error.kind() {
            ErrorKind::AuthenticationFailed => true,
            // The server is no longer the master, and its name may resolve to another server by
            // now.
            ErrorKind::Server(ServerErrorKind::ReadOnly) => !cluster,
            _ => !cluster && error.is_unrecoverable_error(),
        }
    }
}

impl From<CommandError> for StoreError {
    fn from(failure: CommandError) -> Self {
        let error = match failure {
            CommandError::Redis(error) => error,
            CommandError::Rejected(error) => return error,
        };
        if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
            return Self::Unavailable("Redis is a read-only replica".to_owned());
        }
        match error.code() {
            Some("WRONGTYPE") => Self::Corrupt("a Redis key has an unexpected type".to_owned()),
            Some("OOM") => Self::Unavailable("the memory of Redis is full (maxmemory)".to_owned()),
            // A script failed on the data that it read.
            Some("ERR")
                if error
                    .detail()
                    .is_some_and(|detail| detail.contains("user_script")) =>
            {
                Self::Corrupt(format!("Redis: {error}"))
            }
            _ if error.kind() == ErrorKind::UnexpectedReturnType => {
                Self::Corrupt(format!("Redis: {error}"))
            }
            _ => Self::Unavailable(format!("Redis: {error}")),
        }
    }
}

/// Converts a reply.
pub(super) fn parse<T: FromRedisValue>(value: Value) -> Result<T, StoreError> {
    from_redis_value(value)
        .map_err(|_| StoreError::Corrupt("a Redis reply has an unexpected structure".to_owned()))
}
