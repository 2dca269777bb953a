"""Results saved and loaded: exactly what they were, or a refusal that names what is wrong."""

import builtins
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from bifurcation_helpers import CUBIC, anything, branches, change, computed, identical, k, v
from hypothesis import assume, given, strategies as st
from problems import m, u as x

from symssl import Flow, ModeSum
from symssl.bifurcation import (
    Branch,
    CertifiedEquilibria,
    Diagram,
    Event,
    FieldProblem,
    RegimeMap,
    Settings,
    basins,
    bifurcation_diagram,
    critical_coefficients,
    critical_points,
    find_equilibria,
    fold_curve,
    load,
    planar_basins,
    regime_map,
)
from symssl.bifurcation.json_form import plain
from symssl.bifurcation.results import Result, frame
from symssl.errors import InputError
from symssl.modes.frozen import FrozenFlow
from symssl.scalar.flow import Field


def strict(text):
    def refuse(token):
        raise AssertionError(f"{token} is no strict JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "d.json"
    bifurcation_diagram(Flow({x: m - x**2}, (m,)), m, (-1, 1)).save(path)
    return path


@given(anything)
def test_what_is_loaded_is_what_was_saved(tmp_path_factory, result):
    path = tmp_path_factory.getbasetemp() / "round.json"
    assert result.save(path) == path
    data = strict(path.read_text())
    assert (
        data["result"] in ("branch", "diagram", "curve", "equilibria", "regime map", "planar basins")
        and data["version"] == 2
    )
    for again in (load(path), type(result).load(path), type(result).from_dict(data)):
        assert identical(again, result) and again == result


@given(branches(shortest=1), st.data())
def test_results_differ_where_one_number_does(branch, data):
    place = data.draw(st.integers(0, len(branch) - 1))
    lam = branch.lam.copy()
    lam[place] = 1.0 if lam[place] != 1.0 else 2.0
    assert branch == replace(branch) and branch != replace(branch, lam=lam)
    assert branch != replace(branch, status=branch.status + ".") and branch != Diagram((branch,))


@pytest.mark.parametrize("result", [pytest.param(r, id=f"{r._kind}-{j}") for j, r in enumerate(computed())])
def test_computed_results_come_back(result, tmp_path):
    again = load(result.save(tmp_path / "r.json"))
    assert identical(again, result)
    if isinstance(result, RegimeMap) and len(result.axes) == 2:
        for a, b in zip(again.boundaries(points=20), result.boundaries(points=20), strict=True):
            assert np.array_equal(a, b, equal_nan=True)
    if isinstance(result, CertifiedEquilibria):
        assert [e.point for e in again] == [e.point for e in result] and again.pattern == result.pattern


def test_the_equilibria_of_a_paper_come_back(tmp_path):
    from symssl.claims.discovery import discover

    flow = discover().papers["bao2023"].model("cosine")
    values = dict(rho=sp.Rational(1, 10), sigma2=sp.Rational(1, 4), N_Phi=1, N_Psi=1, N_x=sp.Rational(1, 2))
    found = find_equilibria(flow, values)
    again = load(found.save(tmp_path / "e.json"))
    assert identical(again, found) and again.flow.frozen == flow.frozen and len(again) == 4


@pytest.mark.parametrize(
    "edit, words",
    [
        (lambda d: d.update(result="cake"), "no saved .*it names the result 'cake'"),
        (lambda d: d.pop("result"), "it names no result"),
        (lambda d: d.update(result=["diagram"]), "no saved"),
        (lambda d: d.update(version=1), "diagram in form 1.*reads form 2"),
        (lambda d: d.pop("version"), "form None"),
        (lambda d: d.pop("complete"), "'complete' is missing"),
        (lambda d: d.update(complete="yes"), "complete: expected bool"),
        (lambda d: d["branches"][0].pop("lam"), "branches: 'lam' is missing"),
        (lambda d: d["branches"][0]["lam"].pop(), "branches: points and states differ"),
        (lambda d: d["branches"][0]["x"].append([1, 2]), "branches: x"),
        (lambda d: d["branches"][0]["lam"].__setitem__(0, "__import__('os')"), "expected a number"),
        (lambda d: d["branches"][0]["unstable"].__setitem__(0, 0.5), "unstable: an array of int64"),
        (lambda d: d["branches"][0]["tangent"].pop(), "differ"),
        (lambda d: d["branches"][0]["events"][0].update(state=[1.0, 2.0]), "another number of states"),
        (lambda d: d["branches"][0]["events"][0].update(multiplicity="two"), "multiplicity"),
        (
            lambda d: d["branches"][0].update(lam={"dtype": "object", "shape": [1], "values": [1]}),
            "'object' is not read",
        ),
        (lambda d: d.update(branches=3), "branches: expected list"),
        (lambda d: d["branches"].append(1), "expected dict"),
    ],
)
def test_damaged_files_are_refused_by_name(saved, edit, words):
    change(saved, edit)
    with pytest.raises(InputError, match=words) as error:
        load(saved)
    assert str(saved) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2]",
        "3",
        '"diagram"',
        '{"result": "diagram", "version": 2, "note": NaN}',
        "[" * 100_000,
        "\x00\x01",
    ],
)
def test_what_is_no_result_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError, match="no saved result"):
        load(path)


def test_a_truncated_file_is_refused(saved):
    text = saved.read_text()
    for length in range(0, len(text) - 1, len(text) // 40):
        saved.write_text(text[:length])
        with pytest.raises(InputError, match=r"d\.json is no saved"):
            load(saved)


def test_other_files_are_refused(saved, tmp_path):
    with pytest.raises(InputError, match="holds a diagram, not a branch"):
        Branch.load(saved)
    assert isinstance(Diagram.load(saved), Diagram)
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)
    saved.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="no saved"):
        load(saved)


