"""Instances keep declarations and hypotheses, are determined by their seed, and cover what is exceptional."""

import pickle

import numpy as np
import pytest
import sympy as sp
from flint import fmpq

from symssl import InputError, ModeSum, Orthonormal, Stiefel, Symmetric, gaussians, inner, samples, sq, total
from symssl.errors import Undecided
from symssl.language import Entry, ForAll, GradientFlow, Let, Object, Rate, VectorField, Vocabulary, function
from symssl.statements import Instance, instances, survey, truth
from symssl.statements.instance import checked_values, opened
from symssl.statements.meaning.sampling import STYLES, ProperLaw
from symssl.statements.meaning.scene import Scene, Special

h, d = sp.symbols("h d", integer=True, positive=True)
W, C, S = sp.MatrixSymbol("W", h, d), sp.MatrixSymbol("C", d, d), sp.MatrixSymbol("S", d, d)
a, b = sp.symbols("a b", positive=True)
x, s = sp.symbols("x s", real=True)
SIZES = (Object(h, "a size"), Object(d, "a size"))


def eq(left, right):
    return sp.Eq(left, right, evaluate=False)


SENTENCE = Vocabulary(
    *SIZES,
    Object(W, "a map"),
    Object(C, "a covariance", (Symmetric(C),)),
    Object(a, "a rate", a < b),
    Object(b, "a bound"),
).sentence(eq(W * C * a, W * C.T * a), given=(h <= d, sp.Trace(C) > 0))


def test_every_instance_keeps_declarations_and_hypotheses():
    found = list(instances(SENTENCE, 40))
    assert len(found) >= 38
    for instance in found:
        values = instance.values
        assert set(values) == {h, d, W, C, a, b}
        rows, columns = int(values[h]), int(values[d])
        assert 1 <= rows <= columns
        assert (values[W].shape, values[C].shape) == ((rows, columns), (columns, columns))
        assert np.array_equal(values[C], values[C].T)
        assert values[C].trace() > 0
        assert 0 < values[a] < values[b]


def test_what_is_exceptional_is_among_them():
    words = Vocabulary(*SIZES, *(Object(o, "any") for o in (W, C, S, x, s)))
    found = [i.values for i in instances(words.sentence(eq(W * C * x, W * S * s)), 42)]
    assert any(v[h] == v[d] == 1 for v in found)
    assert any(v[h] > v[d] for v in found)
    assert any(v[h] < v[d] for v in found)
    assert any(v[h] == v[d] > 1 for v in found)
    assert any(v[x] == 0 for v in found)
    assert any(v[x] == 1 for v in found)
    assert any(v[x] < 0 for v in found)
    assert any(v[x] == v[s] not in (0, 1) for v in found)
    assert any(abs(v[x]) >= 1000 for v in found)
    assert any(0 < abs(v[x]) < fmpq(1, 50) for v in found)
    assert any(not v[C].any() for v in found)
    assert any(np.array_equal(v[C], v[S]) and v[C].any() for v in found)
    assert any(v[d] > 1 and v[C].any() and not (v[C] * (1 - np.eye(int(v[d]), dtype=int))).any() for v in found)
    assert any(v[d] > 2 and 0 < _rank(v[C]) < v[d] - 1 for v in found)
    assert {i.kind for i in instances(words.sentence(eq(W * C * x, W * S * s)), 42)} == set(STYLES)


def _rank(matrix):
    numbers = np.array([[int(entry.p) / int(entry.q) for entry in row] for row in matrix])
    return np.linalg.matrix_rank(numbers)


