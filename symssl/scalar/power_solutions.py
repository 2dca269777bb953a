r"""Solutions of x' = a x + b x^n and of x' = a + b x + c x^2 with the time for which they hold.

A solution of a scalar equation is monotone, and what its formula is a power or a quotient of solves a linear
equation, so that it changes its sign once at most on either side of the start: its sign at a time tells whether the
solution has come so far.  Exponentials decay where the assumptions on the parameters tell their sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ..exact.numbers import is_zero
from ..exact.signs import irreducible_factors, sign
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex
from .conditions import conjunction, eliminated, never_zero, vanishing
from .tables import condition_of

__all__ = ["Kind", "SolutionCase", "by_sign", "power_cases", "power_terms", "signed"]

Kind = Literal["constant", "linear", "Bernoulli", "Riccati", "Lambert", "separable", "linear system"]


@dataclass(frozen=True)
class SolutionCase(Formula):
    """A solution for some parameters, with the time for which it holds.

    Attributes
    ----------
    given : Boolean in the parameters; those of different cases exclude each other
    kind : str, as of `ClosedForm`
    solution : expression or None
    implicit : Eq or None
        A relation between state, start and time.
    holds : Boolean
        Where, among the parameters given, the solution holds: in start and time; for a relation, in state and start.
    begin, end : expressions or None
        The solution holds for times between these two, at infinity where it does not end; None where they are
        not known in closed form.  Where `holds` is false at the time 0, they say nothing.
    companions : tuple of (state, expression)
        The other states of a linear system.
    """

    given: sp.Basic
    kind: Kind
    solution: sp.Expr | None
    implicit: sp.Equality | None
    holds: sp.Basic
    begin: sp.Expr | None
    end: sp.Expr | None
    companions: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()

    @property
    def condition(self) -> sp.Basic:
        """On parameters, start and time together."""
        return sp.And(self.given, self.holds)

    def _formula(self):
        if self.solution is not None:
            return self.solution
        return self.implicit

    def __repr__(self) -> str:
        what = "no closed form" if self._formula() is None else f"{self._formula()}"
        return call_like("SolutionCase", [what, *([f"where {self.condition}"] if self.condition != sp.true else [])])

    def _latex_form(self, write: Any) -> list[Line]:
        formula = Tex(r"\text{no closed form}") if self._formula() is None else self._formula()
        condition = condition_of(self.condition, write, "as long as")
        return [Line(formula, "", Tex("")), *([Line(None, "", condition)] if condition else [])]


@dataclass(frozen=True)
class _Problem:
    """x' = f with a start: what all formulas need."""

    state: sp.Symbol
    time: sp.Symbol
    start: sp.Expr
    given: sp.Basic

    def case(self, kind, solution, boundaries=(), also=(), given=sp.true):
        """A case from its boundaries: (positive as long as it holds, its time, in the future if, in the past if)."""
        given = conjunction(self.given, given)
        if given == sp.false:
            return
        forward = bool(self.time.is_nonnegative)
        holds, begins, ends = list(also), [], []
        for inside, moment, future, past in boundaries:
            if _is_sure(future, False) and (forward or _is_sure(past, False)):
                continue
            holds.append(self.time < moment if forward and _is_sure(future, True) else inside)
            ends.append(sp.Piecewise((moment, future), (sp.oo, True)))
            begins.append(sp.Piecewise((moment, past), (-sp.oo, True)))
        end = sp.Min(*ends) if len(ends) > 1 else ends[0] if ends else sp.oo
        begin = sp.Max(*begins) if len(begins) > 1 else begins[0] if begins else -sp.oo
        yield SolutionCase(given, kind, solution, None, sp.And(*holds), sp.S.Zero if forward else begin, end)


def _is_sure(condition: Any, value: bool) -> bool:
    """Whether a condition is the constant True or False."""
    return bool(condition == (sp.true if value else sp.false))


def _less(expr):
    """The condition expr < 0, decided where its sign is known."""
    known = signed(expr)
    return sp.true if known == -1 else sp.false if known in (0, 1) else expr < 0


def _greater(expr):
    """The condition expr > 0, decided where its sign is known."""
    known = signed(expr)
    return sp.true if known == 1 else sp.false if known in (0, -1) else expr > 0


def signed(expr: sp.Expr) -> int | None:
    """The sign of an expression, where even powers of real symbols may be zero: None where it is not one sign.

    >>> x, a = sp.symbols("x a", real=True)
    >>> signed(1 + x**2), signed(x - a)
    (1, None)
    """
    known = sign(expr)
    if known is not None:
        return known
    if expr.is_positive:
        return 1
    return -1 if expr.is_negative else None


