//! Which row goes where: keys, customers of child rows, and the order of child rows.
#![expect(
    clippy::indexing_slicing,
    reason = "row numbers are those of staged rows and of the tables' keys"
)]

use super::{
    CHUNK_ROWS, Links, NONE,
    findings::Findings,
    index,
    keys::Keys,
    packed::{BLOCK, Packed},
    stage::Stage,
};
use crate::{
    diagnostic::Code,
    parallel::{each_in_parallel, fill_in_parallel, in_parallel},
    value::Key,
};

/// The rows of a table with keys.
pub(super) struct Placed {
    /// By row: the staged row; `NONE` where the row is empty.
    pub(super) rows: Vec<u32>,
}

/// The rows of a child table.
pub(super) struct Linked {
    /// The staged rows, rejected ones included.
    rows: usize,
    /// By staged row: the customer's row; `NONE` for a rejected row. Empty once the rows have their order.
    pub(super) owners: Vec<u32>,
    /// By staged row: the staged row of the parent table; empty where the parent is the customer.
    pub(super) parents: Vec<u32>,
    /// The staged rows in their order.
    pub(super) order: Vec<u32>,
    /// By the customer's row, and one more: where its rows start in `order`.
    pub(super) starts: Vec<u32>,
}

/// Gives each staged row the row of its key; a key that comes again is rejected. Of a child table only rows with an
/// owner take part, and rejected ones lose theirs.
pub(super) fn place(
    stage: &mut Stage,
    keys: &mut Keys,
    findings: &mut Findings,
    name: &str,
    mut owners: Option<&mut [u32]>,
) -> Placed {
    let mut rows = vec![NONE; keys.len()];
    for staged in 0..stage.rows {
        if owners.as_ref().is_some_and(|owners| owners[staged] == NONE) {
            continue;
        }
        let row = match stage.key_text(staged) {
            Some(key) => keys.intern_text(key),
            None => stage.key_number(staged).and_then(|key| keys.intern_int(key)),
        };
        let Some(row) = row.map(index) else {
            let message = format!("table `{name}` has no room for more keys");
            stage.reject(findings, staged, true, (Code::TooManyRows, message, None));
            disown(owners.as_deref_mut(), staged);
            continue;
        };
        if row >= rows.len() {
            rows.resize(row + 1, NONE);
        }
        if rows[row] == NONE {
            rows[row] = u32::try_from(staged).unwrap_or(NONE);
            continue;
        }
        let message = format!("an earlier row of table `{name}` has this key");
        let help = stage.describe(index(rows[row]));
        stage.reject(findings, staged, true, (Code::DuplicateKey, message, help));
        disown(owners.as_deref_mut(), staged);
    }
    Placed { rows }
}

fn disown(owners: Option<&mut [u32]>, staged: usize) {
    if let Some(owners) = owners {
        owners[staged] = NONE;
    }
}

impl Placed {
    pub(super) fn is_live(&self, row: u32) -> bool {
        self.rows.get(index(row)).is_some_and(|staged| *staged != NONE)
    }

    pub(super) fn count(&self) -> u64 {
        self.rows.iter().fold(0, |count, staged| count + u64::from(*staged != NONE))
    }
}

/// What a child's link must find: the keys of the customers or of the parent table.
pub(super) struct Target<'a> {
    pub(super) name: &'a str,
    pub(super) keys: &'a Keys,
    pub(super) placed: &'a Placed,
    /// The customers' rows by staged row, where the target is a child table itself.
    pub(super) owners: Option<&'a [u32]>,
    /// Whether a key is missing only because its row is an error itself.
    pub(super) is_lost: &'a dyn Fn(Option<&Key>) -> bool,
}

/// Finds the customer of each staged row. A row without one is rejected, and reported unless its customer or parent
/// already is.
pub(super) fn link(stage: &mut Stage, target: &Target<'_>, findings: &mut Findings) -> Linked {
    let mut owners = rows_named(stage, target);
    let mut parents = Vec::new();
    if let Some(of) = target.owners {
        parents = owners;
        let parent = |row: &u32| if *row == NONE { NONE } else { target.placed.rows[index(*row)] };
        parents.iter_mut().for_each(|row| *row = parent(row));
        let owner = |parent: &u32| if *parent == NONE { NONE } else { of[index(*parent)] };
        owners = parents.iter().map(owner).collect();
    }
    let without = owners.iter().enumerate().filter(|(_, owner)| **owner == NONE);
    for (staged, _) in without {
        if !findings.lenient {
            stage.lost.extend(stage.key_at(staged));
            if (target.is_lost)(stage.link_at(staged).as_ref()) {
                stage.rejected += 1;
                continue;
            }
        }
        let message = format!("no row of table `{}` has this key", target.name);
        stage.reject(findings, staged, false, (Code::OrphanRow, message, None));
    }
    Linked { rows: owners.len(), owners, parents, order: Vec::new(), starts: Vec::new() }
}

