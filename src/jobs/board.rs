//! What waits, and how things stand with each segment: what the thread and those who ask it share.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{JobState, JobStatus, Schedule};
use crate::{
    calendar::{Instant, Zone},
    engine::Engine,
    error::{Error, Result},
    rule::{RuleMark, SegmentKind, SegmentRule},
    watch::Cancel,
};

/// Something to be done on the engine.
pub(super) type Work = Box<dyn FnOnce(&mut Engine) + Send>;

pub(super) type Clock = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The clock is asked at least so often.
const AT_LEAST: Duration = Duration::from_secs(1);

pub(super) struct Shared {
    board: Mutex<Board>,
    changed: Condvar,
    clock: Clock,
    /// Stops the formation under way.
    pub(super) cancel: Cancel,
}

#[derive(Default)]
pub(super) struct Board {
    /// In the order of the rules.
    pub(super) entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    work: VecDeque<Work>,
    /// Whether the thread has seen that there is nothing to be done at present.
    is_idle: bool,
    is_to_stop: bool,
    has_ended: bool,
}

/// What is known of a segment.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: SegmentKind,
    /// What its rule says.
    pub(super) rule: RuleMark,
    pub(super) schedule: Schedule,
    pub(super) state: JobState,
    pub(super) formed: Option<DateTime<Utc>>,
    /// When it was tried to form it, and what its rule said then.
    pub(super) tried: Option<(DateTime<Utc>, RuleMark)>,
    pub(super) due: Option<DateTime<Utc>>,
}

/// What the thread does next.
pub(super) enum Next {
    Stop,
    Work(Work),
    /// Segments by their place, as of a moment.
    Form(Vec<usize>, DateTime<Utc>),
}

impl Shared {
    pub(super) fn new(clock: Clock) -> Self {
        let (board, changed, cancel) = (Mutex::default(), Condvar::new(), Cancel::new());
        Self { board, changed, clock, cancel }
    }

