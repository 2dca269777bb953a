"""Section 4 and 5.1, Appendix B: the matrix dynamics, its limit, and the commutator."""

from sympy import Dict, Eq, Lt, Matrix, MatrixSymbol, Trace, Tuple, ZeroMatrix, symbols

from symssl import E, Symmetric, concentrate, expect, inner, norm, sq
from symssl.claims import Step
from symssl.claims.deciders import gap, identity, refuted_at, stipulated
from symssl.gradient import MatrixFlow
from symssl.spectral import off_frame

from .derivation import THIN, alignment, concentrated, definition_steps, flow, to_closed
from .model import F, FRAMES, Phi, Psi, W, bao, commutator, d, growth, h, r, rho, values, x, xp


def lemma1_steps(model):
    exact = flow(model)
    yield Step("gradient flow of the loss with weight decay", exact.rhs)
    yield Step("multiply by W^T and by (W Phi)^T",
               Tuple(expect(exact.rhs[W]*W.T), expect(exact.rhs[Phi]*Phi.T*W.T)))


def trace_steps(model):
    yield Step("H read off the flow of W", alignment(model))
    yield Step("its trace, and the derivatives of the squared norms",
               Tuple(expect(Trace(alignment(model))), flow(model).lie(sq(W)), flow(model).lie(sq(Phi))))


def lemma4_steps(model):
    yield Step("H read off the flow of W", alignment(model))
    replaced = concentrate(alignment(model), order="o_P(1)")
    yield Step("concentrate the norms of the representations (Lemmas 2, 3)",
               replaced.expr, kind="approximation", order=replaced.order)
    yield Step("evaluate the Gaussian moments", expect(replaced.expr))


def commutator_steps(model):
    A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
    yield Step("expand the commutators",
               Tuple(*map(expect, (commutator(A, A), commutator(A, B), commutator(A, B*C),
                                   commutator(A*B, C)))))


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
    yield Step("derivative of W - W^T at a symmetric W",
               next(iter(closed.residuals.values()), (ZeroMatrix(h, h),))[0])


def contraction_steps(model):
    """K(t) = R(t)^T K_0 R(t) with a constant matrix K_0 and a rotation R(t) of speed w."""
    k, w = symbols("k w", positive=True)
    K0, spin = Matrix([[1, -k], [0, 1]]), Matrix([[0, -w], [w, 0]])
    yield Step("K(t) has the eigenvalues of K_0 at all times", Tuple(*K0.eigenvals()))
    exponents = list((spin - K0).eigenvals())
    yield Step("in the rotating frame m' = (spin - K_0) m has constant coefficients", Tuple(*exponents))
    fastest = max((g.subs(w, k/2) for g in exponents), key=lambda g: g.subs(k, 1))
    yield Step("growth rate of the fastest solution at w = k/2", Dict({growth: fastest.subs(k, 4)}))


def prop2_steps(model):
    yield from to_closed(model)
    yield THIN
    stray = off_frame(concentrated(model), FRAMES)
    yield Step("what carries W and Phi out of constant common frames", Tuple(stray[W], stray[Phi]))


# --- the statements as printed -----------------------------------------------------------

zp, om = Phi*xp/norm(Phi*xp), Psi*x/norm(Psi*x)
H = E(zp*om.T - inner(om, zp)*om*om.T)                              # Lemma 1
nPhi, nPsi = norm(Phi), norm(Psi)
tPhi, tPsi = Phi/nPhi, Psi/nPsi
H_hat = r*(tPhi*tPsi.T - tPsi*(tPhi.T*tPsi + tPsi.T*tPhi)*tPsi.T
           - inner(Phi, Psi)/(nPhi*nPsi)*tPsi*tPsi.T)               # Lemma 4

# Prop. 1: (A kron B) vec(L) = vec(B L A^T), with W and F symmetric
L = commutator(F, W)
k_alpha, k_beta = r/(nPhi*nPsi), 2*r/(nPhi*nPsi**3)
k_gamma = r*inner(Phi, Psi)/(nPhi*nPsi)/nPsi**2
K_L = (3*rho*L - k_alpha*(W*L + L*W) + k_gamma*(W*W*L + L*W*W + L*F)
       + k_beta*(W*W*F*W*L + L*W*F*W*W + W*W*L*W*F + F*W*L*W*W + L*F*W*F + W*F*L*F))

A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
Fdot, Wdot, F_ = MatrixSymbol("Fdot", h, h), MatrixSymbol("Wdot", h, h), MatrixSymbol("F", h, h)
H_ = MatrixSymbol("H", h, h)

CLAIMS = (
    bao("Hhat", "definition", Eq(H_, H_hat), definition_steps, stipulated(), "below Lemma 4", model=None),
    bao("lem1", "lemma", Tuple(H - rho*W*W.T, W.T*H - rho*F*W.T), lemma1_steps, identity(), "Lemma 1, Eq. (4)"),
    bao("lem1.trace", "consequence", Tuple(0, -2*rho*sq(W), -2*rho*sq(Phi)), trace_steps, identity(),
        "not in the paper; from Lemma 1",
        statement_latex=r"\operatorname{tr} H = 0, \quad \tfrac{d}{dt}\lVert W\rVert^{2} = -2\rho\lVert W\rVert^{2}, \quad \tfrac{d}{dt}\lVert\Phi\rVert^{2} = -2\rho\lVert\Phi\rVert^{2}"),
    bao("lem4", "lemma", H_hat, lemma4_steps, identity(), "Lemma 4"),
    bao("ass1.kept", "assumption", ZeroMatrix(h, h), symmetry_steps, identity(), "Assumption 1",
        note="derivative of W - W^T at a symmetric W, printed as zero",
        statement_latex=r"\tfrac{d}{dt}(W - W^{\top}) = 0 \text{ at a symmetric } W"),
    bao("lem17", "lemma", Tuple(ZeroMatrix(h, h), -commutator(B, A), commutator(A, B)*C + B*commutator(A, C),
                                A*commutator(B, C) + commutator(A, C)*B),
        commutator_steps, identity(), "Lemma 17", model=None),
    bao("eq23", "equation", commutator(Fdot, W) + commutator(F_, Wdot), eq23_steps, identity(), "Eq. (23)",
        model=None),
    bao("prop1.ode", "proposition", -K_L, commutator_flow_steps, identity(), "Prop. 1", given=(Symmetric(W),)),
    bao("prop1.limit", "proposition", Lt(growth, 0), contraction_steps,
        gap(refuted_at(values), "the smallest eigenvalue of the symmetric part of K in place of that of K"),
        "Prop. 1", model=None,
        statement_latex=r"\inf_t \lambda_{\min}(K(t)) > 0 \implies \lVert L(t)\rVert_F \to 0: \quad \text{growth rate of } L < 0"),
    bao("prop2", "proposition", Tuple(ZeroMatrix(h, h), ZeroMatrix(h, d)), prop2_steps, identity(), "Prop. 2",
        statement_latex=r"\dot U = 0: \text{ nothing carries } W, \Phi \text{ out of their frames}"),
)
