"""Zeros of systems by elimination against SymPy's solutions at numbers."""

from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from problems import x, y

from symssl import Flow, Refusal
from symssl.errors import NotIsolated
from symssl.scalar.system_cases import system_cases

A, B, C = sp.symbols("A B C", real=True)
k, a, b, c = sp.symbols("k a b c", positive=True)
SYSTEMS = (
    (x * (A - x - B * y), y * (C - y - x)),
    (y - x, A - x**2),
    (A * x + B * y - 1, x - C * y),
    (x**2 - A, y**2 - B),
    (x * (1 - x / A) - x * y / (1 + x), y * (B * x / (1 + x) - C)),
    (x - A / y, y - B * x),
    (x * y - A, x + y - B),
)


@cache
def zeros_of(index):
    return system_cases(SYSTEMS[index], (x, y))


@given(st.integers(0, len(SYSTEMS) - 1), st.lists(st.integers(-2, 3), min_size=3, max_size=3))
@settings(max_examples=60)
def test_exactly_the_real_zeros_without_poles_each_once(index, numbers):
    at = dict(zip((A, B, C), numbers, strict=True))
    rates = [sp.together(f).subs(at) for f in SYSTEMS[index]]
    if any(r.has(sp.zoo, sp.nan) for r in rates):
        return
    listed = [z for z in zeros_of(index) if z.condition.subs(at) == True]  # noqa: E712
    u, v = sp.symbols("u v")
    parts = [sp.fraction(r.subs({x: u, y: v})) for r in rates]
    solved = sp.solve([top for top, _ in parts], [u, v], dict=True)
    if any(len(z.values) < 2 for z in listed):
        assert any(len(s) < 2 or any(w.free_symbols for w in s.values()) for s in solved)
        return
    truth = set()
    for s in solved:
        values = [s[q].evalf(30) for q in (u, v)]
        real = all(abs(sp.im(w)) < 1e-20 for w in values)
        if real and all(abs(bottom.subs(s).evalf(30)) > 1e-20 for _, bottom in parts):
            truth.add(tuple(round(float(sp.re(w)), 9) + 0.0 for w in values))
    mine = [tuple(round(float(z.values[q].subs(at)), 9) + 0.0 for q in (x, y)) for z in listed]
    assert sorted(mine) == sorted(truth)


def test_predator_and_prey_with_saturation():
    flow = Flow({x: x * (1 - x / k) - a * x * y / (1 + x), y: y * (b * x / (1 + x) - c)}, (k, a, b, c))
    found = flow.equilibria()
    assert found.points[:2] == ((0, 0), (k, 0)) and len(found) == 3 and found.verify() and found.implicit == ()
    assert found.explicit[2].condition == sp.Ne(b - c, 0) & sp.Ne(b * k - c * k - c, 0)
    assert found.explicit[2].point[0] == c / (b - c)


def test_what_is_not_isolated_or_has_no_closed_form():
    with pytest.raises(NotIsolated):
        system_cases((x * y, x * y), (x, y))
    with pytest.raises(Refusal, match="closed form"):
        system_cases((y - x, A + x - x**3), (x, y))
    line = [z for z in system_cases((x * (A - x - y), y * (B - x - y)), (x, y)) if len(z.values) < 2]
    assert [z.condition for z in line] == [sp.Eq(A - B, 0)]