/// By staged row: the row of the customer or parent that it names, `NONE` where there is none.
fn rows_named(stage: &Stage, target: &Target<'_>) -> Vec<u32> {
    let mut rows = vec![NONE; stage.rows];
    let Some((links, texts)) = stage.links() else { return rows };
    match texts {
        Some(texts) => {
            // PERF: each different text is looked up once, not once a row.
            let live = |row: &u32| target.placed.is_live(*row);
            let row = |key| target.keys.find_text(key).filter(live).unwrap_or(NONE);
            let by_code: Vec<u32> = texts.iter().map(row).collect();
            let find =
                |code| usize::try_from(code).ok().and_then(|code| by_code.get(code).copied());
            fill(&mut rows, links, find);
        }
        None => {
            let finder = Finder::new(target.keys, target.placed);
            fill(&mut rows, links, |key| finder.find(key));
        }
    }
    rows
}

/// INVARIANT: every staged row has a link.
fn fill(rows: &mut [u32], links: &Packed, find: impl Fn(i64) -> Option<u32> + Sync + Send) {
    fill_in_parallel(rows, BLOCK, |number, rows| {
        for (row, link) in rows.iter_mut().zip(links.block(number)) {
            *row = find(link).unwrap_or(NONE);
        }
    });
}

/// Finds rows by whole-numbered keys, many at a time.
pub(super) struct Finder<'a> {
    keys: &'a Keys,
    placed: &'a Placed,
    /// Where keys are not far apart.
    direct: Option<Direct>,
}

/// A bit for each number from the least key to the greatest.
// PERF: a million keys, every seventh number one, take 2 MB instead of the 28 MB of a table of rows, and are found in the
// cache.
struct Direct {
    least: i64,
    /// The bits of 64 numbers, and how many are set before them.
    words: Vec<(u64, u32)>,
    /// By the number of keys below: the row; empty where they are the same.
    rows: Vec<u32>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(keys: &'a Keys, placed: &'a Placed) -> Self {
        Self { keys, placed, direct: Direct::new(&keys.ints(), placed) }
    }

    pub(super) fn find(&self, key: i64) -> Option<u32> {
        match &self.direct {
            Some(direct) => direct.find(key),
            None => self.keys.find_int(key).filter(|row| self.placed.is_live(*row)),
        }
    }
}

impl Direct {
    /// How many numbers there may be for each key.
    const SPREAD: usize = 64;

    fn new(keys: &[i64], placed: &Placed) -> Option<Self> {
        let (least, greatest) = keys.iter().min().copied().zip(keys.iter().max().copied())?;
        let width = usize::try_from(greatest.abs_diff(least)).ok()?;
        if width / Self::SPREAD > keys.len() {
            return None;
        }
        let mut words = vec![(0_u64, 0_u32); width / 64 + 1];
        let place = |key: i64| usize::try_from(key.abs_diff(least)).unwrap_or(0);
        let live = || keys.iter().zip(0..).filter(|(_, row)| placed.is_live(*row));
        for (key, _) in live() {
            words[place(*key) / 64].0 |= 1 << (place(*key) % 64);
        }
        let mut sum = 0;
        for (bits, before) in &mut words {
            *before = sum;
            sum += bits.count_ones();
        }
        let mut direct = Self { least, words, rows: Vec::new() };
        if live().any(|(key, row)| direct.below(*key) != Some(row)) {
            let mut rows = vec![NONE; index(sum)];
            for (key, row) in live() {
                if let Some(below) = direct.below(*key) {
                    rows[index(below)] = row;
                }
            }
            direct.rows = rows;
        }
        Some(direct)
    }

    /// How many keys are below this one; `None` where it is none.
    fn below(&self, key: i64) -> Option<u32> {
        let place = usize::try_from(key.checked_sub(self.least)?).ok()?;
        let (bits, before) = self.words.get(place / 64)?;
        let bit = 1_u64 << (place % 64);
        (bits & bit != 0).then(|| before + (bits & (bit - 1)).count_ones())
    }

    fn find(&self, key: i64) -> Option<u32> {
        let below = self.below(key)?;
        if self.rows.is_empty() { Some(below) } else { self.rows.get(index(below)).copied() }
    }
}

