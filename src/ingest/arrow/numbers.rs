//! Arrays of numbers, dates and times.

use arrow_array::{
    Array, ArrowPrimitiveType, PrimitiveArray,
    cast::AsArray,
    types::{
        ArrowTimestampType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type,
        Decimal256Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
        Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
        TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
};
use arrow_buffer::i256;
use arrow_schema::{DataType, TimeUnit};

use super::decode::refuse;
use crate::{
    calendar::Day,
    ingest::field::FieldReader,
    snapshot::{ColumnWriter, Problem},
    value::Decimal,
};

const MICROS_A_DAY: i64 = 86_400_000_000;
const MILLIS_A_DAY: i64 = 86_400_000;

/// The days of the years 1 to 9999.
const DAYS: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// A field of an array.
type Field<T> = Result<Option<T>, Problem>;

/// Appends fields; `fits` says which numbers `convert` makes something of, and is asked first for all together.
fn append<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    to: &mut ColumnWriter<'_>,
    fits: impl Fn(T::Native) -> bool,
    mut convert: impl FnMut(T::Native) -> Result<i64, Problem>,
) {
    let values = array.values().iter().copied();
    match array.nulls().filter(|nulls| nulls.null_count() > 0) {
        // PERF: `&` instead of `&&` leaves a loop without branches.
        None if values.clone().fold(true, |all, value| all & fits(value)) => {
            to.plain_numbers(values.map(|value| convert(value).unwrap_or(0)));
        }
        None => to.numbers(values.map(|value| convert(value).map(Some))),
        Some(nulls) => {
            to.numbers(values.zip(nulls).map(|(value, is_valid)| {
                if is_valid { convert(value).map(Some) } else { Ok(None) }
            }))
        }
    }
}

/// All fields of an array.
fn fields<T: ArrowPrimitiveType, N>(
    array: &PrimitiveArray<T>,
    convert: impl Fn(T::Native) -> Result<N, Problem>,
) -> Vec<Field<N>> {
    array.iter().map(|value| value.map(&convert).transpose()).collect()
}

/// Does `$work` with the array as what it is.
macro_rules! with_type {
    ($array:expr, $or:expr, $work:ident, $($name:pat => $ty:ty,)*) => {
        match $array.data_type() {
            $($name => match $array.as_primitive_opt::<$ty>() {
                Some(array) => $work!(array, $ty),
                None => $or,
            },)*
            _ => $or,
        }
    };
}

macro_rules! with_integers {
    ($array:expr, $or:expr, $work:ident) => {
        with_type!($array, $or, $work,
            DataType::Int8 => Int8Type,
            DataType::Int16 => Int16Type,
            DataType::Int32 => Int32Type,
            DataType::Int64 => Int64Type,
            DataType::UInt8 => UInt8Type,
            DataType::UInt16 => UInt16Type,
            DataType::UInt32 => UInt32Type,
            DataType::UInt64 => UInt64Type,
        )
    };
}

macro_rules! with_stamps {
    ($array:expr, $or:expr, $work:ident) => {
        with_type!($array, $or, $work,
            DataType::Timestamp(TimeUnit::Second, _) => TimestampSecondType,
            DataType::Timestamp(TimeUnit::Millisecond, _) => TimestampMillisecondType,
            DataType::Timestamp(TimeUnit::Microsecond, _) => TimestampMicrosecondType,
            DataType::Timestamp(TimeUnit::Nanosecond, _) => TimestampNanosecondType,
        )
    };
}

