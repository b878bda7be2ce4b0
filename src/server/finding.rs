//! A row of the table that `latchkey check` prints.

/// The result of a check, with the text for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be.
    Pass(String),
    /// It works, but the operator should know.
    Warn(String),
    /// It must be fixed.
    Fail(String),
}
