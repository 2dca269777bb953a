"""Arguments of every public function: what is malformed is refused by name, never by an accident inside."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from bifurcation_helpers import CUBIC, computed
from hypothesis import given, settings, strategies as st
from problems import k, m, u, v

from symssl import Flow, MatrixFlow, bifurcation, gradient_flow, sq
from symssl.bifurcation import (
    Basin,
    Branch,
    CertifiedEquilibrium,
    CriticalCoefficients,
    CriticalPoint,
    Curve,
    Diagram,
    Event,
    FieldProblem,
    ModeProblem,
    Pattern,
    PlanarBasins,
    RegimeMap,
    Settings,
    Wall,
    basins,
    bifurcation_diagram,
    continue_branch,
    critical_coefficients,
    critical_points,
    find_equilibria,
    fold_curve,
    hopf_curve,
    hopf_points,
    load,
    open_map,
    planar_basins,
    regime_map,
    regime_map_to_zarr,
)
from symssl.bifurcation.inputs import box_of, limits_of, point_of, points_of
from symssl.errors import InputError, SymsslError

W = sp.MatrixSymbol("W", 2, 2)
MATRIX_FLOW = gradient_flow(sq(W), [W])
assert isinstance(MATRIX_FLOW, MatrixFlow)
TURNING = Flow({u: m * u - v - u**3, v: u + m * v - v**3}, (m,))

wrong = st.sampled_from(
    [
        3,
        -1.5,
        float("nan"),
        True,
        None,
        "m",
        "nobody",
        b"m",
        {1, 2},
        frozenset(),
        (),
        (1,),
        [1, "a"],
        {},
        {"m": "one"},
        {3: 4},
        {m: None},
        {u: (1, 0)},
        {u: 5},
        np.ones(3),
        np.ones((2, 2)),
        np.float64(2),
        1j,
        sp.Matrix([1, 2]),
        sp.Symbol("t"),
        m,
        u**2,
        sp.pi,
        CUBIC,
        MATRIX_FLOW,
        lambda *arguments: None,
        Flow,
        object(),
    ]
)

# every public function that computes, with arguments that are right
CALLS = (
    (find_equilibria, {"flow": CUBIC, "values": {m: 0, k: 1}, "within": None, "seeds": (), "digits": 16, "boxes": 99}),
    (basins, {"flow": CUBIC, "values": {m: 0, k: 1}}),
    (
        planar_basins,
        {"flow": Flow({u: -u, v: -v}), "within": {u: (-1, 1), v: (-1, 1)}, "values": None, "n": 2}
        | {"time": 1.0, "rtol": 1e-3, "atol": 1e-3},
    ),
    (
        continue_branch,
        {"flow": CUBIC, "parameter": m, "start": {u: 1, m: 0}, "values": {k: 1}, "bounds": (-1, 1), "direction": 1}
        | {"within": None, "functions": None, "method": "arclength", "settings": Settings(points=3)},
    ),
    (
        bifurcation_diagram,
        {"flow": CUBIC, "parameter": m, "bounds": (-1, 1), "values": {k: 1}, "within": None, "method": "explicit"}
        | {"functions": None, "settings": Settings(points=9)},
    ),
    (
        fold_curve,
        {"flow": CUBIC, "parameters": (m, k), "start": {u: 1, m: -2, k: 3}, "values": None, "bounds": (2, 4)}
        | {"method": "auto", "within": None, "functions": None, "settings": Settings(points=9)},
    ),
    (
        hopf_curve,
        {"flow": Flow({u: m * u - v - k * u**3, v: u + m * v - v**3}, (m, k)), "parameters": (m, k)}
        | {"start": (0, 0, 0, 1), "values": None, "bounds": (0.5, 2), "within": None, "functions": None}
        | {"settings": Settings(points=3)},
    ),
    (critical_points, {"flow": Flow({u: m - u**2}, (m,)), "parameter": m, "digits": 9}),
    (hopf_points, {"flow": TURNING, "parameter": m, "digits": 9}),
    (
        critical_coefficients,
        {"problem": FieldProblem(Flow({u: m - u**2}, (m,)), m), "event": Event("LP", 0.0, (0.0,))},
    ),
    (
        regime_map,
        {"flow": CUBIC, "axes": {m: (-1, 1, 3)}, "values": {k: 1}, "label": str, "method": "auto", "within": None}
        | {"executor": None, "progress": None},
    ),
    (FieldProblem, {"flow": CUBIC, "parameters": m, "values": {k: 1}}),
    (ModeProblem, {"coupled": None, "parameter": "m", "values": None}),
    (load, {"path": "nowhere.json"}),
    (Diagram.load, {"path": "nowhere.json"}),
    (open_map, {"path": "nowhere.zarr"}),
    (Branch.from_dict, {"data": {}}),
    (Settings, {"step": 0.1, "smallest": 1e-3, "largest": 0.2, "points": 5, "samples": 1, "size": 1, "state_bound": 2}),
)


def refusal(function, **arguments):
    """What a call refuses with, in words; None where it succeeds.  Any other error is a failure."""
    try:
        function(**arguments)
    except SymsslError as error:
        return str(error)
    return None


@pytest.mark.parametrize("function, arguments", CALLS, ids=lambda c: getattr(c, "__qualname__", ""))
@given(st.data())
@settings(max_examples=30)
def test_malformed_arguments_are_refused(function, arguments, data):
    names = data.draw(st.lists(st.sampled_from(sorted(arguments)), min_size=1, max_size=2, unique=True))
    told = refusal(function, **(arguments | {name: data.draw(wrong) for name in names}))
    assert told is None or (told and "\n" not in told)


@given(st.sampled_from(["axes", "path", "values", "chunk", "method", "executor", "overwrite", "progress"]), wrong)
def test_malformed_arguments_of_stored_maps(tmp_path_factory, name, value):
    where = tmp_path_factory.mktemp("maps")
    right = {"flow": CUBIC, "axes": {m: (-1, 1, 3)}, "values": {k: 1}, "path": where / "m.zarr"}
    if name == "path" and isinstance(value, str):
        value = where / value
    assert refusal(regime_map_to_zarr, **(right | {name: value})) != ""


METHODS = [
    (result, name, arguments)
    for result in computed()
    for name, arguments in (
        ("boundaries", ("label", "points")),
        ("labelled", ("label",)),
        ("counts", ("label",)),
        ("to_dataframe", ("label",)),
        ("save", ("path",)),
    )
    if hasattr(result, name) and (name != "to_dataframe" or isinstance(result, RegimeMap))
]


@given(st.sampled_from(METHODS), wrong.filter(lambda value: not isinstance(value, (str, type)) and not callable(value)))
def test_malformed_arguments_of_methods(method, value):
    result, name, arguments = method
    for argument in arguments:
        assert refusal(getattr(result, name), **{argument: value}) != ""


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: find_equilibria(np.ones(3)), "flow must be a Flow.*ndarray"),
        (lambda: find_equilibria(MATRIX_FLOW), "flow must be a Flow.*not a MatrixFlow"),
        (lambda: find_equilibria(CUBIC, "mk"), "values must be a mapping.*the string 'mk'"),
        (lambda: find_equilibria(CUBIC, {m, k}), "values must be a mapping.*a set"),
        (lambda: find_equilibria(CUBIC, {m: 1, k: 1}, within="u"), "within must be a mapping"),
        (lambda: regime_map(u, {m: (0, 1, 3)}), "flow must be a Flow.*u"),
        (lambda: regime_map(CUBIC, "m"), "axes must be a mapping"),
        (lambda: regime_map(CUBIC, {m, k}), "axes must be a mapping"),
        (lambda: bifurcation_diagram(5, m, (0, 1)), "flow must be a Flow.*not 5"),
        (lambda: bifurcation_diagram(CUBIC, m, {0, 1}, {k: 1}), "bounds must be a sequence of two numbers"),
        (lambda: bifurcation_diagram(CUBIC, m, "01", {k: 1}), "bounds must be a sequence of two numbers"),
        (lambda: basins(None), "flow must be a Flow.*None"),
        (lambda: continue_branch(CUBIC, m, {u: 1, "w": 2}, {k: 1}, bounds=(0, 1)), "start gives a value to w"),
        (lambda: continue_branch(CUBIC, m, {}, {k: 1}, bounds=(0, 1)), "start gives no value to u"),
        (lambda: continue_branch(CUBIC, m, {u: 1, m: 0}, {k: 1}, at=0, bounds=(0, 1)), "both give a value to m"),
        (lambda: fold_curve(CUBIC, m, (1, -2, 3), bounds=(0, 4)), "parameters must be a sequence of two"),
        (lambda: critical_points(CUBIC, m), "no parameter but m: fix k"),
    ],
)
def test_messages_name_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_starts_are_mappings_or_in_order():
    by_name = continue_branch(CUBIC, "m", {"u": 1, "m": 0}, {"k": 1}, bounds=(-1, 1))
    in_order = continue_branch(CUBIC, m, (1,), values={k: 1}, at=0, bounds=(-1, 1))
    assert by_name == in_order
    one, other = (fold_curve(CUBIC, (m, k), s, bounds=(-1, 4)) for s in ({k: 3, m: -2, u: 1}, (1, -2, 3)))
    assert one == other


@given(st.permutations([u, v, m]), st.lists(st.floats(-5, 5), min_size=3, max_size=3))
def test_points_do_not_depend_on_the_order_of_a_mapping(order, numbers):
    named = dict(zip((u, v, m), numbers))
    point = point_of("start", {x: named[x] for x in order}, (u, v, m))
    assert point.tolist() == numbers == points_of("seeds", [numbers], (u, v, m))[0].tolist()


def test_boxes_and_limits_are_exact():
    assert box_of(TURNING, {"v": (0, sp.Rational(1, 3)), u: (0.5, 1)}) == {
        u: (sp.Rational(1, 2), 1),
        v: (0, sp.Rational(1, 3)),
    }
    assert limits_of("bounds", (0, sp.pi)) == (0.0, float(sp.pi))


# --- what a person sees -------------------------------------------------------------------


@cache
def shown():
    """One of everything that is public and is shown."""
    return tuple(examples())


def examples():
    lower = CertifiedEquilibrium({u: (sp.Integer(0), sp.Integer(1))}, None, "undecided", None, "Krawczyk")
    wall = Wall("pole", {u: (sp.Integer(1), sp.Integer(2))})
    many = sp.symbols("q_1:16", real=True)
    long = Flow({q: m - q for q in many}, (m,))
    yield from computed()
    yield bifurcation_diagram(long, m, (0, 1), method="continuation", within=dict.fromkeys(many, (-2, 2)))
    yield continue_branch(long, m, [0.0] * 15, bounds=(0, 1))
    yield continue_branch(long, m, [0.0] * 15, bounds=(0, 1), functions={"f" * 99: lambda x, at: at - 0.5}).events[0]
    yield from (lower, wall, Basin(None, wall, lower), Pattern((1,), 2, (), ("unstable", "half-stable")))
    yield Event("BP", 0.5, (1.0,) * 40, 2, None, "pitchfork")
    yield CriticalCoefficients("fold", {"a": 1.0, "b": 2.0}, "two equilibria")
    yield critical_points(Flow({u: m - u**2}, (m,)), m)[0]
    yield critical_points(Flow({u: m - u**2}, (m,)), m)
    yield FieldProblem(long, m)
    yield Settings()


def test_reprs_fit_a_prompt_and_name_the_class():
    for one in shown():
        lines = repr(one).split("\n")
        assert len(lines) <= 12 and max(map(len, lines)) <= 120, repr(one)
        assert repr(one).startswith(type(one).__name__)


def test_everything_public_is_shown():
    classes = {
        getattr(bifurcation, name) for name in bifurcation.__all__ if isinstance(getattr(bifurcation, name), type)
    }
    hidden = {bifurcation.Problem, ModeProblem, bifurcation.StoredMap, bifurcation.RegimeConditions}
    assert classes - hidden <= {type(one) for one in shown()}
    assert {CriticalPoint, Curve, PlanarBasins} <= classes


def test_tables_for_notebooks_are_small_and_escaped():
    for one in shown():
        if isinstance(one, (Settings, Wall)):
            continue
        table = one._repr_html_()
        assert table.startswith("<table>") and table.endswith("</table>") and table.count("<tr>") <= 20
        assert len(table) < 8000


def test_names_cannot_inject_markup():
    evil = sp.Symbol("<script>", real=True)
    flow = Flow({evil: m - evil}, (m,))
    for one in (find_equilibria(flow, {m: 1}), continue_branch(flow, m, 0, at=0, bounds=(0, 1)), FieldProblem(flow, m)):
        assert "<script>" not in one._repr_html_()
    assert "<script>" not in regime_map(flow, {m: (0, 1, 3)}, label=lambda pattern: "<script>")._repr_html_()


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: find_equilibria(CUBIC, {m: 0, "m": 1, k: 1}), "values gives m twice"),
        (lambda: bifurcation_diagram(CUBIC, m, (-2, 2), {k: 3, m: 1}), "gives a number to m, which varies"),
        (lambda: continue_branch(CUBIC, m, {u: 1}, {k: 1, m: 1}, at=0, bounds=(0, 1)), "gives a number to m"),
        (lambda: fold_curve(CUBIC, (m, k), (1, -2, 3), {m: 7}, bounds=(0, 4)), "gives a number to m"),
        (lambda: regime_map(CUBIC, {m: (-2, 2), k: (0, 1, 3)}), "the axis m must be a tuple"),
        (lambda: regime_map(CUBIC, {m: (-1, 1, 401.0), k: (0, 1, 3)}), "the number of points of the axis m"),
        (lambda: find_equilibria(CUBIC, {m: 0, k: 1}, within={u: (float("nan"), 1)}), r"within\[u\]"),
    ],
)
def test_what_could_be_misread_is_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
