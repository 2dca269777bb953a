"""Scalar flows that come from a coupled one by holding its couplings constant."""

from dataclasses import dataclass

from ..scalar.flow import Flow

__all__ = ["FrozenFlow"]


@dataclass(frozen=True)
class FrozenFlow(Flow):
    """A scalar flow in which the couplings of a mode flow are treated as constants.

    `frozen` lists (coupling, what it really is): the approximation that was made.
    """

    frozen: tuple = ()
