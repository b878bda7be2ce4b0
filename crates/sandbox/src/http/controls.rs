//! What tests turn at the doors: calls counted, answers slowed, answers spoiled.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::http::operation::{Case, Operation};

/// What is wrong with an answer: something comes instead of it, and the request is not processed;
/// or the request is processed, and its answer is spoiled.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Not processed.
    Instead(Instead),
    /// Processed.
    Spoiled(Spoiled),
}

/// What comes instead of an answer.
#[derive(Clone, Debug)]
pub enum Instead {
    /// Another status, with a body of the test's own or a plain one, and perhaps `Retry-After`.
    Status(StatusCode, Option<Value>, Option<HeaderValue>),
    /// The request is taken, and never answered.
    Hang,
    /// The connection is cut.
    Reset,
    /// 200, and bytes that are no JSON.
    Garbage,
    /// 200, and a page of a proxy in between.
    Html,
    /// 200, and nothing.
    Empty,
    /// 200, and 50 MB.
    Flood,
    /// Another place, by this status.
    Redirect(StatusCode, HeaderValue),
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Spoiled {
    /// The connection is cut instead.
    Lost,
    /// The head arrives, the body never does.
    HangAfterHeaders,
    /// The body arrives at one byte a second.
    Drip,
    /// Half of the body arrives, as if it were all.
    Truncate,
    /// It calls itself `text/html`.
    WrongType,
}

/// Counts, latencies and faults by operation.
#[derive(Debug, Default)]
pub struct Controls {
    calls: BTreeMap<Operation, u64>,
    latency: HashMap<(Operation, Option<Case>), Duration>,
    faults: HashMap<Operation, (Fault, Option<u32>)>,
}

impl Controls {
    /// Counts a call and says what is to go wrong with it.
    pub fn begin(&mut self, operation: Operation) -> Option<Fault> {
        *self.calls.entry(operation).or_default() += 1;
        let (fault, times) = self.faults.get_mut(&operation)?;
        let fault = fault.clone();
        *times = times.map(|times| times.saturating_sub(1));
        if *times == Some(0) {
            self.faults.remove(&operation);
        }
        Some(fault)
    }

    /// Calls so far, of every operation.
    pub fn calls(&self) -> BTreeMap<Operation, u64> {
        let count = |operation| (operation, self.calls.get(&operation).copied().unwrap_or(0));
        Operation::ALL.into_iter().map(count).collect()
    }

    /// How long an answer is held back: what was set for its case, else for its operation.
    pub fn latency(&self, operation: Operation, case: Option<Case>) -> Duration {
        let of_case = case.and_then(|case| self.latency.get(&(operation, Some(case))));
        of_case
            .or_else(|| self.latency.get(&(operation, None)))
            .copied()
            .unwrap_or_default()
    }

    /// Sets a latency, in one case or in all that have none of their own.
    pub fn set_latency(&mut self, operation: Operation, case: Option<Case>, length: Duration) {
        self.latency.insert((operation, case), length);
    }

    /// Sets a fault for the next `times` calls, or until it is taken away (`Some(0)`).
    pub fn set_fault(&mut self, operation: Operation, fault: Fault, times: Option<u32>) {
        self.faults.insert(operation, (fault, times));
        if times == Some(0) {
            self.faults.remove(&operation);
        }
    }
}
