"""Known theorems hold at every instance, and each of their mutants fails at some."""

import pytest
import sympy as sp

from symssl import (
    Commutes,
    Diagonal,
    E,
    Grassmann,
    InputError,
    Normalised,
    Orthonormal,
    Stiefel,
    Symmetric,
    cosine,
    gaussians,
    inner,
    mean,
    norm,
    potential,
    samples,
    sg,
    sq,
    total,
)
from symssl.errors import Undecided
from symssl.language import (
    Exists,
    External,
    ForAll,
    Gradient,
    GradientDescent,
    GradientFlow,
    Let,
    Next,
    Object,
    Rate,
    Sentence,
    VectorField,
    Vocabulary,
)
from symssl.statements import Survey, Truth, instances, survey, truth

h, d, n = sp.symbols("h d N", integer=True, positive=True)
T, U = sp.MatrixSymbol("Theta", h, d), sp.MatrixSymbol("U", d, h)
A, B, C = (sp.MatrixSymbol(name, d, d) for name in "ABC")
X, Y = samples("x", d, n), samples("x'", d, n)
i, j = sp.symbols("i j", integer=True, positive=True)
w, s, t = sp.symbols("w s t", real=True)
a, b, eta = sp.symbols("a b eta", positive=True)
f = potential("f", T)
NAMES = Vocabulary(
    *(Object(size, "a size") for size in (h, d, n)),
    *(Object(name, "a matrix") for name in (T, U, A, B, C)),
    *(Object(family, "samples") for family in (X, Y)),
    *(Object(number, "a number") for number in (i, j, w, s, t, a, b, eta)),
    Object(f, "a loss"),
)
CONTRAST = inner(T * C, T)
FLOW = GradientFlow(CONTRAST, T)
SAMPLED = mean(sq(T * X[i] - sg(T * Y[i])), i)
DESCENT = GradientDescent(sq(T) / 2, T, step=eta)
FREE = GradientFlow(f, T)
STIEFEL = GradientFlow(-inner(U, C * U) / 2, U, geometry={U: Stiefel()})
SUBSPACE = GradientFlow(-inner(U, C * U) / 2, U, geometry={U: Grassmann()})
LOGISTIC = VectorField({s: s * (a - s)})
QUARTIC = GradientFlow((a - w**2) ** 2 / 4, w)


def eq(left, right):
    return sp.Eq(left, right, evaluate=False)


