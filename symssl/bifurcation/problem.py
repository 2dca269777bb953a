"""Fields whose equilibria are continued in a parameter: z = (states, parameters), the last one free."""

from functools import cached_property

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError
from ..support.arguments import mapping_of

__all__ = ["FieldProblem", "ModeProblem"]


class FieldProblem:
    """A flow with all parameters fixed but one or two; derivatives are compiled from the symbolic field.

    `tested` names the events that change the sign of a test function along its branches.

    Parameters
    ----------
    flow : Flow
    parameters : Symbol or name of the free parameter, or a pair of them (for curves in two parameters)
    values : mapping of the other parameters to numbers
    """

    tested = ("LP", "BP", "HB")

    def __init__(self, flow, parameters, values=None):
        self.flow = flow
        several = isinstance(parameters, (tuple, list))
        self.parameters = tuple(flow.parameter(p) for p in (parameters if several else (parameters,)))
        if len(set(self.parameters)) < len(self.parameters):
            raise InputError(f"{self.parameters[0]} is given twice: a curve needs two parameters")
        given = {flow.parameter(k): v for k, v in mapping_of("values", values, "parameters to numbers").items()}
        self.fixed = flow.fix({k: v for k, v in given.items() if k not in self.parameters})
        if rest := [k for k in self.fixed.parameters if k not in self.parameters]:
            raise InputError(f"give a value to the parameter {rest[0]}, or continue in it")
        self.states = tuple(flow.states)
        self.size = len(self.states)
        self._args = (*self.states, *self.parameters)

    @property
    def parameter(self):
        """The parameter that is followed."""
        return self.parameters[-1]

    @cached_property
    def _rhs(self):
        return sp.Matrix(list(self.fixed.rhs.values()))

    @cached_property
    def _matrix(self):
        return self._rhs.jacobian(self._args)

    @cached_property
    def _compiled(self):
        return compile_function([[f, *row] for f, row in zip(self._rhs, self._matrix.tolist())], self._args)

    @cached_property
    def _second(self):
        direction = sp.symbols(f"a_1:{len(self._args) + 1}", cls=sp.Dummy)
        derivative = self._matrix * sp.Matrix(direction)
        return compile_function(derivative.jacobian(self._args).tolist(), (*self._args, *direction))

    def evaluate(self, z):
        """The field (n,) and its derivative (n, len(z)) in states and parameters."""
        table = self._compiled(*z)
        return table[:, 0], table[:, 1:]

    def curvature(self, z, a):
        """The matrix of b -> D^2 F(z)[a, b], of shape (n, len(z)); `a` may list the states alone."""
        return self._second(*z, *a, *[0.0] * (len(z) - len(a)))

    def accept(self, z):
        """Called with every point that a walk takes; nothing to do for a field."""

    def reach(self, slopes, size):
        """What the terms of the field may be, to first order, for coordinates of a size."""
        return float((np.abs(slopes) @ size).max())

    def solve(self, slopes, row, right):
        """The solution of the slopes bordered below by `row`."""
        return np.linalg.solve(np.vstack([slopes, row]), right)

    def determinant_sign(self, slopes, row):
        """Sign of the determinant of the bordered slopes."""
        return np.linalg.slogdet(np.vstack([slopes, row]))[0]

    def eigenvalues(self, slopes):
        """Eigenvalues of the Jacobian in the states."""
        return np.linalg.eigvals(slopes[:, : self.size])


class ModeProblem:
    """A coupled system of modes with diagonal plus low-rank Jacobian; nothing of size modes x modes is formed.

    Parameters
    ----------
    coupled : CoupledFlow of one state a mode
    parameter : name of the free parameter
    values : numbers for the other parameters; arrays with one entry a mode are allowed
    """

    tested = ("LP", "BP", "HB")

    def __init__(self, coupled, parameter, values=None):
        if len(coupled.states) != 1:
            raise InputError("the structured continuation takes one state a mode")
        self.coupled, self.parameter, self.values = (
            coupled,
            str(parameter),
            {str(k): v for k, v in mapping_of("values", values, "parameters to numbers").items()},
        )
        if self.parameter not in map(str, coupled.parameters):
            raise InputError(
                f"{self.parameter} is not a parameter; there are: {', '.join(map(str, coupled.parameters))}"
            )

    def _at(self, z):
        return z[:-1], {**self.values, self.parameter: float(z[-1])}

    def evaluate(self, z):
        """The field, and its derivative as (diagonal, A, B, derivative in the parameter):
        Jacobian = diag + A.T @ B."""
        state, at = self._at(z)
        D, A, B = self.coupled.jacobian(state, values=at)
        return self.coupled.rhs(state, values=at)[0], (
            D[0, 0],
            A[0],
            B[:, 0],
            self.coupled.sensitivity(self.parameter, state, values=at)[0],
        )

    def accept(self, z):
        """Nothing to do."""

    def reach(self, slopes, size):
        D, A, B, f = map(np.abs, slopes)
        return float((D * size[:-1] + A.T @ (B @ size[:-1]) + f * size[-1]).max())

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
        return np.prod(np.sign(D)) * np.linalg.slogdet(small)[0] * (-1) ** len(B)

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
