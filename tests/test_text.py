"""Text is data: no public function, method or operator runs it, whatever it is wrapped in and wherever it stands."""

import os
import warnings
from itertools import cycle, islice
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest
import sympy as sp

import symssl
from benchmarks.reliability.catalogue import ROOMS, calls, unlisted
from benchmarks.reliability.texts import places, runs_text, tries
from benchmarks.reliability.wrong import CODE, holders, was_evaluated
from symssl import (
    Flow,
    InputError,
    ModeFlow,
    ModeSum,
    SymsslError,
    bifurcation_diagram,
    compile_flow,
    compile_function,
    count_equilibria,
    find_equilibria,
    gradient_flow,
    integrate,
    latex,
    matrix_equal,
    power_trajectory,
    regime_map,
    sq,
)
from symssl.bifurcation import load, open_map, regime_map_to_zarr


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """Good calls of everything public; what they write goes to a folder of their own."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("calls"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield calls(tmp_path_factory.mktemp("files"))
    os.chdir(before)


def test_no_room_is_left_out():
    """The command line is tried as commands, and papers and figures are no rooms."""
    rooms = {module.name for module in iter_modules(symssl.__path__) if module.ispkg}
    assert set(ROOMS) == rooms - {"cli", "derivations", "figures"}


def test_everything_public_is_in_the_catalogue(catalogue):
    inherited = {"ExactFlow.__getitem__", "Run.__getitem__", "KernelTrajectory.__getitem__"}  # from TimeCourse
    by_name = {"imported"}  # to import what a name says is what it is for
    assert set(unlisted(catalogue)) == {"WorkerFailure", *by_name, *inherited}


def test_the_good_calls_are_good_but_for_a_few(catalogue):
    """What is refused at once would hide what comes after: nearly every call gets through as it stands.

    The rest has its good arguments in another call, or ends in a refusal by its nature.
    """
    refused = set()
    for name, (function, args, options) in catalogue.items():
        try:
            function(*args, **options)
        except SymsslError:
            refused.add(name.partition(" ")[0])
    assert len(refused) <= len(catalogue) / 20, sorted(refused)


@pytest.mark.slow
def test_no_call_runs_the_text_in_its_arguments(catalogue, capsys):
    """At every place a text in a tuple, and two of the other containers by turns."""
    others = cycle([name for name in holders() if name != "tuple"])
    ran, tried = [], 0
    for name, (function, args, options) in catalogue.items():
        for words, put in places(args, options):
            for kind in ("tuple", *islice(others, 2)):
                try:
                    changed = put(holders()[kind])
                except TypeError:  # no key, since it cannot be hashed
                    continue
                tried += 1
                if runs_text(function, *changed):
                    ran.append(f"{name}: {words} = {kind}")
    assert tried > 3000 and ran == []


def test_the_search_finds_what_runs_text():
    def convert(thing, options=None):
        return sp.sympify(thing, strict=True)

    found = [words for words, ran in tries(convert, (sp.Symbol("x"),), {"options": {"a": 1}}) if ran]
    assert "0 = tuple" in found and "0 = frozenset" in found and "0 = text" not in found
    assert not any(words.startswith("options") for words in found)


NAMES = [CODE, f"x);{CODE}", f'"+{CODE}+"', f"x\n{CODE}\n", "lambda", "None", "x y", ""]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_symbols_are_no_code(name, tmp_path):
    """A name may be any text, and goes into compiled code, files and formulas as a name."""
    x, m, p, q = (
        sp.Symbol(name + end, **{sign: True}) for end, sign in zip(("", "m", "p", "q"), ["real"] * 2 + ["positive"] * 2)
    )
    n = sp.Symbol("n", integer=True, positive=True)
    W = sp.MatrixSymbol(name or "W", 2, 2)
    flow = Flow({x: m * x - x**3}, (m,))
    for backend in ("numpy", "mpmath", "ball"):
        assert compile_function(x**2 + m, (x, m), backend=backend)(3, 1) == 10
    assert compile_flow(flow).rhs(2.0, 1.0)[0] == -6 == flow.to_function({m: 1})(0, [2.0])[0]
    assert len(find_equilibria(flow, {m: 1})) == 3
    assert bifurcation_diagram(flow, m, (-1, 1)).events
    found = regime_map(flow, {m: (-1, 1, 4)})
    found.save(tmp_path / "map.json")
    assert load(tmp_path / "map.json") == found
    if name.startswith("__") or "\n" in name:  # an axis is a folder of the store
        with pytest.raises(InputError, match="rename the parameter"):
            regime_map_to_zarr(flow, {m: (-1, 1, 4)}, tmp_path / "map.zarr")
    else:
        stored = regime_map_to_zarr(flow, {m: (-1, 1, 4)}, tmp_path / "map.zarr")
        assert open_map(stored.path).counts() == found.counts()
    assert np.isclose(integrate(flow, {x: 1.0}, [0, 1], {m: 1.0})[x][-1], 1)
    assert latex(flow) and count_equilibria(flow).verify()
    assert matrix_equal(gradient_flow(sq(W) / 2, W).rhs[W], -W)
    assert ModeFlow({p: -p * q}, {q: ModeSum(p**2)}, (), n).compile().rhs(np.ones(3)).tolist() == [[-3.0] * 3]
    assert power_trajectory(Flow({p: p - p**3})).at([0.0], 1.0).tolist() == [1.0]
    assert not was_evaluated()
