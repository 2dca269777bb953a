"""Autonomous flows of finitely many real states: the object every scalar verb acts on.

The verbs that need more than substitution live in their own modules and are
imported when they are called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real

import sympy as sp

from ..errors import InputError, Refusal
from ..exact.numbers import exact_number, is_zero, without_floats
from ..support.arguments import mapping_of
from ..typeset.formulas import Formula, Line, Tex

__all__ = ["Field", "Flow"]


class Field(Mapping):
    """Right-hand sides by state: an immutable, hashable mapping that keeps its order."""

    __slots__ = ("_items",)

    def __init__(self, items=()):
        self._items = tuple(dict(items).items())

    def __getitem__(self, state):
        for symbol, rhs in self._items:
            if symbol == state:
                return rhs
        raise KeyError(state)

    def __iter__(self) -> Iterator[sp.Symbol]:
        return (symbol for symbol, _ in self._items)

    def __len__(self):
        return len(self._items)

    def __hash__(self):
        return hash(frozenset(self._items))

    def __reduce__(self):
        return type(self), (self._items,)

    def __repr__(self):
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

    states: Mapping
    parameters: tuple = ()

    def __post_init__(self):
        if not isinstance(self.states, Mapping):
            raise InputError(f"states must map symbols to expressions, not {self.states!r}")
        object.__setattr__(self, "states", Field((x, _right_hand_side(x, f)) for x, f in self.states.items()))
        object.__setattr__(self, "parameters", _symbols(self.parameters))
        if not self.states:
            raise InputError("a flow needs at least one state")
        _refuse_duplicates((*self.states, *self.parameters))
        for state, rhs in self.states.items():
            self._declared(rhs, f"the right-hand side of {state}")

    # -- calculus ------------------------------------------------------------

    @property
    def rhs(self):
        """The right-hand sides by state, in the order of the states."""
        return self.states

    def lie(self, expr):
        """The Lie derivative of ``expr`` along the flow, not simplified."""
        expr = self._declared(_expression(expr, "the expression"), "the expression")
        return sp.Add(*(sp.diff(expr, x) * f for x, f in self.states.items()))

    def jacobian(self):
        """The Jacobian matrix of the right-hand sides in the states."""
        return sp.Matrix(list(self.rhs.values())).jacobian(list(self.states))

    # -- new flows from old --------------------------------------------------

    def fix(self, values):
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
        values = {
            self.parameter(key): value for key, value in mapping_of("values", values, "parameters to numbers").items()
        }
        values = {key: exact_number(value, key) for key, value in values.items()}
        states = {x: f.subs(values) for x, f in self.states.items()}
        return Flow(states, tuple(k for k in self.parameters if k not in values))

    def restrict(self, curve):
        """The flow on an invariant curve that is a graph over the other states.

        Parameters
        ----------
        curve : Eq, mapping {state: expression}, or an expression that vanishes on the curve
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

    def retime(self, speed):
        """The same trajectories in the time theta with d(theta) = speed dt, for a positive speed.

        >>> from sympy import symbols
        >>> x, k = symbols("x k", positive=True)
        >>> Flow({x: -k*x**3}, (k,)).retime(x**2).states
        {x: -k*x}
        """
        speed = self._declared(_expression(speed, "the speed"), "the speed")
        if speed.is_nonpositive:
            raise InputError(f"the speed of a clock is positive, not {speed}")
        return Flow({x: sp.cancel(f / speed) for x, f in self.states.items()}, self.parameters)

    # -- verbs with a module of their own ------------------------------------

    def invariants(self, degree=2):
        """Darboux polynomials and first integrals; see `symssl.scalar.invariants`."""
        from .invariants import invariants

        return invariants(self, degree)

    def nondimensionalize(self, normalise=(), **options):
        """The flow in the fewest dimensionless groups; see `symssl.scalar.scaling`."""
        from .scaling import nondimensionalize

        return nondimensionalize(self, normalise, **options)

    def closed_form(self, state=None, **options):
        """The trajectory in closed form; see `symssl.scalar.closed_form`."""
        from .closed_form import closed_form

        return closed_form(self, state, **options)

    def escape_time(self, state=None, *, initial):
        """The time to reach infinity; see `symssl.scalar.escape_time`."""
        from .escape_time import escape_time

        return escape_time(self, state, initial=initial)

    def equilibria(self):
        """All equilibria, exactly; see `symssl.scalar.equilibria`."""
        from .equilibria import equilibria

        return equilibria(self)

    def stability(self, point):
        """The stability of an equilibrium, proved; see `symssl.scalar.equilibria`."""
        from .equilibria import stability

        return stability(self, point)

    def fold_set(self, state=None, parameters=None):
        """Where two equilibria meet and vanish; see `symssl.scalar.folds`."""
        from .folds import fold_set

        return fold_set(self, state, parameters)

    # -- other representations -----------------------------------------------

    def to_function(self, values=None):
        """A plain callable ``f(t, y, values=None)`` for SciPy's ``solve_ivp``; it pickles.

        Parameters fixed here are not asked for again; the others are a mapping from name or Symbol to number.
        """
        from ..codegen.compile import compile_function

        flow = self.fix(values)
        compiled = compile_function(tuple(flow.rhs.values()), (*flow.states, *flow.parameters))
        return RightHandSide(compiled, len(flow.states), tuple(k.name for k in flow.parameters))

    def _latex_form(self, write):
        return [Line(Tex(rf"\dot{{{write(x)}}}"), "=", f) for x, f in self.states.items()]

    # -- reading what the user names -----------------------------------------

    def state(self, state=None):
        """The state meant by a symbol, a name, or nothing where there is only one."""
        if state is None:
            if len(self.states) == 1:
                return next(iter(self.states))
            raise InputError(f"name one of the states {', '.join(map(str, self.states))}")
        return _named(state, tuple(self.states), "state")

    def parameter(self, key):
        """The parameter meant by a symbol or a name."""
        if key in self.states or key in {x.name for x in self.states}:
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
            graph = {self.state(x): self._declared(_expression(g, "the curve"), "the curve") for x, g in curve.items()}
            if set().union(*(g.free_symbols for g in graph.values())) & set(graph):
                raise InputError("a restricted state appears on the right of the curve")
        else:
            curve = getattr(curve, "curve", curve)
            curve = curve.lhs - curve.rhs if isinstance(curve, sp.Equality) else curve
            curve = self._declared(_expression(curve, "the curve"), "the curve")
            numerator = sp.numer(sp.together(curve))
            graph = _solved(numerator, tuple(self.states))
        if len(graph) == len(self.states):
            raise InputError("the curve leaves no state to flow")
        return graph


