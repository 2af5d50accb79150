//! Long work tells how far it is, and can be stopped.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::{
    diagnostic::{Code, Diagnostic},
    error::Error,
    parallel::in_parallel,
};

/// Looks on while data are loaded and segments evaluated: hears how far the work is, and can stop it.
///
/// [`SnapshotBuilder::watch`](crate::SnapshotBuilder::watch) and [`Engine::set_watch`](crate::Engine::set_watch) take
/// it. What is found is the same with and without one. Clones are one and the same.
///
/// ```
/// use segmenta::{AsOf, Cancel, Engine, Rules, Schema, Snapshot, Type, Watch};
///
/// # fn main() -> segmenta::Result<()> {
/// let schema = Schema::builder().customers("id").column("id", Type::Int).build()?;
/// let cancel = Cancel::new();
/// let watch = Watch::new().cancelled_by(&cancel).on_progress(|progress| println!("{progress}"));
///
/// let data = Snapshot::builder(&schema).watch(watch.clone()).build()?;
/// let mut engine = Engine::new(Rules::parse(&schema, "segment all { include id > 0 }")?, data)?;
/// engine.set_watch(watch);
/// engine.refresh("2026-11-01".parse::<AsOf>().unwrap())?;
///
/// // On whichever thread, while a refresh is under way or before:
/// cancel.cancel();
/// let stopped = engine.refresh("2026-11-02".parse::<AsOf>().unwrap()).unwrap_err();
/// assert!(stopped.is_cancelled());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Watch {
    cancel: Cancel,
    told: Option<Arc<Told>>,
}

type Told = dyn Fn(&Progress<'_>) + Send + Sync;

/// Stops the work of every [`Watch`] that was given it, from any thread. Clones are one and the same; once it is
/// cancelled it stays so, and later work needs a new one.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    is_cancelled: Arc<AtomicBool>,
}

/// How far the work is.
///
/// It is shown as `evaluating: 3 of 16 chunks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// What is being done.
    pub work: Work<'a>,
    /// How much of it is done.
    pub done: u64,
    /// How much there is to do, where that is known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
}

/// What long work consists of. A load reads its tables one after the other, then links and lays out; a refresh ranks
/// and fits models where rules ask for it, then evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work<'a> {
    /// A file, or record batches, are read into a table: bytes of text, rows of other formats. Of a file its length is
    /// known.
    Reading {
        /// The name of the table.
        table: &'a str,
    },
    /// Rows find their customers, and their order; tables are counted.
    Linking,
    /// Columns take the form in which they are evaluated.
    LayingOut,
    /// What `top`, `bottom`, `quantile` and `rfm` rank by is worked out for all customers; chunks are counted.
    Ranking,
    /// What customers have bought is collected for the models of `predict`; chunks are counted.
    Collecting,
    /// The models of `predict` are fitted; steps are counted. How many it takes is not known before.
    Fitting,
    /// All segments at once; chunks of 65,536 customers are counted, and customers where it is not everybody.
    Evaluating,
    /// When time alone changes a segment is looked for; instants are counted. How many there are is not known before.
    Searching,
}

/// What [`Progress`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Of a file as it is stored, packed or not.
    Bytes,
    /// Rows of a table.
    Rows,
    /// Tables of the schema.
    Tables,
    /// Columns of all tables.
    Columns,
    /// Chunks of customers.
    Chunks,
    /// Customers.
    Customers,
    /// Steps of a fit.
    Steps,
    /// Points of time.
    Instants,
}

