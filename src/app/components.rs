//! What pages are put together from.

pub mod countdown;
pub mod form;
pub mod icon;
pub mod identifier;