/// Appends integers and decimals, as digits at a scale.
pub(super) fn whole(array: &dyn Array, scale: u8, to: &mut ColumnWriter<'_>) {
    macro_rules! integer {
        ($array:expr, $ty:ty) => {
            if scale == 0 {
                let convert = |value| i64::try_from(value).map_err(|_| Problem::Overflow);
                append($array, to, |value| i64::try_from(value).is_ok(), convert)
            } else {
                let rescale = Rescale::new(0, scale);
                append($array, to, |_| false, |value| rescale.number(value.into()))
            }
        };
    }
    match array.data_type() {
        DataType::Decimal32(_, from) => match array.as_primitive_opt::<Decimal32Type>() {
            Some(array) => {
                let rescale = Rescale::new(*from, scale);
                append(array, to, |_| false, |value| rescale.number(value.into()));
            }
            None => refuse(array, to),
        },
        DataType::Decimal64(_, from) => match array.as_primitive_opt::<Decimal64Type>() {
            Some(array) => {
                let rescale = Rescale::new(*from, scale);
                append(array, to, |_| false, |value| rescale.number(value.into()));
            }
            None => refuse(array, to),
        },
        DataType::Decimal128(_, from) => match array.as_primitive_opt::<Decimal128Type>() {
            Some(array) => {
                let rescale = Rescale::new(*from, scale);
                append(array, to, |_| false, |value| rescale.number(value));
            }
            None => refuse(array, to),
        },
        DataType::Decimal256(_, from) => match array.as_primitive_opt::<Decimal256Type>() {
            Some(array) => {
                let rescale = Rescale::new(*from, scale);
                append(array, to, |_| false, |value| rescale.big(value));
            }
            None => refuse(array, to),
        },
        _ => with_integers!(array, refuse(array, to), integer),
    }
}

/// From the scale of the data to that of a column.
struct Rescale {
    /// What to multiply with, or to divide by; `None` where it is beyond all numbers.
    factor: Option<i128>,
    exponent: u32,
    divides: bool,
}

impl Rescale {
    fn new(from: i8, to: u8) -> Self {
        let more = i32::from(to) - i32::from(from);
        let exponent = more.unsigned_abs();
        Self { factor: 10_i128.checked_pow(exponent), exponent, divides: more < 0 }
    }

    fn number(&self, digits: i128) -> Result<i64, Problem> {
        let digits = match self.factor {
            _ if digits == 0 => 0,
            Some(1) => digits,
            Some(factor) if !self.divides => digits.checked_mul(factor).ok_or(Problem::Overflow)?,
            Some(factor) if digits % factor == 0 => digits / factor,
            None if !self.divides => return Err(Problem::Overflow),
            Some(_) | None => return Err(Problem::Bad),
        };
        i64::try_from(digits).map_err(|_| Problem::Overflow)
    }

    fn big(&self, digits: i256) -> Result<i64, Problem> {
        if let Some(digits) = digits.to_i128() {
            return self.number(digits);
        }
        // Only zeros at the end bring it back.
        let factor = i256::from_i128(10).checked_pow(self.exponent).filter(|_| self.divides);
        let factor = factor.ok_or(Problem::Overflow)?;
        match (digits.checked_rem(factor), digits.checked_div(factor)) {
            (Some(i256::ZERO), Some(digits)) => digits
                .to_i128()
                .and_then(|digits| i64::try_from(digits).ok())
                .ok_or(Problem::Overflow),
            _ => Err(Problem::Bad),
        }
    }
}

/// Integers; `None` where the array holds something else.
pub(super) fn integers(array: &dyn Array) -> Option<Vec<Field<i64>>> {
    macro_rules! integer {
        ($array:expr, $ty:ty) => {
            Some(fields($array, |value| i64::try_from(value).map_err(|_| Problem::Overflow)))
        };
    }
    with_integers!(array, None, integer)
}

/// Floats, and what is no float as the nearest one; `None` where the array holds something else.
pub(super) fn floats(array: &dyn Array) -> Option<Vec<Field<f64>>> {
    let finite = |value: f64| if value.is_finite() { Ok(value) } else { Err(Problem::Bad) };
    let nearest = |digits: i128, scale: i8| {
        let (digits, scale) = match u8::try_from(scale) {
            Ok(scale) => (Some(digits), scale),
            Err(_) => {
                let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
                (power.and_then(|power| digits.checked_mul(power)), 0)
            }
        };
        let number = digits.and_then(|digits| Decimal::new(digits, scale));
        number.map(Decimal::to_f64).ok_or(Problem::Overflow)
    };
    macro_rules! integer {
        ($array:expr, $ty:ty) => {
            Some(fields($array, |value| nearest(value.into(), 0)))
        };
    }
    match array.data_type() {
        DataType::Float16 => {
            let array = array.as_primitive_opt::<Float16Type>()?;
            Some(fields(array, |value| finite(value.to_f64())))
        }
        DataType::Float32 => {
            let array = array.as_primitive_opt::<Float32Type>()?;
            Some(fields(array, |value| finite(value.into())))
        }
        DataType::Float64 => Some(fields(array.as_primitive_opt::<Float64Type>()?, finite)),
        DataType::Decimal32(_, scale) => {
            let array = array.as_primitive_opt::<Decimal32Type>()?;
            Some(fields(array, |value| nearest(value.into(), *scale)))
        }
        DataType::Decimal64(_, scale) => {
            let array = array.as_primitive_opt::<Decimal64Type>()?;
            Some(fields(array, |value| nearest(value.into(), *scale)))
        }
        DataType::Decimal128(_, scale) => {
            let array = array.as_primitive_opt::<Decimal128Type>()?;
            Some(fields(array, |value| nearest(value, *scale)))
        }
        DataType::Decimal256(_, scale) => {
            let array = array.as_primitive_opt::<Decimal256Type>()?;
            let value = |value: i256| nearest(value.to_i128().ok_or(Problem::Overflow)?, *scale);
            Some(fields(array, value))
        }
        _ => with_integers!(array, None, integer),
    }
}

