//! Memberships that last: one file with who is in which segment, who came and went, when and why.
//!
//! [`file`] is a redb database, [`tables`] are those of sealed records in it; [`records`] says what they hold and
//! [`codec`] how it is written. [`commit`] writes a refresh in one transaction, [`cause`] tells why somebody entered or
//! left, [`reader`] answers what is, [`past`] what was, and [`events`] tells consumers one after the other.

mod cause;
mod codec;
mod commit;
mod events;
mod file;
mod keys;
mod observers;
mod past;
mod reader;
mod records;
mod retention;
mod tables;

use std::{num::NonZeroU64, ops::Deref, path::Path, sync::Arc};

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    calendar::{AsOf, Instant, Moment},
    check::Rules,
    diagnostic::{Code, nearest},
    engine::Engine,
    error::{Error, Result},
    rule::{ContentHash, SegmentKind},
    schema::Schema,
    segment::Refresh,
    snapshot::{Snapshot, SnapshotBuilder},
};
pub use cause::Cause;
pub use events::{Event, EventKind, InvalidPosition, Position};
use file::{File, diagnosed};
use observers::Observers;
pub use reader::StoreReader;
use records::{SegmentNumber, State};

/// Who is in which segment, in a file that one process writes and any number of processes read.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("segmenta-store-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("segments.redb");
/// use segmenta::{AsOf, Engine, Rules, Schema, Store, Type, Value};
///
/// let schema = Schema::builder()
///     .timezone("Europe/Stockholm")
///     .customers("id").column("id", Type::Int).column("city", Type::Text)
///     .build()?;
/// let rules = Rules::parse(&schema, "segment south { include city = 'Malmö' }")?;
/// let mut store = Store::open(&path, &schema)?;
///
/// // Every day, in a new process or in one that goes on:
/// for (day, city) in [("2026-11-01", "Malmö"), ("2026-11-02", "Luleå")] {
///     let mut data = store.snapshot()?;
///     data.push("customers", [("id", Some(Value::Int(7))), ("city", Some(Value::Text(city.into())))])?;
///     let mut engine = store.engine(rules.clone(), data.build()?)?;
///     store.refresh(&mut engine, day.parse::<AsOf>()?)?;
/// }
///
/// let history = store.history("south")?;
/// assert_eq!((history[0].members, history[1].members), (1, 0));
/// assert_eq!(store.members_at("south", "2026-11-01".parse::<AsOf>()?)?, [7.into()]);
/// # drop(store);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
pub struct Store {
    reader: StoreReader,
    /// The last refresh, for engines that go on from it.
    mark: Arc<()>,
    /// Whether the engine is ahead of the store, which could not be written, nor read after that.
    is_behind: bool,
    observers: Observers,
}

/// A segment of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSegment {
    /// Its name, as it is written in the rules.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Static or dynamic.
    pub kind: SegmentKind,
    /// What the last refresh made of it.
    pub status: SegmentStatus,
    /// How many are in.
    pub members: u64,
    /// Whether it is offered for statistics.
    pub analytics: bool,
    /// The `as_of` of the first refresh it was in.
    pub created: DateTime<Utc>,
    /// The `as_of` of the last refresh that calculated it.
    pub formed: Option<DateTime<Utc>>,
}

/// A rule that a segment has had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredRule {
    /// The `as_of` of the refresh from which on it was in force.
    pub since: DateTime<Utc>,
    /// Static or dynamic.
    pub kind: SegmentKind,
    /// Whether it was inactive.
    pub inactive: bool,
    /// The content hash.
    pub hash: ContentHash,
    /// The canonical text of the segment's conditions, `let`s expanded.
    pub rule: String,
}

/// What the last refresh made of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SegmentStatus {
    /// Its members are those that the rule says, or said when a static one was formed.
    Ready,
    /// It keeps its last members.
    Inactive,
    /// It keeps its last members, because its rule could not be calculated: why.
    Failed(String),
}

/// What a refresh made of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PastRefresh {
    /// The moment of the refresh.
    pub as_of: DateTime<Utc>,
    /// How many were in.
    pub members: u64,
    /// How many had come in since the refresh before.
    pub entered: u64,
    /// How many had gone.
    pub left: u64,
}

/// A customer and a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMembership {
    /// The segment's name.
    pub segment: String,
    /// Whether the customer is in.
    pub member: bool,
    /// Since when, and why; `None` for a customer who was never in, or so long ago that it is no longer kept.
    pub since: Option<(DateTime<Utc>, Cause)>,
}

