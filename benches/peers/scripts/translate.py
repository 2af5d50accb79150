"""The neutral definitions as SQL, and what the translations to Polars and numpy share with it.

Two ways are written: `naive_query`, one query a segment; and the best found, `wide`, all distinct aggregates beside the
customers in one table, after which `boolean` is one column a segment.
"""

import datetime as dt
import json

TIMECOL = {"orders": "ordered_at", "order_items": "ordered_at", "events": "occurred_at"}
DATES = {"created_at", "birthday", "ordered_at"}
NULLABLE = {"email_subscription_status", "birthday", "gender", "age"}


def load(path):
    """{segment: its condition without references}, and the day"""
    with open(path) as file:
        given = json.load(file)
    by_id = {segment["id"]: segment for segment in given["segments"]}
    expressions = {name: inline(segment["expr"], by_id) for name, segment in by_id.items()}
    return expressions, dt.date.fromisoformat(given["today"])


def inline(n, segs):
    if "segment" in n:
        return inline(segs[n["segment"]]["expr"], segs)
    for k in ("and", "or"):
        if k in n:
            return {k: [inline(x, segs) for x in n[k]]}
    if "not" in n:
        return {"not": inline(n["not"], segs)}
    return n


def test(op, v, val):
    return {
        "eq": lambda: v == val,
        "ne": lambda: v != val,
        "ge": lambda: v >= val,
        "gt": lambda: v > val,
        "le": lambda: v <= val,
        "lt": lambda: v < val,
        "between": lambda: val[0] <= v <= val[1],
    }[op]()


def mmdd_window(today, ab):
    a, b = today + dt.timedelta(ab[0]), today + dt.timedelta(ab[1])
    return a.month * 100 + a.day, b.month * 100 + b.day


