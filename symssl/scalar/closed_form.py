"""Trajectories in closed form, written so that long times neither overflow nor cancel.

Exponentials appear with the sign that lets them decay wherever the
assumptions on the parameters tell it; where they do not, the form is a
`Piecewise` in that sign.  Where the quadrature cannot be inverted the form is
implicit.  Every form states for which parameters, starts and times it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import InputError, Refusal, SymsslError
from ..exact.numbers import exact_expression, is_zero
from ..support.arguments import all_of, described, instance_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex
from ..typeset.linebreaks import glyphs
from ..typeset.text import dotted
from .conditions import eliminated
from .flow import Flow
from .linear_pairs import pair_cases
from .power_solutions import Kind, SolutionCase, power_cases, power_terms
from .quadrature import rational_cases
from .tables import condition_of

__all__ = ["ClosedForm", "closed_form"]


_LONG = 50  # width in letters beyond which the branches of a Piecewise are set one by one


@dataclass(frozen=True)
class ClosedForm(Formula):
    """A trajectory with its proof by substitution.

    Attributes
    ----------
    kind : str
        constant, linear, Bernoulli, Riccati, Lambert, separable, or linear system.
    rhs : expression
        The right-hand side in `state`; for a linear system, the vector field's component.
    state, time : Symbol
    initial : tuple of (state, its value at time 0)
    solution : expression or None
        The state as a function of time and initial values.
        Where the formula depends on the parameters it is a `Piecewise` in them.
    implicit : Eq or None
        A relation between state, initial value and time, valid while the state stays in the
        interval between equilibria in which it started.
    condition : Boolean
        Where `solution` holds, in parameters, initial value and time; without a solution, where `implicit` does, in
        parameters, initial value and state.  It ends where the solution leaves the finite numbers, reaches a pole,
        is no longer the only one, or leaves the signs that the state is declared to have.
    companions : tuple of (state, expression)
        The other states of a linear system, solved with it.
    cases : tuple of `SolutionCase`
        Every case of the parameters on its own, with the time at which its solution ends; the conditions of two
        cases exclude each other.  A case without solution and relation has no closed form here.

    Examples
    --------
    >>> x, a = sp.symbols("x a", positive=True)
    >>> form = closed_form(Flow({x: -a*x}, (a,)))
    >>> form.kind, form.solution, form.verify()
    ('linear', x0*exp(-a*t), True)
    >>> form.latex()
    'x(t) = x_{0} e^{- a t}'
    >>> x = sp.Symbol("x", real=True)
    >>> burst = closed_form(Flow({x: x**2}))
    >>> burst.solution, burst.condition, burst.end
    (x0/(-t*x0 + 1), -t*x0 + 1 > 0, Piecewise((1/x0, x0 > 0), (oo, True)))
    >>> burst.piecewise.subs({burst.initial[0][1]: 1, burst.time: 2})
    nan
    """

    kind: Kind
    rhs: sp.Expr
    state: sp.Symbol
    time: sp.Symbol
    initial: tuple[tuple[sp.Symbol, sp.Expr], ...]
    solution: sp.Expr | None
    implicit: sp.Equality | None
    condition: sp.Basic = sp.true
    companions: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    cases: tuple[SolutionCase, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "cases", all_of("cases", self.cases, SolutionCase, "solution cases"))
        if not self.cases:  # a form put together by hand is one case
            parts = (self.kind, self.solution, self.implicit, self.condition, None, None, self.companions)
            object.__setattr__(self, "cases", (SolutionCase(sp.true, *parts),))

    @property
    def piecewise(self) -> sp.Expr:
        """The solution with its conditions, which exclude each other, as one expression; nan where none holds.

        Compiled, it never gives a value beyond the end of the solution.

        Raises
        ------
        Refusal
            Where there is no explicit solution.
        """
        pieces = [(case.solution, case.condition) for case in self.cases if case.solution is not None]
        if not pieces:
            raise Refusal("there is no explicit solution, only a relation between state and time", self.implicit)
        return sp.Piecewise(*pieces) if pieces[0][1] != sp.true else pieces[0][0]

    @property
    def end(self) -> sp.Expr | None:
        """The time at which the solution ends, infinity where it does not; None where it has no closed form.

        For starts at which the condition holds.
        """
        return self._moment("end")

    @property
    def begin(self) -> sp.Expr | None:
        """The time after which the solution holds, as `end` is that before which; 0 for times declared nonnegative."""
        return self._moment("begin")

    def _moment(self, which):
        moments = [getattr(case, which) for case in self.cases]
        if None in moments:
            return None
        return _by_case(moments, [case.given for case in self.cases], True)

    def residuals(self) -> tuple[sp.Expr, ...]:
        """Differential equation and initial condition in every case of the closed form: structural zeros."""
        x, t, start = self.state, self.time, dict(self.initial)
        residuals = []
        for case in self.cases:
            if case.solution is not None:
                residuals += _residuals_of_case(case, self.rhs, x, t, start[x], tuple(start.values()))
            if case.implicit is not None:
                (left, right), rhs = case.implicit.args, _given(self.rhs, case.given)
                residuals.append(_reduced(_derivative(left, x) * rhs - sp.diff(right, t), case.given))
                residuals.append(_reduced(_at_start(left, x, start[x]) - right.subs(t, 0), case.given))
        whole = _assembled(x, self.rhs, t, self.initial, self.cases)
        if self.solution != whole.solution:
            residuals.append(sp.S.NaN if None in (self.solution, whole.solution) else self.solution - whole.solution)
        if self.implicit != whole.implicit:
            residuals.append(sp.S.NaN if self.implicit is None else self.implicit.lhs)
        return tuple(residuals)

    def verify(self) -> bool:
        """Whether every residual vanishes identically."""
        return all(residual == 0 for residual in self.residuals())

    def __repr__(self) -> str:
        rows: list[str] = [self.kind]
        for case in self.cases:
            row = f"{self.state}({self.time}) = {case.solution}" if case.solution is not None else "no closed form"
            if case.solution is None and case.implicit is not None:
                row = f"{case.implicit.lhs} = {case.implicit.rhs}"
            row += "".join(f", {y}({self.time}) = {value}" for y, value in case.companions)
            rows.append(row if case.condition == sp.true else f"{row} where {case.condition}")
        return call_like("ClosedForm", rows)

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line]:
        """The solution with its condition; where there is none, the relation between state and time."""
        t = write(self.time)
        if self.solution is None and self.implicit is None:
            return [Line(Tex(dotted(write(self.state))), "=", self.rhs)]
        formulas = []
        if self._is_short(write):
            for x, value in ((self.state, self.solution), *self.companions):
                formulas.append(Line(Tex(f"{write(x)}({t})"), "=", value))
            if self.condition != sp.true:
                formulas.append(Line(None, "", condition_of(self.condition, write, "as long as")))
            return [*formulas, *self._started(write)]
        for case in self.cases:
            for x, value in ((self.state, case.solution), *case.companions):
                if value is not None:
                    formulas.append(Line(Tex(f"{write(x)}({t})"), "=", value))
            if case.solution is None and case.implicit is not None:
                formulas.append(Line(case.implicit.rhs, "=", case.implicit.lhs))
            if case.solution is None and case.implicit is None:
                formulas.append(Line(Tex(dotted(write(self.state))), "=", self.rhs))
            given = condition_of(case.given, write), condition_of(case.holds, write, "as long as")
            words = r",\ ".join(filter(None, given))
            formulas += [Line(None, "", Tex(rf"\quad {words}"))] if words else []
        return [*formulas, *self._started(write)]

    def _is_short(self, write):
        """Whether the solution is one formula, or a `Piecewise` that holds always and has short branches."""
        values = [self.solution, *(value for _, value in self.companions)]
        if self.solution is None or (len(self.cases) > 1 and self.condition != sp.true):
            return False
        return not any(
            isinstance(v, sp.Piecewise) and any(glyphs(write(branch)) > _LONG for branch, _ in v.args) for v in values
        )

    def _started(self, write):
        """Initial values that are not the state's name with a 0."""
        return [Line(Tex(f"{write(x)}(0)"), "=", start) for x, start in self.initial if str(start) != f"{x.name}0"]


