"""Bao: Feature normalization prevents collapse of non-contrastive learning dynamics.

Neural Computation 2025 (arXiv 2309.16109).  A two-layer linear network, encoder
Phi (h x d) and predictor W (h x h), is trained with the cosine loss against the
stop-gradient of the other view, with weight decay rho:

    L = -E cos(W Phi x, sg(Phi x')),   Cov(x) = Cov(x') = (1 + sigma^2) I,  Cov(x, x') = I.

The available copy of the paper lost its formulas; the printed formulas below are
reconstructed from its text.  Sections follow the paper.
"""

from functools import lru_cache, partial

from sympy import (Dict, Eq, FiniteSet, Gt, Integer, LC, Lt, Matrix,
                   MatrixSymbol, Rational, Symbol, Trace, Tuple, ZeroMatrix, cancel, degree, exp, factor,
                   limit, oo, sign, simplify, solve, sqrt, symbols)

from symssl import (Commutes, E, Flow, ModeSum, Symmetric, concentrate, cosine, expect, gaussians,
                    inner, norm, sg, sq)
from symssl.claims import Claim, Model, Paper, Step
from symssl.claims.deciders import (equivalent, gap, identity, implied, refuted_at,
                                    same_value, stipulated)
from symssl.counting import count_equilibria
from symssl.gradient import MatrixFlow
from symssl.spectral import off_frame

# --- the model (Section 3) ---------------------------------------------------------------

h, d = symbols("h d", integer=True, positive=True)
rho = symbols("rho", positive=True)
sigma2 = symbols("sigma2", nonnegative=True)
W, Phi = MatrixSymbol("W", h, h), MatrixSymbol("Phi", h, d)
x, xp = gaussians("x x'", d, cov=[[1 + sigma2, 1], [1, 1 + sigma2]])
F, Psi = Phi*Phi.T, W*Phi

COSINE = Model("cosine loss", -E(cosine(W*Phi*x, sg(Phi*xp))), (W, Phi), weight_decay=rho)
SQUARED = Model("squared loss", E(sq(W*Phi*x - sg(Phi*xp)))/2, (W, Phi), weight_decay=rho)

# modes: W = U diag(p) U^T, Phi = U diag(phi) V^T, s = phi^2
U, V = MatrixSymbol("U", h, h), MatrixSymbol("V", d, h)
p = symbols("p", real=True)
phi, s, t = symbols("phi s t", positive=True)
N_Phi, N_Psi = symbols("N_Phi N_Psi", positive=True)
N_x, c = symbols("N_x c", real=True)
y, kappa = symbols("y kappa", real=True)
mu = symbols("mu", positive=True)
FRAMES = {W: (U, p, U), Phi: (U, phi, V)}
COUPLINGS = {N_Phi: norm(Phi), N_Psi: norm(W*Phi), N_x: cosine(Phi, W*Phi)}
# quantities that a statement compares and a derivation evaluates
n, q_ = symbols("n q", positive=True)
growth, end, reached, defect, scale = symbols("growth end reached defect scale", real=True)
positive_equilibria, folds = symbols("positive_equilibria folds", integer=True)
with_term, without_term, flipped, direct = symbols("with_term without_term flipped direct", real=True)
S_2, S_4, S_7, p_0 = symbols("S_2 S_4 S_7 p_0", positive=True)
ABOVE_FOLD = {N_Phi: 1, N_Psi: 1, N_x: Rational(1, 2), sigma2: Rational(1, 4), rho: 1}
EQUAL = {N_Phi: 2, N_Psi: 2, sigma2: 0, p: 1}        # four modes p = 1, s = 1: then N_x = 1
START = {Symbol("start", real=True): Rational(-1, 10), kappa: 0}
limit_W, decay_rate = Symbol("limit", nonnegative=True), Symbol("rate", real=True)
stable, unstable, half_stable = symbols("stable unstable half-stable")


def commutator(a, b):
    return a*b - b*a


# --- the derivation, one function a stage ------------------------------------------------


@lru_cache(maxsize=256)
def flow(model):
    """Eq. (3): the exact gradient flow."""
    return model.flow()


@lru_cache(maxsize=256)
def alignment(model):
    """H of Lemma 1, read off the flow: W' W^T + rho W W^T."""
    return expect(flow(model).rhs[W]*W.T + rho*W*W.T)


@lru_cache(maxsize=256)
def concentrated(model):
    """The flow with H replaced by its limit (Lemmas 2-4)."""
    return flow(model).map(lambda f: concentrate(f, order="o_P(1)").expr).expect()


