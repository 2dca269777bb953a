"""The room from outside: arguments of the wrong kind, short texts, formulas, pickles."""

import pickle

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from malformed import answers_or_refuses, malformed_calls, short

from symssl import gradient_flow, latex, modes, norm, sq
from symssl.language import ModeSum
from symssl.modes import ModeFlow, hessian_modes, off_frame

A, U, B = (sp.MatrixSymbol(name, 2, 2) for name in ("A", "U", "B"))
p, q, N, r, n = sp.symbols("p q N r n", positive=True)
FLOW = ModeFlow({p: r * p - N * p, q: p - q}, {N: ModeSum(p**2)}, (r,), n)
COMPILED = FLOW.compile()
STATES = (np.array([1.0, 2.0]), np.array([0.5, 0.25]))
MATRICES = gradient_flow(sq(A) ** 2 / 4, A, rates={A: r})
LOSS = sq(A * A.T) / 4
HESSIAN = hessian_modes(LOSS, A, {A: [(U, p, U)]}, left=(U,), right=(U,))

CALLS = {
    "ModeFlow": (ModeFlow, ({p: -p}, {N: ModeSum(p)}, (), n), {}),
    "lie": (FLOW.lie, (N * p,), {}),
    "restrict": (ModeFlow({p: -p, q: -2 * q}, {}, (), n).restrict, ({q: p**2},), {}),
    "unfold": (FLOW.unfold, (N * p,), {}),
    "expand": (FLOW.expand, (2,), {}),
    "spectral": (
        MATRICES.spectral,
        ({A: (U, p, U)},),
        {"change": {q: p**2}, "couplings": {N: norm(A)}, "parameters": (r,)},
    ),
    "off_frame": (off_frame, (MATRICES, {A: (U, p, U)}), {}),
    "couplings_at": (COMPILED.couplings_at, STATES, {"values": {"r": 1}}),
    "rhs": (COMPILED.rhs, STATES, {"values": {"r": 1}}),
    "jacobian": (COMPILED.jacobian, STATES, {"values": {"r": 1}}),
    "sensitivity": (COMPILED.sensitivity, ("r", *STATES), {"values": {"r": 1}}),
    "to_function": (COMPILED.to_function, ({r: 1},), {}),
    "hessian_modes": (hessian_modes, (LOSS, A, {A: [(U, p, U)]}), {"left": (U,), "right": (U,)}),
    "block": (HESSIAN.block, (U, U), {}),
    "subs": (HESSIAN.subs, ({p: 1 / sp.sqrt(r)},), {}),
    "inertia": (HESSIAN.inertia, (), {"known": ()}),
}


def test_every_public_name_is_called():
    assert set(modes.__all__) - {"CoupledFlow", "FrozenFlow", "HessianModes", "Block", "ModeEigenvalue"} <= set(CALLS)


@settings(max_examples=400)
@given(malformed_calls(CALLS))
def test_arguments_of_the_wrong_kind(call):
    answers_or_refuses(call)


RESULTS = {
    "modes": FLOW,
    "frozen": FLOW.freeze(),
    "coupled": COMPILED,
    "hessian": HESSIAN,
    "block": HESSIAN.blocks[0],
    "eigenvalue": HESSIAN.spectrum()[0],
    "large": ModeFlow({sp.Symbol(f"p{j}"): ModeSum(p) ** j for j in range(30)}, {}, (), n),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_show_what_they_are(name):
    result = RESULTS[name]
    short(result)
    again = pickle.loads(pickle.dumps(result))
    assert again == result and repr(again) == repr(result) and hash(again) == hash(result)
    if name != "coupled":
        assert result.latex() == latex(result) and result._repr_latex_() == rf"$\displaystyle {result.latex()}$"


@pytest.mark.parametrize(
    "name, formula",
    [
        ("modes", r"\dot{p} &= - N p + p r"),
        ("modes", r"N &= \sum_{j} p^{2}"),
        ("block", r"U M U^{\top} \mapsto"),
        ("eigenvalue", r"\text{ times for }"),
    ],
)
def test_formulas(name, formula):
    assert formula in RESULTS[name].latex()


def test_the_right_hand_sides_have_two_names_in_a_mode_flow():
    assert FLOW.rhs is FLOW.states and COMPILED.states is FLOW.states and COMPILED.couplings is FLOW.couplings
