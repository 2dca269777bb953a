"""The time in which one state reaches infinity, in closed form.

For x' = f(x) with f > 0 from x0 on, T is the integral of 1/f from x0 to infinity.  Where f is a
polynomial of degree two or more with real roots, the logarithms of its partial fractions
cancel at infinity, because their weights add up to zero.
"""

from __future__ import annotations

import sympy as sp

from ..errors import InputError, Refusal
from ..exact.numbers import exact_expression, is_zero
from ..exact.signs import sign
from ..support.arguments import instance_of
from ..support.budgets import BUDGET, budgeted
from .flow import Flow

__all__ = ["escape_time"]


@budgeted("the integral of the escape time")
def escape_time(
    flow: Flow, state: sp.Symbol | str | None = None, *, initial: sp.Expr, budget: float | None = BUDGET
) -> sp.Expr:
    """The time at which a state that starts at `initial` is infinite.

    Parameters
    ----------
    flow : Flow
    state : Symbol or str, optional
    initial : number or expression in parameters
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        For an unknown state, and an initial value that is text or contains a state.
    Refusal
        The rate is no polynomial of degree two or more that splits into linear factors, or it is
        not proved to be positive from the initial value on.

    >>> x = sp.Symbol("x", real=True); a = sp.Symbol("a", positive=True)
    >>> escape_time(Flow({x: x**2}), initial=a)
    1/a
    """
    x = instance_of("flow", flow, Flow).state(state)
    f, x0 = flow.states[x], exact_expression("initial", initial)
    if x0.has(*flow.states):
        raise InputError(f"initial must not contain a state; it is {initial}")
    if f.has(*(set(flow.states) - {x})):
        raise Refusal(f"the rate of {x} depends on other states", f)
    roots = _roots(f, x)
    ahead = {r: sp.factor(x0 - r) for r, _ in roots}
    if any(sign(gap) != 1 for gap in ahead.values()) or sign(sp.Poly(f, x).LC()) != 1:
        raise Refusal(f"the rate of {x} is not proved to be positive from {x0} on", f)
    total, weights = sp.Integer(0), sp.Integer(0)
    for r, multiplicity in roots:
        regular = sp.cancel((x - r) ** multiplicity / f)
        for k in range(1, multiplicity + 1):
            order = multiplicity - k
            weight = sp.factor(sp.diff(regular, x, order).subs(x, r) / sp.factorial(order))
            if k == 1:
                weights += weight
                total -= weight * sp.log(ahead[r])
            else:
                total += weight / ((k - 1) * ahead[r] ** (k - 1))
    if not is_zero(weights):
        raise Refusal("the integral does not converge at infinity", weights)
    return total


def _roots(f, x):
    """The roots of the rate with their multiplicities."""
    if not f.is_polynomial(x) or sp.degree(f, x) < 2:
        raise Refusal(
            f"{f} is no polynomial of degree two or more in {x}: infinity is not reached, or no closed form is known", f
        )
    factors = [(sp.Poly(g, x), m) for g, m in sp.factor_list(f, x)[1]]
    if any(g.degree() > 1 for g, _ in factors):
        raise Refusal(f"{f} does not split into linear factors", f)
    return [(sp.factor(-g.nth(0) / g.nth(1)), m) for g, m in factors]
