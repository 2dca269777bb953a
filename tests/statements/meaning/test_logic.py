"""Truth in three values, certain or estimated; relations between matrices; sets; quantifiers that are tried."""

from itertools import product as pairs

import pytest
import sympy as sp
from flint import arb, fmpq
from sympy.logic.boolalg import Boolean

from symssl import Commutes, Diagonal, Normalised, Orthonormal, Symmetric
from symssl.language import Exists, External, ForAll, Limit
from symssl.language.dynamics import Held
from symssl.language.relations import Relation
from symssl.statements.meaning.algebra import array_of
from symssl.statements.meaning.logic import equal
from symssl.statements.meaning.scene import Scene, Told, Unknown, truth_evaluator

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
A, B = sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("B", 2, 2)
U = sp.MatrixSymbol("U", 2, 1)


class Says(Boolean):
    """True, false or not told, by an estimate or not: what the tables are made of."""

    def __new__(cls, number, estimate, side="left"):
        return sp.Basic.__new__(cls, sp.Integer(number), sp.sympify(estimate), sp.Symbol(side))


@truth_evaluator(Says)
def _says(node, scene):
    if node.args[1] == sp.true:
        scene.estimate("estimated")
    return {0: False, 1: True, 2: None}[int(node.args[0])]


LEFT, RIGHT = (
    [Says(number, estimate, side) for number in (0, 1, 2) for estimate in (False, True)] for side in ("left", "right")
)


def told(condition):
    judged = Scene({}).judged(condition)
    return judged.held, bool(judged.estimates)


def of(part):
    held = {0: False, 1: True, 2: None}[int(part.args[0])]
    return held, held is not None and part.args[1] == sp.true


@pytest.mark.parametrize("a, b", list(pairs(LEFT, RIGHT)), ids=str)
def test_connectives_in_three_values(a, b):
    """Kleene's tables; the result rests on an estimate exactly where no part decides it without."""
    (left, by_a), (right, by_b) = of(a), of(b)

    def both(deciding):
        sure = [guess for held, guess in ((left, by_a), (right, by_b)) if held is deciding]
        if sure:
            return deciding, min(sure)
        return (None, False) if None in (left, right) else (not deciding, by_a or by_b)

    assert told(sp.And(a, b)) == both(False)
    assert told(sp.Or(a, b)) == both(True)
    assert told(sp.Not(a)) == ((None, False) if left is None else (not left, by_a))
    known = None not in (left, right)
    assert told(sp.Equivalent(a, b)) == ((left == right, by_a or by_b) if known else (None, False))
    assert told(sp.Xor(a, b)) == ((left != right, by_a or by_b) if known else (None, False))


@pytest.mark.parametrize("premise", [0, 1, 2])
@pytest.mark.parametrize("conclusion", [0, 1, 2])
def test_implications(premise, conclusion):
    found = Scene({}).judged(sp.Implies(Says(premise, False), Says(conclusion, False, "right")))
    wanted = {0: True, 1: {0: False, 1: True, 2: None}[conclusion], 2: True if conclusion == 1 else None}[premise]
    assert found.held is wanted
    assert bool(found.vacuous) == (premise == 0)


def test_a_conjunction_is_vacuous_only_where_all_of_it_is():
    fails, holds = sp.Implies(x < 0, sp.Eq(x, 5)), sp.Eq(x, 1)
    assert not Scene({x: fmpq(1)}).judged(sp.And(fails, holds)).vacuous
    assert Scene({x: fmpq(1)}).judged(sp.And(fails, sp.Implies(x > 3, x > 7))).vacuous
    assert not Scene({x: fmpq(1)}).judged(sp.Or(fails, holds)).vacuous


@pytest.mark.parametrize("a, b", [(1, 2), (2, 1), (2, 2)])
def test_comparisons_of_numbers(a, b):
    scene = Scene({x: fmpq(a), y: fmpq(b)})
    assert scene.truth(sp.Eq(x, y)) == (a == b)
    assert scene.truth(sp.Ne(x, y)) == (a != b)
    assert [scene.truth(r(x, y)) for r in (sp.Lt, sp.Le, sp.Gt, sp.Ge)] == [a < b, a <= b, a > b, a >= b]
    assert not scene.estimates


def test_comparisons_of_balls_are_certain_where_they_are_apart():
    scene = Scene({x: fmpq(2)})
    assert scene.judged(sp.sqrt(x) < sp.Rational("1.42")) == Told(True)
    assert scene.judged(sp.Eq(sp.exp(sp.log(x)), sp.exp(sp.log(x) + sp.Rational(1, 10**6), evaluate=False))) == Told(
        False
    )
    assert Scene({x: fmpq(3)}).judged(sp.Eq(sp.exp(sp.log(x) * 2, evaluate=False), 9)).estimates
    wide = Scene({x: arb(0, 1)})
    assert wide.judged(sp.Eq(x, 0)).held is None


