#!/usr/bin/env python3
"""The work written by hand, on one thread: dictionary codes, rows in the order of time, bincount, boolean masks.

What it finds is what the other peers are compared with.
"""

import datetime as dt
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import translate
from measure import *

EPOCH = dt.date(1970, 1, 1)


def dnum(d):
    return ((dt.date.fromisoformat(d) if isinstance(d, str) else d) - EPOCH).days


def codes(col):
    d = col.combine_chunks().dictionary_encode()
    if isinstance(d, pa.ChunkedArray):
        d = d.combine_chunks()
    v = d.dictionary.to_pylist()
    c = d.indices.fill_null(len(v)).to_numpy(zero_copy_only=False)
    return c.astype(np.uint8 if len(v) < 255 else np.uint16), v


def d16(col):
    return col.combine_chunks().cast(pa.int32()).fill_null(-32768).to_numpy(zero_copy_only=False).astype(np.int16)


class Snap:
    """columns: dict name->array; strings as codes with self.dic[table.col]"""

    def __init__(s, path, pre=""):
        T = {t: pq.read_table(f"{path}/{pre}{t}.parquet") for t in TABLES}
        s.dic, s.t = {}, {t: {} for t in TABLES}
        C = T["customers"]
        c = s.t["customers"]
        c["id"] = C["id"].to_numpy().copy()
        s.n = len(c["id"])
        for k in ("email_subscription_status", "country", "city", "source", "language", "gender"):
            c[k], s.dic["customers", k] = codes(C[k])
        c["created_at"], c["birthday"] = d16(C["created_at"]), d16(C["birthday"])
        b = C["birthday"].combine_chunks()
        c["mmdd"] = (
            pc.fill_null(pc.add(pc.multiply(pc.month(b), 100), pc.day(b)), 0)
            .to_numpy(zero_copy_only=False)
            .astype(np.int16)
        )
        c["age"] = C["age"].combine_chunks().fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int8)
        c["accepts_sms"] = C["accepts_sms"].to_numpy().copy()
        tl = C["tags"].combine_chunks()
        tl = tl.combine_chunks() if isinstance(tl, pa.ChunkedArray) else tl
        d = tl.flatten().dictionary_encode()
        off = tl.offsets.to_numpy()
        row = np.repeat(np.arange(s.n, dtype=np.uint32), np.diff(off))
        ti = d.indices.to_numpy()
        names = d.dictionary.to_pylist()
        o = np.argsort(ti, kind="stable")
        bd = np.searchsorted(ti[o], np.arange(len(names) + 1))
        row = row[o]
        s.tags = {names[i]: row[bd[i] : bd[i + 1]] for i in range(len(names))}
        for t in TABLES[1:]:
            X, x = T[t], s.t[t]
            x["cid"] = X["customer_id"].to_numpy()
            for f in X.schema:
                if f.name in ("customer_id", "order_id"):
                    continue
                if pa.types.is_string(f.type) or pa.types.is_large_string(f.type):
                    x[f.name], s.dic[t, f.name] = codes(X[f.name])
                elif pa.types.is_date(f.type):
                    x[f.name] = d16(X[f.name])
                elif pa.types.is_timestamp(f.type):
                    x[f.name] = (X[f.name].cast(pa.int64()).to_numpy() // 1_000_000).astype(np.int32)
                else:
                    x[f.name] = X[f.name].to_numpy().astype(np.int32 if f.name != "quantity" else np.int8)
            if pre == "":
                s.index(t)

    def index(s, t):
        s.t[t]["ci"] = np.searchsorted(s.t["customers"]["id"], s.t[t]["cid"]).astype(np.int32)

    # ---- row predicate on one table
    def pred(s, t, l, today):
        x = s.t[t]
        k, op, v = l["col"], l["op"], l.get("value")
        if k == "tags":
            m = np.zeros(s.n, bool)
            for g in [v] if op == "contains" else v:
                if g in s.tags:
                    m[s.tags[g]] = True
            return m
        a = x[k]
        D = s.dic.get((t, k))
        if D is not None:
            null = len(D)
            if op == "is_null":
                return a == null
            if op == "not_null":
                return a != null
            vals = v if isinstance(v, list) else [v]
            if op in ("eq", "in") and len(vals) == 1:
                return a == (D.index(vals[0]) if vals[0] in D else null + 1)
            lut = np.zeros(null + 1, bool)
            lut[[D.index(z) for z in vals if z in D]] = True
            if op in ("ne", "not_in"):
                lut = ~lut
                lut[null] = False
            return lut[a]
        null = {"birthday": -32768, "age": -1}.get(k)
        if op == "is_null":
            return a == null
        if op == "not_null":
            return a != null
        if op == "anniversary_in":
            lo, hi = translate.mmdd_window(today, v)
            m = x["mmdd"]
            return (m >= lo) & (m <= hi) if lo <= hi else ((m >= lo) | (m <= hi)) & (m > 0)
        r = s.cmp(a, k, op, v, today)
        return r & (a != null) if null is not None and op in ("lt", "le", "ne", "not_in") else r

    def cmp(s, a, k, op, v, today):
        if op in ("in_last_days", "before_last_days"):
            d = dnum(today) - v
            if k == "occurred_at":
                return a >= (d + 1) * 86400 if op == "in_last_days" else a < (d + 1) * 86400
            return a > d if op == "in_last_days" else a <= d
        if isinstance(v, str):
            v = dnum(v)
        if isinstance(v, list) and isinstance(v[0], str):
            v = [dnum(z) for z in v]
        if op == "in":
            return np.isin(a, v)
        if op == "between":
            return (a >= v[0]) & (a <= v[1])
        return {
            "eq": np.equal,
            "ne": np.not_equal,
            "lt": np.less,
            "le": np.less_equal,
            "gt": np.greater,
            "ge": np.greater_equal,
        }[op](a, v)

    # ---- aggregates
    def aggregates(s, aggs, today):
        out, masks, n = {}, {}, s.n
        for k, l in aggs.items():
            t = l["table"]
            x = s.t[t]
            st = 0
            if "last_days" in l:  # facts are time sorted: window = tail slice
                tc = translate.TIMECOL[t]
                d = dnum(today) - l["last_days"]
                st = int(np.searchsorted(x[tc], (d + 1) * 86400 if tc == "occurred_at" else d + 1))
            m = None
            for w in l["where"]:
                key = (t, json.dumps(w))
                if key not in masks:
                    masks[key] = s.pred(t, w, today)
                m = masks[key][st:] if m is None else m & masks[key][st:]
            ci = x["ci"][st:]
            f = l.get("field")
            v = x[f][st:] if f else None
            if m is not None:
                ix = np.flatnonzero(m)
                ci = ci[ix]
                v = v[ix] if f else None
            fn = l["agg"]
            if fn == "count":
                r = np.bincount(ci, minlength=n).astype(np.int32)
            elif fn == "sum":
                r = np.bincount(ci, weights=v, minlength=n).astype(np.int64)
            elif fn == "avg":
                c = np.bincount(ci, minlength=n)
                with np.errstate(all="ignore"):
                    r = np.bincount(ci, weights=v, minlength=n) / c  # nan when empty -> comparisons False
            elif fn == "count_distinct":
                D = s.dic[t, f]
                ok = v < len(D)
                u = np.zeros(n * len(D), bool) if n * len(D) <= 10**8 else None
                u[ci[ok].astype(np.int64) * len(D) + v[ok]] = True
                r = u.reshape(n, len(D)).sum(1, dtype=np.int16)
            elif f in ("ordered_at", "occurred_at"):  # time sorted: last write wins = max, reversed = min
                r = np.full(n, -(2**31), np.int32) if fn == "max" else np.full(n, 2**31 - 1, np.int32)
                if fn == "max":
                    r[ci] = v
                else:
                    r[ci[::-1]] = v[::-1]
            else:
                r = np.full(n, -(2**31), np.int32)
                np.maximum.at(r, ci, v)
            out[k] = r
        return out

    def thresholds(s, A, rk):
        pop = A[rk["f"]] > 0
        th = {}
        for q in "rfm":
            v = np.sort(A[rk[q]][pop])
            N = len(v)
            th[q] = [int(v[max(-(-(k * N) // 5) - 1, 0)]) for k in (1, 2, 3, 4)] if N else [0] * 4
        return th

    # ---- 200 masks
    def evaluate(s, exprs, A, keyof, rk, today, th):
        cache = {}
        n = s.n

        def leaf(l):
            if "rfm" in l:
                v = A[rk[l["rfm"]]]
                sc = 1 + sum((v > t).astype(np.int8) for t in th[l["rfm"]])
                return s.cmp(sc, None, l["op"], l["value"], today) & (A[rk["f"]] > 0)
            if "ids" in l:
                m = np.zeros(n, bool)
                p = np.searchsorted(s.t["customers"]["id"], l["ids"])
                p2 = p.clip(0, n - 1)
                m[p2[s.t["customers"]["id"][p2] == np.array(l["ids"], np.uint64)]] = True
                return m
            if "agg" in l:
                a = A[keyof(l)]
                r = s.cmp(a, l.get("field"), l["op"], l["value"], today)
                if l["agg"] == "max" and l["op"] in ("lt", "le", "before_last_days"):
                    r = r & (a != -(2**31))
                if l["agg"] == "min" and l["op"] not in ("lt", "le", "before_last_days"):
                    r = r & (a != 2**31 - 1)
                return r
            return s.pred("customers", l, today)

        def go(e):
            for k, f in (("and", np.logical_and), ("or", np.logical_or)):
                if k in e:
                    r = go(e[k][0])
                    for i, x in enumerate(e[k][1:]):
                        r = f(r, go(x), out=r if i else None)
                    return r
            if "not" in e:
                return ~go(e["not"])
            key = json.dumps(e)
            if key not in cache:
                cache[key] = leaf(e)
            return cache[key]

        return {k: go(e) for k, e in exprs.items()}

    def build_csr(s):
        s.csr = {}
        for t in TABLES[1:]:
            ci = s.t[t]["ci"]
            o = np.argsort(ci, kind="stable").astype(np.uint32)
            s.csr[t] = (o, np.searchsorted(ci[o], np.arange(s.n + 1)))
        tg = [(n, r) for n, r in s.tags.items()]
        s.tagmat = None
        allr = np.concatenate([r for _, r in tg])
        alli = np.concatenate([np.full(len(r), i) for i, (_, r) in enumerate(tg)])
        o = np.argsort(allr, kind="stable")
        s.tagcsr = (alli[o], np.searchsorted(allr[o], np.arange(s.n + 1)), [n for n, _ in tg])

    def sub(s, rows):
        """snapshot restricted to customer rows (uses CSR)"""
        x = Snap.__new__(Snap)
        x.dic, x.n, x.t = s.dic, len(rows), {}
        x.t["customers"] = {k: v[rows] for k, v in s.t["customers"].items()}
        ti, to, tn = s.tagcsr
        x.tags = {}
        if len(rows) == 1:
            for j in ti[to[rows[0]] : to[rows[0] + 1]]:
                x.tags[tn[j]] = np.array([0])
        else:
            ln = to[rows + 1] - to[rows]
            pos = np.repeat(to[rows] - np.concatenate([[0], np.cumsum(ln)[:-1]]), ln) + np.arange(ln.sum())
            rr = np.repeat(np.arange(len(rows)), ln)
            jj = ti[pos]
            for j in np.unique(jj):
                x.tags[tn[j]] = rr[jj == j]
        for t in TABLES[1:]:
            o, off = s.csr[t]
            if len(rows) == 1:
                ix = o[off[rows[0]] : off[rows[0] + 1]]
                ci = np.zeros(len(ix), np.int32)
            else:
                ln = off[rows + 1] - off[rows]
                pos = np.repeat(off[rows] - np.concatenate([[0], np.cumsum(ln)[:-1]]), ln) + np.arange(ln.sum())
                ix = o[pos]
                sr = np.argsort(ix, kind="stable")
                ix = ix[sr]
                ci = np.repeat(np.arange(len(rows), dtype=np.int32), ln)[sr]
            x.t[t] = {k: v[ix] for k, v in s.t[t].items() if k != "ci"}
            x.t[t]["ci"] = ci
        return x

    def apply_delta(s, d):
        rows = np.searchsorted(s.t["customers"]["id"], d.t["customers"]["id"])

        def remap(t, k, a):
            D, E = s.dic[t, k], d.dic[t, k]
            new = [z for z in E if z not in D]
            if new:  # the null code is len(dictionary): move it up
                old = len(D)
                D.extend(new)
                a_ = s.t[t][k]
                if len(D) > np.iinfo(a_.dtype).max:
                    raise SystemExit("code width")
                a_[a_ == old] = len(D)
            return np.array([D.index(z) for z in E] + [len(D)])[a].astype(s.t[t][k].dtype)

        for k, v in d.t["customers"].items():
            s.t["customers"][k][rows] = remap("customers", k, v) if ("customers", k) in s.dic else v
        ch = np.zeros(s.n, bool)
        ch[rows] = True
        for g in list(s.tags):
            s.tags[g] = np.sort(
                np.concatenate(
                    [
                        s.tags[g][~ch[s.tags[g]]],
                        rows[d.tags[g]].astype(np.uint32) if g in d.tags else np.array([], np.uint32),
                    ]
                )
            )
        for t in TABLES[1:]:
            d.t[t]["ci"] = np.searchsorted(s.t["customers"]["id"], d.t[t]["cid"]).astype(np.int32)
            for k in s.t[t]:
                v = d.t[t][k]
                s.t[t][k] = np.concatenate([s.t[t][k], remap(t, k, v) if (t, k) in s.dic else v])
        return rows


class Numpy:
    name, parts, naive = "numpy", "wide, rfm, booleans, ids", False

    def version(self):
        return np.__version__

    def load(self):
        self.data = Snap(DATA)

    def customers(self):
        return self.data.n

    def best(self, day, split=None):
        t0 = time.perf_counter()
        wide = self.data.aggregates(AGGS, day)
        t1 = time.perf_counter()
        limits = self.data.thresholds(wide, RK)
        t2 = time.perf_counter()
        masks = self.data.evaluate(EXPRESSIONS, wide, keyof, RK, day, limits)
        t3 = time.perf_counter()
        ids = self.data.t["customers"]["id"]
        members = {name: ids[mask] for name, mask in masks.items()}
        t4 = time.perf_counter()
        if split is not None:
            split.append([t1 - t0, t2 - t1, t3 - t2, t4 - t3])
        return members

    def segment(self, name):
        own = {name: EXPRESSIONS[name]}
        aggregates, key, rfm = translate.collect_aggs(own.values())
        leaves = list(translate.walk(own[name]))
        used = {key(leaf) for leaf in leaves if "agg" in leaf}
        scored = any("rfm" in leaf for leaf in leaves)
        used |= set(rfm.values()) if scored else set()
        wide = self.data.aggregates({name: leaf for name, leaf in aggregates.items() if name in used}, TODAY)
        limits = self.data.thresholds(wide, rfm) if scored else None
        return self.data.t["customers"]["id"][self.data.evaluate(own, wide, key, rfm, TODAY, limits)[name]]

    def prepare(self):
        wide = self.data.aggregates(AGGS, TODAY)
        self.limits = self.data.thresholds(wide, RK)
        self.masks = self.data.evaluate(EXPRESSIONS, wide, keyof, RK, TODAY, self.limits)
        # For the other peers, which evaluate single customers with the limits of all.
        days = [str(EPOCH + dt.timedelta(day)) for day in self.limits["r"]]
        with open(f"{OUT}/rfm_thresholds.json", "w") as file:
            json.dump(self.limits | {"r": days}, file)
        self.data.build_csr()

    def one(self, row):
        alone = self.of(np.array([row]))
        if any(bool(alone[name][0]) != bool(mask[row]) for name, mask in self.masks.items()):
            raise SystemExit(f"row {row} alone differs from row {row} among all")

    def of(self, rows):
        part = self.data.sub(rows)
        return part.evaluate(EXPRESSIONS, part.aggregates(AGGS, TODAY), keyof, RK, TODAY, self.limits)

    def take_changes(self):
        self.rows = self.data.apply_delta(Snap(DATA, "delta_"))
        self.data.build_csr()

    def changed(self):
        self.of(self.rows)


AGGS, keyof, RK = translate.collect_aggs(EXPRESSIONS.values())
run(Numpy())
