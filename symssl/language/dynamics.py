"""Dynamics that a sentence speaks about: the gradient flow of a loss, gradient descent, a given vector field.

They are SymPy objects, so that a sentence can be searched, substituted into and compared as a whole.  Nothing is
derived here: what the velocity of a weight is, `symssl.matrix` and `symssl.scalar` find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from sympy import Basic, Dict, Expr, MatrixSymbol, Symbol, Tuple
from sympy.core.symbol import Str

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described, mapping_of, sequence_of
from ..typeset.text import dotted
from .binding import Node
from .inputs import as_expression, is_matrix
from .relations import Relation, Symmetric, check_relations
from .scalars import Potential, PotentialGradient
from .writing import as_argument, condition_latex, label, superscript

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
        return self._with

    def _with(self, _name: Any, *matrices: Any) -> Held:
        return Held(type(self.value)(*matrices)) if matrices else self

    def _sympystr(self, printer: Any) -> str:
        return str(self.value)


NEXT = r"\mathrm{next}"  # what marks a state after a step


def marked(text: str, label: str) -> str:
    """A velocity of dynamics that have a label."""
    return superscript(text, label) if label else text


def _state(symbol: Any, where: str) -> Any:
    if not isinstance(symbol, (Symbol, MatrixSymbol)) or isinstance(symbol, PotentialGradient):
        raise InputError(f"{where}: a state must be a symbol or a matrix symbol, not {described(symbol)}")
    return symbol


def _scalar(value: Any, role: str) -> Any:
    expr = as_expression(value, role)
    if is_matrix(expr):
        raise InputError(f"{role} must be a scalar, not {described(value)}")
    return expr


def _option(role: str, W: Any, value: Any) -> Any:
    """What a table holds for a weight: a scalar rate, a geometry, an extra term of the shape of the weight."""
    if role == "geometry":
        if not (isinstance(value, Symmetric) or (hasattr(value, "gradient") and hasattr(value, "rows"))):
            raise InputError(f"the geometry of {W} must be Stiefel, Grassmann or Symmetric, not {described(value)}")
        return Held(value)
    if role == "rates":
        return _scalar(value, f"the rate of {W}")
    expr = as_expression(value, f"the extra term of {W}")
    if is_matrix(expr) != is_matrix(W) or (is_matrix(W) and tuple(expr.shape) != tuple(W.shape)):
        raise InputError(f"the extra term of {W} has not the shape of {W}")
    return expr.as_immutable() if hasattr(expr, "as_immutable") else expr


class Dynamics(Node):
    """How states move: the first argument is the tuple of states.

    Subclasses: `GradientFlow`, `GradientDescent`, `VectorField`.  The states stay symbols: where a sentence gives them
    values, it says so by a point or a start.
    """

    @classmethod
    def _again(cls, *args: Any) -> Any:
        if strange := [x for x in args[0] if not isinstance(x, (Symbol, MatrixSymbol))]:
            raise InputError(
                f"{strange[0]} stands in place of a state of the dynamics: give states values by At, or by a start"
            )
        return Basic.__new__(cls, *args)

    @property
    def states(self) -> tuple[Any, ...]:
        """The states, symbols and matrix symbols, in their order."""
        return tuple(self.args[0])

    @property
    def where(self) -> tuple[Relation, ...]:
        """The relations between matrices that hold throughout."""
        raise NotImplementedError

    def _moved_latex(self, printer: Any, state: Any) -> str:
        """How the velocity of a state is written, or its next value."""
        return marked(dotted(printer._print(state)), label(printer, self))

    def _equations_latex(self, printer: Any, loss: str = r"\mathcal{L}") -> list[str]:
        """What the dynamics are, as equations in LaTeX; `loss` is a letter for a loss that has none."""
        given = [condition_latex(printer, relation) for relation in self.where]
        return list(dict.fromkeys(self._equations(printer, loss) + given))

    def _equations(self, printer: Any, loss: str) -> list[str]:
        raise NotImplementedError

    def _latex(self, printer: Any) -> str:
        return r",\; ".join(self._equations_latex(printer))


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
    ) -> Self:
        name = cls.__name__
        loss = as_expression(loss, f"{name}: the loss")
        if is_matrix(loss):
            raise InputError(f"{name}: the loss must be a scalar, not {described(loss)}")
        weights = (weights,) if isinstance(weights, Basic) and not isinstance(weights, Tuple) else weights
        states = tuple(_state(W, name) for W in sequence_of(f"{name}: weights", weights, "symbols or matrix symbols"))
        if not states or len(set(states)) < len(states):
            raise InputError(f"{name}: give every weight once, and one at least")
        decay = _scalar(decay, f"{name}: the decay")
        tables = []
        for role, table in (("rates", rates), ("geometry", geometry), ("extra", extra)):
            table = mapping_of(f"{name}: {role}", table, "weights to values")
            if strange := [W for W in table if W not in states]:
                raise InputError(f"{name}: {role} names {strange[0]}, which is none of the weights")
            tables.append(Dict({W: _option(role, W, value) for W, value in table.items()}))
        held = Tuple(*(Held(relation) for relation in check_relations(where)))
        return Basic.__new__(cls, Tuple(*states), loss, decay, *tables, held, *more.values())

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

    def _equations(self, printer: Any, loss: str) -> list[str]:
        lettered = not (self.loss.is_Symbol or isinstance(self.loss, Potential))
        letter = loss if lettered else printer._print(self.loss)
        rates, geometry, extra = (dict(table) for table in self.args[3:6])
        steps, places = [], []
        for W in self.states:
            gradient, manifold = _gradient(printer, W, letter, geometry[W].value if W in geometry else None)
            rate = f"{as_argument(printer, rates[W])} " if rates.get(W, 1) != 1 else ""
            terms = [("-", rate + gradient)]
            if self.decay != 0:
                terms.append(("-", f"{as_argument(printer, self.decay)} {printer._print(W)}"))
            if extra.get(W, 0) != 0:
                more = printer._print(extra[W])
                terms.append(("-", more[1:].lstrip()) if more.startswith("-") else ("+", more))
            steps.append(self._step(printer, W, terms))
            places += manifold
        return [*steps, *([f"{loss} = {printer._print(self.loss)}"] if lettered else []), *places]

    def _step(self, printer: Any, state: Any, terms: list[tuple[str, str]]) -> str:
        return f"{self._moved_latex(printer, state)} = {_signed(terms)}"


def _signed(terms: list[tuple[str, str]]) -> str:
    return " ".join(f"{sign} {text}" for sign, text in terms)


def _gradient(printer: Any, W: Any, loss: str, shape: Any) -> tuple[str, list[str]]:
    """The gradient where a weight moves, as a factor in LaTeX, and the equation of where it moves."""
    name, across = printer._print(W), printer._print(W.T) if is_matrix(W) else ""
    plain = rf"\nabla_{{{name}}} {loss}"
    if shape is None:
        return plain, []
    factor, turned = rf"\left({plain}\right)", rf"\left({plain}\right)^{{\top}}"
    if isinstance(shape, Symmetric):
        return rf"\frac{{1}}{{2}} \left({plain} + {turned}\right)", [f"{name} = {across}"]
    inner, outer = (W * W.T, W.T * W) if shape.rows else (W.T * W, W * W.T)
    on = [rf"{printer._print(inner)} = \mathbb{{I}}"]
    if not hasattr(shape, "metric"):
        projection = rf"\left(\mathbb{{I}} - {printer._print(outer)}\right)"
        return (f"{factor} {projection}" if shape.rows else f"{projection} {plain}"), on
    if shape.metric == "canonical":
        return rf"\left({plain} - {name} {turned} {name}\right)", on
    if shape.rows:
        part = rf"\left({factor} {across} + {name} {turned}\right) {name}"
    else:
        part = rf"{name} \left({across} {plain} + {turned} {name}\right)"
    return rf"\left({plain} - \frac{{1}}{{2}} {part}\right)", on


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

    def __new__(cls, loss: Any, weights: Any, *, step: Any, **options: Any) -> Self:
        return super().__new__(cls, loss, weights, **options, step=_scalar(step, "the step size"))

    def _moved_latex(self, printer: Any, state: Any) -> str:
        """How the next value of a state is written."""
        return marked(superscript(printer._print(state), NEXT), label(printer, self))

    def _step(self, printer: Any, state: Any, terms: list[tuple[str, str]]) -> str:
        eta = as_argument(printer, self.step)
        downward = all(sign == "-" for sign, _ in terms)
        if downward:
            total = " + ".join(text for _, text in terms)
            change = rf"- {eta} \left({total}\right)" if len(terms) > 1 else f"- {eta} {total}"
        else:
            change = rf"+ {eta} \left({_signed(terms)}\right)"
        return f"{self._moved_latex(printer, state)} = {printer._print(state)} {change}"

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

    @property
    def rhs(self) -> dict[Any, Any]:
        """The right-hand sides by state."""
        return dict(zip(self.args[0], self.args[1]))

    @property
    def where(self) -> tuple[Relation, ...]:
        """The relations between matrices that hold throughout."""
        return tuple(held.value for held in self.args[2])

    def _equations(self, printer: Any, loss: str) -> list[str]:
        sides = getattr(printer, "sides", lambda left, right: (printer._print(left), printer._print(right)))
        return [f"{self._moved_latex(printer, x)} = {sides(x, f)[1]}" for x, f in self.rhs.items()]

    def _sympystr(self, printer: Any) -> str:
        return f"VectorField({', '.join(f'{x}: {printer._print(f)}' for x, f in self.rhs.items())})"
