"""Helpers of the tests of `symssl.bifurcation`: diagrams of known problems, and strategies for results."""

import json
import string
from dataclasses import fields

import numpy as np
import sympy as sp
from hypothesis import assume, strategies as st
from hypothesis.extra import numpy as hnp
from problems import k, m, u as x, v

from symssl import Flow, ModeSum
from symssl.bifurcation import (
    STATUSES,
    Branch,
    CertifiedEquilibria,
    Curve,
    Diagram,
    Event,
    Pattern,
    PlanarBasins,
    RegimeMap,
    bifurcation_diagram,
    find_equilibria,
    fold_curve,
    planar_basins,
    regime_map,
)
from symssl.errors import InputError
from symssl.modes.frozen import FrozenFlow
from symssl.scalar.flow import Field


def diagram(problem, flow=None, **options):
    return bifurcation_diagram(
        flow or problem.flow,
        problem.parameter,
        problem.bounds,
        dict(problem.values),
        within=dict(problem.within) or None,
        **options,
    )


CUBIC = Flow({x: m + k * x - x**3}, (m, k))


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


doubles = st.floats(allow_nan=False) | st.just(float("nan"))


texts = st.text(max_size=12)
statuses = st.sampled_from(list(STATUSES))


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
        draw(statuses),
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
        draw(statuses),
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
        st.sampled_from(["exact", "Krawczyk"]),
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
    yield planar_basins(well, {x: (-2, 2), v: (-2, 2)}, n=6)


def change(path, edit):
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))
