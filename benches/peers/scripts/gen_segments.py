#!/usr/bin/env python3
"""Writes neutral segment definitions, the same every time.

usage: gen_segments.py COUNT OUT.json

200 of them: 80 on columns, 60 on orders, 40 on items and events, 20 compositions. With fewer, every (200 / COUNT)th of
these, what they refer to written out. With more, these and variations of each: the same shape, where half of the leaves
have other constants (countries, tags, product groups, stores, windows, thresholds).

Node grammar (two-valued logic: a leaf on a null / missing value is FALSE, NOT of it is TRUE):
  {"and":[..]} {"or":[..]} {"not":node} {"segment":"s012"} {"ids":[..]}
  {"col":C,"op":eq|ne|in|not_in|lt|le|gt|ge|between|is_null|not_null|contains|contains_any, "value":..}
       ne / not_in on null are FALSE.
  {"col":C,"op":"in_last_days","value":N}      date > today-N          (N calendar days including today)
  {"col":C,"op":"before_last_days","value":N}  date <= today-N
  {"col":"birthday","op":"anniversary_in","value":[a,b]}  month/day of birthday inside [today+a, today+b], year ignored,
       compared as month*100+day, wraps over New Year
  {"agg":count|sum|avg|min|max|count_distinct,"table":T,"field":F,"where":[col leaves ANDed],"last_days":N?,"op":..,"value":..}
       per customer over matching rows; count/sum/count_distinct of nothing = 0, min/max/avg of nothing = null (leaf FALSE).
       last_days uses the table's time column (orders.ordered_at, order_items.ordered_at, events.occurred_at, whole UTC days).
  {"rfm":"r|f|m","op":..,"value":1..5}  population = customers with >=1 paid order ever;
       r by max(ordered_at), f by count, m by sum(total_cents) of paid orders, ascending;
       score = 1 + floor(5*(rank-1)/population), rank = 1 + number of strictly smaller values. Others: leaf FALSE.
"""

import copy, json, random, sys
import numpy as np
from gen_data import COUNTRY, LANG, SOURCE, TAGS, STORES, GROUPS, CITIES

R = random.Random(20261101)
E = "email_subscription_status"


def c(col, op, value=None):
    return {"col": col, "op": op, "value": value} if value is not None else {"col": col, "op": op}


def A(*x):
    return {"and": list(x)}


def O(*x):
    return {"or": list(x)}


def N(x):
    return {"not": x}


def zc(seq, k=1, s=12):  # head-biased sample
    head = seq[:s]
    return R.sample(head, k)


WIN = [7, 14, 30, 60, 90, 180, 365]


def win(lo=7, hi=365):
    return R.choice([w for w in WIN if lo <= w <= hi])


def sub():
    return R.choice(
        [c(E, "eq", "SUBSCRIBED")] * 4 + [c(E, "in", ["SUBSCRIBED", "PENDING"]), c(E, "ne", "UNSUBSCRIBED")]
    )


def country():
    return R.choice(
        [
            lambda: c("country", "eq", zc(COUNTRY)[0]),
            lambda: c("country", "in", sorted(zc(COUNTRY, R.randint(2, 6), 20))),
            lambda: c("country", "not_in", sorted(zc(COUNTRY, 3))),
        ]
    )()


BDAY = [[0, 7], [0, 30], [-7, 0], [0, 0], [45, 75], [60, 90], [55, 66], [30, 44]]


