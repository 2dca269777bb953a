"""Whether two scalar expressions are identical, exactly.

An expression is read as a rational function of generators: its symbols, and one new symbol for each root,
exponential and function of something.  Its numerator is reduced by the relations between them
(``t**q = radicand``, ``sin**2 = 1 - cos**2``); a zero remainder proves the identity.  An enclosure that
excludes zero at an exact point disproves it.  The two ways share no arithmetic, and no identity is accepted
that was not also evaluated at exact points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from math import lcm
from typing import Any

import sympy as sp
from flint import arb, fmpq, fmpq_mpoly_ctx

from ..errors import InputError, Undecided
from ..support.display import call_like
from .numbers import exact_expression
from .points import Undefined, evaluate, hypotheses, points, scalar, solve_equalities

__all__ = ["Comparison", "compare", "remainder"]

_POINTS, _TRIES = 4, 400
_X = sp.Dummy("x")


class _Generators:
    """New symbols for everything in an expression that is not a rational operation, and the relations they satisfy.

    A later generator may be a root or a power of an expression in earlier ones.
    """

    def __init__(self):
        self.generators = {}  # key -> Dummy, inner ones first
        self.relations = []  # (Dummy, degree, rational expression for Dummy**degree)
        self.orders = {}  # radicand or exponent -> least common denominator

    def generator(self, key, degree=None, value=None):
        if key not in self.generators:
            relation = None if degree is None else (degree, self.read(value))
            symbol = self.generators[key] = sp.Dummy(f"t{len(self.generators)}")
            if relation:
                self.relations.append((symbol, *relation))
        return self.generators[key]

    def find_orders(self, expr):
        """Find the order of root that each radicand and exponent needs, before generators are made."""
        for node in sp.preorder_traversal(expr):
            for key, exponent in self._roots(node):
                self.orders[key] = lcm(self.orders.get(key, 1), int(exponent.q))

    @staticmethod
    def _radicand(base):
        """Positive factors of a radicand, on which a root is multiplicative, and the rest."""
        base = sp.factor(sp.together(base)) if not base.is_Atom else base
        content, factors = base.as_coeff_mul()
        if content.is_negative:
            content, factors = -content, (sp.S.NegativeOne, *factors)
        pairs = (
            [(sp.Integer(p), k) for p, k in sp.factorrat(content).items()] if content.is_Rational else [(content, 1)]
        )
        rest = sp.S.One
        for factor in factors:
            root, power = (factor, sp.S.One) if isinstance(factor, sp.exp) else factor.as_base_exp()
            if root.is_positive and power.is_Integer:
                pairs.append((root, int(power)))
            else:
                rest *= factor
        return pairs if rest is sp.S.One else [*pairs, (rest, 1)]

    def _roots(self, node):
        if node.is_Pow and node.exp.is_Rational and not node.exp.is_Integer:
            for base, power in self._radicand(node.base):
                if isinstance(base, sp.exp):
                    yield from (
                        ((sp.E, term), coefficient * node.exp * power) for coefficient, term in self._terms(base)
                    )
                else:
                    yield base, node.exp * power
        elif isinstance(node, sp.exp) or (node.is_Pow and not node.exp.is_Rational):
            for coefficient, term in self._terms(node):
                yield (node.base, term), coefficient

    @staticmethod
    def _terms(node):
        for term in sp.Add.make_args(sp.expand(node.exp)):
            coefficient, rest = term.as_coeff_Mul(rational=True)
            yield coefficient, rest

    def read(self, expr):
        """The expression with every non-rational part replaced by its generator."""
        if expr.is_Rational:
            return expr
        if expr is sp.I:
            return self.generator("i", 2, sp.S.NegativeOne)
        if expr.is_Add or expr.is_Mul:
            return expr.func(*map(self.read, expr.args))
        if expr.is_Pow and expr.exp.is_Integer:
            return self.read(expr.base) ** expr.exp
        if expr.is_Pow and expr.exp.is_Rational:
            return sp.Mul(*(self._root(base, expr.exp * power) for base, power in self._radicand(expr.base)))
        if expr.is_Pow or isinstance(expr, sp.exp):
            return sp.Mul(*(self._exponential(expr.base, coefficient, term) for coefficient, term in self._terms(expr)))
        if isinstance(expr, (sp.sin, sp.cos)):
            cosine = self.generator(sp.cos(expr.args[0]))
            if isinstance(expr, sp.cos):
                return cosine
            return self.generator(expr, 2, 1 - sp.cos(expr.args[0]) ** 2)
        if expr.is_Function:  # equal arguments should look equal
            return self.generator(expr.func(*map(sp.expand, expr.args)))
        return self.generator(expr)

    def _root(self, base, exponent):
        if exponent.is_Integer:
            return self.read(base) ** exponent
        if isinstance(base, sp.exp):
            return sp.Mul(
                *(self._exponential(sp.E, coefficient * exponent, term) for coefficient, term in self._terms(base))
            )
        order = self.orders.setdefault(base, int(exponent.q))
        return self.generator(("root", base), order, base) ** (exponent * order)

    def _exponential(self, base, coefficient, term):
        if term is sp.S.One and coefficient.is_Integer and base is not sp.E:
            return self.read(base) ** coefficient
        if isinstance(term, sp.LambertW) and base is sp.E and coefficient.is_Integer:
            return (self.read(term.args[0]) / self.read(term)) ** coefficient  # W exp(W) = argument
        order = self.orders.setdefault((base, term), int(coefficient.q))
        return self.generator(("power", base, term)) ** (coefficient * order)


def _quotient(expr, ring, symbols):
    """Numerator and denominator of a rational expression in the ring."""
    if expr in symbols:
        return symbols[expr], ring.constant(1)
    if expr.is_Rational:
        return ring.constant(int(expr.p)), ring.constant(int(expr.q))
    if expr.is_Pow:
        num, den = _quotient(expr.base, ring, symbols)
        power = int(expr.exp)
        return (num**power, den**power) if power >= 0 else (den**-power, num**-power)
    parts = [_quotient(arg, ring, symbols) for arg in expr.args]
    num, den = parts[0]
    for other, below in parts[1:]:
        if expr.is_Mul:
            num, den = num * other, den * below
        elif den == below:
            num = num + other
        else:
            common = den.gcd(below)
            left, right = below / common, den / common
            num, den = num * left + other * right, den * left
    return num, den


def _reduce(num, ring, position, degree, value):
    """The numerator after ``generator**degree -> value`` (a quotient), denominators cleared."""
    above, below = value
    top = max((m[position] for m in num.monoms()), default=0) // degree
    result = ring.constant(0)
    slices = {}
    for monomial, coefficient in num.to_dict().items():
        turns, left = divmod(monomial[position], degree)
        reduced = (*monomial[:position], left, *monomial[position + 1 :])
        slices.setdefault(turns, {})[reduced] = coefficient
    for turns, part in slices.items():
        result += ring.from_dict(part) * above**turns * below ** (top - turns)
    return result


def remainder(expr: sp.Expr) -> Any:
    """The numerator of an expression, reduced, as a polynomial of python-flint; zero proves that it vanishes.

    Raises
    ------
    InputError
        For an expression that divides by zero.

    >>> x = sp.Symbol('x', positive=True)
    >>> remainder(sp.sqrt(x**3 + x**2) - x*sp.sqrt(x + 1))
    0
    """
    expr = exact_expression("expr", expr)
    generators = _Generators()
    generators.find_orders(expr)
    rational = generators.read(expr)
    names = {symbol: f"g{k}" for k, symbol in enumerate(generators.generators.values())}
    ring = fmpq_mpoly_ctx.get(list(names.values()) or ["g0"], "lex")
    symbols = dict(zip(names, ring.gens()))
    num, den = _quotient(rational, ring, symbols)
    if den == 0:
        raise InputError(f"{expr} divides by zero")
    where = {symbol: k for k, symbol in enumerate(names)}
    for symbol, degree, value in reversed(generators.relations):
        num = _reduce(num, ring, where[symbol], degree, _quotient(value, ring, symbols))
    return num


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: equal, or different at a point with two values.

    Attributes
    ----------
    equal : bool
    point : where they differ, {symbol: exact value}; empty where they are equal
    values : the two values there
    instance : for matrices, the instance at which they differ, in words
    method : how it was decided: "field" for scalars, "words" or "entries" for matrices
    """

    equal: bool
    point: dict[Any, Any] = field(default_factory=dict)
    values: tuple[Any, ...] = ()
    instance: str = ""
    method: str = "field"

    def __repr__(self) -> str:
        if self.equal:
            return call_like("Comparison", [f"equal, decided by {self.method}"])
        rows = [f"different: {' and '.join(map(str, self.values))}" if self.values else "different"]
        rows += [f"at {', '.join(f'{k} = {v}' for k, v in self.point.items())}"] if self.point else []
        return call_like("Comparison", [*rows, *([self.instance] if self.instance else [])])


