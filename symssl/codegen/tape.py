"""Straight-line programs: SymPy expressions as a tape of elementary array operations.

An expression is read and never rebuilt, so nothing its author wrote is
evaluated on the way.  Sums are put in Horner form with their common factors
drawn out; integer powers become products; equal operations are recorded once;
the branches of a ``Piecewise`` are recorded under the mask of their condition
and touch no other element.  :mod:`symssl.codegen` turns a tape into NumPy.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import reduce
from math import isfinite
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from ..errors import InputError
from .factoring import Sum, drawn_out, factored, halves, horner, monomial

__all__ = ["RECIPROCALS", "UFUNCS", "Operation", "Tape"]

# Beyond this exponent repeated multiplication loses more digits than `power`.
_LARGEST_PRODUCT = 16
_LONGEST_NEST = 32

UFUNCS = {
    sp.exp: "exp",
    expm1: "expm1",
    sp.log: "log",
    log1p: "log1p",
    sp.Abs: "absolute",
    sp.sign: "sign",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.asin: "arcsin",
    sp.acos: "arccos",
    sp.atan: "arctan",
    sp.atan2: "arctan2",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.asinh: "arcsinh",
    sp.acosh: "arccosh",
    sp.atanh: "arctanh",
    sp.floor: "floor",
    sp.ceiling: "ceil",
    sp.Mod: "mod",
    sp.Heaviside: "heaviside",
    sp.LambertW: "lambertw",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.erfinv: "erfinv",
    sp.gamma: "gamma",
    sp.loggamma: "gammaln",
    sp.Ei: "expi",
}
RECIPROCALS = {sp.cot: sp.tan, sp.sec: sp.cos, sp.csc: sp.sin, sp.coth: sp.tanh, sp.sech: sp.cosh, sp.csch: sp.sinh}
_COMMUTATIVE = ("add", "multiply", "minimum", "maximum")
_FOLDS = {sp.Min: "minimum", sp.Max: "maximum", sp.And: "logical_and", sp.Or: "logical_or", sp.Xor: "logical_xor"}
_RELATIONS = {
    sp.StrictLessThan: "less",
    sp.LessThan: "less_equal",
    sp.StrictGreaterThan: "greater",
    sp.GreaterThan: "greater_equal",
    sp.Equality: "equal",
    sp.Unequality: "not_equal",
}


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation ``name = ufunc(*operands)``, carried out where ``mask`` holds.

    ``into`` is an earlier step whose result this one overwrites under the mask;
    ``inputs`` are the positions of the arguments on which the result depends.
    """

    name: str
    ufunc: str
    operands: tuple[Any, ...]
    mask: Operation | None
    into: Operation | None
    logical: bool
    inputs: frozenset[int]

    @property
    def reads(self) -> tuple[Operation, ...]:
        """The earlier steps whose results this one needs."""
        return tuple(x for x in (*self.operands, self.mask, self.into) if isinstance(x, Operation))

    @property
    def home(self) -> Operation:
        """The first of the steps that write one after another into the same place."""
        return self if self.into is None else self.into.home


