"""Makes oracles.json: what SciPy and NumPy answer to the questions that tests/oracles.rs asks of our own code.

Run: python3 -m venv V && V/bin/pip install scipy==1.17.1 numpy==2.4.6 && V/bin/python make_oracles.py
The answers are checked in, so the tests need no Python.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import scipy
from scipy import optimize, stats

rng = np.random.default_rng(20260101)


def t_mean():
    for n in (2, 6, 10, 20):
        values = rng.normal(0.4, 0.3, n)
        for confidence in (0.9, 0.95, 0.99):
            low, high = stats.ttest_1samp(values, 0).confidence_interval(confidence)
            yield {
                "values": values.tolist(), "confidence": confidence, "low": low, "high": high,
                "bound": 0.25,
                "p_at_most": stats.ttest_1samp(values, 0.25, alternative="greater").pvalue,
                "p_at_least": stats.ttest_1samp(values, 0.25, alternative="less").pvalue,
            }


def paired():
    left, right = rng.lognormal(6.0, 0.1, 12), rng.lognormal(5.5, 0.1, 12)
    low, high = stats.ttest_rel(np.log(left), np.log(right)).confidence_interval(0.9)
    yield {"left": left.tolist(), "right": right.tolist(), "confidence": 0.9, "estimate": stats.gmean(left / right),
           "low": np.exp(low), "high": np.exp(high)}


def sign_flip():
    for n, shift in ((1, 0.1), (5, 0.2), (8, 0.3), (12, 0.1), (12, -0.1), (14, 0.0)):
        values = rng.normal(shift, 0.5, n)
        if n == 8:
            values = np.round(values, 1)  # ties
        if n == 1:
            p = 0.5 if values[0] > 0 else 1.0
        else:
            p = stats.permutation_test((values,), np.mean, permutation_type="samples", alternative="greater",
                                       n_resamples=np.inf).pvalue
        yield {"values": values.tolist(), "p": float(p)}


def holm():
    # SciPy has no Holm; this is the definition, written for reading: max over the smaller ones of (m - rank) * p.
    for n in (1, 2, 5, 9):
        p = rng.uniform(0, 0.08, n)
        adjusted = [max(min(1.0, (n - sum(p < q)) * q) for q in p if q <= mine) for mine in p]
        yield {"p": p.tolist(), "adjusted": adjusted}


def bca():
    for name, values in (("normal", rng.normal(0.4, 0.3, 20)), ("skewed", rng.exponential(1.0, 24)),
                         ("outlier", np.append(rng.normal(0.0, 0.1, 24), 2.0))):
        answer = stats.bootstrap((values,), np.mean, n_resamples=400_000, batch=10_000, confidence_level=0.9, method="BCa",
                                 rng=np.random.default_rng(1)).confidence_interval
        left_out = np.array([np.delete(values, i).mean() for i in range(len(values))])
        moved = left_out.mean() - left_out
        yield {"name": name, "values": values.tolist(), "confidence": 0.9, "low": answer.low, "high": answer.high,
               "acceleration": (moved**3).sum() / (6 * (moved**2).sum() ** 1.5)}


def quantiles():
    for n in (1, 2, 7, 20):
        values = rng.exponential(10, n)
        at = [0.0, 0.1, 0.25, 0.5, 0.9, 0.99, 1.0]
        yield {"values": values.tolist(), "at": at, "quantiles": np.quantile(values, at).tolist()}


def median_intervals():
    for n in (6, 9, 20, 51):
        values = rng.exponential(10, n)
        answer = stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
        yield {"values": values.tolist(), "confidence": 0.95, "low": answer.low, "high": answer.high}


def segmentations():
    """The cheapest segmentation, by trying each set of cuts."""
    for n, levels in ((10, (5,)), (12, (6, 9)), (14, (4, 8, 6))):
        values = np.repeat(levels, -(-n // len(levels)))[:n] + rng.normal(0, 0.5, n)
        penalty = 3.0 * np.log(n) * 0.25
        best = None
        for cuts in itertools.chain.from_iterable(itertools.combinations(range(1, n), k) for k in range(5)):
            edges = [0, *cuts, n]
            parts = [values[a:b] for a, b in itertools.pairwise(edges)]
            if min(map(len, parts)) < 2:
                continue
            price = sum(((part - part.mean()) ** 2).sum() for part in parts) + penalty * len(cuts)
            if best is None or price < best[0]:
                best = (price, edges[:-1], [part.mean() for part in parts])
        yield {"values": values.tolist(), "penalty": penalty, "starts": best[1], "means": [float(m) for m in best[2]]}


def scaling():
    for sigma, kappa in ((0.05, 0.0), (0.3, 0.01), (0.95, 0.002)):
        n = np.array([1, 2, 3, 4, 8])
        rates = 330 * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)) * rng.normal(1, 0.02, n.size)
        y = (n * rates[0] / rates - 1)[1:]
        m = n[1:]
        amdahl = np.linalg.lstsq((m - 1.0)[:, None], y)[0]
        usl = np.linalg.lstsq(np.stack([m - 1.0, m * (m - 1.0)], axis=1), y)[0]
        yield {"levels": n.tolist(), "rates": rates.tolist(), "serial_fraction": amdahl[0], "contention": usl[0],
               "coherency": usl[1]}


def welch():
    for n, m in ((2, 3), (4, 3), (10, 12)):
        left, right = rng.normal(0.0, 0.2, n), rng.normal(0.2, 0.5, m)
        yield {"left": left.tolist(), "right": right.tolist(), "p": stats.ttest_ind(left, right, equal_var=False).pvalue}


def sequential():
    """Boundaries of O'Brien-Fleming-type spending: each look's chance from the joint normal distribution, and the root by Brent's method."""
    for alpha, shares in ((0.025, (1 / 3, 2 / 3, 1.0)), (0.05, (0.5, 0.75, 1.0)), (0.05 / 3, (0.5, 2 / 3, 1.0))):
        spent = [2 * stats.norm.sf(stats.norm.ppf(1 - alpha / 2) / np.sqrt(t)) for t in shares]
        bounds = []
        for k, t in enumerate(shares):
            covariance = np.array([[np.sqrt(min(a, b) / max(a, b)) for b in shares[:k + 1]] for a in shares[:k + 1]])
            joint = stats.multivariate_normal(np.zeros(k + 1), covariance, abseps=1e-7, releps=1e-7, maxpts=200_000, seed=1)
            inside = lambda z: joint.cdf(np.array([*bounds, z])) if k else stats.norm.cdf(z)
            bounds.append(optimize.brentq(lambda z: 1 - inside(z) - spent[k], 0.0, 8.0, xtol=1e-7))
        yield {"alpha": alpha, "shares": list(shares), "levels": stats.norm.sf(bounds).tolist()}