@budgeted("the search for a closed form")
def closed_form(
    flow: Flow,
    state: sp.Expr | str | None = None,
    *,
    time: sp.Symbol | None = None,
    initial: sp.Expr | None = None,
    budget: float | None = BUDGET,
) -> ClosedForm:
    """Solve for one state, or for an expression whose Lie derivative closes on itself.

    Parameters
    ----------
    flow : Flow
    state : Symbol, str or expression
        The unknown; an expression g such as ``s - p**2`` is solved when ``lie(g)`` is a function of g alone.
    time, initial : Symbol, optional
        By default ``t`` (nonnegative) and the state's name with a 0, with its assumptions; `initial`
        may be a number or an expression in the parameters.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        For an unknown state, and for a name of the time or of the initial value that is in use.
    Refusal
        When no closed form is known for the equation.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True); k = symbols("k", positive=True)
    >>> closed_form(Flow({x: k*x*(1 - x)}, (k,))).solution
    x0/(x0*(1 - exp(-k*t)) + exp(-k*t))
    """
    t = time if time is not None else sp.Symbol("t", nonnegative=True)
    instance_of("flow", flow, Flow)
    if not isinstance(t, sp.Symbol):
        raise InputError(f"time must be a Symbol, not {described(t)}")
    if t.name in {s.name for s in (*flow.states, *flow.parameters)}:
        raise InputError(f"{t} cannot name the time of this flow; give another symbol as time=")
    x, rhs = _closing(flow, state)
    if rhs.free_symbols & (set(flow.states) - {x}):
        starts, cases = _linear_system(flow, x, t, initial)
    else:
        starts = ((x, _initial(x, flow, initial)),)
        cases = _scalar(x, rhs, t, starts[0][1])
    result = _assembled(x, rhs, t, starts, cases)
    if not result.verify():
        raise SymsslError(f"the closed form fails its own check; residuals: {result.residuals()}")
    return result


