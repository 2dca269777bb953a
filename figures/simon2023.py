"""Figure 1, A and B, of the paper: descent on pairs of image crops beside the derived trajectories.

The recipe is that of `symssl.derivations.simon2023.training`, with centred pixels and a rate ten
times the paper's, so that the picture takes seconds.
"""

from functools import lru_cache

import numpy as np

from symssl import draw
from symssl.derivations.simon2023.training import BARLOW, loss

__all__ = ["FIGURES"]

SETTINGS = {"eta": 5e-4}


@lru_cache
def experiment():
    """(run, table of modes, predicted loss, predicted eigenvalues) of one training run."""
    settings = BARLOW.given(SETTINGS)
    learner = BARLOW.build(settings, "centred", 0)
    start = learner.start(np.random.default_rng([0, 0]))
    run, modes, _ = BARLOW.run(SETTINGS, data="centred")
    return run, modes, loss(learner, start, settings, run), curves(run, modes)


def curves(run, modes):
    """Predicted eigenvalues of C: each mode's logistic curve about its half time in the pace of descent."""
    from symssl import power_trajectory
    from symssl.derivations.simon2023.linear import LOSS, gamma, mode_flow
    path = power_trajectory(mode_flow(LOSS))
    columns = []
    for value, s0 in zip(modes["eigenvalue"], modes["start"]):
        at = {gamma.name: value}
        columns.append(value*path.at(run.times*path.pace(run.eta, **at), s0, **at)**2)
    return np.array(columns)


def tell(modes):
    """What agrees, mode by mode, in numbers."""
    flow, descent = (abs(modes[f"error ({name})"]) for name in ("flow", "descent"))
    k, eigenvalue = descent.argmax(), modes["eigenvalue"]
    gap = np.delete(abs(eigenvalue/eigenvalue[k] - 1), k).min()
    return (f"Step times of the ten modes: the rate log(1 + 4 eta gamma)/eta predicts them within {100*descent.max():.2g} % "
            f"(worst: mode {k + 1}, whose eigenvalue is {100*gap:.0f} % off the next; median {100*np.median(descent):.2g} %), "
            f"the flow within {100*flow.max():.2g} % (worst: mode {flow.argmax() + 1}).")


def losses(fig):
    """Figure 1A: the loss falls by one with every mode."""
    run, modes, predicted, _ = experiment()
    ax = draw.label(fig.add_subplot(), "time", "loss", "500 pairs of image crops, 10 components")
    artists = ax.semilogx(run.times[1:], run.observed["loss"][1:], label="descent")
    artists += ax.semilogx(run.times[1:], predicted[1:], "--", label="derived")
    artists += [ax.axvline(t, color="0.8", lw=0.8, zorder=0) for t in modes["predicted (descent)"]]
    artists.append(ax.legend(loc="lower left"))
    off = abs(predicted - run.observed["loss"])
    return [*artists, draw.caption(fig, tell(modes) + f" The loss deviates by at most {off.max():.2f} (during a step that comes "
                                   f"early or late), on average over the recordings by {off.mean():.3f}. Vertical: predicted step times.")]


def eigenvalues(fig):
    """Figure 1B: the eigenvalues of C rise one after the other."""
    run, modes, _, predicted = experiment()
    found = run.observed["eigenvalues"]
    ax = draw.label(fig.add_subplot(), "time", "eigenvalues of $C$", "500 pairs of image crops, 10 components")
    artists = []
    for k, curve in enumerate(predicted):
        artists += ax.semilogx(run.times[1:], found[1:, k], color=f"C{k % 7}", label="descent" if k == 0 else None)
        artists += ax.semilogx(run.times[1:], curve[1:], "--", color="black", lw=0.8, label="derived" if k == 0 else None)
    artists.append(ax.legend(loc="upper left", bbox_to_anchor=(1, 1)))
    off = abs(predicted.T - found).max(0)
    return [*artists, draw.caption(fig, tell(modes) + f" The curves of the modes deviate by at most {off.max():.2f} "
                                   f"(mode {off.argmax() + 1}) and, in the median mode, {np.median(off):.3f}.")]


FIGURES = {"fig1A": losses, "fig1B": eigenvalues}
