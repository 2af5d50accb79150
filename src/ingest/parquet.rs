//! Tables from `.parquet`.

mod reader;

use std::{
    collections::BTreeSet,
    fs::File,
    io::{Read, Seek},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema as Fields};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    basic::Compression,
    file::metadata::{PageIndexPolicy, ParquetMetaData},
};

use self::reader::Shared;
use super::{
    arrow::{Decoder, NO_ROW, refuse},
    header::{Header, Source},
};
use crate::{
    diagnostic::Code,
    error::{Error, Result},
    parallel::each_in_parallel,
    schema::{Schema, TableId},
    snapshot::{ColumnEnd, ColumnWriter, Origin, SnapshotBuilder, Writer},
    watch::{Steps, Unit, Watch, Work},
};

/// Rows that are decoded at a time.
const BATCH: usize = 1 << 16;

/// Why a file cannot be read to its end.
struct Stop {
    message: String,
    help: Option<String>,
}

impl SnapshotBuilder {
    /// Adds the rows of a Parquet file to a table. Columns are found by name, in any order; those that the schema does not
    /// name are passed over unread. Files compressed with Snappy, gzip, LZ4 and Zstandard are read, and uncompressed ones.
    ///
    /// Which types are read as which is listed in [`docs::data`](crate::docs::data). Columns are decoded side by side with
    /// the feature `parallel`, each a part at a time, so that a file takes little more memory than its rows in the
    /// snapshot.
    ///
    /// # Errors
    ///
    /// A table that the schema does not have, a file that cannot be opened or read ([`Error::is_io`]), and a reading that
    /// was cancelled. What is wrong with the data, a damaged file among it ([`Error::is_corrupt`]), is reported by [`SnapshotBuilder::build`], with
    /// file, row and column.
    pub fn parquet_file(&mut self, table: &str, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let table = self.find_table(table)?;
        let file = File::open(path).map_err(|error| Error::io(name.as_str(), error))?;
        self.parquet(table, &name, file)
    }

    /// Adds rows as [`SnapshotBuilder::parquet_file`] does, from any source that can be read from any place, such as a
    /// `std::io::Cursor` over bytes. Errors call it by `name`.
    ///
    /// # Errors
    ///
    /// As for [`SnapshotBuilder::parquet_file`].
    pub fn parquet_reader(
        &mut self,
        table: &str,
        name: &str,
        reader: impl Read + Seek + Send + 'static,
    ) -> Result<()> {
        let table = self.find_table(table)?;
        self.parquet(table, name, reader)
    }

    fn parquet(
        &mut self,
        id: TableId,
        name: &str,
        reader: impl Read + Seek + Send + 'static,
    ) -> Result<()> {
        let (schema, watch) = (self.schema().clone(), self.watched());
        let shared = Shared::new(reader).map_err(|error| Error::io(name, error))?;
        let mut writer = self.writer(id, Origin::Table(name.into()));
        let read = unharmed(|| read(&schema, id, name, &shared, &mut writer, &watch));
        if let Err(stop) = read.and_then(|read| read) {
            writer.take_back_all();
            if watch.check().is_err() {
                return Err(self.cancelled());
            }
            if let Some(error) = shared.error() {
                return Err(Error::io(name, error));
            }
            writer.fault(Code::UnreadableData, NO_ROW, stop.message, stop.help);
        }
        Ok(())
    }
}

/// The crate `parquet` checks much of what it reads, not all: some damage makes it panic. It keeps no state between files,
/// and the rows that it was giving are taken back, so nothing that was harmed is seen again.
fn unharmed<T>(work: impl FnOnce() -> T) -> Result<T, Stop> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| Stop::damaged())
}

impl Stop {
    fn damaged() -> Self {
        let message = "the file is damaged, cut off or no Parquet file".to_owned();
        Self { message, help: None }
    }
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(_: E) -> Self {
        // What the error says may hold values.
        Self::damaged()
    }
}

/// One column of the table, and where its fields are in the file.
struct Task<'a> {
    source: Source,
    decoder: Decoder,
    to: ColumnWriter<'a>,
}

