//! Every operation: what is sent, and what each answer means.

mod otp;
mod refusals;
mod sessions;
mod users;