def _never_below(expr):
    """Whether an expression is proved to be 0 or more."""
    if signed(expr) in (0, 1) or expr.is_nonnegative:
        return True
    constant, factors = irreducible_factors(expr)
    known = sign(constant)
    for factor, exponent in factors:
        if exponent % 2 == 0 and factor.is_real:
            continue
        one = sign(factor)
        if one is None or known is None:
            return False
        known *= one ** (exponent % 2)
    return known in (0, 1)


def _future(expr):
    """The condition expr < 0, false where it is proved to be 0 or more."""
    return sp.false if _never_below(expr) else _less(expr)


def _past(expr):
    """The condition expr > 0, false where it is proved to be 0 or less."""
    return sp.false if _never_below(-expr) else _greater(expr)


def power_terms(f: sp.Expr, x: sp.Symbol) -> dict[sp.Expr, sp.Expr] | None:
    """The right-hand side as {exponent: coefficient}, the exponents rational or symbolic, or None.

    >>> x, a = sp.symbols("x a", positive=True)
    >>> power_terms(x * (1 - x**a), x)
    {1: 1, a + 1: -1}
    """
    terms: dict[sp.Expr, sp.Expr] = {}
    if f == 0:
        return terms
    for part in sp.Add.make_args(sp.expand(f)):
        coefficient, power = part.as_independent(x, as_Add=False)
        base, exponent = sp.powsimp(power).as_base_exp()
        if power == 1:
            exponent = sp.Integer(0)
        elif base != x or not (exponent.is_Rational or (exponent.is_real and not exponent.has(x))):
            return None
        terms[exponent] = terms.get(exponent, sp.Integer(0)) + coefficient
    return {e: sp.factor(c) for e, c in terms.items() if not is_zero(c)}


def power_cases(
    terms: dict[sp.Expr, sp.Expr], x: sp.Symbol, t: sp.Symbol, x0: sp.Expr, given: sp.Basic = sp.true
) -> tuple[SolutionCase, ...] | None:
    """The solutions of x' = the sum of these terms, case by case; None where the equation is of another form.

    >>> x, x0, A = sp.symbols("x x0 A", real=True); t = sp.Symbol("t", nonnegative=True)
    >>> (case,) = power_cases(power_terms(A * x**2, x), x, t, x0)
    >>> case.solution, case.holds, case.end
    (x0/(-A*t*x0 + 1), -A*t*x0 + 1 > 0, Piecewise((1/(A*x0), A*x0 > 0), (oo, True)))
    """
    problem, exponents = _Problem(x, t, x0, given), set(terms)
    if exponents <= {0}:
        return tuple(_linear(problem, sp.Integer(0), terms.get(0, sp.Integer(0))))
    if exponents <= {0, 1}:
        return tuple(_linear(problem, terms[1], terms.get(0, sp.Integer(0))))
    if len(exponents - {1}) == 1 and 0 not in exponents:
        (n,) = exponents - {1}
        a, b = terms.get(1, sp.Integer(0)), terms[n]
        if (n - 1).is_nonzero:
            return tuple(_bernoulli(problem, a, b, n))
        proper, linear = (_Problem(x, t, x0, conjunction(given, relation(n - 1, 0))) for relation in (sp.Ne, sp.Eq))
        at = eliminated(sp.numer(sp.together(n - 1))) or {}
        return (*_bernoulli(proper, a, b, n), *_linear(linear, sp.factor((a + b).subs(at)), sp.Integer(0)))
    if exponents <= {0, 1, 2}:
        a, b, c = (terms.get(i, sp.Integer(0)) for i in range(3))
        return tuple(_riccati(problem, a, b, c))
    return None


def by_sign(a: sp.Expr, negative: Any, positive: Any, zero: Any) -> Iterator[tuple[Any, sp.Basic]]:
    """(what holds, under which sign) for the sign of `a`; one without condition where it is known.

    >>> m = sp.Symbol("m", real=True)
    >>> list(by_sign(m, "falls", "grows", "rests")), list(by_sign(-1 - m**2, "falls", "grows", "rests"))
    ([('falls', m < 0), ('grows', m > 0), ('rests', Eq(m, 0))], [('falls', True)])
    """
    known = sign(a)
    if known is not None:
        yield {-1: negative, 1: positive, 0: zero}[known], sp.true
        return
    if never_zero(a):
        yield from ((negative, a < 0), (positive, a > 0))
        return
    yield from ((negative, a < 0), (positive, a > 0), (zero, sp.Eq(a, 0)))