def collea():
    return R.choice(
        [
            sub,
            country,
            country,
            lambda: c("city", "in", sorted(R.sample(CITIES[:200], R.randint(1, 8)))),
            lambda: c("source", "in", sorted(R.sample(SOURCE, R.randint(1, 4)))),
            lambda: c("source", "ne", R.choice(SOURCE)),
            lambda: c("language", "eq", R.choice(LANG[:6])),
            lambda: c("created_at", "in_last_days", win(7)),
            lambda: c("created_at", "before_last_days", R.choice([180, 365, 730, 1095])),
            lambda: c(
                "created_at",
                "between",
                sorted([f"202{R.randint(2, 6)}-0{R.randint(1, 9)}-15", f"202{R.randint(2, 6)}-0{R.randint(1, 9)}-15"]),
            ),
            lambda: c("birthday", "anniversary_in", R.choice(BDAY)),
            lambda: c("birthday", "not_null"),
            lambda: c("birthday", "is_null"),
            lambda: c("age", "between", sorted([R.randint(18, 40), R.randint(41, 70)])),
            lambda: c("age", "ge", R.choice([25, 30, 35, 50, 65])),
            lambda: c("age", "lt", R.choice([25, 30, 40])),
            lambda: c("gender", "eq", R.choice(["F", "M"])),
            lambda: c("gender", "is_null"),
            lambda: c("tags", "contains", R.choice(TAGS[:40])),
            lambda: c("tags", "contains", R.choice(TAGS[:40])),
            lambda: c("tags", "contains_any", sorted(R.sample(TAGS, R.randint(2, 6)))),
            lambda: c("accepts_sms", "eq", R.random() < 0.6),
        ]
    )()


def distinct_cols(k):
    out, seen = [], set()
    while len(out) < k:
        l = collea()
        if l["col"] in seen:
            continue
        seen.add(l["col"])
        out.append(l)
    return out


def col_tree():
    k = R.choice([2, 2, 3, 3, 4, 5, 6])
    L = distinct_cols(k)
    if k == 2:
        return R.choice([A(*L), A(L[0], N(L[1])), O(*L)])
    if k == 3:
        return R.choice([A(*L), A(L[0], O(L[1], L[2])), A(L[0], L[1], N(L[2])), O(A(L[0], L[1]), L[2])])
    if k == 4:
        return R.choice(
            [A(L[0], O(L[1], L[2]), N(L[3])), O(A(L[0], L[1]), A(L[2], L[3])), A(L[0], L[1], N(O(L[2], L[3])))]
        )
    if k == 5:
        return R.choice([A(L[0], O(L[1], L[2], L[3]), N(L[4])), A(O(L[0], L[1]), O(L[2], L[3]), L[4])])
    return R.choice(
        [A(O(L[0], L[1]), O(L[2], L[3]), N(A(L[4], L[5]))), O(A(L[0], L[1], L[2]), A(L[3], N(O(L[4], L[5]))))]
    )


PAID = c("status", "eq", "paid")


def ag(agg, table, field, where, op, value, last=None):
    d = {"agg": agg, "table": table}
    if field:
        d["field"] = field
    d["where"] = where
    if last:
        d["last_days"] = last
    d["op"] = op
    if value is not None:
        d["value"] = value
    return d


def never():
    return ag("count", "orders", None, [PAID], "eq", 0)


