"""A field with one free parameter, as continuation sees it: z = (states, parameter)."""

from functools import cached_property

import numpy as np
import sympy as sp

from ..codegen import compile_function
from ..errors import InputError

__all__ = ["FieldProblem", "ModeProblem"]


class FieldProblem:
    """A flow with every parameter but one fixed; derivatives are compiled from the symbolic field.

    Parameters
    ----------
    flow : Flow
    parameter : Symbol or name of the free parameter
    values : mapping of the other parameters to numbers
    """

    def __init__(self, flow, parameter, values=()):
        self.flow = flow
        self.parameter = flow._parameter(parameter)
        self.fixed = flow.fix({k: v for k, v in dict(values).items() if flow._parameter(k) != self.parameter})
        if rest := [k for k in self.fixed.parameters if k != self.parameter]:
            raise InputError(f"give a value to the parameter {rest[0]}, or continue in it")
        if not self.fixed.parameters:
            raise InputError(f"{parameter} is fixed to a number: leave the parameter of the continuation free")
        self.states = tuple(flow.states)
        self.size = len(self.states)
        self._args = (*self.states, self.parameter)
        self._curvature = None

    @cached_property
    def _rhs(self):
        return sp.Matrix(self.fixed.rhs)

    @cached_property
    def _matrix(self):
        return self._rhs.jacobian(self._args)

    @cached_property
    def _compiled(self):
        return compile_function([[f, *row] for f, row in zip(self._rhs, self._matrix.tolist())], self._args)

    def evaluate(self, z):
        """The field (n,) and its derivative (n, n + 1) in states and parameter."""
        table = self._compiled(*z)
        return table[:, 0], table[:, 1:]

    def solve(self, slopes, row, right):
        """The solution of the slopes bordered below by `row`."""
        return np.linalg.solve(np.vstack([slopes, row]), right)

    def determinant_sign(self, slopes, row):
        """Sign of the determinant of the bordered slopes."""
        return np.linalg.slogdet(np.vstack([slopes, row]))[0]

    def eigenvalues(self, slopes):
        """Eigenvalues of the Jacobian in the states."""
        return np.linalg.eigvals(slopes[:, :-1])

    def curvature(self, z, a):
        """The matrix of b -> D^2 F(z)[a, b], of shape (n, n + 1)."""
        if self._curvature is None:
            direction = sp.symbols(f"a_1:{self.size + 2}", cls=sp.Dummy)
            derivative = self._matrix * sp.Matrix(direction)
            self._curvature = compile_function(derivative.jacobian(self._args).tolist(), (*self._args, *direction))
        return self._curvature(*z, *a)


class ModeProblem:
    """A coupled system of modes with diagonal plus low-rank Jacobian; nothing of size modes x modes is formed.

    Parameters
    ----------
    coupled : CoupledFlow of one state a mode
    parameter : name of the free parameter
    values : numbers for the other parameters; arrays with one entry a mode are allowed
    """

    def __init__(self, coupled, parameter, values=()):
        if len(coupled.states) != 1:
            raise InputError("the structured continuation takes one state a mode")
        self.coupled, self.name, self.values = coupled, str(parameter), {str(k): v for k, v in dict(values).items()}
        if self.name not in map(str, coupled.parameters):
            raise InputError(f"{self.name} is not a parameter; there are: {', '.join(map(str, coupled.parameters))}")

    def _at(self, z):
        return z[:-1], {**self.values, self.name: float(z[-1])}

    def evaluate(self, z):
        """The field, and its derivative as (diagonal, A, B, derivative in the parameter):
        Jacobian = diag + A.T @ B."""
        state, at = self._at(z)
        field = self.coupled.rhs(state, **at)[0]
        D, A, B = self.coupled.jacobian(state, **at)
        step = 1e-6 * max(1.0, abs(z[-1]))      # a difference quotient: only Newton's rate depends on it
        ahead, behind = (self.coupled.rhs(state, **{**at, self.name: z[-1] + s})[0] for s in (step, -step))
        return field, (D[0, 0], A[0], B[:, 0], (ahead - behind) / (2 * step))

    def solve(self, slopes, row, right):
        """Eliminate the modes; what is left has one unknown a coupling and one for the parameter."""
        D, A, B, f = slopes
        inner, last = right[:-1], right[-1]
        columns = np.vstack([inner, A, f]) / D
        base, known = columns[0], columns[1:]
        border = np.vstack([B, row[:-1]])
        small = border @ known.T
        small[:-1, :-1] += np.eye(len(B))
        small[-1, -1] -= row[-1]
        unknown = np.linalg.solve(small, border @ base - np.append(np.zeros(len(B)), last))
        return np.append(base - unknown @ known, unknown[-1])

    def determinant_sign(self, slopes, row):
        D, A, B, f = slopes
        known = np.vstack([A, f]) / D
        border = np.vstack([B, row[:-1]])
        small = -(border @ known.T)
        small[:-1, :-1] -= np.eye(len(B))
        small[-1, -1] += row[-1]
        return np.prod(np.sign(D)) * np.linalg.slogdet(small)[0] * (-1)**len(B)

    def eigenvalues(self, slopes):
        """The eigenvalues of largest real part."""
        from scipy.sparse.linalg import LinearOperator, eigs
        D, A, B, _ = slopes
        n = len(D)
        if n < 64:
            return np.linalg.eigvals(np.diag(D) + A.T @ B)
        operator = LinearOperator((n, n), matvec=lambda v: D * v + A.T @ (B @ v), dtype=float)
        return eigs(operator, k=4, which="LR", v0=np.ones(n), return_eigenvectors=False, tol=1e-8)

    def curvature(self, z, a):
        """Not formed for modes."""
        raise InputError("second derivatives are not available for a system of modes")
