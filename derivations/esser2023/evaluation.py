"""Section 4.2: new points, the two discretisations, and what the figures show about the model."""

from math import sqrt as root

from sympy import (
    And,
    Integer,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    Tuple,
    diag,
    exp,
    oo,
    symbols,
)

from symssl import Diagonal, Grassmann, Orthonormal, Stiefel
from symssl.claims import Chapter, Step, order_of_error
from symssl.codegen import compile_function
from symssl.language import Along, External, Gradient, GradientFlow, Let, Limit, Named, Next, Object, Rate, Vocabulary
from symssl.simulate import follow
from symssl.statements import (
    at_another_speed,
    derive,
    reduced,
)

from .dynamics import coordinates, lambdas
from .model import DEEP2 as TWO_LAYERS, at, esser, output_flow
from .vocabulary import (
    BRACKET,
    DATA,
    DEEP2,
    DEEP3,
    DEEP4,
    DESCENT,
    HALF,
    K2,
    K3,
    MODELS,
    NETWORK,
    OUTPUTS,
    SIZES,
    TRACE_LOSS,
    VOCABULARY,
    W1,
    W1_0,
    W2,
    W2_0,
    C,
    Lambda,
    M,
    V,
    Wl,
    d,
    equal,
    eta,
    h,
    q,
    t,
    xhat,
    z,
)

alpha = MatrixSymbol("alpha", d, 1)
LINEAR_MAP = Vocabulary(
    SIZES,
    DATA,
    MODELS,
    Object(V, "the eigenvectors of C, as columns", Orthonormal(V)),
    Let(q, (M * V).T, "the outputs at the eigenvectors, one a row"),
    Let(alpha, V.T * xhat, "the coordinates of the new input"),
)


def frames(geometry):
    """The flow of the loss with two layers that keep orthonormal columns, C = V Lambda V^T."""
    return GradientFlow(
        TRACE_LOSS, (W2, W1), geometry={W1: geometry, W2: geometry}, where=(Orthonormal(W1), Orthonormal(W2))
    )


DIAGONALISED = Vocabulary(
    SIZES,
    MODELS,
    Object(Lambda, "the eigenvalues of C, on the diagonal", Diagonal(Lambda)),
    Object(V, "the eigenvectors of C, as columns", Orthonormal(V)),
    Object(q, "the outputs at the eigenvectors of C, one a row"),
    Object(t, "time, the number of steps times the step size, which tends to zero"),
    Let(C, V * Lambda * V.T, "the contrast matrix"),
    Named(OUTPUTS, "the equation (8)"),
    Named(HALF, "the equation that (11) discretises"),
    Named(frames(Stiefel("euclidean")), "descent (10) with small steps, put right in sign, projected back after each"),
    Named(frames(Grassmann()), "the projected flow of the paper"),
)
outputs = V.T * W1.T * W2
start = {W1: W1_0, W2: W2_0}
outputs_0 = V.T * W1_0.T * W2_0
projected = Along(outputs, frames(Stiefel("euclidean")), t, start)  # (10): projected back after every small step
discretised = Along(q, HALF, t, {q: outputs_0})  # (11)
ONE_OUTPUT = {d: 1, z: 1, h: 2, t: Rational(1, 2), V: [[1]], Lambda: [[-1]]}


def closed(network):
    """The velocity of a network in the network alone."""
    return -4 * network * C + 2 * network * C * network.T * network + 2 * network * network.T * network * C


# --- Figure 4, and whether the two discretisations agree ------------------------------------

apart = Symbol("apart", real=True)
q_1, l1 = coordinates[0], lambdas[0]
SPECTRUM = (-3, -2, -1)
START = ((0.3, -0.2), (0.4, 0.5), (-0.2, 0.6))  # q(0), two outputs
TIMES = [Rational(k, 2) for k in range(2, 7)]  # e^(4 t) over more than three decades


def columns_away(columns, axis):
    """1 - |P v| for the projector P on the span of two columns and the unit vector v of an axis."""
    (a, b, e), (f, g) = _gram(columns), columns[axis]
    inside = (e * f * f - 2 * b * f * g + a * g * g) / (a * e - b * b)
    return 1 - root(inside)