def ordlea():
    return R.choice(
        [
            lambda: ag("count", "orders", None, [PAID], "ge", R.choice([1, 1, 2, 3, 5]), win(7)),
            lambda: ag("count", "orders", None, [PAID], "ge", R.choice([1, 2, 3]), win(30)),
            lambda: ag("count", "orders", None, [PAID], "eq", 0, win(30)),
            lambda: ag("count", "orders", None, [PAID], "between", R.choice([[1, 1], [2, 4], [5, 10], [3, 20]])),
            never,
            lambda: ag(
                "sum",
                "orders",
                "total_cents",
                [PAID],
                "between",
                R.choice([[5000, 20000], [20000, 50000], [50000, 200000]]),
            ),
            lambda: ag("sum", "orders", "total_cents", [PAID], "ge", R.choice([10000, 25000, 50000, 100000])),
            lambda: ag(
                "sum", "orders", "total_cents", [PAID], "ge", R.choice([5000, 10000, 20000]), R.choice([90, 180, 365])
            ),
            lambda: ag("avg", "orders", "total_cents", [PAID], "ge", R.choice([4000, 6000, 10000])),
            lambda: ag("max", "orders", "total_cents", [PAID], "ge", R.choice([10000, 20000, 40000])),
            lambda: ag("max", "orders", "ordered_at", [PAID], "before_last_days", R.choice([60, 90, 180, 365])),
            lambda: ag("max", "orders", "ordered_at", [PAID], "in_last_days", R.choice([14, 30, 60, 90])),
            lambda: ag("max", "orders", "ordered_at", [PAID], "lt", R.choice(["2026-01-01", "2025-07-01"])),
            lambda: ag("min", "orders", "ordered_at", [PAID], "in_last_days", R.choice([30, 90, 365])),
            lambda: ag("count", "orders", None, [c("status", "eq", "refunded")], "ge", 1, R.choice([180, 365])),
            lambda: ag("count", "orders", None, [c("store", "eq", R.choice(STORES)), PAID], "ge", R.choice([1, 2])),
            lambda: ag(
                "count",
                "orders",
                None,
                [c("store", "in", sorted(R.sample(STORES, 3))), PAID],
                "ge",
                1,
                R.choice([90, 365]),
            ),
            lambda: ag("count_distinct", "orders", "store", [PAID], "ge", R.choice([2, 3, 5])),
        ]
    )()


def distinct_of(f, k):
    out, seen = [], set()
    while len(out) < k:
        l = f()
        key = (l["agg"], l.get("field"), l.get("last_days"), json.dumps(l["where"]))
        if key in seen:
            continue
        seen.add(key)
        out.append(l)
    return out


def ord_tree(i):
    if i % 10 == 0:
        return A(never(), *distinct_cols(R.randint(1, 3)))
    k = R.choice([1, 1, 2, 2, 3])
    L = distinct_of(ordlea, k)
    C = distinct_cols(R.choice([1, 1, 2, 3]))
    if k == 1:
        return R.choice([A(L[0], *C), A(C[0], N(L[0]), *C[1:]), A(L[0], N(C[0]), *C[1:])])
    if k == 2:
        return R.choice([A(L[0], L[1], *C), A(L[0], N(L[1]), *C), A(O(L[0], L[1]), *C), A(L[0], O(L[1], C[0]), *C[1:])])
    return R.choice([A(O(L[0], L[1]), N(L[2]), *C), O(A(L[0], L[1]), A(L[2], *C)), A(L[0], L[1], N(L[2]), *C)])


def pg():
    return R.choice(GROUPS[:30])


def g(x):
    return c("product_group", "eq", x)


PV = c("event", "eq", "product_view")


def itlea():
    return R.choice(
        [
            lambda: ag(
                "count", "order_items", None, [g(pg())], "ge", R.choice([1, 1, 2, 3]), R.choice([30, 90, 90, 180, 365])
            ),
            lambda: ag("count", "order_items", None, [g(pg())], "ge", R.choice([1, 2])),
            lambda: ag("sum", "order_items", "quantity", [g(pg())], "ge", R.choice([2, 3]), R.choice([90, 365])),
            lambda: ag(
                "count",
                "order_items",
                None,
                [c("product_id", "in", sorted(R.sample(range(1, 300), R.randint(1, 8))))],
                "ge",
                1,
                R.choice([90, 365]),
            ),
            lambda: ag("count_distinct", "order_items", "product_group", [], "ge", R.choice([3, 5]), 365),
            lambda: ag("max", "order_items", "price_cents", [], "ge", R.choice([10000, 20000])),
            lambda: ag(
                "count",
                "events",
                None,
                [c("event", "eq", R.choice(["page_view", "product_view", "email_open", "checkout_started"]))],
                "ge",
                R.choice([1, 2, 3, 5]),
                R.choice([7, 30, 90]),
            ),
            lambda: ag("count", "events", None, [c("event", "eq", "email_open")], "eq", 0, R.choice([90, 180])),
            lambda: ag("count", "events", None, [PV, g(pg())], "ge", R.choice([1, 1, 2]), R.choice([30, 90, 180])),
            lambda: ag("max", "events", "occurred_at", [], "before_last_days", R.choice([30, 90, 180])),
            lambda: ag("max", "events", "occurred_at", [PV], "in_last_days", R.choice([7, 14, 30])),
            lambda: ag("count_distinct", "events", "product_group", [PV], "ge", R.choice([2, 3]), R.choice([90, 180])),
        ]
    )()


