"""The engines: how each is reached, how tables get into it, and how a statement is run. One class each.

An engine has `open`, `close`, `begin` and `end` of a data set, `load` of a table, `run` of a statement, which returns
pairs of a segment and a key, and `unstorable`, which says why a table cannot be stored there.
"""

import datetime
import os
import shutil
import tempfile
from importlib import metadata

import pyarrow as pa
import pyarrow.parquet

import tables


def is_bytes(kind):
    return pa.types.is_binary(kind) or pa.types.is_dictionary(kind)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Engine:
    # The module whose version is told.
    module = None
    # How many threads it may use.
    threads = 2

    def open(self):
        pass

    def close(self):
        pass

    def version(self):
        return metadata.version(self.module)

    def begin(self):
        """An empty place for the tables of a data set; one that was given up may have left its own behind."""

    def end(self):
        """Everything of the data set is gone."""

    def unstorable(self, arrow):
        return None

    def pairs(self, answer):
        """What `run` returned, an Arrow table, as pairs of Python's own values."""
        columns = [column.cast(pa.string()) if is_bytes(column.type) else column for column in answer.columns]
        return zip(*(column.to_pylist() for column in columns))


class DuckDb(Engine):
    module = "duckdb"

    def begin(self):
        import duckdb

        self.connection = duckdb.connect(config={"threads": self.threads})
        self.connection.execute("SET TimeZone = 'UTC'")

    def end(self):
        self.connection.close()

    def load(self, name, columns, arrow):
        kinds = ", ".join(f"{quoted(column)} {self.type(kind)}" for column, kind in columns)
        self.connection.execute(f"CREATE TABLE {quoted(name)} ({kinds})")
        self.connection.register("incoming", arrow)
        self.connection.execute(f"INSERT INTO {quoted(name)} SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def type(self, kind):
        if tables.scale_of(kind) is not None:
            return f"DECIMAL(20, {tables.scale_of(kind)})"
        return {
            "bool": "BOOLEAN",
            "int": "BIGINT",
            "float": "DOUBLE",
            "text": "VARCHAR",
            "date": "DATE",
            "datetime": "TIMESTAMPTZ",
            "set<text>": "VARCHAR[]",
            "set<int>": "BIGINT[]",
        }[kind]

    def run(self, sql):
        return self.connection.execute(sql).to_arrow_table()


class DataFusion(Engine):
    module = "datafusion"

    def begin(self):
        import datafusion

        config = datafusion.SessionConfig().with_target_partitions(self.threads)
        self.context = datafusion.SessionContext(config)

    def end(self):
        self.context = None

    def load(self, name, columns, arrow):
        batches = arrow.combine_chunks().to_batches(max_chunksize=32_768)
        if not batches:
            batches = [pa.RecordBatch.from_pylist([], schema=arrow.schema)]
        half = (len(batches) + 1) // 2
        parts = [part for part in (batches[:half], batches[half:]) if part]
        self.context.register_record_batches(quoted(name), parts)

    def run(self, sql):
        return self.context.sql(sql).to_arrow_table()


class Postgres(Engine):
    module = "psycopg"

    def open(self):
        import psycopg

        self.connection = psycopg.connect(
            host=os.environ["ENGINES_PGHOST"], user="postgres", dbname="postgres", autocommit=True
        )
        self.connection.execute("SET TimeZone = 'UTC'")

    def close(self):
        self.connection.close()

    def version(self):
        return self.connection.execute("SHOW server_version").fetchone()[0].split()[0]

    def begin(self):
        self.end()
        self.connection.execute("CREATE SCHEMA data")
        self.connection.execute("SET search_path = data")

    def end(self):
        self.connection.execute("SET client_min_messages = warning")
        self.connection.execute("DROP SCHEMA IF EXISTS data CASCADE")

    def unstorable(self, arrow):
        return "a text with the character of code 0" if tables.has_nul(arrow) else None

    def load(self, name, columns, arrow):
        kinds = ", ".join(f"{quoted(column)} {self.type(kind)}" for column, kind in columns)
        self.connection.execute(f"CREATE TABLE {quoted(name)} ({kinds})".encode())
        written = [self.written(arrow[column], kind) for column, kind in columns]
        with self.connection.cursor().copy(f"COPY {quoted(name)} FROM STDIN".encode()) as copy:
            for row in zip(*written):
                copy.write_row(row)
        self.connection.execute(f"ANALYZE {quoted(name)}".encode())

    def type(self, kind):
        if tables.scale_of(kind) is not None:
            return f"numeric(20, {tables.scale_of(kind)})"
        return {
            "bool": "boolean",
            "int": "bigint",
            "float": "double precision",
            "text": "text",
            "date": "date",
            "datetime": "timestamptz",
            "set<text>": "text[]",
            "set<int>": "bigint[]",
        }[kind]

    def written(self, column, kind):
        """The values of a column as COPY takes them. Python's own dates end before those of the language."""
        if kind == "date":
            return [None if day is None else civil(day) for day in column.cast(pa.int32()).to_pylist()]
        if kind == "datetime":
            return [None if at is None else instant(at) for at in column.cast(pa.int64()).to_pylist()]
        return column.to_pylist()

    def run(self, sql):
        return self.connection.execute(sql.encode()).fetchall()

    def pairs(self, answer):
        return answer


def civil(days):
    """A day as PostgreSQL writes it: years before the first are BC."""
    era_days = days + 719_468
    era, of_era = divmod(era_days, 146_097)
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year = year_of_era + era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{day:02}" if year > 0 else f"{1 - year:04}-{month:02}-{day:02} BC"


def instant(micros):
    days, of_day = divmod(micros, tables.MICROS_A_DAY)
    time = (datetime.datetime.min + datetime.timedelta(microseconds=of_day)).time().isoformat("microseconds")
    day, _, era = civil(days).partition(" ")
    return f"{day} {time}+00 {era}".rstrip()


class ClickHouse(Engine):
    module = "chdb"

    def open(self):
        from chdb import session

        self.folder = tempfile.mkdtemp(prefix="engines-")
        self.session = session.Session(os.path.join(self.folder, "database"))
        self.session.query(f"SET max_threads = {self.threads}")

    def close(self):
        self.session.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self):
        self.end()
        self.session.query("CREATE DATABASE data")
        self.session.query("USE data")

    def end(self):
        self.session.query("USE default")
        self.session.query("DROP DATABASE IF EXISTS data")

    def unstorable(self, arrow):
        return "a day outside the years 1900 to 2299" if tables.has_far_days(arrow) else None

    def load(self, name, columns, arrow):
        kinds = ", ".join(f"{self.quoted(column)} {self.type(kind)}" for column, kind in columns)
        self.session.query(f"CREATE TABLE {self.quoted(name)} ({kinds}) ENGINE = MergeTree ORDER BY tuple()")
        file = os.path.join(self.folder, "incoming.parquet")
        # Columns by place: their names may be anything.
        arrow = arrow.rename_columns([f"c{number}" for number in range(len(columns))])
        pyarrow.parquet.write_table(arrow, file)
        names = ", ".join(f"c{number}" for number in range(len(columns)))
        self.session.query(f"INSERT INTO {self.quoted(name)} SELECT {names} FROM file('{file}', Parquet)")

    def quoted(self, name):
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    def type(self, kind):
        if kind.startswith("set"):
            return "Array(String)" if kind == "set<text>" else "Array(Int64)"
        if tables.scale_of(kind) is not None:
            return f"Nullable(Decimal(20, {tables.scale_of(kind)}))"
        plain = {
            "bool": "Bool",
            "int": "Int64",
            "float": "Float64",
            "text": "String",
            "date": "Date32",
            "datetime": "DateTime64(6, 'UTC')",
        }[kind]
        return f"Nullable({plain})"

    def run(self, sql):
        try:
            answer = self.session.query(sql, "ArrowStream").bytes()
        except RuntimeError:
            # Whatever is asked next after an error is answered with nothing.
            self.session.query("SELECT 1", "ArrowStream")
            raise
        return pa.ipc.open_stream(pa.BufferReader(answer)).read_all() if answer else pa.table({})


