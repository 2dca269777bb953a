"""Figures 2 to 9 of the paper; and the regimes, errors and collapse that it does not draw.

The available copy lost the parameter values of the paper's figures; those below
are chosen so that every regime is seen, and each figure states its own.  What is
drawn comes from the derivation: its flows, its fold curve, its proved count.
Figures 5, 6, 8 and 9 put training with momentum and annealing beside it.
"""

from functools import lru_cache

import numpy as np
from sympy import Integer, Piecewise, Rational, Symbol, latex

from symssl import (
    Flow,
    compile_flow,
    compile_function,
    count_equilibria,
    draw,
    find_equilibria,
    follow,
    real_roots,
    regime_map,
    sq,
    train,
)
from symssl.derivations.bao2023 import (
    COSINE,
    COSINE_REGIMES,
    PAPER,
    SQUARED,
    N_Phi,
    N_Psi,
    N_x,
    Phi,
    flow as exact_flow,
    growth_rate,
    kappa,
    merged_flow,
    mu,
    p,
    parabola,
    rho,
    scalar_flow,
    scaling,
    sigma2,
    y,
)
from symssl.derivations.beyond import decaying, errors, spectrum
from symssl.simulate import LinearPredictor

__all__ = ["FIGURES"]

N = Symbol("N", positive=True)
COMMON = {N_x: Rational(1, 4), sigma2: Integer(1), rho: Rational(1, 10)}  # Figure 2
NORMS = {Integer(2): "", Integer(1): "", Rational(1, 4): ", nearly Stable"}
SHAPE, LEVELS = {kappa: Rational(1, 4)}, (Rational(1, 2), Rational(1, 5), Integer(0))  # Figure 3: levels of mu
NOISE = {sigma2: Rational(1, 4)}  # Figure 4
DECAYS = (Rational(1, 10), Rational(1, 5), Rational(3, 10))
UNIT = {N_Phi: Integer(1), N_Psi: Integer(1), N_x: Integer(0), **NOISE}  # Figure 7
SLOPES = (Rational(3, 5), Rational(1, 5), Integer(0))
SIZES = tuple(8 * 4**k for k in range(5))
LEARNER = LinearPredictor(64, 512, sigma2=1.0, rho=0.05, batch=64)  # Figures 5, 6, 8, 9
TRAINING = {"steps": 2500, "eta": 0.05, "momentum": 0.9, "anneal": 2500}

# the paper's names for the equilibria of each regime
MINUS, ZERO, MIDDLE, PLUS = "$p^{(-)}$", "$0$", r"$p_\blacktriangle$", "$p^{(+)}$"
DOUBLE = r"$p_\blacktriangle = p^{(+)}$"
EQUILIBRIA = {
    "Collapse": (MINUS, ZERO),
    "Acute": (MINUS, ZERO, MIDDLE, PLUS),
    "Fold": (MINUS, ZERO, DOUBLE),
    "Stable": (MINUS, ZERO, PLUS),
}
COLORS = {"Collapse": "0.6", "Acute": "sky", "Stable": "green"}
AWAY, DOWN, UP = ((r"$p \to -\infty$", "vermillion"), (r"$p \to 0$", "0.5"), (r"$p \to p^{(+)}$", "sky"))
FATES = {None: AWAY, ZERO: DOWN, PLUS: UP, DOUBLE: UP}  # where a trajectory ends, by the equilibrium


# --- reading a flow ----------------------------------------------------------------------


proved_count = lru_cache(count_equilibria)  # for all parameters; figures ask at many


def census(flow, at):
    """Equilibria of a flow at given parameters, and their stability, both certified."""
    ((state, rate),) = flow.states.items()
    return np.array([float(q) for q in real_roots(rate, state, at)]), proved_count(flow).at(at).stability


def velocity(flow, at, x):
    """The right-hand side at given parameters."""
    return compile_flow(flow.fix(at)).rhs(x)[0]


