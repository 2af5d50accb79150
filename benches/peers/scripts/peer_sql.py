#!/usr/bin/env python3
"""Engines that speak SQL, on two threads. usage: peer_sql.py duckdb|duckdb_enum|clickhouse|datafusion"""

import datetime as dt
import json
import shutil
import sys
import tempfile

import numpy as np

import translate
from measure import *

EX, today = translate.load(SEGMENTS)
AGGS, keyof, RK = translate.collect_aggs(EX.values())


class Duck:
    dialect = "duckdb"
    enum = False
    naive = True

    def load(s):
        import duckdb

        s.c = duckdb.connect(config={"threads": 2})
        s.version = duckdb.__version__
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
        import chdb
        from chdb import session

        s.dir = tempfile.mkdtemp(dir=OUT)
        s.c = session.Session(s.dir)
        s.version = chdb.__version__ + " / engine " + str(s.c.query("SELECT version()", "CSV")).strip()
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
        s.version = df.__version__
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


PEER = sys.argv[1]
P = {"duckdb": Duck, "duckdb_enum": DuckEnum, "clickhouse": ClickHouse, "datafusion": DataFusion}[PEER]()
D = translate.DIALECTS[P.dialect]


def best(day=today, split=None):
    t0 = time.perf_counter()
    P.table("wide", D.wide(AGGS, day))
    t1 = time.perf_counter()
    P.table("rfm", D.rfm_select(RK))
    booleans = ", ".join(f"{D.boolean(e, day, keyof, None)} AS {k}" for k, e in EX.items())
    t2 = time.perf_counter()
    i, B = P.bools(f"SELECT id, {booleans} FROM wide LEFT JOIN rfm ON id = rid")
    t3 = time.perf_counter()
    r = {k: i[b] for k, b in B.items()}
    t4 = time.perf_counter()
    if split is not None:
        split.append([round(x, 4) for x in (t1 - t0, t2 - t1, t3 - t2, t4 - t3)])
    return r


def one_segment(name):
    return P.ids(D.naive_query(EX[name], today))


def restricted(where):
    """All segments of some customers; the limits of RFM scores are those of the whole."""
    with open(f"{OUT}/rfm_thresholds.json") as file:
        limits = json.load(file)
    booleans = ", ".join(f"{D.boolean(e, today, keyof, (limits, RK))} AS {k}" for k, e in EX.items())
    return P.bools(f"SELECT id, {booleans} FROM ({D.wide(AGGS, today, where)}) w")


def main():
    results = Results(PEER)
    results.put("start_mb", resident_mb())
    forget_peak()
    taken, _ = timed(P.load)
    results.put("version", P.version)
    results.put("load_s", [taken])
    results.put("load_peak_mb", peak_mb())
    results.put("resident_mb", resident_mb())
    forget_peak()
    split = []
    taken, found = repeated(lambda: best(split=split))
    results.put("best_s", taken)
    results.put("best_split", {"wide, rfm, booleans, ids": split})
    results.put("best_peak_mb", peak_mb())
    results.put("digest_base", digest(found))
    if P.naive or not LARGE:
        forget_peak()
        taken, found = repeated(lambda: {name: one_segment(name) for name in EX}, 1 if LARGE else 3)
        results.put("naive_s", taken)
        results.put("naive_peak_mb", peak_mb())
        results.put("digest_naive", digest(found))
    single = {
        kind: {name: repeated(lambda: one_segment(name), 5)[0] for name in names} for kind, names in SINGLE.items()
    }
    results.put("single_s", single)
    taken, found = repeated(lambda: best(today + dt.timedelta(1)), 1 if LARGE else 3)
    results.put("next_day_s", taken)
    results.put("digest_next_day", digest(found))

    P.index()
    import pyarrow.parquet as pq

    ids, taken = pq.read_table(f"{DATA}/customers.parquet", columns=["id"])["id"].to_numpy(), []
    for row in np.random.default_rng(7).integers(0, len(ids), 10 if LARGE else 30):
        taken.append(timed(lambda: restricted(f"customer_id = {ids[row]}"))[0])
    results.put("one_customer_s", taken)

    taken, _ = timed(P.delta)
    results.put("changed_apply_s", [taken])
    results.put("digest_delta", digest(best()))
    results.put("changed_s", repeated(lambda: restricted("customer_id IN (SELECT id FROM changed)"))[0])
    if hasattr(P, "close"):
        P.close()


main()
