//! The time since the page was received.
//!
//! The monotonic clock of a browser may stand still while the computer sleeps, and its wall clock
//! may be wrong or be set back. So the larger of the two intervals counts: the countdown goes on
//! during sleep, and a clock that is set back does not prolong it.

use leptos::prelude::window;
use web_sys::Performance;
use web_sys::js_sys::Date;

use crate::app::islands::dom::property;

/// Measures the time since the response with this page began.
#[derive(Clone, Copy)]
pub struct PageClock {
    /// On the monotonic clock, in milliseconds.
    received_at: f64,
    /// On the wall clock, in milliseconds.
    wall_received_at: f64,
}

impl PageClock {
    /// A clock for this page.
    pub fn new() -> Self {
        let received_at = performance().map_or(0.0, |performance| {
            let navigations = performance.get_entries_by_type("navigation");
            let start = property(&navigations.get(0), "responseStart");
            start.as_f64().unwrap_or_default()
        });
        Self {
            received_at,
            wall_received_at: Date::now() - (monotonic() - received_at),
        }
    }

    /// Milliseconds since the response began.
    pub fn elapsed(self) -> f64 {
        self.monotonic_elapsed()
            .max(Date::now() - self.wall_received_at)
    }

    /// Milliseconds since the response began, without the time that the computer slept.
    pub fn monotonic_elapsed(self) -> f64 {
        monotonic() - self.received_at
    }
}

fn monotonic() -> f64 {
    performance().map_or(0.0, |performance| performance.now())
}

fn performance() -> Option<Performance> {
    window().performance()
}
