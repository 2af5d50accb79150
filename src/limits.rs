//! What rules may ask for.

/// The limits of rules, each with an error code of its own. The defaults suit files written by people; raise one
/// where a program writes them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one rule file; 16 MiB.
    pub file_bytes: usize,
    /// Bytes of the text of one condition; 256 KiB.
    pub condition_bytes: usize,
    /// Levels of brackets, `not` and unary `-`; 200, and 1,000 at the most.
    pub nesting: usize,
    /// Elements of one list; 50,000.
    pub list: usize,
    /// Keys of one `pin`; 10,000,000.
    pub pins: usize,
    /// Conditions and values of one segment after its `let`s are expanded; 200,000.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 16 << 20,
            condition_bytes: 256 << 10,
            nesting: 200,
            list: 50_000,
            pins: 10_000_000,
            nodes: 200_000,
        }
    }
}
