//! Some customers.

use roaring::RoaringBitmap;

/// For so few customers each is asked for.
const FEW: usize = 32;

/// The rows of some customers, ascending.
pub(crate) struct Touched {
    list: Vec<u32>,
    set: RoaringBitmap,
}

impl Touched {
    /// Nobody.
    pub(crate) fn nobody() -> Self {
        Self { list: Vec::new(), set: RoaringBitmap::new() }
    }

    pub(crate) fn one(row: u32) -> Self {
        Self::from(RoaringBitmap::from_iter([row]))
    }

    pub(crate) fn list(&self) -> &[u32] {
        &self.list
    }

    pub(crate) fn set(&self) -> &RoaringBitmap {
        &self.set
    }

    /// Those of them who are in the bitmap.
    pub(crate) fn among(&self, all: &RoaringBitmap) -> RoaringBitmap {
        if self.list.len() < FEW {
            return self.list.iter().copied().filter(|row| all.contains(*row)).collect();
        }
        all & &self.set
    }
}

impl From<RoaringBitmap> for Touched {
    fn from(set: RoaringBitmap) -> Self {
        Self { list: set.iter().collect(), set }
    }
}