# a theorem, what it supposes, and what is false
THEOREMS = {
    "the flow of a quadratic loss": (
        eq(Rate(T, FLOW), -2 * T * C),
        [Symmetric(C)],
        [eq(Rate(T, FLOW), 2 * T * C), eq(Rate(T, FLOW), -T * C), eq(Rate(T, FLOW), -2 * T * (C + sp.Identity(d)))],
    ),
    "the same without symmetry": (
        eq(Rate(T, FLOW), -T * (C + C.T)),
        [],
        [eq(Rate(T, FLOW), -2 * T * C), eq(Rate(T, FLOW), -2 * T * C.T)],
    ),
    "a stopped copy": (
        eq(Rate(T, GradientFlow(SAMPLED, T)), -2 * T * mean((X[i] - Y[i]) * X[i].T, i)),
        [],
        [
            eq(Rate(T, GradientFlow(SAMPLED, T)), -2 * T * mean((X[i] - Y[i]) * (X[i] - Y[i]).T, i)),
            eq(Rate(T, GradientFlow(SAMPLED, T)), -2 * T * total((X[i] - Y[i]) * X[i].T, i)),
            eq(Rate(T, GradientFlow(SAMPLED, T)), -2 * T * mean((Y[i] - X[i]) * X[i].T, i)),
        ],
    ),
    "weight decay": (
        eq(Rate(sq(T), GradientFlow(CONTRAST, T, decay=a)), -4 * CONTRAST - 2 * a * sq(T)),
        [],
        [eq(Rate(sq(T), GradientFlow(CONTRAST, T, decay=a)), -4 * CONTRAST - a * sq(T))],
    ),
    "losses fall along their flow": (
        eq(Rate(f, FREE), -sq(Gradient(f, T))),
        [],
        [eq(Rate(f, FREE), -norm(Gradient(f, T))), eq(Rate(f, FREE), sq(Gradient(f, T)))],
    ),
    "a conserved quantity": (
        eq(Rate(T.T * T - U * U.T, GradientFlow(sq(T * U), (T, U))), sp.ZeroMatrix(d, d)),
        [],
        [
            eq(Rate(T.T * T + U * U.T, GradientFlow(sq(T * U), (T, U))), sp.ZeroMatrix(d, d)),
            eq(Rate(T.T * T - U * U.T, GradientFlow(sq(T * U), (T, U), rates={T: 2})), sp.ZeroMatrix(d, d)),
        ],
    ),
    "frames stay frames": (
        eq(Rate(U.T * U, STIEFEL), sp.ZeroMatrix(h, h)),
        [],
        [eq(Rate(U.T * C * U, STIEFEL), sp.ZeroMatrix(h, h))],
    ),
    "the flow on frames": (
        eq(Rate(U, STIEFEL), C * U - U * U.T * C * U),
        [Symmetric(C)],
        [eq(Rate(U, STIEFEL), U * U.T * C * U - C * U), eq(Rate(U, STIEFEL), C * U)],
    ),
    "a step of gradient descent": (
        eq(Next(sq(T), DESCENT), (1 - eta) ** 2 * sq(T)),
        [],
        [eq(Next(sq(T), DESCENT), (1 - 2 * eta) * sq(T)), eq(Next(sq(T), DESCENT), (1 - eta) * sq(T))],
    ),
    "a change of variables": (
        eq(Rate(w**2, QUARTIC), 2 * w**2 * (a - w**2)),
        [],
        [eq(Rate(w**2, QUARTIC), w**2 * (a - w**2)), eq(Rate(w**2, QUARTIC), 2 * w * (a - w**2))],
    ),
    "the second derivative": (
        eq(Rate(Rate(T, FLOW), FLOW), T * (C + C.T) ** 2),
        [],
        [eq(Rate(Rate(T, FLOW), FLOW), -T * (C + C.T) ** 2), eq(Rate(Rate(T, FLOW), FLOW), 4 * T * C**2)],
    ),
    "directions do not see lengths": (
        eq(inner(Gradient(cosine(T, T * C), T), T), 0),
        [],
        [eq(inner(Gradient(inner(T, T * C), T), T), 0), eq(inner(Gradient(cosine(T, T * C), T), T * C), 0)],
    ),
    "commuting matrices": (
        eq(A * B * A, A * A * B),
        [Commutes(A, B)],
        [eq(A * B * A, A * B), eq(A * B, A * A)],
    ),
    "symmetric matrices that commute": (
        eq((A * B).T, A * B),
        [Commutes(A, B), Symmetric(A), Symmetric(B)],
        [eq((A * B).T, A * A)],
    ),
    "normalised columns": (eq(C * U * U.T * C * U, C * U), [Normalised(U, C)], [eq(C * U * U.T * U, C * U)]),
    "projections": (
        eq(U * U.T * U * U.T, U * U.T),
        [Orthonormal(U)],
        [eq(U * U.T, sp.Identity(d)), eq(U * U.T * U * U.T, sp.Identity(d))],
    ),
    "eigenvectors": (
        eq(inner(U, C * U), a * sq(U)),
        [eq(C * U, a * U)],
        [eq(inner(U, C * U), a**2 * sq(U)), eq(inner(U, C * U), a)],
    ),
    "diagonal matrices": (eq(A * B, B * A), [Diagonal(A), Diagonal(B)], [eq(A * B, A * A)]),
    "Cauchy and Schwarz": (
        sp.Le(inner(A, B) ** 2, sq(A) * sq(B), evaluate=False),
        [],
        [
            sp.Lt(inner(A, B) ** 2, sq(A) * sq(B), evaluate=False),
            sp.Ge(inner(A, B) ** 2, sq(A) * sq(B), evaluate=False),
        ],
    ),
    "for every sample": (
        sp.Le(sq(X[i]), total(sq(X[j]), j), evaluate=False),
        [],
        [sp.Lt(sq(X[i]), total(sq(X[j]), j), evaluate=False), sp.Le(sq(X[i]), mean(sq(X[j]), j), evaluate=False)],
    ),
    "means": (
        sp.Ge((a + b) / 2, sp.sqrt(a * b), evaluate=False),
        [],
        [sp.Gt((a + b) / 2, sp.sqrt(a * b), evaluate=False), sp.Le((a + b) / 2, sp.sqrt(a * b), evaluate=False)],
    ),
    "an equivalence": (
        sp.Equivalent(sp.Ge(w**2, 1, evaluate=False), sp.Or(w >= 1, w <= -1)),
        [],
        [sp.Equivalent(sp.Ge(w**2, 1, evaluate=False), w >= 1)],
    ),
    "there is a root": (
        Exists(s, eq(s**2, a), given=s > 0),
        [],
        [ForAll(s, sp.Ne(s**2, a)), Exists(s, eq(s**2, a), unique=True)],
    ),
    "a logistic equation": (
        eq(Rate(sp.log(s), LOGISTIC), a - s),
        [s > 0],
        [eq(Rate(sp.log(s), LOGISTIC), s * (a - s)), eq(Rate(s, LOGISTIC), a - s)],
    ),
    "subspaces": (
        eq(Rate(U * U.T, SUBSPACE) * U, C * U - U * U.T * C * U),
        [Symmetric(C)],
        [eq(Rate(U * U.T, SUBSPACE) * U, C * U)],
    ),
}


