"""Results saved and loaded: exactly what they were, or a refusal that names what is wrong."""

import builtins
import json
import string
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from problems import BIFURCATIONS, m
from problems import u as x

from symssl import Flow, ModeSum
from symssl.bifurcation import (
    Branch,
    CertifiedEquilibria,
    Curve,
    Diagram,
    Event,
    Pattern,
    PlanarBasins,
    RegimeMap,
    bifurcation_diagram,
    continue_branch,
    find_equilibria,
    fold_curve,
    load,
    planar_basins,
    regime_map,
)
from symssl.bifurcation.json_form import Ints, plain, restored
from symssl.bifurcation.results import Result, frame
from symssl.errors import InputError
from symssl.modes.frozen import FrozenFlow
from symssl.scalar.flow import Field

v, k = sp.symbols("v k", real=True)
CUBIC = Flow({x: m + k * x - x**3}, (m, k))


def strict(text):
    def refuse(token):
        raise AssertionError(f"{token} is no strict JSON")

    return json.loads(text, parse_constant=refuse)


def identical(a, b):
    """Whether two values are the same in type, value, order and sign of zero, all the way down."""
    if type(a) is not type(b) and not (isinstance(a, (dict, Field)) and isinstance(b, (dict, Field))):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    if isinstance(a, (dict, Field)):
        return list(a) == list(b) and all(identical(a[key], b[key]) for key in a)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, sp.Basic):
        return a == b and all(map(identical, a.args, b.args))  # equal symbols have equal assumptions
    if hasattr(a, "__dataclass_fields__"):
        return all(identical(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return a == b


# --- what there may be in a result ----------------------------------------------------------

doubles = st.floats(allow_nan=False) | st.just(float("nan"))
texts = st.text(max_size=12)
names = st.lists(st.text(string.ascii_letters + "_", min_size=1, max_size=5), min_size=2, max_size=4, unique=True)


def arrays(shape, dtype=float):
    if dtype is int:
        return hnp.arrays(np.int64, shape)
    return hnp.arrays(np.float64, shape, elements=doubles)


def events(n):
    rational = st.fractions().map(str)
    return st.lists(
        st.builds(
            Event,
            st.sampled_from(["LP", "BP", "HB", "UZ"]),
            doubles,
            st.tuples(*[doubles] * n),
            st.none() | st.integers(0, 9),
            st.none() | st.dictionaries(texts, st.tuples(rational, rational), max_size=2),
            texts,
            doubles,
        ),
        max_size=3,
    ).map(tuple)


@st.composite
def branches(draw, shortest=0):
    (parameter, *states), length = draw(names), draw(st.integers(shortest, 4))
    n = len(states)
    return Branch(
        parameter,
        tuple(states),
        draw(st.dictionaries(texts, texts, max_size=2)),
        draw(arrays(length)),
        draw(arrays((length, n))),
        draw(arrays(length, int)),
        draw(arrays(length)),
        draw(arrays(n + 1)),
        draw(events(n)),
        draw(texts),
        draw(texts),
    )


diagrams = st.builds(
    Diagram, st.lists(branches(), max_size=3).map(tuple), st.booleans(), texts, st.lists(doubles, max_size=3).map(tuple)
)


@st.composite
def curves(draw):
    states, length = draw(names), draw(st.integers(0, 4))
    return Curve(
        draw(st.sampled_from(["fold", "Hopf"])),
        ("a1", "a2"),
        draw(arrays((length, 2))),
        tuple(states),
        draw(arrays((length, len(states)))),
        draw(events(len(states) + 1)),
        draw(arrays(length)),
        draw(texts),
        draw(texts),
    )


SYMBOLS = (
    *sp.symbols("x y", real=True),
    *sp.symbols("p q", positive=True),
    sp.Symbol("n", integer=True, nonnegative=True),
    sp.Symbol("z"),
)
leaves = st.sampled_from([*SYMBOLS, sp.pi, sp.E]) | st.fractions(max_denominator=10**20).map(sp.Rational)


def composed(parts):
    unary = st.sampled_from([sp.exp, sp.sin, sp.cosh, sp.Abs, sp.log, sp.erf, sp.sign, sp.sqrt, sp.atan])
    return (
        st.builds(sp.Add, parts, parts)
        | st.builds(sp.Mul, parts, parts)
        | st.builds(lambda f, e: f(e), unary, parts)
        | st.builds(sp.Pow, parts, st.integers(-3, 3))
        | st.builds(lambda a, b: sp.Mul(2, sp.Add(a, b), evaluate=False), parts, parts)
        | st.builds(sp.Max, parts, st.integers(-2, 2))
    )


@st.composite
def flows(draw):
    a, b = draw(st.permutations(SYMBOLS))[:2]
    try:
        sides = [draw(st.recursive(leaves, composed, max_leaves=6)) for _ in range(2)]
        made = Flow(dict(zip((a, b), sides)), tuple(s for s in SYMBOLS if s not in (a, b)))
    except (InputError, ValueError):  # zoo, an imaginary unit, a Max of what cannot be compared
        assume(False)
    return draw(st.sampled_from([made, FrozenFlow(made.states, made.parameters, ((a, sp.sqrt(ModeSum(a**2))),))]))


@st.composite
def equilibria(draw, flow=None):
    flow = draw(flows()) if flow is None else flow
    rational = st.fractions(max_denominator=10**30).map(sp.Rational)
    point = st.builds(
        lambda ends, *rest: (Field(zip(flow.states, ends)), *rest),
        st.tuples(*[st.tuples(rational, rational)] * 2),
        st.none() | st.integers(1, 5),
        st.sampled_from(["stable", "undecided"]),
        st.none() | st.integers(0, 2),
        texts,
    )
    from symssl.bifurcation import CertifiedEquilibrium

    points = tuple(CertifiedEquilibrium(*p) for p in draw(st.lists(point, max_size=3)))
    return CertifiedEquilibria(flow, points, draw(st.booleans()), draw(texts))


@st.composite
def maps(draw):
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3))
    classes = draw(hnp.arrays(draw(st.sampled_from([np.uint8, np.uint16, np.int64])), shape))
    small = st.lists(st.integers(1, 4), max_size=2).map(tuple)
    patterns = {
        int(c): Pattern(draw(small), draw(st.integers(0, 3)), draw(small), draw(st.lists(texts, max_size=2).map(tuple)))
        for c in np.unique(classes)
    }
    axes = Field({f"axis{j}": draw(arrays(n)) for j, n in enumerate(shape)})
    return RegimeMap(
        axes,
        Field(draw(st.dictionaries(texts, texts, max_size=2))),
        classes,
        Field(patterns),
        draw(st.integers(0)),
        draw(doubles),
        draw(texts),
        draw(st.dictionaries(texts, texts, max_size=2)),
    )


