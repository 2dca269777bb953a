"""Values as JSON and back: flows, expressions, rationals and arrays, exactly."""

import json

import numpy as np
import pytest
from bifurcation_helpers import change, flows, identical
from hypothesis import given
from problems import u as x

from symssl import Flow
from symssl.bifurcation import (
    find_equilibria,
    load,
)
from symssl.bifurcation.json_form import Ints, plain, restored
from symssl.errors import InputError


@given(flows())
def test_flows_come_back_with_every_assumption(flow):
    data = json.loads(json.dumps(plain(flow, Flow), allow_nan=False))
    again = restored(data, Flow, {})
    assert again == flow and type(again) is type(flow) and identical(again.states, flow.states)
    for a, b in zip((*flow.states, *flow.parameters), (*again.states, *again.parameters)):
        assert a == b and a.assumptions0 == b.assumptions0


@pytest.mark.parametrize(
    "edit, words",
    [
        (lambda f: f["states"].update(u=["__import__", "os"]), "no operator or function '__import__'"),
        (lambda f: f["states"].update(u="os"), "'os' is not declared"),
        (lambda f: f["states"].update(u=["/", 1, 0]), "not finite"),
        (lambda f: f["states"].update(u=["^", -1, ["/", 1, 2]]), "imaginary"),
        (lambda f: f["states"].update(u=["constant", "os"]), "os"),
        (lambda f: f["states"].update(u={}), "expected list"),
        (lambda f: f["symbols"]["u"].update(real="yes"), "not true or false"),
        (lambda f: f["symbols"]["u"].update(positive=True, negative=True), "nconsistent"),
        (lambda f: f.update(parameters=["nobody"]), "'nobody' is not declared"),
    ],
)
def test_no_expression_is_built_but_from_the_table(tmp_path, edit, words):
    path = find_equilibria(Flow({x: x - x**3})).save(tmp_path / "e.json")
    change(path, lambda d: edit(d["flow"]))
    with pytest.raises(InputError, match=words):
        load(path)


@pytest.mark.parametrize("text", ["1e999999999", "1/0", "0.5", "nan", "1/-2", "__import__('os')"])
def test_bounds_are_plain_rationals(tmp_path, text):
    path = find_equilibria(Flow({x: x - x**3})).save(tmp_path / "e.json")
    change(path, lambda d: d["points"][0]["bounds"]["u"].__setitem__(0, text))
    with pytest.raises(InputError, match="damaged"):
        load(path)


def test_integers_keep_their_type():
    data = plain(np.array([1, 2]), np.ndarray)
    assert identical(restored(data, np.ndarray, {}), np.array([1, 2])) and plain(np.array([1, 2]), Ints) == [1, 2]
    assert identical(restored([1, 2], np.ndarray, {}), np.array([1.0, 2.0]))  # rewritten by a tool without doubles
    for wrong in ([True, False], [[1], [1, 2]], [2**70]):
        with pytest.raises((ValueError, OverflowError)):
            restored(wrong, Ints, {})


@pytest.mark.parametrize(
    "tree",
    [
        ["^", 9, ["^", 9, ["^", 9, 9]]],
        ["^", ["^", 2, 9999], 9999],
        ["^", "u", 10**9],
        ["^", 10, ["*", 1000, ["*", 1000, 1000]]],
        ["^", ["+", 1, ["*", ["^", 3, 9999], 5]], ["/", 9999, 2]],
    ],
)
def test_towers_are_refused_before_they_are_evaluated(tmp_path, tree):
    path = find_equilibria(Flow({x: x - x**3})).save(tmp_path / "e.json")
    change(path, lambda d: d["flow"]["states"].update(u=["+", "u", tree]))
    with pytest.raises(InputError, match="too large"):
        load(path)


@pytest.mark.parametrize("kept", [["^", "u", ["/", 3, 2]], ["^", 2, 1000], ["^", "u", ["*", -1, ["/", 7, 3]]]])
def test_ordinary_powers_are_read(kept):
    data = {"symbols": {"u": {"positive": True}}, "states": {"u": ["+", "u", kept]}, "parameters": []}
    assert restored(data, Flow, {}).states


def test_numbers_beyond_the_doubles_are_no_infinities():
    beyond = json.loads("1e999")
    for data, hint in ((beyond, float), ([1.0, beyond], np.ndarray)):
        with pytest.raises(ValueError, match=r"number"):
            restored(data, hint, {})
    assert restored(["inf", 1.0], np.ndarray, {})[0] == np.inf


def test_a_changed_number_is_noticed(tmp_path):
    path = find_equilibria(Flow({x: x - x**3})).save(tmp_path / "e.json")
    change(path, lambda d: d.update(note="another"))
    with pytest.raises(InputError, match="not what was written"):
        load(path)
    change(path, lambda d: d.pop("checksum"))
    with pytest.raises(InputError, match="no checksum"):
        load(path)