def directions(flow, at, points):
    """Signs of the velocity left of, between and right of the equilibria."""
    ends = np.concatenate([points[:1] - 1, points, points[-1:] + 1])
    return np.sign(velocity(flow, at, (ends[:-1] + ends[1:]) / 2)).astype(int)


def without_dimensions(groups):
    """The flow in which the groups are parameters, and these; without decay it is the Stable regime."""
    if groups[mu]:
        return scaling(COSINE).flow, groups
    return merged_flow(COSINE), {kappa: groups[kappa]}


def tell(values):
    """Values as text: $N_x = 1/4$, ..."""
    return ", ".join(f"${tex(q)} = {value}$" for q, value in values.items())


def tex(expr):
    """An expression in the paper's notation."""
    names = {q: PAPER.notation.get(q.name, latex(q)) for q in expr.free_symbols}
    return latex(expr, fold_short_frac=True, symbol_names=names).replace(r"\frac", r"\dfrac")  # readable in print


# --- pieces, on given axes ---------------------------------------------------------------


def mark(ax, flow, at, height=lambda point: 0.0):
    """Equilibria: filled stable, open unstable, half-stable filled on the side that it attracts."""
    points, kinds = census(flow, at)
    artists = []
    for point, kind, arriving in zip(points, kinds, directions(flow, at, points)):
        if kind == "half-stable":
            artists += half_stable(ax, point, arriving, height(point))
        else:
            artists += draw.equilibria([point], [kind == "stable"], ax, height(point))
    return artists


def half_stable(ax, point, arriving, height):
    return ax.plot(
        [point],
        [height],
        "o",
        fillstyle="left" if arriving > 0 else "right",
        markersize=5.2,
        zorder=4,
        markeredgecolor="black",
        markerfacecolor="black",
        markerfacecoloralt="white",
    )


def portrait(ax, flow, at, limits, **options):
    """A velocity over its state, equilibria marked."""
    x = np.linspace(*limits, 801)
    artists = draw.vector_field(x, velocity(flow, at, x), ax, **options)
    ax.set_xlim(limits)
    return artists + mark(ax, flow, at)


def name_crossings(ax, points, names):
    """Names of equilibria beside the curve that crosses zero there."""
    places = {MINUS: (-1, 1), ZERO: (-1, -1), MIDDLE: (1, -1), PLUS: (1, 1)}
    sides = {-1: "right", 1: "left"}, {-1: "top", 1: "bottom"}
    return [
        ax.annotate(name, (point, 0), (4 * dx, 4 * dy), textcoords="offset points", ha=sides[0][dx], va=sides[1][dy])
        for point, name in zip(points, names)
        for dx, dy in [places[name]]
    ]


def phase(ax, flow, at, limits, height=0.0, band=0.2):
    """A phase line on bands that show where the trajectories end; its regime and the artists."""
    points, kinds = census(flow, at)
    regime = COSINE_REGIMES[kinds]
    names, signs = EQUILIBRIA[regime], directions(flow, at, points)
    edges = np.concatenate([limits[:1], points, limits[1:]])
    artists = []
    for k, sign in enumerate(signs):
        fate, color = FATES[names[k] if sign > 0 else names[k - 1] if k else None]
        artists.append(
            ax.fill_between(
                edges[k : k + 2],
                height - band,
                height + band,
                alpha=0.4,
                linewidth=0,
                color=draw.PALETTE.get(color, color),
                label=fate,
            )
        )
    artists += draw.phase_line(points, np.array(kinds) == "stable", signs, ax, limits=limits, height=height)
    artists += [
        ax.annotate(name, (point, height + band), (0, 1), textcoords="offset points", ha="center", va="bottom")
        for point, name in zip(points, names)
    ]
    for point, kind, arriving in zip(points, kinds, signs):
        if kind == "half-stable":  # over the open marker of the phase line
            artists += half_stable(ax, point, arriving, height)
    return regime, artists


