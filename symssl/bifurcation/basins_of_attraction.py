"""Basins of attraction: exact for one state, by certified capture for planar systems.

In the plane a trajectory counts as captured once it has entered an ellipse
around a stable equilibrium in which a quadratic Lyapunov function is proved to
decrease; where none is entered in time, the cell stays undecided.  Separatrices
are the stable manifolds of the saddles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError, Refusal
from ..exact.kinks import ROUNDING, SWITCHED, jumps, keys_of
from ..exact.numbers import as_sympy_number
from ..exact.roots import real_roots
from ..scalar.flow import Field, Flow
from ..support.arguments import described, instance_of, mapping_of, number, sequence_of, whole
from ..support.display import html_table, listing, shown
from .boxes import slopes_over
from .equilibria import CertifiedEquilibria, CertifiedEquilibrium, find_equilibria
from .inputs import box_of, flow_of
from .json_form import Ints
from .results import Result

__all__ = ["Basin", "PlanarBasins", "Wall", "basins", "planar_basins"]

_DIGITS = 30  # relative width of the enclosures between which signs are taken
_ESCAPED, _UNDECIDED = -1, -2


@dataclass(frozen=True, repr=False)
class Wall:
    """Where a basin ends without an equilibrium: a pole of the field, or zero for a state of one sign.

    Attributes
    ----------
    kind : "pole" or "boundary"
    bounds : mapping {state: (lower, upper)}, rational
    """

    kind: Literal["pole", "boundary"]
    bounds: Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]]

    def __post_init__(self) -> None:
        for state, pair in mapping_of("bounds", self.bounds, "the state to (lower, upper)").items():
            instance_of("a key of bounds", state, sp.Symbol)
            if len(pair := sequence_of(f"bounds[{state}]", pair, "two numbers, (lower, upper)")) != 2:
                raise InputError(f"bounds[{state}] must be a pair of numbers, (lower, upper), not {described(pair)}")
            tuple(map(as_sympy_number, pair))
        if len(self.bounds) != 1:
            raise InputError(f"bounds must give the limits of one state, not {described(self.bounds)}")

    @property
    def point(self) -> float:
        """The centre, in doubles."""
        ((lower, upper),) = self.bounds.values()
        return float((lower + upper) / 2)

    def __repr__(self) -> str:
        (state,) = self.bounds
        return f"Wall({self.kind} at {state} = {shown(self.point)})"


@dataclass(frozen=True, repr=False)
class Basin:
    """An open interval of states, and where what starts there goes.

    Attributes
    ----------
    lower, upper : the equilibria or walls at its ends (None: unbounded)
    limit : the one that is approached, or "-oo" or "+oo"; a pole is reached in finite time
    """

    lower: CertifiedEquilibrium | Wall | None
    upper: CertifiedEquilibrium | Wall | None
    limit: CertifiedEquilibrium | Wall | Literal["-oo", "+oo"]

    def __repr__(self) -> str:
        low, high, limit = self._places()
        return f"Basin({low} < x < {high} goes to {limit})"

    def _repr_html_(self) -> str:
        return html_table("Basin", ("from", "to", "goes to"), [self._places()])

    def _places(self) -> tuple[str, str, str]:
        low = "-oo" if self.lower is None else shown(self.lower.point)
        high = "+oo" if self.upper is None else shown(self.upper.point)
        return low, high, self.limit if isinstance(self.limit, str) else shown(self.limit.point)


def basins(flow: Flow, values: Mapping[Any, Any] | None = None) -> tuple[Basin, ...]:
    """The intervals between equilibria and poles of a scalar flow, rational but for kinks, and their limits, exactly.

    Parameters
    ----------
    flow : Flow of one state
    values : mapping of every parameter to a number

    Returns
    -------
    tuple of Basin, from left to right

    Raises
    ------
    InputError
        For several states, a parameter without value, and fields that are not rational between kinks or jump.
    Refusal
        For a field that vanishes identically.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> basins(Flow({x: 1 - x}))
    (Basin(-oo < x < 1 goes to 1), Basin(1 < x < +oo goes to 1))
    """
    if len(flow_of(flow).states) != 1:
        raise InputError("basins is for one state; for two use symssl.bifurcation.planar_basins(flow, within)")
    fixed = flow.fix(values)
    ((state, f),) = fixed.states.items()
    _check_pieces(state, f)
    points = list(find_equilibria(fixed, digits=_DIGITS))
    edges = sorted([*points, *_walls(state, f, points)], key=lambda e: e.bounds[state][0])
    intervals = []
    ahead: CertifiedEquilibrium | Wall | None
    beyond: Literal["-oo", "+oo"]
    for lower, upper in pairwise([None, *edges, None]):
        inside = _between(lower, upper, state)
        if (state.is_nonnegative and inside <= 0) or (state.is_nonpositive and inside >= 0):
            continue
        ahead, beyond = (upper, "+oo") if f.subs(state, inside) > 0 else (lower, "-oo")
        intervals.append(Basin(lower, upper, beyond if ahead is None else ahead))
    return tuple(intervals)


def _check_pieces(state, f):
    """The field must be rational, or be so between kinks that are no jumps."""
    plain = f.xreplace({node: sp.Dummy() for node in f.atoms(*SWITCHED)})
    inner = [part for node in f.atoms(*SWITCHED) for part in (*node.args, *keys_of(node)) if isinstance(part, sp.Expr)]
    inner += [value for node in f.atoms(sp.Piecewise) for value, _ in node.args]
    if (
        f.has(*ROUNDING)
        or not plain.is_rational_function(state)
        or any(jumps(node) for node in f.atoms(*SWITCHED))
        or not all(part.xreplace({n: sp.Dummy() for n in part.atoms(*SWITCHED)}).is_polynomial(state) for part in inner)
    ):
        raise InputError(
            f"basins of one state need a field that is rational, kinks aside: {f} jumps, ends or is not rational"
        )


def _walls(state, f, points):
    """The poles of the field, and zero where the state has one sign and no equilibrium is there."""
    plain = f.xreplace({node: sp.Dummy() for node in f.atoms(*SWITCHED)})  # kinks of polynomials: no poles
    bottom = sp.fraction(sp.cancel(sp.together(plain)))[1]
    poles = real_roots(bottom, state, digits=_DIGITS) if bottom.has(state) else ()
    walls = [Wall("pole", Field({state: (sp.Rational(r.lower), sp.Rational(r.upper))})) for r in poles]
    known = [e.bounds[state] for e in (*points, *walls)]
    if (state.is_nonnegative or state.is_nonpositive) and (0, 0) not in known:
        walls.append(Wall("boundary", Field({state: (sp.Integer(0), sp.Integer(0))})))
    return walls


def _between(lower, upper, state):
    """A rational strictly between two ends, or beyond the outermost."""
    if lower is None and upper is None:
        return sp.Integer(0)
    if lower is None:
        return upper.bounds[state][0] - 1
    if upper is None:
        return lower.bounds[state][1] + 1
    return (lower.bounds[state][1] + upper.bounds[state][0]) / 2


# -- the plane -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class PlanarBasins(Result, kind="planar basins"):
    """Where trajectories that start on a grid end.

    Attributes
    ----------
    x, y : the axes; codes[j, i] belongs to (x[i], y[j]): the index of a stable equilibrium,
        -1 where the trajectory left the box grown tenfold, -2 where nothing was proved
    equilibria : CertifiedEquilibria; attractors : indices into them, by code
    separatrices : arrays (m, 2), the stable manifolds of the saddles inside the box
    """

    x: np.ndarray
    y: np.ndarray
    codes: Ints
    equilibria: CertifiedEquilibria
    attractors: tuple[int, ...]
    separatrices: tuple[np.ndarray, ...]

    def __repr__(self) -> str:
        return listing(self._head(), self._rows())

    def _repr_html_(self) -> str:
        return html_table(self._head(), ("cells", "go to"), self._rows())

    def _head(self) -> str:
        states = ", ".join(map(str, self.equilibria.flow.states))
        return f"PlanarBasins of {len(self.attractors)} attractors over {states}, {len(self.x)} x {len(self.y)} cells"

    def _rows(self) -> list[tuple[str, str]]:
        names = {_ESCAPED: "leave the box", _UNDECIDED: "undecided"}
        names |= {code: f"to {shown(self.equilibria[k].point)}" for code, k in enumerate(self.attractors)}
        return [(f"{count} cells", text) for code, text in names.items() if (count := int((self.codes == code).sum()))]

    def _columns(self):
        first, second = self.equilibria.flow.states
        x, y = np.meshgrid(self.x, self.y)
        return [(first.name, x.ravel()), (second.name, y.ravel()), ("code", self.codes.ravel())]

    def _verify(self):
        if self.codes.shape != (len(self.y), len(self.x)):
            raise ValueError(f"codes of the shape {self.codes.shape} do not fit the axes")
        if max(self.attractors, default=-1) >= len(self.equilibria) or self.codes.max(initial=-1) >= len(
            self.attractors
        ):
            raise ValueError("an attractor is not among the equilibria")


def planar_basins(
    flow: Flow,
    within: Mapping[Any, Any],
    values: Mapping[Any, Any] | None = None,
    *,
    n: int = 120,
    time: float = 200.0,
    rtol: float = 1e-8,
    atol: float = 1e-8,
) -> PlanarBasins:
    """Basins of the stable equilibria of a planar flow on an n x n grid over a box.

    Parameters
    ----------
    flow : Flow of two states
    within : mapping {state: (lower, upper)}, the box
    values : mapping of every parameter to a number
    n : points of the grid along each state
    time : how long trajectories are followed
    rtol, atol : relative and absolute error of a step

    Returns
    -------
    PlanarBasins

    Raises
    ------
    InputError
        for a box that lacks a state or is reversed, and a grid without points.
    Refusal
        where the flow has not two states.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, v = symbols("x v", real=True)
    >>> planar_basins(Flow({x: x - x**3, v: -v}), {x: (-2, 2), v: (-1, 1)}, n=4)
    PlanarBasins of 2 attractors over x, v, 4 x 4 cells
      8 cells  to (-1, 0)
      8 cells  to (1, 0)
    """
    fixed = flow_of(flow).fix(values)
    if len(fixed.states) != 2:
        raise Refusal(f"planar basins need two states; this flow has {len(fixed.states)}")
    n, time = whole("n", n, 1, 4096), number("time", time, 0)
    rtol, atol = number("rtol", rtol, 0), number("atol", atol, 0)
    box = box_of(fixed, within)
    if box is None:
        raise InputError("planar basins need a box: within={state: (lower, upper)} of both states")
    limits = [(float(lower), float(upper)) for lower, upper in box.values()]
    equilibria = find_equilibria(fixed, within=None if _rational(fixed) else dict(zip(fixed.states, limits)))
    attractors = tuple(k for k, e in enumerate(equilibria) if e.stability == "stable")
    rhs = compile_function(list(fixed.rhs.values()), tuple(fixed.states))
    traps = [_trap(fixed, equilibria[k], limits) for k in attractors]
    x, y = (np.linspace(*pair, n) for pair in limits)
    grid = np.stack(np.meshgrid(x, y)).reshape(2, -1)
    codes = _captured(rhs, grid, traps, limits, time, rtol, atol).reshape(n, n)
    saddles = [e for e in equilibria if e.unstable == 1 and e.stability == "unstable"]
    curves = tuple(curve for e in saddles for curve in _separatrix(fixed, rhs, e, limits, time))
    return PlanarBasins(x, y, codes, equilibria, attractors, curves)


def _rational(flow):
    return all(f.is_rational_function(*flow.states) for f in flow.rhs.values())


def _trap(flow, equilibrium, limits):
    """(centre, P, level): inside z^T P z < level the quadratic form decreases, proved on a box around it.

    It suffices that P J + J^T P is negative definite for all slopes J in the box.
    """
    import flint
    from scipy.linalg import solve_continuous_lyapunov

    centre = np.array(equilibrium.point)
    balls = slopes_over(flow)
    P = solve_continuous_lyapunov(_middle_slopes(balls, centre).T, -np.eye(2))
    P = (P + P.T) / 2
    radius = min(b - a for a, b in limits) / 4
    for _ in range(60):
        J = balls([flint.arb(float(c), radius) for c in centre])
        form = [
            [sum(flint.arb(P[i, k]) * J[k][j] + J[k][i] * flint.arb(P[k, j]) for k in range(2)) for j in range(2)]
            for i in range(2)
        ]
        if form[0][0] < 0 and form[0][0] * form[1][1] - form[0][1] * form[1][0] > 0:
            # the ellipse z^T P z < level lies in the box when level <= radius^2 / (P^-1)_ii
            return centre, P, 0.99 * radius**2 / np.linalg.inv(P).diagonal().max()
        radius /= 2
    return centre, P, 0.0


def _middle_slopes(balls, centre):
    """The slopes at a point, in doubles; their middle where it lies on a kink."""
    import flint

    return np.array([[float(entry.mid()) for entry in row] for row in balls([flint.arb(float(c)) for c in centre])])


def _captured(rhs, points, traps, limits, time, rtol, atol):
    """Codes of trajectories, all integrated together with a step size each (Bogacki and Shampine 3(2))."""
    count = points.shape[1]
    codes = np.full(count, _UNDECIDED)
    alive = np.arange(count)
    z, t = points.copy(), np.zeros(count)
    step = np.full(count, 1e-3)
    low, high = np.array(limits).T[:, :, None]
    middle, reach = (low + high) / 2, 5 * (high - low)
    for _ in range(20_000):
        codes[alive] = _where(z, traps, middle, reach, codes[alive])
        keep = (codes[alive] == _UNDECIDED) & (t < time)
        alive, z, t, step = alive[keep], z[:, keep], t[keep], step[keep]
        if not alive.size:
            break
        with np.errstate(all="ignore"):
            k1 = rhs(*z)
            k2 = rhs(*(z + step / 2 * k1))
            k3 = rhs(*(z + 3 * step / 4 * k2))
            new = z + step * (2 * k1 + 3 * k2 + 4 * k3) / 9
            k4 = rhs(*new)
            error = np.abs(step * (-5 * k1 + 6 * k2 + 8 * k3 - 9 * k4) / 72).max(axis=0)
            size = atol + rtol * np.abs(z).max(axis=0)
            good = np.isfinite(error) & (error <= size)
            factor = np.clip(0.9 * np.cbrt(size / np.maximum(error, 1e-300)), 0.2, 5.0)
        z = np.where(good, new, z)
        t = t + np.where(good, step, 0.0)
        step = step * np.where(np.isfinite(factor), factor, 0.2)
    return codes


def _where(z, traps, middle, reach, codes):
    codes = codes.copy()
    codes[(np.abs(z - middle) > reach).any(axis=0) | ~np.isfinite(z).all(axis=0)] = _ESCAPED
    for code, (centre, P, level) in enumerate(traps):
        away = z - centre[:, None]
        codes[np.einsum("ij,ik,kj->j", away, P, away) < level] = code
    return codes


def _separatrix(flow, rhs, saddle, limits, time):
    """Both halves of the stable manifold of a saddle, traced backwards in time inside the box."""
    from scipy.integrate import solve_ivp

    centre = np.array(saddle.point)
    values, vectors = np.linalg.eig(_middle_slopes(slopes_over(flow), centre))
    direction = vectors[:, np.argmin(values.real)].real
    size = max(b - a for a, b in limits)

    def leaves(t, z):
        return min(min(v - a, b - v) + 1e-3 * size for v, (a, b) in zip(z, limits))

    leaves.terminal = True
    for side in (1, -1):
        start = centre + side * 1e-5 * size * direction
        run = solve_ivp(
            lambda t, z: -rhs(*z), (0, time), start, rtol=1e-9, atol=1e-12 * size, events=leaves, max_step=time / 50
        )
        yield np.vstack([centre, run.y.T])