def _initial(x, flow, initial):
    if initial is not None:
        value = exact_expression("initial", initial)
        if value.has(*flow.states):
            raise InputError(f"initial must not contain a state; it is {initial}")
        return value
    name = f"{x.name}0"
    if name in {k.name for k in (*flow.states, *flow.parameters)}:
        raise InputError(f"{name} is in use; give a symbol for the initial value as initial=")
    return sp.Symbol(name, **{k: v for k, v in x.assumptions0.items() if k != "commutative"})


def _closing(flow, state):
    """The unknown and its rate; an expression becomes a new unknown where its rate closes."""
    if state is None or isinstance(state, (str, sp.Symbol)):
        x = flow.state(state)
        return x, flow.states[x]
    rate, g = flow.lie(state), exact_expression("the unknown", state)
    taken = {s.name for s in (*flow.states, *flow.parameters)}
    u = sp.Symbol(next(name for name in ("u", "v", "w", "g") if name not in taken), real=True)
    for x in sorted(g.free_symbols & set(flow.states), key=str):
        slope = sp.diff(g, x)
        if slope.has(*flow.states) or slope == 0:
            continue
        closed = sp.factor(sp.cancel(sp.together(rate.subs(x, x + (u - g) / slope))))
        if not closed.has(*flow.states):
            return u, closed
    raise Refusal(f"the Lie derivative of {g} is not a function of {g} alone", sp.factor(rate))


# -- one equation, or a pair ---------------------------------------------------


def _scalar(x, f, t, x0):
    """The cases of x' = f, those for generic parameters in front."""
    terms = power_terms(f, x)
    explicit = None if terms is None else power_cases(terms, x, t, x0)
    return explicit if explicit is not None else tuple(rational_cases(f, x, t, x0))


