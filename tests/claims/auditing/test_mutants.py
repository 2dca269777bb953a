"""Wrong versions of statements and models: every kind, distinct, of fitting shapes."""

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.claims import Model
from symssl.claims.auditing.mutants import model_mutants, statement_mutants
from symssl.language.operators import E, sg
from symssl.language.random_vectors import gaussians
from symssl.language.scalars import cosine, inner, sq

x, y, z, w = sp.symbols("x y z w", positive=True)
n, d = sp.symbols("n d", integer=True, positive=True)
W, P = sp.MatrixSymbol("W", n, n), sp.MatrixSymbol("P", n, d)
u, v = gaussians("u v", d, cov=[[1 + x, 1], [1, 1 + x]])


def kinds(mutants):
    return {label.split(": ")[1].split(" of ")[0] for label, _ in mutants}


def test_every_kind_of_slip_is_tried():
    assert {"sign", "factor", "exponent", "dropped term"} <= kinds(statement_mutants(x**2 * y - z))
    assert {"swapped symbols x and y", "integer"} <= kinds(statement_mutants(3 * x - y))
    assert "lost transpose" in kinds(statement_mutants(W * W.T - 2 * W))
    assert "flipped relation" in kinds(statement_mutants(x > y))
    assert "integer" in kinds(statement_mutants(sp.Integer(2)))
    assert "dropped element" in kinds(statement_mutants(sp.FiniteSet(2, 4)))
    assert "swapped entries 0 and 1" in kinds(statement_mutants(sp.Tuple(x, y, x)))
    assert "negation" in kinds(statement_mutants(sp.true))


def test_shapes_are_kept():
    """P is not square: P P^T cannot lose its transpose."""
    assert not any("lost transpose of P.T" in label for label, _ in statement_mutants(W * P * P.T))


_TERMS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=4, unique=True
)


@given(_TERMS)
def test_mutants_are_distinct_and_most_of_them_wrong(terms):
    """As functions on a grid, by Fractions: at most swapped symbols may leave the value unchanged."""
    formula = sum(c * x**i * y**j for c, i, j in terms)
    mutants = statement_mutants(formula)
    assert len({m for _, m in mutants}) == len(mutants)
    assert len({label for label, _ in mutants}) == len(mutants)
    points = [(Fraction(a, 7), Fraction(b, 5)) for a in (2, 9, 31) for b in (3, 8, 44)]

    def values(expr):
        return [Fraction(str(expr.subs({x: sp.Rational(a), y: sp.Rational(b)}))) for a, b in points]

    truth = values(formula)
    for label, mutant in mutants:
        if sp.expand(mutant - formula) != 0:
            assert values(mutant) != truth, label
        else:
            assert "swapped" in label or "factor" in label or "integer" in label


def test_model_mutants_reach_every_part():
    model = Model("m", -E(cosine(W * P * u, sg(P * v))) + inner(W, W.T) / 2, (W, P), weight_decay=y)
    found = model_mutants(model)
    labels = " ".join(label for label, _ in found)
    for part in (
        "sign of",
        "factor of",
        "lost transpose of W.T",
        "stop-gradient removed",
        "covariance (u, u)",
        "covariance (u, v)",
        "covariance (v, v)",
        "weight decay times 2",
        "weight decay times -1",
    ):
        assert part in labels, part
    assert all(m.loss != model.loss or m.weight_decay != model.weight_decay for _, m in found)
    removed = next(m for label, m in found if "stop-gradient" in label)
    assert removed.loss == -E(cosine(W * P * u, P * v)) + inner(W, W.T) / 2
    assert all(set(model.weights) <= m.loss.free_symbols for _, m in found)


def test_covariances_stay_symmetric():
    for label, mutant in model_mutants(Model("m", E(sq(W * P * u - P * v)), (W, P))):
        if "covariance (u, v)" in label:
            joint = next(iter(mutant.loss.atoms(type(u)))).joint
            assert joint.covariance("u", "v") == joint.covariance("v", "u") == sp.Rational(3, 2)
            break
    else:
        pytest.fail("no covariance was changed")
