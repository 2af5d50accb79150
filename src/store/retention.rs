//! What is forgotten.

use super::{
    codec::Encoder,
    events::Position,
    key_of,
    past::{members_after, refresh_record},
    records::State,
    tables::{Table, Writing},
};
use crate::error::Result;

/// So many refreshes are kept; zero for all.
pub(super) fn set(view: &mut Writing<'_, '_>, refreshes: u64) -> Result<()> {
    let mut state = view.state()?;
    state.retention = refreshes;
    view.put(Table::State, &[], state.encode())?;
    Ok(())
}

/// Forgets the refreshes that are too old. Members after the oldest that is kept are written down as a whole.
pub(super) fn forget(view: &mut Writing<'_, '_>, state: &mut State) -> Result<()> {
    let kept = state.last + 1 - state.first;
    if state.retention == 0 || kept <= state.retention {
        return Ok(());
    }
    let first = state.last + 1 - state.retention;
    for (number, record) in view.segments(state)? {
        if record.created.refresh <= first {
            let members = members_after(view, state, (number, &record), first)?;
            let mut whole = Encoder::default();
            whole.bitmap(&members);
            view.put(Table::Checkpoints, &key_of(number, first), whole)?;
        }
        for refresh in state.first..first {
            view.remove(Table::Deltas, &key_of(number, refresh))?;
            view.remove(Table::Checkpoints, &key_of(number, refresh))?;
        }
    }
    for refresh in state.first..first {
        let record = refresh_record(view, refresh)?;
        let events = record.sizes.iter().map(super::records::Size::events).sum();
        if events > 0 {
            state.forgotten = Position { refresh, event: events };
        }
        view.remove(Table::Refreshes, &refresh.to_be_bytes())?;
    }
    state.first = first;
    forget_changes(view, state)
}

/// What changed is kept from when a segment that has its cause to tell was last calculated.
fn forget_changes(view: &mut Writing<'_, '_>, state: &State) -> Result<()> {
    let segments = view.segments(state)?.into_iter();
    let needed = segments.filter(|(_, record)| record.follows_data());
    let formed = needed.filter_map(|(_, record)| Some(record.formed?.refresh)).min();
    let end = formed.map_or(state.last, |formed| formed + 1).min(state.first);
    let mut old = Vec::new();
    view.range(Table::Changes, &[0; 8]..&end.to_be_bytes(), |key, _| {
        old.push(key.to_vec());
        Ok(true)
    })?;
    old.iter().try_for_each(|key| view.remove(Table::Changes, key))
}
