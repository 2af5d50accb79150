//! Answers by row number.

use roaring::RoaringBitmap;

use super::super::{
    mask::{self, Mask},
    rows::{place, row_at},
};
use crate::{
    plan::ConditionId,
    snapshot::{CHUNK_ROWS, Rows, Snapshot},
};

/// What was found of all customers.
#[derive(Default)]
pub(in super::super) struct Answers {
    blocks: Vec<Block>,
}

/// Masks of one length, over rows that follow each other.
#[derive(Default)]
pub(in super::super) struct Block {
    words: usize,
    exists: Mask,
    /// By condition; `None` for those that are no leaves.
    conditions: Vec<Option<Mask>>,
    /// By segment; `None` for those that were not evaluated.
    segments: Vec<Option<Mask>>,
}

/// What a run found of the customers of one chunk.
#[derive(Default)]
pub(in super::super) struct Kept {
    pub(in super::super) exists: Mask,
    pub(in super::super) conditions: Vec<(ConditionId, Mask)>,
    pub(in super::super) segments: Vec<(usize, Mask)>,
}

impl Answers {
    /// What was found of the chunks of a snapshot, in their order.
    pub(in super::super) fn of_all(
        snapshot: &Snapshot,
        found: Vec<Option<Kept>>,
        (conditions, segments): (usize, usize),
    ) -> Self {
        let mut answers = Self::default();
        for (number, kept) in found.into_iter().enumerate() {
            let (chunk, Some(kept)) = (snapshot.chunk(number), kept) else { continue };
            match chunk.numbers() {
                Rows::From { .. } => {
                    answers.blocks.push(Block::of(kept, (conditions, segments)));
                }
                rows @ Rows::Listed(_) => answers.put(rows, &kept, chunk.live()),
            }
        }
        answers
    }

    pub(in super::super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(in super::super) fn block_mut(&mut self, number: usize) -> Option<&mut Block> {
        self.blocks.get_mut(number)
    }

    /// The rows of a block.
    pub(in super::super) fn rows(&self, number: usize) -> Rows {
        let first = row_at(number, 0);
        Rows::From { first, count: self.blocks.get(number).map_or(0, |block| block.words * 64) }
    }

    /// Whether the condition is known of everybody.
    pub(in super::super) fn holds(&self, id: ConditionId) -> bool {
        self.blocks.iter().all(|block| block.condition(id).is_some())
    }

    pub(in super::super) fn get(&self, id: ConditionId, row: u32) -> bool {
        let (number, local) = place(row);
        let mask = self.blocks.get(number).and_then(|block| block.condition(id));
        mask.is_some_and(|mask| mask::get(mask, local))
    }

    /// Whether a customer is a member; `None` where the segment was not evaluated.
    pub(in super::super) fn is_member(&self, segment: usize, row: u32) -> Option<bool> {
        let (number, local) = place(row);
        let members = self.blocks.get(number)?.segment(segment)?;
        Some(mask::get(members, local))
    }

    /// Turns an answer round.
    pub(in super::super) fn flip(&mut self, id: ConditionId, row: u32) {
        let (number, local) = place(row);
        let block = self.blocks.get_mut(number);
        let mask = block.and_then(|block| block.conditions.get_mut(id.0 as usize)?.as_mut());
        if let Some(word) = mask.and_then(|mask| mask.get_mut(local / 64)) {
            *word ^= 1 << (local % 64);
        }
    }

    /// These customers exist now.
    pub(in super::super) fn begin(&mut self, rows: &RoaringBitmap) {
        for row in rows {
            let (number, local) = place(row);
            if let Some(block) = self.blocks.get_mut(number) {
                mask::set(&mut block.exists, local);
            }
        }
    }

    /// These customers are no members and do not exist, until something else is put.
    pub(in super::super) fn end(&mut self, rows: &RoaringBitmap) {
        for row in rows {
            let (number, local) = place(row);
            let Some(block) = self.blocks.get_mut(number) else { continue };
            mask::clear(&mut block.exists, local);
            block.segments.iter_mut().flatten().for_each(|mask| mask::clear(mask, local));
        }
    }

    /// Takes over what was found of listed rows, of those that live there.
    //
    // PERF: mask by mask, because the rows of one mask lie near each other: 10,000 rows of about 550 masks take 17 ms;
    // row by row 33,000 took 122 ms.
    pub(in super::super) fn put(&mut self, rows: &Rows, kept: &Kept, live: Option<&[u64]>) {
        let listed = (0..rows.len()).filter(|at| live.is_none_or(|live| mask::get(live, *at)));
        let places: Vec<(u32, usize)> =
            listed.filter_map(|at| Some((rows.number(at)?, at))).collect();
        for of_block in places.chunk_by(|(one, _), (other, _)| place(*one).0 == place(*other).0) {
            let Some((number, last)) = of_block.last().map(|(row, _)| place(*row)) else {
                continue;
            };
            self.make_room(number, last);
            if let Some(block) = self.blocks.get_mut(number) {
                block.put(of_block, kept);
            }
        }
    }

    fn make_room(&mut self, number: usize, local: usize) {
        while self.blocks.len() <= number {
            let next = match self.blocks.first() {
                Some(like) => like.without_rows(),
                None => Block::default(),
            };
            self.blocks.push(next);
        }
        if let Some(block) = self.blocks.get_mut(number)
            && local / 64 >= block.words
        {
            block.grow((local / 64 + 1).next_multiple_of(16).min(CHUNK_ROWS / 64));
        }
    }
}

impl Block {
    fn of(kept: Kept, (conditions, segments): (usize, usize)) -> Self {
        let mut block = Self {
            words: kept.exists.len(),
            exists: kept.exists,
            conditions: (0..conditions).map(|_| None).collect(),
            segments: (0..segments).map(|_| None).collect(),
        };
        for (id, mask) in kept.conditions {
            if let Some(slot) = block.conditions.get_mut(id.0 as usize) {
                *slot = Some(mask);
            }
        }
        for (number, mask) in kept.segments {
            if let Some(slot) = block.segments.get_mut(number) {
                *slot = Some(mask);
            }
        }
        block
    }

