from .backends import CompiledFunction as CompiledFunction
from .compile import CompiledFlow as CompiledFlow, compile_flow as compile_flow, compile_function as compile_function