def fates(ax, artists, **options):
    """One legend entry for each colour of the bands."""
    bands = {q.get_label(): q for q in artists if q.get_label() in {fate for fate, _ in FATES.values()}}
    return ax.legend(bands.values(), bands.keys(), ncols=len(bands), loc="upper center", **options)


def branches(ax, flow, values):
    """All equilibria of a flow with one parameter, over that parameter, where they exist."""
    (parameter,) = flow.parameters
    artists = []
    for q in flow.equilibria():
        where = compile_function(Piecewise((1, q.condition), (0, True)), [parameter])(values) > 0
        if where.sum() > 1:
            points = compile_function(q.point, [parameter])(values[where])
            artists += draw.diagram([(values[where], points, np.full(points.shape, q.stability == "stable"))], ax)
    return artists


def callout(ax, box, groups):
    """A phase line in a box, with an arrow to its place in the plane of the groups."""
    place = (float(groups[kappa]), float(groups[mu]))
    small, limits = ax.inset_axes(box, zorder=5), (-1.35, 1.35)
    regime, artists = phase(small, *without_dimensions(groups), limits, band=0.3)
    small.set(xlim=limits, ylim=(-0.5, 1.1), xticks=[], yticks=[])
    small.spines[:].set(visible=True, linewidth=0.6)
    small.set_title(f"{regime}: {tell(groups)}", fontsize=8.5, pad=3)
    edge = (box[0] + box[2] / 2, box[1] if place[1] < box[1] * ax.get_ylim()[1] else box[1] + box[3] + 0.07)
    ax.annotate(
        "",
        place,
        edge,
        textcoords="axes fraction",
        zorder=4,
        arrowprops={"arrowstyle": "->", "color": "0.2", "shrinkB": 3, "linewidth": 0.8},
    )
    return [*artists, *ax.plot(*place, "k.", markersize=5, clip_on=False, zorder=6)]


@lru_cache
def fold_curve():
    """(kappa, mu) as a compiled function of the double root."""
    folds = scaling(COSINE).flow.fold_set()
    return compile_function([folds.parametrised[kappa], folds.parametrised[mu]], [y])


# --- the paper's figures -----------------------------------------------------------------


def figure2(fig):
    """Eq. (7) for three values of the norms."""
    fig.set_size_inches(7.2, 2.8)
    fig.suptitle(f"Cosine loss, eq. (7), $N_\\Phi = N_\\Psi = N$; values chosen here: {tell(COMMON)}", fontsize=9)
    artists = []
    for ax, (size, remark) in zip(fig.subplots(1, 3), NORMS.items()):
        flow, at = scalar_flow(COSINE).fix(COMMON), {N_Phi: size, N_Psi: size}
        points, kinds = census(flow, at)
        regime = COSINE_REGIMES[kinds]
        reach = abs(points).max()
        artists += portrait(ax, flow, at, (-1.6 * reach, 1.4 * reach), color=draw.PALETTE["blue"])
        top = velocity(flow, at, np.linspace(points[0], points[-1], 99)).max()
        ax.set_ylim(-0.9 * top, 1.25 * top)
        artists += name_crossings(ax, points, EQUILIBRIA[regime])
        draw.label(ax, "$p$", r"$\dot p$", f"{regime}{remark}\n$N = {size}$")
    return artists


def figure3(fig):
    """The regimes as phase lines."""
    fig.set_size_inches(6.4, 3.0)
    ax, limits = fig.add_subplot(), (-1.2, 1.2)
    artists, regimes = [], []
    for height, level in zip((2, 1, 0), LEVELS):
        regime, drawn = phase(ax, *without_dimensions({mu: level, **SHAPE}), limits, height)
        artists += drawn
        regimes.append(f"{regime}\n{tell({mu: level})}")
    draw.label(ax, r"$p\,/\sqrt{N_\Psi}$", "regime")
    ax.set_title(f"Cosine loss, eq. (7) without dimensions; values chosen here: {tell(SHAPE)}", fontsize=9)
    ax.set(xlim=limits, ylim=(-0.4, 2.55), yticks=(2, 1, 0), yticklabels=regimes)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return [*artists, fates(ax, artists, bbox_to_anchor=(0.5, -0.2))]


