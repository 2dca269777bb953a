"""Equilibria of a flow in exact form, and their stability as a proved sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..errors import InputError, NotIsolated, Refusal, SymsslError
from ..exact.gate import as_sympy
from ..exact.half_planes import half_planes
from ..exact.kinks import branch, is_smooth
from ..exact.numbers import exact_expression, is_zero
from ..exact.signs import irreducible_factors, sign
from ..support.arguments import described, instance_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Tex, as_text
from .conditions import eliminated, undecided
from .flow import Field, Flow
from .root_cases import Stability, root_cases, verdict, within
from .system_cases import system_cases
from .tables import array, condition_of, stable_words, stacked, together

__all__ = ["Equilibria", "Equilibrium", "equilibria", "stability"]


@dataclass(frozen=True)
class Equilibrium(Formula):
    """One equilibrium.

    `condition` says for which parameters it is real and within the assumptions on its states;
    `multiplicity` is that of the root for one state, else None; `stability` is None where the
    assumptions do not decide it.
    """

    values: Mapping[sp.Symbol, sp.Expr]
    multiplicity: int | None
    condition: sp.Basic
    stability: Stability | None

    @property
    def point(self) -> Any:
        """The value of the only state, or the tuple of values."""
        values = tuple(self.values.values())
        return values[0] if len(values) == 1 else values

    def _text(self):
        where = "" if self.condition == sp.true else f" where {self.condition}"
        kind = "" if self.stability is None else f", {self.stability}"
        return ", ".join(f"{x} = {value}" for x, value in self.values.items()) + kind + where

    def __repr__(self) -> str:
        return call_like("Equilibrium", [self._text()])

    def _cells(self, write):
        """The point, what it is, and where, as LaTeX."""
        left, right = together(map(write, self.values)), together(map(write, self.values.values()))
        kind = stable_words([self.stability], [self.multiplicity])
        return [f"{left} = {right}", kind, condition_of(self.condition, write)]

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        return Tex(r"\quad ".join(filter(None, self._cells(write))))


@dataclass(frozen=True)
class Equilibria(Formula):
    """All equilibria: those in closed form, and what has no closed form.

    `implicit` lists the equations, irreducible over the rational functions of
    the parameters, whose roots are the remaining equilibria.
    """

    flow: Flow
    explicit: tuple[Equilibrium, ...]
    implicit: tuple[sp.Basic, ...]

    def __iter__(self) -> Iterator[Equilibrium]:
        return iter(self.explicit)

    def __len__(self) -> int:
        return len(self.explicit)

    @property
    def points(self) -> tuple[Any, ...]:
        """The explicit points: values for one state, tuples for several."""
        return tuple(e.point for e in self.explicit)

    def __repr__(self) -> str:
        rows = [e._text() for e in self.explicit] + [f"roots of {q}" for q in self.implicit]
        return call_like("Equilibria", rows or ["none"])

    def _latex_form(self, write: Callable[[Any], str]) -> Tex:
        parts = [array(e._cells(write) for e in self.explicit)] if self.explicit else []
        words = "and the roots of" if self.explicit else "the roots of"
        parts += [Tex(rf"\text{{{words} }} {write(q)}") for q in self.implicit]
        return stacked(parts) if parts else as_text("no equilibrium")

    def verify(self) -> bool:
        """Whether every explicit point annihilates the right-hand sides."""
        return all(
            _holds(sp.together(_where(f, e.condition).subs(dict(e.values))), e.condition)
            for e in self
            for f in self.flow.rhs.values()
        )


def _where(f, condition):
    """A right-hand side where the equations in a condition hold: a pole may be gone there."""
    for equation in sorted(condition.atoms(sp.Equality), key=str):
        at = eliminated(equation.lhs - equation.rhs)
        f = f if at is None else sp.cancel(sp.together(f.subs(at)))
    return f


def _holds(value, condition):
    """Whether a value vanishes, given the equations in a condition."""
    for equation in sorted(condition.atoms(sp.Equality), key=str):
        at = eliminated(equation.lhs - equation.rhs)
        value = value if at is None else sp.together(value.subs(at))
    given = [q.lhs - q.rhs for q in condition.atoms(sp.Equality)]
    return is_zero(sp.reduced(sp.numer(value), given)[1] if given else value)


@budgeted("the search for equilibria")
def equilibria(flow: Flow, *, budget: float | None = BUDGET) -> Equilibria:
    """Find all equilibria exactly.

    After `budget` seconds this is stopped (`OverBudget`); None is no limit.

    Factors of degree one and two are solved in radicals, others at rational
    parameters by algebraic numbers; what is left is returned as equations.
    Where a leading coefficient or the difference of two roots vanishes the roots
    are found anew and listed under that equation, so that at every value of the
    parameters the entries whose condition holds are the equilibria, each once.
    An implicit equation in the parameters alone says that every point is an
    equilibrium there; one in states and parameters, that they are not isolated.

    Several states are eliminated one after the other, degenerate parameters as
    cases.  Where no equation is linear in a state, they are solved at generic
    parameters only: where the equations lose rank there may be further
    equilibria, and entries may coincide.

    Raises
    ------
    Refusal
        For right-hand sides that are not rational, systems that cannot be solved exactly, and
        solutions of systems whose reality is not decided.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, s = symbols("x s", real=True); k = symbols("k", positive=True)
    >>> [(e.point, e.stability) for e in equilibria(Flow({x: k*x - x**2}, (k,)))]
    [(0, 'unstable'), (k, 'stable')]
    >>> [(e.point, e.condition) for e in equilibria(Flow({x: s*x - 1}, (s,)))]
    [(1/s, Ne(s, 0))]
    """
    if len(instance_of("flow", flow, Flow).states) > 1:
        return _system(flow)
    ((x, f),) = flow.states.items()
    numerator = sp.numer(sp.cancel(sp.together(f)))
    if not numerator.is_polynomial(x):
        raise Refusal(f"the right-hand side is not a rational function of {x}", f)
    if numerator == 0:
        raise Refusal("the right-hand side vanishes identically: every point is an equilibrium")
    roots = root_cases(f, x, lambda rate, value: _proved(Flow({x: rate}, flow.parameters), {x: value}))
    explicit = [
        Equilibrium(Field({x: r.point}), r.multiplicity, r.condition, r.stability) for r in roots if r.point is not None
    ]
    implicit = [
        r.condition if r.equation == 0 else r.condition & sp.Eq(r.equation, 0) for r in roots if r.point is None
    ]
    if all(e.point.is_number and e.condition == sp.true for e in explicit):
        explicit.sort(key=lambda e: e.point)
    return Equilibria(flow, tuple(explicit), tuple(implicit))


def _nonzero(expr):
    """The condition that an expression does not vanish."""
    return sp.And(*(sp.Ne(q, 0) for q in undecided(expr)))


def _regular(flow, values):
    """The condition that the right-hand sides have no pole at a point."""
    condition = sp.true
    real = {x: sp.Dummy(real=True) for x in flow.states if x.is_real is None}
    for f in flow.rhs.values():
        bottom = sp.denom(sp.cancel(sp.together(f)))
        if sign(bottom.subs(real)) in (1, -1):
            continue
        value = sp.numer(sp.together(bottom.subs(dict(values))))
        condition &= sp.false if is_zero(value) else _nonzero(value)
    return condition


def _within(values):
    """The condition that values satisfy the assumptions on their states."""
    return sp.And(*(within(x, value) for x, value in values.items()))


def _proved(flow, values):
    try:
        return stability(flow, values)
    except Refusal:
        return None


# -- several states -----------------------------------------------------------


def _system(flow):
    """All equilibria by elimination of the states; where that does not go through, those for generic parameters."""
    states = list(flow.states)
    if not all(f.is_rational_function(*states) for f in flow.rhs.values()):
        raise Refusal("the right-hand sides are not rational functions of the states")
    try:
        zeros = system_cases(list(flow.rhs.values()), states)
    except NotIsolated:
        raise
    except Refusal:
        return _at_generic_parameters(flow)
    explicit, implicit = [], []
    for zero in zeros:
        if set(zero.values) == set(states):
            values = {x: zero.values[x] for x in states}
            stability = _judged(flow, values, zero.condition)
            explicit.append(Equilibrium(Field(values), None, zero.condition, stability))
        else:
            implicit.append(sp.And(zero.condition, *(sp.Eq(x, v) for x, v in zero.values.items())))
    result = Equilibria(flow, tuple(explicit), tuple(implicit))
    if not result.verify():
        raise SymsslError("an equilibrium found does not annihilate the right-hand sides")
    return result


def _at_generic_parameters(flow):
    """The equilibria of the equations as they are solved for generic parameters, where these are all."""
    states = list(flow.states)
    numerators = [sp.numer(sp.cancel(sp.together(f))) for f in flow.rhs.values()]
    if not all(n.is_polynomial(*states) for n in numerators):
        raise Refusal("the right-hand sides are not rational functions of the states")
    solutions = _solutions(numerators, states)
    candidates = [{x: s[x] for x in states} for s in solutions if not any(v.is_real is False for v in s.values())]
    single, merged = [], []
    for values in candidates:
        for condition, at in _real(values):
            if at is values:
                single.append(_under(flow, values, condition))
            else:
                merged.append(Equilibrium(Field(at), None, condition & _within(at) & _regular(flow, at), None))
    explicit = [e for e in single if e.condition != sp.false]
    for e in merged:
        if e.condition != sp.false and not any(_coincide(e, other) for other in explicit):
            explicit.append(e)
    result = Equilibria(flow, tuple(explicit), ())
    if not result.verify():
        raise Refusal("a solution found does not annihilate the right-hand sides", solutions)
    return result


def _under(flow, values, condition):
    """An equilibrium under a condition, where it lies in the domain and at no pole."""
    condition &= _within(values) & _regular(flow, values)
    stability = None if condition == sp.false else _judged(flow, values, condition)
    return Equilibrium(Field(values), None, condition, stability)


def _judged(flow, values, condition):
    """Stability under a condition; an equation, or one inequality, linear in a parameter is used to decide signs."""
    for equation in sorted(condition.atoms(sp.Equality), key=str):
        at = eliminated(equation.lhs - equation.rhs)
        if at is not None:
            flow = Flow({x: f.subs(at) for x, f in flow.states.items()}, [k for k in flow.parameters if k not in at])
            values = {x: v.subs(at) for x, v in values.items()}
    strict = condition.atoms(sp.StrictGreaterThan, sp.StrictLessThan) if not condition.atoms(sp.Or) else ()
    for relation in sorted(strict, key=str):
        kernel = relation.gts - relation.lts
        v = next((v for v in sorted(kernel.free_symbols, key=str) if kernel.diff(v).is_number), None)
        if v is None or v not in flow.parameters:
            continue
        excess = sp.Dummy(v.name, positive=True)
        at = {v: sp.expand(v - (kernel - excess) / kernel.diff(v))}
        there = Flow({x: f.subs(at) for x, f in flow.states.items()}, (*(k for k in flow.parameters if k != v), excess))
        stability = _proved(there, {x: value.subs(at) for x, value in values.items()})
        if stability is not None:
            return stability
    return _proved(flow, values)


def _solutions(numerators, states):
    """All complex solutions at generic parameters, their number checked by elimination."""
    plain = {x: sp.Dummy(x.name) for x in states}  # assumptions on a state make `solve` drop roots it cannot judge
    back = {z: x for x, z in plain.items()}
    try:
        solutions = sp.solve([n.xreplace(plain) for n in numerators], list(back), dict=True)
        solutions = [{back[z]: v.xreplace(back) for z, v in s.items()} for s in solutions]
    except NotImplementedError as error:
        raise Refusal(f"the equations cannot be solved exactly: {error}") from error
    if any(set(states) - set(solution) for solution in solutions):
        raise NotIsolated("the equilibria are not isolated", solutions)
    last = states[-1]
    eliminant = sp.groebner(numerators, *states, order="lex").exprs[-1]
    if eliminant.free_symbols & set(states) - {last}:
        raise NotIsolated("the equilibria are not isolated", solutions)
    expected = sp.degree(sp.sqf_part(eliminant, last), last) if eliminant.has(last) else 0
    if len({solution[last] for solution in solutions}) < expected:
        raise Refusal("not every equilibrium has a closed form", sp.Eq(eliminant, 0))
    return solutions


def _coincide(merged, other):
    """Whether a merged point is an unconditional one, or one merged under the same condition."""
    return (other.condition == sp.true or other.condition == merged.condition) and all(
        _holds(sp.together(merged.values[x] - other.values[x]), merged.condition) for x in merged.values
    )


def _real(values):
    """(condition, point) for a solution where it is real, and for what it merges into with its conjugate."""
    defined = sp.And(*(_nonzero(sp.denom(sp.together(v))) for v in values.values()))
    parts = {x: _square_root(v) for x, v in values.items()}
    squares = {square for _, square in parts.values() if sign(square) not in (0, 1)}
    if any(sign(square) == -1 for square in squares):
        return
    kernels = {_kernel(square) for square in squares}
    if len(kernels) == 1 and None not in kernels:
        (kernel,) = kernels
        yield defined & (kernel > 0), values
        rational = {
            x: v if square not in squares else v_rational
            for (x, v), (v_rational, square) in zip(values.items(), parts.values(), strict=True)
        }
        defined = sp.And(*(_nonzero(sp.denom(sp.together(v))) for v in rational.values()))
        yield defined & sp.Eq(kernel, 0), rational
    else:
        yield defined & sp.And(*(sp.numer(sq) * sp.denom(sq) >= 0 for sq in squares)), values


def _kernel(square):
    """The product of the factors that decide the sign of an expression; None if one may be a zero square."""
    constant, factors = irreducible_factors(square)
    kernel = sp.Integer(1) * sp.sign(constant)
    for factor, exponent in factors:
        one = sign(factor)
        if one:
            kernel *= one ** (exponent % 2)
        elif exponent % 2:
            kernel *= factor
        elif exponent > 0:
            return None
    return kernel if constant.is_real else None


def _square_root(value):
    """(A, D) such that value = A + sqrt(D) up to the sign of the root, with A and D real.

    Raises `Refusal` where the value is no such sum for all parameters.
    """
    if value.is_real:
        return value, sp.Integer(0)
    undecided = Refusal("it is not decided for which parameters a solution is real", value)
    radicals = {p for p in value.atoms(sp.Pow) if not p.exp.is_Integer and not (p.base.is_positive and p.exp.is_real)}
    if any(
        p.exp.is_Rational is not True
        or p.exp.q != 2
        or p.base.has(sp.I)
        or p.base.is_real is False
        or any(not q.exp.is_Integer and not q.base.is_positive for q in p.base.atoms(sp.Pow))
        for p in radicals
    ):
        raise undecided
    roots = {base: sp.Dummy() for base in (*{p.base for p in radicals}, sp.Integer(-1))}
    value = value.xreplace({p: roots[p.base] ** (2 * p.exp) for p in radicals} | {sp.I: roots[sp.Integer(-1)]})
    top, bottom = sp.fraction(sp.together(value))
    for root in roots.values():
        conjugate = bottom.subs(root, -root) if bottom.has(root) else 1
        top, bottom = (_reduced(part * conjugate, roots) for part in (top, bottom))
    terms = sp.Poly(top, *roots.values()).as_dict()
    rational = terms.pop((0,) * len(roots), sp.Integer(0))
    if bottom.has(*roots.values()) or len(terms) > 1:
        raise undecided
    square = sp.Integer(0)
    for exponents, coefficient in terms.items():
        under = sp.prod(base**e for base, e in zip(roots, exponents, strict=True))
        square = sp.factor(sp.cancel((coefficient / bottom) ** 2 * under))
    return sp.factor(sp.cancel(rational / bottom)), square


def _reduced(expr, roots):
    for base, root in roots.items():
        expr = sp.rem(sp.expand(expr), root**2 - base, root) if expr.has(root) else expr
    return sp.expand(expr)


# -- stability ----------------------------------------------------------------


def stability(flow: Flow, point: sp.Expr | Mapping[Any, sp.Expr] | Equilibrium) -> Stability:
    """The stability of an equilibrium in linear approximation, or beyond it for one state.

    Parameters
    ----------
    flow : Flow
    point : number or expression (one state), mapping {state: value}, or `Equilibrium`
        An `Equilibrium` is judged under its condition.

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
    instance_of("flow", flow, Flow)
    if isinstance(point, Equilibrium):
        return _listed(flow, point)
    if not isinstance(point, Mapping) and len(flow.states) > 1:
        raise InputError(f"point must be a mapping from each state to its value, not {described(point)}")
    given = point if isinstance(point, Mapping) else {flow.state(): point}
    values = {flow.state(x): exact_expression(f"the value of {x}", v) for x, v in given.items()}
    if missing := [x for x in flow.states if x not in values]:
        raise InputError(f"the point has no value for {missing[0]}")
    for f in flow.rhs.values():
        if not is_zero(f.subs(values)):
            raise InputError(f"{dict(values)} is not an equilibrium; the field there is {sp.simplify(f.subs(values))}")
    flow = _smooth_at(flow, values)
    return _scalar(flow, values) if len(values) == 1 else _planar(flow, values)


