"""What a user states, as SymPy objects: exact numbers, containers of them, flows; text is never evaluated."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Basic, Dict, FiniteSet, Float, Integer, MatrixBase, Rational, Tuple, false, nan, true
from sympy.logic.boolalg import Boolean

from ..errors import InputError
from ..support.arguments import described, sequence_of

__all__ = ["as_statement", "hypotheses_of"]


def as_statement(value: Any, role: str = "the statement") -> Basic:
    """The SymPy object for a statement given as SymPy object, number, flow or plain container.

    Parameters
    ----------
    value : SymPy object, int, Fraction, bool, flow (its right-hand sides), or a mapping, sequence or set of these
    role : what the message calls the argument

    Raises
    ------
    InputError
        For text, for other objects, and for floats and NaN: a statement is exact.

    >>> from sympy import Symbol
    >>> x = Symbol('x')
    >>> as_statement({x: (1, Fraction(1, 2))})
    {x: (1, 1/2)}
    """
    if not isinstance(value, type):
        for attribute in ("states", "rhs"):  # a flow is its right-hand sides
            if isinstance(getattr(value, attribute, None), Mapping):
                value = dict(getattr(value, attribute))
                break
    if isinstance(value, MatrixBase):
        value = value.as_immutable()
    elif isinstance(value, Fraction):
        value = Rational(value.numerator, value.denominator)
    elif isinstance(value, bool):
        value = true if value else false
    elif isinstance(value, int):
        value = Integer(value)
    elif isinstance(value, Mapping) and not isinstance(value, Basic):
        value = Dict({as_statement(k, role): as_statement(v, role) for k, v in value.items()})
    elif isinstance(value, (tuple, list)):
        value = Tuple(*(as_statement(item, role) for item in value))
    elif isinstance(value, (set, frozenset)):
        value = FiniteSet(*(as_statement(item, role) for item in value))
    if not isinstance(value, Basic):
        raise InputError(
            f"{role} must be a SymPy object, an exact number or a container of these, not {described(value)}"
        )
    if value.atoms(Float) or value.has(nan):
        raise InputError(f"{role} contains a float or NaN: write exact numbers, such as Rational(1, 4)")
    return value


def hypotheses_of(given: Any) -> tuple[Any, ...]:
    """Hypotheses as a tuple: comparisons, or relations between matrices; `InputError` for anything else.

    >>> from sympy import Symbol
    >>> hypotheses_of([Symbol("x") > 1])
    (x > 1,)
    """
    hypotheses = sequence_of("given", given, "hypotheses")
    for hypothesis in hypotheses:
        relation = hasattr(hypothesis, "defect") and not isinstance(hypothesis, type)
        if not isinstance(hypothesis, (bool, Boolean)) and not relation:
            raise InputError(
                f"a hypothesis must be a comparison or a relation between matrices, not {described(hypothesis)}"
            )
    return hypotheses