def figure4(fig):
    """Eq. (8) below, at and above the fold, and its equilibria over the decay."""
    fig.set_size_inches(7.2, 2.9)
    field, diagram = fig.subplots(1, 2)
    fig.suptitle(f"Squared loss, eq. (8); values chosen here: {tell(NOISE)}", fontsize=9)
    flow = scalar_flow(SQUARED).fix(NOISE)
    fold = next(q for q in scalar_flow(SQUARED).fold_set().explicit if rho in q)
    end, height = (float(fold[q].subs(NOISE)) for q in (rho, p))
    artists = []
    for decay, dashes in zip(DECAYS, ("-", "-.", ":")):
        artists += portrait(field, flow, {rho: decay}, (-0.2, 0.95), linestyle=dashes, label=tell({rho: decay}))
    field.set_ylim(-0.12, 0.08)
    field.locator_params(axis="y", nbins=5)
    field.legend(loc="lower left")
    draw.label(field, "$p$", r"$\dot p$")
    artists += branches(diagram, flow, np.linspace(0, 1.6 * end, 641)[1:])
    artists += diagram.plot([end], [height], "D", color=draw.PALETTE["vermillion"], markersize=5, zorder=3)
    for text, where in (
        (f"fold\n$\\rho = {tex(fold[rho])}$", (end, height)),
        ("stable", (end / 2, 1.75 * height)),
        ("unstable", (0.7 * end, 0.2 * height)),
        ("stable", (1.25 * end, 0)),
    ):
        artists.append(diagram.annotate(text, where, (8, 3), textcoords="offset points"))
    draw.label(diagram, r"$\rho$", "equilibria $p$")
    return artists


def figure7(fig):
    """Appendix C: the decay g against the rest f of the field at N_x = 0."""
    fig.set_size_inches(7.2, 2.8)
    fig.suptitle(f"Appendix C, $\\dot p = f(p) - g(p)$; values chosen here: {tell(UNIT)}", fontsize=9)
    rate = scalar_flow(COSINE).fix(UNIT).states[p]
    artists, x = [], np.linspace(-1.15, 1.15, 801)
    for ax, decay in zip(fig.subplots(1, 3, sharey=True), SLOPES):
        whole = Flow({p: rate.subs(rho, decay)})
        f = rate.subs(rho, 0)
        g = (f - whole.states[p]).expand()
        for part, name, dashes in ((f, "$f$", "-"), (g, r"$g = \rho p$", "-.")):
            artists += ax.plot(x, np.broadcast_to(compile_function(part, [p])(x), x.shape), dashes, label=name)
        artists += mark(ax, whole, {}, compile_function(g, [p]))
        regime = COSINE_REGIMES[census(whole, {})[1]]
        draw.label(ax, "$p$", "$f$, $g$", f"{regime}: {tell({rho: decay})}")
        ax.set(xlim=(-1.15, 1.15), ylim=(-0.75, 0.45))
    ax.legend(loc="lower center")
    return artists


# --- training beside the theory ----------------------------------------------------------


@lru_cache
def trained():
    """The run, the recordings (every fortieth) at which the theory is asked, and its equilibria there."""
    run = train(LEARNER, **TRAINING)
    shown = np.arange(0, len(run.steps), 10)
    return run, shown, [predicted(run, k) for k in shown]


def predicted(run, k):
    """(p^(-), the other unstable equilibrium, p^(+)) of eq. (7) at recorded norms; NaN for what is missing."""
    norms = {q: float(run[name][k]) for q, name in ((N_Phi, "N_Phi"), (N_Psi, "N_Psi"), (N_x, "N_x"))}
    found = find_equilibria(scalar_flow(COSINE), {**norms, sigma2: LEARNER.sigma2, rho: LEARNER.rho})
    points = {kind: [float(e.point) for e in found if e.stability == kind] for kind in ("unstable", "stable")}
    above = [q for q in points["unstable"] if q > 0]
    return points["unstable"][0], above[0] if above else np.nan, points["stable"][-1] if above else np.nan