class SQL:
    name = "duckdb"

    def date(self, d):
        return f"DATE '{d}'"

    def ts(self, d):
        return f"TIMESTAMP '{d} 00:00:00'"

    def s(self, v):
        if isinstance(v, bool):
            return "TRUE" if v else "FALSE"
        return "'" + v + "'" if isinstance(v, str) else str(v)

    def contains(self, col, t):
        return f"list_contains({col}, '{t}')"

    def mmdd(self, c):
        return f"(month({c}) * 100 + day({c}))"

    def idiv(self, a, b):
        return f"(({a}) // ({b}))"

    def agg(self, fn, arg, cond):
        """filtered aggregate"""
        f = {"count": "COUNT(*)", "count_distinct": f"COUNT(DISTINCT {arg})"}.get(fn, f"{fn.upper()}({arg})")
        return f + (f" FILTER (WHERE {cond})" if cond else "")

    def coalesce_bool(self, x):
        return f"COALESCE({x}, FALSE)"

    def lit(self, col, v):
        if col in DATES and isinstance(v, str):
            return self.date(v)
        return self.s(v)

    def col(self, l, today, p=""):
        c, op, v = p + l["col"], l["op"], l.get("value")
        k = l["col"]
        if op == "is_null":
            return f"{c} IS NULL"
        if op == "not_null":
            return f"{c} IS NOT NULL"
        if op == "contains":
            return self.contains(c, v)
        if op == "contains_any":
            return "(" + " OR ".join(self.contains(c, t) for t in v) + ")"
        if op == "anniversary_in":
            a, b = mmdd_window(today, v)
            m = self.mmdd(c)
            return f"({m} >= {a} AND {m} <= {b})" if a <= b else f"({m} >= {a} OR {m} <= {b})"
        return self.cmp(c, op, v, today, lambda x: self.lit(k, x), k == "occurred_at")

    def cmp(self, c, op, v, today, lit, is_ts=False):
        if op in ("in_last_days", "before_last_days"):
            d = today - dt.timedelta(v)
            if is_ts:
                return f"{c} {'>=' if op == 'in_last_days' else '<'} {self.ts(d + dt.timedelta(1))}"
            return f"{c} {'>' if op == 'in_last_days' else '<='} {self.date(d)}"
        if op in ("in", "not_in"):
            return f"{c} {'NOT ' if op == 'not_in' else ''}IN ({', '.join(lit(x) for x in v)})"
        if op == "between":
            return f"{c} BETWEEN {lit(v[0])} AND {lit(v[1])}"
        return f"{c} {dict(eq='=', ne='<>', lt='<', le='<=', gt='>', ge='>=')[op]} {lit(v)}"

    def rowcond(self, l, today):
        cs = [self.col(x, today) for x in l["where"]]
        if "last_days" in l:
            tc = TIMECOL[l["table"]]
            cs.append(self.cmp(tc, "in_last_days", l["last_days"], today, None, tc == "occurred_at"))
        return " AND ".join(cs)

    def aggcmp(self, l, v, today):
        f = l.get("field")
        return self.cmp(v, l["op"], l["value"], today, lambda x: self.lit(f, x), f == "occurred_at")

    def naive(self, n, today, neg=False):
        if "and" in n:
            return "(" + " AND ".join(self.naive(x, today, neg) for x in n["and"]) + ")"
        if "or" in n:
            return "(" + " OR ".join(self.naive(x, today, neg) for x in n["or"]) + ")"
        if "not" in n:
            return "NOT " + self.naive(n["not"], today, True)
        if "ids" in n:
            return f"c.id IN ({', '.join(map(str, n['ids']))})"
        if "rfm" in n:
            x = {"r": "MAX(ordered_at)", "f": "COUNT(*)", "m": "SUM(total_cents)"}[n["rfm"]]
            sc = "1 + " + self.idiv("5 * (RANK() OVER (ORDER BY x) - 1)", "COUNT(*) OVER ()")
            return (
                f"c.id IN (SELECT customer_id FROM (SELECT customer_id, {sc} AS score FROM (SELECT customer_id, {x} AS x "
                f"FROM orders WHERE status = 'paid' GROUP BY customer_id) q1) q2 WHERE {self.cmp('score', n['op'], n['value'], today, str)})"
            )
        if "agg" in n:
            w = self.rowcond(n, today)
            w = f" WHERE {w}" if w else ""
            fn, t, op, v = n["agg"], n["table"], n["op"], n["value"]
            zero = fn in ("count", "sum", "count_distinct") and test(op, 0, v)
            if fn == "count" and op == "ge" and v == 1:
                return f"c.id IN (SELECT customer_id FROM {t}{w})"
            if fn == "count" and op == "eq" and v == 0:
                return f"c.id NOT IN (SELECT customer_id FROM {t}{w})"
            h = self.aggcmp(n, self.agg(fn, n.get("field"), None), today)
            if zero:
                return f"c.id NOT IN (SELECT customer_id FROM {t}{w} GROUP BY customer_id HAVING NOT ({h}))"
            return f"c.id IN (SELECT customer_id FROM {t}{w} GROUP BY customer_id HAVING {h})"
        x = self.col(n, today, "c.")
        return self.coalesce_bool(x) if neg and n["col"] in NULLABLE and n["op"] not in ("is_null", "not_null") else x

    def naive_query(self, n, today):
        return f"SELECT c.id FROM customers c WHERE {self.naive(n, today)}"

    def wide(self, aggs, today, where=None):
        """Customers with one column for each aggregate. `where` is a condition on customer_id."""
        parts, joins, cols = [], [], []
        for t, al in (("orders", "o"), ("order_items", "i"), ("events", "e")):
            mine = [(k, l) for k, l in aggs.items() if l["table"] == t]
            if not mine:
                continue
            # COUNT(DISTINCT x) FILTER (...) of each customer takes most engines far more time and memory than DISTINCT before COUNT.
            for k, l in [x for x in mine if x[1]["agg"] == "count_distinct"]:
                cond = " AND ".join(x for x in (self.rowcond(l, today), where, f"{l['field']} IS NOT NULL") if x)
                distinct = f"SELECT DISTINCT customer_id, {l['field']} FROM {t} WHERE {cond}"
                parts.append(f"d_{k} AS (SELECT customer_id, COUNT(*) AS {k} FROM ({distinct}) q GROUP BY customer_id)")
                joins.append(f" LEFT JOIN d_{k} ON c.id = d_{k}.customer_id")
                cols.append(f"COALESCE(d_{k}.{k}, 0) AS {k}")
            mine = [x for x in mine if x[1]["agg"] != "count_distinct"]
            sel = ", ".join(self.agg(l["agg"], l.get("field"), self.rowcond(l, today)) + f" AS {k}" for k, l in mine)
            parts.append(
                f"{al} AS (SELECT customer_id, {sel} FROM {t}{' WHERE ' + where if where else ''} GROUP BY customer_id)"
            )
            joins.append(f" LEFT JOIN {al} ON c.id = {al}.customer_id")
            for k, l in mine:
                z = l["agg"] in ("count", "sum", "count_distinct")
                cols.append(f"COALESCE({al}.{k}, 0) AS {k}" if z else f"{al}.{k} AS {k}")
        cw = " WHERE " + where.replace("customer_id", "c.id") if where else ""
        return f"WITH {', '.join(parts)} SELECT c.*, {', '.join(cols)} FROM customers c{''.join(joins)}{cw}"

    def rfm_select(self, akeys):
        """Scores of everybody who bought, from the wide table."""
        f = lambda x: "1 + " + self.idiv(f"5 * (RANK() OVER (ORDER BY {x}) - 1)", "COUNT(*) OVER ()")
        r_, f_, m_ = akeys["r"], akeys["f"], akeys["m"]
        return f"SELECT id AS rid, {f(r_)} AS rfm_r, {f(f_)} AS rfm_f, {f(m_)} AS rfm_m FROM wide WHERE {f_} > 0"

    def boolean(self, n, today, keyof, rfm, neg=False):
        """One column of truth over the wide table; `rfm` is None where scores are columns, else (thresholds, aggregates)."""
        if "and" in n:
            return "(" + " AND ".join(self.boolean(x, today, keyof, rfm, neg) for x in n["and"]) + ")"
        if "or" in n:
            return "(" + " OR ".join(self.boolean(x, today, keyof, rfm, neg) for x in n["or"]) + ")"
        if "not" in n:
            return "NOT " + self.boolean(n["not"], today, keyof, rfm, True)
        if "ids" in n:
            return f"id IN ({', '.join(map(str, n['ids']))})"
        if "rfm" in n:
            if rfm is None:
                x = self.cmp("rfm_" + n["rfm"], n["op"], n["value"], today, str)
            else:
                th, keys = rfm
                k = keys[n["rfm"]]
                lit = self.date if n["rfm"] == "r" else str
                sc = " + ".join(["1"] + [f"CASE WHEN {k} > {lit(t)} THEN 1 ELSE 0 END" for t in th[n["rfm"]]])
                x = f"({keys['f']} > 0 AND " + self.cmp(f"({sc})", n["op"], n["value"], today, str) + ")"
            return self.coalesce_bool(x)
        if "agg" in n:
            x = self.aggcmp(n, keyof(n), today)
            return x if n["agg"] in ("count", "sum", "count_distinct") else self.coalesce_bool(x)
        x = self.col(n, today)
        return self.coalesce_bool(x) if n["col"] in NULLABLE and n["op"] not in ("is_null", "not_null") else x


