"""Autonomous flows of finitely many real states.

`Flow` holds the right-hand sides and knows what substitution and differentiation give.  Its methods that
need more (invariants, equilibria, folds, closed forms) have a module each, imported when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import sympy as sp

from ..errors import InputError, Refusal
from ..exact.numbers import exact_expression, exact_number, is_zero
from ..support.arguments import described, mapping_of, sequence_of
from ..support.display import call_like
from ..support.suggestions import did_you_mean
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.text import dotted

if TYPE_CHECKING:
    from numpy import ndarray

    from .closed_form import ClosedForm
    from .equilibria import Equilibria, Equilibrium
    from .folds import FoldSet
    from .invariants import Darboux, Invariants
    from .scaling import Scaling

__all__ = ["Field", "Flow", "RightHandSide"]


class Field(Mapping[Any, Any]):
    """An immutable, hashable mapping that keeps its order, made from a mapping or from pairs.

    Right-hand sides by state, values of a point by state, groups by name: whatever a result maps.

    >>> x, y = sp.symbols("x y")
    >>> rhs = Field({x: -y, y: x})
    >>> rhs[x], list(rhs), rhs == {y: x, x: -y}
    (-y, [x, y], True)
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> None:
        try:
            self._items = tuple(dict(items).items())
        except InputError:  # of the expression that makes the pairs
            raise
        except (TypeError, ValueError):
            raise InputError(f"items must be a mapping, or pairs of key and value, not {described(items)}") from None

    def __getitem__(self, state: Any) -> Any:
        wanted = hash(state)  # first, since SymPy's == would convert, and so run, text in a container
        for symbol, rhs in self._items:
            if hash(symbol) == wanted and symbol == state:
                return rhs
        raise KeyError(state)

    def __iter__(self) -> Iterator[Any]:
        return (symbol for symbol, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._items,)

    def __repr__(self) -> str:
        return repr(dict(self._items))


