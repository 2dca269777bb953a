"""Terms and properties that a sentence names: rates, values on trajectories, limits, zeros, spectra, optima, orders.

They hold what is meant and decide nothing.  What such a term is at a concrete instance `symssl.statements` says; what
the engine finds out about it is a fact, and there too.
"""

from __future__ import annotations

from typing import Any

from sympy import Basic, Dict, FiniteSet, MatrixSymbol, Symbol, Tuple
from sympy.core.symbol import Str
from sympy.logic.boolalg import Boolean, BooleanAtom

from ..errors import InputError
from ..exact.gate import Guarded
from ..support.arguments import described, instance_of, mapping_of, one_of, sequence_of
from .dynamics import Dynamics, GradientDescent, Held
from .inputs import as_expression, is_matrix
from .operators import MatrixNode
from .relations import Relation
from .scalars import Potential, ScalarNode

__all__ = [
    "Along",
    "At",
    "Count",
    "Eigenvalue",
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
    "free_in",
    "hypothesis_latex",
]


# --- terms that are scalars or matrices, as their first argument is ------------------------


class _Term(Guarded, Basic):
    """A node with the shape of its first argument; a subclass is made in a scalar and in a matrix kind."""

    kinds: tuple[type, type]

    def __init_subclass__(cls, twin: bool = True, **options: Any) -> None:
        super().__init_subclass__(**options)
        if twin:
            made = tuple(
                type(
                    f"{kind}{cls.__name__}",
                    (cls, base),
                    {"__module__": cls.__module__, "__doc__": cls.__doc__},
                    twin=False,
                )
                for kind, base in (("Scalar", ScalarNode), ("Matrix", MatrixNode))
            )
            for one in made:  # where pickle looks for them
                globals()[one.__name__] = one
            cls.kinds = made  # type: ignore[assignment]

    @classmethod
    def _made(cls, term: Any, *args: Any) -> Any:
        scalar, matrix = cls.kinds
        return Basic.__new__(matrix if is_matrix(term) else scalar, _immutable(term), *args)

    @property
    def func(self) -> Any:
        """Rebuild from `args`, as a scalar or as a matrix."""
        return type(self)._made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._made, self.args

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


def _variable(value: Any, role: str) -> Symbol:
    if not isinstance(value, Symbol):
        raise InputError(f"the variable of {role} must be a symbol, not {described(value)}")
    return value


