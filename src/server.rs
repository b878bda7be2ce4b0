//! The server: everything that may hold a secret. Compiled with the feature `ssr` only.

pub mod admin;
pub mod applications;
pub mod audit;
pub mod brand;
pub mod crypto;
pub mod finding;
pub mod guard;
pub mod http;
pub mod identifier_parser;
pub mod passcode_policy;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sms_gateway;
pub mod store;
pub mod system;
pub mod telemetry;
pub mod test_numbers;
pub mod transmit;
pub mod webhooks;
pub mod wiring;