@dataclass(frozen=True)
class Flow(Formula):
    """The autonomous flow ``state' = rhs(states, parameters)``.

    Parameters
    ----------
    states : mapping of Symbol to expression
        One right-hand side for each state.
    parameters : iterable of Symbol
        Every other free symbol; what is known of it (real, positive) is an
        assumption on the symbol itself.

    Raises
    ------
    InputError
        For an empty system, a name used twice, an undeclared symbol, or a
        right-hand side that is not a finite expression or contains the imaginary unit.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True); k = symbols("k", positive=True)
    >>> flow = Flow({x: k*x - x**3}, (k,))
    >>> flow.lie(x**2)
    2*x*(k*x - x**3)
    >>> flow.fix({k: 4}).equilibria().points
    (-2, 0, 2)
    """

    states: Mapping[sp.Symbol, sp.Expr]
    parameters: tuple[sp.Symbol, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.states, Mapping):
            raise InputError(f"states must map symbols to expressions, not {described(self.states)}")
        object.__setattr__(self, "states", Field((x, _right_hand_side(x, f)) for x, f in self.states.items()))
        object.__setattr__(self, "parameters", _symbols(self.parameters))
        if not self.states:
            raise InputError("a flow needs at least one state")
        _refuse_duplicates((*self.states, *self.parameters))
        for state, rhs in self.states.items():
            self._declared(rhs, f"the right-hand side of {state}")

    # -- calculus ------------------------------------------------------------

    @property
    def rhs(self) -> Mapping[sp.Symbol, sp.Expr]:
        """The right-hand sides by state, in the order of the states."""
        return self.states

    def lie(self, expr: sp.Expr) -> sp.Expr:
        """The Lie derivative of ``expr`` along the flow: the sum of ``d(expr)/dx * x'``, not simplified.

        Raises
        ------
        InputError
            For what is no scalar expression in the declared symbols.
        """
        expr = self._declared(exact_expression("the expression", expr), "the expression")
        try:
            return sp.Add(*(sp.diff(expr, x) * f for x, f in self.states.items()))
        except RecursionError:
            raise Refusal("the expression is nested too deeply to be differentiated") from None

    def jacobian(self) -> sp.Matrix:
        """The Jacobian matrix of the right-hand sides in the states.

        Raises `Refusal` where they are nested too deeply to be differentiated: by some hundred levels.
        """
        try:
            return sp.Matrix(list(self.rhs.values())).jacobian(list(self.states))
        except RecursionError:
            raise Refusal("the right-hand sides are nested too deeply to be differentiated") from None

    # -- new flows from old --------------------------------------------------

    def fix(self, values: Mapping[Any, Any] | None = None) -> Flow:
        """The flow with some parameters set to numbers.

        Numbers are taken exactly: a float stands for the binary fraction it
        is.  An unknown name, a number that is not finite and one that
        contradicts the assumptions of its symbol raise `InputError`.

        Parameters
        ----------
        values : mapping of parameter (Symbol or name) to number

        >>> from sympy import symbols
        >>> x, k = symbols("x k", real=True)
        >>> Flow({x: k - x**2}, (k,)).fix({k: 0.25}).rhs
        {x: 1/4 - x**2}
        """
        values = {key: exact_number(value, key) for key, value in self.given(values).items()}
        states = {x: f.subs(values) for x, f in self.states.items()}
        return Flow(states, tuple(k for k in self.parameters if k not in values))

    def restrict(self, curve: Mapping[Any, sp.Expr] | sp.Basic | Darboux) -> Flow:
        """The flow on an invariant curve that is a graph over the other states.

        Parameters
        ----------
        curve : Eq, mapping {state: expression}, Darboux, or an expression that vanishes on the curve
            It must be linear in one state at least.

        Raises
        ------
        Refusal
            When the curve is not invariant; `.residual` is the Lie derivative of the
            curve's equation on the curve.

        Examples
        --------
        >>> from sympy import symbols
        >>> x, y = symbols("x y", real=True)
        >>> Flow({x: y - x, y: 2*x*(y - x)}).restrict({y: x**2}).states
        {x: x**2 - x}
        """
        graph = self._graph(curve)
        for x, g in graph.items():
            residual = sp.factor(sp.together(self.lie(x - g).subs(graph)))
            if not is_zero(residual):
                raise Refusal(f"the curve {x} = {g} is not invariant", residual)
        rest = {x: f.subs(graph) for x, f in self.states.items() if x not in graph}
        return Flow(rest, self.parameters)

    def retime(self, speed: sp.Expr) -> Flow:
        """The same trajectories in the time theta with d(theta) = speed dt, for a positive speed.

        >>> from sympy import symbols
        >>> x, k = symbols("x k", positive=True)
        >>> Flow({x: -k*x**3}, (k,)).retime(x**2).states
        {x: -k*x}
        """
        speed = self._declared(exact_expression("the speed", speed), "the speed")
        if speed.is_nonpositive:
            raise InputError(f"the speed of a clock is positive, not {speed}")
        return Flow({x: sp.cancel(f / speed) for x, f in self.states.items()}, self.parameters)

    # -- verbs with a module of their own ------------------------------------

    def invariants(self, degree: int = 2, *, budget: float | None = 60.0) -> Invariants:
        """Darboux polynomials and first integrals; see `symssl.scalar.invariants`.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.
        """
        from .invariants import invariants

        return invariants(self, degree, budget=budget)

    def nondimensionalize(
        self,
        normalise: sp.Expr | Iterable[Any] = (),
        *,
        states: Mapping[Any, sp.Symbol] | None = None,
        names: Iterable[sp.Symbol | str] = (),
        budget: float | None = 60.0,
    ) -> Scaling:
        """The flow in the fewest dimensionless groups of its parameters.

        Parameters
        ----------
        normalise : monomials, or pairs (state, monomial), whose coefficients are to keep nothing but their number;
            without them nonlinear terms are preferred, those with the most complicated coefficients first
        states : mapping {old state: new Symbol}, optional
        names : names of the groups, optional, in order of the degree of the terms they come from
        budget : seconds after which this is stopped (`OverBudget`); None for no limit

        Raises
        ------
        InputError
            For a term to normalise that does not exist, or that cannot be normalised with the others.
        Refusal
            For right-hand sides that are no quotients of sums of monomials.

        >>> from sympy import symbols
        >>> x, a, b = symbols("x a b", positive=True)
        >>> scaling = Flow({x: a*x - b*x**3}, (a, b)).nondimensionalize()
        >>> len(scaling.groups)
        0
        """
        from .scaling import nondimensionalize

        return nondimensionalize(self, normalise, states=states, names=names, budget=budget)

    def closed_form(
        self,
        state: sp.Expr | str | None = None,
        *,
        time: sp.Symbol | None = None,
        initial: sp.Expr | None = None,
        budget: float | None = 60.0,
    ) -> ClosedForm:
        """The trajectory of one state, or of an expression whose Lie derivative closes on itself, in closed form.

        Parameters
        ----------
        state : Symbol, name or expression such as ``s - p**2``; it may be left out where there is one state
        time : Symbol, by default a nonnegative ``t``
        initial : its value at time 0, by default the state's name with a 0
        budget : seconds after which this is stopped (`OverBudget`); None for no limit

        Raises
        ------
        InputError
            For an unknown state, and for a name of the time or of the initial value that is in use.
        Refusal
            When no closed form is known for the equation.

        >>> from sympy import symbols
        >>> x, k = symbols("x k", positive=True)
        >>> Flow({x: -k*x}, (k,)).closed_form().solution
        x0*exp(-k*t)
        """
        from .closed_form import closed_form

        return closed_form(self, state, time=time, initial=initial, budget=budget)

    def escape_time(
        self, state: sp.Symbol | str | None = None, *, initial: sp.Expr, budget: float | None = 60.0
    ) -> sp.Expr:
        """The time to reach infinity from ``initial``, a value or an expression in the parameters.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.

        >>> from sympy import symbols
        >>> x, x_0 = symbols("x x_0", positive=True)
        >>> Flow({x: x**2}).escape_time(initial=x_0)
        1/x_0
        """
        from .escape_time import escape_time

        return escape_time(self, state, initial=initial, budget=budget)

    def equilibria(self, *, budget: float | None = 60.0) -> Equilibria:
        """All equilibria, exactly, with the conditions on the parameters under which each is there.

        After `budget` seconds this is stopped (`OverBudget`); None is no limit.

        >>> from sympy import symbols
        >>> x = symbols("x", real=True)
        >>> [(e.point, e.stability) for e in Flow({x: x - x**2}).equilibria()]
        [(0, 'unstable'), (1, 'stable')]
        """
        from .equilibria import equilibria

        return equilibria(self, budget=budget)

    def stability(
        self, point: sp.Expr | Mapping[Any, sp.Expr] | Equilibrium
    ) -> Literal["stable", "unstable", "half-stable"]:
        """The stability of an equilibrium: a number, {state: value}, or one of `equilibria`; proved, or refused.

        >>> from sympy import symbols
        >>> x = symbols("x", real=True)
        >>> Flow({x: x - x**2}).stability(1)
        'stable'
        """
        from .equilibria import stability

        return stability(self, point)

    def fold_set(
        self,
        state: sp.Symbol | str | None = None,
        parameters: Sequence[Any] | None = None,
        *,
        budget: float | None = 60.0,
    ) -> FoldSet:
        """The folds of a scalar flow: where two equilibria meet and vanish, for all admissible parameters.

        Parameters
        ----------
        state : Symbol or name; it may be left out where there is one state
        parameters : pair of parameters that the state is to parametrise; by default the last two in which the
            equations can be solved linearly
        budget : seconds after which this is stopped (`OverBudget`); None for no limit

        >>> from sympy import symbols
        >>> x, m = symbols("x m", real=True)
        >>> Flow({x: m - x**2}, (m,)).fold_set().explicit
        ({m: 0, x: 0},)
        """
        from .folds import fold_set

        return fold_set(self, state, parameters, budget=budget)

    # -- other representations -----------------------------------------------

    def to_function(self, values: Mapping[Any, Any] | None = None) -> RightHandSide:
        """A plain callable ``f(t, y, values=None)`` for SciPy's ``solve_ivp``; it pickles.

        Parameters fixed here are not asked for again; the others are a mapping from name or Symbol to number.
        """
        from ..codegen.compile import compile_function

        flow = self.fix(values)
        compiled = compile_function(tuple(flow.rhs.values()), (*flow.states, *flow.parameters))
        return RightHandSide(compiled, len(flow.states), tuple(k.name for k in flow.parameters))

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line]:
        return [Line(Tex(dotted(write(x))), "=", f) for x, f in self.states.items()]

    def __repr__(self) -> str:
        rows = [f"{x}' = {f}" for x, f in self.states.items()]
        return call_like(
            "Flow", [*rows, *([f"parameters: {', '.join(map(str, self.parameters))}"] * bool(self.parameters))]
        )

    # -- reading what the user names -----------------------------------------

    def state(self, state: sp.Symbol | str | None = None) -> sp.Symbol:
        """The state meant by a symbol, a name, or nothing where there is only one.

        Raises
        ------
        InputError
            For an unknown state, and where a state has to be named and is not.
        """
        if state is None:
            if len(self.states) == 1:
                return next(iter(self.states))
            raise InputError(f"name one of the states {', '.join(map(str, self.states))}")
        return _named(state, tuple(self.states), "state")

    def given(self, values: Mapping[Any, Any] | None) -> dict[sp.Symbol, Any]:
        """Values by parameter, from a mapping by symbol or name; one that is given twice is refused.

        >>> from sympy import symbols
        >>> x, k = symbols("x k", real=True)
        >>> Flow({x: k - x}, (k,)).given({"k": 2})
        {k: 2}
        """
        by_parameter: dict[sp.Symbol, Any] = {}
        for key, value in mapping_of("values", values, "parameters to numbers").items():
            parameter = self.parameter(key)
            if parameter in by_parameter:
                raise InputError(f"values gives {parameter} twice, by symbol and by name")
            by_parameter[parameter] = value
        return by_parameter

    def parameter(self, key: sp.Symbol | str) -> sp.Symbol:
        """The parameter meant by a symbol or a name.

        Raises
        ------
        InputError
            For the name of a state, and for what is no parameter.
        """
        if isinstance(key, (str, sp.Symbol)) and str(key) in {x.name for x in self.states}:
            raise InputError(f"{key} is a state; only parameters can be set to a number")
        return _named(key, self.parameters, "parameter")

    def _declared(self, expr, where):
        known = {*self.states, *self.parameters}
        for symbol in sorted(expr.free_symbols - known, key=str):
            twin = next((k for k in known if k.name == symbol.name), None)
            hint = (
                "a symbol of that name with other assumptions is declared; use that one"
                if twin is not None
                else "add it to the states or the parameters"
            )
            raise InputError(f"{where} contains {symbol}, which is not declared: {hint}")
        return expr

    def _graph(self, curve):
        """The curve as {state: expression in the other states}."""
        if isinstance(curve, Mapping):
            graph = {
                self.state(x): self._declared(exact_expression("the curve", g), "the curve") for x, g in curve.items()
            }
            if not graph:
                raise InputError("the curve is an empty mapping; give one state as an expression in the others")
            if set().union(*(g.free_symbols for g in graph.values())) & set(graph):
                raise InputError("a restricted state appears on the right of the curve")
        else:
            curve = getattr(curve, "curve", curve)
            curve = curve.lhs - curve.rhs if isinstance(curve, sp.Equality) else curve
            curve = self._declared(exact_expression("the curve", curve), "the curve")
            numerator = sp.numer(sp.together(curve))
            graph = _solved(numerator, tuple(self.states))
        if len(graph) == len(self.states):
            raise InputError("the curve leaves no state to flow")
        return graph


