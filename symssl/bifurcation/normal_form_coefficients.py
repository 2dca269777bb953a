"""Coefficients of normal forms at critical points: what kind of event it is, and which side is stable.

Kuznetsov, Elements of Applied Bifurcation Theory, 2004: fold (5.2), cusp (8.5), first Lyapunov
coefficient (5.39), Bogdanov-Takens (8.4) with the signs of Theorem 8.4; Golubitsky and Schaeffer,
Singularities and Groups in Bifurcation Theory, 1985, for branch points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError, Refusal
from ..scalar.flow import Field, Flow
from ..support.arguments import instance_of
from ..support.display import html_table, listing
from .branches import Event
from .inputs import coordinates_of
from .problem import FieldProblem

__all__ = ["CriticalCoefficients", "Taylor", "bogdanov_takens", "critical_coefficients", "first_lyapunov"]

_KINDS = ("LP", "BP", "HB", "CP", "BT", "ZH", "HH")  # labels of events that have a normal form
_CRITICAL = 1e-6  # real part of a critical eigenvalue beside the others
_RESONANT = 1e-3  # relative distance of two frequencies from a strong resonance within which they count as resonant
_ZERO = 1e-7  # relative size below which a coefficient counts as vanishing
_STANDS = 1e-10  # of the size of the field, a speed at which a critical eigenvalue counts as standing
_BEYOND = "terms beyond the third order, or of higher order in the parameter, decide"


@dataclass(frozen=True, repr=False)
class CriticalCoefficients:
    """The kind of a critical point, its coefficients by name, and what their signs mean.

    Attributes
    ----------
    kind : "fold", "cusp", "transcritical", "pitchfork", "degenerate", "Hopf", "Bogdanov-Takens", "zero-Hopf" or
        "double Hopf"
    coefficients : mapping {name: number}: a, b, c of u' = b m + a u^2 + c u^3 (b m u at a branch point);
        l1, the first Lyapunov coefficient, and frequency; a, b of v' = ... + a u^2 + b u v; at a zero-Hopf point
        a, b, d of u' = a u^2 + b |z|^2, z' = (i frequency + (d + i e) u) z; at a double Hopf point
        p11, p12, p21, p22, the real parts of z1' = i frequency1 z1 + p11 z1 |z1|^2 + p12 z1 |z2|^2 and
        z2' = i frequency2 z2 + p21 z2 |z1|^2 + p22 z2 |z2|^2, for eigenvectors of length one
    meaning : what their signs say, in words
    """

    kind: Literal[
        "fold",
        "cusp",
        "transcritical",
        "pitchfork",
        "degenerate",
        "Hopf",
        "Bogdanov-Takens",
        "zero-Hopf",
        "double Hopf",
    ]
    coefficients: Mapping[str, float]
    meaning: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficients", Field(self.coefficients))

    def __repr__(self) -> str:
        return listing(f"CriticalCoefficients of a {self.kind} point: {self.meaning}", self._rows())

    def _repr_html_(self) -> str:
        return html_table(f"{self.kind}: {self.meaning}", ("coefficient", "", "value"), self._rows())

    def _rows(self) -> list[tuple[str, str, float]]:
        return [(name, "=", float(value)) for name, value in self.coefficients.items()]


class Taylor:
    """Directional derivatives of a field up to order three, complex directions allowed.

    A point z lists the states and then the parameters given; `in_parameter` is the derivative in
    the first of these.
    """

    def __init__(self, flow: Flow, *parameters: sp.Symbol) -> None:
        self.states, parameter = tuple(flow.states), parameters[0]
        self._args = (*self.states, *parameters)
        n = len(self.states)
        field, self._compiled = sp.Matrix(list(flow.rhs.values())), {}
        directions = [sp.symbols(f"{letter}_1:{n + 1}", cls=sp.Dummy) for letter in "abc"]
        for order in range(1, 4):
            field = field.jacobian(self.states) * sp.Matrix(directions[order - 1])
            used = [d for group in directions[:order] for d in group]
            self._compiled[order] = compile_function(list(field), (*self._args, *used))
        rate = sp.Matrix(list(flow.rhs.values())).diff(parameter)
        self._rate = compile_function(list(rate), self._args)
        self._mixed = compile_function(
            list(rate.jacobian(self.states) * sp.Matrix(directions[0])), (*self._args, *directions[0])
        )
        self._twice = compile_function(list(rate.diff(parameter)), self._args)

    def at(self, z: np.ndarray, *directions: np.ndarray) -> np.ndarray:
        """The derivative of order ``len(directions)`` in the states."""
        return self._compiled[len(directions)](*z, *(v for d in directions for v in d))

    def jacobian(self, z: np.ndarray) -> np.ndarray:
        """The Jacobian in the states."""
        return np.column_stack([self.at(z, e) for e in np.eye(len(self.states))])

    def in_parameter(self, z: np.ndarray) -> np.ndarray:
        """The derivative in the first parameter."""
        return self._rate(*z)

    def twice_in_parameter(self, z: np.ndarray) -> np.ndarray:
        """The second derivative in the first parameter."""
        return self._twice(*z)

    def mixed(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """D_states D_parameter F [a]."""
        return self._mixed(*z, *a)


def critical_coefficients(problem: FieldProblem, event: Event) -> CriticalCoefficients:
    """The normal form at an event of a branch.

    Parameters
    ----------
    problem : FieldProblem; in both parameters of the curve for an event of a curve
    event : Event labelled LP, BP, HB, CP, BT, ZH or HH

    Returns
    -------
    CriticalCoefficients, of the kind that the eigenvalues at the point tell: two pairs on the imaginary axis are a
    double Hopf point, whatever the label

    Raises
    ------
    InputError
        For an event that does not fit the problem, or has no normal form (UZ, GH).
    Refusal
        Where more eigenvalues are critical than a normal form is known for, or two frequencies are in a
        strong resonance.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, m = symbols("x m", real=True)
    >>> form = critical_coefficients(FieldProblem(Flow({x: m*x - x**3}, (m,)), m), Event("BP", 0.0, (0.0,)))
    >>> form.kind, form.meaning
    ('pitchfork', 'supercritical: the new branches attract within the centre manifold')
    """
    instance_of("problem", problem, FieldProblem)
    instance_of("event", event, Event, "an Event of a branch or a curve")
    z = coordinates_of("the place of the event", (*event.state, event.parameter))
    if len(z) != problem.size + len(problem.parameters):
        raise InputError(
            f"an event labelled {event.label} with {len(z)} coordinates does not fit a field of {problem.size} states "
            f"in {', '.join(map(str, problem.parameters))}"
        )
    taylor = Taylor(problem.fixed, *problem.parameters)
    if event.label not in _KINDS:
        raise InputError(f"an event labelled {event.label} has no normal form; {', '.join(_KINDS)} have")
    zeros, kernel, pairs = _critical(taylor.jacobian(z))
    if event.label in ("HH", "ZH") and not pairs:
        raise InputError(f"no pair of eigenvalues lies on the imaginary axis: this is no {event.label} point")
    if not zeros and (len(pairs) == 1 or (not pairs and event.label == "HB")):
        alone = len(problem.parameters) == 1 and (event.name == "degenerate" or _stands(taylor, z))
        return _hopf(taylor, z, alone)
    if not zeros and len(pairs) == 2:
        return _double_hopf(taylor, z, pairs)
    if zeros == 1 and len(pairs) == 1:
        return _zero_hopf(taylor, z)
    if len(pairs) > 1 or (pairs and zeros):
        raise Refusal(
            f"{len(pairs)} pairs and {zeros} zero eigenvalues are critical at once: the normal form of so many is not "
            "known here; follow the branches and cycles beside the point"
        )
    if kernel > 1:
        raise Refusal(
            f"the kernel has dimension {kernel}: the branches are those of {kernel} equations at once, and no one "
            "coefficient tells their kind; branches_through(...) follows all of them"
        )
    if event.label == "BT" or zeros > 1:
        if zeros > 2:
            raise Refusal(f"{zeros} eigenvalues vanish with one eigenvector: no normal form of so many is known here")
        return _double_zero(taylor, z)
    v, w = null_vectors(taylor.jacobian(z))
    a = w @ taylor.at(z, v, v) / 2
    b = w @ taylor.in_parameter(z)
    size = np.abs(taylor.jacobian(z)).max() + abs(a) + abs(b) + 1e-300
    c = _cubic(taylor, z, v, w)
    if event.label in ("LP", "CP"):
        if abs(a) <= _ZERO * size:
            if abs(c) <= _ZERO * size:
                return CriticalCoefficients("degenerate", {"a": float(a), "c": float(c)}, _BEYOND)
            return CriticalCoefficients(
                "cusp", {"a": float(a), "c": float(c)}, "two folds meet; hysteresis on one side of it"
            )
        side = "above" if a * b < 0 else "below"
        return CriticalCoefficients(
            "fold", {"a": float(a), "b": float(b)}, f"two equilibria for parameters {side} the critical value"
        )
    h = _response(taylor, z, v, w, -taylor.in_parameter(z))
    slope = w @ (taylor.mixed(z, v) + taylor.at(z, v, h))
    level = w @ (taylor.twice_in_parameter(z) + 2 * taylor.mixed(z, h) + taylor.at(z, h, h)) / 2
    if abs(a) > _ZERO * size:  # the branches are the zeros of a u^2 + b u m + d m^2
        form, large = slope**2 - 4 * a * level, slope**2 + abs(4 * a * level)
        if form > _ZERO * large:
            return CriticalCoefficients(
                "transcritical", {"a": float(a), "b": float(slope)}, "two branches cross and exchange stability"
            )
        meaning = "an isolated equilibrium: no branch goes through it" if form < -_ZERO * large else _BEYOND
        return CriticalCoefficients("degenerate", {"a": float(a), "b": float(slope)}, meaning)
    if abs(c) > _ZERO * size and abs(slope) > _STANDS * size:
        kind = "supercritical: the new branches attract" if c < 0 else "subcritical: the new branches repel"
        return CriticalCoefficients(
            "pitchfork", {"b": float(slope), "c": float(c)}, f"{kind} within the centre manifold"
        )
    return CriticalCoefficients("degenerate", {"a": float(a), "b": float(slope), "c": float(c)}, _BEYOND)


def _critical(jacobian):
    """At a critical point: how many eigenvalues vanish, the dimension of the kernel, and the frequencies of pairs.

    An eigenvalue of a chain of two is zero only up to the root of the rounding error.
    """
    values = np.linalg.eigvals(jacobian)
    large = np.linalg.norm(jacobian)
    rest = np.sort(np.abs(values))
    small = max(_CRITICAL * large, 1e-13)
    zeros = int((rest <= small).sum())
    kernel = int((np.linalg.svd(jacobian, compute_uv=False) <= max(1e-9 * large, 1e-13)).sum())
    pairs = sorted(float(e.imag) for e in values if e.imag > small and abs(e.real) <= _CRITICAL * e.imag)
    return zeros, min(max(kernel, 1), zeros) if zeros else 0, pairs


def null_vectors(jacobian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right and left vectors of the singular value nearest zero, normalised to v.v = 1 and w.v = 1.

    Where w.v vanishes (a double zero eigenvalue) w has length one.
    """
    u, _, vt = np.linalg.svd(jacobian)
    v, w = vt[-1], u[:, -1]
    return v, w / (w @ v) if abs(w @ v) > 1e-8 else w


