//! Everything that may hold a secret. Compiled only for the server.

pub mod application;
pub mod audit;
pub mod clock;
pub mod console;
pub mod control;
pub mod cookies;
pub mod gateway;
pub mod guard;
pub mod http;
pub mod identify;
pub mod jose;
pub mod keys;
pub mod listener;
pub mod operations;
pub mod private;
pub mod product;
pub mod random;
pub mod secret_key;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod transmit;
pub mod web;
