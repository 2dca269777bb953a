"""What has to be proved about signs for a comparison or an equivalence to hold.

Each rule returns pairs of an expression and the set of signs it may take.
Only these rules make evidence, so that no decider can ask for less.
"""

import sympy as sp

__all__ = ["ALLOWED", "RULES"]

ALLOWED = {sp.Eq: {0}, sp.Gt: {1}, sp.Ge: {0, 1}, sp.Lt: {-1}, sp.Le: {-1, 0}, sp.Ne: {-1, 1}}
_NEVER = [(sp.S.Zero, set())]


def sides(printed, derived, order=()):
    """The difference of the printed sides has a sign that the comparison allows."""
    return [(printed.lhs - printed.rhs, ALLOWED[printed.func])]


def difference(printed, derived, order=()):
    """The derived quantity is the printed difference, and has a sign that the comparison allows."""
    return [(printed.lhs - printed.rhs - derived, {0}), (derived, ALLOWED[printed.func])]


def condition(printed, derived, order=()):
    """The differences agree up to a factor whose sign matches the directions.

    >>> x = sp.Symbol('x', positive=True)
    >>> condition(x > 1, sp.Lt(2, 2*x))
    [(-1/2, {-1})]
    """
    ratio = sp.cancel((printed.lhs - printed.rhs) / (derived.lhs - derived.rhs))
    if {printed.func, derived.func} & {sp.Eq, sp.Ne}:
        return [(ratio, {1, -1})] if printed.func is derived.func else _NEVER
    if printed.func is derived.func:
        return [(ratio, {1})]
    return [(ratio, {-1})] if printed.reversed.func is derived.func else _NEVER


def conditions(printed, derived, order=()):
    """Part by part, the derived parts taken in the given order."""
    if sorted(order) != list(range(len(printed.args))) or printed.func is not derived.func:
        return _NEVER
    return [pair for part, k in zip(printed.args, order) for pair in condition(part, derived.args[k])]


RULES = {rule.__name__: rule for rule in (sides, difference, condition, conditions)}
