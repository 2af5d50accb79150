//! What the records hold. Each names the others that belong to it, so that one that is lost is missed.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::{
    Cause, Position,
    codec::{Damaged, Decoder, Encoder},
};
use crate::{
    computed::{AmountModel, Model, OrderModel},
    rule::{ContentHash, SegmentKind},
};

/// The version of the format that this program writes and reads.
pub(super) const FORMAT: u64 = 1;

/// The number of a segment in the store; it is given out once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SegmentNumber(pub(super) u32);

/// What the store knows as a whole.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct State {
    /// Of tables and columns, at the last refresh.
    pub(super) schema: [u8; 32],
    pub(super) has_text_keys: bool,
    /// Customers' rows, of those who are gone too.
    pub(super) rows: u32,
    /// Segments, of those that ended too.
    pub(super) segments: u32,
    /// The number of the oldest refresh that is kept, and of the last; refreshes are counted from one.
    pub(super) first: u64,
    pub(super) last: u64,
    /// In microseconds since 1970, of the last refresh.
    pub(super) as_of: i64,
    /// The rows of the customers who were there at the last refresh.
    pub(super) live: RoaringBitmap,
    /// The last event that is no longer kept.
    pub(super) forgotten: Position,
    /// How far each has read.
    pub(super) consumers: BTreeMap<String, Position>,
    /// How many refreshes are kept; zero for all.
    pub(super) retention: u64,
}

/// A segment and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SegmentRecord {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) analytics: bool,
    /// The refreshes it was first in, and the one it was no more in.
    pub(super) created: Dated,
    pub(super) ended: Option<Dated>,
    /// The last refresh that calculated it.
    pub(super) formed: Option<Dated>,
    /// Why the last refresh could not calculate it.
    pub(super) failure: Option<String>,
    /// Oldest first; the last is the one in force.
    pub(super) versions: Vec<Version>,
    pub(super) members: u32,
    /// Whether it is a static one that was formed.
    pub(super) is_frozen: bool,
    /// The last refresh that changed its members; zero for none.
    pub(super) last_delta: u64,
    /// The bytes of deltas since members were last written down as a whole.
    pub(super) unwritten: u64,
}

/// A refresh and its `as_of`, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) refresh: u64,
    pub(super) as_of: i64,
}

/// A rule, from a refresh on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) since: Dated,
    pub(super) kind: SegmentKind,
    pub(super) inactive: bool,
    pub(super) hash: ContentHash,
    /// Of what the rule does not say: pins.
    pub(super) pins: [u8; 16],
    /// The canonical text.
    pub(super) rule: String,
}

/// Who was in a static segment when it was formed, pins apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FrozenRecord {
    pub(super) hash: ContentHash,
    pub(super) base: RoaringBitmap,
}

/// A committed refresh.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RefreshRecord {
    pub(super) as_of: i64,
    pub(super) customers: u32,
    /// By number of the segment, ascending.
    pub(super) sizes: Vec<Size>,
    /// Why segments could not be calculated.
    pub(super) failures: Vec<(SegmentNumber, String)>,
    pub(super) models: Models,
}

/// The parameters of the models that predictions were read from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Models {
    orders: Option<[f64; 4]>,
    amounts: Option<[f64; 3]>,
}

/// What a refresh made of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) segment: SegmentNumber,
    pub(super) outcome: Outcome,
    pub(super) members: u32,
    pub(super) entered: u32,
    pub(super) left: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Formed,
    /// Its rule could not be calculated.
    Failed,
    /// It is inactive, or a static one that was formed before.
    Kept,
}

/// Who entered and who left, by cause.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Delta {
    /// The refresh that changed the members before this one did; zero for none.
    pub(super) before: u64,
    pub(super) left: Vec<(Cause, RoaringBitmap)>,
    pub(super) entered: Vec<(Cause, RoaringBitmap)>,
}

impl State {
    pub(super) fn encode(&self) -> Encoder {
        let mut out = Encoder::default();
        out.number(FORMAT).bytes(&self.schema).byte(self.has_text_keys.into());
        out.number(self.rows.into()).number(self.segments.into());
        out.number(self.first).number(self.last).signed(self.as_of).bitmap(&self.live);
        out.number(self.forgotten.refresh).number(self.forgotten.event);
        out.number(self.consumers.len() as u64);
        for (name, position) in &self.consumers {
            out.text(name).number(position.refresh).number(position.event);
        }
        out.number(self.retention);
        out
    }

