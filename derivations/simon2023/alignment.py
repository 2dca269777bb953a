"""Appendices D.5 and E: the empirical kernel of a vector output, and the alignment of subspaces."""

from itertools import permutations, product

from sympy import (
    And,
    Identity,
    Integer,
    Le,
    Matrix,
    MatrixSymbol,
    Rational,
    Trace,
    derive_by_array,
    eye,
    solve,
    sqrt,
    symbols,
    tensorcontraction,
    tensorproduct,
    zeros,
)

from symssl import E as Ex, Orthonormal, gaussians, inner, normal_form, sq, total
from symssl.claims import Chapter, Step, identity
from symssl.language import Entry, Gradient, Object
from symssl.statements import derive

from .model import W, claim, d, n
from .vocabulary import S, j, same, vocabulary
from .vocabulary_kernel import IN_EIGENVECTORS, H, K, P, R, b, phi, phi_p

P_1, P_2 = MatrixSymbol("P_1", d, 2 * n), MatrixSymbol("P_2", d, 2 * n)  # orthonormal rows span the subspaces
ROWS = (Orthonormal(P_1.T), Orthonormal(P_2.T))
Pi_1, Pi_2 = P_1.T * P_1, P_2.T * P_2  # projectors
one = MatrixSymbol("e", d, 1)  # (1, ..., 1)/sqrt(d)
share = symbols("c", real=True)
TABLE = {d: 50, n: 1000}  # App. E: the sizes of the experiment
(w,) = gaussians("w", d, cov=[[1 / d]])  # second moments of a unit vector of uniform direction


# --- Appendix D.5 ------------------------------------------------------------------------


def tensor_steps(model):
    """f_a = sum_k theta_ak x_k for two outputs, two features and two samples."""
    theta, data = Matrix(2, 2, symbols("theta_1:3_1:3")), Matrix(2, 2, symbols("x_1:3_1:3"))
    outputs = (theta * data.T).T.tolist()
    slopes = derive_by_array(outputs, list(theta))
    kernel = tensorcontraction(tensorproduct(slopes, slopes), (0, 3))
    yield Step("indices of the kernel: sample and output, twice", Integer(kernel.rank()))


# --- Appendix E --------------------------------------------------------------------------


def symmetric_mean(projector):
    """The mean of Q^T A Q over all signed permutations Q."""
    size = projector.shape[0]
    group = [
        Matrix(size, size, lambda i, j, signs=signs, order=order: signs[i] * (order[i] == j))
        for order in permutations(range(size))
        for signs in product((1, -1), repeat=size)
    ]
    return sum((q.T * projector * q for q in group), zeros(size)) / len(group)


def mean_multiple():
    """c where the projector on a random subspace has the mean c I."""
    (found,) = solve(normal_form(Trace(Pi_2) - share * Trace(Identity(2 * n)), where=ROWS), share)
    return found


def mean_alignment():
    return normal_form(Trace(Pi_1 * mean_multiple()) / d, where=ROWS)


def expectation_steps(model):
    any_matrix = Matrix(3, 3, lambda i, j: symbols(f"a_{min(i, j)}{max(i, j)}"))
    mean = symmetric_mean(any_matrix)
    yield Step(
        "mean of Q^T A Q over all signed permutations Q, less tr(A)/N (here N = 3)",
        (mean - any_matrix.trace() / 3 * eye(3)).applyfunc(lambda e: e.expand()).as_immutable(),
    )
    yield Step(
        "the law of a random subspace does not change under them, so that the mean of its projector "
        "P'^T P' is a multiple of I"
    )
    yield Step("the multiple c, from the traces of P'^T P' and of c I", mean_multiple())
    yield Step("mean of a = tr(P^T P P'^T P')/d", mean_alignment())


def table_steps(model):
    yield from expectation_steps(model)
    yield Step("at d = 50, n = 1000", mean_alignment().subs(TABLE))


# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

