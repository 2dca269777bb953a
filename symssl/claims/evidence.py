"""Evidence: what a decider found, and how it is verified again from scratch.

Each class says which verdict it supports and at which level.  `verify` looks
at the statement and the hypotheses anew and returns ``None`` or the reason
why the evidence does not carry.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

import sympy as sp
from sympy.logic.boolalg import Boolean

from ..errors import InputError
from .points import Undefined, as_rational, evaluate, hypotheses, points, respects, truth
from .signs import sign_of
from .zero import Comparison, compare

__all__ = ["Counterexample", "Disagreement", "Enclosure", "Evidence", "Experiment", "Identity",
           "SignCondition", "Stipulation", "pairs", "same"]


class Disagreement(AssertionError):
    """Two independent exact paths contradict each other: an error in the engine, not a verdict."""


def is_matrix_statement(expr):
    """Whether deciding an equality of this expression needs the matrix layer."""
    return bool(getattr(expr, "is_Matrix", False)) or expr.has(sp.MatrixSymbol)


def pairs(printed, derived):
    """Match two statements part by part; `None` where their forms differ.

    >>> x, y = sp.symbols('x y')
    >>> pairs(sp.Eq(x, 1), sp.Eq(x, y))
    [(x, x), (1, y)]
    """
    containers = (sp.Tuple, sp.Dict, sp.Rel, sp.logic.boolalg.BooleanFunction, sp.FiniteSet)
    if not (isinstance(printed, containers) or isinstance(derived, containers)):
        if isinstance(printed, sp.ImmutableMatrix) and isinstance(derived, sp.ImmutableMatrix):
            return list(zip(printed, derived)) if printed.shape == derived.shape else None
        return [(printed, derived)]
    if printed.func != derived.func or len(printed.args) != len(derived.args):
        return None
    if isinstance(printed, sp.FiniteSet):
        return [] if printed == derived else None
    if isinstance(printed, sp.Dict):
        if set(printed.keys()) != set(derived.keys()):
            return None
        parts = [(printed[key], derived[key]) for key in sorted(printed.keys(), key=sp.default_sort_key)]
    else:
        parts = list(zip(printed.args, derived.args))
    nested = [pairs(a, b) for a, b in parts]
    return None if None in nested else [pair for part in nested for pair in part]


def same(a, b, given=(), *, seed=0):
    """Decide whether two parts of a statement are equal under the hypotheses."""
    if a == b:
        return Comparison(True, {}, ())
    if is_matrix_statement(a) or is_matrix_statement(b):
        from ..equality import matrix_equal
        proof = matrix_equal(a, b, where=hypotheses(given)[1])
        return Comparison(bool(proof), getattr(proof, "witness", None) or {}, (a, b))
    if isinstance(a, sp.Expr) and isinstance(b, sp.Expr):
        return compare(a, b, given, seed=seed)
    return Comparison(False, {}, (a, b))


@dataclass(frozen=True)
class Evidence:
    """Common part: the statement it speaks about and what was derived."""

    printed: Any
    derived: Any

    supports: ClassVar[str] = "open"
    level: ClassVar[str] = "none"

    def verify(self, printed, given):
        """`None`, or the reason why this evidence does not settle `printed` under `given`."""
        if self.printed != printed:
            return f"the evidence is about {self.printed}, not about the statement"
        return self._recheck(given)

    def _recheck(self, given):
        return None

    @property
    def witness(self):
        """The concrete object that makes the case, as text; empty where there is none."""
        return ""


@dataclass(frozen=True)
class Identity(Evidence):
    """Statement and derived result are equal, part by part, for all values and sizes.

    With ``derived=None`` the two sides of the printed equation are equal.
    """

    reduction: str = ""
    supports: ClassVar[str] = "holds"

    @property
    def level(self):
        symbols = self.printed.atoms(sp.MatrixSymbol)
        fixed = symbols and all(n.is_number for s in symbols for n in s.shape)
        return "instance" if fixed else "symbolic"

    @property
    def parts(self):
        return pairs(*(self.printed.args if self.derived is None else (self.printed, self.derived)))

    def _recheck(self, given):
        if self.parts is None:
            return "the derived result has another form than the statement"
        for a, b in self.parts:
            if not same(a, b, given, seed=1).equal:
                raise Disagreement(f"{a} = {b} was accepted once and refuted at another point")
        if self.level == "instance" and not self.reduction:
            return "proved at the stated sizes only; no reduction of the statement to them is given"
        return None


@dataclass(frozen=True)
class SignCondition(Evidence):
    """The statement follows from signs: `obligations(printed, derived)` lists what to prove.

    Each obligation is an expression with the set of signs it may take.
    """

    obligations: Callable
    supports: ClassVar[str] = "holds"
    level: ClassVar[str] = "symbolic"

    def _recheck(self, given):
        for margin, allowed in self.obligations(self.printed, self.derived):
            if not sign_of(margin, given) <= allowed:
                return f"the sign of {margin} does not follow"
            for point in islice(points([margin], given, seed=1), 20):
                try:
                    value = evaluate(margin, point)
                except Undefined:
                    continue
                if not any((value < 0, value == 0, value > 0)[sign + 1] for sign in allowed):
                    raise Disagreement(f"the sign of {margin} was proved in {set(allowed)}, not so at {point}")
        return None


@dataclass(frozen=True)
class Enclosure(Evidence):
    """Rigorous bounds ``symbol -> (low, high)`` that decide the statement."""

    bounds: Any = field(default_factory=dict)
    held: bool = True
    level: ClassVar[str] = "certified"

    @property
    def supports(self):
        return "holds" if self.held else "refuted"

    @property
    def witness(self):
        return ", ".join(f"{symbol} in [{low}, {high}]" for symbol, (low, high) in self.bounds.items())

    def _recheck(self, given):
        held = enclosed_truth(self.printed, self.bounds)
        return None if held is self.held else "the bounds do not decide the statement"


def enclosed_truth(statement, bounds):
    """Truth of a comparison when each symbol is known to lie between two exact numbers."""
    from flint import arb, fmpq
    boxes = {}
    for symbol, (low, high) in bounds.items():
        low, high = as_rational(low), as_rational(high)
        if low > high:
            raise InputError(f"the bounds of {symbol} are empty: {low} > {high}")
        middle, radius = (low + high) / 2, (high - low) / 2
        boxes[symbol] = arb(fmpq(int(middle.p), int(middle.q)), fmpq(int(radius.p), int(radius.q)))
    return truth(statement, boxes)


@dataclass(frozen=True)
class Counterexample(Evidence):
    """A point that keeps every hypothesis and at which the statement fails.

    With a `correction` (an established derived result) the statement is
    corrected; with a `repair` it is a gap in the printed argument.
    """

    point: Any = field(default_factory=dict)
    values: tuple = ()
    correction: Any = None
    repair: str | None = None
    level: ClassVar[str] = "symbolic"

    @property
    def supports(self):
        if self.repair is not None:
            return "gap"
        return "corrected" if self.correction is not None else "refuted"

    @property
    def witness(self):
        where = ", ".join(f"{k} = {v}" for k, v in sorted(self.point.items(), key=lambda kv: str(kv[0])))
        found = f"printed {_short(self.values[0])}, derived {_short(self.values[1])}" if self.values else ""
        return "; ".join(filter(None, (where, found)))

    def _recheck(self, given):
        if not self.point:
            return None if pairs(self.printed, self.derived) is None or self.values else "no point is given"
        for atom, value in self.point.items():
            if not respects(atom, value):
                return f"{atom} = {value} goes against the assumptions on {atom}"
        for hypothesis in hypotheses(given)[0]:
            if not truth(hypothesis, self.point):
                return f"the point does not satisfy the hypothesis {hypothesis}"
        if not self.values:
            expected = truth(self.derived, self.point) if isinstance(self.derived, Boolean) else True
            fails = {truth(self.printed, self.point), expected} == {True, False}
            return None if fails else "the statement does not fail at the point"
        return None if self._differs() else "both sides agree at the point"

    def _differs(self):
        """Substitute with SymPy, which shares no code with the evaluator that found the point."""
        exact = {k: as_rational(v) for k, v in self.point.items() if not _is_ball(v)}
        balls = {k: sp.Float(v.mid().str(60, radius=False), 60) for k, v in self.point.items() if _is_ball(v)}
        for a, b in pairs(self.printed, self.derived):
            if a == b:
                continue
            if not isinstance(a, sp.Expr) or is_matrix_statement(a - b):
                return True
            gap = (a - b).subs(exact)
            if gap != 0 if gap.is_Rational else abs(sp.N(gap.subs(balls), 50)) > sp.Float("1e-40"):
                return True
        return False


def _is_ball(value):
    return type(value).__name__ == "arb"


def _short(value):
    return value.str(15, radius=False) if _is_ball(value) else str(value)


@dataclass(frozen=True)
class Experiment(Evidence):
    """A seeded numerical experiment; it supports or contradicts, and never decides."""

    summary: str = ""
    agrees: bool = False
    level: ClassVar[str] = "numerical"

    @property
    def witness(self):
        return self.summary


@dataclass(frozen=True)
class Stipulation(Evidence):
    """A definition or assumption, shown consistent by an instance that satisfies it."""

    instance: Any = None
    level: ClassVar[str] = "symbolic"
    supports: ClassVar[str] = "stipulated"

    @property
    def witness(self):
        return ", ".join(f"{k} = {_short(v)}" for k, v in sorted(self.instance.items(), key=lambda kv: str(kv[0])))

    def _recheck(self, given):
        conditions = self.printed.args if isinstance(self.printed, sp.Tuple) else (self.printed,)
        for condition in (*conditions, *given):
            if not _satisfied(condition, self.instance):
                return f"the instance does not satisfy {condition}"
        return None


def _satisfied(condition, instance):
    """Whether a condition holds at an instance, after substituting numbers and explicit matrices."""
    if isinstance(condition, Boolean) and not is_matrix_statement(condition):
        return truth(condition, instance)
    return condition.subs(instance).doit() == sp.true
