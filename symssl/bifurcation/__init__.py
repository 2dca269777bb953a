"""Equilibria, branches and regimes of compiled flows."""

from .certified import CertifiedEquilibria, CertifiedEquilibrium, find_equilibria

__all__ = ["CertifiedEquilibria", "CertifiedEquilibrium", "find_equilibria"]
