"""Section 5.2: whether normalisation prevents the collapse."""

from functools import lru_cache

from sympy import Dict, Gt, Lt, Symbol, Tuple, degree, exp, limit, oo, sqrt, symbols

from symssl import Flow, ModeSum, count_equilibria, sq
from symssl.claims import Step, equivalent, identity, implied, refuted_at

from .derivation import count, equal_modes, flow, growth_rate, parabola, scalar_flow, to_groups, to_modes, to_scalar
from .model import (
    ABOVE_FOLD,
    N_Phi,
    N_Psi,
    W,
    at_unit_decay,
    bao,
    decay_rate,
    growth,
    kappa,
    limit_W,
    mu,
    n,
    p,
    r,
    rho,
    sigma2,
    stable,
    t,
)

positive_equilibria = symbols("positive_equilibria", integer=True)
S_2, S_4, S_7 = symbols("S_2 S_4 S_7", positive=True)


def frozen_regime_steps(model):
    yield from to_scalar(model)
    scalar = scalar_flow(model)
    at = {q: v for q, v in ABOVE_FOLD.items() if q in scalar.parameters}
    (only,) = count_equilibria(scalar.fix(at), p).cases
    yield Step(
        "positive equilibria at N_Phi = N_Psi = 1, N_x = 1/2, sigma^2 = 1/4, rho = 1",
        Dict({positive_equilibria: len(only.positive)}),
    )


def exact_collapse_steps(model):
    size = symbols("size", nonnegative=True)
    rate = growth_rate(flow(model), sq(W))
    yield Step("logarithmic derivative of |W|^2 in the exact flow", rate)
    law = Flow({size: rate * size}, (rho,)).closed_form(size, time=t)
    yield Step("solve it", law.solution)
    yield Step(
        "limit of |W|^2, and the rate at which it is approached",
        Dict({limit_W: limit(law.solution, t, oo), decay_rate: rate}),
    )


@lru_cache(maxsize=256)
def total_rate(model):
    """Derivative of the sum of p_j^2 in the closed system on the parabola; S_k is the sum of
    p_j^k, positive where all p_j are."""
    closed = parabola(model)
    rate = closed.unfold(closed.lie(ModeSum(p**2)))
    return rate.xreplace({q: symbols(f"S_{degree(q.args[0], p)}", positive=True) for q in rate.atoms(ModeSum)})


def closed_collapse_steps(model):
    yield from to_modes(model)
    yield Step("restrict to the invariant parabola s = p^2", parabola(model))
    yield Step("derivative of the sum of p_j^2, all p_j > 0", total_rate(model))


def closed_limit_steps(model):
    """A bound on the sum of p_j^2: drop the feedback, which is negative."""
    yield from closed_collapse_steps(model)
    rate = total_rate(model)
    decay = rate.subs(S_7, 0) / S_2
    yield Step(
        "the rest is negative, so the sum decays at least at the rate",
        decay,
        kind="exact" if (rate - decay * S_2).is_negative else "assumption",
    )
    size = symbols("size", nonnegative=True)
    bound = Flow({size: decay * size}, (rho,)).closed_form(size, time=t)
    yield Step("limit of the bound, and the rate", Dict({limit_W: limit(bound.solution, t, oo), decay_rate: decay}))


def norm_limit_steps(model):
    size = symbols("size", positive=True)
    law = Flow({size: growth_rate(flow(model), sq(W)) * size}, (rho,)).closed_form(size, time=t)
    found = law.solution.subs(dict(law.initial)[size], S_2)
    yield Step("|W(t)|^2 in the exact flow, and its limit", Tuple(found, limit(found, t, oo)))


def positive_condition_steps(model):
    yield from to_groups(model)
    yield Step(
        "four equilibria, two of them positive, where",
        next(q.condition for q in count(model).cases if len(q.positive) == 2),
    )


def explode_closed_steps(model):
    yield from to_modes(model)
    falling = equal_modes(model, -1)
    yield Step("n equal negative modes p = -q", falling)
    (fixed,) = (e for e in falling.equilibria() if e.point != 0)
    yield Step("their equilibrium, and its stability", Tuple(fixed.point, Symbol(fixed.stability)))


def explode_steps(model):
    yield Step("derivative of |W|^2 in the exact flow", flow(model).lie(sq(W)))
    yield Step("|p_j|^2 <= |W|^2: growth rate of the bound", Dict({growth: growth_rate(flow(model), sq(W))}))


def leading_steps(model):
    yield from to_scalar(model)
    yield Step(
        "leading coefficient in p, where the norms are frozen",
        scalar_flow(model).states[p].expand().coeff(p, degree(scalar_flow(model).states[p], p)),
    )


