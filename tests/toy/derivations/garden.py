"""An invented paper: one weight w, loss (w - a)^2/2 + b w^4/4, gradient flow w' = -dloss/dw."""

import sympy as sp

from symssl.claims import (
    Claim,
    Model,
    Paper,
    Step,
    cited,
    equivalent,
    gap,
    identity,
    implied,
    order_of_error,
    refuted_at,
    same_value,
    stipulated,
    valid,
)
from symssl.scalar import Flow

a, b, w = sp.symbols("a b w", positive=True)
MODEL = Model("quartic", (w - a) ** 2 / 2 + b * w**4 / 4, (w,))


def velocity(model):
    return -sp.diff(model.loss, *model.weights)


def flow_steps(model):
    yield Step("differentiate the loss", sp.expand(velocity(model)))


def approximate_steps(model):
    yield Step("keep the linear part", velocity(model).subs(b, 0), kind="approximation", order="b")


def rate_steps(model):
    yield Step("differentiate the flow", -sp.diff(velocity(model), w))


def range_steps(model):
    linear = velocity(model).subs(b, 0)
    yield Step(
        "half the weight is pulled back, and the cubic part is small",
        sp.And(linear.subs(w, w / 2) < 0, -sp.diff(velocity(model), w, 3) < 6),
    )


def degree_steps(model):
    yield Step("degree in the weight", sp.degree(velocity(model), w))


def start_steps(model):
    yield Step("pull at the target", velocity(model).subs(w, a))


def nothing(model):
    yield Step("nothing to derive")


def errors(model):
    beyond = velocity(model) - velocity(model).subs(b, 0)
    sizes = [sp.Rational(1, 10**k) for k in range(1, 6)]
    yield Step("sample what the linear part leaves out", [(size, -beyond.subs({w: size, b: 2})) for size in sizes])


CLAIMS = (
    Claim("garden.loss", "definition", sp.Eq(sp.Symbol("L"), MODEL.loss), nothing, stipulated()),
    Claim("garden.flow", "equation", a - w - b * w**3, flow_steps, identity(), model=MODEL, cite="eq. 1"),
    Claim("garden.slip", "equation", a - w + b * w**3, flow_steps, identity(), model=MODEL, cite="eq. 2"),
    Claim("garden.linear", "equation", a - w, approximate_steps, identity(), model=MODEL),
    Claim("garden.convex", "lemma", sp.Gt(1 + 3 * b * w**2, 0, evaluate=False), rate_steps, implied(), model=MODEL),
    Claim("garden.pull", "in-text", sp.Gt(2 * a, 0, evaluate=False), nothing, valid()),
    Claim("garden.degree", "in-text", 3, degree_steps, same_value(), model=MODEL),
    Claim("garden.below", "remark", a > 1, nothing, refuted_at({a: sp.Rational(1, 2)})),
    Claim("garden.range", "proposition", sp.And(w > 2 * a, b < 1), range_steps, equivalent(), model=MODEL),
    Claim("garden.gap", "proof", 0, start_steps, gap(identity(), "b = 0"), model=MODEL, source="reconstructed"),
    Claim("garden.order", "remark", 3, errors, order_of_error(), model=MODEL),
    Claim("garden.cited", "theorem", w > a, nothing, cited("an invented experiment")),
)


def equations():
    return {"flow": Flow({w: velocity(MODEL)}, (a, b)), "rate": 1 + 3 * b * w**2}


PAPER = Paper(
    "garden",
    "How gardens grow",
    "A. Nonymous, 1900",
    CLAIMS,
    equations,
    models={"quartic": Flow({w: velocity(MODEL)}, (a, b))},
    notation={"a": r"\alpha"},
)