@lru_cache(maxsize=256)
def modes(model):
    """Eq. (5): one mode, couplings alive."""
    closed = concentrated(model) if model.loss.has(norm, cosine) else flow(model).expect()
    return closed.spectral(FRAMES, change={s: phi**2},
                           couplings=COUPLINGS if model.loss.has(norm, cosine) else None)


@lru_cache(maxsize=256)
def parabola(model):
    """The modes on s = p^2, couplings alive."""
    return modes(model).restrict({s: p**2})


@lru_cache(maxsize=256)
def scalar_flow(model):
    """Eq. (7) or (8): one scalar flow, couplings held constant."""
    return parabola(model).freeze()


@lru_cache(maxsize=256)
def scaling(model):
    """The scalar flow without dimensions."""
    return scalar_flow(model).nondimensionalize(states={p: y}, names=(mu, kappa))


@lru_cache(maxsize=256)
def count(model):
    return count_equilibria(scaling(model).flow, y)


def growth_rate(matrix_flow, quantity):
    """Logarithmic derivative of a scalar along a matrix flow."""
    return cancel(matrix_flow.lie(quantity)/expect(quantity))


def pattern(q):
    return Tuple(*symbols(list(q.stability)))


# --- steps -------------------------------------------------------------------------------


THIN = Step("h <= d, so that V has h orthonormal columns; [Phi Phi^T, W] = 0 and W = W^T at the start",
            kind="assumption")


def to_closed(model):
    """Steps to a flow without expectations."""
    exact = flow(model)
    yield Step("gradient flow of the loss with weight decay", exact.rhs)
    if model.loss.has(norm, cosine):
        yield Step("concentrate the norms of the representations (Lemmas 2, 3)",
                   concentrated(model).rhs, kind="approximation", order="o_P(1)")
    else:
        yield Step("evaluate the Gaussian moments", exact.expect().rhs)


def to_modes(model):
    """Steps to Eq. (5)."""
    yield from to_closed(model)
    yield THIN
    yield Step("common frames; s = phi^2; couplings alive", modes(model))


def to_scalar(model):
    """Steps to Eq. (7) or (8)."""
    yield from to_modes(model)
    yield Step("restrict to the invariant parabola s = p^2", parabola(model))
    if parabola(model).couplings:
        yield Step("freeze the norms", scalar_flow(model), kind="approximation",
                   order="one: N_Phi decays at the rate rho")


def to_groups(model):
    """Steps to the flow without dimensions."""
    yield from to_scalar(model)
    yield Step("without dimensions", scaling(model))


def definition_steps(model):
    yield Step("a definition: nothing to derive")


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


def eq17_steps(model):
    x0, eps, sigma = (MatrixSymbol("x_0", d, 1), MatrixSymbol("epsilon", d, 1),
                      symbols("sigma", positive=True))
    yield Step("expand the squared norm at x = x_0 + sigma epsilon", expect(sq(Phi*(x0 + sigma*eps))))


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


def mode_steps(model):
    yield from to_closed(model)
    yield THIN
    one = modes(model)
    yield Step("common frames; s = phi^2; couplings as sums over modes",
               Tuple(Dict(dict(one.states)), Dict(dict(one.couplings))))


def defect_steps(model):
    yield from to_modes(model)
    one = modes(model)
    rate = simplify(one.lie(s - p**2)/(s - p**2))
    yield Step("logarithmic derivative of s - p^2", rate)
    defect = Flow({c: rate*c}, (rho,)).closed_form(c, time=t)
    yield Step("solve for the defect c(t)", p**2 + defect.solution.subs(dict(defect.initial)[c], c))


def darboux_steps(model):
    yield from to_modes(model)
    frozen = modes(model).freeze()
    found = next(q for q in frozen.invariants(2) if {p, s} <= q.curve.free_symbols)
    scale = found.curve.coeff(s)
    yield Step("search all Darboux polynomials up to degree 2",
               Tuple((found.curve/scale).expand(), found.cofactor))


def forget_steps(model):
    gap_, size = F - W.T*W, sq(Phi)
    exact = flow(model)
    yield Step("the defect as a matrix in the exact flow", exact.lie(gap_))
    yield Step("logarithmic derivatives of the total defect and of the scale |Phi|^2",
               Dict({defect: growth_rate(exact, Trace(gap_)), scale: growth_rate(exact, size)}))


