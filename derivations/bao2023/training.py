"""Section 5.4 without momentum: stochastic descent of W and Phi beside the eigenvalues that are derived.

Started in common frames, where the theory starts: W symmetric with the eigenvectors of Phi Phi^T.
The eigenvalues of W are read off in these frames, which rest under the flow.
"""

from functools import partial
from math import ceil

import numpy as np
from sympy import Integer, Rational, Tuple

from symssl import InputError
from symssl.claims import Step, order_of_error
from symssl.simulate import Experiment, LinearPredictor, expected_flow
from symssl.trajectory import integrate

from .derivation import modes
from .model import COSINE, SQUARED, bao, p, rho, s, sigma2

SIZES = tuple(8 * 4**k for k in range(6))


def built(loss, settings, data, seed):
    """Encoder and predictor on fresh pairs of normal vectors."""
    sizes = {name: settings[name] for name in ("h", "d", "batch", "sigma2", "rho")}
    return LinearPredictor(loss=loss, common_frames=True, predictor="symmetric", rng=seed, **sizes)


def needed(learner, start, settings):
    """Steps until the time of the settings."""
    if not 0 <= settings["time"] < np.inf:
        raise InputError(f"time must be a finite number >= 0, got {settings['time']:g}")
    return ceil(settings["time"] / settings["eta"])


def predicted(theories, learner, start, settings, run):
    """Each eigenvalue of W at the start, as simulated at the end, and by each theory.

    The theories are {name: (p, s, times, settings) -> p}.
    """
    table = {"start": in_frames(start["W"], start), "simulated": in_frames(run.weights["W"], start)}
    facts = {}
    if run.times[-1] > 0 and run.status != "diverged":
        for name, theory in theories.items():
            table[name] = theory(*learner.modes(start), run.times[[0, -1]], settings)
            facts[f"largest error ({name})"] = float(abs(table[name] - table["simulated"]).max())
        facts["|W|^2, end over start"] = float((run.weights["W"] ** 2).sum() / (start["W"] ** 2).sum())
    return table, facts


def in_frames(W, start):
    """The diagonal of W in the left singular vectors that Phi has at the start."""
    U = np.linalg.svd(start["Phi"])[0]
    return ((W @ U) * U).sum(0)


def by_modes(model, p_0, s_0, times, settings):
    """The flow of the eigenvalues (p_j, s_j), all modes together, before the parabola."""
    path = integrate(modes(model), {p: p_0, s: s_0}, times, {q: settings[q.name] for q in (rho, sigma2)})
    return path[p][-1]


def exactly(p_0, s_0, times, settings):
    """The flow with the expectations of this size in place of their limit."""
    return expected_flow(p_0, s_0, settings["sigma2"], settings["rho"], times).p[-1]


def experiment(text, loss, theories):
    """An `Experiment` with one of the losses."""
    return Experiment(
        text,
        {"h": 8, "d": 32, "batch": 256, "sigma2": 0.25, "rho": 0.05, "eta": 0.01, "time": 10.0},
        ("normal",),
        partial(built, loss),
        needed,
        partial(predicted, theories),
    )


EXPERIMENTS = {
    "cosine": experiment(
        "encoder and predictor, cosine loss with weight decay, on fresh pairs of normal vectors",
        "cosine",
        {"eigenvalue flow": partial(by_modes, COSINE), "exact flow": exactly},
    ),
    "l2": experiment("the same with the squared loss", "squared", {"eigenvalue flow": partial(by_modes, SQUARED)}),
}


# --- what the limit of many modes costs ---------------------------------------------------


def error_at(model, h):
    """The largest error of an eigenvalue of W at t = h/2, from h of them spread over (1/5, 6/5) on the parabola."""
    start = 0.2 + (np.arange(h) + 0.5) / h
    settings, times = {sigma2.name: 0.25, rho.name: 0.0}, (0.0, h / 2)
    exact = expected_flow(start, start**2, settings[sigma2.name], settings[rho.name], times, method="DOP853").p[-1]
    return float(abs(by_modes(model, start, start**2, times, settings) - exact).max())


def error_steps(model):
    yield Step(
        "1/h, and the largest error of an eigenvalue of W under (5) at t = h/2",
        Tuple(*(Tuple(Rational(1, h), Rational(str(error_at(model, h)))) for h in SIZES)),
    )


CLAIMS = (
    bao(
        "eq5.order",
        "approximation",
        Integer(1),
        error_steps,
        order_of_error(),
        "Eq. (5)",
        source="new",
        note="against the exact flow of h modes; p_j(0) spread evenly over (1/5, 6/5), s = p^2, sigma^2 = 1/4, no "
        "decay; the gradient of a mode is of the order 1/h, so t = h/2 is one unit of its time",
        statement_latex=r"\max_j |p_j(h/2) - p_j^{\mathrm{exact}}(h/2)| \sim 1/h",
    ),
)