    /// `Ok(Err(version))` where it is of another format.
    pub(super) fn decode(mut from: Decoder<'_>) -> Result<Result<Self, u64>, Damaged> {
        let format = from.number()?;
        if format != FORMAT {
            return Ok(Err(format));
        }
        let schema = array(&mut from)?;
        let has_text_keys = flag(&mut from)?;
        let (rows, segments) = (from.count()?, from.count()?);
        let (first, last, as_of) = (from.number()?, from.number()?, from.signed()?);
        let live = from.bitmap(rows)?;
        let forgotten = Position { refresh: from.number()?, event: from.number()? };
        let mut consumers = BTreeMap::new();
        for _ in 0..from.number()? {
            let name = from.text()?.to_owned();
            let position = Position { refresh: from.number()?, event: from.number()? };
            consumers.insert(name, position);
        }
        let retention = from.number()?;
        from.end()?;
        Ok(Ok(Self {
            schema,
            has_text_keys,
            rows,
            segments,
            first,
            last,
            as_of,
            live,
            forgotten,
            consumers,
            retention,
        }))
    }
}

impl SegmentRecord {
    pub(super) fn encode(&self) -> Encoder {
        let mut out = Encoder::default();
        out.text(&self.name);
        option(&mut out, self.title.as_ref(), |out, title| _ = out.text(title));
        out.byte(self.analytics.into());
        dated(&mut out, &self.created);
        option(&mut out, self.ended.as_ref(), dated);
        option(&mut out, self.formed.as_ref(), dated);
        option(&mut out, self.failure.as_ref(), |out, why| _ = out.text(why));
        out.number(self.versions.len() as u64);
        for version in &self.versions {
            dated(&mut out, &version.since);
            out.byte(kind_byte(version.kind)).byte(version.inactive.into());
            out.bytes(version.hash.as_bytes()).bytes(&version.pins).text(&version.rule);
        }
        out.number(self.members.into()).byte(self.is_frozen.into());
        out.number(self.last_delta).number(self.unwritten);
        out
    }

    pub(super) fn decode(mut from: Decoder<'_>) -> Result<Self, Damaged> {
        let name = from.text()?.to_owned();
        let title = optional(&mut from, |from| Ok(from.text()?.to_owned()))?;
        let analytics = flag(&mut from)?;
        let created = dated_from(&mut from)?;
        let ended = optional(&mut from, dated_from)?;
        let formed = optional(&mut from, dated_from)?;
        let failure = optional(&mut from, |from| Ok(from.text()?.to_owned()))?;
        let mut versions = Vec::new();
        for _ in 0..from.number()? {
            versions.push(Version {
                since: dated_from(&mut from)?,
                kind: kind_of(from.byte()?)?,
                inactive: flag(&mut from)?,
                hash: ContentHash::from(array::<32>(&mut from)?),
                pins: array(&mut from)?,
                rule: from.text()?.to_owned(),
            });
        }
        let (members, is_frozen) = (from.count()?, flag(&mut from)?);
        let (last_delta, unwritten) = (from.number()?, from.number()?);
        from.end()?;
        Ok(Self {
            name,
            title,
            analytics,
            created,
            ended,
            formed,
            failure,
            versions,
            members,
            is_frozen,
            last_delta,
            unwritten,
        })
    }

    /// Whether it can be calculated again with the same rule.
    pub(super) fn follows_data(&self) -> bool {
        let is_active = self.version().is_some_and(|version| !version.inactive);
        is_active && self.ended.is_none() && !self.is_frozen
    }

    /// The rule in force.
    pub(super) fn version(&self) -> Option<&Version> {
        self.versions.last()
    }
}

impl FrozenRecord {
    pub(super) fn encode(&self) -> Encoder {
        let mut out = Encoder::default();
        out.bytes(self.hash.as_bytes()).bitmap(&self.base);
        out
    }

    pub(super) fn decode(mut from: Decoder<'_>, rows: u32) -> Result<Self, Damaged> {
        let hash = ContentHash::from(array::<32>(&mut from)?);
        let base = from.bitmap(rows)?;
        from.end()?;
        Ok(Self { hash, base })
    }
}

impl RefreshRecord {
    pub(super) fn encode(&self) -> Encoder {
        let mut out = Encoder::default();
        out.signed(self.as_of).number(self.customers.into()).number(self.sizes.len() as u64);
        for size in &self.sizes {
            out.number(size.segment.0.into()).byte(size.outcome.to_byte());
            out.number(size.members.into()).number(size.entered.into()).number(size.left.into());
        }
        out.number(self.failures.len() as u64);
        for (segment, why) in &self.failures {
            out.number(segment.0.into()).text(why);
        }
        option(&mut out, self.models.orders.as_ref(), |out, own| floats(out, own));
        option(&mut out, self.models.amounts.as_ref(), |out, own| floats(out, own));
        out
    }

    pub(super) fn decode(mut from: Decoder<'_>) -> Result<Self, Damaged> {
        let (as_of, customers) = (from.signed()?, from.count()?);
        let mut sizes = Vec::new();
        for _ in 0..from.number()? {
            sizes.push(Size {
                segment: SegmentNumber(from.count()?),
                outcome: Outcome::of_byte(from.byte()?)?,
                members: from.count()?,
                entered: from.count()?,
                left: from.count()?,
            });
        }
        let mut failures = Vec::new();
        for _ in 0..from.number()? {
            failures.push((SegmentNumber(from.count()?), from.text()?.to_owned()));
        }
        let orders = optional(&mut from, floats_from)?;
        let models = Models { orders, amounts: optional(&mut from, floats_from)? };
        from.end()?;
        Ok(Self { as_of, customers, sizes, failures, models })
    }

