"""Figures 4, 5 and 6 of the paper in their linear and rectified parts: layers of 16 x 16, descent on the softmax
contrast.

The paper leaves open data, start and rate.  Here 128 standard normal vectors have pairs with noise of
standard deviation 1/10; entries of the layers start with standard deviation 0.3/16^(1/2); the rate, for the
loss as a sum over samples, is 1/50 over their number; 2500 steps.
"""

from functools import lru_cache

import numpy as np

from symssl import draw, train
from symssl.simulate import SoftmaxContrast, noisy_pairs

__all__ = ["FIGURES"]

SIZE, SAMPLES, NOISE, SCALE = 16, 128, 0.1, 0.3
ETA, STEPS = 2e-2 / SAMPLES, 2500
COLLAPSED = 1e-3  # of the largest eigenvalue of the covariance
DEPTHS = (1, 2, 3, 4)
SETTING = f"{SIZE} x {SIZE}, {SAMPLES} pairs, noise {NOISE:g}"


@lru_cache
def learner(layers=2, activation="identity"):
    """The network on the pairs, which are the same for all."""
    X = np.random.default_rng(0).standard_normal((SAMPLES, SIZE))
    X_prime, _ = noisy_pairs(X, NOISE, rng=0)
    return SoftmaxContrast(X, X_prime, layers=layers, activation=activation, scale=SCALE)


@lru_cache
def trained(layers=2, activation="identity", seed=0):
    """A run, recorded a hundred times."""
    return train(learner(layers, activation), steps=STEPS, eta=ETA, rng=seed, every=STEPS // 100)


def alignment_of(weights):
    """|V_2^T U_1|, rows and columns in the order of the singular values."""
    return abs(np.linalg.svd(weights["W2"])[2] @ np.linalg.svd(weights["W1"])[0])


def alignment(fig):
    """Figure 4: the alignment matrix at the start and after training."""
    fig.set_size_inches(7.0, 3.9)
    fig.suptitle(f"$|V_2^\\top U_1|$ from 0 (white) to 1, {SETTING}", fontsize=9)
    run = trained()
    start, end = alignment_of(learner().start(np.random.default_rng([0, 0]))), alignment_of(run.weights)
    axes, artists = fig.subplots(1, 2), []
    for ax, matrix, title in zip(axes, (start, end), ("start", f"after {run.step} steps")):
        edges = np.arange(SIZE + 1) + 0.5
        artists.append(ax.pcolormesh(edges, edges, matrix, vmin=0, vmax=1, cmap="Blues"))
        draw.label(ax, "$k'$ of $u_1$", "$k$ of $v_2$", title).invert_yaxis()
        ax.set_aspect("equal")
    diagonal, one = end.diagonal(), run["singular"][-1][0]
    settled = diagonal > 0.9
    count = int(np.argmin(settled)) if not settled.all() else SIZE
    return [
        *artists,
        draw.caption(
            fig,
            f"The first {count} pairs of singular vectors are aligned above 0.9 (mean {diagonal[:count].mean():.3f}; "
            f"at the "
            f"start the diagonal had the mean {start.diagonal().mean():.2f}); those have singular values of W_1 "
            f"above {one[count - 1]:.2f}. The others, from {one[min(count, SIZE - 1)]:.2f} down, are not: mean "
            f"{diagonal[count:].mean() if count < SIZE else 1:.2f}. Singular values that do not grow leave their "
            f"vectors "
            "where they started, so that the matrix is near I in its upper left part only.",
        ),
    ]


def singular_values(fig):
    """Figure 5: singular values of both layers and eigenvalues of the covariance of the outputs."""
    fig.set_size_inches(7.6, 3.0)
    fig.suptitle(f"two linear layers, {SETTING}", fontsize=9)
    run, artists = trained(), []
    seen, spectrum = run["singular"], run["spectrum"]
    for ax, values, name in zip(
        fig.subplots(1, 3),
        (seen[:, 0], seen[:, 1], spectrum),
        ("singular values of $W_1$", "singular values of $W_2$", "eigenvalues of $C$"),
    ):
        artists += ax.semilogy(run.steps, values, color=draw.PALETTE["blue"], lw=0.8)
        draw.label(ax, "step", name)
    start = learner().start(np.random.default_rng([0, 0]))
    kept = [w["W1"] @ w["W1"].T - w["W2"].T @ w["W2"] for w in (start, run.weights)]
    drift = np.linalg.norm(kept[1] - kept[0]) / np.linalg.norm(run.weights["W1"]) ** 2
    growth = seen[-1, 0] / seen[0, 0]
    drive = run["drive"].min()
    return [
        *artists,
        draw.caption(
            fig,
            f"X is positive definite throughout (least eigenvalue {drive:.1g}), and yet the lowest singular values "
            f"hardly "
            f"grow: of W_1 the first by {growth[0]:.1f}, the median by {np.median(growth):.1f}, the last by "
            f"{growth[-1]:.2f}; the covariance ends with {(spectrum[-1] < COLLAPSED * spectrum[-1, 0]).sum()} of "
            f"{SIZE} eigenvalues "
            f"below {COLLAPSED:g} of the largest. W_1 W_1^T - W_2^T W_2, which the flow keeps, moves by {drift:.0e} of "
            "|W_1|^2, the error of finite steps.",
        ),
    ]


def depths(fig):
    """Figure 6: eigenvalues of the covariance after training for several depths, and with ReLUs."""
    fig.set_size_inches(7.2, 3.2)
    left, right = fig.subplots(1, 2, sharey=True)
    artists, collapsed = [], {}
    for ax, networks in (
        (left, [(f"L = {k}", k, "identity") for k in DEPTHS]),
        (right, [("linear", 2, "identity"), ("ReLU", 2, "relu")]),
    ):
        for marker, (name, layers, activation) in zip("osD^", networks):
            spectrum = trained(layers, activation)["spectrum"][-1]
            collapsed[name] = (spectrum < COLLAPSED * spectrum[0]).sum()
            artists += ax.semilogy(
                range(1, SIZE + 1), np.maximum(spectrum / spectrum[0], 1e-16), marker + "-", ms=3, lw=0.8, label=name
            )
    draw.label(left, "rank", "eigenvalue of $C$ over the largest", "linear layers")
    draw.label(right, "rank", "eigenvalue of $C$ over the largest", "two layers")
    left.set(ylim=(1e-13, 3), xticks=(1, 4, 8, 12, 16))
    right.set(xticks=(1, 4, 8, 12, 16))
    artists += [ax.legend(loc="lower left") for ax in (left, right)]
    losses = ", ".join(f"{trained(k)['loss'][-1] / SAMPLES:.3f}" for k in DEPTHS)
    return [
        *artists,
        draw.caption(
            fig,
            f"Eigenvalues below {COLLAPSED:g} of the largest: "
            + ", ".join(f"{name} {n}" for name, n in collapsed.items())
            + f". All after {STEPS} steps, when the loss of a sample is {losses} for {DEPTHS[0]} to {DEPTHS[-1]} "
            f"layers.",
        ),
    ]


FIGURES = {"fig4": alignment, "fig5": singular_values, "fig6": depths}