@dataclass(frozen=True)
class RightHandSide:
    """``f(t, y, values=None)`` around compiled right-hand sides, as SciPy's ``solve_ivp`` takes it; it pickles.

    `names` are the parameters that `values` has to give.
    """

    compiled: Callable[..., Any]
    size: int
    names: tuple[str, ...]

    def __call__(self, t: float, y: Any, values: Mapping[Any, Any] | None = None) -> ndarray:
        parameters = {getattr(key, "name", key): value for key, value in mapping_of("values", values).items()}
        if unknown := set(parameters) - set(self.names):
            raise InputError(f"{min(unknown)} is not a parameter of this flow")
        if missing := [name for name in self.names if name not in parameters]:
            raise InputError(f"give a value to the parameter {missing[0]}")
        try:
            entries = len(y)
        except TypeError:
            raise InputError(f"y must be an array of {self.size} numbers, not {described(y)}") from None
        if entries != self.size:
            raise InputError(f"the flow has {self.size} states, the point {entries} entries")
        return self.compiled(*y, *(parameters[name] for name in self.names))


def _right_hand_side(symbol, rhs):
    if not isinstance(symbol, sp.Symbol):
        raise InputError(f"a state must be a Symbol, not {symbol!r}")
    rhs = exact_expression(f"the right-hand side of {symbol}", rhs)
    if rhs.has(sp.I):
        raise InputError(
            f"the right-hand side of {symbol} contains the imaginary unit: {rhs}; "
            "states are real, so write real and imaginary parts as two states"
        )
    return rhs