def _cubic(taylor, z, v, w):
    """Coefficient of the third power on the centre manifold."""
    quadratic = taylor.at(z, v, v)
    h = _response(taylor, z, v, w, -(quadratic - (w @ quadratic) * v))
    return w @ (taylor.at(z, v, v, v) + 3 * taylor.at(z, v, h)) / 6


def _response(taylor, z, v, w, right):
    """The solution h of J h = right (its part in the range) with w.h = 0."""
    n = len(v)
    bordered = np.zeros((n + 1, n + 1))
    bordered[:n, :n], bordered[:n, n], bordered[n, :n] = taylor.jacobian(z), v, w
    return np.linalg.solve(bordered, np.append(right, 0.0))[:n]


def _stands(taylor, z):
    """Whether the critical pair does not move in the parameter: then no cycle is born here."""
    jacobian = taylor.jacobian(z)
    values, right, left = _eigenvectors(jacobian)
    k = min((i for i in range(len(values)) if values[i].imag > 0), key=lambda i: abs(values[i].real), default=None)
    if k is None:
        return False
    along = np.linalg.solve(jacobian, -taylor.in_parameter(z))
    speed = np.vdot(left[:, k], taylor.mixed(z, right[:, k]) + taylor.at(z, right[:, k], along.astype(complex))).real
    return bool(abs(speed) <= _STANDS * np.abs(jacobian).max())


