//! The operations listener and the admin socket.

pub mod admin_socket;
pub mod dashboard;
pub mod operations;
