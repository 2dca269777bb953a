"""The fold set of a scalar flow: where two equilibria meet and annihilate.

A fold is a root of f = f_x = 0; an equilibrium at zero that is there for all
parameters is divided out first.  The set is given as far as the system allows:
parametrised by the state, implicitly by the discriminant without the factors
that carry no fold, and explicitly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp

from ..errors import InputError, Refusal
from ..exact.numbers import is_zero
from ..exact.signs import irreducible_factors, sign
from ..support.arguments import described, instance_of, sequence_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex, as_text
from ..typeset.linebreaks import glyphs
from .conditions import conjunction
from .flow import Field, Flow
from .root_cases import within
from .tables import condition_of, together

__all__ = ["FoldSet", "fold_set", "parametrise"]


_SHORT = 30  # width in letters up to which a polynomial is set on the left of "= 0"


@dataclass(frozen=True)
class FoldSet(Formula):
    """Folds of a scalar flow.

    Attributes
    ----------
    implicit : expression or None
        A polynomial in the parameters that vanishes on the fold set.
    parametrised : mapping {parameter: expression in the state} or None
    domain : Set
        The states at which the parametrised parameters satisfy their assumptions.
    explicit : tuple of mappings
        Folds with parameter and state as functions of the other parameters.
    conditions : tuple of Boolean
        For each explicit fold, where it is one: its values are finite and satisfy the assumptions on their symbols,
        and the right-hand side has no pole there.
    collision : expression or None
        Vanishes where a moving equilibrium passes through the fixed one at zero, which is no fold.
    curvature : expression
        f_xx on the fold, in the state (parametrised) or at the explicit folds.
    nondegenerate : bool or None
        True when `curvature` is proved nonzero on the whole set; None: not decided, or no fold known.
    transversal : mapping {parameter: sign of f_parameter or None}
    cusps : tuple of mappings or None
        Points with f_xx = 0; empty: proved that there are none; None: not decided.

    Examples
    --------
    >>> x, h, k = sp.symbols("x h k", real=True)
    >>> folds = fold_set(Flow({x: h + k*x - x**3}, (h, k)))
    >>> folds
    FoldSet
      h = -2*x**3
      k = 3*x**2
      x in Reals
      27*h**2 - 4*k**3 = 0
      cusp at x = 0, h = 0, k = 0
    >>> folds.nondegenerate, folds.verify()
    (False, True)
    """

    flow: Flow
    state: sp.Symbol
    implicit: sp.Expr | None
    parametrised: Mapping[sp.Symbol, sp.Expr] | None
    domain: sp.Set
    explicit: tuple[Mapping[sp.Symbol, sp.Expr], ...]
    collision: sp.Expr | None
    curvature: sp.Expr
    nondegenerate: bool | None
    transversal: Mapping[sp.Symbol, int | None]
    cusps: tuple[Mapping[sp.Symbol, sp.Expr], ...] | None
    conditions: tuple[sp.Basic, ...] = ()

    @property
    def _shown_domain(self):
        return sp.S.Reals if self.domain == sp.Interval(-sp.oo, sp.oo) else self.domain

    @property
    def _is_empty(self):
        return bool(self.domain.is_empty) or (self.parametrised is None and self.implicit is None and not self.explicit)

    def __repr__(self) -> str:
        if self._is_empty:
            return call_like("FoldSet", ["no fold"])

        def point(values):
            return ", ".join(f"{symbol} = {value}" for symbol, value in values.items())

        rows = []
        if self.parametrised is not None:
            rows = [f"{k} = {value}" for k, value in self.parametrised.items()] + [
                f"{self.state} in {self._shown_domain}"
            ]
        rows += [f"{self.implicit} = 0"] if self.implicit is not None else []
        for values, condition in zip(self.explicit, self.conditions, strict=True):
            rows.append(point(values) + ("" if condition == sp.true else f" where {condition}"))
        return call_like("FoldSet", [*rows, *(f"cusp at {point(values)}" for values in self.cusps or ())])

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line] | Tex:
        """The curve with the state as its parameter, its equation, the folds solved for, and the cusps."""
        if self._is_empty:
            return as_text("no fold")

        def point(values):
            return Line(together(map(write, values)), "=", together(map(write, values.values())))

        formulas = []
        if self.parametrised is not None:
            formulas = [Line(k, "=", value) for k, value in self.parametrised.items()]
            formulas.append(Line(self.state, r"\in", self._shown_domain))
        if self.implicit is not None:
            sides = (
                (self.implicit, sp.Integer(0))
                if glyphs(write(self.implicit)) < _SHORT
                else (sp.Integer(0), self.implicit)
            )
            formulas.append(Line(sides[0], "=", sides[1]))
        for values, condition in zip(self.explicit, self.conditions, strict=True):
            formulas.append(point(values))
            if condition != sp.true:
                formulas.append(Line(None, "", Tex(rf"\quad {condition_of(condition, write)}")))
        for values in self.cusps or ():
            left, _, right = point(values)
            formulas.append(Line(left, "=", Tex(rf"{right}\quad \text{{(cusp)}}")))
        return formulas

    def verify(self) -> bool:
        """Whether f and f_x vanish on every form of the set, and the implicit one on the others."""
        f = self.flow.states[self.state]
        forms = [*self.explicit, *([self.parametrised] if self.parametrised is not None else [])]
        system = [f, sp.diff(f, self.state), *([self.implicit] if self.implicit is not None else [])]
        return all(is_zero(g.subs(dict(form), simultaneous=True)) for form in forms for g in system)


@budgeted("the search for folds")
def fold_set(
    flow: Flow,
    state: sp.Symbol | str | None = None,
    parameters: Sequence[sp.Symbol | str] | None = None,
    *,
    budget: float | None = BUDGET,
) -> FoldSet:
    """The folds of a scalar flow for all admissible parameters.

    Parameters
    ----------
    flow : Flow with one state and a rational right-hand side
    state : Symbol or str, optional
    parameters : pair of parameters, optional
        The two to be parametrised by the state; by default the last two in
        which the equations can be solved linearly.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        For names that are not the flow's.
    Refusal
        When the flow has several states, or no parameter.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True); m = symbols("m", positive=True)
    >>> fold_set(Flow({x: x**2 - x**3 - m*x}, (m,))).explicit
    ({m: 1/4, x: 1/2},)
    """
    state = instance_of("flow", flow, Flow).state(state)
    if len(flow.states) > 1:
        raise Refusal("folds are computed for one state; restrict the flow to an invariant curve first")
    if not flow.parameters:
        raise Refusal("a flow without parameters has no fold set")
    f = flow.states[state]
    numerator = sp.numer(sp.cancel(sp.together(f)))
    if not numerator.is_polynomial(state):
        raise Refusal(f"the right-hand side is not a rational function of {state}", f)
    zero = min(e for (e,) in sp.Poly(numerator, state).as_dict())
    G = sp.expand(sp.cancel(numerator / state**zero))
    chosen = None if parameters is None else _pair(flow, parameters)
    parametrised = parametrise(G, state, flow, chosen)
    single = _single(G, state, flow, zero) if len(flow.parameters) == 1 else None
    known = [parametrised] if parametrised is not None else single
    domain = _domain(parametrised, state, zero)
    implicit = None if domain.is_empty else _implicit(G, state, known)
    explicit = _explicit(G, state, flow, implicit, zero) if single is None else single
    collision = sp.factor(G.subs(state, 0)) if zero else None
    curvature, nondegenerate, transversal, cusps = _classify(flow, state, parametrised, domain, explicit)
    return FoldSet(
        flow,
        state,
        implicit,
        parametrised,
        domain,
        explicit,
        collision,
        curvature,
        nondegenerate,
        transversal,
        cusps,
        tuple(_condition(f, state, zero, fold) for fold in explicit),
    )


def _condition(f, state, zero, fold):
    """Where an explicit fold is one, in the parameters that it leaves free."""
    bottoms = [sp.denom(sp.together(value)) for value in fold.values()]
    pole = sp.numer(sp.together(sp.denom(sp.together(f)).subs(dict(fold), simultaneous=True)))
    moving = [sp.Ne(fold[state], 0)] if zero else []
    inside = [within(symbol, value) for symbol, value in fold.items()]
    return conjunction(*(sp.Ne(q, 0) for q in (*bottoms, pole)), *inside, *moving)


def _pair(flow, parameters):
    pair = tuple(flow.parameter(k) for k in sequence_of("parameters", parameters, "two parameters"))
    if len(pair) != 2 or len(set(pair)) != 2:
        raise InputError(f"parameters must be two different parameters, not {described(parameters)}")
    return pair


# -- the three forms ---------------------------------------------------------


def parametrise(
    G: sp.Expr, state: sp.Symbol, flow: Flow, chosen: tuple[sp.Symbol, sp.Symbol] | None
) -> Mapping[sp.Symbol, sp.Expr] | None:
    """Solve G = G_x = 0 for two parameters by two linear eliminations."""
    pairs = [chosen] if chosen else list(combinations(flow.parameters, 2))[::-1]
    for pair in pairs:
        for first, second in (pair, pair[::-1]):
            level = _linear_solution(G, second)
            if level is None:
                continue
            value = _linear_solution(sp.numer(sp.cancel(sp.diff(G, state).subs(second, level))), first)
            if value is not None:
                solution = {first: sp.factor(value), second: sp.factor(level.subs(first, value))}
                return Field((k, solution[k]) for k in pair)
    if chosen:
        raise Refusal(f"the fold equations cannot be solved linearly for {chosen[0]} and {chosen[1]}")
    return None


def _linear_solution(expr, symbol):
    """The root of an expression that is linear in a symbol, else None."""
    # factors of definite sign carry no root
    expr = sp.Mul(*(f**e for f, e in irreducible_factors(expr)[1] if not sign(f)))
    if not expr.is_polynomial(symbol) or sp.degree(expr, symbol) != 1:
        return None
    return sp.cancel(-expr.subs(symbol, 0) / sp.diff(expr, symbol))


def _implicit(G, state, known):
    """The square-free discriminant without factors that vanish nowhere, or on none of the known folds."""
    poly = sp.Poly(G, state)
    if poly.degree() < 2:
        return None
    kept = []
    for factor, _ in irreducible_factors(sp.discriminant(poly.as_expr(), state))[1]:
        at_zero = (G.subs(state, 0), sp.diff(G, state).subs(state, 0))
        if sign(factor) or (state.is_nonzero and all(is_zero(sp.reduced(g, [factor])[1]) for g in at_zero)):
            continue
        if known is None or any(is_zero(factor.subs(dict(form), simultaneous=True)) for form in known):
            kept.append(factor)
    return sp.Mul(*kept) if kept else None


def _single(G, state, flow, zero):
    """All folds of a flow with one parameter in which it is linear, exactly; else None."""
    (parameter,) = flow.parameters
    level = _linear_solution(G, parameter)
    if level is None:
        return None
    slope = sp.numer(sp.cancel(sp.diff(level, state)))
    folds = []
    for x in _exact_roots(slope, state):
        value = level.subs(state, x)
        if (
            not (zero and x == 0)
            and sp.denom(level).subs(state, x) != 0
            and _admits(parameter, value)
            and _admits(state, x)
        ):
            folds.append(Field({parameter: value, state: x}))
    return tuple(folds)


def _exact_roots(poly, x):
    """Distinct real roots of a polynomial with rational coefficients, in radicals where short."""
    roots = []
    for factor, _ in sp.factor_list(poly, x)[1]:
        p = sp.Poly(factor, x)
        if p.degree() <= 2:
            roots += [r for r in sp.roots(p) if r.is_real]
        else:
            roots += sp.Poly(factor, x).real_roots(radicals=False)
    return sorted(roots)


def _explicit(G, state, flow, implicit, zero):
    """Folds as functions of all parameters but one, where the implicit form is linear in that one."""
    if implicit is None:
        return ()
    folds = []
    for parameter in flow.parameters:
        value = _linear_solution(implicit, parameter)
        if value is None or (parameter.is_positive and sign(value) == -1):
            continue
        value = sp.factor(value)
        # the double root is the common root of G and G', which is linear where it is unique
        common = sp.gcd(
            sp.Poly(sp.numer(sp.together(G.subs(parameter, value))), state),
            sp.Poly(sp.numer(sp.together(sp.diff(G, state).subs(parameter, value))), state),
        )
        if common.degree() != 1:
            continue
        point = sp.factor(-common.nth(0) / common.nth(1))
        if not (zero and point == 0) and _admits(state, point):
            folds.append(Field({parameter: value, state: point}))
    return tuple(folds)


# -- where and how ------------------------------------------------------------


def _domain(parametrised, state, zero):
    """The states at which every parametrised parameter satisfies its assumptions."""
    full = sp.Union(*_halves(state)) if zero else sp.Union(*_halves(state), sp.FiniteSet(0))
    if parametrised is None:
        return full
    domain = full
    for parameter, value in parametrised.items():
        if parameter.is_positive or parameter.is_nonnegative:
            domain = domain & _where_positive(value, state, bool(parameter.is_positive))
    return domain


def _halves(state):
    return [
        half
        for half, excluded in (
            (sp.Interval.open(-sp.oo, 0), state.is_nonnegative),
            (sp.Interval.open(0, sp.oo), state.is_nonpositive),
        )
        if not excluded
    ]


def _where_positive(value, state, strict):
    """The set where a rational function of the state is positive (or nonnegative)."""
    if not value.free_symbols - {state}:
        relation = value > 0 if strict else value >= 0
        return sp.solve_univariate_inequality(relation, state, relational=False, domain=sp.S.Reals)
    good = []
    for half in _halves(state):
        one = sign(_on_half(value, state, half))
        if one is None:
            return sp.ConditionSet(state, value > 0 if strict else value >= 0, sp.S.Reals)
        if one > 0:
            good.append(half)
    return sp.Union(*good)


def _on_half(value, state, half):
    x = sp.Dummy(positive=True)
    return value.subs(state, x if half.sup is sp.oo else -x)


def _classify(flow, state, parametrised, domain, explicit):
    """Curvature, nondegeneracy, transversality and cusps on the fold set."""
    f = flow.states[state]
    if parametrised is not None:

        def along(g):
            return sp.factor(g.subs(dict(parametrised), simultaneous=True))

        curvature = along(sp.diff(f, state, 2))
        cusps = () if _sign_on(curvature, state, domain) else _cusps(curvature, state, parametrised, domain)
        transversal = {k: _sign_on(along(sp.diff(f, k)), state, domain) for k in parametrised}
    else:

        def along(g):
            return sp.Tuple(*(sp.simplify(g.subs(dict(point), simultaneous=True)) for point in explicit))

        curvature = along(sp.diff(f, state, 2))
        signs = [sign(value) for value in curvature]
        cusps = None if None in signs else tuple(p for p, one in zip(explicit, signs, strict=True) if one == 0)
        transversal = {k: _common([sign(value) for value in along(sp.diff(f, k))]) for k in flow.parameters}
    empty = domain.is_empty or (parametrised is None and not explicit)
    return curvature, None if cusps is None or empty else not cusps, Field(transversal), cusps


def _common(signs):
    return signs[0] if len(set(signs)) == 1 else None  # of no fold at all, nothing is said


def _sign_on(value, state, domain):
    """The sign of a function on the domain where it is constant and provable, else None."""
    halves = [half for half in _halves(state) if not (domain & half).is_empty]
    return _common([sign(_on_half(value, state, half)) for half in halves]) if halves else None


def _cusps(curvature, state, parametrised, domain):
    """The points of the fold curve with vanishing curvature, where they can be isolated."""
    if curvature.free_symbols - {state}:
        return None
    roots = [x for x in _exact_roots(sp.numer(sp.together(curvature)), state) if domain.contains(x) == True]  # noqa: E712
    return tuple(
        Field({state: x, **{k: sp.simplify(v.subs(state, x)) for k, v in parametrised.items()}}) for x in roots
    )


def _admits(symbol, value):
    """False where a value is proved to contradict the assumptions of a symbol."""
    one = sign(value)
    return not (
        (one == 0 and symbol.is_nonzero)
        or (one == -1 and symbol.is_nonnegative)
        or (one == 1 and symbol.is_nonpositive)
    )
