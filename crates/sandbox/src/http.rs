//! What every door needs.

pub mod bearer;
pub mod body;
pub mod controls;
pub mod date;
pub mod guard;
pub mod listener;
pub mod operation;
pub mod refusal;
pub mod spoil;
