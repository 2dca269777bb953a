"""Unit vectors of symbolic length."""

import pickle

import pytest
from sympy import Eq, MatrixSymbol, latex, symbols

from symssl import InputError, inner, total
from symssl.language import Object, UnitVector, Vocabulary, unit

d, z = symbols("d z", integer=True, positive=True)
j = symbols("j", integer=True)
q = MatrixSymbol("q", d, z)


def test_a_unit_vector_has_length_place_and_an_accustomed_print():
    e = unit(2, d)
    assert e.shape == (d, 1) and e.index == 2 and e.size == d
    assert latex(e) == "e_{2}" and str(e) == "e[2]"
    assert pickle.loads(pickle.dumps(e)) == e


def test_unit_vectors_of_two_lengths_differ_and_occur_together_undeclared():
    entry = inner(unit(1, d), q * unit(1, z))
    assert unit(1, d) != unit(1, z)
    sentence = Vocabulary(Object(d, "d"), Object(z, "z"), Object(q, "q")).sentence(Eq(entry, 0, evaluate=False))
    assert [o.name for o in sentence.objects] == ["d", "z", "q"]


def test_a_sum_binds_the_place_and_may_stop_before_the_last():
    projector = total(unit(j, d) * unit(j, d).T, (j, z))
    assert projector.shape == (d, d) and projector.args[1:] == (j, z)
    assert projector.has(UnitVector) and j not in projector.free_symbols


@pytest.mark.parametrize("place, length", [(0, d), (4, 3), (-1, 3), (d / 2, d), (1, -1), (q, d)])
def test_places_outside_are_refused(place, length):
    with pytest.raises(InputError):
        unit(place, length)
