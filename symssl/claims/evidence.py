"""Evidence: what a decider found, and how it is verified again from scratch.

Each class says which verdict it supports and at which level.  `verify` looks
at the statement and the hypotheses anew and returns ``None`` or the reason
why the evidence does not carry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

import sympy as sp
from sympy.logic.boolalg import Boolean

from ..errors import InputError
from ..exact.conditions import RULES, sign_of
from ..exact.numbers import as_sympy_number
from ..exact.points import Undefined, evaluate, holds_at_point, hypotheses, points, respects
from ..exact.statements import as_statement, hypotheses_of
from ..matrix.equality import Disagreement
from ..matrix.points import holds_at, is_matrix_point, keeps
from ..statements.matching import is_matrix_statement, pairs, same
from ..support.arguments import described, flag, instance_of, mapping_of, one_of, sequence_of, whole
from ..support.display import html_table, summary
from .claim import KINDS, NUMERICAL_KINDS

__all__ = [
    "Counterexample",
    "Enclosure",
    "Evidence",
    "NumericalExperiment",
    "ProvedIdentity",
    "SignCondition",
    "Stipulation",
]


@dataclass(frozen=True, repr=False)
class Evidence:
    """Common part: the statement it speaks about and what was derived."""

    printed: Any
    derived: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "printed", as_statement(self.printed, "printed"))
        if self.derived is not None:
            object.__setattr__(self, "derived", as_statement(self.derived, "derived"))

    @property
    def supports(self) -> Any:
        """The verdict that this evidence supports."""
        return "open"

    @property
    def level(self) -> Any:
        """How strong the evidence is, one of :data:`LEVELS`."""
        return "none"

    def __repr__(self) -> str:
        shown = {"printed": self.printed, "derived": self.derived, "witness": self.witness}
        lines = [f"{name}: {value}" for name, value in shown.items() if value is not None and value != ""]
        return summary(f"{type(self).__name__}: supports {self.supports} ({self.level})", lines)

    def _repr_html_(self) -> str:
        shown = {"supports": self.supports, "evidence": self.level, "printed": self.printed, "derived": self.derived}
        rows = [(name, value) for name, value in (shown | {"witness": self.witness}).items() if value not in (None, "")]
        return html_table(type(self).__name__, (), rows)

    def verify(self, printed: Any, given: tuple[Any, ...]) -> str | None:
        """`None`, or the reason why this evidence does not settle `printed` under `given`."""
        if self.printed != as_statement(printed, "printed"):
            return f"the evidence is about {self.printed}, not about the statement"
        return self._recheck(hypotheses_of(given))

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        return None

    def verdict_on(self, kind: str) -> Any:
        """The verdict this evidence supports on a claim of this kind."""
        one_of("kind", kind, KINDS)
        return self.supports

    @property
    def witness(self) -> str:
        """The concrete object that makes the case, as text; empty where there is none."""
        return ""


@dataclass(frozen=True, repr=False)
class ProvedIdentity(Evidence):
    """Statement and derived result are equal, part by part, for all values and sizes.

    With ``derived=None`` the two sides of the printed equation are equal.
    """

    reduction: str = ""
    entrywise: bool = False
    supports: ClassVar[str] = "holds"

    def __post_init__(self) -> None:
        super().__post_init__()
        instance_of("reduction", self.reduction, str, "a text")
        flag("entrywise", self.entrywise)
        if self.derived is None and len(getattr(self.printed, "args", ())) != 2:
            raise InputError(f"printed must be an equation where nothing is derived, not {described(self.printed)}")

    @property
    def level(self) -> Any:
        return "instance" if self.entrywise else "symbolic"

    @property
    def parts(self) -> list[tuple[Any, Any]] | None:
        """The pairs that are equal; None where the two have different forms."""
        return pairs(*(self.printed.args if self.derived is None else (self.printed, self.derived)))

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        if self.parts is None:
            return "the derived result has another form than the statement"
        compared = [same(a, b, given, seed=1) for a, b in self.parts]
        if not all(comparison.equal for comparison in compared):
            raise Disagreement(f"{self.printed} was accepted once and refuted at another point")
        if any(comparison.method == "entries" for comparison in compared) and not self.reduction:
            return "proved at the stated sizes only; no reduction of the statement to them is given"
        return None


@dataclass(frozen=True, repr=False)
class SignCondition(Evidence):
    """The statement follows from the signs that one of the `RULES` lists, each of them proved."""

    rule: str
    order: tuple[int, ...] = ()
    supports: ClassVar[str] = "holds"
    level: ClassVar[str] = "symbolic"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("rule", self.rule, tuple(RULES))
        for place in sequence_of("order", self.order, "whole numbers"):
            whole("a place in order", place)

    @property
    def obligations(self) -> list[tuple[Any, set[int]]]:
        """Pairs of an expression and the signs that it may have."""
        return RULES[self.rule](self.printed, self.derived, self.order)

    def proved(self, given: tuple[Any, ...]) -> bool:
        """Whether every expression has a sign it may have; `Undecided` where that is not settled."""
        return all(sign_of(margin, given) <= allowed for margin, allowed in self.obligations)

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        if not self.proved(given):
            return "a sign does not follow from the hypotheses"
        for margin, allowed in self.obligations:
            for point in islice(points([margin], given, seed=1), 20):
                try:
                    value = evaluate(margin, point)
                except Undefined:
                    continue
                if not any((value < 0, not (value < 0 or value > 0), value > 0)[sign + 1] for sign in allowed):
                    raise Disagreement(f"the sign of {margin} was proved in {allowed}, not so at {point}")
        return None


@dataclass(frozen=True, repr=False)
class Enclosure(Evidence):
    """Rigorous bounds ``symbol -> (low, high)``, the derived result, that decide the statement."""

    held: bool
    level: ClassVar[str] = "certified"

    def __post_init__(self) -> None:
        super().__post_init__()
        bounds_of(self.derived)
        flag("held", self.held)

    @property
    def supports(self) -> Any:
        return "holds" if self.held else "refuted"

    @property
    def witness(self) -> str:
        return ", ".join(f"{symbol} in [{low}, {high}]" for symbol, (low, high) in self.derived.items())

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        held = enclosed_truth(self.printed, self.derived)
        return None if held is self.held else "the bounds do not decide the statement"


def bounds_of(bounds: Any) -> dict[Any, tuple[Any, Any]]:
    """Bounds (low, high) by symbol; `InputError` for anything else."""
    found = {}
    for symbol, pair in mapping_of("the bounds", bounds, "symbols to (low, high)").items():
        pair = sequence_of(f"the bounds of {symbol}", pair, "two exact numbers, (low, high)")
        if len(pair) != 2:
            raise InputError(f"the bounds of {symbol} must be a pair (low, high), not {described(pair)}")
        found[symbol] = pair
    return found


def enclosed_truth(statement: Any, bounds: Mapping[Any, tuple[Any, Any]]) -> bool | None:
    """Truth of a comparison when each symbol is known to lie between two exact numbers."""
    from flint import arb, fmpq

    boxes = {}
    for symbol, (low, high) in bounds_of(bounds).items():
        low, high = as_sympy_number(low), as_sympy_number(high)
        if low > high:
            raise InputError(f"the bounds of {symbol} are empty: {low} > {high}")
        middle, radius = (low + high) / 2, (high - low) / 2
        boxes[symbol] = arb(fmpq(int(middle.p), int(middle.q)), fmpq(int(radius.p), int(radius.q)))
    return holds_at_point(statement, boxes)


@dataclass(frozen=True, repr=False)
class Counterexample(Evidence):
    """A point that keeps every hypothesis and at which the statement fails.

    With a `correction` (an established derived result) the statement is
    corrected; with a `repair` it is a gap in the printed argument.
    """

    point: Any = field(default_factory=dict)
    values: tuple[Any, ...] = ()
    correction: Any = None
    repair: str | None = None
    instance: str = ""
    level: ClassVar[str] = "symbolic"

    def __post_init__(self) -> None:
        super().__post_init__()
        mapping_of("point", self.point, "symbols to values")
        if len(sequence_of("values", self.values, "the value as printed and the one derived")) not in (0, 2):
            raise InputError(f"values must be a pair, as printed and as derived, not {described(self.values)}")
        if self.repair is not None:
            instance_of("repair", self.repair, str, "a text")
        instance_of("instance", self.instance, str, "a text")

    @property
    def supports(self) -> Any:
        if self.repair is not None:
            return "gap"
        return "corrected" if self.correction is not None else "refuted"

    @property
    def witness(self) -> str:
        where = ", ".join(f"{k} = {_short(v)}" for k, v in sorted(self.point.items(), key=lambda kv: str(kv[0])))
        sides = f"printed {_short(self.values[0])}, derived {_short(self.values[1])}" if self.values else ""
        return "; ".join(filter(None, (where, self.instance, sides)))

    @property
    def remark(self) -> str:
        """What is said with a gap: how the argument can be repaired."""
        return f"repaired by {self.repair}" if self.repair else ""

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        if not self.point:
            return None if self._differs(given) else "no point is given at which the statement fails"
        matrices = is_matrix_point(self.point)
        for atom, value in self.point.items():
            if not isinstance(atom, sp.MatrixSymbol) and not respects(atom, value):
                return f"{atom} = {value} goes against the assumptions on {atom}"
        for hypothesis in given if matrices else hypotheses(given)[0]:
            if not keeps(hypothesis, self.point):
                return f"the point does not satisfy the hypothesis {hypothesis}"
        if not self.values:
            expected = holds_at_point(self.derived, self.point) if isinstance(self.derived, Boolean) else True
            fails = {holds_at(self.printed, self.point), expected} == {True, False}
            return None if fails else "the statement does not fail at the point"
        return None if self._differs(given) else "both sides agree at the point"

    def _differs(self, given):
        """Substitute with SymPy, which shares no code with the evaluator that found the point."""
        matched = pairs(self.printed, self.derived) if self.derived is not None else [self.printed.args]
        if matched is None:
            return True
        exact = {k: as_sympy_number(v) for k, v in self.point.items() if not _is_ball(v)}
        balls = {k: sp.Float(v.mid().str(60, radius=False), 60) for k, v in self.point.items() if _is_ball(v)}
        for a, b in matched:
            if a == b:
                continue
            if not isinstance(a, sp.Expr) or is_matrix_statement(a) or is_matrix_statement(b):
                if not same(a, b, given, seed=1).equal:
                    return True
                continue
            gap = (a - b).subs(exact)
            if gap.free_symbols - set(balls):
                continue
            if gap != 0 if gap.is_Rational else abs(sp.N(gap.subs(balls), 50)) > sp.Float("1e-40"):
                return True
        return False


def _is_ball(value):
    return type(value).__name__ == "arb"


def _short(value):
    if isinstance(value, sp.MatrixBase):
        return str(value.tolist())
    return value.str(15, radius=False) if _is_ball(value) else str(value)


@dataclass(frozen=True, repr=False)
class NumericalExperiment(Evidence):
    """A seeded numerical experiment: it decides statements that are numerical themselves (the order of
    an error, a picture); of any other statement it is support, and the claim stays open."""

    summary: str = ""
    agrees: bool = False
    level: ClassVar[str] = "numerical"

    def __post_init__(self) -> None:
        super().__post_init__()
        instance_of("summary", self.summary, str, "a text")
        flag("agrees", self.agrees)

    def verdict_on(self, kind: str) -> Any:
        if one_of("kind", kind, KINDS) not in NUMERICAL_KINDS:
            return "open"
        return "holds" if self.agrees else "refuted"

    @property
    def witness(self) -> str:
        return self.summary


@dataclass(frozen=True, repr=False)
class Stipulation(Evidence):
    """A definition or assumption, shown consistent by an instance that satisfies it."""

    instance: Any = field(default_factory=dict)
    relations: tuple[Any, ...] = ()
    level: ClassVar[str] = "symbolic"
    supports: ClassVar[str] = "stipulated"

    def __post_init__(self) -> None:
        super().__post_init__()
        mapping_of("instance", self.instance, "symbols to values")
        hypotheses_of(self.relations)

    @property
    def witness(self) -> str:
        if not self.instance:
            return "exact matrices" + "".join(f", {relation}" for relation in self.relations)
        return ", ".join(f"{k} = {_short(v)}" for k, v in sorted(self.instance.items(), key=lambda kv: str(kv[0])))

    def _recheck(self, given: tuple[Any, ...]) -> str | None:
        conditions = self.printed.args if isinstance(self.printed, sp.Tuple) else (self.printed,)
        if not self.instance:
            return _unsatisfied(conditions, (*hypotheses(given)[1], *self.relations))
        for condition in (*conditions, *hypotheses(given)[0]):
            if isinstance(condition, Boolean) and not _satisfied(condition, self.instance):
                return f"the instance does not satisfy {condition}"
        return None


def _satisfied(condition, instance):
    """Whether a condition holds at an instance, after substituting numbers and explicit matrices."""
    if not is_matrix_statement(condition):
        return holds_at_point(condition, instance)
    return condition.subs(instance).doit() == sp.true


def _unsatisfied(conditions, relations):
    """None if some exact matrix instance of the relations satisfies the conditions, else the reason.

    A defining equation ``name = formula`` is satisfied wherever the formula has a value.
    """
    from ..matrix.exact_instances import instances

    for instance in instances(conditions, relations):
        try:
            if all(_instance_satisfies(condition, instance) for condition in conditions):
                return None
        except ZeroDivisionError:
            continue
    return "no exact instance was found that satisfies " + ", ".join(map(str, (*conditions, *relations)))


def _instance_satisfies(condition, instance):
    if not isinstance(condition, sp.Eq):
        instance.value(condition)
        return True
    name, formula = condition.args
    defines = isinstance(name, (sp.Symbol, sp.MatrixSymbol)) and name not in formula.free_symbols
    value = instance.value(formula)
    if defines:
        return True
    gap = instance.value(name) - value
    return gap == gap - gap
