"""Figures 1 to 6 of the paper, run again.

What the paper's recipe leaves open is chosen here.  The data of Figures 1 to 4 and 6 are two half circles in the
plane with a third coordinate of noise alone, standard deviation 0.1 on each, not centred.  Positive samples add noise
of
variance 0.1, negative ones are independent rows.  Losses are means over samples, not sums: with the rate 0.01 of the
paper the sum would make every step too long.  The handwritten digits are those of scikit-learn, 8 x 8 pixels, for the
paper's MNIST.  "(10)" is descent, with the sign put right, each layer then projected back to the nearest one with
orthonormal columns; it follows

    dq/dt = -4 L q + L q q^T q + 3 q q^T L q - (l - 2)(L q - q q^T L q),    L = diag(lambda),

for l layers, and not Eq. (8), which is the flow of the *projected* gradient.  For one output both run alike along v_1.
"""

from functools import lru_cache
from math import pi, sqrt
from time import perf_counter

import numpy as np
from matplotlib.lines import Line2D

from symssl import InputError, draw
from symssl.simulate import (
    HiddenLayer,
    OrthonormalTrace,
    ReducedTrace,
    contrast_matrix,
    digit_classes,
    noisy_pairs,
    train,
)

__all__ = ["FIGURES"]

ETA, NOISE = 0.01, sqrt(0.1)
WIDTHS = (10, 100, 1000)
COLORS = [draw.PALETTE[name] for name in ("blue", "vermillion", "green", "purple", "orange", "sky", "black")]


# --- data and runs -----------------------------------------------------------------------


@lru_cache
def moons(samples=200, seed=0):
    """(points in space, on which arc): two interleaved half circles."""
    rng = np.random.default_rng(seed)
    turn, arc = pi * rng.random(samples), np.arange(samples) % 2
    points = np.stack([np.cos(turn), np.sin(turn), 0 * turn], 1)
    points[arc == 1] = [1, 0.5, 0] - points[arc == 1]
    return points + 0.1 * rng.standard_normal(points.shape), arc


@lru_cache
def contrast():
    """C of the half circles."""
    X, _ = moons()
    return contrast_matrix(X, *noisy_pairs(X, NOISE))


@lru_cache
def weights(width, outputs=1, layers=2, rule="corrected", seed=0, steps=500):
    """A run of (10)."""
    return train(
        OrthonormalTrace(contrast(), outputs, width=width, layers=layers, rule=rule),
        steps=steps,
        eta=ETA,
        rng=seed,
        every=2,
    )


@lru_cache
def reduced(rule, width, outputs=1, layers=2, seed=0, steps=500):
    """A run of the outputs alone, from the outputs of that run of (10)."""
    net = ReducedTrace(np.linalg.eigvalsh(contrast()), outputs, width=max(width, outputs), layers=layers, rule=rule)
    start = {"q": weights(width, outputs, layers, seed=seed, steps=steps)["q"][0]}
    return train(net, steps=steps, eta=ETA, start=start, every=2)


def apart(run, other):
    """The largest distance between the outputs of two runs, of any entry at any step."""
    return abs(run["q"] - other["q"]).max()


def halfway(run):
    """Steps until the loss has come half the way to its end, between recordings too."""
    loss = run["loss"]
    return float(np.interp(0.5, (loss - loss[0]) / (loss[-1] - loss[0]), run.steps))


def handles(names, styles):
    """Lines for a legend: colours, then dashes."""
    return [
        *(Line2D([], [], color=color, label=name) for name, color in zip(names, COLORS)),
        *(Line2D([], [], color="0.3", linestyle=dashes, label=name) for name, dashes in styles.items()),
    ]


class HiddenUnits(HiddenLayer):
    """The network on a few samples, their outputs recorded too."""

    def __init__(self, samples, outputs, width, activation="tanh", kept=True):
        super().__init__(
            samples, *noisy_pairs(samples, NOISE), outputs=outputs, width=width, activation=activation, orthonormal=kept
        )

    def observe(self, weights):
        return {**super().observe(weights), "u": self.map(weights, self.samples[0])}