def test_seed_and_number_determine_an_instance():
    first, again, other = (list(instances(SENTENCE, 14, seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert list(instances(SENTENCE, 20, 3))[:14] == first
    assert pickle.loads(pickle.dumps(first)) == first


def test_almost_every_value_is_a_generic_one():
    words = Vocabulary(Object(x, "a start"), Object(s, "a rate"))
    found = [i.values for i in instances(words.sentence(sp.Ne(x * s, 0), almost=(x,)), 28)]
    assert all(v[x] not in (0, 1) for v in found)
    assert any(v[s] == 0 for v in found)


def test_what_stands_behind_for_all_belongs_to_the_instance():
    words = Vocabulary(Object(s, "a number"), Object(a, "positive"))
    sentence = words.sentence(ForAll(s, ForAll(a, s > a, given=a < s), given=s > 5))
    parts = opened(sentence)
    assert set(parts.symbols) == {s, a}
    assert parts.claim == (s > a)
    assert all(0 < i.values[a] < i.values[s] and i.values[s] > 5 for i in instances(sentence, 8))
    assert all(truth(sentence, i) for i in instances(sentence, 8))


def test_bound_names_take_no_value_of_their_own():
    words = Vocabulary(Object(x, "a number"))
    sentence = words.sentence(sp.Or(x > 0, ForAll(s, s > x + 1, given=s > 1)))
    assert opened(sentence).symbols == (x,)
    assert truth(sentence, {x: 0}).value is True
    assert truth(sentence, {x: -1}).value is True
    assert truth(words.sentence(sp.Or(x > 0, ForAll(s, s > x + 2, given=s > 1))), {x: 0}).value is False


def test_functions_are_tried_and_entries_numbered():
    phi, i = function("phi"), sp.Symbol("i", integer=True, positive=True)
    words = Vocabulary(*SIZES, Object(phi, "an activation"), Object(W, "a map"), Object(i, "a row"))
    sentence = words.sentence(eq(Entry(phi(W), i, 1), phi(Entry(W, i, 1))), given=eq(phi(0), 0))
    found = survey(sentence, 14)
    assert (found.held, found.failed, found.unknown) == (14, 0, 0)
    for instance in instances(sentence, 14):
        assert instance.values[phi].expr.subs(instance.values[phi].variables[0], 0) == 0
        assert 1 <= instance.values[i] <= instance.values[h]
    v = sp.Symbol("v")
    assert truth(words.sentence(eq(phi(Entry(W, 1, 1)), 4)), {phi: sp.Lambda(v, v**2), W: [[2]]}).value
    assert survey(words.sentence(eq(phi(W), W)), 14).failed
    both = Vocabulary(words, Object(x, "a number"), Object(s, "a number"))
    assert len(list(instances(both.sentence(eq(phi(x), s)), 28))) == 28


def test_abbreviations_are_written_out_in_hypotheses():
    c = sp.Symbol("c", real=True)
    words = Vocabulary(*SIZES, Object(W, "a map"), Let(c, sq(W)), Object(x, "a number"))
    parts = opened(words.sentence(sp.Gt(c, x, evaluate=False), given=c > 2))
    assert parts.hypotheses == (sq(W) > 2,)
    assert c not in parts.symbols


def test_what_dynamics_and_laws_suppose_is_kept():
    U = sp.MatrixSymbol("U", d, h)
    words = Vocabulary(*SIZES, Object(U, "a frame"), Object(C, "a matrix"), Object(S, "a covariance"))
    flow = GradientFlow(inner(U, C * U), U, geometry={U: Stiefel()}, where=Symmetric(C))
    assert set(opened(words.sentence(eq(Rate(U, flow), U))).hypotheses) == {Orthonormal(U), Symmetric(C)}
    z, w = gaussians("z w", d, cov=[[S, 0], [0, S]])
    both = Vocabulary(words, Object(z, "a view"), Object(w, "a view"))
    sentence = both.sentence(sp.Ge(inner(z, S * z) + inner(w, S * w), 0, evaluate=False))
    assert opened(sentence).hypotheses == (ProperLaw(z),)
    assert all(truth(sentence, instance).value for instance in instances(sentence, 14))


def test_modes_take_values_of_their_own():
    words = Vocabulary(Object(a, "a mode"))
    flow = VectorField({a: a * (1 - ModeSum(a))})
    sentence = words.sentence(eq(Rate(ModeSum(a), flow), ModeSum(a) * (1 - ModeSum(a))))
    for instance in instances(sentence, 10):
        modes = instance.values[Special.MODES]
        assert len(modes) > 1
        assert modes[0][a] == instance.values[a]
        assert all(mode[a] > 0 for mode in modes)
        assert truth(sentence, instance).certain
        assert truth(sentence, instance).value


def test_samples_and_indices():
    X, i = samples("u", d, h), sp.Symbol("i")
    words = Vocabulary(*SIZES, Object(X, "samples"), Object(i, "a number of a sample"))
    for instance in instances(words.sentence(sp.Ge(sq(X[i]), 0, evaluate=False)), 20):
        assert instance.values["u"].shape == (int(instance.values[d]), int(instance.values[h]))
        assert 1 <= instance.values[i] <= instance.values[h]


@pytest.mark.parametrize("given", [(a > 2 * b, b > 2 * a), (eq(sp.Trace(C), a), sp.Trace(C) < 0)])
def test_hypotheses_that_cannot_be_met_are_told(given):
    words = Vocabulary(*SIZES, Object(C, "a matrix"), Object(a, "positive"), Object(b, "positive"))
    with pytest.raises(Undecided, match="no instance keeps .* contradict"):
        list(instances(words.sentence(eq(C * a, C * b), given=given), 3))


def test_a_sentence_without_names_has_one_instance():
    assert list(instances(Vocabulary().sentence(eq(sp.Integer(2), sp.Integer(2))), 9)) == [Instance({}, STYLES[0])]


@pytest.mark.parametrize("bad", [{"count": 0}, {"seed": -1}, {"count": 2.5}])
def test_bad_counts_are_refused(bad):
    with pytest.raises(InputError):
        list(instances(SENTENCE, **bad))


def test_given_values_become_those_of_a_scene():
    given = {"W": [[1, 2]], "C": sp.Matrix([[2, 0], [0, 3]]), a: sp.Rational(1, 2), "b": sp.sqrt(2)}
    values = checked_values(SENTENCE, given)
    assert values[h] == 1
    assert values[d] == 2
    assert values[a] == fmpq(1, 2)
    assert float(values[b]) == pytest.approx(2**0.5)
    assert all(Scene(values).judged(g).held for g in opened(SENTENCE).hypotheses)


def test_an_instance_shows_its_values():
    shown = repr(next(instances(SENTENCE, 1)))
    assert "a = " in shown
    assert "C = [" in shown


def test_indices_that_are_bound_take_no_values():
    X, i, j = samples("u", d, h), sp.Symbol("i"), sp.Symbol("j")
    words = Vocabulary(*SIZES, Object(X, "samples"), Object(C, "a matrix"))
    sentence = words.sentence(eq(total(X[i] * X[j].T, i, j) + C, C + total(X[j] * X[i].T, i, j)))
    assert {getattr(s, "name", s) for s in opened(sentence).symbols} == {"u", "d", "h", "C"}
    assert all("i" not in map(str, instance.values) for instance in instances(sentence, 3))
    assert truth(sentence, {X: [[1, 2], [0, 1]], C: [[0, 0], [0, 0]]}).value
