"""Dynamics as objects: options, states, relations, equations; bad input."""

import pickle

import pytest
from sentences import CANONICAL, CUBIC, DECAYING, DESCENT, GRASSMANN, LETTER, LINEAR, PAIR, STIEFEL, SYMMETRIC
from sympy import Identity, MatrixSymbol, Rational, Symbol, Tuple, latex as sympy_latex, symbols

from symssl import Grassmann, InputError, Orthonormal, Stiefel, Symmetric, gradient_flow, inner, latex, matrix_equal, sq
from symssl.language import Dynamics, GradientDescent, GradientFlow, VectorField
from symssl.language.dynamics import Held

x, y, a = symbols("x y a", real=True)
n, m = symbols("n m", integer=True, positive=True)
W, V, C = MatrixSymbol("W", n, m), MatrixSymbol("V", n, n), MatrixSymbol("C", m, m)
ALL = (LINEAR, LETTER, STIEFEL, CANONICAL, GRASSMANN, SYMMETRIC, DESCENT, DECAYING, CUBIC, PAIR)


@pytest.mark.parametrize("dynamics", ALL)
def test_rebuilt_and_pickled(dynamics):
    again = pickle.loads(pickle.dumps(dynamics))
    assert isinstance(dynamics, Dynamics)
    assert again == dynamics == dynamics.func(*dynamics.args) and hash(again) == hash(dynamics)
    assert again.where == dynamics.where and again.states == dynamics.states
    if not isinstance(dynamics, VectorField):
        assert again.options == dynamics.options


def test_options_are_those_of_the_engine():
    """What the flow of the engine is made from: the same right-hand side with and without the object between."""
    loss = sq(W * C) / 2
    flow = GradientFlow(loss, W, decay=a**2, rates={W: a**2 + 1}, extra={W: W * C})
    made = gradient_flow(flow.loss, flow.states, **flow.options)
    by_hand = gradient_flow(loss, (W,), weight_decay=a**2, rates={W: a**2 + 1}, extra={W: W * C})
    assert made.rhs == by_hand.rhs
    assert GradientFlow(loss, W).options == {}
    assert GradientDescent(loss, W, step=a, decay=1).flow == GradientFlow(loss, W, decay=1)


def test_relations_and_geometry_are_held_and_substituted_into():
    flow = GradientFlow(sq(V * W), W, geometry={W: Stiefel("euclidean")}, where=(Symmetric(V), Orthonormal(W)))
    other = flow.subs(n, 3)
    assert other.where == (Symmetric(MatrixSymbol("V", 3, 3)), Orthonormal(MatrixSymbol("W", 3, m)))
    assert other.options["geometry"] == {MatrixSymbol("W", 3, m): Stiefel("euclidean")}
    assert flow.xreplace({V: MatrixSymbol("U", n, n)}).where[0] == Symmetric(MatrixSymbol("U", n, n))
    assert Held(Grassmann()) != Held(Grassmann(rows=True)) and Held(Grassmann()).func(*Held(Grassmann()).args).value
    held = Held(Stiefel("euclidean", rows=True))
    assert held.func(*held.args) == held and held.func(*held.args).value.rows
    assert V in flow.free_symbols and Symmetric(V) in flow.where


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: GradientFlow(W, W), "must be a scalar"),
        (lambda: GradientFlow(x, W + W), "must be a symbol"),
        (lambda: GradientFlow(x, ()), "one at least"),
        (lambda: GradientFlow(x, (x, x)), "every weight once"),
        (lambda: GradientFlow("x**2", x), "text is never evaluated|must be"),
        (lambda: GradientFlow(x, x, rates={y: 1}), "names y, which is none"),
        (lambda: GradientFlow(x, x, where=x), "must be relations"),
        (lambda: VectorField({}), "one state at least"),
        (lambda: VectorField({W: V}), "has not the shape"),
        (lambda: VectorField({W: x}), "has not the shape"),
        (lambda: VectorField({x: "y"}), "must be"),
        (lambda: GradientDescent(x, x, step=None), "must be"),
        (lambda: GradientDescent(x, x, step=W), "the step size must be a scalar"),
        (lambda: GradientFlow(x, x, decay=W), "the decay must be a scalar"),
        (lambda: GradientFlow(sq(W), W, rates={W: W}), "the rate of W must be a scalar"),
        (lambda: GradientFlow(sq(W), W, extra={W: W.T}), "extra term of W has not the shape"),
        (lambda: GradientFlow(sq(W), W, geometry={W: "Stiefel"}), "geometry of W must be"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(InputError, match=words):
        make()


EQUATIONS = {
    "decay": (LINEAR, r"\dot{W} = - \nabla_{W} \mathcal{L} - \rho W"),
    "a loss with a letter": (LETTER, r"\dot{W} = - \eta \nabla_{W} L"),
    "an extra term": (LETTER, r"\dot{V} = - \nabla_{V} L + V"),
    "Stiefel": (STIEFEL, r"W W^{\top} = \mathbb{I}"),
    "a relation": (STIEFEL, r"C = C^{\top}"),
    "canonical": (CANONICAL, r"W \left(\nabla_{W} \mathcal{L}\right)^{\top} W"),
    "Grassmann": (GRASSMANN, r"\left(\mathbb{I} - V V^{\top}\right) \nabla_{V} \mathcal{L}"),
    "symmetric": (SYMMETRIC, r"\nabla_{A} \mathcal{L} + \left(\nabla_{A} \mathcal{L}\right)^{\top}"),
    "a step": (DESCENT, r"W^{\mathrm{next}} = W - \eta \nabla_{W} \mathcal{L}"),
    "a step of two terms": (DECAYING, r"W - \eta \left(\nabla_{W} f\left(W\right) + \rho W\right)"),
    "a vector field": (PAIR, r"\dot{y} = - c x - y"),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUATIONS)
def test_equations_say_what_the_dynamics_are(name):
    dynamics, wanted = EQUATIONS[name]
    assert wanted in latex(dynamics)
    assert r"\dot" in sympy_latex(dynamics) or r"\mathrm{next}" in sympy_latex(dynamics)


def test_the_printed_projection_is_the_one_of_the_engine():
    G, U = MatrixSymbol("G", 5, 2), MatrixSymbol("U", 5, 2)
    wanted = {
        Grassmann(): -(Identity(5) - U * U.T) * G,
        Stiefel("canonical"): -(G - U * G.T * U),
        Stiefel("euclidean"): -(G - Rational(1, 2) * U * (U.T * G + G.T * U)),
    }
    for shape, velocity in wanted.items():
        made = gradient_flow(inner(G, U), U, geometry={U: shape}).rhs[U]
        assert matrix_equal(made, velocity), shape


def test_states_are_in_their_order():
    assert PAIR.states == (Symbol("x", real=True), Symbol("y", real=True)) and PAIR.args[0] == Tuple(*PAIR.states)
    assert LETTER.states[0].name == "W" and repr(GradientFlow(x**2, x)) == "GradientFlow(x**2, (x,))"
    assert repr(VectorField({x: -x})) == "VectorField(x: -x)"
