//! Locks a mutex whose data stays valid when another holder panicked.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock and ignores poisoning, because no holder leaves half-written data behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