def item_tree(i):
    C = distinct_cols(R.choice([1, 1, 2]))
    if i % 4 == 0:  # viewed X but did not buy X
        p, w = pg(), R.choice([30, 60, 90])
        return A(
            ag("count", "events", None, [PV, g(p)], "ge", R.choice([1, 1, 2]), w),
            ag("count", "order_items", None, [g(p)], "eq", 0, w),
            *C,
        )
    if i % 8 == 1:  # abandoned checkout
        w = R.choice([3, 7, 14])
        return A(
            ag("count", "events", None, [c("event", "eq", "checkout_started")], "ge", 1, w),
            ag("count", "orders", None, [PAID], "eq", 0, w),
            *C,
        )
    k = R.choice([1, 1, 2, 2, 3])
    L = distinct_of(itlea, k)
    if k == 1:
        return R.choice([A(L[0], *C), A(C[0], N(L[0]), *C[1:])])
    if k == 2:
        return R.choice([A(L[0], L[1], *C), A(O(L[0], L[1]), *C), A(L[0], N(L[1]), *C), A(L[0], O(L[1], ordlea()), *C)])
    return R.choice([A(O(L[0], L[1], L[2]), *C), A(L[0], N(O(L[1], L[2])), *C)])


def r(x, op, v):
    return {"rfm": x, "op": op, "value": v}


RFM = [
    ("RFM champions", A(r("r", "ge", 4), r("f", "ge", 4), r("m", "ge", 4))),
    ("RFM loyal subscribed", A(r("f", "ge", 4), r("r", "ge", 3), sub())),
    ("RFM at risk", A(r("r", "le", 2), r("f", "ge", 3), r("m", "ge", 3))),
    ("RFM cannot lose", A(r("r", "eq", 1), r("f", "ge", 4), r("m", "ge", 4), N(c(E, "eq", "UNSUBSCRIBED")))),
    ("RFM new customers", A(r("r", "eq", 5), r("f", "le", 2), c("created_at", "in_last_days", 180))),
    ("RFM hibernating", A(r("r", "le", 2), r("f", "le", 2), N(r("m", "eq", 5)))),
    ("RFM big spenders in FR/DE", A(r("m", "eq", 5), c("country", "in", ["DE", "FR"]))),
    ("RFM not champion but frequent", A(N(A(r("r", "ge", 4), r("m", "ge", 4))), r("f", "ge", 4))),
]


# The generator draws in this order from one source; what follows must not draw from it before all 200 stand.


def names(n):
    """The nodes below n that say `key`."""
    for word in ("and", "or"):
        for part in n.get(word, []):
            yield from names(part)
    if "not" in n:
        yield from names(n["not"])
    elif "and" not in n and "or" not in n:
        yield n


def two_hundred():
    found = []

    def add(kind, expr, title=None):
        found.append({"id": f"s{len(found) + 1:03d}", "class": kind, "title": title, "expr": expr})

    for _ in range(80):
        add("column", col_tree())
    for i in range(60):
        add("orders", ord_tree(i))
    for i in range(40):
        add("items_events", item_tree(i))
    for title, expr in RFM:
        add("composition", expr, title)
    pick = lambda: f"s{R.randint(1, 180):03d}"
    for i in range(12):  # references, and lists of ids that exist from 100,000 customers on
        if i % 4 == 0:
            e = A({"segment": pick()}, N({"segment": pick()}))
        elif i % 4 == 1:
            e = A(O({"segment": pick()}, {"segment": pick()}), N({"segment": pick()}), sub())
        elif i % 4 == 2:
            e = A(O({"segment": pick()}, {"ids": "INCLUDE"}), N({"ids": "EXCLUDE"}))
        else:
            e = O(A({"segment": pick()}, {"segment": pick()}), A({"segment": pick()}, N({"segment": pick()})))
        add("composition", e)
    offsets = np.random.Generator(np.random.PCG64([20261101, 1])).integers(0, 7, 100_000)
    for segment in found:
        for n in names(segment["expr"]):
            if "ids" in n:
                rows = sorted(R.sample(range(100_000), 25))
                n["ids"] = [100_000_000 + 7 * row + int(offsets[row]) for row in rows]
    return found