def scalar_steps(model):
    yield from to_modes(model)
    yield Step("s - p^2 is invariant", simplify(modes(model).lie(s - p**2)))
    yield Step("restrict the modes to s = p^2", parabola(model).states[p])


def degree_steps(model):
    yield from to_scalar(model)
    yield Step("restrict both losses to s = p^2",
               Tuple(scalar_flow(model).states[p], scalar_flow(SQUARED).states[p]))
    yield Step("degrees in p", Tuple(*(degree(scalar_flow(m).states[p], p) for m in (model, SQUARED))))


def count_steps(model):
    yield from to_groups(model)
    yield Step("sign condition", Tuple(*(q.condition for q in count(model).cases)))
    yield Step("numbers of equilibria", FiniteSet(*(q.number for q in count(model).cases)))


def collapse_steps(model):
    yield from to_groups(model)
    few = next(q for q in count(model).cases if q.number == 2)
    yield Step("two equilibria where", few.condition)
    size = symbols("size", positive=True)         # N_Phi and N_Psi grow together
    groups = {g: e.subs({N_Phi: size**2*N_Phi, N_Psi: size**2*N_Psi}, simultaneous=True)
              for g, e in scaling(model).groups.items()}
    leading = LC(few.condition.lhs.subs(groups), size)
    yield Step("the polynomial in the groups, for large norms: its leading coefficient", factor(leading))
    yield Step("its sign, and the pattern there", Tuple(sign(leading), pattern(few)))


def acute_steps(model):
    yield from to_groups(model)
    yield Step("stability from left to right where there are four equilibria", pattern(next(q for q in count(model).cases if q.number == 4)))


def merged_flow(model):
    """The Stable regime: mu = 0 (no decay, or vanishing norms)."""
    return Flow({y: scaling(model).flow.states[y].subs(mu, 0)}, (kappa,))


def stable_steps(model):
    yield from to_groups(model)
    merged = merged_flow(model)
    yield Step("the flow at mu = 0", merged)
    start, = (v for q, v in START.items() if q != kappa)
    at = merged.fix({kappa: START[kappa]})
    velocity = at.states[y].subs(y, start)
    ahead = min((q for q in at.equilibria().points if (q - start)*velocity > 0), key=lambda q: abs(q - start))
    yield Step("kappa = 0, start at -1/10: the equilibrium that stops the trajectory",
               Dict({end: ahead}))


def approach_steps(model):
    """The smaller positive root lies below 2 q, q = rho (1 + sigma^2) N_Phi N_Psi, for small norms."""
    yield from to_scalar(model)
    eps = symbols("epsilon", positive=True)
    f = scalar_flow(model)
    q = rho*(1 + sigma2)*N_Phi*N_Psi
    drift = (f.states[p]/p/rho).subs(p, 2*q)
    yield Step("drift at twice q, relative to rho p", factor(drift))
    shrunk = drift.subs({N_Phi: eps*N_Phi, N_Psi: eps*N_Psi}, simultaneous=True)
    yield Step("limits of the bound 2 q and of the drift there as both norms shrink",
               Tuple(limit((2*q).subs({N_Phi: eps*N_Phi, N_Psi: eps*N_Psi}, simultaneous=True), eps, 0),
                     simplify(limit(shrunk, eps, 0))))


def vanish_steps(model):
    """All modes equal and positive: the closed system in one variable, r = p^2."""
    yield from to_modes(model)
    falling = equal_modes(model, 1)
    r_ = symbols("r", positive=True)
    squared = Flow({r_: simplify((2*q_*falling.states[q_]).subs(q_, sqrt(r_)))}, falling.parameters)
    yield Step("n equal positive modes: the flow of r = p^2", squared)
    solution = squared.closed_form(r_, time=t)
    yield Step("in closed form", solution.solution)
    hit, = solve(solution.solution, t)
    yield Step("r vanishes at the finite time", hit)
    yield Step("r there", Dict({reached: simplify(solution.solution.subs(t, hit))}))


def positive_norm_steps(model):
    """The exact norm law: N_Phi never vanishes."""
    size = symbols("size", positive=True)
    rate = growth_rate(flow(model), norm(Phi))
    yield Step("logarithmic derivative of |Phi| in the exact flow", rate)
    law = Flow({size: rate*size}, (rho,)).closed_form(size, time=t)
    yield Step("solve it", law.solution.subs(dict(law.initial)[size], N_Phi))


