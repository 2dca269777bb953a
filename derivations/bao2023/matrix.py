"""Section 4 and 5.1, Appendix B: the matrix dynamics, its limit, and the commutator."""

from functools import lru_cache

from sympy import (
    Dict,
    Eq,
    Gt,
    Lt,
    Matrix,
    MatrixSymbol,
    Poly,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    diag,
    eye,
    kronecker_product,
    simplify,
    sqrt,
    symbols,
)

from symssl import E, ModeSum, Symmetric, concentrate, expect, inner, norm, sq
from symssl.claims import Step, equivalent, gap, identity, refuted_at, stipulated
from symssl.matrix import MatrixFlow
from symssl.modes import off_frame

from .derivation import THIN, alignment, concentrated, definition_steps, flow, growth_rate, modes, to_closed, to_modes
from .model import (
    FRAMES,
    F,
    N_Phi,
    N_Psi,
    N_x,
    Phi,
    Psi,
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
    x,
    xp,
)

smallest = symbols("smallest", real=True)
nonreal = symbols("nonreal", integer=True, nonnegative=True)
p_i, p_j = symbols("p_i p_j", real=True)
s_i, s_j, size = symbols("s_i s_j a", positive=True)
MANY = {n: 100, size: 2, sigma2: 0, rho: Rational(1, 1000)}


def lemma1_steps(model):
    exact = flow(model)
    yield Step("gradient flow of the loss with weight decay", exact.rhs)
    yield Step(
        "multiply by W^T and by (W Phi)^T", Tuple(expect(exact.rhs[W] * W.T), expect(exact.rhs[Phi] * Phi.T * W.T))
    )


def trace_steps(model):
    yield Step("H read off the flow of W", alignment(model))
    yield Step(
        "its trace, and the derivatives of the squared norms",
        Tuple(expect(Trace(alignment(model))), flow(model).lie(sq(W)), flow(model).lie(sq(Phi))),
    )


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


def limit_trace_steps(model):
    yield Step("H read off the flow of W", alignment(model))
    replaced = concentrate(alignment(model), order="o_P(1)")
    yield Step(
        "concentrate the norms of the representations (Lemmas 2, 3)",
        expect(replaced.expr),
        kind="approximation",
        order=replaced.order,
    )
    yield Step(
        "traces of H and of its limit", Tuple(expect(Trace(alignment(model))), expect(Trace(expect(replaced.expr))))
    )


def commutator_steps(model):
    A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
    yield Step(
        "expand the commutators",
        Tuple(*map(expect, (commutator(A, A), commutator(A, B), commutator(A, B * C), commutator(A * B, C)))),
    )


def eq23_steps(model):
    f, fdot, wdot = (MatrixSymbol(name, h, h) for name in ("F", "Fdot", "Wdot"))
    yield Step("differentiate L = [F, W]", MatrixFlow({f: fdot, W: wdot}).lie(commutator(f, W)))


def commutator_flow_steps(model):
    yield from to_closed(model)
    closed = concentrated(model).impose(Symmetric(W))
    yield Step("W symmetric at the time considered", closed.rhs, kind="assumption")
    yield Step("differentiate L = [F, W]", closed.lie(commutator(F, W)))


def symmetry_steps(model):
    yield from to_closed(model)
    closed = concentrated(model).impose(Symmetric(W))
    yield Step("derivative of W - W^T at a symmetric W", next(iter(closed.residuals.values()), (ZeroMatrix(h, h),))[0])


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


def symmetric_part_steps(model):
    yield Step("derivative of |l|^2 where l' = -K l", MatrixFlow({vec: -K * vec}).lie(sq(vec)))


def commutator_bound_steps(model):
    rates = [growth_rate(flow(model), sq(A)) for A in (Phi, W)]
    yield Step("growth rates of |Phi|^2 and |W|^2 in the exact flow", Tuple(*rates))
    yield Step("growth rate of |Phi|^4 |W|^2, which bounds |L|^2/4", 2 * rates[0] + rates[1])


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


def prop2_steps(model):
    yield from to_closed(model)
    yield THIN
    stray = off_frame(concentrated(model), FRAMES)
    yield Step("what carries W and Phi out of constant common frames", Tuple(stray[W], stray[Phi]))


# --- the statements as printed -----------------------------------------------------------

zp, om = Phi * xp / norm(Phi * xp), Psi * x / norm(Psi * x)
H = E(zp * om.T - inner(om, zp) * om * om.T)  # Lemma 1
nPhi, nPsi = norm(Phi), norm(Psi)
tPhi, tPsi = Phi / nPhi, Psi / nPsi
H_hat = r * (
    tPhi * tPsi.T - tPsi * (tPhi.T * tPsi + tPsi.T * tPhi) * tPsi.T - inner(Phi, Psi) / (nPhi * nPsi) * tPsi * tPsi.T
)  # Lemma 4

# Prop. 1: (A kron B) vec(L) = vec(B L A^T), with W and F symmetric
L = commutator(F, W)
k_alpha, k_beta = r / (nPhi * nPsi), 2 * r / (nPhi * nPsi**3)
k_gamma = r * inner(Phi, Psi) / (nPhi * nPsi) / nPsi**2
K_L = (
    3 * rho * L
    - k_alpha * (W * L + L * W)
    + k_gamma * (W * W * L + L * W * W + L * F)
    + k_beta
    * (W * W * F * W * L + L * W * F * W * W + W * W * L * W * F + F * W * L * W * W + L * F * W * F + W * F * L * F)
)

