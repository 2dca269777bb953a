"""Proved counts of equilibria, against exact root counts at rational parameters."""

import itertools
from dataclasses import replace

import pytest
import sympy as sp
from hypothesis import assume, given, settings, strategies as st
from problems import SCALAR, SIXTH, SIXTH_VALUES, c, c_x, d, h, k, kappa, m, mu, p, rho, x, y

from symssl import Flow, InputError, Refusal, count_equilibria
from symssl.errors import SymsslError

GROUPS = next(q.flow for q in SCALAR if q.name == "two groups")
COUNT = count_equilibria(GROUPS)
COUNT_SIXTH = count_equilibria(SIXTH)
positive = st.fractions(min_value="1/50", max_value=5, max_denominator=50)
real = st.fractions(min_value=-6, max_value=6, max_denominator=50)


def census(poly, state):
    """(negative, zero, positive) multiplicities by SymPy's own exact isolation."""
    found = {-1: [], 0: [], 1: []}
    for (low, high), multiplicity in sp.Poly(poly, state).intervals():
        found[int(sp.sign(low + high))].append(multiplicity)
    return (tuple(sorted(found[-1], reverse=True)), sum(found[0]), tuple(sorted(found[1], reverse=True)))


@pytest.mark.parametrize("problem", SCALAR, ids=lambda q: q.name)
def test_known_counts(problem):
    count = count_equilibria(problem.flow)
    assert count.verify()
    for values, expected in problem.counts:
        assert count.at(dict(values)).counts == expected


@pytest.mark.parametrize("problem", SCALAR, ids=lambda q: q.name)
@given(data=st.data())
def test_counts_and_conditions_at_random_rationals(problem, data):
    flow = problem.flow
    values = {q: sp.Rational(data.draw(positive if q.is_positive else real)) for q in flow.parameters}
    count = count_equilibria(flow)
    holding = [case for case in count if case.condition.subs(values) == True]  # noqa: E712
    assert len(holding) == 1, "cases are exhaustive and exclude each other"
    ((state, rhs),) = flow.states.items()
    assert holding[0].counts == census(sp.numer(sp.together(rhs.subs(values))), state)


@given(positive, positive, real, positive, positive)
def test_five_parameters_directly(a, b, c, s2, rate):
    values = dict(zip(SIXTH.parameters, map(sp.Rational, (a, b, c, s2, rate)), strict=True))
    case = next(q for q in COUNT_SIXTH if q.condition.subs(values) == True)  # noqa: E712
    numerator = sp.numer(sp.together(SIXTH.states[p].subs(values)))
    assert case.counts == census(numerator, p)
    assert case.counts[0] == (1,) and case.zero == 1 and len(case.positive) <= 2


def test_on_the_fold_there_is_one_double_root():
    """kappa and mu from the double root 1/2 by hand: kappa = 3/8, mu = 11/32."""
    for root in (sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(3, 2)):
        values = {kappa: (1 - 10 * root**4) / (2 * root), mu: root / 2 + 3 * root**5}
        case = COUNT.at(values)
        assert case.counts == ((1,), 1, (2,)) and case.stability == ("unstable", "stable", "half-stable")
        for shift, number in ((-1, 2), (1, 0)):
            values_near = {**values, mu: values[mu] + shift * sp.Rational(1, 10**60)}
            assert len(COUNT.at(values_near).positive) == number


def test_a_double_complex_pair_is_not_a_fold():
    """x**4 + q*x**2 + ... = (x**2 + 1)**2 has discriminant zero and no real root."""
    flow = Flow({x: -(x**4) - 2 * x**2 - m}, (m,))
    assert count_equilibria(flow).at({"m": 1}).counts == ((), 0, ())
    # the acnode of the sixth-order field: a**4 = 32/15, kappa = 5a**3/4, mu = 9a**5/32
    root = sp.root(sp.Rational(32, 15), 4)
    node = {kappa: 5 * root**3 / 4, mu: 9 * root**5 / 32}
    (acnode,) = (
        case
        for case in COUNT
        if all(sp.simplify(e.lhs.subs(node)) == 0 for e in case.condition.atoms(sp.Equality))
        and case.condition.atoms(sp.Equality)
        and not case.condition.atoms(sp.Ne)
    )
    assert acnode.positive == () and acnode.negative == (1,)
    quintic = sp.Poly((y - kappa * y**2 - 2 * y**5 - mu).subs({q: v.n(40) for q, v in node.items()}), y)
    roots = quintic.nroots(n=30, maxsteps=500)
    assert sum(bool(abs(sp.im(z)) > 0.1) for z in roots) == 4 and sp.re(roots[0]) < 0


