"""Section 4 and 5.1, Appendix B: the matrix dynamics, its limit, and the commutator."""

from functools import lru_cache, partial

from sympy import (
    And,
    Dict,
    Eq,
    Gt,
    Lt,
    Matrix,
    MatrixSymbol,
    Poly,
    Rational,
    Trace,
    ZeroMatrix,
    cancel,
    diag,
    exp,
    eye,
    kronecker_product,
    simplify,
    sqrt,
    symbols,
)

from symssl import E, ModeSum, Symmetric, concentrate, expect, inner, norm, sq
from symssl.claims import Chapter, Step, equivalent, gap, identity, refuted_at
from symssl.language import Along, Let, Object, Rate, VectorField, Vocabulary
from symssl.statements import derive

from .derivation import alignment, concentrated, modes, to_closed, to_modes
from .model import (
    F,
    N_Phi,
    N_Psi,
    N_x,
    Phi,
    Psi,
    U,
    V,
    W,
    bao,
    commutator,
    d,
    growth,
    h,
    n,
    p,
    r,
    rho,
    s,
    sigma2,
    t,
    x,
    xp,
)
from .vocabulary import CLOSED, EXACT, START, VOCABULARY, W_0, WIDE, Delta, Phi_0, equal, in_frames

# --- what the sentences speak of ---------------------------------------------------------

chapter = Chapter("bao2023")
reconstructed = partial(chapter.claim, source="reconstructed")

target, prediction = Phi * xp / norm(Phi * xp), Psi * x / norm(Psi * x)
H = E(target * prediction.T - inner(prediction, target) * prediction * prediction.T)  # Lemma 1
n_Phi, n_Psi = norm(Phi), norm(Psi)
tPhi, tPsi = Phi / n_Phi, Psi / n_Psi
H_hat = r * (
    tPhi * tPsi.T - tPsi * (tPhi.T * tPsi + tPsi.T * tPhi) * tPsi.T - inner(Phi, Psi) / (n_Phi * n_Psi) * tPsi * tPsi.T
)  # Lemma 4
H_, Hhat = MatrixSymbol("H", h, h), MatrixSymbol("Hhat", h, h)
WITH_H = Vocabulary(
    VOCABULARY,
    Let(H_, H, "the mean of z' w^T - (w^T z') w w^T, z' = Phi x'/|Phi x'| and w = W Phi x/|W Phi x|"),
    Let(Hhat, H_hat, "what takes its place in the limit"),
)
DEFINED = Vocabulary(VOCABULARY, Object(Hhat, "what takes the place of H in the limit"))

# Prop. 1: (A kron B) vec(L) = vec(B L A^T), with W and F symmetric
L = commutator(F, W)
L_ = MatrixSymbol("L", h, h)
k_alpha, k_beta = r / (n_Phi * n_Psi), 2 * r / (n_Phi * n_Psi**3)
k_gamma = r * inner(Phi, Psi) / (n_Phi * n_Psi) / n_Psi**2
al, be, ga = symbols("alpha beta gamma", real=True)
F_ = MatrixSymbol("F", h, h)
COMMUTATOR = Vocabulary(
    VOCABULARY,
    Let(F_, F),
    Let(L_, L, "the commutator of Phi Phi^T and W"),
    Let(al, k_alpha),
    Let(be, k_beta),
    Let(ga, k_gamma),
)
K_L = (
    3 * rho * L_
    - al * (W * L_ + L_ * W)
    + ga * (W * W * L_ + L_ * W * W + L_ * F_)
    + be
    * (
        W * W * F_ * W * L_
        + L_ * W * F_ * W * W
        + W * W * L_ * W * F_
        + F_ * W * L_ * W * W
        + L_ * F_ * W * F_
        + W * F_ * L_ * F_
    )
)
A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
ANY = Vocabulary(VOCABULARY, *(Object(matrix, "any matrix") for matrix in (A, B, C)))
Fdot, Wdot = MatrixSymbol("Fdot", h, h), MatrixSymbol("Wdot", h, h)
MOVING = VectorField({F_: Fdot, W: Wdot})
MOVED = Vocabulary(
    VOCABULARY,
    Object(F_, "Phi Phi^T"),
    Object(Fdot, "its velocity"),
    Object(Wdot, "the velocity of the predictor"),
)
side = symbols("n", integer=True, positive=True)
K, vec = MatrixSymbol("K", side, side), MatrixSymbol("l", side, 1)
LINEAR = VectorField({vec: -K * vec})
STACKED = Vocabulary(
    Object(side, "the number of entries"),
    Object(vec, "the entries of the commutator, stacked"),
    Object(K, "the matrix of Proposition 1"),
)