    /// As fine as the store notes it, so that it is after the last refresh only where the store sees that too.
    pub(super) fn now(&self) -> DateTime<Utc> {
        Instant::from((self.clock)()).to_datetime()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn status(&self, segment: &str) -> Option<JobStatus> {
        let board = self.lock();
        let place = *board.by_name.get(&SegmentRule::identity(segment))?;
        board.entries.get(place).map(Entry::status)
    }

    pub(super) fn statuses(&self) -> Vec<JobStatus> {
        self.lock().entries.iter().map(Entry::status).collect()
    }

    /// Puts segments into the queue: all of them, or none where one does not exist.
    pub(super) fn ask(&self, names: &[String]) -> Result<()> {
        let since = self.now();
        let mut board = self.lock();
        board.refuse_ended()?;
        let places: Result<Vec<usize>> = names.iter().map(|name| board.find(name)).collect();
        for place in places? {
            if let Some(entry) = board.entries.get_mut(place) {
                entry.queue(since);
            }
        }
        board.is_idle = false;
        self.changed.notify_all();
        Ok(())
    }

    pub(super) fn give(&self, work: Work) -> Result<()> {
        let mut board = self.lock();
        board.refuse_ended()?;
        board.work.push_back(work);
        board.is_idle = false;
        self.changed.notify_all();
        Ok(())
    }

    pub(super) fn wait(&self) -> Result<()> {
        let mut board = self.lock();
        // The clock may have moved since the thread looked.
        board.is_idle = false;
        self.changed.notify_all();
        while !board.is_idle {
            board.refuse_ended()?;
            board = self.changed.wait(board).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    pub(super) fn stop(&self, at_once: bool) {
        if at_once {
            self.cancel.cancel();
        }
        self.lock().is_to_stop = true;
        self.changed.notify_all();
    }

    /// What there is to be done; waits for it. Segments can be formed after `last`.
    pub(super) fn next(&self, last: Option<DateTime<Utc>>, zone: Zone) -> Next {
        let mut board = self.lock();
        loop {
            if board.is_to_stop {
                return Next::Stop;
            }
            if let Some(work) = board.work.pop_front() {
                return Next::Work(work);
            }
            let now = self.now();
            board.entries.iter_mut().for_each(|entry| entry.queue_if_due(now, zone));
            let queued = board.entries.iter().enumerate().filter(|(_, entry)| entry.is_queued());
            let queued: Vec<usize> = queued.map(|(place, _)| place).collect();
            if !queued.is_empty() && last.is_none_or(|last| now > last) {
                return Next::Form(queued, now);
            }
            board.is_idle = true;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout(board, AT_LEAST);
            board = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Notes how far the formation is.
    pub(super) fn progress(&self, parts: u64, of: Option<u64>) {
        for entry in &mut self.lock().entries {
            if let JobState::Forming { done, total, .. } = &mut entry.state {
                (*done, *total) = (parts, of);
            }
        }
    }
}

impl Board {
    fn find(&self, name: &str) -> Result<usize> {
        let place = self.by_name.get(&SegmentRule::identity(name)).copied();
        place.ok_or_else(|| Error::refused(format!("the rules have no segment `{name}`")))
    }

    fn refuse_ended(&self) -> Result<()> {
        if self.has_ended { Err(ended()) } else { Ok(()) }
    }

    /// Takes over segments, in the order of the rules.
    pub(super) fn list(&mut self, entries: Vec<Entry>) {
        let names = entries.iter().map(|entry| SegmentRule::identity(&entry.name));
        self.by_name = names.zip(0..).collect();
        self.entries = entries;
    }

    /// What is known of the segment of the name.
    pub(super) fn known(&self, name: &str) -> Option<&Entry> {
        self.entries.get(*self.by_name.get(&SegmentRule::identity(name))?)
    }
}

impl Entry {
    fn status(&self) -> JobStatus {
        JobStatus {
            segment: self.name.clone(),
            state: self.state.clone(),
            formed: self.formed,
            due: self.due,
        }
    }

    fn is_queued(&self) -> bool {
        matches!(self.state, JobState::Queued { .. })
    }

    fn queue(&mut self, since: DateTime<Utc>) {
        if !matches!(self.state, JobState::Inactive | JobState::Queued { .. }) {
            self.state = JobState::Queued { since };
            self.due = None;
        }
    }

    /// Queues it where it is new or edited, or its time has come.
    fn queue_if_due(&mut self, now: DateTime<Utc>, zone: Zone) {
        if matches!(
            self.state,
            JobState::Inactive | JobState::Queued { .. } | JobState::Forming { .. }
        ) {
            self.due = None;
            return;
        }
        let is_static = self.kind == SegmentKind::Static;
        let tried = self.tried.filter(|(_, rule)| *rule == self.rule);
        self.due = match tried {
            // What is new or edited is due at once.
            None if is_static || !self.schedule.is_by_hand() => Some(now),
            None => None,
            // A static segment that is formed is no more due; one that failed is tried again.
            Some(_) if is_static && !matches!(self.state, JobState::Failed { .. }) => None,
            Some((at, _)) => self.schedule.next(at, zone),
        };
        if self.due.is_some_and(|due| due <= now) {
            self.queue(now);
        }
    }
}

/// Says that the thread is no more, to all who wait for it, however it ends.
pub(super) struct Ending<'s>(pub(super) &'s Shared);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        let mut board = self.0.lock();
        board.has_ended = true;
        for entry in &mut board.entries {
            if let JobState::Forming { since, .. } = entry.state {
                let error = "the thread that formed it has ended".to_owned();
                entry.state = JobState::Failed { at: since, error };
            }
        }
        let work = std::mem::take(&mut board.work);
        drop(board);
        // Those who gave it wait for it to be done or dropped.
        drop(work);
        self.0.changed.notify_all();
    }
}

pub(super) fn ended() -> Error {
    Error::refused("the jobs have ended")
}
