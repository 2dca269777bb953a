"""Deciders: each compares a statement with what was derived and returns evidence.

A decider is called as ``decide(printed, derived, given)``.  It never passes a
verdict; :func:`symssl.claims.check` verifies what it returns and does that.
Every function below returns a decider (picklable).
"""

from dataclasses import replace
from functools import partial
from itertools import permutations
from math import log

import sympy as sp

from ..errors import InputError, Undecided
from .evidence import (Counterexample, Enclosure, Experiment, Identity, SignCondition,
                       Stipulation, enclosed_truth)
from .matching import is_matrix_statement, pairs, same
from .points import as_rational, coordinates, find_point, truth
from .signs import sign_of

__all__ = ["cited", "enclosed", "equivalent", "gap", "identity", "implied", "order_of_error",
           "refuted_at", "same_value", "stipulated", "valid"]


def identity(reduction=""):
    """The printed statement equals the derived one for all values (and sizes).

    Both may be containers; they are compared part by part, scalars by an exact
    zero test, matrices by :func:`symssl.matrix_equal` with the relations in
    `given`.  Where a part differs, the derived result is the correction.  For
    matrices of stated sizes, `reduction` says why these sizes suffice.

    >>> x = sp.Symbol('x')
    >>> identity()((x + 1)**2, x**2 + 2*x + 1, ()).supports
    'holds'
    """
    return partial(_identity, reduction=reduction)


def _identity(printed, derived, given, reduction):
    matched = pairs(printed, derived)
    if matched is None:
        return Counterexample(printed, derived, correction=derived)
    entrywise = False
    for a, b in matched:
        comparison = same(a, b, given)
        if not comparison.equal:
            return Counterexample(printed, derived, comparison.point, comparison.values,
                                  correction=derived, instance=comparison.instance)
        entrywise |= comparison.method == "entries"
    return Identity(printed, derived, reduction, entrywise)


def same_value():
    """Exact structural equality: counts, patterns of labels, finite sets.

    >>> same_value()(sp.Integer(2), sp.Integer(3), ()).supports
    'corrected'
    """
    return _same_value


def _same_value(printed, derived, given):
    if printed == derived:
        return Identity(printed, derived)
    return Counterexample(printed, derived, values=(printed, derived), correction=derived)


def valid():
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
        raise InputError(f"SymPy has evaluated the printed comparison to {printed}: "
                         "transcribe it with evaluate=False")
    if not isinstance(printed, sp.Eq) and printed.func not in _ALLOWED:
        raise InputError(f"{printed} is not a comparison of two scalars")


def _valid(printed, derived, given):
    _comparison(printed)
    if isinstance(printed, sp.Eq):
        comparison = same(printed.lhs, printed.rhs, given)
        if comparison.equal:
            return Identity(printed, None, entrywise=comparison.method == "entries")
        return Counterexample(printed, None, comparison.point, instance=comparison.instance)
    return _from_signs(printed, derived, given, _sides)


_ALLOWED = {sp.Gt: {1}, sp.Ge: {0, 1}, sp.Lt: {-1}, sp.Le: {-1, 0}, sp.Ne: {-1, 1}}


def _sides(printed, derived):
    """The difference of the sides has a sign that the comparison allows."""
    return [(printed.lhs - printed.rhs, _ALLOWED[printed.func])]


def _from_signs(printed, derived, given, obligations):
    try:
        if all(sign_of(margin, given) <= allowed for margin, allowed in obligations(printed, derived)):
            return SignCondition(printed, derived, obligations)
    except Undecided as refusal:
        reason = refusal
    else:
        reason = Undecided("a sign needed for the statement does not follow from the hypotheses")
    try:
        return Counterexample(printed, derived, find_point([printed], (*given, sp.Not(printed))))
    except Undecided:
        raise reason from None


def implied():
    """The printed comparison follows from the sign of the derived quantity.

    `derived` is the left side minus the right side, found by the engine; that
    it is so, and its sign, are proved from assumptions and hypotheses.

    >>> x = sp.Symbol('x', positive=True)
    >>> implied()(sp.Gt(x**2 + x, 0, evaluate=False), x*(x + 1), ()).supports
    'holds'
    """
    return _implied


def _implied(printed, derived, given):
    _comparison(printed)
    if not isinstance(derived, sp.Expr):
        raise InputError(f"implied() needs the difference of the sides as derived result, got {derived}")
    if not same(printed.lhs - printed.rhs, derived, given).equal:
        raise Undecided(f"the derived quantity {derived} is not the printed difference of the sides")
    return _from_signs(printed, derived, given, _derived_difference)


def _derived_difference(printed, derived):
    """The derived quantity is the printed difference, and has the sign the comparison allows."""
    return [(printed.lhs - printed.rhs - derived, {0}), (derived, _ALLOWED[printed.func])]


def equivalent():
    """The printed condition holds exactly when the derived condition does.

    Comparisons are equivalent when they have the same direction and their
    differences agree up to a factor of proved sign; combinations by `And` and
    `Or` are matched part by part.

    >>> x = sp.Symbol('x', positive=True)
    >>> equivalent()(x > sp.Rational(1, 4), 4*x - 1 > 0, ()).supports
    'holds'
    """
    return _equivalent


def _equivalent(printed, derived, given):
    reason = InputError(f"equivalent() compares conditions of one form, got {printed} and {derived}")
    for obligations in _matchings(printed, derived):
        try:
            if all(sign_of(margin, given) <= allowed for margin, allowed in obligations(printed, derived)):
                return SignCondition(printed, derived, obligations)
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


