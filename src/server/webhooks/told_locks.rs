//! Which locks a receiver was told of, so that each is told once: every further attempt at a locked
//! number is an event.

use std::collections::HashMap;

use crate::domain::timestamp::Timestamp;

/// Locks that are remembered. Further ones are not told until some of these end.
const MAX_LOCKS: usize = 10_000;

/// The locks that were told.
#[derive(Debug, Default)]
pub(super) struct ToldLocks {
    /// Until when each holds, by its data.
    until: HashMap<String, Timestamp>,
    /// When the first of them ends; not before then it makes sense to look for those that ended.
    first_end: Timestamp,
}

/// Whether a lock is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockNews {
    /// It was not told yet.
    New,
    /// It was told already.
    Told,
    /// So many are remembered that it could not be told only once.
    TooMany,
}

impl ToldLocks {
    /// Remembers a lock that holds until then.
    pub fn remember(&mut self, data: String, until: Timestamp, now: Timestamp) -> LockNews {
        if self.until.get(&data).is_some_and(|told| now < *told) {
            return LockNews::Told;
        }
        if self.until.len() >= MAX_LOCKS && now >= self.first_end {
            self.until.retain(|_, until| now < *until);
            self.until.shrink_to(self.until.len().saturating_mul(2));
            self.first_end = self.until.values().min().copied().unwrap_or(until);
        }
        if self.until.len() >= MAX_LOCKS {
            return LockNews::TooMany;
        }
        self.first_end = match self.until.is_empty() {
            true => until,
            false => self.first_end.min(until),
        };
        self.until.insert(data, until);
        LockNews::New
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_told_once_while_it_holds() {
        let mut told = ToldLocks::default();
        let [start, end] = [1000, 1600].map(Timestamp::from_secs);
        let mut remember = |data: &str, now| told.remember(data.to_owned(), end, now);
        assert_eq!(remember("a", start), LockNews::New);
        assert_eq!(remember("a", start), LockNews::Told);
        assert_eq!(remember("b", start), LockNews::New);
        assert_eq!(remember("a", end), LockNews::New, "it is another lock");
    }

    #[test]
    fn more_locks_than_are_remembered_are_not_told_until_one_ends() {
        let mut told = ToldLocks::default();
        let start = Timestamp::from_secs(1000);
        let end = |index: u64| Timestamp::from_secs(2000 + index);
        for index in 0..MAX_LOCKS as u64 {
            let news = told.remember(index.to_string(), end(index), start);
            assert_eq!(news, LockNews::New);
        }
        for _ in 0..3 {
            let news = told.remember("further".to_owned(), end(5), start);
            assert_eq!(news, LockNews::TooMany);
        }
        assert_eq!(told.remember("7".to_owned(), end(7), start), LockNews::Told);
        // The first two have ended.
        for (name, news) in [
            ("one", LockNews::New),
            ("two", LockNews::New),
            ("three", LockNews::TooMany),
        ] {
            assert_eq!(
                told.remember(name.to_owned(), end(9), end(1)),
                news,
                "{name}"
            );
        }
    }
}
