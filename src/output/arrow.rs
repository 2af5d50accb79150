//! Members as Arrow arrays.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, DictionaryArray, Int32Array, Int64Array, LargeStringArray, RecordBatch,
    RecordBatchIterator, RecordBatchReader, StringArray,
};
use arrow_schema::{ArrowError, DataType, Field, Schema as Fields, SchemaRef};
use roaring::RoaringBitmap;

use crate::{
    engine::Engine,
    segment::{Evaluation, Members},
    snapshot::Snapshot,
};

/// The members of one batch at most.
const ROWS: usize = 1 << 16;
/// The bytes of text of one batch: offsets of `Utf8` have 31 bits.
const BYTES: usize = 1 << 30;

impl Members<'_> {
    /// Their keys, ascending: `Int64` or `Utf8` as the key column is, `LargeUtf8` where the texts are more than 1 GiB.
    pub fn arrow_keys(&self) -> ArrayRef {
        match sorted(self.bitmap(), self.snapshot()) {
            Keys::Ints(keys) => Arc::new(Int64Array::from(keys)),
            Keys::Texts(keys) if keys.iter().map(|key| key.len()).sum::<usize>() > BYTES => {
                Arc::new(LargeStringArray::from_iter_values(keys))
            }
            Keys::Texts(keys) => Arc::new(StringArray::from_iter_values(keys)),
        }
    }
}

impl Evaluation {
    /// Who is in which segment, as record batches of two columns: `segment`, a dictionary of `Utf8`, and `key`, `Int64` or
    /// `Utf8` as the key column is. Segments come in the order of the rules, keys ascending; a batch is of one segment and
    /// has at most 65,536 rows, made when it is asked for. A segment without members has no batch.
    pub fn arrow_members(&self) -> impl RecordBatchReader + use<'_> {
        let snapshot = self.snapshot();
        batches(snapshot, self.segments().map(|(name, rows)| (name.to_owned(), rows)))
    }
}

impl Engine {
    /// Who was in which segment at the last refresh, as [`Evaluation::arrow_members`] has it.
    pub fn arrow_members(&self) -> impl RecordBatchReader + use<'_> {
        let names = self.rules().segments().map(|segment| segment.name().to_owned());
        let segments = names.filter_map(|name| self.members(&name).map(|rows| (name, rows)));
        batches(self.snapshot(), segments)
    }
}

/// The keys of some rows, ascending.
enum Keys<'a> {
    Ints(Vec<i64>),
    Texts(Vec<&'a str>),
}

fn sorted<'a>(rows: &RoaringBitmap, snapshot: &'a Snapshot) -> Keys<'a> {
    if snapshot.has_int_keys() {
        let mut keys: Vec<i64> = rows.iter().filter_map(|row| snapshot.int_key(row)).collect();
        keys.sort_unstable();
        Keys::Ints(keys)
    } else {
        let mut keys: Vec<&str> = rows.iter().filter_map(|row| snapshot.text_key(row)).collect();
        keys.sort_unstable();
        Keys::Texts(keys)
    }
}

impl Keys<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Ints(keys) => keys.len(),
            Self::Texts(keys) => keys.len(),
        }
    }

    /// The keys of one batch from `start` on.
    fn batch(&self, start: usize) -> ArrayRef {
        match self {
            Self::Ints(keys) => {
                let keys = keys.iter().skip(start).take(ROWS).copied();
                Arc::new(Int64Array::from_iter_values(keys))
            }
            Self::Texts(keys) => {
                let mut bytes = 0_usize;
                let keys =
                    keys.iter().skip(start).take(ROWS).enumerate().take_while(|(at, key)| {
                        bytes = bytes.saturating_add(key.len());
                        *at == 0 || bytes <= BYTES
                    });
                Arc::new(StringArray::from_iter_values(keys.map(|(_, key)| key)))
            }
        }
    }
}

fn batches<'a>(
    snapshot: &'a Snapshot,
    segments: impl Iterator<Item = (String, &'a RoaringBitmap)>,
) -> impl RecordBatchReader {
    let key = if snapshot.has_int_keys() { DataType::Int64 } else { DataType::Utf8 };
    let name = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let fields = [Field::new("segment", name, false), Field::new("key", key, false)];
    let schema: SchemaRef = Arc::new(Fields::new(fields.to_vec()));
    let fields = Arc::clone(&schema);
    let all = segments.flat_map(move |(name, rows)| {
        let keys = sorted(rows, snapshot);
        let names: ArrayRef = Arc::new(StringArray::from_iter_values([name]));
        let fields = Arc::clone(&fields);
        let mut start = 0;
        std::iter::from_fn(move || {
            if start >= keys.len() {
                return None;
            }
            let keys = keys.batch(start);
            start += keys.len();
            Some(batch(&fields, &names, keys))
        })
    });
    RecordBatchIterator::new(all, schema)
}

fn batch(fields: &SchemaRef, names: &ArrayRef, keys: ArrayRef) -> Result<RecordBatch, ArrowError> {
    let numbers = Int32Array::from_iter_values(std::iter::repeat_n(0, keys.len()));
    let names = DictionaryArray::try_new(numbers, Arc::clone(names))?;
    RecordBatch::try_new(Arc::clone(fields), vec![Arc::new(names), keys])
}