@st.composite
def planar(draw):
    found = draw(equilibria())
    attractors = tuple(range(len(found)))
    codes = draw(hnp.arrays(np.int64, (2, 3), elements=st.integers(-2, len(attractors) - 1)))
    return PlanarBasins(
        draw(arrays(3)),
        draw(arrays(2)),
        codes,
        found,
        attractors,
        tuple(draw(st.lists(arrays((3, 2)) | arrays((0, 2)), max_size=2))),
    )


anything = branches() | diagrams | curves() | equilibria() | maps() | planar()


# --- round trips ----------------------------------------------------------------------------


@given(anything)
def test_what_is_loaded_is_what_was_saved(tmp_path_factory, result):
    path = tmp_path_factory.getbasetemp() / "round.json"
    assert result.save(path) == path
    data = strict(path.read_text())
    assert (
        data["result"] in ("branch", "diagram", "curve", "equilibria", "regime map", "planar basins")
        and data["version"] == 1
    )
    for again in (load(path), type(result).load(path), type(result).from_dict(data)):
        assert identical(again, result) and again == result


@given(flows())
def test_flows_come_back_with_every_assumption(flow):
    data = json.loads(json.dumps(plain(flow, Flow), allow_nan=False))
    again = restored(data, Flow, {})
    assert again == flow and type(again) is type(flow) and identical(again.states, flow.states)
    for a, b in zip((*flow.states, *flow.parameters), (*again.states, *again.parameters)):
        assert a == b and a.assumptions0 == b.assumptions0


@given(branches(shortest=1), st.data())
def test_results_differ_where_one_number_does(branch, data):
    place = data.draw(st.integers(0, len(branch) - 1))
    lam = branch.lam.copy()
    lam[place] = 1.0 if lam[place] != 1.0 else 2.0
    assert branch == replace(branch) and branch != replace(branch, lam=lam)
    assert branch != replace(branch, status=branch.status + ".") and branch != Diagram((branch,))


def computed():
    pitchfork = Flow({x: m * x - x**3}, (m,))
    well = Flow({x: v, v: x - x**3 - v / 2})
    yield bifurcation_diagram(pitchfork, m, (-1, 1))
    yield bifurcation_diagram(pitchfork, m, (-1, 1), method="continuation").branches[1]
    yield fold_curve(CUBIC, (m, k), (1.0, -2.0, 3.0), bounds=(-1, 4))
    yield find_equilibria(Flow({x: sp.exp(-x) - x}), within={x: (0, 1)})
    yield find_equilibria(CUBIC, {m: sp.Rational(1, 3), k: 2})
    yield regime_map(CUBIC, {m: (-1, 1, 9), k: (0, 3, 7)})
    yield regime_map(CUBIC, {m: (-1, 1, 5)}, {k: 1})
    yield planar_basins(well, {}, {x: (-2, 2), v: (-2, 2)}, 6)


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
    "problem", [p for p in BIFURCATIONS if p.name in ("fold", "hysteresis", "Lorenz")], ids=lambda p: p.name
)
def test_a_loaded_branch_is_continued_as_the_one_saved(problem, tmp_path):
    start = next(
        b for b in bifurcation_diagram(problem.flow, problem.parameter, problem.bounds, method="continuation").branches
    )
    begin, at = start.x[0], start.lam[0]
    short = continue_branch(
        problem.flow,
        problem.parameter,
        begin,
        at=at,
        bounds=problem.bounds,
        points=6,
        direction=1 if at == problem.bounds[0] else -1,
    )
    assert short.status == "points"
    again = load(short.save(tmp_path / "b.json"))
    on = [continue_branch(problem.flow, problem.parameter, b, bounds=problem.bounds) for b in (short, again)]
    assert identical(*on) and len(on[0]) > 3 and on[0].status == "bound"
    assert np.array_equal(on[1].x[0], short.x[-1]) or on[1].x[0] == pytest.approx(short.x[-1], abs=1e-12)


