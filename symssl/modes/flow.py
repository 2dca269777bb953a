"""One mode of a matrix flow, with its couplings to all modes alive."""

from dataclasses import dataclass
from types import MappingProxyType

from sympy import Add, Dummy, Integer, Symbol, expand, factor, powsimp, simplify

from ..errors import InputError, Refusal
from ..language.inputs import as_expression
from ..language.mode_sum import ModeSum, sum_over_modes
from ..typeset.formulas import Formula, Line, Tex

__all__ = ["ModeFlow", "replaced", "tidy"]


@dataclass(frozen=True)
class ModeFlow(Formula):
    """One mode of a matrix flow, with its couplings to all modes.

    Attributes
    ----------
    states : mapping Symbol -> rhs of that quantity in one mode
    couplings : mapping Symbol -> its definition, an expression in `ModeSum`
    parameters : tuple of Symbol
    modes : number of modes (symbol or integer)
    """

    states: MappingProxyType
    couplings: MappingProxyType
    parameters: tuple
    modes: object

    def __post_init__(self):
        object.__setattr__(self, "states", MappingProxyType(dict(self.states)))
        object.__setattr__(self, "couplings", MappingProxyType(dict(self.couplings)))

    def __hash__(self):
        return hash((frozenset(self.states.items()), frozenset(self.couplings.items()), self.parameters))

    def __reduce__(self):
        return ModeFlow, (dict(self.states), dict(self.couplings), self.parameters, self.modes)

    def lie(self, expr):
        """Time derivative of an expression in states, couplings and mode sums."""
        expr = as_expression(expr)
        known = set(self.states) | set(self.couplings) | set(self.parameters)
        if unknown := sorted(map(str, expr.free_symbols - known)):
            raise InputError(f"lie: {', '.join(unknown)} is neither a state, a coupling nor a parameter")
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

    def freeze(self):
        """The scalar flow of one mode with every coupling held constant.

        This is an approximation; the result records what was frozen.
        """
        from .frozen import FrozenFlow

        stray = set().union(*(f.atoms(ModeSum) for f in self.states.values()))
        if stray:
            raise Refusal(
                "mode sums without a coupling cannot be frozen; name them in `couplings`", ", ".join(map(str, stray))
            )
        used = [c for c in self.couplings if any(f.has(c) for f in self.states.values())]
        return FrozenFlow(dict(self.states), (*self.parameters, *used), tuple((c, self.couplings[c]) for c in used))

    def restrict(self, curve):
        """The flow on an invariant graph, couplings alive.

        Parameters
        ----------
        curve : dict state -> expression in the other states, `{s: p**2}`

        Raises
        ------
        Refusal
            The curve is not invariant; the residual is what moves off it.
        """
        curve = {as_expression(x): as_expression(e) for x, e in curve.items()}
        if bad := [str(x) for x in curve if x not in self.states]:
            raise InputError(f"restrict: {', '.join(bad)} is not a state")
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

    def unfold(self, expr):
        """The expression with every coupling replaced by its definition."""
        return tidy(as_expression(expr).subs(dict(self.couplings)))

    def expand(self, modes):
        """The flow of so many modes, couplings written out: states p_1, ..., p_n.

        >>> from sympy import symbols
        >>> p, n = symbols("p n", positive=True); N = symbols("N", positive=True)
        >>> ModeFlow({p: 1 - N*p}, {N: ModeSum(p**2)}, (), n).expand(2).rhs
        {p_1: -p_1*(p_1**2 + p_2**2) + 1, p_2: -p_2*(p_1**2 + p_2**2) + 1}
        """
        from ..scalar.flow import Flow

        if isinstance(modes, bool) or not isinstance(modes, int) or modes < 1:
            raise InputError(f"a flow has a positive number of modes, not {modes!r}")
        if isinstance(self.modes, (int, Integer)) and self.modes != modes:
            raise InputError(f"this flow has {self.modes} modes, not {modes}")
        copies = [{s: Symbol(f"{s.name}_{k}", **s.assumptions0) for s in self.states} for k in range(1, modes + 1)]
        taken = {q.name for q in self.parameters}
        if clash := [new.name for copy in copies for new in copy.values() if new.name in taken]:
            raise InputError(f"the parameter {clash[0]} has the name of a mode: rename it")
        size = {self.modes: Integer(modes)}

        def written_out(expr):
            sums = {n: Add(*(n.args[0].xreplace(copy) for copy in copies)) for n in expr.atoms(ModeSum)}
            return expr.xreplace(sums).subs(size)

        couplings = {}
        for c, definition in self.couplings.items():  # a definition may hold earlier couplings
            couplings[c] = written_out(definition.subs(couplings))
        return Flow(
            {copy[s]: written_out(f).xreplace(copy).subs(couplings) for copy in copies for s, f in self.states.items()},
            tuple(q for q in self.parameters if q != self.modes),
        )

    def compile(self):
        """The whole coupled system as NumPy; see :class:`symssl.modes.CoupledFlow`."""
        from .coupled import compile_modes

        return compile_modes(self)

    def _latex_form(self, write):
        return [
            *(Line(Tex(rf"\dot{{{write(s)}}}"), "=", f) for s, f in self.states.items()),
            *(Line(c, "=", definition) for c, definition in self.couplings.items()),
        ]


def replaced(e, rule):
    """Substitute states, inside mode sums too."""
    e = e.xreplace({n: ModeSum(tidy(n.args[0].subs(rule))) for n in e.atoms(ModeSum)})
    return tidy(e.subs(rule))


def tidy(e):
    """Expanded, every term in lowest form."""
    terms = Add.make_args(expand(powsimp(e)))
    return Add(*(factor(powsimp(t)) for t in terms))
