"""Claims, steps, models and papers: malformed ones are refused where they are made."""

import numpy as np
import pytest
import sympy as sp

from symssl.claims import (
    Claim,
    Model,
    Paper,
    Step,
    check,
)
from symssl.claims.deciders import (
    identity,
)
from symssl.errors import InputError
from symssl.exact.statements import as_statement

x, y, z = sp.symbols("x y z", positive=True)


STEPS = lambda model: [Step("derive", x)]  # noqa: E731


@pytest.mark.parametrize(
    "build, culprit",
    [
        (lambda: Step(""), "text"),
        (lambda: Step("a", kind="guess"), "guess"),
        (lambda: Step("a", x, same=np.ones(3)), "same must be True or False"),
        (lambda: Step("a", kind="approximation"), "order"),
        (lambda: Step("a", kind="cited"), "cites"),
        (lambda: Claim("", "equation", x, STEPS, identity()), "id"),
        (lambda: Claim("a b", "equation", x, STEPS, identity()), "id"),
        (lambda: Claim("a", "saying", x, STEPS, identity()), "saying"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), source="rumour"), "rumour"),
        (lambda: Claim("a", "equation", x, [Step("b")], identity()), "steps"),
        (lambda: Claim("a", "equation", x, STEPS, "identity"), "decide"),
        (lambda: Claim("a", "equation", 0.5, STEPS, identity()), "exact"),
        (lambda: Claim("a", "equation", x + sp.Float(0.5), STEPS, identity()), "float"),
        (lambda: Claim("a", "equation", sp.nan, STEPS, identity()), "NaN"),
        (lambda: Claim("a", "equation", "x + 1", STEPS, identity()), "SymPy"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=(x < 0,)), "false"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=("x > 0",)), "hypothesis"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), given=x > 1), "tuple"),
        (lambda: Claim("a", "equation", x, STEPS, identity(), model="cosine"), "Model"),
        (lambda: Model("", x, (x,)), "name"),
        (lambda: Model("m", x, (y,)), "y"),
        (lambda: Model("m", x, ()), "weight"),
        (lambda: Paper("p", "t", "c", (x,)), "Claim"),
        (
            lambda: Paper("p", "t", "c", [Claim("a", "equation", x, STEPS, identity())] * 2),
            r"claims\[0\] and claims\[1\]",
        ),
        (lambda: check("p.a"), "Claim"),
        (lambda: as_statement({"x": 1}), "SymPy"),
    ],
)
def test_malformed_input_names_the_culprit(build, culprit):
    with pytest.raises(InputError, match=culprit):
        build()


def test_a_derivation_without_steps_is_malformed():
    with pytest.raises(InputError, match="no step"):
        check(Claim("a", "equation", x, lambda model: [], identity()))
    with pytest.raises(InputError, match="must yield steps, not"):
        check(Claim("a", "equation", x, lambda model: [x], identity()))


def test_a_first_line_repeats_nothing_and_words_cannot():
    with pytest.raises(InputError, match="repeat"):
        Step("only words", same=True)


@pytest.mark.parametrize(
    "more, culprit",
    [
        ({"corrects": "demo.a"}, "another claim"),
        ({"corrects": "demo.b"}, "source='new'"),
        ({"source": "elsewhere"}, "source"),
    ],
)
def test_what_corrects_another_claim_is_new(more, culprit):
    with pytest.raises(InputError, match=culprit):
        Claim("demo.a", "result", x, lambda model: iter(()), identity(), **more)