/// Appends dates, and timestamps without a zone that are midnights.
pub(super) fn days(array: &dyn Array, to: &mut ColumnWriter<'_>) {
    let day = |day: i64| if DAYS.contains(&day) { Ok(day) } else { Err(Problem::NoSuchDate) };
    let midnight = |micros: Option<i64>| {
        let micros = micros.ok_or(Problem::NoSuchDate)?;
        if micros % MICROS_A_DAY == 0 { day(micros / MICROS_A_DAY) } else { Err(Problem::Bad) }
    };
    macro_rules! stamp {
        ($array:expr, $ty:ty) => {
            append($array, to, |_| false, |value| midnight(micros(<$ty>::UNIT, value)))
        };
    }
    match array.data_type() {
        DataType::Date32 => match array.as_primitive_opt::<Date32Type>() {
            Some(array) => {
                append(array, to, |value| DAYS.contains(&value.into()), |value| day(value.into()));
            }
            None => refuse(array, to),
        },
        DataType::Date64 => match array.as_primitive_opt::<Date64Type>() {
            Some(array) => {
                append(array, to, |_| false, |value| day(value.div_euclid(MILLIS_A_DAY)))
            }
            None => refuse(array, to),
        },
        _ => with_stamps!(array, refuse(array, to), stamp),
    }
}

/// Appends instants: timestamps, those without a zone local, and the starts of dates.
pub(super) fn instants(array: &dyn Array, reader: &mut FieldReader, to: &mut ColumnWriter<'_>) {
    let in_years = |micros: Option<i64>| {
        let micros = micros.filter(|micros| DAYS.contains(&micros.div_euclid(MICROS_A_DAY)));
        micros.ok_or(Problem::NoSuchDate)
    };
    let start = |day: i64| {
        let day = i32::try_from(day).ok().filter(|day| DAYS.contains(&i64::from(*day)));
        day.map(|day| reader.start_of(Day(day))).ok_or(Problem::NoSuchDate)
    };
    match array.data_type() {
        DataType::Date32 => match array.as_primitive_opt::<Date32Type>() {
            Some(array) => return append(array, to, |_| false, |value| start(value.into())),
            None => return refuse(array, to),
        },
        DataType::Date64 => match array.as_primitive_opt::<Date64Type>() {
            Some(array) => {
                let day = |value: i64| value.div_euclid(MILLIS_A_DAY);
                return append(array, to, |_| false, |value| start(day(value)));
            }
            None => return refuse(array, to),
        },
        _ => {}
    }
    let is_local = matches!(array.data_type(), DataType::Timestamp(_, None)) && !reader.is_utc();
    macro_rules! stamp {
        ($array:expr, $ty:ty) => {
            if is_local {
                append(
                    $array,
                    to,
                    |_| false,
                    |value| in_years(micros(<$ty>::UNIT, value)).map(|local| reader.local(local)),
                )
            } else {
                let fits = |value| in_years(micros(<$ty>::UNIT, value)).is_ok();
                append($array, to, fits, |value| in_years(micros(<$ty>::UNIT, value)))
            }
        };
    }
    with_stamps!(array, refuse(array, to), stamp)
}

/// Microseconds; what is finer is left out. `None` where they are beyond all numbers.
fn micros(unit: TimeUnit, value: i64) -> Option<i64> {
    match unit {
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Millisecond => value.checked_mul(1_000),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(value.div_euclid(1_000)),
    }
}
