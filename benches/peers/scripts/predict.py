#!/usr/bin/env python3
"""Fits and predicts with lifetimes and with segmenta on the same orders, checks that they agree, and writes the table.

usage: predict.py [SIZE]...      sizes: 100k, 1m; none is 1m; `run predict` calls it
"""

import json
import os
import subprocess
import sys

import tables
from tables import cell, core_seconds, figure, machine, machine_facts, row, table_head

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.environ.get("DATA", f"{HERE}/data")
WORK = f"{HERE}/work"
RECORD = os.environ.get("RECORD", f"{os.path.dirname(HERE)}/record")
BINARY = f"{HERE}/../../target/release/segmenta-peers"
CUSTOMERS = {"100k": 100_000, "1m": 1_000_000}
WITH = os.environ.get("WITH", "").split()

# What must hold.
SAME_DIGITS = 5e-4  # relative: three significant digits of a parameter
SAME_LIKELIHOOD = 1e-6
SAME_SUM = 1e-3
# The same function of the same numbers, by two programs.
SAME_FORMULA = 1e-9
MODELS = {"bgnbd": "BG/NBD", "gamma_gamma": "Gamma-Gamma"}
NAMES = {"alpha_days": "alpha"}


def main():
    sizes = sys.argv[1:] or ["1m"]
    if any(size not in CUSTOMERS for size in sizes):
        sys.exit(f"usage: run predict [SIZE]...   sizes: {', '.join(CUSTOMERS)}")
    os.makedirs(RECORD, exist_ok=True)
    found = {size: compare(size) for size in sizes}
    text = ["# `predict.*` and lifetimes", "", *said_of_all(found)]
    for size, results in found.items():
        text += ["", *said(size, results)]
    kept = {size: without_counts(results) for size, results in found.items()}
    tables.write(RECORD, "predict", "\n".join(text) + "\n", kept | {"machine": machine_facts()})


def compare(size):
    folder, work = f"{DATA}/predict_{size}", f"{WORK}/predict_{size}"
    os.makedirs(work, exist_ok=True)
    if not os.path.exists(f"{folder}/orders.csv"):
        segmenta("predict-data", folder, "--customers", str(CUSTOMERS[size]))
    print(f"segmenta: {size}", flush=True)
    model, bounds = f"{work}/model.json", f"{work}/bounds.json"
    ours = segmenta("predict-times", folder, "--model", model)
    with open(f"{work}/segmenta.json", "w") as file:
        json.dump(ours, file)
    print(f"lifetimes: {size}", flush=True)
    command = [*WITH, sys.executable, f"{HERE}/scripts/peer_lifetimes.py", folder]
    subprocess.run([*command, f"{work}/segmenta.json", f"{work}/lifetimes.json", bounds], check=True)
    with open(f"{work}/lifetimes.json") as file:
        theirs = json.load(file)
    print(f"agreement: {size}", flush=True)
    ours["counts"] = segmenta("predict-counts", folder, "--model", model, "--bounds", bounds)
    with open(bounds) as file:
        bounds = json.load(file)
    results = {"segmenta": ours, "lifetimes": theirs}
    results["parameters"], wrong = parameters(ours, theirs)
    results["predictions"], also = sums(ours["counts"], theirs["same_parameters"], bounds, theirs["customers"])
    if wrong + also:
        sys.exit("\n".join(wrong + also))
    return results