def _gram(columns):
    return tuple(sum(row[i] * row[j] for row in columns) for i, j in ((0, 0), (0, 1), (1, 1)))


def projection_steps(model):
    """Integrate Eq. (8) for d = 3, z = 2."""
    entries = symbols("q_1:4(1:3)", real=True)
    velocity = at(output_flow(model, NETWORK[2]).rhs[q], {q: Matrix(3, 2, entries), Lambda: diag(*SPECTRUM)})
    yield Step("Eq. (8) for d = 3, z = 2, eigenvalues -3, -2, -1", velocity)
    compiled = compile_function(list(velocity), list(entries))
    names = [str(entry) for entry in entries]

    def field(weights):
        return dict(zip(names, compiled(*(weights[name] for name in names))))

    path = follow(
        field,
        dict(zip(names, (entry for row in START for entry in row))),
        [0, *map(float, TIMES)],
        rtol=1e-13,
        atol=1e-15,
    )
    errors = []
    for k, time in enumerate(TIMES, 1):
        values = [float(path[name][k]) for name in names]
        errors.append(
            (exp(4 * time).evalf(), max(columns_away([values[:2], values[2:4], values[4:]], axis) for axis in (0, 1)))
        )
    yield Step(
        "1 - |P v_i|, the larger of i = 1, 2, against e^(4 t)",
        Tuple(*(Tuple(Rational(str(size)), Rational(str(error))) for size, error in errors)),
    )


FIGURE4 = (
    esser(
        "fig4",
        "figure",
        Integer(-1),
        projection_steps,
        order_of_error(),
        "Figure 4",
        model=TWO_LAYERS,
        note="eigenvalues -3, -2, -1 and a generic start: the norms of the projections tend to one, at the rate "
        "e^(-4 g t) "
        "with the gap g = 1 between lambda_2 and lambda_3",
        statement_latex=r"1 - \min_{i \le 2} \lVert P_{\mathrm{span}(q(t))}v_i\rVert \sim \bigl(e^{4(\lambda_3 - "
        r"\lambda_2)t}\bigr)^{-1}",
    ),
)
# --- new points and one step -------------------------------------------------------------

chapter = Chapter("esser2023")


def step_of_descent():
    for W in (W1, W2):
        yield Step("the gradient of the loss", derive(Gradient(TRACE_LOSS, W)))
        yield Step("one step of gradient descent", derive(Next(W, DESCENT)))


chapter.claim(
    "newpoint",
    "in-text",
    LINEAR_MAP.sentence(
        And(equal(xhat, V * alpha), equal(M * xhat, q.T * alpha), equal(q.T * alpha, q.T * V.T * xhat))
    ),
    cite="Sec. 4.1, New Datapoint",
)


@chapter.claim(
    "eq10",
    "equation",
    VOCABULARY.sentence(And(*(equal(Next(W, DESCENT), W + eta * Gradient(TRACE_LOSS, W)) for W in (W1, W2)))),
    cite="Eq. (10)",
    note="the sign: as printed the loss is ascended",
)
def eq10():
    yield from step_of_descent()


@chapter.claim(
    "eq10.fixed",
    "consequence",
    VOCABULARY.sentence(And(*(equal(Next(W, DESCENT), W - eta * Gradient(TRACE_LOSS, W)) for W in (W1, W2)))),
    cite="not in the paper",
    corrects="eq10",
)
def eq10_fixed():
    yield from step_of_descent()


@chapter.claim(
    "eq11",
    "equation",
    VOCABULARY.sentence(equal(q + eta * Rate(q, OUTPUTS), q - eta * BRACKET)),
    cite="Eq. (11)",
    note="a factor two: Eq. (11) runs at half the speed of Eq. (8), and so falls behind (10) at the same eta",
)
def eq11():
    yield Step("Eq. (8)", derive(Rate(q, OUTPUTS)))


