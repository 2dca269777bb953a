"""Appendices C and D.1: the regimes at N_x = 0, the signs of the eigenvalues; the figures."""

from sympy import Dict, Eq, FiniteSet, Gt, Integer, MatrixSymbol, Rational, Tuple, limit, oo, sqrt, symbols

from symssl import Flow, count_equilibria, expect, inner
from symssl.claims import Step, cited, identity, refuted_at, same_value

from .concentration import gram_moments, in_the_limit
from .derivation import count, experiment_steps, merged_flow, pattern, scalar_flow, scaling, to_groups, to_scalar
from .model import (
    ABOVE_FOLD,
    SQUARED,
    N_Phi,
    N_Psi,
    N_x,
    W,
    bao,
    d,
    h,
    half_stable,
    kappa,
    mu,
    p,
    r,
    rho,
    sigma2,
    stable,
    unstable,
    y,
)

with_term, without_term, flipped, direct = symbols("with_term without_term flipped direct", real=True)
shown, u_ = symbols("shown", integer=True), MatrixSymbol("u", h, 1)
REGIMES = FiniteSet(
    Tuple(2, Tuple(unstable, stable)),
    Tuple(3, Tuple(unstable, stable, half_stable)),
    Tuple(4, Tuple(unstable, stable, unstable, stable)),
)
EQUAL = {N_Phi: 2, N_Psi: 2, sigma2: 0, p: 1}  # four modes p = 1, s = 1: then N_x = 1
appendix_c = r * (p**2 / (N_Phi * N_Psi) - 2 * p**6 / (N_Phi * N_Psi**3)) - rho * p


def orthogonal_steps(model):
    yield from to_scalar(model)
    yield Step("the scalar flow at N_x = 0", scalar_flow(model).states[p].subs(N_x, 0))


def drift_steps(model):
    """The sign of the drift with and without the term that N_x multiplies."""
    yield from to_scalar(model)
    f = scalar_flow(model).states[p].subs(rho, 0)
    yield Step("drift without decay, at N_x = 1 and at N_x = 0", Tuple(f.subs(N_x, 1), f.subs(N_x, 0)))
    yield Step(
        "both at N_Phi = N_Psi = 2, sigma = 0, p = 1, as for four modes p = s = 1",
        Dict({with_term: f.subs(N_x, 1).subs(EQUAL), without_term: f.subs(N_x, 0).subs(EQUAL)}),
    )


def orthogonal_root_steps(model):
    yield from to_groups(model)
    f = merged_flow(model).fix({kappa: 0})
    yield Step("no decay, N_x = 0, without dimensions", f)
    roots = sorted(f.equilibria(), key=lambda q: q.point)
    yield Step(
        "equilibria from left to right and their multiplicities",
        Tuple(*(Tuple(scaling(model).substitution[p].subs(y, q.point), q.multiplicity) for q in roots)),
    )


def transition_steps(model):
    yield from to_groups(model)
    f = Flow({y: scaling(model).flow.states[y].subs(kappa, 0)}, (mu,))
    yield Step("kappa = 0", f)
    few, many = (next(q for q in count_equilibria(f, y).cases if q.number == k) for k in (2, 4))
    yield Step("four equilibria where", many.condition)
    yield Step("two equilibria where", few.condition)
    yield Step(
        "numbers of equilibria as mu -> 0 and as mu -> oo",
        Tuple(*(q.number for m in (0, oo) for q in (few, many) if q.condition.func(limit(q.condition.lhs, mu, m), 0))),
    )


def stable_number_steps(model):
    yield from to_groups(model)
    few = next(q for q in count(model).cases if q.number == 4)
    yield Step("stability where there are four equilibria", pattern(few))
    yield Step("number of stable ones", Integer(few.stability.count("stable")))


def flip_steps(model):
    """If signs were irrelevant, -p would obey the flow of p."""
    yield from to_scalar(model)
    f = scalar_flow(model).states[p].subs(ABOVE_FOLD)
    yield Step("velocity of -p at p = 1, and velocity at p = -1", Dict({flipped: -f.subs(p, 1), direct: f.subs(p, -1)}))


def every_overlap_steps(model):
    """The classification for every value of N_x, and at N_x = 0."""
    yield from to_groups(model)
    f = scaling(model).flow.states[y]
    without = count_equilibria(Flow({y: f.subs(kappa, 0)}, (mu,)), y)
    yield Step(
        "numbers and stability, for every kappa and at kappa = 0",
        Tuple(*(FiniteSet(*(Tuple(q.number, pattern(q)) for q in found.cases)) for found in (count(model), without))),
    )


def frame_steps(model):
    """Turning an eigenvector u of W around."""
    u = MatrixSymbol("u", h, 1)
    turned = -u
    yield Step(
        "projector on u and eigenvalue u^T W u after u -> -u",
        Tuple(expect(turned * turned.T), expect(inner(turned, W * turned))),
    )