def intervals(ax, top):
    """Where eq. (7) sends an eigenvalue, over the steps."""
    run, shown, equilibria = trained()
    steps, (low, middle, _) = run.steps[shown], np.array(equilibria).T
    low, middle = np.maximum(low, -top), np.where(np.isnan(middle), top, middle)
    artists = []
    for (fate, color), bottom, ceiling in zip(
        (AWAY, DOWN, UP), (0 * low - top, low, middle), (low, middle, 0 * low + top)
    ):
        artists.append(
            ax.fill_between(
                steps, bottom, ceiling, color=draw.PALETTE.get(color, color), alpha=0.3, linewidth=0, label=fate
            )
        )
    ax.set(xlim=steps[[0, -1]], ylim=(-top, top))
    return artists


def told():
    """What agrees of the eigenvalues with the intervals, in numbers."""
    run, shown, equilibria = trained()
    steps, p_, (_, middle, stable) = run.steps[shown], run["p"][shown], np.array(equilibria).T
    acute = ~np.isnan(middle)
    kept = 100 * (p_[acute, 0] > middle[acute]).mean()
    return (
        f"Eq. (7) at the norms of each step passes from Collapse to Acute at step {steps[acute][0]}; from then on "
        f"p_1 lies above the "
        f"unstable equilibrium in {kept:.0f} % of the recordings, and it ends at {p_[-1, 0]:.3f} beside p^(+) = "
        f"{stable[-1]:.3f}; "
        f"{(p_[-1] > middle[-1]).sum()} of {LEARNER.h} eigenvalues end in the interval of p^(+)."
    )


def setting(fig):
    fig.suptitle(
        f"$h = {LEARNER.h}$, $d = {LEARNER.d}$, $\\sigma^2 = {LEARNER.sigma2:g}$, $\\rho = {LEARNER.rho:g}$, batches "
        f"of "
        f"{LEARNER.batch}, $\\eta = {TRAINING['eta']:g}$ annealed, momentum {TRAINING['momentum']:g} (values chosen "
        f"here)",
        fontsize=8,
    )


def figure5(fig):
    """Eigenvalues of the symmetric part of W at the start, beside p^(-)."""
    runs = [LEARNER.observe(LEARNER.start(np.random.default_rng([seed, 0]))) for seed in range(20)]
    values, low = np.concatenate([o["p"] for o in runs]), trained()[2][0][0]
    ax = draw.label(
        fig.add_subplot(), "eigenvalues $p_j$ at the start", "density", f"$h = {LEARNER.h}$, {len(runs)} starts"
    )
    x = np.linspace(-(2**0.5), 2**0.5, 401)
    artists = [*ax.hist(values, 60, density=True, color=draw.PALETTE["sky"])[2]]
    artists += ax.plot(x, np.sqrt(np.maximum(2 - x**2, 0)) / np.pi, color="black", label="semicircle, $h \\to \\infty$")
    artists.append(ax.axvline(low, color=draw.PALETTE["vermillion"], label="$p^{(-)}$ of eq. (7)"))
    artists.append(ax.legend(loc="upper center"))
    ax.set_ylim(0, 0.65)
    return [
        *artists,
        draw.caption(
            fig,
            f"{(values < low).sum()} of {values.size} eigenvalues lie below p^(-) = {low:.2f}; the smallest is "
            f"{values.min():.2f}. The claim holds here, and by a margin: the edge of the semicircle is -2^(1/2), "
            f"while p^(-) "
            "goes with the norms of Phi and W Phi, which grow with h.",
        ),
    ]