def frozen_regime_steps(model):
    yield from to_scalar(model)
    scalar = scalar_flow(model)
    at = {q: v for q, v in ABOVE_FOLD.items() if q in scalar.parameters}
    only, = count_equilibria(scalar.fix(at), p).cases
    yield Step("positive equilibria at N_Phi = N_Psi = 1, N_x = 1/2, sigma^2 = 1/4, rho = 1",
               Dict({positive_equilibria: len(only.positive)}))


def exact_collapse_steps(model):
    size = symbols("size", nonnegative=True)
    rate = growth_rate(flow(model), sq(W))
    yield Step("logarithmic derivative of |W|^2 in the exact flow", rate)
    law = Flow({size: rate*size}, (rho,)).closed_form(size, time=t)
    yield Step("solve it", law.solution)
    yield Step("limit of |W|^2, and the rate at which it is approached",
               Dict({limit_W: limit(law.solution, t, oo), decay_rate: rate}))


@lru_cache(maxsize=256)
def total_rate(model):
    """Derivative of the sum of p_j^2 in the closed system on the parabola; S_k is the sum of
    p_j^k, positive where all p_j are."""
    closed = parabola(model)
    rate = closed.unfold(closed.lie(ModeSum(p**2)))
    return rate.xreplace({q: symbols(f"S_{degree(q.args[0], p)}", positive=True) for q in rate.atoms(ModeSum)})


def closed_collapse_steps(model):
    yield from to_modes(model)
    yield Step("restrict to the invariant parabola s = p^2", parabola(model))
    yield Step("derivative of the sum of p_j^2, all p_j > 0", total_rate(model))


def closed_limit_steps(model):
    """A bound on the sum of p_j^2: drop the feedback, which is negative."""
    yield from closed_collapse_steps(model)
    rate = total_rate(model)
    decay = rate.subs(S_7, 0)/S_2
    yield Step("the rest is negative, so the sum decays at least at the rate", decay,
               kind="exact" if (rate - decay*S_2).is_negative else "assumption")
    size = symbols("size", nonnegative=True)
    bound = Flow({size: decay*size}, (rho,)).closed_form(size, time=t)
    yield Step("limit of the bound, and the rate", Dict({limit_W: limit(bound.solution, t, oo), decay_rate: decay}))


@lru_cache(maxsize=256)
def equal_modes(model, sign_):
    """The closed system with n equal modes p = sign * q, as a flow of q > 0."""
    closed = parabola(model)
    rate = closed.unfold(closed.states[p]).replace(ModeSum, lambda g: n*g)
    return Flow({q_: simplify(sign_*rate.subs(p, sign_*q_))}, (rho, sigma2, n))


def explode_closed_steps(model):
    yield from to_modes(model)
    falling = equal_modes(model, -1)
    yield Step("n equal negative modes p = -q", falling)
    fixed, = (e for e in falling.equilibria() if e.point != 0)
    yield Step("their equilibrium, and its stability", Tuple(fixed.point, Symbol(fixed.stability)))


def explode_steps(model):
    yield Step("derivative of |W|^2 in the exact flow", flow(model).lie(sq(W)))
    yield Step("|p_j|^2 <= |W|^2: growth rate of the bound", Dict({growth: growth_rate(flow(model), sq(W))}))


def leading_steps(model):
    yield from to_scalar(model)
    yield Step("leading coefficient in p, where the norms are frozen",
               scalar_flow(model).states[p].expand().coeff(p, degree(scalar_flow(model).states[p], p)))


def frozen_norm_steps(model):
    yield Step("derivative of N_Phi = |Phi| in the exact flow", flow(model).lie(norm(Phi)))


def l2_steps(model):
    yield from to_modes(model)
    one = modes(model)
    yield Step("on the parabola, and off it",
               Tuple(parabola(model).states[p], one.states[p], one.states[s]))


def l2_threshold_steps(model):
    yield from to_scalar(model)
    cases = count_equilibria(scalar_flow(model), p).cases
    yield Step("no positive equilibrium exactly where", next(q.condition for q in cases if not q.positive))


def l2_fold_steps(model):
    yield from to_scalar(model)
    found = scalar_flow(model).fold_set()
    yield Step("folds", found)
    certain = found.nondegenerate and found.transversal[rho] in (1, -1)
    yield Step("nondegenerate folds crossed transversally by rho",
               Dict({folds: Integer(sum(rho in f for f in found.explicit) if certain else 0)}))


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


# --- the statements as printed -----------------------------------------------------------

