"""JaxCont on the sixth-degree field, in double precision."""

from .sextic import RHO, S2, first_state, fold_at

_STEPS = {"ds": 0.01, "ds_max": 0.02, "newton_tol": 1e-12}  # as fine as for AUTO
_LENGTH = 48  # steps: it does not stop where the branch comes back to the start of the range


class JaxCont:
    """`branch` and `fold_curve` go through its interface, which compiles at every call; `loop` is what it has
    compiled before, without folds and eigenvalues."""

    name = "JaxCont"

    def __init__(self):
        import jax
        import jaxcont
        from jaxcont.core.scan_continuation import pseudo_arclength_scan

        jax.config.update("jax_enable_x64", True)
        self.jaxcont, self._scan, self._array = jaxcont, pseudo_arclength_scan, jax.numpy.asarray

    def branch(self):
        problem = self.jaxcont.bif_problem(lambda u, rho, _: _field(u, rho, 0.25), self._array([first_state()]), RHO[0])
        return self.jaxcont.continuation(
            problem,
            p_span=RHO,
            events=[self.jaxcont.Fold()],
            settings=self.jaxcont.ContinuationPar(max_steps=_LENGTH, **_STEPS),
        )

    def fold_curve(self):
        start = self._array([float(fold_at(S2[0])), S2[0]])
        problem = self.jaxcont.fold_curve_problem(lambda u, q, _: _field(u, *q), self._array([0.478]), start, tol=1e-12)
        return self.jaxcont.continuation(
            problem, p_span=S2, settings=self.jaxcont.ContinuationPar(max_steps=200, compute_stability=False, **_STEPS)
        )

    def loop(self):
        numbers = map(self._array, (*RHO, _STEPS["ds"], 1e-5, _STEPS["ds_max"], _STEPS["newton_tol"]))
        return self._scan(
            _plain, self._array([first_state()]), *numbers, _LENGTH, self._array(20)
        ).params.block_until_ready()

    def folds(self, run):
        """Of a run: its number of points, and (s2, rho) at its folds."""
        if run.events:
            return run.branch.n_valid, [(0.25, event.p) for event in run.events]
        states, s2 = run.branch.states.tolist(), run.branch.params.tolist()
        return len(s2), [(at, rho) for at, (_, rho, _) in zip(s2, states)]


def _field(u, rho, s2):
    return (u**2 - 0.5 * u**3 - 2 * u**6) / (1 + s2) - rho * u


def _plain(u, rho):
    return _field(u, rho, 0.25)
