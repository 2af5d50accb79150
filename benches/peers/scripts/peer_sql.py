#!/usr/bin/env python3
"""Engines that speak SQL, on two threads. usage: peer_sql.py duckdb|duckdb_enum|clickhouse|datafusion"""

import json
import shutil
import sys
import tempfile
from importlib import metadata

import numpy as np
import pyarrow.parquet as pq

import translate
from measure import *

AGGS, keyof, RK = translate.collect_aggs(EXPRESSIONS.values())


class Duck:
    dialect = "duckdb"
    enum = False
    naive = True

    def load(s):
        import duckdb

        s.c = duckdb.connect(config={"threads": 2})
        for t in TABLES:
            src = f"SELECT * FROM '{DATA}/{t}.parquet'"
            if s.enum:
                cols = [r[0] for r in s.c.execute(f"DESCRIBE {src}").fetchall() if r[1] == "VARCHAR"]
                for k in cols:
                    s.c.execute(
                        f"CREATE TYPE IF NOT EXISTS e_{k} AS ENUM (SELECT DISTINCT {k} FROM read_parquet(['{DATA}/{t}.parquet', '{DATA}/delta_{t}.parquet']) WHERE {k} IS NOT NULL ORDER BY 1)"
                    )
                src = f"SELECT * REPLACE ({', '.join(f'{k}::e_{k} AS {k}' for k in cols)}) FROM '{DATA}/{t}.parquet'"
            s.c.execute(f"CREATE TABLE {t} AS {src}")

    def ids(s, q):
        return s.c.execute(q).fetchnumpy()["id"]

    def table(s, name, q):
        s.c.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {q}")

    def bools(s, q):
        d = s.c.execute(q).fetchnumpy()
        i = d.pop("id")
        return i, {k: np.asarray(v).astype(bool, copy=False) for k, v in d.items()}

    def index(s):
        for t in TABLES:
            s.c.execute(f"CREATE INDEX ix_{t} ON {t} ({'id' if t == 'customers' else 'customer_id'})")

    def changed(s):
        s.c.execute(f"CREATE OR REPLACE TEMP TABLE changed AS SELECT id FROM '{DATA}/delta_customers.parquet'")

    def delta(s):
        s.changed()
        s.c.execute("DELETE FROM customers WHERE id IN (SELECT id FROM changed)")
        for t in TABLES:
            s.c.execute(f"INSERT INTO {t} BY NAME SELECT * FROM '{DATA}/delta_{t}.parquet'")


class DuckEnum(Duck):
    """Texts as ENUMs."""

    enum = True


class ClickHouse:
    dialect = "clickhouse"
    naive = False

    def load(s):
        from chdb import session

        s.dir = tempfile.mkdtemp(dir=OUT)
        s.c = session.Session(s.dir)
        s.c.query("CREATE DATABASE IF NOT EXISTS d ENGINE = Atomic")
        s.c.query("USE d")
        s.c.query("SET max_threads = 2")
        s.c.query("SET session_timezone = 'UTC'")
        s.c.query("SET join_use_nulls = 1")
        lc = "LowCardinality(String)"
        D = "Date32"
        ddl = {
            "customers": f"id UInt64, email_subscription_status LowCardinality(Nullable(String)), country {lc}, city {lc}, source {lc}, language {lc}, created_at {D}, birthday Nullable(Date32), gender LowCardinality(Nullable(String)), age Nullable(Int32), tags Array({lc}), accepts_sms Bool",
            "orders": f"order_id UInt64, customer_id UInt64, ordered_at {D}, store {lc}, total_cents Int64, status {lc}",
            "order_items": f"order_id UInt64, customer_id UInt64, ordered_at {D}, product_id UInt32, product_group {lc}, quantity Int32, price_cents Int64",
            "events": f"customer_id UInt64, event {lc}, product_group LowCardinality(Nullable(String)), occurred_at DateTime64(6, 'UTC')",
        }
        for t in TABLES:
            s.c.query(
                f"CREATE TABLE {t} ({ddl[t]}) ENGINE = MergeTree ORDER BY {'id' if t == 'customers' else 'customer_id'} SETTINGS index_granularity = 8192"
            )
            s.ins(t, "")
            s.c.query(f"OPTIMIZE TABLE {t} FINAL")

    def ins(s, t, pre):
        occ = "* REPLACE (toDateTime64(occurred_at, 6, 'UTC') AS occurred_at)" if t == "events" else "*"
        s.c.query(f"INSERT INTO {t} SELECT {occ} FROM file('{DATA}/{pre}{t}.parquet', Parquet)")

    def arrow(s, q):
        import pyarrow as pa

        r = s.c.query(q, "Arrow")
        return pa.ipc.open_file(pa.BufferReader(r.bytes())).read_all()

    def ids(s, q):
        return s.arrow(q)["id"].to_numpy()

    def table(s, name, q):
        s.c.query(f"DROP TABLE IF EXISTS {name}")
        s.c.query(f"CREATE TABLE {name} ENGINE = Memory AS {q}")

    def bools(s, q):
        t = s.arrow(q)
        return t["id"].to_numpy(), {k: t[k].to_numpy().astype(bool) for k in t.column_names if k != "id"}

    def index(s):
        pass

    def changed(s):
        s.table("changed", f"SELECT id FROM file('{DATA}/delta_customers.parquet', Parquet)")

    def delta(s):
        s.changed()
        s.c.query("DELETE FROM customers WHERE id IN (SELECT id FROM changed)")
        for t in TABLES:
            s.ins(t, "delta_")

    def close(s):
        s.c.close()
        shutil.rmtree(s.dir, ignore_errors=True)


