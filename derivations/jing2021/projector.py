"""Section 6: what the projector does, and DirectCLR."""

from functools import partial

from sympy import (
    Dict,
    Eq,
    Identity,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    Tuple,
    ZeroMatrix,
    diag,
    diff,
    exp,
    eye,
    limit,
    log,
    oo,
    simplify,
    sqrt,
    symbols,
)

from symssl import MatrixFlow, Orthonormal, cosine, expect, inner, norm, total
from symssl.claims import Model, Step, cited, gap, identity, refuted_at

from .model import CROSS, PRODUCT, W_1, W_2, claim, correction, d, i, j, named, t, written_out, x, xp

k_0, r = symbols("d_0 r", integer=True, positive=True)
B = MatrixSymbol("B", d, d)  # the backbone: representations r = B x
E = MatrixSymbol("E", k_0, d)  # picks the first d_0 coordinates: orthonormal rows
P, U, V = (MatrixSymbol(name, d, d) for name in ("P", "U", "V"))
U_r, S_r, V_r, g = (MatrixSymbol("U", d, r), MatrixSymbol("S", r, r), MatrixSymbol("V", d, r), MatrixSymbol("g", d, 1))
overlap, spanned = symbols("overlap spanned", real=True)
a, c, q_2, more = symbols("a c q_2 more", positive=True)
b = symbols("b", real=True)
# W_1 held fixed, X, and W_2 at the start
HALF_FROZEN = (diag(2, 1), Matrix([[1, Rational(1, 2)], [Rational(1, 2), 1]]), eye(2))
SELECTS = (Orthonormal(E.T),)


def direct(projector):
    """InfoNCE of normalised projections: the negatives are the other views of all samples."""

    def similarity(i, j):
        return cosine(projector * B * x[i], projector * B * xp[j])

    return total(log(total(exp(similarity(i, j)), j)) - similarity(i, i), i)


DIRECT = Model("InfoNCE on a subvector", direct(E), (B,))


# --- derivations -------------------------------------------------------------------------


def frozen_steps(model, setting):
    """W_1 is held fixed, W_2 evolves by W_2' = W_2 W_1 X W_1^T."""
    weight, matrix, start = setting
    yield Step(
        "velocity of W_2 with G = -W_2 W_1 X", named(PRODUCT.flow().rhs[W_2], -W_2 * W_1 * MatrixSymbol("X", d, d))
    )
    drive = weight * matrix * weight.T
    yield Step(
        "W_1 = diag(2, 1), X = ((1, 1/2), (1/2, 1)), W_2(0) = I: W_2(t) = exp(K t) with K = W_1 X W_1^T", start * drive
    )
    leading = max(drive.eigenvects(), key=lambda found: found[0])[2][0]
    yield Step("the leading right singular vector of W_2 at all times", leading)
    yield Step(
        "square of its overlap with that of W_1, the first unit vector",
        Dict({overlap: simplify(leading[0] ** 2 / (leading.T * leading)[0])}),
    )


def evolving_steps(model, squares, values):
    """W_2 is held fixed, X = I: W_1 W_1^T = exp(Q t) P_0 exp(Q t) with Q = W_2^T W_2."""
    weight = MatrixSymbol("W_1", d, d)
    field = MatrixFlow({weight: named(PRODUCT.flow().rhs[W_1], -W_2 * weight)})
    yield Step("W_2 fixed, X = I: velocity of W_1 W_1^T", field.lie(weight * weight.T))
    grown = (diag(*values) * t).exp()
    squares = grown * squares * grown
    yield Step("in the frame of W_2, two modes: W_1 W_1^T", squares.as_immutable())
    yield Step(
        "entries (1, 2) and (2, 2) over entry (1, 1), for t -> oo",
        Tuple(*(limit(simplify(e / squares[0, 0]), t, oo) for e in (squares[0, 1], squares[1, 1]))),
    )


def subspace_steps(model):
    """The projector W_2 = I: gradients on the representations at the ends of a cross."""
    points = [sqrt(log(2)) * p for p in CROSS]  # exp(-|r|^2) = 1/2
    entries = [Matrix(symbols(f"r{k}_1:3", real=True)) for k in range(len(points))]
    at = {e: v for names, point in zip(entries, points) for e, v in zip(names, point)}
    loss = written_out(entries, points)
    slopes = [Matrix([diff(loss, e).subs(at) for e in names]) for names in entries]
    first, _, third, _ = slopes
    yield Step(
        "W_2 = I: gradients on the first and on the third representation",
        Tuple(first.as_immutable(), third.as_immutable()),
    )
    yield Step(
        "determinant of the two, over log 2", Dict({spanned: simplify(Matrix.hstack(first, third).det() / log(2))})
    )


def row_space_steps(model):
    projector = U_r * S_r * V_r.T
    outside = Identity(d) - V_r * V_r.T
    yield Step("gradient on a representation through a projector U S V^T of rank r", expect(projector.T * g))
    yield Step("its part outside the span of V", expect(outside * projector.T * g))


def loss_steps(model):
    yield Step("the loss to be minimised: Eq. (2) with inner products of normalised subvectors", model.loss)


def projected_steps(model):
    yield Step("InfoNCE with the projector P = E^T E, a diagonal matrix of d_0 ones and zeros", direct(E.T * E))


