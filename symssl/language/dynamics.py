"""Dynamics that a sentence speaks about: the gradient flow of a loss, gradient descent, a given vector field.

They are SymPy objects, so that a sentence can be searched, substituted into and compared as a whole.  Nothing is
derived here: what the velocity of a weight is, `symssl.matrix` and `symssl.scalar` find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Basic, Dict, Expr, MatrixSymbol, Symbol, Tuple
from sympy.core.symbol import Str

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described, mapping_of, sequence_of
from .inputs import as_expression, is_matrix
from .relations import Relation, check_relations
from .scalars import PotentialGradient

__all__ = ["Dynamics", "GradientDescent", "GradientFlow", "Held", "VectorField"]


class Held(Guarded, Basic):
    """A relation between matrices, or a geometry, inside a SymPy object; `.value` is the object itself.

    >>> from sympy import MatrixSymbol
    >>> from symssl import Symmetric
    >>> Held(Symmetric(MatrixSymbol("C", 2, 2))).value
    Symmetric(C)
    """

    def __new__(cls, value: Any) -> Held:
        matrices = tuple(A for A in getattr(value, "matrices", ()) if isinstance(A, Basic))
        held = Basic.__new__(cls, Str(type(value).__name__), *matrices)
        held.value = value
        return held

    value: Any

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.value,)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.value,)

    @property
    def func(self) -> Any:
        """Rebuild with other matrices: what substitution does."""
        kind = type(self.value)
        return lambda _name, *matrices: Held(kind(*matrices) if matrices else kind())

    def _sympystr(self, printer: Any) -> str:
        return str(self.value)


def _state(symbol: Any, where: str) -> Any:
    if not isinstance(symbol, (Symbol, MatrixSymbol)) or isinstance(symbol, PotentialGradient):
        raise InputError(f"{where}: a state must be a symbol or a matrix symbol, not {described(symbol)}")
    return symbol


class Dynamics(Guarded, Basic):
    """How states move: the first argument is the tuple of states.

    Subclasses: `GradientFlow`, `GradientDescent`, `VectorField`.
    """

    @property
    def states(self) -> tuple[Any, ...]:
        """The states, symbols and matrix symbols, in their order."""
        return tuple(self.args[0])


class _Descent(Dynamics):
    """What the flow and the iteration have in common: states, loss, decay, geometry, rates, relations."""

    def __new__(
        cls,
        loss: Any,
        weights: Any,
        *,
        decay: Any = 0,
        rates: Mapping[Any, Any] | None = None,
        geometry: Mapping[Any, Any] | None = None,
        extra: Mapping[Any, Any] | None = None,
        where: Relation | Iterable[Relation] = (),
        **more: Any,
    ) -> Any:
        name = cls.__name__
        loss = as_expression(loss, f"{name}: the loss")
        if is_matrix(loss):
            raise InputError(f"{name}: the loss must be a scalar, not {described(loss)}")
        weights = (weights,) if isinstance(weights, Basic) and not isinstance(weights, Tuple) else weights
        states = tuple(_state(W, name) for W in sequence_of(f"{name}: weights", weights, "symbols or matrix symbols"))
        if not states or len(set(states)) < len(states):
            raise InputError(f"{name}: give every weight once, and one at least")
        decay = as_expression(decay, f"{name}: the decay")
        tables = []
        for role, table in (("rates", rates), ("geometry", geometry), ("extra", extra)):
            table = mapping_of(f"{name}: {role}", table, "weights to values")
            if strange := [W for W in table if W not in states]:
                raise InputError(f"{name}: {role} names {strange[0]}, which is none of the weights")
            tables.append(
                Dict(
                    {W: Held(v) if role == "geometry" else as_expression(v, f"{role} of {W}") for W, v in table.items()}
                )
            )
        held = Tuple(*(Held(relation) for relation in check_relations(where)))
        return Basic.__new__(cls, Tuple(*states), loss, decay, *tables, held, *more.values())

    @classmethod
    def _again(cls, *args: Any) -> Any:
        return Basic.__new__(cls, *args)

    @property
    def func(self) -> Any:
        """Rebuild from `args`: the constructor takes keywords, SymPy hands over a tuple."""
        return type(self)._again

    def __getnewargs__(self) -> tuple[Any, ...]:  # pragma: no cover - pickling goes through __reduce__
        return self.args

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._again, self.args

    @property
    def loss(self) -> Expr:
        """The loss."""
        return self.args[1]

    @property
    def decay(self) -> Expr:
        """The rate of weight decay."""
        return self.args[2]

    @property
    def options(self) -> dict[str, Any]:
        """What `symssl.gradient_flow` takes besides loss and weights."""
        rates, geometry, extra = (dict(table) for table in self.args[3:6])
        options: dict[str, Any] = {"weight_decay": self.decay} if self.decay != 0 else {}
        options |= {"rates": rates} if rates else {}
        options |= {"geometry": {W: held.value for W, held in geometry.items()}} if geometry else {}
        options |= {"extra": extra} if extra else {}
        return options

    @property
    def where(self) -> tuple[Relation, ...]:
        """The relations between matrices that hold throughout."""
        return tuple(held.value for held in self.args[6])


class GradientFlow(_Descent):
    r"""The gradient flow of a loss, :math:`\dot W = -r_W \nabla_W L - \rho W + e_W`.

    Parameters
    ----------
    loss : scalar expression; what stands in `sg` is held constant while the gradient is taken.
    weights : the states, symbols or matrix symbols (one or several).
    decay : the rate rho; rates, extra : by weight, as for :func:`symssl.gradient_flow`.
    geometry : weight -> `Stiefel`, `Grassmann` or `Symmetric`: where the weight moves.
    where : relations between matrices that hold throughout.

    Raises
    ------
    InputError
        A loss that is no scalar, a weight that is no symbol, an option for something that is no weight.

    >>> w = Symbol("w")
    >>> GradientFlow(w**2/2, w).states
    (w,)
    """

    def _sympystr(self, printer: Any) -> str:
        return f"GradientFlow({printer._print(self.loss)}, {printer._print(self.args[0])})"


class GradientDescent(_Descent):
    r"""Gradient descent with a step size, :math:`W_{t+1} = W_t - \eta(r_W\nabla_W L + \rho W - e_W)`.

    >>> w, eta = Symbol("w"), Symbol("eta", positive=True)
    >>> GradientDescent(w**2/2, w, step=eta).step
    eta
    """

    def __new__(cls, loss: Any, weights: Any, *, step: Any, **options: Any) -> Any:
        return super().__new__(cls, loss, weights, **options, step=as_expression(step, "the step size"))

    @property
    def step(self) -> Expr:
        """The step size eta."""
        return self.args[7]

    @property
    def flow(self) -> GradientFlow:
        """The gradient flow of the same loss."""
        return GradientFlow._again(*self.args[:7])


class VectorField(Dynamics):
    r"""Given dynamics, :math:`\dot x = f(x)` by state.

    >>> x = Symbol("x")
    >>> VectorField({x: -x}).rhs[x]
    -x
    """

    def __new__(cls, rhs: Any, where: Relation | Iterable[Relation] = ()) -> VectorField:
        table = mapping_of("VectorField: rhs", rhs, "states to right-hand sides")
        if not table:
            raise InputError("VectorField: give a right-hand side to one state at least")
        velocities = {}
        for state, value in table.items():
            value = as_expression(value, f"the right-hand side of {_state(state, 'VectorField')}")
            if is_matrix(value) != is_matrix(state) or (is_matrix(state) and tuple(value.shape) != tuple(state.shape)):
                raise InputError(f"VectorField: the right-hand side of {state} has not the shape of {state}")
            velocities[state] = value
        held = Tuple(*(Held(relation) for relation in check_relations(where)))
        return Basic.__new__(cls, Tuple(*velocities), Tuple(*velocities.values()), held)

    @classmethod
    def _again(cls, *args: Any) -> VectorField:
        return Basic.__new__(cls, *args)

    @property
    def func(self) -> Any:
        """Rebuild from `args`."""
        return type(self)._again

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._again, self.args

    @property
    def rhs(self) -> dict[Any, Any]:
        """The right-hand sides by state."""
        return dict(zip(self.args[0], self.args[1]))

    @property
    def where(self) -> tuple[Relation, ...]:
        """The relations between matrices that hold throughout."""
        return tuple(held.value for held in self.args[2])

    def _sympystr(self, printer: Any) -> str:
        return f"VectorField({', '.join(f'{x}: {printer._print(f)}' for x, f in self.rhs.items())})"
