"""Section 3: model, losses and assumptions, and what the assumptions say about one another."""

from sympy import Dict, Eq, Gt, Identity, MatrixSymbol, Rational, Symbol, Tuple, limit, oo, sqrt, symbols

from symssl import Commutes, E, Symmetric, expect, gaussians, inner, sq
from symssl.claims import Step, identity, refuted_at, stipulated

from .derivation import definition_steps
from .model import COSINE, PROPORTIONAL, SQUARED, F, Phi, W, alpha, bao, d, h, rho, sigma2

Loss = symbols("L_loss", real=True)
mean_x0, variance_x0, ratio = symbols("mean variance ratio", real=True)
variance_Phi, variance_W, asymmetry = symbols("variance_Phi variance_W asymmetry", real=True)
SMALL = {d: 3, h: 2}


def covariance_steps(model):
    """The two views of one anchor: x = x_0 + sigma epsilon, x' = x_0 + sigma epsilon'."""
    x0, noise, other = gaussians("x_0 epsilon epsilon'", d, cov=[[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    view, second = x0 + sqrt(sigma2) * noise, x0 + sqrt(sigma2) * other
    yield Step(
        "covariance of a view, and of the two views", Tuple(expect(E(view * view.T)), expect(E(view * second.T)))
    )


def input_steps(model):
    (x0,) = gaussians("x_0", d, cov=[[1]])
    direction = MatrixSymbol("e", d, 1)
    yield Step(
        "mean along a direction, and variance of a coordinate",
        Dict({mean_x0: expect(E(inner(direction, x0))), variance_x0: expect(E(sq(x0))) / d}),
    )


def proportional_steps(model):
    size = PROPORTIONAL[d].subs(alpha, 2)
    yield Step("sizes d = 2 h", Dict({ratio: limit(size / h, h, oo), alpha: limit(size / h, h, oo)}))


def initial_steps(model):
    (entry,) = gaussians("Phi_ij", 1, cov=[[1 / d]])
    (other,) = gaussians("W_ij", 1, cov=[[1 / h]])
    found = {variance_Phi: expect(E(sq(entry))), variance_W: expect(E(sq(other)))}
    yield Step("variances of the entries", Dict(found))
    yield Step("at d = 3, h = 2", Dict({**{q: v.subs(SMALL) for q, v in found.items()}, **SMALL}))


def start_asymmetry(same, transposed):
    """E|W - W^T|^2 for W = same G + transposed G^T, the entries of G independent of variance 1/h."""
    upper, lower = gaussians("G_12 G_21", 1, cov=[[1 / h, 0], [0, 1 / h]])
    W_12, W_21 = same * upper + transposed * lower, same * lower + transposed * upper
    return expect(E(sq(W_12 - W_21))) * h * (h - 1), expect(E(sq(W_12)))


def independent_start_steps(model):
    found, _ = start_asymmetry(1, 0)
    yield Step("E|W - W^T|^2 where all entries of W are independent of variance 1/h", found)
    yield Step("at h = 2", Dict({asymmetry: found.subs(SMALL), h: SMALL[h]}))


def symmetrised_start_steps(model):
    yield Step(
        "E|W - W^T|^2 for W = (G + G^T)/2, and the variance off the diagonal",
        Tuple(*start_asymmetry(Rational(1, 2), Rational(1, 2))),
    )


CLAIMS = (
    bao(
        "model",
        "definition",
        Tuple(Eq(Symbol("Var_x"), 1 + sigma2), Eq(Symbol("Cov_xx'"), 1)),
        definition_steps,
        stipulated(),
        "Sec. 3",
        model=None,
    ),
    bao(
        "model.covariance",
        "consequence",
        Tuple((1 + sigma2) * Identity(d), Identity(d)),
        covariance_steps,
        identity(),
        "Sec. 3",
        model=None,
        source="new",
        note="the only property of the data that the derivation uses",
        statement_latex=r"E[xx^{\top}] = (1 + \sigma^{2})I, \quad E[xx'^{\top}] = I",
    ),
    bao("eq1", "definition", Eq(Loss, SQUARED.loss), definition_steps, stipulated(), "Eq. (1)", model=None),
    bao(
        "eq2",
        "definition",
        Eq(Loss, COSINE.loss + rho / 2 * (sq(Phi) + sq(W))),
        definition_steps,
        stipulated(),
        "Eq. (2)",
        model=None,
    ),
    bao(
        "eq3",
        "definition",
        Eq(MatrixSymbol("Wdot", h, h), -MatrixSymbol("grad", h, h) - rho * W),
        definition_steps,
        stipulated(),
        "Eq. (3)",
        model=None,
    ),
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
        "ass1.start",
        "assumption",
        Eq(asymmetry, 0),
        independent_start_steps,
        refuted_at(),
        "Assumptions 1 and 4",
        model=None,
        given=(Gt(h, 1),),
        note="Assumption 4 with independent entries contradicts Assumption 1 at t = 0 for h >= 2: the start is to be "
        "symmetrised, as in Appendix D.2",
        statement_latex=r"E\lVert W(0) - W(0)^{\top}\rVert^{2} = 0 \text{ under Assumption 4}",
    ),
    bao(
        "ass1.start.fixed",
        "consequence",
        Tuple(0, 1 / (2 * h)),
        symmetrised_start_steps,
        identity(),
        "Appendix D.2",
        model=None,
        source="new",
        corrects="bao2023.ass1.start",
        note="(W + W^T)/2 is symmetric; the variance off the diagonal is halved",
        statement_latex=r"W(0) = (G + G^{\top})/2: \quad E\lVert W(0) - W(0)^{\top}\rVert^{2} = 0, \quad "
        r"\operatorname{Var} W_{ij} = \tfrac{1}{2h}",
    ),
    bao(
        "ass2",
        "assumption",
        Tuple(Eq(mean_x0, 0), Eq(variance_x0, 1)),
        input_steps,
        stipulated(),
        "Assumption 2",
        model=None,
        statement_latex=r"x_0 \sim N(0, I_d)",
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