def _hopf(taylor, z, stands):
    value, frequency = first_lyapunov(taylor, z)
    if stands:
        meaning = "degenerate: the pair touches the axis, or crosses it without speed"
    elif value == 0 or abs(value) < 1e-10:
        meaning = "degenerate: terms of the fifth order decide"
    else:
        meaning = "supercritical: stable cycles are born" if value < 0 else "subcritical: unstable cycles are born"
    return CriticalCoefficients("Hopf", {"l1": value, "frequency": frequency}, meaning)


def _zero_hopf(taylor, z):
    """Terms of second order beside one zero eigenvalue and one pair (Kuznetsov, section 8.5)."""
    jacobian = taylor.jacobian(z)
    values, right, left = _eigenvectors(jacobian)
    k = int(np.argmin(np.abs(values)))
    j = min((i for i in range(len(values)) if values[i].imag > 0), key=lambda i: abs(values[i].real))
    v, w = right[:, k].real, left[:, k].real
    v = v / np.linalg.norm(v)
    w = w / (w @ v)
    q, p = right[:, j], left[:, j]
    a = float(w @ taylor.at(z, v, v) / 2)
    b = float((w @ taylor.at(z, q, q.conj())).real)
    d = float(np.vdot(p, taylor.at(z, v.astype(complex), q)).real)
    coefficients = {"a": a, "b": b, "d": d, "frequency": float(values[j].imag)}
    if min(abs(a), abs(b), abs(d)) <= _ZERO * max(abs(a), abs(b), abs(d), 1e-300):
        return CriticalCoefficients("zero-Hopf", coefficients, "degenerate: terms of the third order decide")
    tori = "; tori branch from its cycles where the terms of the third order allow it" if b * d < 0 else ""
    return CriticalCoefficients("zero-Hopf", coefficients, f"a curve of Hopf points touches the fold curve{tori}")


