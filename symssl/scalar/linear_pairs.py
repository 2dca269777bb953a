"""Pairs of linear equations with constant coefficients, by the sign of the discriminant of their eigenvalues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp

from .conditions import conjunction, vanishing
from .power_solutions import SolutionCase, by_sign

__all__ = ["pair_cases"]


def pair_cases(
    states: Sequence[sp.Symbol], matrix: sp.Matrix, constant: sp.Matrix, starts: sp.Matrix, t: sp.Symbol
) -> Iterator[SolutionCase]:
    """The solutions of z' = matrix*z + constant from z(0) = starts, those of the first state in front.

    Parameters
    ----------
    states : two symbols; where their signs are declared, the solution holds while it has them
    matrix, constant, starts : 2 x 2, 2 x 1, 2 x 1

    >>> x, y = sp.symbols("x y", real=True); t = sp.Symbol("t", nonnegative=True)
    >>> (case,) = pair_cases((x, y), sp.Matrix([[0, 1], [-1, 0]]), sp.zeros(2, 1), sp.Matrix([1, 0]), t)
    >>> case.solution, case.holds
    (cos(t), True)
    """
    half = matrix.trace() / 2
    determinant = sp.factor(matrix.det())
    D = sp.factor(half**2 - determinant)
    forward = bool(t.is_nonnegative)

    def case(values, *given):
        condition = conjunction(*given)
        if condition == sp.false:
            return
        pairs = tuple(zip(states, values, strict=True))
        inside = [sign(x) for x in pairs for sign in _signs]
        holds = sp.And(*(relation for relation in inside if relation is not None))
        ends = (sp.S.Zero if forward else -sp.oo, sp.oo) if holds == sp.true else (None, None)
        yield SolutionCase(condition, "linear system", pairs[0][1], None, holds, *ends, companions=pairs[1:])

    if constant.is_zero_matrix:
        for given, values in _about(matrix, half, D, starts, sp.zeros(2, 1), t):
            yield from case(values, given)
        return
    zeros = vanishing(determinant)
    proper = sp.And(*(sp.Ne(q, 0) for q in zeros))
    if determinant != 0:
        centre = -(matrix.adjugate() * constant) / determinant
        for given, values in _about(matrix, half, D, starts - centre, centre, t):
            yield from case(values, proper, given)
    if determinant == 0 or zeros:
        lost = sp.true if determinant == 0 else sp.Eq(determinant, 0)
        trace, zero = 2 * half, vanishing(half)
        if half != 0:  # exp(M*s) = 1 + M*(exp(trace*s) - 1)/trace
            grown = (sp.exp(trace * t) - 1) / trace
            values = starts + matrix * starts * grown + constant * t + matrix * constant * (grown - t) / trace
            yield from case(values, lost, *(sp.Ne(q, 0) for q in zero))
        if half == 0 or zero:
            values = starts + matrix * starts * t + constant * t + matrix * constant * t**2 / 2
            yield from case(values, lost, sp.Eq(half, 0))


_signs = (
    lambda pair: pair[1] > 0 if pair[0].is_positive and not pair[1].is_positive else None,
    lambda pair: pair[1] < 0 if pair[0].is_negative and not pair[1].is_negative else None,
)


def _about(M, half, D, offset, centre, t):
    """(condition, centre + exp(M*t)*offset) by the sign of the discriminant."""
    turned = M * offset - half * offset

    def real():
        h = sp.sqrt(D)
        fast, slow = sp.exp((half - h) * t), sp.exp((half + h) * t)
        return centre + (offset * (slow + fast) + turned * (slow - fast) / h) / 2

    def turning():
        w = sp.sqrt(-D)
        return centre + sp.exp(half * t) * (offset * sp.cos(w * t) + turned * sp.sin(w * t) / w)

    def merged():
        return centre + sp.exp(half * t) * (offset + turned * t)

    for solve, given in by_sign(D, turning, real, merged):
        yield given, solve()