impl Linked {
    /// The staged rows of a chunk in their order.
    pub(super) fn chunk(&self, chunk: usize) -> &[u32] {
        let (first, last) = self.bounds(chunk);
        &self.order[index(self.starts[first])..index(self.starts[last])]
    }

    /// For each row of a chunk, what belongs to its customer.
    pub(super) fn repeated(&self, chunk: usize, of: &[i64]) -> Vec<i64> {
        let (first, last) = self.bounds(chunk);
        let mut all = Vec::with_capacity(self.chunk(chunk).len());
        for (customer, what) in of.iter().enumerate().take(last).skip(first) {
            let rows = self.starts[customer + 1] - self.starts[customer];
            all.resize(all.len() + index(rows), *what);
        }
        all
    }

    /// The customers' rows of a chunk; the last is exclusive.
    fn bounds(&self, chunk: usize) -> (usize, usize) {
        let first = chunk * CHUNK_ROWS;
        (first, (first + CHUNK_ROWS).min(self.starts.len() - 1))
    }

    /// How the rows of a chunk hang together; `parent` is the parent table with the places of its staged rows.
    pub(super) fn links(&self, chunk: usize, parent: Option<(&Linked, &[u32])>) -> Links {
        let (first, last) = self.bounds(chunk);
        let start = self.starts[first];
        let offsets = self.starts[first..=last].iter().map(|offset| offset - start).collect();
        let parents = parent.map_or_else(Vec::new, |(parent, places)| {
            let start = parent.starts[first];
            let rows = self.chunk(chunk).iter();
            rows.map(|staged| places[index(self.parents[index(*staged)])] - start).collect()
        });
        Links { offsets, parents }
    }

    /// By staged row: its place in the order.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut places = vec![NONE; self.rows];
        for (staged, place) in self.order.iter().zip(0_u32..) {
            places[index(*staged)] = place;
        }
        places
    }
}

/// Staged rows, given their customers, by customer, then time (missing first), then arrival; and where each customer's
/// start. Rows that came in the order of time keep it.
// PERF: first to the chunks, then to the customers of each, all chunks side by side: no step writes further apart than
// the cache reaches. 1,000,000 customers with 18.8 million rows in three tables, two threads: `build` takes 1.38 s of
// processor time instead of 1.63 s, together with what is gained in `Bits` and `Frame`; the whole load from Parquet
// 2.54 s instead of 2.90 s.
pub(super) fn sorted(
    mut owners: Vec<u32>,
    customers: usize,
    came_in_order: bool,
    time: impl Fn(usize) -> Option<i64> + Sync + Send,
) -> (Vec<u32>, Vec<u32>) {
    let chunks = customers.div_ceil(CHUNK_ROWS);
    let blocks: Vec<&[u32]> = owners.chunks(BLOCK).collect();
    let ends = in_parallel(blocks.len(), |number| ends_of(blocks[number], chunks));
    fill_in_parallel(&mut owners, BLOCK, |number, block| by_chunk(block, &ends[number]));
    let parts = Parts { rows: owners, ends };
    let sizes: Vec<usize> = (0..chunks).map(|chunk| parts.len_of_chunk(chunk)).collect();
    let mut order = vec![0; sizes.iter().sum()];
    let mut starts = vec![0; customers + 1];
    let mut work = Vec::with_capacity(chunks);
    let (mut rest, mut first) = (order.as_mut_slice(), 0);
    let (own, end) = starts.split_at_mut(customers);
    for (chunk, starts) in own.chunks_mut(CHUNK_ROWS).enumerate() {
        let order;
        (order, rest) = rest.split_at_mut(sizes[chunk]);
        work.push((chunk, first, order, starts));
        first += u32::try_from(sizes[chunk]).unwrap_or(NONE);
    }
    end[0] = first;
    each_in_parallel(work, |(chunk, first, order, starts)| {
        by_customer(parts.of_chunk(chunk), order, starts);
        if !came_in_order {
            let ends = starts.iter().skip(1).map(|end| index(*end)).chain([order.len()]);
            for (start, end) in starts.iter().map(|start| index(*start)).zip(ends) {
                if start + 1 < end {
                    order[start..end].sort_by_key(|staged| time(index(*staged)));
                }
            }
        }
        starts.iter_mut().for_each(|start| *start += first);
    });
    (order, starts)
}

/// Staged rows in blocks, and in each by the chunk of their customers.
struct Parts {
    /// The customer within the chunk in the upper half, the row within the block in the lower.
    rows: Vec<u32>,
    /// By block: where the rows of each chunk end. What lies behind them has no customer.
    ends: Vec<Vec<usize>>,
}