def _linear_system(flow, x, t, initial):
    """A state of a linear pair with constant coefficients: names of the starts, and the cases."""
    if initial is not None:
        raise InputError("a system has several initial values; they are named after the states")
    closure = [x]
    for y in closure:
        closure += [z for z in flow.states if flow.states[y].has(z) and z not in closure]
    rhs = sp.Matrix([flow.states[y] for y in closure])
    matrix = rhs.jacobian(closure)
    if matrix.has(*closure):
        raise Refusal(f"{x} is coupled nonlinearly to {closure[1]}; no closed form is known", rhs)
    if len(closure) > 2:
        raise Refusal(f"{x} belongs to a linear system of {len(closure)} states; pairs have a closed form here", rhs)
    constant = rhs.subs(dict.fromkeys(closure, 0))
    starts = sp.Matrix([_initial(y, flow, None) for y in closure])
    return tuple(zip(closure, starts, strict=True)), tuple(pair_cases(closure, matrix, constant, starts, t))


def _assembled(x, rhs, t, initial, cases):
    """One form from its cases: a `Piecewise` in the parameters, and the condition of the whole."""
    first = cases[0]
    form = dict(kind=first.kind, rhs=rhs, state=x, time=t, initial=initial, cases=cases)
    if first.solution is None:
        return ClosedForm(solution=None, implicit=first.implicit, condition=first.condition, **form)
    explicit = [case for case in cases if case.solution is not None]
    solutions = [{x: case.solution, **dict(case.companions)} for case in explicit]
    complete = len(explicit) == len(cases)
    values = {
        y: _by_case([values[y] for values in solutions], [case.given for case in explicit], complete)
        for y in solutions[0]
    }
    certain = complete and all(case.holds == sp.true for case in cases)
    condition = sp.true if certain else sp.Or(*(case.condition for case in explicit))
    return ClosedForm(
        solution=values.pop(x), implicit=first.implicit, condition=condition, companions=tuple(values.items()), **form
    )


def _by_case(values, conditions, complete):
    """The value of the case that applies; the last one needs no condition where some case always applies."""
    if len(values) == 1 and (complete or conditions[0] == sp.true):
        return values[0]
    *others, last = zip(values, conditions, strict=True)
    return sp.Piecewise(*others, (last[0], True if complete else last[1]))


# -- verification ------------------------------------------------------------


def _residuals_of_case(case, rhs, x, t, start, starts):
    """Equation and start of one case, given the equations in its condition."""
    values = {y: _given(v, case.given) for y, v in ((x, case.solution), *case.companions)}
    rate, solution = _given(rhs, case.given), values[x]
    yield _reduced(solution.subs(t, 0).replace(sp.LambertW, _principal) - start, case.given)
    if case.kind == "Bernoulli" and solution.has(x.func) and (terms := power_terms(rate, x)):
        # powers of a product are taken apart: its factors are positive where the solution holds
        parts = [factor.as_base_exp() for factor in sp.Mul.make_args(solution)]
        speed = sp.Add(*(sp.cancel(sp.diff(base**e, t) / base**e) for base, e in parts))
        for n, coefficient in terms.items():
            speed -= coefficient * sp.Mul(*(base ** sp.cancel(e * (n - 1)) for base, e in parts))
        yield _reduced(speed, case.given)
        return
    residual = sp.diff(solution, t) - rate.subs(values, simultaneous=True)
    if case.kind == "linear system":  # affine in the starts, which are taken one by one
        for q in (q for q in starts if q.is_Symbol):
            yield _reduced(sp.diff(residual, q), case.given)
            residual = residual.subs(q, 0)
    yield _reduced(residual, case.given)


def _given(expr, condition):
    """An expression where the equations in a condition hold, as far as they are solved for a parameter."""
    relations = condition.atoms(sp.core.relational.Relational)
    nonzero = [r.lhs for r in relations if isinstance(r, (sp.Ne, sp.Gt, sp.Lt)) and r.rhs == 0]
    done: list[dict[sp.Symbol, sp.Expr]] = []
    for equation in sorted(condition.atoms(sp.Equality), key=str):
        q = sp.expand(_after(equation.lhs - equation.rhs, done))
        at = eliminated(q, nonzero) or _generically(q)
        if at is not None and expr is not None:
            done.append(at)
            expr = expr.subs(at)
    return expr