def told(fig, text):
    """The text below a figure, in lines that fit whatever the letters."""
    return draw.caption(fig, text, 103)


# --- the paper's figures -----------------------------------------------------------------


@lru_cache
def tangled(kept, seed=0, steps=500):
    """A run of Example 1 with rate 0.1."""
    frames = HiddenUnits(moons()[0], 2, 10).start(np.random.default_rng([seed, 0]))
    return train(HiddenUnits(moons()[0], 2, 10, kept=kept), steps=steps, eta=0.1, rng=seed, start=frames, every=10)


def flatness(u):
    """The smaller of the two standard deviations of a cloud of points over the larger: zero on a line."""
    large, small = np.linalg.svd(u - u.mean(0), compute_uv=False)
    return small / large


def figure1(fig):
    """Half circles, losses and embeddings with and without orthonormal layers."""
    fig.set_size_inches(7.2, 5.0)
    axes = fig.subplot_mosaic("AAABBB;CCDDEE")
    X, arc = moons()
    artists = [axes["A"].scatter(*X[arc == k, :2].T, s=8, color=COLORS[k]) for k in range(2)]
    draw.label(axes["A"], "$x_1$", "$x_2$", "data; the third coordinate is noise")
    seeds, losses = range(20), {}
    for kept, name, dashes, color in (
        (False, "no constraint", "--", "purple"),
        (True, "orthonormal layers", "-", "green"),
    ):
        runs = [tangled(kept, seed, 500 if kept else 60) for seed in seeds]
        losses[kept] = np.mean([run["loss"] for run in runs], 0)
        artists += axes["B"].semilogy(runs[0].steps, -losses[kept], dashes, color=draw.PALETTE[color], label=name)
    axes["B"].legend(loc="center right")
    draw.label(axes["B"], "epoch", "minus the loss", "mean of 20 starts")
    clouds = {"C": (True, 0, "both"), "D": (False, 30, "no constraint"), "E": (True, 500, "orthonormal")}
    flat = {}
    for place, (kept, epoch, title) in clouds.items():
        pictures = [embedded(kept, epoch, seed) for seed in seeds]
        flat[place] = np.median([flatness(u) for u in pictures])
        u = pictures[0] / abs(pictures[0]).max()
        artists += [axes[place].scatter(*u[arc == k].T, s=8, color=COLORS[k]) for k in range(2)]
        draw.label(axes[place], r"$u_1\,/\,\max|u|$", r"$u_2\,/\,\max|u|$", f"{title}, epoch {epoch}")
        axes[place].title.set_fontsize(10)
    settled = abs(losses[True][-1] - losses[True][-6])
    told(
        fig,
        f"Agrees: without constraint the loss does not converge, {losses[False][3]:.0e} after 30 epochs and "
        f"{losses[False][-1]:.0e} after 60; with orthonormal layers it ends at {losses[True][-1]:.3f}, moved by "
        f"{settled:.0e} in the last 50. The embedding collapses to a line only without: the smaller standard deviation "
        f"is {flat['C']:.2f} of the larger at the start, {flat['D']:.0e} at epoch 30, and {flat['E']:.2f} at epoch 500 "
        "with them (medians). Not in the paper's text and chosen here: 200 points, h = 10, the rate 0.1, orthonormal "
        "starts for both.",
    )
    return artists


def embedded(kept, epoch, seed):
    """The embedding of the data after so many epochs."""
    run = tangled(kept, seed, 500 if kept else 60)
    return run["u"][list(run.steps).index(epoch)]


@lru_cache
def straight(width, seed, samples=20):
    """A run of the linear network of Figure 2, and its outputs at the samples."""
    X = moons()[0][:samples]
    net = OrthonormalTrace(contrast_matrix(X, *noisy_pairs(X, NOISE)), 2, width=width)
    run = train(net, steps=100, eta=ETA, rng=seed, every=10)
    return run, X @ net.eigenvectors @ run["q"]


