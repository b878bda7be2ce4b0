//! Events that anybody can cause at will are written so many a minute: a flood of them hides nothing and fills no disk.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use crate::server::clock::{Timestamp, lock};

/// Events of one name that are written in a window.
const MOST: u64 = 60;
/// How long a window is.
const WINDOW: Duration = Duration::from_secs(60);

/// Whether an event is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Let {
    /// It is; so many before it were not.
    In { left_out: u64 },
    /// It is not.
    Out,
}

/// What was written lately, by name of the event.
#[derive(Debug, Default)]
pub(super) struct Flood(Mutex<HashMap<&'static str, Window>>);

#[derive(Debug)]
struct Window {
    began_at: Timestamp,
    written: u64,
    left_out: u64,
}

impl Flood {
    pub(super) fn admit(&self, name: &'static str, now: Timestamp) -> Let {
        let mut windows = lock(&self.0);
        let window = windows.entry(name).or_insert(Window { began_at: now, written: 0, left_out: 0 });
        if now.since(window.began_at) >= WINDOW {
            (window.began_at, window.written) = (now, 0);
        }
        if window.written >= MOST {
            window.left_out += 1;
            return Let::Out;
        }
        window.written += 1;
        Let::In { left_out: std::mem::take(&mut window.left_out) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l1_a_flood_is_cut_and_counted() {
        let (flood, start) = (Flood::default(), Timestamp::from_secs(1000));
        for number in 0..1000 {
            let expected = if number < MOST { Let::In { left_out: 0 } } else { Let::Out };
            assert_eq!(flood.admit("a", start), expected, "{number}");
        }
        assert_eq!(flood.admit("b", start), Let::In { left_out: 0 }, "another name is another matter");
        assert_eq!(flood.admit("a", start + WINDOW), Let::In { left_out: 940 });
        assert_eq!(flood.admit("a", start + WINDOW), Let::In { left_out: 0 });
    }
}
