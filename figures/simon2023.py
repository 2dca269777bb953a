"""Figures 1 A, 1 B, 6, 8 and 9 of the paper: what is derived beside descent and exact flows.

The recipe of Figure 1 is that of `symssl.derivations.simon2023.training`, with raw and with centred pixels and
a rate ten times the paper's, so that the picture takes seconds.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from sympy import nsimplify, solve, sqrt

from symssl import compile_function, draw, follow, power_trajectory, train
from symssl.derivations.simon2023.escape import (
    REGRESSION,
    c_bar,
    eigenvalue_loss,
    epsilon,
    eta,
    lam,
    one_mode,
    q,
    rate,
    root_loss,
    sbar,
    scaled_loss,
    smooth_multipliers,
    supervised_solution,
    t,
    target,
)
from symssl.derivations.simon2023.model import LOSS, gamma, mode_flow
from symssl.derivations.simon2023.training import BARLOW, loss
from symssl.simulate import CrossCorrelation
from symssl.trajectory import crossing_times

__all__ = ["FIGURES"]

SETTINGS = {"eta": 5e-4}
PIXELS = {"crops": "raw", "centred": "centred"}
EARLY = 400  # steps of which each is recorded
FALLING = 2.0 ** -np.arange(1, 6)  # Figure 6: the eigenvalues of Gamma,
SMALL = 1e-9  # the scale of the start
SPEEDS = 1.0, 0.5, 0.25  # Figure 8: eigenvalues gamma_j
START = 1e-3  # of sbar
FLATTER = 0.5  # Figure 9: epsilon,
MOST = 8  # and the largest rate of descent that is tried


@lru_cache
def experiment(data):
    """(run, table of modes, predicted loss, predicted eigenvalues) of one training run."""
    settings = BARLOW.given(SETTINGS)
    learner = BARLOW.build(settings, data, 0)
    start = learner.start(np.random.default_rng([0, 0]))
    early, *_ = BARLOW.run(SETTINGS, data=data, steps=EARLY)  # the same path: both start alike
    run, modes, _ = BARLOW.run(SETTINGS, data=data)
    later = run.steps > EARLY
    run = replace(
        run,
        times=np.append(early.times, run.times[later]),
        steps=np.append(early.steps, run.steps[later]),
        values={name: np.concatenate([early[name], seen[later]]) for name, seen in run.values.items()},
    )
    return run, modes, loss(learner, start, settings, run), curves(run, modes)


def recipe():
    """What was trained, in words."""
    given = BARLOW.given(SETTINGS)
    return (
        f"{given['n']} pairs of crops of {given['size']} x {given['size']} pixels with values in [0, 1], both in a "
        f"window of {given['window']} x "
        f"{given['window']}; alpha = {given['alpha']:g}, eta = {given['eta']:g}."
    )


def curves(run, modes):
    """Predicted eigenvalues of C: each mode's logistic curve about its half time in the pace of descent."""
    path = power_trajectory(mode_flow(LOSS))
    columns = []
    for value, s0 in zip(modes["eigenvalue"], modes["start"]):
        at = {gamma: value}
        columns.append(value * path.at(run.times * path.pace(run.eta, at), s0, at) ** 2)
    return np.array(columns)


def tell(data):
    """What agrees, mode by mode, in numbers."""
    modes = experiment(data)[1]
    flow, descent = (abs(modes[f"error ({name})"]) for name in ("flow", "descent"))
    k, eigenvalue = descent.argmax(), modes["eigenvalue"]
    gap = np.delete(abs(eigenvalue / eigenvalue[k] - 1), k).min()
    return (
        f"{PIXELS[data].capitalize()}: the rate log(1 + 4 eta gamma)/eta predicts the step times within "
        f"{100 * descent.max():.2g} % "
        f"(worst: mode {k + 1}, whose eigenvalue is {100 * gap:.0f} % off the next; median "
        f"{100 * np.median(descent):.2g} %), "
        f"the flow within {100 * flow.max():.2g} % (mode {flow.argmax() + 1})."
    )


def losses(fig):
    """Figure 1A: the loss falls by one with every mode."""
    fig.set_size_inches(8.0, 3.4)
    artists, told = [], []
    for ax, data in zip(fig.subplots(1, 2, sharey=True), PIXELS):
        run, modes, predicted, _ = experiment(data)
        draw.label(ax, "time", "loss", f"{PIXELS[data]} pixels")
        artists += ax.semilogx(run.times[1:], run["loss"][1:], label="descent")
        artists += ax.semilogx(run.times[1:], predicted[1:], "--", label="derived")
        artists += [ax.axvline(t, color="0.8", lw=0.8, zorder=0) for t in modes["predicted (descent)"]]
        artists.append(ax.legend(loc="lower left"))
        off = abs(predicted - run["loss"])
        told.append(
            f"{tell(data)} The loss deviates by at most {off.max():.2f}, on average over the recordings by "
            f"{off.mean():.3f}."
        )
    return [*artists, draw.caption(fig, f"{' '.join(told)} Vertical: predicted step times. {recipe()}")]