def segmenta(measure, folder, *words):
    command = [*WITH, BINARY, measure, "--data", folder, *words]
    done = subprocess.run(command, env=os.environ | {"RAYON_NUM_THREADS": "2"}, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def parameters(ours, theirs):
    """By model: the parameters of both, and their likelihoods."""
    found, wrong = {}, []
    for model, title in MODELS.items():
        mine = {NAMES.get(name, name): value for name, value in ours[model]["parameters"].items()}
        other = theirs["parameters"][model]
        apart = max(abs(mine[name] / other[name] - 1) for name in mine)
        likelihood = theirs["log_likelihood_of_ours"][model]
        # Above zero: ours is the likelier.
        better = (likelihood - theirs["log_likelihood"][model]) / abs(likelihood)
        if apart > SAME_DIGITS and better < -SAME_LIKELIHOOD:
            wrong.append(f"{title}: parameters differ by {apart:.1e}, and those of lifetimes are the likelier")
        if abs(ours[model]["log_likelihood"] / likelihood - 1) > SAME_FORMULA:
            wrong.append(f"{title}: {ours[model]['log_likelihood']} is not the likelihood that lifetimes gives")
        found[model] = {"segmenta": mine, "lifetimes": other, "farthest_apart": apart, "likelier_by": better}
    return found, wrong


def sums(ours, theirs, bounds, customers):
    """By prediction, both with the parameters of segmenta: what all customers sum up to.

    Rules tell members, not values, so that the sum of segmenta is known by the bins in which its customers lie: with each
    in the middle of its bin, and no farther off than if each were at an end of it.
    """
    found, wrong = {}, []
    for what, other in theirs.items():
        mine, edges = ours[what], [float(text) for text in bounds[what]]
        counts = mine["counts"]
        if counts[0] != customers or counts[-1] != 0:
            wrong.append(
                f"{what}: of {customers} customers {counts[0]} are above the least, {counts[-1]} above the most"
            )
        bins = [(low, high, n - m) for low, high, n, m in zip(edges, edges[1:], counts, counts[1:], strict=False)]
        total = sum((low + high) / 2 * n for low, high, n in bins)
        off = sum((high - low) / 2 * n for low, high, n in bins) / total
        apart = total / other["sum"] - 1
        if abs(apart) > SAME_SUM:
            wrong.append(f"{what}: the sums differ by {apart:.1e}")
        differing = sum(mine != theirs for mine, theirs in zip(counts, other["counts"], strict=True))
        # The sum of ids is taken of every fiftieth bound of each thousand.
        at = [index for index in range(len(edges)) if index % 1_000 % 50 == 0]
        ids = [other["sums"][index] for index in at]
        if differing or mine["sums"] != ids:
            wrong.append(f"{what}: members differ at {differing} of {len(edges)} bounds")
        found[what] = {
            "segmenta": total,
            "known_to": off,
            "lifetimes": other["sum"],
            "apart": apart,
            "bounds": len(edges),
            "bounds_with_other_members": differing,
        }
    return found, wrong


def without_counts(results):
    ours = {name: value for name, value in results["segmenta"].items() if name != "counts"}
    theirs = {name: value for name, value in results["lifetimes"].items() if name != "same_parameters"}
    return results | {"segmenta": ours, "lifetimes": theirs}


def said_of_all(found):
    theirs = next(iter(found.values()))["lifetimes"]
    versions = {
        name: {"version": theirs["version" if name == "lifetimes" else name]}
        for name in ("lifetimes", "numpy", "pandas")
    }
    return [
        *machine(versions),
        "",
        "Seconds, medians, and in brackets: seconds of a core; where the machine was not quiet, cores that other programs used "
        "meanwhile (of two). Two threads for segmenta; lifetimes as it is. How they are driven: [README](../peers/README.md).",
    ]


def said(size, results):
    ours, theirs = results["segmenta"], results["lifetimes"]
    fit_orders = less(ours["alive_with_bgnbd_fit_s"], ours["alive_s"])
    fit_amounts = less(ours["value_with_gamma_gamma_fit_s"], ours["value_s"])
    both = [
        [sum(parts) for parts in zip(theirs["bgnbd_fit_s"][0][:2], theirs["gamma_gamma_fit_s"][0][:2], strict=True)]
    ]
    both = [[*both[0], max(theirs[name][0][2] for name in ("bgnbd_fit_s", "gamma_gamma_fit_s"))]]
    lines = [
        f"## {size} customers, {ours['orders']} orders",
        "",
        *table_head(["segmenta", "lifetimes", "lifetimes / segmenta"]),
    ]
    for name, mine, other in [
        ("load from CSV", ours["load_s"], theirs["load_s"]),
        (
            "x, t_x, T, m of all customers (segmenta: within all below but the next two lines)",
            None,
            theirs["histories_s"],
        ),
        ("fit BG/NBD", fit_orders, theirs["bgnbd_fit_s"]),
        ("fit Gamma-Gamma", fit_amounts, theirs["gamma_gamma_fit_s"]),
        ("fit both (`Engine::fit`)", ours["fit_s"], both),
        ("`predict.alive`", ours["alive_s"], theirs["alive_s"]),
        ("`predict.orders(90 days)`", ours["orders_s"], theirs["orders_s"]),
        ("`predict.value(12 months)`", ours["value_s"], theirs["value_s"]),
        ("all three at once", ours["all_s"], None),
    ]:
        by = "–"
        if mine and other:
            # The clock of a core ticks a hundred times a second.
            of = tables.median if min(core_seconds(mine), core_seconds(other)) < 0.1 else core_seconds
            by = figure(of(other) / of(mine))
        lines.append(row(name, [cell(mine), cell(other), by]))
    goals = [("fit of both, seconds", 10, ours["fit_s"]), ("all three predictions, seconds", 1, ours["all_s"])]
    lines += [
        "",
        "The last column is by seconds of a core, where either is below a tenth of one by the clock.",
        "",
        *table_head(["goal", "by the clock", "seconds of a core"], ""),
    ]
    for name, most, times in goals:
        lines.append(row(name, [f"under {most}", figure(tables.median(times)), figure(core_seconds(times))]))
    lines += ["", *table_head(["segmenta (standard error)", "lifetimes"], "parameter")]
    for model, title in MODELS.items():
        errors = {NAMES.get(name, name): value for name, value in ours[model]["standard_errors"].items()}
        of = results["parameters"][model]
        for name, value in of["segmenta"].items():
            mine = f"{value:.6g} ({errors[name]:.1g})"
            lines.append(row(f"{title} {name}", [mine, f"{of['lifetimes'][name]:.6g}"]))
        mine, other = theirs["log_likelihood_of_ours"][model], theirs["log_likelihood"][model]
        lines.append(row(f"{title} log-likelihood, by lifetimes", [f"{mine:.3f}", f"{other:.3f}"]))
    lines += ["", "Sums over all customers, both with the parameters of segmenta:", ""]
    lines += table_head(["segmenta", "known to", "lifetimes", "apart", "bounds", "with other members"], "prediction")
    for what, of in results["predictions"].items():
        cells = [f"{of['segmenta']:.2f}", f"{of['known_to']:.1e}", f"{of['lifetimes']:.2f}", f"{of['apart']:.1e}"]
        lines.append(row(f"`{what}`", [*cells, str(of["bounds"]), str(of["bounds_with_other_members"])]))
    return lines


def less(with_fit, without):
    """What the fit took of an evaluation, from the medians of evaluations with and without it."""
    one = [tables.median(times) for times in (with_fit, without)]
    own = [core_seconds(times) for times in (with_fit, without)]
    return [[max(0.0, one[0] - one[1]), max(0.0, own[0] - own[1]), max(others for *_, others in with_fit + without)]]


if __name__ == "__main__":
    main()