class DataFusion:
    dialect = "datafusion"
    naive = False

    def load(s):
        import datafusion as df

        s.df = df
        cfg = (
            df.SessionConfig()
            .with_target_partitions(2)
            .set("datafusion.execution.parquet.schema_force_view_types", "false")
        )
        s.c = df.SessionContext(cfg)
        for t in TABLES:  # in-memory: collect parquet scan once, register the batches
            s.c.register_parquet(f"p_{t}", f"{DATA}/{t}.parquet")
            s.reg(t, s.c.table(f"p_{t}"))

    def reg(s, t, d):
        T = d.to_arrow_table().combine_chunks()
        s.nb = T.num_rows  # re-batch: join outputs come as thousands of tiny batches
        bs = T.to_batches(max_chunksize=32768)
        h = (len(bs) + 1) // 2
        parts = [p for p in (bs[:h], bs[h:]) if p]
        try:
            s.c.deregister_table(t)
        except Exception:
            pass
        s.c.register_record_batches(t, parts)

    def arrow(s, q):
        return s.c.sql(q).to_arrow_table()

    def ids(s, q):
        return s.arrow(q)["id"].to_numpy()

    def table(s, name, q):
        s.reg(name, s.c.sql(q))

    def bools(s, q):
        t = s.arrow(q)
        return t["id"].to_numpy(), {k: np.asarray(t[k]).astype(bool) for k in t.column_names if k != "id"}

    def index(s):
        pass

    def changed(s):
        s.c.register_parquet("d_customers", f"{DATA}/delta_customers.parquet") if not s.c.table_exist(
            "d_customers"
        ) else None
        s.table("changed", "SELECT id FROM d_customers")

    def delta(s):
        s.changed()
        for t in TABLES:
            if t != "customers":
                s.c.register_parquet(f"d_{t}", f"{DATA}/delta_{t}.parquet")
            w = " WHERE id NOT IN (SELECT id FROM changed)" if t == "customers" else ""
            s.table(t, f"SELECT * FROM {t}{w} UNION ALL SELECT * FROM d_{t}")


class Sql:
    """An engine, driven the same way as all of them."""

    parts = "wide, rfm, booleans, ids"

    def __init__(self, name):
        self.name, self.engine = name, ENGINES[name]()
        self.naive, self.sql = self.engine.naive, translate.DIALECTS[self.engine.dialect]

    def version(self):
        return metadata.version("chdb" if self.name == "clickhouse" else self.name.split("_")[0])

    def load(self):
        self.engine.load()

    def customers(self):
        self.keys = pq.read_table(f"{DATA}/customers.parquet", columns=["id"])["id"].to_numpy()
        return len(self.keys)

    def best(self, day, split=None):
        t0 = time.perf_counter()
        self.engine.table("wide", self.sql.wide(AGGS, day))
        t1 = time.perf_counter()
        self.engine.table("rfm", self.sql.rfm_select(RK))
        t2 = time.perf_counter()
        query = f"SELECT id, {self.booleans(day, None)} FROM wide LEFT JOIN rfm ON id = rid"
        ids, columns = self.engine.bools(query)
        t3 = time.perf_counter()
        members = {name: ids[column] for name, column in columns.items()}
        t4 = time.perf_counter()
        if split is not None:
            split.append([t1 - t0, t2 - t1, t3 - t2, t4 - t3])
        return members

    def booleans(self, day, rfm):
        parts = (f"{self.sql.boolean(e, day, keyof, rfm)} AS {name}" for name, e in EXPRESSIONS.items())
        return ", ".join(parts)

    def segment(self, name):
        return self.engine.ids(self.sql.naive_query(EXPRESSIONS[name], TODAY))

    def prepare(self):
        self.engine.index()

    def one(self, row):
        self.restricted(f"customer_id = {self.keys[row]}")

    def take_changes(self):
        self.engine.delta()

    def changed(self):
        self.restricted("customer_id IN (SELECT id FROM changed)")

    def restricted(self, where):
        """All segments of some customers; the limits of RFM scores are those that numpy found of all."""
        with open(f"{OUT}/rfm_thresholds.json") as file:
            limits = json.load(file)
        wide = self.sql.wide(AGGS, TODAY, where)
        return self.engine.bools(f"SELECT id, {self.booleans(TODAY, (limits, RK))} FROM ({wide}) w")


ENGINES = {"duckdb": Duck, "duckdb_enum": DuckEnum, "clickhouse": ClickHouse, "datafusion": DataFusion}
peer = Sql(sys.argv[1])
run(peer)
if hasattr(peer.engine, "close"):
    peer.engine.close()