class Rate(_Term):
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
        return cls._made(as_term(term, "Rate"), _dynamics(dynamics, "Rate"))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term = self.args[0]
        if term.is_symbol or isinstance(term, MatrixSymbol):
            text = rf"\dot{{{printer._print(term)}}}"
        else:
            text = rf"\frac{{d}}{{dt}} {_grouped(printer, term)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Next(_Term):
    r"""A term after one step of gradient descent, :math:`f(W_{t+1})`, in the states before the step."""

    def __new__(cls, term: Any, dynamics: Any) -> Any:
        instance_of("the dynamics of Next", dynamics, GradientDescent, "a GradientDescent")
        return cls._made(as_term(term, "Next"), dynamics)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\left({printer._print(self.args[0])}\right)^{{+}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Gradient(_Term):
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
        return cls._made(by, term)

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

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\nabla_{{{printer._print(self.by)}}} {_grouped(printer, self.term)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class At(_Term):
    """A term at a point: symbols take values there, which may be terms again."""

    def __new__(cls, term: Any, point: Any) -> Any:
        return cls._made(as_term(term, "At"), as_point(point, "At"))

    @property
    def free_symbols(self) -> set[Any]:
        """Those of the term that the point gives no value to, and those of the values."""
        return _outside(self.args[0], self.args[1]) | free_in(*self.args[1].values())

    def _latex(self, printer: Any, exp: Any = None) -> str:
        point = ",\\, ".join(f"{printer._print(k)} = {printer._print(v)}" for k, v in _sorted(self.args[1]))
        text = rf"\left. {printer._print(self.args[0])} \right|_{{{point}}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Along(_Term):
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

    def __new__(cls, term: Any, dynamics: Any, time: Any, start: Any) -> Any:
        dynamics, start = _dynamics(dynamics, "Along"), as_point(start, "Along")
        _complete(start, dynamics, "Along")
        return cls._made(as_term(term, "Along"), dynamics, as_term(time, "the time of Along"), start)

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters, the time and the symbols of the start; the states are bound."""
        return _outside(Tuple(*self.args[:2]), self.args[3]) | free_in(self.args[2], *self.args[3].values())

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"{_grouped(printer, self.args[0])}\left({printer._print(self.args[2])}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Limit(_Term):
    r"""The limit of a term as a variable tends to a value, from one side where `side` is "+" or "-".

    >>> x = Symbol("x", positive=True)
    >>> from sympy import oo
    >>> Limit(1/x, x, oo).free_symbols
    set()
    """

    def __new__(cls, term: Any, variable: Any, to: Any, side: str = "") -> Any:
        one_of("the side of Limit", side, ("", "+", "-"))
        return cls._made(
            as_term(term, "Limit"), _variable(variable, "Limit"), as_term(to, "the end of Limit"), Str(side)
        )

    @property
    def bound_symbols(self) -> list[Any]:
        """The variable."""
        return [self.args[1]]

    @property
    def free_symbols(self) -> set[Any]:
        """All but the variable."""
        return (free_in(self.args[0]) - {self.args[1]}) | free_in(self.args[2])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        variable, to = printer._print(self.args[1]), printer._print(self.args[2])
        side = rf"^{{{self.args[3]}}}" if str(self.args[3]) else ""
        text = rf"\lim_{{{variable} \to {to}{side}}} {_grouped(printer, self.args[0])}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


# --- scalars ------------------------------------------------------------------------------


class _Scalar(ScalarNode):
    """A real number that is read off a system, a matrix or a law."""

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(map(printer._print, self.args))})"


class FirstTime(_Scalar):
    """The first time at which a condition on the states holds on the trajectory from a start; oo where it never does.

    Where the trajectory ends before (blow-up), and the condition has not held, it is oo too.
    """

    is_nonnegative = True
    is_real: Any = None  # it may be infinite
    is_extended_real = True

    def __new__(cls, condition: Any, dynamics: Any, start: Any) -> FirstTime:
        dynamics, start = _dynamics(dynamics, "FirstTime"), as_point(start, "FirstTime")
        _complete(start, dynamics, "FirstTime")
        return Basic.__new__(cls, as_condition(condition, "FirstTime"), dynamics, start)

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters and the symbols of the start."""
        return _outside(Tuple(*self.args[:2]), self.args[2]) | free_in(*self.args[2].values())

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\min\left\{{t \ge 0 : {printer._print(self.args[0])}\right\}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Zeros(Guarded, Basic):
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

    def __new__(cls, system: Any, unknowns: Any = None, domain: Any = ()) -> Zeros:
        if isinstance(system, Dynamics):
            unknowns = system.states if unknowns is None else unknowns
        else:
            parts = system if isinstance(system, (tuple, list, Tuple)) else (system,)
            system = Tuple(*(part if isinstance(part, Boolean) else as_term(part, "Zeros") for part in parts))
        unknowns = (unknowns,) if isinstance(unknowns, (Symbol, MatrixSymbol)) else unknowns
        unknowns = sequence_of("the unknowns of Zeros", unknowns, "symbols")
        for unknown in unknowns:
            if not isinstance(unknown, (Symbol, MatrixSymbol)):
                raise InputError(f"an unknown of Zeros must be a symbol, not {described(unknown)}")
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

    @property
    def free_symbols(self) -> set[Any]:
        """All but the unknowns."""
        return free_in(*self.args) - set(self.unknowns)

    def _latex(self, printer: Any) -> str:
        unknowns = ", ".join(map(printer._print, self.unknowns))
        if isinstance(self.system, Dynamics):
            system = [rf"\dot{{{printer._print(x)}}} = 0" for x in self.unknowns]
        else:
            system = [
                printer._print(p)
                if isinstance(p, Boolean) and not isinstance(p, Symbol)
                else f"{printer._print(p)} = 0"
                for p in self.system
            ]
        conditions = ",\\; ".join([*system, *map(printer._print, self.domain)])
        return rf"\left\{{{unknowns} : {conditions}\right\}}"


class Count(_Scalar):
    """How many elements a set has, `Zeros` or a finite set."""

    is_nonnegative = True

    def __new__(cls, elements: Any) -> Count:
        instance_of("the set of Count", elements, (Zeros, FiniteSet), "Zeros(...) or a finite set")
        return Basic.__new__(cls, elements)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\#{printer._print(self.args[0])}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


_STABILITIES = ("stable", "unstable", "half-stable", "nonhyperbolic", "saddle")


class Stability(Boolean):
    """That an equilibrium of dynamics is of a kind: "stable" (asymptotically), "unstable", "half-stable", "saddle".

    For one state, by the sign of the velocity on both sides; for more, by the spectrum of the Jacobian: stable where
    all eigenvalues have negative real part, unstable where one has positive real part, saddle where both occur,
    nonhyperbolic where none is positive and one lies on the axis.
    """

    def __new__(cls, dynamics: Any, point: Any, kind: str) -> Stability:
        dynamics, point = _dynamics(dynamics, "Stability"), as_point(point, "Stability")
        _complete(point, dynamics, "Stability")
        return Basic.__new__(cls, dynamics, point, Str(one_of("the kind of Stability", kind, _STABILITIES)))

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters and the symbols of the point."""
        return _outside(self.args[0], self.args[1]) | free_in(*self.args[1].values())

    def _latex(self, printer: Any) -> str:
        point = ",\\, ".join(f"{printer._print(k)} = {printer._print(v)}" for k, v in _sorted(self.args[1]))
        return rf"{point} \text{{ is {self.args[2]}}}"


class Growth(Guarded, Basic):
    """The set of eigenvalues of the Jacobian of dynamics at a point, each once: how fast small deviations grow."""

    def __new__(cls, dynamics: Any, point: Any) -> Growth:
        dynamics, point = _dynamics(dynamics, "Growth"), as_point(point, "Growth")
        _complete(point, dynamics, "Growth")
        return Basic.__new__(cls, dynamics, point)

    @property
    def free_symbols(self) -> set[Any]:
        """Parameters and the symbols of the point."""
        return _outside(self.args[0], self.args[1]) | free_in(*self.args[1].values())

    def _latex(self, printer: Any) -> str:
        point = ",\\, ".join(f"{printer._print(k)} = {printer._print(v)}" for k, v in _sorted(self.args[1]))
        return rf"\operatorname{{spec}} \left. D \right|_{{{point}}}"


class Eigenvalue(_Scalar):
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

    def _latex(self, printer: Any, exp: Any = None) -> str:
        matrix, number, kind = self.args
        inside = printer._print(matrix)
        if str(kind) == "rank":
            text = rf"\operatorname{{rank}}\left({inside}\right)"
        elif str(kind) == "singular":
            text = rf"\sigma_{{{printer._print(number)}}}\left({inside}\right)"
        else:
            name = {1: r"\lambda_{\min}", -1: r"\lambda_{\max}"}.get(number, rf"\lambda_{{{printer._print(number)}}}")
            text = rf"{name}\left({inside}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Optimum(_Scalar):
    """The minimum ("min"), maximum ("max"), infimum ("inf") or supremum ("sup") of a term over symbols.

    Parameters
    ----------
    term : a scalar.
    over : symbols or matrix symbols that range over all values their assumptions allow.
    given : conditions and relations between matrices that they keep.
    kind : "min" and "max" say that the value is attained; "inf" and "sup" may be infinite.
    """

    is_real: Any = None
    is_extended_real = True

    def __new__(cls, term: Any, over: Any, given: Any = (), kind: str = "min") -> Optimum:
        over = (over,) if isinstance(over, (Symbol, MatrixSymbol)) else over
        over = sequence_of("the variables of Optimum", over, "symbols")
        term = as_term(term, "Optimum")
        if is_matrix(term):
            raise InputError(f"Optimum is of a scalar, not of {described(term)}")
        one_of("the kind of Optimum", kind, ("min", "max", "inf", "sup"))
        given = given if isinstance(given, (tuple, list, Tuple)) else (given,)
        return Basic.__new__(
            cls, term, Tuple(*over), Tuple(*(as_hypothesis(g, "the conditions of Optimum") for g in given)), Str(kind)
        )

    @property
    def bound_symbols(self) -> list[Any]:
        """The variables."""
        return list(self.args[1])

    @property
    def free_symbols(self) -> set[Any]:
        """All but the variables."""
        return free_in(self.args[0], self.args[2]) - set(self.args[1])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        below = ", ".join(map(printer._print, self.args[1]))
        conditions = ", ".join(hypothesis_latex(printer, g) for g in self.args[2])
        below += f" : {conditions}" if conditions else ""
        text = rf"\{self.args[3]}_{{{below}}} {_grouped(printer, self.args[0])}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Probability(_Scalar):
    """The probability of an event in the random vectors that occur in it, independent of the rest."""

    is_nonnegative = True

    def __new__(cls, event: Any) -> Probability:
        return Basic.__new__(cls, as_condition(event, "Probability"))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\mathbb{{P}}\left[{printer._print(self.args[0])}\right]"
        return text if exp is None else rf"{text}^{{{exp}}}"


class Order(_Scalar):
    r"""The exponent k with which a term vanishes or grows like :math:`|v - v_0|^k` as the variable tends to a value.

    At infinity k is the exponent of the variable: 2 for v**2, -1 for 1/v.

    >>> h = Symbol("h", positive=True)
    >>> from sympy import oo
    >>> Order(1/h, h, oo).free_symbols
    set()
    """

    is_real: Any = None
    is_extended_real = True

    def __new__(cls, term: Any, variable: Any, to: Any) -> Order:
        term = as_term(term, "Order")
        if is_matrix(term):
            raise InputError(f"Order is of a scalar, not of {described(term)}")
        return Basic.__new__(cls, term, _variable(variable, "Order"), as_term(to, "the end of Order"))

    @property
    def bound_symbols(self) -> list[Any]:
        """The variable."""
        return [self.args[1]]

    @property
    def free_symbols(self) -> set[Any]:
        """All but the variable."""
        return (free_in(self.args[0]) - {self.args[1]}) | free_in(self.args[2])

    def _sympystr(self, printer: Any) -> str:  # SymPy has a class of this name, and would print it as that
        return f"Order({', '.join(map(printer._print, self.args))})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        variable, to = printer._print(self.args[1]), printer._print(self.args[2])
        text = rf"\operatorname{{ord}}_{{{variable} \to {to}}} {_grouped(printer, self.args[0])}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


# --- what several terms use ---------------------------------------------------------------


def free_in(*exprs: Any) -> set[Any]:
    return set().union(*(getattr(e, "free_symbols", set()) for e in exprs))


def _outside(expr: Any, point: Any) -> set[Any]:
    return free_in(expr) - set(point)


def _sorted(point: Any) -> list[tuple[Any, Any]]:
    return sorted(point.items(), key=lambda pair: str(pair[0]))


def _complete(point: Any, dynamics: Dynamics, role: str) -> None:
    if missing := [x for x in dynamics.states if x not in point]:
        raise InputError(f"{role}: the point gives no value to the state {missing[0]}")


def as_condition(value: Any, role: str) -> Any:
    if isinstance(value, (bool, BooleanAtom)):
        raise InputError(f"{role}: SymPy has evaluated the statement to {value}: write it with evaluate=False")
    return instance_of(f"what {role} says", value, Boolean, "a comparison, a quantifier or a combination of these")


def as_hypothesis(value: Any, role: str) -> Any:
    if isinstance(value, Held):
        return value
    return Held(value) if isinstance(value, Relation) else as_condition(value, role)


def hypothesis_latex(printer: Any, hypothesis: Any) -> str:
    if not isinstance(hypothesis, Held):
        return printer._print(hypothesis)
    made = hypothesis.value._latex_form(printer._print)
    if isinstance(made, str):
        return made
    return ", ".join(f"{printer._print(l.left)} {l.relation} {printer._print(l.right)}" for l in made)


def _grouped(printer: Any, term: Any) -> str:
    """A term behind an operator: in brackets where a sum or a relation would be read otherwise."""
    text = printer._print(term)
    plain = term.is_Atom or isinstance(term, (MatrixSymbol, Potential)) or (term.is_Pow and term.base.is_Atom)
    return text if plain else rf"\left[{text}\right]"
