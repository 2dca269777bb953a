"""Dimensionless form of a flow: the fewest groups of parameters, by integer linear algebra.

A flow whose right-hand sides are quotients of generalised polynomials
transforms under ``state = c*Y``, ``t = T*tau`` by multiplying each of its terms
with a monomial in the scales.  On logarithms this is linear, so the least
number of groups is a rank: that of the terms' exponents in the parameters,
modulo the scalings (Buckingham's theorem).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from ..errors import InputError, Refusal, SymsslError
from ..exact.numbers import exact_expression, is_zero
from ..exact.signs import irreducible_factors, sign
from ..support.arguments import described, instance_of, mapping_of, sequence_of
from ..support.budgets import BUDGET, budgeted
from ..support.display import call_like
from ..typeset.formulas import Formula, Line, Tex
from .flow import Field, Flow

__all__ = ["Scaling", "nondimensionalize"]


_NAMES = ("mu", "kappa", "lambda", "nu", "eta", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "theta")


@dataclass(frozen=True)
class Scaling(Formula):
    """A dimensionless flow with what its symbols stand for.

    Attributes
    ----------
    flow : Flow
        In the new states, the groups being its parameters.
    groups : mapping {group: expression in the old parameters}
    substitution : mapping {old state: scale * new state, t: scale * tau}
    original : Flow
    time : (Symbol, Symbol)
        The old and the new time.
    """

    flow: Flow
    groups: Mapping[sp.Symbol, sp.Expr]
    substitution: Mapping[sp.Symbol, sp.Expr]
    original: Flow
    time: tuple[sp.Symbol, sp.Symbol]

    def __repr__(self) -> str:
        rows = [f"{new}' = {f}" for new, f in self.flow.states.items()]
        rows += [f"{group} = {value}" for group, value in self.groups.items()]
        return call_like("Scaling", [*rows, *(f"{old} = {new}" for old, new in self.substitution.items())])

    def _latex_form(self, write: Callable[[Any], str]) -> list[Line]:
        """The flow in the new symbols, what the groups are, and the substitution."""
        tau = write(self.time[1])
        formulas = [
            Line(Tex(rf"\frac{{\mathrm{{d}}{write(x)}}}{{\mathrm{{d}}{tau}}}"), "=", f)
            for x, f in self.flow.states.items()
        ]
        formulas += [Line(group, "=", value) for group, value in self.groups.items()]
        return formulas + [Line(old, "=", new) for old, new in self.substitution.items()]

    @cached_property
    def residuals(self) -> tuple[sp.Expr, ...]:
        """The old right-hand sides in the new symbols minus the new ones: zeros."""
        t, tau = self.time
        clock = self.substitution[t] / tau
        old = {x: self.substitution[x] for x in self.original.states}
        return tuple(
            sp.Mul(f.subs(old, simultaneous=True), clock, y / old[x]) - self.flow.states[y].subs(dict(self.groups))
            for (x, f), y in zip(self.original.states.items(), self.flow.states, strict=True)
        )

    def verify(self) -> bool:
        """Whether the substitution turns the old flow into the new one, identically."""
        return all(is_zero(residual) for residual in self.residuals)


@dataclass(frozen=True)
class _Summand:
    """One term of a numerator (state given) or a denominator (state None) of equation `row`."""

    row: int
    state: sp.Symbol | None
    monomial: sp.Expr
    powers: tuple
    number: sp.Expr
    atoms: tuple


@budgeted("the reduction to dimensionless groups")
def nondimensionalize(
    flow: Flow,
    normalise: sp.Expr | Iterable[Any] = (),
    *,
    states: Mapping[Any, sp.Symbol] | None = None,
    names: Iterable[sp.Symbol | str] = (),
    budget: float | None = BUDGET,
) -> Scaling:
    """Reduce a flow to the least number of dimensionless groups.

    Parameters
    ----------
    flow : Flow
        Each right-hand side is a quotient of sums of monomials in the states.  Irreducible factors
        of the coefficients, such as ``1 + sigma2``, act as parameters of their own.  Only factors
        that are provably positive enter the scales.
    normalise : iterable of monomials, or of pairs (state, monomial)
        Terms whose coefficients are to keep nothing but their number.  Without it nonlinear
        terms are preferred, those with the most complicated coefficients first.
    states : mapping {old state: new Symbol}, optional
    names : iterable of Symbol or str, optional
        Names of the groups, in order of the degree of the terms they come from.
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        For a term to normalise that does not exist, or that cannot be normalised with the others.
    Refusal
        For right-hand sides of another form.

    Examples
    --------
    >>> from sympy import symbols
    >>> n = symbols("n", real=True); r, K, h = symbols("r K h", positive=True)
    >>> result = nondimensionalize(Flow({n: r*n*(1 - n/K) - h}, (r, K, h)))
    >>> result
    Scaling(y' = -mu - y**2 + y; mu = h/(K*r); n = K*y; t = tau/r)
    """
    terms, extra = _terms(instance_of("flow", flow, Flow))
    atoms = sorted({a for term in terms for a, _ in term.atoms}, key=sp.default_sort_key)
    A = sp.Matrix([[dict(term.atoms).get(a, 0) for a in atoms] for term in terms]).reshape(len(terms), len(atoms))
    S = _action(flow, terms, extra)
    chosen = _choose(flow, terms, S, atoms, normalise)
    B = _solve(S.extract(chosen, list(range(S.cols))), -A.extract(chosen, list(range(A.cols))))
    exponents = A + S * B
    rows = _independent(exponents, sorted(range(len(terms)), key=lambda k: (sum(terms[k].powers), k)))
    groups = _groups(flow, terms, exponents, atoms, rows, names)
    return _assemble(flow, terms, extra, atoms, B, exponents, rows, groups, states)


# -- reading the terms -------------------------------------------------------


def _terms(flow):
    """All terms of numerators and denominators, and the states whose denominator has terms."""
    terms, extra = [], []
    for row, (x, f) in enumerate(flow.states.items()):
        numerator, denominator = sp.fraction(sp.together(f))
        if not denominator.has(*flow.states):
            numerator, denominator = f, sp.Integer(1)
        else:
            extra.append(row)
            terms += [_term(flow, row, None, part) for part in _summands(flow, denominator)]
        terms += [_term(flow, row, x, part) for part in _summands(flow, numerator)]
    return terms, extra


def _summands(flow, expr):
    """The expression as one summand for each monomial in the states."""
    collected = {}
    for part in sp.Add.make_args(sp.expand(expr)):
        coefficient, monomial = part.as_independent(*flow.states, as_Add=False)
        collected[monomial] = collected.get(monomial, 0) + coefficient
    return [(m, sp.factor(sp.together(c))) for m, c in collected.items() if not is_zero(c)]


def _term(flow, row, state, part):
    monomial, coefficient = part
    powers = {x: sp.Integer(0) for x in flow.states}
    for base, exponent in (factor.as_base_exp() for factor in sp.Mul.make_args(monomial)):
        if base != 1 and not (base in powers and exponent.is_Rational):
            raise Refusal("the right-hand sides must be sums of monomials in the states", monomial)
        if base != 1:
            powers[base] += exponent
    number, atoms = irreducible_factors(coefficient)
    powers_of = {}
    for factor, exponent in atoms:
        if sign(factor) == -1:
            factor, number = -factor, number * (-1) ** exponent
        base, power = factor.as_base_exp()
        powers_of[base] = powers_of.get(base, 0) + power * exponent
    return _Summand(row, state, monomial, tuple(powers.values()), number, tuple(powers_of.items()))


def _action(flow, terms, extra):
    """How log-scales of the states, of time and of the denominators move each term."""
    states = list(flow.states)
    rows = []
    for term in terms:
        row = [p - int(x == term.state) for p, x in zip(term.powers, states, strict=True)]
        rows.append([*row, int(term.state is not None), *(int(term.row == e) for e in extra)])
    return sp.Matrix(rows)


# -- choosing what to normalise ----------------------------------------------


def _choose(flow, terms, S, atoms, normalise):
    """Indices of the terms to normalise: the user's, completed greedily to full rank."""
    positive = {a for a in atoms if sign(a) == 1}
    normalise = (normalise,) if isinstance(normalise, sp.Expr) else normalise
    normalise = sequence_of("normalise", normalise, "monomials, or pairs of state and monomial")
    wanted = [_find(flow, terms, entry) for entry in normalise]
    for k in wanted:
        if unfit := [a for a, _ in terms[k].atoms if a not in positive]:
            raise InputError(f"{terms[k].monomial} cannot be normalised: the sign of {unfit[0]} is not known")
    if S.extract(wanted, list(range(S.cols))).rank() < len(wanted):
        raise InputError("these terms cannot all be normalised: " + ", ".join(str(terms[k].monomial) for k in wanted))
    fit = [k for k, term in enumerate(terms) if all(a in positive for a, _ in term.atoms)]

    def preference(k):
        linearity = max(0, 2 - sum(terms[k].powers))
        return (k not in wanted, linearity, -sum(1 + abs(e) for _, e in terms[k].atoms), k)

    return _independent(S, sorted(fit, key=preference))


def _find(flow, terms, entry):
    if isinstance(entry, tuple) and len(entry) != 2:
        raise InputError(f"normalise holds monomials, or pairs of state and monomial, not {described(entry)}")
    state, monomial = entry if isinstance(entry, tuple) else (None, entry)
    state = None if state is None else flow.state(state)
    monomial = exact_expression("a term to normalise", monomial)
    matching = [k for k, term in enumerate(terms) if term.monomial == monomial and state in (None, term.state)]
    if not matching:
        known = ", ".join(dict.fromkeys(str(term.monomial) for term in terms))
        raise InputError(f"there is no term {monomial} to normalise; the terms are {known}")
    if len(matching) > 1:
        raise InputError(f"{monomial} occurs in several equations; name one as (state, {monomial})")
    return matching[0]


def _independent(matrix, order):
    """Greedily, a maximal set of linearly independent rows, earliest in `order` first."""
    chosen = []
    for k in order:
        if matrix.extract([*chosen, k], list(range(matrix.cols))).rank() > len(chosen):
            chosen.append(k)
    return chosen


def _solve(S, target):
    """One rational solution of S*B = target, zero in the free directions."""
    if not (S.rows and target.cols):
        return sp.zeros(S.cols, target.cols)
    B, free = S.gauss_jordan_solve(target)
    return B.subs(dict.fromkeys(free, 0))


# -- building the result -----------------------------------------------------


def _monomial(atoms, exponents):
    return sp.Mul(*(a**e for a, e in zip(atoms, exponents, strict=True)))


def _groups(flow, terms, exponents, atoms, rows, names):
    """Fresh symbols for the independent dimensionless coefficients."""
    taken = {s.name for s in (*flow.states, *flow.parameters)} | {"t", "tau"}
    names = _checked_names(names) or tuple(sp.Symbol(n) for n in _NAMES if n not in taken)
    if len(names) < len(rows):
        names += tuple(sp.Symbol(f"Pi_{i}") for i in range(len(names), len(rows)))
    groups = {}
    for k, name in zip(rows, names, strict=False):
        value = _monomial(atoms, exponents.row(k))
        known = {key: v for key, v in (("real", True), ("positive", sign(value) == 1)) if v}
        groups[sp.Symbol(getattr(name, "name", name), **known)] = value
    return groups


def _checked_names(names):
    names = (names,) if isinstance(names, (str, sp.Symbol)) else names
    names = sequence_of("names", names, "symbols for the groups")
    for name in names:
        if not isinstance(name, (str, sp.Symbol)):
            raise InputError(f"names must be symbols for the groups; one is {described(name)}")
    return names


def _assemble(flow, terms, extra, atoms, B, exponents, rows, groups, states):
    new = _new_states(flow, states, groups)
    symbols = list(groups)
    parts = {}
    for k, term in enumerate(terms):
        mix = exponents.extract(rows, list(range(exponents.cols))).T
        powers = _solve(mix, exponents.row(k).T) if rows else sp.Matrix(0, 1, [])
        coefficient = term.number * _monomial(symbols, list(powers))
        slot = (term.row, term.state is None)
        parts[slot] = parts.get(slot, 0) + coefficient * term.monomial.subs(new, simultaneous=True)
    rhs = {y: parts.get((i, False), 0) / parts.get((i, True), 1) for i, y in enumerate(new.values())}
    t, tau = sp.Symbol("t", real=True), sp.Symbol("tau", real=True)
    scales = [_monomial(atoms, B.row(i)) for i in range(len(new) + 1)]
    substitution = {x: c * y for (x, y), c in zip(new.items(), scales, strict=False)} | {t: scales[len(new)] * tau}
    result = Scaling(Flow(rhs, tuple(symbols)), Field(groups), Field(substitution), flow, (t, tau))
    if not result.verify():
        raise SymsslError(f"the scaling fails its own check; residuals: {result.residuals}")
    return result


def _new_states(flow, states, groups):
    """Fresh state symbols with the assumptions of the old ones."""
    if states is not None:
        states = {flow.state(x): y for x, y in mapping_of("states", states, "old states to new symbols").items()}
        for y in states.values():
            instance_of("a new state", y, sp.Symbol)
        if missing := [x for x in flow.states if x not in states]:
            raise InputError(f"name the dimensionless state that replaces {missing[0]}")
        return {x: states[x] for x in flow.states}
    taken = {s.name for s in (*flow.states, *flow.parameters, *groups)}
    single = next(name for name in ("y", "u", "yhat") if name not in taken)
    labels = [single] if len(flow.states) == 1 else [f"{x.name}hat" for x in flow.states]
    return {
        x: sp.Symbol(label, **{k: v for k, v in x.assumptions0.items() if k != "commutative"})
        for x, label in zip(flow.states, labels, strict=True)
    }
