"""Zeros of systems, how many there are, how stable they are, and the spectrum of the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import combinations
from random import Random
from typing import Any

from sympy import (
    LC,
    And,
    Basic,
    Dummy,
    Eq,
    Expr,
    FiniteSet,
    Ge,
    Gt,
    ImmutableMatrix,
    Integer,
    Le,
    Lt,
    Matrix,
    MatrixBase,
    Ne,
    Poly,
    Rational,
    Symbol,
    Tuple,
    cancel,
    count_ops,
    expand,
    factor,
    false,
    fraction,
    oo,
    re,
    together,
    true,
)
from sympy.core.relational import Relational

from ...errors import InputError, Refusal, Undecided
from ...exact.points import find_point
from ...language.dynamics import Dynamics, VectorField
from ...language.terms import Count, Growth, Stability, Zeros
from ...scalar.system_cases import system_cases
from ..facts import decided, opposite
from .derivation import Found, rule_for
from .solutions import _holds
from .velocities import _kind, matrix_flow, scalar_flow

__all__ = ["counted_by_cases", "limiting_count", "possible_counts"]

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
    if _places(elements) is not None:
        try:
            allowed = {number for _, number in counted_by_cases(term)}
        except (Refusal, InputError):
            if not elements.domain:
                raise
        else:
            numbers = set(possible_counts(term, given, allowed, 2))
            if len(numbers) != 1:
                raise Undecided(f"the number depends on the case: {sorted(numbers)}", term)
            return Integer(numbers.pop()), {"rule": "the proved count"}
    points = _points(elements, given)
    return _number([Tuple(*(p[x] for x in elements.unknowns)) for p in points], term, given), {"rule": "the zeros"}


def _number(elements: list[Any], term: Any, given: Sequence[Any]) -> Any:
    """How many there are, any two of them proved to differ."""
    for one, other in combinations(elements, 2):
        coordinates = zip(*(e if isinstance(e, Tuple) else (e,) for e in (one, other)))
        if not any(decided(Ne(a, b, evaluate=False), given)[0] is True for a, b in coordinates):
            raise Undecided(f"that {one} and {other} differ was not settled", term)
    return Integer(len(elements))


def possible_counts(
    term: Any, given: Sequence[Any], allowed: Collection[int] = (), enough: int | None = None
) -> dict[int, bool]:
    """The numbers of zeros that may occur for parameters that keep the hypotheses, by an exhaustive proof.

    Each with whether parameters are known at which it does occur.  The domain of the zeros may say on which side of 0
    they lie, and of which kind they are as equilibria.  A hypothesis on how many zeros there are in all counts, too.
    Of the numbers `allowed` it is not asked whether they occur; so many numbers are `enough`.
    """
    cases = [(c, n) for c, n in counted_by_cases(term) if _agrees(term.args[0], c, given)]
    given = _without_counts(given)
    if len({number for _, number in cases}) == 1:
        number = cases[0][1]
        return {number: number in allowed or _occurs(cases[0][0], given)}
    numbers: dict[int, bool] = {}
    for condition, number in sorted(cases, key=lambda case: case[0].has(Eq)):  # what holds on open sets is seen at once
        if numbers.get(number) or (number in allowed and number in numbers):
            continue
        if _somewhere_near(condition, given):
            numbers[number] = True
        elif not _is_excluded(condition, given):
            numbers[number] = number in allowed or _occurs(condition, given)
        if len(numbers) == enough:
            break
    return numbers


_LONG = 100  # operations in a condition whose signs are not looked for


def _is_excluded(condition: Any, given: Sequence[Any]) -> bool:
    """Whether the hypotheses deny a part of a condition; of a long one only what they say as it stands counts."""
    denied = [opposite(part) for part in And.make_args(condition)]
    short = [part for part in denied if part is not None and (count_ops(part) <= _LONG or _is_said(part, given))]
    return any(decided(part, given)[0] is True for part in sorted(short, key=count_ops))


def _is_said(condition: Any, given: Sequence[Any]) -> bool:
    """Whether a hypothesis compares the same two things, in one order or the other."""
    margin = condition.lhs - condition.rhs
    others = [h.lhs - h.rhs for h in given if isinstance(h, Relational) and isinstance(h.lhs, Expr)]
    return any(expand(margin - side * other) == 0 for other in others for side in (1, -1))


def _somewhere_near(condition: Any, given: Sequence[Any]) -> bool:
    """Whether one of a few plain values of the parameters satisfies a condition and keeps the hypotheses."""
    conditions = [c for c in (condition, *given) if isinstance(c, Basic)]
    symbols = sorted(set().union(*(c.free_symbols for c in conditions)), key=str)
    if len(conditions) < 1 + len(given) or not all(isinstance(s, Symbol) for s in symbols):
        return False
    random = Random(0)
    for _ in range(80):
        point = {s: random.choice(_PLAIN) * (1 if s.is_nonnegative else random.choice((1, -1))) for s in symbols}
        if all(_keeps(s, v) for s, v in point.items()) and all(c.xreplace(point) == true for c in conditions):
            return True
    return False


_PLAIN = tuple(map(Rational, ("1/50", "1/10", "1/3", "1", "2", "7")))


def _keeps(symbol: Any, value: Any) -> bool:
    """Whether a number is what a symbol is declared to be."""
    return all(wanted is None or getattr(value, f"is_{name}") is wanted for name, wanted in symbol.assumptions0.items())


def counted_by_cases(term: Any) -> list[tuple[Any, int]]:
    """The number of zeros under each of the conditions on the parameters that a proof tells apart."""
    zeros = term.args[0]
    wanted = _places(zeros)
    if wanted is None:
        raise Refusal("zeros are counted on a side of 0, or by their stability", term)
    out = []
    for case in _all_counts(_flow_of(zeros)).cases:
        if case.number == oo:
            raise Refusal("in one case every point is a zero", term)
        out.append((case.condition, sum(map(wanted, _sides_and_kinds(case, term)))))
    return out


@lru_cache(maxsize=64)
def _all_counts(flow: Any) -> Any:
    from ...scalar.counting import count_equilibria

    return count_equilibria(flow)


def _sides_and_kinds(case: Any, term: Any) -> list[tuple[int, str]]:
    """From left to right, the side of 0 on which each equilibrium lies, and its stability ("" where none is known)."""
    sides = [-1] * len(case.negative) + [0] * (case.zero > 0) + [1] * len(case.positive)
    return list(zip(sides, case.stability or [""] * len(sides)))


_SIDES = {Gt: {1}, Ge: {0, 1}, Lt: {-1}, Le: {-1, 0}, Ne: {-1, 1}}


def _places(zeros: Any) -> Callable[[tuple[int, str]], bool] | None:
    """Whether a zero on a side of 0, and of a kind, is in the domain; None where the domain speaks of other things."""
    if len(zeros.unknowns) != 1:
        return None
    (x,) = zeros.unknowns
    sides, kinds = {-1, 0, 1}, set(_ON_A_LINE)
    for condition in zeros.domain:
        if type(condition) in _SIDES and condition.lhs == x and condition.rhs == 0:
            sides &= _SIDES[type(condition)]
        elif type(condition) in _SIDES and condition.rhs == x and condition.lhs == 0:
            sides &= {-side for side in _SIDES[type(condition)]}
        elif isinstance(condition, Stability) and _is_of(condition, zeros):
            kinds &= {str(condition.args[2])}
        else:
            return None

    def wanted(place: tuple[int, str]) -> bool:
        side, kind = place
        if side in sides and not kind and len(kinds) < len(_ON_A_LINE):
            raise Refusal("in one case the kinds of the equilibria are not told", zeros)
        return side in sides and (not kind or kind in kinds)

    return wanted


def _is_of(condition: Any, zeros: Any) -> bool:
    """Whether a stability is that of the zero itself, as an equilibrium of the flow whose velocity vanishes there."""
    dynamics, point, kind = condition.args
    if str(kind) not in _ON_A_LINE or len(dynamics.states) > 1 or _kind(dynamics) == "matrices":
        return False
    (state,) = dynamics.states
    (x,) = zeros.unknowns
    velocity = scalar_flow(dynamics).rhs[state].xreplace({state: x})
    system = _flow_of(zeros).rhs[x]
    return bool(point[state] == x and cancel(velocity - system) == 0)


def _without_counts(given: Sequence[Any]) -> list[Any]:
    return [h for h in given if not (isinstance(h, Basic) and h.has(Count))]


def _agrees(zeros: Any, condition: Any, given: Sequence[Any]) -> bool:
    """Whether a case agrees with the hypotheses on the number of the same zeros, whatever their place."""
    for h in given:
        if not (isinstance(h, Eq) and isinstance(h.lhs, Count) and h.rhs.is_Integer):
            continue
        other = h.lhs.args[0]
        if isinstance(other, Zeros) and _places(other) is not None and _alike(other, zeros):
            known = dict(counted_by_cases(h.lhs))
            if condition in known and known[condition] != int(h.rhs):
                return False
    return True


def _alike(one: Any, other: Any) -> bool:
    """Whether two systems of one unknown are the same but for its name."""
    (x,), (y,) = one.unknowns, other.unknowns
    f, g = _flow_of(one).rhs[x], _flow_of(other).rhs[y]
    return bool(x.assumptions0 == y.assumptions0 and cancel(f.xreplace({x: y}) - g) == 0)


_FAR = Dummy("v", positive=True)  # on its way to infinity


def limiting_count(term: Any, variable: Any, to: Any, given: Sequence[Any]) -> Any:
    """The number of zeros as a parameter tends to infinity, or to 0 from above: that of the case that holds at last.

    The cases are told apart by signs of polynomials in the parameters, which have at last those of their leading
    coefficients.
    """
    place = {oo: _FAR**2, Integer(0): _FAR**-2}.get(to)
    if place is None or not variable.is_positive:
        raise Refusal("the limit of a number of zeros is found for a positive parameter that tends to oo or to 0", term)
    for condition, number in counted_by_cases(term):
        relations = condition.atoms(Relational)
        if condition.xreplace({r: _at_last(r.xreplace({variable: place}), given) for r in relations}) == true:
            return Integer(number)
    raise Refusal("no case holds at last", term)


def _at_last(relation: Any, given: Sequence[Any]) -> Any:
    """Whether a comparison holds from some value of the variable on."""
    above, below = fraction(cancel(together(relation.lhs - relation.rhs)))
    if above == 0:
        return true if relation.func(0, 0) == true else false
    leading = LC(Poly(above, _FAR)) / LC(Poly(below, _FAR))
    return true if relation.func(_sign(leading, given), 0) == true else false


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
