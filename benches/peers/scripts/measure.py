"""What all peers share: where things are, how time and memory are taken, how members are compared.

A time is [seconds, seconds of a core that this process used, cores that others used meanwhile].
"""

import gc
import json
import os
import statistics
import sys
import threading
import time

import numpy as np
import psutil

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
LARGE = os.path.getsize(f"{DATA}/customers.parquet") > 8 << 20
TICKS = os.sysconf("SC_CLK_TCK")
ME = psutil.Process()


def status_mb(name):
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) / 1024


def resident_mb():
    return status_mb("VmRSS")


def peak_mb():
    return status_mb("VmHWM")


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def busy_seconds():
    with open("/proc/stat") as file:
        ticks = list(map(int, file.readline().split()[1:9]))
    return (sum(ticks) - ticks[3] - ticks[4]) / TICKS


def own_seconds():
    taken = ME.cpu_times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def timed(work):
    busy, own, start = busy_seconds(), own_seconds(), time.perf_counter()
    done = work()
    wall = time.perf_counter() - start
    own = own_seconds() - own
    others = max(0.0, (busy_seconds() - busy - own) / wall)
    return [wall, own, round(others, 2)], done


def repeated(work, times=3, most_seconds=90):
    """Times of up to `times` runs, and what the last one found."""
    taken, found = [], None
    for _ in range(times):
        found = None
        gc.collect()
        one, found = timed(work)
        taken.append(one)
        if sum(wall for wall, _, _ in taken) > most_seconds:
            break
    return taken, found


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


guard_memory()
