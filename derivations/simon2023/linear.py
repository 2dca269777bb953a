"""Sections 3 to 4.2: the model, its flow, and the exact solution from an aligned start."""

from functools import lru_cache

from sympy import (
    Eq,
    Gt,
    Identity,
    ImmutableMatrix,
    Integer,
    Le,
    MatrixSymbol,
    Piecewise,
    Rational,
    Trace,
    Tuple,
    ZeroMatrix,
    cancel,
    exp,
    limit,
    oo,
    simplify,
    sqrt,
    symbols,
)

from symssl import Flow, MatrixFlow, ModeSum, Orthonormal, Symmetric, count_equilibria, inner, samples, sq, total
from symssl.claims import Claim, Model, Step, identity, implied, same_value, stipulated
from symssl.language import Diagonal
from symssl.modes import off_frame
from symssl.words import read, rewriting, write

# --- the model (Section 3), from the sample of pairs and from its cross-correlation matrix --

n, d, m = symbols("n d m", integer=True, positive=True)
i = symbols("i")
W, Gamma = MatrixSymbol("W", d, m), MatrixSymbol("Gamma", m, m)
x, xp = samples("x", m, n), samples("x'", m, n)

PAIRS = Model(
    "loss of the sample of pairs",
    sq(total(W * x[i] * (W * xp[i]).T + W * xp[i] * (W * x[i]).T, i) / (2 * n) - Identity(d)),
    (W,),
)
LOSS = Model("loss in terms of Gamma", sq(W * Gamma * W.T - Identity(d)), (W,), where=(Symmetric(Gamma),))

# aligned weights W = U diag(s) V^T: the columns of V are d orthonormal eigenvectors of Gamma,
# V^T = Gamma^(<=d) for the top d, and M is whatever Gamma does on the rest
U, V, M = MatrixSymbol("U", d, d), MatrixSymbol("V", m, d), MatrixSymbol("M", m, m)
S, D = MatrixSymbol("S", d, d), MatrixSymbol("D", d, d)
rest = Identity(m) - V * V.T
s, s_0, size = symbols("s s_0 g", positive=True)  # size: |gamma| where its sign is stated
r, gamma = symbols("r gamma", real=True)  # r: a singular value of either sign
t = symbols("t", nonnegative=True)
ell = symbols("ell", real=True)
lambda_0, ratio = symbols("lambda_0 ratio", positive=True)
FRAMES = {W: (U, s, V), Gamma: (V, gamma, V)}
FRAME = (Orthonormal(U), Orthonormal(V), Diagonal(S), Diagonal(D), Symmetric(M))
SIGNS = (size, -size, 0 * size)  # a positive, a negative and a vanishing eigenvalue
stable, unstable = symbols("stable unstable")
beta, point = MatrixSymbol("beta", d, 1), MatrixSymbol("x_0", m, 1)


# --- the derivation, one function a stage ------------------------------------------------


@lru_cache(maxsize=256)
def flow(model):
    """Eq. (3): the exact gradient flow."""
    return model.flow()


def at_ansatz(expr):
    """W = U S V^T and Gamma = V D V^T + (I - V V^T) M (I - V V^T), reduced by the relations of the frames."""
    expr = expr.subs(Gamma, V * D * V.T + rest * M * rest).subs(W, U * S * V.T)
    return write(rewriting(FRAME).reduce(read(expr)))


def full_gamma(expr):
    """The same, with the part of Gamma in the frame left to :func:`symssl.modes.spectral`."""
    return expr.subs(Gamma, Gamma + rest * M * rest)


@lru_cache(maxsize=256)
def aligned(model):
    """The flow with Gamma as a partner at rest, so that both can be put in frames."""
    return MatrixFlow({W: full_gamma(flow(model).rhs[W]), Gamma: ZeroMatrix(m, m)}, where=(Symmetric(M),))


@lru_cache(maxsize=256)
def modes(model):
    """One mode: the flow of its singular value, and the loss as a sum over modes."""
    return aligned(model).spectral(FRAMES, couplings={ell: full_gamma(model.loss)})


@lru_cache(maxsize=256)
def mode_flow(model, value=gamma, state=s):
    """Eq. (12) at an eigenvalue."""
    return Flow({state: modes(model).states[s].subs({gamma: value, s: state})}, tuple(value.free_symbols))


@lru_cache(maxsize=256)
def trajectory(model, value):
    """Eq. (10) at an eigenvalue whose sign is known."""
    solved = mode_flow(model, value).closed_form(s, time=t)
    return solved.solution.subs(dict(solved.initial)[s], s_0)


