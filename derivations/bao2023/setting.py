"""Section 3: model, losses and assumptions, and what the assumptions say about one another."""

from functools import partial

from sympy import And, Dict, Eq, Gt, Identity, MatrixSymbol, Tuple, ZeroMatrix, limit, oo, symbols

from symssl import Commutes, E, Symmetric, expect, gaussians, potential, sq
from symssl.claims import Chapter, Step, stipulated
from symssl.language import Gradient, GradientFlow, Object, Probability, Rate, Vocabulary
from symssl.statements import derive

from .derivation import definition_steps
from .model import PROPORTIONAL, F, Phi, W, alpha, bao, d, h, rho, sigma2
from .vocabulary import (
    COSINE_LOSS,
    SIZES,
    SQUARED_LOSS,
    VOCABULARY,
    epsilon,
    epsilon_,
    equal,
    sigma,
    x_0,
)

# --- what the sentences speak of ---------------------------------------------------------

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

joint = gaussians("x_0 x x'", d, cov=[[1, 1, 1], [1, 1 + sigma2, 1], [1, 1, 1 + sigma2]])
anchor, view, other = joint
JOINTLY = Vocabulary(
    SIZES,
    Object(anchor, "an input, standard normal"),
    Object(view, "a view of it"),
    Object(other, "another view of it"),
)
NOISES = Vocabulary(
    SIZES,
    Object(x_0, "an input, standard normal"),
    Object(epsilon, "the noise of a view, standard normal"),
    Object(epsilon_, "the noise of another view"),
)
L_sq, L_cos = symbols("L_sq L_cos", real=True)
LOSSES = Vocabulary(
    VOCABULARY,
    Object(L_sq, "the squared loss: the prediction W Phi x from one view against the target Phi x' of the other"),
    Object(L_cos, "the cosine loss with weight decay"),
)
loss = potential("L", W, Phi)
PENALTY = rho / 2 * (sq(Phi) + sq(W))
ANY_LOSS = GradientFlow(loss, (W, Phi), decay=rho)
LOSS = Vocabulary(VOCABULARY, Object(loss, "the loss, the squared or the cosine one"))
G = MatrixSymbol("G", h, h)
w_12, w_21 = gaussians("w_12 w_21", 1, cov=[[1 / h, 0], [0, 1 / h]])
STARTS = Vocabulary(
    SIZES,
    Object(w_12, "the entry of W(0) in the first row and second column, under Assumption 4"),
    Object(w_21, "the entry of W(0) in the second row and first column, under Assumption 4"),
    Object(G, "W(0) as Assumption 4 has it"),
)

# --- model, losses, Eq. (3) --------------------------------------------------------------

reconstructed(
    "model",
    "definition",
    JOINTLY.sentence(
        And(
            equal(E(anchor), ZeroMatrix(d, 1)),
            equal(E(anchor * anchor.T), Identity(d)),
            equal(E(view, given=anchor), anchor),
            equal(E((view - anchor) * (view - anchor).T), sigma2 * Identity(d)),
            equal(E((other - anchor) * (other - anchor).T), sigma2 * Identity(d)),
            equal(E((view - anchor) * (other - anchor).T), ZeroMatrix(d, d)),
        )
    ),
    cite="Sec. 3",
    note="the representations are Phi x and Phi x', the prediction is W Phi x: they stand in the losses",
)


@chapter.claim(
    "model.covariance",
    "consequence",
    NOISES.sentence(
        And(
            equal(E((x_0 + sigma * epsilon) * (x_0 + sigma * epsilon).T), (1 + sigma2) * Identity(d)),
            equal(E((x_0 + sigma * epsilon) * (x_0 + sigma * epsilon_).T), Identity(d)),
        )
    ),
    cite="Sec. 3",
    source="new",
    note="the only property of the data that the derivation uses",
)
def model_covariance():
    yield Step("covariance of a view", derive(E((x_0 + sigma * epsilon) * (x_0 + sigma * epsilon).T)))
    yield Step("covariance of the two views", derive(E((x_0 + sigma * epsilon) * (x_0 + sigma * epsilon_).T)))


