"""Section 4.2: new points, the two discretisations, and what the figures show about the model."""

from math import sqrt as root

from sympy import (
    Dict,
    Eq,
    Integer,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    Tuple,
    diag,
    exp,
    factor,
    limit,
    log,
    oo,
    symbols,
)

from symssl import Flow, Orthonormal, Symmetric, expect, gradient_flow
from symssl.claims import Step, cited, identity, order_of_error, refuted_at
from symssl.codegen import compile_function
from symssl.simulate import follow

from .dynamics import coordinate_flow, coordinates, lambdas, outputs, solved
from .model import (
    DEEP2,
    DEEP3,
    DEEP4,
    NETWORK,
    W1,
    W2,
    C,
    Lambda,
    M,
    V,
    at,
    cited_steps,
    d,
    esser,
    eta,
    new,
    output_flow,
    product_flow,
    q,
    t,
)

xhat = MatrixSymbol("xhat", d, 1)
apart = Symbol("apart", real=True)
q_1, l1 = coordinates[0], lambdas[0]
SPECTRUM = (-3, -2, -1)
START = ((0.3, -0.2), (0.4, 0.5), (-0.2, 0.6))  # q(0), two outputs
TIMES = [Rational(k, 2) for k in range(2, 7)]  # e^(4 t) over more than three decades


# --- steps -------------------------------------------------------------------------------


def newpoint_steps(model):
    yield Step("u at the new point", expect(NETWORK[2] * xhat))


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


def unconstrained(model):
    """The gradient flow without constraints."""
    return gradient_flow(model.loss, model.weights, where=model.where).rhs


def descent_steps(model):
    found = unconstrained(model)
    yield Step("gradient flow of the loss, before the weights are projected back", found)
    yield Step("one step of gradient descent", Tuple(*(W + eta * found[W] for W in (W1, W2))))


def euler_steps(model):
    velocity = output_flow(model, NETWORK[2]).rhs[q]
    yield Step("Eq. (8)", velocity)
    yield Step("one Euler step of length eta", q + eta * velocity)


def apart_steps(model):
    """d = 1, lambda_1 = -1, q(0)^2 = 1/17: as eta -> 0, (10) follows (8) and (11) its half speed."""
    line = coordinate_flow(model, 1).fix({l1: -1})
    slow = Flow({q_1: line.states[q_1] / 2})
    yield Step(
        "the flow that projected gradient descent follows, and that of (11)", Tuple(line.states[q_1], slow.states[q_1])
    )
    start = Rational(1, 17) ** Rational(1, 2)
    paths = [solved(f, q_1, start) for f in (line, slow)]
    yield Step("q^2 along both", Tuple(*(factor(path**2) for path in paths)))
    late = log(2)  # e^(4 t) = 16
    yield Step(
        "difference of q^2 at t = log 2", Dict({apart: (paths[0] ** 2 - paths[1] ** 2).subs(t, late).simplify()})
    )


def same_end_steps(model):
    line = coordinate_flow(model, 1).fix({l1: -1})
    slow = Flow({q_1: line.states[q_1] / 2})
    yield Step("the two flows for d = 1, lambda_1 = -1", Tuple(line.states[q_1], slow.states[q_1]))
    yield Step(
        "their limits from q = 1/2", Tuple(*(limit(solved(f, q_1, Rational(1, 2)), t, oo) for f in (line, slow)))
    )


def deeper_steps(model):
    yield Step(
        "velocity of the network M in M alone: two, three and four layers",
        Tuple(*(product_flow(m, NETWORK[k]).rhs[M] for k, m in ((2, DEEP2), (3, model), (4, DEEP4)))),
    )


# --- the statements ----------------------------------------------------------------------

grad1, grad2 = 2 * W2 * W2.T * W1 * C, 2 * W1 * C * W1.T * W2
half = 2 * Lambda * q - Lambda * q * q.T * q - q * q.T * Lambda * q
closed = -4 * M * C + 2 * M * C * M.T * M + 2 * M * M.T * M * C

