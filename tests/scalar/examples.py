"""One example or more of every class of the room, for what all of them have in common: repr, LaTeX, pickling."""

import sympy as sp
from problems import MODES, RATIO, SCALAR, SIXTH, a, b, c, c_x, d, k, m, p, rho, x, y

from symssl import Flow, count_equilibria, fold_set
from symssl.scalar import Case, Field

BY_NAME = {problem.name: problem.flow for problem in SCALAR}
LORENZ = Flow(
    {x: a * (y - x), y: x * (b - sp.Symbol("z", real=True)) - y, sp.Symbol("z", real=True): x * y - c}, (a, b, c)
)
w = sp.Symbol("w", positive=True)
MANY = sp.symbols("n_1:16", real=True)

FLOWS = {
    **BY_NAME,
    "modes": MODES,
    "ratio": RATIO,
    "sixth order": SIXTH,
    "predator and prey": Flow({x: a * x - b * x * y, y: -c * y + d * x * y}, (a, b, c, d)),
    "fifteen states": Flow({q: sum(MANY) - k * q**3 for q in MANY}, (k,)),
}


def _examples():
    """(name, object) pairs; what is refused for a flow is no example."""
    for name, flow in FLOWS.items():
        yield f"flow: {name}", flow
    for name in (*BY_NAME, "sixth order"):
        yield f"count: {name}", count_equilibria(FLOWS[name])
        yield f"folds: {name}", fold_set(FLOWS[name])
        yield f"equilibria: {name}", FLOWS[name].equilibria()
    yield "count: every point", count_equilibria(Flow({x: m * x}, (m,)))
    yield "count: order not decided", Case(m > 0, (2, 1), 0, (1,), None)
    count = count_equilibria(BY_NAME["imperfect pitchfork"])
    yield "case", count.cases[1]
    yield "certificate", count.certificate[0]
    yield "equilibrium", BY_NAME["cubic with decay"].equilibria().explicit[1]
    yield "no equilibrium", Flow({x: 1 + x**2}).equilibria()
    yield "equilibria of a system", Flow({x: y - x, y: m - x**2}, (m,)).equilibria()
    yield "predator and prey", FLOWS["predator and prey"].equilibria()
    yield "no fold", fold_set(Flow({x: m - x}, (m,)))
    yield "scaling: logistic", Flow({w: a * w * (1 - w / b) - c}, (a, b, c)).nondimensionalize()
    yield "scaling: sixth order", SIXTH.nondimensionalize()
    yield "scaling: predator and prey", FLOWS["predator and prey"].nondimensionalize()
    yield "invariants: modes", MODES.invariants()
    yield "invariants: predator and prey", FLOWS["predator and prey"].invariants(1)
    yield "invariants: none", Flow({x: y, y: x + x**2 - x * y + 1}).invariants()
    yield "curve", MODES.invariants()[0]
    for rhs in (
        -a * x,
        m * x + a,
        a * x * (1 - x / b),
        m * x - x**2,
        1 + x**2,
        m + k * x - x**2,
        x**2 * (1 - a * x),
        x**2 - x**3 / 2 - 2 * x**6 - x / 4,
        sp.Integer(0),
    ):
        yield f"closed form: {rhs}", Flow({x: rhs}, tuple(rhs.free_symbols - {x})).closed_form()
    yield "closed form: power", Flow({w: a * w ** sp.Rational(2, 3) - b * w}, (a, b)).closed_form()
    yield "closed form: implicit", BY_NAME["cubic with decay"].closed_form()
    yield "closed form: pair", Flow({x: y, y: -x - 2 * y + 1}).closed_form("x")
    yield "closed form: pair with a sign", Flow({x: m * x + y, y: x + k * y}, (m, k)).closed_form("x")
    yield "closed form: another start", Flow({p: -rho * p}, (rho,)).closed_form(initial=1 + c_x**2 - c_x**2 + rho)
    yield "mapping", Field({x: -y, y: x})


EXAMPLES = dict(_examples())
