"""Appendices C and D.1: the regimes at N_x = 0, the signs of the eigenvalues; the figures."""

from functools import partial

from sympy import (
    And,
    Contains,
    Equivalent,
    FiniteSet,
    Gt,
    Implies,
    Lt,
    MatrixSymbol,
    Rational,
    Tuple,
    limit,
    oo,
    sqrt,
)

from symssl import inner
from symssl.claims import Chapter, Step, identity
from symssl.language import At, External, Gradient, Limit, Object, Stability, Vocabulary
from symssl.statements import derive

from .concentration import gram_moments, in_the_limit
from .derivation import scaling, to_groups
from .model import N_Phi, N_Psi, N_x, W, bao, d, h, kappa, mu, p, rho, sigma2, y
from .vocabulary import (
    COSINE_FLOW,
    SCALARS,
    SQUARED_FLOW,
    VOCABULARY,
    WITHOUT_DECAY,
    WITHOUT_OVERLAP,
    different,
    equal,
    gain,
    number,
    q,
    velocity,
)

# --- what the sentences speak of ---------------------------------------------------------

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

REST = WITHOUT_DECAY.xreplace({N_x: 0 * N_x})  # no decay, N_x = 0
END = 2 ** Rational(-1, 4) * sqrt(N_Psi)
slope = Gradient(velocity(REST), p)
FOUR_EQUAL = {N_Phi: 2, N_Psi: 2, N_x: 1, sigma2: 0, p: 1, rho: Rational(1, 100)}  # four modes p = s = 1
ONE = {N_Phi: 1, N_Psi: 1, N_x: Rational(1, 2), sigma2: Rational(1, 4), rho: 1, p: 1}
eigenvector = MatrixSymbol("u", h, 1)
TURNED = Vocabulary(VOCABULARY, Object(eigenvector, "an eigenvector of the predictor"))

# --- Appendix C --------------------------------------------------------------------------


@reconstructed(
    "appC.ode",
    "appendix",
    SCALARS.sentence(
        equal(
            At(velocity(COSINE_FLOW), {N_x: 0}),
            gain * (p**2 / (N_Phi * N_Psi) - 2 * p**6 / (N_Phi * N_Psi**3)) - rho * p,
        )
    ),
    cite="App. C",
)
def appendix_c():
    yield Step("(7) without the cosine", derive(At(velocity(COSINE_FLOW), {N_x: 0})))


reconstructed(
    "appC.Nx0",
    "appendix",
    SCALARS.sentence(Equivalent(Gt(velocity(COSINE_FLOW), 0), Gt(At(velocity(COSINE_FLOW), {N_x: 0}), 0))),
    cite="App. C",
    witness=FOUR_EQUAL,
    note="that the term with the cosine may be left out: for four equal modes p = s = 1, where the cosine is 1, it "
    "turns the velocity around",
)


@chapter.claim(
    "appC.Nx0.fixed",
    "consequence",
    SCALARS.sentence(
        And(
            equal(number(COSINE_FLOW, q < 0, kind="unstable"), 1),
            equal(number(COSINE_FLOW, q < 0), 1),
            Stability(COSINE_FLOW, {p: 0}, "stable"),
            Contains(number(COSINE_FLOW, q > 0), FiniteSet(0, 1, 2)),
            Contains(number(COSINE_FLOW, q > 0, kind="stable"), FiniteSet(0, 1)),
        )
    ),
    cite="App. C",
    corrects="appC.Nx0",
    note="for every value of the cosine, zero among them: the regimes need no approximation",
)
def every_overlap():
    yield Step("equilibria below zero", derive(number(COSINE_FLOW, q < 0)))


@reconstructed(
    "appC.roots",
    "appendix",
    SCALARS.sentence(
        And(
            equal(number(REST), 3),
            *(equal(At(velocity(REST), {p: root}), 0) for root in (-END, 0, END)),
            equal(At(slope, {p: 0}), 0),
            different(At(Gradient(slope, p), {p: 0}), 0),
            different(At(slope, {p: -END}), 0),
            different(At(slope, {p: END}), 0),
        )
    ),
    cite="App. C",
    note="zero is a double root, the others are simple",
)
def roots():
    yield Step("how many zeros there are without decay and cosine", derive(number(REST)))
    yield Step("the velocity at the greatest", derive(At(velocity(REST), {p: END})))
    yield Step("the slope at zero", derive(At(slope, {p: 0})))
    yield Step("the second derivative at zero", derive(At(Gradient(slope, p), {p: 0})))