F, F_p = MatrixSymbol("F", 2 * n, d), MatrixSymbol("F'", 2 * n, d)  # P^T and P'^T
rotation = MatrixSymbol("Q", d, d)
SUBSPACES = vocabulary(
    Object(phi, "the features of an input"),
    Object(phi_p, "the features of another input"),
    Object(F, "an orthonormal basis of a subspace, as columns: the transpose of P", Orthonormal(F)),
    Object(F_p, "an orthonormal basis of another subspace, as columns: the transpose of P'", Orthonormal(F_p)),
    Object(rotation, "a rotation: F Q is another basis of the subspace of F", Orthonormal(rotation)),
    Object(w, "coordinates of a vector of a random direction, squared length 1 in the mean"),
)


def mean_output(features):
    """The mean of the outputs times d^(1/2)."""
    return sqrt(d) * total(Entry(W * features, j), (j, d)) / d


def aligned(one, other):
    """The normalized subspace alignment a(P, P')."""
    return sq(one.T * other) / d


@chapter.claim(
    "fn19",
    "footnote",
    SUBSPACES.sentence(same(inner(Gradient(mean_output(phi), W), Gradient(mean_output(phi_p), W)), inner(phi, phi_p))),
    cite="Footnote 19",
    note="in the ideal limit, a linear model, the kernel of each output is the original one, and those of two vanish",
)
def fn19():
    for features in (phi, phi_p):
        yield Step("the gradient of the scaled mean output", derive(Gradient(mean_output(features), W)))


chapter.claim(
    "eq49",
    "equation",
    IN_EIGENVECTORS.sentence(same(S * b.T * R * K, S * b.T * P * H * P.T)),
    cite="Eq. (49)",
    note="Eq. (24) on the data, up to the rotation U; P H P^T is K^(1/2)",
)

chapter.claim(
    "align.max",
    "in-text",
    SUBSPACES.sentence(And(Le(aligned(F, F_p), d), same(aligned(F, F * rotation), d))),
    cite="App. E",
    note="with the factor 1/d the value at equal subspaces, which is the largest, is 1",
)

chapter.claim(
    "align.max.fixed",
    "consequence",
    SUBSPACES.sentence(
        And(
            same(1 - aligned(F, F_p), sq(F * F.T - F_p * F_p.T) / (2 * d)),
            same(aligned(F, F * rotation), 1),
        )
    ),
    cite="App. E",
    corrects="align.max",
    note="so a <= 1, and a = 1 where the subspaces agree",
)


@chapter.claim(
    "fn21",
    "footnote",
    SUBSPACES.sentence(And(same(Ex(sq(F * w)), 1), same(Ex(sq(F_p.T * F * w)), aligned(F, F_p)))),
    cite="Footnote 21",
    note="the fraction of the squared length of a random vector F w of the row space of P",
)
def fn21():
    yield Step("the mean squared length of the vector", derive(Ex(sq(F * w))))
    yield Step("that of its part in the row space of P'", derive(Ex(sq(F_p.T * F * w))))


CLAIMS = (
    *chapter.claims,
    claim(
        "fn20",
        "footnote",
        Integer(4),
        tensor_steps,
        identity(),
        "Footnote 20",
        note="rank in the sense of the number of indices",
        statement_latex=r"\text{number of indices of } \partial_\theta f_a(x_i)\cdot\partial_\theta f_b(x_j) = 4",
    ),
    claim(
        "align.exp",
        "in-text",
        d**2 / (2 * n),
        expectation_steps,
        identity(),
        "App. E",
        given=ROWS,
        note="d/(2n) with the factor 1/d; at d = 50, n = 1000 the printed value is 5/4, and the table has 0.025",
        statement_latex=r"\mathbb{E}[a] = \tfrac{d^{2}}{2n} \text{ for random subspaces}",
    ),
    claim(
        "align.exp.fixed",
        "consequence",
        d / (2 * n),
        expectation_steps,
        identity(),
        "App. E",
        given=ROWS,
        source="new",
        corrects="simon2023.align.exp",
        statement_latex=r"\mathbb{E}[a] = \tfrac{d}{2n}",
    ),
    claim(
        "align.exp.table",
        "consequence",
        Rational(1, 40),
        table_steps,
        identity(),
        "Tables 1 and 2, last column",
        source="new",
        note="the value 0.025 of the tables",
        statement_latex=r"\mathbb{E}[a] = 0.025 \text{ at } d = 50,\ n = 1000",
    ),
)