@lru_cache(maxsize=256)
def mode_loss(model):
    """What one mode adds to the loss."""
    return modes(model).couplings[ell].replace(ModeSum, lambda summand: summand).subs(d, 1)


def correlation(model):
    """C, read off the loss."""
    (inside,) = model.loss.atoms(sq)
    return inside.args[0] + Identity(d)


@lru_cache(maxsize=256)
def eigenvalue(model, sign):
    """An eigenvalue of C along the trajectory, through its initial value."""
    start = sign * lambda_0
    found = sign * size * trajectory(model, sign * size) ** 2
    return simplify(found.subs(s_0, sqrt(start / (sign * size))))


# --- steps -------------------------------------------------------------------------------


def definition_steps(model):
    yield Step("a definition: nothing to derive")


def correlation_steps(model):
    yield Step("the loss of the pairs", model.loss)
    yield Step("its cross-correlation matrix", correlation(model))


def symmetry_steps(model):
    yield Step("C - C^T, with C read off the loss of the pairs", write(read(correlation(model) - correlation(model).T)))


def loss_steps(model):
    yield Step("the loss of the pairs", model.loss)


def flow_steps(model):
    yield Step("gradient flow of the loss of the pairs", flow(model).rhs[W])


def to_aligned(model):
    yield Step("gradient flow of the loss, Gamma symmetric", flow(model).rhs[W])
    yield Step("W = U S V^T with U orthogonal, V^T V = I, Gamma V = V D", kind="assumption")


def frame_steps(model):
    yield from to_aligned(model)
    yield Step("velocity at the ansatz", at_ansatz(flow(model).rhs[W]))


def mode_steps(model):
    yield from to_aligned(model)
    yield Step("what carries W out of the frames", off_frame(aligned(model), FRAMES)[W])
    yield Step("one mode", modes(model).states[s])


def ansatz_steps(model):
    yield from mode_steps(model)
    yield Step(
        "nothing leaves the frames, and S' has the eigenvalues s_j' in the frames: U^T W' V, and W' - U (U^T W' V) V^T",
        Tuple(
            at_ansatz(U.T * flow(model).rhs[W] * V),
            at_ansatz(flow(model).rhs[W] - U * U.T * flow(model).rhs[W] * V * V.T),
        ),
    )


def solution_steps(model):
    yield from mode_steps(model)
    yield Step("closed form for gamma > 0, gamma < 0 and gamma = 0", Tuple(*(trajectory(model, q) for q in SIGNS)))


def proposition_steps(model):
    yield from solution_steps(model)
    yield Step(
        "what leaves the frames, and the singular value for gamma > 0, < 0, = 0",
        Tuple(off_frame(aligned(model), FRAMES)[W], *(trajectory(model, q) for q in SIGNS)),
    )


def limit_steps(model):
    yield from solution_steps(model)
    yield Step("limits as t -> oo", Tuple(*(limit(trajectory(model, q), t, oo) for q in SIGNS)))


def limits_of_set_steps(model):
    yield from limit_steps(model)
    yield Step(
        "limits for gamma > 0 and for gamma < 0", Tuple(*(limit(trajectory(model, q), t, oo) for q in SIGNS[:2]))
    )


def monotone_steps(model):
    """A flow on a line: between two equilibria every trajectory is monotone."""
    yield from mode_steps(model)
    patterns = [
        Tuple(*symbols(list(case.stability)))
        for q in SIGNS[:2]
        for case in count_equilibria(mode_flow(model, q, r), r).cases
    ]
    yield Step("stability of the equilibria from left to right, for gamma > 0 and for gamma < 0", Tuple(*patterns))
    yield Step("the same, and the velocity at gamma = 0", Tuple(*patterns, mode_flow(model, SIGNS[2], r).states[r]))


def mode_loss_steps(model):
    yield from to_aligned(model)
    yield Step("the loss at the ansatz", at_ansatz(model.loss))


def dead_mode_steps(model):
    yield from mode_steps(model)
    alone = mode_loss(model).subs(gamma, -size)
    yield Step("one mode of the loss with gamma = -g, and at s = 0", Tuple(alone, alone.subs(s, 0)))
    yield Step("their difference", alone - alone.subs(s, 0))


def eigenvector_steps(model):
    yield from to_aligned(model)
    yield Step("C applied to the columns of U", at_ansatz(correlation(model) * U))