@reconstructed(
    "appC.trans",
    "appendix",
    SCALARS.sentence(
        And(
            equal(Limit(number(WITHOUT_OVERLAP), rho, 0, "+"), 4),
            equal(Limit(number(WITHOUT_OVERLAP), rho, oo), 2),
        )
    ),
    cite="App. C",
)
def transition():
    yield Step("how many for a small decay", derive(Limit(number(WITHOUT_OVERLAP), rho, 0, "+")))
    yield Step("how many for a large one", derive(Limit(number(WITHOUT_OVERLAP), rho, oo)))


# --- Appendix D.1 ------------------------------------------------------------------------

reconstructed(
    "appD.sign",
    "appendix",
    SCALARS.sentence(equal(At(velocity(COSINE_FLOW), {p: -p}), -velocity(COSINE_FLOW))),
    cite="App. D.1",
    witness=ONE,
    note="that the sign of an eigenvalue does not matter: then -p would move as p does",
)


@chapter.claim(
    "appD.sign.fixed",
    "consequence",
    TURNED.sentence(
        And(
            equal(At(eigenvector * eigenvector.T, {eigenvector: -eigenvector}), eigenvector * eigenvector.T),
            equal(
                At(inner(eigenvector, W * eigenvector), {eigenvector: -eigenvector}),
                inner(eigenvector, W * eigenvector),
            ),
        )
    ),
    cite="App. D.1",
    corrects="appD.sign",
    note="the sign of an eigenvector is free, that of its eigenvalue is not",
)
def turned():
    yield Step("the projector on u", derive(At(eigenvector * eigenvector.T, {eigenvector: -eigenvector})))
    yield Step("the eigenvalue", derive(At(inner(eigenvector, W * eigenvector), {eigenvector: -eigenvector})))


@reconstructed(
    "appD.two",
    "appendix",
    SCALARS.sentence(
        equal(number(COSINE_FLOW, kind="stable"), 2),
        given=equal(number(COSINE_FLOW), 4),
    ),
    cite="App. D.1",
    note="Acute is the regime of four equilibria",
)
def two():
    yield Step("how many are stable", derive(number(COSINE_FLOW, kind="stable"), [equal(number(COSINE_FLOW), 4)]))


# --- figures -----------------------------------------------------------------------------


@reconstructed(
    "fig2-4,7",
    "figure",
    SCALARS.sentence(
        And(
            equal(number(COSINE_FLOW, q < 0, kind="unstable"), 1),
            Stability(COSINE_FLOW, {p: 0}, "stable"),
            Implies(
                equal(number(COSINE_FLOW), 4),
                And(
                    equal(number(COSINE_FLOW, q > 0, kind="unstable"), 1),
                    equal(number(COSINE_FLOW, q > 0, kind="stable"), 1),
                ),
            ),
            equal(number(WITHOUT_DECAY, q < 0, kind="unstable"), 1),
            Stability(WITHOUT_DECAY, {p: 0}, "half-stable"),
            equal(number(WITHOUT_DECAY, q > 0, kind="stable"), 1),
            Stability(SQUARED_FLOW, {p: 0}, "stable"),
            Implies(
                Lt(rho, gain / 4),
                And(
                    equal(number(SQUARED_FLOW, q > 0, kind="unstable"), 1),
                    equal(number(SQUARED_FLOW, q > 0, kind="stable"), 1),
                ),
            ),
            Implies(Gt(rho, gain / 4), equal(number(SQUARED_FLOW), 1)),
        )
    ),
    cite="Figs. 2, 3, 4, 7",
    note="Collapse, Acute and Stable; the squared loss below and above its fold; for what starts below 0 in Stable "
    "see stable",
)
def portraits():
    yield Step("below zero, whatever the norms", derive(number(COSINE_FLOW, q < 0, kind="unstable")))
    yield Step("above zero without decay", derive(number(WITHOUT_DECAY, q > 0, kind="stable")))


reconstructed(
    "fig1,6,8-12",
    "figure",
    VOCABULARY.sentence(
        External(
            "training runs with linear and deep encoders",
            "SimSiam, the linear encoder and ResNet-18 train as shown.",
        )
    ),
    cite="Figs. 1, 6, 8-12",
)

# --- transcribed -------------------------------------------------------------------------


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


CLAIMS = (
    *chapter.claims,
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
)
