"""Zeros of systems, how many there are, how stable they are, and the spectrum of the Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sympy import (
    Eq,
    FiniteSet,
    Gt,
    ImmutableMatrix,
    Integer,
    Lt,
    Matrix,
    MatrixBase,
    Ne,
    Symbol,
    Tuple,
    factor,
    false,
    re,
    true,
)

from ...errors import InputError, Refusal, Undecided
from ...exact.points import find_point
from ...language.dynamics import Dynamics, VectorField
from ...language.terms import Count, Growth, Stability, Zeros
from ...scalar.system_cases import system_cases
from ..facts import decided
from .derivation import Found, rule_for
from .solutions import _holds
from .velocities import _kind, matrix_flow, scalar_flow

__all__ = ["possible_counts"]

_ON_A_LINE = ("stable", "unstable", "half-stable")


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
    flow = _flow_of(zeros)
    if len(flow.states) > 1 and flow.parameters:
        system_cases(list(flow.rhs.values()), list(flow.states))  # refuses what is solved at generic parameters only
    found = flow.equilibria()
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
        return _number(list(elements), term, given), {"rule": "counting"}
    if elements.domain or len(elements.unknowns) > 1:
        points = _points(elements, given)
        return _number([Tuple(*(p[x] for x in elements.unknowns)) for p in points], term, given), {"rule": "the zeros"}
    numbers = set(possible_counts(term, given))
    if len(numbers) != 1:
        raise Undecided(f"the number depends on the case: {sorted(numbers)}", term)
    return Integer(numbers.pop()), {"rule": "the proved count"}


def _number(elements: list[Any], term: Any, given: Sequence[Any]) -> Any:
    """How many there are, any two of them proved to differ."""
    for one, other in combinations(elements, 2):
        coordinates = zip(*(e if isinstance(e, Tuple) else (e,) for e in (one, other)))
        if not any(decided(Ne(a, b, evaluate=False), given)[0] is True for a, b in coordinates):
            raise Undecided(f"that {one} and {other} differ was not settled", term)
    return Integer(len(elements))


def possible_counts(term: Any, given: Sequence[Any]) -> dict[int, bool]:
    """The numbers of zeros that may occur for parameters that keep the hypotheses, by an exhaustive proof.

    Each with whether parameters are known at which it does occur.
    """
    from ...scalar.counting import count_equilibria

    numbers: dict[int, bool] = {}
    for case in count_equilibria(_flow_of(term.args[0])).cases:
        if _holds(case.condition, given) is False:
            continue
        if case.number is None:
            raise Refusal("in one case every point is a zero", term)
        numbers[int(case.number)] = numbers.get(int(case.number), False) or _occurs(case.condition, given)
    return numbers


def _occurs(condition: Any, given: Sequence[Any]) -> bool:
    conditions = [c for c in (condition, *given) if c != true]
    try:
        return not conditions or bool(find_point(conditions, conditions))
    except (Undecided, InputError):
        return False


@rule_for(Stability)
def _stability(term: Any, given: Sequence[Any]) -> Found:
    dynamics, point, kind = term.args[:3]
    if _kind(dynamics) == "matrices":
        raise Refusal("the stability of an equilibrium of matrices is not decided here", term)
    flow, at, wanted = scalar_flow(dynamics), dict(point), str(kind)
    rule = {"rule": "the stability of the equilibrium"}
    if not _is_equilibrium(flow, at, term, given):
        raise Refusal(f"{at} is no equilibrium: neither stable nor unstable", term)
    several = len(flow.states) > 1
    if wanted not in (("stable", "unstable", "saddle", "nonhyperbolic") if several else _ON_A_LINE):
        raise Refusal(f"{wanted} is not said of equilibria of {'several states' if several else 'one state'}", term)
    try:
        if wanted in _ON_A_LINE:
            found = flow.stability(at if several else next(iter(at.values())))
            return (true if found == wanted else false), rule
    except (Refusal, InputError):  # the declarations do not decide it; the hypotheses may
        pass
    signs = {_sign(re(value), given) for value in _spectrum(flow, at)}
    if wanted in _ON_A_LINE and 0 in signs and 1 not in signs:
        raise Refusal("the linear approximation does not tell the stability", term)
    held = {
        "stable": signs == {-1},
        "unstable": 1 in signs,
        "half-stable": False,
        "saddle": {-1, 1} <= signs,
        "nonhyperbolic": 0 in signs and 1 not in signs,
    }[wanted]
    return (true if held else false), rule


def _is_equilibrium(flow: Any, point: dict[Any, Any], term: Any, given: Sequence[Any]) -> bool:
    """Whether the velocities vanish at a point: an equilibrium is spoken of."""
    velocities = [f.xreplace(point) for f in flow.rhs.values()]
    if all(decided(Eq(f, 0, evaluate=False), given)[0] is True for f in velocities):
        return True
    if any(decided(Ne(f, 0, evaluate=False), given)[0] is True for f in velocities):
        return False
    raise Undecided(f"that {dict(point)} is an equilibrium was not settled", term)


def _sign(value: Any, given: Sequence[Any]) -> int:
    for relation, sign in ((Gt, 1), (Lt, -1), (Eq, 0)):
        if decided(relation(value, 0, evaluate=False), given)[0] is True:
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
    in_entries = _kind(dynamics) == "matrices"
    flow, at = _entrywise(dynamics, dict(point)) if in_entries else (scalar_flow(dynamics), dict(point))
    return FiniteSet(*_spectrum(flow, at)), {"rule": "the spectrum of the Jacobian"}


def _entrywise(dynamics: Any, point: dict[Any, Any]) -> tuple[Any, dict[Any, Any]]:
    """The flow of the entries of matrices of stated sizes, and a point of it."""
    matrices: dict[Any, Any] = {}
    at: dict[Any, Any] = {}
    for state in dynamics.states:
        value = point[state].doit()
        if not isinstance(value, MatrixBase):
            raise Refusal("the spectrum about an equilibrium of matrices is found at explicit matrices", value)
        rows, columns = value.shape
        entries = Matrix(rows, columns, lambda r, c, A=state: Symbol(f"{A.name}_{r + 1}_{c + 1}", real=True))
        matrices[state] = ImmutableMatrix(entries)
        at |= dict(zip(entries, value))
    velocities: dict[Any, Any] = {}
    for state, velocity in matrix_flow(dynamics).rhs.items():
        explicit = velocity.xreplace(matrices).doit()
        if not isinstance(explicit, MatrixBase):
            raise Refusal("the spectrum about an equilibrium of matrices is found where no other matrix is unknown")
        velocities |= dict(zip(matrices[state], explicit))
    return scalar_flow(VectorField(velocities)), at
