//! Types that browser and server share. No I/O; safe for WebAssembly.

pub mod calling_code;
pub mod channel;
pub mod endpoint;
pub mod identifier;
pub mod identifier_mask;
pub mod identifier_type;
pub mod language_tags;
pub mod page;
pub mod passcode;
pub mod refusal;
pub mod shown_name;
pub mod time_unit;
pub mod timestamp;
pub mod typed_text;

pub use channel::Channel;
pub use endpoint::Endpoint;
pub use identifier::Identifier;
pub use identifier_type::IdentifierType;
pub use language_tags::LANGUAGE_TAGS;
pub use page::Page;
pub use passcode::Passcode;
pub use refusal::{LimitReason, Refusal, RefusalCode};