class Spark(Engine):
    module = "pyspark"

    def open(self):
        from pyspark.sql import SparkSession

        self.folder = tempfile.mkdtemp(prefix="engines-")
        self.files = 0
        builder = SparkSession.builder.master(os.environ.get("ENGINES_SPARK", "local[2]")).appName("segmenta")
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "2g",
            "spark.executor.memory": "2g",
            "spark.executor.cores": "1",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.sql.warehouse.dir": os.path.join(self.folder, "warehouse"),
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()

    def close(self):
        self.session.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self):
        self.views = []

    def end(self):
        for view in self.views:
            self.session.catalog.dropTempView(view)

    def load(self, name, columns, arrow):
        self.files += 1
        file = os.path.join(self.folder, f"{self.files}.parquet")
        pyarrow.parquet.write_table(arrow, file, coerce_timestamps="us")
        self.session.read.parquet(file).createOrReplaceTempView(self.quoted(name))
        self.views.append(name)

    def quoted(self, name):
        return "`" + name.replace("`", "``") + "`"

    def run(self, sql):
        return self.session.sql(sql).toArrow()


ENGINES = {
    "duckdb": DuckDb,
    "datafusion": DataFusion,
    "postgres": Postgres,
    "clickhouse": ClickHouse,
    "spark": Spark,
}