@pytest.mark.parametrize("name", THEOREMS)
def test_theorems_hold_at_every_instance(name):
    claim, given, _ = THEOREMS[name]
    found = survey(NAMES.sentence(claim, given=given), 20)
    assert found.failed == 0, found
    assert not found.empty
    assert found.held >= 14
    assert found.unknown <= 6  # cosines of zero vectors


@pytest.mark.parametrize("name", THEOREMS)
def test_false_variants_fail_at_an_instance_for_certain(name):
    _, given, mutants = THEOREMS[name]
    for mutant in mutants:
        sentence = NAMES.sentence(mutant, given=given)
        found = survey(sentence, 20)
        assert found.failed, mutant
        instance, here = found.failing
        assert here.certain
        assert truth(sentence, instance) == here


@pytest.mark.parametrize("name", [name for name, (_, given, _) in THEOREMS.items() if given])
def test_without_its_hypotheses_a_theorem_fails(name):
    claim, given, _ = THEOREMS[name]
    if name == "a logistic equation":  # the logarithm is not told where s <= 0
        assert survey(NAMES.sentence(claim), 20).unknown
        return
    for left_out in given:
        rest = [g for g in given if g != left_out]
        assert survey(NAMES.sentence(claim, given=rest), 28).failed, left_out


def test_exact_identities_are_proved_at_their_instances_and_enclosed_ones_supported():
    exact = survey(NAMES.sentence(THEOREMS["the flow of a quadratic loss"][0], given=Symmetric(C)), 14)
    assert exact.certain == 14
    enclosed = survey(NAMES.sentence(eq(sp.exp(w) * sp.exp(s), sp.exp(w + s, evaluate=False) * sp.exp(0 * w))), 14)
    assert enclosed.held == 14
    assert enclosed.certain < 3  # at w = s = 0 all is exact
    assert "two enclosures overlap, and count as equal" in enclosed.reasons


def test_a_truth_says_what_it_rests_on():
    sentence = NAMES.sentence(eq(sp.sqrt(a) ** 2 + sp.sqrt(b), a + sp.sqrt(b)))
    assert truth(sentence, {"a": 2, "b": 4}) == Truth(True, True)
    supported = truth(sentence, {a: 2, b: 3})
    assert supported.value
    assert not supported.certain
    untold = truth(NAMES.sentence(eq(1 / w, w)), {w: 0})
    assert untold == Truth(None, False, "a division by zero")
    assert not untold


def test_hard_cases_are_decided_with_more_digits():
    """Numbers that agree to some 90 digits are told apart."""
    close = sp.exp(w) - sp.exp(w + sp.Rational(1, 10**90), evaluate=False)
    assert truth(NAMES.sentence(sp.Lt(close, 0, evaluate=False)), {w: 1}) == Truth(True, True)


def test_abbreviations_are_written_out():
    S, c = sp.MatrixSymbol("S", d, d), sp.Symbol("c", real=True)
    names = Vocabulary(NAMES, Let(S, (C + C.T) / 2), Let(c, inner(T * S, T)))
    found = survey(names.sentence(eq(Rate(T, GradientFlow(c, T)), -2 * T * S)), 20)
    assert found.held == found.certain == 20


def test_an_instance_may_leave_sizes_out_and_name_its_values():
    sentence = NAMES.sentence(eq(Rate(T, FLOW), -2 * T * C), given=Symmetric(C))
    values = {"Theta": [[1, 2]], "C": sp.Matrix([[1, sp.Rational(1, 2)], [sp.Rational(1, 2), 3]])}
    assert truth(sentence, values) == Truth(True, True)
    broken = truth(sentence, {**values, "C": [[1, 2], [0, 3]]})
    assert broken.value is None
    assert "hypothesis Symmetric(C) does not hold" in broken.reason