    fn without_rows(&self) -> Self {
        let like = |masks: &[Option<Mask>]| -> Vec<Option<Mask>> {
            masks.iter().map(|mask| mask.as_ref().map(|_| Mask::new())).collect()
        };
        Self {
            words: 0,
            exists: Mask::new(),
            conditions: like(&self.conditions),
            segments: like(&self.segments),
        }
    }

    fn grow(&mut self, words: usize) {
        self.words = words;
        let masks = self.conditions.iter_mut().chain(&mut self.segments).flatten();
        masks.chain([&mut self.exists]).for_each(|mask| mask.resize(words));
    }

    /// Takes over what was found at these places, which belong to these rows.
    fn put(&mut self, places: &[(u32, usize)], kept: &Kept) {
        put(&mut self.exists, places, &kept.exists);
        let conditions = kept.conditions.iter().map(|(id, mask)| (id.0 as usize, mask));
        put_all(&mut self.conditions, conditions, self.words, places);
        let segments = kept.segments.iter().map(|(number, mask)| (*number, mask));
        put_all(&mut self.segments, segments, self.words, places);
    }

    pub(in super::super) fn exists(&self) -> &Mask {
        &self.exists
    }

    pub(in super::super) fn condition(&self, id: ConditionId) -> Option<&Mask> {
        self.conditions.get(id.0 as usize)?.as_ref()
    }

    pub(in super::super) fn segment(&self, number: usize) -> Option<&Mask> {
        self.segments.get(number)?.as_ref()
    }

    /// Takes over the members of a segment.
    pub(in super::super) fn set_segment(&mut self, number: usize, members: Mask) {
        if self.segments.len() <= number {
            self.segments.resize(number + 1, None);
        }
        if let Some(slot) = self.segments.get_mut(number) {
            *slot = Some(members);
        }
    }
}

fn put_all<'k>(
    masks: &mut Vec<Option<Mask>>,
    found: impl Iterator<Item = (usize, &'k Mask)>,
    words: usize,
    places: &[(u32, usize)],
) {
    for (number, from) in found {
        if masks.len() <= number {
            masks.resize(number + 1, None);
        }
        if let Some(slot) = masks.get_mut(number) {
            let mask = slot.get_or_insert_with(|| mask::zeros(words * 64));
            put(mask, places, from);
        }
    }
}

fn put(mask: &mut [u64], places: &[(u32, usize)], from: &[u64]) {
    for (row, at) in places {
        let (_, local) = place(*row);
        let answer = u64::from(mask::get(from, *at));
        if let Some(word) = mask.get_mut(local / 64) {
            *word = *word & !(1 << (local % 64)) | answer << (local % 64);
        }
    }
}