def low_rank_steps(model):
    yield Step("InfoNCE with the projector U E^T E V^T: d_0 singular values 1, the rest 0", direct(U * E.T * E * V.T))


def rest_steps(model):
    """The velocity of a linear backbone r = B x, outside the selected coordinates."""
    velocity = DIRECT.flow().rhs[B]
    yield Step("velocity of the backbone", velocity)
    yield Step("its rows outside the first d_0", (Identity(d) - E.T * E) * velocity)


def definition_steps(model):
    yield Step("experiments: nothing to derive")


# --- statements --------------------------------------------------------------------------


def quotient(sign, pick):
    """The printed loss, with its sign, on the vectors pick r."""

    def similar(i, j):
        return exp(inner(pick * x[i], pick * xp[j]) / (norm(pick * x[i]) * norm(pick * xp[j])))

    return sign * total(log(similar(i, i) / total(similar(i, j), j)), i)


loss_tex = (
    r"\sum_i\log\frac{\exp(\hat{\mathbf{z}}_i\cdot\hat{\mathbf{z}}'_i)}{"
    r"\sum_j\exp(\hat{\mathbf{z}}_i\cdot\hat{\mathbf{z}}'_j)}"
)

CLAIMS = (
    claim(
        "prop6.1",
        "proposition",
        Eq(overlap, 1),
        partial(frozen_steps, setting=HALF_FROZEN),
        refuted_at(),
        "Sec. 6.1, 1",
        statement_latex=r"A \to I \text{ where only one of } V_2 \text{ and } U_1 \text{ evolves}",
        note="with W_1 fixed W_2 aligns with the eigenvectors of W_1 X W_1^T, which are not those of W_1 W_1^T "
        "unless X is diagonal in V_1",
    ),
    correction(
        "prop6.1",
        Tuple(0, 0),
        partial(evolving_steps, squares=Matrix([[a, b], [b, c]]), values=(q_2 + more, q_2)),
        identity(),
        suffix="fixedprojector",
        sizes="two modes: in the frame of W_2 every pair of modes evolves on its own",
        statement_latex=r"W_2 \text{ fixed},\ X = I,\ \text{distinct } \sigma_2^k: \quad "
        r"W_1W_1^\top/(W_1W_1^\top)_{11} \to"
        r"\mathbf{v}_2^1\mathbf{v}_2^{1\top}",
        note="leading pair of two modes in the frame of W_2, any positive definite W_1 W_1^T at the start",
    ),
    claim(
        "prop6.2",
        "proposition",
        Eq(spanned, 0),
        subspace_steps,
        gap(refuted_at(), "a projector of rank r: then the gradients W_2^T g lie in its r-dimensional row space"),
        "Sec. 6.1, 2",
        statement_latex=r"\text{the projector applies a gradient to a proper subspace of the representations}",
        note="a square projector of full rank does not; that a low rank suffices is left to experiments",
    ),
    correction(
        "prop6.2",
        ZeroMatrix(d, 1),
        row_space_steps,
        identity(),
        suffix="rank",
        given=(Orthonormal(V_r), Orthonormal(U_r)),
        statement_latex=r"W_2 = USV^\top \text{ of rank } r \implies (I - VV^\top)W_2^\top\mathbf{g} = 0",
    ),
    claim(
        "directclr.loss",
        "equation",
        quotient(1, E * B),
        loss_steps,
        identity(),
        "Sec. 6.2",
        model=DIRECT,
        statement_latex="L = " + loss_tex,
        note="the sign is lost: minimised as printed, this drives positive pairs apart",
    ),
    correction(
        "directclr.loss", quotient(-1, E * B), loss_steps, identity(), model=DIRECT, statement_latex="L = -" + loss_tex
    ),
    claim(
        "directclr.equiv",
        "in-text",
        direct(E),
        projected_steps,
        identity(),
        "Sec. 6.3",
        given=SELECTS,
        statement_latex=r"L(\mathbf{r}[0:d_0]) = L(P\mathbf{r}), \quad P = \operatorname{diag}(1, \dots, 1, 0, "
        r"\dots, 0)",
    ),
    claim(
        "directclr.lowrank",
        "in-text",
        direct(E * V.T),
        low_rank_steps,
        identity(),
        "Sec. 6.3",
        given=(*SELECTS, Orthonormal(U)),
        statement_latex=r"L(U\Sigma V^\top\mathbf{r}) = L((V^\top\mathbf{r})[0:d_0]), \quad \Sigma = "
        r"\operatorname{diag}(1, \dots, 1, 0, \dots, 0)",
        note="the left singular vectors drop out; what is left is the orthogonal matrix V^T",
    ),
    claim(
        "directclr.grad",
        "in-text",
        ZeroMatrix(d, d),
        rest_steps,
        identity(),
        "Sec. 6.2",
        given=SELECTS,
        statement_latex=r"\partial L/\partial\mathbf{r}[d_0:] = 0",
        note="rows of the velocity of a linear backbone r = B x, for all N and all data",
    ),
    claim(
        "figs2,7,9,tab1",
        "figure",
        Eq(Symbol("accuracy"), Symbol("reported")),
        definition_steps,
        cited("experiments on ImageNet"),
        "Figs. 2, 7, 9, Table 1",
        statement_latex=r"\text{spectra and accuracies on ImageNet}",
    ),
)