def _smooth_at(flow, values):
    """The flow with the branches that apply near a point, where it has kinks or jumps elsewhere."""
    if all(map(is_smooth, flow.rhs.values())):
        return flow

    def decide(key):
        one = sign(as_sympy(branch(key, decide).subs(values)))
        return one or None  # on a switch that vanishes the field may have a kink

    there = {x: branch(f, decide) for x, f in flow.rhs.items()}
    if rough := [f for f in there.values() if not is_smooth(f)]:
        raise Refusal(
            "the field has a kink or a jump at this point, or it is not decided on which side of one it is", rough
        )
    return Flow(there, flow.parameters)


def _listed(flow, point):
    """The stability of an equilibrium that `equilibria` lists, worked out anew."""
    e = next((e for e in equilibria(flow) if (e.values, e.condition) == (point.values, point.condition)), None)
    if e is None:
        raise InputError(f"{dict(point.values)} is not among the equilibria of this flow")
    if e.stability is None:
        raise Refusal(f"the stability is not decided where {e.condition}", e.condition)
    return e.stability


def _scalar(flow, values):
    """The sign of the first derivative that does not vanish."""
    ((x, f),) = flow.states.items()
    for order in range(1, 13):
        value = sp.factor(sp.diff(f, x, order).subs(values))
        if is_zero(value):
            continue
        one = sign(value)
        if one is None:
            raise Refusal(f"the sign of the derivative of order {order} is not decided", value)
        return verdict(order, one)
    raise Refusal("the field is flat at this equilibrium to order 12")


def _planar(flow, values):
    """Routh-Hurwitz: all minors positive, or one coefficient of the wrong sign."""
    jacobian = flow.jacobian().subs(values)
    coefficients = [sp.simplify(c) for c in jacobian.charpoly().all_coeffs()]
    if any(sign(c) == -1 for c in coefficients):
        return "unstable"
    if all(c.is_Rational for c in coefficients):
        spectrum = half_planes(coefficients)
        if spectrum.axis and not spectrum.right:
            raise Refusal(
                "the equilibrium is not hyperbolic: eigenvalues lie on the imaginary axis, none to the right",
                tuple(coefficients),
            )
        return "unstable" if spectrum.right else "stable"
    n = len(coefficients) - 1
    hurwitz = sp.Matrix(n, n, lambda i, j: coefficients[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= n else 0)
    minors = [sp.factor(hurwitz[:k, :k].det()) for k in range(1, n + 1)]
    signs = [sign(minor) for minor in minors]
    if all(one == 1 for one in signs):
        return "stable"
    if all(signs) and None not in signs:
        return "unstable"  # Routh: a sign change in the array and no zero in it
    raise Refusal("the Routh-Hurwitz minors do not decide the stability", tuple(minors))