zp, om = Phi*xp/norm(Phi*xp), Psi*x/norm(Psi*x)
H = E(zp*om.T - inner(om, zp)*om*om.T)                              # Lemma 1
nPhi, nPsi = norm(Phi), norm(Psi)
tPhi, tPsi = Phi/nPhi, Psi/nPsi
r = 1/(1 + sigma2)
H_hat = r*(tPhi*tPsi.T - tPsi*(tPhi.T*tPsi + tPsi.T*tPhi)*tPsi.T
           - inner(Phi, Psi)/(nPhi*nPsi)*tPsi*tPsi.T)               # Lemma 4

# Prop. 1: (A kron B) vec(L) = vec(B L A^T), with W and F symmetric
L = commutator(F, W)
k_alpha, k_beta = r/(nPhi*nPsi), 2*r/(nPhi*nPsi**3)
k_gamma = r*inner(Phi, Psi)/(nPhi*nPsi)/nPsi**2
K_L = (3*rho*L - k_alpha*(W*L + L*W) + k_gamma*(W*W*L + L*W*W + L*F)
       + k_beta*(W*W*F*W*L + L*W*F*W*W + W*W*L*W*F + F*W*L*W*W + L*F*W*F + W*F*L*F))

# Eqs. (5)-(8)
p_rate = r*(s/(N_Phi*N_Psi) - N_x*p*s/N_Psi**2 - 2*p**2*s**2/(N_Phi*N_Psi**3)) - rho*p
s_rate = 2*r*(p*s/(N_Phi*N_Psi) - N_x*p**2*s/N_Psi**2 - 2*p**3*s**2/(N_Phi*N_Psi**3)) - 2*rho*s
N_defs = {N_Phi: sqrt(ModeSum(s)), N_Psi: sqrt(ModeSum(p**2*s)),
          N_x: ModeSum(p*s)/(sqrt(ModeSum(s))*sqrt(ModeSum(p**2*s)))}
eq7 = r*(p**2/(N_Phi*N_Psi) - N_x*p**3/N_Psi**2 - 2*p**6/(N_Phi*N_Psi**3)) - rho*p
eq8 = p**2*(1 - (1 + sigma2)*p) - rho*p
appendix_c = r*(p**2/(N_Phi*N_Psi) - 2*p**6/(N_Phi*N_Psi**3)) - rho*p

A, B, C = (MatrixSymbol(name, h, h) for name in "ABC")
Fdot, Wdot, F_ = MatrixSymbol("Fdot", h, h), MatrixSymbol("Wdot", h, h), MatrixSymbol("F", h, h)
x_0, epsilon, sigma = MatrixSymbol("x_0", d, 1), MatrixSymbol("epsilon", d, 1), symbols("sigma", positive=True)
Loss, H_ = symbols("L_loss", real=True), MatrixSymbol("H", h, h)


def values(derived, at=()):
    """The point that a derivation ends with, as a witness; `at` are the parameters it was made at."""
    return {**dict(derived), **dict(at)}


def at_unit_decay(derived):
    """The same at rho = 1."""
    return {**{name: rate.subs(rho, 1) for name, rate in derived.items()}, rho: 1}


def _bao(label, kind, printed, steps, decide, cite, *, model=COSINE, **more):
    return Claim(f"bao2023.{label}", kind, printed, steps, decide, model=model, cite=cite,
                 source=more.pop("source", "reconstructed"), **more)


SETTING = (
    _bao("model", "definition", Tuple(Eq(Symbol("Var_x"), 1 + sigma2), Eq(Symbol("Cov_xx'"), 1)),
         definition_steps, stipulated(), "Sec. 3", model=None),
    _bao("eq1", "definition", Eq(Loss, SQUARED.loss), definition_steps, stipulated(), "Eq. (1)", model=None),
    _bao("eq2", "definition", Eq(Loss, COSINE.loss + rho/2*(sq(Phi) + sq(W))), definition_steps, stipulated(),
         "Eq. (2)", model=None),
    _bao("ass1", "assumption", Eq(W, W.T), definition_steps, stipulated(Symmetric(W)), "Assumption 1", model=None,
         note="symmetric W exist; that the flow keeps W symmetric is claim bao2023.ass1.kept"),
    _bao("eq3", "definition", Eq(MatrixSymbol("Wdot", h, h), -MatrixSymbol("grad", h, h) - rho*W), definition_steps,
         stipulated(), "Eq. (3)", model=None),
    _bao("ass5", "assumption", Eq(F*W, W*F), definition_steps, stipulated(Commutes(F, W)), "Assumption 5", model=None,
         note="kept by the flow with concentrated norms where W is symmetric: bao2023.prop2"),
    _bao("Hhat", "definition", Eq(H_, H_hat), definition_steps, stipulated(), "below Lemma 4", model=None),
)

