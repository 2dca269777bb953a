"""`check`: the one place where a verdict is made."""

import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl.claims import (
    Claim,
    Step,
    check,
    discover,
)
from symssl.claims.checking import derive
from symssl.claims.deciders import (
    identity,
)
from symssl.errors import Undecided
from symssl.language.relations import Commutes, Symmetric

x, y, z = sp.symbols("x y z", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


def test_approximations_are_part_of_the_verdict():
    steps = lambda model: [Step("drop the square", x, kind="approximation", order="x^2"), Step("tidy", x)]  # noqa: E731
    found = check(Claim("a", "equation", x, steps, identity()))
    assert found.verdict == "holds"
    assert "approximation 'drop the square' of order x^2" in found.reason


def test_what_is_only_assumed_is_not_derived():
    steps = lambda model: [Step("assume it", x, kind="assumption")]  # noqa: E731
    assert check(Claim("a", "equation", x, steps, identity())).verdict == "open"


def test_a_refusal_leaves_the_claim_open_with_its_reason():
    def steps(model):
        yield Step("first", x)
        raise Undecided("the frame is not invariant", y)

    found = check(Claim("a", "equation", x, steps, identity()))
    assert found.verdict == "open"
    assert "the frame is not invariant; residual: y" in found.reason
    assert [step.text for step in found.steps] == ["first"]


def test_given_cannot_be_satisfied_by_no_matrix():
    from symssl.language.relations import Orthonormal

    found = check(claim(A, A, identity(), given=(Commutes(A, B), Symmetric(A), Orthonormal(B))))
    assert found.verdict in ("holds", "open")
    tall = sp.MatrixSymbol("T", 3, 2)
    assert check(claim(tall, tall, identity(), given=(Orthonormal(tall),))).verdict == "holds"


# --- discovery and ledger ----------------------------------------------------------------


@pytest.fixture(scope="module")
def garden():
    return discover("toy.derivations")


def test_derive_returns_the_steps(garden):
    assert [s.text for s in derive(garden.claim("garden.flow"))] == ["differentiate the loss"]


# --- lines, explicit matrices, experiments -----------------------------------------------


def lines(*results, same):
    def steps(model):
        yield Step("first", results[0])
        yield from (Step("again", result, same=same) for result in results[1:])

    return steps


@given(st.integers(-5, 5))
def test_a_line_that_repeats_the_line_before_is_proved_equal(k):
    expanded = x**2 + 2 * k * x + k**2
    claim = Claim("demo.lines", "equation", expanded, lines((x + k) ** 2, expanded, same=True), identity())
    assert check(claim).verdict == "holds"
    wrong = Claim("demo.lines", "equation", expanded, lines((x + k + 1) ** 2, expanded, same=True), identity())
    found = check(wrong)
    assert found.verdict == "open"
    assert "line 2" in found.reason


size = sp.Symbol("size", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", size, size), sp.MatrixSymbol("B", size, size)
