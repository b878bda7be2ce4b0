//! The operations listener (health, metrics, dashboard) and the admin socket.

pub mod access;
mod admin_api;
pub mod admin_socket;
pub mod commands;
pub mod dashboard;
pub mod health;
mod identifier_input;
pub mod lookup;
pub mod metrics;
pub mod operations;
pub mod personal_data;
pub mod readiness;
pub mod state;
