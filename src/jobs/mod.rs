//! Segments formed in the background: a thread that has the engine and the store, a queue, and what has become of each
//! segment. [`schedule`] says when segments are due, [`board`] knows what waits and how things stand, and [`worker`] is
//! what the thread does.

mod board;
mod schedule;
mod worker;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::{JoinHandle, ThreadId},
    time::Duration,
};

use chrono::{DateTime, Utc};

use crate::{
    engine::Engine,
    error::{Error, Result},
    store::{Position, Store, StoreReader},
};
use board::Shared;
pub use schedule::{InvalidSchedule, Schedule};
use worker::Worker;

/// A thread that forms segments: static ones as soon as they are new or edited, dynamic ones when they are due, any when
/// asked to.
///
/// What is due at the same time is formed together, in one refresh of the store. A segment that reads another one which
/// was never formed has that formed with it. A formation that fails keeps the last good members.
///
/// The clock is handed in; the thread asks it at least once a second, and goes by whole microseconds, as the store.
/// Where it stands still or goes back, segments wait until it is after the last refresh of the store.
///
/// Questions are answered by a [`StoreReader`], on any thread, while segments are formed. When the last of the clones is
/// dropped the thread ends after the formation under way.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("segmenta-jobs-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("segments.redb");
/// use segmenta::{JobState, Jobs, Rules, Schema, Store, Type, Value};
///
/// let schema = Schema::builder().customers("id").column("id", Type::Int).build()?;
/// let rules = Rules::parse(&schema, "
///     static segment founders { include id < 100 }
///     segment even { include id in (2, 4, 6) }
/// ")?;
/// let store = Store::open(&path, &schema)?;
/// let mut data = store.snapshot()?;
/// data.push("customers", [("id", Some(Value::Int(2)))])?;
/// let engine = store.engine(rules, data.build()?)?;
///
/// // A host hands in `Utc::now`.
/// let clock = || "2026-11-01T12:00:00Z".parse().expect("a moment");
/// let jobs = Jobs::builder(store, engine).schedule("daily at 03:00".parse()?).start(clock)?;
/// jobs.wait()?;
///
/// let status = jobs.status("founders").ok_or("a segment")?;
/// assert!(matches!(status.state, JobState::Ready { .. }));
/// assert_eq!(jobs.reader().members("even")?, [2.into()]);
/// # drop(jobs);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Jobs {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    reader: StoreReader,
    own_thread: ThreadId,
    /// `None` once somebody waits for its end.
    thread: Mutex<Option<JoinHandle<(Store, Engine)>>>,
}

/// What [`Jobs`] begin with.
#[must_use]
pub struct JobsBuilder {
    store: Store,
    engine: Engine,
    plan: Plan,
}

/// When which segment is due.
struct Plan {
    all: Schedule,
    /// By the names by which segments are found.
    own: HashMap<String, Schedule>,
}

/// How things stand with a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobStatus {
    /// The segment's name.
    pub segment: String,
    /// What happens to it, or what has happened last.
    pub state: JobState,
    /// When its members were formed; `None` where they never were.
    pub formed: Option<DateTime<Utc>>,
    /// When it is formed next by its schedule; `None` where it is in the queue, and where nothing but a request has it
    /// formed.
    pub due: Option<DateTime<Utc>>,
}

/// What happens to a segment, or what has happened last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobState {
    /// It was never formed, and nothing has asked for it.
    New,
    /// It waits for its turn.
    Queued {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// It is being formed, with all that were in the queue with it.
    Forming {
        /// Since when.
        since: DateTime<Utc>,
        /// So many parts of the work are done, for the kind of work that is under way.
        done: u64,
        /// Of so many, where that is known.
        total: Option<u64>,
    },
    /// Its members are there.
    Ready {
        /// When they were formed.
        at: DateTime<Utc>,
        /// How long that took, by the clock that was handed in, with all that were formed with it; `None` where another
        /// process did it.
        took: Option<Duration>,
    },
    /// It could not be formed, and keeps the members it had.
    Failed {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        error: String,
    },
    /// It is inactive: it keeps the members it has.
    Inactive,
}

