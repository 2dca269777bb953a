"""Arrays of real numbers from what a user gives."""

from typing import Any

import numpy as np

from ..errors import InputError

__all__ = ["reals"]


def reals(name: str, value: Any) -> np.ndarray:
    """`value` as an array of doubles of its own.

    Raises `InputError`, which names the culprit, for what is no array of numbers, and for complex ones: NumPy would
    drop their imaginary parts.

    Examples
    --------
    >>> reals("times", [0, 1]).tolist()
    [0.0, 1.0]
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufcO":
            raise TypeError(f"its entries are {array.dtype}")
        if not np.iscomplexobj(array):
            return np.array(array, float)
    except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise InputError(f"{name} is no array of real numbers: {error}") from None
    raise InputError(
        f"complex numbers in {name}, where real ones are meant: give real and imaginary parts, or absolute values"
    )
