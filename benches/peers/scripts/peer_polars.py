#!/usr/bin/env python3
"""Polars on two threads. usage: peer_polars.py"""

import os

os.environ["POLARS_MAX_THREADS"] = "2"
import datetime as dt
import functools
import json

import polars as pl

import translate
from measure import *

EX, today = EXPRESSIONS, TODAY
AGGS, keyof, RK = translate.collect_aggs(EX.values())
D8 = lambda s: dt.date.fromisoformat(s)


def cmpx(a, field, op, v, today):
    if op in ("in_last_days", "before_last_days"):
        d = today - dt.timedelta(v)
        if field == "occurred_at":
            z = pl.lit(dt.datetime.combine(d + dt.timedelta(1), dt.time()))
            return a >= z if op == "in_last_days" else a < z
        return a > d if op == "in_last_days" else a <= d
    isd = field in translate.DATES
    cv = (lambda x: D8(x)) if isd else (lambda x: x)
    if op == "in":
        return a.is_in(v)
    if op == "not_in":
        return ~a.is_in(v)
    if op == "between":
        return (a >= cv(v[0])) & (a <= cv(v[1]))
    v = cv(v) if isinstance(v, str) else v
    return {"eq": a.__eq__, "ne": a.__ne__, "lt": a.__lt__, "le": a.__le__, "gt": a.__gt__, "ge": a.__ge__}[op](v)


def colx(l, today):
    k, op, v = l["col"], l["op"], l.get("value")
    a = pl.col(k)
    if op == "is_null":
        return a.is_null()
    if op == "not_null":
        return a.is_not_null()
    if op == "contains":
        return a.list.contains(v)
    if op == "contains_any":
        return functools.reduce(lambda x, y: x | y, [a.list.contains(t) for t in v])
    if op == "anniversary_in":
        lo, hi = translate.mmdd_window(today, v)
        m = a.dt.month().cast(pl.Int16) * 100 + a.dt.day()
        return ((m >= lo) & (m <= hi) if lo <= hi else (m >= lo) | (m <= hi)).fill_null(False)
    r = cmpx(a, k, op, v, today)
    return r.fill_null(False) if k in translate.NULLABLE else r


def rowcond(l, today):
    cs = [colx(w, today) for w in l["where"]]
    if "last_days" in l:
        tc = translate.TIMECOL[l["table"]]
        cs.append(cmpx(pl.col(tc), tc, "in_last_days", l["last_days"], today))
    return functools.reduce(lambda x, y: x & y, cs) if cs else None


def aggx(l, cond=None):
    f = l.get("field")
    fn = l["agg"]
    if fn == "count":
        return cond.sum().cast(pl.Int64) if cond is not None else pl.len().cast(pl.Int64)
    a = pl.col(f)
    a = a.filter(cond) if cond is not None else a
    if fn == "count_distinct":
        return a.drop_nulls().n_unique().cast(pl.Int64)
    return {"sum": a.sum, "avg": a.mean, "min": a.min, "max": a.max}[fn]()


ZERO = ("count", "sum", "count_distinct")


def wide(T, today):
    c = T["customers"].lazy()
    for t in TABLES[1:]:
        mine = {k: l for k, l in AGGS.items() if l["table"] == t and l["agg"] != "count_distinct"}
        conds, pre, ag = {}, [], []
        for (
            k,
            l,
        ) in (
            mine.items()
        ):  # row predicates as named boolean columns (computed once, shared), then cheap group_by aggregates
            x = rowcond(l, today)
            if x is None:
                ag.append(aggx(l).alias(k))
                continue
            key = json.dumps([l["where"], l.get("last_days")])
            if key not in conds:
                conds[key] = f"m{len(conds)}"
                pre.append(x.alias(conds[key]))
            m = pl.col(conds[key])
            fn = l["agg"]
            if fn == "count":
                ag.append(m.sum().cast(pl.Int64).alias(k))
            else:
                pre.append(pl.when(x).then(pl.col(l["field"])).alias("v" + k))
                v = pl.col("v" + k)
                ag.append({"sum": v.sum, "avg": v.mean, "min": v.min, "max": v.max}[fn]().alias(k))
        g = T[t].lazy().with_columns(pre).group_by("customer_id").agg(ag)
        c = c.join(g, left_on="id", right_on="customer_id", how="left").with_columns(
            [pl.col(k).fill_null(0) for k, l in mine.items() if l["agg"] in ZERO]
        )
        for k, l in AGGS.items():
            if l["table"] == t and l["agg"] == "count_distinct":
                d = (
                    T[t]
                    .lazy()
                    .filter(rowcond(l, today))
                    .select("customer_id", l["field"])
                    .drop_nulls()
                    .unique()
                    .group_by("customer_id")
                    .agg(pl.len().cast(pl.Int64).alias(k))
                )
                c = c.join(d, left_on="id", right_on="customer_id", how="left").with_columns(pl.col(k).fill_null(0))
    return c


