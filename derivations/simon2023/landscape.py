"""Appendix F: one mode as a system with a broken symmetry."""

from sympy import (
    And,
    FiniteSet,
    Identity,
    Implies,
    Lt,
    MatrixSymbol,
    Ne,
    exp,
    sqrt,
    symbols,
)

from symssl import Diagonal, Orthonormal, inner, sq, total
from symssl.claims import Chapter, Step
from symssl.language import Along, At, Gradient, GradientFlow, Growth, Let, Object, Optimum, Rate, Stability, Zeros
from symssl.statements import derive

from .vocabulary import (
    ALIGNED,
    IN_FRAMES,
    ONE_MODE_FLOW,
    POSITIVE,
    POSITIVE_MODE,
    SCALARS,
    SUPERVISED,
    SUPERVISED_ONE,
    VALLEY,
    D,
    L,
    c_bar,
    d,
    gamma_j,
    j,
    m,
    n,
    positive,
    r,
    rate,
    s,
    s_j,
    same,
    sbar,
    sbar_0,
    t,
    target,
    vocabulary,
    w,
)

# --- sentences ---------------------------------------------------------------------------

chapter = Chapter("simon2023")

chapter.claim(
    "eq50",
    "equation",
    IN_FRAMES.sentence(
        And(
            same(At(L, ALIGNED), total((1 - gamma_j * s_j**2) ** 2, (j, d))),
            same(At(L, ALIGNED), total((1 - (sqrt(gamma_j) * s_j) ** 2) ** 2, (j, d))),
        ),
        positive(D),
    ),
    cite="Eq. (50)",
    note="gamma > 0 as assumed from Sec. 4.2 on",
)

SCALED = sqrt(rate) * r
SLOPE = At(Gradient(VALLEY, sbar), {sbar: SCALED})  # dL_j/dsbar


def scaled_velocity():
    yield Step("the velocity of sbar = gamma^(1/2) s", derive(Rate(SCALED, ONE_MODE_FLOW)))
    yield Step("the slope of L_j at sbar", derive(SLOPE))


@chapter.claim(
    "eq51",
    "equation",
    SCALARS.sentence(same(Rate(SCALED, ONE_MODE_FLOW), SLOPE)),
    cite="Eq. (51)",
    note="the sign is that of ascent, and a factor gamma_j is missing",
)
def eq51():
    yield from scaled_velocity()


@chapter.claim(
    "eq51.fixed",
    "consequence",
    SCALARS.sentence(same(Rate(SCALED, ONE_MODE_FLOW), -rate * SLOPE)),
    cite="Eq. (51)",
    corrects="eq51",
)
def eq51_fixed():
    yield from scaled_velocity()


DOWNHILL = GradientFlow(VALLEY, sbar)


@chapter.claim(
    "landscape1d",
    "in-text",
    SCALARS.sentence(
        And(
            same(At(VALLEY, {sbar: -sbar}), VALLEY),
            same(Zeros(DOWNHILL), FiniteSet(-1, 0, 1)),
            same(Optimum(VALLEY, sbar), 0),
            same(At(VALLEY, {sbar: 1}), 0),
            same(At(VALLEY, {sbar: -1}), 0),
            Implies(And(sbar > 0, sbar < 1), Lt(VALLEY, At(VALLEY, {sbar: 0}))),
        )
    ),
    cite="App. F",
    note="three stationary points; the landscape is symmetric, so that it falls on both sides of 0",
)
def landscape():
    yield Step("the stationary points", derive(Zeros(DOWNHILL)))
    yield Step("the least value, taken at 1", derive(Optimum(VALLEY, sbar), at={sbar: 1}))


AT_MINIMUM = Growth(ONE_MODE_FLOW, {r: 1 / sqrt(rate)})

chapter.claim(
    "appF.tauprime",
    "in-text",
    SCALARS.sentence(same(AT_MINIMUM, FiniteSet(-4 * rate))),
    cite="App. F",
    note="a time scale 1/(4 gamma) is a rate 4 gamma; the linear rate at the minimum is 8 gamma, twice that at the "
    "origin",
)

chapter.claim(
    "appF.tauprime.fixed",
    "consequence",
    SCALARS.sentence(same(AT_MINIMUM, FiniteSet(-8 * rate))),
    cite="App. F",
    corrects="appF.tauprime",
)

F, Fp = MatrixSymbol("F", n, d), MatrixSymbol("F'", n, d)
EMBEDDED_LOSS = sq((F.T * Fp + Fp.T * F) / (2 * n) - Identity(d))

