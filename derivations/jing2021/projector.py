"""Section 6: what the projector does, and DirectCLR."""

from functools import partial

from sympy import (
    Dict,
    Eq,
    Identity,
    Matrix,
    MatrixSymbol,
    Rational,
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

from symssl import MatrixFlow, Orthonormal, cosine, total
from symssl.claims import Chapter, Step, gap, identity, refuted_at
from symssl.language import External, GradientFlow, Let, Named, Object, Rate, Vocabulary
from symssl.statements import derive

from .model import CROSS, PRODUCT, W_1, W_2, N, claim, correction, d, i, j, named, t, written_out, x, xp
from .vocabulary import equal

k_0, r = symbols("d_0 r", integer=True, positive=True)
B = MatrixSymbol("B", d, d)  # the backbone: representations r = B x
E = MatrixSymbol("E", k_0, d)  # picks the first d_0 coordinates: orthonormal rows
U, V = (MatrixSymbol(name, d, d) for name in ("U", "V"))
U_r, S_r, V_r, g = (MatrixSymbol("U", d, r), MatrixSymbol("S", r, r), MatrixSymbol("V", d, r), MatrixSymbol("g", d, 1))
overlap, spanned = symbols("overlap spanned", real=True)
a, c, q_2, more = symbols("a c q_2 more", positive=True)
b = symbols("b", real=True)
# W_1 held fixed, X, and W_2 at the start
HALF_FROZEN = (diag(2, 1), Matrix([[1, Rational(1, 2)], [Rational(1, 2), 1]]), eye(2))


def direct(projector):
    """InfoNCE of normalised projections: the negatives are the other views of all samples."""

    def similarity(i, j):
        return cosine(projector * B * x[i], projector * B * xp[j])

    return total(log(total(exp(similarity(i, j)), j)) - similarity(i, i), i)


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


# --- the rank of the projector -----------------------------------------------------------

ranks = Chapter("jing2021")
OUTSIDE = Identity(d) - V_r * V_r.T

ranks.claim(
    "prop6.2.rank",
    "result",
    Vocabulary(
        Object(d, "the dimension of the representations"),
        Object(r, "the rank of the projector"),
        Object(U_r, "the left singular vectors of the projector, as columns", Orthonormal(U_r)),
        Object(S_r, "a matrix: the singular values of the projector"),
        Object(V_r, "its right singular vectors, as columns", Orthonormal(V_r)),
        Object(g, "the gradient on an embedding"),
        Let(W_2, U_r * S_r * V_r.T, "the projector"),
    ).sentence(equal(OUTSIDE * (W_2.T * g), ZeroMatrix(d, 1))),
    cite="not in the paper",
    corrects="prop6.2",
    note="the gradient on a representation, W_2^T g, has no part outside the span of the r right singular vectors",
)

# --- DirectCLR ---------------------------------------------------------------------------

direct_clr = Chapter("jing2021")
DIRECT_FLOW = GradientFlow(direct(E), B)
SUBVECTOR = Vocabulary(
    Object(N, "the number of samples"),
    Object(d, "the dimension of the inputs and of the representations"),
    Object(k_0, "the length d_0 of the subvector"),
    Object(x, "the samples"),
    Object(xp, "the augmented samples"),
    Object(B, "the backbone, representations r = B x"),
    Object(E, "what picks a subvector: orthonormal rows", Orthonormal(E.T)),
    Object(U, "the left singular vectors of a projector, as columns", Orthonormal(U)),
    Object(V, "its right singular vectors, as columns", Orthonormal(V)),
    Named(DIRECT_FLOW, "the gradient flow of InfoNCE on the normalised subvector E B x"),
)


def quotient(sign, pick):
    """The printed loss, with its sign, on the vectors pick r."""

    def similar(i, j):
        return exp(cosine(pick * B * x[i], pick * B * xp[j]))

    return sign * total(log(similar(i, i) / total(similar(i, j), j)), i)


direct_clr.claim(
    "directclr.loss",
    "equation",
    SUBVECTOR.sentence(equal(direct(E), quotient(1, E))),
    cite="Sec. 6.2",
    note="the loss to be minimised, InfoNCE of normalised subvectors, is on the left; the printed one lost its sign: "
    "minimised, it drives positive pairs apart",
)

direct_clr.claim(
    "directclr.loss.fixed",
    "result",
    SUBVECTOR.sentence(equal(direct(E), quotient(-1, E))),
    cite="not in the paper",
    corrects="directclr.loss",
)

direct_clr.claim(
    "directclr.equiv",
    "in-text",
    SUBVECTOR.sentence(equal(direct(E), direct(E.T * E))),
    cite="Sec. 6.3",
    note="E^T E is the projector with d_0 ones on the diagonal and zeros, where the rows of E are unit vectors",
)

direct_clr.claim(
    "directclr.lowrank",
    "in-text",
    SUBVECTOR.sentence(equal(direct(U * E.T * E * V.T), direct(E * V.T))),
    cite="Sec. 6.3",
    note="the left singular vectors drop out; what is left is the orthogonal matrix V^T",
)


@direct_clr.claim(
    "directclr.grad",
    "in-text",
    SUBVECTOR.sentence(equal((Identity(d) - E.T * E) * Rate(B, DIRECT_FLOW), ZeroMatrix(d, d))),
    cite="Sec. 6.2",
    note="rows of the velocity of a linear backbone r = B x outside the subvector, for all N and all data",
)
def direct_gradient():
    yield Step("velocity of the backbone", derive(Rate(B, DIRECT_FLOW)))


direct_clr.claim(
    "figs2,7,9,tab1",
    "figure",
    Vocabulary().sentence(
        External(
            "experiments on ImageNet",
            "Spectra of the representations and linear probe accuracies, with and without a projector, "
            "and of DirectCLR.",
        )
    ),
    cite="Figs. 2, 7, 9, Table 1",
)


# --- statements --------------------------------------------------------------------------

OLD = (
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
)

CLAIMS = (*OLD, *ranks.claims, *direct_clr.claims)