# -- the domain of the state ---------------------------------------------------


def _side(problem):
    """1 for states that are not negative, -1 for those that are not positive, else 0."""
    x = problem.state
    return 1 if x.is_nonnegative else -1 if x.is_nonpositive else 0


def _leaving(problem, solution, moment, future, past, inflow):
    """The boundary where a state leaves the sign that it is declared to have."""
    side = _side(problem)
    if not side or (_never_below(side * inflow) and (problem.time.is_nonnegative or is_zero(inflow))):
        return
    inside = sp.Gt if problem.state.is_nonzero else sp.Ge
    yield inside(side * solution, 0), moment, _future(side * future), _past(side * past)


# -- linear ---------------------------------------------------------------------


def _linear(problem, a, b):
    x0, t = problem.start, problem.time
    if is_zero(b):
        yield from problem.case("linear" if a != 0 else "constant", x0 * sp.exp(a * t))
        return

    def moving(given):
        grown, rate = sp.exp(a * t), a * x0 + b
        solution = x0 * grown - b / a * (1 - grown)
        # zero is reached where the rate there and at the start lead towards it
        return problem.case("linear", solution, _both(problem, solution, sp.log(b / rate) / a, b, rate), given=given)

    def steady(given):
        solution = x0 + b * t
        return problem.case("linear", solution, _leaving(problem, solution, -x0 / b, b, b, b), given=given)

    zeros = vanishing(a)
    if a == 0:
        yield from steady(sp.true)
        return
    yield from moving(sp.And(*(sp.Ne(q, 0) for q in zeros)))
    if zeros:
        yield from steady(sp.Eq(a, 0))


def _both(problem, solution, moment, inflow, rate):
    """`_leaving` where two rates have to have the sign that leads out of the domain."""
    side = _side(problem)
    for inside, when, _, _ in _leaving(problem, solution, moment, inflow, inflow, inflow):
        yield (
            inside,
            when,
            sp.And(_future(side * inflow), _future(side * rate)),
            sp.And(_past(side * inflow), _past(side * rate)),
        )


# -- Bernoulli --------------------------------------------------------------------


def _bernoulli(problem, a, b, n):
    """x' = a*x + b*x**n: y = x**m with m = 1 - n solves y' = m*(a*y + b), and the sign of y is kept."""
    x0, t, m = problem.start, problem.time, 1 - n
    c, also, size = b * x0 ** (n - 1), [], x0
    if n.is_integer is not True:
        if not x0.is_positive:
            also = [_greater(x0)] if not x0.is_nonnegative else [sp.Ne(x0, 0)]
        size = x0 if x0.is_nonnegative else sp.Abs(x0)
    elif not (n.is_positive or x0.is_nonzero):
        also = [sp.Ne(x0, 0)]
    falling, rising = sp.exp(m * a * t), sp.exp(-m * a * t)
    bases = (lambda: falling - c / a * (1 - falling), lambda: 1 + c / a * (1 - rising), lambda: 1 + m * c * t)
    factors = (1, sp.exp(a * t), 1)
    # conditions take y itself where that is no pole at zero, or y*y(0), else y/y(0): all are real for every start
    if m.is_positive:
        y0, w = (size**m, b) if m.is_odd is not True or x0.is_nonnegative else (x0 ** (2 * m), b * x0**m)
    else:
        y0, w = sp.Integer(1), b * size ** (n - 1)

    def sums(k):
        return (y0 * falling - w / a * (1 - falling), y0 + w / a * (1 - rising), y0 + m * w * t)[k]

    for k, given in by_sign(m * a, 0, 1, 2):
        solution = _tidy(x0 * factors[k] * bases[k]() ** (1 / m))
        speed, inflow = m * ((a * y0 if k < 2 else 0) + w), m * w
        moment = sp.log(w / (a * y0 + w)) / (m * a) if k < 2 else -y0 / (m * w)
        future, past = _future(inflow if k == 0 else speed), _past(inflow if k == 1 else speed)
        yield from problem.case(
            "Bernoulli", solution, [(_greater(sums(k)), moment, future, past)], also=also, given=given
        )


def _tidy(expr):
    """A reciprocal written as one fraction, initial values included."""
    numerator, denominator = sp.fraction(expr)
    return expr if denominator == 1 or denominator.has(sp.Pow) else sp.factor_terms(numerator / denominator)


# -- Riccati ----------------------------------------------------------------------


