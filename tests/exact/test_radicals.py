"""Radicals as new unknowns: putting their values back gives the expression again."""

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.errors import InputError, Refusal
from symssl.exact.radicals import Radicals

x, y = sp.symbols("x y", positive=True)
t = sp.Symbol("t", real=True)
ATOMS = [
    sp.sqrt(x + 1),
    sp.cbrt(y),
    (x + y) ** sp.Rational(3, 2),
    1 / sp.sqrt(x + 1),
    sp.sqrt(1 + sp.sqrt(x)),
    sp.Abs(t - 2),
    sp.sign(t - 2),
    x,
    y**2,
    sp.sqrt(5),
]
expressions = st.lists(st.tuples(st.sampled_from(ATOMS), st.sampled_from(ATOMS)), min_size=1, max_size=3).map(
    lambda pairs: sp.Add(*(a * b for a, b in pairs))
)
POINT = {x: sp.Rational(7, 3), y: sp.Rational(2, 5), t: sp.Rational(-3, 4)}


def roots_at(radicals, point):
    """The value of each new symbol, found one after the other from its equation, as the nonnegative root."""
    values = {}
    for symbol, equation in radicals.equations.items():
        at = equation.subs(point).subs(values)
        order = sp.degree(equation, symbol)
        values[symbol] = sp.Pow(-at.subs(symbol, 0), sp.Rational(1, order)).n(60)
    return values


@given(expressions)
def test_the_values_of_the_new_symbols_give_the_expression(expr):
    radicals = Radicals([expr])
    new = radicals(expr)
    assert not [p for p in new.atoms(sp.Pow) if not p.exp.is_Integer] and not new.atoms(sp.Abs, sp.sign)
    difference = new.subs(POINT).subs(roots_at(radicals, POINT)) - expr.subs(POINT)
    assert abs(difference.n(40)) < sp.Rational(1, 10**30)


@given(expressions)
def test_every_equation_holds_earlier_symbols_only(expr):
    radicals = Radicals([expr])
    seen = set()
    for symbol, equation in radicals.equations.items():
        assert equation.free_symbols - {x, y, t} <= seen | {symbol} and symbol.is_nonnegative
        assert equation.is_polynomial(symbol)
        seen.add(symbol)


def test_one_symbol_for_all_powers_of_a_radicand():
    radicals = Radicals([sp.sqrt(x + 1), sp.root(x + 1, 3)])
    ((symbol, equation),) = radicals.equations.items()
    assert sp.degree(equation, symbol) == 6
    assert radicals(sp.sqrt(x + 1)) == symbol**3 and radicals(sp.root(x + 1, 3)) == symbol**2
    assert repr(radicals).startswith("Radicals(") and repr(Radicals([x])) == "Radicals(none)"


def test_what_is_refused():
    with pytest.raises(Refusal, match="not an algebraic number"):
        Radicals([sp.sqrt(sp.pi)])
    with pytest.raises(Refusal, match="did not occur"):
        Radicals([sp.sqrt(x)])(sp.sqrt(y))
    with pytest.raises(InputError, match="expressions must be a sequence"):
        Radicals(sp.sqrt(x))
    with pytest.raises(InputError, match="the string 'x'"):
        Radicals(["x"])