// A row within a block, and a customer within a chunk, take half a number.
const _: () = assert!(BLOCK == 1 << 16 && CHUNK_ROWS == 1 << 16);

impl Parts {
    fn len_of_chunk(&self, chunk: usize) -> usize {
        let start = |ends: &[usize]| chunk.checked_sub(1).map_or(0, |before| ends[before]);
        self.ends.iter().map(|ends| ends[chunk] - start(ends)).sum()
    }

    /// The staged rows of a chunk in the order of arrival, with their customers within the chunk.
    fn of_chunk(&self, chunk: usize) -> impl Iterator<Item = (usize, u32)> + Clone {
        let blocks = self.rows.chunks(BLOCK).zip(&self.ends).zip((0_u32..).step_by(BLOCK));
        blocks.flat_map(move |((rows, ends), first)| {
            let start = chunk.checked_sub(1).map_or(0, |before| ends[before]);
            let rows = rows[start..ends[chunk]].iter();
            rows.map(move |row| (index(row >> 16), first + (row & 0xFFFF)))
        })
    }
}

/// Where the rows of each chunk end, once they lie by chunk.
fn ends_of(owners: &[u32], chunks: usize) -> Vec<usize> {
    let mut ends = vec![0; chunks];
    for owner in owners.iter().filter(|owner| **owner != NONE) {
        ends[index(*owner) / CHUNK_ROWS] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    ends
}

/// Puts the rows of a block, given by their customers, in the order of the chunks.
fn by_chunk(block: &mut [u32], ends: &[usize]) {
    let owners = block.to_vec();
    let mut next: Vec<usize> = [0].into_iter().chain(ends.iter().copied()).collect();
    for (owner, row) in owners.into_iter().zip(0_u32..) {
        if owner != NONE {
            let place = &mut next[index(owner) / CHUNK_ROWS];
            // The shift leaves the customer's place in the chunk.
            block[*place] = owner << 16 | row;
            *place += 1;
        }
    }
}

/// The staged rows of a chunk's customers, each customer's in the order of arrival, and where they start.
fn by_customer(
    rows: impl Iterator<Item = (usize, u32)> + Clone,
    order: &mut [u32],
    starts: &mut [u32],
) {
    starts.fill(0);
    rows.clone().for_each(|(customer, _)| starts[customer] += 1);
    let mut sum = 0;
    for start in starts.iter_mut() {
        sum += std::mem::replace(start, sum);
    }
    let mut next = starts.to_vec();
    rows.for_each(|(customer, staged)| {
        let place = &mut next[customer];
        order[index(*place)] = staged;
        *place += 1;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against a sort of all rows: more customers than a chunk has, more rows than a block, some without a customer.
    #[test]
    fn rows_are_put_in_order() {
        let customers = 2 * CHUNK_ROWS + 5;
        let count = u32::try_from(3 * BLOCK + 7).unwrap();
        let owner = |row: u32| match row % 11 {
            3 => NONE,
            // Many rows of few customers, at the edges of chunks.
            4 | 5 => [0, 65_535, 65_536, 131_072, 131_076][index(row / 11 % 5)],
            _ => row.wrapping_mul(2_654_435_761) % u32::try_from(customers).unwrap(),
        };
        let owners: Vec<u32> = (0..count).map(owner).collect();
        let time = |row: usize| (!row.is_multiple_of(13)).then(|| i64::try_from(row % 7).unwrap());
        for in_order in [true, false] {
            let mut expected: Vec<u32> =
                (0..count).filter(|row| owners[index(*row)] != NONE).collect();
            expected.sort_by_key(|row| {
                let row = index(*row);
                (owners[row], if in_order { None } else { time(row) })
            });
            let (order, starts) = sorted(owners.clone(), customers, in_order, time);
            assert_eq!((starts.len(), starts[0]), (customers + 1, 0));
            assert_eq!(index(starts[customers]), expected.len());
            assert!(order == expected);
            for (customer, bounds) in (0_u32..).zip(starts.windows(2)) {
                let rows = &expected[index(bounds[0])..index(bounds[1])];
                assert!(rows.iter().all(|row| owners[index(*row)] == customer));
            }
        }
        assert_eq!(sorted(vec![NONE; 2], 0, true, |_| None), (vec![], vec![0]));
        let whole = sorted(vec![65_535, NONE, 0], CHUNK_ROWS, true, |_| None);
        assert_eq!((whole.0, whole.1.len(), whole.1[65_535]), (vec![2, 0], CHUNK_ROWS + 1, 1));
    }
}