@lru_cache
def differences(phi, widths, starts=10, samples=20):
    """(|u_phi - u_I|, |u_I|) for each width and recorded epoch, means over samples and starts."""
    found = []
    for width in widths:
        net = HiddenUnits(moons()[0][:samples], 2, width, phi.lower())
        for seed in range(starts):
            run, line = train(net, steps=100, eta=ETA, rng=seed, every=10), straight(width, seed)[1]
            found.append([np.linalg.norm(a, axis=2).mean(1) for a in (run["u"] - line, line)])
    return np.reshape(found, (len(widths), starts, 2, -1)).mean(1).swapaxes(0, 1)


def figure2(fig):
    """What the activation changes, over the epochs and the width."""
    fig.set_size_inches(7.2, 4.6)
    widths = (10, 32, 100, 316, 1000)
    above, below = fig.subplots(2, 3, sharex=True, sharey="row")
    artists, powers, ends = [], {}, {}
    for phi, ax, share in zip(("sigmoid", "tanh", "ReLU"), above, below):
        away, size = differences(phi, widths)
        powers[phi] = [np.polyfit(np.log(widths), np.log(away[:, k]), 1)[0] for k in (0, -1)]
        ends[phi] = away[[0, -1], -1] / size[[0, -1], -1]
        for width, path, part, color in zip(widths, away, away / size, COLORS):
            steps = straight(width, 0)[0].steps
            artists += ax.semilogy(steps, path, color=color, label=f"$h = {width}$")
            artists += share.semilogy(steps, part, color=color)
        draw.label(ax, "epoch", r"$\Vert u^\phi - u^I\Vert$", phi)
        draw.label(share, "epoch", r"$\Vert u^\phi - u^I\Vert\,/\,\Vert u^I\Vert$")
    above[0].legend(loc="lower right")
    told(
        fig,
        f"Agrees: for tanh the difference falls with the width, at the start like h to the power "
        f"{powers['tanh'][0]:.2f} (the bound of Theorem 1 falls like -1/2), after 100 epochs {powers['tanh'][1]:.2f}. "
        f"Does not: for ReLU the powers are {powers['ReLU'][0]:.2f} and {powers['ReLU'][1]:.2f}, and the difference "
        f"falls only as the outputs themselves do: after 100 epochs it is {ends['ReLU'][0]:.2f} of them for h = 10 and "
        f"{ends['ReLU'][1]:.2f} for h = 1000. For the sigmoid it hardly grows with the width, powers "
        f"{powers['sigmoid'][0]:.2f} and {powers['sigmoid'][1]:.2f}, but beside the outputs it does, from "
        f"{ends['sigmoid'][0]:.1f} of them to {ends['sigmoid'][1]:.1f}. Means of 10 starts and 20 points, two outputs.",
    )
    return artists