def initial_eigenvalue_steps(model):
    """The negative root against the spectrum of the initial W: NPsi = sqrt(h), |W|_2 <= 6 sqrt(2) (Lemmas 7, 8)."""
    yield from to_groups(model)
    velocity = scaling(model).flow.states[y].subs(y, -Rational(1, 2))
    yield Step("velocity at y = -1/2: where it is positive, the negative root is below", velocity)
    _, quartic = gram_moments(h, d, 1 / d)
    overlap = quartic / h  # E tr(F W)^2 for independent entries of W of variance 1/h
    half = scaling(model).substitution[p].subs({y: Rational(1, 2), N_Psi: sqrt(h)})
    yield Step(
        "this; limit of the variance of kappa = tr(F W)/N_Psi^(3/2); and of 6 sqrt(2) over half the unit of p",
        Tuple(velocity, in_the_limit(overlap, sqrt(h) ** 3), limit(6 * sqrt(2) / half, h, oo)),
    )


def portrait_steps(model):
    """What Figures 2, 3, 4 and 7 show, at every parameter."""
    yield from to_groups(model)
    cases = {q.number: pattern(q) for q in count(model).cases}
    (merged,) = count_equilibria(merged_flow(model), y).cases
    squared = {q.number: pattern(q) for q in count_equilibria(scalar_flow(SQUARED), p).cases}
    yield Step(
        "patterns of (7): Collapse, Acute, Stable; and of (8) below and above the fold",
        Tuple(cases[2], cases[4], pattern(merged), squared[3], squared[1]),
    )


CLAIMS = (
    bao("appC.ode", "appendix", appendix_c, orthogonal_steps, identity(), "App. C"),
    bao(
        "appC.Nx0",
        "appendix",
        Gt(with_term * without_term, 0),
        drift_steps,
        refuted_at(at=EQUAL),
        "App. C",
        note="four equal modes p = s = 1 have N_x = 1: the term dropped changes the sign of their drift",
        statement_latex=r"\text{the drift at } N_{\times} = 1 \text{ and at } N_{\times} = 0 \text{ has the same sign}",
    ),
    bao(
        "appC.Nx0.fixed",
        "consequence",
        Tuple(REGIMES, REGIMES),
        every_overlap_steps,
        same_value(),
        "App. C",
        source="new",
        corrects="bao2023.appC.Nx0",
        note="the regimes need no approximation: their numbers and stability are the same for every N_x",
        statement_latex=r"\text{for every } N_{\times}: \text{ the same regimes as at } N_{\times} = 0",
    ),
    bao(
        "appC.roots",
        "appendix",
        Tuple(
            Tuple(-(2 ** Rational(-1, 4)) * sqrt(N_Psi), 1), Tuple(0, 2), Tuple(2 ** Rational(-1, 4) * sqrt(N_Psi), 1)
        ),
        orthogonal_root_steps,
        identity(),
        "App. C",
    ),
    bao(
        "appC.trans",
        "appendix",
        Tuple(4, 2),
        transition_steps,
        same_value(),
        "App. C",
        statement_latex=r"\text{numbers of equilibria for small and for large } \rho = (4, 2)",
    ),
    bao(
        "appD.sign",
        "appendix",
        Eq(flipped, direct),
        flip_steps,
        refuted_at(at=ABOVE_FOLD),
        "App. D.1",
        statement_latex=r"\text{(7) is invariant under } p \mapsto -p",
    ),
    bao(
        "appD.sign.fixed",
        "consequence",
        Tuple(u_ * u_.T, inner(u_, W * u_)),
        frame_steps,
        identity(),
        "App. D.1",
        model=None,
        source="new",
        corrects="bao2023.appD.sign",
        note="the sign of an eigenvector is free, that of its eigenvalue is not",
        statement_latex=r"u \mapsto -u: \quad uu^{\top} \text{ and } u^{\top}Wu \text{ stay}",
    ),
    bao(
        "appD.two",
        "appendix",
        Integer(2),
        stable_number_steps,
        same_value(),
        "App. D.1",
        statement_latex=r"\text{Acute has two stable equilibria}",
    ),
    bao(
        "fig5",
        "figure",
        Tuple(Rational(7, 32) + kappa / 8 + mu / 2, 0, 0),
        initial_eigenvalue_steps,
        identity(),
        "Fig. 5, Sec. 5.2",
        note="p^(-) < -sqrt(N_Psi)/2, which goes to -oo with h, as soon as kappa > -7/4, and kappa -> 0; the "
        "eigenvalues of "
        "W(0) stay above -6 sqrt(2)",
        statement_latex=r"\lambda_{\min}(W(0)) > p^{(-)} \text{ with probability} \to 1",
    ),
    bao(
        "fig2-4,7",
        "figure",
        Tuple(
            Tuple(unstable, stable),
            Tuple(unstable, stable, unstable, stable),
            Tuple(unstable, half_stable, stable),
            Tuple(stable, unstable, stable),
            Tuple(stable),
        ),
        portrait_steps,
        same_value(),
        "Figs. 2, 3, 4, 7",
        note="equilibria and stability that the portraits show; what starts below 0 in the Stable regime: "
        "bao2023.stable",
        statement_latex=r"\text{portraits of (7): Collapse, Acute, Stable; of (8): below and above the fold}",
    ),
    bao(
        "fig1,6,8-12",
        "figure",
        Eq(shown, 1),
        experiment_steps,
        cited("training runs with linear and deep encoders"),
        "Figs. 1, 6, 8-12",
        model=None,
        statement_latex=r"\text{training runs: SimSiam, linear encoder, ResNet-18}",
    ),
)
