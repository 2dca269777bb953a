"""Scalar flows that come from a coupled one by holding its couplings constant."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from ..scalar.flow import Flow
from ..support.display import summary

__all__ = ["FrozenFlow"]


@dataclass(frozen=True, repr=False)
class FrozenFlow(Flow):
    """A scalar flow in which the couplings of a mode flow are treated as constants.

    Made by `ModeFlow.freeze`; everything that a `Flow` can do is done to it.  Flows made from it, by
    `fix` or `restrict`, are plain.

    Attributes
    ----------
    frozen : tuple of (coupling, what it really is)
        The approximation that was made.

    >>> from sympy import symbols
    >>> from symssl import ModeFlow, ModeSum
    >>> p, N, n = symbols("p N n", positive=True)
    >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n).freeze()
    FrozenFlow
      p' = -N*p + 1
      parameters: N
      held constant: N = ModeSum(p**2)
    """

    frozen: tuple[tuple[Symbol, Expr], ...] = ()

    def __repr__(self) -> str:
        lines = [f"{x}' = {f}" for x, f in self.states.items()]
        lines += [f"parameters: {', '.join(map(str, self.parameters))}"] if self.parameters else []
        return summary(type(self).__name__, [*lines, *(f"held constant: {c} = {d}" for c, d in self.frozen)])
