//! Functions of this process that hear of events.

use std::sync::{Mutex, PoisonError};

use super::{Event, Position, StoreReader};
use crate::error::Result;

/// So many events are read at a time.
const AT_ONCE: usize = 4_096;

type Observer = Box<dyn FnMut(&Event) + Send>;

/// Those who hear, each with the last event it has heard.
// Only one thread refreshes; the lock is there so that others may look at the store.
#[derive(Default)]
pub(super) struct Observers(Mutex<Vec<(Position, Observer)>>);

impl Observers {
    /// One who hears of what is to come.
    pub(super) fn add(&mut self, store: &StoreReader, observer: Observer) -> Result<()> {
        let last = store.read(|view| view.state())?.last;
        let all = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        all.push((Position::after(last), observer));
        Ok(())
    }

    /// Tells everyone what they have not heard.
    pub(super) fn tell(&mut self, store: &StoreReader) -> Result<()> {
        for (heard, observer) in self.0.get_mut().unwrap_or_else(PoisonError::into_inner) {
            loop {
                let events = store.events(*heard, AT_ONCE)?;
                for event in &events {
                    *heard = event.position;
                    observer(event);
                }
                if events.len() < AT_ONCE {
                    break;
                }
            }
        }
        Ok(())
    }
}