MATRIX = (
    _bao("lem1", "lemma", Tuple(H - rho*W*W.T, W.T*H - rho*F*W.T), lemma1_steps, identity(), "Lemma 1, Eq. (4)"),
    _bao("lem1.trace", "consequence", Tuple(0, -2*rho*sq(W), -2*rho*sq(Phi)), trace_steps, identity(),
         "not in the paper; from Lemma 1",
         statement_latex=r"\operatorname{tr} H = 0, \quad \tfrac{d}{dt}\lVert W\rVert^{2} = -2\rho\lVert W\rVert^{2}, \quad \tfrac{d}{dt}\lVert\Phi\rVert^{2} = -2\rho\lVert\Phi\rVert^{2}"),
    _bao("eq17", "equation", sq(Phi*x_0) + sigma**2*inner(Phi*epsilon, Phi*epsilon)
         + 2*sigma*inner(x_0, Phi.T*Phi*epsilon), eq17_steps, identity(), "Eq. (17)", model=None),
    _bao("lem4", "lemma", H_hat, lemma4_steps, identity(), "Lemma 4"),
    _bao("ass1.kept", "assumption", ZeroMatrix(h, h), symmetry_steps, identity(), "Assumption 1",
         note="derivative of W - W^T at a symmetric W, printed as zero",
         statement_latex=r"\tfrac{d}{dt}(W - W^{\top}) = 0 \text{ at a symmetric } W"),
    _bao("lem17", "lemma", Tuple(ZeroMatrix(h, h), -commutator(B, A), commutator(A, B)*C + B*commutator(A, C),
                                 A*commutator(B, C) + commutator(A, C)*B),
         commutator_steps, identity(), "Lemma 17", model=None),
    _bao("eq23", "equation", commutator(Fdot, W) + commutator(F_, Wdot), eq23_steps, identity(), "Eq. (23)",
         model=None),
    _bao("prop1.ode", "proposition", -K_L, commutator_flow_steps, identity(), "Prop. 1", given=(Symmetric(W),)),
    _bao("prop1.limit", "proposition", Lt(growth, 0), contraction_steps,
         gap(refuted_at(values), "the smallest eigenvalue of the symmetric part of K in place of that of K"),
         "Prop. 1", model=None,
         statement_latex=r"\inf_t \lambda_{\min}(K(t)) > 0 \implies \lVert L(t)\rVert_F \to 0: \quad \text{growth rate of } L < 0"),
    _bao("prop2", "proposition", Tuple(ZeroMatrix(h, h), ZeroMatrix(h, d)), prop2_steps, identity(), "Prop. 2",
         statement_latex=r"\dot U = 0: \text{ nothing carries } W, \Phi \text{ out of their frames}"),
)