impl Watch {
    /// One that hears nothing and stops nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has this token stop the work. It is asked once a chunk of 65,536 rows or customers, some MB of text, or a step of a
    /// fit; what is under way is then given up, with an [`Error`](crate::Error) that
    /// [is cancelled](crate::Error::is_cancelled).
    #[must_use]
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Has this function hear how far the work is: as each kind of work begins, then once for each 65,536 rows or
    /// customers, or some MB of text, or oftener.
    ///
    /// It is called by the threads that do the work, several at a time, so that calls may overtake each other. It should
    /// return soon and must not wait for the thread that began the work. It may cancel. Should it panic, the work ends
    /// with that panic, but while a Parquet file is read, where a panic passes for damage to the file.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.told = Some(Arc::new(tell));
        self
    }

    /// One that is stopped with this one, and hears nothing.
    pub(crate) fn silent(&self) -> Self {
        Self { cancel: self.cancel.clone(), told: None }
    }

    pub(crate) fn check(&self) -> Result<(), Cancelled> {
        if self.cancel.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    pub(crate) fn begin<'a>(
        &'a self,
        work: Work<'a>,
        unit: Unit,
        total: Option<u64>,
    ) -> Result<Steps<'a>, Cancelled> {
        let every = match unit {
            Unit::Bytes => 4 << 20,
            Unit::Rows => 1 << 16,
            Unit::Customers | Unit::Instants => 1 << 10,
            Unit::Tables | Unit::Columns | Unit::Chunks | Unit::Steps => 1,
        };
        let steps = Steps { watch: self, work, unit, total, every, parts: 1, done: 0.into() };
        steps.tell(0);
        self.check()?;
        Ok(steps)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

impl Cancel {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the work that is under way, and what would be begun later.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.work, self.done)?;
        if let Some(total) = self.total {
            write!(f, " of {total}")?;
        }
        write!(f, " {}", self.unit)
    }
}

impl fmt::Display for Work<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reading { table } => return write!(f, "reading `{table}`"),
            Self::Linking => "linking",
            Self::LayingOut => "laying out",
            Self::Ranking => "ranking",
            Self::Collecting => "collecting purchases",
            Self::Fitting => "fitting models",
            Self::Evaluating => "evaluating",
            Self::Searching => "searching",
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Rows => "rows",
            Self::Tables => "tables",
            Self::Columns => "columns",
            Self::Chunks => "chunks",
            Self::Customers => "customers",
            Self::Steps => "steps",
            Self::Instants => "instants",
        })
    }
}

/// The work was stopped; what it left is not whole.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("cancelled")]
pub(crate) struct Cancelled;

impl From<Cancelled> for Error {
    fn from(Cancelled: Cancelled) -> Self {
        let code = Code::Cancelled;
        Self::from(Diagnostic {
            code,
            severity: code.severity(),
            message: "the work was cancelled before its end".to_owned(),
            help: None,
            location: None,
            used_at: None,
        })
    }
}

/// Work under way.
pub(crate) struct Steps<'a> {
    watch: &'a Watch,
    work: Work<'a>,
    unit: Unit,
    total: Option<u64>,
    /// It is told whenever so many more are done.
    every: u64,
    /// So many parts are counted as one.
    parts: u64,
    done: AtomicU64,
}

impl Steps<'_> {
    /// The same work, whose units have so many parts each, at least one; parts are counted from now on.
    #[cfg(feature = "parquet")]
    pub(crate) fn in_parts(mut self, parts: u64) -> Self {
        self.parts = parts.max(1);
        self
    }

    pub(crate) fn add(&self, parts: u64) -> Result<(), Cancelled> {
        let before = self.done.fetch_add(parts, Ordering::Relaxed);
        let (before, done) = (before / self.parts, before.saturating_add(parts) / self.parts);
        if before / self.every < done / self.every || before < done && Some(done) == self.total {
            self.tell(done);
        }
        self.watch.check()
    }

    /// All answers in order, by as many threads as there are; each is one step.
    pub(crate) fn in_parallel<T: Send>(
        &self,
        count: usize,
        work: impl Fn(usize) -> T + Send + Sync,
    ) -> Result<Vec<T>, Cancelled> {
        let step = |index| {
            self.watch.check()?;
            let done = work(index);
            self.add(1).map(|()| done)
        };
        in_parallel(count, step).into_iter().collect()
    }

    fn tell(&self, done: u64) {
        if let Some(tell) = &self.watch.told {
            tell(&Progress { work: self.work, done, total: self.total, unit: self.unit });
        }
    }
}