chapter.claim(
    "ssb.sym",
    "in-text",
    vocabulary(
        Object(F, "the embeddings of the first views, one a row"),
        Object(Fp, "the embeddings of the second views, one a row"),
    ).sentence(same(At(EMBEDDED_LOSS, {F: -F, Fp: -Fp}), EMBEDDED_LOSS)),
    cite="App. F",
)

sigma, alpha = symbols("sigma alpha", positive=True)


@chapter.claim(
    "landau",
    "in-text",
    vocabulary(
        *SCALARS.entries,
        Let(sigma, 4 * rate, "the rate of growth of a small amplitude is sigma"),
        Let(alpha, 8 * rate**2, "the strength of saturation"),
    ).sentence(same(Rate(r**2, ONE_MODE_FLOW), 2 * sigma * r**2 - alpha * r**4)),
    cite="App. F",
    note="Landau's equation d|A|^2/dt = 2 sigma |A|^2 - alpha |A|^4 for the amplitude A = s",
)
def landau():
    yield Step("the velocity of the squared amplitude", derive(Rate(r**2, ONE_MODE_FLOW)))


LEARNED = sqrt(rate) * w  # cbar of the linear model
SQUARES = (target - c_bar) ** 2


@chapter.claim(
    "sup",
    "in-text",
    SCALARS.sentence(
        And(
            same(Gradient(Gradient(Gradient(SQUARES, c_bar), c_bar), c_bar), 0),
            same(At(Rate(w, SUPERVISED), {w: target / sqrt(rate)}), 0),
            Implies(Ne(LEARNED, target), Ne(Rate(w, SUPERVISED), 0)),
            Stability(SUPERVISED, {w: target / sqrt(rate)}, "stable"),
            same(At(Rate(LEARNED, SUPERVISED), {w: 0}), 2 * rate * target),
        )
    ),
    cite="App. F",
    note="quadratic, one equilibrium, which is stable; the velocity at cbar = 0 is of order one where the target is",
)
def supervised():
    yield Step("the velocity of the weight", derive(Rate(w, SUPERVISED)))
    yield Step("the velocity of cbar", derive(Rate(LEARNED, SUPERVISED)))


axes, sizes, signs = (MatrixSymbol(name, m, m) for name in ("V", "A", "Sigma"))
hessian_, shift, turned = MatrixSymbol("H", m, m), MatrixSymbol("xbar", m, 1), MatrixSymbol("u", m, 1)

chapter.claim(
    "morse.quadratic",
    "consequence",
    vocabulary(
        Object(shift, "the distance from the saddle"),
        Object(axes, "the axes of the Hessian, as columns", Orthonormal(axes)),
        Object(sizes, "the roots of the absolute curvatures, on the diagonal", Diagonal(sizes)),
        Object(signs, "the signs of the curvatures, on the diagonal", Diagonal(signs)),
        Let(hessian_, axes * sizes * signs * sizes * axes.T, "the Hessian"),
        Let(turned, sizes * axes.T * shift, "coordinates along the axes, rescaled"),
    ).sentence(same(inner(shift, hessian_ * shift), inner(turned, signs * turned))),
    cite="App. F",
    corrects="morse",
    note="to second order a rescaling of the axes of the Hessian is enough; beyond it Morse's lemma gives a change of "
    "coordinates",
)

SWITCHED = Along(sqrt(rate) * s, POSITIVE_MODE, t, {s: sbar_0 / sqrt(rate)})
STEADY = Along(LEARNED, SUPERVISED_ONE, t, {w: 0})
CURVE = sbar_0 / sqrt(sbar_0**2 + (1 - sbar_0**2) * exp(-8 * rate * t))


@chapter.claim(
    "fig8",
    "figure",
    POSITIVE.sentence(
        And(
            same(At((1 - rate * s**2) ** 2, {s: sbar / sqrt(rate)}), VALLEY),
            same(SWITCHED, CURVE),
            same(STEADY, 1 - exp(-2 * rate * t)),
        ),
        sbar_0 < 1,
    ),
    cite="Figure 8",
    note="(A) the landscape; (C) and (D) the trajectories, the latter with target 1; (B) is sup",
)
def figure_8():
    yield Step("(C), verified", derive(SWITCHED, (sbar_0 < 1,), form={s: CURVE / sqrt(rate)}))
    yield Step("(D), verified", derive(STEADY, form={w: (1 - exp(-2 * rate * t)) / sqrt(rate)}))


CLAIMS = chapter.claims
