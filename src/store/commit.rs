//! A refresh on its way into the store.

use std::collections::{HashMap, HashSet};

use roaring::RoaringBitmap;

use super::{
    Cause,
    codec::Encoder,
    file::diagnosed,
    instant, key_of, keys,
    records::{
        Dated, Delta, FrozenRecord, Models, Outcome, RefreshRecord, SegmentNumber, SegmentRecord,
        Size, State, Version,
    },
    retention, shown,
    tables::{Table, View, Writing},
};
use crate::{
    calendar::Moment,
    diagnostic::Code,
    engine::Engine,
    error::Result,
    rule::{ContentHash, RuleMark, RuleSet, SegmentRule, canonical_text},
    segment::{Change, Refresh, Saved, SavedSegment},
    snapshot::Snapshot,
    value::Key,
};

type Bytes = &'static [u8];

/// Refuses a moment that is not after the last refresh.
pub(super) fn refuse_before<T: redb::ReadableTable<Bytes, Bytes>>(
    view: &View<'_, T>,
    moment: Moment,
) -> Result<()> {
    let state = view.state()?;
    if state.last == 0 || moment.now.0 > state.as_of {
        return Ok(());
    }
    let (own, last) = (shown(moment.now.0), shown(state.as_of));
    let message = format!("the store was refreshed as of {last}, and {own} is not after that");
    Err(diagnosed(Code::RefreshOutOfOrder, message, Some("history is written forward only")))
}

/// What the engine is to know of the last refresh, and its moment; `None` before the first.
pub(super) fn saved<T: redb::ReadableTable<Bytes, Bytes>>(
    view: &View<'_, T>,
    snapshot: &Snapshot,
) -> Result<(Saved, Option<Moment>)> {
    let state = view.state()?;
    refuse_other_rows(&keys::all(view)?, snapshot)?;
    let mut segments = Vec::new();
    for (number, record) in view.segments(&state)? {
        if record.ended.is_some() {
            continue;
        }
        let members = view.members(&state, (number, &record))?;
        let frozen = view.frozen(&state, (number, &record))?;
        let frozen = frozen.map(|frozen| (frozen.hash, frozen.base));
        segments.push(SavedSegment { name: record.name, members, frozen });
    }
    let zone = snapshot.schema().zone();
    let moment = (state.last > 0).then(|| Moment::new(instant(state.as_of).into(), zone));
    Ok((Saved { segments, gone: &state.live - snapshot.live() }, moment))
}

/// Customers must have the rows that they have in the store.
fn refuse_other_rows(keys: &[Key], snapshot: &Snapshot) -> Result<()> {
    if (0..).zip(keys).all(|(row, key)| snapshot.key_at(row).as_ref() == Some(key)) {
        return Ok(());
    }
    let message =
        "the data do not continue those of the store, so their rows may be other customers'";
    let help = "begin the data with `Store::snapshot`, and the engine with `Store::engine`";
    Err(diagnosed(Code::OtherRows, message.to_owned(), Some(help)))
}

/// Writes down what a refresh changed.
pub(super) fn commit(
    view: &mut Writing<'_, '_>,
    engine: &Engine,
    refresh: &Refresh,
    moment: Moment,
) -> Result<()> {
    refuse_before(view, moment)?;
    let before = view.state()?;
    let snapshot = engine.snapshot();
    let rows = u32::try_from(snapshot.row_count()).unwrap_or(u32::MAX);
    keys::append(view, &before, snapshot, rows)?;
    let known = keys::digests(view, &before)?;
    let digests = snapshot.digests();
    keys::put_digests(view, &known, &digests)?;
    let mut differ = RoaringBitmap::new();
    let news = known.iter().map(Some).chain(std::iter::repeat(None)).zip(&digests).zip(0..);
    differ.extend(news.filter(|((before, now), _)| *before != Some(*now)).map(|(_, row)| row));
    let mut changes = Encoder::default();
    changes.bitmap(&differ);
    view.put(Table::Changes, &(before.last + 1).to_be_bytes(), changes)?;
    let state = State {
        schema: snapshot.schema().fingerprint(),
        has_text_keys: snapshot.schema().has_text_keys(),
        rows,
        first: before.first.max(1),
        last: before.last + 1,
        as_of: moment.now.0,
        live: snapshot.live().clone(),
        ..before.clone()
    };
    let mut work = Work {
        dated: Dated { refresh: state.last, as_of: state.as_of },
        engine,
        refresh,
        deleted: &before.live - snapshot.live(),
        differ,
        state,
        records: view.segments(&before)?.into_iter().collect(),
    };
    let sizes = work.segments(view)?;
    let customers = u32::try_from(work.state.live.len()).unwrap_or(u32::MAX);
    let failed = sizes.iter().filter(|size| size.outcome == Outcome::Failed);
    let why = |size: &Size| Some((size.segment, work.records.get(&size.segment)?.failure.clone()?));
    let failures = failed.filter_map(why).collect();
    let models = Models::of(refresh.model());
    let record = RefreshRecord { as_of: work.state.as_of, customers, sizes, failures, models };
    view.put(Table::Refreshes, &work.state.last.to_be_bytes(), record.encode())?;
    retention::forget(view, &mut work.state)?;
    view.put(Table::State, &[], work.state.encode())?;
    Ok(())
}