    pub(super) fn size(&self, segment: SegmentNumber) -> Option<&Size> {
        let place = self.sizes.binary_search_by_key(&segment, |size| size.segment).ok()?;
        self.sizes.get(place)
    }
}

impl Models {
    pub(super) fn of(model: Option<&Model>) -> Self {
        let orders = model.and_then(Model::orders).map(OrderModel::parameters);
        let amounts = model.and_then(Model::amounts).map(AmountModel::parameters);
        Self {
            orders: orders.map(|own| own.map(|parameter| parameter.value)),
            amounts: amounts.map(|own| own.map(|parameter| parameter.value)),
        }
    }

    /// `None` where no prediction was read.
    pub(super) fn model(self) -> Option<Model> {
        let orders = self.orders.and_then(|[r, alpha, a, b]| OrderModel::new(r, alpha, a, b));
        let amounts = self.amounts.and_then(|[p, q, v]| AmountModel::new(p, q, v));
        let model = orders.into_iter().fold(Model::new(), Model::with_orders);
        let model = amounts.into_iter().fold(model, Model::with_amounts);
        (model != Model::new()).then_some(model)
    }
}

impl Outcome {
    fn to_byte(self) -> u8 {
        match self {
            Self::Formed => 0,
            Self::Failed => 1,
            Self::Kept => 2,
        }
    }

    fn of_byte(byte: u8) -> Result<Self, Damaged> {
        [Self::Formed, Self::Failed, Self::Kept]
            .into_iter()
            .find(|outcome| outcome.to_byte() == byte)
            .ok_or(Damaged)
    }
}

impl Delta {
    pub(super) fn encode(&self) -> Encoder {
        let mut out = Encoder::default();
        out.number(self.before);
        for side in [&self.left, &self.entered] {
            out.number(side.len() as u64);
            for (cause, rows) in side {
                out.byte(cause.to_byte()).bitmap(rows);
            }
        }
        out
    }

    pub(super) fn decode(mut from: Decoder<'_>, rows: u32) -> Result<Self, Damaged> {
        let before = from.number()?;
        let mut side = || -> Result<Vec<(Cause, RoaringBitmap)>, Damaged> {
            let causes = from.number()?;
            (0..causes)
                .map(|_| Ok((Cause::of_byte(from.byte()?).ok_or(Damaged)?, from.bitmap(rows)?)))
                .collect()
        };
        let (left, entered) = (side()?, side()?);
        from.end()?;
        Ok(Self { before, left, entered })
    }

    /// Moves members on by one refresh.
    pub(super) fn apply(&self, members: &mut RoaringBitmap) {
        self.left.iter().for_each(|(_, rows)| *members -= rows);
        self.entered.iter().for_each(|(_, rows)| *members |= rows);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty() && self.entered.is_empty()
    }
}

fn option<T>(out: &mut Encoder, value: Option<&T>, write: impl Fn(&mut Encoder, &T)) {
    out.byte(value.is_some().into());
    if let Some(value) = value {
        write(out, value);
    }
}

fn optional<'a, T>(
    from: &mut Decoder<'a>,
    read: impl Fn(&mut Decoder<'a>) -> Result<T, Damaged>,
) -> Result<Option<T>, Damaged> {
    if flag(from)? { Ok(Some(read(from)?)) } else { Ok(None) }
}

fn dated(out: &mut Encoder, dated: &Dated) {
    out.number(dated.refresh).signed(dated.as_of);
}

fn dated_from(from: &mut Decoder<'_>) -> Result<Dated, Damaged> {
    Ok(Dated { refresh: from.number()?, as_of: from.signed()? })
}

/// As eight bytes each, the lowest first.
fn floats(out: &mut Encoder, floats: &[f64]) {
    floats.iter().for_each(|float| _ = out.bytes(&float.to_le_bytes()));
}

fn floats_from<const N: usize>(from: &mut Decoder<'_>) -> Result<[f64; N], Damaged> {
    let mut floats = [0.0; N];
    for float in &mut floats {
        *float = f64::from_le_bytes(array(from)?);
    }
    Ok(floats)
}

fn flag(from: &mut Decoder<'_>) -> Result<bool, Damaged> {
    match from.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Damaged),
    }
}

fn array<const N: usize>(from: &mut Decoder<'_>) -> Result<[u8; N], Damaged> {
    from.bytes(N)?.try_into().map_err(|_| Damaged)
}

fn kind_byte(kind: SegmentKind) -> u8 {
    match kind {
        SegmentKind::Static => 0,
        SegmentKind::Dynamic => 1,
    }
}

fn kind_of(byte: u8) -> Result<SegmentKind, Damaged> {
    match byte {
        0 => Ok(SegmentKind::Static),
        1 => Ok(SegmentKind::Dynamic),
        _ => Err(Damaged),
    }
}