def _one_condition(printed, derived):
    """The differences agree up to a factor whose sign matches the directions."""
    if {printed.func, derived.func} & {sp.Eq, sp.Ne}:
        if printed.func != derived.func:
            return [(sp.S.Zero, set())]
        return [(sp.cancel((printed.lhs - printed.rhs) / (derived.lhs - derived.rhs)), {1, -1})]
    flipped = printed.func is not derived.func
    if flipped and printed.reversed.func is not derived.func:
        return [(sp.S.Zero, set())]
    ratio = sp.cancel((printed.lhs - printed.rhs) / (derived.lhs - derived.rhs))
    return [(ratio, {-1} if flipped else {1})]


def _matchings(printed, derived):
    """Ways to match the conditions: one for comparisons, the orders of the parts otherwise."""
    if isinstance(printed, sp.Rel) and isinstance(derived, sp.Rel):
        yield _one_condition
    elif printed.func == derived.func and len(printed.args) == len(derived.args) <= 4:
        for order in permutations(range(len(printed.args))):
            if all(isinstance(a, sp.Rel) for a in printed.args + derived.args):
                yield partial(_conditions, order=order)


def _conditions(printed, derived, order):
    return [condition for a, k in zip(printed.args, order) for condition in _one_condition(a, derived.args[k])]


def refuted_at(witness):
    """The printed comparison fails at a point: a dict, or a callable ``derived -> dict``.

    The point is exact; that it keeps every hypothesis is checked by `check`.

    >>> x = sp.Symbol('x', positive=True)
    >>> refuted_at({x: 2})(x**2 < 3, None, ()).supports
    'refuted'
    """
    return partial(_refuted_at, witness=witness)


def _refuted_at(printed, derived, given, witness):
    point = dict(witness(derived) if callable(witness) else witness)
    for symbol, value in point.items():
        as_rational(value)
    missing = coordinates(printed, *(h for h in given if isinstance(h, sp.Rel))) - set(point)
    if missing:
        raise InputError(f"the witness gives no value to {', '.join(sorted(map(str, missing)))}")
    if truth(printed, point) is not False:
        raise Undecided(f"the statement does not fail at {point}")
    return Counterexample(printed, derived, point)


def gap(decide, repair):
    """The printed *argument* fails where `decide` finds a counterexample to its step.

    `printed` transcribes that step; `repair` names the hypothesis that mends it
    ("" where none is known).  A step that turns out to be sound holds.
    """
    return partial(_gap, decide=decide, repair=repair)


def _gap(printed, derived, given, decide, repair):
    evidence = decide(printed, derived, given)
    return replace(evidence, repair=repair) if isinstance(evidence, Counterexample) else evidence


def enclosed():
    """Rigorous bounds settle the comparison: `derived` maps symbols to exact ``(low, high)``.

    >>> x = sp.Symbol('x')
    >>> enclosed()(x > 0, sp.Dict({x: (sp.Rational(1, 4), 1)}), ()).supports
    'holds'
    """
    return _enclosed


def _enclosed(printed, derived, given):
    bounds = {symbol: tuple(interval) for symbol, interval in derived.items()}
    held = enclosed_truth(printed, bounds)
    if held is None:
        raise Undecided(f"the bounds {bounds} are too wide to decide {printed}")
    return Enclosure(printed, derived, bounds, held)


def order_of_error(tolerance=sp.Rational(1, 10)):
    """Slope of log(error) against log(size) over at least three decades, against the printed order.

    `derived` is a sequence of pairs (size, error), exact numbers.  Numerical
    evidence: it supports or contradicts, and the claim stays open.
    """
    return partial(_order_of_error, tolerance=tolerance)


def _order_of_error(printed, derived, given, tolerance):
    samples = [(float(size), float(error)) for size, error in derived]
    sizes = [size for size, _ in samples]
    if len(samples) < 4 or min(sizes) <= 0 or max(sizes) < 1000 * min(sizes):
        raise InputError("an order of error needs at least four sizes over three decades")
    if min(error for _, error in samples) <= 0:
        raise InputError("an error of zero has no order: the sizes must stay above rounding")
    x, y = zip(*((log(size), log(error)) for size, error in samples))
    centre, level = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - centre) * (b - level) for a, b in zip(x, y)) / sum((a - centre) ** 2 for a in x)
    spread = max(abs(b - level - slope * (a - centre)) for a, b in zip(x, y))
    agrees = abs(slope - float(printed)) <= float(tolerance)
    return Experiment(printed, derived, f"observed order {slope:.3f} over {len(samples)} sizes from "
                      f"{min(sizes):g} to {max(sizes):g}, largest log residual {spread:.2g}", agrees)


def stipulated(*relations):
    """A definition or assumption, shown consistent by an instance that satisfies it.

    Where `derived` is a mapping from coordinates to exact values, it is the instance.
    Otherwise one is made: a point for scalar comparisons, exact matrices that satisfy
    the `relations` for statements about matrices.

    >>> x, y = sp.symbols('x y')
    >>> stipulated()(sp.Eq(x, y + 1), None, ()).supports
    'stipulated'
    """
    return partial(_stipulated, relations=relations)


def _stipulated(printed, derived, given, relations):
    if isinstance(derived, sp.Dict) and not isinstance(printed, sp.Dict):
        return Stipulation(printed, derived, dict(derived))
    conditions = list(printed) if isinstance(printed, sp.Tuple) else [printed]
    if any(is_matrix_statement(condition) for condition in conditions):
        return Stipulation(printed, derived, {}, relations)
    comparisons = [c for c in conditions if isinstance(c, sp.logic.boolalg.Boolean)]
    return Stipulation(printed, derived, find_point([printed], (*given, *comparisons)))


def cited(reference):
    """Taken from the literature or from experiments; not decided here."""
    return partial(_cited, reference=reference)


def _cited(printed, derived, given, reference):
    raise Undecided(f"not decided here: rests on {reference}")
