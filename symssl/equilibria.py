"""Equilibria of a flow in exact form, and their stability as a proved sign."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from .errors import InputError, Refusal
from .flow import Field, Flow, is_zero
from .realalgebra import sign
from .vectors import exact

__all__ = ["Equilibria", "Equilibrium", "equilibria", "stability"]


@dataclass(frozen=True)
class Equilibrium:
    """One equilibrium.

    `condition` says for which parameters it is real and within the assumptions on its states;
    `multiplicity` is that of the root for one state, else None; `stability` is None where the
    assumptions do not decide it.
    """

    values: Mapping
    multiplicity: int | None
    condition: sp.Basic
    stability: str | None

    @property
    def point(self):
        """The value of the only state, or the tuple of values."""
        values = tuple(self.values.values())
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Equilibria:
    """All equilibria: those in closed form, and what has no closed form.

    `implicit` lists the equations, irreducible over the rational functions of
    the parameters, whose roots are the remaining equilibria.
    """

    flow: Flow
    explicit: tuple
    implicit: tuple

    def __iter__(self):
        return iter(self.explicit)

    def __len__(self):
        return len(self.explicit)

    @property
    def points(self):
        return tuple(e.point for e in self.explicit)

    def verify(self):
        """Whether every explicit point annihilates the right-hand sides."""
        return all(_holds(sp.together(f.subs(dict(e.values))), e.condition) for e in self for f in self.flow.rhs)


def _holds(value, condition):
    """Whether a value vanishes, given the equations in a condition."""
    given = [q.lhs for q in condition.atoms(sp.Equality)]
    return is_zero(sp.reduced(sp.numer(value), given)[1] if given else value)


def equilibria(flow):
    """Find all equilibria exactly.

    Factors of degree one and two are solved in radicals, others at rational
    parameters by algebraic numbers; what is left is returned as equations.

    Raises
    ------
    Refusal
        For right-hand sides that are not rational, or systems that cannot be solved exactly.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True); k = symbols("k", positive=True)
    >>> [(e.point, e.stability) for e in equilibria(Flow({x: k*x - x**2}, (k,)))]
    [(0, 'unstable'), (k, 'stable')]
    """
    if len(flow.states) > 1:
        return _system(flow)
    (x, f), = flow.states.items()
    numerator = sp.numer(sp.cancel(sp.together(f)))
    if not numerator.is_polynomial(x):
        raise Refusal(f"the right-hand side is not a rational function of {x}", f)
    if numerator == 0:
        raise Refusal("the right-hand side vanishes identically: every point is an equilibrium")
    found, implicit = [], []
    for factor, multiplicity in sp.factor_list(numerator, x)[1]:
        poly = sp.Poly(factor, x)
        if poly.degree() == 2 and poly.free_symbols != {x}:
            found += _quadratic(flow, poly, multiplicity, sp.cancel(f / factor**multiplicity))
        elif poly.degree() == 1 or all(c.is_Rational for c in poly.all_coeffs()):
            roots = poly.real_roots() if poly.degree() > 1 else [sp.factor(-poly.nth(0) / poly.nth(1))]
            found += [_equilibrium(flow, {x: root}, multiplicity) for root in roots]
        else:
            implicit.append(sp.Eq(factor, 0))
    found = [e for e in found if e.condition != sp.false]
    if all(e.point.is_number for e in found):
        found.sort(key=lambda e: e.point)
    return Equilibria(flow, tuple(found), tuple(implicit))


def _quadratic(flow, poly, multiplicity, rest):
    """The roots of a quadratic factor G of f = G**multiplicity * rest, apart and merged."""
    x, (a, b, c) = poly.gen, poly.all_coeffs()
    discriminant = sp.factor(b**2 - 4 * a * c)
    root, known = sp.sqrt(discriminant), sign(discriminant)
    if known == -1:
        return
    around = _sign_at_roots(rest, x, a, b, c)
    apart = sp.true if known else discriminant > 0
    for side in (-1, 1):
        # G' is side*root there, so the sign of the leading coefficient of f is that of side**m * rest
        leading = None if around is None else side**multiplicity * around
        yield Equilibrium(Field({x: (-b + side * root) / (2 * a)}), multiplicity,
                          apart & _within({x: (-b + side * root) / (2 * a)}), _verdict(multiplicity, leading))
    if not known:
        merged = {x: sp.factor(-b / (2 * a))}
        yield Equilibrium(Field(merged), 2 * multiplicity, sp.Eq(discriminant, 0) & _within(merged),
                          _verdict(2 * multiplicity, around))


def _sign_at_roots(rest, x, a, b, c):
    """The sign of `rest` at both roots of a*x**2 + b*x + c, when it is one and shown by Vieta's rule."""
    total, product = sign(-b / a), sign(c / a)
    if product == 1 and total:
        return sign(rest.subs(x, total * sp.Dummy(positive=True)))
    return sign(rest)


