//! Arrays of strings.

use arrow_array::{
    Array, ArrayRef, DictionaryArray, LargeStringArray, StringArray, StringViewArray,
    cast::AsArray,
    types::{
        ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
        UInt32Type, UInt64Type,
    },
};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;

use super::decode::refuse;
use crate::snapshot::ColumnWriter;

/// Strings by row.
#[derive(Clone, Copy)]
pub(super) enum Texts<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    /// Strings by their numbers in another array.
    Listed(&'a dyn Array),
}

/// Calls `$work` with the dictionary array as what it is.
macro_rules! with_keys {
    ($array:expr, $work:ident, $or:expr) => {{
        let DataType::Dictionary(keys, _) = $array.data_type() else { return $or };
        match **keys {
            DataType::Int8 => with_keys!(@ $array, Int8Type, $work, $or),
            DataType::Int16 => with_keys!(@ $array, Int16Type, $work, $or),
            DataType::Int32 => with_keys!(@ $array, Int32Type, $work, $or),
            DataType::Int64 => with_keys!(@ $array, Int64Type, $work, $or),
            DataType::UInt8 => with_keys!(@ $array, UInt8Type, $work, $or),
            DataType::UInt16 => with_keys!(@ $array, UInt16Type, $work, $or),
            DataType::UInt32 => with_keys!(@ $array, UInt32Type, $work, $or),
            DataType::UInt64 => with_keys!(@ $array, UInt64Type, $work, $or),
            _ => $or,
        }
    }};
    (@ $array:expr, $key:ty, $work:ident, $or:expr) => {
        match $array.as_dictionary_opt::<$key>() {
            Some(array) => $work!(array),
            None => $or,
        }
    };
}

impl<'a> Texts<'a> {
    /// `None` where the array holds something else.
    pub(super) fn new(array: &'a dyn Array) -> Option<Self> {
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt().map(Self::Small),
            DataType::LargeUtf8 => array.as_string_opt().map(Self::Large),
            DataType::Utf8View => array.as_string_view_opt().map(Self::View),
            DataType::Dictionary(_, _) => {
                let list = array.as_any_dictionary_opt()?.values();
                matches!(
                    list.data_type(),
                    DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
                )
                .then_some(Self::Listed(array))
            }
            _ => None,
        }
    }

    /// `None` where it is missing.
    pub(super) fn get(self, row: usize) -> Option<&'a str> {
        macro_rules! listed {
            ($array:expr) => {{
                let array = $array;
                Texts::new(array.values().as_ref())?.get(number(array, row)?)
            }};
        }
        match self {
            Self::Small(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
            Self::Large(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
            Self::View(array) => {
                (row < array.len() && array.is_valid(row)).then(|| array.value(row))
            }
            Self::Listed(array) => with_keys!(array, listed, None),
        }
    }

    /// Appends them to a column of texts.
    pub(super) fn append(
        self,
        array: &dyn Array,
        known: &mut Option<(ArrayRef, Vec<u32>)>,
        to: &mut ColumnWriter<'_>,
    ) {
        macro_rules! listed {
            ($array:expr) => {{
                let array = $array;
                let list = array.values();
                let Some(texts) = Texts::new(list.as_ref()) else { return refuse(array, to) };
                let keys = array.keys();
                let known = remembered(known, list);
                let text = |at| texts.get(at);
                match keys.nulls() {
                    None => {
                        let fields = keys.values().iter().map(|key| place(*key));
                        to.all_listed_texts(fields, text, known);
                    }
                    Some(nulls) => {
                        let fields = keys.values().iter().zip(nulls);
                        let fields = fields.map(|(key, valid)| place(*key).filter(|_| valid));
                        to.listed_texts(fields, text, known);
                    }
                }
            }};
        }
        match self {
            Self::Small(array) => to.texts(array.iter()),
            Self::Large(array) => to.texts(array.iter()),
            Self::View(array) => to.texts(array.iter()),
            Self::Listed(_) => with_keys!(array, listed, refuse(array, to)),
        }
    }
}

/// The numbers of an array's strings in its dictionary, and the dictionary; `None` where it has none.
pub(super) fn listed(array: &dyn Array) -> Option<(Vec<Option<usize>>, &ArrayRef)> {
    macro_rules! numbers {
        ($array:expr) => {{
            let array = $array;
            Some(((0..array.len()).map(|row| number(array, row)).collect(), array.values()))
        }};
    }
    with_keys!(array, numbers, None)
}

/// The codes that belong to this dictionary: those known, or none yet.
pub(super) fn remembered<'k>(
    known: &'k mut Option<(ArrayRef, Vec<u32>)>,
    list: &ArrayRef,
) -> &'k mut Vec<u32> {
    let is_same =
        |last: &ArrayRef| std::ptr::addr_eq(ArrayRef::as_ptr(last), ArrayRef::as_ptr(list));
    let last = known.take().filter(|(last, _)| is_same(last));
    let (_, codes) = known.insert(last.unwrap_or_else(|| (ArrayRef::clone(list), Vec::new())));
    codes
}

fn number<K: ArrowDictionaryKeyType>(array: &DictionaryArray<K>, row: usize) -> Option<usize> {
    let keys = array.keys();
    let key = keys.values().get(row)?;
    keys.is_valid(row).then(|| place(*key)).flatten()
}

fn place(key: impl ArrowNativeType) -> Option<usize> {
    key.to_usize()
}
