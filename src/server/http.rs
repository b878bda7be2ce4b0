//! The public HTTP server: routes, middleware, handlers, cookies and error responses.
//!
//! [`router()`] lists the routes and the order of the middleware.

pub mod activity;
pub mod brands;
pub mod client_address;
pub mod cookie_name;
pub mod cookies;
pub mod current_session;
pub mod entity_tag;
pub mod error_response;
pub mod extensions;
pub mod fetch_metadata;
pub mod flash;
pub mod handlers;
pub mod middleware;
pub mod negotiation;
pub mod origin_parser;
pub mod preview;
pub mod query;
pub mod render;
pub mod request_cookies;
pub mod request_metrics;
pub mod return_cookie;
pub mod route_paths;
pub mod router;
pub mod state;
pub mod static_files;
pub mod urls;

pub use router::router;
pub use state::AppState;
