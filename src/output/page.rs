//! Members a page at a time, and those that the data still have.

use std::collections::BinaryHeap;

use roaring::RoaringBitmap;

use crate::{segment::Members, snapshot::Snapshot, value::Key};

impl Members<'_> {
    /// At most so many of them: those with the least keys, of the keys after the given one. So the page after this one
    /// is that after the last of its [`keys`](Members::keys), and a page with fewer is the last.
    ///
    /// What is on a page depends on nothing but who the members are: customers who come or go between two questions
    /// shift no others from one page to another. Each question is one pass over the members, with memory for the page.
    ///
    /// ```
    /// # fn main() -> segmenta::Result<()> {
    /// # use segmenta::{AsOf, Engine, Rules, Schema, Snapshot, Type, Value};
    /// # let schema = Schema::builder().customers("id").column("id", Type::Int).build()?;
    /// # let mut data = Snapshot::builder(&schema);
    /// # for id in [5, 3, 1, 4] { data.push("customers", [("id", Some(Value::Int(id)))])?; }
    /// # let rules = Rules::parse(&schema, "segment all { }")?;
    /// # let mut engine = Engine::new(rules, data.build()?)?;
    /// # engine.refresh("2026-11-01".parse::<AsOf>().unwrap())?;
    /// let Some(all) = engine.select("all") else { panic!() };
    /// assert_eq!(all.page(None, 3).keys(), [1.into(), 3.into(), 4.into()]);
    /// assert_eq!(all.page(Some(&4.into()), 3).keys(), [5.into()]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn page(&self, after: Option<&Key>, most: usize) -> Members<'static> {
        let snapshot = self.snapshot();
        let (int, text) = match after {
            Some(Key::Int(key)) => (Some(*key), None),
            Some(Key::Text(key)) => (None, Some(key.as_str())),
            None => (None, None),
        };
        let rows = self.bitmap().iter();
        // INVARIANT: numbers come before texts.
        let rows = match (snapshot.has_int_keys(), text) {
            (true, None) => {
                let keyed = rows.filter_map(|row| Some((snapshot.int_key(row)?, row)));
                least(keyed.filter(|(key, _)| int.is_none_or(|after| *key > after)), most)
            }
            (true, Some(_)) => RoaringBitmap::new(),
            (false, _) => {
                let keyed = rows.filter_map(|row| Some((snapshot.text_key(row)?, row)));
                least(keyed.filter(|(key, _)| text.is_none_or(|after| *key > after)), most)
            }
        };
        Members::owned(rows, snapshot.clone())
    }
}

impl Snapshot {
    /// All customers in the data, those too who do not exist yet at some moment. What is left of them without some
    /// members, `&snapshot.all() - &members`, is everybody else.
    #[must_use]
    pub fn all(&self) -> Members<'_> {
        Members::new(self.live(), self)
    }

    /// The customers of these keys, as far as the data have them: members that come from elsewhere, such as a store, for
    /// set algebra, pages and exports.
    #[must_use]
    pub fn select<'k>(&self, keys: impl IntoIterator<Item = &'k Key>) -> Members<'static> {
        let rows = keys.into_iter().filter_map(|key| self.row_of(key));
        let rows: RoaringBitmap = rows.filter(|row| self.live().contains(*row)).collect();
        Members::owned(rows, self.clone())
    }
}

/// The rows of the least keys.
fn least<K: Ord>(keyed: impl Iterator<Item = (K, u32)>, most: usize) -> RoaringBitmap {
    let mut found: BinaryHeap<(K, u32)> = BinaryHeap::new();
    for one in keyed {
        if found.len() < most {
            found.push(one);
        } else if let Some(mut greatest) = found.peek_mut()
            && one < *greatest
        {
            *greatest = one;
        }
    }
    found.into_iter().map(|(_, row)| row).collect()
}
