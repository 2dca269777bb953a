"""The public names of `symssl.modes` as a type checker sees them; never run."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, assert_type

import numpy as np
import sympy as sp

from symssl import CoupledFlow, Flow, HessianModes, ModeFlow, ModeSum, gradient_flow, hessian_modes, sq
from symssl.modes import Block, FrozenFlow, ModeEigenvalue, off_frame

A, U = sp.MatrixSymbol("A", 2, 2), sp.MatrixSymbol("U", 2, 2)
p, N, n = sp.symbols("p N n", positive=True)

flow = ModeFlow({p: -N * p}, {N: ModeSum(p**2)}, (), n)
assert_type(flow.states, Mapping[Any, Any])
assert_type(flow.rhs, Mapping[Any, Any])
assert_type(flow.couplings, Mapping[Any, Any])
assert_type(flow.parameters, tuple[Any, ...])
assert_type(flow.restrict({}), ModeFlow)
assert_type(flow.expand(2), Flow)
assert_type(flow.freeze(), FrozenFlow)
assert_type(flow.freeze().frozen, tuple[tuple[Any, Any], ...])
assert_type(flow.latex(), str)
out: list[Any] = [flow.modes, flow.lie(p), flow.unfold(N)]
assert_type(off_frame(gradient_flow(sq(A), A), {A: (U, p, U)}), dict[Any, Any])

compiled = flow.compile()
assert_type(compiled, CoupledFlow)
assert_type(compiled.flow, ModeFlow)
assert_type(compiled.states, Mapping[Any, Any])
assert_type(compiled.couplings, Mapping[Any, Any])
assert_type(compiled.parameters, tuple[Any, ...])
couplings: dict[str, np.ndarray] = compiled.couplings_at([1.0], values={})
velocity: np.ndarray = compiled.rhs(np.ones(2), values={p: 1})
D, X, B = compiled.jacobian([1.0], values=None)
slope: np.ndarray = compiled.sensitivity("r", [1.0], values={"r": 1})
f: Callable[[float, np.ndarray], np.ndarray] = compiled.to_function({"r": 1})

modes = hessian_modes(sq(A), A, {A: [(U, p, U)]}, left=(U,), right=(U,))
assert_type(modes, HessianModes)
assert_type(modes.subs({p: 1}), HessianModes)
assert_type(modes.blocks, tuple[Block, ...])
assert_type(modes.widths, tuple[tuple[Any, Any], ...])
assert_type(modes.slope, tuple[tuple[Any, Any, Any], ...])
assert_type(modes.swap, dict[Any, Any])
assert_type(modes.spectrum(), tuple[ModeEigenvalue, ...])
assert_type(modes.inertia({p: 1}), tuple[Any, Any, Any])
block = modes.block(U, U)
assert_type(block.key, tuple[Any, Any])
assert_type(block.partner, tuple[Any, Any] | None)
assert_type(block.coupling, tuple[tuple[Any, Any], ...])
assert_type(block.mapped(lambda e: e), Block)
assert_type(block.latex(), str)
entries: list[Any] = [modes.value, block.left, block.right, block.direct, block.exchange, block.rows, block.columns]
(eigenvalue,) = modes.spectrum()
assert_type(eigenvalue.block, tuple[Any, Any])
assert_type(eigenvalue.each, Literal["j", "j < k", "j, k"])
numbers: list[Any] = [eigenvalue.value, eigenvalue.count]