# --- Lemmas 1 and 4 ----------------------------------------------------------------------


@reconstructed(
    "lem1",
    "lemma",
    WITH_H.sentence(
        And(
            equal(Rate(W, EXACT) * W.T, H_ - rho * W * W.T),
            equal(Rate(Phi, EXACT) * Phi.T * W.T, W.T * H_ - rho * Phi * Phi.T * W.T),
        )
    ),
    cite="Lemma 1, Eq. (4)",
)
def lemma1():
    yield Step("the gradient flow of the predictor", derive(Rate(W, EXACT)))
    yield Step("the gradient flow of the encoder", derive(Rate(Phi, EXACT)))


@chapter.claim(
    "lem1.trace",
    "consequence",
    WITH_H.sentence(
        And(
            equal(Trace(H_), 0),
            equal(Rate(sq(W), EXACT), -2 * rho * sq(W)),
            equal(Rate(sq(Phi), EXACT), -2 * rho * sq(Phi)),
        )
    ),
    cite="not in the paper; from Lemma 1",
    source="new",
)
def lemma1_trace():
    yield Step("the derivative of the squared norm of the predictor", derive(Rate(sq(W), EXACT)))
    yield Step("the derivative of the squared norm of the encoder", derive(Rate(sq(Phi), EXACT)))


reconstructed("Hhat", "definition", DEFINED.sentence(equal(Hhat, H_hat)), cite="below Lemma 4")

chapter.claim(
    "lem4.trace",
    "consequence",
    WITH_H.sentence(equal(Trace(Hhat), -2 * r * Trace(tPsi.T * tPsi * tPhi.T * tPsi))),
    cite="Lemma 4",
    source="new",
    note="H is traceless (lem1.trace), what takes its place is not: its third-order term has the size of what was "
    "dropped",
)


@chapter.claim(
    "eq4.closed",
    "consequence",
    WITH_H.sentence(
        And(
            equal(Rate(W, CLOSED) * W.T, Hhat - rho * W * W.T),
            equal(Rate(Phi, CLOSED) * Phi.T * W.T, W.T * Hhat - rho * Phi * Phi.T * W.T),
        )
    ),
    cite="Eq. (4), below Lemma 4",
    source="new",
    note="the dynamics that (5) and Propositions 1 and 2 speak about are (4) with Hhat in the place of H",
)
def closed():
    yield Step("the velocity of the predictor", derive(Rate(W, CLOSED)))
    yield Step("the velocity of the encoder", derive(Rate(Phi, CLOSED)))


# --- the commutator ----------------------------------------------------------------------


@reconstructed(
    "ass1.kept",
    "implicit",
    VOCABULARY.sentence(equal(Rate(W - W.T, CLOSED), ZeroMatrix(h, h)), given=Symmetric(W)),
    cite="Assumption 1",
    note="that the flow keeps W symmetric",
)
def kept():
    yield Step("derivative of W - W^T at a symmetric W", derive(Rate(W - W.T, CLOSED), [Symmetric(W)]))


