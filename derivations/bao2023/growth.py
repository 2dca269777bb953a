"""Appendix A.2, A.3: Groenwall's inequality, and how far the weights can grow."""

from sympy import Le, Tuple, exp, limit, oo, simplify, symbols

from symssl import Flow, expect, norm, sq
from symssl.claims import Step, cited, identity, implied

from .derivation import alignment, flow, growth_rate
from .model import N_Phi, Phi, W, bao, rho, t

k, slack, damping = symbols("k slack damping", nonnegative=True)
top_0 = symbols("top_0", positive=True)
N_W = symbols("N_W", positive=True)
LOST = "a bound whose formula the available copy lost"


def gronwall_steps(model):
    """R = integral of k v; c bounds u up to the time considered, so that v <= c + R."""
    R, K, c, v = symbols("R K c v", real=True)
    change = Flow({R: k * v, K: k}, (k, v, c)).lie((c + R) * exp(-K))
    yield Step("derivative of (c + R) exp(-K), R' = k v, K' = k", change)
    yield Step("with v = c + R - slack", simplify(change.subs(v, c + R - slack)).subs(exp(-K), damping))


def norm_law_steps(model):
    rates = [growth_rate(flow(model), norm(A)) for A in (Phi, W)]
    yield Step("logarithmic derivatives of |Phi| and |W| in the exact flow", Tuple(*rates))
    size = symbols("size", positive=True)
    laws = [Flow({size: rate * size}, (rho,)).closed_form(size, time=t) for rate in rates]
    yield Step(
        "|Phi(t)| and |W(t)|",
        Tuple(*(q.solution.subs(dict(q.initial)[size], start) for q, start in zip(laws, (N_Phi, N_W)))),
    )


def largest_mode_steps(model):
    """|H_jj| = |E[z_j omega_j - (omega.z) omega_j^2]| <= 2 for unit vectors z, omega."""
    exact = flow(model)
    yield Step(
        "beyond the decay a mode s_j of Phi Phi^T moves with 2 H_jj",
        expect(exact.rhs[Phi] * Phi.T * W.T - W.T * alignment(model)),
    )
    yield Step("[Phi Phi^T, W] = 0 and W = W^T", kind="assumption")
    top = symbols("top", positive=True)
    law = Flow({top: 4 + growth_rate(exact, sq(Phi)) * top}, (rho,)).closed_form(top, time=t)
    bound = law.solution.subs(dict(law.initial)[top], top_0)
    yield Step("bound on the largest mode, and its limit", Tuple(bound, limit(bound, t, oo)))


def open_steps(model):
    yield Step("nothing is derived: the formula is not available")


CLAIMS = (
    bao(
        "gronwall",
        "theorem",
        Le(-k * damping * slack, 0, evaluate=False),
        gronwall_steps,
        implied(),
        "Theorem 1",
        model=None,
        note="so (c + R) exp(-K) <= c at every time, and v <= c + R <= c exp(K) with c = u(t)",
        statement_latex=r"v \le u + \int kv,\ u \text{ nondecreasing},\ k \ge 0 \implies v \le u\,e^{\int k}",
    ),
    bao(
        "lem10",
        "lemma",
        Le(norm(Phi), N_Phi * exp(k * t), evaluate=False),
        open_steps,
        cited(LOST),
        "Lemma 10",
        model=None,
        note="what holds exactly is bao2023.lem10.exact",
        statement_latex=r"\text{a Gr\"onwall bound on a norm of } \Phi(t)",
    ),
    bao(
        "lem10.exact",
        "consequence",
        Tuple(N_Phi * exp(-rho * t), N_W * exp(-rho * t)),
        norm_law_steps,
        identity(),
        "Lemmas 10, 12",
        source="new",
        note="in Frobenius norm no growth at all",
        statement_latex=r"\lVert\Phi(t)\rVert = e^{-\rho t}\lVert\Phi(0)\rVert, \quad "
        r"\lVert W(t)\rVert = e^{-\rho t}\lVert W(0)\rVert",
    ),
    bao(
        "lem11-16",
        "lemma",
        Le(norm(Phi.T * Phi), N_Phi**2 * exp(k * t), evaluate=False),
        open_steps,
        cited(LOST),
        "Lemmas 11 to 16",
        model=None,
        note="what holds in common frames is bao2023.lem11-16.modes",
        statement_latex=r"\text{Gr\"onwall bounds on } \Phi^{\top}\Phi, W, \Phi^{\top}\Phi x_0, \Psi^{\top}\Psi, "
        r"\Psi^{\top}\Psi x_0",
    ),
    bao(
        "lem11-16.modes",
        "consequence",
        Tuple(top_0 * exp(-2 * rho * t) + (2 / rho) * (1 - exp(-2 * rho * t)), 2 / rho),
        largest_mode_steps,
        identity(),
        "Lemma 11",
        source="new",
        note="common frames: the largest eigenvalue of Phi Phi^T stays O(1), without the factor exp(t) of a "
        "Groenwall bound",
        statement_latex=r"\lVert\Phi(t)\rVert_2^{2} \le e^{-2\rho t}\lVert\Phi(0)\rVert_2^{2} + \frac{2}{\rho}(1 - "
        r"e^{-2\rho t})",
    ),
)
