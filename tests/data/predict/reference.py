"""Writes the reference values beside it, with mpmath (1.4.1), at 60 digits and again at 150.

The formulas are those of the papers as printed, so they share nothing with the crate's.
"""
import itertools
import mpmath as mp


def orders_if_alive(r, alpha, a, b, x, age, t):
    """Fader, Hardie and Lee (2005), equation 10, without its denominator; at a = 1 the limit."""
    if a == 1:
        a += mp.mpf(10) ** -(mp.mp.dps // 3)
    z = t / (alpha + age + t)
    f = mp.hyp2f1(r + x, b + x, a + b + x - 1, z, maxterms=10**7)
    return (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (r + x) * f)


def alive(r, alpha, a, b, x, last, age):
    """Fader and Hardie (2008), for x > 0."""
    return 1 / (1 + a / (b + x - 1) * ((alpha + age) / (alpha + last)) ** (r + x))


def log_likelihood(r, alpha, a, b, x, last, age):
    """Fader, Hardie and Lee (2005), equation 6."""
    still = mp.beta(a, b + x) / mp.beta(a, b) * mp.gamma(r + x) * alpha**r / (mp.gamma(r) * (alpha + age) ** (r + x))
    if x == 0:
        return mp.log(still)
    gone = mp.beta(a + 1, b + x - 1) / mp.beta(a, b) * mp.gamma(r + x) * alpha**r / (mp.gamma(r) * (alpha + last) ** (r + x))
    return mp.log(still + gone)


def amounts_log_likelihood(p, q, v, x, mean):
    """Fader and Hardie (2013), equation 1a."""
    return mp.log(mp.gamma(p * x + q) / (mp.gamma(p * x) * mp.gamma(q)) * v**q * mean ** (p * x - 1) * x ** (p * x) / (v + mean * x) ** (p * x + q))


def write(name, head, of, rows):
    with open(name, "w") as file:
        file.write(head + "\n")
        for row in rows:
            values = []
            for digits in (60, 150):
                mp.mp.dps = digits
                found = of(*[mp.mpf(field) for field in row])
                values.append([mp.nstr(value, 17) for value in (found if isinstance(found, tuple) else (found,))])
            assert values[0] == values[1], (name, row, values)
            file.write(",".join(list(row) + values[1]) + "\n")


MODELS = [
    ("0.243", "30.898", "0.793", "2.426"),
    ("0.243", "30.898", "1", "2.426"),
    ("0.243", "30.898", "1.000000000001", "2.426"),
    ("0.243", "30.898", "0.999999", "2.426"),
    ("3.7", "1.5", "0.02", "0.3"),
    ("45", "900", "2", "0.5"),
    ("0.01", "5", "25", "4000"),
]
PAST = [("0", "0", "0"), ("0", "0", "700"), ("2", "213", "272"), ("26", "216", "217"), ("1", "1", "1"), ("150", "300", "1000"), ("1000", "1000", "1000"), ("1000", "1500", "4000")]

write("special.csv", "x,digamma,trigamma", lambda x: (mp.psi(0, x), mp.psi(1, x)),
      [(x,) for x in "1e-9 0.001 0.1 0.5 1 1.4616321449683623 1.5 2 3.25 10 11.99 12 12.01 100 12345.678 1e9".split()])
write("orders.csv", "r,alpha,a,b,x,age,days,orders_if_alive", orders_if_alive,
      [m + (x, age, t) for m, (x, _, age) in itertools.product(MODELS, PAST) for t in ("1", "90", "365", "3650")])
write("orders_far.csv", "r,alpha,a,b,x,age,days,orders_if_alive", orders_if_alive,
      [("0.243", "0.001", a, "2.426", x, age, t) for a in ("0.05", "0.793", "1", "1.5", "40") for x, age in (("0", "0"), ("3", "4"), ("40", "45")) for t in ("365", "36500")])
write("alive.csv", "r,alpha,a,b,x,last,age,alive,log_likelihood",
      lambda *row: (alive(*row) if row[4] > 0 else mp.mpf(1), log_likelihood(*row)),
      [m + past for m, past in itertools.product(MODELS, PAST)])
write("amounts.csv", "p,q,v,x,mean,log_likelihood", amounts_log_likelihood,
      [m + spend for m in (("6.25", "3.74", "15.44"), ("0.3", "0.9", "2000"), ("80", "150", "0.01")) for spend in (("1", "22.35"), ("7", "0.01"), ("1000", "38.5"))])