@chapter.claim(
    "ass1.kept.fixed",
    "consequence",
    COMMUTATOR.sentence(
        equal(Rate(W - W.T, CLOSED), ga * L_ + be * (L_ * F_ * W + W * F_ * L_)),
        given=Symmetric(W),
    ),
    cite="Assumption 1",
    corrects="ass1.kept",
    note="the flow keeps W symmetric where [F, W] = 0; for positive W and F only there, so that Assumption 1 for all t "
    "then contains Assumption 5",
)
def kept_fixed():
    yield Step("derivative of W - W^T at a symmetric W", derive(Rate(W - W.T, CLOSED), [Symmetric(W)]))


reconstructed(
    "lem17",
    "lemma",
    ANY.sentence(
        And(
            equal(commutator(A, A), ZeroMatrix(h, h)),
            equal(commutator(A, B), -commutator(B, A)),
            equal(commutator(A, B * C), commutator(A, B) * C + B * commutator(A, C)),
            equal(commutator(A * B, C), A * commutator(B, C) + commutator(A, C) * B),
        )
    ),
    cite="Lemma 17",
)


@reconstructed(
    "eq23",
    "equation",
    MOVED.sentence(equal(Rate(commutator(F_, W), MOVING), commutator(Fdot, W) + commutator(F_, Wdot))),
    cite="Eq. (23)",
)
def eq23():
    yield Step("differentiate the commutator", derive(Rate(commutator(F_, W), MOVING)))


@reconstructed(
    "prop1.ode",
    "proposition",
    COMMUTATOR.sentence(equal(Rate(L, CLOSED), -K_L), given=Symmetric(W)),
    cite="Prop. 1",
    note="K vec(L) without Kronecker products: (A x B) vec(L) = vec(B L A^T)",
)
def prop1():
    yield Step("differentiate the commutator, W symmetric", derive(Rate(L, CLOSED), [Symmetric(W)]))


@chapter.claim(
    "prop1.limit.fixed",
    "consequence",
    STACKED.sentence(equal(Rate(sq(vec), LINEAR), -inner(vec, (K + K.T) * vec))),
    cite="Prop. 1",
    corrects="prop1.limit",
    note="at most -2 lambda_0 |L|^2 where the symmetric part of K is at least lambda_0",
)
def prop1_limit_fixed():
    yield Step("the derivative of |l|^2 where l' = -K l", derive(Rate(sq(vec), LINEAR)))


@chapter.claim(
    "prop1.limit.exact",
    "consequence",
    VOCABULARY.sentence(
        equal(Along(norm(Phi) ** 4 * sq(W), EXACT, t, START), exp(-6 * rho * t) * norm(Phi_0) ** 4 * sq(W_0))
    ),
    cite="Prop. 1",
    source="new",
    note="this bounds |L|^2/4, so that the commutator vanishes in the exact flow whatever K",
)
def prop1_limit_exact():
    yield Step(
        "a product of norms, each of which decays at the rate rho",
        derive(Along(norm(Phi) ** 4 * sq(W), EXACT, t, START)),
    )


turned, stretched = U.T * in_frames(W, CLOSED) * U, U.T * in_frames(Phi, CLOSED) * V


@reconstructed(
    "prop2",
    "proposition",
    VOCABULARY.sentence(
        And(equal(turned * Delta, Delta * turned), equal(stretched * Delta, Delta * stretched)), given=WIDE
    ),
    cite="Prop. 2",
    note="the velocities are diagonal in the frames of W and Phi: they commute with every diagonal matrix; where "
    "eigenvalues coincide for W and Phi Phi^T together, U is not unique, and it can be chosen constant",
)
def prop2():
    yield Step("the velocity of the predictor", derive(Rate(W, CLOSED)))
    yield Step("the velocity of the encoder", derive(Rate(Phi, CLOSED)))


# --- transcribed -------------------------------------------------------------------------

smallest = symbols("smallest", real=True)
nonreal = symbols("nonreal", integer=True, nonnegative=True)
p_i, p_j = symbols("p_i p_j", real=True)
s_i, s_j, size = symbols("s_i s_j a", positive=True)
MANY = {n: 100, size: 2, sigma2: 0, rho: Rational(1, 1000)}


