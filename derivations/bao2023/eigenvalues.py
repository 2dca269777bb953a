"""Section 5.1, 5.2: eigenvalues, the invariant parabola, Eq. (7)."""

from sympy import Dict, Lt, Trace, Tuple, degree, exp, simplify, sqrt, symbols

from symssl import Flow, ModeSum, sq
from symssl.claims import Step, identity, refuted_at, same_value

from .derivation import THIN, flow, growth_rate, modes, parabola, scalar_flow, to_closed, to_modes, to_scalar
from .model import SQUARED, F, N_Phi, N_Psi, N_x, Phi, W, at_unit_decay, bao, c, p, r, rho, s, t

defect, scale = symbols("defect scale", real=True)


def mode_steps(model):
    yield from to_closed(model)
    yield THIN
    one = modes(model)
    yield Step(
        "common frames; s = phi^2; couplings as sums over modes",
        Tuple(Dict(dict(one.states)), Dict(dict(one.couplings))),
    )


def defect_steps(model):
    yield from to_modes(model)
    one = modes(model)
    rate = simplify(one.lie(s - p**2) / (s - p**2))
    yield Step("logarithmic derivative of s - p^2", rate)
    defect = Flow({c: rate * c}, (rho,)).closed_form(c, time=t)
    yield Step("solve for the defect c(t)", p**2 + defect.solution.subs(dict(defect.initial)[c], c))


def darboux_steps(model):
    yield from to_modes(model)
    frozen = modes(model).freeze()
    found = next(q for q in frozen.invariants(2) if {p, s} <= q.curve.free_symbols)
    scale = found.curve.coeff(s)
    yield Step("search all Darboux polynomials up to degree 2", Tuple((found.curve / scale).expand(), found.cofactor))


def forget_steps(model):
    gap_, size = F - W.T * W, sq(Phi)
    exact = flow(model)
    yield Step("the defect as a matrix in the exact flow", exact.lie(gap_))
    yield Step(
        "logarithmic derivatives of the total defect and of the scale |Phi|^2",
        Dict({defect: growth_rate(exact, Trace(gap_)), scale: growth_rate(exact, size)}),
    )


def forget_fixed_steps(model):
    exact = flow(model)
    yield Step("the defect as a matrix in the exact flow", exact.lie(F - W.T * W))
    yield Step(
        "this, and the logarithmic derivative of the total defect less that of the scale |Phi|^2",
        Tuple(exact.lie(F - W.T * W), growth_rate(exact, Trace(F - W.T * W)) - growth_rate(exact, sq(Phi))),
    )


def scalar_steps(model):
    yield from to_modes(model)
    yield Step("s - p^2 is invariant", simplify(modes(model).lie(s - p**2)))
    yield Step("restrict the modes to s = p^2", parabola(model).states[p])


def degree_steps(model):
    yield from to_scalar(model)
    yield Step("restrict both losses to s = p^2", Tuple(scalar_flow(model).states[p], scalar_flow(SQUARED).states[p]))
    yield Step("degrees in p", Tuple(*(degree(scalar_flow(m).states[p], p) for m in (model, SQUARED))))


# --- the statements as printed -----------------------------------------------------------

p_rate = r * (s / (N_Phi * N_Psi) - N_x * p * s / N_Psi**2 - 2 * p**2 * s**2 / (N_Phi * N_Psi**3)) - rho * p
s_rate = (
    2 * r * (p * s / (N_Phi * N_Psi) - N_x * p**2 * s / N_Psi**2 - 2 * p**3 * s**2 / (N_Phi * N_Psi**3)) - 2 * rho * s
)
N_defs = {
    N_Phi: sqrt(ModeSum(s)),
    N_Psi: sqrt(ModeSum(p**2 * s)),
    N_x: ModeSum(p * s) / (sqrt(ModeSum(s)) * sqrt(ModeSum(p**2 * s))),
}
eq7 = r * (p**2 / (N_Phi * N_Psi) - N_x * p**3 / N_Psi**2 - 2 * p**6 / (N_Phi * N_Psi**3)) - rho * p

CLAIMS = (
    bao("eq5", "equation", Tuple(Dict({p: p_rate, s: s_rate}), Dict(N_defs)), mode_steps, identity(), "Eq. (5)"),
    bao(
        "eq6",
        "equation",
        p**2 + c * exp(-2 * rho * t),
        defect_steps,
        identity(),
        "Eq. (6)",
        statement_latex=r"s(t) = p(t)^{2} + c\,e^{-2\rho t}",
    ),
    bao(
        "eq6.darboux",
        "consequence",
        Tuple(s - p**2, -2 * rho),
        darboux_steps,
        identity(),
        "behind Eq. (6)",
        note="the invariant parabola and its cofactor, found among all Darboux polynomials of degree two",
    ),
    bao(
        "eq6.forget",
        "in-text",
        Lt(defect, scale),
        forget_steps,
        refuted_at(at_unit_decay),
        "below Eq. (6)",
        note="the defect does vanish, but at the rate of the scale: the relative distance never shrinks",
        statement_latex=r"\tfrac{d}{dt}\log\operatorname{tr}(\Phi\Phi^{\top} - W^{\top}W) < "
        r"\tfrac{d}{dt}\log\lVert\Phi\rVert^{2}",
    ),
    bao(
        "eq6.forget.fixed",
        "consequence",
        Tuple(-2 * rho * (F - W.T * W), 0),
        forget_fixed_steps,
        identity(),
        "below Eq. (6)",
        source="new",
        corrects="bao2023.eq6.forget",
        note="the distance to the parabola relative to the weights is constant in time: the start is never forgotten",
        statement_latex=r"\tfrac{d}{dt}(\Phi\Phi^{\top} - W^{\top}W) = -2\rho(\Phi\Phi^{\top} - W^{\top}W), \quad "
        r"\tfrac{d}{dt}\frac{\operatorname{tr}(\Phi\Phi^{\top} - W^{\top}W)}{\lVert\Phi\rVert^{2}} = 0",
    ),
    bao("eq7", "equation", eq7, scalar_steps, identity(), "Eq. (7)"),
    bao(
        "sixth",
        "abstract",
        Tuple(6, 3),
        degree_steps,
        same_value(),
        "Abstract",
        statement_latex=r"\text{degrees in } p \text{ of (7) and (8)} = (6, 3)",
    ),
)