def welch_intervals():
    for n, m in ((3, 4), (6, 6), (12, 20)):
        left, right = rng.normal(0.1, 0.2, n), rng.normal(0.2, 0.4, m)
        test = stats.ttest_ind(left, right, equal_var=False)
        low, high = test.confidence_interval(0.9)
        moved = lambda bound, way: stats.ttest_ind(left - bound, right, equal_var=False, alternative=way).pvalue
        # TOST (Schuirmann 1987): the greater of the two one-sided p-values.
        yield {"left": left.tolist(), "right": right.tolist(), "confidence": 0.9, "low": low, "high": high, "margin": 0.3,
               "tost": max(moved(-0.3, "greater"), moved(0.3, "less"))}


def exponential_gaps():
    """Anderson and Darling's statistic for exponential gaps of unknown mean, corrected for the sample size (Stephens 1974)."""
    for n, kind in ((20, "exponential"), (200, "exponential"), (200, "regular"), (200, "bursts")):
        gaps = {"exponential": rng.exponential(3.0, n), "regular": rng.normal(3.0, 0.3, n),
                "bursts": np.where(rng.random(n) < 0.8, 0.1, 14.0) * rng.exponential(1.0, n)}[kind]
        yield {"gaps": gaps.tolist(), "statistic": float(stats.anderson(gaps, "expon").statistic)}