def test_matrices_are_equal_entry_by_entry():
    scene = Scene({A: array_of([[1, 2], [3, 4]]), B: array_of([[1, 2], [3, 5]]), U: array_of([[1], [3]])})
    assert scene.truth(sp.Eq(A, B, evaluate=False)) is False
    assert scene.truth(sp.Eq(A * 2, A + A.T.T, evaluate=False)) is True
    with pytest.raises(Unknown, match="compared"):
        equal(scene.value(A), scene.value(U), scene)
    with pytest.raises(Unknown, match="compared"):
        equal(scene.value(A), fmpq(0), scene)


RELATIONS = [
    (Symmetric(A), [[1, 2], [2, 5]], [[1, 2], [3, 5]]),
    (Diagonal(A), [[1, 0], [0, 5]], [[1, 0], [1, 5]]),
    (Orthonormal(A), [[fmpq(3, 5), fmpq(4, 5)], [fmpq(-4, 5), fmpq(3, 5)]], [[1, 0], [1, 1]]),
    (Orthonormal(A.T), [[0, 1], [1, 0]], [[0, 1], [1, 1]]),
    (Commutes(A, A.T), [[1, 2], [-2, 1]], [[1, 2], [0, 1]]),
    (Normalised(U, A), [[1, 7], [7, 5]], [[2, 7], [7, 5]]),
    (Normalised(U, A), [[1, 7], [7, 5]], [[1, 7], [6, 5]]),
]


@pytest.mark.parametrize("relation, good, bad", RELATIONS, ids=str)
def test_relations_between_matrices(relation, good, bad):
    for rows, wanted in ((good, True), (bad, False)):
        scene = Scene({A: array_of(rows), U: array_of([[1], [0]])})
        assert scene.truth(relation) is wanted
        assert scene.truth(Held(relation)) is wanted


def test_a_relation_of_ones_own_has_no_meaning():
    class Odd(Relation):
        """Unknown here."""

    with pytest.raises(Unknown, match="no meaning is known of Odd"):
        Scene({}).truth(Odd())


def test_sets_are_compared_without_order_and_tuples_with():
    scene = Scene({x: fmpq(1), y: fmpq(2)})
    assert scene.truth(sp.Eq(sp.FiniteSet(x, y), sp.FiniteSet(2, 1), evaluate=False)) is True
    assert scene.truth(sp.Eq(sp.FiniteSet(x, y), sp.FiniteSet(1, 3), evaluate=False)) is False
    assert scene.truth(sp.Eq(sp.FiniteSet(x, y), sp.FiniteSet(1), evaluate=False)) is False
    assert len(Scene({x: fmpq(2), y: fmpq(2)}).value(sp.FiniteSet(x, y))) == 1
    assert scene.truth(sp.Eq(sp.Tuple(x, y), sp.Tuple(2, 1), evaluate=False)) is False
    assert scene.truth(sp.Eq(sp.Tuple(x, y), sp.Tuple(1, 2), evaluate=False)) is True


@pytest.mark.parametrize(
    "elements, inside",
    [
        (sp.Interval(0, 2), [0, 1, 2]),
        (sp.Interval.open(0, 2), [1]),
        (sp.Interval(0, sp.oo), [0, 1, 2, 7]),
        (sp.Union(sp.Interval(0, 1), sp.FiniteSet(7), evaluate=False), [0, 1, 7]),
        (sp.Complement(sp.Interval(-5, 5), sp.Interval.Ropen(0, 2), evaluate=False), [-1, 2]),
        (sp.S.Naturals, [1, 2, 7]),
        (sp.S.Reals, [-1, 0, 1, 2, 7]),
        (sp.FiniteSet(x, 2, y), [-1, 2]),
    ],
    ids=str,
)
def test_membership(elements, inside):
    z = sp.Symbol("z")
    for number in (-1, 0, 1, 2, 7):
        scene = Scene({z: fmpq(number), x: fmpq(-1), y: fmpq(2)})
        assert scene.truth(sp.Contains(z, elements, evaluate=False)) == (number in inside)


def test_what_holds_for_all_is_supported_and_an_exception_refutes_for_certain():
    scene = Scene({y: fmpq(2)})
    supported = scene.judged(ForAll(x, sp.Ge(x**2 - 2 * x * y + y**2, 0, evaluate=False)))
    assert supported.held
    assert supported.estimates
    assert scene.judged(ForAll(x, sp.Ge(x * y, -1, evaluate=False))) == Told(False)
    almost = scene.judged(ForAll(x, sp.Ge(x * y, -1, evaluate=False), almost=True))
    assert almost.held is False
    assert almost.estimates


