#!/usr/bin/env python3
"""Writes a shop's customers, orders, items and events, the same every time, as Parquet and CSV.

usage: gen_data.py CUSTOMERS FOLDER

Today is 2026-11-01. Base rows are dated up to 2026-10-31; the rows of the `delta_` files, which change one customer in a
hundred, are of 2026-11-01. Rows of orders, items and events are in the order of time, as a log would be, not of customers.
Ids of customers are sparse and ascending: 100,000,000 + 7 * row + (0 to 6).
"""

import os
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.parquet

TODAY = np.datetime64("2026-11-01", "D")
T0 = int(TODAY.astype("int64"))  # days since epoch
EMAIL = ["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED"]
COUNTRY = (
    "FR US DE GB ES IT NL BE PL SE CZ AT CH PT DK FI NO IE RO HU GR SK BG HR SI LT LV EE LU MT CY CA AU NZ "
    "JP KR BR MX AR CL CO IN SG AE SA ZA TR IL UA IS"
).split()
assert len(COUNTRY) == 50
LANG = ["en", "fr", "de", "es", "it", "nl", "pl", "sv", "cs", "pt", "ja", "ko"]
LANG_OF = [
    1,
    0,
    2,
    0,
    3,
    4,
    5,
    1,
    6,
    7,
    8,
    2,
    2,
    9,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    8,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    10,
    11,
    9,
    3,
    3,
    3,
    3,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
]
SOURCE = [
    "web",
    "pos",
    "newsletter",
    "facebook",
    "instagram",
    "google_ads",
    "import",
    "referral",
    "mobile_app",
    "marketplace",
    "event",
    "api",
]
GENDER = ["F", "M", "X"]
EVENTS = ["page_view", "product_view", "email_open", "checkout_started"]
STATUS = ["paid", "refunded", "cancelled"]
TAGS = [f"tag_{i:03d}" for i in range(200)]
STORES = [f"store_{i:02d}" for i in range(1, 21)]
GROUPS = [f"pg_{i:02d}" for i in range(1, 61)]
CITIES = [f"{COUNTRY[i // 40]}-city-{i % 40:02d}" for i in range(2000)]


def zipf_p(n, s=1.0):
    p = 1.0 / np.arange(1, n + 1) ** s
    return p / p.sum()


def draw(rng, p, size, dtype=np.uint16):
    """inverse-CDF draw: deterministic and fast"""
    return np.searchsorted(np.cumsum(p), rng.random(size), side="right").clip(0, len(p) - 1).astype(dtype)


def dic(codes, values, mask=None):
    """dictionary codes -> plain string arrow column"""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=mask), pa.array(values)).cast(
        pa.string()
    )


def days(a, mask=None):
    return pa.array(a.astype(np.int32), type=pa.int32(), mask=mask).cast(pa.date32())


def customers_table(rng, ids, created):
    n = len(ids)
    country = draw(rng, zipf_p(50, 1.1), n)
    city = (country.astype(np.int64) * 40 + draw(rng, zipf_p(40, 1.0), n)).astype(np.uint16)
    lang = np.where(rng.random(n) < 0.85, np.array(LANG_OF)[country], 0)
    email = draw(rng, np.array([0.48, 0.27, 0.05, 0.12, 0.08]), n)  # code 4 -> null
    source = draw(rng, zipf_p(12, 0.8), n)
    gender = draw(rng, np.array([0.46, 0.32, 0.02, 0.20]), n)  # code 3 -> null
    bday = T0 - (18 * 365 + (rng.beta(2, 3, n) * 62 * 365)).astype(np.int64)
    bnull = rng.random(n) < 0.30
    age = rng.normal(41, 14, n).clip(16, 95).astype(np.int32)
    anull = rng.random(n) < 0.40
    sms = rng.random(n) < 0.35
    k = draw(rng, np.array([0.30, 0.28, 0.20, 0.12, 0.06, 0.04]), n, np.int64)
    row = np.repeat(np.arange(n, dtype=np.int64), k)
    tag = draw(rng, zipf_p(200, 0.9), len(row), np.int64)
    key = np.unique(row * 200 + tag)  # dedupe (customer, tag)
    row, tag = key // 200, key % 200
    off = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int32)
    tags = pa.ListArray.from_arrays(pa.array(off), dic(tag, TAGS))
    return pa.table(
        {
            "id": pa.array(ids),
            "email_subscription_status": dic(np.minimum(email, 3), EMAIL, email == 4),
            "country": dic(country, COUNTRY),
            "city": dic(city, CITIES),
            "source": dic(source, SOURCE),
            "language": dic(lang, LANG),
            "created_at": days(created),
            "birthday": days(bday, bnull),
            "gender": dic(np.minimum(gender, 2), GENDER, gender == 3),
            "age": pa.array(age, mask=anull),
            "tags": tags,
            "accepts_sms": pa.array(sms),
        }
    )


