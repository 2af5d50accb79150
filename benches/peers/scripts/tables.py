"""The tables of a run, and the files they go to."""

import datetime as dt
import json
import os
import platform
import statistics
import subprocess

MISSING = "–"
# What is measured, by the name of the peers' results and that of segmenta's; a segmenta without it is not measured yet.
ROWS = [
    ("load", "load_s", "load_s"),
    ("all 200 at once, nothing kept (peers: the best way)", "best_s", "first_s"),
    ("all 200, naive (a query a segment)", "naive_s", None),
    ("all 200 again, nothing changed", None, "again_s"),
    ("ids of all members as lists (in the best way above)", None, "ids_s"),
    ("one changed customer against all 200", "one_customer_s", "one_customer_s"),
    ("1 % of the customers changed: these against all 200", "changed_s", "changed_s"),
    ("1 % of the customers changed: taking the changes in", "changed_apply_s", "changed_apply_s"),
    ("the day moved by one", "next_day_s", "next_day_s"),
]
SINGLE = [("column", "columns"), ("order_agg", "orders"), ("item_event_agg", "items and events")]
MEMORY = [
    ("at the start", "start_mb", "start_mb"),
    ("resident after loading", "resident_mb", "resident_mb"),
    ("peak of loading", "load_peak_mb", "load_peak_mb"),
    ("peak of all 200 at once", "best_peak_mb", "refresh_peak_mb"),
    ("peak of the naive way", "naive_peak_mb", None),
]


def write(folder, name, text, figures):
    """The table for people, and the same with each repetition for programs."""
    print(text)
    with open(f"{folder}/{name}.md", "w") as file:
        file.write(text)
    with open(f"{folder}/{name}.json", "w") as file:
        file.write(shown(figures) + "\n")


def shown(value, depth=0):
    """JSON with a line for each measure."""
    if depth == 3 or not isinstance(value, dict):
        return json.dumps(rounded(value))
    parts = (f"{' ' * (depth + 1)}{json.dumps(name)}: {shown(part, depth + 1)}" for name, part in value.items())
    return "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"


def compared(size, found):
    figures = {name: without_digests(results) for name, results in found.items()}
    names = list(figures)
    ours = figures["segmenta"]
    peers = {name: results for name, results in figures.items() if name != "segmenta"}
    lines = [
        f"# Peers and segmenta, {size} customers, 200 segments",
        "",
        *machine(figures),
        "",
        "Seconds, medians; two threads each, numpy one. "
        "In brackets: cores that other programs used meanwhile (of two).",
        "All engines found the same members: base, next day, after the changes.",
        "",
    ]
    lines += table_head(names + ["fastest peer / segmenta"])
    for title, theirs, own in ROWS:
        cells = [cell(results.get(own if name == "segmenta" else theirs)) for name, results in figures.items()]
        lines.append(row(title, cells + [ratio(peers, theirs, ours, own)]))
    for kind, title in SINGLE:
        one = {name: several(results, kind) for name, results in figures.items()}
        best = min((value for name, value in one.items() if name != "segmenta" and value), default=None)
        share = f"{best / one['segmenta']:.1f}" if best and one["segmenta"] else MISSING
        lines.append(row(f"one segment on {title} (median of three)", [*map(seconds, one.values()), share]))
    lines += ["", "Memory, MB, of the process:", "", *table_head(names)]
    for title, theirs, own in MEMORY:
        values = (results.get(own if name == "segmenta" else theirs) for name, results in figures.items())
        lines.append(row(title, [f"{value:.0f}" if value else MISSING for value in values]))
    lines += ["", "Parts of the best way:", ""]
    for name, results in peers.items():
        for parts, taken in results.get("best_split", {}).items():
            medians = [seconds(statistics.median(column)) for column in zip(*taken)]
            lines.append(f"- {name}, {parts}: {' / '.join(medians)}")
    lines += ["", *goals(peers, ours), ""]
    return "\n".join(lines), {"size": size, "machine": machine_facts(), "engines": figures}


