"""A scene: precision is set in one place and restored, estimates are shared, unknown nodes are told."""

import numpy as np
import pytest
import sympy as sp
from flint import ctx, fmpq
from sympy.logic.boolalg import Boolean

from symssl import samples, total
from symssl.language.scalars import ScalarNode
from symssl.statements.meaning.scene import Scene, Special, Told, Unknown, evaluator, truth_evaluator

x = sp.Symbol("x", real=True)


class Guess(ScalarNode):
    """A term whose value rests on an estimate."""

    def __new__(cls):
        return sp.Basic.__new__(cls)


@evaluator(Guess)
def _guess(node, scene):
    scene.estimate("a guess")
    return fmpq(1)


class Shy(Boolean):
    """A condition that is never told."""


@truth_evaluator(Shy)
def _shy(node, scene):
    return None


def test_the_precision_is_that_of_the_scene_and_is_restored():
    before = ctx.prec
    wide, narrow = (Scene({}, bits=bits).value(sp.sqrt(2)).rel_accuracy_bits() for bits in (512, 64))
    assert wide > 500 > 70 > narrow > 55
    assert ctx.prec == before
    with pytest.raises(Unknown):
        Scene({}, bits=512).value(sp.log(0, evaluate=False))
    assert ctx.prec == before


def test_another_precision_within_a_block_finds_the_value_again():
    scene = Scene({}, bits=64)
    coarse = scene.value(sp.sqrt(3))
    with scene.at_precision(400):
        assert scene.value(sp.sqrt(3)).rel_accuracy_bits() > 380
    assert scene.value(sp.sqrt(3)).rel_accuracy_bits() == coarse.rel_accuracy_bits()


def test_an_estimate_is_noted_each_time_it_is_used():
    scene = Scene({})
    assert scene.judged(sp.Eq(Guess(), 1)) == Told(True, ("a guess",))
    assert scene.judged(sp.Eq(Guess(), 1)) == Told(True, ("a guess",))
    assert scene.estimates == []
    scene.within({x: fmpq(1)}).value(Guess() + x)
    assert scene.estimates == ["a guess"]


def test_a_value_of_a_name_is_that_of_its_own_scene():
    scene = Scene({x: fmpq(1)})
    assert scene.value(x + 1) == 2
    assert scene.within({x: fmpq(5)}).value(x + 1) == 6
    assert scene.value(x + 1) == 2


def test_what_has_no_meaning_or_no_value_is_told():
    with pytest.raises(Unknown, match="no meaning is known of zeta"):
        Scene({}).value(sp.zeta(x))
    with pytest.raises(Unknown, match="x has no value here"):
        Scene({}).value(x)
    told = Scene({}).judged(Shy())
    assert told.held is None
    assert "not told at this precision" in told.reason
    with pytest.raises(Unknown):
        Scene({}).note(told)


def test_a_hypothesis_that_was_solved_is_not_asked_again():
    condition = sp.Eq(x**2, 2)
    with ctx.workprec(256):
        scene = Scene({x: Scene({}).value(sp.sqrt(2)), Special.SOLVED: frozenset({condition})})
    assert scene.kept(condition) == Told(True)
    assert scene.judged(condition).estimates  # two enclosures overlap
    assert scene.kept(sp.Eq(x**2, 3)).held is False


def test_a_size_is_a_whole_number():
    n = sp.Symbol("n", integer=True)
    assert Scene({n: fmpq(3)}).size(n + 1) == 4
    with pytest.raises(Unknown, match="no whole number"):
        Scene({n: fmpq(3)}).size(n / 2)


class Counted(ScalarNode):
    """Its argument, counted each time it is evaluated, and an estimate."""

    seen: list[sp.Basic] = []

    def __new__(cls, inside):
        return sp.Basic.__new__(cls, inside)


@evaluator(Counted)
def _counted(node, scene):
    Counted.seen.append(node.args[0])
    scene.estimate("counted")
    return scene.value(node.args[0])


def test_what_an_index_does_not_occur_in_is_evaluated_once():
    k, m, size = sp.Symbol("k"), sp.Symbol("m"), sp.Integer(3)
    X = samples("u", 1, 3)
    scene = Scene({x: fmpq(2), k: fmpq(100), "u": np.array([[fmpq(1), fmpq(2), fmpq(4)]], dtype=object)})
    Counted.seen.clear()
    once, each = Counted(x), Counted(sp.Trace(X[k] * X[k].T))
    total_ = scene.value(total(once * each + total(once * each * m, (m, size)), (k, size)))
    assert total_ == 2 * 21 + 2 * 21 * 6
    assert Counted.seen.count(x) == 1
    assert len(Counted.seen) == 1 + 3
    assert scene.estimates == ["counted"]
    assert scene.value(sp.Add(k, once)) == 102


def test_a_place_at_another_precision_has_values_of_its_own():
    k = sp.Symbol("k")
    here = Scene({x: fmpq(2)}).at_place(k, fmpq(3))
    with here.at_precision(512):
        fine = here.value(sp.sqrt(x))
    assert fine.rad() < here.value(sp.sqrt(x)).rad()
