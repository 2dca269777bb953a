"""Newton's corrector: what is off the branch is not accepted."""

from problems import BIFURCATIONS, m

from symssl.bifurcation import (
    continue_branch,
)


def test_points_off_the_branch_are_not_accepted(monkeypatch):
    """A corrector that stops too early is found out by the residual."""
    from symssl.bifurcation import continuation

    def sloppy(problem, guess, row, level, scale):
        return guess, 1

    honest = continuation.correct
    monkeypatch.setattr(continuation, "correct", lambda *args: honest(*args) if args[1][-1] == 1 else sloppy(*args))
    branch = continue_branch(BIFURCATIONS[0].flow, m, 1, at=1, bounds=(-1, 2))
    assert branch.status == "step" and branch.residual.max() < 1e-9
