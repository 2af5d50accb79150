//! Record batches: which types are read, what is counted, what is refused.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array,
    Decimal256Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, NullArray, RecordBatch, StringArray, TimestampMillisecondArray,
    TimestampNanosecondArray, TimestampSecondArray, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array, types::Int8Type,
};
use arrow_buffer::i256;
use segmenta::{Code, Diagnostic, Schema, Snapshot};

use super::{batch, keys, load_parquet, plain_parquet_of, schema_with};

fn one(column: &str, array: ArrayRef) -> RecordBatch {
    let ids: Int64Array = (1..).take(array.len()).map(Some).collect();
    batch(&[("id", Arc::new(ids)), (column, array)])
}

fn load(schema: &Schema, batches: &[RecordBatch]) -> segmenta::Result<Snapshot> {
    let mut data = Snapshot::builder(schema);
    data.arrow_batches("customers", batches.iter().cloned().map(Ok)).unwrap();
    data.build()
}

/// What is wrong with one column, from a batch and from a Parquet file.
fn findings(ty: &str, array: ArrayRef) -> Vec<Diagnostic> {
    let (schema, rows) = (schema_with("x", ty), one("x", array));
    let refused = load(&schema, std::slice::from_ref(&rows)).unwrap_err();
    refused.diagnostics().to_vec()
}

/// The customers for whom a condition on a column of this type holds.
fn found(ty: &str, array: ArrayRef, condition: &str) -> Vec<i64> {
    let (schema, rows) = (schema_with("x", ty), one("x", array));
    let snapshot = load(&schema, std::slice::from_ref(&rows)).unwrap();
    keys(&schema, &snapshot, condition)
}

#[test]
fn every_integer_whose_values_fit_is_read() {
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![Some(5), None, Some(-8)])),
        Arc::new(Int16Array::from(vec![Some(5), None, Some(-8)])),
        Arc::new(Int32Array::from(vec![Some(5), None, Some(-8)])),
        Arc::new(Int64Array::from(vec![Some(5), None, Some(-8)])),
        Arc::new(UInt8Array::from(vec![Some(5), None, Some(8)])),
        Arc::new(UInt16Array::from(vec![Some(5), None, Some(8)])),
        Arc::new(UInt32Array::from(vec![Some(5), None, Some(8)])),
        Arc::new(UInt64Array::from(vec![Some(5), None, Some(8)])),
        Arc::new(
            Decimal128Array::from(vec![Some(500), None, Some(-800)])
                .with_precision_and_scale(10, 2)
                .unwrap(),
        ),
    ];
    for array in arrays {
        let ty = array.data_type().clone();
        for column in ["int", "decimal(2)", "float"] {
            assert_eq!(found(column, Arc::clone(&array), "x = 5"), [1], "{ty} as {column}");
            assert_eq!(found(column, Arc::clone(&array), "x is null"), [2], "{ty} as {column}");
            assert_eq!(found(column, Arc::clone(&array), "abs(x) = 8"), [3], "{ty} as {column}");
        }
    }
    let found = findings("int", Arc::new(UInt64Array::from(vec![1, u64::MAX, 3, u64::MAX])));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].code, Code::NumberOverflow);
    assert_eq!(
        found[0].message,
        "row 2 of `customers`: column `x`: the number does not fit, expected a whole number like `42`"
    );
    assert!(found[1].message.starts_with("row 4 of"));
}

#[test]
fn decimals_are_exact_or_refused() {
    let decimal = |digits: i128, precision, scale| -> ArrayRef {
        let array = Decimal128Array::from(vec![digits]);
        Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
    };
    assert_eq!(found("decimal(2)", decimal(1_099, 10, 2), "x = 10.99"), [1]);
    assert_eq!(found("decimal(2)", decimal(109_900, 10, 4), "x = 10.99"), [1]);
    assert_eq!(found("decimal(2)", decimal(12, 10, -2), "x = 1200"), [1]);
    let code = |array| findings("decimal(2)", array)[0].code;
    assert_eq!(code(decimal(109_901, 10, 4)), Code::BadField);
    assert_eq!(code(decimal(i128::from(i64::MAX), 38, 0)), Code::NumberOverflow);
    assert_eq!(code(decimal(10_i128.pow(37), 38, 2)), Code::NumberOverflow);
    assert_eq!(code(Arc::new(Int64Array::from(vec![i64::MAX]))), Code::NumberOverflow);
    let big = |digits: i256, scale| -> ArrayRef {
        Arc::new(Decimal256Array::from(vec![digits]).with_precision_and_scale(76, scale).unwrap())
    };
    let power = |exponent| i256::from_i128(10).checked_pow(exponent).unwrap();
    assert_eq!(found("decimal(2)", big(power(32), 30), "x = 100"), [1]);
    assert_eq!(found("decimal(2)", big(power(60), 58), "x = 100"), [1]);
    assert_eq!(code(big(power(60), 2)), Code::NumberOverflow);
    // Text is read as in CSV.
    assert_eq!(found("decimal(2)", Arc::new(StringArray::from(vec![" 10.9"])), "x = 10.90"), [1]);
    assert_eq!(code(Arc::new(StringArray::from(vec!["10.999"]))), Code::BadField);
}

