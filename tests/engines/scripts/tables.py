"""The tables of a data set, as every engine gets them."""

import os
import re

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet

# What ClickHouse's Date32 and DateTime64 hold: the years 1900 to 2299.
CLICKHOUSE_DAYS = (-25_567, 120_529)
MICROS_A_DAY = 86_400_000_000


def read(folder, table):
    """The table with the columns of the database, of exactly the types that the engines' columns have."""
    file = pyarrow.parquet.read_table(os.path.join(folder, table["file"]))
    arrays, fields = [], []
    for name, kind, values in columns(file, table):
        arrays.append(values)
        fields.append(pa.field(name, arrow_type(kind)))
    return pa.table(arrays, schema=pa.schema(fields))


def described(table):
    """Names and types of the columns in the database: a place is two of them."""
    found = []
    for column in table["columns"]:
        if column["type"] == "geo":
            found += [(f"{column['name']}_{part}", "float") for part in ("lat", "lon")]
        else:
            found.append((column["name"], column["type"]))
    return found


def columns(file, table):
    for column in table["columns"]:
        values, kind = file[column["from"]].combine_chunks(), column["type"]
        if kind == "geo":
            parts = [[None, None] if place is None else place.split(";") for place in values.to_pylist()]
            for at, part in enumerate(("lat", "lon")):
                numbers = [None if pair[at] is None else float(pair[at]) for pair in parts]
                yield f"{column['name']}_{part}", "float", pa.array(numbers, pa.float64())
        else:
            yield column["name"], kind, values.cast(arrow_type(kind))


def scale_of(kind):
    found = re.fullmatch(r"decimal\((\d+)\)", kind)
    return found and int(found[1])


def arrow_type(kind):
    if scale_of(kind) is not None:
        return pa.decimal128(20, scale_of(kind))
    return {
        "bool": pa.bool_(),
        "int": pa.int64(),
        "float": pa.float64(),
        "text": pa.string(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us", "UTC"),
        "set<text>": pa.list_(pa.string()),
        "set<int>": pa.list_(pa.int64()),
    }[kind]


def has_far_days(arrow):
    """Whether a day or an instant lies outside the years 1900 to 2299."""
    first, last = CLICKHOUSE_DAYS
    for column in arrow.columns:
        if pa.types.is_date(column.type):
            found, unit = compute.min_max(column.cast(pa.int32())), 1
        elif pa.types.is_timestamp(column.type):
            found, unit = compute.min_max(column.cast(pa.int64())), MICROS_A_DAY
        else:
            continue
        least, most = found["min"].as_py(), found["max"].as_py()
        if least is not None and (least < first * unit or most >= (last + 1) * unit):
            return True
    return False


def has_nul(arrow):
    """Whether a text has a character of code 0."""
    for column in arrow.columns:
        if pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type):
            column = compute.list_flatten(column)
        if pa.types.is_string(column.type) and compute.any(compute.match_substring(column, "\0")).as_py():
            return True
    return False
