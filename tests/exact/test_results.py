"""What results and callables of the room share: a short repr, values that pickle, mistakes that are named."""

import pickle

import pytest
import sympy as sp
from flint import arb, fmpq_poly
from hypothesis import given, settings, strategies as st
from wrong_objects import OBJECTS, survives, wrong

from symssl import exact
from symssl.errors import InputError
from symssl.exact.numbers import as_fmpq, exact_expression, exact_values
from symssl.exact.points import points, respects

x, y = sp.symbols("x y", real=True)
k = sp.Symbol("k", nonnegative=True)
LONG = sp.Add(*(sp.Symbol(f"a_{i}", real=True) * x**i for i in range(1, 40)))
SYSTEM = exact.solve_system([x**2 + y**2 - 3, x - y], [x, y])
ROOT = SYSTEM[1].values[x]
FIELD = SYSTEM[1].field
BRANCH = exact.inverse_branch(x - k * x**2, x, sp.Symbol("v"))
ROOTS = exact.real_roots(x**3 - 2, x)
EXAMPLES = {
    "a root": ROOTS[0],
    "a rational root": exact.real_roots(x - 2, x)[0],
    "a solution": SYSTEM[0],
    "a rational solution": exact.solve_system([x - 1, y + 2], [x, y])[0],
    "an algebraic number": ROOT,
    "a field": FIELD,
    "a long field": exact.solve_system([sum(n * x**n for n in range(1, 60)) + 1], [x])[0].field,
    "a branch": BRANCH,
    "a long branch": exact.inverse_branch(LONG + x, x, y),
    "equal": exact.compare(x + y, y + x),
    "different": exact.compare(x + y, x - y),
    "different in many symbols": exact.compare(LONG, 2 * LONG),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_repr_fits_a_terminal_and_names_the_class(name):
    text = repr(EXAMPLES[name])
    assert type(EXAMPLES[name]).__name__ in text
    assert len(text.splitlines()) <= 12 and all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("different")])
def test_results_are_values(name):
    again = pickle.loads(pickle.dumps(EXAMPLES[name]))
    assert again == EXAMPLES[name]
    if name != "equal":  # a comparison holds a dict
        assert hash(again) == hash(EXAMPLES[name])


def test_numbers_of_one_field_are_equal_where_their_polynomials_are():
    again = exact.solve_system([x**2 + y**2 - 3, x - y], [x, y])
    assert again == SYSTEM and again[0] != SYSTEM[1] and ROOT * 2 == ROOT + ROOT != ROOT
    other = exact.solve_system([x**2 - 5], [x])[1].values[x]
    assert other != ROOT and other.field != FIELD and ROOT != 1
    for combine in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b):
        with pytest.raises(InputError, match="different fields"):
            combine(ROOT, other)
    assert ROOT**-2 * ROOT**2 == FIELD.element(1) and (1 - ROOT) + ROOT == FIELD.element(sp.Integer(1))
    assert 1 / ROOT * ROOT == 1 + 0 * ROOT


CALLS = {
    "as_sympy_number": exact.as_sympy_number,
    "as_fmpq": as_fmpq,
    "exact_number": exact.exact_number,
    "exact_number: symbol": lambda thing: exact.exact_number(1, thing),
    "exact_values": lambda thing: exact_values(thing, [k]),
    "exact_values: a value": lambda thing: exact_values({k: thing}, [k]),
    "exact_expression": lambda thing: exact_expression("it", thing),
    "is_zero": exact.is_zero,
    "without_floats": exact.without_floats,
    "bounds": exact.bounds,
    "sign": exact.sign,
    "sign: known": lambda thing: exact.sign(x - y, thing),
    "irreducible_factors": exact.irreducible_factors,
    "sign_of": exact.sign_of,
    "sign_of: given": lambda thing: exact.sign_of(x**2 + 1, thing),
    "compare": lambda thing: exact.compare(thing, x),
    "compare: b": lambda thing: exact.compare(x, thing),
    "compare: given": lambda thing: exact.compare(x, x + 1, thing),
    "evaluate": lambda thing: exact.evaluate(thing, {x: 1, k: 2}),
    "evaluate: point": lambda thing: exact.evaluate(x + 1, thing),
    "evaluate: a value": lambda thing: exact.evaluate(x + 1, {x: thing}),
    "holds_at_point": lambda thing: exact.holds_at_point(thing, {x: 1, k: 2}),
    "holds_at_point: point": lambda thing: exact.holds_at_point(x > 1, thing),
    "find_point": exact.find_point,
    "find_point: an object": lambda thing: exact.find_point([thing]),
    "find_point: given": lambda thing: exact.find_point([x], thing),
    "points": lambda thing: next(points(thing), None),
    "respects": lambda thing: respects(x, thing),
    "real_roots": lambda thing: exact.real_roots(thing, x),
    "real_roots: var": lambda thing: exact.real_roots(x**2 - 1, thing),
    "real_roots: values": lambda thing: exact.real_roots(x**2 - k, x, thing),
    "real_roots: a value": lambda thing: exact.real_roots(x**2 - k, x, {k: thing}),
    "real_roots: digits": lambda thing: exact.real_roots(x**2 - 2, x, digits=thing),
    "solve_system": lambda thing: exact.solve_system(thing, [x]),
    "solve_system: a polynomial": lambda thing: exact.solve_system([thing], [x]),
    "solve_system: variables": lambda thing: exact.solve_system([x**2 - 2], thing),
    "solve_system: a variable": lambda thing: exact.solve_system([x**2 - 2], [thing]),
    "Solution.evaluate": SYSTEM[0].evaluate,
    "NumberField.element": FIELD.element,
    "AlgebraicNumber.bounds": ROOT.bounds,
    "Radicals": exact.Radicals,
    "Radicals: an expression": lambda thing: exact.Radicals([thing]),
    "Radicals: call": exact.Radicals([sp.sqrt(x)]),
    "inverse_branch": lambda thing: exact.inverse_branch(thing, x, y),
    "inverse_branch: variable": lambda thing: exact.inverse_branch(x, thing, y),
    "inverse_branch: value": lambda thing: exact.inverse_branch(x, x, thing),
    "coefficients": BRANCH.coefficients,
    "radius": BRANCH.radius,
    "radius: a value": lambda thing: BRANCH.radius({k: thing}),
    "branch_points": BRANCH.branch_points,
}


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=25)
@given(thing=wrong)
def test_wrong_objects_are_named(name, thing):
    assert survives(CALLS[name], thing) is None


@given(st.sampled_from(sorted(CALLS)), st.sampled_from(OBJECTS))
@settings(max_examples=200)
def test_wrong_objects_are_named_anywhere(name, thing):
    assert survives(CALLS[name], thing) is None


def test_flint_numbers_are_taken_where_numbers_are():
    assert FIELD.element(as_fmpq(3)).rational == 3 and FIELD.element(fmpq_poly([0, 1])).sign() in (-1, 1)
    assert exact.evaluate(x, {x: arb(2)}) == 2
