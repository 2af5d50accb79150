//! Values of the customers, chunk by chunk, for whoever adds them up.

use roaring::RoaringBitmap;

use super::{
    bind::Bound, chunk::Run, kernels::set_bits, mask, predict::Predictions, rank, rows,
    vector::Data,
};
use crate::{
    calendar::Moment,
    plan::{Plan, ValueId},
    snapshot::Snapshot,
    value::Key,
    watch::{Cancelled, Unit, Watch, Work},
};

/// The customers of one chunk who exist, with their values.
pub(crate) struct Sheet<'r> {
    run: &'r Run<'r>,
    values: &'r [ValueId],
}

/// One value of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field<'a> {
    Bool(bool),
    /// An exact number at the scale of its type, a day or an instant.
    Exact(i128),
    Float(f64),
    Text(&'a str),
}

/// What `work` makes of each chunk, in their order. `predictions` must be of the same plan, snapshot and moment.
pub(crate) fn sheets<T: Send>(
    plan: &Plan,
    snapshot: &Snapshot,
    moment: Moment,
    values: &[ValueId],
    predictions: Predictions,
    watch: &Watch,
    work: impl Fn(&Sheet<'_>) -> T + Send + Sync,
) -> Result<Vec<T>, Cancelled> {
    let known = rank::settle_for(plan, snapshot, moment, values, predictions, watch)?;
    let bound = Bound::of_values(plan, snapshot, moment, values, &known);
    let count = snapshot.chunk_count();
    let steps = watch.begin(Work::Evaluating, Unit::Chunks, u64::try_from(count).ok())?;
    steps.in_parallel(count, |index| {
        let mut run = Run::new(&bound, snapshot.chunk(index));
        run.all();
        work(&Sheet { run: &run, values })
    })
}

impl Sheet<'_> {
    /// The rows of the chunk, of which some may be empty.
    pub(crate) fn rows(&self) -> usize {
        self.run.chunk.rows()
    }

    /// The customers who exist.
    pub(crate) fn existing(&self) -> RoaringBitmap {
        rows::to_bitmap(&self.run.exists, self.run.chunk.numbers())
    }

    /// Calls `with` for the row of each customer who exists.
    pub(crate) fn each(&self, with: impl FnMut(usize)) {
        set_bits(&self.run.exists, 0, self.rows()).for_each(with);
    }

    /// The same of those who are in a bitmap too.
    pub(crate) fn each_of(&self, members: &RoaringBitmap, with: impl FnMut(usize)) {
        let mut own = rows::of_bitmap(members, self.run.chunk.numbers());
        mask::and(&mut own, &self.run.exists);
        set_bits(&own, 0, self.rows()).for_each(with);
    }

    /// The key of the customer in a row.
    pub(crate) fn key(&self, row: usize) -> Option<Key> {
        self.run.chunk.key_at(row)
    }

    /// The value of this number that a row has.
    pub(crate) fn field(&self, value: usize, row: usize) -> Option<Field<'_>> {
        let vector = self.run.vector(*self.values.get(value)?)?;
        match &vector.data {
            Data::Bools(_) => vector.bool(row).map(Field::Bool),
            Data::Ints(_) | Data::Wide(_) => vector.exact(row).map(Field::Exact),
            Data::Floats(values) => {
                let value = values.get(row).filter(|_| vector.is_present(row));
                value.copied().map(Field::Float)
            }
            Data::Codes { .. } | Data::Texts(_) => vector.text(row).map(Field::Text),
        }
    }
}
