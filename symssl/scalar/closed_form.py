"""Trajectories in closed form, written so that long times neither overflow nor cancel.

Exponentials appear with the sign that lets them decay wherever the
assumptions on the parameters tell it; where they do not, the form is a
`Piecewise` in that sign.  Where the quadrature cannot be inverted the form is
implicit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from ..errors import InputError, Refusal, SymsslError
from ..exact.numbers import exact_expression, is_zero
from ..exact.signs import sign
from ..support.arguments import described, instance_of
from ..support.budgets import budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex, as_text
from ..typeset.linebreaks import glyphs
from .flow import Flow
from .tables import condition_of

__all__ = ["ClosedForm", "closed_form"]

_BUDGET = 60.0  # seconds

_LONG = 50  # width in letters beyond which the branches of a Piecewise are set one by one


Kind = Literal["constant", "linear", "Bernoulli", "Riccati", "Lambert", "separable", "linear system"]


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
    implicit : Eq or None
        A relation between state, initial value and time, valid while the state stays in the
        interval between equilibria in which it started.
    condition : Boolean
        Where `solution` holds.
    companions : tuple of (state, expression)
        The other states of a linear system, solved with it.

    Examples
    --------
    >>> x, a = sp.symbols("x a", positive=True)
    >>> form = closed_form(Flow({x: -a*x}, (a,)))
    >>> form.kind, form.solution, form.verify()
    ('linear', x0*exp(-a*t), True)
    >>> form.latex()
    'x(t) = x_{0} e^{- a t}'
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

    def residuals(self) -> tuple[sp.Expr, ...]:
        """Differential equation and initial condition at the closed form: structural zeros."""
        x, t, start = self.state, self.time, dict(self.initial)
        residuals = []
        for values, given in _branches({x: self.solution, **dict(self.companions)}):
            rate = sp.diff(values[x], t) - self.rhs.subs(values, simultaneous=True)
            at_zero = values[x].subs(t, 0).replace(sp.LambertW, _principal) - start[x]
            residuals += [_reduced(rate, given, self.condition), _reduced(at_zero, given, self.condition)]
        if self.implicit is not None:
            left, right = self.implicit.args
            residuals.append(_reduced(_derivative(left, x) * self.rhs - sp.diff(right, t)))
            residuals.append(_reduced(_at_start(left, x, start[x]) - right.subs(t, 0)))
        return tuple(residuals)

    def verify(self) -> bool:
        """Whether every residual vanishes identically."""
        return all(residual == 0 for residual in self.residuals())

    def __repr__(self) -> str:
        at = f"({self.time})"
        rows: list[str] = [self.kind]
        if self.solution is not None:
            rows += [f"{x}{at} = {value}" for x, value in ((self.state, self.solution), *self.companions)]
            rows += [] if self.condition == sp.true else [f"where {self.condition}"]
        elif self.implicit is not None:
            rows.append(f"{self.implicit.lhs} = {self.implicit.rhs}")
        return call_like("ClosedForm", rows)

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line]:
        """The solution with its condition; where there is none, the relation between state and time."""
        t = write(self.time)
        if self.solution is None:
            if self.implicit is None:
                return [Line(Tex(rf"\dot{{{write(self.state)}}}"), "=", self.rhs)]
            return [Line(self.implicit.rhs, "=", self.implicit.lhs), *self._started(write)]
        formulas = []
        for x, value in ((self.state, self.solution), *self.companions):
            left = Tex(f"{write(x)}({t})")
            if isinstance(value, sp.Piecewise) and any(glyphs(write(branch)) > _LONG for branch, _ in value.args):
                for branch, condition in value.args:
                    formulas.append(Line(left, "=", branch))
                    words = condition_of(condition, write) or as_text("otherwise")
                    formulas.append(Line(None, "", Tex(rf"\quad {words}")))
            else:
                formulas.append(Line(left, "=", value))
        if self.condition != sp.true:
            formulas.append(Line(None, "", condition_of(self.condition, write, "as long as")))
        return [*formulas, *self._started(write)]

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
    budget: float | None = _BUDGET,
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
        result = _linear_system(flow, x, t, initial)
    else:
        result = _scalar(x, rhs, t, _initial(x, flow, initial))
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


# -- one autonomous equation ---------------------------------------------------


def _scalar(x, f, t, x0):
    form = dict(rhs=f, state=x, time=t, initial=((x, x0),))
    if not f.has(x):
        kind = "constant" if f == 0 else "linear"
        return ClosedForm(kind, solution=x0 + f * t, implicit=None, **form)
    terms = _power_terms(f, x)
    if terms is not None:
        exponents = set(terms)
        if exponents <= {0, 1}:
            return ClosedForm("linear", solution=_linear(terms.get(1), terms.get(0, 0), t, x0), implicit=None, **form)
        if len(exponents - {1}) == 1 and 0 not in exponents:
            (n,) = exponents - {1}
            if not (n - 1).is_nonzero:
                raise Refusal(f"the exponent {n} may be 1, where the equation is linear", f)
            solution, condition = _bernoulli(terms.get(1, sp.Integer(0)), terms[n], n, t, x0)
            return ClosedForm("Bernoulli", solution=solution, condition=condition, implicit=None, **form)
        if exponents <= {0, 1, 2}:
            a, b, c = (terms.get(i, sp.Integer(0)) for i in range(3))
            return ClosedForm("Riccati", solution=_riccati(a, b, c, t, x0), implicit=None, **form)
    implicit = _quadrature(f, x, t, x0)
    lambert = _lambert(f, x, t, x0)
    if lambert is not None:
        return ClosedForm("Lambert", solution=lambert[0], condition=lambert[1], implicit=implicit, **form)
    return ClosedForm("separable", solution=None, implicit=implicit, **form)


def _power_terms(f, x):
    """The right-hand side as {exponent: coefficient}, the exponents rational or symbolic, or None."""
    terms = {}
    for part in sp.Add.make_args(sp.expand(f)):
        coefficient, power = part.as_independent(x, as_Add=False)
        base, exponent = sp.powsimp(power).as_base_exp()
        if power == 1:
            exponent = sp.Integer(0)
        elif base != x or not (exponent.is_Rational or (exponent.is_real and not exponent.has(x))):
            return None
        terms[exponent] = terms.get(exponent, sp.Integer(0)) + coefficient
    return {e: sp.factor(c) for e, c in terms.items() if not is_zero(c)}


def _by_sign(a, negative, positive, zero):
    """The form for the sign of `a`, or a Piecewise where it is not known."""
    known = sign(a)
    if known is not None:
        return {-1: negative, 1: positive, 0: zero}[known]()
    return sp.Piecewise((negative(), a < 0), (positive(), a > 0), (zero(), True))


def _linear(a, b, t, x0):
    if is_zero(b):
        return x0 * sp.exp(a * t)
    grown = sp.exp(a * t)

    def moving():
        return x0 * grown - b / a * (1 - grown)

    if sign(a) is None:
        return sp.Piecewise((moving(), sp.Ne(a, 0)), (x0 + b * t, True))
    return moving()


def _bernoulli(a, b, n, t, x0):
    """x' = a*x + b*x**n by the substitution x**(1 - n), kept as a factor of x0; with its condition."""
    m, c = 1 - n, b * x0 ** (n - 1)
    falling, rising = sp.exp(m * a * t), sp.exp(-m * a * t)
    bases = (lambda: falling - c / a * (1 - falling), lambda: 1 + c / a * (1 - rising), lambda: 1 + m * c * t)
    factors = (1, sp.exp(a * t), 1)
    form = _by_sign(m * a, *(lambda k=k: _tidy(x0 * factors[k] * bases[k]() ** (1 / m)) for k in range(3)))
    if n.is_Integer or sign(m * a) is None:
        return form, sp.true
    return form, bases[{-1: 0, 1: 1, 0: 2}[sign(m * a)]]() > 0


