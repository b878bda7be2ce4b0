//! The largest numbers of records, which bound the sandbox's memory.

/// Creating more users is answered with 429.
pub const MAX_USERS: usize = 250_000;
/// Beyond it the oldest sessions are removed.
pub const MAX_SESSIONS: usize = 250_000;
/// Beyond it the oldest messages are removed.
pub const MAX_MESSAGES: usize = 10_000;
/// Beyond it the revocations of the oldest access tokens are removed.
pub const MAX_REVOKED_TOKENS: usize = 10_000;
/// Beyond it the assertion ids that expire first are removed.
pub const MAX_USED_ASSERTIONS: usize = 10_000;
