"""Section 3: model, losses and assumptions, and what the assumptions say about one another."""

from functools import partial

from sympy import And, Gt, Identity, MatrixSymbol, ZeroMatrix, oo, symbols

from symssl import E, gaussians, potential, sq
from symssl.claims import Chapter, Step
from symssl.language import Gradient, GradientFlow, Limit, Object, Probability, Rate, Vocabulary, function
from symssl.statements import derive

from .model import F, Phi, W, alpha, d, h, rho, sigma2
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
AT_ANY_TIME = Vocabulary(SIZES, Object(W, "the predictor, at any time"), Object(Phi, "the encoder, at the same time"))
inputs = function("d")
GROWING = Vocabulary(
    Object(h, "the dimension of the representations"),
    Object(inputs, "the dimension of the inputs, which grows with that of the representations"),
    Object(alpha, "their ratio in the limit"),
)
of_Phi, of_W = gaussians("phi_ij w_ij", 1, cov=[[1 / d, 0], [0, 1 / h]])
ENTRIES = Vocabulary(
    SIZES,
    Object(of_Phi, "any entry of Phi(0), normal and independent of all others"),
    Object(of_W, "any entry of W(0), normal and independent of all others"),
)
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


reconstructed(
    "ass1",
    "assumption",
    AT_ANY_TIME.sentence(equal(W, W.T)),
    cite="Assumption 1",
    note="symmetric W exist; whether the flow keeps W symmetric is claim ass1.kept",
)
reconstructed(
    "ass3",
    "assumption",
    GROWING.sentence(equal(alpha, Limit(inputs(h) / h, h, oo))),
    cite="Assumption 3",
    note="h and d grow without bound, and alpha is positive and finite",
)
reconstructed(
    "ass4",
    "assumption",
    ENTRIES.sentence(
        And(
            equal(E(of_Phi), ZeroMatrix(1, 1)),
            equal(E(sq(of_Phi)), 1 / d),
            equal(E(of_W), ZeroMatrix(1, 1)),
            equal(E(sq(of_W)), 1 / h),
        )
    ),
    cite="Assumption 4",
    note="this scale keeps the spectral norms (lem7); the Frobenius norms grow like sqrt(h) (lem8); independent "
    "entries contradict Assumption 1 (ass1.start)",
)
reconstructed(
    "ass5",
    "assumption",
    AT_ANY_TIME.sentence(equal(F * W, W * F)),
    cite="Assumption 5",
    note="kept by the flow with concentrated norms where W is symmetric: prop2",
)

CLAIMS = chapter.claims
