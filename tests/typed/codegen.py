"""Every public name of `symssl.codegen`, as a type checker sees it; read by mypy --strict, never run."""

from __future__ import annotations

from typing import Any, assert_type

import sympy as sp

from symssl import Flow, compile_flow, compile_function
from symssl.codegen import CompiledFlow, CompiledFunction

x, k = sp.symbols("x k", real=True)

function = compile_function([x**2, k], (x, k), backend="numpy", cse=True, block=64, reject_nan=(k,))
assert_type(function, CompiledFunction)
assert_type(function.source, str)
symbols: tuple[Any, ...] = function.args
expressions: Any = function.exprs
value: Any = function(1.0, k=2.0)

flow = compile_flow(Flow({x: k - x}, (k,)), backend="mpmath")
assert_type(flow, CompiledFlow)
assert_type(flow.rhs, CompiledFunction)
assert_type(flow.jacobian, CompiledFunction)
assert_type(flow.source, str)
