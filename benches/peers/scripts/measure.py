"""What all peers share: where things are, how members are compared."""

import datetime as dt
import json
import os
import statistics
import sys
import threading
import time

import numpy as np

import translate
from machine import *

TABLES = ["customers", "orders", "order_items", "events"]
# Single segments: on columns, on orders, on items and events.
SINGLE = {
    "column": ["s003", "s041", "s080"],
    "order_agg": ["s086", "s105", "s122"],
    "item_event_agg": ["s141", "s148", "s173"],
}
DATA = os.environ["PEER_DATA"]  # the folder with the tables
SEGMENTS = os.environ["PEER_SEGMENTS"]  # the neutral definitions
OUT = os.environ["PEER_OUT"]  # where results go
EXPRESSIONS, TODAY = translate.load(SEGMENTS)
LARGE = os.path.getsize(f"{DATA}/customers.parquet") > 8 << 20
MEASURES = os.environ.get("MEASURES", "best naive single next_day one_customer changed").split()


def median(times):
    return statistics.median(wall for wall, _, _ in times)


def digest(members):
    """{segment: ids} -> {segment: [how many, their sum modulo 2^61]}"""

    def one(ids):
        total = np.asarray(ids).astype(np.uint64).sum(dtype=np.uint64)
        return [len(ids), int(total % np.uint64(1 << 61))]

    return {name: one(ids) for name, ids in members.items()}


class Results:
    """What a peer found, written after each measure, so that a peer that is ended leaves what it has."""

    def __init__(self, peer):
        self.found, self.path = {"peer": peer}, f"{OUT}/{peer}.json"

    def put(self, name, value):
        self.found[name] = value
        with open(self.path, "w") as file:
            json.dump(self.found, file, indent=1)
        if not name.startswith("digest"):
            print(f"{self.found['peer']}: {name}", flush=True)


def guard_memory(limit_mb=float(os.environ.get("MOST_MB", "14000"))):
    """Ends the process before it takes the whole machine down."""

    def watch():
        while resident_mb() < limit_mb:
            time.sleep(0.1)
        print(f"more than {limit_mb} MB resident: given up", file=sys.stderr, flush=True)
        os._exit(99)

    threading.Thread(target=watch, daemon=True).start()


def run(peer):
    """Everything that is measured of a peer.

    It has `name`, `version()`, `parts` of its best way, `naive`: whether a query a segment is tried on large data;
    `load()`, `customers()`; `best(day, split)` and `segment(name)`, which return members; `prepare()` for single
    customers, `one(row)`, `take_changes()`, and `changed()`, all segments of those that changed.
    """
    guard_memory()
    results, some = Results(peer.name), 1 if LARGE else 3
    results.put("version", peer.version())
    results.put("start_mb", resident_mb())
    forget_peak()
    results.put("load_s", [timed(peer.load)[0]])
    results.put("load_peak_mb", peak_mb())
    results.put("resident_mb", resident_mb())
    if MEASURES == ["agree"]:
        results.put("digest_base", digest(peer.best(TODAY)))
    if "best" in MEASURES:
        forget_peak()
        split = []
        taken, found = repeated(lambda: peer.best(TODAY, split))
        results.put("best_s", taken)
        results.put("best_split", {peer.parts: split})
        results.put("best_peak_mb", peak_mb())
        results.put("digest_base", digest(found))
        del found
    if "naive" in MEASURES and (peer.naive or not LARGE):
        forget_peak()
        taken, found = repeated(lambda: {name: peer.segment(name) for name in EXPRESSIONS}, some)
        results.put("naive_s", taken)
        results.put("naive_peak_mb", peak_mb())
        results.put("digest_naive", digest(found))
        del found
    if "single" in MEASURES:
        single = {}
        for kind, names in SINGLE.items():
            single[kind] = {name: repeated(lambda: peer.segment(name), 5)[0] for name in names}
        results.put("single_s", single)
    if "next_day" in MEASURES:
        taken, found = repeated(lambda: peer.best(TODAY + dt.timedelta(1)), some)
        results.put("next_day_s", taken)
        results.put("digest_next_day", digest(found))
        del found
    if "one_customer" in MEASURES:
        peer.prepare()
        rows = np.random.default_rng(7).integers(0, peer.customers(), 10 if LARGE else 30)
        results.put("one_customer_s", [timed(lambda: peer.one(int(row)))[0] for row in rows])
    if "changed" in MEASURES:
        results.put("changed_apply_s", [timed(peer.take_changes)[0]])
        results.put("digest_delta", digest(peer.best(TODAY)))
        results.put("changed_s", repeated(peer.changed)[0])
