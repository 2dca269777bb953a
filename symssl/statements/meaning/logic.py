"""The truth of comparisons, connectives, relations between matrices, memberships and quantifiers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from flint import fmpq
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from ...language.dynamics import Held
from ...language.operators import Expectation, MatrixExpectation
from ...language.quantifiers import Exists, External, ForAll
from ...language.relations import Commutes, Diagonal, Normalised, Orthonormal, Relation, Symmetric
from ...language.terms import Along, FirstTime, Limit, Optimum, Order, Probability, Zeros
from .algebra import identity, is_array, product
from .scene import Scene, Told, Unknown, evaluator, truth_evaluator
from .values import compare

__all__ = ["entries_of", "equal"]

_MOST_CHOICES = 200  # of whole numbers that are gone through one by one
_TRIED = 8  # values of the bound symbols of a quantifier
_DEAR = (Along, FirstTime, Limit, Order, Zeros, Optimum, Expectation, MatrixExpectation, Probability, ForAll, Exists)


def entries_of(a: Any) -> list[Any]:
    """The entries of a matrix, or the number."""
    return list(a.flat) if is_array(a) else [a]


# --- comparisons --------------------------------------------------------------------------


def equal(a: Any, b: Any, scene: Scene) -> bool | None:
    """Whether two values - numbers, matrices, sets - are the same."""
    if isinstance(a, (tuple, frozenset, list)) or isinstance(b, (tuple, frozenset, list)):
        return _same_sets(a, b, scene)
    if is_array(a) != is_array(b) or (is_array(a) and a.shape != b.shape):
        kinds = [f"a {x.shape[0]} x {x.shape[1]} matrix" if is_array(x) else "a number" for x in (a, b)]
        raise Unknown(f"{kinds[0]} is compared with {kinds[1]}")
    found = [compare(x, y) for x, y in zip(entries_of(a), entries_of(b))]
    if any(sign and certain for sign, certain in found):
        return False
    if any(sign is None for sign, _ in found):
        return None
    if any(sign for sign, _ in found):
        return False
    if not all(certain for _, certain in found):
        scene.estimate("two enclosures overlap, and count as equal")
    return True


def _same_sets(a: Any, b: Any, scene: Scene) -> bool | None:
    if not all(isinstance(x, (tuple, frozenset, list)) for x in (a, b)):
        raise Unknown("a set is compared with what is none")
    left, right = ([x if isinstance(x, tuple) else (x,) for x in one] for one in (a, b))
    untold = False
    for these, those in ((left, right), (right, left)):
        for x in these:
            found = [_same_tuples(x, y, scene) for y in those]
            if True not in found:
                if None not in found:
                    return False
                untold = True
    return None if untold else True


def _same_tuples(x: tuple[Any, ...], y: tuple[Any, ...], scene: Scene) -> bool | None:
    if len(x) != len(y):
        return False
    found = [equal(p, q, scene) for p, q in zip(x, y)]
    return False if False in found else (None if None in found else True)


@truth_evaluator(sp.Eq)
def _equality(node: Any, scene: Scene) -> bool | None:
    left, right = scene.value(node.lhs), scene.value(node.rhs)
    if isinstance(node.lhs, sp.Tuple) and isinstance(node.rhs, sp.Tuple):
        return _same_tuples(left, right, scene)
    return equal(left, right, scene)


@truth_evaluator(sp.Ne)
def _inequality(node: Any, scene: Scene) -> bool | None:
    before = len(scene.estimates)
    held = _equality(node, scene)
    if held is None or (held and len(scene.estimates) > before and not scene.finest):
        return None
    return not held


@truth_evaluator(sp.StrictLessThan, sp.LessThan, sp.StrictGreaterThan, sp.GreaterThan)
def _order(node: Any, scene: Scene) -> bool | None:
    a, b = scene.value(node.lhs), scene.value(node.rhs)
    if is_array(a) or is_array(b):
        raise Unknown("matrices are not ordered")
    sign, certain = compare(a, b)
    if sign is None or (not certain and node.rel_op in ("<", ">") and not scene.finest):
        return None
    if not certain:
        scene.estimate("two enclosures overlap, and count as equal")
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[node.rel_op]


# --- connectives --------------------------------------------------------------------------


@truth_evaluator(BooleanTrue, BooleanFalse)
def _settled(node: Any, scene: Scene) -> bool:
    return bool(node)


def _all_or_any(parts: list[Told], deciding: bool, scene: Scene) -> bool:
    """`deciding` as soon as one part is so - the surest, and one with content - otherwise all must be told."""
    if found := [told for told in parts if told.held is deciding]:
        return scene.note(min(found, key=lambda told: (len(told.estimates), len(told.vacuous))), vacuous=True)
    empty = all(told.vacuous for told in parts)
    for told in sorted(parts, key=lambda told: told.held is not None):
        scene.note(told, vacuous=empty)
    return not deciding


@truth_evaluator(sp.And)
def _and(node: Any, scene: Scene) -> bool:
    return _all_or_any(_judged(node.args, False, scene), False, scene)


@truth_evaluator(sp.Or)
def _or(node: Any, scene: Scene) -> bool:
    return _all_or_any(_judged(node.args, True, scene), True, scene)


def _judged(parts: Any, deciding: bool, scene: Scene) -> list[Told]:
    """What is told of the parts, the cheap ones first, up to one that decides without any doubt."""
    found = []
    for part in _ordered(parts):
        told = scene.judged(part)
        found.append(told)
        if told.held is deciding and not told.estimates and not told.vacuous:
            break
    return found


@lru_cache(maxsize=1024)
def _ordered(parts: tuple[Any, ...]) -> list[Any]:
    """The parts, the cheap ones first; SymPy keeps them as a set, and writing them out is dearer than their truth."""
    return sorted(parts, key=lambda part: (_cost(part), sp.default_sort_key(part)))


def _cost(part: Any) -> int:
    """How many terms stand in it that take long to evaluate."""
    return sum(isinstance(node, _DEAR) for node in sp.preorder_traversal(part))


@truth_evaluator(sp.Not)
def _not(node: Any, scene: Scene) -> bool:
    return not scene.note(scene.judged(node.args[0]))


@truth_evaluator(sp.Implies)
def _implies(node: Any, scene: Scene) -> bool:
    premise = scene.judged(node.args[0])
    if premise.held is False:
        scene.note(premise)
        scene.vacuous.append(f"the premise {node.args[0]} fails")
        return True
    conclusion = scene.judged(node.args[1])
    if premise.held is None and conclusion.held is True:
        return scene.note(conclusion, vacuous=True)
    scene.note(premise)
    return scene.note(conclusion, vacuous=True)


@truth_evaluator(sp.Equivalent)
def _equivalent(node: Any, scene: Scene) -> bool:
    return len({scene.note(scene.judged(part)) for part in _ordered(node.args)}) == 1


@truth_evaluator(sp.Xor)
def _xor(node: Any, scene: Scene) -> bool:
    return sum(scene.note(scene.judged(part)) for part in _ordered(node.args)) % 2 == 1


@truth_evaluator(sp.ITE)
def _if_then_else(node: Any, scene: Scene) -> bool:
    condition = scene.note(scene.judged(node.args[0]))
    return scene.note(scene.judged(node.args[1] if condition else node.args[2]), vacuous=True)


# --- relations between matrices -----------------------------------------------------------


@truth_evaluator(Held)
def _held(node: Any, scene: Scene) -> bool | None:
    return scene.truth(node.value)


@truth_evaluator(Symmetric)
def _symmetric(node: Any, scene: Scene) -> bool | None:
    A = scene.value(node.A)
    return equal(A, A.T, scene)


@truth_evaluator(Diagonal)
def _is_diagonal(node: Any, scene: Scene) -> bool | None:
    A = scene.value(node.A)
    off = [A[i, j] for i, j in np.ndindex(A.shape) if i != j]
    found = [equal(x, fmpq(0), scene) for x in off]
    return False if False in found else (None if None in found else True)


@truth_evaluator(Orthonormal)
def _orthonormal(node: Any, scene: Scene) -> bool | None:
    U = scene.value(node.U)
    return equal(product(U.T, U), identity(U.shape[1]), scene)


@truth_evaluator(Normalised)
def _normalised(node: Any, scene: Scene) -> bool | None:
    U, A = scene.value(node.U), scene.value(node.A)
    symmetric = equal(A, A.T, scene)
    unit = equal(product(product(U.T, A), U), identity(U.shape[1]), scene)
    return False if False in (symmetric, unit) else (None if None in (symmetric, unit) else True)


@truth_evaluator(Commutes)
def _commutes(node: Any, scene: Scene) -> bool | None:
    A, B = scene.value(node.A), scene.value(node.B)
    return equal(product(A, B), product(B, A), scene)


@truth_evaluator(Relation)
def _relation(node: Any, scene: Scene) -> bool | None:
    raise Unknown(f"no meaning is known of {type(node).__name__}")


# --- sets ---------------------------------------------------------------------------------


@evaluator(sp.FiniteSet)
def _finite_set(node: Any, scene: Scene) -> Any:
    out: list[Any] = []
    for element in node.args:
        value = scene.value(element)
        known = [_same_sets((value,), (other,), scene) for other in out]
        if None in known:
            raise Unknown(f"whether two elements of {node} are the same cannot be told")
        if True not in known:
            out.append(value)
    return tuple(out)


@evaluator(sp.Tuple)
def _tuple(node: Any, scene: Scene) -> Any:
    return tuple(scene.value(part) for part in node.args)


@truth_evaluator(sp.Contains)
def _contains(node: Any, scene: Scene) -> bool | None:
    return _is_in(scene.value(node.args[0]), node.args[1], scene)


def _is_in(x: Any, elements: Any, scene: Scene) -> bool | None:
    if isinstance(elements, sp.Interval):
        (low, sure), (high, as_sure) = (compare(x, scene.value(end)) for end in (elements.start, elements.end))
        if low is None or high is None:
            return None
        if not sure or not as_sure:
            scene.estimate("two enclosures overlap, and count as equal")
        return (low > 0 or (low == 0 and not elements.left_open)) and (
            high < 0 or (high == 0 and not elements.right_open)
        )
    if isinstance(elements, (sp.Union, sp.Intersection)):
        found = [_is_in(x, part, scene) for part in elements.args]
        if isinstance(elements, sp.Union):
            return True if True in found else (None if None in found else False)
        return False if False in found else (None if None in found else True)
    if isinstance(elements, sp.Complement):
        first, second = (_is_in(x, part, scene) for part in elements.args)
        return False if first is False or second is True else (None if None in (first, second) else True)
    if elements in (sp.S.Integers, sp.S.Naturals, sp.S.Naturals0, sp.S.Rationals):
        if not isinstance(x, fmpq):
            raise Unknown(f"whether {x} is in {elements} cannot be told")
        least = {sp.S.Naturals: 1, sp.S.Naturals0: 0}.get(elements)
        return elements is sp.S.Rationals or (x.q == 1 and (least is None or x >= least))
    if elements is sp.S.Reals:
        return compare(x, sp.oo)[0] == -1 and compare(x, -sp.oo)[0] == 1
    if elements is sp.S.EmptySet:
        return False
    values = scene.value(elements)
    found = [_same_sets((x,), (y,), scene) for y in values]
    return True if True in found else (None if None in found else False)


# --- quantifiers --------------------------------------------------------------------------


@truth_evaluator(External)
def _external(node: Any, scene: Scene) -> bool:
    raise Unknown(f"{node.source} is not decided here: it is stated in words")


@truth_evaluator(ForAll)
def _for_all(node: Any, scene: Scene) -> bool:
    from .sampling import kept_values

    found: list[Told] = []
    every = _whole_range(node, scene)
    tried = kept_values(node.bound, node.given, scene, _TRIED, node.almost, (node.body,)) if every is None else every
    for values in tried:
        found.append(scene.within(values).judged(node.body))
        if found[-1].held is False and not found[-1].estimates:
            break
    names = ", ".join(map(str, node.bound))
    if not found:
        scene.vacuous.append(f"no {names} was found with the hypotheses of {node}")
    elif not _all_or_any(found, False, scene):
        if node.almost:
            scene.estimate(f"one choice of {names} refutes nothing that is said of almost all")
        return False
    if every is None:
        scene.estimate(f"{len(found)} choices of {names} were tried")
    return True


def _whole_range(node: Any, scene: Scene) -> list[dict[Any, Any]] | None:
    """All whole numbers between bounds in the hypotheses that keep these; None where bounds are missing."""
    found = [_bounds_of(symbol, node, scene) for symbol in node.bound]
    bounds = [numbers for numbers in found if numbers is not None]
    if len(bounds) < len(found) or prod(map(len, bounds)) > _MOST_CHOICES:
        return None
    kept = []
    for numbers in itertools.product(*bounds):
        values = {symbol: fmpq(number) for symbol, number in zip(node.bound, numbers)}
        told = [scene.within(values).kept(condition) for condition in node.given]
        if any(one.held is None or one.estimates for one in told):
            return None
        if all(one.held for one in told):
            kept.append(values)
    return kept


def _bounds_of(symbol: Any, node: Any, scene: Scene) -> range | None:
    """The whole numbers between the least and the greatest that the hypotheses allow."""
    if not isinstance(symbol, sp.Symbol) or not symbol.is_integer or node.almost:
        return None
    lows: list[Any] = []
    highs: list[Any] = []
    for condition in node.given:
        if not isinstance(condition, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
            continue
        for end, other, ends in ((condition.gts, condition.lts, lows), (condition.lts, condition.gts, highs)):
            if end == symbol and not other.has(*node.bound):
                value = scene.value(other)
                if not isinstance(value, fmpq):
                    return None
                ends.append(value)
    if not lows or not highs:
        return None
    return range(int(-((-max(lows)).floor())), int(min(highs).floor()) + 1)


@truth_evaluator(Exists)
def _exists(node: Any, scene: Scene) -> bool:
    found: list[tuple[Mapping[Any, Any], Told]] = []
    for values in _candidates(node, scene):
        told = _all_kept(node, scene.within(values))
        if told.held and not any(_maybe_same(node.bound, values, other, scene) for other, _ in found):
            found.append((values, told))
            if not node.unique or len(found) == 2:
                break
    names = ", ".join(map(str, node.bound))
    if not found:
        raise Unknown(f"no {names} was found for which {node.body}; that is no proof that there is none")
    for _, told in found:
        scene.note(told)
    if node.unique and len(found) == 1:
        scene.estimate(f"no second {names} was found")
    return len(found) == 1 or not node.unique


def _candidates(node: Any, scene: Scene) -> Iterator[Mapping[Any, Any]]:
    """The witness, then what is found by solving and by trying."""
    from .sampling import allowed, kept_values

    if node.witness:
        values = {symbol: scene.value(term) for symbol, term in node.witness.items()}
        if all(symbol in values and allowed(symbol, values[symbol]) for symbol in node.bound):
            yield values
    yield from kept_values(node.bound, (*node.given, node.body), scene, _TRIED)


def _all_kept(node: Any, scene: Scene) -> Told:
    parts = [scene.kept(condition) for condition in (*node.given, node.body)]
    alone = Scene(scene.values, scene.bits)
    try:
        return Told(_all_or_any(parts, False, alone), tuple(alone.estimates))
    except Unknown as error:
        return Told(None, reason=str(error))


def _maybe_same(symbols: Any, one: Mapping[Any, Any], other: Mapping[Any, Any], scene: Scene) -> bool:
    return all(equal(one[s], other[s], Scene(scene.values, scene.bits)) is not False for s in symbols)
