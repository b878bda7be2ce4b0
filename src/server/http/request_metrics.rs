//! The metrics of requests to the public listener, by route. A route is the template that matched
//! and never the path, which a client may choose: so there are as many series as routes.

use std::collections::HashMap;

use http::StatusCode;
use metrics::{Counter, Histogram};

use crate::domain::{Endpoint, Page};
use crate::server::http::route_paths::{
    ENTER, EXTEND_SESSION, FORWARD_AUTH, JWKS, SESSION, SESSION_INFO, SIGN_OUT, START, TICKET,
};
use crate::server::settings::security_txt::PATH as SECURITY_TXT;

/// The route of everything that has none: files, and paths that do not exist.
pub const NO_ROUTE: &str = "other";

/// The routes that are neither pages nor server functions.
const OTHER_ROUTES: [&str; 12] = [
    "/",
    SESSION_INFO,
    FORWARD_AUTH,
    JWKS,
    SECURITY_TXT,
    START,
    TICKET,
    ENTER,
    SIGN_OUT,
    SESSION,
    EXTEND_SESSION,
    NO_ROUTE,
];

/// The values of the label `class`.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Counts requests and measures how long they take.
pub struct RequestMetrics {
    by_route: HashMap<&'static str, RouteMetrics>,
    other: RouteMetrics,
}

struct RouteMetrics {
    by_class: [Counter; CLASSES.len()],
    seconds: Histogram,
}

impl RequestMetrics {
    /// Makes the series of every route exist, in the recorder that is installed.
    pub fn register() -> Self {
        Self {
            by_route: routes()
                .map(|route| (route, RouteMetrics::register(route)))
                .collect(),
            other: RouteMetrics::register(NO_ROUTE),
        }
    }

    /// Whether a route, as the router knows it, is counted by itself and not as [`NO_ROUTE`].
    pub fn has_series(&self, route: &str) -> bool {
        self.by_route.contains_key(route)
    }

    /// Counts an answered request.
    pub fn record(&self, route: Option<&str>, status: StatusCode, seconds: f64) {
        let metrics = route.and_then(|route| self.by_route.get(route));
        metrics.unwrap_or(&self.other).record(status, seconds);
    }
}

impl std::fmt::Debug for RequestMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestMetrics").finish_non_exhaustive()
    }
}

impl RouteMetrics {
    fn register(route: &'static str) -> Self {
        Self {
            by_class: CLASSES.map(|class| {
                let labels = [("class", class), ("route", route)];
                let counter = metrics::counter!("latchkey_http_requests_total", &labels);
                counter.increment(0);
                counter
            }),
            seconds: metrics::histogram!(
                "latchkey_http_request_duration_seconds", "route" => route
            ),
        }
    }

    fn record(&self, status: StatusCode, seconds: f64) {
        let [success, redirect, client_error, server_error] = &self.by_class;
        let class = match status.as_u16() {
            200..300 => success,
            300..400 => redirect,
            400..500 => client_error,
            _ => server_error,
        };
        class.increment(1);
        self.seconds.record(seconds);
    }
}

/// The values of the label `route`.
fn routes() -> impl Iterator<Item = &'static str> {
    let pages = Page::ALL.into_iter().map(Page::path);
    let functions = Endpoint::ALL.into_iter().map(Endpoint::path);
    pages.chain(functions).chain(OTHER_ROUTES)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_route_is_listed_twice() {
        let unique: BTreeSet<&str> = routes().collect();
        assert_eq!(unique.len(), routes().count());
    }
}