def lemma4_steps(model):
    yield Step("H read off the flow of W", alignment(model))
    replaced = concentrate(alignment(model), order="o_P(1)")
    yield Step(
        "concentrate the norms of the representations (Lemmas 2, 3)",
        replaced.expr,
        kind="approximation",
        order=replaced.order,
    )
    yield Step("evaluate the Gaussian moments", expect(replaced.expr))


# --- Proposition 1 at explicit matrices -----------------------------------------------------------

WITNESS = (Matrix([[2, 0, 3], [0, 2, -4], [3, -4, 4]]), Matrix([[-1, -3, -1], [-2, 3, -1], [-1, 1, 1]]))
SHIFT = Rational(7, 2)  # 3 rho N_Phi N_Psi there, at sigma = 0


def evaluated(words, weights, scalars):
    """Words in W and Phi at explicit matrices, their norms and their trace given as scalars."""
    size = {h: weights[0].rows, d: weights[1].cols}
    given = dict(zip((norm(Phi), norm(W * Phi), Trace(Phi * Phi.T * W)), scalars))
    explicit = {
        MatrixSymbol(A.name, *(side.subs(size) for side in A.shape)): value for A, value in zip((W, Phi), weights)
    }
    return words.xreplace(given).subs(size).subs(explicit).doit()


def scalars_of(weights):
    """|Phi|, |W Phi| and tr(F W) of explicit matrices."""
    w, f = weights
    return (*(sqrt((A * A.T).trace()) for A in (f, w * f)), (f * f.T * w).trace())


def kronecker(weights, decay):
    """K of Proposition 1 as printed, at explicit matrices and sigma = 0."""
    w, f = weights[0], weights[1] * weights[1].T
    n_phi, n_psi, trace = scalars_of(weights)
    one, g, kron = eye(w.rows), f * w, kronecker_product
    alpha, beta, gamma = 1 / (n_phi * n_psi), 2 / (n_phi * n_psi**3), trace / (n_phi * n_psi**3)
    return (
        3 * decay * eye(w.rows**2)
        - alpha * (kron(w, one) + kron(one, w))
        + gamma * (kron(w * w, one) + kron(one, w * w) + kron(f, one))
        + beta
        * (
            kron(one, w * w * g)
            + kron(w * w * g, one)
            + kron(g, w * w)
            + kron(w * w, g)
            + kron(g * f, one)
            + kron(f, w * f)
        )
    )


def commutator_flow(model):
    """The derivative of L = [F, W] where W is symmetric."""
    return concentrated(model).impose(Symmetric(W)).lie(commutator(F, W))


def indefinite_steps(model):
    """All eigenvalues of K are real and positive, and yet |L| grows."""
    yield from to_closed(model)
    scalars = scalars_of(WITNESS)
    scale = scalars[0] * scalars[1]
    at = {rho: SHIFT / 3 / scale, sigma2: 0}
    L = evaluated(commutator(F, W), WITNESS, scalars)
    change = evaluated(commutator_flow(model).subs(at), WITNESS, scalars)
    yield Step("derivative of vec L at explicit matrices W and Phi, times N_Phi N_Psi", (scale * change.vec()).expand())
    K = (scale * kronecker(WITNESS, at[rho])).expand()
    yield Step("-K vec L, K as printed, times N_Phi N_Psi", -K * L.vec(), same=True)
    characteristic = Poly(K.charpoly().as_expr())
    yield Step("characteristic polynomial of K N_Phi N_Psi", characteristic.as_expr())
    (lowest, _), *_ = (interval for interval, _ in characteristic.intervals(eps=Rational(1, 100)))
    yield Step(
        "a lower bound on the eigenvalues, the number that are not real, and the growth rate of |L|^2, all times "
        "N_Phi N_Psi",
        Dict(
            {
                smallest: lowest,
                nonreal: characteristic.degree() - characteristic.count_roots(),
                growth: 2 * L.vec().dot(scale * change.vec()) / L.vec().dot(L.vec()),
            }
        ),
    )


