"""Terms and properties that a sentence names: rates, values on trajectories, limits, zeros, spectra, optima, orders.

They hold what is meant and decide nothing.  What such a term is at a concrete instance `symssl.statements` says; what
the engine finds out about it is a fact, and there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import modules
from typing import Any, ClassVar

from sympy import Basic, Dict, FiniteSet, Integer, MatrixSymbol, S, Set, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean, BooleanAtom
from sympy.printing.precedence import precedence_traditional

from ..errors import InputError
from ..support.arguments import described, instance_of, mapping_of, one_of, sequence_of
from .binding import Binder, Derived, Node, as_bound, letters
from .dynamics import NEXT, Dynamics, GradientDescent, Held
from .inputs import as_expression, is_matrix
from .operators import MatrixNode
from .relations import Relation
from .scalars import ScalarNode
from .writing import (
    as_argument,
    assignments,
    condition_latex,
    grouped_ranges,
    label,
    moving,
    powered,
    ranges,
    renamed,
    tuple_of,
    unused_letter,
)

__all__ = [
    "Along",
    "At",
    "Count",
    "Eigenvalue",
    "Eigenvector",
    "FirstTime",
    "Gradient",
    "Growth",
    "Limit",
    "Next",
    "Optimum",
    "Order",
    "Probability",
    "Rate",
    "Stability",
    "Zeros",
    "as_condition",
    "as_hypothesis",
    "as_point",
    "as_term",
    "is_condition",
]


# --- terms that are scalars or matrices, as their first argument is ------------------------


class _Term(Node):
    """A node with the shape of its first argument; a subclass is made in a scalar and in a matrix kind."""

    kinds: tuple[type, type]
    as_scalar: ClassVar[dict[str, Any]] = {}  # more attributes of the scalar kind

    def __init_subclass__(cls, twin: bool = True, **options: Any) -> None:
        super().__init_subclass__(**options)
        if twin:
            made = tuple(
                type(
                    f"{kind}{cls.__name__}",
                    (cls, base),
                    {
                        "__module__": cls.__module__,
                        "__doc__": cls.__doc__,
                        **(cls.as_scalar if base is ScalarNode else {}),
                    },
                    twin=False,
                )
                for kind, base in (("Scalar", ScalarNode), ("Matrix", MatrixNode))
            )
            for one in made:  # where pickle looks for them
                setattr(modules[cls.__module__], one.__name__, one)
            cls.kinds = made  # type: ignore[assignment]

    @classmethod
    def _again(cls, *args: Any) -> Any:
        scalar, matrix = cls.kinds
        return Basic.__new__(matrix if is_matrix(args[0]) else scalar, _immutable(args[0]), *args[1:])

    def _sympystr(self, printer: Any) -> str:
        name = type(self).__name__.removeprefix("Scalar").removeprefix("Matrix")
        return f"{name}({', '.join(map(printer._print, self.args))})"


def _immutable(term: Any) -> Any:
    return term.as_immutable() if hasattr(term, "as_immutable") else term


def as_term(value: Any, role: str) -> Any:
    return _immutable(as_expression(value, role))


def _dynamics(value: Any, role: str) -> Dynamics:
    return instance_of(f"the dynamics of {role}", value, Dynamics, "a GradientFlow, GradientDescent or VectorField")


def as_point(value: Any, role: str) -> Dict:
    """A mapping from symbols to terms of their shape."""
    table = mapping_of(f"the point of {role}", value, "symbols to values")
    out = {}
    for symbol, term in table.items():
        if not isinstance(symbol, (Symbol, MatrixSymbol)):
            raise InputError(f"the point of {role} gives a value to {symbol}, which is no symbol")
        term = as_term(term, f"the value of {symbol}")
        if is_matrix(symbol) != is_matrix(term) or (is_matrix(symbol) and tuple(symbol.shape) != tuple(term.shape)):
            raise InputError(f"the point of {role}: the value of {symbol} has not the shape of {symbol}")
        out[symbol] = term
    return Dict(out)


def _variable(value: Any, role: str, *scope: Any) -> Symbol:
    if not isinstance(value, Symbol):
        raise InputError(f"the variable of {role} must be a symbol, not {described(value)}")
    return as_bound(value, role, *scope)


def _end(value: Any, role: str) -> Any:
    end = as_term(value, f"the end of {role}")
    if is_matrix(end):
        raise InputError(f"the end of {role} must be a scalar, not {described(end)}")
    return end


def _side(value: Any, role: str) -> Str:
    return Str(one_of(f"the side of {role}", value, ("", "+", "-")))


class Rate(Derived, _Term):
    r"""The time derivative of a term along dynamics, :math:`\tfrac{d}{dt}f`, at the states it is written in.

    >>> from sympy import symbols
    >>> from symssl.language import GradientFlow
    >>> w = Symbol("w")
    >>> Rate(w**2, GradientFlow(w**2/2, w))
    Rate(w**2, GradientFlow(w**2/2, (w,)))
    """

    def __new__(cls, term: Any, dynamics: Any) -> Any:
        if isinstance(dynamics, GradientDescent):
            raise InputError("Rate: gradient descent moves by steps; use Next")
        return cls._again(as_term(term, "Rate"), _dynamics(dynamics, "Rate"))

    @property
    def pivots(self) -> tuple[Any, ...]:
        """The states."""
        return self.args[1].states

    @property
    def is_open_sum(self) -> bool:
        """Whether nothing tells where it ends in LaTeX: behind d/dt."""
        return not isinstance(self.args[0], (Symbol, MatrixSymbol))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, dynamics = self.args
        mark = label(printer, dynamics)
        if self.is_open_sum:
            text = rf"\frac{{d}}{{dt}} {as_argument(printer, term, closed=True)}"
            text = rf"\left({text}\right)^{{{mark}}}" if mark else text
        else:
            text = dynamics._moved_latex(printer, term)
        return powered(text, exp)


class Next(Derived, _Term):
    r"""A term after one step of gradient descent, :math:`f(W_{t+1})`, in the states before the step."""

    def __new__(cls, term: Any, dynamics: Any) -> Any:
        instance_of("the dynamics of Next", dynamics, GradientDescent, "a GradientDescent")
        return cls._again(as_term(term, "Next"), dynamics)

    @property
    def pivots(self) -> tuple[Any, ...]:
        """The states."""
        return self.args[1].states

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, dynamics = self.args
        if isinstance(term, (Symbol, MatrixSymbol)):
            return powered(dynamics._moved_latex(printer, term), exp)
        mark = f"{NEXT}{label(printer, dynamics)}"
        return powered(rf"\left({printer._print(term)}\right)^{{{mark}}}", exp)


class Gradient(Derived, _Term):
    r"""The gradient of a scalar by a symbol or a matrix, in the shape of what it is taken by.

    The first argument is what the gradient is taken by, which gives the shape.

    >>> from sympy import MatrixSymbol
    >>> from symssl import sq
    >>> W = MatrixSymbol("W", 2, 3)
    >>> Gradient(sq(W), W).shape
    (2, 3)
    """

    def __new__(cls, term: Any, by: Any) -> Any:
        term = as_term(term, "Gradient")
        if is_matrix(term):
            raise InputError(f"Gradient: the term must be a scalar, not {described(term)}")
        if not isinstance(by, (Symbol, MatrixSymbol)):
            raise InputError(f"Gradient: taken by a symbol or a matrix symbol, not {described(by)}")
        return cls._again(by, term)

    @property
    def by(self) -> Any:
        """What the gradient is taken by."""
        return self.args[0]

    @property
    def term(self) -> Any:
        """The scalar."""
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"Gradient({printer._print(self.term)}, {printer._print(self.by)})"

    @property
    def pivots(self) -> tuple[Any, ...]:
        """What the gradient is taken by."""
        return (self.args[0],)

    is_open_sum = True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return powered(rf"\nabla_{{{printer._print(self.by)}}} {as_argument(printer, self.term, closed=True)}", exp)


class At(Binder, _Term):
    """A term at a point: symbols take values there, which may be terms again.

    >>> x, y = Symbol("x"), Symbol("y")
    >>> At(x**2, {x: y}).free_symbols
    {y}
    """

    within = (0,)
    point = 1
    as_scalar: ClassVar[dict[str, Any]] = {
        "is_real": None,  # a time or a limit at a point may be infinite
        "is_extended_real": True,
    }

    def __new__(cls, term: Any, point: Any) -> Any:
        term, point = as_term(term, "At"), as_point(point, "At")
        for symbol in point:
            as_bound(symbol, "At", term)
        return cls._again(term, point)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        with renamed(printer, dict.fromkeys(self.bound_symbols, None)):
            term = printer._print(self.args[0])
        return powered(rf"\left. {term} \right|_{{{assignments(printer, self.args[1])}}}", exp)


class Along(Binder, _Term):
    r"""A term of the states at a time, on the trajectory that begins at a start (at time 0).

    Parameters
    ----------
    term : in the states of the dynamics.
    dynamics : GradientFlow or VectorField, or GradientDescent, whose time counts steps.
    time : a term, not negative.
    start : state -> value at time 0; every state has one.

    >>> from symssl.language import VectorField
    >>> x, t = Symbol("x"), Symbol("t", positive=True)
    >>> Along(x**2, VectorField({x: -x}), t, {x: 1}).free_symbols
    {t}
    """

    within = (0, 1)
    point = 3

    def __new__(cls, term: Any, dynamics: Any, time: Any, start: Any) -> Any:
        term, dynamics = as_term(term, "Along"), _dynamics(dynamics, "Along")
        time = as_term(time, "the time of Along")
        if is_matrix(time):
            raise InputError(f"the time of Along must be a scalar, not {described(time)}")
        if time.is_negative:
            raise InputError(f"the time of Along is {time}, which is negative: trajectories begin at time 0")
        return cls._again(term, dynamics, time, _start(start, dynamics, "Along", term))

    @property
    def is_open_sum(self) -> bool:
        """Whether the term has no end in LaTeX."""
        return getattr(self.args[0], "is_open_sum", False)

    @property
    def precedence(self) -> int:
        """That of the term, which is what is printed."""
        return precedence_traditional(self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, dynamics, time, start = self.args
        with renamed(printer, moving(printer, dynamics, printer._print(time), start)):
            return powered(printer._print(term), exp)


class Limit(Binder, _Term):
    r"""The limit of a term as a variable tends to a value, from one side where `side` is "+" or "-".

    >>> x = Symbol("x", positive=True)
    >>> from sympy import oo
    >>> Limit(1/x, x, oo).free_symbols
    set()
    """

    within = (0, 1)
    is_open_sum = True
    as_scalar: ClassVar[dict[str, Any]] = {"is_real": None, "is_extended_real": True}  # it may be infinite

    def __new__(cls, term: Any, variable: Any, to: Any, side: str = "") -> Any:
        term = as_term(term, "Limit")
        return cls._again(term, _variable(variable, "Limit", term), _end(to, "Limit"), _side(side, "Limit"))

    @property
    def bound_symbols(self) -> list[Any]:
        """The variable."""
        return [self.args[1]]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, variable, to, side = self.args
        with renamed(printer, {variable: None}):
            name, body = printer._print(variable), as_argument(printer, term)
        side = rf"^{{{side}}}" if str(side) else ""
        return powered(rf"\lim_{{{name} \to {printer._print(to)}{side}}} {body}", exp)


# --- scalars ------------------------------------------------------------------------------


class _Scalar(ScalarNode):
    """A real number that is read off a system, a matrix or a law."""


class _SetOfValues(Set):
    """A set of which nothing is decided here: `Contains` and `Eq` of it stay as they are written."""

    def _contains(self, other: Any) -> None:
        return None

    def _eval_is_subset(self, other: Any) -> None:
        return None

    def _eval_is_superset(self, other: Any) -> None:
        return None


class FirstTime(Binder, _Scalar):
    """The first time at which a condition on the states holds on the trajectory from a start; oo where it never does.

    Where the trajectory ends before (blow-up), and the condition has not held, it is oo too.
    """

    within = (0, 1)
    point = 2
    is_real: Any = None  # it may be infinite
    is_extended_nonnegative = True

    def __new__(cls, condition: Any, dynamics: Any, start: Any) -> FirstTime:
        condition, dynamics = as_condition(condition, "FirstTime"), _dynamics(dynamics, "FirstTime")
        return Basic.__new__(cls, condition, dynamics, _start(start, dynamics, "FirstTime", condition))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        condition, dynamics, start = self.args
        time = unused_letter(("t", r"\tau", "u", "v", "s"), letters(self) | {rf"\{name}" for name in letters(self)})
        with renamed(printer, moving(printer, dynamics, time, start)):
            inside = printer._print(condition)
        return powered(rf"\inf\left\{{{time} \geq 0 : {inside}\right\}}", exp)


class Zeros(Binder, _SetOfValues):
    """The set of real solutions of a system of equations in unknowns, within a domain.

    Parameters
    ----------
    system : terms that vanish, or equations, one or several; or dynamics, whose equilibria are meant.
    unknowns : symbols or matrix symbols; for dynamics the states, which may be left out.
    domain : conditions on the unknowns.

    >>> x = Symbol("x")
    >>> Zeros(x**2 - 1, x)
    Zeros((x**2 - 1,), (x,), ())
    """

    within = (0, 1, 2)

    def __new__(cls, system: Any, unknowns: Any = None, domain: Any = ()) -> Zeros:
        if isinstance(system, Dynamics):
            unknowns = system.states if unknowns is None else unknowns
        else:
            parts = system if isinstance(system, (tuple, list, Tuple)) else (system,)
            system = Tuple(*(part if is_condition(part) else as_term(part, "Zeros") for part in parts))
        unknowns = _symbols(unknowns, "Zeros", "the unknowns", system)
        domain = domain if isinstance(domain, (tuple, list, Tuple)) else (domain,)
        return Basic.__new__(
            cls, system, Tuple(*unknowns), Tuple(*(as_condition(c, "the domain of Zeros") for c in domain))
        )

    @property
    def system(self) -> Any:
        """Terms and equations, or dynamics."""
        return self.args[0]

    @property
    def unknowns(self) -> tuple[Any, ...]:
        """The symbols that are solved for."""
        return tuple(self.args[1])

    @property
    def domain(self) -> tuple[Any, ...]:
        """Conditions on the unknowns."""
        return tuple(self.args[2])

    @property
    def bound_symbols(self) -> list[Any]:
        """The unknowns."""
        return list(self.args[1])

    def _latex(self, printer: Any) -> str:
        with renamed(printer, dict.fromkeys(self.unknowns, None)):
            unknowns = ranges(printer, self.unknowns)
            if len(self.unknowns) > 1:
                unknowns = f"{tuple_of(printer, self.unknowns)} : {unknowns},\\;"
            else:
                unknowns += " :"
            if isinstance(self.system, Dynamics):
                system = [_vanishing(self.system._moved_latex(printer, x)) for x in self.system.states]
            else:
                system = [printer._print(p) if is_condition(p) else _vanishing(printer._print(p)) for p in self.system]
            conditions = ",\\; ".join([*system, *map(printer._print, self.domain)])
        return rf"\left\{{{unknowns} {conditions}\right\}}"


def _vanishing(text: str) -> str:
    return f"{text} = 0"


class Count(Node, _Scalar):
    """How many elements a set has, `Zeros` or a finite set."""

    is_nonnegative = True

    def __new__(cls, elements: Any) -> Count:
        instance_of("the set of Count", elements, (Zeros, FiniteSet, Growth), "Zeros(...) or a finite set")
        return Basic.__new__(cls, elements)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return powered(rf"\#{printer._print(self.args[0])}", exp)


_STABILITIES = {
    "stable": "is stable",
    "unstable": "is unstable",
    "half-stable": "is half-stable",
    "nonhyperbolic": "is not hyperbolic",
    "saddle": "is a saddle",
}
_DENIED = {
    "stable": "is not stable",
    "unstable": "is not unstable",
    "half-stable": "is not half-stable",
    "nonhyperbolic": "is not non-hyperbolic",
    "saddle": "is no saddle",
}


class Stability(Binder, Boolean):
    """That an equilibrium of dynamics is of a kind: "stable" (asymptotically), "unstable", "half-stable", "saddle".

    For one state, by the sign of the velocity on both sides; for more, by the spectrum of the Jacobian: stable where
    all eigenvalues have negative real part, unstable where one has positive real part, saddle where both occur,
    nonhyperbolic where none is positive and one lies on the axis.
    """

    within = (0,)
    point = 1

    def __new__(cls, dynamics: Any, point: Any, kind: str) -> Stability:
        dynamics = _dynamics(dynamics, "Stability")
        kind = one_of("the kind of Stability", kind, tuple(_STABILITIES))
        return Basic.__new__(cls, dynamics, _start(point, dynamics, "Stability"), Str(kind))

    def _latex(self, printer: Any) -> str:
        return self._said(printer, _STABILITIES)

    def _latex_denied(self, printer: Any) -> str:
        return self._said(printer, _DENIED)

    def _said(self, printer: Any, words: Mapping[str, str]) -> str:
        dynamics, point, kind = self.args
        mark = label(printer, dynamics)
        under = rf"\text{{ under }} {mark}" if mark else ""
        return rf"{assignments(printer, point)} \text{{ {words[str(kind)]}}}{under}"


class Growth(Binder, _SetOfValues):
    """The set of eigenvalues of the Jacobian of dynamics at a point, each once: how fast small deviations grow."""

    within = (0,)
    point = 1

    def __new__(cls, dynamics: Any, point: Any) -> Growth:
        dynamics = _dynamics(dynamics, "Growth")
        return Basic.__new__(cls, dynamics, _start(point, dynamics, "Growth"))

    def _latex(self, printer: Any) -> str:
        dynamics, point = self.args
        with renamed(printer, dict.fromkeys(dynamics.states, None)):
            below = tuple_of(printer, dynamics.states)
            above = [dynamics._moved_latex(printer, state) for state in dynamics.states]
        top = above[0] if len(above) == 1 else rf"\left({', '.join(above)}\right)"
        jacobian = rf"\frac{{\partial {top}}}{{\partial {below}}}"
        return rf"\operatorname{{spec}} \left. {jacobian} \right|_{{{assignments(printer, point)}}}"


class Eigenvalue(Node, _Scalar):
    """An eigenvalue of a symmetric matrix by its number from below: 1 is the least, -1 the greatest.

    With ``kind="singular"`` a singular value, from above: 1 is the greatest (the spectral norm); with ``kind="rank"``
    the rank (the number is then left out).
    """

    def __new__(cls, matrix: Any, number: Any = 1, kind: str = "eigenvalue") -> Eigenvalue:
        matrix = as_term(matrix, "Eigenvalue")
        if not is_matrix(matrix):
            raise InputError(f"Eigenvalue is of a matrix, not of {described(matrix)}")
        one_of("the kind of Eigenvalue", kind, ("eigenvalue", "singular", "rank"))
        if kind == "eigenvalue" and matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"Eigenvalue: {matrix} is {matrix.shape[0]} x {matrix.shape[1]}, not square")
        return Basic.__new__(cls, matrix, as_term(number, "the number of Eigenvalue"), Str(kind))

    def _eval_is_nonnegative(self) -> bool | None:
        return True if str(self.args[2]) in ("singular", "rank") else None

    def _eval_is_integer(self) -> bool | None:
        return True if str(self.args[2]) == "rank" else None

    def _latex(self, printer: Any, exp: Any = None) -> str:
        matrix, number, kind = self.args
        name = {"rank": r"\operatorname{rank}", "singular": rf"\sigma_{{{printer._print(number)}}}"}.get(str(kind))
        if name is None:
            ends = {S.One: r"\min", S.NegativeOne: r"\max"}
            name = rf"\lambda_{{{ends.get(number) or printer._print(number)}}}"
        text = rf"{name}\left({printer._print(matrix)}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Eigenvector(Node, MatrixNode):
    r"""A unit eigenvector of a symmetric matrix, a column, for an eigenvalue by its number from below.

    Which one is left open: the sign, and all where the eigenvalue is multiple.  What a sentence says must hold for
    every choice.

    >>> from sympy import MatrixSymbol
    >>> Eigenvector(MatrixSymbol("C", 3, 3), 1).shape
    (3, 1)
    """

    def __new__(cls, matrix: Any, number: Any = 1) -> Eigenvector:
        matrix = as_term(matrix, "Eigenvector")
        if not is_matrix(matrix) or matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"Eigenvector is of a square matrix, not of {described(matrix)}")
        return Basic.__new__(cls, matrix, as_term(number, "the number of Eigenvector"))

    @property
    def shape(self) -> tuple[Any, Any]:
        """A column as long as the matrix."""
        return self.args[0].shape[0], Integer(1)

    def _sympystr(self, printer: Any) -> str:
        return f"Eigenvector({printer._print(self.args[0])}, {printer._print(self.args[1])})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"v_{{{printer._print(self.args[1])}}}\left({printer._print(self.args[0])}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Optimum(Binder, _Scalar):
    """The minimum ("min"), maximum ("max"), infimum ("inf") or supremum ("sup") of a term over symbols.

    Parameters
    ----------
    term : a scalar.
    over : symbols or matrix symbols that range over all values their assumptions allow.
    given : conditions and relations between matrices that they keep.
    kind : "min" and "max" say that the value is attained; "inf" and "sup" may be infinite.
    """

    within = (0, 1, 2)
    is_real: Any = None
    is_extended_real = True
    is_open_sum = True

    def __new__(cls, term: Any, over: Any, given: Any = (), kind: str = "min") -> Optimum:
        term = as_term(term, "Optimum")
        if is_matrix(term):
            raise InputError(f"Optimum is of a scalar, not of {described(term)}")
        one_of("the kind of Optimum", kind, ("min", "max", "inf", "sup"))
        given = given if isinstance(given, (tuple, list, Tuple)) else (given,)
        given = Tuple(*(as_hypothesis(g, "the conditions of Optimum") for g in given))
        return Basic.__new__(
            cls, term, Tuple(*_symbols(over, "Optimum", "the variables", term, given)), given, Str(kind)
        )

    @property
    def bound_symbols(self) -> list[Any]:
        """The variables."""
        return list(self.args[1])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, over, given, kind = self.args
        with renamed(printer, dict.fromkeys(over, None)):
            below = [*grouped_ranges(printer, over), *(condition_latex(printer, g) for g in given)]
            body = as_argument(printer, term)
        text = r"\substack{%s}" % r" \\ ".join(below) if len(below) > 1 else below[0]
        return powered(rf"\{kind}_{{{text}}} {body}", exp)


class Probability(Node, _Scalar):
    """The probability of an event in the random vectors that occur in it, independent of the rest."""

    is_nonnegative = True

    def __new__(cls, event: Any) -> Probability:
        return Basic.__new__(cls, as_condition(event, "Probability"))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\mathbb{{P}}\left[{printer._print(self.args[0])}\right]"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Order(Binder, _Scalar):
    r"""The exponent k with which a term vanishes or grows like :math:`|v - v_0|^k` as the variable tends to a value.

    At infinity k is the exponent of the variable: 2 for v**2, -1 for 1/v.

    >>> h = Symbol("h", positive=True)
    >>> from sympy import oo
    >>> Order(1/h, h, oo).free_symbols
    set()
    """

    within = (0, 1)
    is_open_sum = True
    is_real: Any = None
    is_extended_real = True

    def __new__(cls, term: Any, variable: Any, to: Any) -> Order:
        term = as_term(term, "Order")
        if is_matrix(term):
            raise InputError(f"Order is of a scalar, not of {described(term)}")
        return Basic.__new__(cls, term, _variable(variable, "Order", term), _end(to, "Order"))

    @property
    def bound_symbols(self) -> list[Any]:
        """The variable."""
        return [self.args[1]]

    def _parts(self, printer: Any) -> tuple[str, str, str]:
        """Variable, end and term in LaTeX."""
        with renamed(printer, {self.args[1]: None}):
            return printer._print(self.args[1]), printer._print(self.args[2]), as_argument(printer, self.args[0])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        variable, to, term = self._parts(printer)
        return powered(rf"\operatorname{{ord}}_{{{variable} \to {to}}} {term}", exp)

    def _latex_equated(self, printer: Any, relation: Any) -> str:
        r"""An equation says it as papers do: f = \Theta(h^2) as h tends to 0."""
        if relation.rel_op != "==" or relation.rhs.has(Order):
            return ""
        variable, to, _ = self._parts(printer)
        with renamed(printer, {self.args[1]: None}):
            term = printer._print(self.args[0])
        end = self.args[2]
        small = variable if end.is_infinite or (end == 0 and self.args[1].is_positive) else None
        base = small or rf"\left|{variable}{f' - {to}' if end != 0 else ''}\right|"
        power = (
            "1" if relation.rhs == 0 else base if relation.rhs == 1 else f"{base}^{{{printer._print(relation.rhs)}}}"
        )
        return rf"{term} = \Theta\left({power}\right) \text{{ as }} {variable} \to {to}"


# --- what several terms use ---------------------------------------------------------------


def _start(point: Any, dynamics: Dynamics, role: str, *scope: Any) -> Dict:
    """A value for every state and for nothing else."""
    table = as_point(point, role)
    if missing := [x for x in dynamics.states if x not in table]:
        raise InputError(f"{role}: the point gives no value to the state {missing[0]}")
    if strange := [x for x in table if x not in dynamics.states]:
        raise InputError(f"{role}: the point gives a value to {strange[0]}, which is no state of the dynamics")
    for state in dynamics.states:
        as_bound(state, role, dynamics, *scope)
    return table


def _symbols(value: Any, role: str, words: str, *scope: Any) -> tuple[Any, ...]:
    value = (value,) if isinstance(value, (Symbol, MatrixSymbol)) else value
    symbols = sequence_of(f"{words} of {role}", value, "symbols")
    for symbol in symbols:
        if not isinstance(symbol, (Symbol, MatrixSymbol)):
            raise InputError(f"{words} of {role} must be symbols, not {described(symbol)}")
        as_bound(symbol, role, *scope)
    if not symbols or len(set(symbols)) < len(symbols):
        raise InputError(f"{words} of {role}: give every symbol once, and one at least")
    return symbols


def is_condition(value: Any) -> bool:
    """Whether this says something, and is no term: SymPy's symbols are both."""
    return isinstance(value, Boolean) and not isinstance(value, Symbol)


def as_condition(value: Any, role: str) -> Any:
    if isinstance(value, (bool, BooleanAtom)):
        hint = "do its sides have one shape, and can they be equal? If so, " if value in (False, S.false) else ""
        raise InputError(f"{role}: SymPy has evaluated the statement to {value}: {hint}write it with evaluate=False")
    wanted = "a comparison, a quantifier or a combination of these"
    condition = instance_of(f"what {role} says", value, Boolean, wanted)
    if isinstance(condition, Symbol):  # which SymPy takes for a proposition too
        raise InputError(f"what {role} says must be {wanted}, not {described(value)}")
    return condition


def as_hypothesis(value: Any, role: str) -> Any:
    if isinstance(value, Held):
        return value
    return Held(value) if isinstance(value, Relation) else as_condition(value, role)
