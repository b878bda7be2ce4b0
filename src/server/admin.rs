//! The operations listener (health, metrics, dashboard) and the admin socket.

pub mod access;
pub mod admin_socket;
pub mod commands;
pub mod dashboard;
pub mod health;
pub mod metrics;
pub mod operations;
pub mod readiness;
pub mod state;