def _excludes_zero(value):
    return not value.contains(0) if isinstance(value, arb) else value != 0


def compare(a: sp.Expr, b: sp.Expr, given: Iterable[Any] = (), *, seed: int = 0) -> Comparison:
    """Decide ``a == b`` for scalar expressions under the assumptions and hypotheses.

    Equal is proved by algebra and rechecked at exact points; different is
    proved by an exact point.

    Parameters
    ----------
    a, b : scalar expressions
    given : sequence of comparisons under which they are compared; relations between matrices are left aside
    seed : names the sequence of exact points

    Raises
    ------
    Undecided
        Where neither equality nor a difference is proved.

    >>> x, y = sp.symbols('x y')
    >>> compare((x + y)**2, x**2 + 2*x*y + y**2).equal
    True
    >>> compare(x + y, x - y).equal
    False
    """
    a, b = scalar("a", a), scalar("b", b)
    rechecked = 0
    for point in islice(points([a, b], given, seed=seed), _TRIES):
        if rechecked == _POINTS:
            break
        gap = _gap(a - b, point)
        if gap is not None and _excludes_zero(gap):
            values = _values(a, b, point)
            if values is None:  # what is undefined has cancelled in the difference
                continue
            return Comparison(False, point, values)
        rechecked += gap is not None
    if not rechecked:
        raise Undecided(f"no exact point was found at which {a - b} is defined and every hypothesis holds")
    solution, _ = solve_equalities(hypotheses(given)[0])
    if not _vanishes((a - b).subs(solution)):
        raise Undecided("neither a proof nor a point of difference was found", sp.simplify(a - b))
    return Comparison(True)


