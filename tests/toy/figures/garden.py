"""The figure of the invented paper."""

import numpy as np

from symssl import draw


def line(fig):
    ax = draw.label(fig.add_subplot(), "$w$", r"$\dot w$")
    return ax.plot(np.linspace(0, 1, 5), np.linspace(1, -1, 5))


FIGURES = {"line": line}