def eigenvalues(fig):
    """Figure 1B: the eigenvalues of C rise one after the other."""
    fig.set_size_inches(8.0, 3.4)
    artists, told = [], []
    for ax, data in zip(fig.subplots(1, 2, sharey=True), PIXELS):
        run, _, _, predicted = experiment(data)
        found = run["eigenvalues"]
        draw.label(ax, "time", "eigenvalues of $C$", f"{PIXELS[data]} pixels")
        for k, curve in enumerate(predicted):
            artists += ax.semilogx(run.times[1:], found[1:, k], color=f"C{k % 7}", label="descent" if k == 0 else None)
            artists += ax.semilogx(
                run.times[1:], curve[1:], "--", color="black", lw=0.8, label="derived" if k == 0 else None
            )
        off = abs(predicted.T - found).max(0)
        told.append(
            f"{tell(data)} The curves deviate by at most {off.max():.2f} (mode {off.argmax() + 1}), in the median "
            f"mode by {np.median(off):.3f}."
        )
    artists.append(ax.legend(loc="upper left", bbox_to_anchor=(1, 1)))
    return [*artists, draw.caption(fig, f"{' '.join(told)} {recipe()}")]


# --- Figure 6 ----------------------------------------------------------------------------


def entries(fig):
    """Figure 6: entries of W in the eigenbasis of Gamma under the exact flow, beside Eqs. (47) and (48)."""
    d, m = 3, len(FALLING)
    learner = CrossCorrelation(FALLING, d)
    start = np.triu(SMALL * np.random.default_rng(0).standard_normal((d, m)))
    start[np.diag_indices(d)] = abs(start.diagonal())
    times = np.linspace(0, 1.2 * power_trajectory(mode_flow(LOSS)).half_time(start[2, 2], {gamma: FALLING[2]}), 400)
    found = follow(lambda w: {"W": -learner.gradient(w, None)["W"]}, {"W": start}, times, atol=1e-18)["W"]
    path = power_trajectory(mode_flow(LOSS))
    diagonal = np.array([path.at(times, start[j, j], {gamma: FALLING[j]}) for j in range(d)])
    ax = draw.label(
        fig.add_subplot(), "time", "entries of $A$, in size", r"$d = 3,\ m = 5,\ \gamma_j = 2^{-j},\ \alpha = 10^{-9}$"
    )
    artists, ratios = [], {}
    for j in range(d):
        for k in range(m):
            color = draw.PALETTE["vermillion" if j == k else "blue" if j < k else "green"]
            artists += ax.semilogy(
                times[1:],
                abs(found[1:, j, k]),
                color=color,
                lw=1.2,
                label={(0, 0): "$s_j$", (0, 1): "$a_{jk}$, $j < k$", (1, 0): "$a_{jk}$, $j > k$"}.get((j, k)),
            )
            if j <= k:
                theory = abs(start[j, k]) * (diagonal[j] / start[j, j]) ** (FALLING[k] / FALLING[j])
                artists += ax.semilogy(
                    times, theory, "--", color="black", lw=0.8, label="derived" if j == k == 0 else None
                )
                ratios[j, k] = abs(found[-1, j, k]) / theory[-1]
    ax.set_ylim(SMALL**1.7, 3)
    artists.append(ax.legend(loc="upper left", bbox_to_anchor=(1, 1)))
    off = abs(diagonal.T / found[:, range(d), range(d)] - 1).max()
    return [
        *artists,
        draw.caption(
            fig,
            f"Every s_j agrees at all times within {100 * off:.1g} %. Above the diagonal (48) misses what an entry "
            f"gains while a later mode is learned: at the end a_12 is {ratios[0, 1]:.3f} times (48) (pi/2 = "
            f"{np.pi / 2:.3f}), a_13 {ratios[0, 2]:.3f} times (3 pi/4 = {3 * np.pi / 4:.3f}), a_23 "
            f"{ratios[1, 2]:.3f} times; a_14 "
            f"{ratios[0, 3]:.2f}. Below it entries do not stay zero: they reach {abs(np.tril(found, -1)).max():.1g}.",
        ),
    ]


# --- Figure 8 ----------------------------------------------------------------------------


