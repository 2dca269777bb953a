"""Appendix A.2, A.3: Groenwall's inequality, and how far the weights can grow."""

from functools import partial

from sympy import And, Le, Tuple, exp, limit, oo, simplify, symbols

from symssl import Flow, expect, norm, sq
from symssl.claims import Chapter, Step, identity, implied
from symssl.language import Along, External
from symssl.statements import derive

from .derivation import alignment, flow, growth_rate
from .model import Phi, W, bao, rho, t
from .vocabulary import EXACT, START, VOCABULARY, W_0, Phi_0, equal

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

LOST = "formulas that the available copy lost"
OF_PHI, OF_W = Along(norm(Phi), EXACT, t, START), Along(norm(W), EXACT, t, START)

reconstructed(
    "lem10",
    "lemma",
    VOCABULARY.sentence(External(LOST, "Groenwall's inequality bounds a norm of Phi(t) by what it was at the start.")),
    cite="Lemma 10",
    note="what holds exactly is lem10.exact",
)


@chapter.claim(
    "lem10.exact",
    "consequence",
    VOCABULARY.sentence(
        And(equal(OF_PHI, exp(-rho * t) * norm(Phi_0)), equal(OF_W, exp(-rho * t) * norm(W_0))),
    ),
    cite="Lemmas 10, 12",
    source="new",
    note="in Frobenius norm no growth at all",
)
def lemma10_exact():
    yield Step("the norm of the encoder decays at the rate of the decay", derive(OF_PHI))
    yield Step("the norm of the predictor decays at the rate of the decay", derive(OF_W))


reconstructed(
    "lem11-16",
    "lemma",
    VOCABULARY.sentence(
        External(
            LOST,
            "Groenwall's inequality bounds Phi^T Phi, W, Phi^T Phi x_0, Psi^T Psi and Psi^T Psi x_0 by what they "
            "were at the start.",
        )
    ),
    cite="Lemmas 11 to 16",
    note="what holds in common frames is lem11-16.modes",
)

# --- transcribed -------------------------------------------------------------------------

k, slack, damping = symbols("k slack damping", nonnegative=True)
top_0 = symbols("top_0", positive=True)


def gronwall_steps(model):
    """R = integral of k v; c bounds u up to the time considered, so that v <= c + R."""
    R, K, c, v = symbols("R K c v", real=True)
    change = Flow({R: k * v, K: k}, (k, v, c)).lie((c + R) * exp(-K))
    yield Step("derivative of (c + R) exp(-K), R' = k v, K' = k", change)
    yield Step("with v = c + R - slack", simplify(change.subs(v, c + R - slack)).subs(exp(-K), damping))


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


CLAIMS = (
    *chapter.claims,
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
