"""Section 6: what the projector does, and DirectCLR."""

from functools import partial

from sympy import (
    And,
    Dict,
    Eq,
    Gt,
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
    log,
    oo,
    simplify,
    sqrt,
    symbols,
)

from symssl import Orthonormal, Symmetric, cosine, inner, total
from symssl.claims import Chapter, Step, gap, refuted_at
from symssl.language import Along, External, GradientFlow, Let, Limit, Named, Object, Rate, VectorField, Vocabulary
from symssl.statements import derive

from .model import CROSS, PRODUCT, W_1, W_2, N, claim, d, i, j, named, t, written_out, x, xp
from .vocabulary import equal

k_0, r = symbols("d_0 r", integer=True, positive=True)
B = MatrixSymbol("B", d, d)  # the backbone: representations r = B x
E = MatrixSymbol("E", k_0, d)  # picks the first d_0 coordinates: orthonormal rows
U, V = (MatrixSymbol(name, d, d) for name in ("U", "V"))
U_r, S_r, V_r, g = (MatrixSymbol("U", d, r), MatrixSymbol("S", r, r), MatrixSymbol("V", d, r), MatrixSymbol("g", d, 1))
overlap, spanned = symbols("overlap spanned", real=True)
a = symbols("a", positive=True)
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


# --- a fixed projector -------------------------------------------------------------------

held = Chapter("jing2021")
Q, R, start = MatrixSymbol("Q", d, d), MatrixSymbol("R", d, d), MatrixSymbol("W_0", d, d)
frame, leading, other = MatrixSymbol("F", d, 2), MatrixSymbol("a", d, 1), MatrixSymbol("b", d, 1)
lower, excess = symbols("q g", positive=True)
OUT = Identity(d) - leading * leading.T - other * other.T
PROJECTED = VectorField({W_1: Q * W_1})
HELD = Vocabulary(
    Object(d, "the dimension of the representations"),
    Object(W_1, "the last layer of the backbone"),
    Object(start, "this layer at time 0"),
    Object(lower, "a squared singular value of the projector W_2"),
    Object(excess, "what a larger one exceeds it by"),
    Object(frame, "two orthonormal columns", Orthonormal(frame)),
    Object(R, "a symmetric matrix: the rest", Symmetric(R)),
    Object(t, "time"),
    Let(leading, frame * Matrix([1, 0]), "the right singular vector of W_2 for the larger singular value"),
    Let(other, frame * Matrix([0, 1]), "that for the smaller one"),
    Let(Q, (lower + excess) * leading * leading.T + lower * other * other.T + OUT * R * OUT, "W_2^T W_2, held fixed"),
    Named(PROJECTED, "the flow (8) with W_2 held fixed and X = I"),
)


def form(left, right, rate):
    """A form of W_1 W_1^T on the trajectory, and what it is."""
    word = inner(left, W_1 * W_1.T * right)
    return Along(word, PROJECTED, t, {W_1: start}), exp(rate * t) * word.xreplace({W_1: start})


FORMS = (
    form(leading, leading, 2 * (lower + excess)),
    form(leading, other, 2 * lower + excess),
    form(other, other, 2 * lower),
)
ALIGNS = HELD.sentence(
    And(
        *(equal(*one) for one in FORMS),
        *(equal(Limit(one[1] / FORMS[0][1], t, oo), 0) for one in FORMS[1:]),
    ),
    given=Gt(inner(leading, start * start.T * leading), 0, evaluate=False),
)


@held.claim(
    "prop6.1.fixedprojector",
    "result",
    ALIGNS,
    cite="not in the paper",
    corrects="prop6.1",
    note="W_2 fixed, X = I: relative to its part along the leading singular vector of W_2, W_1 W_1^T loses every other "
    "part, so that its leading eigenvector becomes that vector",
)
def held_steps():
    for term, _ in FORMS:
        yield Step("the velocity is a multiple of it", derive(ALIGNS.expand(term), ALIGNS.hypotheses))


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

CLAIMS = (*OLD, *held.claims, *ranks.claims, *direct_clr.claims)
