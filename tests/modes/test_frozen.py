"""Frozen flows: the same rates with the couplings held constant, and a record of what was held."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, strategies as st

from symssl import Flow, ModeFlow, ModeSum, Refusal
from symssl.modes import FrozenFlow

p, s, N, K, r, n = sp.symbols("p s N K r n", positive=True)
terms = st.tuples(st.integers(-2, 2), *[st.integers(0, 2)] * 4).map(
    lambda t: t[0] * p ** t[1] * s ** t[2] * N ** t[3] * r ** t[4]
)
rates = st.lists(terms, min_size=1, max_size=3).map(lambda parts: sp.Add(*parts))


@given(rates, rates, st.lists(st.tuples(st.floats(0.1, 2), st.floats(0.1, 2)), min_size=1, max_size=4))
def test_at_the_true_value_of_the_coupling_both_flows_move_alike(one, two, modes):
    flow = ModeFlow({p: one, s: two}, {N: ModeSum(p**2), K: ModeSum(s)}, (r,), n)
    frozen = flow.freeze()
    assert isinstance(frozen, FrozenFlow) and isinstance(frozen, Flow)
    assert {c for c, _ in frozen.frozen} == {c for c in (N, K) if one.has(c) or two.has(c)}
    compiled, states = flow.compile(), np.array(modes).T
    held = compiled.couplings_at(*states, values={r: 0.7})["N"]
    wanted = compiled.rhs(*states, values={r: 0.7})
    for j, (a, b) in enumerate(modes):
        found = [f.subs({p: a, s: b, r: 0.7, N: held}) for f in frozen.states.values()]
        np.testing.assert_allclose([float(f) for f in found], wanted[:, j], rtol=1e-9, atol=1e-9)


def test_a_frozen_flow_is_kept_as_it_is():
    frozen = ModeFlow({p: -N * p}, {N: ModeSum(p**2)}, (), n).freeze()
    assert pickle.loads(pickle.dumps(frozen)) == frozen and frozen.frozen == ((N, ModeSum(p**2)),)
    assert "held constant: N = ModeSum(p**2)" in repr(frozen)


def test_sums_that_have_no_name_are_not_frozen():
    with pytest.raises(Refusal, match="name them in `couplings`"):
        ModeFlow({p: -ModeSum(p) * p}, {}, (), n).freeze()