def test_for_almost_all_passes_over_an_exceptional_value():
    scene = Scene({})
    assert scene.judged(ForAll(x, sp.Ne(x, 0))).held is False
    assert scene.judged(ForAll(x, sp.Ne(x * (x - 1), 0), almost=True)).held is True


def test_a_quantifier_over_nothing_is_vacuous():
    judged = Scene({}).judged(ForAll((p, y), p > 2 * y, given=(y > p, p > y)))
    assert judged.held
    assert judged.vacuous


def test_hypotheses_of_quantifiers_are_kept():
    assert Scene({}).judged(ForAll(p, p > 2, given=p > 3)).held
    assert Scene({}).judged(ForAll(p, p > 4, given=p > 3)) == Told(False)
    assert Scene({}).judged(ForAll(A, sp.Eq(A, A.T, evaluate=False), given=Symmetric(A))).held
    assert Scene({}).judged(
        ForAll((A, B), sp.Eq(A * B, B * A, evaluate=False), given=(Symmetric(A), Symmetric(B)))
    ) == Told(False)


def test_existence_is_shown_by_a_witness_by_solving_or_by_trying():
    scene = Scene({y: fmpq(3)})
    assert scene.judged(Exists(x, sp.Eq(x**3, y + 5), witness={x: 2})) == Told(True)
    assert scene.judged(Exists(x, sp.Eq(7 * x + y, 1))) == Told(True)
    assert scene.judged(Exists(x, sp.Eq(x**2, y), given=x < 0)) == Told(True)
    assert scene.judged(Exists(x, sp.And(x > y, x < y + sp.Rational(1, 10**6)))) == Told(True)
    untold = scene.judged(Exists(x, sp.Lt(x**2 + 1, 0, evaluate=False)))
    assert untold.held is None
    assert "no proof that there is none" in untold.reason


def test_a_witness_outside_its_domain_shows_nothing():
    claim = Exists(p, sp.Eq(p**2, 4), witness={p: y}, given=p < 3)
    assert Scene({y: fmpq(2)}).judged(claim) == Told(True)
    only = Exists(p, sp.Eq(sp.floor(p) * x, 7), witness={p: y}, given=p > 3)  # nothing else is found
    assert Scene({y: fmpq(7, 2), x: fmpq(7, 3)}).judged(only) == Told(True)
    assert Scene({y: fmpq(-2), x: fmpq(-7, 2)}).judged(only).held is None
    assert Scene({y: fmpq(1), x: fmpq(7)}).judged(only).held is None
    assert Scene({}).judged(Exists(x, sp.Eq(x**2, 4), witness={x: 3})) == Told(True)  # another one is found


def test_uniqueness_is_refuted_by_two():
    assert Scene({}).judged(Exists(x, sp.Eq(x**2, 4), unique=True)) == Told(False)
    once = Scene({}).judged(Exists(p, sp.Eq(p**2, 4), unique=True))
    assert once.held
    assert once.estimates == ("no second p was found",)


def test_what_is_only_stated_in_words_is_not_told():
    with pytest.raises(Unknown, match="stated in words"):
        Scene({}).truth(External("Sec. 6", "It works."))


@pytest.mark.parametrize("connective, deciding", [(sp.And, False), (sp.Or, True)])
def test_what_decides_cheaply_is_asked_alone(connective, deciding, monkeypatch):
    """A limit is not evaluated where another part settles the matter without doubt; an estimate is no such part."""
    asked, judged = [], Scene.judged
    monkeypatch.setattr(Scene, "judged", lambda self, part: asked.append(part) or judged(self, part))
    dear = Eq_(Limit(x, y, sp.oo), 0)
    sure, unsure = Says(int(deciding), False), Says(int(deciding), True)
    assert Scene({x: fmpq(1)}).truth(connective(dear, sure, evaluate=False)) is deciding and asked == [sure]
    asked.clear()
    Scene({x: fmpq(1)}).judged(connective(dear, unsure, evaluate=False))
    assert {unsure, dear} <= set(asked)


def Eq_(a, b):
    return sp.Eq(a, b, evaluate=False)


def test_indices_between_bounds_are_gone_through_one_by_one():
    n, j, k = sp.symbols("n j k", integer=True)
    inside = (sp.Le(1, j), sp.Le(j, n), sp.Le(1, k), sp.Le(k, n), sp.Lt(k, j))
    scene = Scene({n: fmpq(5)})
    assert scene.truth(ForAll((j, k), sp.Ge(j - k, 1), inside)) is True and not scene.estimates
    assert scene.truth(ForAll((j, k), sp.Le(j + k, 9), inside)) is True and not scene.estimates
    assert scene.truth(ForAll((j, k), sp.Le(j + k, 8), inside)) is False and not scene.estimates
    assert scene.truth(ForAll(j, sp.Ge(j, -5), sp.Le(j, n))) is not None and scene.estimates  # no lower bound