def _riccati(problem, a, b, c):
    """x' = a + b*x + c*x**2; where c vanishes, the linear equation."""
    zeros = vanishing(c)
    proper = sp.And(*(sp.Ne(q, 0) for q in zeros))
    D = sp.factor(b**2 - 4 * a * c)
    for solve, given in by_sign(D, _turning, _real, _merged):
        yield from solve(problem, a, b, c, D, sp.And(proper, given))
    if not zeros:
        return
    inner = _Problem(problem.state, problem.time, problem.start, conjunction(problem.given, sp.Eq(c, 0)))
    a, b = (_where_zero(e, c) for e in (a, b))
    if b == 0 and a == 0:
        yield from inner.case("constant", problem.start)
    else:
        yield from _linear(inner, b, a)


def _where_zero(coefficient, q):
    """A coefficient where another one vanishes: a symbol is replaced, a factor gives zero."""
    if q.is_Symbol:
        return sp.cancel(coefficient.subs(q, 0))
    factors = [f for f, _ in irreducible_factors(q)[1]]
    own = [f for f, _ in irreducible_factors(coefficient)[1]]
    return sp.Integer(0) if len(factors) == 1 and factors[0] in own else coefficient


def _real(problem, a, b, c, D, given):
    x0, t, h = problem.start, problem.time, sp.sqrt(D)
    E, near, far = sp.exp(-h * t), (-b - h) / (2 * c), (-b + h) / (2 * c)
    solution = (near * (x0 - far) - far * (x0 - near) * E) / ((x0 - far) - (x0 - near) * E)
    # real also where another case applies, so that conditions can be compared there
    h = sp.sqrt(D if sign(D) == 1 else sp.Abs(D))
    E, q, p = sp.exp(-h * t), b + 2 * c * x0, 2 * a + b * x0
    blowing = (
        _greater(h * (1 + E) - q * (1 - E)),
        sp.log((q + h) / (q - h)) / h,
        sp.false if _never_below(-q) else _greater(q - h),
        sp.false if _never_below(q) else _less(q + h),
    )
    crossing = x0 * h * (1 + E) + p * (1 - E)
    moment = sp.log((p - x0 * h) / (p + x0 * h)) / h
    leaving = _leaving(problem, crossing, moment, p + x0 * h, p - x0 * h, a)
    yield from problem.case("Riccati", solution, [blowing, *leaving], given=given)


def _turning(problem, a, b, c, D, given):
    x0, t, w = problem.start, problem.time, sp.sqrt(-D) / 2
    p, q = a + b * x0 / 2, b / 2 + c * x0
    cos, sin = sp.cos(w * t), sp.sin(w * t)
    solution = (x0 * w * cos + p * sin) / (w * cos - q * sin)
    sure = sign(D) == -1
    w = w if sure else sp.sqrt(sp.Abs(D)) / 2
    angle = sp.atan(q / w) if sure else sp.atan2(q, w)
    end, begin = (sp.pi / 2 - angle) / w, -(sp.pi / 2 + angle) / w
    holds = [w * t < sp.pi / 2 - angle] if not sure else [t < end]
    if not t.is_nonnegative:
        holds.append(t > begin if sure else w * t > -sp.pi / 2 - angle)
    side = _side(problem)
    if side:  # no equilibrium: one of the two ends of the domain is reached, or infinity
        turned = sp.atan(p / (w * x0)) if sure else sp.atan2(side * p, side * w * x0)
        if not (_never_below(side * a) and t.is_nonnegative):
            holds += [(sp.Gt if problem.state.is_nonzero else sp.Ge)(side * (x0 * w * cos + p * sin), 0)]
            end = sp.Piecewise(((sp.pi / 2 + turned) / w, _future(side * a)), (end, True))
            begin = sp.Piecewise(((turned - sp.pi / 2) / w, _past(side * a)), (begin, True))
    forward = sp.S.Zero if t.is_nonnegative else begin
    given = conjunction(problem.given, given)
    if given != sp.false:
        yield SolutionCase(given, "Riccati", solution, None, sp.And(*holds), forward, end)


def _merged(problem, a, b, c, D, given):
    x0, t = problem.start, problem.time
    p, q = a + b * x0 / 2, b / 2 + c * x0
    solution = (x0 + p * t) / (1 - q * t)
    blowing = (_greater(1 - q * t), 1 / q, _past(q), _future(q))
    leaving = _leaving(problem, x0 + p * t, -x0 / p, p, p, a)
    yield from problem.case("Riccati", solution, [blowing, *leaving], given=given)