@chapter.claim(
    "eq11.fixed",
    "consequence",
    VOCABULARY.sentence(equal(q + eta * Rate(q, OUTPUTS), q - 2 * eta * BRACKET)),
    cite="not in the paper",
    corrects="eq11",
)
def eq11_fixed():
    yield Step("Eq. (8)", derive(Rate(q, OUTPUTS)))


@chapter.claim(
    "eq10vs11",
    "in-text",
    DIAGONALISED.sentence(
        And(equal(projected, discretised), equal(Limit(projected, t, oo), Limit(discretised, t, oo))),
        given=(Orthonormal(W1_0), Orthonormal(W2_0)),
    ),
    cite="Sec. 4.2 text",
    witness=ONE_OUTPUT | {W1_0: [[1], [0]], W2_0: [[Rational(3, 5)], [Rational(4, 5)]]},
    note="even with the sign of (10) put right: (11) runs at half the speed; for the end see esser2023.eq10vs11.end",
)
def eq10vs11():
    yield Step("the velocity of the outputs under (10)", derive(Rate(outputs, frames(Stiefel("euclidean")))))
    yield Step("the velocity of the outputs under (11)", derive(Rate(q, HALF)))


SAME_END = DIAGONALISED.sentence(
    And(
        equal(Along(outputs, frames(Grassmann()), t, start), Along(q, OUTPUTS, t, {q: outputs_0})),
        equal(Along(q, OUTPUTS, t, {q: outputs_0}), Along(q, HALF, 2 * t, {q: outputs_0})),
    ),
    given=(Orthonormal(W1_0), Orthonormal(W2_0)),
)


@chapter.claim(
    "eq10vs11.end",
    "consequence",
    SAME_END,
    cite="not in the paper",
    corrects="eq10vs11",
    note="the flow (7) and what (11) discretises pass through the same outputs, the latter at half the speed: so they "
    "end at the same ones",
)
def same_end():
    given = (Orthonormal(W1_0), Orthonormal(W2_0), Orthonormal(V), Diagonal(Lambda))
    along = SAME_END.expand(Along(outputs, frames(Grassmann()), t, start))
    yield Step("the outputs of the layers obey Eq. (8)", reduced(along, OUTPUTS, given))
    yield Step("twice the speed", at_another_speed(Along(q, OUTPUTS, t, {q: outputs_0}), HALF))


# --- what training is seen to do ----------------------------------------------------------

training = Chapter("esser2023")


@training.claim(
    "eq10vs11.projected",
    "consequence",
    DIAGONALISED.sentence(
        equal(
            Rate(outputs, frames(Stiefel("euclidean"))),
            -4 * Lambda * outputs + 3 * outputs * outputs.T * Lambda * outputs + Lambda * outputs * outputs.T * outputs,
        ),
        given=(Orthonormal(W1), Orthonormal(W2)),
    ),
    cite="not in the paper",
    source="new",
    note="small steps (10), each projected back onto orthonormal columns, follow another equation than (8)",
)
def projected_back():
    yield Step("the velocity of the outputs", derive(Rate(outputs, frames(Stiefel("euclidean")))))


training.claim(
    "fig5",
    "figure",
    VOCABULARY.sentence(
        External(
            "Figure 5",
            "A step of (11) takes less time than one of (10), and the accuracies of a linear classifier coincide.",
        )
    ),
    cite="Figure 5",
)


@training.claim(
    "fig6",
    "figure",
    VOCABULARY.sentence(
        And(
            *(
                equal(Rate(NETWORK[depth], dynamics), closed(NETWORK[depth]))
                for depth, dynamics in ((2, DEEP2), (3, DEEP3), (4, DEEP4))
            )
        ),
        given=tuple(map(Orthonormal, (W1, W2, K2, K3, Wl))),
    ),
    cite="Figure 6",
    note="not similar but equal, since the layers in the middle stand still",
)
def fig6():
    for depth, dynamics in ((2, DEEP2), (3, DEEP3), (4, DEEP4)):
        yield Step(f"the velocity of the network of {depth} layers", derive(Rate(NETWORK[depth], dynamics)))


CLAIMS = (*FIGURE4, *chapter.claims, *training.claims)