def goals(peers, ours):
    """The ratios asked for, and what they are."""
    first, again = median(ours["first_s"]), median(ours["again_s"])

    def fastest(name):
        return min(median(results[name]) for results in peers.values() if results.get(name))

    engines = {name: results for name, results in peers.items() if name != "numpy"}
    best = min(median(results["best_s"]) for results in engines.values())
    naive = [median(results["naive_s"]) for results in engines.values() if results.get("naive_s")]
    lean = min(results["resident_mb"] for results in engines.values())
    found = [("best way of the fastest peer / all 200 at once", "at least 60", best / first)]
    if naive:
        found.append(("naive way of the fastest peer / all 200 at once", "at least 200", min(naive) / first))
    if "numpy" in peers:
        found.append(("masks in numpy / all 200 at once", "at least 12", median(peers["numpy"]["best_s"]) / first))
    found.append(("again / all 200 at once", "at most 0.01", again / first))
    if "one_customer_s" in ours:
        found.append(("one customer, microseconds", "at most 50", median(ours["one_customer_s"]) * 1e6))
    if "changed_s" in ours:
        found.append(("1 % changed / all 200 at once", "at most 0.05", median(ours["changed_s"]) / first))
    found.append(("day moved by one / all 200 at once", "at most 0.2", median(ours["next_day_s"]) / first))
    found.append(
        (
            f"load from {ours['format']} / load of the fastest peer",
            "at most 2",
            median(ours["load_s"]) / fastest("load_s"),
        )
    )
    found.append(("resident / that of the leanest peer", "at most 0.5", ours["resident_mb"] / lean))
    peak = max(ours["load_peak_mb"], ours["refresh_peak_mb"])
    found.append(("peak / resident", "at most 1.5", peak / ours["resident_mb"]))
    lines = [
        "Peers below are the engines, without the masks in numpy but where these are named.",
        "",
        "| ratio | goal | found |",
        "|---|---|---|",
    ]
    lines += [f"| {title} | {goal} | {figure(value)} |" for title, goal, value in found]
    for name, title in (("one_customer_s", "one customer"), ("changed_s", "1 % changed")):
        if name not in ours:
            lines.append(f"| {title} | | not measured yet |")
    return lines


def growth(found):
    lines = ["# How segmenta grows", "", *machine({}), "", "200 segments; seconds, medians:", ""]
    measures = ("load_s", "first_s", "again_s", "ids_s")
    heads = ["load", "all at once, first", "again", "ids as lists", "first / that of the line above"]
    lines += table_head(heads, "customers")
    lines += grown(found["customers"], measures)
    if found["segments"]:
        lines += ["", f"{found['size']} customers; seconds, medians:", ""]
        lines += table_head(heads, "segments")
        lines += grown(found["segments"], measures)
        lines += ["", "The members of the 2,000 segments are those that the masks in numpy find."]
    return "\n".join([*lines, ""]), {"machine": machine_facts(), **found}


def grown(by_step, measures):
    lines, last = [], None
    for step, results in by_step.items():
        first = median(results["first_s"])
        share = f"{first / last:.2f}" if last else MISSING
        lines.append(row(step, [cell(results.get(name)) for name in measures] + [share]))
        last = first
    return lines


def without_digests(results):
    return {name: value for name, value in results.items() if not name.startswith("digest")}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return value


def median(times):
    return statistics.median(wall for wall, _, _ in times)


def several(results, kind):
    times = results.get("single_s", {}).get(kind, {}).values()
    return statistics.median(median(one) for one in times) if times else None


def ratio(peers, theirs, ours, own):
    taken = [median(results[theirs]) for results in peers.values() if results.get(theirs)]
    own = own if theirs != "naive_s" else "first_s"
    if not taken or not ours.get(own):
        return MISSING
    return figure(min(taken) / median(ours[own]))


def cell(times):
    if not times:
        return MISSING
    others = statistics.median(others for _, _, others in times)
    return f"{seconds(median(times))} ({others:.1f})"


def seconds(value):
    if value is None:
        return MISSING
    return f"{value * 1e6:.0f} µs" if value < 1e-3 else figure(value)


def figure(value):
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.01 else 5
    return f"{value:.{digits}f}"


def table_head(names, first="seconds"):
    return [row(first, names), "|" + "---|" * (len(names) + 1)]


def row(first, cells):
    return f"| {first} | {' | '.join(cells)} |"


def machine(figures):
    facts = machine_facts()
    versions = ", ".join(f"{name} {results['version']}" for name, results in figures.items() if "version" in results)
    text = (
        f"{facts['date']}; {facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}; "
    )
    text += f"segmenta at {facts['commit']}, {facts['compiler']}"
    return [text + (f"; {versions}" if versions else "") + "."]


def machine_facts():
    def first(path, name):
        with open(path) as lines:
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(name)), "unknown")

    def said(*command):
        return subprocess.run(command, capture_output=True, text=True, cwd=os.path.dirname(__file__)).stdout.strip()

    return {
        "date": dt.date.today().isoformat(),
        "processor": first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gb": round(int(first("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)),
        "system": f"{platform.system()} {platform.release()}",
        "commit": said("git", "rev-parse", "--short", "HEAD"),
        "compiler": said("rustc", "--version"),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
    }
