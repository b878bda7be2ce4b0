//! HTTP handlers, one file a group of routes.

pub mod application_host;
pub mod assets;
pub mod forward_auth;
pub mod jwks;
pub mod pages;
pub mod security_txt;
pub mod server_functions;
pub mod session_info;