def _double_hopf(taylor, z, pairs):
    """Terms of third order beside two pairs without strong resonance (Kuznetsov, section 8.6)."""
    low, high = pairs
    for k, l in ((1, 1), (1, 2), (1, 3)):
        if abs(k * high - l * low) <= _RESONANT * high:
            raise Refusal(
                f"the frequencies {low:.6g} and {high:.6g} are in the strong resonance {k}:{l}: the normal form has "
                "terms that couple their phases, which are not computed"
            )
    jacobian = taylor.jacobian(z)
    values, right, left = _eigenvectors(jacobian)
    one, two = (int(np.argmin(np.abs(values - 1j * frequency))) for frequency in pairs)
    (q1, p1), (q2, p2) = ((right[:, k], left[:, k]) for k in (one, two))
    w1, w2 = (float(values[k].imag) for k in (one, two))
    identity = np.eye(len(values))

    def response(frequency, a, b):
        return np.linalg.solve(1j * frequency * identity - jacobian, taylor.at(z, a, b))

    def self_term(p, q, w):
        bar = q.conj()
        return np.vdot(
            p,
            taylor.at(z, q, q, bar)
            + taylor.at(z, bar, response(2 * w, q, q))
            + 2 * taylor.at(z, q, response(0.0, q, bar)),
        )

    def cross_term(p, q, w, r, u):
        bar = r.conj()
        return np.vdot(
            p,
            taylor.at(z, q, r, bar)
            + taylor.at(z, bar, response(w + u, q, r))
            + taylor.at(z, r, response(w - u, q, bar))
            + taylor.at(z, q, response(0.0, r, bar)),
        )

    coefficients = {
        "p11": float(self_term(p1, q1, w1).real / 2),
        "p12": float(cross_term(p1, q1, w1, q2, w2).real),
        "p21": float(cross_term(p2, q2, w2, q1, w1).real),
        "p22": float(self_term(p2, q2, w2).real / 2),
        "frequency1": w1,
        "frequency2": w2,
    }
    p11, p12, p21, p22 = list(coefficients.values())[:4]
    large = max(map(abs, (p11, p12, p21, p22)))
    if min(abs(p11), abs(p22)) <= _ZERO * large or abs(p11 * p22 - p12 * p21) <= _ZERO * large**2:
        meaning = "degenerate: terms of the fifth order decide"
    elif p11 * p22 < 0:
        meaning = "one pair is supercritical, the other subcritical: tori may branch to higher ones"
    else:
        born, verb = ("stable", "attracts") if p11 < 0 else ("unstable", "repels")
        verb = verb if p11 * p22 > p12 * p21 else "is a saddle"
        meaning = f"each pair alone gives {born} cycles; a torus of both frequencies, where there is one, {verb}"
    return CriticalCoefficients("double Hopf", coefficients, meaning)


