//! What Redis or the way to it reports, in the contract's words; and what may be done about it.

use redis::{ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value, from_redis_value};

use crate::server::store::StoreError;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    Redis(RedisError),
    /// The server answers, and must not be used.
    Unfit(StoreError),
}

impl From<RedisError> for Failure {
    fn from(error: RedisError) -> Self {
        Self::Redis(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Unfit(error)
    }
}

/// What is known about a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryClass {
    /// It was surely not carried out, and may be where it should be in a moment.
    NotDone,
    /// The connection broke: nobody knows.
    Unknown,
    /// The answer would be the same again.
    Final,
}

impl Failure {
    pub(super) fn fate(&self) -> RetryClass {
        use ServerErrorKind::{Ask, ClusterDown, Moved, ReadOnly, TryAgain};
        let Self::Redis(error) = self else {
            return RetryClass::Final;
        };
        match error.kind() {
            ErrorKind::Server(Moved | Ask | TryAgain | ClusterDown | ReadOnly) => {
                RetryClass::NotDone
            }
            ErrorKind::ClusterConnectionNotFound => RetryClass::NotDone,
            ErrorKind::Io if error.is_connection_refusal() => RetryClass::NotDone,
            ErrorKind::Io if !error.is_timeout() => RetryClass::Unknown,
            _ => RetryClass::Final,
        }
    }

    /// Whether nothing good will come through this connection any more. A Cluster's looks after its
    /// own nodes, but not after a password that was changed.
    pub(super) fn ends_connection(&self, cluster: bool) -> bool {
        let Self::Redis(error) = self else {
            return true;
        };
        match error.kind() {
            ErrorKind::AuthenticationFailed => true,
            // Whoever was the master is not any more: its name may lead to another server by now.
            ErrorKind::Server(ServerErrorKind::ReadOnly) => !cluster,
            _ => !cluster && error.is_unrecoverable_error(),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let error = match failure {
            Failure::Redis(error) => error,
            Failure::Unfit(error) => return error,
        };
        if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
            return Self::Unavailable("Redis is a read-only replica".to_owned());
        }
        match error.code() {
            Some("WRONGTYPE") => {
                Self::Corrupt("a key of Redis has another type than ours".to_owned())
            }
            Some("OOM") => Self::Unavailable("the memory of Redis is full (maxmemory)".to_owned()),
            // A script stumbled over what it read.
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

/// Reads an answer.
pub(super) fn read<T: FromRedisValue>(value: Value) -> Result<T, StoreError> {
    from_redis_value(value).map_err(|_| {
        StoreError::Corrupt("an answer of Redis has another form than ours".to_owned())
    })
}