def _riccati(a, b, c, t, x0):
    """x' = a + b*x + c*x**2 with D = b**2 - 4*a*c; the exponential decays for every sign of c."""
    D = sp.factor(b**2 - 4 * a * c)

    def real():
        h = sp.sqrt(D)
        E, near, far = sp.exp(-h * t), (-b - h) / (2 * c), (-b + h) / (2 * c)
        return (near * (x0 - far) - far * (x0 - near) * E) / ((x0 - far) - (x0 - near) * E)

    def turning():
        w = sp.sqrt(-D) / 2
        return (x0 * w * sp.cos(w * t) + (a + b * x0 / 2) * sp.sin(w * t)) / (
            w * sp.cos(w * t) - (c * x0 + b / 2) * sp.sin(w * t)
        )

    def merged():
        return (x0 + (a + b * x0 / 2) * t) / (1 - (c * x0 + b / 2) * t)

    return _by_sign(D, turning, real, merged)


def _tidy(expr):
    """A reciprocal written as one fraction, initial values included."""
    numerator, denominator = sp.fraction(expr)
    return expr if denominator == 1 or denominator.has(sp.Pow) else sp.factor_terms(numerator / denominator)


# -- quadrature ------------------------------------------------------------------


def _quadrature(f, x, t, x0):
    """Partial fractions of 1/f, integrated from x0 to x, equal t."""
    numerator, denominator = sp.fraction(sp.cancel(sp.together(1 / f)))
    if not (numerator.is_polynomial(x) and denominator.is_polynomial(x)):
        raise Refusal(f"no closed form is known for a right-hand side that is not rational in {x}", f)
    quotient, remainder = sp.div(numerator, denominator, x)
    total = sp.integrate(quotient, x)
    pieces = [total - total.subs(x, x0)] if quotient != 0 else []
    for factor, multiplicity in sp.factor_list(denominator, x)[1]:
        pieces += _partial(sp.cancel(remainder / denominator), sp.Poly(factor, x), multiplicity, x, x0)
    return sp.Eq(sp.Add(*pieces), t, evaluate=False)


