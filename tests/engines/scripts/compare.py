#!/usr/bin/env python3
"""Asks engines what `cases` has written, and compares members with those that exec found.

usage: compare.py CASES_DIR [--report FILE] [--only KIND,...] ENGINE...

Exit code 1 when a member differs, or a statement fails that was not refused.
"""

import argparse
import collections
import glob
import json
import os
import re
import selectors
import subprocess
import sys
import time

import engines
import tables

# Seconds that a statement or the load of a data set may take.
MOST_SECONDS = int(os.environ.get("ENGINES_SECONDS", "300"))
# How a statement ends, by design, at a number that its engine cannot hold exactly: no wrong answer, and none.
BEYOND = re.compile(
    "a number beyond what the engine holds|a quotient beyond 53 bits|a place too close to the edge"
    "|which of two letters Σ becomes"
    "|[Oo]verflow|OVERFLOW|[Oo]ut of [Rr]ange|OUT_OF_RANGE|DECIMAL_OVERFLOW|not in range"
)
SHOWN_KEYS = 5
SHOWN_PROBLEMS = 40


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cases")
    parser.add_argument("--report")
    parser.add_argument("--only", default="")
    parser.add_argument("--worker", nargs=2, type=int)
    parser.add_argument("engine", nargs="+", choices=list(engines.ENGINES))
    asked = parser.parse_args()
    found = sorted(glob.glob(f"{asked.cases}/*/data.json"))
    kinds = [kind for kind in asked.only.split(",") if kind]
    folders = [os.path.dirname(path) for path in found if not kinds or kind_of(os.path.dirname(path)) in kinds]
    if not folders:
        sys.exit(f"{asked.cases} has nothing to ask")
    if asked.worker:
        return work(asked.engine[0], folders, *asked.worker)
    results = {}
    for name in asked.engine:
        print(f"== {name}", flush=True)
        results[name] = drive(name, folders, sys.argv[1:])
    report = written(results, folders)
    print(report)
    if asked.report:
        with open(asked.report, "w") as file:
            file.write(report)
    wrong = sum(len(result["problems"]) for result in results.values())
    sys.exit(1 if wrong else 0)


def kind_of(folder):
    kind = re.sub(r"\d+$", "", os.path.basename(folder))
    return "real" if kind in ("online_retail", "cdnow") else kind


# --- one engine, in a process of its own


def work(name, folders, at, first):
    """Every data set from `at` on, there from the statement `first` on; a line of JSON for each thing done."""
    out = os.fdopen(os.dup(1), "w")
    # What engines print is no answer.
    os.dup2(2, 1)

    def tell(**what):
        out.write(json.dumps(what) + "\n")
        out.flush()

    engine = engines.ENGINES[name]()
    engine.open()
    tell(version=engine.version())
    for number in range(at, len(folders)):
        with open(f"{folders[number]}/data.json") as file:
            record = json.load(file)
        if not any(name in statement["sql"] or name in statement["apart"] for statement in record["statements"]):
            continue
        if first >= len(record["statements"]):
            first = 0
            continue
        tell(begin=[number, first])
        engine.begin()
        seconds, unstorable = load(engine, folders[number], record)
        tell(loaded=[number, seconds, unstorable])
        for place in range(first, len(record["statements"])):
            if unstorable:
                break
            statement = record["statements"][place]
            if name in statement["sql"] or name in statement["apart"]:
                tell(begin=[number, place])
                tell(done=[number, place, ask(engine, name, statement)])
        first = 0
        engine.end()
    engine.close()
    tell(end=True)


def load(engine, folder, record):
    read = [(table, tables.read(folder, table)) for table in record["tables"]]
    for table, arrow in read:
        reason = engine.unstorable(arrow)
        if reason:
            return 0.0, f"{table['name']}: {reason}"
    start = time.perf_counter()
    for table, arrow in read:
        engine.load(table["name"], tables.described(table), arrow)
    return time.perf_counter() - start, None