def figure3(fig):
    """Losses and outputs of (10) and (11)."""
    fig.set_size_inches(7.2, 3.0)
    left, right = fig.subplots(1, 2)
    artists = []
    for width, color in zip(WIDTHS, COLORS):
        for run, dashes in (
            (weights(width), "-"),
            (reduced("printed", width), "--"),
            (reduced("corrected", width), ":"),
        ):
            artists += left.plot(run.steps, run["loss"], dashes, color=color)
    draw.label(left, "step", "loss", "loss, one output")
    left.legend(
        handles=handles(
            [f"$h = {w}$" for w in WIDTHS],
            {"(10), sign put right": "-", "(11) as printed": "--", "(11), step doubled": ":"},
        ),
        loc="upper right",
    )
    seeds = range(6)
    for seed, color in zip(seeds, COLORS):
        for run, dashes in ((weights(10, seed=seed), "-"), (reduced("printed", 10, seed=seed), "--")):
            artists += right.plot(run.steps, run["q"][:, 0, 0], dashes, color=color)
    net = OrthonormalTrace(contrast(), 1, width=10)
    still = train(net, steps=500, eta=ETA, every=2, start=orthogonal_start(net))
    artists += right.plot(still.steps, still["q"][:, 0, 0], "-.", color="black")
    right.annotate("started orthogonal to $v_1$", (500, 0), (0, 3), textcoords="offset points", ha="right")
    draw.label(right, "step", r"$u(v_1)$", "output at the lowest eigenvector, $h = 10$")
    slow = [halfway(reduced("printed", w)) / halfway(weights(w)) for w in WIDTHS]
    gaps = {rule: max(apart(weights(w), reduced(rule, w)) for w in WIDTHS) for rule in ReducedTrace.rules}
    ends = max(abs(weights(w)["loss"][-1] - reduced("printed", w)["loss"][-1]) for w in WIDTHS)
    up = weights(10, rule="printed")["loss"][[0, -1]]
    third = abs(still["q"][-1, 1, 0])
    told(
        fig,
        f"Agrees: all end at one loss, within {ends:.0e}, and at one of two points. Does not: a start orthogonal to "
        f"$v_1$ ends at a third, with {third:.3f} for the output at $v_2$; as printed, (10) ascends, from the loss "
        f"{up[0]:.3f} to {up[1]:.3f}; and (11) does not stay close: it takes {min(slow):.2f} to {max(slow):.2f} times "
        f"the steps to half the loss, and its outputs are up to {gaps['printed']:.2f} away. With its step doubled, "
        f"{gaps['corrected']:.3f}; against the equation that (10) follows, {gaps['unprojected']:.3f}.",
    )
    return artists


def orthogonal_start(net):
    """Random frames whose outputs vanish at v_1: W_2 loses its part along W_1 v_1."""
    first = net.start(np.random.default_rng(0))
    along = first["W1"] @ net.eigenvectors[:, :1]
    W2 = first["W2"] - along @ (along.T @ first["W2"])
    return {"W1": first["W1"], "W2": W2 / np.linalg.norm(W2)}


def figure4(fig):
    """How much of the eigenvectors the outputs span."""
    fig.set_size_inches(7.2, 4.6)
    *axes, last = fig.subplots(2, 2).flat
    gaps = np.diff(np.linalg.eigvalsh(contrast()))
    artists, rates, least = [], [], 1
    for z, ax in zip((1, 2, 3), axes):
        pair = weights(100, z, steps=1000), reduced("corrected", 100, z, steps=1000)
        for run, dashes in zip(pair, ("-", "--")):
            seen = run["projections"]
            for k, color in zip(range(3), COLORS):
                artists += ax.plot(run.steps, seen[:, k], dashes, color=color)
            least = min(least, seen[-1, :z].min())
            if z < 3:
                away = 1 - seen[:, :z].min(1)
                shown = (away > 1e-11) & (away < 0.1)
                artists += last.semilogy(run.steps[shown], away[shown], dashes, color=COLORS[z + 2])
                rate = np.polyfit(run.times[shown][-50:], np.log(away[shown][-50:]), 1)[0] / -gaps[z - 1]
                rates.append(rate)
        draw.label(ax, "step", r"$\Vert P_q v_i\Vert$", f"$z = {z}$").set(ylim=(-0.05, 1.1), yticks=(0, 0.5, 1))
    draw.label(last, "step", r"$1 - \min_{i \leq z} \Vert P_q v_i\Vert$", "what is missing")
    last.legend(handles=[Line2D([], [], color=c, label=f"$z = {z}$") for z, c in ((1, COLORS[3]), (2, COLORS[4]))])
    axes[1].legend(handles=handles(["$v_1$", "$v_2$", "$v_3$"], {"(10), $h = 100$": "-", "(11), step doubled": "--"}))
    told(
        fig,
        f"Agrees: the norms of the first z, projected on the span of the columns of q, tend to one; at the end the "
        f"least is {least:.6f}. What is missing decays like exp(-r g t) with the gap g of eigenvalues: under (10), "
        f"r = {rates[0]:.2f} for z = 1 and {rates[2]:.2f} for z = 2, under (8) {rates[1]:.2f} and {rates[3]:.2f}; "
        "predicted are 6 and 4. With z = 3 the outputs span all of space from the start, so that panel shows nothing "
        "of "
        "the dynamics.",
    )
    return artists