#[test]
fn days_and_times_of_every_unit() {
    let day = 20_758; // 2026-11-01
    let midnight = i64::from(day) * 86_400;
    let local: Vec<ArrayRef> = vec![
        Arc::new(Date32Array::from(vec![day])),
        Arc::new(Date64Array::from(vec![midnight * 1_000])),
        Arc::new(TimestampSecondArray::from(vec![midnight])),
        Arc::new(TimestampMillisecondArray::from(vec![midnight * 1_000])),
        Arc::new(TimestampNanosecondArray::from(vec![midnight * 1_000_000_000])),
        Arc::new(StringArray::from(vec!["2026-11-01"])),
    ];
    for array in local {
        let ty = array.data_type().clone();
        assert_eq!(found("date", Arc::clone(&array), "x = 2026-11-01"), [1], "{ty}");
        assert_eq!(found("datetime", array, "x = 2026-11-01T00:00:00"), [1], "{ty}");
    }
    // What is finer than a microsecond is left out, downwards.
    let nanos = TimestampNanosecondArray::from(vec![-1]).with_timezone("UTC");
    assert_eq!(found("datetime", Arc::new(nanos), "x = 1969-12-31T23:59:59.999999Z"), [1]);
    let code = |ty, array| findings(ty, array)[0].code;
    let noon = TimestampSecondArray::from(vec![midnight + 43_200]);
    assert_eq!(code("date", Arc::new(noon)), Code::BadField);
    for far in [i64::MAX, i64::MIN, 253_402_300_800] {
        for array in [
            Arc::new(TimestampSecondArray::from(vec![far])) as ArrayRef,
            Arc::new(TimestampSecondArray::from(vec![far]).with_timezone("UTC")),
            Arc::new(Date32Array::from(vec![i32::MAX])),
            Arc::new(Date64Array::from(vec![i64::MIN])),
        ] {
            assert_eq!(code("datetime", Arc::clone(&array)), Code::NoSuchDateInData);
            assert_eq!(code("date", array), Code::NoSuchDateInData);
        }
    }
}

#[test]
fn floats_are_finite() {
    let array = Float32Array::from(vec![Some(0.5), None, Some(-2.0)]);
    assert_eq!(found("float", Arc::new(array), "x > 0.25"), [1]);
    let wrong = findings("float", Arc::new(Float64Array::from(vec![1.0, f64::NAN, f64::INFINITY])));
    assert_eq!(wrong.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::BadField; 2]);
}

#[test]
fn columns_of_nothing_are_missing() {
    for ty in ["bool", "int", "decimal(2)", "float", "text", "date", "datetime", "geo"] {
        assert_eq!(found(ty, Arc::new(NullArray::new(2)), "x is null"), [1, 2], "{ty}");
    }
    for ty in ["set<text>", "set<int>"] {
        assert_eq!(found(ty, Arc::new(NullArray::new(2)), "x is empty"), [1, 2], "{ty}");
    }
}

#[test]
fn an_empty_text_is_missing_and_an_unused_one_is_none() {
    let array = StringArray::from(vec![Some("a"), Some(""), None]);
    assert_eq!(found("text", Arc::new(array), "x is null"), [2, 3]);
    let names: ArrayRef =
        Arc::new(StringArray::from(vec![Some("unused"), Some(""), None, Some("a")]));
    let numbers = Int8Array::from(vec![Some(3), Some(1), Some(2), None]);
    let array = DictionaryArray::<Int8Type>::try_new(numbers, names).unwrap();
    let (schema, rows) = (schema_with("x", "text"), one("x", Arc::new(array)));
    let snapshot = load(&schema, &[rows]).unwrap();
    assert_eq!(keys(&schema, &snapshot, "x is null"), [2, 3, 4]);
    assert_eq!(keys(&schema, &snapshot, "x = 'a'"), [1]);
}

