//! What serde makes of a row.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, Serializer};

/// One field of a row, before the type of its column is known to fit.
#[derive(Clone, PartialEq)]
pub(super) enum Field {
    Missing,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Field>),
    Map(Vec<(String, Field)>),
    /// Something that no column holds.
    Odd,
}

impl Field {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Something that is no row, or that its own code refused to serialize. What it says may hold values, so it is not kept.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no row of fields")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Result<T> = std::result::Result<T, Refused>;

/// Takes structs and maps.
pub(super) struct RowSerializer;

/// Takes anything; below this many levels of lists and maps only what has none.
struct FieldSerializer {
    levels: u8,
}

/// Names and fields in the order in which they come.
pub(super) struct Fields {
    entries: Vec<(String, Field)>,
    name: Option<String>,
    levels: Option<u8>,
}

/// What is nested too deep has no levels, and is passed over unseen.
struct Items {
    items: Vec<Field>,
    levels: Option<u8>,
}

/// The levels of a row's fields: a list, or the parts of a place.
const LEVELS: u8 = 2;

impl Fields {
    fn new(levels: Option<u8>) -> Self {
        Self { entries: Vec::new(), name: None, levels }
    }

    fn add<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<()> {
        if let Some(levels) = self.levels {
            self.entries.push((name, value.serialize(FieldSerializer { levels })?));
        }
        Ok(())
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        match key.serialize(FieldSerializer { levels: 0 })? {
            Field::Text(name) => self.name = Some(name),
            _ => return Err(Refused),
        }
        Ok(())
    }
}

macro_rules! refuse {
    ($($name:ident($($argument:ty),*);)*) => {
        $(fn $name(self, $(_: $argument),*) -> Result<Self::Ok> {
            Err(Refused)
        })*
    };
}

impl Serializer for RowSerializer {
    type Ok = Vec<(String, Field)>;
    type Error = Refused;
    type SerializeSeq = Impossible<Self::Ok, Refused>;
    type SerializeTuple = Impossible<Self::Ok, Refused>;
    type SerializeTupleStruct = Impossible<Self::Ok, Refused>;
    type SerializeTupleVariant = Impossible<Self::Ok, Refused>;
    type SerializeMap = RowFields;
    type SerializeStruct = RowFields;
    type SerializeStructVariant = Impossible<Self::Ok, Refused>;

    refuse! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Self::Ok> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Self::Ok> {
        Err(Refused)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq> {
        Err(Refused)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple> {
        Err(Refused)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct> {
        Err(Refused)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        Err(Refused)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap> {
        Ok(RowFields(Fields::new(Some(LEVELS))))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct> {
        Ok(RowFields(Fields::new(Some(LEVELS))))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        Err(Refused)
    }
}

/// The fields of a row, as the row itself.
pub(super) struct RowFields(Fields);

/// The same for the row and for a field: only what comes out in the end differs.
macro_rules! collect_fields {
    ($ty:ty, $ok:ty, |$this:ident| $fields:expr, $end:expr) => {
        impl ser::SerializeMap for $ty {
            type Ok = $ok;
            type Error = Refused;

            fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
                let $this = self;
                $fields.key(key)
            }

            fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                let $this = self;
                let name = $fields.name.take().ok_or(Refused)?;
                $fields.add(name, value)
            }

            fn end(self) -> Result<$ok> {
                Ok($end(self))
            }
        }

        impl ser::SerializeStruct for $ty {
            type Ok = $ok;
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                let $this = self;
                $fields.add(name.to_owned(), value)
            }

            fn end(self) -> Result<$ok> {
                Ok($end(self))
            }
        }
    };
}

impl ser::SerializeStructVariant for Fields {
    type Ok = Field;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, _: &T) -> Result<()> {
        Ok(())
    }

    fn end(self) -> Result<Field> {
        Ok(Field::Odd)
    }
}

collect_fields!(RowFields, Vec<(String, Field)>, |this| this.0, |all: RowFields| all.0.entries);
collect_fields!(Fields, Field, |this| this, |all: Fields| {
    if all.levels.is_some() { Field::Map(all.entries) } else { Field::Odd }
});

macro_rules! ints {
    ($($name:ident($ty:ty);)*) => {
        $(fn $name(self, number: $ty) -> Result<Field> {
            Ok(Field::Int(number.into()))
        })*
    };
}

impl Serializer for FieldSerializer {
    type Ok = Field;
    type Error = Refused;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    ints! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
    }

    fn serialize_u128(self, number: u128) -> Result<Field> {
        Ok(Field::Int(i128::try_from(number).unwrap_or(i128::MAX)))
    }

    fn serialize_bool(self, bit: bool) -> Result<Field> {
        Ok(Field::Bool(bit))
    }

    fn serialize_f32(self, number: f32) -> Result<Field> {
        Ok(Field::Float(number.into()))
    }

    fn serialize_f64(self, number: f64) -> Result<Field> {
        Ok(Field::Float(number))
    }

    fn serialize_char(self, character: char) -> Result<Field> {
        Ok(Field::Text(character.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Field> {
        Ok(Field::Text(text.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Field> {
        Ok(Field::Odd)
    }

    fn serialize_none(self) -> Result<Field> {
        Ok(Field::Missing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Field> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Field> {
        Ok(Field::Missing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Field> {
        Ok(Field::Odd)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Field> {
        Ok(Field::Text(name.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Field> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Field> {
        Ok(Field::Odd)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items> {
        Ok(Items { items: Vec::new(), levels: self.levels.checked_sub(1) })
    }

    fn serialize_tuple(self, len: usize) -> Result<Items> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Items> {
        Ok(Items { items: Vec::new(), levels: None })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields> {
        Ok(Fields::new(self.levels.checked_sub(1)))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Fields> {
        Ok(Fields::new(None))
    }
}

impl Items {
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if let Some(levels) = self.levels {
            self.items.push(value.serialize(FieldSerializer { levels })?);
        }
        Ok(())
    }
}

macro_rules! collect_items {
    ($($interface:ident::$method:ident;)*) => {
        $(impl ser::$interface for Items {
            type Ok = Field;
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.add(value)
            }

            fn end(self) -> Result<Field> {
                Ok(if self.levels.is_some() { Field::List(self.items) } else { Field::Odd })
            }
        })*
    };
}

collect_items! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
    SerializeTupleVariant::serialize_field;
}
