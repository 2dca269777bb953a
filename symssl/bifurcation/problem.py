"""Problems whose solutions are continued: F(z) = 0 with z = (states, parameters), the last one free."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from ..codegen.compile import compile_function
from ..errors import InputError, Refusal
from ..exact.kinks import is_smooth
from ..modes.coupled import CoupledFlow
from ..support.arguments import described, instance_of, mapping_of
from ..support.display import html_table, listing
from ..support.suggestions import did_you_mean
from .inputs import flow_of, given_values, parameter_of

__all__ = ["FieldProblem", "ModeProblem", "Problem"]

_DENSE = 64  # number of modes from which on only the rightmost eigenvalues are computed


class Problem:
    """F(z) = 0 for z = (states, parameter): what `continue_branch` follows.

    A subclass gives `evaluate` and `eigenvalues`, and `curvature` where second derivatives are known; the other
    methods are for dense derivatives and may be replaced where these have a structure.  What `evaluate` returns as
    the derivative is handed to the other methods as `slopes`.

    Attributes
    ----------
    states : symbols of the states; empty where they have no names
    parameter : the parameter that is followed, a Symbol or a name
    values : the other parameters, {name: text of an exact number}, which a branch records
    watched : which eigenvalues make an event where they meet the imaginary axis, "real" and "complex" ones
    partial : whether `eigenvalues` lists the rightmost ones only
    curve : whether the solutions are a curve of events in two parameters; `called` then names those on it
    """

    states: tuple[sp.Symbol, ...] = ()
    parameter: Any
    values: Mapping[str, Any] = MappingProxyType({})
    watched: tuple[str, ...] = ("real", "complex")
    curve = False

    @property
    def partial(self) -> bool:
        """Whether only the eigenvalues of largest real part are known."""
        return False

    def called(self, real: int, pairs: int) -> Any:
        """The label of an event on a curve at which so many more real eigenvalues and pairs are critical."""
        raise NotImplementedError

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, Any]:
        """The field (n,) and its derivative in states and parameter, (n, n + 1) where it is dense."""
        raise NotImplementedError

    def eigenvalues(self, slopes: Any) -> np.ndarray:
        """The eigenvalues of the Jacobian in the states, or those of largest real part."""
        raise NotImplementedError

    def curvature(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """The matrix of b -> D^2 F(z)[a, b], of shape (n, len(z)); `InputError` where it is not known."""
        raise InputError("second derivatives of this problem are not known")

    def motion(self, z: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """The eigenvalues at z, their derivatives along a direction and their condition numbers.

        None where second derivatives are not known.
        """
        return None

    def accept(self, z: np.ndarray) -> None:
        """Called with every point that a walk takes."""

    def reach(self, slopes: Any, size: np.ndarray) -> float:
        """What the terms of the field may amount to, to first order, for coordinates of a size."""
        return float((np.abs(slopes) @ size).max())

    def solve(self, slopes: Any, row: np.ndarray, right: np.ndarray) -> np.ndarray:
        """The solution of the slopes bordered below by `row`; `LinAlgError` where it is singular."""
        return np.linalg.solve(np.vstack([slopes, row]), right)

    def determinant_sign(self, slopes: Any, row: np.ndarray) -> float:
        """The sign of the determinant of the bordered slopes."""
        return float(np.linalg.slogdet(np.vstack([slopes, row]))[0])


class FieldProblem(Problem):
    """A flow with all parameters fixed but one or two; derivatives are compiled from the symbolic field.

    Parameters
    ----------
    flow : Flow
    parameters : Symbol or name of the free parameter, or a pair of them (for curves in two parameters)
    values : mapping of the other parameters to numbers

    Raises
    ------
    InputError
        For what is no flow, a parameter that is unknown, given twice or without value.
    Refusal
        For a field with kinks or jumps.

    Examples
    --------
    >>> from symssl import Flow
    >>> x, m, k = sp.symbols("x m k", real=True)
    >>> problem = FieldProblem(Flow({x: m + k*x - x**3}, (m, k)), m, {k: 3})
    >>> problem.evaluate(np.array([1.0, -2.0]))
    (array([0.]), array([[0., 1.]]))
    """

    def __init__(self, flow: Any, parameters: Any, values: Mapping[Any, Any] | None = None) -> None:
        self.flow = flow_of(flow)
        several = parameters if isinstance(parameters, (tuple, list)) else (parameters,)
        self.parameters = tuple(parameter_of(self.flow, p) for p in several)
        if len(set(self.parameters)) < len(self.parameters):
            raise InputError(f"{self.parameters[0]} is given twice: a curve needs two parameters")
        if not 1 <= len(self.parameters) <= 2:
            raise InputError(f"one parameter is free, or two are; got {len(self.parameters)}")
        given = given_values(self.flow, values, self.parameters if len(self.parameters) == 1 else ())
        self.fixed = self.flow.fix({k: v for k, v in given.items() if k not in self.parameters})
        if rest := [k for k in self.fixed.parameters if k not in self.parameters]:
            raise InputError(f"give a value to the parameter {rest[0]}, or continue in it")
        if rough := [f for f in self.fixed.rhs.values() if not is_smooth(f)]:
            raise Refusal(
                f"branches are followed by derivatives, which {rough[0]} lacks at its kinks: find_equilibria and "
                "regime_map take such fields, parameter by parameter"
            )
        self.values = {str(k): str(v) for k, v in given.items()}
        self.states = tuple(self.flow.states)
        self.parameter = self.parameters[-1]
        self.size = len(self.states)
        self._args = (*self.states, *self.parameters)

    def __repr__(self) -> str:
        return listing(self._head(), self._rows())

    def _repr_html_(self) -> str:
        return html_table(self._head(), ("state", "", "right-hand side"), self._rows())

    def _head(self) -> str:
        fixed = ", ".join(f"{k} = {v}" for k, v in self.values.items() if k not in map(str, self.parameters))
        free = ", ".join(map(str, self.parameters))
        return f"FieldProblem in {free}" + (f" at {fixed}" if fixed else "")

    def _rows(self) -> list[tuple[str, str, str]]:
        return [(f"{x}'", "=", str(f)) for x, f in self.fixed.rhs.items()]

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

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The field (n,) and its derivative (n, len(z)) in states and parameters."""
        table = self._compiled(*self._point(z))
        return table[:, 0], table[:, 1:]

    def curvature(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
        """The matrix of b -> D^2 F(z)[a, b], of shape (n, len(z)); `a` may list the states alone."""
        return self._second(*self._point(z), *a, *[0.0] * (len(z) - len(a)))

    def motion(self, z: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The eigenvalues of the Jacobian in the states, their derivatives along a direction and their conditions."""
        J, turn = self.evaluate(z)[1][:, : self.size], self.curvature(z, along)[:, : self.size]
        if self.size == 1:
            return J[0] + 0j, turn[0] + 0j, np.ones(1)
        values, right = np.linalg.eig(J)
        try:
            left = np.linalg.inv(right)
        except np.linalg.LinAlgError:  # fewer eigenvectors than states
            return values + 0j, np.full(len(values), np.nan + 0j), np.full(len(values), np.inf)
        with np.errstate(over="ignore"):  # infinite at a double eigenvalue with one eigenvector
            conditions = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=0)
        return values + 0j, ((left @ turn) * right.T).sum(axis=1) + 0j, conditions

    def _point(self, z):
        if not isinstance(z, np.ndarray) or z.shape != (len(self._args),):
            names = ", ".join(map(str, self._args))
            raise InputError(f"z must be an array of {len(self._args)} numbers ({names}), not {described(z)}")
        return z

    def eigenvalues(self, slopes: np.ndarray) -> np.ndarray:
        """The eigenvalues of the Jacobian in the states, in doubles: what a branch counts is no proof."""
        return np.linalg.eigvals(slopes[:, : self.size])


class ModeProblem(Problem):
    """A coupled system of modes with diagonal plus low-rank Jacobian; nothing of size modes x modes is formed.

    Parameters
    ----------
    coupled : CoupledFlow of one state a mode
    parameter : name of the free parameter
    values : numbers for the other parameters; arrays with one entry a mode are allowed

    Raises
    ------
    InputError
        For what is no coupled flow, one with several states a mode, and an unknown parameter.
    """

    def __init__(self, coupled: Any, parameter: Any, values: Mapping[Any, Any] | None = None) -> None:
        self.coupled = instance_of("coupled", coupled, CoupledFlow, "a CoupledFlow, as ModeFlow.compile() gives it")
        if len(self.coupled.states) != 1:
            raise InputError("the structured continuation takes one state a mode")
        self.parameter = str(instance_of("parameter", parameter, (sp.Symbol, str), "a Symbol or a name"))
        self._numbers = {str(k): v for k, v in mapping_of("values", values, "parameters to numbers").items()}
        names = [str(k) for k in self.coupled.parameters]
        for name in (self.parameter, *self._numbers):
            if name not in names:
                raise InputError(
                    f"{name} is not a parameter{did_you_mean(name, names, '; there are: ' + ', '.join(names))}"
                )
        if rest := [name for name in names if name not in (self.parameter, *self._numbers)]:
            raise InputError(f"give a value to the parameter {rest[0]}, or continue in it")

    def __repr__(self) -> str:
        return listing(f"ModeProblem in {self.parameter}", [(k, "=", v) for k, v in self._numbers.items()])

    @property
    def partial(self) -> bool:
        """True for many modes."""
        lengths = [np.size(v) for v in self._numbers.values()]
        return max(lengths, default=1) >= _DENSE

    def _at(self, z):
        return z[:-1], {**self._numbers, self.parameter: float(z[-1])}

    def evaluate(self, z: np.ndarray) -> tuple[np.ndarray, Any]:
        """The field, and its derivative as (diagonal, A, B, derivative in the parameter): Jacobian = diag + A.T @ B."""
        state, at = self._at(z)
        D, A, B = self.coupled.jacobian(state, values=at)
        return self.coupled.rhs(state, values=at)[0], (
            D[0, 0],
            A[0],
            B[:, 0],
            self.coupled.sensitivity(self.parameter, state, values=at)[0],
        )

    def reach(self, slopes: Any, size: np.ndarray) -> float:
        """As for any problem, from the structured derivative."""
        D, A, B, f = map(np.abs, slopes)
        return float((D * size[:-1] + A.T @ (B @ size[:-1]) + f * size[-1]).max())

    def solve(self, slopes: Any, row: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Eliminate the modes; what is left has one unknown for each coupling and one for the parameter."""
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

    def determinant_sign(self, slopes: Any, row: np.ndarray) -> float:
        """As for any problem, by the same elimination."""
        D, A, B, f = slopes
        known = np.vstack([A, f]) / D
        border = np.vstack([B, row[:-1]])
        small = -(border @ known.T)
        small[:-1, :-1] -= np.eye(len(B))
        small[-1, -1] += row[-1]
        return float(np.prod(np.sign(D)) * np.linalg.slogdet(small)[0] * (-1) ** len(B))

    def eigenvalues(self, slopes: Any) -> np.ndarray:
        """The eigenvalues of largest real part."""
        from scipy.sparse.linalg import LinearOperator, eigs

        D, A, B, _ = slopes
        n = len(D)
        if n < _DENSE:
            return np.linalg.eigvals(np.diag(D) + A.T @ B)
        operator = LinearOperator((n, n), matvec=lambda v: D * v + A.T @ (B @ v), dtype=float)
        for k in (4, 16):
            values = eigs(operator, k=k, which="LR", v0=np.ones(n), return_eigenvectors=False, tol=1e-8)
            if values.real.min() <= 0:  # all unstable ones are among them
                return values
        return np.linalg.eigvals(np.diag(D) + A.T @ B)