side = symbols("n", integer=True, positive=True)
K, vec = MatrixSymbol("K", side, side), MatrixSymbol("l", side, 1)
A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
Fdot, Wdot, F_ = MatrixSymbol("Fdot", h, h), MatrixSymbol("Wdot", h, h), MatrixSymbol("F", h, h)
H_ = MatrixSymbol("H", h, h)

CLAIMS = (
    bao("Hhat", "definition", Eq(H_, H_hat), definition_steps, stipulated(), "below Lemma 4", model=None),
    bao(
        "lem1", "lemma", Tuple(H - rho * W * W.T, W.T * H - rho * F * W.T), lemma1_steps, identity(), "Lemma 1, Eq. (4)"
    ),
    bao(
        "lem1.trace",
        "consequence",
        Tuple(0, -2 * rho * sq(W), -2 * rho * sq(Phi)),
        trace_steps,
        identity(),
        "not in the paper; from Lemma 1",
        statement_latex=r"\operatorname{tr} H = 0, \quad \tfrac{d}{dt}\lVert W\rVert^{2} = -2\rho\lVert W\rVert^{2}, "
        r"\quad \tfrac{d}{dt}\lVert\Phi\rVert^{2} = -2\rho\lVert\Phi\rVert^{2}",
    ),
    bao("lem4", "lemma", H_hat, lemma4_steps, identity(), "Lemma 4"),
    bao(
        "lem4.trace",
        "consequence",
        Tuple(0, -2 * r * Trace(tPsi.T * tPsi * tPhi.T * tPsi)),
        limit_trace_steps,
        identity(),
        "Lemma 4",
        source="new",
        note="H is traceless, the limit that replaces it is not: its third-order term has the size of what was dropped",
        statement_latex=r"\operatorname{tr} H = 0, \quad \operatorname{tr}\hat H = -\tfrac{2}{1 + \sigma^{2}}"
        r"\operatorname{tr}(\tilde\Psi^{\top}\tilde\Psi\tilde\Phi^{\top}\tilde\Psi)",
    ),
    bao(
        "ass1.kept",
        "assumption",
        ZeroMatrix(h, h),
        symmetry_steps,
        identity(),
        "Assumption 1",
        note="derivative of W - W^T at a symmetric W, printed as zero",
        statement_latex=r"\tfrac{d}{dt}(W - W^{\top}) = 0 \text{ at a symmetric } W",
    ),
    bao(
        "ass1.kept.fixed",
        "consequence",
        k_gamma * L + k_beta * (L * F * W + W * F * L),
        symmetry_steps,
        identity(),
        "Assumption 1",
        given=(Symmetric(W),),
        source="new",
        corrects="bao2023.ass1.kept",
        note="the flow keeps W symmetric where [F, W] = 0; for positive W and F only there, so that Assumption 1 for "
        "all t "
        "then contains Assumption 5",
        statement_latex=r"\tfrac{d}{dt}(W - W^{\top}) = \gamma L + \beta(LFW + WFL), \quad L = [F, W]",
    ),
    bao(
        "lem17",
        "lemma",
        Tuple(
            ZeroMatrix(h, h),
            -commutator(B, A),
            commutator(A, B) * C + B * commutator(A, C),
            A * commutator(B, C) + commutator(A, C) * B,
        ),
        commutator_steps,
        identity(),
        "Lemma 17",
        model=None,
    ),
    bao("eq23", "equation", commutator(Fdot, W) + commutator(F_, Wdot), eq23_steps, identity(), "Eq. (23)", model=None),
    bao("prop1.ode", "proposition", -K_L, commutator_flow_steps, identity(), "Prop. 1", given=(Symmetric(W),)),
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
        "prop1.limit.fixed",
        "consequence",
        -inner(vec, (K + K.T) * vec),
        symmetric_part_steps,
        identity(),
        "Prop. 1",
        model=None,
        source="new",
        corrects="bao2023.prop1.limit",
        note="at most -2 lambda_0 |L|^2 where the symmetric part of K is at least lambda_0",
        statement_latex=r"\tfrac{d}{dt}\lVert L\rVert^{2} = -\operatorname{vec}(L)^{\top}(K + "
        r"K^{\top})\operatorname{vec}(L)",
    ),
    bao(
        "prop1.limit.exact",
        "consequence",
        -6 * rho,
        commutator_bound_steps,
        identity(),
        "Prop. 1",
        source="new",
        note="in the exact flow |L| <= 2 |Phi|^2 |W| vanishes whatever K",
        statement_latex=r"\lVert L(t)\rVert \le 2\lVert\Phi\rVert^{2}\lVert W\rVert, \quad "
        r"\tfrac{d}{dt}\log(\lVert\Phi\rVert^{4}\lVert W\rVert^{2}) = -6\rho",
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
    bao(
        "prop2",
        "proposition",
        Tuple(ZeroMatrix(h, h), ZeroMatrix(h, d)),
        prop2_steps,
        identity(),
        "Prop. 2",
        note="where eigenvalues coincide for W and Phi Phi^T together, U is not unique: it can be chosen constant",
        statement_latex=r"\dot U = 0: \text{ nothing carries } W, \Phi \text{ out of their frames}",
    ),
)