def _partial(g, factor, multiplicity, x, x0):
    """The terms that one irreducible factor of the denominator contributes to the integral of g."""
    poly, degree = factor.as_expr(), factor.degree()
    regular = sp.cancel(g * poly**multiplicity)
    if degree == 1:
        root = sp.factor(-factor.nth(0) / factor.nth(1))
        return _at_root(sp.cancel(regular / factor.LC() ** multiplicity), root, multiplicity, x, x0)
    if multiplicity > 1:
        raise Refusal("a repeated nonlinear factor of the right-hand side", poly)
    if degree == 2:
        return _at_quadratic(regular, factor, x, x0)
    # a generator of its own: in RootSum, substituting for x would reach into a polynomial in x
    r = sp.Dummy("r")
    residue = sp.cancel(regular / sp.diff(poly, x)).subs(x, r)
    return [sp.RootSum(sp.Poly(poly.subs(x, r), r), sp.Lambda(r, residue * sp.log((x - r) / (x0 - r))), auto=False)]


def _at_root(regular, root, multiplicity, x, x0):
    """Integral of the principal part of regular/(x - root)**multiplicity."""
    terms = []
    for k in range(1, multiplicity + 1):
        order = multiplicity - k
        weight = sp.factor(sp.diff(regular, x, order).subs(x, root) / sp.factorial(order))
        terms.append(
            weight * sp.log((x - root) / (x0 - root))
            if k == 1
            else weight / (1 - k) * ((x - root) ** (1 - k) - (x0 - root) ** (1 - k))
        )
    return terms


def _at_quadratic(regular, factor, x, x0):
    """Integral of (alpha + beta*x)/G, the part of the integrand with the quadratic G below."""
    G, (a, b, c) = factor.as_expr(), factor.all_coeffs()
    numerator, denominator = sp.fraction(regular)
    part = sp.Poly(sp.rem(numerator * sp.invert(denominator, G, x), G, x), x)
    beta, alpha = part.nth(1), part.nth(0)
    even, odd = sp.factor(beta / (2 * a)), sp.factor(alpha - beta * b / (2 * a))
    discriminant = sp.factor(b**2 - 4 * a * c)
    if sign(discriminant) == -1:
        w = sp.sqrt(-discriminant)
        return [
            even * sp.log(G / G.subs(x, x0)),
            2 * odd / w * (sp.atan((2 * a * x + b) / w) - sp.atan((2 * a * x0 + b) / w)),
        ]
    h = sp.sqrt(discriminant)
    roots = {side: (-b + side * h) / (2 * a) for side in (-1, 1)}
    return [(even + side * odd / h) * sp.log((x - r) / (x0 - r)) for side, r in roots.items()]


