//! One file read from many places by many threads.

use std::{
    io::{self, Read, Seek, SeekFrom},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};

/// A file whose readers take turns; each knows its own place.
#[derive(Clone)]
pub(super) struct Shared {
    state: Arc<Mutex<State>>,
    len: u64,
}

struct State {
    file: Box<dyn Source>,
    /// The first error of the system.
    error: Option<io::Error>,
}

trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// The file from a place on.
pub(super) struct From {
    shared: Shared,
    place: u64,
    ahead: Vec<u8>,
    used: usize,
}

/// What is read ahead: more than the head of a page takes.
const AHEAD: usize = 512;

impl Shared {
    pub(super) fn new(mut file: impl Read + Seek + Send + 'static) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        let state = State { file: Box::new(file), error: None };
        Ok(Self { state: Arc::new(Mutex::new(state)), len })
    }

    /// The error of the system that ended the reading.
    pub(super) fn error(&self) -> Option<io::Error> {
        self.lock().error.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes from a place on; fewer at the end of the file.
    fn read(&self, place: u64, len: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.len.saturating_sub(place)).unwrap_or(usize::MAX);
        let mut state = self.lock();
        let mut bytes = vec![0; len.min(left)];
        let file = &mut state.file;
        let done = file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(&mut bytes));
        if let Err(error) = done {
            let kind = error.kind();
            state.error.get_or_insert(error);
            return Err(kind.into());
        }
        Ok(bytes)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Shared {
    type T = From;

    fn get_read(&self, start: u64) -> Result<From> {
        Ok(From { shared: self.clone(), place: start, ahead: Vec::new(), used: 0 })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<bytes::Bytes> {
        let bytes = self.read(start, length)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("the file ends before the data does".to_owned()));
        }
        Ok(bytes.into())
    }
}

impl Read for From {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.used == self.ahead.len() {
            self.ahead = self.shared.read(self.place, AHEAD.max(room.len()))?;
            self.used = 0;
            self.place = self.place.saturating_add(u64::try_from(self.ahead.len()).unwrap_or(0));
        }
        let mut rest = self.ahead.get(self.used..).unwrap_or(&[]);
        let count = rest.read(room)?;
        self.used += count;
        Ok(count)
    }
}
