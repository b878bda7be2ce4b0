//! What every endpoint needs: the listener, request checks, strict bodies and error responses.

pub mod abortable_listener;
pub mod api_error;
pub mod client_attributes;
pub mod client_token;
pub mod date_header;
pub mod endpoint;
pub mod inject_fault;
pub mod origin_check;
pub mod request_body;