@pytest.mark.parametrize(
    "values, message",
    [
        ({"w": 1, "q": 2}, "q is no object of the sentence"),
        ({}, "no value to w"),
        ({"w": 0.5}, "no exact number"),
        ({"w": 1, "a": -1}, "not what a is declared to be"),
        ({"w": sp.oo}, "not what w is declared to be"),
    ],
)
def test_bad_instances_are_refused(values, message):
    sentence = NAMES.sentence(eq(w + a * 0, w) if "a" not in values else eq(w * a, a))
    with pytest.raises(InputError, match=message):
        truth(sentence, values)


@pytest.mark.parametrize(
    "values, message",
    [
        ({"A": [[1, 2]], "B": [[1]]}, "the value of [AB] is"),
        ({"A": [[1, 2], [3]], "B": [[1]]}, "not of one length"),
        ({"A": 3, "B": [[1]]}, "must be a matrix"),
        ({"A": [["x"]], "B": [[1]]}, "no exact number"),
    ],
)
def test_bad_matrices_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        truth(NAMES.sentence(eq(A * B, B * A)), values)


@pytest.mark.parametrize(
    "claim, why",
    [
        (eq(sp.Integer(2), sp.Integer(3)), "names nothing"),
        (eq(w * a, a * w), "the same expression"),
        (sp.Implies(sp.Lt(w**2, -1, evaluate=False), eq(w, 3)), "a premise of it fails"),
        (
            sp.And(ForAll(s, s > w, given=(s < w, s > w + 1)), sp.Implies(sp.Gt(w, w + 1, evaluate=False), w > 2)),
            "a premise of it fails",
        ),
    ],
)
def test_sentences_without_content_are_called_empty(claim, why):
    assert why in survey(NAMES.sentence(claim), 8).empty


def test_hypotheses_that_contradict_each_other_are_named():
    with pytest.raises(Undecided, match=r"without w > 1 or without w < -1 there are some"):
        survey(NAMES.sentence(sp.Gt(w**2, s, evaluate=False), given=(w > 1, w < -1)), 8)


def test_sentences_with_content_are_not():
    for claim, _, _ in THEOREMS.values():
        if isinstance(claim, sp.Eq):
            assert claim.lhs != claim.rhs
    assert not survey(NAMES.sentence(sp.Implies(w > 1, sp.Gt(w**2, 1, evaluate=False))), 14).empty
    assert not survey(NAMES.sentence(eq(sp.Integer(2), w**2)), 14).empty


def test_for_almost_all_an_exception_refutes_nothing():
    sentence = Sentence(sp.Ne(w, 0), NAMES, almost=(w,))
    assert survey(sentence, 28).failed == 0
    here = truth(sentence, {w: 0})
    assert here.value is False
    assert not here.certain
    assert survey(NAMES.sentence(sp.Ne(w, 0)), 14).failing[1].certain


def test_a_statement_in_words_is_not_told():
    found = survey(NAMES.sentence(External("Sec. 6", "It works.")), 3)
    assert (found.held, found.failed) == (0, 0)
    assert "stated in words" in found.reasons[0]


def test_a_survey_stops_when_its_time_is_over():
    found = survey(NAMES.sentence(eq(A * B, B * A)), 20, budget=0)
    assert isinstance(found, Survey)
    assert found.tried == 0
    assert "0 of 20 instances" in found.reasons[0]


def test_a_failing_instance_shows_itself_in_a_few_lines():
    found = survey(NAMES.sentence(eq(A * B, B * A)), 14)
    assert "fails at Instance" in repr(found)
    assert len(repr(found).splitlines()) <= 12
    assert next(iter(instances(NAMES.sentence(eq(A * B, B * A)), 1))) == next(
        iter(instances(NAMES.sentence(eq(A * B, B * A)), 1))
    )


def test_derivatives_of_means_are_asked_of_laws_on_a_few_points():
    d, k = sp.symbols("d", integer=True, positive=True), sp.symbols("k", positive=True)
    M = sp.MatrixSymbol("M", d, d)
    (g,) = gaussians("g", d)
    flow = GradientFlow(-E(inner(g, M * g) / norm(M * g)), M, decay=k)
    words = Vocabulary(Object(M, "weights"), Object(d, "a size"), Object(g, "normal"), Object(k, "a rate"))
    point = {M: [[1, 2], [0, 3]], k: 2}  # what is averaged over needs no value
    right = truth(words.sentence(sp.Eq(Rate(sq(M), flow), -2 * k * sq(M), evaluate=False)), point)
    assert right.value is True and not right.certain and "points" in right.reason
    assert truth(words.sentence(sp.Eq(Rate(sq(M), flow), -k * sq(M), evaluate=False)), point).value is None
