"""Fold sets against high-precision root finding and by-hand truths."""

import mpmath
import pytest
import sympy as sp
from hypothesis import given, strategies as st
from problems import SCALAR, SIXTH, SIXTH_FOLD, SIXTH_VALUES, a, b, c_x, h, k, kappa, m, mu, p, rho, sigma2, x, y

from symssl import Flow, InputError, Refusal

GROUPS = next(q.flow for q in SCALAR if q.name == "two groups")
SIXTH_FOLDS = SIXTH.fold_set()
CUBIC = next(q.flow for q in SCALAR if q.name == "cubic with decay")


@pytest.mark.parametrize("problem", [q for q in SCALAR if q.folds], ids=lambda q: q.name)
def test_known_folds(problem):
    ((values, expected),) = problem.folds
    folds = problem.flow.fix(dict(values)).fold_set()
    parameter, state = problem.flow.parameters[0], next(iter(problem.flow.states))
    found = {(point[parameter], point[state]) for point in folds.explicit}
    assert found == {(sp.Rational(q), sp.sympify(v) if not isinstance(v, str) else sp.Rational(v)) for q, v in expected}
    assert folds.verify()
    assert folds.nondegenerate is (True if expected else None)


def test_two_groups_in_every_form():
    folds = GROUPS.fold_set()
    assert sp.simplify(folds.parametrised[kappa] - (1 - 10 * y**4) / (2 * y)) == 0
    assert sp.simplify(folds.parametrised[mu] - (y / 2 + 3 * y**5)) == 0
    assert folds.domain == sp.Interval.open(0, sp.oo)
    assert folds.nondegenerate and folds.cusps == () and folds.transversal[mu] == -1
    assert folds.verify() and folds.implicit.free_symbols == {kappa, mu}


@given(st.fractions(min_value="1/20", max_value=3, max_denominator=20))
def test_parametrised_points_are_double_roots(at):
    """Polynomial gcd of the right-hand side with its derivative at exact rationals."""
    folds = SIXTH_FOLDS
    values = {**SIXTH_VALUES, p: sp.Rational(at)}
    point = {q: v.subs(values) for q, v in folds.parametrised.items()}
    rest = {q: v for q, v in SIXTH_VALUES.items() if q not in point}
    f = SIXTH.states[p].subs(rest).subs(point) / p
    common = sp.gcd(sp.Poly(f, p), sp.Poly(sp.diff(f, p), p))
    assert sp.expand(common.monic().as_expr() - (p - values[p])) == 0
    assert folds.implicit.subs(rest).subs(point) == 0 and point[rho] > 0


def test_one_parameter_fold_to_fifty_digits():
    """f = f' = 0 by mpmath, with the derivative taken by hand."""
    folds = SIXTH.fix(SIXTH_VALUES).fold_set()
    (fold,) = folds.explicit
    with mpmath.workdps(60):

        def system(q, rate):
            return [(4 * q - 2 * q**2 - 8 * q**5) / 5 - rate, (4 - 4 * q - 40 * q**4) / 5]

        state, rate = mpmath.findroot(system, (mpmath.mpf("0.478"), mpmath.mpf("0.251")))
        for exact, found, reference in zip((fold[rho], fold[p]), (rate, state), SIXTH_FOLD, strict=True):
            assert abs(mpmath.mpf(exact.n(60)) - found) < mpmath.mpf(10) ** -49
            assert abs(mpmath.mpf(reference) - found) < mpmath.mpf(10) ** -49
    assert folds.verify() and folds.implicit.has(rho)


def test_explicit_where_the_discriminant_is_linear():
    folds = CUBIC.fold_set()
    by_rho = next(q for q in folds.explicit if rho in q)
    assert sp.simplify(by_rho[rho] - 1 / (4 * (1 + sigma2))) == 0
    assert sp.simplify(by_rho[p] - 1 / (2 * (1 + sigma2))) == 0
    assert folds.domain == sp.Interval.open(0, sp.Rational(1, 2)) and folds.verify()


def test_cusp_is_located():
    folds = Flow({x: h + k * x - x**3}, (h, k)).fold_set()
    assert folds.cusps == ({x: 0, h: 0, k: 0},) and folds.nondegenerate is False
    assert sp.expand(folds.implicit - (27 * h**2 - 4 * k**3)) in (0, sp.expand(-2 * folds.implicit))


def test_collisions_with_zero_are_not_folds():
    folds = Flow({x: m * x - x**2}, (m,)).fold_set()
    assert folds.explicit == () and folds.collision == m and folds.nondegenerate is None


def test_a_double_complex_pair_is_not_in_the_set():
    """x' = -(x**2 + m**2 + 1)**2 - k has discriminant zero at k = 0 without a real root."""
    folds = Flow({x: -((x**2 + 1) ** 2) - m}, (m,)).fold_set()
    assert folds.explicit == ({m: -1, x: 0},)
    assert folds.implicit.subs(m, 0) != 0


def test_parameters_may_be_chosen():
    folds = SIXTH.fold_set(parameters=(a, rho))
    assert set(folds.parametrised) == {a, rho} and folds.verify()
    assert isinstance(folds.domain, sp.Set)


def test_outbreak_with_saturating_loss():
    """The spruce budworm: r = 2x**3/(1 + x**2)**2, K = 2x**3/(x**2 - 1), cusp at x = sqrt(3) (Ludwig et al., 1978)."""
    v = sp.Symbol("v", positive=True)
    folds = Flow({v: a * v * (1 - v / b) - v**2 / (1 + v**2)}, (a, b)).fold_set()
    assert sp.simplify(folds.parametrised[a] - 2 * v**3 / (1 + v**2) ** 2) == 0
    assert sp.simplify(folds.parametrised[b] - 2 * v**3 / (v**2 - 1)) == 0
    assert folds.domain == sp.Interval.open(1, sp.oo)
    assert [cusp[v] for cusp in folds.cusps] == [sp.sqrt(3)] and folds.verify()


def test_no_fold_at_all():
    v = sp.Symbol("v", positive=True)
    folds = Flow({v: a * v * (1 - v) - b * v / (1 + v)}, (a, b)).fold_set()
    assert folds.explicit == () and folds.implicit is None and folds.nondegenerate is None
    assert folds.parametrised is None and folds.verify()


def test_refusals_and_input():
    with pytest.raises(Refusal, match="one state"):
        Flow({x: y, y: -x * m}, (m,)).fold_set(x)
    with pytest.raises(Refusal, match="without parameters"):
        Flow({x: x**2}).fold_set()
    with pytest.raises(Refusal, match="linearly"):
        SIXTH.fold_set(parameters=(b, rho))
    with pytest.raises(Refusal, match="not a rational"):
        Flow({x: sp.exp(x) - m}, (m,)).fold_set()
    with pytest.raises(InputError, match="did you mean"):
        SIXTH.fold_set(parameters=("rh", c_x))
