"""Section 4: projected descent on two classes of digits beside the reduced equation (11).

The handwritten digits of scikit-learn stand in for the paper's, and half circles with noise for its
two-dimensional data; positive samples add noise, negative ones are other samples.  `printed` and
`corrected` are the speeds of Eq. (11): as printed it is half as fast as the projected descent it describes.
"""

from math import ceil

import numpy as np

from symssl import InputError
from symssl.simulate import (
    Experiment,
    OrthonormalTrace,
    ReducedTrace,
    contrast_matrix,
    digit_classes,
    noisy_pairs,
    train,
)

NOISE = 0.1**0.5
RECORDS = 1000


def built(settings, data, seed):
    """Two layers with orthonormal columns on the contrast matrix of the samples."""
    X, _ = digit_classes(settings["first"], settings["second"], samples=settings["n"], rng=seed)
    return OrthonormalTrace(
        contrast_matrix(X, *noisy_pairs(X, NOISE, seed)), settings["outputs"], width=settings["width"], rule="projected"
    )


def needed(learner, start, settings):
    """Steps until the outputs stand along the lowest eigenvectors: 20 over the slowest rate that tells them apart."""
    if settings["outputs"] >= len(learner.eigenvalues):
        raise InputError(f"outputs must be fewer than the {len(learner.eigenvalues)} features, or they span everything")
    gap = np.diff(np.sort(learner.eigenvalues))[settings["outputs"] - 1]
    return ceil(20 / (4 * gap * settings["eta"]))


def predicted(learner, start, settings, run):
    """For each of the lowest eigenvectors how much of it the outputs span, and the step at which that is 1/2."""
    first = {"q": run["q"][0]}
    shown = settings["outputs"] + 1
    table = {
        "eigenvalue": np.sort(learner.eigenvalues)[:shown],
        "spanned at the end": run["projections"][-1][:shown],
        "step (simulated)": passed(run, shown),
    }
    facts = {"loss at the end": float(run["loss"][-1])}
    for rule in ("printed", "corrected"):
        net = ReducedTrace(np.sort(learner.eigenvalues), settings["outputs"], width=settings["width"], rule=rule)
        other = train(net, steps=run.step, eta=run.eta, start=first, every=run.every)
        table[f"step ({rule})"] = passed(other, shown)
        facts[f"largest distance of the outputs ({rule})"] = float(abs(other["q"] - run["q"]).max())
    return table, facts


def passed(run, modes):
    """The first recorded step from which on so much of an eigenvector is spanned, NaN where it never is."""
    above = run["projections"][:, :modes] > 0.5
    kept = np.flip(np.logical_and.accumulate(np.flip(above, 0), 0), 0)
    return np.where(kept[-1], run.steps[kept.argmax(0)], np.nan)


TRACE = Experiment(
    "two layers with orthonormal columns on two classes of digits, contrastive loss",
    {"n": 150, "first": 3, "second": 8, "width": 100, "outputs": 2, "eta": 0.01},
    ("digits",),
    built,
    needed,
    predicted,
    lambda steps: max(1, steps // RECORDS),
)

EXPERIMENTS = {"trace": TRACE}
