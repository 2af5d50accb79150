//! Bytes that are counted as they are read.

use std::{
    fs::File,
    io::{self, Read},
};

use crate::watch::{Cancelled, Steps, Unit, Watch, Work};

/// A reader that tells how much it has read, and that fails once it is cancelled.
pub(super) struct Watched<'a, R> {
    reader: R,
    steps: Steps<'a>,
}

impl<'a, R: Read> Watched<'a, R> {
    /// `len` is how many bytes there are, where that is known.
    pub(super) fn new(
        reader: R,
        len: Option<u64>,
        table: &'a str,
        watch: &'a Watch,
    ) -> Result<Self, Cancelled> {
        let steps = watch.begin(Work::Reading { table }, Unit::Bytes, len)?;
        Ok(Self { reader, steps })
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(room)?;
        self.steps.add(u64::try_from(count).unwrap_or(0)).map_err(io::Error::other)?;
        Ok(count)
    }
}

/// The length of a file; of a pipe or a device there is none.
pub(super) fn len_of(file: &File) -> Option<u64> {
    let metadata = file.metadata().ok()?;
    metadata.is_file().then_some(metadata.len())
}
