"""Where augmentation enters InfoNCE: the data matrix X at W = 0, for any number N of samples.

The loss is that of a linear encoder z = W x with squared distances, negatives from the first branch,

    L = -sum_i log exp(-|z_i - z_i'|^2/2) / (sum_{j != i} exp(-|z_i - z_j|^2/2) + exp(-|z_i - z_i'|^2/2)),

and its flow about W = 0 is D' = D X.  The two views of a sample m_i are m_i + e_i and m_i + e_i', with
Cov(e) = a S, Cov(e') = b S and Cov(e, e') = c S; different samples have independent noise.
"""

from functools import lru_cache

from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, MatrixSymbol, Rational, ZeroMatrix, symbols

from symssl import E, gaussians, inner, samples, sq, total
from symssl.claims import Chapter, Model, Step
from symssl.language import At, Gradient, GradientFlow, Named, Object, Rate, VectorField, Vocabulary
from symssl.statements import derive, proved

from .._models import infonce

d, k, r, N = symbols("d k r N", integer=True, positive=True)
i, j = symbols("i j")
W, D, R = MatrixSymbol("W", k, d), MatrixSymbol("D", k, d), MatrixSymbol("R", d, r)
S = R * R.T
v = MatrixSymbol("v", d, 1)
a, b = symbols("a b", positive=True)
c = symbols("c", real=True)
views, twins, clean = (samples(name, d, N) for name in ("x", "x'", "m"))


INFONCE = Model("InfoNCE", infonce(lambda a: W * views[a], lambda a: W * twins[a], i, j), (W,))


@lru_cache(maxsize=64)
def linear(model):
    """D' = D X, the flow about W = 0."""
    return model.flow().linearize({W: ZeroMatrix(k, d)}, {W: D}).rhs[D]


def outer(u):
    return u * u.T


# --- what the sentences speak of ---------------------------------------------------------

m_i, m_j = MatrixSymbol("m_i", d, 1), MatrixSymbol("m_j", d, 1)
e_i, e_j = gaussians("e_i e_j", r, cov=[[a, 0], [0, a]])  # of two samples, first branch
own, twin = gaussians("e e'", r, cov=[[a, c], [c, b]])  # of one sample, both branches
FLOW = GradientFlow(INFONCE.loss, W)


def equal(left, right):
    return Eq(left, right, evaluate=False)


def pairs_of(x):
    return total(outer(x[i] - x[j]), (i, N), (j, N))


def assembled(first, second, common):
    """X from the means of the outer products of differences: of two samples, and of two views."""
    between = total(outer(clean[i] - clean[j]) + 2 * first * S, (i, N), (j, N)) - total(2 * first * S, (i, N))
    return between / N - (N - 1) * total((first + second - 2 * common) * S, (i, N)) / N


def averaged(first, second, common):
    """X, the noise averaged."""
    return pairs_of(clean) / N + (N - 1) * (first - second + 2 * common) * S


VIEWS = (pairs_of(views) - (N - 1) * total(outer(views[i] - twins[i]), (i, N))) / N
SPREAD = total(inner(v, clean[i] - total(clean[j], j) / N) ** 2, i)
STRENGTH = sq(R.T * v)
NAMES = Vocabulary(
    Object(d, "the dimension of the inputs"),
    Object(k, "the dimension of the embedding"),
    Object(r, "the dimension of the noise"),
    Object(N, "the number of samples"),
    Object(W, "the weights of the encoder"),
    Object(D, "small weights"),
    Object(R, "a square root of the covariance of the noise"),
    Object(a, "the strength of the noise in the first branch"),
    Object(b, "the strength of the noise in the second branch"),
    Object(c, "the strength of what both branches share"),
    Object(e_i, "the noise of a sample in the first branch, of covariance a I"),
    Object(e_j, "that of another sample, independent"),
    Object(own, "the noise of a sample in the first branch, of covariance a I"),
    Object(twin, "its noise in the second branch, of covariance b I, and c I with the first"),
    Object(m_i, "a clean sample"),
    Object(m_j, "another one"),
    Object(views, "the samples in the first branch"),
    Object(twins, "the samples in the second branch"),
    Object(clean, "the clean samples"),
    Object(v, "a direction"),
    Object(i, "the number of a sample"),
    Object(j, "the number of a sample"),
    Named(FLOW, "the gradient flow of InfoNCE"),
)
chapter = Chapter("beyond")
SEVERAL = Gt(N, 1)
ABOUT_ZERO = At(Rate(Gradient(INFONCE.loss, W), VectorField({W: D})), {W: ZeroMatrix(k, d)})