impl Store {
    /// Opens the store for writing, or makes a new one. The whole file is checked.
    ///
    /// # Errors
    /// `E1301` where another process writes to it, `E1302` where it is damaged, `E1303` where it was written by a newer
    /// version of this crate, or for keys of another type than the schema's; and where the file cannot be opened.
    pub fn open(path: impl AsRef<Path>, schema: &Schema) -> Result<Self> {
        Self::of(File::open(path.as_ref())?, schema)
    }

    /// For tests: another storage than a file, given anew whenever it is opened, under a name to show.
    pub(crate) fn with_backend<B: redb::StorageBackend>(
        backend: impl Fn() -> B + Send + Sync + 'static,
        name: &Path,
        schema: &Schema,
    ) -> Result<Self> {
        Self::of(File::with_backend(backend, name)?, schema)
    }

    fn of(file: File, schema: &Schema) -> Result<Self> {
        let reader = StoreReader::of(Arc::new(file), schema)?;
        let observers = Observers::default();
        Ok(Self { reader, mark: Arc::default(), is_behind: false, observers })
    }

    /// For other threads: questions are answered while a refresh is under way.
    pub fn reader(&self) -> StoreReader {
        self.reader.clone()
    }

    /// A builder for the data of the next refresh, in which customers keep the rows that they have in the store.
    ///
    /// # Errors
    /// Where the file cannot be read, or is damaged.
    pub fn snapshot(&self) -> Result<SnapshotBuilder> {
        let keys = self.reader.read(keys::all)?;
        let known = Snapshot::of_keys(&self.reader.schema, &keys);
        Ok(known.ok_or_else(|| self.reader.file.damaged())?.next())
    }

    /// An engine that goes on where the last refresh ended. The snapshot must have been begun with
    /// [`snapshot`](Store::snapshot), or continue one that was.
    ///
    /// # Errors
    /// As [`Engine::new`]; `E1305` where the snapshot's rows are not those of the store.
    pub fn engine(&self, rules: Rules, snapshot: Snapshot) -> Result<Engine> {
        let mut engine = Engine::new(rules, snapshot)?;
        self.restore(&mut engine)?;
        Ok(engine)
    }

    /// Evaluates every segment as of a moment after the last refresh, as [`Engine::refresh`], and writes down what has
    /// changed since that refresh, in one transaction: whatever happens, the store is afterwards at the last refresh or
    /// at this one. What the engine found in between, by [`apply`](Engine::apply) or otherwise, is written down too, but
    /// is not told again.
    ///
    /// # Errors
    /// As [`Engine::refresh`]. `E1304` where `as_of` is not after the last refresh; `E1305` where the engine did not come
    /// from [`engine`](Store::engine) of this store, or another one has refreshed the store since; and where the file
    /// cannot be written: the store is then as it was, the engine as the store says, and the same call can be made again.
    /// Where the storage fails so that it cannot even be read afterwards, whether the refresh is in it shows when it can:
    /// the same call is then `E1304`.
    pub fn refresh(&mut self, engine: &mut Engine, as_of: impl Into<AsOf>) -> Result<Refresh> {
        self.refresh_by(engine, as_of.into(), |engine, as_of| engine.refresh(as_of))
    }

    /// The same for some segments, as [`Engine::refresh_some`]. To the store a segment that was never calculated is not
    /// there yet, and of one whose rule has changed the rule in force is still the old one.
    ///
    /// # Errors
    /// As [`refresh`](Store::refresh), and where there is no segment of one of the names.
    pub fn refresh_some<S: AsRef<str>>(
        &mut self,
        engine: &mut Engine,
        segments: impl IntoIterator<Item = S>,
        as_of: impl Into<AsOf>,
    ) -> Result<Refresh> {
        let refresh = |engine: &mut Engine, as_of| engine.refresh_some(segments, as_of);
        self.refresh_by(engine, as_of.into(), refresh)
    }