/// A refresh that is being written.
struct Work<'w> {
    dated: Dated,
    engine: &'w Engine,
    refresh: &'w Refresh,
    /// Rows of customers who are no more.
    deleted: RoaringBitmap,
    /// Rows of customers of whom something is other than it was.
    differ: RoaringBitmap,
    state: State,
    records: HashMap<SegmentNumber, SegmentRecord>,
}

/// A segment that the refresh knows, and what it says of it.
struct Told<'t> {
    number: SegmentNumber,
    rule: &'t SegmentRule,
    change: &'t Change,
    is_left_out: bool,
    /// Whether its rule, or that of a segment it refers to, is another than when it was last calculated.
    rule_changed: bool,
}

impl Work<'_> {
    fn segments(&mut self, view: &mut Writing<'_, '_>) -> Result<Vec<Size>> {
        let (engine, refresh) = (self.engine, self.refresh);
        let rules = engine.rules().set();
        let active = self.records.iter().filter(|(_, record)| record.ended.is_none());
        let by_name: HashMap<String, SegmentNumber> =
            active.map(|(number, record)| (SegmentRule::identity(&record.name), *number)).collect();
        let mut numbers = Vec::with_capacity(rules.segments.len());
        for (place, (rule, hash)) in rules.segments.iter().zip(engine.rules().hashes()).enumerate()
        {
            let known = by_name.get(&SegmentRule::identity(&rule.name)).copied();
            numbers.push(match (refresh.is_left_out(place), known) {
                (true, known) => known,
                (false, known) => {
                    let number = known.unwrap_or(SegmentNumber(self.state.segments));
                    self.state.segments += u32::from(known.is_none());
                    self.describe(rules, number, rule, *hash);
                    Some(number)
                }
            });
        }
        let latest = self.latest_changes(rules, &numbers);
        self.end_others(view, &numbers.iter().flatten().copied().collect())?;
        let mut sizes = Vec::with_capacity(numbers.len());
        let told = rules.segments.iter().zip(refresh.changes()).zip(numbers).zip(latest);
        for (place, (((rule, change), number), latest)) in told.enumerate() {
            // One that was never calculated is not there yet.
            let Some(number) = number else { continue };
            let formed = self.records.get(&number).and_then(|record| record.formed);
            let rule_changed = formed.is_none_or(|formed| latest > formed.refresh);
            let is_left_out = refresh.is_left_out(place);
            let told = Told { number, rule, change, is_left_out, rule_changed };
            sizes.push(self.segment(view, &told)?);
        }
        sizes.sort_by_key(|size| size.segment);
        Ok(sizes)
    }

    /// By segment in the order of the rules: the last refresh with which its rule changed, or that of a segment it
    /// refers to.
    fn latest_changes(&self, rules: &RuleSet, numbers: &[Option<SegmentNumber>]) -> Vec<u64> {
        let since = |number: &Option<SegmentNumber>| {
            let record = number.and_then(|number| self.records.get(&number));
            record.and_then(SegmentRecord::version).map_or(0, |version| version.since.refresh)
        };
        let mut latest: Vec<u64> = numbers.iter().map(since).collect();
        for id in &rules.order {
            let number = usize::try_from(id.0).unwrap_or(usize::MAX);
            let Some(rule) = rules.segments.get(number) else { continue };
            let of_others =
                rule.segments().filter_map(|of| latest.get(usize::try_from(of.0).ok()?));
            let of_others = of_others.max().copied().unwrap_or(0);
            if let Some(own) = latest.get_mut(number) {
                *own = of_others.max(*own);
            }
        }
        latest
    }

    /// Takes over what the rules say of a segment.
    fn describe(
        &mut self,
        rules: &RuleSet,
        number: SegmentNumber,
        rule: &SegmentRule,
        hash: ContentHash,
    ) {
        let dated = self.dated;
        let record = self.records.entry(number).or_insert_with(|| SegmentRecord {
            name: String::new(),
            title: None,
            analytics: false,
            created: dated,
            ended: None,
            formed: None,
            failure: None,
            versions: Vec::new(),
            members: 0,
            is_frozen: false,
            last_delta: 0,
            unwritten: 0,
        });
        record.name.clone_from(&rule.name);
        record.title.clone_from(&rule.title);
        record.analytics = rule.metadata.analytics;
        let version = Version {
            since: dated,
            kind: rule.kind,
            inactive: rule.inactive,
            hash,
            pins: RuleMark::of(rule, hash).pins,
            rule: canonical_text(rule, rules, self.engine.rules().schema()),
        };
        let last = record.version().cloned();
        let same =
            last.is_some_and(|last| Version { since: last.since, ..version.clone() } == last);
        if !same {
            record.versions.push(version);
        }
    }

    /// Segments that the rules no longer have end; their history stays.
    fn end_others(
        &mut self,
        view: &mut Writing<'_, '_>,
        stay: &HashSet<SegmentNumber>,
    ) -> Result<()> {
        for (number, record) in &mut self.records {
            if stay.contains(number) || record.ended.is_some() {
                continue;
            }
            record.ended = Some(self.dated);
            record.is_frozen = false;
            let key = number.0.to_be_bytes();
            view.put(Table::Segments, &key, record.encode())?;
            view.remove(Table::Members, &key)?;
            view.remove(Table::Frozen, &key)?;
        }
        Ok(())
    }

    fn segment(&mut self, view: &mut Writing<'_, '_>, told: &Told<'_>) -> Result<Size> {
        let (rule, number) = (told.rule, told.number);
        let key = number.0.to_be_bytes();
        let members = self.engine.members(&rule.name).cloned().unwrap_or_default();
        let moved = moved(&self.stored(view, number)?, &members, told.change);
        let delta = match &moved {
            (entered, left) if entered.is_empty() && left.is_empty() => Delta::default(),
            moved => self.delta(told, moved, &self.differ_since_formed(view, told)?),
        };
        let outcome = self.outcome(view, told)?;
        let Some(record) = self.records.get_mut(&number) else { return Err(view.file().damaged()) };
        if outcome == Outcome::Formed {
            record.formed = Some(self.dated);
        }
        record.members = count(members.len());
        if !delta.is_empty() || record.created.refresh == self.dated.refresh {
            let mut whole = Encoder::default();
            whole.bitmap(&members);
            let whole = view.put(Table::Members, &key, whole)?;
            if !delta.is_empty() {
                let at = key_of(number, self.dated.refresh);
                record.last_delta = self.dated.refresh;
                record.unwritten += view.put(Table::Deltas, &at, delta.encode())? as u64;
                if record.unwritten > whole as u64 {
                    let mut checkpoint = Encoder::default();
                    checkpoint.bitmap(&members);
                    view.put(Table::Checkpoints, &at, checkpoint)?;
                    record.unwritten = 0;
                }
            }
        }
        match self.engine.frozen(&rule.name) {
            Some((hash, base)) => {
                let frozen = FrozenRecord { hash, base: base.clone() };
                view.put(Table::Frozen, &key, frozen.encode())?;
            }
            None => view.remove(Table::Frozen, &key)?,
        }
        record.is_frozen = self.engine.frozen(&rule.name).is_some();
        view.put(Table::Segments, &key, record.encode())?;
        let (entered, left) = (count(moved.0.len()), count(moved.1.len()));
        Ok(Size { segment: number, outcome, members: record.members, entered, left })
    }

    /// Who was in before the refresh.
    fn stored(&self, view: &Writing<'_, '_>, number: SegmentNumber) -> Result<RoaringBitmap> {
        match self.records.get(&number) {
            Some(record) if record.created.refresh < self.dated.refresh => {
                view.members(&self.state, (number, record))
            }
            _ => Ok(RoaringBitmap::new()),
        }
    }

    /// Whether the refresh calculated the segment; why it could not is noted.
    fn outcome(&mut self, view: &Writing<'_, '_>, told: &Told<'_>) -> Result<Outcome> {
        if told.is_left_out {
            return Ok(Outcome::Kept);
        }
        let failure = self.refresh.failures().find(|(name, _)| *name == told.rule.name);
        let failure = failure.map(|(_, why)| why.message.clone());
        let is_failed = failure.is_some();
        if let Some(record) = self.records.get_mut(&told.number) {
            record.failure = failure;
        }
        let record = self.records.get(&told.number).map(|record| (told.number, record));
        let was_frozen =
            record.map(|record| view.frozen(&self.state, record)).transpose()?.flatten();
        let frozen = self.engine.frozen(&told.rule.name);
        let stands =
            frozen.is_some_and(|(hash, _)| was_frozen.is_some_and(|frozen| frozen.hash == hash));
        Ok(match is_failed {
            true => Outcome::Failed,
            false if told.rule.inactive || stands => Outcome::Kept,
            false => Outcome::Formed,
        })
    }

    /// The rows of customers of whom something is other than when the segment was last calculated; nobody where that
    /// cannot be a cause.
    fn differ_since_formed(
        &self,
        view: &Writing<'_, '_>,
        told: &Told<'_>,
    ) -> Result<RoaringBitmap> {
        let record = self.records.get(&told.number).filter(|record| record.follows_data());
        let formed = record.and_then(|record| record.formed).filter(|_| !told.rule_changed);
        let Some(formed) = formed else { return Ok(RoaringBitmap::new()) };
        let mut differ = self.differ.clone();
        for refresh in formed.refresh + 1..self.dated.refresh {
            differ |= view.need(Table::Changes, &refresh.to_be_bytes(), |mut from| {
                let changed = from.bitmap(self.state.rows)?;
                from.end()?;
                Ok(changed)
            })?;
        }
        Ok(differ)
    }

    /// Who entered and left, by cause; `differ` are the rows of customers of whom something has changed.
    fn delta(
        &self,
        told: &Told<'_>,
        (entered, left): &(RoaringBitmap, RoaringBitmap),
        differ: &RoaringBitmap,
    ) -> Delta {
        let rule = told.rule;
        let snapshot = self.engine.snapshot();
        let rows = |keys: &mut dyn Iterator<Item = &Key>| -> RoaringBitmap {
            keys.filter_map(|key| snapshot.row_of(key)).collect()
        };
        let pinned_in = rows(&mut rule.pins_in.iter().flatten().map(|pin| &pin.key));
        let pinned_out = rows(&mut rule.pins_out.iter().map(|pin| &pin.key));
        let by_cause = |all: &RoaringBitmap, pinned: &RoaringBitmap, deleted: &RoaringBitmap| {
            let mut rest = all.clone();
            let mut found = Vec::new();
            for cause in Cause::ALL {
                let some = match cause {
                    Cause::Deleted => &rest & deleted,
                    Cause::Pinned => &rest & pinned,
                    Cause::DataChanged => &rest & differ,
                    Cause::RuleChanged if !told.rule_changed => RoaringBitmap::new(),
                    Cause::RuleChanged | Cause::TimePassed => rest.clone(),
                };
                rest -= &some;
                if !some.is_empty() {
                    found.push((cause, some));
                }
            }
            found
        };
        // Who both left and entered was deleted and came back.
        let deleted = &self.deleted | &(left & entered);
        let nobody = RoaringBitmap::new();
        Delta {
            before: self.records.get(&told.number).map_or(0, |record| record.last_delta),
            left: by_cause(left, &pinned_out, &deleted),
            entered: by_cause(entered, &pinned_in, &nobody),
        }
    }
}

/// Who entered and who left since the members were stored. Who was deleted and came back did both.
fn moved(
    stored: &RoaringBitmap,
    members: &RoaringBitmap,
    change: &Change,
) -> (RoaringBitmap, RoaringBitmap) {
    let back = &change.entered & &change.left;
    (&(members - stored) | &back, &(stored - members) | &back)
}

fn count(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
