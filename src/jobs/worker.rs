//! What the thread does.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    JobState, Plan,
    board::{Ending, Entry, Next, Shared},
};
use crate::{
    calendar::Zone,
    engine::Engine,
    error::Result,
    rule::{RuleMark, SegmentKind, SegmentRule},
    segment::Refresh,
    store::{SegmentStatus, Store, StoredSegment},
    watch::Watch,
};

pub(super) struct Worker {
    store: Store,
    engine: Engine,
    plan: Plan,
    shared: Arc<Shared>,
    zone: Zone,
    /// The last refresh of the store.
    last: Option<DateTime<Utc>>,
}

impl Worker {
    pub(super) fn new(
        store: Store,
        mut engine: Engine,
        plan: Plan,
        shared: &Arc<Shared>,
    ) -> Result<Self> {
        store.refuse_other_engine(&engine)?;
        let told = Arc::clone(shared);
        engine.set_watch(
            Watch::new()
                .cancelled_by(&shared.cancel)
                .on_progress(move |progress| told.progress(progress.done, progress.total)),
        );
        let (last, zone) = (store.as_of()?, store.schema().zone());
        let worker = Self { store, engine, plan, shared: Arc::clone(shared), zone, last };
        worker.list();
        Ok(worker)
    }

    /// Until it is told to stop.
    pub(super) fn run(&mut self) {
        let shared = Arc::clone(&self.shared);
        let _ending = Ending(&shared);
        loop {
            match shared.next(self.last, self.zone) {
                Next::Stop => break,
                Next::Work(work) => {
                    work(&mut self.engine);
                    self.list();
                }
                Next::Form(places, now) => self.form(&places, now),
            }
        }
    }

    /// What it had, to go on with otherwise.
    pub(super) fn end(mut self) -> (Store, Engine) {
        self.engine.set_watch(Watch::new());
        (self.store, self.engine)
    }

    /// Takes over the segments of the rules; what is known of one of the same name is kept.
    fn list(&self) {
        // Where the store cannot be read, what it knows of new segments is found out when they are formed.
        let stored = self.store.segments().unwrap_or_default();
        let rules = self.engine.rules();
        let mut entries = Vec::with_capacity(rules.set().segments.len());
        for (rule, hash) in rules.set().segments.iter().zip(rules.hashes()) {
            let mark = RuleMark::of(rule, *hash);
            let known = self.shared.lock().known(&rule.name).cloned();
            let mut entry = match known {
                Some(known) => Entry { name: rule.name.clone(), rule: mark, ..known },
                None => {
                    let identity = SegmentRule::identity(&rule.name);
                    let stored =
                        stored.iter().find(|own| SegmentRule::identity(&own.name) == identity);
                    self.entry(rule, mark, stored)
                }
            };
            entry.kind = rule.kind;
            entry.state = match (rule.inactive, entry.state, entry.formed) {
                (true, ..) => JobState::Inactive,
                (false, JobState::Inactive, Some(at)) => JobState::Ready { at, took: None },
                (false, JobState::Inactive, None) => JobState::New,
                (false, state, _) => state,
            };
            entries.push(entry);
        }
        self.shared.lock().list(entries);
    }

    /// What the store knows of a segment, and when it was last calculated.
    fn entry(&self, rule: &SegmentRule, mark: RuleMark, stored: Option<&StoredSegment>) -> Entry {
        let own = self.plan.own.get(&SegmentRule::identity(&rule.name)).copied();
        let schedule = own.unwrap_or(self.plan.all);
        let formed = stored.and_then(|stored| stored.formed);
        let in_force = stored.and_then(|stored| self.store.in_force(&stored.name).ok());
        let failed = match stored.map(|stored| &stored.status) {
            Some(SegmentStatus::Failed(why)) => self.last.map(|at| (at, why.clone())),
            _ => None,
        };
        let (state, tried) = match (failed, formed) {
            (Some((at, error)), _) => (JobState::Failed { at, error }, Some(at)),
            (None, Some(at)) => (JobState::Ready { at, took: None }, Some(at)),
            (None, None) => (JobState::New, None),
        };
        let (name, kind) = (rule.name.clone(), rule.kind);
        let tried = tried.zip(in_force);
        Entry { name, kind, rule: mark, schedule, state, formed, tried, due: None }
    }

    fn form(&mut self, asked: &[usize], now: DateTime<Utc>) {
        let names = self.begin(asked, now);
        let refreshed = self.store.refresh_some(&mut self.engine, &names, now);
        self.last = self.store.as_of().ok().flatten().or(self.last);
        let took = (self.shared.now() - now).to_std().unwrap_or_default();
        for entry in &mut self.shared.lock().entries {
            if !matches!(entry.state, JobState::Forming { .. }) {
                continue;
            }
            entry.state = match &refreshed {
                Err(_) if self.shared.cancel.is_cancelled() => JobState::Queued { since: now },
                Err(error) => JobState::Failed { at: now, error: error.to_string() },
                Ok(refresh) => match failure(refresh, &entry.name) {
                    Some(error) => JobState::Failed { at: now, error },
                    None => JobState::Ready { at: now, took: Some(took) },
                },
            };
            if matches!(entry.state, JobState::Ready { .. }) {
                let stood = entry.tried.is_some_and(|(_, rule)| rule.same_conditions(&entry.rule));
                // A static segment with other pins keeps who was in when it was formed.
                if entry.kind != SegmentKind::Static || !stood {
                    entry.formed = Some(now);
                }
            }
            entry.tried = Some((now, entry.rule));
        }
    }

    /// Notes what is formed now: what was asked for, and what it reads that was never formed.
    fn begin(&self, asked: &[usize], now: DateTime<Utc>) -> Vec<String> {
        let rules = &self.engine.rules().set().segments;
        let mut board = self.shared.lock();
        let mut waiting = asked.to_vec();
        let mut names = Vec::new();
        while let Some(place) = waiting.pop() {
            let (Some(rule), Some(entry)) = (rules.get(place), board.entries.get_mut(place)) else {
                continue;
            };
            if matches!(entry.state, JobState::Forming { .. } | JobState::Inactive) {
                continue;
            }
            entry.state = JobState::Forming { since: now, done: 0, total: None };
            names.push(rule.name.clone());
            for read in rule.segments().filter_map(|id| usize::try_from(id.0).ok()) {
                if board.entries.get(read).is_some_and(|entry| entry.formed.is_none()) {
                    waiting.push(read);
                }
            }
        }
        names
    }
}

fn failure(refresh: &Refresh, name: &str) -> Option<String> {
    let (_, why) = refresh.failures().find(|(own, _)| *own == name)?;
    Some(why.message.clone())
}
