//! Whole numbers in the order of arrival, on their way into a snapshot.

use super::{
    Frame,
    column::{Offsets, Width},
};

/// Numbers in blocks, each in its narrowest form, so that rows take about as much room before a snapshot is laid out as
/// after.
#[derive(Clone, Default)]
pub(super) struct Packed {
    sealed: Vec<Frame>,
    /// What came after the sealed blocks.
    open: Vec<i64>,
}

/// The numbers of a sealed block.
pub(super) const BLOCK: usize = 1 << 16;

impl Packed {
    pub(super) fn len(&self) -> usize {
        self.sealed.len() * BLOCK + self.open.len()
    }

    pub(super) fn push(&mut self, number: i64) {
        self.seal_full();
        self.open.push(number);
    }

    /// Appends a placeholder, which does not make the block wider.
    pub(super) fn push_missing(&mut self) {
        self.push(self.open.last().copied().unwrap_or(0));
    }

    /// Appends the numbers that `fields` has, and a number near the others where it has none.
    #[cfg(feature = "arrow")]
    pub(super) fn extend(&mut self, mut fields: impl Iterator<Item = Option<i64>>) {
        // A placeholder must not make the block wider.
        let mut last = self.open.last().copied().unwrap_or(0);
        loop {
            self.seal_full();
            let room = BLOCK - self.open.len();
            if self.open.is_empty() && fields.size_hint().0 >= room {
                self.open.reserve_exact(room);
            }
            let before = self.open.len();
            self.open.extend(fields.by_ref().take(room).map(|field| {
                last = field.unwrap_or(last);
                last
            }));
            if self.open.len() - before < room {
                return;
            }
        }
    }

    /// Appends numbers of which none is missing.
    pub(super) fn extend_all(&mut self, mut numbers: impl ExactSizeIterator<Item = i64>) {
        while numbers.len() > 0 {
            self.seal_full();
            let room = (BLOCK - self.open.len()).min(numbers.len());
            self.open.reserve_exact(room);
            self.open.extend(numbers.by_ref().take(room));
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<i64> {
        match self.sealed.get(at / BLOCK) {
            Some(block) => block.get(at % BLOCK),
            None => self.open.get(at - self.sealed.len() * BLOCK).copied(),
        }
    }

    pub(super) fn truncate(&mut self, len: usize) {
        while self.sealed.len() * BLOCK > len
            && let Some(block) = self.sealed.pop()
        {
            self.open = block.to_vec();
        }
        self.open.truncate(len - self.sealed.len() * BLOCK);
    }

    /// The numbers of a block, from 0 up to [`Packed::blocks`].
    pub(super) fn block(&self, index: usize) -> Vec<i64> {
        self.sealed.get(index).map_or_else(|| self.open.clone(), Frame::to_vec)
    }

    pub(super) fn blocks(&self) -> usize {
        self.len().div_ceil(BLOCK)
    }

    /// All numbers in one frame; blocks are dropped on the way.
    pub(super) fn flatten(mut self) -> Frame {
        if self.sealed.is_empty() {
            return Frame::of(&self.open);
        }
        if !self.open.is_empty() {
            self.sealed.push(Frame::of(&self.open));
        }
        self.open = Vec::new();
        let ranges = self.sealed.iter().filter_map(|block| block.range);
        let range = ranges.reduce(|(min, max), (low, high)| (min.min(low), max.max(high)));
        let (min, max) = range.unwrap_or((0, 0));
        let (blocks, width) = (self.sealed, max.abs_diff(min));
        let len = blocks.iter().map(|block| block.offsets.len()).sum();
        let offsets = if width <= u8::MAX.into() {
            Offsets::U8(joined(blocks, len, min))
        } else if width <= u16::MAX.into() {
            Offsets::U16(joined(blocks, len, min))
        } else if width <= u32::MAX.into() {
            Offsets::U32(joined(blocks, len, min))
        } else {
            let offsets = Offsets::I64(joined(blocks, len, 0));
            return Frame { base: 0, unit: 1, offsets, range };
        };
        Frame { base: min, unit: 1, offsets, range }
    }

    fn seal_full(&mut self) {
        if self.open.len() >= BLOCK {
            self.sealed.push(Frame::of(&self.open));
            self.open.clear();
        }
    }
}

/// The numbers of all blocks as distances from `base`.
fn joined<T: Width>(blocks: Vec<Frame>, len: usize, base: i64) -> Vec<T> {
    let mut all = Vec::with_capacity(len);
    for block in blocks {
        let shift = block.base.wrapping_sub(base);
        match &block.offsets {
            Offsets::U8(offsets) => shifted(&mut all, offsets, shift),
            Offsets::U16(offsets) => shifted(&mut all, offsets, shift),
            Offsets::U32(offsets) => shifted(&mut all, offsets, shift),
            Offsets::I64(numbers) => shifted(&mut all, numbers, shift),
        }
    }
    all
}

fn shifted<T: Width, F: Width>(all: &mut Vec<T>, offsets: &[F], shift: i64) {
    all.extend(offsets.iter().map(|offset| T::narrow(offset.wide().wrapping_add(shift))));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn gives_back_what_it_was_given(
            runs in prop::collection::vec((any::<i64>(), 0_u32..40, 0_i64..65_536, any::<bool>()), 0..6),
            cut in 0_usize..6 * BLOCK,
        ) {
            let mut packed = Packed::default();
            let mut plain = Vec::new();
            for (start, bits, len, at_once) in runs {
                let numbers = (0..len).map(|at| start.wrapping_add((at * 7919) & ((1 << bits) - 1)));
                let numbers: Vec<i64> = numbers.collect();
                if at_once {
                    packed.extend_all(numbers.iter().copied());
                } else {
                    packed.extend(numbers.iter().copied().map(Some));
                }
                plain.extend(numbers);
            }
            let cut = cut.min(plain.len());
            plain.truncate(cut);
            packed.truncate(cut);
            packed.push(5);
            plain.push(5);
            prop_assert_eq!(packed.len(), plain.len());
            for at in [0, cut / 2, cut, cut + 1] {
                prop_assert_eq!(packed.get(at), plain.get(at).copied());
            }
            let blocks: Vec<i64> = (0..packed.blocks()).flat_map(|block| packed.block(block)).collect();
            prop_assert_eq!(&blocks, &plain);
            let flat = packed.flatten();
            prop_assert_eq!(flat.to_vec(), &plain[..]);
            prop_assert!(Frame::narrowest(&plain, 0, None) == Frame::new(plain.iter().copied().map(Some)));
        }

        #[test]
        fn the_narrowest_frame_is_that_of_the_numbers_one_by_one(
            fields in prop::collection::vec(prop::option::weighted(0.8, -300_i64..300), 0..40),
            unit in prop::sample::select(vec![1_i64, 7, 1_000, 1_000_000, 1 << 40, 1 << 54]),
            base in prop::sample::select(vec![0_i64, 5, -1 << 40]),
        ) {
            let numbers: Vec<i64> = fields.iter().map(|field| field.unwrap_or(0) * unit).collect();
            let presence: crate::snapshot::Bits = fields.iter().map(Option::is_some).collect();
            let whole = fields.iter().map(|field| field.map(|field| field * unit + base));
            prop_assert!(Frame::narrowest(&numbers, base, Some(&presence)) == Frame::new(whole));
        }
    }
}