def figure6(fig):
    """Norms, symmetry and commutation, and the leading eigenvalue over the intervals of eq. (7)."""
    run, *_ = trained()
    fig.set_size_inches(8.4, 3.1)
    setting(fig)
    left, center, right = fig.subplots(1, 3)
    artists = []
    for name, text in (("N_Phi", r"$N_\Phi$"), ("N_Psi", r"$N_\Psi$"), ("N_x", r"$N_\times$")):
        artists += left.plot(run.steps, run[name], label=text)
    for name, text in (
        ("asymmetry", r"$\Vert W - W^\top\Vert/\Vert W\Vert$"),
        ("commutator", r"$\Vert FW - WF\Vert/(\Vert F\Vert\Vert W\Vert)$"),
    ):
        artists += center.semilogy(run.steps, run[name], label=text)
    artists += intervals(right, 1.5)
    artists += right.plot(run.steps, run["p"][:, 0], color="black", lw=1.2, label="$p_1$")
    since, alone = by_equation(run)
    artists += right.plot(run.steps[since:], alone, ":", color="black", label="by eq. (7)")
    for ax, name in ((left, "norms"), (center, "how far from the assumptions"), (right, "$p_1$")):
        draw.label(ax, "step", name)
        outside = {"loc": "upper left", "bbox_to_anchor": (1, 1)} if ax is right else {"loc": "upper right"}
        artists.append(ax.legend(fontsize=8, **outside))
    center.set_ylim(1e-3, 100)
    squares, time = run["squares"], run.times[-1] / (1 - TRAINING["momentum"])
    kept, flow = np.sqrt(squares[-1, 1] / squares[0, 1]), np.exp(-LEARNER.rho * time)
    return [
        *artists,
        draw.caption(
            fig,
            told() + f" W ends symmetric up to {run['asymmetry'][-1]:.2f} and commutes with F up to "
            f"{run['commutator'][-1]:.3f}. The exact flow would shrink N_Phi by {flow:.0e}; finite steps on fresh "
            f"batches, which add to the norms of a loss without scale, leave {kept:.2f}. Eq. (7) itself, integrated "
            f"with the norms of each step from "
            f"step {run.steps[since]} on, takes p_1 to {alone[-1]:.1g}: training outlives its regime of Collapse.",
        ),
    ]


def by_equation(run):
    """(k, path): p_1 by eq. (7) with the norms of each recording, from the first one on at which N_x exceeds 9/10."""
    since = int(np.argmax(run["N_x"] > 0.9))
    times = run.times[since:] / (1 - TRAINING["momentum"])
    norms = {q.name: run[name][since:] for q, name in ((N_Phi, "N_Phi"), (N_Psi, "N_Psi"), (N_x, "N_x"))}
    flow, fixed = compile_flow(scalar_flow(COSINE)), {sigma2.name: LEARNER.sigma2, rho.name: LEARNER.rho}

    def rate(w):
        now = {name: np.interp(w["now"], times, seen) for name, seen in norms.items()}
        return flow.rhs(w["p"], **fixed, **now)[0]

    clock = follow({"p": rate, "now": lambda w: 1.0}, {"p": run["p"][since, 0], "now": times[0]}, times)
    return since, clock["p"]


def figure8(fig):
    """All eigenvalues, in size, over the steps."""
    run, *_ = trained()
    setting(fig)
    ax = draw.label(fig.add_subplot(), "step", "$|p_j|$")
    size = abs(run["p"])
    artists = [
        line
        for j in range(LEARNER.h)
        for line in ax.semilogy(run.steps, size[:, j], color=draw.PALETTE["blue"], lw=0.4, alpha=0.6)
    ]
    ax.set_ylim(1e-3, 3)
    first, last = run["p"][0], run["p"][-1]
    large = last > 0.1 * last.max()
    return [
        *artists,
        draw.caption(
            fig,
            f"The eigenvalues concentrate at zero, as the paper sees it, but not all but a few: {large.sum()} of "
            f"{LEARNER.h} stay large, within {100 * (1 - last[large].min() / last.max()):.0f} % of each other at the "
            f"end, "
            f"the others fall below {abs(last[~large]).max():.0e}. At the start {(first > 0).sum()} were positive.",
        ),
    ]


