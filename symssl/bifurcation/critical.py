"""Critical points of a rational field with one parameter, exactly: where the Jacobian is singular.

They are the solutions of F = 0, det F_x = 0 in states and parameter together.
Between two consecutive critical parameters no equilibria meet.
"""

from dataclasses import dataclass
from math import prod

import sympy as sp

from ..algebraic import solve_system
from ..errors import InputError, Refusal
from ..realalgebra import real_roots

__all__ = ["Critical", "critical_points", "escapes"]

_LARGEST = 150          # product of the degrees beyond which the elimination is not tried


@dataclass(frozen=True)
class Critical:
    """A critical point: rational bounds by name, what it is, and the multiplicity of the equilibrium."""

    bounds: dict
    label: str                      # "LP" or "BP"
    multiplicity: int | None

    @property
    def centre(self):
        return {name: float((lower + upper) / 2) for name, (lower, upper) in self.bounds.items()}


def critical_points(flow, parameter, digits=17):
    """All critical points of a flow with one parameter left, or a `Refusal`.

    >>> from sympy import symbols
    >>> from symssl import Flow
    >>> x, m = symbols("x m", real=True)
    >>> [(c.label, c.multiplicity, c.centre["m"]) for c in critical_points(Flow({x: m*x - x**3}, (m,)), m)]
    [('BP', 3, 0.0)]
    """
    states = list(flow.states)
    parts = [sp.fraction(sp.cancel(sp.together(f))) for f in flow.rhs]
    if not all(part.is_polynomial(*states, parameter) for pair in parts for part in pair):
        raise Refusal("the field is not rational in states and parameter")
    tops = [_square_free(top, states) if len(states) == 1 else top for top, _ in parts]
    determinant = sp.numer(sp.cancel(sp.together(sp.Matrix(tops).jacobian(states).det())))
    degrees = [sp.Poly(top, *states, parameter).total_degree() for top in (*tops, determinant)]
    if prod(degrees) > _LARGEST:
        raise Refusal("the critical points are too many to be found by elimination")
    bottom = sp.prod(below for _, below in parts)
    equations, variables = [*tops, determinant], [*states, parameter]
    if not bottom.is_number:
        inverse = sp.Dummy("w")
        equations, variables = [*equations, inverse * bottom - 1], [*variables, inverse]
    try:
        solutions = solve_system(equations, variables)
    except Refusal:
        if not _none_is_real(equations, variables, parameter):
            raise
        return ()
    except InputError as error:
        raise Refusal(f"the critical points cannot be found exactly: {error}") from None
    found = [_critical(s, tops, states, parameter, digits) for s in solutions]
    return tuple(sorted(found, key=lambda c: c.bounds[parameter.name]))


def escapes(flow, parameter):
    """Parameters at which an equilibrium may come from infinity or a pole, or may not be isolated.

    Elsewhere each state is integral over the parameter: some element of a Groebner basis has a pure
    power of the state as its leading term, with a coefficient that vanishes only at these parameters.
    Raises `Refusal` where that cannot be shown.
    """
    states = list(flow.states)
    parts = [sp.fraction(sp.cancel(sp.together(f))) for f in flow.rhs]
    equations, bottom = [top for top, _ in parts if top != 0], sp.prod(below for _, below in parts)
    if not bottom.is_number:
        inverse = sp.Dummy("w")
        equations, states = [*equations, inverse * bottom - 1], [*states, inverse]
    n = len(states)

    def blocks(m):          # graded by the states first, then by the parameter
        return sum(m[:n]), tuple(-e for e in m[n - 1::-1]), m[n]

    leading = {}
    for g in sp.groebner(equations, *states, parameter, order=blocks).exprs:
        terms = sp.Poly(g, *states).terms()
        powers, coefficient = max(terms, key=lambda t: blocks((*t[0], 0)))
        if not any(powers):
            leading = dict.fromkeys(range(n), coefficient)      # no equilibria where this does not vanish
            break
        if sum(map(bool, powers)) == 1:
            k = next(i for i, e in enumerate(powers) if e)
            leading[k] = sp.gcd(leading[k], coefficient) if k in leading else coefficient
    if len(leading) < n:
        raise Refusal("the equilibria are not isolated for general parameters")
    return tuple(root for c in set(leading.values()) if sp.sympify(c, strict=True).has(parameter)
                 for root in real_roots(c, parameter))


def _none_is_real(equations, variables, parameter):
    """Whether the equations imply a polynomial in the parameter alone that has no real root."""
    order = [*(v for v in variables if v != parameter), parameter]
    last = sp.groebner(equations, *order, order="lex").exprs[-1]
    return last.free_symbols == {parameter} and not real_roots(last, parameter)


def _square_free(top, states):
    """A scalar field without repeated factors, which would be critical everywhere."""
    return sp.Mul(*(factor for factor, _ in sp.factor_list(top, *states)[1]))


def _critical(solution, tops, states, parameter, digits):
    bounds = {v.name: solution.values[v].bounds(digits) for v in (*states, parameter)}
    slopes = sp.Matrix(tops).jacobian([*states, parameter])
    rank = _rank([[solution.evaluate(e) for e in row] for row in slopes.tolist()])
    return Critical(bounds, "LP" if rank == len(states) else "BP", _multiplicity(solution, tops, states))


def _rank(rows):
    """Rank of a matrix over a number field, by elimination."""
    rank, width = 0, len(rows[0])
    rows = [list(row) for row in rows]
    for column in range(width):
        pivot = next((k for k in range(rank, len(rows)) if not rows[k][column].is_zero()), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        scale = rows[rank][column].inverse()
        for k in range(rank + 1, len(rows)):
            factor = rows[k][column] * scale
            rows[k] = [b - factor * a for a, b in zip(rows[rank], rows[k])]
        rank += 1
    return rank


def _multiplicity(solution, tops, states):
    """For one state the order of the first derivative that does not vanish; a simple solution of
    the critical system is a nondegenerate fold, which is double."""
    if len(states) > 1:
        return 2 if solution.multiplicity == 1 else None
    (x,), (f,) = states, tops
    order = 1
    while solution.evaluate(sp.diff(f, x, order)).is_zero():
        order += 1
    return order