CLAIMS = (
    esser(
        "fig4",
        "figure",
        Integer(-1),
        projection_steps,
        order_of_error(),
        "Figure 4",
        model=DEEP2,
        note="eigenvalues -3, -2, -1 and a generic start: the norms of the projections tend to one, at the rate "
        "e^(-4 g t) "
        "with the gap g = 1 between lambda_2 and lambda_3",
        statement_latex=r"1 - \min_{i \le 2} \lVert P_{\mathrm{span}(q(t))}v_i\rVert \sim \bigl(e^{4(\lambda_3 - "
        r"\lambda_2)t}\bigr)^{-1}",
    ),
    esser(
        "newpoint",
        "in-text",
        outputs(2).T * V.T * xhat,
        newpoint_steps,
        identity(),
        "Sec. 4.1, New Datapoint",
        given=(Orthonormal(V),),
        statement_latex=r"u_t(\hat x) = q_t^{\top}V^{\top}\hat x",
    ),
    esser(
        "eq10",
        "equation",
        Tuple(W1 + eta * grad1, W2 + eta * grad2),
        descent_steps,
        identity(),
        "Eq. (10)",
        model=DEEP2,
        given=(Symmetric(C),),
        note="the sign: as printed the loss is ascended",
        statement_latex=r"W^{(t+1)} = W^{(t)} + \eta\nabla\mathcal L",
    ),
    new(
        "eq10.fixed",
        Tuple(W1 - eta * grad1, W2 - eta * grad2),
        descent_steps,
        identity(),
        corrects="eq10",
        model=DEEP2,
        given=(Symmetric(C),),
        statement_latex=r"W^{(t+1)} = W^{(t)} - \eta\nabla\mathcal L",
    ),
    esser(
        "eq11",
        "equation",
        q - eta * half,
        euler_steps,
        identity(),
        "Eq. (11)",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        note="a factor two: Eq. (11) runs at half the speed of Eq. (8), and so falls behind (10) at the same eta",
        statement_latex=r"q_{t+1} = q_t - \eta\bigl[2\Lambda q_t - \Lambda q_tq_t^{\top}q_t - q_tq_t^{\top}\Lambda "
        r"q_t\bigr]",
    ),
    new(
        "eq11.fixed",
        q - 2 * eta * half,
        euler_steps,
        identity(),
        corrects="eq11",
        model=DEEP2,
        given=(Symmetric(Lambda),),
        statement_latex=r"q_{t+1} = q_t - 2\eta\bigl[2\Lambda q_t - \Lambda q_tq_t^{\top}q_t - q_tq_t^{\top}\Lambda "
        r"q_t\bigr]",
    ),
    esser(
        "eq10vs11",
        "in-text",
        Eq(apart, 0),
        apart_steps,
        refuted_at(),
        "Sec. 4.2 text",
        model=DEEP2,
        note="even with the sign of (10) put right: one output, one eigenvalue, eta -> 0; they end alike "
        "(esser2023.eq10vs11.end)",
        statement_latex=r"\lim_{\eta\to 0} \lVert q^{(10)} - q^{(11)}\rVert = 0 \text{ at } \eta k = \log 2",
    ),
    new(
        "eq10vs11.end",
        Tuple(1, 1),
        same_end_steps,
        identity(),
        corrects="eq10vs11",
        model=DEEP2,
        statement_latex=r"\lim_{t\to\infty} q^{(10)} = \lim_{t\to\infty} q^{(11)} = v_1 \text{ from } q = v_1/2",
    ),
    esser(
        "fig5",
        "figure",
        Eq(Symbol("accuracy_10", real=True), Symbol("accuracy_11", real=True)),
        cited_steps,
        cited("run times and accuracies on MNIST"),
        "Figure 5",
        statement_latex=r"\text{(11) takes less time a step than (10), and the accuracies of a linear SVM coincide}",
    ),
    esser(
        "fig6",
        "figure",
        Tuple(closed, closed, closed),
        deeper_steps,
        identity(),
        "Figure 6",
        model=DEEP3,
        given=(Symmetric(C),),
        note="not similar but equal, since the layers in the middle stand still",
        statement_latex=r"l = 2, 3, 4: \quad \dot M = -4MC + 2MCM^{\top}M + 2MM^{\top}MC, \quad M = W_l^{\top}\cdots "
        r"W_1",
    ),
)