reconstructed("eq1", "definition", LOSSES.sentence(equal(L_sq, SQUARED_LOSS)), cite="Eq. (1)")
reconstructed("eq2", "definition", LOSSES.sentence(equal(L_cos, COSINE_LOSS + PENALTY)), cite="Eq. (2)")
reconstructed(
    "eq3",
    "definition",
    LOSS.sentence(
        And(
            equal(Rate(W, ANY_LOSS), -Gradient(loss + PENALTY, W)),
            equal(Rate(Phi, ANY_LOSS), -Gradient(loss + PENALTY, Phi)),
        )
    ),
    cite="Eq. (3)",
)

# --- the assumptions ---------------------------------------------------------------------

reconstructed(
    "ass2",
    "assumption",
    NOISES.sentence(And(equal(E(x_0), ZeroMatrix(d, 1)), equal(E(x_0 * x_0.T), Identity(d)))),
    cite="Assumption 2",
    note="a normal law has no other parameters",
)
reconstructed(
    "ass1.start",
    "implicit",
    STARTS.sentence(equal(Probability(equal(w_12, w_21)), 1), given=Gt(h, 1)),
    cite="Assumptions 1 and 4",
    note="what Assumption 1 says of the start where Assumption 4 makes all entries of W(0) independent: it is to be "
    "symmetrised, as in Appendix D.2",
)


@chapter.claim(
    "ass1.start.fixed",
    "consequence",
    STARTS.sentence(
        And(
            equal(((G + G.T) / 2).T, (G + G.T) / 2),
            equal(E(sq((w_12 + w_21) / 2)), 1 / (2 * h)),
        )
    ),
    cite="Appendix D.2",
    corrects="ass1.start",
    note="(G + G^T)/2 is symmetric; the variance off the diagonal is halved",
)
def symmetrised_start():
    yield Step("the variance of an entry off the diagonal", derive(E(sq((w_12 + w_21) / 2))))


# --- transcribed -------------------------------------------------------------------------

ratio = symbols("ratio", real=True)
variance_Phi, variance_W = symbols("variance_Phi variance_W", real=True)
SMALL = {d: 3, h: 2}


def proportional_steps(model):
    size = PROPORTIONAL[d].subs(alpha, 2)
    yield Step("sizes d = 2 h", Dict({ratio: limit(size / h, h, oo), alpha: limit(size / h, h, oo)}))


def initial_steps(model):
    (entry,) = gaussians("Phi_ij", 1, cov=[[1 / d]])
    (other,) = gaussians("W_ij", 1, cov=[[1 / h]])
    found = {variance_Phi: expect(E(sq(entry))), variance_W: expect(E(sq(other)))}
    yield Step("variances of the entries", Dict(found))
    yield Step("at d = 3, h = 2", Dict({**{q: v.subs(SMALL) for q, v in found.items()}, **SMALL}))


CLAIMS = (
    *chapter.claims,
    bao(
        "ass1",
        "assumption",
        Eq(W, W.T),
        definition_steps,
        stipulated(Symmetric(W)),
        "Assumption 1",
        model=None,
        note="symmetric W exist; that the flow keeps W symmetric is claim bao2023.ass1.kept",
    ),
    bao(
        "ass3",
        "assumption",
        Tuple(Eq(ratio, alpha), Gt(alpha, 0, evaluate=False)),
        proportional_steps,
        stipulated(),
        "Assumption 3",
        model=None,
        note="d = 2 h is an instance with alpha = 2",
        statement_latex=r"d, h \to \infty, \quad d/h \to \alpha \in (0, \infty)",
    ),
    bao(
        "ass4",
        "assumption",
        Tuple(Eq(variance_Phi, 1 / d), Eq(variance_W, 1 / h)),
        initial_steps,
        stipulated(),
        "Assumption 4",
        model=None,
        note="this scale keeps the spectral norms (bao2023.lem7); the Frobenius norms grow like sqrt(h) "
        "(bao2023.lem8); "
        "independent entries contradict Assumption 1 (bao2023.ass1.start)",
        statement_latex=r"\Phi_{ij} \sim N(0, 1/d), \quad W_{ij} \sim N(0, 1/h)",
    ),
    bao(
        "ass5",
        "assumption",
        Eq(F * W, W * F),
        definition_steps,
        stipulated(Commutes(F, W)),
        "Assumption 5",
        model=None,
        note="kept by the flow with concentrated norms where W is symmetric: bao2023.prop2",
    ),
)
