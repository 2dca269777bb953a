"""Every public name of `symssl.exact` as a typed program uses it; checked by mypy --strict, never run."""

from collections.abc import Mapping
from typing import Any, assert_type

import sympy as sp

from symssl import real_roots as roots
from symssl.exact import (
    AlgebraicNumber,
    Comparison,
    Constants,
    InverseBranch,
    NumberField,
    Radicals,
    RealRoot,
    Solution,
    Solutions,
    Undefined,
    as_sympy_number,
    bounds,
    compare,
    evaluate,
    exact_number,
    find_point,
    holds_at_point,
    inverse_branch,
    irreducible_factors,
    is_zero,
    real_roots,
    sign,
    sign_of,
    solve_system,
    without_floats,
)

x, y = sp.symbols("x y")


def numbers() -> None:
    as_sympy_number(3)
    exact_number(0.5, x)
    without_floats(x)
    assert_type(is_zero(x), bool)
    assert_type(sign(x, {x: 1}), int | None)
    assert_type(sign_of(x, [x > 1]), set[int])
    constant, factors = irreducible_factors(x)
    assert_type(factors, list[tuple[Any, int]])
    print(constant, bounds(evaluate(x, {x: 1}, 200)))


def statements() -> None:
    assert_type(holds_at_point(x > 1, {x: 2}), bool | None)
    assert_type(find_point([x], [x > 1], seed=3), dict[Any, Any])
    found = compare(x, y, seed=1)
    assert_type(found, Comparison)
    assert_type(found.equal, bool)
    assert_type(found.point, dict[Any, Any])
    assert_type(found.values, tuple[Any, ...])
    assert_type((found.instance, found.method), tuple[str, str])
    try:
        evaluate(1 / x, {x: 0})
    except Undefined as error:
        print(error)


def polynomials() -> None:
    found = real_roots(x**2 - y, x, {"y": 2}, digits=20)
    assert_type(found, tuple[RealRoot, ...])
    assert_type(roots(x, x), tuple[RealRoot, ...])
    root = found[0]
    assert_type((root.multiplicity, root.sign, float(root)), tuple[int, int, float])
    print(root.lower, root.upper, root.exact)
    solutions = solve_system([x - y], [x, y])
    assert_type(solutions, Solutions)
    assert_type((solutions.method, solutions.tried, solutions[0]), tuple[str, tuple[str, ...], Solution])
    solution = solutions[0]
    assert_type(solution.values, Mapping[Any, AlgebraicNumber])
    assert_type(solution.multiplicity, int | None)
    assert_type(solution.field, NumberField)
    number = solution.evaluate(x + y)
    assert_type(number, AlgebraicNumber)
    assert_type(number + 1 - number * 2 / number**2, AlgebraicNumber)
    assert_type(1 - (-number) + 1 / number, AlgebraicNumber)
    assert_type(number.inverse(), AlgebraicNumber)
    assert_type(number.is_zero(), bool)
    assert_type(number.sign(), int)
    assert_type(number.field, NumberField)
    assert_type(number.bounds(20), tuple[Any, Any])
    print(number.rational, number.enclosure(64), number.poly)
    assert_type(solution.field.element(2), AlgebraicNumber)
    assert_type(solution.field.rank, int)
    print(solution.field.modulus, solution.field.root(64))


def series() -> None:
    radicals = Radicals([sp.sqrt(x)])
    assert_type(radicals.equations, dict[Any, Any])
    print(radicals(sp.sqrt(x)))
    branch = inverse_branch(x - x**2, x, y)
    assert_type(branch, InverseBranch)
    assert_type(branch.coefficients(3), tuple[Any, ...])
    assert_type(branch.is_positive, bool)
    assert_type(branch.singularity, tuple[Any, Any])
    assert_type(branch.radius({"k": 1}, digits=10), tuple[Any, Any])
    assert_type(branch.branch_points(), tuple[tuple[Any, Any], ...])
    print(branch.function, branch.variable, branch.value, branch.series(3))


constants = Constants([x, sp.sqrt(2)])
assert_type(constants.sign(constants(sp.sqrt(2))), int)