MODES = (
    _bao("eq5", "equation", Tuple(Dict({p: p_rate, s: s_rate}), Dict(N_defs)), mode_steps, identity(), "Eq. (5)"),
    _bao("eq6", "equation", p**2 + c*exp(-2*rho*t), defect_steps, identity(), "Eq. (6)",
         statement_latex=r"s(t) = p(t)^{2} + c\,e^{-2\rho t}"),
    _bao("eq6.darboux", "consequence", Tuple(s - p**2, -2*rho), darboux_steps, identity(), "behind Eq. (6)",
         note="the invariant parabola and its cofactor, found among all Darboux polynomials of degree two"),
    _bao("eq6.forget", "in-text", Lt(defect, scale), forget_steps, refuted_at(at_unit_decay),
         "below Eq. (6)",
         note="the defect does vanish, but at the rate of the scale: the relative distance never shrinks",
         statement_latex=r"\tfrac{d}{dt}\log\operatorname{tr}(\Phi\Phi^{\top} - W^{\top}W) < \tfrac{d}{dt}\log\lVert\Phi\rVert^{2}"),
    _bao("eq7", "equation", eq7, scalar_steps, identity(), "Eq. (7)"),
    _bao("sixth", "abstract", Tuple(6, 3), degree_steps, same_value(), "Abstract",
         statement_latex=r"\text{degrees in } p \text{ of (7) and (8)} = (6, 3)"),
    _bao("count24", "in-text", FiniteSet(2, 3, 4), count_steps, same_value(), "Sec. 5.2",
         statement_latex=r"\text{numbers of equilibria of (7)} = \{2, 3, 4\}"),
    _bao("collapse", "regime", Tuple(1, Tuple(unstable, stable)), collapse_steps, same_value(), "Sec. 5.2, Collapse",
         note="N_Phi and N_Psi growing together",
         statement_latex=r"\text{large norms: two equilibria, unstable and stable}"),
    _bao("acute", "regime", Tuple(unstable, stable, unstable, stable), acute_steps, same_value(), "Sec. 5.2, Acute",
         statement_latex=r"\text{four equilibria: unstable, stable, unstable, stable}"),
    _bao("stable", "regime", Gt(end, 0), stable_steps, refuted_at(partial(values, at=START)), "Sec. 5.2, Stable",
         note="0 is half-stable there: what starts between the negative root and 0 ends at 0",
         statement_latex=r"p_0 \in (p^{(-)}, 0) \implies \lim_{t\to\infty} p(t) > 0 \quad (\mu = 0)"),
    _bao("stable.approach", "in-text", Tuple(0, 1), approach_steps, same_value(), "Sec. 5.2, Stable",
         note="the smaller positive root lies below a bound that vanishes with the norms",
         statement_latex=r"p_{\blacktriangle} \to 0 \text{ as the norms vanish}"),
    _bao("rem3", "remark", Gt(reached, 0), vanish_steps, refuted_at(values), "Remark 3",
         note="closed system, equal modes: the norms vanish at a finite time, by the p^6 term alone",
         statement_latex=r"N_{\Phi}(t)\,N_{\Psi}(t) > 0 \text{ for all } t \text{ in the closed system (5)}"),
    _bao("rem3.exact", "remark", N_Phi*exp(-rho*t), positive_norm_steps, identity(), "Remark 3",
         note="exact flow: |Phi(t)| > 0 for all t",
         statement_latex=r"N_{\Phi}(t) = N_{\Phi}(0)\,e^{-\rho t}"),
    _bao("freeze", "implicit", Integer(0), frozen_norm_steps,
         gap(identity(), "N_Phi(t) = exp(-rho t) N_Phi(0): the groups mu and kappa drift"), "Sec. 5.2",
         note="the derivative of N_Phi, printed as if it were zero",
         statement_latex=r"\dot N_{\Phi} = 0"),
)

PREVENTION = (
    _bao("prevent", "headline", Gt(limit_W, 0), exact_collapse_steps, refuted_at(at_unit_decay), "Sec. 5.2",
         note="exact flow: |W(t)| = exp(-rho t) |W(0)|, so every eigenvalue of W goes to zero",
         statement_latex=r"\lim_{t\to\infty} \lVert W(t)\rVert^{2} > 0 \text{ for every } \rho"),
    _bao("prevent.frozen", "headline", Gt(positive_equilibria, 0), frozen_regime_steps, refuted_at(partial(values, at=ABOVE_FOLD)),
         "Sec. 5.2", note="norms held constant: above the fold there is no positive equilibrium",
         statement_latex=r"\text{for every } \rho \text{ the flow (7) has a positive equilibrium}"),
    _bao("prevent.closed", "headline", Gt(limit_W, 0), closed_limit_steps, refuted_at(at_unit_decay), "Sec. 5.2",
         note="closed system, all p_j > 0: the sum of p_j^2 is at most exp(-2 rho t) times what it was",
         statement_latex=r"p_j(0) > 0 \implies \lim_{t\to\infty} \textstyle\sum_j p_j(t)^{2} > 0 \text{ in the closed system (5)}"),
    _bao("collapse.closed", "consequence", Lt(-2*rho*S_2 - 4*r*S_7/(sqrt(S_2)*S_4*sqrt(S_4)), 0, evaluate=False),
         closed_collapse_steps, implied(), "not in the paper",
         note="closed system, all p_j > 0: the sum S_2 of p_j^2 decreases for every rho; no such equilibrium",
         statement_latex=r"p_j > 0 \text{ for all } j \implies \tfrac{d}{dt}\textstyle\sum_j p_j^{2} < 0"),
    _bao("explode.closed", "consequence", Tuple(sqrt(2/(rho*(1 + sigma2)))/n, stable), explode_closed_steps,
         identity(), "not in the paper",
         note="closed system, n equal negative modes p = -q: they neither diverge nor collapse",
         statement_latex=r"q = \sqrt{2/(\rho(1 + \sigma^{2}))}/n \text{ is a stable equilibrium of } n \text{ equal modes } p = -q"),
    _bao("explode", "in-text", Gt(growth, 0), explode_steps, refuted_at(at_unit_decay), "Sec. 5.2, Acute",
         note="exact flow: |p_j| <= |W(0)|; only with frozen norms does the scalar equation diverge",
         statement_latex=r"p_j \to -\infty: \quad \tfrac{d}{dt}\log\lVert W\rVert^{2} > 0"),
    _bao("explode.frozen", "in-text", Lt(-2*r/(N_Phi*N_Psi**3), 0, evaluate=False), leading_steps, implied(), "Sec. 5.2, Acute",
         note="frozen norms: even degree and a negative leading coefficient"),
)

