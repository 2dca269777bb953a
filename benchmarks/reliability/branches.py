"""Branches whose events are known by construction, hidden by random changes of coordinates.

A stem, u' = m - p(u) or u' = 1 - u^2 - m^2 up to its sign, is a curve of equilibria.  Blocks of normal forms
stand across it, each with an eigenvalue s(u), or a pair s(u) +- i w, that is known along it.  A polynomial
shear, a linear map and units of length and of the parameter then mix the states.  What `continue_branch`
reports is compared with the roots of p' and s: every event once, with its label and place, and none besides;
the number of unstable eigenvalues at every point; and where the branch ends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import sympy as sp
from numpy.polynomial import Polynomial

from symssl import Flow, continue_branch
from symssl.bifurcation import Settings

from .report import Report

__all__ = ["examine"]

M = sp.Symbol("m", real=True)
NEAR = 1e-6  # how far a simple event may lie from its place, in lengths of the stem
FLAT = 1e-3  # the same for one that touches the axis


def examine(count, seed):
    """Follow so many branches and compare what is reported with what was built in."""
    report = Report("branches with known events", seed)
    for number in range(count):
        case = build(seed, number)
        try:
            outcome, wrong = compare(case)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure of this case
            outcome, wrong = "error", f"{type(error).__name__}: {error}"
        report.add(outcome, wrong and f"branches {seed}/{number} ({case.text}): {wrong}")
    return report


@dataclass
class Block:
    """A normal form across the stem: its states, the real part s(u) of its eigenvalue, and where s vanishes."""

    kind: str  # "stem", "pitchfork", "transcritical", "Hopf" or "rest"
    s: Polynomial
    roots: tuple = ()
    touches: bool = False
    frequency: float = 0.0
    rest: tuple = ()  # eigenvalues that stay where they are

    def eigenvalues(self, u):
        if self.kind == "rest":
            return list(self.rest)
        return [self.s(u) + 1j * self.frequency, self.s(u) - 1j * self.frequency][: 2 if self.kind == "Hopf" else 1]

    def field(self, u, v):
        """The right-hand sides for states v."""
        if self.kind == "rest":
            a, w = sp.Float(self.rest[0].real, 17), sp.Float(self.rest[0].imag, 17)
            if w:
                return [a * v[0] - w * v[1], w * v[0] + a * v[1]]
            return [sp.Float(value.real, 17) * x for value, x in zip(self.rest, v)]
        s = exact(self.s, u)
        if self.kind == "Hopf":
            w, r = sp.Float(self.frequency, 17), v[0] ** 2 + v[1] ** 2
            return [s * v[0] - w * v[1] - v[0] * r, w * v[0] + s * v[1] - v[1] * r]
        return [s * v[0] - v[0] ** (3 if self.kind == "pitchfork" else 2)]


@dataclass
class Case:
    """A flow with its stem, the blocks across it and the change of coordinates."""

    text: str
    flow: Flow
    stem: Polynomial | None  # None for the closed one
    blocks: list
    hide: object  # from (u, m) to the states and the parameter
    reveal: object  # back
    start: tuple  # (u, m)
    bounds: tuple  # of m
    settings: Settings
    expected: list = field(default_factory=list)


def exact(p, u):
    return sum(sp.Float(float(c), 17) * u**k for k, c in enumerate(p.coef))


def build(seed, number, plain=False):
    """A random case; a plain one is not hidden by a change of coordinates, but for the units."""
    rng = np.random.default_rng((seed, number))
    sign = float(rng.choice([-1, 1]))
    stem, folds, flat = (None, (0.0,), False) if rng.random() < 0.15 else stem_of(rng)
    slope = Polynomial([0, -2 * sign]) if stem is None else -sign * stem.deriv()
    blocks = [Block("stem", slope, folds, flat)]
    wanted = int(rng.integers(1, 4))
    stiff = False
    while sum(len(b.eigenvalues(0.0)) for b in blocks) <= wanted:
        blocks.append(block_of(rng, [r for b in blocks for r in b.roots if abs(r) < 1.2], stiff))
        stiff = stiff or any(abs(e) > 100 for e in blocks[-1].rest)
    u = sp.Symbol("u", real=True)
    rhs = [sign * (1 - u**2 - M**2) if stem is None else sign * (M - exact(stem, u))]
    others = []
    for b in blocks[1:]:
        v = [sp.Symbol(f"v{len(others) + k}", real=True) for k in range(len(b.eigenvalues(0.0)))]
        rhs += b.field(u, v)
        others += v
    start = (np.cos(1.0), np.sin(1.0)) if stem is None else (x := start_of(rng, blocks), stem(x))
    bounds = (-1.5, 1.5) if stem is None else bounds_of(rng, stem, blocks, start[0])
    unit, scale = (10.0 ** rng.choice([0, 0, -6, -3, 3, 6]) for _ in range(2))
    flow, hide, reveal = hidden([u, *others], rhs, float(unit), float(scale), rng, plain)
    text = f"units {unit:g}, {scale:g}; " + "; ".join(
        f"{b.kind} {'touches' if b.touches else ''} {np.round(b.roots, 7).tolist()} {list(b.rest) if b.rest else ''}"
        for b in blocks
    )
    settings = Settings(state_bound=1e3 * unit)
    case = Case(text, flow, stem, blocks, hide, reveal, start, bounds, settings)
    case.expected = expected(case)
    return case


def stem_of(rng):
    """A polynomial p with m = p(u), the places of its folds, and whether its slope only touches zero there."""
    k = float(rng.uniform(0.5, 2) * rng.choice([-1, 1]))
    kind = rng.integers(0, 6)
    if kind == 0:
        return Polynomial([0, k]), (), False
    if kind == 1:
        return Polynomial([0, 0, k]), (0.0,), False
    if kind == 2:
        return Polynomial([0, 0, 0, k]), (0.0,), True
    w = float(rng.choice([1.0, 0.3, 0.05, 0.005]))
    return Polynomial([0, -k * w**2, 0, k / 3]), (-w, w), False


def block_of(rng, known, stiff):
    """A block whose eigenvalue crosses, dips, touches, comes near or stays away, perhaps where others do."""
    kind = str(rng.choice(["pitchfork", "transcritical", "Hopf", "Hopf", "rest"]))
    a, b = rng.uniform(0.3, 2, 2)
    if kind == "rest":
        large = 10.0 ** rng.uniform(3, 6)
        rests = [(-a,), (-a, a), (-a + 1j * b, -a - 1j * b), (-large,)]
        return Block("rest", Polynomial([0.0]), rest=tuple(complex(e) for e in rests[rng.integers(0, 4)]))
    c, chance = float(rng.uniform(-1.2, 1.2)), rng.random()
    if known and chance < 0.15:
        c = float(rng.choice(known))
    elif known and chance < 0.35:
        c = float(rng.choice(known) + rng.choice([-1, 1]) * 10.0 ** rng.uniform(-2 if stiff else -5, -1))
    how = str(rng.choice(["cross", "dip", "near", "touch", "far"], p=[0.5, 0.25, 0.12, 0.05, 0.08]))
    away = float(10.0 ** rng.uniform(-2 if stiff else -5, -1))
    if kind == "transcritical":  # v = s(u) is a branch, too: beside a touch the two are one for any corrector
        how, away = "cross" if how == "touch" else how, max(away, 0.03)
    u = Polynomial([-c, 1])
    s = {"cross": u, "dip": u**2 - away**2, "near": u**2 + away**2, "touch": u**2, "far": Polynomial([1.0])}[how]
    roots = {"cross": (c,), "dip": (c - away, c + away), "touch": (c,)}.get(how, ())
    slope = float(rng.uniform(0.3, 2) * rng.choice([-1, 1]))
    return Block(kind, slope * s, roots, how == "touch", float(rng.uniform(0.5, 3)))


def start_of(rng, blocks):
    """A place away from all events, or the top of a simple fold at which nothing else happens."""
    stem = blocks[0].roots
    while True:
        folds = [] if blocks[0].touches else [r for r in stem if rng.random() < 0.05]
        u = folds[0] if folds else float(rng.uniform(-0.9, 0.9))
        others = [r for b in blocks[1:] for r in b.roots] + [r for r in stem if r != u]
        if all(abs(u - r) > 1e-2 * min(1.0, abs(u) or 1.0) for r in others):
            return u
        if rng.random() < 0.01:
            return 0.7771


def bounds_of(rng, stem, blocks, at):
    """Bounds of m about the start; one of them may be met exactly at an event."""
    low, high = sorted((stem(-1.6), stem(1.6)))
    low, high = min(low, stem(at) - 0.3), max(high, stem(at) + 0.3)
    if rng.random() < 0.15:
        crossings = [stem(r) for b in blocks[1:] for r in b.roots if not b.touches and abs(stem.deriv()(r)) > 0.05]
        above = [m for m in crossings if m > stem(at) + 0.05]
        high = float(rng.choice(above)) if above else high
    return float(low), float(high)


def hidden(symbols, rhs, unit, scale, rng, plain):
    """The flow in other coordinates, and the maps between (u, m) and these."""
    n = len(symbols)
    bend = np.append(0.0, rng.uniform(-0.5, 0.5, n - 1))
    order = rng.permutation(n)
    inverse = np.diag(rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n))  # few entries keep the derivatives short
    inverse[np.arange(n - 1), np.arange(1, n)] = rng.uniform(-1, 1, n - 1) * (np.arange(n - 1) < 2)
    inverse, bend = (np.eye(n), np.zeros(n)) if plain else (inverse[:, order], bend)
    T, shift = np.linalg.inv(inverse), float(rng.uniform(-1, 1)) * scale
    x = sp.symbols(f"x1:{n + 1}", real=True)
    w = [sum(sp.Float(c / unit, 17) * s for c, s in zip(row, x) if c) for row in inverse]
    old = {symbols[0]: w[0], **{s: w[k] - sp.Float(bend[k], 17) * w[0] ** 2 for k, s in enumerate(symbols) if k}}
    old[M] = (M - sp.Float(shift, 17)) / sp.Float(scale, 17)
    sheared = [f + sp.Float(2 * b, 17) * symbols[0] * rhs[0] for f, b in zip(rhs, bend)]
    moved = [f.subs(old, simultaneous=True) for f in sheared]
    new = [sum(sp.Float(c * unit, 17) * f for c, f in zip(row, moved) if c) for row in T]

    def hide(u, m):
        y = np.zeros(n)
        y[0] = u
        return unit * (T @ (y + bend * u**2)), shift + scale * m

    def reveal(state, parameter):
        return float((inverse @ np.asarray(state))[0] / unit), float((parameter - shift) / scale)

    return Flow(dict(zip(x, new)), (M,)), hide, reveal


def portion(case):
    """The ends of the part of an open stem that lies within the bounds and holds the start."""
    roots = np.concatenate([(case.stem - bound).roots() for bound in case.bounds])
    real = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    return real[real < case.start[0]].max(initial=-np.inf), real[real > case.start[0]].min(initial=np.inf)


def expected(case):
    """(label, kernel, u, m, whether it only touches) of every event on the branch, those at one place as one."""
    places = {}
    for block in case.blocks:
        for root in block.roots:
            key = next((r for r in places if abs(r - root) < 1e-12), root)
            places.setdefault(key, []).append(block)
    found = []
    for u, here in sorted(places.items()):
        pairs, zeros = sum(b.kind == "Hopf" for b in here), sum(b.kind != "Hopf" for b in here)
        if pairs:
            label = "ZH" if zeros else "HH" if pairs > 1 else "HB"
        else:
            label = "LP" if [b.kind for b in here] == ["stem"] else "BP"
        touches = any(b.touches for b in here)
        if case.stem is None:
            levels = [] if abs(u) >= 1 else [-np.sqrt(1 - u**2), np.sqrt(1 - u**2)]
        else:
            low, high = portion(case)
            levels = [case.stem(u)] if low - 1e-9 <= u <= high + 1e-9 else []
        found += [(label, zeros, u, float(m), touches) for m in levels]
    return found


def compare(case):
    """How a case ended, and what is wrong with it or None."""
    state, at = case.hide(*case.start)
    bounds = tuple(case.hide(0.0, m)[1] for m in case.bounds)
    branch = continue_branch(case.flow, M, state, at=at, bounds=bounds, settings=case.settings)
    wanted = "closed" if case.stem is None else "bound"
    if branch.status != wanted:
        return branch.status, f"ended {branch.status} ({branch.message}), not {wanted}"
    if case.stem is not None:
        ends = sorted(case.reveal(branch.x[k], branch.lam[k])[0] for k in (0, -1))
        if not np.allclose(ends, portion(case), atol=1e-5):
            return "ends", f"from u = {ends[0]} to {ends[1]}, not {portion(case)}"
    if wrong := counted_wrongly(case, branch):
        return "count", wrong
    if wrong := events_missed(case, branch):
        return "events", wrong
    return f"{len(case.expected)} events", None


def counted_wrongly(case, branch):
    """A point at which the number of unstable eigenvalues is not that of the construction."""
    for x, at, unstable in zip(branch.x, branch.lam, branch.unstable):
        u, _ = case.reveal(x, at)
        real = np.array([e.real for b in case.blocks for e in b.eigenvalues(u)])
        if np.abs(real).min() > 1e-7 * max(1.0, np.abs(real).max() * 1e-2) and unstable != (real > 0).sum():
            return f"{unstable} unstable at u = {u}, not {(real > 0).sum()} of {real}"
    return None


def events_missed(case, branch):
    """An event that is missing, too many, misnamed, misplaced or not located."""
    left = list(case.expected)
    for event in branch.events:
        u, m = case.reveal(event.state, event.parameter)
        if not event.converged:
            return f"{event.label} not located near u = {u}"
        nearest = min(left, key=lambda e: abs(e[2] - u) + abs(e[3] - m), default=None)
        if nearest is None:
            return f"{event.label} at u = {u}, where no more is expected"
        label, zeros, wanted, level, touches = nearest
        apart = abs(wanted - u) + abs(level - m)
        if apart > (FLAT if touches else NEAR):
            return f"{event.label} at u = {u}, m = {m}; the nearest left is {label} at {wanted}, {level}"
        if event.label != label:
            return f"{event.label} at u = {u}, which is {label}"
        if event.label == "BP" and zeros > 1 and event.kernel != zeros:
            return f"kernel {event.kernel} at u = {u}, which is {zeros}"
        left.remove(nearest)
    return f"missing {left}" if left else None