#[test]
fn dictionaries_may_differ_from_batch_to_batch() {
    let part = |first: i64, texts: [&str; 2], numbers: [i8; 2]| {
        let list: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let names = DictionaryArray::<Int8Type>::try_new(Int8Array::from(numbers.to_vec()), list);
        batch(&[
            ("x", Arc::new(names.unwrap())),
            ("id", Arc::new(Int64Array::from(vec![first, first + 1]))),
        ])
    };
    let batches =
        [part(1, ["a", "b"], [0, 1]), part(3, ["b", "c"], [0, 1]), part(5, ["c", "a"], [1, 0])];
    let schema = schema_with("x", "text");
    let snapshot = load(&schema, &batches).unwrap();
    assert_eq!(keys(&schema, &snapshot, "x = 'a'"), [1, 5]);
    assert_eq!(keys(&schema, &snapshot, "x = 'b'"), [2, 3]);
    assert_eq!(keys(&schema, &snapshot, "x = 'c'"), [4, 6]);
}

#[test]
fn other_types_are_refused_by_column_and_type() {
    let float = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0])) };
    let text = || -> ArrayRef { Arc::new(StringArray::from(vec!["1"])) };
    let bytes = || -> ArrayRef { Arc::new(BinaryArray::from(vec![&b"1"[..]])) };
    let bits = || -> ArrayRef { Arc::new(BooleanArray::from(vec![true])) };
    for (ty, array) in [
        ("bool", text()),
        ("int", float()),
        ("int", text()),
        ("int", bits()),
        ("decimal(2)", float()),
        ("float", text()),
        ("text", bytes()),
        ("text", Arc::new(Int64Array::from(vec![1]))),
        ("date", Arc::new(Int64Array::from(vec![1]))),
        ("datetime", float()),
        ("set<text>", bits()),
        ("geo", float()),
    ] {
        let given = array.data_type().to_string();
        let found = findings(ty, Arc::clone(&array));
        assert_eq!(found[0].code, Code::UnfitDataType, "{given} as {ty}");
        let expected = format!("column `x`: `{given}` of Arrow cannot be read as {ty}");
        assert!(found[0].message.ends_with(&expected), "{}", found[0].message);
        assert!(found[0].help.is_some());
        let bytes = plain_parquet_of(&one("x", array));
        let refused = load_parquet(&schema_with("x", ty), bytes).unwrap_err();
        assert_eq!(refused.diagnostics()[0].code, Code::UnfitDataType, "{given} as {ty}");
        assert!(refused.to_string().contains("customers.parquet"), "{refused}");
    }
}

#[test]
fn columns_are_found_by_name() {
    let schema = schema_with("home", "geo");
    let ids = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
    let code = |columns: &[(&str, ArrayRef)]| {
        let refused = load(&schema, &[batch(columns)]).unwrap_err();
        refused.diagnostics()[0].code
    };
    assert_eq!(code(&[("id", ids())]), Code::MissingDataColumn);
    assert_eq!(code(&[("id", ids()), ("home_lat", ids())]), Code::MissingDataColumn);
    let home = || -> ArrayRef { Arc::new(StringArray::from(vec!["1;2"])) };
    assert_eq!(code(&[("id", ids()), ("home", home()), ("home", home())]), Code::DuplicateHeader);
    let rows = batch(&[("id", ids()), ("home", home()), ("other", ids()), ("more", ids())]);
    let snapshot = load(&schema, &[rows.slice(0, 1), rows.slice(1, 0)]).unwrap();
    let warnings = snapshot.report().warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(
        warnings[0].message,
        "`customers`: ignored `other`, `more`; table `customers` has no such columns"
    );
    let half = Float64Array::from(vec![Some(1.0), None, Some(91.0)]);
    let other = Float64Array::from(vec![Some(2.0), Some(2.0), Some(2.0)]);
    let rows = batch(&[
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("home_lon", Arc::new(other)),
        ("home_lat", Arc::new(half)),
    ]);
    let refused = load(&schema, std::slice::from_ref(&rows)).unwrap_err();
    assert_eq!(refused.diagnostics().len(), 2);
    let refused = load_parquet(&schema, plain_parquet_of(&rows)).unwrap_err();
    let found = refused.diagnostics();
    assert_eq!(found.len(), 2);
    let place = found[0].location.as_ref().unwrap();
    assert_eq!((place.file.as_str(), place.line, place.column), ("customers.parquet", 2, 3));
    assert!(found[0].message.starts_with("row 2: column `home`"), "{}", found[0].message);
}