def sigmoid_steps(model):
    """E = exp(-8 gamma t)/lambda(0) runs through all values while lambda(0) vanishes."""
    yield from solution_steps(model)
    exact = [eigenvalue(model, q) for q in (1, -1)]
    yield Step(
        "the eigenvalue through its initial value lambda_0 or -lambda_0, for gamma = g and gamma = -g", Tuple(*exact)
    )
    held = [
        e.subs(exp(8 * q * size * t), 1 / (lambda_0 * ratio)).subs(exp(-8 * q * size * t), lambda_0 * ratio)
        for q, e in zip((1, -1), exact)
    ]
    leading = [limit(e, lambda_0, 0, "+") for e in held]
    yield Step("limit as lambda_0 -> 0 with exp(-8 gamma t)/lambda_0 = ratio held", Tuple(*leading))
    yield Step(
        "with the ratio put back",
        Tuple(*(e.subs(ratio, exp(-8 * q * size * t) / lambda_0) for q, e in zip((1, -1), leading))),
    )


def sigmoid_error_steps(model):
    yield from solution_steps(model)
    exact = simplify(eigenvalue(model, 1).subs(exp(8 * size * t), 1 + grown))
    yield Step("the eigenvalue, exp(8 gamma t) = 1 + E", exact)
    leading = limit(exact.subs(grown, 1 / (lambda_0 * ratio) - 1), lambda_0, 0, "+").subs(
        ratio, 1 / (lambda_0 * (1 + grown))
    )
    yield Step("relative error of the sigmoid, minus lambda_0", cancel(exact / leading - 1 - lambda_0))


def probe_steps(model):
    yield Step(
        "predictions of the rotated probe on rotated embeddings, and its norm",
        Tuple(
            *(
                write(rewriting((Orthonormal(U),)).reduce(read(e)))
                for e in (inner(U * beta, U * W * point), sq(U * beta))
            )
        ),
    )


def zero_loss_steps(model):
    yield from mode_loss_steps(model)
    yield Step("one mode of the loss", mode_loss(model))
    end = limit(trajectory(model, size), t, oo)
    yield Step("at the final singular value for gamma > 0", simplify(mode_loss(model).subs({gamma: size, s: end})))


def eigenvector_instance_steps(model):
    """The top eigenvector of a matrix with rational eigenvectors, as a row."""
    ((value, _, (vector,)),) = sorted(EXAMPLE.eigenvects(), key=lambda q: -q[0])[:1]
    row = vector.T / vector.norm()
    yield Step("an instance", dict(zip((Gamma_2, top_row, gamma_1), (EXAMPLE, row.as_immutable(), value))))


# --- the statements as printed -----------------------------------------------------------

EXAMPLE = ImmutableMatrix([[Rational(34, 25), Rational(12, 25)], [Rational(12, 25), Rational(41, 25)]])
Gamma_2, top_row = MatrixSymbol("Gamma", 2, 2), MatrixSymbol("Gamma^(1)", 1, 2)
gamma_1 = symbols("gamma_1", real=True)
grown = symbols("E", nonnegative=True)
Gamma_pairs = total(x[i] * xp[i].T + xp[i] * x[i].T, i) / (2 * n)
f, fp = samples("f", d, n), samples("f'", d, n)
C, W_0, S_0 = MatrixSymbol("C", d, d), MatrixSymbol("W_0", d, m), MatrixSymbol("S_0", d, d)


def eq10(value):
    return exp(4 * value * t) / sqrt(s_0**-2 + (exp(8 * value * t) - 1) * value)


def top_spectral(value):
    """Definition 4.2: gamma^(-1/2) where gamma > 0, else 0."""
    return Piecewise((1 / sqrt(value), value > 0), (0, True))


def sigmoid(value, start):
    return 1 / (1 + exp(-8 * value * t) / start)


def simon(label, kind, printed, steps, decide, cite, *, model=LOSS, **more):
    """A claim of this paper."""
    return Claim(f"simon2023.{label}", kind, printed, steps, decide, model=model, cite=cite, **more)