@chapter.claim(
    "noise.X",
    "result",
    NAMES.sentence(
        And(
            equal(At(Gradient(INFONCE.loss, W), {W: ZeroMatrix(k, d)}), ZeroMatrix(k, d)),
            equal(-ABOUT_ZERO, D * VIEWS),
        )
    ),
    source="new",
    note="the flow about W = 0 is D' = D X; all N samples have the weight 1/N there; every N and d",
)
def noise_matrix():
    yield Step("the gradient of the loss", derive(Gradient(INFONCE.loss, W)))
    yield Step("how it changes with small weights", derive(ABOUT_ZERO))


BETWEEN_SAMPLES = E(outer(m_i + R * e_i - m_j - R * e_j))
BETWEEN_VIEWS = E(outer((m_i + R * own) - (m_i + R * twin)))


@chapter.claim(
    "noise",
    "result",
    NAMES.sentence(
        And(
            equal(BETWEEN_SAMPLES, outer(m_i - m_j) + 2 * a * S),
            equal(BETWEEN_VIEWS, (a + b - 2 * c) * S),
            equal(assembled(a, b, c), averaged(a, b, c)),
        ),
        Le(c**2, a * b),
    ),
    source="new",
    note="noise of covariance a R R^T in the first branch, b R R^T in the second, c R R^T between the two: the mean of "
    "the X of beyond.noise.X, which is quadratic in the views, is put together from the means of its terms; every N",
)
def noise_mean():
    yield Step("mean of the outer product of the difference of two samples", derive(BETWEEN_SAMPLES))
    yield Step("mean of the outer product of the difference of two views", derive(BETWEEN_VIEWS))


def along(first, second):
    """v^T X v for independent noise of these strengths."""
    return inner(v, averaged(first, second, 0) * v)


ONE_SIDED = equal(along(0, 1), 2 * SPREAD - (N - 1) * STRENGTH)
TWO_SIDED = equal(along(1, 1), 2 * SPREAD)
FIRST_ONLY = equal(along(1, 0), 2 * SPREAD + (N - 1) * STRENGTH)


@chapter.claim(
    "noise.one_sided",
    "result",
    NAMES.sentence(And(ONE_SIDED, Equivalent(Gt(along(0, 1), 0), Lt(STRENGTH, 2 * SPREAD / (N - 1)))), SEVERAL),
    source="new",
    note="noise in the second branch only: definiteness is lost where along some direction it has more than twice the "
    "variance of the samples, with N - 1 degrees of freedom",
)
def one_sided():
    yield Step("the form, by the spread of the samples and the noise along v", proved(ONE_SIDED, (SEVERAL,)))


@chapter.claim(
    "noise.two_sided",
    "result",
    NAMES.sentence(And(TWO_SIDED, Implies(Gt(SPREAD, 0), Gt(along(1, 1), 0))), SEVERAL),
    corrects="noise.drawn",
    note="independent noise of one law in both branches cancels: of any strength, it never costs definiteness",
)
def two_sided():
    yield Step("the form, by the spread of the samples along v", proved(TWO_SIDED, (SEVERAL,)))


@chapter.claim(
    "noise.first_only",
    "result",
    NAMES.sentence(And(FIRST_ONLY, Implies(Gt(SPREAD, 0), Gt(along(1, 0), 0))), SEVERAL),
    source="new",
    note="noise in the branch of the negatives only makes X larger",
)
def first_only():
    yield Step("the form, by the spread of the samples and the noise along v", proved(FIRST_ONLY, (SEVERAL,)))


HALF = Rational(1, 2)

chapter.claim(
    "noise.drawn",
    "result",
    NAMES.sentence(Ge(inner(v, VIEWS * v), 0), SEVERAL),
    source="new",
    witness={N: 2, d: 1, "x": [[HALF, HALF]], "x'": [[0, 1]], v: [[1]]},
    note="of two-sided noise drawn once and kept, not averaged, X may be negative: noise 1/2 and -1/2 brings the views "
    "of the samples 0 and 1 together in the first branch",
)

CLAIMS = chapter.claims
NOTATION = {}


def equations():
    """X at W = 0, for LaTeX."""
    return {"infonce-linear": linear(INFONCE), "infonce-noise": averaged(a, b, c)}
