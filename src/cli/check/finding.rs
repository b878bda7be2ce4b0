//! A row of the table that `latchkey check` prints.

/// The result of a check, with the text for the operator.
pub enum Finding {
    Pass(String),
    /// It works, but the operator should know.
    Warn(String),
    Fail(String),
}
