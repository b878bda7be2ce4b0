//! Which faults and latencies apply to which operation, and how often each was called.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use strum::VariantArray as _;

use crate::fault_injection::fault::Fault;
use crate::operation::{Operation, ResponseCase};

/// Call counts, latencies and faults by operation.
#[derive(Debug, Default)]
pub struct FaultPlan {
    calls: BTreeMap<Operation, u64>,
    latencies: HashMap<(Operation, Option<ResponseCase>), Duration>,
    /// With how many calls are left; `None` means until reset.
    faults: HashMap<Operation, (Fault, Option<u32>)>,
}

impl FaultPlan {
    /// Counts a call, and returns its fault.
    pub fn record_call(&mut self, operation: Operation) -> Option<Fault> {
        *self.calls.entry(operation).or_default() += 1;
        let (fault, calls_left) = self.faults.get_mut(&operation)?;
        let fault = fault.clone();
        *calls_left = calls_left.map(|count| count.saturating_sub(1));
        if *calls_left == Some(0) {
            self.faults.remove(&operation);
        }
        Some(fault)
    }

    /// The number of calls since start or reset, of every operation.
    pub fn call_counts(&self) -> BTreeMap<Operation, u64> {
        let count = |operation: &Operation| {
            let calls = self.calls.get(operation).copied().unwrap_or(0);
            (*operation, calls)
        };
        Operation::VARIANTS.iter().map(count).collect()
    }

    /// The latency that is set for the case, else the one of the operation.
    pub fn latency(&self, operation: Operation, case: Option<ResponseCase>) -> Duration {
        let of_case = case.and_then(|case| self.latencies.get(&(operation, Some(case))));
        of_case
            .or_else(|| self.latencies.get(&(operation, None)))
            .copied()
            .unwrap_or_default()
    }

    /// Sets the latency of one case; without a case, of all cases that have none of their own.
    pub fn set_latency(
        &mut self,
        operation: Operation,
        case: Option<ResponseCase>,
        latency: Duration,
    ) {
        self.latencies.insert((operation, case), latency);
    }

    /// Sets the fault of the next `times` calls; without `times`, of all. `Some(0)` removes it.
    pub fn set_fault(&mut self, operation: Operation, fault: Fault, times: Option<u32>) {
        if times == Some(0) {
            self.faults.remove(&operation);
        } else {
            self.faults.insert(operation, (fault, times));
        }
    }
}