CLAIMS = (
    bao(
        "prevent",
        "headline",
        Gt(limit_W, 0),
        exact_collapse_steps,
        refuted_at(at_unit_decay),
        "Sec. 5.2",
        note="exact flow: |W(t)| = exp(-rho t) |W(0)|, so every eigenvalue of W goes to zero",
        statement_latex=r"\lim_{t\to\infty} \lVert W(t)\rVert^{2} > 0 \text{ for every } \rho",
    ),
    bao(
        "prevent.fixed",
        "consequence",
        Tuple(S_2 * exp(-2 * rho * t), 0),
        norm_limit_steps,
        identity(),
        "Sec. 5.2",
        source="new",
        corrects="bao2023.prevent",
        note="S_2 = |W(0)|^2: every decay, however small, makes all eigenvalues of W vanish",
        statement_latex=r"\lVert W(t)\rVert^{2} = e^{-2\rho t}\lVert W(0)\rVert^{2} \to 0",
    ),
    bao(
        "prevent.frozen",
        "headline",
        Gt(positive_equilibria, 0),
        frozen_regime_steps,
        refuted_at(at=ABOVE_FOLD),
        "Sec. 5.2",
        note="norms held constant: above the fold there is no positive equilibrium",
        statement_latex=r"\text{for every } \rho \text{ the flow (7) has a positive equilibrium}",
    ),
    bao(
        "prevent.frozen.fixed",
        "consequence",
        Lt(12500 * mu**4 + 108 * kappa**5 * mu + 3200 * kappa * mu, 27 * kappa**4 + 4500 * kappa**2 * mu**2 + 512),
        positive_condition_steps,
        equivalent(),
        "Sec. 5.2",
        source="new",
        corrects="bao2023.prevent.frozen",
        note="norms held constant: two positive equilibria exactly below the fold",
        statement_latex=r"\text{(7) has two positive equilibria} \iff 12500\mu^4 + 108\kappa^5\mu + 3200\kappa\mu < "
        r"27\kappa^4 + 4500\kappa^2\mu^2 + 512",
    ),
    bao(
        "prevent.closed",
        "headline",
        Gt(limit_W, 0),
        closed_limit_steps,
        refuted_at(at_unit_decay),
        "Sec. 5.2",
        note="closed system, all p_j > 0: the sum of p_j^2 is at most exp(-2 rho t) times what it was",
        statement_latex=r"p_j(0) > 0 \implies \lim_{t\to\infty} \textstyle\sum_j p_j(t)^{2} > 0 \text{ in the closed "
        r"system (5)}",
    ),
    bao(
        "collapse.closed",
        "consequence",
        Lt(-2 * rho * S_2 - 4 * r * S_7 / (sqrt(S_2) * S_4 * sqrt(S_4)), 0, evaluate=False),
        closed_collapse_steps,
        implied(),
        "not in the paper",
        source="new",
        corrects="bao2023.prevent.closed",
        note="closed system, all p_j > 0: the sum S_2 of p_j^2 decreases for every rho; no such equilibrium",
        statement_latex=r"p_j > 0 \text{ for all } j \implies \tfrac{d}{dt}\textstyle\sum_j p_j^{2} < 0",
    ),
    bao(
        "explode.closed",
        "consequence",
        Tuple(sqrt(2 / (rho * (1 + sigma2))) / n, stable),
        explode_closed_steps,
        identity(),
        "not in the paper",
        source="new",
        corrects="bao2023.explode",
        note="closed system, n equal negative modes p = -q: they neither diverge nor collapse",
        statement_latex=r"q = \sqrt{2/(\rho(1 + \sigma^{2}))}/n \text{ is a stable equilibrium of } n \text{ equal "
        r"modes } p = -q",
    ),
    bao(
        "explode",
        "in-text",
        Gt(growth, 0),
        explode_steps,
        refuted_at(at_unit_decay),
        "Sec. 5.2, Acute",
        note="exact flow: |p_j| <= |W(0)|; only with frozen norms does the scalar equation diverge",
        statement_latex=r"p_j \to -\infty: \quad \tfrac{d}{dt}\log\lVert W\rVert^{2} > 0",
    ),
    bao(
        "explode.frozen",
        "in-text",
        Lt(-2 * r / (N_Phi * N_Psi**3), 0, evaluate=False),
        leading_steps,
        implied(),
        "Sec. 5.2, Acute",
        note="frozen norms: even degree and a negative leading coefficient",
    ),
)