def symmetry(fig):
    """Figure 8: landscapes of a mode, self-supervised (A) and supervised (B), and their trajectories (C, D)."""
    fig.set_size_inches(6.4, 4.6)
    A, B, C, D = fig.subplots(2, 2).flat
    x = np.linspace(-1.5, 1.5, 301)
    supervised = one_mode(REGRESSION.loss).subs(target, 1)
    artists = A.plot(x, compile_function(scaled_loss(LOSS), sbar)(x)) + B.plot(
        x, compile_function(supervised, c_bar)(x)
    )
    times, path = np.linspace(0, 8, 401), power_trajectory(mode_flow(LOSS))
    learned = compile_function(supervised_solution(REGRESSION).subs(target, 1), (t, rate))
    worst = [0.0, 0.0]
    for k, value in enumerate(SPEEDS):
        run = train(
            CrossCorrelation(np.array([value]), 1),
            steps=8000,
            eta=1e-3,
            every=400,
            start={"W": np.array([[START / np.sqrt(value)]])},
        )
        seen = np.sqrt(run["eigenvalues"][:, 0])

        def exact(at, value=value):
            return np.sqrt(value) * path.at(at, START / np.sqrt(value), {gamma: value})

        plain = follow(lambda w, value=value: {"c": 2 * value * (1 - w["c"])}, {"c": 0.0}, run.times)["c"]
        worst = [
            max(worst[0], abs(seen - exact(run.times)).max()),
            max(worst[1], abs(plain - learned(run.times, value)).max()),
        ]
        for ax, curve, points in ((C, exact(times), seen), (D, learned(times, value), plain)):
            artists += ax.plot(times, curve, color=f"C{k}", label=rf"$\gamma_j = {value:g}$")
            artists += ax.plot(run.times, points, "o", color=f"C{k}", ms=2.5)
    for ax, *names in (
        (A, r"$\bar s_j$", "loss", "A"),
        (B, r"$\bar c_j$", "loss", "B"),
        (C, "time", r"$\bar s_j$", "C"),
        (D, "time", r"$\bar c_j$", "D"),
    ):
        draw.label(ax, *names)
    for ax in (C, D):
        ax.set(ylim=(-0.1, 1.15), yticks=(0, 0.5, 1))
    artists.append(D.legend(loc="lower right"))
    waits = (
        crossing_times(times, exact(times)[:, None], 0.5)[0],
        crossing_times(times, learned(times, value)[:, None], 0.5)[0],
    )
    return [
        *artists,
        draw.caption(
            fig,
            f"Lines derived; points in C: descent from {START:g} at eta = 0.001, within {worst[0]:.1g} of the lines "
            f"(a flow's error of first order in eta); in D: the flow integrated, within {worst[1]:.1g}. The slowest "
            f"mode reaches one half at {waits[0]:.2f} in C and at {waits[1]:.2f} in D.",
        ),
    ]


# --- Figure 9 ----------------------------------------------------------------------------


def modified(fig):
    """Figure 9: the loss of a mode (A), with a kink (B), flatter beyond the minimum (C), squared (D)."""
    x = np.linspace(-1.5, 1.5, 601)
    plain, beyond = (
        compile_function(eigenvalue_loss(LOSS, g).subs(lam, sbar**2), (sbar, epsilon))
        for g in (lam, 1 + epsilon * (1 - lam))
    )
    kinked = compile_function(root_loss(LOSS).subs(q, sqrt(sbar**2)), sbar)

    def smooth(x):
        return np.where(abs(x) < 1, plain(x, FLATTER), beyond(x, FLATTER))

    losses = {"A": lambda x: plain(x, FLATTER), "B": kinked, "C": smooth, "D": lambda x: plain(x, FLATTER) ** 2}
    artists = []
    for ax, (name, value) in zip(fig.subplots(2, 2).flat, losses.items()):
        artists += draw.label(ax, r"$\bar s_j$", "loss", name).plot(x, value(x))
        ax.set_ylim(-0.05, 1.6)
    waits = {name: escape(value) for name, value in losses.items()}
    rates = {name: largest_rate(value) for name, value in losses.items()}
    return [
        *artists,
        draw.caption(
            fig,
            "Descent on each loss, gamma = 1: steps of 0.001 to come from 0.0001 to one half, "
            + ", ".join(f"{name} {n}" for name, n in waits.items())
            + "; largest rate at which the minimum attracts, "
            + ", ".join(
                f"{name} {most:.3f}" if most < MOST - 1 else f"{name} beyond {MOST}" for name, most in rates.items()
            )
            + f". Derived: A {derived(1)}, C {derived(FLATTER)} (epsilon = {FLATTER:g}), where a step past the "
            f"minimum comes back.",
        ),
    ]


def derived(value):
    """The rate at which a step from either side of the minimum and back leaves an error as it is."""
    left, right = smooth_multipliers(LOSS)
    return max(solve((left * right - 1).subs(epsilon, nsimplify(value)), eta))


def slope(value, s, h=1e-6):
    return (value(s + h) - value(s - h)) / (2 * h)


def escape(value, step=1e-3):
    """Steps of descent from 1e-4 to one half."""
    s, n = 1e-4, 0
    while s < 0.5:
        s, n = s - step * slope(value, s), n + 1
    return n


def largest_rate(value):
    """The rate of descent up to which a start near the minimum at 1 is attracted, by halving."""
    low, high = 0.0, MOST
    while high - low > 1e-3:
        step, s = (low + high) / 2, 1 + 1e-3
        for _ in range(2000):
            s = s - step * slope(value, s)
            if abs(s - 1) > 0.1:
                break
        low, high = (step, high) if abs(s - 1) < 1e-3 else (low, step)
    return low


FIGURES = {"fig1A": losses, "fig1B": eigenvalues, "fig6": entries, "fig8": symmetry, "fig9": modified}
