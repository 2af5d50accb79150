//! The members of a segment, and what can be made of two of them.

use std::{
    borrow::Cow,
    fmt,
    ops::{BitAnd, BitOr, BitXor, Sub},
};

use roaring::RoaringBitmap;

use crate::{snapshot::Snapshot, value::Key};

/// Customers: the members of a segment, or what `|` (union), `&` (intersection), `-` (difference) and `^` (in one but
/// not both) make of them. The operators take their sides by value or by reference.
///
/// Rows are compared as they are when both sides come from one engine, or from snapshots of one line. Between others
/// customers are matched by key, and those that the left side's snapshot does not know are left out.
///
/// ```
/// # fn main() -> segmenta::Result<()> {
/// # let schema = segmenta::Schema::from_toml("
/// #     timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\ncountry = 'text'\nvip = 'bool'")?;
/// # let rules = segmenta::Rules::parse(&schema, "
/// #     segment vip { include vip }\nsegment swedish { include country = 'SE' }")?;
/// # let mut data = segmenta::Snapshot::builder(&schema);
/// # for (id, country, vip) in [(1, "SE", true), (2, "NO", true), (3, "SE", false)] {
/// #     use segmenta::Value;
/// #     data.push("customers", [
/// #         ("id", Some(Value::Int(id))),
/// #         ("country", Some(Value::Text(country.to_owned()))),
/// #         ("vip", Some(Value::Bool(vip))),
/// #     ])?;
/// # }
/// # let mut engine = segmenta::Engine::new(rules, data.build()?)?;
/// # engine.refresh(chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap())?;
/// let (Some(vip), Some(swedish)) = (engine.select("vip"), engine.select("swedish")) else { panic!() };
/// assert_eq!((&vip & &swedish).keys(), [1.into()]);
/// assert_eq!((&vip - &swedish).keys(), [2.into()]);
/// assert_eq!((&vip | &swedish).len(), 3);
/// assert_eq!((vip ^ swedish).keys(), [2.into(), 3.into()]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Members<'a> {
    rows: Cow<'a, RoaringBitmap>,
    snapshot: Cow<'a, Snapshot>,
}

impl<'a> Members<'a> {
    pub(crate) fn new(rows: &'a RoaringBitmap, snapshot: &'a Snapshot) -> Self {
        Self { rows: Cow::Borrowed(rows), snapshot: Cow::Borrowed(snapshot) }
    }

    pub(crate) fn owned(rows: RoaringBitmap, snapshot: Snapshot) -> Members<'static> {
        Members { rows: Cow::Owned(rows), snapshot: Cow::Owned(snapshot) }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether the customer with this key is among them.
    pub fn contains(&self, key: &Key) -> bool {
        self.snapshot.row_of(key).is_some_and(|row| self.rows.contains(row))
    }

    /// Their rows in the snapshot.
    pub fn bitmap(&self) -> &RoaringBitmap {
        &self.rows
    }

    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Their keys, ascending.
    pub fn keys(&self) -> Vec<Key> {
        keys(&self.rows, &self.snapshot)
    }

    /// Combines the rows of both sides; the result speaks of the snapshot that knows more rows.
    fn combine(
        &self,
        other: &Members<'_>,
        operator: impl Fn(&RoaringBitmap, &RoaringBitmap) -> RoaringBitmap,
    ) -> Members<'static> {
        let (rows, snapshot) = if other.snapshot.continues(&self.snapshot) {
            (operator(&self.rows, &other.rows), &other.snapshot)
        } else if self.snapshot.continues(&other.snapshot) {
            (operator(&self.rows, &other.rows), &self.snapshot)
        } else {
            let known = other.keys();
            let rows = known.iter().filter_map(|key| self.snapshot.row_of(key)).collect();
            (operator(&self.rows, &rows), &self.snapshot)
        };
        Members { rows: Cow::Owned(rows), snapshot: Cow::Owned(snapshot.as_ref().clone()) }
    }
}

/// Sizes, never keys.
impl fmt::Debug for Members<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Members").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The keys of these rows, ascending.
pub(super) fn keys(rows: &RoaringBitmap, snapshot: &Snapshot) -> Vec<Key> {
    let mut keys: Vec<Key> = rows.iter().filter_map(|row| snapshot.key_at(row)).collect();
    keys.sort_unstable();
    keys
}

macro_rules! operators {
    ($($operator:ident $method:ident $sign:tt;)*) => {$(
        operators!($operator $method $sign, Members<'_>, Members<'_>);
        operators!($operator $method $sign, Members<'_>, &Members<'_>);
        operators!($operator $method $sign, &Members<'_>, Members<'_>);
        operators!($operator $method $sign, &Members<'_>, &Members<'_>);
    )*};
    ($operator:ident $method:ident $sign:tt, $left:ty, $right:ty) => {
        impl $operator<$right> for $left {
            type Output = Members<'static>;

            fn $method(self, other: $right) -> Members<'static> {
                self.combine(&other, |left, right| left $sign right)
            }
        }
    };
}

operators! {
    BitOr bitor |;
    BitAnd bitand &;
    Sub sub -;
    BitXor bitxor ^;
}