def figure9(fig):
    """The four largest eigenvalues over the intervals of eq. (7)."""
    run, *_ = trained()
    fig.set_size_inches(6.4, 4.6)
    setting(fig)
    artists = []
    for j, ax in enumerate(fig.subplots(2, 2, sharex=True, sharey=True).flat):
        artists += intervals(ax, 1.5)
        artists += ax.plot(run.steps, run["p"][:, j], color="black", lw=1.2)
        draw.label(ax, "step", f"$p_{j + 1}$")
    return [*artists, draw.caption(fig, told())]


# --- what the paper lacks ----------------------------------------------------------------


def regimes(fig):
    """All regimes of eq. (7) in the plane of its two groups."""
    fig.set_size_inches(7.2, 5.0)
    ax = fig.add_subplot()
    k, m = np.linspace(-2, 3, 701), np.linspace(0, 1.2, 501)[1:]
    codes, names = regime_map(scaling(COSINE).flow, {kappa: k, mu: m}).labelled(PAPER.regimes["cosine"])
    acute = codes.T == names.index("Acute")
    mesh, legend = draw.regime_map(
        k, m, acute.astype(int), ["Collapse", "Acute"], ax, colors=[COLORS["Collapse"], COLORS["Acute"]]
    )
    legend.remove()
    ax.set(xlim=(-2, 3), ylim=(0, 1.2))
    groups = scaling(COSINE).groups
    draw.label(ax, *(f"${tex(q)} = {tex(groups[q])}$" for q in (kappa, mu)))
    artists = [mesh, *ax.plot(*fold_curve()(np.geomspace(0.05, 1.5, 801)), color="black", linewidth=1.6)]
    artists += ax.plot((-2, 3), (0, 0), color=draw.PALETTE[COLORS["Stable"]], linewidth=5, clip_on=False)
    artists += ax.plot((0, 0), (0, 1.2), color="white", linewidth=0.8)
    artists += shrinking(ax)
    fold = {q: half.subs(y, Rational(1, 2)) for q, half in zip((kappa, mu), fold_curve().exprs)}
    for box, chosen in (
        ((0.05, 0.12), {kappa: Integer(-1), mu: Rational(3, 5)}),
        ((0.62, 0.78), {kappa: Integer(1), mu: Rational(4, 5)}),
        ((0.62, 0.50), fold),
        ((0.62, 0.22), {kappa: Integer(2), mu: Integer(0)}),
    ):
        artists += callout(ax, (*box, 0.33, 0.13), chosen)
    artists += [
        ax.text(-1, 1.05, "Collapse", fontsize=13),
        ax.text(-1.85, 0.8, "Acute", fontsize=13),
        ax.text(-1.9, 0.03, r"Stable on the line $\mu = 0$", color="#00523b"),
        ax.text(0.03, 1.13, r"$N_\times = 0$"),
        ax.text(0.48, 0.95, "Figure 2", color=draw.PALETTE["blue"]),
    ]
    return [*artists, fates(ax, artists, bbox_to_anchor=(0.5, -0.12))]


def shrinking(ax):
    """The setting of Figure 2 as its norms shrink."""
    groups = [scaling(COSINE).groups[q].subs({**COMMON, N_Phi: N, N_Psi: N}) for q in (kappa, mu)]
    path = compile_function(groups, [N])
    artists = ax.plot(*path(np.linspace(0, 3, 200)[1:]), color=draw.PALETTE["blue"], linestyle=":")
    for size in NORMS:
        place = path(float(size))
        artists += ax.plot(*place, ".", color=draw.PALETTE["blue"])
        artists.append(
            ax.annotate(
                f"$N = {size}$",
                place,
                (5, 1),
                textcoords="offset points",
                va="bottom",
                color=draw.PALETTE["blue"],
                fontsize=8,
            )
        )
    return artists