def ask(engine, name, statement):
    """The whole statement; where it goes wrong, each segment alone too, to see whose fault it is."""
    without = set(statement["without"].get(name, ()))
    expected = {segment: what for segment, what in statement["segments"].items() if segment not in without}
    if name in statement["apart"]:
        error, found, seconds = f"refused all together: {statement['apart'][name]}", {}, 0.0
    else:
        error, found, seconds = attempt(engine, statement["sql"][name])
    problems = [] if error else different(found, expected)
    answer = {"seconds": seconds, "equal": len(expected) - len(problems), "problems": problems, "ended": []}
    if not error and not problems:
        return answer
    if error:
        answer |= {"equal": 0, "error": error}
    if not any(name in what["alone"] for what in expected.values()):
        if error:
            case = next(iter(expected.values()))["case"] if expected else statement["name"]
            answer["problems"] = [{"case": case, "segment": "all", "rule": "", "error": error}]
        return parted(answer, len(expected))
    alone = []
    for segment, what in expected.items():
        wrong, found, _ = attempt(engine, what["alone"][name])
        if wrong:
            alone.append({"case": what["case"], "segment": segment, "rule": what["rule"], "error": wrong})
        else:
            alone += different(found, {segment: what})
    known = {problem["segment"] for problem in alone}
    together = [dict(problem, together=True) for problem in problems if problem["segment"] not in known]
    # Where one ends, the whole ends.
    if error and not any("error" in problem for problem in alone):
        together = [{"case": statement["name"], "segment": "all", "rule": "", "error": error, "together": True}]
    answer["problems"] = alone + together
    return parted(answer, len(expected))


def parted(answer, expected):
    """What ends by design stands apart."""
    found = answer["problems"]
    answer["ended"] = [problem for problem in found if BEYOND.search(problem.get("error", ""))]
    answer["problems"] = [problem for problem in found if not BEYOND.search(problem.get("error", ""))]
    wrong = sum(expected if problem["segment"] == "all" else 1 for problem in found)
    answer["equal"] = max(expected - wrong, 0)
    if any(problem["segment"] == "all" for problem in answer["ended"]):
        answer["ended"] *= expected
    return answer


def attempt(engine, sql):
    start = time.perf_counter()
    try:
        answer = engine.run(sql)
        seconds = time.perf_counter() - start
        found = collections.defaultdict(list)
        for segment, key in engine.pairs(answer):
            found[segment].append(key)
        return None, found, seconds
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {error}"[:2_000], {}, time.perf_counter() - start


def different(found, expected):
    problems = []
    for segment, what in expected.items():
        ours, theirs = collections.Counter(what["keys"]), collections.Counter(found.get(segment, ()))
        if ours != theirs:
            missing, extra = sorted((ours - theirs).elements(), key=str), sorted((theirs - ours).elements(), key=str)
            problem = {"case": what["case"], "segment": segment, "rule": what["rule"]}
            problem |= {"missing": len(missing), "extra": len(extra)}
            problem |= {"missing_keys": missing[:SHOWN_KEYS], "extra_keys": extra[:SHOWN_KEYS]}
            problems.append(problem)
    unknown = [name for name in found if name not in expected]
    if unknown:
        problems.append({"case": "", "segment": str(unknown[0]), "rule": "", "error": "a segment nobody asked for"})
    return problems


# --- all of them


def drive(name, folders, words):
    """Runs the worker, and again from the next statement on where one ends it."""
    result = {"version": "", "loads": {}, "statements": {}, "problems": [], "ended": [], "unstorable": {}}
    at, first, ended = 0, 0, False
    while not ended:
        command = [sys.executable, __file__, *words, "--worker", str(at), str(first)]
        # The engines stand at the end; this one alone.
        command = [word for word in command if word not in engines.ENGINES] + [name]
        said = open(os.path.join(os.path.dirname(os.path.abspath(words[0])), f"{name}.log"), "ab")
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
        begun, problem = None, None
        for line in lines(worker):
            if line is None:
                problem = f"no answer within {MOST_SECONDS} seconds"
                worker.kill()
                break
            told = json.loads(line)
            if "version" in told:
                result["version"] = told["version"]
            elif "begin" in told:
                begun = told["begin"]
            elif "loaded" in told:
                number, seconds, unstorable = told["loaded"]
                result["loads"][folders[number]] = seconds
                if unstorable:
                    result["unstorable"][folders[number]] = unstorable
            elif "done" in told:
                number, place, answer = told["done"]
                result["statements"][f"{folders[number]}#{place}"] = answer
                for what in ("problems", "ended"):
                    for found in answer[what]:
                        result[what].append(found | {"data": os.path.basename(folders[number])})
            ended = ended or "end" in told
        code = worker.wait()
        if ended:
            break
        problem = problem or f"the process ended with code {code}: {last_words(said.name)}"
        if begun is None:
            result["problems"].append({"data": "", "case": "", "segment": "", "rule": "", "error": problem})
            break
        number, place = begun
        with open(f"{folders[number]}/data.json") as file:
            statement = json.load(file)["statements"][place]
        broken = {"data": os.path.basename(folders[number]), "case": statement["name"], "segment": "all", "rule": ""}
        result["problems"].append(broken | {"error": problem})
        result["statements"][f"{folders[number]}#{place}"] = {"seconds": 0, "equal": 0, "problems": [broken], "ended": []}
        at, first = number, place + 1
    return result