@dataclass(frozen=True)
class RightHandSide:
    """``f(t, y, values=None)`` around compiled right-hand sides."""

    compiled: object
    size: int
    names: tuple

    def __call__(self, t, y, values=None):
        parameters = {getattr(key, "name", key): value for key, value in mapping_of("values", values).items()}
        if unknown := set(parameters) - set(self.names):
            raise InputError(f"{min(unknown)} is not a parameter of this flow")
        if missing := [name for name in self.names if name not in parameters]:
            raise InputError(f"give a value to the parameter {missing[0]}")
        if len(y) != self.size:
            raise InputError(f"the flow has {self.size} states, the point {len(y)} entries")
        return self.compiled(*y, *(parameters[name] for name in self.names))


def _right_hand_side(symbol, rhs):
    if not isinstance(symbol, sp.Symbol):
        raise InputError(f"a state must be a Symbol, not {symbol!r}")
    rhs = _expression(rhs, f"the right-hand side of {symbol}")
    if rhs.has(sp.I):
        raise InputError(
            f"the right-hand side of {symbol} contains the imaginary unit: {rhs}; "
            "states are real, so write real and imaginary parts as two states"
        )
    return rhs


def _expression(expr, where):
    """A finite scalar expression; text is never parsed."""
    if not isinstance(expr, (sp.Expr, Real)) or isinstance(expr, bool):
        raise InputError(f"{where} must be an expression, not {expr!r}")
    expr = sp.sympify(expr, strict=True)
    if expr.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
        raise InputError(f"{where} is not finite: {expr}")
    return without_floats(expr)


def _symbols(parameters):
    parameters = (parameters,) if isinstance(parameters, sp.Symbol) else tuple(parameters)
    for parameter in parameters:
        if not isinstance(parameter, sp.Symbol):
            raise InputError(f"a parameter must be a Symbol, not {parameter!r}")
    return parameters


def _refuse_duplicates(symbols):
    seen = set()
    for symbol in symbols:
        if symbol.name in seen:
            raise InputError(f"the name {symbol} is used twice; states and parameters need distinct names")
        seen.add(symbol.name)


def _named(key, candidates, kind):
    """The candidate that a symbol or a name means; names are compared, never parsed."""
    for candidate in candidates:
        if key == candidate or key == candidate.name:
            return candidate
    near = get_close_matches(str(key), [c.name for c in candidates], n=1)
    names = ", ".join(c.name for c in candidates) or "none"
    hint = f"did you mean {near[0]}?" if near else f"there are: {names}"
    raise InputError(f"{key} is not a {kind} of this flow; {hint}")


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