def truncation(fig):
    """Error of the cubic truncation and of the printed dynamics over the number of modes."""
    fig.set_size_inches(7.2, 3.3)
    fig.suptitle(f"Against the exact two-dimensional integral; values chosen here: {tell(NOISE)}", fontsize=9)
    spread, fading = fig.subplots(1, 2, sharey=True)
    artists = error_curves(spread, spectrum, "spread: $p_j$ from $0.2$ to $1.2$")
    guide = artists[0].get_ydata()[-1] * SIZES[-1]
    artists += spread.loglog(SIZES, guide / np.array(SIZES), color="0.5", linestyle=":", label=r"$\propto 1/h$")
    spread.legend(fontsize=8, loc="lower left")
    return artists + error_curves(fading, decaying, "decaying: $p_j = j^{-1/4}$")


def error_curves(ax, modes, title):
    """The errors for one spectrum."""
    found = np.array([errors(COSINE, size, float(NOISE[sigma2]), modes) for size in SIZES]).T
    names = ("cubic truncation", "printed eq. (7)", "its $p^6$ term alone")
    *artists, legend = draw.error_curves(SIZES, dict(zip(names, found)), ax)
    legend.remove()  # one legend for both panels
    draw.label(ax, "number of modes $h$", r"error of $H$, relative to $\|\mathrm{E}[z'\omega^\top]\|_F$")
    ax.set_title(title, fontsize=9)
    return artists


def collapse(fig):
    """The same eigenvalues with the norms held constant, and with the norms that they have."""
    fig.set_size_inches(7.2, 2.9)
    decay = {**NOISE, rho: Rational(1, 125)}
    at = {q.name: float(value) for q, value in decay.items()}
    start, times = {"p": np.array(spectrum(32)[0])}, np.linspace(0, 79, 400)
    closed, frozen = parabola(COSINE).compile(), compile_flow(scalar_flow(COSINE))
    norms = closed.couplings_at(start["p"], values=at)
    apart = follow(lambda w: {"p": frozen.rhs(w["p"], **at, **norms)[0]}, start, times)["p"]
    together = follow(lambda w: {"p": closed.rhs(w["p"], values=at)[0]}, start, times)["p"]
    fig.suptitle(f"Cosine loss, {start['p'].size} modes on the parabola; values chosen here: {tell(decay)}", fontsize=9)
    *axes, last = fig.subplots(1, 3)
    artists = []
    for ax, paths, title in zip(axes, (apart, together), ("norms held constant, eq. (7)", "norms alive, eq. (5)")):
        artists += ax.plot(times, paths[:, ::4], color=draw.PALETTE["blue"], linewidth=1)
        draw.label(ax, "$t$", "$p_j$").set_title(title, fontsize=9)
        ax.set_ylim(-0.03, 1.25)
    size = closed.couplings_at(together, values=at)[N_Phi.name]
    artists += last.plot(times, size / size[0], color=draw.PALETTE["blue"], label="eq. (5)")
    artists += last.plot(times, exact_norm(at[rho.name], times), "-.", label="exact flow")
    draw.label(last, "$t$", r"$N_\Phi(t)\,/\,N_\Phi(0)$").set_title("norm of the encoder", fontsize=9)
    last.set_ylim(-0.03, 1.25)
    last.legend(loc="lower left")
    return artists


def exact_norm(decay, times):
    """|Phi(t)|/|Phi(0)| of the exact flow, from the derivative of its square."""
    size, t = Symbol("size", positive=True), Symbol("t", positive=True)
    law = Flow({size: growth_rate(exact_flow(COSINE), sq(Phi)) * size}, (rho,)).closed_form(size, time=t)
    return np.sqrt(compile_function(law.solution.subs(dict(law.initial)[size], 1), [rho, t])(decay, times))


FIGURES = {
    "fig2": figure2,
    "fig3": figure3,
    "fig4": figure4,
    "fig5": figure5,
    "fig6": figure6,
    "fig7": figure7,
    "fig8": figure8,
    "fig9": figure9,
    "regimes": regimes,
    "errors": truncation,
    "collapse": collapse,
}
