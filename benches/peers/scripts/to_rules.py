#!/usr/bin/env python3
"""Writes neutral segment definitions as a rule file.

usage: to_rules.py segments.json > segments.seg

In the neutral definitions `ne` and `not_in` are false where the value is missing, so they become
`x is not null and x != v`.
"""

import json, sys

OPS = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "before": "<"}
TIME = {"orders": "ordered_at", "order_items": "ordered_at", "events": "occurred_at"}
RFM = {"r": "rfm.recency", "f": "rfm.frequency", "m": "rfm.monetary"}


def lit(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, (int, float)):
        return str(v)
    if len(v) == 10 and v[4] == v[7] == "-" and v[:4].isdigit():
        return v  # a date
    return "'" + v.replace("\\", "\\\\").replace("'", "\\'") + "'"


def offset(d):
    return "today" if d == 0 else f"{-d} days ago" if d < 0 else f"in {d} days"


def lits(v):
    return "(" + ", ".join(lit(x) for x in v) + ")"


def compare(what, n, nullable=True):
    op, v = n["op"], n.get("value")
    if op == "is_null":
        return f"{what} is null"
    if op == "not_null":
        return f"{what} is not null"
    if op == "in":
        return f"{what} in {lits(v)}"
    if op == "not_in":
        return f"({what} is not null and {what} not in {lits(v)})"
    if op == "ne":
        return f"({what} is not null and {what} != {lit(v)})"
    if op == "between":
        return f"{what} between {lit(v[0])} and {lit(v[1])}"
    if op == "contains":
        return f"{what} contains {lit(v)}"
    if op == "contains_any":
        return f"{what} contains any of {lits(v)}"
    if op == "in_last_days":
        return f"{what} > {v} days ago"
    if op == "before_last_days":
        return f"{what} <= {v} days ago"
    if op == "anniversary_in":
        return f"{what} between {offset(v[0])} and {offset(v[1])} ignoring year"
    return f"{what} {OPS[op]} {lit(v)}"


def aggregate(n):
    t = n["table"]
    where = [compare(w["col"], w) for w in n["where"]]
    if "last_days" in n:
        where.append(f"{TIME[t]} > {n['last_days']} days ago")
    tail = " where " + " and ".join(where) if where else ""
    a, f = n["agg"], n.get("field")
    if a == "count":
        return f"count({t}{tail})"
    if a == "count_distinct":
        return f"count(distinct {t}.{f}{tail})"
    return f"{a}({t}.{f}{tail})"


def condition(n, top=False):
    for word in ("and", "or"):
        if word in n:
            s = f" {word} ".join(condition(x) for x in n[word])
            return s if top else f"({s})"
    if "not" in n:
        return "not " + condition(n["not"]) if "and" in n["not"] or "or" in n["not"] else f"not ({condition(n['not'])})"
    if "segment" in n:
        return f"in segment {n['segment']}"
    if "ids" in n:
        return "id in (" + ", ".join(map(str, n["ids"])) + ")"
    if "rfm" in n:
        return compare(RFM[n["rfm"]], n)
    if "agg" in n:
        return compare(aggregate(n), n)
    return compare(n["col"], n)


for s in json.load(open(sys.argv[1]))["segments"]:
    title = s["title"]
    print(
        f"segment {s['id']}"
        + (f' "{title}"' if title else "")
        + " {\n  include "
        + condition(s["expr"], True)
        + "\n}\n"
    )