# --- what is refused ------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "d.json"
    bifurcation_diagram(Flow({x: m - x**2}, (m,)), m, (-1, 1)).save(path)
    return path


def change(path, edit):
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


@pytest.mark.parametrize(
    "edit, words",
    [
        (lambda d: d.update(result="cake"), "no saved .*it names the result 'cake'"),
        (lambda d: d.pop("result"), "it names no result"),
        (lambda d: d.update(result=["diagram"]), "no saved"),
        (lambda d: d.update(version=2), "diagram in form 2.*reads form 1"),
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
        '{"result": "diagram", "version": 1, "note": NaN}',
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
        with pytest.raises(InputError, match="d.json is no saved"):
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


def test_maps_and_basins_that_do_not_fit_together(tmp_path):
    path = regime_map(CUBIC, {m: (-1, 1, 3)}, {k: 1}).save(tmp_path / "m.json")
    change(path, lambda d: d["axes"]["m"].pop())
    with pytest.raises(InputError, match="do not fit the axes"):
        load(path)
    path = regime_map(CUBIC, {m: (-1, 1, 3)}, {k: 1}).save(tmp_path / "m.json")
    change(path, lambda d: d["patterns"].clear())
    with pytest.raises(InputError, match="no pattern"):
        load(path)
    path = planar_basins(Flow({x: x - x**3, v: -v}), {}, {x: (-2, 2), v: (-1, 1)}, 3).save(tmp_path / "b.json")
    change(path, lambda d: d["attractors"].pop())
    with pytest.raises(InputError, match="not among"):
        load(path)


def test_what_cannot_be_written_is_refused():
    twin = sp.Symbol("u", positive=True)
    flow = FrozenFlow({x: -x}, (), ((twin, ModeSum(twin)),))
    with pytest.raises(InputError, match="shares its name"):
        CertifiedEquilibria(flow, (), True).to_dict()
    with pytest.raises(InputError, match="gamma.* has no form"):
        CertifiedEquilibria(Flow({x: sp.gamma(x)}), (), True).to_dict()
    with pytest.raises(InputError, match="Zarr"):
        RegimeMap(Field({"m": np.zeros(10**7 + 1)}), Field(), np.zeros(10**7 + 1, np.uint8), Field({0: None})).to_dict()
    with pytest.raises(ValueError, match="complex"):
        plain(np.zeros(2, complex), np.ndarray)


def test_integers_keep_their_type():
    data = plain(np.array([1, 2]), np.ndarray)
    assert identical(restored(data, np.ndarray, {}), np.array([1, 2])) and plain(np.array([1, 2]), Ints) == [1, 2]
    assert identical(restored([1, 2], np.ndarray, {}), np.array([1.0, 2.0]))  # rewritten by a tool without doubles
    for wrong in ([True, False], [[1], [1, 2]], [2**70]):
        with pytest.raises((ValueError, OverflowError)):
            restored(wrong, Ints, {})


# --- tables ---------------------------------------------------------------------------------


def test_tables_of_branches_and_diagrams():
    found = bifurcation_diagram(Flow({x: m * x - x**3}, (m,)), m, (-1, 1))
    table = found.to_dataframe()
    assert list(table.columns) == ["branch", "m", "u", "unstable", "stable", "residual"]
    assert table.groupby("branch").size().tolist() == [len(b) for b in found.branches]
    for number, branch in enumerate(found.branches):
        rows = table[table.branch == number]
        assert np.array_equal(rows.u, branch.x[:, 0]) and np.array_equal(rows.stable, branch.stable)
    (pitchfork,) = found.events_dataframe().to_dict("records")
    assert (pitchfork["label"], pitchfork["name"], pitchfork["m"], pitchfork["u"], pitchfork["proved"]) == (
        "BP",
        "pitchfork",
        0,
        0,
        True,
    )
    assert found.branches[0].events_dataframe().label.tolist() == ["BP"]
    assert len(Diagram(()).to_dataframe()) == len(Diagram(()).events_dataframe()) == 0


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
    table = planar_basins(Flow({x: x - x**3, v: -v}), {}, {x: (-2, 2), v: (-1, 1)}, 4).to_dataframe()
    assert (
        len(table) == 16
        and table[table.u < 0].code.unique().tolist() == [0]
        and table[table.u > 0].code.unique().tolist() == [1]
    )


def test_tables_need_pandas_and_distinct_names(monkeypatch):
    with pytest.raises(InputError, match="two columns .* stable"):
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
