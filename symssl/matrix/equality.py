"""Deciding equality of matrix expressions, with a certificate and an independent recheck."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sympy import Expr

from ..errors import InputError, SymsslError, Undecided
from ..language.inputs import as_expression
from ..language.names import check_names
from ..language.relations import Relation, check_relations
from ..support.budgets import BUDGET, budgeted
from ..support.display import summary
from ..typeset.formulas import Formula, Line, Tex, as_text
from ..words.differentiation import release
from ..words.moments import evaluate, implied_relations
from ..words.polynomials import zero
from ..words.reading import read
from ..words.rewriting import rewriting
from ..words.vanishing import vanishes
from ..words.writing import write
from .exact_instances import instances

__all__ = ["Disagreement", "Proof", "matrix_equal"]


_NARROW = 1e-25  # widest ball that may confirm an equality
_SMALL = 64  # what free matrices are divided by where the usual ones leave a root imaginary


class Disagreement(SymsslError):
    """Two independent paths gave different answers: a defect of symssl, never a verdict."""


@dataclass(frozen=True, repr=False)
class Proof(Formula):
    """The answer to an equality, true or false, with what it rests on.

    Attributes
    ----------
    holds : bool
        Truth value, also of the object itself.
    certificate : str
        The normal form that both sides share, or the difference that remains
        together with an instance at which it is not zero.
    method : str
        "words" (all sizes) or "entries" (the stated concrete sizes).
    rechecked : tuple of str
        The exact instances at which the answer was confirmed independently.
    residual : SymPy expression
        Difference of the two sides in normal form.
    """

    holds: bool
    certificate: str
    method: Literal["words", "entries"]
    rechecked: tuple[str, ...]
    residual: Expr

    def __bool__(self) -> bool:
        return self.holds

    def __repr__(self) -> str:
        answer = "equal" if self.holds else "not equal"
        return summary(
            f"Proof: {answer}", [self.certificate, f"rechecked at {'; '.join(self.rechecked)} (by {self.method})"]
        )

    def _latex_form(self, write: Callable[[Any], str]) -> Tex | Iterable[Line]:
        return as_text(self.certificate)


@budgeted("the comparison of two expressions")
def matrix_equal(a: Any, b: Any, *, where: Relation | Iterable[Relation] = (), budget: float | None = BUDGET) -> Proof:
    """Decide whether two scalar or matrix expressions are equal under relations.

    Free words with transposes and traces are decided completely for symbolic
    sizes.  Relations are decided where they have a finite complete rewriting
    system.  At concrete sizes what words leave open is decided entry by entry.

    Parameters
    ----------
    a, b : SymPy expressions over the nodes
    where : relations (`Symmetric`, `Orthonormal`, `Commutes`, `Diagonal`)
    budget : seconds after which this is stopped (`OverBudget`); None for no limit

    Raises
    ------
    InputError
        Shapes differ, or an expression is malformed.
    Undecided
        Neither a proof nor a counterexample was found.
    Disagreement
        The independent recheck contradicts the proof.

    >>> from sympy import MatrixSymbol, Trace, symbols
    >>> n = symbols("n")
    >>> A, B = MatrixSymbol("A", n, n), MatrixSymbol("B", n, n)
    >>> bool(matrix_equal(Trace(A*B), Trace(B.T*A.T)))
    True
    >>> bool(matrix_equal(A*B, B*A))
    False
    """
    a, b = as_expression(a, "a"), as_expression(b, "b")
    where = check_relations(where) + implied_relations(a, b)
    check_names(a, b, *(m for r in where for m in r.matrices))
    left, right = (evaluate(release(read(e))) for e in (a, b))
    if left.shape != right.shape:
        raise InputError(f"{a} ({_kind(left.shape)}) and {b} ({_kind(right.shape)}) have different shapes")
    system = rewriting(where, left, right)
    difference = system.reduce(left - right)
    residual = write(difference)
    equal = vanishes(difference) or residual == write(zero(difference.shape))
    # what cancels inside a sum over unit vectors may not do so once a part of the sum is carried out
    equal = equal or vanishes(system.reduce(left - right, units=False))
    confirmed, witness, surrogate = _recheck(a, b, where)
    if equal:
        if witness and surrogate:
            raise Undecided(
                "both sides reduce to the same words, but the recheck says nothing: it replaces the Gaussian law "
                f"by a discrete one where an expectation is not polynomial (at {witness})"
            )
        if witness:
            raise Disagreement(f"{a} = {b} was derived, but differs at {witness}")
        if not confirmed:
            raise Undecided(
                "both sides reduce to the same words, but no exact instance of the relations "
                f"{', '.join(map(str, where))} was found to recheck it"
            )
        return Proof(
            True,
            f"both sides reduce to {write(system.reduce(left))}" + _rules_text(system),
            "words",
            confirmed,
            residual,
        )
    if witness and (surrogate or any(b.tag == "E" for b in difference.binders())):
        raise Undecided("an expectation that is not polynomial remains", residual)
    if witness:
        return Proof(False, f"the difference is {residual}; it is not zero at {witness}", "words", (witness,), residual)
    from .entrywise import equal_entrywise

    if confirmed and equal_entrywise(a, b, where):
        return Proof(True, "both sides have the same entries", "entries", confirmed, residual)
    reason = "no instance distinguishes the sides" if confirmed else "no exact instance was found"
    more = "" if system.complete else "; the relations have no finite complete rewriting system"
    raise Undecided(f"the difference does not reduce to zero and {reason}{more}", residual)


def _kind(shape):
    return "a scalar" if shape is None else f"{shape[0]} x {shape[1]}"


def _rules_text(system):
    if not system.rules and not system.symmetric:
        return ""

    def text(word):
        return " ".join(a.text for a in word) or "I"

    rules = [((a.T,), (a,)) for a in sorted(system.symmetric)] + list(system.rules.items())
    return "; rules: " + ", ".join(f"{text(u)} -> {text(v)}" for u, v in rules)


def _recheck(a, b, where):
    """Evaluate both sides at exact instances.

    Returns the instances that agree, the first that differs, and whether that
    one rests on a surrogate for a Gaussian law.
    """
    confirmed: list[str] = []
    for shrink in (1, _SMALL):  # roots such as (1 - |q|^2)^(1/4) are real near zero only
        if confirmed:
            break
        differing = _recheck_at(a, b, instances((a, b), where, shrink=shrink), confirmed)
        if differing:
            return tuple(confirmed), *differing
    return tuple(confirmed), "", False


def _recheck_at(a, b, tried, confirmed):
    """The first instance that differs; those that agree are added to `confirmed`."""
    for instance in tried:
        try:
            gap, surrogate = instance.gap(a, b)
        except (ZeroDivisionError, ValueError):
            continue
        text = f"sizes {_sizes(instance)}, seed {instance.seed}"
        text += f", free matrices divided by {instance.shrink}" if instance.shrink > 1 else ""
        if not _sharp(gap):
            continue  # a value that is not a real number, or hardly known
        if _differs(gap):
            return text, surrogate
        confirmed.append(text)
    return None


def _sizes(instance):
    return ", ".join(f"{n}={k}" for n, k in instance.sizes.items()) or "as given"


def _entries(gap):
    from flint import arb, fmpq

    return (
        [gap] if isinstance(gap, (arb, fmpq)) else [gap[i, j] for i in range(gap.nrows()) for j in range(gap.ncols())]
    )


def _differs(gap):
    return any(not x.contains(0) if hasattr(x, "contains") else x != 0 for x in _entries(gap))


def _sharp(gap):
    """Whether balls are narrow enough for their containing zero to mean something."""
    return all(not hasattr(x, "rad") or (x.is_finite() and x.rad() < _NARROW) for x in _entries(gap))