fn read(
    schema: &Schema,
    id: TableId,
    name: &str,
    shared: &Shared,
    writer: &mut Writer<'_>,
    watch: &Watch,
) -> Result<(), Stop> {
    let table = schema.table(id);
    let options = || ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Skip);
    // What Arrow wrote about its types says more than the file's own types, but may contradict them.
    let metadata = ArrowReaderMetadata::load(shared, options())
        .or_else(|_| ArrowReaderMetadata::load(shared, options().with_skip_arrow_metadata(true)))?;
    let fields = metadata.schema().clone();
    let names: Vec<String> = fields.fields().iter().map(|field| field.name().clone()).collect();
    let header = Header { what: "the file", name, names: &names, start: NO_ROW };
    let Some(sources) = header.sources(table, |_| NO_ROW, writer) else { return Ok(()) };
    if refuse(schema, id, &sources, &fields, |_| NO_ROW, writer) {
        return Ok(());
    }
    let used: BTreeSet<usize> = sources.iter().flat_map(|source| source.fields()).collect();
    refuse_codecs(metadata.metadata(), &used)?;
    let hinted = with_dictionaries(&fields, metadata.metadata());
    let hinted = ArrowReaderMetadata::try_new(
        Arc::clone(metadata.metadata()),
        options().with_schema(Arc::new(hinted)),
    );
    let metadata = hinted.unwrap_or(metadata);
    let spots: Vec<usize> =
        sources.iter().map(|source| source.fields().next().map_or(1, |at| at + 1)).collect();
    let columns = writer.columns().into_iter().zip(sources).zip(&table.columns);
    let tasks = columns.map(|((to, source), column)| {
        let decoder = Decoder::new(schema, column);
        Task { source, decoder, to }
    });
    let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).ok();
    let steps = watch.begin(Work::Reading { table: &table.name }, Unit::Rows, rows)?;
    let steps = steps.in_parts(u64::try_from(table.columns.len()).unwrap_or(1));
    let ends = each_in_parallel(tasks.collect(), |task| {
        unharmed(|| task.run(&metadata, shared, &steps)).and_then(|end| end)
    });
    let ends: Result<Vec<ColumnEnd>, Stop> = ends.into_iter().collect();
    writer.end_rows(ends?, 1, &spots);
    Ok(())
}

impl Source {
    fn fields(self) -> impl Iterator<Item = usize> {
        let (first, second) = match self {
            Self::Field(at) => (at, None),
            Self::Pair(latitude, longitude) => (latitude, Some(longitude)),
        };
        std::iter::once(first).chain(second)
    }
}

impl Task<'_> {
    /// Decodes the column to its end.
    fn run(
        mut self,
        metadata: &ArrowReaderMetadata,
        shared: &Shared,
        steps: &Steps<'_>,
    ) -> Result<ColumnEnd, Stop> {
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(shared.clone(), metadata.clone());
        let mask = ProjectionMask::roots(metadata.parquet_schema(), self.source.fields());
        let batches = builder.with_projection(mask).with_batch_size(BATCH).build()?;
        for batch in batches {
            let batch = batch?;
            self.append(&batch)?;
            steps.add(u64::try_from(batch.num_rows()).unwrap_or(0))?;
        }
        Ok(self.to.end())
    }

    fn append(&mut self, batch: &RecordBatch) -> Result<(), Stop> {
        // The columns of the batch stand in the order of the file.
        match (self.source, batch.columns()) {
            (Source::Field(_), [array]) => self.decoder.append(array, &mut self.to),
            (Source::Pair(latitude, longitude), [first, second]) => {
                let (first, second) =
                    if latitude < longitude { (first, second) } else { (second, first) };
                self.decoder.append_pair(first, second, &mut self.to);
            }
            _ => return Err(Stop::damaged()),
        }
        Ok(())
    }
}

fn refuse_codecs(metadata: &ParquetMetaData, used: &BTreeSet<usize>) -> Result<(), Stop> {
    let tree = metadata.file_metadata().schema_descr();
    for group in metadata.row_groups() {
        for (leaf, column) in group.columns().iter().enumerate() {
            let name = match column.compression() {
                Compression::BROTLI(_) => "Brotli",
                Compression::LZO => "LZO",
                _ => continue,
            };
            if leaf < tree.num_columns() && used.contains(&tree.get_column_root_idx(leaf)) {
                let message = format!("the file is compressed with {name}, which is not read");
                let help = "compress it with Snappy, gzip, LZ4 or Zstandard".to_owned();
                return Err(Stop { message, help: Some(help) });
            }
        }
    }
    Ok(())
}

/// The same fields, but strings that are stored as numbers of a dictionary are to stay so.
// PERF: each string of a dictionary is looked up once, instead of once a row.
fn with_dictionaries(fields: &Fields, metadata: &ParquetMetaData) -> Fields {
    let tree = metadata.file_metadata().schema_descr();
    let mut listed = BTreeSet::new();
    if let Some(group) = metadata.row_groups().first() {
        for (leaf, column) in group.columns().iter().enumerate() {
            if leaf < tree.num_columns() && column.dictionary_page_offset().is_some() {
                listed.insert(tree.get_column_root_idx(leaf));
            }
        }
    }
    let listed = |(at, field): (usize, &Arc<Field>)| {
        if listed.contains(&at) { Arc::new(as_dictionary(field)) } else { Arc::clone(field) }
    };
    let all: Vec<Arc<Field>> = fields.fields().iter().enumerate().map(listed).collect();
    Fields::new_with_metadata(all, fields.metadata().clone())
}

fn as_dictionary(field: &Field) -> Field {
    let ty = match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into())
        }
        DataType::List(element) => DataType::List(Arc::new(as_dictionary(element))),
        DataType::LargeList(element) => DataType::LargeList(Arc::new(as_dictionary(element))),
        other => other.clone(),
    };
    field.clone().with_data_type(ty)
}
