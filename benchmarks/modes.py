"""A thousand coupled modes, s_j' = s_j (g_j - s_j - c mean(s)) - mu s_j, followed in mu."""

import numpy as np
import sympy as sp

from symssl import ModeSum
from symssl.bifurcation import ModeProblem, Settings, continue_branch
from symssl.modes import ModeFlow

from .timing import line, row, seconds

C, POINTS = 0.3, 200
s, g, mu, M, n, c = sp.symbols("s g mu M n c", real=True)
MODES = ModeFlow({s: s * (g - s - c * M) - mu * s}, {M: ModeSum(s) / n}, (g, c, mu, n), n).compile()


def growth(count):
    return np.linspace(1.5, 2.5, count)


def exact(count, at):
    """The branch on which all modes are there: s_j = g_j - mu - c mean(s)."""
    rates = growth(count)
    return rates - at - C * (rates.mean() - at) / (1 + C)


def way(count):
    """From the start to the end of the branch, which is straight."""
    return np.append(exact(count, 1.0) - exact(count, 0.0), 1.0)


def branch(count):
    """From mu = 0 to 1 in POINTS steps of one length."""
    step = np.linalg.norm(way(count)) / POINTS
    problem = ModeProblem(MODES, "mu", {"g": growth(count), "c": C, "n": count})
    return continue_branch(
        problem,
        "mu",
        exact(count, 0.0),
        at=0.0,
        bounds=(0.0, 1.0),
        direction=1,
        settings=Settings(size=1.0, step=step, largest=step),
    )


def dense(count, points, eigenvalues):
    """The same with full matrices, as most would write it; from mu = 0 by steps as long."""
    rates, z = growth(count), np.append(exact(count, 0.0), 0.0)
    step = np.linalg.norm(way(count)) / POINTS
    tangent = way(count) / np.linalg.norm(way(count))
    for _ in range(points):
        guess = z = z + step * tangent
        for _ in range(8):
            state, at = z[:-1], z[-1]
            rest = rates - state - C * state.mean() - at
            J = np.diag(rest - state) - C * state[:, None] / count
            matrix = np.block([[J, -state[:, None]], [tangent[None]]])
            change = np.linalg.solve(matrix, -np.append(state * rest, tangent @ (z - guess)))
            z = z + change
            if np.linalg.norm(change) < 1e-13 * (1 + np.linalg.norm(z)):
                break
        tangent = np.linalg.solve(matrix, np.append(np.zeros(count), 1.0))
        tangent /= np.linalg.norm(tangent)
        if eigenvalues:
            np.linalg.eigvals(J)
    return z


def run():
    times, each = {}, {}
    for count in (1000, 2000, 4000):
        found = branch(count)
        error = max(np.abs(x - exact(count, at)).max() for at, x in zip(found.lam, found.x))
        times[count] = seconds(lambda: branch(count), 1)
        each[count] = times[count] / len(found)
        line(
            f"{count} modes, {len(found)} points with stability: seconds",
            f"{times[count]:.2f}",
            "< 30" if count == 1000 else "reported",
        )
        line("    largest error of a state against the closed form", f"{error:.1e}", "rounding")
    for small, large in ((1000, 2000), (2000, 4000)):
        line(f"    time a point, {large} / {small} modes", f"{each[large] / each[small]:.2f}", "about 2")
    row("1000 modes: one point", "ms", "/ symssl")
    row("    symssl, with the leading eigenvalues", f"{each[1000] * 1e3:.1f}", "1.0")
    for name, eigenvalues, points in (
        ("dense NumPy, Newton and tangent alone", False, 5),
        ("dense NumPy, with all eigenvalues", True, 2),
    ):
        time = seconds(lambda: dense(1000, points, eigenvalues), 1) / points
        row(f"    {name}", f"{time * 1e3:.1f}", f"{time / each[1000]:.1f}")
    z = dense(1000, 5, False)
    row("    largest error of the dense states", f"{np.abs(z[:-1] - exact(1000, z[-1])).max():.1e}")