#[test]
fn a_lenient_load_takes_bad_rows_out_of_every_column() {
    let schema = Schema::from_toml(
        "timezone = 'UTC'\n[customers]\nkey = 'id'\n[customers.columns]\nid = 'int'\nx = 'decimal(1)'\n\
         name = 'text'\ntags = 'set<text>'\nseen = 'date'\n[tables.orders]\ncustomer = 'customer'\n\
         [tables.orders.columns]\ncustomer = 'int'\n",
    )
    .unwrap();
    let rows = 200_000_i64;
    let is_bad = |row: i64| row % 1_000 == 7 || row == rows - 1;
    let ids: Int64Array = (0..rows).map(Some).collect();
    let x: Decimal128Array =
        (0..rows).map(|row| Some(i128::from(row) * 100 + i128::from(is_bad(row)))).collect();
    let names: StringArray = (0..rows).map(|row| Some(format!("n{}", row % 100))).collect();
    let tags: StringArray = (0..rows).map(|row| Some(format!("t{};u", row % 10))).collect();
    let seen: Date32Array = (0..rows).map(|row| (row % 3 > 0).then_some(20_000)).collect();
    let customers = batch(&[
        ("id", Arc::new(ids)),
        ("x", Arc::new(x.with_precision_and_scale(20, 2).unwrap())),
        ("name", Arc::new(names)),
        ("tags", Arc::new(tags)),
        ("seen", Arc::new(seen)),
    ]);
    let orders: Int64Array = (0..rows).map(Some).collect();
    let orders = batch(&[("customer", Arc::new(orders))]);
    let mut data = Snapshot::builder(&schema).lenient(true);
    data.arrow_batch("customers", &customers).unwrap();
    data.arrow_batch("orders", &orders).unwrap();
    let snapshot = data.build().unwrap();
    let bad = u64::try_from((0..rows).filter(|row| is_bad(*row)).count()).unwrap();
    assert_eq!(snapshot.report().rejected("customers"), bad);
    assert_eq!(snapshot.report().rejected("orders"), bad);
    assert_eq!(snapshot.rows("customers"), Some(u64::try_from(rows).unwrap() - bad));
    let expected: Vec<i64> = (0..rows)
        .filter(|row| !is_bad(*row) && row % 100 == 57 && row % 10 == 7 && row % 3 > 0)
        .collect();
    let condition = "name = 'n57' and tags contains 't7' and seen is not null and x = id";
    assert_eq!(keys(&schema, &snapshot, condition), expected);
    // Refused, the rows of customers that are lost are not reported again for their orders.
    let mut data = Snapshot::builder(&schema);
    data.arrow_batch("customers", &customers).unwrap();
    data.arrow_batch("orders", &orders).unwrap();
    let refused = data.build().unwrap_err();
    assert_eq!(u64::try_from(refused.diagnostics().len()).unwrap(), bad);
    assert!(refused.diagnostics()[1].message.starts_with("row 1008 of `customers`: column `x`"));
}

#[test]
fn rows_without_key_or_customer_are_refused() {
    let schema = schema_with("x", "int");
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(1)]));
    let rows = batch(&[("x", Arc::clone(&ids)), ("id", ids)]);
    let refused = load_parquet(&schema, plain_parquet_of(&rows)).unwrap_err();
    let found = refused.diagnostics();
    assert_eq!(
        found.iter().map(|one| one.code).collect::<Vec<_>>(),
        [Code::MissingField, Code::DuplicateKey]
    );
    let place = found[1].location.as_ref().unwrap();
    assert_eq!((place.line, place.column), (3, 2));
    assert_eq!(found[1].help.as_deref(), Some("the first is row 1 of `customers.parquet`"));
}