@lru_cache
def digits():
    """(images, labels) to train and to test with, and C of the first: 170 threes and eights each; there are no 200."""
    X, labels = digit_classes(3, 8, samples=170)
    half = len(X) // 2
    return (
        (X[:half], labels[:half]),
        (X[half:], labels[half:]),
        contrast_matrix(X[:half], *noisy_pairs(X[:half], NOISE)),
    )


def seconds(net, steps, **more):
    """Of a step, the fastest of three runs."""
    found = []
    for _ in range(3):
        began = perf_counter()
        train(net, steps=steps, eta=ETA, every=steps, **more)
        found.append((perf_counter() - began) / steps)
    return min(found)


def accuracy(q, frame):
    """Of a linear support vector machine on the outputs, for the images that it has not seen."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise InputError(f"the accuracies need scikit-learn: pip install 'symssl[data]' ({error})") from None
    (seen, labels), (unseen, truth), _ = digits()
    u, other = (X @ frame @ q for X in (seen, unseen))
    scale = u.std(0)
    return (
        LinearSVC(dual=False).fit((u - u.mean(0)) / scale, labels).predict((other - u.mean(0)) / scale) == truth
    ).mean()


@lru_cache
def downstream(outputs=2, width=128, steps=400, starts=5):
    """(steps, {name: accuracy, mean over starts}, the largest difference of (10) and each other)."""
    C = digits()[2]
    net = OrthonormalTrace(C, outputs, width=width)
    curves = {"(10)": [], "(11) as printed": [], "(11), step doubled": []}
    for seed in range(starts):
        runs = [train(net, steps=steps, eta=ETA, rng=seed, every=20)]
        for rule in ("printed", "corrected"):
            small = ReducedTrace(net.eigenvalues, outputs, width=width, rule=rule)
            runs.append(train(small, steps=steps, eta=ETA, every=20, start={"q": runs[0]["q"][0]}))
        for run, curve in zip(runs, curves.values()):
            curve.append([accuracy(q, net.eigenvectors) for q in run["q"]])
    return runs[0].steps, {name: np.mean(curve, 0) for name, curve in curves.items()}


def figure5(fig):
    """Time of a step over the width, and what a linear classifier makes of the outputs."""
    fig.set_size_inches(7.2, 2.9)
    left, right = fig.subplots(1, 2)
    C, widths = digits()[2], np.array([64, 128, 256, 512, 1024, 2048])
    seconds(OrthonormalTrace(C, 2), 20)  # wakes the linear algebra
    full = np.array([seconds(OrthonormalTrace(C, 2, width=int(w)), 12) for w in widths])
    small = np.array([seconds(ReducedTrace(np.linalg.eigvalsh(C), 2, width=int(w)), 200) for w in widths])
    artists = left.loglog(widths, 1e3 * full, "o-", label="(10)") + left.loglog(
        widths, 1e3 * small, "s--", label="(11)"
    )
    left.set_ylim(0.3 * 1e3 * small.min(), 10 * 1e3 * full.max())
    left.legend(loc="upper left", ncols=2)
    draw.label(left, "width $h$", "time of a step (ms)", "64 pixels, two outputs")
    steps, curves = downstream()
    for (name, curve), dashes in zip(curves.items(), ("-", "--", ":")):
        artists += right.plot(steps, 100 * curve, dashes, label=name)
    right.set_ylim(45, 103)
    right.legend(loc="lower right")
    draw.label(right, "step", "accuracy (%)", "linear classifier, 3 against 8")
    reference, *others = curves.values()
    apart = [100 * abs(reference - other) for other in others]
    power = np.polyfit(np.log(widths[-3:]), np.log(full[-3:]), 1)[0]
    told(
        fig,
        f"Agrees: a step of (11) is {full[0] / small[0]:.0f} to {full[-1] / small[-1]:.0f} times as fast and knows no "
        f"width; (10) grows like h to the power {power:.1f} from 512 on, times of the machine that drew this. The "
        f"accuracies end at {100 * reference[-1]:.1f} % for (10) and {100 * others[0][-1]:.1f} % for (11) as "
        f"printed. Does "
        f"not: on the way they are up to {apart[0].max():.1f} points apart, {apart[1].max():.1f} with its step "
        f"doubled. "
        "Digits of 8 x 8 pixels, half of them to train and half to test; mean of five starts.",
    )
    return artists


def figure6(fig):
    """One, two and three hidden layers from the same outputs."""
    fig.set_size_inches(7.2, 3.0)
    artists, runs = [], {}
    for ax, rule, title in zip(
        fig.subplots(1, 2, sharey=True),
        ("projected", "corrected"),
        ("projected gradient, Eq. (8)", "gradient, then projected back, (10)"),
    ):
        for layers, dashes, color in zip((2, 3, 4), ("-", "--", ":"), COLORS):
            run = runs[rule, layers] = deep(layers, rule)
            artists += ax.plot(
                run.steps,
                run["q"][:, 0, 0],
                dashes,
                color=color,
                linewidth=2 if layers > 2 else 1.5,
                label=f"{layers - 1} hidden layer{'s' if layers > 2 else ''}",
            )
        draw.label(ax, "step", r"$u(v_1)$", title)
        ax.legend(loc="lower right")
    same = max(apart(runs["projected", 2], runs["projected", layers]) for layers in (3, 4))
    start = {"q": runs["corrected", 2]["q"][0]}
    follows = []
    for layers in (2, 3, 4):
        small = ReducedTrace(np.linalg.eigvalsh(contrast()), 1, width=10, layers=layers, rule="unprojected")
        follows.append(apart(train(small, steps=300, eta=ETA, every=2, start=start), runs["corrected", layers]))
    times = [halfway(runs["corrected", layers]) for layers in (2, 3, 4)]
    ends = np.ptp([run["loss"][-1] for run in runs.values()])
    told(
        fig,
        f"Agrees: all end alike, their losses within {ends:.0e}; under the projected gradient the paths are the same "
        f"for any depth, within {same:.0e}. Does not: under (10), which projects the weights back, depth is speed. "
        f"Half "
        f"the loss takes {times[0]:.0f}, {times[1]:.0f} and {times[2]:.0f} steps, {times[0] / times[1]:.2f} and "
        f"{times[0] / times[2]:.2f} times as fast as one hidden layer; small outputs grow 1.25 and 1.5 times as "
        f"fast, by "
        f"the equation that (10) follows (outputs within {max(follows):.3f}).",
    )
    return artists


@lru_cache
def deep(layers, rule, width=10, steps=300):
    """A run of square layers, random rotations that the last one undoes: every depth starts at the same outputs."""
    net = OrthonormalTrace(contrast(), 1, width=width, layers=layers, rule=rule)
    flat = OrthonormalTrace(contrast(), 1, width=width).start(np.random.default_rng(1))
    start, last = {**net.start(np.random.default_rng(2)), "W1": flat["W1"]}, flat["W2"]
    for k in range(2, layers):
        last = start[f"W{k}"] @ last
    return train(net, steps=steps, eta=ETA, every=2, start={**start, f"W{layers}": last})


FIGURES = {"fig1": figure1, "fig2": figure2, "fig3": figure3, "fig4": figure4, "fig5": figure5, "fig6": figure6}
