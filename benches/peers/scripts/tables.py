"""The tables of a run, and the files they go to."""

import datetime as dt
import json
import os
import platform
import statistics
import subprocess

MISSING = "–"
# What segmenta cannot be asked for yet.
NOT_YET = "not measured yet"
# Tables in files, read through the cache of the system, which no process is charged for.
IN_FILES = {"clickhouse"}
# Where others took more than this share of a core, a time says little; seconds of a core say more.
BUSY = 0.25
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
        "Seconds, medians, and in brackets: seconds of a core; where the machine was not quiet, cores that other "
        "programs used meanwhile (of two). Two threads each, numpy one.",
        "All engines found the same members: base, next day, after the changes.",
        "",
    ]
    lines += table_head(names + ["fastest peer / segmenta, by seconds of a core"])
    for title, theirs, own in ROWS:
        cells = [cell(results.get(own if name == "segmenta" else theirs)) for name, results in figures.items()]
        if own and own not in ours:
            cells[names.index("segmenta")] = NOT_YET
        lines.append(row(title, cells + [ratio(peers, theirs, ours, own)]))
    for kind, title in SINGLE:
        one = {name: several(results, kind) for name, results in figures.items()}
        best = min((value for name, value in one.items() if name != "segmenta" and value), default=None)
        share = f"{best / one['segmenta']:.1f}" if best and one["segmenta"] else MISSING
        lines.append(row(f"one segment on {title} (median of three)", [*map(seconds, one.values()), share]))
    lines += ["", "Memory, MB, of the process (ClickHouse keeps its tables in files):", "", *table_head(names, "MB")]
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
    """The ratios asked for, and what they are: by the clock, and by seconds of a core."""
    engines = {name: results for name, results in peers.items() if name != "numpy"}

    def share(title, goal, theirs, own, upside_down=False):
        found = []
        for of in (undisturbed, core_seconds):
            other = theirs(of)
            mine = of(ours[own]) if ours.get(own) else None
            both = (mine, other) if upside_down else (other, mine)
            missing = MISSING if own in ours else NOT_YET
            found.append(figure(both[0] / both[1]) if all(both) else missing)
        return [title, goal, *found]

    def fastest(name, among):
        def least(of):
            taken = [of(results[name]) for results in among.values() if results.get(name)]
            return min(filter(None, taken), default=None)

        return least

    def of_first(of):
        return of(ours["first_s"])

    numpy = {name: results for name, results in peers.items() if name == "numpy"}
    lines = [
        share("best way of the fastest engine / all 200 at once", "at least 60", fastest("best_s", engines), "first_s"),
        share(
            "naive way of the fastest engine / all 200 at once", "at least 200", fastest("naive_s", engines), "first_s"
        ),
        share("masks in numpy / all 200 at once", "at least 12", fastest("best_s", numpy), "first_s"),
        share("all 200 again / the first time", "at most 0.01", of_first, "again_s", True),
        share("1 % changed / all 200 at once", "at most 0.05", of_first, "changed_s", True),
        share("day moved by one / all 200 at once", "at most 0.2", of_first, "next_day_s", True),
        share(
            f"load from {ours['format']} / that of the fastest engine",
            "at most 2",
            fastest("load_s", engines),
            "load_s",
            True,
        ),
    ]
    one = median(ours["one_customer_s"]) * 1e6 if ours.get("one_customer_s") else None
    lines.append(["one customer, µs", "at most 50", figure(one) if one else NOT_YET, ""])
    lean = [results["resident_mb"] for name, results in engines.items() if name not in IN_FILES]
    if lean:
        lines.append(
            ["resident / that of the leanest engine", "at most 0.5", figure(ours["resident_mb"] / min(lean)), ""]
        )
    peak = max(ours["load_peak_mb"], ours["refresh_peak_mb"])
    lines.append(["peak / resident", "at most 1.5", figure(peak / ours["resident_mb"]), ""])
    missing = ["", f"{MISSING} by the clock: the machine was not quiet."]
    return (
        table_head(["goal", "by the clock", "by seconds of a core"], "ratio")
        + [row(line[0], line[1:]) for line in lines]
        + missing
    )


def growth(found):
    lines = ["# How segmenta grows", "", *machine({}), "", "200 segments; seconds, medians, as in the comparison:", ""]
    measures = ("load_s", "first_s", "again_s", "ids_s")
    heads = [
        "load",
        "all at once, first",
        "again",
        "ids as lists",
        "first / that of the line above",
        "the same by seconds of a core",
    ]
    lines += table_head(heads, "customers")
    lines += grown(found["customers"], measures)
    if found["segments"]:
        lines += ["", f"{found['size']} customers; seconds, medians, as in the comparison:", ""]
        lines += table_head(heads, "segments")
        lines += grown(found["segments"], measures)
        lines += ["", "The members of the 2,000 segments are those that the masks in numpy find."]
    lines += ["", "Asked for: 4m at most 4.4 times 1m, 2,000 segments at most 5 times 200."]
    return "\n".join([*lines, ""]), {"machine": machine_facts(), **found}


def grown(by_step, measures):
    lines, last = [], None
    for step, results in by_step.items():
        shares = [MISSING, MISSING]
        if last:
            shares = [figure(of(results["first_s"]) / of(last)) for of in (median, core_seconds)]
        lines.append(row(step, [cell(results.get(name)) for name in measures] + shares))
        last = results["first_s"]
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


def quiet(times):
    return [time for time in times if time[2] <= BUSY] or times


def median(times):
    return statistics.median(wall for wall, _, _ in quiet(times))


def undisturbed(times):
    """By the clock, where the machine was quiet."""
    return median(times) if quiet(times)[0][2] <= BUSY else None


def core_seconds(times):
    return statistics.median(own for _, own, _ in quiet(times))


def several(results, kind):
    times = results.get("single_s", {}).get(kind, {}).values()
    return statistics.median(median(one) for one in times) if times else None


def ratio(peers, theirs, ours, own):
    """By seconds of a core where its clock, a hundred ticks a second, tells enough; else by the clock."""
    own = own if theirs != "naive_s" else "first_s"
    given = [results[theirs] for results in peers.values() if results.get(theirs)]
    if not given or not ours.get(own):
        return MISSING
    fine = min(core_seconds(times) for times in [ours[own], *given]) < 0.1
    of = median if fine else core_seconds
    return figure(min(map(of, given)) / of(ours[own]))


def cell(times):
    if not times:
        return MISSING
    others = statistics.median(others for _, _, others in quiet(times))
    own = core_seconds(times)
    meanwhile = f"; {others:.1f}" if others > BUSY else ""
    # The clock of a core ticks a hundred times a second.
    return f"{seconds(median(times))} ({seconds(own)}{meanwhile})" if own >= 0.1 else seconds(median(times))


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