    fn refresh_by(
        &mut self,
        engine: &mut Engine,
        as_of: AsOf,
        refresh: impl FnOnce(&mut Engine, DateTime<Utc>) -> Result<Refresh>,
    ) -> Result<Refresh> {
        let moment = Moment::new(as_of, self.reader.schema.zone());
        self.reader.read(|view| commit::refuse_before(view, moment))?;
        if !engine.goes_on_from(&self.mark) {
            self.restore(engine)?;
            return Err(other_engine());
        }
        if self.is_behind || !engine.knows_members() {
            self.restore(engine)?;
            self.is_behind = false;
        }
        let refresh = refresh(engine, moment.now.to_datetime())?;
        let file = &self.reader.file;
        let committed = file.write(|view| commit::commit(view, engine, &refresh, moment));
        if let Err(error) = committed {
            self.is_behind = true;
            // What failed may have been to hear that it is done.
            let is_done = self.as_of()? == Some(moment.now.to_datetime());
            if !is_done {
                self.restore(engine)?;
            }
            self.is_behind = false;
            if !is_done {
                return Err(error);
            }
        }
        self.mark = Arc::default();
        engine.go_on_from(&self.mark);
        self.observers.tell(&self.reader)?;
        Ok(refresh)
    }

    /// Has this function hear every [`Event`] of the refreshes to come, once they are committed: in order, on the thread
    /// that refreshes. What it has to do may be lost when the process ends; a consumer that must not miss an event asks
    /// for [`events`](StoreReader::events) and acknowledges them.
    ///
    /// # Errors
    /// Where the file cannot be read, or is damaged. A later refresh whose events cannot be read is an error too although
    /// it is committed; they are then told with those of the next.
    pub fn observe(&mut self, tell: impl FnMut(&Event) + Send + 'static) -> Result<()> {
        self.observers.add(&self.reader, Box::new(tell))
    }

    /// Keeps the history of so many refreshes, the last ones; `None` for all. What is older is forgotten at the next
    /// refresh.
    ///
    /// # Errors
    /// Where the file cannot be written, or is damaged.
    pub fn set_retention(&mut self, refreshes: Option<NonZeroU64>) -> Result<()> {
        let refreshes = refreshes.map_or(0, NonZeroU64::get);
        if self.reader.read(|view| view.state())?.retention == refreshes {
            return Ok(());
        }
        self.reader.file.write(|view| retention::set(view, refreshes))
    }

    /// Notes that the consumer has dealt with all events up to and including a position. A name that was not given
    /// before begins there. An earlier position than before has events delivered again.
    ///
    /// # Errors
    /// Where no event has the position, so that none is skipped by mistake; where the file cannot be written, or is damaged.
    pub fn acknowledge(&mut self, consumer: &str, position: Position) -> Result<()> {
        self.reader.acknowledge(consumer, position)
    }

    /// Refuses an engine that does not go on from the last refresh.
    pub(crate) fn refuse_other_engine(&self, engine: &Engine) -> Result<()> {
        if engine.goes_on_from(&self.mark) { Ok(()) } else { Err(other_engine()) }
    }

    fn restore(&self, engine: &mut Engine) -> Result<()> {
        let (saved, moment) = self.reader.read(|view| commit::saved(view, engine.snapshot()))?;
        engine.restore(saved, moment);
        engine.go_on_from(&self.mark);
        Ok(())
    }
}

impl Deref for Store {
    type Target = StoreReader;

    fn deref(&self) -> &StoreReader {
        &self.reader
    }
}

/// Refuses a store whose keys are of another type than the schema's.
fn refuse_other_keys(state: &State, schema: &Schema, name: &str) -> Result<()> {
    let (stored, own) = match (state.has_text_keys, schema.has_text_keys()) {
        (true, false) => ("texts", "numbers"),
        (false, true) => ("numbers", "texts"),
        _ => return Ok(()),
    };
    let message =
        format!("the customers' keys in the store `{name}` are {stored}, in the schema {own}");
    let help = "begin a new store, or give the key column its old type";
    Err(diagnosed(Code::OtherStore, message, Some(help)))
}

fn other_engine() -> Error {
    let message = "the engine does not go on where the store ended";
    let help = "begin the data with `Store::snapshot`, and the engine with `Store::engine`";
    diagnosed(Code::OtherRows, message.to_owned(), Some(help))
}

fn instant(micros: i64) -> DateTime<Utc> {
    Instant(micros).to_datetime()
}

/// As in a message.
fn shown(micros: i64) -> String {
    instant(micros).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The key of what a refresh did to a segment.
fn key_of(segment: SegmentNumber, refresh: u64) -> [u8; 12] {
    let mut bytes = [0; 12];
    let (number, at) = bytes.split_at_mut(4);
    number.copy_from_slice(&segment.0.to_be_bytes());
    at.copy_from_slice(&refresh.to_be_bytes());
    bytes
}

fn unknown_segment<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    let help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
    let message = format!("the store has no segment `{name}`");
    diagnosed(Code::UnknownStoredSegment, message, help.as_deref())
}
