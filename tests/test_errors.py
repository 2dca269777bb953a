"""Failures carry what they say, also between processes."""

import pickle

import pytest
import sympy as sp

from symssl.errors import InputError, NotIsolated, OverBudget, Refusal, SymsslError, Undecided


@pytest.mark.parametrize("kind", [Refusal, NotIsolated, OverBudget, Undecided])
def test_refusals_keep_reason_and_residual(kind):
    refusal = kind("not settled", sp.Symbol("x"))
    copy = pickle.loads(pickle.dumps(refusal))
    assert (type(copy), copy.reason, copy.residual) == (kind, "not settled", sp.Symbol("x"))
    assert str(copy) == "not settled; residual: x"
    assert str(kind("why")) == "why"
    assert isinstance(copy, SymsslError)


def test_malformed_input_is_a_value_error():
    assert issubclass(InputError, (SymsslError, ValueError))
    assert not issubclass(InputError, Refusal)