@lru_cache(maxsize=256)
def pair_rate(model):
    """The eigenvalue of K for the pair of modes i, j: the decay rate of a small commutator near [F, W] = 0."""
    shake, tilt = symbols("delta w", real=True)
    weights = Matrix([[p_i, shake * tilt], [shake * tilt, p_j]]), diag(sqrt(s_i), sqrt(s_j))
    scalars = N_Phi, N_Psi, N_x * N_Phi * N_Psi  # the other modes enter through these alone
    change = evaluated(commutator_flow(model), weights, scalars)
    small = evaluated(commutator(F, W), weights, scalars)
    found = -change[0, 1].diff(shake).subs(shake, 0) / small[0, 1].diff(shake).subs(shake, 0)
    return cancel(found)


def flat_pair_rate(model):
    """The same for two of n modes p = +a, where n/2 modes have p = a, n/2 have p = -a, all on the parabola."""
    couplings = {
        q: form.replace(ModeSum, lambda g: n / 2 * (g.subs({p: size, s: size**2}) + g.subs({p: -size, s: size**2})))
        for q, form in modes(model).couplings.items()
    }
    on = {p_i: size, p_j: size, s_i: size**2, s_j: size**2}
    return simplify(pair_rate(model).subs({q: simplify(form) for q, form in couplings.items()}).subs(on))


def flat_steps(model):
    yield from to_modes(model)
    yield Step("eigenvalue of K for the modes i, j", pair_rate(model))
    yield Step("n modes p = +a, -a in equal numbers: the eigenvalue for two modes +a", flat_pair_rate(model))
    yield Step("at n = 100, a = 2, sigma = 0, rho = 1/1000", Dict({smallest: flat_pair_rate(model).subs(MANY)}))


def flat_threshold_steps(model):
    yield from to_modes(model)
    yield Step("n modes p = +a, -a in equal numbers: the eigenvalue for two modes +a", flat_pair_rate(model))
    yield Step("it is positive where", Gt(flat_pair_rate(model), 0))


CLAIMS = (
    *chapter.claims,
    bao("lem4", "lemma", H_hat, lemma4_steps, identity(), "Lemma 4"),
    bao(
        "prop1.limit",
        "proposition",
        Lt(growth, 0),
        indefinite_steps,
        gap(refuted_at(), "the smallest eigenvalue of the symmetric part of K in place of that of K"),
        "Prop. 1",
        given=(Gt(smallest, 0), Eq(nonreal, 0)),
        note="K is not symmetric: all its eigenvalues may be positive while |L| grows; W = [[2, 0, 3], [0, 2, -4], "
        "[3, -4, 4]], Phi = [[-1, -3, -1], [-2, 3, -1], [-1, 1, 1]], sigma = 0, rho = 7/(6 N_Phi N_Psi)",
        statement_latex=r"\lambda_{\min}(K(t)) \ge \lambda_0 > 0 \implies \tfrac{d}{dt}\lVert L\rVert_F^{2} < 0 "
        r"\quad (\implies \lVert L(t)\rVert_F \to 0)",
    ),
    bao(
        "prop1.hyp",
        "hypothesis",
        Gt(smallest, 0),
        flat_steps,
        refuted_at(at=MANY),
        "Prop. 1",
        note="100 modes p = +2 and -2 in equal numbers on the parabola, rho = 1/1000: K has the eigenvalue -17/10000",
        statement_latex=r"\lambda_{\min}(K) > 0 \text{ along the flow}",
    ),
    bao(
        "prop1.hyp.fixed",
        "consequence",
        rho > 2 * (n - 6) / (3 * (1 + sigma2) * n**2 * size**2),
        flat_threshold_steps,
        equivalent(),
        "Prop. 1",
        source="new",
        corrects="bao2023.prop1.hyp",
        note="for this spectrum the eigenvalue of K is positive exactly for a decay above this",
        statement_latex=r"p = \pm a: \quad \lambda > 0 \iff \rho > \frac{2(n - 6)}{3(1 + \sigma^{2})n^{2}a^{2}}",
    ),
)
