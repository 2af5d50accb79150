#!/usr/bin/env python3
"""Runs the peers and segmenta on the same data, checks that all find the same members, and writes the tables.

usage: compare.py SIZE...      sizes: 100k, 1m, 4m; `run` calls it
"""

import json
import os
import subprocess
import sys

import tables

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("DATA", f"{HERE}/data")
WORK = f"{HERE}/work"
RECORD = os.environ.get("RECORD", f"{os.path.dirname(HERE)}/record")
BINARY = f"{HERE}/../../target/release/segmenta-peers"
CUSTOMERS = {"100k": 100_000, "1m": 1_000_000, "4m": 4_000_000}
# At this size and above segmenta stands alone.
ALONE = 4_000_000
PEERS = os.environ.get("PEERS", "numpy polars duckdb clickhouse datafusion").split()
# What each measuring process is started by, such as `taskset -c 0,1`.
WITH = os.environ.get("WITH", "").split()
MOST_SECONDS = 3_600


def main():
    sizes = sys.argv[1:]
    if not sizes or any(size not in CUSTOMERS for size in sizes):
        sys.exit(f"usage: run SIZE...   sizes: {', '.join(CUSTOMERS)}")
    os.makedirs(RECORD, exist_ok=True)
    for size in sizes:
        make_data(size)
    for count in (20, 200, 2000):
        make_segments(count)
    for size in sizes:
        if PEERS and CUSTOMERS[size] < ALONE:
            compare(size)
    tables.write(RECORD, "growth", *tables.growth(growth(sizes)))


def make_data(size):
    if not os.path.exists(f"{DATA}/{size}/customers.parquet"):
        script("gen_data.py", CUSTOMERS[size], f"{DATA}/{size}")


def make_segments(count):
    script("gen_segments.py", count, f"{WORK}/{count}.json")
    with open(f"{WORK}/{count}.seg", "w") as rules:
        script("to_rules.py", f"{WORK}/{count}.json", stdout=rules)


def script(name, *words, stdout=None, **environment):
    os.makedirs(WORK, exist_ok=True)
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment
    command = [*(WITH if name.startswith("peer_") else []), sys.executable, f"{HERE}/scripts/{name}", *map(str, words)]
    subprocess.run(command, stdout=stdout, env=environment, check=True, timeout=MOST_SECONDS)


def peer(name, size, count=200, **environment):
    out = f"{WORK}/{size}"
    os.makedirs(out, exist_ok=True)
    own = f"peer_{name}.py" if name in ("numpy", "polars") else "peer_sql.py"
    words = (name,) if own == "peer_sql.py" else ()
    environment |= {"PEER_DATA": f"{DATA}/{size}", "PEER_SEGMENTS": f"{WORK}/{count}.json", "PEER_OUT": out}
    script(own, *words, **environment)
    with open(f"{out}/{name}.json") as file:
        return json.load(file)


def segmenta(measure, size, count=200):
    print(f"segmenta: {measure} {size}, {count} segments", flush=True)
    command = [*WITH, BINARY, measure, "--data", f"{DATA}/{size}", "--schema", f"{HERE}/schema.toml"]
    command += ["--rules", f"{WORK}/{count}.seg"]
    environment = os.environ | {"RAYON_NUM_THREADS": "2"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=MOST_SECONDS)
    return json.loads(done.stdout)


def compare(size):
    print(f"== {size}", flush=True)
    found = {}
    for name in PEERS:
        found[name] = peer(name, size)
    ours = segmenta("times", size)
    ours |= segmenta("memory", size) | segmenta("agree", size)
    found["segmenta"] = ours
    with open(f"{HERE}/expected/{size}.json") as file:
        check(found, json.load(file), size)
    tables.write(RECORD, f"peers_{size}", *tables.compared(size, found))


def check(found, expected, size):
    """All members as agreed: how many, and the sum of their ids."""
    of = {"digest_base": "base", "digest_naive": "base", "digest_next_day": "next_day", "digest_delta": "delta"}
    wrong = []
    for name, results in found.items():
        for digest, part in of.items():
            members = results.get(digest)
            if members is not None:
                differ = [segment for segment, count in expected[part].items() if members.get(segment) != count]
                wrong += [f"{name}, {part}: {', '.join(differ)}"] if differ else []
    if wrong:
        sys.exit("members differ from those agreed on, " + size + "\n" + "\n".join(wrong))


def growth(sizes):
    """segmenta alone, on more customers and by more segments; the members of the most segments are checked."""
    print("== growth", flush=True)
    by_customers = {size: segmenta("growth", size) for size in sizes}
    comparable = [size for size in sizes if CUSTOMERS[size] < ALONE]
    found = {"customers": by_customers, "segments": {}}
    if comparable:
        most = comparable[-1]
        found["size"] = most
        found["segments"] = {str(count): segmenta("growth", most, count) for count in (20, 200, 2000)}
        theirs = peer("numpy", comparable[0], count=2000, MEASURES="agree")["digest_base"]
        ours = segmenta("agree", comparable[0], 2000)["digest_base"]
        differ = [segment for segment in theirs if theirs[segment] != ours.get(segment)]
        if differ or len(ours) != 2000:
            sys.exit(f"of 2,000 segments these differ from those of numpy: {', '.join(differ)}")
    return found


if __name__ == "__main__":
    main()
