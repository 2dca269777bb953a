"""Sections 5.1 and 5.2: descent on the softmax contrast beside the singular values of two linear layers.

The layers start in common frames.  The theory leaves X to the data; here it is read off the run: v^T X v of
each right singular vector v, integrated over time, takes the place of the eigenvalue that the flow of the
modes holds fixed.  Data are standard normal vectors, and the same with noise.
"""

from math import ceil

import numpy as np

from symssl import InputError
from symssl.simulate import Experiment, SoftmaxContrast, noisy_pairs
from symssl.trajectory import integrate

from .model import PRODUCT
from .two_layer import modes, sigma_1, sigma_2, xi

RECORDS = 5000


def built(settings, data, seed):
    """Two square linear layers on the pairs."""
    if settings["n"] < 2 or settings["m"] < 1:
        raise InputError(f"n must be at least 2 and m at least 1, got n = {settings['n']} and m = {settings['m']}")
    X = np.random.default_rng([seed, 2]).standard_normal((settings["n"], settings["m"]))
    return SoftmaxContrast(
        X, noisy_pairs(X, settings["noise"], seed)[0], layers=2, scale=settings["scale"], common_frames=True
    )


def needed(learner, start, settings):
    """Steps until the time of the settings."""
    if not 0 <= settings["time"] < np.inf:
        raise InputError(f"time must be a finite number >= 0, got {settings['time']:g}")
    return ceil(settings["time"] / settings["eta"])


def predicted(learner, start, settings, run):
    """Singular values of both layers at the start and at the end, simulated and by the flow of the modes."""
    seen = run.values
    first, last = seen["singular"][0], seen["singular"][-1]
    table = {"integral of X": np.trapezoid(seen["forms"], run.times, axis=0)}
    facts = {"smallest alignment": float(seen["alignment"].min()), "least eigenvalue of X": float(seen["drive"].min())}
    if run.times[-1] > 0 and run.status != "diverged":
        path = integrate(modes(PRODUCT), {sigma_1: first[0], sigma_2: first[1], xi: table["integral of X"]}, (0.0, 1.0))
        for k, layer in enumerate((sigma_1, sigma_2)):
            table |= {
                f"start ({k + 1})": first[k],
                f"predicted ({k + 1})": path[layer][-1],
                f"simulated ({k + 1})": last[k],
            }
        facts["largest relative error"] = float(
            max(abs(table[f"predicted ({k})"] / table[f"simulated ({k})"] - 1).max() for k in (1, 2))
        )
    return table, facts


LAYERS = Experiment(
    "two linear layers from common frames, softmax contrast, on normal vectors and their noisy copies",
    {"n": 128, "m": 16, "noise": 0.1, "scale": 0.3, "eta": 1e-5, "time": 0.05},
    ("normal",),
    built,
    needed,
    predicted,
    lambda steps: max(1, steps // RECORDS),
)

EXPERIMENTS = {"layers": LAYERS}
