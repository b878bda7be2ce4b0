//! HTTP middleware, one file each.

pub mod audit_overflow;
pub mod caller;
pub mod csrf;
pub mod form_body;
pub mod host;
pub mod ip_throttle;
pub mod language;
pub mod request_id;
pub mod request_limits;
pub mod require_navigation;
pub mod run_to_completion;
pub mod security_headers;
