"""Appendices D.5 and E: the empirical kernel of a vector output, and the alignment of subspaces."""

from itertools import permutations, product

from sympy import (
    Identity,
    Integer,
    Matrix,
    MatrixSymbol,
    Rational,
    Trace,
    Tuple,
    derive_by_array,
    eye,
    solve,
    sqrt,
    symbols,
    tensorcontraction,
    tensorproduct,
    zeros,
)

from symssl import E, Orthonormal, expect, gaussians, gradient_flow, inner, normal_form, sq
from symssl.claims import Step, identity

from .kernel import EIGEN, INVERSE_ROOT, ROOT, K, S, b, claim, reduced
from .model import W, d, m, n

P_1, P_2 = MatrixSymbol("P_1", d, 2 * n), MatrixSymbol("P_2", d, 2 * n)  # orthonormal rows span the subspaces
ROWS = (Orthonormal(P_1.T), Orthonormal(P_2.T))
Pi_1, Pi_2 = P_1.T * P_1, P_2.T * P_2  # projectors
phi, phi_p = MatrixSymbol("phi", m, 1), MatrixSymbol("phi'", m, 1)
one = MatrixSymbol("e", d, 1)  # (1, ..., 1)/sqrt(d)
share = symbols("c", real=True)
TABLE = {d: 50, n: 1000}  # App. E: the sizes of the experiment
(w,) = gaussians("w", d, cov=[[1 / d]])  # second moments of a unit vector of uniform direction


def alignment(first, second):
    """a = |P P'^T|^2/d."""
    return sq(first * second.T) / d


# --- Appendix D.5 ------------------------------------------------------------------------


def output_gradient(direction, features):
    """Derivative by W of a component of f = W phi."""
    return -gradient_flow(inner(direction, W * features), W).rhs[W]


def mean_output_steps(model):
    scaled = [sqrt(d) * output_gradient(sqrt(d) * one / d, at) for at in (phi, phi_p)]
    yield Step("derivative by W of sqrt(d) times the mean of the outputs, (1, ..., 1) = sqrt(d) e", Tuple(*scaled))
    yield Step("its kernel", normal_form(inner(*scaled), where=Orthonormal(one)))


def tensor_steps(model):
    """f_a = sum_k theta_ak x_k for two outputs, two features and two samples."""
    theta, data = Matrix(2, 2, symbols("theta_1:3_1:3")), Matrix(2, 2, symbols("x_1:3_1:3"))
    outputs = (theta * data.T).T.tolist()
    slopes = derive_by_array(outputs, list(theta))
    kernel = tensorcontraction(tensorproduct(slopes, slopes), (0, 3))
    yield Step("indices of the kernel: sample and output, twice", Integer(kernel.rank()))


# --- Appendix E --------------------------------------------------------------------------


def predicted_steps(model):
    yield Step(
        "f on the data by Eq. (24) with U = I: the columns [K_xX K_xX']^T make up K",
        reduced(S * b.T * INVERSE_ROOT * K, EIGEN),
    )


def maximum_steps(model):
    short = normal_form(1 - alignment(P_1, P_2) - sq(Pi_1 - Pi_2) / (2 * d), where=ROWS)
    yield Step("1 - a less |P^T P - P'^T P'|^2/(2d): so a <= 1, and a = 1 where the subspaces agree", short)
    yield Step("a where both subspaces are the same", normal_form(alignment(P_1, P_1), where=ROWS))


def bound_steps(model):
    yield Step("|P P'^T|^2 in traces", normal_form(sq(P_1 * P_2.T)))
    yield Step("1 - a", normal_form(1 - alignment(P_1, P_2), where=ROWS))


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


def fraction_steps(model):
    vector = P_1.T * w
    yield Step(
        "mean square of v = P^T w, for a unit vector w of uniform direction: E[w w^T] = I/d",
        normal_form(expect(E(sq(vector))), where=ROWS),
    )
    yield Step("mean square of the part of v in the row space of P'", expect(E(sq(P_2 * vector))))


CLAIMS = (
    claim(
        "fn19",
        "footnote",
        inner(phi, phi_p),
        mean_output_steps,
        identity(),
        "Footnote 19",
        given=(Orthonormal(one),),
        note="in the ideal limit, a linear model, the kernel of each output is the original one, those of two "
        "outputs vanish",
        statement_latex=r"\bigl\langle \partial_W \sqrt{d}\,\bar f(x), \partial_W \sqrt{d}\,\bar f(x')\bigr\rangle = "
        r"\langle\phi, \phi'\rangle = \mathcal K(x, x')",
    ),
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
        "eq49",
        "equation",
        S * b.T * ROOT,
        predicted_steps,
        identity(),
        "Eq. (49)",
        given=EIGEN,
        note="up to the rotation U of Eq. (24)",
        statement_latex=r"f_{\mathrm{th}}(\mathcal X) = \tilde S [b_1 \dots b_d]^{\top} \tilde K^{1/2}",
    ),
    claim(
        "align.max",
        "in-text",
        d,
        maximum_steps,
        identity(),
        "App. E",
        given=ROWS,
        note="with the factor 1/d the largest value is 1",
        statement_latex=r"\max_{P, P'} a(P, P') = d",
    ),
    claim(
        "align.max.fixed",
        "consequence",
        sq(Pi_1 - Pi_2) / (2 * d),
        bound_steps,
        identity(),
        "App. E",
        given=ROWS,
        source="new",
        corrects="simon2023.align.max",
        statement_latex=r"1 - a(P, P') = \tfrac{1}{2d}\lVert P^{\top}P - P'^{\top}P'\rVert^{2} \ge 0",
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
    claim(
        "fn21",
        "footnote",
        alignment(P_1, P_2),
        fraction_steps,
        identity(),
        "Footnote 21",
        given=ROWS,
        note="the fraction of the squared length of a vector of uniform direction",
        statement_latex=r"\mathbb{E}\,\lVert P' v\rVert^{2} = a(P, P') \text{ for a random unit vector } v "
        r"\text{ of the row space of } P",
    ),
)
