"""Scalar functions of polynomials in words: powers, exponentials, logarithms, and unspecified ones.

A power is distributed over the *content*, the rational number and the monomial
that divide every term, as far as signs allow; so products of powers meet in one
form.  Exponentials of sums become products, logarithms of products sums.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from sympy import Integer, factorint, log as sympy_log

from ..errors import InputError
from .polynomials import Poly, coefficient, monomial, normal, scalar, sum_of, zero
from .terms import Atom

__all__ = ["exp", "function", "log", "potential_value", "power"]


# --- powers ------------------------------------------------------------------------------


def power(p: Poly, e: Fraction | int) -> Poly:
    """A scalar raised to a rational power."""
    e = Fraction(e)
    if e.denominator == 1 and e >= 0 and (len(p.terms) != 1 or p.is_bound):
        out = scalar(1)
        for _ in range(int(e)):
            out *= p
        return out
    if not p.terms:
        if e < 0:
            raise InputError(f"division by zero: 0 raised to the power {e}")
        return p
    content, common, rest = _content(p, e)
    number, factors = _number_power(content, e)
    for a, k in common.items():
        factors[a] = factors.get(a, 0) + k * e
    if rest is not None:
        factors[Atom("base", rest)] = e
    return monomial(number, factors)


def _number_power(c, e):
    """c^e for rational c as (rational, {prime atom: exponent in (0, 1)})."""
    c, e = Fraction(c), Fraction(e)
    if e.denominator == 1:
        return coefficient(c ** int(e)), {}
    if c < 0:
        raise InputError(f"({c})^({e}) is not real")
    value, factors = Fraction(1), {}
    for p, k in _prime_powers(c):
        whole, part = divmod(k * e, 1)
        value *= Fraction(p) ** int(whole)
        if part:
            factors[Atom("num", Integer(p))] = part
    return coefficient(value), factors


def _prime_powers(c):
    """(prime, exponent) of a positive rational, those of the denominator negative."""
    yield from factorint(c.numerator).items()
    yield from ((p, -k) for p, k in factorint(c.denominator).items())


def _content(p, e):
    """Split p = number * monomial * rest as far as (.)^e may be distributed.

    For integer e everything may; otherwise only what is known to be nonnegative.
    """
    if p.is_monomial:
        return _monomial_content(p, e)
    integral = e.denominator == 1
    numbers = [Fraction(c) for c in p.terms.values()]
    content = Fraction(gcd(*(c.numerator for c in numbers)), lcm(*(c.denominator for c in numbers)))
    if integral and p.terms[min(p.terms, key=lambda t: t.key)] < 0:
        content = -content
    common = {} if p.is_bound else _common_factors(p, integral)
    rest = p.scale(1 / content)
    for a, k in common.items():
        rest = sum_of(
            (
                normal(c, {**dict(t.mono), a: dict(t.mono).get(a, 0) - k}, None, None, t.binders)
                for t, c in rest.terms.items()
            ),
            None,
        )
    rest = Poly({t: coefficient(Fraction(c)) for t, c in rest.terms.items()}, None)
    return coefficient(content), common, rest


def _monomial_content(p, e):
    ((t, c),) = p.terms.items()
    if e.denominator == 1:
        return c, dict(t.mono), None
    good = {a: k for a, k in t.mono if a.nonnegative}
    bad = {a: k for a, k in t.mono if not a.nonnegative}
    if not bad and c > 0:
        return c, good, None
    return abs(c), good, monomial(1 if c > 0 else -1, bad)


def _common_factors(p, integral):
    """{atom: exponent} that divides every term, of nonnegative atoms unless `integral`."""
    monos = [dict(t.mono) for t in p.terms]
    lowest = {a: min(m.get(a, 0) for m in monos) for a in monos[0]}
    return {a: low for a, low in lowest.items() if low and (integral or a.nonnegative)}


# --- functions ---------------------------------------------------------------------------


def exp(p: Poly) -> Poly:
    """Exponential of a scalar; a sum becomes a product of exponentials of terms."""
    out = scalar(1)
    for t, c in p.terms.items():
        (first, e), *rest = t.mono or ((None, 0),)
        if (
            first is not None
            and first.kind == "fn"
            and first.content[0] is sympy_log
            and e == 1
            and not rest
            and not t.binders
        ):
            out *= first.content[1].power(c)  # exp(c log f) = f^c
        else:
            out *= monomial(1, {Atom("exp", Poly({t: 1}, None)): c})
    return out


def log(p: Poly) -> Poly:
    """Logarithm; products of factors known to be nonnegative fall apart."""
    if not p.terms:
        raise InputError("logarithm of 0")
    if p.constant == 1:
        return zero()
    content, factors, rest = _content(p, Fraction(1))
    if content < 0 or not all(a.nonnegative for a in factors) or not (rest is None or rest.nonnegative):
        return _log_atom(p)
    out = zero() if rest is None else _log_atom(rest)
    for prime, k in _prime_powers(Fraction(content)):
        out += _log_atom(scalar(prime)).scale(k)
    for a, e in factors.items():
        if a.kind == "exp":
            out += a.content.scale(e)
        else:
            out += _log_atom(
                a.content if a.kind == "base" else scalar(int(a.content)) if a.kind == "num" else _of_atom(a)
            ).scale(e)
    return out


def _log_atom(p):
    return _of_atom(Atom("fn", (sympy_log, p)))


def function(func: Callable[..., Any], *args: Poly) -> Poly:
    """A SymPy function of scalars."""
    if func is sympy_log and len(args) == 1:
        return log(args[0])
    return _of_atom(Atom("fn", (func, *args)))


def potential_value(name: str, *args: Poly) -> Poly:
    """The value of an unspecified function of matrices."""
    return _of_atom(Atom("pot", (name, *args)))


def _of_atom(a):
    return monomial(1, {a: 1})
