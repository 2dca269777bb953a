"""Closed trajectories beside hand-written NumPy and many digits; coupled modes; Taylor series beside DOP853."""

import resource
from time import perf_counter

import mpmath
import numpy as np
from sympy import symbols

from symssl import Flow, ModeSum, integrate, power_trajectory
from symssl.modes import ModeFlow

from .timing import in_turn, installed, line

s, r, M, h = symbols("s r M h", positive=True)
g = symbols("g", real=True)
FLOW = Flow({s: 4 * (1 - g * s**2) * g * s}, (g,))
GROWTH = power_trajectory(FLOW)
MODES, TIMES, MANY = 10**5, np.linspace(0, 10, 11), 10**8


def by_hand(times, start, gamma):
    """The closed form as one writes it down for gamma >= 0, without overflow."""
    decay = np.exp(-8 * gamma * times[:, None])
    return start / np.sqrt(decay - gamma * start**2 * np.expm1(-8 * gamma * times[:, None]))


def exact(t, start, gamma):
    """The same with fifty digits."""
    with mpmath.workdps(50):
        t, start, gamma = map(mpmath.mpf, (t, start, gamma))
        decay = mpmath.exp(-8 * gamma * t)
        return start / mpmath.sqrt(decay + gamma * start**2 * (1 - decay))


def worst(gammas, times, start=1e-7):
    """The largest relative error over the modes and times."""
    found = GROWTH.at(times, start, {g: gammas})
    return max(
        float(abs(found[i, j] / exact(t, start, gamma) - 1))
        for i, t in enumerate(times)
        for j, gamma in enumerate(gammas)
    )


def peak():
    """Gigabytes that the process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def coupled(modes):
    """Seconds for one evaluation of a flow whose modes meet in their sum."""
    flow = ModeFlow({s: (r - M) * s}, {M: ModeSum(s)}, (r,), h)
    start = np.linspace(1, 2, modes) / modes
    began = perf_counter()
    path = integrate(flow, {s: start}, [0, 1], {r: 2.0}, rtol=1e-6)
    return (perf_counter() - began) / path.evaluations


def series():
    """A growth whose error is wanted near rounding, by Taylor series."""
    import heyoka  # noqa: F401

    return lambda method: integrate(FLOW, {s: 1e-5}, [0, 20], {g: 1.0}, method=method, rtol=1e-13)


def run():
    gamma, start = np.geomspace(1e-3, 10, MODES), 1e-7
    np.testing.assert_allclose(GROWTH.at(TIMES, start, {g: gamma}), by_hand(TIMES, start, gamma), rtol=1e-13)
    ours, hand = in_turn(lambda: GROWTH.at(TIMES, start, {g: gamma}), lambda: by_hand(TIMES, start, gamma), rounds=9)
    line(f"closed form, {MODES} modes x {TIMES.size} times", f"{1e3 * ours:.1f} ms", "reported")
    line("    ours / hand-written NumPy", f"{ours / hand:.2f}", "<= 1.5")
    everywhere = np.append(0, np.geomspace(1e-9, 1e6, 40))
    line(
        "    relative error, gamma >= 0, t to 1e6",
        f"{worst(np.append(0, np.geomspace(1e-6, 1e3, 40)), everywhere):.1e}",
        "< 4e-15",
    )
    line("    gamma < 0, |8 gamma t| <= 20", f"{worst([-2.5], np.linspace(0, 1, 101)):.1e}", "< 4e-15")
    before, began = peak(), perf_counter()
    last = sum(
        states[-1].sum() for _, states in GROWTH.chunks([0.0, 1.0], start, {g: np.broadcast_to(np.array(1.0), MANY)})
    )
    assert abs(last / MANY / float(exact(1, start, 1)) - 1) < 1e-9
    line(f"{MANY:.0e} modes in chunks", f"{perf_counter() - began:.1f} s", "reported")
    line("    memory beyond what was held before", f"{peak() - before:.2f} GiB", "bounded")
    small, large = coupled(10**5), coupled(10**6)
    line("coupled modes, 1e6: an evaluation", f"{1e3 * large:.0f} ms", "reported")
    line("    ten times the modes take", f"{large / small:.1f} times", "about 10")
    for path in installed(("heyoka", series)):
        path("heyoka")
        taylor, scipy = in_turn(lambda: path("heyoka"), lambda: path("DOP853"))
        line("rtol = 1e-13: heyoka, with compilation / DOP853", f"{taylor / scipy:.2f}", "reported")