@dataclass
class Tape:
    """The steps that compute expressions in the given arguments.

    ``record`` returns what an expression's value will be: a :class:`Operation`, one
    of the arguments, or a number.  With ``share`` equal operations are one step.

    >>> from sympy.abc import x, y
    >>> tape = Tape((x, y))
    >>> result = tape.record(x**2*y + x*y)          # (x + 1)*x*y
    >>> [step.ufunc for step in tape.steps]
    ['add', 'multiply', 'multiply']
    """

    arguments: tuple[sp.Symbol, ...]
    share: bool = True
    steps: list[Operation] = field(default_factory=list)
    _known: dict[Any, list[Operation]] = field(default_factory=dict)

    def record(self, expr: Any, mask: Operation | None = None) -> Any:
        """Append the steps of an expression; where a mask is given they are carried out under it."""
        if isinstance(expr, Sum):
            return self._nested(expr.terms, mask)
        if isinstance(expr, sp.Symbol):
            return self._argument(expr)
        if not isinstance(expr, sp.Expr) or expr.is_commutative is False:
            raise InputError(_cannot(expr))
        if not expr.free_symbols:
            return _number(expr)
        if isinstance(expr, sp.UnevaluatedExpr):
            return self._as_written(expr.args[0], mask)
        if isinstance(expr, sp.Add):
            return self._product(sp.S.One, factored(expr), mask)
        if isinstance(expr, (sp.Mul, sp.Pow)):
            return self._product(*monomial(expr), mask)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr, mask)
        return self._function(expr, mask)

    def step(
        self,
        ufunc: str,
        *operands: Any,
        mask: Operation | None = None,
        into: Operation | None = None,
        logical: bool = False,
    ) -> Operation:
        """Append one operation, or return the step that computes it already."""
        key = frozenset(operands) if ufunc in _COMMUTATIVE else operands
        known = self._known.setdefault((ufunc, key), [])
        if self.share and into is None:
            for step in known:
                if step.mask is None or step.mask is mask:
                    return step
        inputs = frozenset().union(
            *(
                x.inputs if isinstance(x, Operation) else {self.arguments.index(x)}
                for x in (*operands, mask, into)
                if isinstance(x, (Operation, sp.Symbol))
            )
        )
        step = Operation(f"t{len(self.steps)}", ufunc, operands, mask, into, logical, inputs)
        self.steps.append(step)
        if into is None and step.ufunc != "positive":  # a `positive` may be overwritten later
            known.append(step)
        return step

    def slots(self, kept: Collection[Operation]) -> dict[Operation, int]:
        """A buffer number for the home of every step, except those in ``kept``.

        Steps whose values are not needed at the same time share a buffer, logical
        ones and numbers apart.
        """
        last = {step.home: i for i, step in enumerate(self.steps)}
        last |= {value.home: i for i, step in enumerate(self.steps) for value in step.reads}
        slots: dict[Operation, int] = {}
        free: dict[bool, list[int]] = {False: [], True: []}
        count = {False: 0, True: 0}
        for i, step in enumerate(self.steps):
            done = {x.home for x in step.reads if last[x.home] == i and x.home in slots}
            for home in done:  # a ufunc may overwrite what it reads
                free[home.logical].append(slots[home])
            home, kind = step.home, step.logical
            if home not in slots and home not in kept:
                if not free[kind]:
                    free[kind].append(count[kind])
                    count[kind] += 1
                slots[home] = free[kind].pop()
        return slots

    def _argument(self, symbol):
        if symbol in self.arguments:
            return symbol
        namesake = next((a for a in self.arguments if a.name == symbol.name), None)
        if namesake is None:
            raise InputError(
                f"the symbol {symbol} is not among the arguments {self.arguments}: "
                "add it to them, or substitute a value for it first"
            )
        raise InputError(
            f"the symbol {symbol} of the expression has the assumptions {symbol.assumptions0}, the "
            f"argument of that name has {namesake.assumptions0}: use one and the same symbol"
        )

    # -- sums and products --------------------------------------------------------

    def _nested(self, terms, mask):
        """A sum of monomials by Horner's rule, a long one in halves."""
        if len(terms) > _LONGEST_NEST:
            return self._sum([(sp.S.One, tuple(drawn_out(h).items())) for h in halves(terms)], mask)
        while nested := horner(terms):
            terms = nested
            if len(terms) == 1:
                break
        return self._sum(terms, mask)

    def _sum(self, terms, mask):
        """Add up the terms, those with a positive coefficient first."""
        ordered = sorted(terms, key=lambda term: bool(term[0].is_negative))
        coefficient, factors = ordered[0]
        total = self._product(coefficient, dict(factors), mask)
        for coefficient, factors in ordered[1:]:
            ufunc, size = ("subtract", -coefficient) if coefficient.is_negative else ("add", coefficient)
            total = self.step(ufunc, total, self._product(size, dict(factors), mask), mask=mask)
        return total

    def _product(self, coefficient, factors, mask):
        """coefficient * prod(base**exponent), with at most one division."""
        above, below = [], []
        for base, exponent in factors.items():
            side = below if exponent.is_negative else above
            side.append(self._power(base, -exponent if exponent.is_negative else exponent, mask))
        number = _number(coefficient)
        if number not in (1, -1) or not above:
            above.append(number)
            number = 1
        value = self._multiply(above, mask)
        if below:
            value = self.step("divide", value, self._multiply(below, mask), mask=mask)
        return value if number == 1 else self.step("negative", value, mask=mask)

    def _multiply(self, values, mask):
        return reduce(lambda a, b: self.step("multiply", a, b, mask=mask), values)

    def _power(self, base, exponent, mask):
        value = self.record(base, mask)
        if not (exponent.is_Rational and exponent.q <= 2 and exponent <= _LARGEST_PRODUCT):
            return self.step("power", value, self.record(exponent, mask), mask=mask)
        whole, half = divmod(exponent, 1)
        parts = [self._repeated(value, int(whole), mask)] if whole else []
        if half:
            parts.append(self.step("sqrt", value, mask=mask))
        return self._multiply(parts, mask)

    def _repeated(self, value, n, mask):
        if n == 1:
            return value
        if n % 2:
            return self._multiply([self._repeated(value, n - 1, mask), value], mask)
        half = self._repeated(value, n // 2, mask)
        return self._multiply([half, half], mask)

    def _as_written(self, expr, mask):
        """An ``UnevaluatedExpr``: its outermost sum or product in the order given."""
        if not isinstance(expr, (sp.Add, sp.Mul)):
            return self.record(expr, mask)
        ufunc = "add" if isinstance(expr, sp.Add) else "multiply"
        return reduce(
            lambda a, b: self.step(ufunc, a, b, mask=mask), [self.record(argument, mask) for argument in expr.args]
        )

    # -- functions and branches ---------------------------------------------------

    def _function(self, expr, mask):
        kind = expr.func
        if kind in RECIPROCALS:
            below = self._function(RECIPROCALS[kind](expr.args[0], evaluate=False), mask)
            return self.step("divide", 1.0, below, mask=mask)
        if kind is sp.log and isinstance(expr.args[0], sp.Add) and sp.S.One in expr.args[0].args:
            rest = [a for a in expr.args[0].args if a != 1]  # log(1 + u) without cancellation
            return self.step("log1p", self.record(sp.Add(*rest, evaluate=False), mask), mask=mask)
        operands = [self.record(a, mask) for a in expr.args]
        if kind in (sp.Min, sp.Max):
            return reduce(lambda a, b: self.step(_FOLDS[kind], a, b, mask=mask), operands)
        if kind not in UFUNCS:
            raise InputError(_cannot(expr))
        if kind is sp.LambertW and len(operands) == 1:
            operands.append(0.0)  # the principal branch
        return self.step(UFUNCS[kind], *operands, mask=mask)

    def _piecewise(self, expr, mask):
        """Each branch is computed only where its condition is the first to hold."""
        value, remaining = None, mask
        for branch, condition in (*expr.args, (sp.nan, sp.true)):
            if condition == sp.true:
                where = remaining
            else:
                holds = self._condition(condition, remaining)
                where = holds if remaining is None else self._logical("logical_and", remaining, holds)
                remaining = (
                    self._logical("logical_not", holds)
                    if remaining is None
                    else self._logical("greater", remaining, holds)
                )
            result = float("nan") if branch is sp.nan else self.record(branch, where)
            value = self.step("positive", result, mask=where, into=value)
            if condition == sp.true:
                break
        return value

    def _condition(self, condition, mask):
        if condition in (sp.true, sp.false):
            return self._logical("logical_not", not condition)
        if condition.func in _RELATIONS:
            operands = [self.record(side, mask) for side in condition.args]
            return self._logical(_RELATIONS[condition.func], *operands, mask=mask)
        parts = [self._condition(part, mask) for part in condition.args]
        if isinstance(condition, sp.Not):
            return self._logical("logical_not", *parts)
        if condition.func in _FOLDS and parts:
            return reduce(lambda a, b: self._logical(_FOLDS[condition.func], a, b), parts)
        raise InputError(_cannot(condition))

    def _logical(self, ufunc, *operands, mask=None):
        return self.step(ufunc, *operands, mask=mask, logical=True)


def _number(expr):
    """A constant as the nearest double (or complex double)."""
    if expr.is_Integer and abs(expr) < 2**53:
        return float(expr)
    value = sp.N(expr, 20)
    if not value.is_Number and not value.as_real_imag()[1].is_Number:
        raise InputError(_cannot(expr))
    try:
        number = float(value) if value.is_Number else complex(value)
    except (TypeError, OverflowError):
        raise InputError(_cannot(expr)) from None
    if (value.is_finite and isfinite(abs(number))) or value in (sp.oo, -sp.oo):
        return number
    raise InputError(f"the constant {expr} is not a number that a double can hold")


def _cannot(expr):
    return (
        f"cannot compile {type(expr).__name__} {expr}: no array operation computes it; "
        "evaluate or expand it first, or substitute a symbol for it"
    )