def facts(rng, cust, odate, order_id0):
    """orders already time-sorted; returns orders, items arrays"""
    no = len(cust)
    k = 1 + rng.poisson(1.2, no)
    orow = np.repeat(np.arange(no, dtype=np.int64), k)
    ni = len(orow)
    pid = draw(rng, zipf_p(5000, 0.9), ni, np.int64)
    perm = np.random.Generator(np.random.PCG64(4242)).permutation(5000)
    pgrp = perm[pid] % 60
    price_of = np.random.Generator(np.random.PCG64(4243)).lognormal(7.6, 0.8, 5000).clip(99, 90000).astype(np.int64)
    price = price_of[pid]
    qty = draw(rng, np.array([0.78, 0.14, 0.05, 0.03]), ni, np.int32) + 1
    total = np.bincount(orow, weights=(price * qty).astype(np.float64), minlength=no).astype(np.int64)
    status = draw(rng, np.array([0.90, 0.06, 0.04]), no)
    store = draw(rng, zipf_p(20, 0.7), no)
    oid = (order_id0 + np.arange(no)).astype(np.uint64)
    o = pa.table(
        {
            "order_id": pa.array(oid),
            "customer_id": pa.array(cust),
            "ordered_at": days(odate),
            "store": dic(store, STORES),
            "total_cents": pa.array(total),
            "status": dic(status, STATUS),
        }
    )
    i = pa.table(
        {
            "order_id": pa.array(oid[orow]),
            "customer_id": pa.array(cust[orow]),
            "ordered_at": days(odate[orow]),
            "product_id": pa.array((pid + 1).astype(np.uint32)),
            "product_group": dic(pgrp, GROUPS),
            "quantity": pa.array(qty.astype(np.int32)),
            "price_cents": pa.array(price),
        }
    )
    return o, i


def events(rng, cust, ts):
    n = len(cust)
    ev = draw(rng, np.array([0.50, 0.30, 0.15, 0.05]), n)
    pg = draw(rng, zipf_p(60, 0.8), n)
    pgnull = (ev == 2) | ((ev == 0) & (rng.random(n) < 0.5))
    return pa.table(
        {
            "customer_id": pa.array(cust),
            "event": dic(ev, EVENTS),
            "product_group": dic(pg, GROUPS, pgnull),
            "occurred_at": pa.array(ts * 1_000_000, type=pa.int64()).cast(pa.timestamp("us")),
        }
    )


def main():
    n, folder = int(sys.argv[1]), sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    t = time.time()
    R = lambda s: np.random.Generator(np.random.PCG64([20261101, s]))
    rng = R(1)
    ids = (100_000_000 + 7 * np.arange(n, dtype=np.int64) + rng.integers(0, 7, n)).astype(np.uint64)
    created = T0 - 1 - (5 * 365 * rng.random(n) ** 1.3).astype(np.int64)
    out = {"customers": customers_table(rng, ids, created)}
    # orders: Poisson with lognormal rate (heavy tail), mean ~4
    rng = R(2)
    rate = np.exp(rng.normal(np.log(4) - 1.3**2 / 2, 1.3, n)).clip(0, 1500)
    k = rng.poisson(rate)
    ci = np.repeat(np.arange(n), k)
    span = np.minimum(T0 - created[ci], 1096)
    od = T0 - 1 - (span * rng.random(len(ci))).astype(np.int64)
    s = np.argsort(od, kind="stable")
    ci, od = ci[s], od[s]
    out["orders"], out["order_items"] = facts(rng, ids[ci], od, 1)
    nord = len(ci)
    # events: 2 years, mean ~6 per customer, correlated with order rate
    rng = R(3)
    rate = np.exp(0.5 * np.log(rate + 0.2) + rng.normal(0, 1.0, n))
    rate *= 6.0 / rate.mean()
    ci = np.repeat(np.arange(n), rng.poisson(rate.clip(0, 3000)))
    ts = ((T0 - 730 * rng.random(len(ci)) ** 1.4) * 86400).astype(np.int64)
    ts = np.minimum(ts, T0 * 86400 - 1)
    s = np.argsort(ts, kind="stable")
    out["events"] = events(rng, ids[ci[s]], ts[s])
    # delta: 1% of customers get a fresh attribute row, one order today, two events today
    rng = R(4)
    ch = np.sort(rng.choice(n, n // 100, replace=False))
    out["delta_customers"] = customers_table(rng, ids[ch], created[ch])
    out["delta_orders"], out["delta_order_items"] = facts(rng, ids[ch], np.full(len(ch), T0), nord + 1)
    c2 = np.repeat(ch, 2)
    out["delta_events"] = events(rng, ids[c2], np.sort(T0 * 86400 + rng.integers(0, 86400, len(c2))))
    for name, table in out.items():
        pyarrow.parquet.write_table(table, f"{folder}/{name}.parquet", row_group_size=131072, compression="snappy")
        if "tags" in table.column_names:
            tags = compute.binary_join(table["tags"], ";")
            table = table.set_column(table.column_names.index("tags"), "tags", tags)
        pyarrow.csv.write_csv(table, f"{folder}/{name}.csv")
        print(f"{name}: {table.num_rows} rows", flush=True)
    print(f"generated in {time.time() - t:.1f} s")


if __name__ == "__main__":
    main()