def test_maps_and_basins_that_do_not_fit_together(tmp_path):
    path = regime_map(CUBIC, {m: (-1, 1, 3)}, {k: 1}).save(tmp_path / "m.json")
    change(path, lambda d: d["axes"]["m"].pop())
    with pytest.raises(InputError, match="do not fit the axes"):
        load(path)
    path = regime_map(CUBIC, {m: (-1, 1, 3)}, {k: 1}).save(tmp_path / "m.json")
    change(path, lambda d: d["patterns"].clear())
    with pytest.raises(InputError, match="no pattern"):
        load(path)
    path = planar_basins(Flow({x: x - x**3, v: -v}), {x: (-2, 2), v: (-1, 1)}, n=3).save(tmp_path / "b.json")
    change(path, lambda d: d["attractors"].pop())
    with pytest.raises(InputError, match="not among"):
        load(path)


def test_what_cannot_be_written_is_refused():
    twin = sp.Symbol("u", positive=True)
    flow = FrozenFlow({x: -x}, (), ((twin, ModeSum(twin)),))
    with pytest.raises(InputError, match="shares its name"):
        CertifiedEquilibria(flow, (), True).to_dict()
    with pytest.raises(InputError, match=r"gamma.* has no form"):
        CertifiedEquilibria(Flow({x: sp.gamma(x)}), (), True).to_dict()
    with pytest.raises(InputError, match="Zarr"):
        RegimeMap(Field({"m": np.zeros(10**7 + 1)}), Field(), np.zeros(10**7 + 1, np.uint8), Field({0: None})).to_dict()
    with pytest.raises(ValueError, match="complex"):
        plain(np.zeros(2, complex), np.ndarray)


def test_tables_of_the_other_results():
    curve = fold_curve(CUBIC, (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    table = curve.to_dataframe()
    assert list(table.columns) == ["m", "k", "u", "residual"] and table.k.to_numpy() == pytest.approx(
        3 * table.u.to_numpy() ** 2
    )
    cusp = curve.events_dataframe().to_dict("records")[0]
    assert (cusp["label"], cusp["m"], cusp["k"], cusp["u"]) == (
        "CP",
        pytest.approx(0),
        pytest.approx(0),
        pytest.approx(0),
    )
    table = find_equilibria(CUBIC, {m: 0, k: 4}).to_dataframe()
    assert table.u.tolist() == [-2, 0, 2] and table.stability.tolist() == ["stable", "unstable", "stable"]
    found = regime_map(CUBIC, {m: (-1, 1, 5), k: (-1, 3, 4)})
    table = found.to_dataframe(lambda pattern: pattern.number)
    assert list(table.columns) == ["m", "k", "class", "regime"] and len(table) == 20
    assert table.regime.value_counts().to_dict() == found.counts(lambda pattern: pattern.number)
    for row in table.itertuples():
        assert (row.regime == "3") == (4 * row.k**3 > 27 * row.m**2)
    table = planar_basins(Flow({x: x - x**3, v: -v}), {x: (-2, 2), v: (-1, 1)}, n=4).to_dataframe()
    assert (
        len(table) == 16
        and table[table.u < 0].code.unique().tolist() == [0]
        and table[table.u > 0].code.unique().tolist() == [1]
    )


def test_tables_need_pandas_and_distinct_names(monkeypatch):
    with pytest.raises(InputError, match=r"two columns .* stable"):
        bifurcation_diagram(Flow({sp.Symbol("stable", real=True): m}, (m,)), m, (-1, 1)).branches or frame(
            [("stable", []), ("stable", [])]
        )
    whole = builtins.__import__

    def without(name, *args, **options):
        if name == "pandas":
            raise ImportError
        return whole(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    for result in computed():
        with pytest.raises(InputError, match="pip install pandas"):
            result.to_dataframe()


def test_every_result_is_frozen_and_knows_its_kind():
    kinds = {cls._kind for cls in Result.__subclasses__()}
    assert kinds == {"branch", "diagram", "curve", "equilibria", "regime map", "planar basins"}
    for cls in Result.__subclasses__():
        assert cls.__dataclass_params__.frozen


@pytest.mark.parametrize("result", [pytest.param(r, id=f"{r._kind}-{j}") for j, r in enumerate(computed())])
def test_every_result_equals_its_pickle_and_its_file(result, tmp_path):
    assert pickle.loads(pickle.dumps(result)) == result
    assert load(result.save(tmp_path / "r.json")) == result


@given(anything)
def test_results_survive_pickling(result):
    flow = getattr(getattr(result, "equilibria", result), "flow", None)
    assume(pickle.loads(pickle.dumps(flow)) == flow)  # SymPy evaluates what it unpickles
    again = pickle.loads(pickle.dumps(result))
    assert again == result and identical(again, result)


def test_parts_of_results_survive_pickling():
    x_, m_ = sp.symbols("x m", real=True)
    fold = critical_points(Flow({x_: m_ - x_**2}, (m_,)), m_)
    coefficients = critical_coefficients(FieldProblem(Flow({x_: m_ - x_**2}, (m_,)), m_), Event("LP", 0.0, (0.0,)))
    for part in (*basins(Flow({x_: 1 / x_ - x_})), *fold, coefficients, Settings(points=9)):
        assert pickle.loads(pickle.dumps(part)) == part and hash(part) == hash(pickle.loads(pickle.dumps(part)))
