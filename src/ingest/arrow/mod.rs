//! Record batches of Arrow.

mod decode;
mod kinds;
mod numbers;
mod sets;
mod texts;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};

pub(super) use decode::Decoder;
pub(super) use kinds::refuse;

use super::header::{Header, Source};
use crate::{
    error::{Error, Result},
    parallel::each_in_parallel,
    schema::{Schema, TableId},
    snapshot::{ColumnEnd, Origin, SnapshotBuilder, Spot, Writer},
    watch::{Unit, Work},
};

/// No row: what is wrong is wrong with all.
pub(super) const NO_ROW: Spot = Spot { line: 0, column: 1, end: 1 };

impl SnapshotBuilder {
    /// Adds the rows of a record batch to a table: data from DuckDB, Polars, DataFusion or a database driver, without a
    /// file between. Columns are found by name, in any order; one that the schema does not name is passed over.
    ///
    /// Which Arrow types are read as what is listed in [`docs::data`](crate::docs::data). Batches from another version of
    /// `arrow`, or from another language, come in through Arrow's C data interface: the program imports them, as with
    /// `arrow_array::ffi`, and hands over the record batch.
    ///
    /// # Errors
    ///
    /// A table that the schema does not have, and a reading that was cancelled. What is wrong with the data, a column of a type that cannot be read among
    /// it, is reported by [`SnapshotBuilder::build`], with the number of the row.
    pub fn arrow_batch(&mut self, table: &str, batch: &RecordBatch) -> Result<()> {
        self.arrow_batches(table, [Ok(batch.clone())])
    }

    /// Adds the rows of many record batches, as [`SnapshotBuilder::arrow_batch`] does of one. Their columns may come in
    /// another order from batch to batch, and their dictionaries may differ. Any `RecordBatchReader` will do.
    ///
    /// # Errors
    ///
    /// As for [`SnapshotBuilder::arrow_batch`]; a reading that was cancelled; and the first error among the batches; those before it are in then.
    pub fn arrow_batches(
        &mut self,
        table: &str,
        batches: impl IntoIterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<()> {
        let id = self.find_table(table)?;
        let schema = self.schema().clone();
        let mut plan: Option<Plan> = None;
        let watch = self.watched();
        let Ok(steps) = watch.begin(Work::Reading { table }, Unit::Rows, None) else {
            return Err(self.cancelled());
        };
        for batch in batches {
            let batch = batch.map_err(|error| {
                let message = format!("record batches for table `{table}`: {error}");
                Error::refused(message)
            })?;
            let mut writer = self.writer(id, Origin::Rows(table.into()));
            if plan.as_ref().is_none_or(|plan| plan.fields != batch.schema()) {
                match Plan::new(&schema, id, batch.schema(), table, &mut writer) {
                    Some(new) => plan = Some(new),
                    None => continue,
                }
            }
            if let Some(plan) = &mut plan {
                plan.read(&batch, &mut writer);
            }
            if steps.add(u64::try_from(batch.num_rows()).unwrap_or(0)).is_err() {
                return Err(self.cancelled());
            }
        }
        Ok(())
    }
}

/// How batches of one form are read.
struct Plan {
    fields: SchemaRef,
    sources: Vec<Source>,
    decoders: Vec<Decoder>,
}

impl Plan {
    fn new(
        schema: &Schema,
        id: TableId,
        fields: SchemaRef,
        name: &str,
        writer: &mut Writer<'_>,
    ) -> Option<Self> {
        let names: Vec<String> = fields.fields().iter().map(|field| field.name().clone()).collect();
        let header = Header { what: "the batch", name, names: &names, start: NO_ROW };
        let sources = header.sources(schema.table(id), |_| NO_ROW, writer)?;
        if refuse(schema, id, &sources, &fields, |_| NO_ROW, writer) {
            return None;
        }
        let decoders = schema.table(id).columns.iter().map(|column| Decoder::new(schema, column));
        Some(Self { fields, sources, decoders: decoders.collect() })
    }

    fn read(&mut self, batch: &RecordBatch, writer: &mut Writer<'_>) {
        let first = writer.next_number();
        let columns = writer.columns();
        let work: Vec<_> = self.decoders.iter_mut().zip(&self.sources).zip(columns).collect();
        let ends: Vec<ColumnEnd> = each_in_parallel(work, |((decoder, source), mut column)| {
            let array = |at: usize| batch.columns().get(at).map(AsRef::as_ref);
            match source {
                Source::Field(at) => {
                    if let Some(array) = array(*at) {
                        decoder.append(array, &mut column);
                    }
                }
                Source::Pair(latitude, longitude) => {
                    if let (Some(latitude), Some(longitude)) = (array(*latitude), array(*longitude))
                    {
                        decoder.append_pair(latitude, longitude, &mut column);
                    }
                }
            }
            column.end()
        });
        let spots = vec![1; ends.len()];
        writer.end_rows(ends, first, &spots);
    }
}