def effective_sizes():
    """n over the integrated autocorrelation time; pairs of lags are summed while they are positive (Geyer 1992)."""
    for n, rho in ((50, 0.0), (400, 0.5), (400, 0.9)):
        values = np.zeros(n)
        for i in range(1, n):
            values[i] = rho * values[i - 1] + rng.normal()
        centred = values - values.mean()
        correlation = np.correlate(centred, centred, "full")[n - 1:] / (centred @ centred)
        tau = -1.0
        for k in range(0, n - 1, 2):
            pair = correlation[k] + correlation[k + 1]
            if pair <= 0:
                break
            tau += 2 * pair
        yield {"values": values.tolist(), "size": float(min(n, n / max(tau, 1 / n)))}


PER_SKEWNESS = 2.6
"""As in src/skewed.rs, where Johnson has 6."""


def skewed():
    """Johnson's interval with that constant: t + g (2 t^2 + 1) / (2.6 sqrt n), g from the arms' shares of the variance."""
    for n in (5, 6, 12, 20):
        left, right = 0.1 * rng.normal(size=n), 0.3 * rng.exponential(size=n)
        values = left - right
        t = stats.t.ppf(0.95, n - 1)
        share = min(max(np.cov(values, left)[0, 1] / values.var(ddof=1), 0), 1)
        greater, smaller = max(share, 1 - share), min(share, 1 - share)
        g = 2 * (greater**1.5 - min(6 / n, 1) ** 3 * smaller**1.5)
        shown = stats.skew(values) * np.sqrt(n / 6)
        reach = lambda away: t + g * min(max((1 - away) * 4, 0), 1) * (2 * t * t + 1) / (PER_SKEWNESS * np.sqrt(n))
        yield {"left": left.tolist(), "right": right.tolist(), "confidence": 0.9, "skewness": g,
               "low": values.mean() - reach(shown) * stats.sem(values), "high": values.mean() + reach(-shown) * stats.sem(values)}


def power_spending():
    """As `sequential`, for Kim and DeMets' alpha t^2."""
    for alpha, shares in ((0.05, (0.5, 0.75, 1.0)), (0.05 / 3, (0.5, 2 / 3, 1.0))):
        bounds = []
        for k, t in enumerate(shares):
            covariance = np.array([[np.sqrt(min(a, b) / max(a, b)) for b in shares[:k + 1]] for a in shares[:k + 1]])
            joint = stats.multivariate_normal(np.zeros(k + 1), covariance, abseps=1e-7, releps=1e-7, maxpts=200_000, seed=1)
            inside = lambda z: joint.cdf(np.array([*bounds, z])) if k else stats.norm.cdf(z)
            bounds.append(optimize.brentq(lambda z: 1 - inside(z) - alpha * t**2, 0.0, 8.0, xtol=1e-7))
        yield {"alpha": alpha, "shares": list(shares), "levels": stats.norm.sf(bounds).tolist()}


def fano():
    for lam in (0.5, 4.0, 30.0):
        counts = rng.poisson(lam, 40)
        yield {"counts": counts.tolist(), "factor": counts.var() / counts.mean()}


oracles = {"made_with": {"scipy": scipy.__version__, "numpy": np.__version__}}
for cases in (t_mean, paired, sign_flip, holm, bca, quantiles, median_intervals, segmentations, scaling, welch, sequential, welch_intervals,
              exponential_gaps, effective_sizes, skewed, power_spending, fano):
    oracles[cases.__name__] = list(cases())
Path(__file__).with_name("oracles.json").write_text(json.dumps(oracles, indent=1) + "\n")
