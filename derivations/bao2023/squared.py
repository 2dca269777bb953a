"""Section 5.3: the dynamics of the squared loss, compared."""

from sympy import Dict, Eq, Integer, Tuple, symbols

from symssl import count_equilibria
from symssl.claims import Step
from symssl.claims.deciders import equivalent, identity, refuted_at, same_value

from .derivation import modes, parabola, scalar_flow, to_modes, to_scalar
from .eigenvalues import degree_steps
from .model import SQUARED, bao, p, rho, s, sigma2, values

folds = symbols("folds", integer=True)
eq8 = p**2*(1 - (1 + sigma2)*p) - rho*p


def l2_steps(model):
    yield from to_modes(model)
    one = modes(model)
    yield Step("on the parabola, and off it",
               Tuple(parabola(model).states[p], one.states[p], one.states[s]))


def l2_threshold_steps(model):
    yield from to_scalar(model)
    cases = count_equilibria(scalar_flow(model), p).cases
    yield Step("no positive equilibrium exactly where", next(q.condition for q in cases if not q.positive))


def l2_fold_steps(model):
    yield from to_scalar(model)
    found = scalar_flow(model).fold_set()
    yield Step("folds", found)
    certain = found.nondegenerate and found.transversal[rho] in (1, -1)
    yield Step("nondegenerate folds crossed transversally by rho",
               Dict({folds: Integer(sum(rho in f for f in found.explicit) if certain else 0)}))


CLAIMS = (
    bao("eq8", "equation", Tuple(eq8, s*(1 - (1 + sigma2)*p) - rho*p, 2*p*s*(1 - (1 + sigma2)*p) - 2*rho*s),
        l2_steps, identity(), "Eq. (8)", model=SQUARED),
    bao("L2.thr", "in-text", rho > 1/(4*(1 + sigma2)), l2_threshold_steps, equivalent(), "Sec. 5.3", model=SQUARED,
        note="collapse from every start; at equality the double root attracts from above"),
    bao("L2.nobif", "in-text", Eq(folds, 0), l2_fold_steps, refuted_at(values), "Sec. 5.3", model=SQUARED,
        note="a nondegenerate fold at rho = 1/(4 (1 + sigma^2))",
        statement_latex=r"\text{the squared-loss flow (8) has no saddle-node bifurcation in } \rho"),
    bao("noreduce", "in-text", Tuple(6, 3), degree_steps, same_value(), "Sec. 5.3",
        note="scaling p and t keeps the degree, six against three; the cubic truncation does reduce",
        statement_latex=r"\text{degrees in } p \text{ of (7) and (8)} = (6, 3)"),
)