def last_words(log):
    with open(log, errors="replace") as file:
        return " ".join(file.read()[-1_000:].split("\n")[-4:])


def lines(worker):
    """What the worker says, line by line; `None` when it says nothing for too long."""
    selector = selectors.DefaultSelector()
    selector.register(worker.stdout, selectors.EVENT_READ)
    rest = b""
    while True:
        if not selector.select(MOST_SECONDS):
            yield None
            return
        more = os.read(worker.stdout.fileno(), 1 << 20)
        if not more:
            return
        *whole, rest = (rest + more).split(b"\n")
        yield from whole


def written(results, folders):
    """The table of what was run, the reasons of refusals, times, and what is wrong."""
    rows, reasons, times = [], {}, []
    for name, result in results.items():
        by_kind, refused = collections.defaultdict(collections.Counter), collections.Counter()
        for folder in folders:
            with open(f"{folder}/data.json") as file:
                record = json.load(file)
            count = by_kind[kind_of(folder)]
            for why in record["refused"]:
                refused[why["reason"]] += why["segments"] if why["dialect"] == name else 0
            for place, statement in enumerate(record["statements"]):
                segments, out = len(statement["segments"]), len(statement["without"].get(name, ()))
                count["rules"] += segments
                count["refused"] += out
                answer = result["statements"].get(f"{folder}#{place}")
                if folder in result["unstorable"]:
                    count["unstorable"] += segments - out
                elif name in statement["sql"] or name in statement["apart"]:
                    count["run"] += segments - out
                    count["equal"] += answer["equal"] if answer else 0
                    count["ended"] += len(answer["ended"]) if answer else 0
            if kind_of(folder) in ("shop", "real"):
                answer = result["statements"].get(f"{folder}#0")
                if answer:
                    load = result["loads"].get(folder, 0)
                    times.append([name, os.path.basename(folder), f"{load:.1f}", f"{answer['seconds']:.1f}"])
        for kind, count in by_kind.items():
            count["wrong"] = count["run"] - count["equal"] - count["ended"]
            told = ("rules", "refused", "unstorable", "run", "equal", "ended", "wrong")
            rows.append([f"{name} {result['version']}", kind] + [count[what] for what in told])
        reasons[name] = refused
    heads = ["engine", "rules of", "rules", "refused", "not storable", "run", "equal", "ended at its limits", "different"]
    text = table(heads, rows)
    for name, refused in reasons.items():
        found = [[reason, count] for reason, count in refused.most_common() if count]
        if found:
            text += f"\nRefused by {name}:\n\n" + table(["reason", "rules"], found)
    for name, result in results.items():
        ended = collections.Counter(ending(problem) for problem in result["ended"])
        if ended:
            found = [[*what, count] for what, count in ended.items()]
            text += f"\nEnded by {name} at its limits:\n\n" + table(["case", "rule", "why", "segments"], found)
    if times:
        text += "\n" + table(["engine", "data", "load, s", "statement, s"], times)
    for name, result in results.items():
        for folder, reason in result["unstorable"].items():
            text += f"\n{name} cannot store {os.path.basename(folder)}: {reason}"
        for problem in result["problems"][:SHOWN_PROBLEMS]:
            text += "\n" + described(name, problem)
        if len(result["problems"]) > SHOWN_PROBLEMS:
            text += f"\n{name}: {len(result['problems']) - SHOWN_PROBLEMS} more"
    return text.rstrip() + "\n"


def ending(problem):
    rule = f"`{problem['rule']}`" if problem["rule"] else "all of a file"
    why = BEYOND.search(problem["error"]).group(0).lower().replace("_", " ")
    return f"{problem['data']}, {problem['case']}", rule, why


def described(name, problem):
    text = f"{name}, {problem['data']}, {problem['case']} [{problem['segment']}]"
    text += ", only with all together" if problem.get("together") else ""
    if "error" in problem:
        text += f": {problem['error']}"
    else:
        text += f": {problem.get('missing', 0)} missing {problem.get('missing_keys', [])}"
        text += f", {problem.get('extra', 0)} too many {problem.get('extra_keys', [])}"
    return text + (f"\n    {problem['rule']}" if problem["rule"] else "")


def table(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


if __name__ == "__main__":
    main()