def _eigenvectors(jacobian):
    """Eigenvalues, right vectors of length one and left vectors with conj(left).right = 1, one a column.

    Of an eigenvalue without a full set of vectors, which is not critical, the left one is not finite.
    """
    values, right = np.linalg.eig(jacobian)
    others, vectors = np.linalg.eig(jacobian.conj().T)
    left = vectors[:, [int(np.argmin(np.abs(others - value.conj()))) for value in values]].astype(complex)
    with np.errstate(all="ignore"):
        return values, right, left / (left.conj() * right).sum(axis=0).conj()


def _double_zero(taylor, z):
    a, b = bogdanov_takens(taylor, z)
    if min(abs(a), abs(b)) < 1e-10:
        meaning = "degenerate: terms of higher order decide"
    else:
        meaning = f"a curve of Hopf points ends here, with {'stable' if a * b < 0 else 'unstable'} cycles beside it"
    return CriticalCoefficients("Bogdanov-Takens", {"a": a, "b": b}, meaning)


def bogdanov_takens(taylor: Taylor, z: np.ndarray) -> tuple[float, float]:
    """The coefficients a, b of y' = ... + a x^2 + b x y at a double zero eigenvalue; sign(a b) is that of
    the first Lyapunov coefficient on the curve of Hopf points nearby."""
    jacobian = taylor.jacobian(z)
    left, _, right = np.linalg.svd(jacobian)
    q0, p1 = right[-1], left[:, -1]
    q1 = np.linalg.lstsq(jacobian, q0, rcond=1e-8)[0]
    p1 = p1 / (p1 @ q1)
    p0 = np.linalg.lstsq(jacobian.T, p1, rcond=1e-8)[0]
    p0 = p0 - (p0 @ q1) * p1
    bend = taylor.at(z, q0, q0)
    a, b = float(p1 @ bend / 2), float(p0 @ bend + p1 @ taylor.at(z, q0, q1))
    return (a, b) if a >= 0 else (-a, -b)  # both change sign with q0


def first_lyapunov(taylor: Taylor, z: np.ndarray, jacobian: np.ndarray | None = None) -> tuple[float, float]:
    """The first Lyapunov coefficient and the frequency at a Hopf point; the Jacobian may be given."""
    jacobian = taylor.jacobian(z) if jacobian is None else jacobian
    values, vectors = np.linalg.eig(jacobian)
    pairs = [k for k in range(len(values)) if values[k].imag > 0]
    if not pairs:
        raise InputError("there is no complex pair of eigenvalues: this is no Hopf point")
    k = min(pairs, key=lambda i: abs(values[i].real))
    omega, q = float(values[k].imag), vectors[:, k]
    q = q / np.linalg.norm(q)
    left_values, left = np.linalg.eig(jacobian.T)
    p = left[:, np.argmin(np.abs(left_values - values[k].conj()))]
    p = p / np.conj(np.vdot(p, q))  # <p, q> = conj(p).q = 1
    identity = np.eye(len(q))
    h11 = np.linalg.solve(jacobian, taylor.at(z, q, q.conj()))
    h20 = np.linalg.solve(2j * omega * identity - jacobian, taylor.at(z, q, q))
    cubic = (
        np.vdot(p, taylor.at(z, q, q, q.conj()))
        - 2 * np.vdot(p, taylor.at(z, q, h11))
        + np.vdot(p, taylor.at(z, q.conj(), h20))
    )
    return float(cubic.real / (2 * omega)), omega