def rfm_cols():
    pop = pl.col(RK["f"]) > 0
    n = pop.sum()
    return [
        pl.when(pop)
        .then(1 + (5 * (pl.when(pop).then(pl.col(RK[q])).rank("min").cast(pl.Int64) - 1)) // n)
        .alias("rfm_" + q)
        for q in "rfm"
    ]


def boolx(n, today, agg):
    if "and" in n:
        return functools.reduce(lambda a, b: a & b, [boolx(x, today, agg) for x in n["and"]])
    if "or" in n:
        return functools.reduce(lambda a, b: a | b, [boolx(x, today, agg) for x in n["or"]])
    if "not" in n:
        return ~boolx(n["not"], today, agg)
    if "ids" in n:
        return pl.col("id").is_in(n["ids"])
    if "rfm" in n:
        return cmpx(pl.col("rfm_" + n["rfm"]), None, n["op"], n["value"], today).fill_null(False)
    if "agg" in n:
        r = cmpx(pl.col(agg(n)), n.get("field"), n["op"], n["value"], today)
        return r if n["agg"] in ZERO else r.fill_null(False)
    return colx(n, today)


def best(T, today=today, split=None):
    t0 = time.perf_counter()
    w = wide(T, today).collect().with_columns(rfm_cols())
    t1 = time.perf_counter()
    B = w.lazy().select([pl.col("id")] + [boolx(e, today, keyof).alias(k) for k, e in EX.items()]).collect()
    t2 = time.perf_counter()
    i = B["id"]
    r = {k: i.filter(B[k]).to_numpy() for k in EX}
    t3 = time.perf_counter()
    if split is not None:
        split.append([round(x, 4) for x in (t1 - t0, t2 - t1, t3 - t2)])
    return r


def lazy_one(T, k, today=today):
    e = EX[k]
    c = T["customers"].lazy()
    a, ko, rk = translate.collect_aggs([e])
    rf = any("rfm" in l for l in translate.walk(e))
    used = {ko(l) for l in translate.walk(e) if "agg" in l} | (set(rk.values()) if rf else set())
    for q in sorted(used):
        l = a[q]
        x = rowcond(l, today)
        g = T[l["table"]].lazy()
        g = g.filter(x) if x is not None else g
        if l["agg"] == "count_distinct":
            g = (
                g.select("customer_id", l["field"])
                .drop_nulls()
                .unique()
                .group_by("customer_id")
                .agg(pl.len().cast(pl.Int64).alias(q))
            )
        else:
            g = g.group_by("customer_id").agg(aggx(l).alias(q))
        c = c.join(g, left_on="id", right_on="customer_id", how="left")
        if l["agg"] in ZERO:
            c = c.with_columns(pl.col(q).fill_null(0))
    if rf:
        pop = pl.col(rk["f"]) > 0
        n = pop.sum()
        c = c.with_columns(
            [
                pl.when(pop)
                .then(1 + (5 * (pl.when(pop).then(pl.col(rk[z])).rank("min").cast(pl.Int64) - 1)) // n)
                .alias("rfm_" + z)
                for z in "rfm"
            ]
        )
    return c.filter(boolx(e, today, ko)).select("id")


def load(prefix=""):
    return {t: pl.read_parquet(f"{DATA}/{prefix}{t}.parquet") for t in TABLES}


class Polars:
    name, parts, naive = "polars", "wide with rfm, booleans, ids", True

    def version(self):
        return pl.__version__

    def load(self):
        self.tables = load()

    def customers(self):
        return len(self.tables["customers"])

    def best(self, day, split=None):
        return best(self.tables, day, split)

    def segment(self, name):
        return lazy_one(self.tables, name).collect()["id"].to_numpy()

    def prepare(self):
        pass

    def one(self, row):
        # RFM scores of one row mean nothing: what it takes, not what it answers.
        key = self.tables["customers"]["id"][row]
        best({t: self.tables[t].filter(pl.col(KEY[t]) == key) for t in TABLES})

    def take_changes(self):
        delta = load("delta_")
        self.ids = delta["customers"].select("id")
        base = self.tables | {"customers": self.tables["customers"].join(self.ids, on="id", how="anti")}
        self.tables = {t: pl.concat([base[t], delta[t]]) for t in TABLES}

    def changed(self):
        best({t: self.tables[t].join(self.ids, left_on=KEY[t], right_on="id", how="semi") for t in TABLES})


KEY = {t: "id" if t == "customers" else "customer_id" for t in TABLES}
run(Polars())
