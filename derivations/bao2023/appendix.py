"""Appendices C and D.1: the regimes at N_x = 0, and the signs of the eigenvalues."""

from functools import partial

from sympy import Dict, Eq, Gt, Integer, Rational, Tuple, limit, oo, sqrt, symbols

from symssl import Flow, count_equilibria
from symssl.claims import Step
from symssl.claims.deciders import identity, refuted_at, same_value

from .derivation import count, merged_flow, pattern, scalar_flow, scaling, to_groups, to_scalar
from .model import ABOVE_FOLD, N_Phi, N_Psi, N_x, bao, kappa, mu, p, r, rho, sigma2, values, y

with_term, without_term, flipped, direct = symbols("with_term without_term flipped direct", real=True)
EQUAL = {N_Phi: 2, N_Psi: 2, sigma2: 0, p: 1}        # four modes p = 1, s = 1: then N_x = 1
appendix_c = r*(p**2/(N_Phi*N_Psi) - 2*p**6/(N_Phi*N_Psi**3)) - rho*p


def orthogonal_steps(model):
    yield from to_scalar(model)
    yield Step("the scalar flow at N_x = 0", scalar_flow(model).states[p].subs(N_x, 0))


def drift_steps(model):
    """The sign of the drift with and without the term that N_x multiplies."""
    yield from to_scalar(model)
    f = scalar_flow(model).states[p].subs(rho, 0)
    yield Step("drift without decay, at N_x = 1 and at N_x = 0", Tuple(f.subs(N_x, 1), f.subs(N_x, 0)))
    yield Step("both at N_Phi = N_Psi = 2, sigma = 0, p = 1, as for four modes p = s = 1",
               Dict({with_term: f.subs(N_x, 1).subs(EQUAL), without_term: f.subs(N_x, 0).subs(EQUAL)}))


def orthogonal_root_steps(model):
    yield from to_groups(model)
    f = merged_flow(model).fix({kappa: 0})
    yield Step("no decay, N_x = 0, without dimensions", f)
    roots = sorted(f.equilibria(), key=lambda q: q.point)
    yield Step("equilibria from left to right and their multiplicities",
               Tuple(*(Tuple(scaling(model).substitution[p].subs(y, q.point), q.multiplicity) for q in roots)))


def transition_steps(model):
    yield from to_groups(model)
    f = Flow({y: scaling(model).flow.states[y].subs(kappa, 0)}, (mu,))
    yield Step("kappa = 0", f)
    few, many = (next(q for q in count_equilibria(f, y).cases if q.number == k) for k in (2, 4))
    yield Step("four equilibria where", many.condition)
    yield Step("two equilibria where", few.condition)
    yield Step("numbers of equilibria as mu -> 0 and as mu -> oo",
               Tuple(*(q.number for m in (0, oo) for q in (few, many)
                       if q.condition.func(limit(q.condition.lhs, mu, m), 0))))


def stable_number_steps(model):
    yield from to_groups(model)
    few = next(q for q in count(model).cases if q.number == 4)
    yield Step("stability where there are four equilibria", pattern(few))
    yield Step("number of stable ones", Integer(few.stability.count("stable")))


def flip_steps(model):
    """If signs were irrelevant, -p would obey the flow of p."""
    yield from to_scalar(model)
    f = scalar_flow(model).states[p].subs(ABOVE_FOLD)
    yield Step("velocity of -p at p = 1, and velocity at p = -1",
               Dict({flipped: -f.subs(p, 1), direct: f.subs(p, -1)}))


CLAIMS = (
    bao("appC.ode", "appendix", appendix_c, orthogonal_steps, identity(), "App. C"),
    bao("appC.Nx0", "appendix", Gt(with_term*without_term, 0), drift_steps, refuted_at(partial(values, at=EQUAL)), "App. C",
        note="four equal modes p = s = 1 have N_x = 1: the term dropped changes the sign of their drift",
        statement_latex=r"\text{the drift at } N_{\times} = 1 \text{ and at } N_{\times} = 0 \text{ has the same sign}"),
    bao("appC.roots", "appendix",
        Tuple(Tuple(-2**Rational(-1, 4)*sqrt(N_Psi), 1), Tuple(0, 2), Tuple(2**Rational(-1, 4)*sqrt(N_Psi), 1)),
        orthogonal_root_steps, identity(), "App. C"),
    bao("appC.trans", "appendix", Tuple(4, 2), transition_steps, same_value(), "App. C",
        statement_latex=r"\text{numbers of equilibria for small and for large } \rho = (4, 2)"),
    bao("appD.sign", "appendix", Eq(flipped, direct), flip_steps, refuted_at(partial(values, at=ABOVE_FOLD)),
        "App. D.1",
        statement_latex=r"\text{(7) is invariant under } p \mapsto -p"),
    bao("appD.two", "appendix", Integer(2), stable_number_steps, same_value(), "App. D.1",
        statement_latex=r"\text{Acute has two stable equilibria}"),
)
