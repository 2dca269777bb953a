"""Section 5.3: the dynamics of the squared loss, compared."""

from sympy import Dict, Eq, Integer, Tuple, degree, symbols

from symssl import Flow, count_equilibria
from symssl.claims import Step, cited, equivalent, identity, refuted_at, same_value

from .derivation import experiment_steps, modes, parabola, scalar_flow, to_modes, to_scalar
from .eigenvalues import degree_steps
from .model import COSINE, SQUARED, N_Phi, N_Psi, N_x, bao, mu, p, rho, s, sigma2, y

folds = symbols("folds", integer=True)
collapsed = symbols("collapsed", integer=True)
eq8 = p**2 * (1 - (1 + sigma2) * p) - rho * p


def l2_steps(model):
    yield from to_modes(model)
    one = modes(model)
    yield Step("on the parabola, and off it", Tuple(parabola(model).states[p], one.states[p], one.states[s]))


def l2_threshold_steps(model):
    yield from to_scalar(model)
    cases = count_equilibria(scalar_flow(model), p).cases
    yield Step("no positive equilibrium exactly where", next(q.condition for q in cases if not q.positive))


def l2_fold_steps(model):
    yield from to_scalar(model)
    found = scalar_flow(model).fold_set()
    yield Step("folds", found)
    certain = found.nondegenerate and found.transversal[rho] in (1, -1)
    yield Step(
        "nondegenerate folds crossed transversally by rho",
        Dict({folds: Integer(sum(rho in f for f in found.explicit) if certain else 0)}),
    )


def l2_norms_steps(model):
    yield from to_scalar(model)
    (fold,) = (q for q in scalar_flow(model).fold_set().explicit if rho in q)
    norms = {N_Phi, N_Psi, N_x}
    yield Step(
        "decay at the fold, and how many of the norms enter Eqs. (8) and (7)",
        Tuple(fold[rho], *(Integer(len(norms & scalar_flow(q).states[p].free_symbols)) for q in (model, COSINE))),
    )


def truncated_steps(model):
    """Both flows without dimensions, the term p^6 of the cosine loss dropped; N_x > 0."""
    yield from to_scalar(model)
    overlap = symbols("overlap", positive=True)
    whole = scalar_flow(model)
    terms = whole.states[p].subs(N_x, overlap).expand().args
    cubic = Flow({p: sum(q for q in terms if degree(q, p) < 6)}, (N_Phi, N_Psi, overlap, rho, sigma2))
    yield Step("Eq. (7) without p^6", cubic)
    scaled = [q.nondimensionalize(states={p: y}, names=(mu,)) for q in (cubic, scalar_flow(SQUARED))]
    yield Step("both without dimensions", Tuple(*(q.flow.states[y] for q in scaled)))


CLAIMS = (
    bao(
        "eq8",
        "equation",
        Tuple(eq8, s * (1 - (1 + sigma2) * p) - rho * p, 2 * p * s * (1 - (1 + sigma2) * p) - 2 * rho * s),
        l2_steps,
        identity(),
        "Eq. (8)",
        model=SQUARED,
    ),
    bao(
        "L2.thr",
        "in-text",
        rho > 1 / (4 * (1 + sigma2)),
        l2_threshold_steps,
        equivalent(),
        "Sec. 5.3",
        model=SQUARED,
        note="collapse from every start; at equality the double root attracts from above",
    ),
    bao(
        "L2.nobif",
        "in-text",
        Eq(folds, 0),
        l2_fold_steps,
        refuted_at(),
        "Sec. 5.3",
        model=SQUARED,
        note="a nondegenerate fold at rho = 1/(4 (1 + sigma^2))",
        statement_latex=r"\text{the squared-loss flow (8) has no saddle-node bifurcation in } \rho",
    ),
    bao(
        "L2.nobif.fixed",
        "consequence",
        Tuple(1 / (4 * (1 + sigma2)), 0, 3),
        l2_norms_steps,
        identity(),
        "Sec. 5.3",
        model=SQUARED,
        source="new",
        corrects="bao2023.L2.nobif",
        note="(8) does bifurcate, in rho; what it lacks is the dependence on the three norms, which drift in time",
        statement_latex=r"\text{(8) has a fold at } \rho = \tfrac{1}{4(1 + \sigma^{2})} \text{ and contains none of "
        r"} N_{\Phi}, N_{\Psi}, N_{\times}",
    ),
    bao(
        "noreduce",
        "in-text",
        Tuple(6, 3),
        degree_steps,
        same_value(),
        "Sec. 5.3",
        note="scaling p and t keeps the degree, six against three; the cubic truncation does reduce",
        statement_latex=r"\text{degrees in } p \text{ of (7) and (8)} = (6, 3)",
    ),
    bao(
        "noreduce.truncated",
        "consequence",
        Tuple(y**2 - y**3 - mu * y, y**2 - y**3 - mu * y),
        truncated_steps,
        identity(),
        "Sec. 5.3",
        source="new",
        note="without its p^6 term, and for N_x > 0, (7) is (8) in other units",
        statement_latex=r"\text{(7) without } p^6 \text{ and (8) are both } \dot y = y^{2} - y^{3} - \mu y \text{ in "
        r"their units}",
    ),
    bao(
        "L2exp",
        "in-text",
        Eq(collapsed, 1),
        experiment_steps,
        cited("training runs of deep networks"),
        "Sec. 3",
        model=None,
        note="BYOL and SimSiam with the L2 loss; the linear model does not collapse for rho below the threshold of "
        "L2.thr",
        statement_latex=r"\text{BYOL and SimSiam collapse immediately with the } L^2 \text{ loss}",
    ),
)