def _verdict(order, leading):
    """Stability from f ~ leading * (x - x0)**order."""
    if leading is None:
        return None
    return "half-stable" if order % 2 == 0 else "stable" if leading < 0 else "unstable"


def _within(values):
    """The condition that values satisfy the assumptions on their states."""
    condition = sp.true
    for x, value in values.items():
        for wanted, relation in ((x.is_positive, sp.Gt), (x.is_negative, sp.Lt),
                                 (x.is_nonnegative, sp.Ge), (x.is_nonpositive, sp.Le)):
            if wanted:
                one = sign(value)
                condition &= relation(value if one is None else one, 0)
                break
    return condition


def _equilibrium(flow, values, multiplicity=None):
    try:
        proved = stability(flow, values)
    except Refusal:
        proved = None
    return Equilibrium(Field(values), multiplicity, _within(values), proved)


def _system(flow):
    states = list(flow.states)
    numerators = [sp.numer(sp.cancel(sp.together(f))) for f in flow.rhs]
    if not all(n.is_polynomial(*states) for n in numerators):
        raise Refusal("the right-hand sides are not rational functions of the states")
    try:
        solutions = sp.solve(numerators, states, dict=True)
    except NotImplementedError as error:
        raise Refusal(f"the equations cannot be solved exactly: {error}") from error
    if any(set(states) - set(solution) for solution in solutions):
        raise Refusal("the equilibria are not isolated", solutions)
    real = [s for s in solutions if not any(v.is_real is False for v in s.values())]
    poles = [sp.denom(sp.together(f)) for f in flow.rhs]
    real = [s for s in real if not any(is_zero(d.subs(s)) for d in poles)]
    found = [_equilibrium(flow, {x: s[x] for x in states}) for s in real]
    result = Equilibria(flow, tuple(e for e in found if e.condition != sp.false), ())
    if not result.verify():
        raise Refusal("a solution found does not annihilate the right-hand sides", solutions)
    return result


# -- stability ----------------------------------------------------------------

def stability(flow, point):
    """The stability of an equilibrium in linear approximation, or beyond it for one state.

    Parameters
    ----------
    flow : Flow
    point : number or expression (one state), or mapping {state: value}

    Returns
    -------
    str
        ``"stable"`` (asymptotically), ``"unstable"``, or for one state ``"half-stable"``.

    Raises
    ------
    InputError
        When the point is not an equilibrium.
    Refusal
        When the assumptions do not decide the sign; `.residual` is what would have to be decided.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True); k = symbols("k", positive=True)
    >>> stability(Flow({x: k*x - x**3}, (k,)), 0)
    'unstable'
    """
    values = {flow.state(x): exact(v) for x, v in point.items()} if isinstance(point, Mapping) \
        else {flow.state(): exact(point)}
    if missing := [x for x in flow.states if x not in values]:
        raise InputError(f"the point has no value for {missing[0]}")
    for f in flow.rhs:
        if not is_zero(f.subs(values)):
            raise InputError(f"{dict(values)} is not an equilibrium; the field there is {sp.simplify(f.subs(values))}")
    return _scalar(flow, values) if len(values) == 1 else _planar(flow, values)


def _scalar(flow, values):
    """The sign of the first derivative that does not vanish."""
    (x, f), = flow.states.items()
    for order in range(1, 13):
        value = sp.factor(sp.diff(f, x, order).subs(values))
        if is_zero(value):
            continue
        one = sign(value)
        if one is None:
            raise Refusal(f"the sign of the derivative of order {order} is not decided", value)
        return _verdict(order, one)
    raise Refusal("the field is flat at this equilibrium to order 12")


def _planar(flow, values):
    """Routh-Hurwitz: all minors positive, or one coefficient of the wrong sign."""
    jacobian = flow.jacobian().subs(values)
    coefficients = [sp.simplify(c) for c in jacobian.charpoly().all_coeffs()]
    if any(sign(c) == -1 for c in coefficients):
        return "unstable"
    n = len(coefficients) - 1
    hurwitz = sp.Matrix(n, n, lambda i, j: coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else 0)
    minors = [sp.factor(hurwitz[:k, :k].det()) for k in range(1, n + 1)]
    signs = [sign(minor) for minor in minors]
    if all(one == 1 for one in signs):
        return "stable"
    if all(signs) and None not in signs:
        return "unstable"  # Routh: a sign change in the array and no zero in it
    raise Refusal("the Routh-Hurwitz minors do not decide the stability", tuple(minors))
