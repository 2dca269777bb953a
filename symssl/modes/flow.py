"""One mode of a matrix flow, with its couplings to all modes alive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sympy import Add, Dummy, Expr, Integer, Symbol, expand, factor, powsimp, simplify

from ..errors import InputError, Refusal
from ..language.inputs import as_scalar
from ..language.mode_sum import ModeSum, sum_over_modes
from ..support.arguments import instance_of, mapping_of, sequence_of, whole
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.text import dotted

if TYPE_CHECKING:
    from ..scalar.flow import Flow
    from .coupled import CoupledFlow
    from .frozen import FrozenFlow

__all__ = ["ModeFlow", "replaced", "tidy"]


@dataclass(frozen=True, repr=False)
class ModeFlow(Formula):
    """One mode of a matrix flow, with its couplings to all modes.

    Attributes
    ----------
    states : mapping Symbol -> rhs of that quantity in one mode
    couplings : mapping Symbol -> its definition, an expression in `ModeSum`
    parameters : tuple of Symbol
    modes : number of modes (symbol or integer)

    Raises
    ------
    InputError
        For names that are no symbols, and for no state at all.

    >>> from sympy import symbols
    >>> p, N, n = symbols("p N n", positive=True)
    >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n)
    ModeFlow of n modes
      p' = -N*p + 1
      N = ModeSum(p**2)
    """

    states: Mapping[Symbol, Expr]
    couplings: Mapping[Symbol, Expr]
    parameters: tuple[Symbol, ...]
    modes: Expr

    def __post_init__(self) -> None:
        states = _expressions("states", self.states)
        if not states:
            raise InputError("states must give a right-hand side to one state at least")
        parameters = sequence_of("parameters", self.parameters, "symbols")
        for q in parameters:
            instance_of("a parameter", q, Symbol)
        object.__setattr__(self, "states", MappingProxyType(states))
        object.__setattr__(self, "couplings", MappingProxyType(_expressions("couplings", self.couplings)))
        object.__setattr__(self, "parameters", parameters)
        object.__setattr__(self, "modes", as_scalar(self.modes, "modes"))

    def __repr__(self) -> str:
        lines = [f"{s}' = {f}" for s, f in self.states.items()]
        lines += [f"{c} = {definition}" for c, definition in self.couplings.items()]
        lines += [f"parameters: {', '.join(map(str, self.parameters))}"] if self.parameters else []
        return summary(f"ModeFlow of {self.modes} modes", lines)

    @property
    def rhs(self) -> Mapping[Symbol, Expr]:
        """The right-hand sides by state: another name of `states`, as for the other flows."""
        return self.states

    def __hash__(self) -> int:
        return hash((frozenset(self.states.items()), frozenset(self.couplings.items()), self.parameters))

    def __reduce__(self) -> tuple[Any, ...]:
        return ModeFlow, (dict(self.states), dict(self.couplings), self.parameters, self.modes)

    def lie(self, expr: Any) -> Any:
        """Time derivative of an expression in states, couplings and mode sums.

        >>> from sympy import symbols
        >>> p, N, n = symbols("p N n", positive=True)
        >>> ModeFlow({p: -N*p}, {N: ModeSum(p**2)}, (), n).lie(N)
        -2*N*ModeSum(p**2)
        """
        expr = as_scalar(expr, "expr")
        known = set(self.states) | set(self.couplings) | set(self.parameters)
        if unknown := sorted(map(str, expr.free_symbols - known)):
            raise InputError(
                f"expr contains {', '.join(unknown)}, which is neither a state, a coupling nor a parameter"
            )
        return self._lie(expr)

    def _lie(self, expr):
        out = sum((expr.diff(s) * f for s, f in self.states.items()), Integer(0))
        out += sum((expr.diff(c) * self._lie(d) for c, d in self.couplings.items() if expr.has(c)), Integer(0))
        for node in expr.atoms(ModeSum):
            hole = Dummy()
            slope = expr.xreplace({node: hole}).diff(hole).xreplace({hole: node})
            out += slope * self._sum(self._lie(node.args[0]))
        return out

    def _sum(self, summand):
        return sum_over_modes(summand, set(self.states), self.modes)

    def freeze(self) -> FrozenFlow:
        """The scalar flow of one mode with every coupling held constant.

        This is an approximation; the result records what was frozen.
        """
        from .frozen import FrozenFlow

        stray: set[Expr] = set().union(*(f.atoms(ModeSum) for f in self.states.values()))
        if stray:
            raise Refusal(
                "mode sums without a coupling cannot be frozen; name them in `couplings`", ", ".join(map(str, stray))
            )
        used = [c for c in self.couplings if any(f.has(c) for f in self.states.values())]
        return FrozenFlow(dict(self.states), (*self.parameters, *used), tuple((c, self.couplings[c]) for c in used))

    def restrict(self, curve: Mapping[Symbol, Any]) -> ModeFlow:
        """The flow on an invariant graph, couplings alive.

        Parameters
        ----------
        curve : mapping state -> expression in the other states, `{s: p**2}`

        Raises
        ------
        Refusal
            The curve is not invariant; the residual is what moves off it.

        >>> from sympy import symbols
        >>> p, s, n = symbols("p s n", positive=True)
        >>> ModeFlow({p: -p, s: -2*s}, {}, (), n).restrict({s: p**2}).states
        mappingproxy({p: -p})
        """
        curve = _expressions("curve", curve)
        if bad := [str(x) for x in curve if x not in self.states]:
            raise InputError(f"curve names {', '.join(bad)}, which is not a state")
        if len(curve) == len(self.states):
            raise InputError("curve leaves no state to flow")
        for x, e in curve.items():
            drift = simplify(replaced(self.lie(x - e), curve))
            if drift != 0:
                raise Refusal(f"{x} = {e} is not invariant", drift)
        return ModeFlow(
            {x: replaced(f, curve) for x, f in self.states.items() if x not in curve},
            {c: replaced(d, curve) for c, d in self.couplings.items()},
            self.parameters,
            self.modes,
        )

    def unfold(self, expr: Any) -> Any:
        """The expression with every coupling replaced by its definition.

        >>> from sympy import symbols
        >>> p, N, n = symbols("p N n", positive=True)
        >>> ModeFlow({p: -N*p}, {N: ModeSum(p**2)}, (), n).unfold(p*N)
        p*ModeSum(p**2)
        """
        expr = as_scalar(expr, "expr")
        return tidy(expr.subs(dict(self.couplings)))

    def expand(self, modes: int) -> Flow:
        """The flow of so many modes, couplings written out: states p_1, ..., p_n.

        >>> from sympy import symbols
        >>> p, n = symbols("p n", positive=True); N = symbols("N", positive=True)
        >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n).expand(2).rhs
        {p_1: -p_1*(p_1**2 + p_2**2) + 1, p_2: -p_2*(p_1**2 + p_2**2) + 1}
        """
        from ..scalar.flow import Flow

        modes = whole("modes", modes, 1, 10**4)
        if self.modes.is_Integer and self.modes != modes:
            raise InputError(f"modes must be {self.modes}, the number of modes of this flow, not {modes}")
        copies = [{s: Symbol(f"{s.name}_{k}", **s.assumptions0) for s in self.states} for k in range(1, modes + 1)]
        taken = {q.name for q in self.parameters}
        if clash := [new.name for copy in copies for new in copy.values() if new.name in taken]:
            raise InputError(f"the parameter {clash[0]} has the name of a mode: rename it")
        size = {self.modes: Integer(modes)}

        def written_out(expr):
            sums = {n: Add(*(n.args[0].xreplace(copy) for copy in copies)) for n in expr.atoms(ModeSum)}
            return expr.xreplace(sums).subs(size)

        couplings: dict[Symbol, Expr] = {}
        for c, definition in self.couplings.items():  # a definition may hold earlier couplings
            couplings[c] = written_out(definition.subs(couplings))
        return Flow(
            {copy[s]: written_out(f).xreplace(copy).subs(couplings) for copy in copies for s, f in self.states.items()},
            tuple(q for q in self.parameters if q != self.modes),
        )

    def compile(self) -> CoupledFlow:
        """The whole coupled system as NumPy; see :class:`symssl.modes.CoupledFlow`."""
        from .coupled import compile_modes

        return compile_modes(self)

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return [
            *(Line(Tex(dotted(write(s))), "=", f) for s, f in self.states.items()),
            *(Line(c, "=", definition) for c, definition in self.couplings.items()),
        ]


def _expressions(name, table):
    """A mapping from symbols to scalars, anything else refused."""
    table = mapping_of(name, table, "symbols to expressions")
    expressions = {}
    for symbol, value in table.items():
        instance_of(f"a key of {name}", symbol, Symbol)
        expressions[symbol] = as_scalar(value, f"{name} of {symbol}")
    return expressions


def replaced(e: Expr, rule: Mapping[Any, Any]) -> Expr:
    """Substitute states, inside mode sums too."""
    e = e.xreplace({n: ModeSum(tidy(n.args[0].subs(rule))) for n in e.atoms(ModeSum)})
    return tidy(e.subs(rule))


def tidy(e: Expr) -> Expr:
    """Expanded, every term in lowest form."""
    terms = Add.make_args(expand(powsimp(e)))
    return Add(*(factor(powsimp(t)) for t in terms))