SQUARED_LOSS = (
    _bao("eq8", "equation", Tuple(eq8, s*(1 - (1 + sigma2)*p) - rho*p, 2*p*s*(1 - (1 + sigma2)*p) - 2*rho*s),
         l2_steps, identity(), "Eq. (8)", model=SQUARED),
    _bao("L2.thr", "in-text", rho > 1/(4*(1 + sigma2)), l2_threshold_steps, equivalent(), "Sec. 5.3", model=SQUARED,
         note="collapse from every start; at equality the double root attracts from above"),
    _bao("L2.nobif", "in-text", Eq(folds, 0), l2_fold_steps, refuted_at(values), "Sec. 5.3", model=SQUARED,
         note="a nondegenerate fold at rho = 1/(4 (1 + sigma^2))",
         statement_latex=r"\text{the squared-loss flow (8) has no saddle-node bifurcation in } \rho"),
    _bao("noreduce", "in-text", Tuple(6, 3), degree_steps, same_value(), "Sec. 5.3",
         note="scaling p and t keeps the degree, six against three; the cubic truncation does reduce",
         statement_latex=r"\text{degrees in } p \text{ of (7) and (8)} = (6, 3)"),
)

APPENDICES = (
    _bao("appC.ode", "appendix", appendix_c, orthogonal_steps, identity(), "App. C"),
    _bao("appC.Nx0", "appendix", Gt(with_term*without_term, 0), drift_steps, refuted_at(partial(values, at=EQUAL)), "App. C",
         note="four equal modes p = s = 1 have N_x = 1: the term dropped changes the sign of their drift",
         statement_latex=r"\text{the drift at } N_{\times} = 1 \text{ and at } N_{\times} = 0 \text{ has the same sign}"),
    _bao("appC.roots", "appendix",
         Tuple(Tuple(-2**Rational(-1, 4)*sqrt(N_Psi), 1), Tuple(0, 2), Tuple(2**Rational(-1, 4)*sqrt(N_Psi), 1)),
         orthogonal_root_steps, identity(), "App. C"),
    _bao("appC.trans", "appendix", Tuple(4, 2), transition_steps, same_value(), "App. C",
         statement_latex=r"\text{numbers of equilibria for small and for large } \rho = (4, 2)"),
    _bao("appD.sign", "appendix", Eq(flipped, direct), flip_steps, refuted_at(partial(values, at=ABOVE_FOLD)),
         "App. D.1",
         statement_latex=r"\text{(7) is invariant under } p \mapsto -p"),
    _bao("appD.two", "appendix", Integer(2), stable_number_steps, same_value(), "App. D.1",
         statement_latex=r"\text{Acute has two stable equilibria}"),
)

NOTATION = {"sigma2": r"\sigma^{2}", "N_x": r"N_{\times}"}


def equations():
    """Every derived equation, for LaTeX."""
    exact, closed = flow(COSINE), modes(COSINE)
    folds_ = scaling(COSINE).flow.fold_set()
    return {
        "gradient-flow": exact, "concentrated-flow": concentrated(COSINE), "modes": closed,
        "scalar-flow": scalar_flow(COSINE), "dimensionless-flow": scaling(COSINE).flow,
        "groups": Dict(dict(scaling(COSINE).groups)), "fold": Dict(dict(folds_.parametrised)),
        "fold-implicit": Eq(folds_.implicit, 0), "squared-loss-modes": modes(SQUARED),
        "squared-loss-scalar-flow": scalar_flow(SQUARED)}


PAPER = Paper(
    "bao2023", "Feature Normalization Prevents Collapse of Non-contrastive Learning Dynamics",
    "Bao, Neural Computation 2025, arXiv 2309.16109",
    SETTING + MATRIX + MODES + PREVENTION + SQUARED_LOSS + APPENDICES, equations,
    models={"cosine": partial(scalar_flow, COSINE), "l2": partial(scalar_flow, SQUARED)},
    notation=NOTATION)
