"""Facts come from rules alone, carry what they rest on, and combine as mathematics allows."""

import pickle

import pytest
from sympy import Eq, Gt, Integer, Le, Lt, MatrixSymbol, Rational, Symbol, exp, symbols

from symssl import InputError, Refusal, Symmetric, Undecided, inner, sq
from symssl.language import External, GradientFlow, Rate, VectorField
from symssl.statements import Fact, assumed, chained, cited, derive, follows, proved, rewritten, specialised
from symssl.statements.facts import is_genuine, weakest

x, y = symbols("x y", real=True)
k, t = symbols("k t", positive=True)
n = Symbol("n", integer=True, positive=True)
W, C = MatrixSymbol("W", 2, n), MatrixSymbol("C", n, n)


def test_nobody_makes_a_fact_by_hand():
    with pytest.raises(InputError, match="made by rules"):
        Fact(Eq(x, 17, evaluate=False), (), "because", (), "symbolic", (), ())
    forged = object.__new__(Fact)
    for name, value in zip(Fact.__dataclass_fields__, (Eq(x, 17, evaluate=False), (), "flow", (), "symbolic", (), ())):
        object.__setattr__(forged, name, value)
    assert not is_genuine(forged)
    with pytest.raises(InputError, match="a rule has made"):
        rewritten(forged, Integer(17))
    with pytest.raises(TypeError, match="stays in the process"):
        pickle.dumps(proved(Gt(k + 1, 0, evaluate=False)))


def test_a_rate_is_that_of_the_loss_and_of_no_other():
    fact = derive(Rate(sq(W), GradientFlow(sq(W * C), W)), given=(Symmetric(C),))
    assert fact.level == "symbolic" and fact.sizes == () and fact.given == (Symmetric(C),)
    assert rewritten(fact, -4 * inner(W, W * C * C)).value == -4 * inner(W, W * C * C)
    with pytest.raises(Refusal, match="differs"):
        rewritten(fact, -2 * inner(W, W * C * C))
    free = derive(Rate(sq(W), GradientFlow(sq(W * C), W)))
    with pytest.raises(Refusal, match="differs"):  # without the symmetry it is another word
        rewritten(free, -4 * inner(W, W * C * C))


def test_what_holds_at_stated_sizes_is_an_instance():
    A, B = MatrixSymbol("A", 2, 2), MatrixSymbol("B", 2, 2)
    fact = proved(Eq((A * B).T, B.T * A.T, evaluate=False))
    assert fact.level in ("symbolic", "instance")
    assert weakest(["symbolic", "certified"]) == "certified"
    assert weakest([]) == "symbolic"


def test_comparisons_are_proved_or_refused():
    assert proved(Gt(x**2 + 1, 0, evaluate=False)).rule == "signs"
    assert proved(Lt(exp(-k * t), 1, evaluate=False)).level == "symbolic"
    assert proved(Gt(x * (1 - exp(-k)) + exp(-k), 0, evaluate=False), [x > 0])
    with pytest.raises(Refusal, match="fails"):
        proved(Lt(k, 0, evaluate=False))
    with pytest.raises(Undecided):
        proved(Gt(x, 0, evaluate=False))
    with pytest.raises(Undecided):
        proved(Lt(exp(k * x), 1, evaluate=False))
    with pytest.raises(Refusal, match="fails"):
        proved(Eq((x + 1) ** 2, x**2 + 1, evaluate=False))


def test_a_chain_is_as_strict_as_its_strictest_link():
    one, two = proved(Le(k, k + 1, evaluate=False)), proved(Lt(k + 1, k + 2, evaluate=False))
    assert chained(one, two).proposition == Lt(k, k + 2, evaluate=False)
    assert chained(one, two).premises == (one, two)
    with pytest.raises(Refusal, match="other way"):
        chained(one, proved(Gt(k + 1, k, evaluate=False)))
    with pytest.raises(InputError, match="does not begin"):
        chained(one, proved(Lt(k, k + 5, evaluate=False)))


def test_a_fact_at_particular_values_keeps_the_declarations():
    fact = derive(Rate(x, VectorField({x: -k * x})), given=(x < 5,))
    assert specialised(fact, {k: Integer(2)}).value == -2 * x
    assert specialised(fact, {k: t + 1}).given == (x < 5,)
    with pytest.raises(InputError, match="declared"):
        specialised(fact, {k: Integer(-2)})
    with pytest.raises(InputError, match="hypothesis"):
        specialised(fact, {x: Integer(7)})
    assert specialised(fact, {x: Rational(9, 2)}).given == ()


def test_provisos_are_handed_on():
    theorem = External("Ky Fan, 1949", "The minimum is the sum of the least eigenvalues.")
    base = cited(theorem, Le(y, x, evaluate=False))
    fact = follows(Lt(y, x + 1, evaluate=False), base, given=(Lt(x - y, 1, evaluate=False), Le(y, x, evaluate=False)))
    assert fact.provisos == base.provisos and "Ky Fan" in fact.provisos[0]
    assert assumed(Eq(x, y, evaluate=False), "both start alike").provisos == ("both start alike",)
    assert base in fact.history and fact.history[-1] is fact