def test_stability_patterns():
    by_number = {len(case.positive): case.stability for case in COUNT if case.positive != (2,)}
    assert by_number == {0: ("unstable", "stable"), 2: ("unstable", "stable", "unstable", "stable")}
    for sign_, pattern in ((1, ("stable", "unstable", "stable")), (-1, ("stable",))):
        assert count_equilibria(Flow({x: m * x - x**3}, (m,))).at({"m": sign_}).stability == pattern


@given(real, real)
def test_stability_pattern_is_the_sign_of_the_field_between_roots(first, second):
    h_, k_ = sp.Rational(first), sp.Rational(second)
    case = count_equilibria(Flow({x: h + k * x - x**3}, (h, k))).at({"h": h_, "k": k_})
    f = h_ + k_ * x - x**3
    roots = [(low + high) / 2 for (low, high), _ in sp.Poly(f, x).intervals(eps=sp.Rational(1, 10**12))]
    gaps = [roots[0] - 1, *((q + t) / 2 for q, t in itertools.pairwise(roots)), roots[-1] + 1]
    signs = [sp.sign(f.subs(x, q)) for q in gaps]
    names = {(1, -1): "stable", (-1, 1): "unstable"}
    assert case.stability == tuple(names.get(pair, "half-stable") for pair in itertools.pairwise(signs))


def test_only_admissible_states_count():
    q = sp.Symbol("q", positive=True)
    (case,) = count_equilibria(Flow({q: q * (1 - q) * (q + mu)}, (mu,)))
    assert (case.negative, case.zero, case.positive, case.stability) == ((), 0, (1,), ("stable",))
    n = sp.Symbol("n", negative=True)
    (case,) = count_equilibria(Flow({n: n * (1 - n) * (n + mu)}, (mu,)))
    assert (case.negative, case.zero, case.positive, case.stability) == ((1,), 0, (), ("stable",))


def test_a_parameter_in_a_denominator_is_never_zero():
    cases = count_equilibria(Flow({x: x / m - x**2}, (m,))).cases
    assert [(q.condition, q.counts) for q in cases] == [(m > 0, ((), 1, (1,))), (m < 0, ((1,), 1, ()))]


def test_every_point_may_be_an_equilibrium():
    case = next(q for q in count_equilibria(Flow({x: m * x}, (m,))) if q.zero is None)
    assert case.condition == sp.Eq(m, 0) and case.number is sp.oo


def test_a_wrong_certificate_is_noticed():
    certificate = next(q for q in COUNT.certificate if q.discriminant is not None)
    assert not replace(certificate, discriminant=2 * certificate.discriminant).verify()
    signs, plus, minus = certificate.patterns[0]
    assert not replace(certificate, patterns=((signs, plus + 2, minus),)).verify()


def test_decisive_polynomial_is_one_up_to_the_acnode():
    open_cases = [q for q in COUNT_SIXTH if not q.condition.atoms(sp.Eq)]
    assert len({q.condition.lhs for q in open_cases}) == 1 and len(open_cases) == 2
    at = COUNT_SIXTH.at({**SIXTH_VALUES, rho: sp.Rational(1, 4)})
    assert at.counts == ((1,), 1, (1, 1))


@pytest.mark.parametrize(
    "flow, message",
    [
        (Flow({x: sp.sin(x)}), "not a rational function"),
        (Flow({x: x / (x - m)}, (m,)), "denominator may vanish"),
        (Flow({x: y, y: -x}), "one state"),
        (Flow({x: x**8 - k * x**5 + h * x**3 - m * x + mu}, (k, h, m, mu)), "several candidates"),
        (Flow({x: sp.Integer(0)}), "vanishes identically"),
    ],
)
def test_refusals_carry_a_reason(flow, message):
    with pytest.raises(Refusal, match=message):
        count_equilibria(flow, next(iter(flow.states)))


