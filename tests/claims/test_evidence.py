"""Evidence is verified anew: what is forged, or about something else, settles nothing."""

from dataclasses import replace

import pytest
import sympy as sp

from symssl.claims import (
    Claim,
    Counterexample,
    NumericalExperiment,
    ProvedIdentity,
    Step,
    Stipulation,
    check,
)
from symssl.claims.deciders import (
    identity,
    order_of_error,
)
from symssl.errors import InputError

x, y, z = sp.symbols("x y z", positive=True)


def claim(printed, derived, decide, **options):
    return Claim(
        "test.claim",
        options.pop("kind", "equation"),
        printed,
        lambda model: [Step("derive", derived)],
        decide,
        **options,
    )


FORGED = [
    lambda p, d, g: ProvedIdentity(p, p),
    lambda p, d, g: ProvedIdentity(d, d),
    lambda p, d, g: Counterexample(p, d, {x: 1, y: 0}, (1, 0)),
    lambda p, d, g: Counterexample(p, d, {}, (), correction=x),
    lambda p, d, g: Counterexample(p, d, {x: 1, y: 1}, (2, 0), correction=x),
    lambda p, d, g: Stipulation(sp.Eq(x, y), d, {x: 1, y: 1}),
    lambda p, d, g: NumericalExperiment(p, d, "looks fine", True),
]


@pytest.mark.parametrize("forge", FORGED)
def test_forged_evidence_settles_nothing(forge):
    """`check` believes no decider: the statement x + y against the derived y + x + 0 or x - y."""
    derived = x - y
    found = check(claim(x + y, derived, forge))
    assert found.verdict == "open", found


def test_what_is_not_evidence_is_an_error():
    with pytest.raises(InputError, match="must return evidence, not"):
        check(claim(x, x, lambda p, d, g: "holds"))


@pytest.mark.parametrize(
    "kind, power, verdict", [("approximation", 2, "holds"), ("approximation", 1, "refuted"), ("theorem", 2, "open")]
)
def test_experiments_decide_numerical_statements_only(kind, power, verdict):
    def steps(model):
        sizes = [sp.Rational(1, 10**k) for k in range(1, 6)]
        yield Step("errors", tuple((h, 3 * h**2) for h in sizes))

    found = check(Claim("demo.order", kind, sp.Integer(power), steps, order_of_error()))
    assert found.verdict == verdict
    assert found.evidence == "numerical"


def test_stated_sizes_make_the_evidence_that_of_an_instance():
    def steps(model):
        yield Step("expand", sp.expand((x + 1) ** 2))

    plain = Claim("demo.sizes", "equation", x**2 + 2 * x + 1, steps, identity())
    assert check(plain).evidence == "symbolic"
    assert check(replace(plain, sizes="two modes: the others are alike")).evidence == "instance"