class ClickHouse(SQL):
    name = "clickhouse"

    def date(self, d):
        return f"toDate('{d}')"

    def ts(self, d):
        return f"toDateTime('{d} 00:00:00', 'UTC')"

    def contains(self, c, t):
        return f"has({c}, '{t}')"

    def mmdd(self, c):
        return f"(toMonth({c}) * 100 + toDayOfMonth({c}))"

    def idiv(self, a, b):
        return f"intDiv({a}, {b})"

    def agg(self, fn, arg, cond):
        if fn == "count":
            return f"countIf({cond})" if cond else "count()"
        if fn == "count_distinct":
            return f"uniqExactIf({arg}, {cond})" if cond else f"uniqExact({arg})"
        if fn in ("min", "max", "avg"):
            return f"{fn}OrNullIf({arg}, {cond})" if cond else f"{fn}({arg})"
        return f"{fn}If({arg}, {cond})" if cond else f"{fn}({arg})"


class DataFusion(SQL):
    name = "datafusion"

    def contains(self, c, t):
        return f"array_has({c}, '{t}')"

    def mmdd(self, c):
        return f"(date_part('month', {c}) * 100 + date_part('day', {c}))"

    def idiv(self, a, b):
        return f"(CAST({a} AS BIGINT) / CAST({b} AS BIGINT))"


DIALECTS = {d.name: d for d in (SQL(), ClickHouse(), DataFusion())}


def agg_id(l):
    return json.dumps(
        [
            l["agg"],
            l["table"],
            l.get("field"),
            sorted(json.dumps(w, sort_keys=True) for w in l["where"]),
            l.get("last_days"),
        ]
    )


PAID = {"col": "status", "op": "eq", "value": "paid"}
RFM_AGGS = {
    "r": {"agg": "max", "table": "orders", "field": "ordered_at", "where": [PAID]},
    "f": {"agg": "count", "table": "orders", "where": [PAID]},
    "m": {"agg": "sum", "table": "orders", "field": "total_cents", "where": [PAID]},
}


def walk(n):
    for k in ("and", "or"):
        if k in n:
            for x in n[k]:
                yield from walk(x)
            return
    if "not" in n:
        yield from walk(n["not"])
        return
    yield n


def collect_aggs(exprs):
    """distinct aggregates -> {a_000: leaf}, keyof(leaf) -> name, rfm keys"""
    ids, aggs = {}, {}

    def add(l):
        i = agg_id(l)
        if i not in ids:
            ids[i] = f"a_{len(ids):03d}"
            aggs[ids[i]] = l
        return ids[i]

    for e in exprs:
        for l in walk(e):
            if "agg" in l:
                add(l)
    rk = {k: add(l) for k, l in RFM_AGGS.items()}
    return aggs, (lambda l: ids[agg_id(l)]), rk