impl JobsBuilder {
    /// When dynamic segments are formed that have no schedule of their own; left out, [`Schedule::BY_HAND`].
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.plan.all = schedule;
        self
    }

    /// When this dynamic segment is formed; a segment of the name may come later.
    pub fn schedule_of(mut self, segment: &str, schedule: Schedule) -> Self {
        self.plan.own.insert(crate::rule::SegmentRule::identity(segment), schedule);
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// Where the store cannot be read, the engine does not come from [`Store::engine`], or the system has no thread left.
    pub fn start(self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Result<Jobs> {
        let reader = self.store.reader();
        let shared = Arc::new(Shared::new(Box::new(clock)));
        let mut worker = Worker::new(self.store, self.engine, self.plan, &shared)?;
        let thread = std::thread::Builder::new()
            .name("segmenta-jobs".to_owned())
            .spawn(move || {
                worker.run();
                worker.end()
            })
            .map_err(|error| Error::io("a thread", error))?;
        let (own_thread, thread) = (thread.thread().id(), Mutex::new(Some(thread)));
        Ok(Jobs { inner: Arc::new(Inner { shared, reader, own_thread, thread }) })
    }
}

impl Jobs {
    /// For a store, and an engine that goes on from it.
    pub fn builder(store: Store, engine: Engine) -> JobsBuilder {
        let plan = Plan { all: Schedule::BY_HAND, own: HashMap::new() };
        JobsBuilder { store, engine, plan }
    }

    /// Members, history and events, while segments are formed.
    pub fn reader(&self) -> &StoreReader {
        &self.inner.reader
    }

    /// Notes that the consumer has dealt with all events up to and including a position, as [`Store::acknowledge`]. It
    /// waits while a refresh is written.
    ///
    /// # Errors
    /// As [`Store::acknowledge`].
    pub fn acknowledge(&self, consumer: &str, position: Position) -> Result<()> {
        self.inner.reader.acknowledge(consumer, position)
    }

    /// How things stand with a segment, found without regard to case; `None` where the rules have none of the name.
    pub fn status(&self, segment: &str) -> Option<JobStatus> {
        self.inner.shared.status(segment)
    }

    /// How things stand with every segment, in the order of the rules.
    pub fn statuses(&self) -> Vec<JobStatus> {
        self.inner.shared.statuses()
    }

    /// Has segments formed as soon as the thread comes to it, whatever their schedules say; inactive ones, and static
    /// ones that are formed already, stay as they are.
    ///
    /// # Errors
    /// Where there is no segment of one of the names, and where the thread has ended.
    pub fn form<S: AsRef<str>>(&self, segments: impl IntoIterator<Item = S>) -> Result<()> {
        let names: Vec<String> =
            segments.into_iter().map(|name| name.as_ref().to_owned()).collect();
        self.inner.shared.ask(&names)
    }

    /// Has all segments formed, as [`form`](Jobs::form).
    ///
    /// # Errors
    /// Where the thread has ended.
    pub fn form_all(&self) -> Result<()> {
        self.form(self.statuses().into_iter().map(|status| status.segment))
    }

    /// Runs something on the engine, between two formations: [`Engine::load`] of newer data, [`Engine::set_rules`],
    /// [`Engine::apply`]. Afterwards it is seen what is new, edited or due. It returns when that has been done.
    ///
    /// What takes long, as filling a snapshot, is better done before: other segments wait.
    ///
    /// # Errors
    /// Where the thread has ended; where the work panics, it ends by that. On the thread itself, as by an observer of the
    /// store.
    pub fn with<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Engine) -> R + Send + 'static,
    ) -> Result<R> {
        self.inner.refuse_own_thread()?;
        let (send, receive) = mpsc::sync_channel(1);
        self.inner.shared.give(Box::new(move |engine| {
            // Whoever asked waits below.
            let _ = send.send(work(engine));
        }))?;
        receive.recv().map_err(|_| board::ended())
    }

    /// Waits until nothing is under way, and nothing in the queue or due but what waits for the clock.
    ///
    /// # Errors
    /// Where the thread has ended, and on the thread itself, as by an observer of the store.
    pub fn wait(&self) -> Result<()> {
        self.inner.refuse_own_thread()?;
        self.inner.shared.wait()
    }

    /// Ends the thread, for all clones: the formation under way is given up, and the store stays as it was before it.
    /// Gives back what the jobs began with; `None` to whoever asks for it after another one, or on the thread itself. The
    /// file is closed when the store, all clones and all readers are dropped.
    ///
    /// # Errors
    /// Where the thread has ended by a panic.
    pub fn stop(&self) -> Result<Option<(Store, Engine)>> {
        self.inner.shared.stop(true);
        let ended = self.inner.thread().map(JoinHandle::join).transpose();
        ended.map_err(|_| board::ended())
    }
}

impl Inner {
    /// The thread, to wait for its end; `None` where another one does, or it asks itself: an observer of the store can have
    /// a clone of the jobs.
    fn thread(&self) -> Option<JoinHandle<(Store, Engine)>> {
        self.refuse_own_thread().ok()?;
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn refuse_own_thread(&self) -> Result<()> {
        if self.own_thread != std::thread::current().id() {
            return Ok(());
        }
        Err(Error::refused("the thread of the jobs cannot wait for itself; ask from another one"))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.stop(false);
        // A panic of the thread has been reported there.
        drop(self.thread().map(JoinHandle::join));
    }
}
