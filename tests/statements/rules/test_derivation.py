"""`derive` finds values from the inside to the outside, each under the hypotheses that reach it."""

import pytest
from sympy import Eq, Symbol, exp, oo, symbols

from symssl import InputError, Refusal
from symssl.language import At, Limit, Rate, VectorField
from symssl.statements import derive
from symssl.statements.rules.derivation import beyond, needs_rule, rule_for, value_of

x, y = symbols("x y", real=True)
k, t = symbols("k t", positive=True)
DECAY = VectorField({x: -k * x})


def test_terms_are_derived_from_the_inside_to_the_outside():
    fact = derive(Limit(Rate(x**2, DECAY) / (x**2 + 1), x, oo))
    assert fact.value == -2 * k
    assert derive(Rate(Rate(x**2, DECAY), DECAY)).value == 4 * k**2 * x**2
    assert derive(At(Rate(x**2, DECAY), {x: y})).value == -2 * k * y**2
    both = derive(Rate(x, DECAY) + Rate(x**2, DECAY))
    assert both.value == -k * x - 2 * k * x**2 and len(both.premises) == 2


def test_a_fact_knows_its_hypotheses_and_nothing_is_derived_of_nothing():
    assert derive(Rate(x, DECAY), given=(y > 1,)).given == (y > 1,)
    with pytest.raises(InputError, match="nothing to derive"):
        derive(x**2)
    with pytest.raises(InputError, match="takes a term"):
        derive("x**2")


def test_hypotheses_do_not_reach_into_a_scope():
    inside = (x > 0, y > 0, Eq(x, y, evaluate=False))
    assert beyond(Rate(x, DECAY), inside) == [y > 0]
    assert beyond(Limit(exp(-y * t), t, oo), inside) == list(inside)
    assert beyond(At(x, {x: y}), inside) == [y > 0]
    with pytest.raises(Refusal):
        derive(At(Limit(exp(-x * t), t, oo), {x: -1}), given=(x > 0,))


def test_what_needs_a_rule():
    assert needs_rule(1 + Rate(x, DECAY)) and not needs_rule(x + exp(t))
    assert value_of(x + t, ()) == (x + t, [])


def test_a_rule_is_registered_once():
    class Odd(Symbol):
        pass

    try:
        rule_for(Odd)(lambda term, given: (x, {"rule": "a test"}))
        with pytest.raises(InputError, match="already"):
            rule_for(Odd)(lambda term, given: (y, {"rule": "another"}))
        assert derive(Odd("o")).value == x
    finally:
        from symssl.statements.rules import derivation

        derivation._RULES.pop(Odd), derivation._OPAQUE.pop(Odd)
