//! What rules may ask for.

use std::thread;

/// Reading and checking a rule goes down one level of nesting after the other. Unoptimised, the worst of them takes
/// 26 KiB of stack, and the caller's thread may have little.
const STACK_A_LEVEL: usize = 64 << 10;
const MOST_LEVELS: usize = 1_000;

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
    /// Bytes of one compiled pattern of `matches`; 4 MiB. Its text may have a 2,048th of them.
    pub pattern: usize,
    /// Bytes of all compiled patterns of rules that are checked together; 64 MiB.
    pub patterns: usize,
    /// Conditions and values of all segments together after their `let`s are expanded; 5,000,000.
    pub all_nodes: usize,
    /// Files that are read because others use them; 1,000.
    pub used_files: usize,
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
            pattern: 4 << 20,
            patterns: 64 << 20,
            all_nodes: 5_000_000,
            used_files: 1_000,
        }
    }
}

impl Limits {
    /// Does work that goes down a rule on a stack that holds the deepest of them.
    pub(crate) fn with_room<T: Send>(&self, work: impl Fn() -> T + Sync) -> T {
        with_levels(self.nesting.min(MOST_LEVELS), work)
    }
}

/// The same for rules that have been checked, whatever their limits were.
pub(crate) fn with_most_room<T: Send>(work: impl Fn() -> T + Sync) -> T {
    with_levels(MOST_LEVELS, work)
}

/// The same for what nests in no more than so many levels; few of them need no stack of their own.
pub(crate) fn with_room_for<T: Send>(levels: usize, work: impl Fn() -> T + Sync) -> T {
    const FEW: usize = 16;
    if levels <= FEW { work() } else { with_levels(levels.min(MOST_LEVELS), work) }
}

fn with_levels<T: Send>(levels: usize, work: impl Fn() -> T + Sync) -> T {
    thread::scope(|scope| {
        let roomy = thread::Builder::new().stack_size((levels + 1) * STACK_A_LEVEL);
        match roomy.spawn_scoped(scope, &work).map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            // Without threads, the caller's stack must do.
            _ => work(),
        }
    })
}
