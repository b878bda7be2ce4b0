//! Components that several pages use.

pub mod brand_mark;
pub mod countdown;
pub mod country;
pub mod form;
pub mod icon;
pub mod identifier;
pub mod language_switcher;
pub mod local_time;
pub mod masked;