def _gap(expr, point):
    """Value at the point, finely enclosed where zero is inside; None where undefined."""
    try:
        coarse = evaluate(expr, point)
        return coarse if isinstance(coarse, fmpq) or _excludes_zero(coarse) else evaluate(expr, point, 1024)
    except Undefined:
        return None


def _values(a, b, point):
    """Both values at the point, or None where one is undefined."""
    try:
        return evaluate(a, point), evaluate(b, point)
    except Undefined:
        return None


def _split_logarithm(argument):
    """log a as a sum over the factors of a, each taken without its sign: equal where a is positive, so that it is real.

    >>> x, y = sp.symbols('x y', real=True)
    >>> _split_logarithm((x - y) / (2 * x)) - _split_logarithm(y - x) + _split_logarithm(x) + sp.log(2)
    0
    """
    if not argument.free_symbols or not argument.is_rational_function():
        return sp.log(argument)
    constant, *parts = sp.factor_list(sp.cancel(argument).as_numer_denom()[0])
    below, *others = sp.factor_list(sp.cancel(argument).as_numer_denom()[1])
    total = sp.log(abs(constant / below))
    for sign, factors in ((1, parts[0]), (-1, others[0])):
        for factor, power in factors:
            total += sign * power * sp.log(-factor if factor.could_extract_minus_sign() else factor)
    return total


def _vanishes(expr):
    expr = expr.replace(sp.exp, lambda exponent: sp.exp(sp.expand(exponent)))
    if all(x.is_extended_real for x in expr.free_symbols):
        expr = expr.replace(sp.log, _split_logarithm)
    expr = sp.expand_log(expr.rewrite((sp.sinh, sp.cosh, sp.tanh), sp.exp).rewrite(sp.tan, sp.cos))
    if remainder(expr) == 0:
        return True
    return not expr.free_symbols and expr.is_algebraic and sp.minimal_polynomial(expr, _X) == _X