def _symbols(parameters):
    parameters = (parameters,) if isinstance(parameters, sp.Symbol) else parameters
    parameters = sequence_of("parameters", parameters, "symbols")
    for parameter in parameters:
        if not isinstance(parameter, sp.Symbol):
            raise InputError(f"a parameter must be a Symbol, not {described(parameter)}")
    return parameters


def _refuse_duplicates(symbols):
    seen = set()
    for symbol in symbols:
        if symbol.name in seen:
            raise InputError(f"the name {symbol} is used twice; states and parameters need distinct names")
        seen.add(symbol.name)


def _named(key, candidates, kind):
    """The candidate that a symbol or a name means; names are compared, never parsed."""
    if not isinstance(key, (str, sp.Symbol)):
        raise InputError(f"a {kind} is named by its symbol or by text, not by {described(key)}")
    for candidate in candidates:
        if key == candidate or key == candidate.name:
            return candidate
    names = [c.name for c in candidates]
    if str(key) in names:
        raise InputError(f"{key} is declared with other assumptions; use the symbol of the flow, or its name")
    hint = did_you_mean(str(key), names, f"; there are: {', '.join(names) or 'none'}")
    raise InputError(f"{key} is not a {kind} of this flow{hint}")


def _solved(polynomial, states):
    """Solve `polynomial` = 0 for one state, preferring a constant coefficient."""
    options = []
    for x in states:
        slope = sp.diff(polynomial, x)
        if slope != 0 and is_zero(sp.diff(slope, x)):
            options.append((len(slope.free_symbols & set(states)), x, slope))
    if not options:
        raise Refusal("the curve is linear in no state, so it is not a graph", polynomial)
    _, x, slope = min(options, key=lambda option: option[0])
    return {x: sp.cancel(x - polynomial / slope)}
