//! What identifies a request across services: its id, and the trace that a proxy has begun (W3C
//! Trace Context, <https://www.w3.org/TR/trace-context/>).
//!
//! It travels with the task that handles the request. So the layers between a handler and an
//! upstream call need not pass it on.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use tokio::task_local;

/// The id of a request. Proxies send it, and every response carries it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// `traceparent` of version 00: version, trace id, parent id and flags.
const LENGTH: usize = 55;

/// A valid `traceparent` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent(String);

impl TraceParent {
    /// Parses a header. Of a later version the parts of version 00 are kept, as the standard says.
    pub fn parse(header: &str) -> Option<Self> {
        let known = header.get(..LENGTH)?;
        let mut parts = known.split('-');
        let mut next = |length| parts.next().filter(|part| is_hex(part, length));
        let (version, trace_id, parent_id, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        let is_end = match header.get(LENGTH..)? {
            "" => true,
            rest => version != "00" && rest.starts_with('-'),
        };
        let is_valid = version != "ff" && !is_zero(trace_id) && !is_zero(parent_id) && is_end;
        is_valid.then(|| Self(format!("00-{trace_id}-{parent_id}-{flags}")))
    }

    /// The whole header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether it is so many hexadecimal digits. Capitals are not allowed.
fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|digit| digit == b'0')
}

/// What identifies a request.
#[derive(Clone, Debug)]
pub struct TraceContext {
    /// The id of the request.
    pub request_id: Arc<str>,
    /// The trace that it belongs to, if a proxy named one.
    pub parent: Option<TraceParent>,
}

task_local! {
    static CURRENT: TraceContext;
}

impl TraceContext {
    /// The context of this task, if there is one.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs a future in a context, or in none.
    pub async fn run<F: Future>(context: Option<Self>, future: F) -> F::Output {
        match context {
            Some(context) => CURRENT.scope(context, future).await,
            None => future.await,
        }
    }

    /// Carries the context of this task into a future for another task.
    pub fn inherit<F: Future>(future: F) -> impl Future<Output = F::Output> {
        Self::run(Self::current(), future)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_taken_if_it_is_valid() {
        let (trace, parent) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
        let valid = format!("00-{trace}-{parent}-01");
        let parsed = TraceParent::parse(&valid).unwrap();
        assert_eq!((parsed.as_str(), parsed.trace_id()), (&*valid, trace));
        let later = TraceParent::parse(&format!("01-{trace}-{parent}-01-more"));
        assert_eq!(later, Some(parsed));
        for invalid in [
            String::new(),
            format!("ff-{trace}-{parent}-01"),
            format!("00-{trace}-{parent}-01-more"),
            format!("01-{trace}-{parent}-01more"),
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            format!("00-{}-{parent}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{trace}-{parent}"),
            format!("00-{trace}{parent}--01"),
            format!("00-{trace}-{parent}-0\u{e9}"),
            " ".to_owned() + &valid,
        ] {
            assert_eq!(TraceParent::parse(&invalid), None, "{invalid}");
        }
    }

    #[tokio::test]
    async fn the_context_is_that_of_the_task_and_is_carried_on_request() {
        let context = TraceContext {
            request_id: "r1".into(),
            parent: None,
        };
        let id = || TraceContext::current().map(|context| context.request_id.to_string());
        assert_eq!(id(), None);
        TraceContext::run(Some(context), async {
            assert_eq!(id().as_deref(), Some("r1"));
            let spawned = tokio::spawn(async move { id() }).await.unwrap();
            assert_eq!(spawned, None);
            let inherited = tokio::spawn(TraceContext::inherit(async move { id() }));
            assert_eq!(inherited.await.unwrap().as_deref(), Some("r1"));
        })
        .await;
    }
}
