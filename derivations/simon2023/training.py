"""Section 4.4: gradient descent on pairs of image crops beside the derived trajectories.

The recipe of the paper (n = 500 pairs of 20 x 20 x 3 crops, d = 10, alpha = 1e-7, eta = 5e-5)
leaves the window of the crops, the scale of the pixels and their centring open.  Here both crops
lie in a window of 32 x 32 pixels, pixels are in [0, 1], and `crops` are raw, `centred` crops less
their mean.  Descent runs in the eigenbasis of Gamma, where it takes the same path.
"""

from functools import partial
from math import ceil

import numpy as np
from sympy import Integer, Rational, Tuple

from symssl import InputError
from symssl.claims import Step, order_of_error
from symssl.simulate import CrossCorrelation, Experiment, crop_pairs, cross_correlation, train
from symssl.trajectory import crossing_times, power_trajectory

from .model import LOSS, claim, gamma, mode_flow

BEYOND = 1.15  # the last half time is passed by so much
RECORDS = 4000
ROUNDING = 1e-12  # of the largest eigenvalue: what is smaller is zero


def built(settings, data, seed):
    """Descent on the pairs, in the eigenbasis of their cross-correlation."""
    if settings["d"] > settings["n"]:
        raise InputError(f"d = {settings['d']} components need as many pairs, n = {settings['n']}: lower d or raise n")
    X, X_prime = crop_pairs(
        settings["n"], size=settings["size"], window=settings["window"], rng=seed, centred=data == "centred"
    )
    return CrossCorrelation.in_eigenbasis(cross_correlation(X, X_prime), settings["d"], settings["alpha"])


def half_times(learner, start, eta):
    """(gamma_j, s_j(0), half times of the flow, of descent) from Eq. (12) and the aligned start, Eq. (19)."""
    path = power_trajectory(mode_flow(LOSS))
    values, starts = learner.aligned(start)
    at = {gamma: values}
    flow_times = path.half_time(starts, at)
    return values, starts, flow_times, flow_times / path.pace(eta, at)


def needed(learner, start, settings):
    """Steps until the last mode that grows, by more than rounding, has been learned."""
    values, *_, discrete = half_times(learner, start, settings["eta"])
    last = max(discrete[np.isfinite(discrete) & (values > ROUNDING * values.max())], default=0.0)
    return ceil(BEYOND * last / settings["eta"])


def predicted(learner, start, settings, run):
    """Each mode's eigenvalue and the times at which its eigenvalue of C passes 1/2, predicted and simulated."""
    values, starts, continuous, discrete = half_times(learner, start, settings["eta"])
    simulated = crossing_times(run.times, run["eigenvalues"])
    modes = {
        "eigenvalue": values,
        "start": starts,
        "predicted (flow)": continuous,
        "predicted (descent)": discrete,
        "simulated": simulated,
        "error (flow)": continuous / simulated - 1,
        "error (descent)": discrete / simulated - 1,
    }
    return modes, {"largest deviation of the loss": float(abs(loss(learner, start, settings, run) - run["loss"]).max())}


def loss(learner, start, settings, run):
    """The predicted loss at the recorded times: Eq. (14) along the trajectories, in the pace of descent."""
    path, eta = power_trajectory(mode_flow(LOSS)), settings["eta"]
    total = 0
    for value, s0 in zip(*learner.aligned(start)):
        at = {gamma: value}
        total = total + (1 - value * path.at(run.times * path.pace(eta, at), s0, at) ** 2) ** 2
    return total


BARLOW = Experiment(
    "a linear embedding of crops of photographs, trained to the identity cross-correlation",
    {"n": 500, "d": 10, "alpha": 1e-7, "eta": 5e-5, "size": 20, "window": 32},
    ("crops", "centred"),
    built,
    needed,
    predicted,
    lambda steps: max(1, steps // RECORDS),
)

EXPERIMENTS = {"barlow": BARLOW}


# --- what finite steps cost ---------------------------------------------------------------

RATES = tuple(Rational(1, 10) * Rational(1, 4) ** k for k in range(6))


def half_time_error(eta, paced):
    """Relative error of the half time of one mode, gamma = 1, from s = 1/1000: of the flow, or paced as descent."""
    learner, start = CrossCorrelation(np.ones(1), 1), {"W": np.full((1, 1), 1e-3)}
    *_, flow, descent = half_times(learner, start, eta)
    run = train(learner, steps=ceil(1.05 * descent[0] / eta), eta=eta, start=start, every=1)
    (simulated,) = crossing_times(run.times, run["eigenvalues"])
    return abs((descent if paced else flow)[0] / simulated - 1)


def half_time_steps(model, paced):
    yield Step(
        "eta, and the relative error of the half time",
        Tuple(*(Tuple(eta, Rational(str(float(half_time_error(float(eta), paced))))) for eta in RATES)),
    )


CLAIMS = tuple(
    claim(
        label,
        "approximation",
        order,
        partial(half_time_steps, paced=paced),
        order_of_error(),
        "Eq. (16)",
        source="new",
        note="one mode, gamma = 1, from s = 1/1000, where gamma s^2 passes 1/2",
        statement_latex=latex,
    )
    for label, order, paced, latex in (
        ("tau.flow", Integer(1), False, r"t_{\mathrm{flow}}/t_{\mathrm{descent}} - 1 \sim \eta"),
        (
            "tau.descent",
            Integer(1),
            True,  # the pace is that of small s: while s saturates it is another
            r"\frac{4\eta\gamma}{\log(1 + 4\eta\gamma)}\,t_{\mathrm{flow}}/t_{\mathrm{descent}} - 1 \sim \eta",
        ),
    )
)