CLAIMS = (
    simon(
        "model",
        "definition",
        Eq(MatrixSymbol("f", d, 1), W * point),
        definition_steps,
        stipulated(),
        "Sec. 3",
        model=None,
        note="printed f(x) = WX; the vector x is meant, and d <= m for Eq. (7)",
    ),
    simon("eq1", "definition", Eq(ell, sq(C - Identity(d))), definition_steps, stipulated(), "Eq. (1)", model=None),
    simon(
        "eq2",
        "definition",
        Eq(C, total(f[i] * fp[i].T + fp[i] * f[i].T, i) / (2 * n)),
        definition_steps,
        stipulated(),
        "Eq. (2)",
        model=None,
    ),
    simon(
        "eq2.symmetric",
        "consequence",
        ZeroMatrix(d, d),
        symmetry_steps,
        identity(),
        "symmetrized in Sec. 3",
        model=PAIRS,
        source="new",
        statement_latex="C - C^{\\top} = 0",
    ),
    simon(
        "eq3",
        "definition",
        Eq(MatrixSymbol("Wdot", d, m), -MatrixSymbol("grad", d, m)),
        definition_steps,
        stipulated(),
        "Eq. (3)",
        model=None,
    ),
    simon("eq4", "equation", W * Gamma_pairs * W.T, correlation_steps, identity(), "Eq. (4)", model=PAIRS),
    simon("eq5", "equation", sq(W * Gamma_pairs * W.T - Identity(d)), loss_steps, identity(), "Eq. (5)", model=PAIRS),
    simon(
        "eq6",
        "equation",
        -4 * (W * Gamma_pairs * W.T - Identity(d)) * W * Gamma_pairs,
        flow_steps,
        identity(),
        "Eq. (6)",
        model=PAIRS,
        note="for n pairs, every size symbolic",
    ),
    simon(
        "gammak",
        "definition",
        Tuple(Eq(top_row * Gamma_2, gamma_1 * top_row), Eq(top_row * top_row.T, ImmutableMatrix([[1]]))),
        eigenvector_instance_steps,
        stipulated(),
        "Sec. 4.1",
        model=None,
        note="k = 1, m = 2; the rows are not unique where eigenvalues repeat",
    ),
    simon(
        "eq7",
        "definition",
        Eq(W_0, U * S_0 * V.T),
        definition_steps,
        stipulated(Orthonormal(U), Orthonormal(V), Diagonal(S_0)),
        "Eq. (7)",
        model=None,
    ),
    simon(
        "eq8",
        "definition",
        Tuple(*(Gt(q, 0) for q in symbols("s_1(0) s_2(0)", real=True))),
        definition_steps,
        stipulated(),
        "Eq. (8)",
        model=None,
        statement_latex="S_0 = \\mathrm{diag}(s_1(0), \\dots, s_d(0)), \\quad s_j(0) > 0",
    ),
    simon(
        "fn7",
        "footnote",
        Tuple(ZeroMatrix(d, m), *map(eq10, SIGNS)),
        proposition_steps,
        identity(),
        "footnote 7",
        note="the columns of V are any d orthonormal eigenvectors; nothing says that they are the top ones",
        statement_latex="W(t) = U S(t) V^{\\top} \\text{ with (10), for any } d \\text{ orthonormal eigenvectors}",
    ),
    simon(
        "prop4.1",
        "proposition",
        Tuple(ZeroMatrix(d, m), *map(eq10, SIGNS)),
        proposition_steps,
        identity(),
        "Prop. 4.1",
        note="first entry: what leaves the frames; then Eq. (10) for gamma > 0, gamma < 0 and gamma = 0",
        statement_latex="W(t) = U S(t) \\Gamma^{(\\le d)} \\text{ with (10)}",
    ),
    simon(
        "eq9",
        "equation",
        Tuple(4 * (Identity(d) - D * S * S) * D * S, ZeroMatrix(d, m)),
        ansatz_steps,
        identity(),
        "Eq. (9)",
        given=FRAME,
        statement_latex="W(t) = U S(t) \\Gamma^{(\\le d)}: \\quad \\dot W = U \\dot S \\Gamma^{(\\le d)}",
    ),
    simon(
        "eq10",
        "equation",
        Tuple(*map(eq10, SIGNS)),
        solution_steps,
        identity(),
        "Eq. (10)",
        note="for gamma > 0, gamma < 0 and gamma = 0, all t >= 0",
        statement_latex="s_j(t) = e^{4\\gamma_j t}/\\sqrt{s_j^{-2}(0) + (e^{8\\gamma_j t} - 1)\\gamma_j}",
    ),
    simon(
        "eq11",
        "equation",
        4 * U * (Identity(d) - D * S**2) * D * S * V.T,
        frame_steps,
        identity(),
        "Eq. (11)",
        given=FRAME,
    ),
    simon("eq12", "equation", 4 * (1 - gamma * s**2) * gamma * s, mode_steps, identity(), "Eq. (12)"),
    simon(
        "eq13",
        "equation",
        Tuple(1 / sqrt(size), 0, s_0),
        limit_steps,
        identity(),
        "Eq. (13)",
        note="for gamma = g, -g and 0",
    ),
    simon(
        "eq13.monotone",
        "in-text",
        Tuple(Tuple(stable, unstable, stable), Tuple(stable), 0),
        monotone_steps,
        same_value(),
        "below Eq. (13)",
        note="gamma > 0: equilibria -gamma^(-1/2), 0, gamma^(-1/2); gamma < 0: 0; gamma = 0: at rest",
        statement_latex="s_j \\text{ flows monotonically to } \\gamma_j^{-1/2} \\text{ or to } 0",
    ),
    simon(
        "eq14",
        "equation",
        Trace((Identity(d) - D * S * S) * (Identity(d) - D * S * S)),
        mode_loss_steps,
        identity(),
        "Eq. (14)",
        given=FRAME,
        statement_latex="L = \\sum_j (1 - \\gamma_j s_j^2)^2",
    ),
    simon(
        "eq14.neg",
        "in-text",
        Gt((1 + size * s**2) ** 2 - 1, 0),
        dead_mode_steps,
        implied(),
        "below Eq. (14)",
        statement_latex="\\gamma_j < 0, s_j \\ne 0 \\implies (1 - \\gamma_j s_j^2)^2 > 1",
    ),
    simon(
        "lambda",
        "in-text",
        U * D * S * S,
        eigenvector_steps,
        identity(),
        "below Eq. (14)",
        given=FRAME,
        statement_latex="C U = U\\,\\mathrm{diag}(\\gamma_j s_j^2)",
    ),
    simon(
        "sigmoid",
        "in-text",
        Tuple(sigmoid(size, lambda_0), sigmoid(-size, -lambda_0)),
        sigmoid_steps,
        identity(),
        "below Eq. (14)",
        note="leading order as lambda(0) -> 0 at every time; for either sign of gamma",
        statement_latex="\\lambda_j \\approx (1 + \\lambda_j^{-1}(0) e^{-8\\gamma_j t})^{-1}",
    ),
    simon(
        "sigmoid.error",
        "consequence",
        Le(lambda_0 / (1 + lambda_0 * grown), lambda_0),
        sigmoid_error_steps,
        implied(),
        "not in the paper",
        source="new",
        given=(lambda_0 < 1,),
        note="gamma > 0; E = exp(8 gamma t) - 1: the relative error is at most lambda(0) at every time",
        statement_latex="0 \\le \\lambda_j(t)(1 + \\lambda_j^{-1}(0) e^{-8\\gamma_j t}) - 1 \\le \\lambda_j(0)",
    ),
    simon(
        "def4.2",
        "definition",
        Eq(W, U * S * V.T),
        definition_steps,
        stipulated(Orthonormal(U), Orthonormal(V), Diagonal(S)),
        "Definition 4.2",
        model=None,
    ),
    simon(
        "def4.2.note",
        "remark",
        Tuple(top_spectral(size), top_spectral(-size)),
        limits_of_set_steps,
        identity(),
        "below Definition 4.2",
        note="U is arbitrary in both; for gamma = 0 the limit is s(0)",
        statement_latex="s_j(\\infty) = \\gamma_j^{-1/2} 1_{\\gamma_j > 0}, \\quad \\gamma_j \\ne 0",
    ),
    simon(
        "def4.2.class",
        "in-text",
        Tuple(inner(beta, W * point), sq(beta)),
        probe_steps,
        identity(),
        "below Definition 4.2",
        given=(Orthonormal(U),),
        model=None,
        note="a probe beta on W x and U beta on U W x: same predictions, same norm",
        statement_latex="(U\\beta)^{\\top} U W x = \\beta^{\\top} W x",
    ),
    simon(
        "topspectral.zero",
        "in-text",
        Integer(0),
        zero_loss_steps,
        identity(),
        "below Definition 4.2",
        statement_latex="L = 0 \\text{ at } s_j = \\gamma_j^{-1/2}",
    ),
)


def equations():
    """The flow, its modes and their trajectory."""
    return {
        "gradient-flow-pairs": flow(PAIRS),
        "gradient-flow": flow(LOSS),
        "modes": modes(LOSS),
        "trajectory": Eq(s, trajectory(LOSS, size)),
    }


MODELS = {"modes": lambda: mode_flow(LOSS)}