def inline(n, by_id):
    if "segment" in n:
        return inline(by_id[n["segment"]]["expr"], by_id)
    for word in ("and", "or"):
        if word in n:
            return {word: [inline(part, by_id) for part in n[word]]}
    return {"not": inline(n["not"], by_id)} if "not" in n else n


WINDOWS = [1, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 75, 90, 120, 150, 180, 270, 365, 540, 730]
POOLS = {
    "country": COUNTRY,
    "city": CITIES[:400],
    "source": SOURCE,
    "language": LANG,
    "gender": ["F", "M"],
    "tags": TAGS,
    "store": STORES,
    "product_group": GROUPS,
    "product_id": range(1, 1000),
}


def vary(n, r):
    """Other constants for half of the leaves below n."""
    for leaf in names(n):
        if r.random() < 0.5:
            vary_leaf(leaf, r)


def vary_leaf(n, r):
    op, value = n.get("op"), n.get("value")
    if "ids" in n or "segment" in n:
        return
    if "rfm" in n:
        n["value"] = r.randint(1, 5)
    elif "agg" in n:
        for condition in n["where"]:
            vary_leaf(condition, r)
        if "last_days" in n:
            n["last_days"] = r.choice(WINDOWS)
        if op in ("in_last_days", "before_last_days"):
            n["value"] = r.choice(WINDOWS)
        elif op == "between":
            n["value"] = sorted(max(1, round(x * r.uniform(0.5, 2))) for x in value)
        elif isinstance(value, int) and value > 10:
            n["value"] = round(value * r.uniform(0.5, 2))
        elif isinstance(value, int) and value > 0:
            n["value"] = r.randint(1, 6)
    elif n["col"] in POOLS and value is not None:
        pool = POOLS[n["col"]]
        n["value"] = sorted(r.sample(pool, len(value))) if isinstance(value, list) else r.choice(pool)
    elif op in ("in_last_days", "before_last_days"):
        n["value"] = r.choice(WINDOWS)
    elif op == "anniversary_in":
        days = r.randint(-20, 20)
        n["value"] = [value[0] + days, value[1] + days]
    elif n["col"] == "created_at" and op == "between":
        n["value"] = sorted(f"202{r.randint(2, 6)}-{r.randint(1, 9):02d}-{r.randint(1, 28):02d}" for _ in value)
    elif n["col"] == "age":
        n["value"] = sorted(r.randint(18, 75) for _ in value) if op == "between" else r.randint(20, 70)


def variations(base, count):
    """The base and variations of it, until there are `count`. References are to segments of the base."""
    r = random.Random(2_000)
    found = list(base)
    while len(found) < count:
        segment = copy.deepcopy(base[len(found) % len(base)])
        segment["id"], segment["title"] = f"s{len(found) + 1:03d}", None
        vary(segment["expr"], r)
        found.append(segment)
    return found


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    base = two_hundred()
    if count < len(base):
        by_id = {segment["id"]: segment for segment in base}
        found = base[:: len(base) // count]
        for segment in found:
            segment["expr"] = inline(segment["expr"], by_id)
    else:
        found = variations(base, count)
    with open(path, "w") as file:
        json.dump({"today": "2026-11-01", "segments": found}, file, indent=1)


if __name__ == "__main__":
    main()
