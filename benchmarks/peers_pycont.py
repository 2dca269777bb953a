"""PyCont-Lite on the sixth-degree field."""

import numpy as np

from .sextic import RHO, first_state


class PyCont:
    """A second state that stays zero is added: for one state the package fails with current NumPy."""

    name = "PyCont-Lite"

    def __init__(self):
        import pycont

        self.follow = pycont.arclengthContinuation

    def branch(self):
        limits = {"param_min": RHO[0], "param_max": RHO[1], "initial_directions": "increase_p"}
        return self.follow(
            _field,
            np.array([first_state(), 0.0]),
            RHO[0],
            ds_min=1e-6,
            ds_max=0.01,
            ds_0=0.001,
            n_steps=400,
            solver_parameters=limits,
            verbosity="off",
        )

    def folds(self, run):
        """Of a run: its number of points, and (s2, rho) at its folds."""
        return sum(len(b.p_path) for b in run.branches), [(0.25, float(e.p)) for e in run.events if e.kind == "LP"]


def _field(u, rho):
    return np.array([(u[0] ** 2 - 0.5 * u[0] ** 3 - 2 * u[0] ** 6) / 1.25 - rho * u[0], -u[1]])
