"""Deciders: each compares a statement with what was derived and returns evidence.

A decider is called as ``decide(printed, derived, given)``.  It never passes a
verdict; :func:`symssl.claims.check` verifies what it returns and does that.
Every function below returns a decider (picklable).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial, wraps
from itertools import permutations
from math import log
from typing import Any

import sympy as sp

from ..errors import InputError, Undecided
from ..exact.conditions import ALLOWED
from ..exact.numbers import as_sympy_number
from ..exact.points import coordinates, find_point
from ..exact.statements import as_statement, hypotheses_of
from ..matrix.points import holds_at, is_matrix_point
from ..statements.matching import is_matrix_statement, pairs, same
from ..support.arguments import described, instance_of
from .evidence import (
    Counterexample,
    Enclosure,
    Evidence,
    NumericalExperiment,
    ProvedIdentity,
    SignCondition,
    Stipulation,
    enclosed_truth,
)

__all__ = [
    "Decider",
    "cited",
    "enclosed",
    "equivalent",
    "gap",
    "identity",
    "implied",
    "order_of_error",
    "refuted_at",
    "same_value",
    "stipulated",
    "valid",
]


Decider = Callable[[Any, Any, tuple[Any, ...]], Evidence]  # (printed, derived, given) -> evidence


def _asked(decide: Callable[..., Evidence]) -> Callable[..., Evidence]:
    """A decider that is asked about statements only; anything else is refused by name."""

    @wraps(decide)
    def ask(printed: Any, derived: Any, given: Any, **options: Any) -> Evidence:
        return decide(
            as_statement(printed, "printed"),
            None if derived is None else as_statement(derived, "derived"),
            hypotheses_of(given),
            **options,
        )

    return ask


def identity(reduction: str = "") -> Decider:
    """The printed statement equals the derived one for all values (and sizes).

    Both may be containers; they are compared part by part, scalars by an exact
    zero test, matrices by :func:`symssl.matrix_equal` with the relations in
    `given`.  Where a part differs, the derived result is the correction.  For
    matrices of stated sizes, `reduction` says why these sizes suffice.

    >>> x = sp.Symbol('x')
    >>> identity()((x + 1)**2, x**2 + 2*x + 1, ()).supports
    'holds'
    """
    return partial(_identity, reduction=_words("reduction", reduction))


@_asked
def _identity(printed, derived, given, reduction):
    if derived is None:
        raise InputError("identity() compares with a derived result, but the last step has none")
    matched = pairs(printed, derived)
    if matched is None:
        return Counterexample(printed, derived, correction=derived)
    entrywise = False
    for a, b in matched:
        comparison = same(a, b, given)
        if not comparison.equal:
            return Counterexample(
                printed, derived, comparison.point, comparison.values, correction=derived, instance=comparison.instance
            )
        entrywise |= comparison.method == "entries"
    return ProvedIdentity(printed, derived, reduction, entrywise)


def same_value() -> Decider:
    """Exact structural equality: counts, patterns of labels, finite sets.

    >>> same_value()(sp.Integer(2), sp.Integer(3), ()).supports
    'corrected'
    """
    return _same_value


@_asked
def _same_value(printed, derived, given):
    if printed == derived:
        return ProvedIdentity(printed, derived)
    return Counterexample(printed, derived, values=(printed, derived), correction=derived)


def valid() -> Decider:
    """The printed equation or comparison holds as it stands, under the hypotheses.

    For statements that assert an identity or an inequality between printed
    things; the steps only show how it comes about.

    >>> x = sp.Symbol('x', positive=True)
    >>> valid()(sp.Ge(x**2 + 1, 2*x), None, ()).supports
    'holds'
    """
    return _valid


def _comparison(printed):
    if isinstance(printed, sp.logic.boolalg.BooleanAtom):
        raise InputError(f"SymPy has evaluated the printed comparison to {printed}: transcribe it with evaluate=False")
    if getattr(printed, "func", None) not in ALLOWED:
        raise InputError(f"{printed} is not a comparison of two scalars")


@_asked
def _valid(printed, derived, given):
    _comparison(printed)
    if isinstance(printed, sp.Eq):
        comparison = same(printed.lhs, printed.rhs, given)
        if comparison.equal:
            return ProvedIdentity(printed, None, entrywise=comparison.method == "entries")
        return Counterexample(printed, None, comparison.point, instance=comparison.instance)
    return _from_signs(SignCondition(printed, derived, "sides"), given)


def _from_signs(condition, given):
    """The condition if its signs are proved, else a point where the statement fails."""
    try:
        if condition.proved(given):
            return condition
        reason = Undecided("a sign needed for the statement does not follow from the hypotheses")
    except Undecided as refusal:
        reason = refusal
    try:
        point = find_point([condition.printed], (*given, sp.Not(condition.printed)))
    except Undecided:
        raise reason from None
    return Counterexample(condition.printed, condition.derived, point)


def implied() -> Decider:
    """The printed comparison follows from the sign of the derived quantity.

    `derived` is the left side minus the right side, found by the engine; that
    it is so, and its sign, are proved from assumptions and hypotheses.

    >>> x = sp.Symbol('x', positive=True)
    >>> implied()(sp.Gt(x**2 + x, 0, evaluate=False), x*(x + 1), ()).supports
    'holds'
    """
    return _implied


@_asked
def _implied(printed, derived, given):
    _comparison(printed)
    if not isinstance(derived, sp.Expr):
        raise InputError(f"implied() needs the difference of the sides as derived result, got {derived}")
    if not same(printed.lhs - printed.rhs, derived, given).equal:
        raise Undecided(f"the derived quantity {derived} is not the printed difference of the sides")
    return _from_signs(SignCondition(printed, derived, "difference"), given)


def equivalent() -> Decider:
    """The printed condition holds exactly when the derived condition does.

    Comparisons are equivalent when they have the same direction and their
    differences agree up to a factor of proved sign; combinations by `And` and
    `Or` are matched part by part.

    >>> x = sp.Symbol('x', positive=True)
    >>> equivalent()(x > sp.Rational(1, 4), 4*x - 1 > 0, ()).supports
    'holds'
    """
    return _equivalent


@_asked
def _equivalent(printed, derived, given):
    reason = InputError(f"equivalent() compares conditions of one form, got {printed} and {derived}")
    for rule, order in _matchings(printed, derived):
        condition = SignCondition(printed, derived, rule, order)
        try:
            if condition.proved(given):
                return condition
            reason = Undecided("the conditions differ by a factor of the other sign")
        except Undecided as refusal:
            reason = refusal
    for given_here in ((printed, sp.Not(derived)), (sp.Not(printed), derived)):
        try:
            point = find_point([printed, derived], (*given, *given_here))
        except Undecided:
            continue
        return Counterexample(printed, derived, point, correction=derived)
    raise reason


def _matchings(printed, derived):
    """Rules that may show two conditions equivalent, with the order in which parts are matched."""
    parts = printed.args
    if isinstance(printed, sp.Rel) and isinstance(derived, sp.Rel):
        yield "condition", ()
    elif (
        printed.func == derived.func
        and len(parts) == len(derived.args) <= 4
        and all(isinstance(part, sp.Rel) for part in parts + derived.args)
    ):
        yield from (("conditions", order) for order in permutations(range(len(parts))))


def refuted_at(witness: Any = None, at: Any = ()) -> Decider:
    """The printed comparison fails at a point: a dict, or a callable ``derived -> dict``.

    Without a `witness` the derived mapping is the point; `at` adds parameters at which it
    was made.  The point is exact, and may give explicit matrices to matrix symbols; that
    it keeps every hypothesis is checked by `check`.

    >>> x = sp.Symbol('x', positive=True)
    >>> refuted_at({x: 2})(x**2 < 3, None, ()).supports
    'refuted'
    """
    if not (witness is None or callable(witness) or isinstance(witness, (Mapping, sp.Dict))):
        raise InputError(f"witness must map symbols to values, or be a function that does, not {described(witness)}")
    return partial(_refuted_at, witness=witness, at=as_point(at))


def as_point(at: Any) -> tuple[tuple[Any, Any], ...]:
    """Parameters as a tuple of pairs, which can be told apart and cached."""
    try:
        return tuple(dict(at).items())
    except (TypeError, ValueError):
        raise InputError(f"at must map parameters to values, not {described(at)}") from None


@_asked
def _refuted_at(printed, derived, given, witness, at):
    point = derived if witness is None else witness(derived) if callable(witness) else witness
    if not isinstance(point, (dict, sp.Dict)):
        raise InputError(f"the witness must map symbols to values, got {point}")
    point = {**dict(point), **dict(at)}
    if is_matrix_point(point):
        point = {
            atom: value.as_immutable() if isinstance(value, sp.MatrixBase) else value for atom, value in point.items()
        }
    else:
        for value in point.values():
            as_sympy_number(value)
        missing = coordinates(printed, *(h for h in given if isinstance(h, sp.Rel))) - set(point)
        if missing:
            raise InputError(f"the witness gives no value to {', '.join(sorted(map(str, missing)))}")
    if holds_at(printed, point) is not False:
        raise Undecided(f"the statement does not fail at {point}")
    return Counterexample(printed, derived, point)


def gap(decide: Decider, repair: str) -> Decider:
    """The printed *argument* fails where `decide` finds a counterexample to its step.

    `printed` transcribes that step; `repair` names the hypothesis that mends it
    ("" where none is known).  A step that turns out to be sound holds.
    """
    if not callable(decide):
        raise InputError(f"decide must be one of the deciders, not {described(decide)}")
    return partial(_gap, decide=decide, repair=_words("repair", repair))


@_asked
def _gap(printed, derived, given, decide, repair):
    evidence = decide(printed, derived, given)
    return replace(evidence, repair=repair) if isinstance(evidence, Counterexample) else evidence


def enclosed() -> Decider:
    """Rigorous bounds settle the comparison: `derived` maps symbols to exact ``(low, high)``.

    >>> x = sp.Symbol('x')
    >>> enclosed()(x > 0, sp.Dict({x: (sp.Rational(1, 4), 1)}), ()).supports
    'holds'
    """
    return _enclosed


@_asked
def _enclosed(printed, derived, given):
    held = enclosed_truth(printed, derived)
    if held is None:
        raise Undecided(f"the bounds {derived} are too wide to decide {printed}")
    return Enclosure(printed, derived, held)


def order_of_error(atol: Any = sp.Rational(1, 10)) -> Decider:
    """Slope of log(error) against log(size) over at least three decades, against the printed order.

    `derived` is a sequence of pairs (size, error), exact numbers; the observed slope agrees where it is
    within `atol` of the printed one.  The evidence is numerical: it decides statements that are numerical
    themselves, and any other stays open.
    """
    if not isinstance(atol, (int, Fraction, sp.Rational)) or atol < 0:
        raise InputError(f"atol must be an exact number that is not negative, not {described(atol)}")
    return partial(_order_of_error, atol=atol)


@_asked
def _order_of_error(printed, derived, given, atol):
    try:
        samples, order = [(float(size), float(error)) for size, error in derived], float(printed)
    except (TypeError, ValueError, OverflowError):
        raise InputError(
            f"order_of_error() compares an order, a number, with derived pairs (size, error), not {described(printed)} "
            f"with {described(derived)}"
        ) from None
    sizes = [size for size, _ in samples]
    if len(samples) < 4 or min(sizes) <= 0 or max(sizes) < 1000 * min(sizes):
        raise InputError("an order of error needs at least four sizes over three decades")
    if min(error for _, error in samples) <= 0:
        raise InputError("an error of zero has no order: the sizes must stay above rounding")
    x, y = zip(*((log(size), log(error)) for size, error in samples))
    centre, level = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - centre) * (b - level) for a, b in zip(x, y)) / sum((a - centre) ** 2 for a in x)
    spread = max(abs(b - level - slope * (a - centre)) for a, b in zip(x, y))
    agrees = abs(slope - order) <= float(atol)
    return NumericalExperiment(
        printed,
        derived,
        f"observed order {slope:.3f} over {len(samples)} sizes from "
        f"{min(sizes):g} to {max(sizes):g}, largest log residual {spread:.2g}",
        agrees,
    )


def stipulated(*relations: Any) -> Decider:
    """A definition or assumption, shown consistent by an instance that satisfies it.

    Where `derived` is a mapping from coordinates to exact values, it is the instance.
    Otherwise one is made: a point for scalar comparisons, exact matrices that satisfy
    the `relations` for statements about matrices.

    >>> x, y = sp.symbols('x y')
    >>> stipulated()(sp.Eq(x, y + 1), None, ()).supports
    'stipulated'
    """
    for relation in relations:
        if not hasattr(relation, "defect"):
            raise InputError(f"stipulated() takes relations between matrices, not {described(relation)}")
    return partial(_stipulated, relations=relations)


@_asked
def _stipulated(printed, derived, given, relations):
    if isinstance(derived, sp.Dict) and not isinstance(printed, sp.Dict):
        return Stipulation(printed, derived, dict(derived))
    conditions = list(printed) if isinstance(printed, sp.Tuple) else [printed]
    if any(is_matrix_statement(condition) for condition in conditions):
        return Stipulation(printed, derived, {}, relations)
    comparisons = [c for c in conditions if isinstance(c, sp.logic.boolalg.Boolean)]
    return Stipulation(printed, derived, find_point([printed], (*given, *comparisons)))


def _words(name: str, value: Any) -> str:
    return instance_of(name, value, str, "a text")


def cited(reference: str) -> Decider:
    """Taken from the literature or from experiments; not decided here."""
    return partial(_cited, reference=_words("reference", reference))


def is_cited(decide: Any) -> bool:
    """Whether a decider is :func:`cited`, which only refers to the literature or to experiments."""
    return getattr(decide, "func", None) is _cited


@_asked
def _cited(printed, derived, given, reference):
    raise Undecided(f"not decided here: rests on {reference}")
