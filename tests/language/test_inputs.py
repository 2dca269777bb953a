"""What a user hands over: text and containers are refused."""

import pytest

from symssl import InputError
from symssl.language.inputs import as_expression


def test_exact_refuses_text_and_containers():
    for bad in ("1 + 1", None, [1], {1}, object(), True):
        with pytest.raises(InputError):
            as_expression(bad)