def _after(q, done):
    """An equation where those before it hold."""
    for at in done:
        q = sp.numer(sp.together(q.subs(at)))
    return q


def _generically(q):
    """A symbol from an irreducible equation linear in it; what vanishes for almost all its points vanishes for all."""
    v = next((v for v in sorted(q.free_symbols, key=str) if sp.diff(q, v) != 0 and not sp.diff(q, v).has(v)), None)
    return None if v is None else {v: sp.cancel(v - q / sp.diff(q, v))}


def _reduced(expr, condition=sp.true):
    """Zero where the expression is one, given the equations in a condition."""
    expr = _given(expr, condition)
    if sp.cancel(_rationalised(expr)) == 0 or is_zero(expr):
        return sp.Integer(0)
    equations = [q.lhs - q.rhs for q in condition.atoms(sp.Equality)]
    return sp.reduced(sp.numer(sp.together(expr)), equations)[1] if equations else sp.simplify(expr)


def _rationalised(expr):
    """The expression as a rational one that vanishes only where it does: roots, exponentials and angles by symbols."""
    for root in sorted((p for p in expr.atoms(sp.Pow) if p.exp == sp.Rational(1, 2)), key=sp.count_ops):
        h, base = sp.Dummy(), root.base
        v = next((v for v in sorted(base.free_symbols, key=str) if not sp.diff(base, v).has(v)), None)
        if v is None or sp.diff(base, v) == 0:
            continue
        expr = expr.subs(v, (h**2 - base.subs(v, 0)) / sp.diff(base, v))
        expr = expr.replace(
            lambda p, h=h: p.is_Pow and p.base.is_Pow and p.base.base == h, lambda p, h=h: h ** (2 * p.exp)
        )
        expr = expr.replace(
            lambda p, h=h: p.is_Pow and not p.exp.is_Integer and sp.cancel(p.base / h**2).is_number,
            lambda p, h=h: h ** (2 * p.exp) * sp.cancel(p.base / h**2) ** p.exp,
        )
    waves = {node: sp.Dummy() for node in expr.atoms(sp.exp)}
    for angle in {node.args[0] for node in expr.atoms(sp.sin, sp.cos)}:
        u = sp.Dummy()
        waves |= {sp.cos(angle): (1 - u**2) / (1 + u**2), sp.sin(angle): 2 * u / (1 + u**2)}
    return expr.xreplace(waves)


def _principal(argument, branch=0):
    """W(u*exp(u)) = u on the principal branch, whose condition u > -1 the solution carries."""
    exponential = next((g for g in sp.Mul.make_args(argument) if isinstance(g, sp.exp)), None)
    if exponential is not None and is_zero(argument / exponential - exponential.exp):
        return exponential.exp
    return sp.LambertW(argument, branch)


def _derivative(expr, x):
    """The x-derivative, with sums over the roots of a polynomial reduced to rational functions."""
    sums = expr.atoms(sp.RootSum)
    plain = expr.xreplace(dict.fromkeys(sums, sp.Integer(0)))
    total = sp.diff(plain, x)
    for one in sums:
        (r,), poly = one.fun.variables, one.poly.as_expr(one.poly.gen)
        weight = one.fun.expr / next(iter(one.fun.expr.atoms(sp.log)))
        numerator, denominator = sp.fraction(sp.together(weight))
        # the sum of w(r)/(x - r) over the roots of P is A/P with A = w*P' modulo P
        modulus = poly.subs(one.poly.gen, r)
        A = sp.rem(numerator * sp.diff(modulus, r) * sp.invert(denominator, modulus, r), modulus, r)
        total += expr.coeff(one) * (A / modulus).subs(r, x)
    return sp.together(total)


def _at_start(expr, x, x0):
    """The value at x = x0, where every term of a root sum is the logarithm of one."""
    sums = [one for one in expr.atoms(sp.RootSum) if one.fun.expr.subs(x, x0) == 0]
    return expr.xreplace(dict.fromkeys(sums, sp.Integer(0))).subs(x, x0)