def _lambert(f, x, t, x0):
    """x' = A*(x - r)**2*(x - q): explicit by Lambert's W where its argument decays."""
    if not f.is_polynomial(x) or sp.degree(f, x) != 3:
        return None
    factors = {m: sp.Poly(g, x) for g, m in sp.factor_list(f, x)[1]}
    if set(factors) != {1, 2} or any(g.degree() != 1 for g in factors.values()):
        return None
    r, q = (sp.factor(-factors[m].nth(0) / factors[m].nth(1)) for m in (2, 1))
    rate = sp.factor(sp.Poly(f, x).LC() * (r - q) ** 2)
    if sign(rate) != -1:
        return None
    u0 = sp.factor((x0 - q) / (r - x0))
    u = sp.LambertW(u0 * sp.exp(u0 + rate * t))
    condition = {1: sp.true, -1: sp.false}.get(sign((x0 - r) * (q - r)), sp.factor((x0 - r) * (q - r)) > 0)
    return (sp.factor(r) + (q - r) / (1 + u), condition) if condition != sp.false else None


# -- linear systems ----------------------------------------------------------------


def _linear_system(flow, x, t, initial):
    """A state of a linear pair with constant coefficients, about its equilibrium."""
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
    if not constant.is_zero_matrix and is_zero(matrix.det()):
        raise Refusal("an inhomogeneous linear system without equilibrium", rhs)
    centre = constant if constant.is_zero_matrix else -matrix.LUsolve(constant)
    starts = sp.Matrix([_initial(y, flow, None) for y in closure])
    values = dict(zip(closure, _pair(matrix, starts - centre, centre, t), strict=True))
    return ClosedForm(
        "linear system",
        flow.states[x],
        x,
        t,
        tuple(zip(closure, starts, strict=True)),
        values[x],
        None,
        companions=tuple((y, v) for y, v in values.items() if y != x),
    )


def _pair(M, offset, centre, t):
    """centre + exp(M*t)*offset for a 2 x 2 matrix, by the sign of the discriminant of its eigenvalues."""
    half = M.trace() / 2
    D = sp.factor(half**2 - M.det())
    turned = M * offset - half * offset

    def real():
        h = sp.sqrt(D)
        fast, slow = sp.exp((half - h) * t), sp.exp((half + h) * t)
        return centre + (offset * (slow + fast) + turned * (slow - fast) / h) / 2

    def turning():
        w = sp.sqrt(-D)
        return centre + sp.exp(half * t) * (offset * sp.cos(w * t) + turned * sp.sin(w * t) / w)

    def merged():
        return centre + sp.exp(half * t) * (offset + turned * t)

    return [_by_sign(D, lambda i=i: turning()[i], lambda i=i: real()[i], lambda i=i: merged()[i]) for i in range(2)]


# -- verification ------------------------------------------------------------


def _branches(values):
    """The branches of a Piecewise solution, each with the equation that holds on it."""
    piecewise = next((v for v in values.values() if isinstance(v, sp.Piecewise)), None)
    if None in values.values():
        return
    if piecewise is None:
        yield values, None
        return
    first = piecewise.args[0][1]
    for i, (_, condition) in enumerate(piecewise.args):
        vanishing = first.lhs - first.rhs if condition == sp.true else None  # SymPy may move constants to the right
        yield {x: v.args[i][0] if isinstance(v, sp.Piecewise) else v for x, v in values.items()}, vanishing


def _reduced(expr, given=None, condition=sp.true):
    """Zero where the expression is one, given a vanishing polynomial and a positive expression."""
    if given is not None:
        return sp.reduced(sp.numer(sp.together(expr)), [given])[1]
    if isinstance(condition, sp.StrictGreaterThan):

        def positive(z):
            return sign(sp.cancel(z / condition.lhs)) == 1

        expr = expr.replace(sp.Abs, lambda z: z if positive(z) else sp.Abs(z))
        expr = expr.replace(
            lambda e: e.is_Pow and e.base.is_Pow and positive(e.base.base),
            lambda e: e.base.base ** (e.base.exp * e.exp),
        )
    return sp.Integer(0) if is_zero(expr) else sp.simplify(expr)


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
