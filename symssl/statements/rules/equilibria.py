"""Zeros of systems, how many there are, how stable they are, and the spectrum of the Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Eq, FiniteSet, Integer, Matrix, Symbol, Tuple, factor, false, true

from ...errors import Refusal, Undecided
from ...language.dynamics import Dynamics, VectorField
from ...language.terms import Count, Growth, Stability, Zeros
from ..facts import decided
from .derivation import Found, rule_for
from .solutions import _holds
from .velocities import _kind, scalar_flow

__all__ = ["possible_counts"]


def _flow_of(zeros: Any) -> Any:
    """The scalar flow whose equilibria are meant: a system is the right-hand side of one."""
    if isinstance(zeros.system, Dynamics):
        if _kind(zeros.system) == "matrices":
            raise Refusal("the equilibria of a flow of matrices are not listed: go over to modes or entries", zeros)
        return scalar_flow(zeros.system)
    equations = [part.lhs - part.rhs if isinstance(part, Eq) else part for part in zeros.system]
    if len(equations) != len(zeros.unknowns) or not all(isinstance(x, Symbol) for x in zeros.unknowns):
        raise Refusal("as many equations as scalar unknowns are wanted", zeros)
    return scalar_flow(VectorField(dict(zip(zeros.unknowns, equations))))


def _points(zeros: Any, given: Sequence[Any]) -> list[dict[Any, Any]]:
    found = _flow_of(zeros).equilibria()
    if found.implicit:
        raise Refusal("some zeros have no closed form: " + ", ".join(map(str, found.implicit)), zeros)
    points = []
    for equilibrium in found:
        here = _holds(equilibrium.condition, given)
        if here is None:
            raise Undecided(f"whether {equilibrium.values} is a zero was not settled: {equilibrium.condition}", zeros)
        inside = [condition.xreplace(dict(equilibrium.values)) for condition in zeros.domain]
        held = [here, *(_holds(condition, given) for condition in inside)]
        if None in held and False not in held:
            raise Undecided(f"whether {equilibrium.values} lies in the domain was not settled", zeros)
        if False not in held:
            points.append(dict(equilibrium.values))
    return points


@rule_for(Zeros)
def _zeros(term: Any, given: Sequence[Any]) -> Found:
    points = _points(term, given)
    if len(term.unknowns) == 1:
        return FiniteSet(*(point[term.unknowns[0]] for point in points)), {"rule": "the zeros"}
    return FiniteSet(*(Tuple(*(p[x] for x in term.unknowns)) for p in points)), {"rule": "the zeros"}


@rule_for(Count)
def _count(term: Any, given: Sequence[Any]) -> Found:
    elements = term.args[0]
    if isinstance(elements, FiniteSet):
        return Integer(len(elements)), {"rule": "counting"}
    if elements.domain or len(elements.unknowns) > 1:
        return Integer(len(_points(elements, given))), {"rule": "the zeros"}
    numbers = possible_counts(term, given)
    if len(numbers) != 1:
        raise Undecided(f"the number depends on the case: {sorted(numbers)}", term)
    return Integer(numbers.pop()), {"rule": "the proved count"}


def possible_counts(term: Any, given: Sequence[Any]) -> set[int]:
    """The numbers of zeros that occur for parameters that keep the hypotheses, by an exhaustive proof."""
    from ...scalar.counting import count_equilibria

    numbers = {
        case.number
        for case in count_equilibria(_flow_of(term.args[0])).cases
        if _holds(case.condition, given) is not False
    }
    if None in numbers:
        raise Refusal("in one case every point is a zero", term)
    return {int(number) for number in numbers}


@rule_for(Stability)
def _stability(term: Any, given: Sequence[Any]) -> Found:
    dynamics, point, kind = term.args
    if _kind(dynamics) == "matrices":
        raise Refusal("the stability of an equilibrium of matrices is not decided here", term)
    flow = scalar_flow(dynamics)
    wanted, found = str(kind), None
    if wanted in ("saddle", "nonhyperbolic"):
        signs = [_sign(value, given) for value in _spectrum(flow, dict(point))]
        found = "saddle" if {-1, 1} <= set(signs) else "nonhyperbolic" if 0 in signs and 1 not in signs else "other"
    else:
        found = flow.stability(dict(point) if len(flow.states) > 1 else next(iter(point.values())))
    return (true if found == wanted else false), {"rule": "the stability of the equilibrium"}


def _sign(value: Any, given: Sequence[Any]) -> int:
    for relation, sign in ((value > 0, 1), (value < 0, -1), (Eq(value, 0), 0)):
        if relation == true or (relation != false and decided(relation, given)[0] is True):
            return sign
    raise Undecided(f"the sign of the eigenvalue {value} was not settled", value)


def _spectrum(flow: Any, point: dict[Any, Any]) -> list[Any]:
    jacobian = Matrix(flow.jacobian()).subs(point)
    found = jacobian.eigenvals()
    if sum(found.values()) < jacobian.shape[0]:
        raise Refusal("not all eigenvalues of the Jacobian have a closed form", jacobian)
    return [factor(value) for value in found]


@rule_for(Growth)
def _growth(term: Any, given: Sequence[Any]) -> Found:
    dynamics, point = term.args
    if _kind(dynamics) == "matrices":
        raise Refusal("the spectrum about an equilibrium of matrices is not found here: go over to entries", term)
    return FiniteSet(*_spectrum(scalar_flow(dynamics), dict(point))), {"rule": "the spectrum of the Jacobian"}