def test_malformed_values():
    with pytest.raises(InputError, match="give a value to the parameter mu"):
        COUNT.at({"kappa": 1})
    with pytest.raises(InputError, match="declared positive"):
        COUNT.at({"kappa": 1, "mu": -1})
    with pytest.raises(InputError, match="did you mean kappa"):
        COUNT.at({"kapa": 1, "mu": 1})
    assert c_x in SIXTH.parameters


def test_a_repeated_factor_is_counted_or_refused():
    x = sp.Symbol("x", real=True)
    a, b = sp.symbols("a b", positive=True)
    (only,) = count_equilibria(Flow({x: -((x - 1) ** 2) * x})).cases
    assert (only.negative, only.zero, only.positive, only.stability) == ((), 1, (2,), ("stable", "half-stable"))
    with pytest.raises(Refusal, match="repeated factor"):
        count_equilibria(Flow({x: -((x - a) ** 2) * (x + b)}, (a, b)))


# --- where a leading or a last coefficient vanishes -------------------------------------------

LOCI = [0, 1, -1, 2, sp.Rational(1, 2), sp.Rational(-3, 2), 3]
LEVELS = [
    sp.Integer(1),
    sp.Integer(-1),
    m,
    m - 1,
    m + 1,
    (m - 1) ** 2,
    m * (m - 1),
    (m - 1) * (m + 1),
    m**2 + m,
    1 - m,
    m / (m**2 + 1),
    2 - m,
]


@settings(max_examples=30)
@given(st.dictionaries(st.integers(0, 4), st.sampled_from(LEVELS), min_size=2, max_size=3))
def test_cases_on_which_coefficients_vanish_together(coefficients):
    """Random parameters never lie where m - 1 = 0; there the coefficients it divides vanish, and no others."""
    flow = Flow({x: sum(one * x**e for e, one in coefficients.items())}, (m,))
    try:
        cases = count_equilibria(flow).cases
    except Refusal:
        assume(False)
    for value in LOCI:
        (case,) = (q for q in cases if q.condition.subs(m, value) == True)  # noqa: E712
        rhs = sp.numer(sp.together(flow.states[x].subs(m, value)))
        if rhs == 0:
            assert case.zero is None and case.number is sp.oo
        else:
            assert case.counts == (census(rhs, x) if rhs.has(x) else ((), 0, ()))


@pytest.mark.parametrize(
    "flow, expected",
    [
        # both coefficients that c - d divides vanish at c = d, and -1 is left
        (
            Flow({x: (c - d) * x**2 + (c**2 - d**2) * x - 1}, (c, d)),
            {
                (1, 1): ((), 0, ()),
                (2, 1): ((1,), 0, (1,)),
                (1, 2): ((1, 1), 0, ()),
                (sp.Rational(1, 4), sp.Rational(1, 2)): ((), 0, ()),
            },
        ),
        # only the coefficient that m - k divides goes: the other stays
        (
            Flow({x: (m - k) * x**3 - m * x}, (m, k)),
            {
                (1, 1): ((), 1, ()),
                (-1, -1): ((), 1, ()),
                (2, 1): ((1,), 1, (1,)),
                (-2, 1): ((1,), 1, (1,)),
                (1, 2): ((), 1, ()),
            },
        ),
        (
            Flow({x: (m - k) * x**2 + x - 1}, (m, k)),
            {(1, 1): ((), 0, (1,)), (-2, -2): ((), 0, (1,)), (2, 1): ((1,), 0, (1,))},
        ),
    ],
)
def test_what_an_undecided_factor_divides_vanishes_with_it(flow, expected):
    count = count_equilibria(flow)
    for point, wanted in expected.items():
        values = dict(zip(flow.parameters, point, strict=True))
        (case,) = (q for q in count if q.condition.subs(values) == True)  # noqa: E712
        assert case.counts == wanted == count.at(values).counts


def test_a_proved_count_that_is_wrong_is_noticed():
    """`at` counts anew: where the proof says something else, that is no answer."""
    count = count_equilibria(Flow({x: m - x**2}, (m,)))
    wrong = replace(count, cases=tuple(replace(q, positive=(2,)) for q in count))
    with pytest.raises(SymsslError, match="disagree at"):
        wrong.at({"m": 1})
