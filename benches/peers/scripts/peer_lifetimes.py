"""lifetimes on the orders in DIR/orders.csv: fits both models, predicts, and says what it took.

usage: peer_lifetimes.py DIR OURS RESULT BOUNDS    (files; `predict.py` calls it)

OURS is what segmenta fitted. With these parameters lifetimes predicts once more; BOUNDS gets, for each prediction, bounds
that cut the customers into bins so narrow that counts give sums.
"""

import json
import sys

import lifetimes
import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter

from machine import repeated, timed

TODAY = np.datetime64("2026-11-01")
# What segmenta is asked for at TODAY: 90 days, and the days of 12 months.
DAYS, YEAR_DAYS = 90, 365
ALIVE, ORDERS, VALUE = "predict.alive", "predict.orders(90 days)", "predict.value(12 months)"
BINS = 5_000


def read(folder):
    return pd.read_csv(f"{folder}/orders.csv", parse_dates=["day"])


def histories(orders):
    """x, t_x, T and the mean repeat amount. Orders of one day are one; time is in days."""
    days = orders.groupby(["customer", "day"], sort=True)["total"].sum().reset_index()
    by_customer = days.groupby("customer")
    found = by_customer["day"].agg(first="min", last="max", count="size")
    of_first = days["day"].to_numpy() == by_customer["day"].transform("min").to_numpy()
    repeats = days["total"].where(~of_first, 0.0).groupby(days["customer"]).sum()
    x = (found["count"] - 1).to_numpy()
    mean = np.divide(repeats.to_numpy(), x, out=np.zeros(len(x)), where=x > 0)
    return pd.DataFrame(
        {
            "x": x,
            "t_x": (found["last"] - found["first"]).dt.days.to_numpy(),
            "T": (TODAY - found["first"]).dt.days.to_numpy(),
            "m": mean,
        },
        index=found.index,
    )


def fit_orders(customers):
    return BetaGeoFitter().fit(customers["x"], customers["t_x"], customers["T"])


def fit_amounts(customers):
    paid = customers[customers["m"] > 0]
    return GammaGammaFitter().fit(paid["x"], paid["m"])


def predictions(customers, orders, amounts):
    x, t_x, age, mean = (customers[name].to_numpy() for name in ("x", "t_x", "T", "m"))

    def expected(days):
        return orders.conditional_expected_number_of_purchases_up_to_time(days, x, t_x, age)

    return {
        ALIVE: lambda: orders.conditional_probability_alive(x, t_x, age),
        ORDERS: lambda: expected(DAYS),
        VALUE: lambda: expected(YEAR_DAYS) * amounts.conditional_expected_average_profit(x, mean),
    }


def with_parameters(fitter, parameters):
    fitter.params_ = pd.Series(parameters)
    return fitter


def log_likelihoods(customers, orders, amounts):
    """Of all customers at these parameters, in nats, time in days: what both maximise."""
    paid = customers[customers["m"] > 0]
    x, t_x, age = (customers[name].to_numpy() for name in ("x", "t_x", "T"))
    of_orders = BetaGeoFitter._negative_log_likelihood(
        np.log([orders[name] for name in ("r", "alpha", "a", "b")]), x, t_x, age, np.ones(len(x)), 0.0
    )
    of_amounts = GammaGammaFitter._negative_log_likelihood(
        np.log([amounts[name] for name in ("p", "q", "v")]),
        paid["x"].to_numpy(),
        paid["m"].to_numpy(),
        np.ones(len(paid)),
        0.0,
    )
    return {"bgnbd": -of_orders * len(x), "gamma_gamma": -of_amounts * len(paid)}


def bounds_of(values):
    """Closer where there are many customers, so that the width of the bins counts for little in the sum."""
    low, high = values.min() * (1 - 1e-6), values.max() * (1 + 1e-6)
    edges = np.geomspace(low, high, 20_001)
    counts, _ = np.histogram(values, edges)
    weight = np.concatenate([[0.0], np.cumsum(np.sqrt(counts * np.diff(edges)))])
    chosen = np.interp(np.linspace(0.0, weight[-1], BINS + 1), weight, edges)
    chosen[0] = 0.0
    return np.unique(chosen)


def main(folder, ours, result, bounds):
    with open(ours) as file:
        ours = json.load(file)
    found = {"version": lifetimes.__version__, "numpy": np.__version__, "pandas": pd.__version__}
    taken, table = timed(lambda: read(folder))
    found["load_s"] = [taken]
    taken, customers = timed(lambda: histories(table))
    found["histories_s"] = [taken]
    found["customers"] = len(customers)
    taken, orders = timed(lambda: fit_orders(customers))
    found["bgnbd_fit_s"] = [taken]
    taken, amounts = timed(lambda: fit_amounts(customers))
    found["gamma_gamma_fit_s"] = [taken]
    found["parameters"] = {"bgnbd": orders.params_.to_dict(), "gamma_gamma": amounts.params_.to_dict()}
    for (name, predict), key in zip(
        predictions(customers, orders, amounts).items(), ("alive_s", "orders_s", "value_s"), strict=True
    ):
        found[key], _ = repeated(predict)

    r, alpha, a, b = (ours["bgnbd"]["parameters"][name] for name in ("r", "alpha_days", "a", "b"))
    our_orders = {"r": r, "alpha": alpha, "a": a, "b": b}
    our_amounts = ours["gamma_gamma"]["parameters"]
    found["log_likelihood"] = log_likelihoods(customers, orders.params_, amounts.params_)
    found["log_likelihood_of_ours"] = log_likelihoods(customers, our_orders, our_amounts)

    same = predictions(customers, with_parameters(orders, our_orders), with_parameters(amounts, our_amounts))
    found["same_parameters"], chosen = {}, {}
    for name, predict in same.items():
        values = predict()
        edges = bounds_of(values)
        # As the text that the rules have says it.
        texts = [f"{edge:.15f}" for edge in edges]
        edges = np.array([float(text) for text in texts])
        ordered = np.argsort(values, kind="stable")
        at = np.searchsorted(values[ordered], edges, side="left")
        ids = np.concatenate([np.cumsum(customers.index.to_numpy()[ordered][::-1])[::-1], [0]])
        chosen[name] = texts
        found["same_parameters"][name] = {
            "sum": float(values.sum()),
            "counts": (len(values) - at).tolist(),
            "sums": ids[at].tolist(),
        }
    with open(bounds, "w") as file:
        json.dump(chosen, file)
    with open(result, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
